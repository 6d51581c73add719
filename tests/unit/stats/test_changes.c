/*
 * Change points: against published distances and counts, against the definition, and by simulation
 * with fixed seeds: how often a series without a change has one, and how often a change is found.
 * SIMULATION_RUNS multiplies the number of simulated series.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/rng.h"
#include "stats/changes.h"
#include "stats/spread.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof *(a))
#define MOST          1300
#define ROBUST        173 /* runs in robust_series.json */

/* ---- help ---- */

/* The numbers of a JSON array. */
static size_t load(const char *name, double *values)
{
    char path[100];
    struct buf text = {0};
    struct err err = {0};
    size_t n = 0;
    snprintf(path, sizeof path, "tests/data/change_points/%s.json", name);
    if (fs_read(path, (size_t)1 << 20, &text, &err) < 0)
        fail_msg("%s", err.text);
    const char *at = buf_text(&text);
    while (*(at += strcspn(at, "-0123456789")) && n < MOST) {
        char *end;
        values[n++] = strtod(at, &end);
        at = end;
    }
    buf_release(&text);
    return n;
}

struct found {
    size_t n;
    struct changes_point points[MOST / CHANGES_SEGMENT];
};

static void find(const double *values, size_t n, uint64_t seed, struct found *out)
{
    struct rng rng;
    rng_init(&rng, seed, 0);
    assert_int_equal(changes_find(values, n, &rng, out->points, &out->n), 0);
}

static bool has_near(const struct found *found, size_t at, size_t off)
{
    for (size_t i = 0; i < found->n; i++)
        if (found->points[i].at + off >= at && found->points[i].at <= at + off)
            return true;
    return false;
}

/* ---- the distance ---- */

static double sum_of_distances(const double *a, size_t n_a, const double *b, size_t n_b)
{
    double sum = 0;
    for (size_t i = 0; i < n_a; i++)
        for (size_t j = 0; j < n_b; j++)
            sum += fabs(a[i] - b[j]);
    return sum;
}

/* The definition, sum by sum. */
static double distance_of(const double *values, size_t at, size_t end)
{
    double a = (double)at, b = (double)(end - at);
    double across = sum_of_distances(values, at, values + at, end - at);
    double first = sum_of_distances(values, at, values, at); /* each pair twice */
    double second = sum_of_distances(values + at, end - at, values + at, end - at);
    return a * b / (a + b) *
           (2 * across / (a * b) - first / (a * (a - 1)) - second / (b * (b - 1)));
}

static void test_changes__distances_are_the_published_ones(void **state)
{
    (void)state;
    /* expected_result_robust_series_proper_division.json */
    static const struct {
        size_t at;
        double distance;
    } published[] = {{5, 6423.901381069059},   {25, 35813.93463498333},  {64, 2048.5856411687564},
                     {69, 3416.5461730066304}, {113, 71348.36289848674}, {114, 75366.50336006185},
                     {115, 75126.04486592395}, {140, 34646.19241789991}, {168, 5364.843716925187}};
    double values[MOST];
    assert_int_equal(load("robust_series", values), ROBUST);
    for (size_t i = 0; i < ARRAY_SIZE(published); i++)
        assert_true(fabs(distance_of(values, published[i].at, ROBUST) - published[i].distance) <
                    1e-6);
    struct changes_split split = changes_best_split(values, ROBUST);
    assert_int_equal(split.at, 114);
    assert_int_equal(split.end, ROBUST);
    assert_true(fabs(split.distance - 75366.50336006185) < 1e-6);
}

/* Of all splits, by the definition. */
static double best_of(const double *values, size_t n)
{
    double best = 0;
    for (size_t at = CHANGES_SEGMENT; at + CHANGES_SEGMENT <= n; at++)
        for (size_t end = at + CHANGES_SEGMENT; end <= n; end++)
            best = fmax(best, distance_of(values, at, end) * (end < n ? 0.8 : 1));
    return best;
}

/* Ties, and a bump now and then. */
static size_t bumps(struct rng *rng, bool with_bump, double values[32])
{
    size_t n = 2 + (size_t)rng_below(rng, 31);
    for (size_t i = 0; i < n; i++)
        values[i] = (double)rng_below(rng, 20) + (with_bump && i > 9 && i < 20 ? 15 : 0);
    return n;
}

static void test_changes__best_split_is_the_definitions(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1, 0);
    for (size_t round = 0; round < 60; round++) {
        double values[32] = {0};
        size_t n = bumps(&rng, round % 2, values);
        double best = best_of(values, n), found = 0;
        struct changes_split split = changes_best_split(values, n);
        assert_true(fabs(split.distance - best) < 1e-9);
        if (split.at)
            found = distance_of(values, split.at, split.end) * (split.end < n ? 0.8 : 1);
        assert_true(fabs(found - best) < 1e-9);
    }
}

/* ---- public series ---- */

static void test_changes__of_a_benchmark(void **state)
{
    (void)state;
    static const size_t expected[] = {25, 64, 69, 114};
    double values[MOST];
    struct found found;
    load("robust_series", values);
    for (uint64_t seed = 0; seed < 3; seed++) {
        find(values, ROBUST, seed, &found);
        assert_int_equal(found.n, 4);
        for (size_t i = 0; i < 4; i++)
            assert_true(has_near(&found, expected[i], 1));
    }
    assert_int_equal(found.points[0].at, 25);
    assert_int_equal(found.points[3].at, 114);
    assert_true(found.points[0].p == 0.001);
    double after = spread_median(values + 25, found.points[1].at - 25);
    assert_true(found.points[0].before == spread_median(values, 25));
    assert_true(found.points[0].after == after && found.points[1].before == after);
    assert_true(found.points[3].after == spread_median(values + 114, ROBUST - 114));
}

static void test_changes__as_many_as_upstream_expects(void **state)
{
    (void)state;
    static const struct {
        size_t copies, changes;
    } profiles[] = {{2, 9}, {3, 14}, {7, 34}};
    double values[MOST];
    struct found found;
    load("robust_series", values);
    for (size_t i = ROBUST; i < 7 * ROBUST; i++)
        values[i] = values[i - ROBUST];
    for (size_t i = 0; i < ARRAY_SIZE(profiles); i++) {
        find(values, profiles[i].copies * ROBUST, 1, &found);
        assert_int_equal(found.n, profiles[i].changes);
        for (size_t copy = 1; copy < profiles[i].copies; copy++)
            assert_true(has_near(&found, copy * ROBUST, 0));
    }
}

static void test_changes__of_a_long_series(void **state)
{
    (void)state;
    double values[MOST];
    struct found found;
    assert_int_equal(load("long_series", values), 1000);
    find(values, 1000, 1, &found);
    assert_int_equal(found.n, 4);
    assert_int_equal(found.points[0].at, 205);
    assert_int_equal(found.points[1].at, 395);
    assert_int_equal(found.points[2].at, 594);
    assert_int_equal(found.points[3].at, 794);
}

static void test_changes__spikes_of_a_benchmark_are_none(void **state)
{
    (void)state;
    double values[MOST];
    struct found found;
    assert_int_equal(load("real_series", values), 132);
    find(values, 132, 1, &found);
    assert_int_equal(found.n, 0);
}

/* ---- edges ---- */

static void test_changes__refuses_what_is_not_finite(void **state)
{
    (void)state;
    static const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 1e301};
    double values[40];
    struct rng rng;
    struct found found = {.n = 7};
    rng_init(&rng, 1, 0);
    for (size_t k = 0; k < ARRAY_SIZE(bad); k++) {
        for (size_t i = 0; i < 40; i++)
            values[i] = i == 39 ? bad[k] : i < 20 ? 0 : 1;
        assert_int_equal(changes_find(values, 40, &rng, found.points, &found.n), -1);
        assert_int_equal(found.n, 0);
    }
    for (size_t i = 0; i < 40; i++)
        values[i] = i < 20 ? 1e300 : -1e300;
    find(values, 40, 1, &found);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.points[0].at, 20);
}

static void test_changes__too_few_runs_have_none(void **state)
{
    (void)state;
    static const double values[] = {1, 1.1, 1.2, 1.1, 50, 51, 52, 50, 51};
    struct found found;
    for (size_t n = 0; n <= ARRAY_SIZE(values); n++) {
        find(values, n, 1, &found);
        assert_int_equal(found.n, 0);
    }
    find((const double[]){1, 1.1, 1.2, 1.1, 1.15, 50, 51, 52, 50, 51}, CHANGES_FEWEST, 1, &found);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.points[0].at, 5);
    assert_true(fabs(found.points[0].before - 1.1) < 1e-12);
    assert_true(fabs(found.points[0].after - 51) < 1e-12);
}

static void test_changes__constant_and_tied_series(void **state)
{
    (void)state;
    double values[60];
    struct found found;
    for (size_t i = 0; i < 60; i++)
        values[i] = 0.1;
    find(values, 60, 1, &found);
    assert_int_equal(found.n, 0);
    for (size_t i = 0; i < 60; i++) /* whole milliseconds, one of which is worth 50 % */
        values[i] = 2 + (i % 3 == 0);
    find(values, 60, 1, &found);
    assert_int_equal(found.n, 0);
    for (size_t i = 0; i < 60; i++)
        values[i] = i < 37;
    find(values, 60, 1, &found);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.points[0].at, 37);
    assert_true(found.points[0].before == 1 && found.points[0].after == 0);
}

/* An error rate is mostly 0. */
static void test_changes__of_a_rate_that_is_mostly_zero(void **state)
{
    (void)state;
    double values[60] = {0};
    struct found found;
    values[7] = 1; /* a run that failed as a whole */
    find(values, 60, 1, &found);
    assert_int_equal(found.n, 0);
    for (size_t i = 50; i < 60; i++)
        values[i] = 0.02;
    find(values, 60, 1, &found);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.points[0].at, 50);
}

static void test_changes__equal_seeds_give_equal_changes(void **state)
{
    (void)state;
    double values[MOST];
    struct found one, two;
    load("robust_series", values);
    find(values, ROBUST, 3, &one);
    find(values, ROBUST, 3, &two);
    assert_int_equal(one.n, two.n);
    assert_memory_equal(one.points, two.points, one.n * sizeof *one.points);
}

/* ---- simulation ---- */

enum shape { NORMAL, STUDENT_3, LOG_NORMAL, SPIKES, TICKS, CORRELATED_1, CORRELATED_3 };

static size_t times(size_t runs)
{
    const char *more = getenv("SIMULATION_RUNS");
    return runs * (more ? strtoul(more, NULL, 10) : 1);
}

static double normal(struct rng *rng)
{
    double radius = sqrt(-2 * log(1 - rng_unit(rng)));
    return radius * cos(2 * M_PI * rng_unit(rng));
}

static double student_3(struct rng *rng)
{
    double top = normal(rng), squares = 0;
    for (size_t i = 0; i < 3; i++) {
        double value = normal(rng);
        squares += value * value;
    }
    return top / sqrt(squares / 3);
}

static double noise(enum shape shape, double before, struct rng *rng)
{
    switch (shape) {
    case STUDENT_3:
        return student_3(rng);
    case LOG_NORMAL:
        return exp(0.7 * normal(rng));
    case SPIKES:
        return normal(rng) + (rng_unit(rng) < 0.05 ? 15 : 0);
    case TICKS:
        return floor(0.7 * normal(rng) + 0.5);
    case CORRELATED_1:
        return 0.1 * before + sqrt(1 - 0.01) * normal(rng);
    case CORRELATED_3:
        return 0.3 * before + sqrt(1 - 0.09) * normal(rng);
    default:
        return normal(rng);
    }
}

struct level {
    size_t until;
    double value;
};

/* A series in steps, ended by a level that holds until its last run. */
static void make(enum shape shape, const struct level *levels, size_t n, struct rng *rng,
                 double *values)
{
    double last = noise(shape, 0, rng);
    for (size_t i = 0; i < n; i++) {
        while (i >= levels->until)
            levels++;
        last = noise(shape, last, rng);
        values[i] = levels->value + last;
    }
}

/* How many of `runs` series of n have a change where there is none. */
static size_t count_alarms(enum shape shape, size_t n, size_t runs)
{
    const struct level level = {n, 100};
    double values[MOST];
    struct found found;
    struct rng rng;
    size_t alarms = 0;
    rng_init(&rng, 11, shape);
    for (size_t i = 0; i < runs; i++) {
        make(shape, &level, n, &rng, values);
        find(values, n, i, &found);
        alarms += found.n > 0;
    }
    return alarms;
}

/* Binomial bounds that a rate of what the header says breaks once in a hundred thousand times. */
static void test_changes__false_alarms_are_one_in_a_hundred(void **state)
{
    (void)state;
    static const enum shape shapes[] = {NORMAL, STUDENT_3, LOG_NORMAL, SPIKES, TICKS};
    size_t n = ARRAY_SIZE(shapes), runs = times(120), alarms = 0;
    for (size_t i = 0; i < n; i++)
        alarms += count_alarms(shapes[i], 20, runs) + count_alarms(shapes[i], 60, runs);
    double expected = 0.01 * (double)(runs * 2 * n);
    print_message("# no change: %zu alarms, %g at most expected\n", alarms, expected);
    assert_true((double)alarms <= expected + 4.3 * sqrt(expected));
    assert_true((double)alarms >= expected / 3); /* it does test at that level */
}

static void test_changes__a_little_autocorrelation_raises_few_alarms(void **state)
{
    (void)state;
    size_t runs = times(300);
    double little = (double)count_alarms(CORRELATED_1, 60, runs);
    double more = (double)count_alarms(CORRELATED_3, 100, runs);
    print_message("# autocorrelated, of %zu: %g, %g alarms\n", runs, little, more);
    double expected_little = 0.03 * (double)runs, expected_more = 0.07 * (double)runs;
    assert_true(little <= expected_little + 4.3 * sqrt(expected_little));
    assert_true(more <= expected_more + 4.3 * sqrt(expected_more));
}

struct scene {
    const char *name;
    enum shape shape;
    size_t n, n_changes;
    struct level levels[5];
    double least_found; /* share of changes found to within two runs */
    double most_extra;  /* changes found besides, per series; those found three runs off count */
};

static const struct scene scenes[] = {
    {"a step of 1.5 among 40", NORMAL, 40, 1, {{20, 10}, {40, 11.5}}, 0.45, 0.35},
    {"a step of 2 among 40", NORMAL, 40, 1, {{20, 10}, {40, 12}}, 0.8, 0.25},
    {"a step of 4 among 40", NORMAL, 40, 1, {{20, 10}, {40, 14}}, 0.98, 0.1},
    {"a step of 3 at the eighth from the end", NORMAL, 40, 1, {{32, 10}, {40, 13}}, 0.93, 0.1},
    {"with heavy tails", STUDENT_3, 40, 1, {{20, 10}, {40, 13}}, 0.8, 0.3},
    {"with spikes", SPIKES, 40, 1, {{32, 10}, {40, 13}}, 0.78, 0.2},
    {"up and back within 10 of 90", NORMAL, 90, 2, {{40, 10}, {50, 13}, {90, 10}}, 0.95, 0.25},
    {"up in three steps", NORMAL, 80, 3, {{20, 0}, {40, 3}, {60, 6}, {80, 9}}, 0.93, 0.3},
    {"a large step and a small one", NORMAL, 80, 2, {{40, 0}, {60, 20}, {80, 23}}, 0.95, 0.2},
};

static void test_changes__steps_are_found(void **state)
{
    (void)state;
    double values[MOST];
    struct found found;
    size_t runs = times(40);
    for (size_t s = 0; s < ARRAY_SIZE(scenes); s++) {
        const struct scene *scene = &scenes[s];
        double all = (double)(runs * scene->n_changes), hits = 0, extra = 0;
        struct rng rng;
        rng_init(&rng, 12, s);
        for (size_t i = 0; i < runs; i++) {
            size_t n_near = 0;
            make(scene->shape, scene->levels, scene->n, &rng, values);
            find(values, scene->n, i, &found);
            for (size_t k = 0; k < scene->n_changes; k++)
                n_near += has_near(&found, scene->levels[k].until, 2);
            hits += (double)n_near;
            extra += (double)found.n - (double)n_near;
        }
        print_message("# %s: %.0f of %.0f found, %.0f besides\n", scene->name, hits, all, extra);
        assert_true(hits / all >= scene->least_found);
        assert_true(extra / (double)runs <= scene->most_extra);
    }
}

/* A spike of any size, or two beside each other, in runs that do not vary otherwise. */
static void test_changes__single_spikes_are_no_changes(void **state)
{
    (void)state;
    double values[40];
    struct found found;
    for (size_t at = 0; at < 39; at++) {
        struct rng rng;
        rng_init(&rng, at, 0);
        for (size_t i = 0; i < 40; i++)
            values[i] = 10 + 0.1 * (double)(i * 7 % 5);
        values[at] = 1000;
        find(values, 40, at, &found);
        assert_int_equal(found.n, 0);
        values[at + 1] = 500;
        find(values, 40, at, &found);
        assert_int_equal(found.n, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes__distances_are_the_published_ones),
        cmocka_unit_test(test_changes__best_split_is_the_definitions),
        cmocka_unit_test(test_changes__of_a_benchmark),
        cmocka_unit_test(test_changes__as_many_as_upstream_expects),
        cmocka_unit_test(test_changes__of_a_long_series),
        cmocka_unit_test(test_changes__spikes_of_a_benchmark_are_none),
        cmocka_unit_test(test_changes__refuses_what_is_not_finite),
        cmocka_unit_test(test_changes__too_few_runs_have_none),
        cmocka_unit_test(test_changes__constant_and_tied_series),
        cmocka_unit_test(test_changes__of_a_rate_that_is_mostly_zero),
        cmocka_unit_test(test_changes__equal_seeds_give_equal_changes),
        cmocka_unit_test(test_changes__false_alarms_are_one_in_a_hundred),
        cmocka_unit_test(test_changes__a_little_autocorrelation_raises_few_alarms),
        cmocka_unit_test(test_changes__steps_are_found),
        cmocka_unit_test(test_changes__single_spikes_are_no_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
