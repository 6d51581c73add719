/*
 * The rule for stored runs on public data: 28 series of hosted CI runners (tests/data/README.md),
 * of code that hardly changed. Each point is judged against the ten before it, as it is (what fails
 * is a false alarm) and made slower (what fails is found). The gate itself decides, beside it other
 * rules that were tried. STORED_NOISE=1 prints all of them, for other numbers of runs too
 * (ci/bench/stored-noise).
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "gate/gate.h"
#include "gate/runs.h"
#include "gate/stored.h"
#include "stats/dist.h"
#include "stats/histogram.h"
#include "stats/spread.h"
#include "synth.h"

#define MOST_SERIES 40
#define MOST_POINTS 400
#define MOST_RUNS   20
#define THRESHOLD   1.1

/* More is worse: of figures of which more is better, the reciprocals. */
struct series {
    char suite[64];
    size_t n;
    double ms[MOST_POINTS];
};

struct data {
    size_t n;
    struct series all[MOST_SERIES];
};

static const double factors[] = {1, 1.15, 1.3, 1.5, 2};
#define N_FACTORS (sizeof factors / sizeof factors[0])

/* How often a rule said "slower", for each factor. */
struct rates {
    size_t points, found[N_FACTORS];
};

static double percent(const struct rates *rates, size_t factor)
{
    return 100 * (double)rates->found[factor] / (double)rates->points;
}

/* "suite TAB benchmark TAB unit TAB bigger|smaller TAB value value …" */
static void read_series(char *line, struct series *out)
{
    char *rest = line;
    const char *suite = strsep(&rest, "\t");
    strsep(&rest, "\t");
    strsep(&rest, "\t");
    const char *better = strsep(&rest, "\t");
    assert_non_null(rest);
    *out = (struct series){0};
    strncpy(out->suite, suite, sizeof out->suite - 1);
    for (char *word; (word = strsep(&rest, " "));) {
        double value = strtod(word, NULL);
        assert_true(value > 0 && out->n < MOST_POINTS);
        out->ms[out->n++] = strcmp(better, "bigger") == 0 ? 1e9 / value : value;
    }
}

static void read_data(struct data *data)
{
    struct buf text = {0};
    struct err err = {0};
    if (fs_read("tests/data/ci_runner_noise.txt", (size_t)1 << 20, &text, &err) < 0)
        fail_msg("%s", err.text);
    char *rest = text.data;
    data->n = 0;
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        assert_true(data->n < MOST_SERIES);
        read_series(line, &data->all[data->n++]);
    }
    buf_release(&text);
    assert_int_equal(data->n, 28);
}

/* ---- the gate ---- */

static struct report one_run(double ms)
{
    struct report run = synth_flat(10000, 0, ms, ms);
    return run;
}

/* Whether the gate fails a candidate against n runs, by averages alone; releases all of them. */
static bool stored_fails(struct report *candidate, struct report *bases, size_t n)
{
    const struct report *pointers[MOST_RUNS], *candidates[] = {candidate};
    struct policy policy;
    struct verdict verdict;
    struct err err = {0};
    policy_init_default(&policy);
    for (int i = 0; i < METRIC_COUNT; i++) {
        policy.overall.threshold[i] = (double)NAN;
        policy.overall.limit[i] = (struct policy_limit){(double)NAN, (double)NAN};
    }
    policy.overall.threshold[METRIC_AVERAGE] = THRESHOLD;
    for (size_t i = 0; i < n; i++)
        pointers[i] = &bases[i];
    struct gate_input in = {.candidates = candidates,
                            .n_candidates = 1,
                            .bases = pointers,
                            .n_bases = n,
                            .comparison = COMPARISON_STORED,
                            .policy = &policy};
    assert_int_equal(gate_judge(&in, &verdict, &err), 0);
    bool fails = verdict.exit_code == 1;
    assert_int_equal(verdict.n_rows, 1 + candidate->n_endpoints);
    verdict_release(&verdict);
    policy_release(&policy);
    report_release(candidate);
    for (size_t i = 0; i < n; i++)
        report_release(&bases[i]);
    return fails;
}

/* A candidate of so many ms, by its one row. */
static bool gate_fails(const double *runs, size_t n, double ms)
{
    struct report bases[MOST_RUNS], candidate = one_run(ms);
    for (size_t i = 0; i < n; i++)
        bases[i] = one_run(runs[i]);
    return stored_fails(&candidate, bases, n);
}

/* ---- other rules ---- */

/* What they all look at: logs, from the median of the runs on. */
struct view {
    size_t n;
    double logs[MOST_RUNS]; /* of the runs */
    double spread, mad, low, high;
    double current;
};

static void look(const double *runs, size_t n, double ms, struct view *out)
{
    double centre = log(spread_median(runs, n)), off[MOST_RUNS];
    *out = (struct view){.n = n, .current = log(ms) - centre, .low = INFINITY, .high = -INFINITY};
    for (size_t i = 0; i < n; i++) {
        out->logs[i] = log(runs[i]) - centre;
        off[i] = fabs(out->logs[i]);
        out->low = fmin(out->low, out->logs[i]);
        out->high = fmax(out->high, out->logs[i]);
    }
    out->spread = fmax(spread_deviation(out->logs, n), HISTOGRAM_RESOLUTION);
    out->mad = fmax(1.4826 * spread_median(off, n), HISTOGRAM_RESOLUTION);
}

static double bound_plain(const struct view *view)
{
    (void)view;
    return 0;
}

static double t_bound(const struct view *view, double level, double prior_df)
{
    double d = (double)(view->n - 1), prior = RUNS_PRIOR_SPREAD;
    double variance = (d * view->spread * view->spread + prior_df * prior * prior) / (d + prior_df);
    return dist_t_quantile(level, d + prior_df) *
           sqrt(variance * (1 + M_PI / (2 * (double)view->n)));
}

static double bound_own_1(const struct view *view)
{
    return t_bound(view, 0.01, 0);
}

static double bound_moderated_1(const struct view *view)
{
    return t_bound(view, 0.01, RUNS_PRIOR_DF);
}

static double bound_moderated_5(const struct view *view)
{
    return t_bound(view, 0.05, RUNS_PRIOR_DF);
}

static double bound_mad(const struct view *view)
{
    return 4 * view->mad;
}

static double bound_range(const struct view *view)
{
    return view->high - view->low;
}

static double bound_worst(const struct view *view)
{
    return view->high;
}

static double bound_worst_spread(const struct view *view)
{
    return view->high + 1.5 * view->spread;
}

static double bound_worst_10(const struct view *view)
{
    return view->high + STORED_MARGIN_10 * 10 / (double)view->n;
}

static const struct {
    const char *name;
    double (*bound)(const struct view *view); /* of log(candidate / median), beside the threshold */
} rules[] = {
    {"the threshold alone", bound_plain},
    {"t, own spread, 1 %", bound_own_1},
    {"t, moderated, 1 %", bound_moderated_1},
    {"t, moderated, 5 %", bound_moderated_5},
    {"4 MAD", bound_mad},
    {"the range of the runs", bound_range},
    {"the worst run", bound_worst},
    {"the worst run + 1.5 spreads", bound_worst_spread},
    {"the worst run + 10 % (10 runs)", bound_worst_10},
};
#define N_RULES (sizeof rules / sizeof rules[0])

/* ---- counting ---- */

/* The gate last. */
static void judge_point(const double *runs, size_t n, double ms, struct rates *rates)
{
    for (size_t rule = 0; rule <= N_RULES; rule++)
        rates[rule].points++;
    for (size_t i = 0; i < N_FACTORS; i++) {
        struct view view;
        double slowed = ms * factors[i];
        look(runs, n, slowed, &view);
        bool breach = slowed > spread_median(runs, n) * THRESHOLD;
        for (size_t rule = 0; breach && rule < N_RULES; rule++)
            rates[rule].found[i] += view.current > rules[rule].bound(&view);
        rates[N_RULES].found[i] += breach && gate_fails(runs, n, slowed);
    }
}

static void judge_all(const struct data *data, size_t n_runs, struct rates *rates)
{
    memset(rates, 0, (N_RULES + 1) * sizeof *rates);
    for (size_t s = 0; s < data->n; s++)
        for (size_t i = n_runs; i < data->all[s].n; i++)
            judge_point(data->all[s].ms + i - n_runs, n_runs, data->all[s].ms[i], rates);
}

static void show(const char *name, const struct rates *rates)
{
    print_message("  %-32s %6.2f %7.1f %7.1f %7.1f %7.1f\n", name, percent(rates, 0),
                  percent(rates, 1), percent(rates, 2), percent(rates, 3), percent(rates, 4));
}

static void show_all(size_t n_runs, const struct rates *rates)
{
    print_message("against the last %zu runs, %zu points, %% that fail:\n", n_runs, rates->points);
    print_message("  %-32s %6s %7s %7s %7s %7s\n", "", "as is", "+15 %", "+30 %", "+50 %",
                  "+100 %");
    for (size_t rule = 0; rule < N_RULES; rule++)
        show(rules[rule].name, &rates[rule]);
    show("the gate", &rates[N_RULES]);
}

static void test_stored_noise__few_alarms_and_slow_runs_found(void **state)
{
    (void)state;
    static struct data data;
    struct rates rates[N_RULES + 1];
    read_data(&data);
    judge_all(&data, 10, rates);
    show_all(10, rates);
    const struct rates *gate = &rates[N_RULES];
    assert_true(percent(&rates[0], 0) > 13); /* the plain rule */
    assert_true(percent(gate, 0) <= 1);
    assert_true(percent(gate, 3) >= 85);
    assert_true(percent(gate, 4) >= 98);
    for (size_t n = 5; getenv("STORED_NOISE") && n < 10; n++) {
        judge_all(&data, n, rates);
        show_all(n, rates);
    }
}

/* ---- the rows of a suite together ---- */

/* The runs of a suite, a row for each of its series, from run `first` on. */
struct suite {
    size_t n_rows, n_points;
    const struct series *rows[MOST_SERIES];
};

static void fill_run(const struct suite *suite, size_t point, double factor, struct report *out)
{
    static const char *const names[] = {"/a", "/b", "/c", "/d", "/e", "/f"};
    *out = one_run(1);
    out->n_endpoints = suite->n_rows;
    out->endpoints = arena_array(&out->arena, suite->n_rows, sizeof *out->endpoints);
    for (size_t i = 0; i < suite->n_rows; i++) {
        double ms = suite->rows[i]->ms[point] * (i ? 1 : factor);
        out->endpoints[i] = (struct report_endpoint){
            .name = names[i], .method = "GET", .metrics = synth_flat(10000, 0, ms, ms).metrics};
    }
}

/* The first row made slower by `factor`. */
static bool suite_fails(const struct suite *suite, size_t point, double factor)
{
    struct report bases[10], candidate;
    fill_run(suite, point, factor, &candidate);
    for (size_t i = 0; i < 10; i++)
        fill_run(suite, point - 10 + i, 1, &bases[i]);
    return stored_fails(&candidate, bases, 10);
}

/* The series of the suite from `first` on that have as many points as its first. */
static size_t take_suite(const struct data *data, size_t first, struct suite *out)
{
    *out = (struct suite){.n_points = data->all[first].n};
    size_t i = first;
    for (; i < data->n && strcmp(data->all[i].suite, data->all[first].suite) == 0; i++)
        if (data->all[i].n == out->n_points)
            out->rows[out->n_rows++] = &data->all[i];
    return i;
}

static void test_stored_noise__few_alarms_of_rows_together(void **state)
{
    (void)state;
    static struct data data;
    struct rates rates = {0};
    struct suite suite;
    read_data(&data);
    for (size_t first = 0; first < data.n; first = take_suite(&data, first, &suite)) {
        struct rates one = {0};
        take_suite(&data, first, &suite);
        for (size_t point = 10; point < suite.n_points; point++) {
            one.points++;
            one.found[0] += suite_fails(&suite, point, 1);
            one.found[3] += suite_fails(&suite, point, 1.5);
        }
        print_message("%s, %zu rows: %.2f %% of %zu verdicts, %.1f %% with +50 %% on a row\n",
                      data.all[first].suite, suite.n_rows, percent(&one, 0), one.points,
                      percent(&one, 3));
        rates.points += one.points;
        rates.found[0] += one.found[0];
        rates.found[3] += one.found[3];
    }
    print_message("all suites: %.2f %% of %zu verdicts, %.1f %% with +50 %% on a row\n",
                  percent(&rates, 0), rates.points, percent(&rates, 3));
    assert_true(percent(&rates, 0) <= 2);
    assert_true(percent(&rates, 3) >= 75);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stored_noise__few_alarms_and_slow_runs_found),
        cmocka_unit_test(test_stored_noise__few_alarms_of_rows_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
