/* perf-baseline update: adds a run, unless it is worse than what is there. */
#include "base/clock.h"
#include "cmd/baseline_call.h"
#include "cmd/exit.h"
#include "gate/gate.h"
#include "store/find.h"

static int check_valid(const struct report *report, const char *path, struct err *err)
{
    if (report->health.valid)
        return 0;
    return err_set(err, ERR_UNDECIDED,
                   "'%s' is a run that cannot be trusted (%s), and no baseline; run it again",
                   io_input_name(path),
                   report->health.n_reasons ? report->health.reasons[0] : "valid: false");
}

static int refuse(const struct verdict *verdict, struct err *err)
{
    const struct verdict_row *row = verdict->n_rows ? &verdict->rows[0] : NULL;
    return err_set(err, ERR_REFUSED,
                   "the run is worse than what is there: %s%s%s%s %s; where that is meant, remove "
                   "the older runs (git rm) or change " FIND_POLICY_PATH ", and update again",
                   row && row->method ? row->method : "", row && row->method ? " " : "",
                   row && row->endpoint ? row->endpoint : "overall", row ? "," : "",
                   row && row->reason ? row->reason : verdict->summary);
}

/* Judges the report by the work tree's own policy against the work tree's runs. */
static int judge(const struct baseline *baseline, const struct policy *policy,
                 const struct report *report, struct err *err)
{
    struct verdict verdict = {0};
    struct arena arena = {0};
    const struct report **bases = arena_array(&arena, baseline->n_runs + 1, sizeof *bases);
    for (size_t i = 0; i < baseline->n_runs; i++)
        bases[i] = &baseline->runs[i].report;
    struct gate_input in = {
        .candidates = &report,
        .n_candidates = 1,
        .bases = bases,
        .n_bases = baseline->n_runs,
        .comparison = baseline->n_runs ? COMPARISON_STORED : COMPARISON_NONE,
        .policy = policy,
    };
    int status = gate_judge(&in, &verdict, err);
    if (status == 0 && verdict.exit_code == EXIT_REGRESSED)
        status = refuse(&verdict, err);
    verdict_release(&verdict);
    arena_release(&arena);
    return status;
}

static int check_better(const char *top, const struct baseline_key *key,
                        const struct report *report, struct err *err)
{
    struct baseline_place place = {.top = top};
    struct baseline baseline = {0};
    struct policy policy = {0};
    bool is_there;
    int status = baseline_load(&place, key, BASELINE_NEWEST, &baseline, err);
    if (status == 0)
        status = find_policy_at(&place, FIND_POLICY_PATH, &policy, &is_there, err);
    if (status == 0)
        status = judge(&baseline, &policy, report, err);
    policy_release(&policy);
    baseline_release(&baseline);
    return status;
}

static int entry_key(const struct call *call, const struct report *report, struct baseline_key *out,
                     struct err *err)
{
    out->suite = call->values.suite ? call->values.suite : report->suite;
    out->environment = call->values.environment ? call->values.environment : BASELINE_ENVIRONMENT;
    if (!out->suite)
        return err_set(err, ERR_USAGE,
                       "'%s' does not say which suite it is of; name it with --suite",
                       io_input_name(call->operand));
    if (baseline_check_name("suite", out->suite, err) < 0)
        return -1;
    return baseline_check_name("environment", out->environment, err);
}

static int add_run(struct call *call, const char *top, const struct report *report, struct err *err)
{
    char head[REPO_ID_SIZE];
    bool has_head = false, is_there = false, added = false;
    struct baseline_entry entry = {.report = report, .now_ns = clock_wall_ns()};
    struct buf path = {0};
    if (entry_key(call, report, &entry.key, err) < 0 ||
        repo_lookup(call->where.repo, "HEAD", head, &has_head, err) < 0)
        return -1;
    entry.commit = has_head ? head : NULL;
    int status = baseline_path(top, &entry, &path, &is_there, err);
    if (status == 0 && !is_there)
        status = check_better(top, &entry.key, report, err);
    buf_reset(&path);
    if (status == 0)
        status = baseline_write(top, &entry, &path, &added, err);
    const char *shown = call_path_from_here(call, top, buf_text(&path));
    buf_release(&path);
    if (status < 0)
        return -1;
    buf_addf(&call->product, "%s\n", shown);
    if (added)
        io_note(&call->log, "added a run; next: `git add '%s' && git commit`", shown);
    else
        io_note(&call->log, "the same run is there already; nothing was added");
    return 0;
}

int baseline_update(struct call *call, struct err *err)
{
    const char *top;
    struct report report;
    if (!call->operand)
        return err_set(err, ERR_USAGE, "update needs a report: `perf-baseline update REPORT`");
    if (call_work_tree(call, &top, err) < 0 || io_read_report(call->operand, &report, err) < 0)
        return -1;
    int status = check_valid(&report, call->operand, err);
    if (status == 0)
        status = add_run(call, top, &report, err);
    report_release(&report);
    return status;
}
