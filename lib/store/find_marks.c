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

int find_anchor_run(const struct baseline_place *place, const struct marks *marks,
                    struct baseline *out, struct err *err)
{
    struct arena arena = {0};
    const char *path = marks->anchor_path, *name = strrchr(path, '/') + 1;
    const char *run = arena_printf(&arena, "%.*s%s", (int)(name - path), path, marks->anchor.run);
    int status = baseline_load_at(place, run, out, err);
    if (status < 0)
        err_prefix(err, "the anchor '%s' names a run that cannot be read: ",
                   place_name(place, path, &arena));
    arena_release(&arena);
    return status;
}

/* The anchor of the ref of the runs, else of the base revision. */
static int find_anchor(const struct find_query *query, const struct baseline_place *places,
                       const char *base, struct found *found, struct err *err)
{
    enum find_place at = found->marks[FIND_AT_REF].has_anchor ? FIND_AT_REF : FIND_AT_BASE;
    const struct marks *marks = &found->marks[at];
    if (!marks->has_anchor || found->baseline.named)
        return 0;
    if (find_anchor_run(&places[at], marks, &found->anchor, err) < 0)
        return -1;
    found->anchor_run = marks->anchor.run;
    found->anchor_label = marks->anchor.label;
    if (!query->paired)
        return 0;
    struct baseline_key key = {query->suite, find_environment(query)};
    struct baseline_like what = {.like = query->n_candidates ? query->candidates[0] : NULL,
                                 .base = at == FIND_AT_REF ? base : NULL};
    return baseline_load_like(&places[at], &key, &what, &found->anchor_noise, err);
}

int find_marks(const struct find_query *query, struct found *found, struct err *err)
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
    return find_anchor(query, places, base.commit, found, err);
}
