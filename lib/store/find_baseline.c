#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/find.h"
#include "store/name.h"
#include "store/refs.h"

/* ---- a ref of its own ---- */

#define HEADS   "refs/heads/"
#define ORIGINS "refs/remotes/origin/"

static int fail_no_ref(const char *ref, const char *branch, struct err *err)
{
    const char *name = branch ? branch : ref;
    return err_set(
        err, ERR_UNDECIDED,
        "--ref: there is no '%.200s' in this clone; type `git fetch origin %.200s:%.200s`, "
        "or, where no run was ever stored, `perf-baseline update --ref %.200s REPORT`",
        name, name, name, name);
}

int find_runs_ref(const struct find_query *query, struct found *found, struct err *err)
{
    if (!query->ref)
        return 0;
    if (!query->repo)
        return err_set(err, ERR_USAGE, "--ref: there is no git repository here");
    if (ref_read(query->repo, query->ref, found->ref_tip, err) < 0)
        return -1;
    const char *branch =
        strncmp(query->ref, HEADS, strlen(HEADS)) == 0 ? query->ref + strlen(HEADS) : NULL;
    found->ref_name = arena_strdup(&found->arena, branch ? branch : query->ref);
    if (!*found->ref_tip && branch) {
        const char *remote = arena_printf(&found->arena, ORIGINS "%s", branch);
        if (ref_read(query->repo, remote, found->ref_tip, err) < 0)
            return -1;
        found->ref_name = remote + strlen("refs/remotes/");
    }
    return *found->ref_tip ? 0 : fail_no_ref(query->ref, branch, err);
}

/* ---- the runs ---- */

/* "newest 2 days old"; of a clock that is behind the run's, its time. */
static void add_age(struct buf *out, const char *path, int64_t now_ns)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}};
    const char *name = strrchr(path, '/') + 1;
    int64_t age_s = (now_ns - name_utc_ns(name)) / NS_PER_S;
    size_t i = 0;
    while (i < 2 && age_s < 2 * units[i].seconds)
        i++;
    int64_t n = age_s / units[i].seconds;
    if (age_s < 0)
        buf_addf(out, "newest of %.*s", NAME_UTC_LEN, name);
    else
        buf_addf(out, "newest %lld %s%s old", (long long)n, units[i].name, n == 1 ? "" : "s");
}

/* "baselines/panel/default", with the ref and its commit before it where it is not the base's. */
static const char *place_text(const struct found *found, const struct baseline_key *key,
                              struct arena *arena)
{
    const char *dir = arena_printf(arena, BASELINE_DIR "/%s/%s", key->suite, key->environment);
    if (!*found->ref_tip)
        return dir;
    return arena_printf(arena, "%s %.*s:%s", found->ref_name, REPO_SHORT_LEN, found->ref_tip, dir);
}

/* "HEAD^1 = origin/main 1a2b3c4, baselines/panel/default, 8 runs of 12, newest 2 days old" */
static void describe_runs(const struct find_query *query, const struct found *found,
                          const struct baseline_key *key, struct baseline *out)
{
    const char *where = place_text(found, key, &out->arena);
    struct buf text = {0};
    buf_addf(&text, "%s%s%s", found->base.reason, out->n_runs ? ", " : " has no run below ", where);
    if (out->n_runs) {
        buf_addf(&text, ", %zu run%s", out->n_runs, out->n_runs == 1 ? "" : "s");
        if (out->n_stored > out->n_runs)
            buf_addf(&text, " of %zu", out->n_stored);
        if (out->n_like < out->n_runs)
            buf_addf(&text, " (%zu of this workload and kind of machine)", out->n_like);
        buf_add_str(&text, ", ");
        add_age(&text, out->runs[0].path, query->now_ns);
    } else if (out->n_stored) {
        buf_addf(&text,
                 ": none of the %zu there is of a commit of its history; store runs of the base "
                 "branch there",
                 out->n_stored);
    } else {
        buf_addf(&text, "; add one with `perf-baseline update %s%s REPORT`",
                 query->ref ? "--ref " : "--commit", query->ref ? query->ref : "");
    }
    out->text = arena_strdup(&out->arena, buf_text(&text));
    buf_release(&text);
}

static int find_runs(const struct find_query *query, struct found *found, struct err *err)
{
    struct baseline *out = &found->baseline;
    struct baseline_place place = {.repo = query->repo, .commit = found->base.commit};
    struct baseline_key key = {query->suite, find_environment(query)};
    if (!query->repo)
        out->text = "none: there is no git repository here; name a report with --baseline";
    else if (!key.suite)
        out->text = "none: the report names no suite; name it with --suite";
    else if (!*found->base.commit)
        out->text = "none: the repository has no commit yet";
    if (out->text)
        return 0;
    struct baseline_like what = {.like = query->n_candidates ? query->candidates[0] : NULL};
    if (query->ref) {
        place.commit = found->ref_tip;
        what.base = found->base.commit;
    }
    if (baseline_load_like(&place, &key, &what, out, err) < 0)
        return -1;
    describe_runs(query, found, &key, out);
    return 0;
}

int find_baseline(const struct find_query *query, const struct named *named, struct found *found,
                  struct err *err)
{
    struct baseline *out = &found->baseline;
    if (query->paired) {
        out->text = "the base side of the paired run";
        return 0;
    }
    if (named->kind == NAMED_FILE) {
        if (baseline_load_file(named->text, query->read ? query->read : report_read, out, err) < 0)
            return -1;
        out->text = arena_printf(&out->arena, "%s (--baseline)", named->text);
        return 0;
    }
    if (named->kind == NAMED_REV_PATH) {
        struct baseline_place place = {.repo = query->repo, .commit = found->base.commit};
        if (baseline_load_at(&place, named->path, out, err) < 0)
            return -1;
        out->text =
            arena_printf(&out->arena, "%s:%s (--baseline)", found->base.reason, named->path);
        return 0;
    }
    return find_runs(query, found, err);
}
