/*
 * perf-baseline prune: takes away what does not count any more.
 *
 * Of each suite and environment stay the newest runs and the one that the newest anchor marks, that
 * anchor, and the acceptances whose last day is not over. Runs that are on a ref of their own count
 * for a base only where they are of its history, so more of them are kept there.
 */
#include <string.h>

#include "base/clock.h"
#include "cmd/baseline_call.h"
#include "store/marks.h"

#define KEEP_ON_REF 100

/* A call of prune. */
struct prune {
    struct call *call;
    const struct store_target *target;
    size_t keep;
    int64_t now_ns;
    size_t n_kept, n_runs, n_acceptances, n_anchors; /* kept runs; and what goes */
    struct buf paths;                                /* what goes, a line each */
};

static void remove_path(struct prune *prune, const char *path, size_t *counter,
                        struct store_changes *out)
{
    store_change_add(out, path, NULL, 0);
    buf_addf(&prune->paths, "%s\n", call_shown_path(prune->call, prune->target, path));
    ++*counter;
}

static bool is_anchored(const struct marks *marks, const char *path)
{
    return marks->has_anchor && strcmp(strrchr(path, '/') + 1, marks->anchor.run) == 0;
}

static int prune_runs(struct prune *prune, const struct baseline_place *place,
                      const struct baseline_key *key, const struct marks *marks,
                      struct store_changes *out, struct err *err)
{
    struct baseline_name *runs;
    size_t n;
    if (baseline_names(place, key, &prune->call->arena, &runs, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (i < prune->keep || is_anchored(marks, runs[i].path))
            prune->n_kept++;
        else
            remove_path(prune, runs[i].path, &prune->n_runs, out);
    }
    return 0;
}

static void prune_marks(struct prune *prune, const struct marks *marks, struct store_changes *out)
{
    for (size_t i = 0; i < marks->n_acceptances; i++)
        if (!acceptance_is_current(&marks->acceptances[i], prune->now_ns))
            remove_path(prune, marks->acceptance_paths[i], &prune->n_acceptances, out);
    for (size_t i = 0; i < marks->n_superseded; i++)
        remove_path(prune, marks->superseded[i], &prune->n_anchors, out);
}

static int prune_key(struct prune *prune, const struct baseline_place *place,
                     const struct baseline_key *key, struct store_changes *out, struct err *err)
{
    struct marks marks;
    if (marks_load(place, key, &marks, err) < 0)
        return -1;
    int status = prune_runs(prune, place, key, &marks, out, err);
    if (status == 0)
        prune_marks(prune, &marks, out);
    marks_release(&marks);
    return status;
}

/* "3 runs, 1 anchor" */
static const char *removed_text(const struct prune *prune, struct arena *arena)
{
    const struct {
        size_t n;
        const char *what;
    } parts[] = {
        {prune->n_runs, "run"}, {prune->n_acceptances, "acceptance"}, {prune->n_anchors, "anchor"}};
    const char *text = "";
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].n)
            text = arena_printf(arena, "%s%s%zu %s%s", text, *text ? ", " : "", parts[i].n,
                                parts[i].what, parts[i].n == 1 ? "" : "s");
    return text;
}

/* The plan for store_write(). */
static int plan_prune(void *context, const struct baseline_place *place, struct store_changes *out,
                      struct err *err)
{
    struct prune *prune = context;
    struct baseline_key *keys;
    size_t n;
    prune->n_kept = prune->n_runs = prune->n_acceptances = prune->n_anchors = 0;
    buf_reset(&prune->paths);
    if (call_keys(prune->call, place, &keys, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (prune_key(prune, place, &keys[i], out, err) < 0)
            return -1;
    out->message = arena_printf(&out->arena, "perf-baseline: remove %s\n\nkeep: %zu\n",
                                removed_text(prune, &out->arena), prune->keep);
    return 0;
}

static void tell(struct prune *prune, bool changed)
{
    struct call *call = prune->call;
    if (!changed) {
        io_note(&call->log,
                "nothing to remove: the newest %zu runs of each suite and environment "
                "stay, and what is anchored or accepted",
                prune->keep);
        return;
    }
    buf_add_str(&call->product, buf_text(&prune->paths));
    io_note(&call->log, "removed %s; %zu run%s", removed_text(prune, &call->arena), prune->n_kept,
            prune->n_kept == 1 ? " is kept" : "s are kept");
    if (prune->target->kind == STORE_TREE)
        io_note(&call->log, "next: `git add '%s' && git commit`",
                call_path_from_here(call, repo_top(prune->target->repo), BASELINE_DIR));
}

int baseline_prune(struct call *call, struct err *err)
{
    struct store_target target;
    struct store_result result;
    struct prune prune = {.call = call, .target = &target, .now_ns = clock_wall_ns()};
    if (call_target(call, &target, err) < 0)
        return -1;
    prune.keep = target.kind == STORE_REF ? KEEP_ON_REF : BASELINE_NEWEST;
    if (call->values.keep)
        prune.keep = (size_t)call->values.keep;
    int status = call_write(call, &target, plan_prune, &prune, &result, err);
    if (status == 0)
        tell(&prune, result.changed);
    buf_release(&prune.paths);
    return status;
}
