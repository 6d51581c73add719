#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "render/scale.h"

static const struct scale log_axis = {.low = 1, .high = 1000, .from = 0, .to = 300, .log = true};

static void expect_near(double figure, double expected)
{
    assert_true(fabs(figure - expected) <= 1e-9 * fmax(1, fabs(expected)));
}

static void expect_ticks(const struct ticks *ticks, size_t n, const double *expected)
{
    assert_int_equal(ticks->n, n);
    for (size_t i = 0; i < n; i++)
        expect_near(ticks->at[i], expected[i]);
}

static void test_scale__places_figures_and_keeps_them_within(void **state)
{
    (void)state;
    struct scale up = {.low = 0, .high = 10, .from = 100, .to = 0};
    expect_near(scale_place(&up, 2.5), 75);
    expect_near(scale_place(&up, 20), 0);
    expect_near(scale_place(&up, -1), 100);
    expect_near(scale_place(&log_axis, 10), 100);
    expect_near(scale_place(&log_axis, 0), 0);
    expect_near(scale_place(&log_axis, 1e9), 300);
}

static void test_scale__an_empty_range_is_widened(void **state)
{
    (void)state;
    struct scale scale = {.low = 5, .high = 5};
    scale_fix(&scale);
    assert_true(scale.high > scale.low && scale.low <= 5);
    scale = (struct scale){.low = 5, .high = 5, .log = true};
    scale_fix(&scale);
    assert_true(scale.low > 0 && scale.low < 5 && scale.high > 5);
    scale = (struct scale){.low = 0, .high = 8, .log = true};
    scale_fix(&scale);
    assert_true(scale.low > 0 && scale.high > scale.low);
    scale = (struct scale){.log = true};
    scale_fix(&scale);
    assert_true(scale.low > 0 && scale.high > scale.low);
}

static void test_scale__ticks_are_round_and_apart(void **state)
{
    (void)state;
    struct scale scale = {.low = 0, .high = 19.8, .from = 0, .to = 300};
    struct ticks ticks = scale_ticks(&scale, 48);
    expect_ticks(&ticks, 4, (const double[]){0, 5, 10, 15});
    assert_false(signbit(ticks.at[0]));
    scale = (struct scale){.low = 0, .high = 1.05, .from = 144, .to = 0};
    ticks = scale_ticks(&scale, 22);
    expect_ticks(&ticks, 6, (const double[]){0, 0.2, 0.4, 0.6, 0.8, 1});
    ticks = scale_ticks(&log_axis, 48);
    expect_ticks(&ticks, 4, (const double[]){1, 10, 100, 1000});
    ticks = scale_ticks(&log_axis, 25);
    expect_ticks(&ticks, 10, (const double[]){1, 2, 5, 10, 20, 50, 100, 200, 500, 1000});
}

static void expect_usable(const struct scale *scale)
{
    struct ticks ticks = scale_ticks(scale, 48);
    assert_true(scale->low < scale->high);
    for (size_t i = 0; i < ticks.n; i++)
        assert_true(isfinite(ticks.at[i]) && isfinite(scale_place(scale, ticks.at[i])));
    assert_true(isfinite(scale_place(scale, DBL_MAX)) && isfinite(scale_place(scale, -DBL_MAX)));
}

static void test_scale__figures_at_the_ends_of_a_double(void **state)
{
    (void)state;
    static const double ends[][2] = {{0, DBL_MAX},       {-DBL_MAX, DBL_MAX},     {0, HUGE_VAL},
                                     {DBL_MAX, DBL_MAX}, {1e300, 1e300},          {1e17, 1e17},
                                     {1e-300, 1e300},    {DBL_TRUE_MIN, DBL_MAX}, {0, DBL_TRUE_MIN},
                                     {1e307, HUGE_VAL}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        for (int log = 0; log < 2; log++) {
            struct scale scale = {
                .low = ends[i][0], .high = ends[i][1], .from = 0, .to = 300, .log = log};
            scale_fix(&scale);
            expect_usable(&scale);
        }
    }
}

static void test_scale__wide_and_narrow_logarithmic_axes(void **state)
{
    (void)state;
    struct scale scale = {.low = 1e-4, .high = 1e8, .from = 0, .to = 300, .log = true};
    struct ticks ticks = scale_ticks(&scale, 48);
    assert_true(ticks.n >= 3);
    for (size_t i = 1; i < ticks.n; i++)
        assert_true(scale_place(&scale, ticks.at[i]) - scale_place(&scale, ticks.at[i - 1]) >=
                    48 - 1e-6);
    scale = (struct scale){.low = 11, .high = 39, .from = 0, .to = 300, .log = true};
    ticks = scale_ticks(&scale, 48);
    assert_true(ticks.n >= 2);
    for (size_t i = 1; i < ticks.n; i++)
        assert_true(scale_place(&scale, ticks.at[i]) - scale_place(&scale, ticks.at[i - 1]) >=
                    48 - 1e-6);
}

static void test_scale__ratios_have_no_change_among_them(void **state)
{
    (void)state;
    struct scale scale = {.low = 0.5, .high = 4, .from = 0, .to = 300, .log = true};
    struct ticks ticks = scale_ratio_ticks(&scale, 50);
    expect_ticks(&ticks, 4, (const double[]){0.5, 1, 1.5, 3});
    scale = (struct scale){.low = 2, .high = 4, .from = 0, .to = 300, .log = true};
    ticks = scale_ratio_ticks(&scale, 50);
    expect_ticks(&ticks, 2, (const double[]){2, 3});
}

static void test_scale__ratios_are_written_in_percent(void **state)
{
    (void)state;
    static const struct {
        double ratio;
        const char *text;
    } cases[] = {{1, "0"}, {1.1, "+10 %"}, {0.98, "-2 %"}, {11, "+1000 %"}, {1.025, "+2.5 %"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = {0};
        scale_add_ratio(&out, cases[i].ratio);
        assert_string_equal(buf_text(&out), cases[i].text);
        buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scale__places_figures_and_keeps_them_within),
        cmocka_unit_test(test_scale__an_empty_range_is_widened),
        cmocka_unit_test(test_scale__ticks_are_round_and_apart),
        cmocka_unit_test(test_scale__figures_at_the_ends_of_a_double),
        cmocka_unit_test(test_scale__wide_and_narrow_logarithmic_axes),
        cmocka_unit_test(test_scale__ratios_have_no_change_among_them),
        cmocka_unit_test(test_scale__ratios_are_written_in_percent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
