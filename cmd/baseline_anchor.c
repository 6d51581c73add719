/*
 * perf-baseline anchor: marks the run against which slow drift is judged.
 *
 * The run must be there, at the place that is written to. The newest anchor counts, so one that
 * would say the same as the newest is not added again.
 */
#include <string.h>

#include "base/clock.h"
#include "cmd/baseline_call.h"
#include "model/anchor.h"
#include "store/marks.h"

/* A call of anchor. */
struct setting {
    struct call *call;
    const struct store_target *target;
    struct baseline_key key;
    struct anchor anchor; /* borrows its texts */
    int64_t now_ns;
    struct buf path; /* of the file that has it, at the place that was seen last */
};

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Where it is looked for, for messages. */
static const char *shown_place(struct setting *setting, const struct baseline_place *place)
{
    if (place->commit)
        return arena_printf(&setting->call->arena, "at %.*s", REPO_SHORT_LEN, place->commit);
    return place->top ? "in the work tree" : "there";
}

/* ---- which run ---- */

static bool is_file_name(const char *text)
{
    size_t len = strlen(text);
    return len > 5 && strcmp(text + len - 5, ".json") == 0;
}

/* One of the two paths ends with the whole of the other: a run may be named by its file alone, or
 * by a path to it from anywhere. */
static bool ends_alike(const char *a, const char *b)
{
    size_t n_a = strlen(a), n_b = strlen(b);
    const char *longer = n_a > n_b ? a : b, *shorter = n_a > n_b ? b : a;
    const char *end = longer + (n_a > n_b ? n_a - n_b : n_b - n_a);
    return strcmp(end, shorter) == 0 && (end == longer || end[-1] == '/');
}

static int find_by_file(struct setting *setting, const struct baseline_place *place,
                        const char *file, struct err *err)
{
    struct call *call = setting->call;
    struct baseline_key *keys;
    struct baseline_name *runs;
    size_t n_keys, n_runs, n_found = 0;
    while (strncmp(file, "./", 2) == 0)
        file += 2;
    if (call_keys(call, place, &keys, &n_keys, err) < 0)
        return -1;
    for (size_t i = 0; i < n_keys; i++) {
        if (baseline_names(place, &keys[i], &call->arena, &runs, &n_runs, err) < 0)
            return -1;
        for (size_t k = 0; k < n_runs; k++) {
            if (!ends_alike(runs[k].path, file))
                continue;
            setting->key = keys[i];
            setting->anchor.run = file_name(runs[k].path);
            n_found++;
        }
    }
    if (n_found > 1)
        return err_set(err, ERR_USAGE,
                       "'%s' is a run of %zu suites or environments; name one with --suite and "
                       "--environment",
                       file, n_found);
    if (n_found)
        return 0;
    return err_set(err, ERR_INPUT,
                   "the run '%s' is not %s; add or commit it first (`perf-baseline log` shows the "
                   "runs that are there)",
                   file, shown_place(setting, place));
}

/* The newest run of the commit, else the newest that lay there at the revision `rev`. */
static int find_by_revision(struct setting *setting, const struct baseline_name *runs, size_t n,
                            const char *rev, struct err *err)
{
    struct call *call = setting->call;
    struct baseline_place place;
    struct baseline_name *then;
    size_t n_then;
    if (call_place(call, rev, &place, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (runs[i].commit && strncmp(runs[i].commit, place.commit, strlen(runs[i].commit)) == 0) {
            setting->anchor.run = file_name(runs[i].path);
            return 0;
        }
    if (baseline_names(&place, &setting->key, &call->arena, &then, &n_then, err) < 0)
        return -1;
    for (size_t i = 0; n_then && i < n; i++)
        if (strcmp(runs[i].path, then[0].path) == 0) {
            setting->anchor.run = file_name(runs[i].path);
            return 0;
        }
    return err_set(err, ERR_INPUT,
                   "no run of %s (%.*s) is in %s, and none that was the newest there; add one with "
                   "`perf-baseline update`, or name the run's file",
                   rev, REPO_SHORT_LEN, place.commit,
                   baseline_key_dir(&setting->key, &call->arena));
}

static int find_newest(struct setting *setting, const struct baseline_place *place, struct err *err)
{
    struct call *call = setting->call;
    struct baseline_name *runs;
    size_t n;
    if (call_pick_key(call, place, &setting->key, err) < 0 ||
        baseline_names(place, &setting->key, &call->arena, &runs, &n, err) < 0)
        return -1;
    if (!n)
        return err_set(err, ERR_INPUT,
                       "no run is in %s; add one with `perf-baseline update REPORT`",
                       baseline_key_dir(&setting->key, &call->arena));
    if (call->operand)
        return find_by_revision(setting, runs, n, call->operand, err);
    setting->anchor.run = file_name(runs[0].path);
    return 0;
}

/* ---- the plan ---- */

static bool is_same(const struct anchor *there, const struct anchor *wanted)
{
    const char *label = there->label ? there->label : "";
    return strcmp(there->run, wanted->run) == 0 &&
           strcmp(label, wanted->label ? wanted->label : "") == 0;
}

/* The new one is to be the newest, also where this clock is behind the other's. */
static void come_after(struct setting *setting, const struct marks *marks)
{
    if (marks->has_anchor)
        setting->anchor.anchored_ns =
            call_time_after(marks->anchor.anchored_ns, setting->anchor.anchored_ns);
}

/* A file of the same in the work tree, which a call without --commit or one that was killed has
 * left, is committed as it lies there. */
static int take_from_work_tree(struct setting *setting, struct buf *bytes, bool *found,
                               struct err *err)
{
    struct marks marks;
    struct baseline_place tree = {.top = repo_top(setting->target->repo)};
    *found = false;
    if (marks_load(&tree, &setting->key, &marks, err) < 0)
        return -1;
    int status = 0;
    come_after(setting, &marks);
    if (marks.has_anchor && is_same(&marks.anchor, &setting->anchor) &&
        strcmp(marks.anchor.by, setting->anchor.by) == 0) {
        status = place_read(&tree, marks.anchor_path, ANCHOR_LIMIT, bytes, found, err);
        buf_reset(&setting->path);
        buf_add_str(&setting->path, marks.anchor_path);
    }
    marks_release(&marks);
    return status;
}

/* A new file: what is written must be read again, so what its reader refuses is refused here. */
static int make_file(struct setting *setting, struct buf *bytes, struct err *err)
{
    struct anchor again;
    anchor_encode(&setting->anchor, bytes);
    if (anchor_decode(buf_text(bytes), bytes->len, "the anchor", &again, err) < 0)
        return -1;
    anchor_release(&again);
    buf_reset(&setting->path);
    return marks_add_path(&setting->key, MARK_ANCHOR, setting->anchor.anchored_ns, bytes,
                          &setting->path, err);
}

static int add_file(struct setting *setting, struct store_changes *out, struct err *err)
{
    struct buf bytes = {0};
    bool found = false;
    const struct anchor *anchor = &setting->anchor;
    int status = 0;
    if (setting->target->kind == STORE_BRANCH)
        status = take_from_work_tree(setting, &bytes, &found, err);
    if (status == 0 && !found)
        status = make_file(setting, &bytes, err);
    if (status == 0) {
        out->message = arena_printf(
            &out->arena, "perf-baseline: anchor %s\n\nsuite: %s\nenvironment: %s\nrun: %s\n",
            anchor->label ? anchor->label : anchor->run, setting->key.suite,
            setting->key.environment, anchor->run);
        store_change_add(out, buf_text(&setting->path), buf_text(&bytes), bytes.len);
    }
    buf_release(&bytes);
    return status;
}

/* The plan for store_write(). */
static int plan_anchor(void *context, const struct baseline_place *place, struct store_changes *out,
                       struct err *err)
{
    struct setting *setting = context;
    const char *operand = setting->call->operand;
    struct marks marks;
    int found = operand && is_file_name(operand) ? find_by_file(setting, place, operand, err)
                                                 : find_newest(setting, place, err);
    if (found < 0 || marks_load(place, &setting->key, &marks, err) < 0)
        return -1;
    bool is_there = marks.has_anchor && is_same(&marks.anchor, &setting->anchor);
    if (is_there) {
        buf_reset(&setting->path);
        buf_add_str(&setting->path, marks.anchor_path);
    }
    setting->anchor.anchored_ns = setting->now_ns;
    come_after(setting, &marks);
    marks_release(&marks);
    return is_there ? 0 : add_file(setting, out, err);
}

/* ---- the subcommand ---- */

static void tell(struct setting *setting, bool changed)
{
    struct call *call = setting->call;
    const struct anchor *anchor = &setting->anchor;
    const char *path = call_shown_path(call, setting->target, buf_text(&setting->path));
    buf_addf(&call->product, "%s\n", path);
    io_note(&call->log, "%s%s%s%s%s%s", anchor->run,
            changed ? " is the anchor" : " is the anchor already", anchor->label ? ", as '" : "",
            anchor->label ? anchor->label : "", anchor->label ? "'" : "",
            changed ? "" : "; nothing was added");
    if (changed && setting->target->kind == STORE_TREE)
        io_note(&call->log, "added an anchor; next: `git add '%s' && git commit`", path);
}

int baseline_anchor(struct call *call, struct err *err)
{
    struct store_target target;
    struct store_identity who;
    struct store_result result;
    struct setting setting = {.call = call, .target = &target, .now_ns = clock_wall_ns()};
    if (call_target(call, &target, err) < 0 || call_identity(call, "an anchor", &who, err) < 0)
        return -1;
    setting.anchor.by = call_signature(call, &who);
    setting.anchor.label = call->values.label;
    int status = call_write(call, &target, plan_anchor, &setting, &result, err);
    if (status == 0)
        tell(&setting, result.changed);
    buf_release(&setting.path);
    return status;
}
