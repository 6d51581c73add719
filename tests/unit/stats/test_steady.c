/* STEADY_SHOW=1 prints the rates that steady.h states. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "stats/steady.h"

#define LONGEST 600

/* Standard normal: Box and Muller 1958. */
static double normal(struct rng *rng)
{
    return sqrt(-2 * log1p(-rng_unit(rng))) * cos(2 * M_PI * rng_unit(rng));
}

/* What a series is made of: noise that resembles its neighbour, and what it begins with. */
struct kind {
    const char *name;
    double correlation; /* of neighbours */
    double spikes;      /* share of intervals in which the machine stood still */
    double heavy;       /* the noise is exp(heavy * normal) */
    double offset;      /* of the first values, in standard deviations of the noise */
    size_t lasts;       /* values */
    double decay;       /* > 0: the offset falls by exp(-i / decay) instead */
};

static void make(const struct kind *kind, size_t n, struct rng *rng, double *values)
{
    double noise = normal(rng), rest = sqrt(1 - kind->correlation * kind->correlation);
    for (size_t i = 0; i < n; i++) {
        noise = kind->correlation * noise + rest * normal(rng);
        double offset = i < kind->lasts ? kind->offset : 0;
        if (kind->decay > 0)
            offset = kind->offset * exp(-(double)i / kind->decay);
        values[i] = kind->heavy > 0 ? exp(kind->heavy * (noise + offset)) : noise + offset;
        if (rng_unit(rng) < kind->spikes)
            values[i] += 100;
    }
}

/* The share of series that have not settled, in %. */
static double share(const struct kind *kind, size_t n, int runs)
{
    double values[LONGEST];
    struct steady_answer answer;
    struct rng rng;
    int found = 0;
    rng_init(&rng, 1, n);
    for (int i = 0; i < runs; i++) {
        make(kind, n, &rng, values);
        assert_true(steady_test(values, n, &answer));
        found += answer.p <= STEADY_LEVEL;
    }
    double percent = 100.0 * found / runs;
    if (getenv("STEADY_SHOW"))
        printf("%-28s n = %3zu: %5.1f %%\n", kind->name, n, percent);
    return percent;
}

static const size_t lengths[] = {30, 45, 60, 120, 300, 600};
#define N_LENGTHS (sizeof lengths / sizeof lengths[0])

static void test_steady__cries_wolf_as_often_as_it_says(void **state)
{
    (void)state;
    static const struct {
        struct kind kind;
        double most; /* percent */
    } rows[] = {
        {{.name = "independent"}, 1.5},
        {{.name = "heavy-tailed", .heavy = 2}, 1.5},
        {{.name = "with stalls", .spikes = 0.05}, 1.5},
        {{.name = "correlated by 0.2", .correlation = 0.2}, 2.5},
        {{.name = "correlated by 0.4", .correlation = 0.4}, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t k = 0; k < N_LENGTHS; k++) {
            double percent = share(&rows[i].kind, lengths[k], 3000);
            if (percent > rows[i].most)
                fail_msg("%s, %zu values: %.1f %%", rows[i].kind.name, lengths[k], percent);
        }
}

static void test_steady__sees_what_has_not_settled(void **state)
{
    (void)state;
    static const struct {
        struct kind kind;
        double least; /* percent, from 60 values on */
    } rows[] = {
        {{.name = "first fifth, 3 deviations", .offset = 3, .lasts = 12}, 95},
        {{.name = "falling for long", .offset = 6, .decay = 10}, 95},
        {{.name = "rising", .offset = -6, .decay = 10}, 95},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t k = 0; k < 3; k++) {
            double percent = share(&rows[i].kind, lengths[k], 1000);
            if (lengths[k] == 60 && percent < rows[i].least)
                fail_msg("%s: %.1f %%", rows[i].kind.name, percent);
        }
}

/* MSER names where the level changes. */
static void test_steady__says_from_when_on(void **state)
{
    (void)state;
    static const struct kind kind = {.offset = 6, .lasts = 17};
    double values[100];
    struct steady_answer answer;
    struct rng rng;
    rng_init(&rng, 2, 2);
    for (int i = 0; i < 100; i++) {
        make(&kind, 100, &rng, values);
        assert_true(steady_test(values, 100, &answer));
        assert_true(answer.p <= STEADY_LEVEL);
        assert_true(answer.falls);
        assert_in_range(answer.settled, 15, 25);
    }
}

static void test_steady__says_nothing_of_short_series(void **state)
{
    (void)state;
    double values[40];
    struct steady_answer answer;
    for (size_t i = 0; i < 40; i++)
        values[i] = i < 8 ? 100 + (double)i : (double)(i * 7 % 40);
    assert_false(steady_test(values, STEADY_FEWEST - 1, &answer));
    assert_true(isnan(answer.p));
    assert_false(steady_test(values, 0, &answer));
    assert_true(steady_test(values, 40, &answer));
    assert_true(answer.p <= STEADY_LEVEL);
    for (size_t i = 0; i < 40; i += 3)
        values[i] = i % 2 ? (double)NAN : (double)INFINITY;
    assert_false(steady_test(values, 40, &answer)); /* 26 are left */
}

static void test_steady__a_level_series_has_settled(void **state)
{
    (void)state;
    double values[60];
    struct steady_answer answer;
    for (size_t i = 0; i < 60; i++)
        values[i] = 5;
    assert_true(steady_test(values, 60, &answer));
    assert_true(answer.p >= 1);
    for (size_t i = 0; i < 12; i++)
        values[i] = 9;
    assert_true(steady_test(values, 60, &answer));
    assert_true(answer.p <= 0 && answer.falls);
    assert_int_equal(answer.settled, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steady__cries_wolf_as_often_as_it_says),
        cmocka_unit_test(test_steady__sees_what_has_not_settled),
        cmocka_unit_test(test_steady__says_from_when_on),
        cmocka_unit_test(test_steady__says_nothing_of_short_series),
        cmocka_unit_test(test_steady__a_level_series_has_settled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
