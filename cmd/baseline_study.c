/* perf-baseline study: what several runs of unchanged code say of noise and thresholds. */
#include <math.h>

#include "cmd/baseline_call.h"
#include "cmd/inputs.h"
#include "gate/study.h"
#include "render/table.h"
#include "store/find.h"

enum { SCOPE, METRIC, MEDIAN, NOISE, ALARMS, DETECTABLE, THRESHOLD, PROPOSED, COLUMNS };

static void add_percent(struct buf *out, double ratio)
{
    if (isfinite(ratio))
        buf_addf(out, "%.3g %%", ratio * 100);
}

static void fill_names(struct table *table, const struct study_row *row, const char **cells)
{
    struct buf text = {0};
    cells[SCOPE] = table_keep_endpoint(table, row->method, row->endpoint);
    cells[METRIC] = metric_info(row->metric)->title;
    metric_add_text(&text, row->metric, row->median, 0);
    cells[MEDIAN] = table_keep(table, &text);
    buf_release(&text);
}

static void fill_finding(struct table *table, const struct study_row *row,
                         const struct study_finding *finding, const char **cells)
{
    struct buf text = {0};
    bool falls = metric_info(row->metric)->higher_is_better;
    double found = falls ? 1 / (1 + finding->detectable) - 1 : finding->detectable;
    add_percent(&text, finding->noise);
    cells[NOISE] = table_keep(table, &text);
    buf_addf(&text, "%zu of %zu", finding->tally.alarms, finding->tally.n);
    cells[ALARMS] = table_keep(table, &text);
    if (isfinite(found) && found > 0)
        buf_add_char(&text, '+');
    add_percent(&text, found);
    cells[DETECTABLE] = table_keep(table, &text);
    buf_addf(&text, "%.6g", row->threshold);
    cells[THRESHOLD] = table_keep(table, &text);
    if (isfinite(finding->proposed))
        buf_addf(&text, "%.6g", finding->proposed);
    cells[PROPOSED] = table_keep(table, &text);
    buf_release(&text);
}

static void add_rows(const struct study *study, enum study_rule rule, struct buf *out)
{
    const struct table_column columns[COLUMNS] = {
        [SCOPE] = {.title = "scope", .max_width = 48},
        [METRIC] = {.title = "metric"},
        [MEDIAN] = {.title = "median", .right = true},
        [NOISE] = {.title = rule == STUDY_PAIRED ? "error in a pair" : "spread of runs",
                   .right = true},
        [ALARMS] = {.title = "false alarms", .right = true},
        [DETECTABLE] = {.title = "detectable", .right = true},
        [THRESHOLD] = {.title = "threshold", .right = true},
        [PROPOSED] = {.title = "proposed", .right = true},
    };
    struct table table = {.columns = columns, .n_columns = COLUMNS};
    for (size_t i = 0; i < study->n_rows; i++) {
        const struct study_row *row = &study->rows[i];
        if (!row->findings[rule].tally.n)
            continue;
        struct table_row *into = table_add(&table);
        fill_names(&table, row, into->cells);
        fill_finding(&table, row, &row->findings[rule], into->cells);
    }
    table_add_text(&table, false, out);
    table_release(&table);
}

/* "each run against each other, by the threshold alone: 4 of 30 comparisons …" */
static void add_rule(const struct study *study, enum study_rule rule, struct buf *out)
{
    const struct study_tally *tally = &study->tallies[rule];
    buf_add_char(out, '\n');
    if (rule == STUDY_ONE)
        buf_add_str(out, "each run against each other, by the threshold alone");
    else if (rule == STUDY_STORED)
        buf_addf(out, "each run against the other %zu, as if they were stored", study->n_runs - 1);
    else
        buf_add_str(out, "each paired run by its own evidence");
    if (!tally->n) {
        buf_add_str(out, ": no row could be judged\n");
        return;
    }
    buf_addf(out, ": %zu of %zu comparisons %s (%.3g %%)\n\n", tally->alarms, tally->n,
             tally->alarms == 1 ? "is a false alarm" : "are false alarms",
             100 * (double)tally->alarms / (double)tally->n);
    add_rows(study, rule, out);
}

static void add_study(const struct study *study, bool paired, const char *policy, struct buf *out)
{
    buf_addf(out, "%zu %sruns of unchanged code; policy: %s\n", study->n_runs,
             paired ? "paired " : "", policy);
    for (int rule = 0; rule < STUDY_RULES; rule++)
        if (rule != STUDY_PAIRED || paired)
            add_rule(study, (enum study_rule)rule, out);
    buf_addf(out,
             "\nproposed: the smallest threshold that less than %.0f %% of comparisons would be "
             "over by chance, all rows together\n",
             100 * STUDY_ALPHA);
}

int baseline_study(struct call *call, struct err *err)
{
    struct inputs in;
    struct policy policy;
    struct study study = {0};
    const char *name;
    if (!call->n_operands)
        return err_set(err, ERR_USAGE, "study needs reports: `perf-baseline study REPORT...`");
    if (inputs_read(call->operands, call->n_operands, true, &in, err) < 0)
        return -1;
    int status = call_policy(call, &policy, &name, err);
    struct study_input input = {.runs = in.candidates,
                                .names = in.candidate_names,
                                .n = in.n_candidates,
                                .bases = in.paired ? in.bases : NULL,
                                .base_names = in.base_names,
                                .policy = &policy};
    if (status == 0)
        status = study_run(&input, &study, err);
    if (status == 0)
        add_study(&study, in.paired, name, &call->product);
    study_release(&study);
    policy_release(&policy);
    inputs_release(&in);
    return status;
}
