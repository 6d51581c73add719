#include "store/find.h"

#include <string.h>

#include "store/named.h"

/* ---- the policy ---- */

int find_policy_at(const struct baseline_place *place, const char *path, struct policy *out,
                   bool *is_there, struct err *err)
{
    struct arena arena = {0};
    struct buf bytes = {0};
    const char *name = place_name(place, path, &arena);
    int status = place_read(place, path, POLICY_LIMIT, &bytes, is_there, err);
    if (status == 0 && *is_there)
        status = policy_decode(buf_text(&bytes), bytes.len, name, out, err);
    else if (status == 0)
        policy_init_default(out);
    buf_release(&bytes);
    arena_release(&arena);
    return status;
}

static int named_policy(const struct find_query *query, const struct named *named,
                        struct found_policy *out, struct err *err)
{
    char commit[REPO_ID_SIZE];
    struct baseline_place place = {.repo = query->repo, .commit = commit};
    bool is_there = false;
    if (named->kind == NAMED_FILE) {
        if (policy_read(named->text, &out->policy, err) < 0)
            return -1;
        out->text = arena_printf(&out->policy.arena, "%s (--policy)", named->text);
        return 0;
    }
    if (named->kind == NAMED_REV)
        return err_set(err, ERR_INPUT,
                       "--policy '%s': there is no such file; expected one, or "
                       "REV:PATH",
                       named->text);
    if (repo_resolve(query->repo, named->rev, commit, err) < 0 ||
        find_policy_at(&place, named->path, &out->policy, &is_there, err) < 0)
        return -1;
    if (!is_there)
        return err_set(err, ERR_INPUT, "--policy: there is no '%s' at %s %.*s", named->path,
                       named->rev, REPO_SHORT_LEN, commit);
    out->text = arena_printf(&out->policy.arena, "%s (--policy)", named->text);
    return 0;
}

static bool is_same_policy(const struct policy *a, const struct policy *b)
{
    struct buf one = {0}, two = {0};
    policy_encode(a, &one);
    policy_encode(b, &two);
    bool is_same = strcmp(buf_text(&one), buf_text(&two)) == 0;
    buf_release(&one);
    buf_release(&two);
    return is_same;
}

/* What the candidate's work tree has in place of the base revision's policy. */
static int compare_candidate(const struct find_query *query, const char *base_name,
                             bool base_is_there, struct found_policy *out, struct err *err)
{
    struct baseline_place tree = {.top = repo_top(query->repo)};
    struct err why = {0};
    bool is_there = false;
    if (!tree.top)
        return 0;
    if (find_policy_at(&tree, FIND_POLICY_PATH, &out->candidate, &is_there, &why) < 0) {
        if (why.code != ERR_INPUT)
            return err_set(err, why.code, "the policy in the work tree: %s", why.text);
        out->unusable = arena_printf(&out->policy.arena,
                                     "nothing passes while the policy of the change cannot be "
                                     "used: %s",
                                     why.text);
        return 0;
    }
    if (is_same_policy(&out->policy, &out->candidate)) {
        policy_release(&out->candidate);
        return 0;
    }
    const char *what = !is_there       ? "does without " FIND_POLICY_PATH " of"
                       : base_is_there ? "changes " FIND_POLICY_PATH " of"
                                       : "adds " FIND_POLICY_PATH " to";
    out->changed = true;
    out->change_text = arena_printf(&out->candidate.arena,
                                    "the work tree %s %s: rows are judged under both policies, and "
                                    "the worse status stands",
                                    what, base_name);
    return 0;
}

static int find_policy(const struct find_query *query, const struct named *named,
                       const struct base_choice *base, struct found_policy *out, struct err *err)
{
    struct baseline_place place = {.repo = query->repo, .commit = base->commit};
    bool is_there = false;
    if (named->kind != NAMED_NOTHING)
        return named_policy(query, named, out, err);
    if (!query->repo || !*base->commit)
        policy_init_default(&out->policy);
    else if (find_policy_at(&place, FIND_POLICY_PATH, &out->policy, &is_there, err) < 0)
        return -1;
    if (!query->repo) {
        out->text = "built-in (there is no git repository here)";
        return 0;
    }
    out->text =
        is_there ? arena_printf(&out->policy.arena, FIND_POLICY_PATH " at %s", base->reason)
                 : arena_printf(&out->policy.arena,
                                "built-in (there is no " FIND_POLICY_PATH " at %s)", base->reason);
    return compare_candidate(query, base->reason, is_there, out, err);
}

/* ---- all ---- */

static bool needs_base(const struct find_query *query, const struct named *baseline)
{
    if (!query->repo)
        return false;
    return !query->policy || query->ref || (!query->paired && baseline->kind != NAMED_FILE);
}

static int find_each(const struct find_query *query, struct arena *arena, struct found *out,
                     struct err *err)
{
    struct choose_inputs inputs = query->inputs;
    struct named baseline, policy;
    if (named_parse(query->baseline, "--baseline", query->repo, arena, &baseline, err) < 0 ||
        named_parse(query->policy, "--policy", query->repo, arena, &policy, err) < 0)
        return -1;
    inputs.rev = baseline.rev ? baseline.rev : inputs.rev;
    if (needs_base(query, &baseline) && choose_base(query->repo, &inputs, &out->base, err) < 0)
        return baseline.rev ? err_prefix(err, "--baseline '%s': ", query->baseline) : -1;
    if (find_runs_ref(query, out, err) < 0 || find_baseline(query, &baseline, out, err) < 0 ||
        find_policy(query, &policy, &out->base, &out->policy, err) < 0)
        return -1;
    if (find_marks(query, out, err) < 0 || find_changes(query, out, err) < 0)
        return -1;
    return find_scenario(query, out, err);
}

int find_all(const struct find_query *query, struct found *out, struct err *err)
{
    struct arena arena = {0};
    memset(out, 0, sizeof *out);
    int status = find_each(query, &arena, out, err);
    if (status < 0)
        found_release(out);
    arena_release(&arena);
    return status;
}

void found_release(struct found *found)
{
    baseline_release(&found->baseline);
    baseline_release(&found->anchor);
    baseline_release(&found->anchor_noise);
    for (size_t i = 0; i < FIND_MARKS; i++)
        marks_release(&found->marks[i]);
    policy_release(&found->policy.policy);
    policy_release(&found->policy.candidate);
    arena_release(&found->arena);
    memset(found, 0, sizeof *found);
}
