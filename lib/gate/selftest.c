#include "gate/selftest.h"

#include <math.h>
#include <stdarg.h>

#include "gate/explain.h"
#include "gate/trial.h"

const char *selftest_state_name(enum selftest_state state)
{
    static const char *const names[] = {
        [SELFTEST_FIRES] = "fires",         [SELFTEST_NEVER] = "never",
        [SELFTEST_BEYOND] = "out of reach", [SELFTEST_ALWAYS] = "always",
        [SELFTEST_UNJUDGED] = "not judged", [SELFTEST_UNDECIDED] = "undecided",
        [SELFTEST_NOT_HERE] = "not here",
    };
    return names[state];
}

static void add_fault(struct selftest *selftest, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add_fault(struct selftest *selftest, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    arena_append(&selftest->arena, &selftest->faults, &selftest->n_faults,
                 arena_vprintf(&selftest->arena, format, args));
    va_end(args);
}

/* ---- what can be tried on at all ---- */

static const char *const one_is_needed =
    "a self-test changes the candidate of a comparison, and there is none: ";

static int check_input(const struct trials *trials, struct err *err)
{
    const struct numbers *numbers = &trials->real;
    if (decide_base(numbers, trials->policy) != BASE_THERE)
        return err_set(err, ERR_UNDECIDED, "%s%s", one_is_needed, numbers->base_reason);
    if (numbers->n_invalid)
        return err_set(err, ERR_UNDECIDED, "%s%s", one_is_needed, numbers->invalid[0]);
    return 0;
}

/* ---- rows ---- */

/* A selftest in the making. */
struct bench {
    struct trials trials;
    struct drafts real, equal; /* in the arena of trials.equal */
    struct selftest *out;
    struct trial *list; /* one for each row; those that are not tried are done */
};

static const char *reason_of(struct bench *bench, const struct draft *draft)
{
    struct verdict_row row;
    explain_row(&bench->trials.equal, draft, &bench->out->arena, &row);
    return row.reason;
}

/* What a row is called: "GET /forum p95". */
static const char *name_of(struct selftest *selftest, const struct selftest_row *row)
{
    struct buf text = {0};
    verdict_add_endpoint(&text, row->method, row->endpoint);
    buf_addf(&text, " %s", metric_info(row->metric)->title);
    const char *name = arena_strdup(&selftest->arena, buf_text(&text));
    buf_release(&text);
    return name;
}

/* Only one side has it, or made requests to it. */
static bool is_one_sided(const struct draft *draft)
{
    const int64_t *requests = draft->estimate->requests;
    return !requests[SIDE_BASE] || !requests[SIDE_CANDIDATE];
}

static bool is_unjudged(enum cause cause)
{
    return cause == CAUSE_NEW || cause == CAUSE_NO_FIGURE || cause == CAUSE_TOO_FEW ||
           cause == CAUSE_FEW_BATCHES || cause == CAUSE_NO_NOISE;
}

/* The rule's own arithmetic, so that a mistake there is seen here. */
static bool is_over(const struct draft *draft)
{
    double base = draft->estimate->figure[SIDE_BASE];
    double current = draft->estimate->figure[SIDE_CANDIDATE];
    double ratio = metric_info(draft->metric)->higher_is_better ? base / current : current / base;
    return !(ratio <= draft->threshold);
}

static const char *beyond_text(struct bench *bench, const struct draft *draft)
{
    struct buf text = {0};
    double base = draft->estimate->figure[SIDE_BASE];
    if (metric_info(draft->metric)->kind == KIND_THROUGHPUT) {
        buf_add_str(&text, "with so few requests that it would be over its threshold, the row is "
                           "too rare to be judged");
    } else {
        buf_addf(&text, "no candidate can be over ");
        if (base > 0)
            buf_addf(&text, "%.6g times the base's ", draft->threshold);
        else
            buf_addf(&text, "the target of ");
        metric_add_text(&text, draft->metric, base > 0 ? base : draft->target, 0);
    }
    const char *copy = arena_strdup(&bench->out->arena, buf_text(&text));
    buf_release(&text);
    return copy;
}

/* What is known before anything is tried; SELFTEST_FIRES where that is nothing. */
static enum selftest_state classify(struct bench *bench, const struct draft *equal,
                                    const struct draft *real, const struct trial *trial,
                                    const char **reason)
{
    if (is_one_sided(equal) || is_unjudged(equal->cause)) {
        *reason = reason_of(bench, equal);
        return is_one_sided(equal) ? SELFTEST_NOT_HERE : SELFTEST_UNJUDGED;
    }
    if (equal->status == ROW_REGRESSED && !is_over(equal)) {
        *reason = "it regresses although both sides were made equal";
        return SELFTEST_ALWAYS;
    }
    if (!(trial->least <= trial->most)) {
        *reason = beyond_text(bench, equal);
        return real->status == ROW_IMPROVED ? SELFTEST_NOT_HERE : SELFTEST_BEYOND;
    }
    return SELFTEST_FIRES;
}

static void add_row(struct bench *bench, size_t i)
{
    struct selftest *out = bench->out;
    const struct draft *equal = &bench->equal.all[i];
    struct trial *trial = &bench->list[out->n_rows];
    struct selftest_row *row = &out->rows[out->n_rows++];
    *trial = trials_plan(&bench->trials, equal);
    *row = (struct selftest_row){.endpoint = arena_strdup(&out->arena, equal->scope->name),
                                 .method = arena_strdup(&out->arena, equal->scope->method),
                                 .metric = equal->metric,
                                 .base = equal->estimate->figure[SIDE_BASE],
                                 .threshold = equal->threshold,
                                 .detectable = equal->detectable,
                                 .found = (double)NAN};
    row->state = classify(bench, equal, &bench->real.all[i], trial, &row->reason);
    trial->is_done = row->state != SELFTEST_FIRES;
}

static void add_rows(struct bench *bench)
{
    size_t n = bench->equal.n_figures;
    struct selftest *out = bench->out;
    out->rows = arena_array(&out->arena, n, sizeof *out->rows);
    bench->list = arena_array(&bench->trials.equal.arena, n, sizeof *bench->list);
    for (size_t i = 0; i < n; i++)
        if (bench->equal.all[i].used && !isnan(bench->equal.all[i].threshold))
            add_row(bench, i);
}

static const struct draft *draft_of(const struct bench *bench, size_t row)
{
    const struct trial *trial = &bench->list[row];
    return &bench->equal.all[trial->scope * METRIC_COUNT + trial->metric];
}

static void take_result(struct bench *bench, size_t i)
{
    struct selftest_row *row = &bench->out->rows[i];
    const struct draft *draft = draft_of(bench, i);
    if (row->state != SELFTEST_FIRES)
        return;
    if (bench->list[i].is_found) {
        row->found = bench->list[i].figure;
    } else if (draft->cause == CAUSE_COARSE) {
        row->state = SELFTEST_UNDECIDED;
        row->reason = reason_of(bench, draft);
    } else {
        row->state = bench->list[i].is_undecided ? SELFTEST_UNDECIDED : SELFTEST_NEVER;
        row->reason = arena_printf(&bench->out->arena, "however much worse it is made: %s",
                                   bench->list[i].reason);
    }
}

static void take_results(struct bench *bench)
{
    for (size_t i = 0; i < bench->out->n_rows; i++) {
        take_result(bench, i);
        bench->out->counts[bench->out->rows[i].state]++;
    }
}

/* ---- faults ---- */

/* An entry's own threshold on a metric, of which no row can be found. */
static void check_entry_metric(struct bench *bench, const struct policy_entry *entry,
                               enum metric metric)
{
    const struct selftest *out = bench->out;
    const char *reason = NULL;
    for (size_t i = 0; i < out->n_rows; i++) {
        const struct selftest_row *row = &out->rows[i];
        if (row->metric != metric || !row->endpoint ||
            !policy_entry_matches(entry, row->method, row->endpoint,
                                  &draft_of(bench, i)->scope->tags))
            continue;
        if (row->state != SELFTEST_UNJUDGED && row->state != SELFTEST_NEVER)
            return;
        reason = reason ? reason : row->reason;
    }
    if (reason)
        add_fault(
            bench->out, "the policy's %s '%s' has a threshold for the %s that never decides: %s",
            entry->is_tag ? "tag" : "endpoint", entry->pattern, metric_info(metric)->title, reason);
}

static void add_stray(struct selftest *out, const struct policy_entry *entry)
{
    if (entry->is_tag)
        add_fault(out,
                  "the policy's tag '%s' is on no endpoint of the reports; tasks and steps of the "
                  "scenario have them in \"tags\"",
                  entry->pattern);
    else
        add_fault(out,
                  "the policy's endpoint '%s' matches no endpoint of the reports; it is held "
                  "against METHOD and name, as in 'GET /forum/*'",
                  entry->pattern);
}

static void check_entries(struct bench *bench)
{
    const struct policy_entry *entry;
    for (size_t i = 0; (entry = policy_entry(bench->trials.policy, i)); i++) {
        if (!decide_matches(entry, &bench->trials.real)) {
            add_stray(bench->out, entry);
            continue;
        }
        for (int metric = 0; metric < METRIC_COUNT; metric++)
            if (!entry->rules.required && !isnan(entry->rules.threshold[metric]))
                check_entry_metric(bench, entry, (enum metric)metric);
    }
}

static bool is_fault(const struct selftest_row *row, const struct draft *draft)
{
    switch (row->state) {
    case SELFTEST_ALWAYS:
        return true;
    case SELFTEST_BEYOND:
        return draft->required || metric_info(row->metric)->kind != KIND_THROUGHPUT;
    case SELFTEST_NEVER:
    case SELFTEST_UNJUDGED:
        return draft->required;
    default:
        return false;
    }
}

static void check_rows(struct bench *bench)
{
    struct selftest *out = bench->out;
    for (size_t i = 0; i < out->n_rows; i++)
        if (is_fault(&out->rows[i], draft_of(bench, i)))
            add_fault(out, "%s%s: %s", name_of(out, &out->rows[i]),
                      out->rows[i].state == SELFTEST_UNJUDGED ? " is never judged" : "",
                      out->rows[i].reason);
}

/* ---- the end of it ---- */

/* The rows that fire must also make the verdict end in 1: with all of them far beyond, by the whole
 * gate, under both policies. */
static int check_exit(struct bench *bench, const struct gate_input *in, struct err *err)
{
    struct verdict verdict;
    if (!bench->out->counts[SELFTEST_FIRES]) {
        add_fault(bench->out, "no rule fires on these reports");
        return 0;
    }
    if (trials_judge_worst(&bench->trials, in, bench->list, bench->out->n_rows, &verdict, err) < 0)
        return -1;
    if (verdict.exit_code != 1)
        add_fault(bench->out, "a candidate that is far over every threshold still ends in %d: %s",
                  (int)verdict.exit_code, verdict.summary);
    verdict_release(&verdict);
    return 0;
}

static int fill(struct bench *bench, const struct gate_input *in, struct err *err)
{
    struct trials *trials = &bench->trials;
    struct selftest *out = bench->out;
    if (check_input(trials, err) < 0)
        return -1;
    decide_rows(&trials->real, trials->policy, &trials->equal.arena, &bench->real);
    decide_rows(&trials->equal, trials->policy, &trials->equal.arena, &bench->equal);
    add_rows(bench);
    if (trials_run(trials, bench->list, out->n_rows, err) < 0)
        return -1;
    take_results(bench);
    check_entries(bench);
    check_rows(bench);
    return check_exit(bench, in, err);
}

int selftest_run(const struct gate_input *in, struct selftest *out, struct err *err)
{
    struct bench bench = {.out = out};
    struct gate_input plain = *in;
    plain.acceptances = NULL;
    plain.n_acceptances = 0;
    *out = (struct selftest){0};
    if (trials_open(&plain, in->candidate_policy ? in->candidate_policy : in->policy, &bench.trials,
                    err) < 0)
        return -1;
    int status = fill(&bench, &plain, err);
    if (status < 0)
        selftest_release(out);
    trials_close(&bench.trials);
    return status;
}

void selftest_release(struct selftest *selftest)
{
    arena_release(&selftest->arena);
    *selftest = (struct selftest){0};
}
