#include "gate/study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gate/compare.h"
#include "gate/decide.h"
#include "gate/stored.h"
#include "stats/dist.h"
#include "stats/spread.h"

/* The largest that a policy may have. */
#define MOST_THRESHOLD 1000

/* ---- runs that belong together ---- */

static int check_pair_of_runs(const struct study_input *in, size_t i, size_t j, struct err *err)
{
    const struct report *a = in->runs[i], *b = in->runs[j];
    if (compare_same_run(a, b))
        return err_set(err, ERR_INPUT,
                       "'%s' and '%s' are reports of one run; a study needs one of each run",
                       in->names[i], in->names[j]);
    if (!report_same_workload(a, b))
        return err_set(err, ERR_INPUT,
                       "'%s' and '%s' are of different workloads (scenario, users or pacing); a "
                       "study needs runs of one",
                       in->names[i], in->names[j]);
    if (!fingerprint_same_kind(&a->environment, &b->environment))
        return err_set(err, ERR_INPUT,
                       "'%s' and '%s' were measured on different kinds of machine; study each kind "
                       "by itself",
                       in->names[i], in->names[j]);
    return 0;
}

static int check_run(const struct report *run, const char *name, struct err *err)
{
    if (report_is_usable(run))
        return 0;
    return err_set(err, ERR_UNDECIDED,
                   "'%s' is a run that cannot be trusted (%s); leave it out, or run it again", name,
                   run->health.n_reasons ? run->health.reasons[0] : "it completed no request");
}

static int check_input(const struct study_input *in, struct err *err)
{
    if (in->n < STUDY_MIN_RUNS)
        return err_set(
            err, ERR_USAGE,
            "a study needs the reports of at least %d runs of unchanged code, and %zu %s "
            "given",
            STUDY_MIN_RUNS, in->n, in->n == 1 ? "is" : "are");
    for (size_t i = 0; i < in->n; i++) {
        if (check_run(in->runs[i], in->names[i], err) < 0 ||
            (in->bases && check_run(in->bases[i], in->base_names[i], err) < 0))
            return -1;
        for (size_t j = 0; j < i; j++)
            if (check_pair_of_runs(in, j, i, err) < 0)
                return -1;
    }
    return 0;
}

/* ---- rows ---- */

/* A row in the making; there is one for each scope and metric. */
struct work {
    struct study_row row;
    bool is_used;
    size_t n_claims[STUDY_RULES], n_errors;
    double *claims[STUDY_RULES]; /* detectable changes, one a comparison at most */
    double *errors, *df;         /* of the pairs */
};

/* A study in the making. */
struct desk {
    const struct study_input *in;
    struct study *out;
    struct arena arena;
    bool wanted[METRIC_COUNT];
    size_t n_scopes;
    struct scope_name {
        const char *name, *method;
    } * scopes;         /* the whole run first, then sorted */
    struct work *works; /* METRIC_COUNT for each scope */
};

static int compare_scopes(const void *a, const void *b)
{
    const struct scope_name *x = a, *y = b;
    int order = strcmp(x->name ? x->name : "", y->name ? y->name : "");
    return order ? order : strcmp(x->method ? x->method : "", y->method ? y->method : "");
}

/* Every scope of any run, once. */
static void list_scopes(struct desk *desk)
{
    const struct study_input *in = desk->in;
    size_t n = 1;
    for (size_t i = 0; i < in->n; i++)
        n += in->runs[i]->n_endpoints;
    struct scope_name *all = arena_array(&desk->arena, n, sizeof *all);
    n = 1;
    for (size_t i = 0; i < in->n; i++)
        for (size_t j = 0; j < in->runs[i]->n_endpoints; j++)
            all[n++] = (struct scope_name){in->runs[i]->endpoints[j].name,
                                           in->runs[i]->endpoints[j].method};
    qsort(all, n, sizeof *all, compare_scopes);
    desk->scopes = all;
    desk->n_scopes = 1;
    for (size_t i = 1; i < n; i++)
        if (compare_scopes(&all[i], &all[desk->n_scopes - 1]) != 0)
            all[desk->n_scopes++] = all[i];
}

static void make_works(struct desk *desk)
{
    size_t n = desk->in->n;
    desk->works = arena_array(&desk->arena, desk->n_scopes * METRIC_COUNT, sizeof *desk->works);
    for (size_t i = 0; i < desk->n_scopes * METRIC_COUNT; i++) {
        struct work *work = &desk->works[i];
        if (!desk->wanted[i % METRIC_COUNT])
            continue;
        work->row.endpoint = desk->scopes[i / METRIC_COUNT].name;
        work->row.method = desk->scopes[i / METRIC_COUNT].method;
        work->row.metric = (enum metric)(i % METRIC_COUNT);
        for (int rule = 0; rule < STUDY_RULES; rule++)
            work->claims[rule] = arena_array(&desk->arena, n, sizeof(double));
        work->errors = arena_array(&desk->arena, n, sizeof *work->errors);
        work->df = arena_array(&desk->arena, n, sizeof *work->df);
    }
}

/* The row of a draft; NULL for an endpoint that no run has, only the base of a pair. */
static struct work *find_work(const struct desk *desk, const struct draft *draft)
{
    struct scope_name key = {draft->scope->name, draft->scope->method};
    const struct scope_name *found =
        bsearch(&key, desk->scopes, desk->n_scopes, sizeof key, compare_scopes);
    if (!found)
        return NULL;
    return &desk->works[(size_t)(found - desk->scopes) * METRIC_COUNT + draft->metric];
}

/* ---- judging ---- */

/* Whether the row was decided, one way or the other. */
static bool is_decided(const struct draft *draft)
{
    return draft->used && draft->judged && !isnan(draft->threshold) &&
           (draft->tested || draft->cause == CAUSE_PLAIN || draft->cause == CAUSE_FEW_FAILURES);
}

static void tally_row(struct work *work, enum study_rule rule, const struct draft *draft)
{
    const struct estimate *estimate = draft->estimate;
    struct study_tally *tally = &work->row.findings[rule].tally;
    work->is_used = true;
    work->row.threshold = draft->threshold;
    tally->n++;
    tally->alarms += draft->status == ROW_REGRESSED;
    if (rule == STUDY_ONE)
        return;
    if (!isnan(draft->detectable))
        work->claims[rule][work->n_claims[rule]++] = draft->detectable;
    if (rule == STUDY_PAIRED && draft->tested && !isnan(estimate->error)) {
        work->errors[work->n_errors] = estimate->error;
        work->df[work->n_errors++] = estimate->df;
    }
}

static int judge(struct desk *desk, enum study_rule rule, const struct gate_input *in,
                 struct err *err)
{
    struct numbers numbers;
    struct drafts drafts;
    size_t decided = 0, alarms = 0;
    if (compare_reports(in, desk->wanted, &numbers, err) < 0)
        return -1;
    decide_rows(&numbers, desk->in->policy, &numbers.arena, &drafts);
    for (size_t i = 0; i < drafts.n_figures; i++) {
        const struct draft *draft = &drafts.all[i];
        struct work *work = is_decided(draft) ? find_work(desk, draft) : NULL;
        if (!work)
            continue;
        tally_row(work, rule, draft);
        decided++;
        alarms += draft->status == ROW_REGRESSED;
    }
    desk->out->tallies[rule].n += decided > 0;
    desk->out->tallies[rule].alarms += alarms > 0;
    numbers_release(&numbers);
    return 0;
}

/* Run `i` against `n` others. */
static int judge_run(struct desk *desk, enum study_rule rule, size_t i,
                     const struct report *const *bases, size_t n, struct err *err)
{
    static const enum comparison comparisons[] = {[STUDY_ONE] = COMPARISON_FILE,
                                                  [STUDY_STORED] = COMPARISON_STORED,
                                                  [STUDY_PAIRED] = COMPARISON_PAIRED};
    struct gate_input in = {.candidates = &desk->in->runs[i],
                            .n_candidates = 1,
                            .bases = bases,
                            .n_bases = n,
                            .candidate_names = &desk->in->names[i],
                            .comparison = comparisons[rule],
                            .policy = desk->in->policy};
    if (rule == STUDY_PAIRED)
        in.base_names = &desk->in->base_names[i];
    return judge(desk, rule, &in, err);
}

/* Run `i` by each rule; `others` are the n runs but it. */
static int judge_by_all(struct desk *desk, size_t i, const struct report *const *others, size_t n,
                        struct err *err)
{
    const struct study_input *in = desk->in;
    for (size_t j = 0; j < n; j++)
        if (judge_run(desk, STUDY_ONE, i, &others[j], 1, err) < 0)
            return -1;
    if (judge_run(desk, STUDY_STORED, i, others, n, err) < 0)
        return -1;
    return in->bases ? judge_run(desk, STUDY_PAIRED, i, &in->bases[i], 1, err) : 0;
}

static int judge_all(struct desk *desk, struct err *err)
{
    const struct study_input *in = desk->in;
    const struct report **others = arena_array(&desk->arena, in->n, sizeof *others);
    for (size_t i = 0; i < in->n; i++) {
        size_t n = 0;
        for (size_t j = 0; j < in->n; j++)
            if (j != i)
                others[n++] = in->runs[j];
        if (judge_by_all(desk, i, others, n, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- noise and thresholds ---- */

/* What run `i` says of a row's scope; NULL = nothing. */
static const struct metrics *metrics_of(const struct desk *desk, const struct study_row *row,
                                        size_t i)
{
    const struct report *run = desk->in->runs[i];
    if (!row->endpoint)
        return &run->metrics;
    const struct report_endpoint *endpoint = compare_find(run, row->endpoint, row->method);
    return endpoint && endpoint->metrics.total_requests ? &endpoint->metrics : NULL;
}

/* The figures of a row in all runs that have it; how many. */
static size_t collect(const struct desk *desk, const struct study_row *row, double *values)
{
    size_t n = 0;
    for (size_t i = 0; i < desk->in->n; i++) {
        const struct metrics *metrics = metrics_of(desk, row, i);
        double value = metrics ? metric_value(metrics, row->metric) : (double)NAN;
        if (!isnan(value))
            values[n++] = value;
    }
    return n;
}

/* What an error rate's log spreads by if failures come one by one, as many as in these runs. */
static double poisson_noise(const struct desk *desk, const struct study_row *row)
{
    int64_t failures = 0;
    for (size_t i = 0; i < desk->in->n; i++) {
        const struct metrics *metrics = metrics_of(desk, row, i);
        failures += metrics ? metrics->total_failures : 0;
    }
    return sqrt((double)desk->in->n / (double)failures);
}

/* Fills the median, and the deviation of the logs between runs: NAN where a figure is 0. */
static void measure(const struct desk *desk, struct study_row *row, double *values)
{
    size_t n = collect(desk, row, values);
    row->median = spread_median(values, n);
    for (size_t i = 0; i < n; i++)
        values[i] = log(values[i]);
    row->findings[STUDY_ONE].noise = row->findings[STUDY_STORED].noise =
        spread_deviation(values, n);
}

/* The median over all rows but error rates: what a row whose own runs agree by luck has at least.
 */
static double typical_noise(const struct desk *desk)
{
    const struct study *study = desk->out;
    double *values = mem_array(study->n_rows + 1, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; i < study->n_rows; i++) {
        double noise = study->rows[i].findings[STUDY_STORED].noise;
        if (study->rows[i].metric != METRIC_ERROR_RATE && !isnan(noise))
            values[n++] = noise;
    }
    double typical = spread_median(values, n);
    free(values);
    return typical;
}

/* The next threshold of 2 digits that is not below the ratio; NAN where a policy has none. */
static double round_up(double ratio)
{
    return ratio <= MOST_THRESHOLD ? fmax(1.01, ceil(ratio * 100 - 1e-6) / 100) : (double)NAN;
}

/* What `error` of log(candidate / base) makes of a row. `level` is the row's share of all. */
static void conclude(const struct study_row *row, double error, double df, double level,
                     struct study_finding *finding)
{
    double bound = exp(dist_t_quantile(level, df) * error);
    double found = dist_t_quantile(1 - DECIDE_POWER, df) * error + log(row->threshold);
    finding->proposed = round_up(bound);
    if (isnan(finding->detectable)) /* the threshold alone decides */
        finding->detectable = expm1(found);
}

static void conclude_between(const struct desk *desk, double typical, double level,
                             struct study_row *row)
{
    double n = (double)desk->in->n;
    double least = row->metric == METRIC_ERROR_RATE ? poisson_noise(desk, row)
                                                    : fmax(typical, (double)HISTOGRAM_RESOLUTION);
    double own = row->findings[STUDY_ONE].noise;
    double noise = isnan(own) ? own : fmax(own, least);
    conclude(row, noise * sqrt(2), n - 1, level, &row->findings[STUDY_ONE]);
    conclude(row, noise * sqrt(1 + M_PI / (2 * n)), n - 1, level, &row->findings[STUDY_STORED]);
}

static void conclude_row(const struct desk *desk, const struct work *work, double typical,
                         double level, struct study_row *row)
{
    struct study_finding *pair = &row->findings[STUDY_PAIRED];
    for (int rule = 0; rule < STUDY_RULES; rule++)
        row->findings[rule].detectable = spread_median(work->claims[rule], work->n_claims[rule]);
    conclude_between(desk, typical, level, row);
    pair->noise = spread_median(work->errors, work->n_errors);
    pair->proposed = (double)NAN;
    if (work->n_errors)
        conclude(row, pair->noise, spread_median(work->df, work->n_errors), level, pair);
}

static void fill_rows(struct desk *desk)
{
    struct study *out = desk->out;
    size_t n = desk->n_scopes * METRIC_COUNT;
    double *values = arena_array(&desk->arena, desk->in->n, sizeof *values);
    const struct work **used = arena_array(&desk->arena, n, sizeof *used);
    out->rows = arena_array(&out->arena, n, sizeof *out->rows);
    for (size_t i = 0; i < n; i++) {
        if (!desk->works[i].is_used)
            continue;
        struct study_row *row = &out->rows[out->n_rows];
        used[out->n_rows++] = &desk->works[i];
        *row = desk->works[i].row;
        row->endpoint = arena_strdup(&out->arena, row->endpoint);
        row->method = arena_strdup(&out->arena, row->method);
        measure(desk, row, values);
    }
    double typical = typical_noise(desk);
    for (size_t i = 0; i < out->n_rows; i++)
        conclude_row(desk, used[i], typical, STUDY_ALPHA / (double)out->n_rows, &out->rows[i]);
}

int study_run(const struct study_input *in, struct study *out, struct err *err)
{
    struct desk desk = {.in = in, .out = out};
    *out = (struct study){.n_runs = in->n};
    if (check_input(in, err) < 0)
        return -1;
    decide_wants(in->policy, desk.wanted);
    list_scopes(&desk);
    make_works(&desk);
    int status = judge_all(&desk, err);
    if (status == 0)
        fill_rows(&desk);
    else
        study_release(out);
    arena_release(&desk.arena);
    return status;
}

void study_release(struct study *study)
{
    arena_release(&study->arena);
    *study = (struct study){0};
}
