#include <string.h>

#include "store/find.h"

/* Those of the work tree count before they are merged only where the base says so, and a stranger's
 * never do. */
static bool tree_counts(const struct find_query *query, const struct found *found)
{
    return query->repo && repo_top(query->repo) && !query->inputs.from_fork &&
           found->policy.policy.acceptances == ACCEPTANCES_CANDIDATE;
}

/* One that the base has is in the work tree, too. */
static bool is_listed(const struct found *found, const struct acceptance *acceptance)
{
    const char *name = strrchr(acceptance->place, '/');
    for (size_t i = 0; i < found->n_acceptances; i++)
        if (strcmp(strrchr(found->acceptances[i]->place, '/'), name) == 0)
            return true;
    return false;
}

static void add_all(struct found *found, const struct marks *marks)
{
    size_t n = found->n_acceptances;
    const struct acceptance **all =
        arena_array(&found->arena, n + marks->n_acceptances + 1, sizeof *all);
    if (n)
        memcpy(all, found->acceptances, n * sizeof *all);
    found->acceptances = all;
    for (size_t i = 0; i < marks->n_acceptances; i++)
        if (!is_listed(found, &marks->acceptances[i]))
            all[found->n_acceptances++] = &marks->acceptances[i];
}

/* The base revision's commit, "" without one. Where nothing else was asked of it (--baseline and
 * --policy are files), one that cannot be found has no acceptances. */
static void find_base(const struct find_query *query, const struct found *found,
                      struct base_choice *out)
{
    *out = found->base;
    if (query->repo && !*out->commit && choose_base(query->repo, &query->inputs, out, NULL) < 0)
        *out = (struct base_choice){0};
}

int find_acceptances(const struct find_query *query, struct found *found, struct err *err)
{
    struct base_choice base;
    find_base(query, found, &base);
    struct baseline_key key = {query->suite, find_environment(query)};
    const struct baseline_place places[FIND_MARKS] = {
        [FIND_AT_BASE] = {.repo = query->repo, .commit = base.commit},
        [FIND_AT_REF] = {.repo = query->repo, .commit = found->ref_tip},
        [FIND_IN_TREE] = {.top = query->repo ? repo_top(query->repo) : NULL},
    };
    const bool counts[FIND_MARKS] = {
        [FIND_AT_BASE] = *base.commit,
        [FIND_AT_REF] = *found->ref_tip,
        [FIND_IN_TREE] = tree_counts(query, found),
    };
    if (!key.suite)
        return 0;
    for (size_t i = 0; i < FIND_MARKS; i++) {
        if (counts[i] && marks_load(&places[i], &key, &found->marks[i], err) < 0)
            return -1;
        add_all(found, &found->marks[i]);
    }
    return 0;
}
