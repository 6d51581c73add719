#include "cmd/baseline_call.h"

#include <string.h>
#include <sys/stat.h>

#include "store/find.h"

int call_work_tree(const struct call *call, const char **top, struct err *err)
{
    *top = call->where.repo ? repo_top(call->where.repo) : NULL;
    if (*top)
        return 0;
    return err_set(err, ERR_USAGE,
                   call->where.repo ? "this repository is bare, and has no work tree to write to"
                                    : "there is no git repository here; type `git init` first");
}

int call_place(struct call *call, const char *rev, struct baseline_place *out, struct err *err)
{
    *out = (struct baseline_place){.repo = call->where.repo};
    if (!call->where.repo)
        return err_set(err, ERR_USAGE, "there is no git repository here");
    out->top = repo_top(call->where.repo);
    if (!rev && out->top)
        return 0;
    char *commit = arena_array(&call->arena, REPO_ID_SIZE, 1);
    if (repo_resolve(call->where.repo, rev ? rev : "HEAD", commit, err) < 0)
        return -1;
    out->commit = commit;
    return 0;
}

int call_policy(struct call *call, struct policy *out, const char **name, struct err *err)
{
    struct baseline_place place = {0};
    bool is_there = false;
    policy_init_default(out);
    if (call->where.repo && (call_place(call, NULL, &place, err) < 0 ||
                             find_policy_at(&place, FIND_POLICY_PATH, out, &is_there, err) < 0))
        return -1;
    *name = is_there ? FIND_POLICY_PATH : "built-in";
    return 0;
}

static bool wants(const char *wanted, const char *name)
{
    return !wanted || strcmp(wanted, name) == 0;
}

/* Keeps those of the keys that are wanted; returns how many. */
static size_t keep_wanted(const struct call *call, struct baseline_key *keys, size_t n)
{
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++)
        if (wants(call->values.suite, keys[i].suite) &&
            wants(call->values.environment, keys[i].environment))
            keys[n_kept++] = keys[i];
    return n_kept;
}

int call_keys(struct call *call, const struct baseline_place *place, struct baseline_key **keys,
              size_t *n, struct err *err)
{
    if (baseline_list(place, &call->arena, keys, n, err) < 0)
        return -1;
    *n = keep_wanted(call, *keys, *n);
    return 0;
}

int call_pick_key(struct call *call, const struct baseline_place *place, struct baseline_key *out,
                  struct err *err)
{
    struct baseline_key *keys;
    size_t n;
    if (baseline_list(place, &call->arena, &keys, &n, err) < 0)
        return -1;
    size_t n_fit = keep_wanted(call, keys, n);
    if (n_fit == 1) {
        *out = keys[0];
        return 0;
    }
    if (n_fit)
        return err_set(err, ERR_USAGE,
                       "%zu sets of runs are there; name one with --suite and --environment "
                       "(`perf-baseline list` shows them)",
                       n_fit);
    return err_set(err, ERR_INPUT,
                   n ? "no run is there for this suite and environment; `perf-baseline list` shows "
                       "what is"
                     : "no run is there yet; add one with `perf-baseline update REPORT`");
}

int call_report_key(const struct call *call, const struct report *report, const char *path,
                    struct baseline_key *out, struct err *err)
{
    out->suite = call->values.suite ? call->values.suite : report->suite;
    out->environment = call->values.environment ? call->values.environment : BASELINE_ENVIRONMENT;
    if (!out->suite)
        return err_set(err, ERR_USAGE,
                       "'%s' does not say which suite it is of; name it with --suite",
                       io_input_name(path));
    return baseline_check_key(out, err);
}

int call_check_valid(const struct report *report, const char *path, const char *what,
                     struct err *err)
{
    if (report->health.valid)
        return 0;
    return err_set(err, ERR_UNDECIDED,
                   "'%s' is a run that cannot be trusted (%s), and no %s; run it again",
                   io_input_name(path),
                   report->health.n_reasons ? report->health.reasons[0] : "valid: false", what);
}

static int is_at_top(const char *top)
{
    struct stat here, there;
    return stat(".", &here) == 0 && stat(top, &there) == 0 && here.st_dev == there.st_dev &&
           here.st_ino == there.st_ino;
}

const char *call_path_from_here(struct call *call, const char *top, const char *path)
{
    if (is_at_top(top))
        return arena_strdup(&call->arena, path);
    return arena_printf(&call->arena, "%s/%s", top, path);
}
