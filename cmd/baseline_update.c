/* perf-baseline update: adds a run, unless it is worse than what is there. */
#include "base/clock.h"
#include "cmd/baseline_call.h"
#include "cmd/exit.h"
#include "gate/gate.h"
#include "model/metric.h"
#include "store/find.h"

static int refuse(const struct verdict *verdict, struct err *err)
{
    const struct verdict_row *row = verdict->n_rows ? &verdict->rows[0] : NULL;
    /* A limit is the policy's: no acceptance lifts it. */
    bool is_acceptable = row && row->status == ROW_REGRESSED;
    bool is_drift = row && row->against == AGAINST_ANCHOR;
    struct buf scope = {0};
    if (row)
        verdict_add_scope(&scope, row);
    err_set(err, ERR_REFUSED,
            "the run is worse than what is there: %s%s %s; where that is meant, %s%s or "
            "change " FIND_POLICY_PATH ", and update again",
            row ? buf_text(&scope) : "overall", row ? "," : "",
            row && row->reason ? row->reason : verdict->summary,
            is_acceptable ? "accept it (`perf-baseline accept`), " : "",
            is_drift ? "set a new anchor" : "remove the older runs (git rm)");
    buf_release(&scope);
    return -1;
}

/* What a run is held against: what lies at a place. */
struct held {
    struct baseline baseline, anchor;
    struct marks marks;
    struct policy policy;
};

static void held_release(struct held *held)
{
    baseline_release(&held->baseline);
    baseline_release(&held->anchor);
    marks_release(&held->marks);
    policy_release(&held->policy);
}

static int judge(const struct held *held, const struct report *report, struct err *err)
{
    const struct baseline *baseline = &held->baseline;
    const struct marks *marks = &held->marks;
    struct verdict verdict = {0};
    struct arena arena = {0};
    size_t n = marks->n_acceptances;
    const struct acceptance **acceptances = arena_array(&arena, n + 1, sizeof *acceptances);
    const struct report **bases = arena_array(&arena, baseline->n_runs + 1, sizeof *bases);
    for (size_t i = 0; i < n; i++)
        acceptances[i] = &marks->acceptances[i];
    for (size_t i = 0; i < baseline->n_runs; i++)
        bases[i] = &baseline->runs[i].report;
    const struct gate_anchor anchor = {
        .run = held->anchor.n_runs ? &held->anchor.runs[0].report : NULL,
        .name = marks->anchor.run,
        .label = marks->anchor.label,
    };
    struct gate_input in = {
        .candidates = &report,
        .n_candidates = 1,
        .bases = bases,
        .n_bases = baseline->n_runs,
        .comparison = baseline->n_runs ? COMPARISON_STORED : COMPARISON_NONE,
        .policy = &held->policy,
        .acceptances = acceptances,
        .n_acceptances = n,
        .now_ns = clock_wall_ns(),
        .anchor = anchor.run ? &anchor : NULL,
    };
    int status = gate_judge(&in, &verdict, err);
    if (status == 0 && verdict.exit_code == EXIT_REGRESSED)
        status = refuse(&verdict, err);
    verdict_release(&verdict);
    arena_release(&arena);
    return status;
}

/* A call of update. */
struct update {
    const struct store_target *target;
    struct baseline_entry entry;
    struct baseline_place
        policy_place;          /* of STORE_REF; the others have the policy in their place */
    struct baseline_file file; /* at the place that was seen last */
};

/* Judges the report against the runs and the anchor at the place, with the acceptances and under
 * the policy there; a ref of its own has no policy. */
static int check_better(const struct update *update, const struct baseline_place *place,
                        struct err *err)
{
    const struct baseline_place *of_policy =
        update->target->kind == STORE_REF ? &update->policy_place : place;
    const struct baseline_like what = {.like = update->entry.report};
    struct held held = {0};
    bool is_there;
    int status = baseline_load_like(place, &update->entry.key, &what, &held.baseline, err);
    if (status == 0)
        status = marks_load(place, &update->entry.key, &held.marks, err);
    if (status == 0 && held.marks.has_anchor)
        status = find_anchor_run(place, &held.marks, &held.anchor, err);
    if (status == 0)
        status = find_policy_at(of_policy, FIND_POLICY_PATH, &held.policy, &is_there, err);
    if (status == 0)
        status = judge(&held, update->entry.report, err);
    held_release(&held);
    return status;
}

/* A run that lies in the work tree but is not committed is committed as it lies there. */
static int take_from_work_tree(struct update *update, struct err *err)
{
    struct baseline_place tree = {.top = repo_top(update->target->repo)};
    struct baseline_file file = {0};
    int status = baseline_make(&tree, &update->entry, &file, err);
    bool found = false;
    if (status == 0 && file.is_there)
        status =
            place_read(&tree, buf_text(&file.path), BASELINE_RUN_LIMIT, &file.bytes, &found, err);
    if (status == 0 && found) {
        struct baseline_file other = update->file;
        update->file = file;
        update->file.is_there = false;
        file = other;
    }
    baseline_file_release(&file);
    return status;
}

static const char *commit_message(const struct update *update, struct arena *arena)
{
    struct buf text = {0};
    const struct report *report = update->entry.report;
    const char *commit = report->commit ? report->commit : update->entry.commit;
    buf_addf(&text, "perf-baseline: add run %s\n\nsuite: %s\nenvironment: %s\ncommit: %s\n",
             buf_text(&update->file.path), update->entry.key.suite, update->entry.key.environment,
             commit ? commit : "not known");
    buf_add_str(&text, "average: ");
    metric_add_text(&text, METRIC_AVERAGE, report->metrics.average_ms, 1);
    buf_add_str(&text, "\np95: ");
    metric_add_text(&text, METRIC_P95, report->metrics.p95_ms, 1);
    buf_add_str(&text, "\n");
    const char *copy = arena_strdup(arena, buf_text(&text));
    buf_release(&text);
    return copy;
}

/* The plan for store_write(). */
static int plan_update(void *context, const struct baseline_place *place, struct store_changes *out,
                       struct err *err)
{
    struct update *update = context;
    if (baseline_make(place, &update->entry, &update->file, err) < 0)
        return -1;
    if (update->file.is_there)
        return 0;
    if (check_better(update, place, err) < 0 ||
        (update->target->kind == STORE_BRANCH && take_from_work_tree(update, err) < 0))
        return -1;
    out->message = commit_message(update, &out->arena);
    store_change_add(out, buf_text(&update->file.path), buf_text(&update->file.bytes),
                     update->file.bytes.len);
    return 0;
}

static void tell(struct call *call, const struct update *update, bool changed)
{
    const char *path = call_shown_path(call, update->target, buf_text(&update->file.path));
    buf_addf(&call->product, "%s\n", path);
    if (!changed)
        io_note(&call->log, "the same run is there already; nothing was added");
    else if (update->target->kind == STORE_TREE)
        io_note(&call->log, "added a run; next: `git add '%s' && git commit`", path);
}

static int add_run(struct call *call, const struct store_target *target,
                   const struct report *report, struct err *err)
{
    char head[REPO_ID_SIZE];
    bool has_head = false;
    struct store_result result;
    struct update update = {.target = target};
    update.entry = (struct baseline_entry){.report = report, .now_ns = clock_wall_ns()};
    update.policy_place.top = repo_top(target->repo);
    if (call_report_key(call, report, call->operand, &update.entry.key, err) < 0 ||
        repo_lookup(target->repo, "HEAD", head, &has_head, err) < 0)
        return -1;
    update.entry.commit = has_head ? head : NULL;
    if (!update.policy_place.top && has_head)
        update.policy_place = (struct baseline_place){.repo = target->repo, .commit = head};
    int status = call_write(call, target, plan_update, &update, &result, err);
    if (status == 0)
        tell(call, &update, result.changed);
    baseline_file_release(&update.file);
    return status;
}

int baseline_update(struct call *call, struct err *err)
{
    struct store_target target;
    struct report report;
    if (!call->operand)
        return err_set(err, ERR_USAGE, "update needs a report: `perf-baseline update REPORT`");
    if (call_target(call, &target, err) < 0 || io_read_report(call->operand, &report, err) < 0)
        return -1;
    int status = call_check_valid(&report, call->operand, "baseline", err);
    if (status == 0)
        status = add_run(call, &target, &report, err);
    report_release(&report);
    return status;
}
