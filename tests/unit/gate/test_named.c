/* Metrics that a policy names. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "court.h"
#include "synth.h"

#define SECONDS 40

static const char rules[] =
    "{\"schema\": \"perfgate.policy/1\", \"metrics\": {"
    "\"hits\": {\"better\": \"higher\", \"threshold\": 1.1, \"limit\": {\"critical\": 0.5}},"
    "\"queue\": {\"better\": \"lower\", \"threshold\": 1.2, \"optional\": true}}}";

static void read_policy(struct court *court, const char *json)
{
    struct err err = {0};
    policy_release(&court->policy);
    if (policy_decode(json, strlen(json), "p.json", &court->policy, &err))
        fail_msg("%s", err.text);
}

static void open_equal(struct court *court, enum comparison comparison, size_t n_bases)
{
    court_open(court, comparison, n_bases);
    court->n_acceptances = 0;
    court->candidate[0].metrics.average_ms = 10;
    read_policy(court, rules);
}

/* The next state of what moves slowly, as queues do: an autoregressive process of deviation 1. */
static double wander(double state, double memory, struct rng *rng)
{
    double step = 0;
    for (int i = 0; i < 12; i++)
        step += rng_unit(rng) - 0.5;
    return memory * state + sqrt(1 - memory * memory) * step;
}

/* Gives a report a metric of the application, of n intervals about `level`; NAN = not measured. */
static void give(struct report *report, const char *name, double level, double spread, size_t n,
                 struct rng *rng)
{
    struct arena *arena = &report->arena;
    struct resource_source *source = arena_array(arena, 1, sizeof *source);
    struct resource_series *series = arena_array(arena, 1, sizeof *series);
    double *values = arena_array(arena, n, sizeof *values), sum = 0;
    for (size_t i = 0; i < n; i++) {
        values[i] = level * (1 + spread * (rng ? rng_unit(rng) - 0.5 : 0));
        sum += values[i];
    }
    *series = (struct resource_series){.name = name,
                                       .average = n ? sum / (double)n : level,
                                       .p95 = level,
                                       .maximum = 2 * level,
                                       .slope_per_min = 3,
                                       .n_values = n,
                                       .values = values};
    *source = (struct resource_source){
        .name = "app", .kind = RESOURCE_APPLICATION, .n_series = 1, .series = series};
    report->resources = arena_array(arena, 1, sizeof *report->resources);
    *report->resources = (struct report_resources){
        .cpu_usage = (double)NAN, .memory_usage = (double)NAN, .n_sources = 1, .sources = source};
}

static void set_wandering(struct report *report, double level, double spread, double memory,
                          struct rng *rng)
{
    struct resource_series *series = &report->resources->sources[0].series[0];
    double state = wander(0, 0, rng), sum = 0;
    for (size_t i = 0; i < series->n_values; i++) {
        series->values[i] = level * exp(spread * state);
        sum += series->values[i];
        state = wander(state, memory, rng);
    }
    series->average = sum / (double)series->n_values;
}

static const struct verdict_row *row_of(const struct court *court, const char *name)
{
    for (size_t i = 0; i < court->verdict.n_rows; i++)
        if (court->verdict.rows[i].name && strcmp(court->verdict.rows[i].name, name) == 0)
            return &court->verdict.rows[i];
    fail_msg("no row of '%s'", name);
    return NULL;
}

static const struct verdict_row *expect(const struct court *court, const char *name,
                                        enum row_status status, const char *reason)
{
    const struct verdict_row *row = row_of(court, name);
    if (row->status != (int)status)
        fail_msg("%s: %s", row_status_name((enum row_status)row->status), row->reason);
    assert_says(row->reason, reason);
    return row;
}

static void test_named__more_is_better(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    give(&court.base[0], "hits", 0.99, 0, 1, NULL);
    give(&court.candidate[0], "hits", 0.90, 0, 1, NULL); /* 0.90 x 1.1 is 0.99 */
    court_judge(&court, 0);
    expect(&court, "hits", ROW_STABLE, "hits -9.1 % (allowed -9.09091 %)");
    give(&court.candidate[0], "hits", 0.8999, 0, 1, NULL);
    court_judge(&court, 1);
    const struct verdict_row *row = expect(&court, "hits", ROW_REGRESSED, "by the threshold alone");
    assert_null(row->endpoint);
    assert_string_equal(court.verdict.regressions[0].metric, "hits");
    assert_true(court.verdict.regressions[0].degradation > 9);
    assert_says(court.verdict.summary, "worse: overall hits -9.10 %");
    give(&court.candidate[0], "hits", 1.2, 0, 1, NULL);
    court_judge(&court, 0);
    expect(&court, "hits", ROW_IMPROVED, "hits +21.2 %");
    court_close(&court);
}

static void test_named__limits(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    give(&court.base[0], "hits", 0.501, 0, 1, NULL);
    give(&court.candidate[0], "hits", 0.499, 0, 1, NULL);
    court_judge(&court, 1);
    expect(&court, "hits", ROW_OVER_LIMIT, "hits 0.499 is under its limit of 0.500");
    /* Not where the base breaks it too. */
    give(&court.base[0], "hits", 0.499, 0, 1, NULL);
    court_judge(&court, 0);
    const struct verdict_row *row = expect(&court, "hits", ROW_STABLE, "hits");
    assert_says(row->warnings[row->n_warnings - 1], "and so is the base");
    court_close(&court);
}

static void test_named__what_is_not_there_is_no_pass(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    court_judge(&court, 3);
    expect(&court, "hits", ROW_ERRORED, "the candidate's report has no hits");
    assert_false(row_of(&court, "queue")->required);
    give(&court.candidate[0], "hits", 0.9, 0, 1, NULL);
    court_judge(&court, 3);
    expect(&court, "hits", ROW_MISSING_BASELINE, "the base has no hits to compare with");
    court_close(&court);
}

static void test_named__nothing_on_the_base_side_has_no_ratio(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    read_policy(&court, "{\"schema\": \"perfgate.policy/1\", \"metrics\": {"
                        "\"queue\": {\"better\": \"lower\", \"threshold\": 1.2}}}");
    give(&court.base[0], "queue", 0, 0, 1, NULL);
    give(&court.candidate[0], "queue", 3, 0, 1, NULL);
    court_judge(&court, 3);
    expect(&court, "queue", ROW_NOT_COMPARABLE, "queue 3.00, and 0 on the base side");
    give(&court.candidate[0], "queue", 0, 0, 1, NULL);
    court_judge(&court, 0);
    read_policy(&court, "{\"schema\": \"perfgate.policy/1\", \"metrics\": {\"queue\": {"
                        "\"better\": \"lower\", \"threshold\": 1.2, \"limit\": {\"target\": 5}}}}");
    give(&court.candidate[0], "queue", 3, 0, 1, NULL);
    court_judge(&court, 0);
    expect(&court, "queue", ROW_STABLE, "judged by its limits only, as the base is 0");
    court_close(&court);
}

static void test_named__other_figures_have_names_too(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    read_policy(&court,
                "{\"schema\": \"perfgate.policy/1\", \"metrics\": {"
                "\"app.queue\": {\"better\": \"lower\", \"limit\": {\"critical\": 4}},"
                "\"app.queue.maximum\": {\"better\": \"lower\", \"limit\": {\"critical\": 5}},"
                "\"queue.slope_per_minute\": {\"better\": \"lower\", \"limit\": {\"critical\": 2}},"
                "\"queue.other\": {\"better\": \"lower\", \"limit\": {\"critical\": 2}}}}");
    give(&court.candidate[0], "queue", 3, 0, 1, NULL);
    court_judge(&court, 1);
    expect(&court, "app.queue", ROW_STABLE, "app.queue 3.00");
    expect(&court, "app.queue.maximum", ROW_OVER_LIMIT, "6.00 is over its limit of 5.00");
    expect(&court, "queue.slope_per_minute", ROW_OVER_LIMIT, "3.00 is over");
    expect(&court, "queue.other", ROW_ERRORED, "has no queue.other");
    court_close(&court);
}

static void test_named__both_policies_are_asked(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    give(&court.base[0], "hits", 0.9, 0, 1, NULL);
    give(&court.candidate[0], "hits", 0.6, 0, 1, NULL);
    court.in.candidate_policy = &court.candidate_policy; /* which asks of nothing by name */
    court_judge(&court, 1);
    const struct verdict_row *row = expect(&court, "hits", ROW_REGRESSED, "hits");
    assert_says(row->warnings[0], "the candidate's does not ask for it");
    court_close(&court);
}

/* A paired run whose sides have these levels; returns the row's status. */
static int judge_paired(double base, double candidate, double spread, size_t n, uint64_t seed,
                        const char **reason)
{
    static char kept[512];
    struct court court;
    struct synth synth = {.seed = seed, .pairs = 40, .batches = 20};
    struct rng rng;
    rng_init(&rng, seed, 0);
    court_open(&court, COMPARISON_PAIRED, 1);
    court.n_acceptances = 0;
    read_policy(&court, rules);
    report_release(&court.candidate[0]);
    report_release(&court.base[0]);
    synth_paired(&synth, 1, &court.candidate[0], &court.base[0]);
    give(&court.base[0], "hits", base, spread, n, &rng);
    give(&court.candidate[0], "hits", candidate, spread, n, &rng);
    struct err err = {0};
    verdict_release(&court.verdict);
    assert_int_equal(gate_judge(court_input(&court), &court.verdict, &err), 0);
    const struct verdict_row *row = row_of(&court, "hits");
    int status = row->status;
    strncpy(kept, row->reason, sizeof kept - 1);
    *reason = kept;
    court_close(&court);
    return status;
}

static void test_named__paired_runs_are_tested(void **state)
{
    (void)state;
    const char *reason;
    assert_int_equal(judge_paired(0.9, 0.7, 0.2, SECONDS, 1, &reason), ROW_REGRESSED);
    assert_says(reason, "; p < 0.001");
    /* Values that jump about so much are no evidence, whatever their mean. */
    int found = 0;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        found += judge_paired(0.9, 0.9, 4, SECONDS, seed, &reason) == ROW_REGRESSED;
        if (strstr(reason, "may be noise"))
            found += 1000;
    }
    assert_true(found >= 1000);
    assert_int_equal(found % 1000, 0);
    assert_int_equal(judge_paired(0.9, 0.7, 0.2, 19, 1, &reason), ROW_REGRESSED);
    assert_says(reason, "19 values of both sides, and noise is estimated from 20 on");
}

/* How often two sides with such a gauge are told apart in `runs` runs. */
static int count_found(double candidate, double spread, double memory, int runs)
{
    int found = 0;
    for (int run = 1; run <= runs; run++) {
        struct court court;
        struct synth synth = {.seed = (uint64_t)run, .pairs = 40, .batches = 20};
        struct rng rng;
        rng_init(&rng, (uint64_t)run, 7);
        court_open(&court, COMPARISON_PAIRED, 1);
        court.n_acceptances = 0;
        read_policy(&court, rules);
        report_release(&court.candidate[0]);
        report_release(&court.base[0]);
        synth_paired(&synth, 1, &court.candidate[0], &court.base[0]);
        give(&court.base[0], "queue", 0, 0, SECONDS, NULL);
        give(&court.candidate[0], "queue", 0, 0, SECONDS, NULL);
        set_wandering(&court.base[0], 10, spread, memory, &rng);
        set_wandering(&court.candidate[0], candidate, spread, memory, &rng);
        struct err err = {0};
        verdict_release(&court.verdict);
        assert_int_equal(gate_judge(court_input(&court), &court.verdict, &err), 0);
        found += row_of(&court, "queue")->status == ROW_REGRESSED;
        court_close(&court);
    }
    return found;
}

/* Forty seconds of a queue are worth two that have nothing to do with each other. */
static void test_named__what_moves_slowly_is_less_evidence(void **state)
{
    (void)state;
    assert_true(count_found(10, 0.3, 0.9, 150) <= 1);
    assert_true(count_found(10, 0.3, 0.5, 50) <= 1);
    assert_int_equal(count_found(14, 0.02, 0, 20), 20);
    assert_int_equal(count_found(14, 0.02, 0.9, 20), 20);
}

static void test_named__stored_runs_have_a_median_and_noise(void **state)
{
    (void)state;
    struct court court;
    static const double levels[] = {0.90, 0.92, 0.88, 0.91, 0.70, 0.93, 0.90};
    open_equal(&court, COMPARISON_STORED, 7);
    for (size_t i = 0; i < 7; i++)
        give(&court.base[i], "hits", levels[i], 0, 0, NULL);
    give(&court.candidate[0], "hits", 0.8, 0, 0, NULL);
    court_judge(&court, 0);
    const struct verdict_row *row =
        expect(&court, "hits", ROW_INSUFFICIENT, "within what the stored runs differ by");
    assert_true(row->base == 0.90);
    give(&court.candidate[0], "hits", 0.5, 0, 0, NULL);
    court_judge(&court, 1);
    expect(&court, "hits", ROW_REGRESSED, "hits -44.4 %");
    /* What is no baseline of the requests is none of this. */
    court.base[0].workload = "another";
    court.n_bases = 5;
    give(&court.candidate[0], "hits", 0.8, 0, 0, NULL);
    court_judge(&court, 1);
    expect(&court, "hits", ROW_REGRESSED,
           "4 stored runs have it, and noise is estimated from 5 on");
    court_close(&court);
}

static void test_named__shards_weigh_by_their_time(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    court.n_candidates = 3;
    for (size_t i = 0; i < 3; i++) {
        court.candidate[i] = synth_flat(1000, 0, 10, 20);
        court.candidate[i].duration_ns = (int64_t)(i + 1) * NS_PER_S;
        court.candidate[i].health.valid = true;
    }
    give(&court.base[0], "hits", 0.8, 0, 1, NULL);
    give(&court.candidate[0], "hits", 0.6, 0, 1, NULL);
    give(&court.candidate[2], "hits", 0.8, 0, 1, NULL);
    court_judge(&court, 3); /* merged, there is no p95 */
    assert_float_equal(row_of(&court, "hits")->candidate, 0.75, 1e-12);
    court_close(&court);
}

static void test_named__what_both_sides_use_is_not_compared(void **state)
{
    (void)state;
    const char *reason;
    struct court court;
    struct synth synth = {.seed = 1, .pairs = 40, .batches = 20};
    court_open(&court, COMPARISON_PAIRED, 1);
    court.n_acceptances = 0;
    report_release(&court.candidate[0]);
    report_release(&court.base[0]);
    synth_paired(&synth, 1, &court.candidate[0], &court.base[0]);
    give(&court.candidate[0], "hits", 0.7, 0, SECONDS, NULL);
    give(&court.base[0], "hits", 0.7, 0, SECONDS, NULL);
    court.base[0].resources->sources[0].shared = true;
    reason = "is of both sides together, which it cannot tell apart";
    for (int limited = 0; limited < 2; limited++) {
        read_policy(&court, limited
                                ? "{\"schema\": \"perfgate.policy/1\", \"metrics\": {\"hits\": {"
                                  "\"better\": \"higher\", \"limit\": {\"critical\": 0.5}}}}"
                                : rules);
        struct err err = {0};
        verdict_release(&court.verdict);
        assert_int_equal(gate_judge(court_input(&court), &court.verdict, &err), 0);
        expect(&court, "hits", limited ? ROW_STABLE : ROW_NOT_COMPARABLE,
               limited ? "hits" : reason);
    }
    court_close(&court);
}

/* Seconds in which one side was not measured are of neither. */
static void test_named__seconds_are_compared_where_both_have_one(void **state)
{
    (void)state;
    struct report candidate = {0}, base = {0};
    struct synth synth = {.seed = 1, .pairs = 40, .batches = 20};
    struct court court;
    court_open(&court, COMPARISON_PAIRED, 1);
    court.n_acceptances = 0;
    read_policy(&court, rules);
    report_release(&court.candidate[0]);
    report_release(&court.base[0]);
    synth_paired(&synth, 1, &candidate, &base);
    give(&candidate, "hits", 0.5, 0, 22, NULL);
    give(&base, "hits", 0.9, 0, 25, NULL);
    candidate.resources->sources[0].series[0].values[3] = (double)NAN;
    base.resources->sources[0].series[0].values[7] = (double)NAN;
    court.candidate[0] = candidate;
    court.base[0] = base;
    struct err err = {0};
    assert_int_equal(gate_judge(court_input(&court), &court.verdict, &err), 0);
    expect(&court, "hits", ROW_REGRESSED, "; p < 0.001");
    base.resources->sources[0].series[0].values[8] = (double)NAN;
    verdict_release(&court.verdict);
    assert_int_equal(gate_judge(court_input(&court), &court.verdict, &err), 0);
    expect(&court, "hits", ROW_REGRESSED, "(19 values of both sides");
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_named__more_is_better),
        cmocka_unit_test(test_named__limits),
        cmocka_unit_test(test_named__what_is_not_there_is_no_pass),
        cmocka_unit_test(test_named__nothing_on_the_base_side_has_no_ratio),
        cmocka_unit_test(test_named__other_figures_have_names_too),
        cmocka_unit_test(test_named__both_policies_are_asked),
        cmocka_unit_test(test_named__paired_runs_are_tested),
        cmocka_unit_test(test_named__what_moves_slowly_is_less_evidence),
        cmocka_unit_test(test_named__shards_weigh_by_their_time),
        cmocka_unit_test(test_named__what_both_sides_use_is_not_compared),
        cmocka_unit_test(test_named__seconds_are_compared_where_both_have_one),
        cmocka_unit_test(test_named__stored_runs_have_a_median_and_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
