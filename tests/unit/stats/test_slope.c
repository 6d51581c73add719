/* Tukey's resistant line. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stats/slope.h"

static void test_slope__of_a_line_is_its_own(void **state)
{
    (void)state;
    double values[30];
    for (size_t i = 0; i < 30; i++)
        values[i] = 100 - 0.5 * (double)i;
    assert_float_equal(slope_resistant(values, 30), -0.5, 1e-12);
    values[4] = values[9] = (double)NAN;
    assert_float_equal(slope_resistant(values, 30), -0.5, 1e-12);
}

static void test_slope__is_not_turned_by_spikes(void **state)
{
    (void)state;
    double values[30];
    for (size_t i = 0; i < 30; i++)
        values[i] = 50;
    for (size_t i = 24; i < 28; i++)
        values[i] = 5000;
    assert_float_equal(slope_resistant(values, 30), 0, 1e-12);
}

static void test_slope__needs_nine_points(void **state)
{
    (void)state;
    const double values[] = {1, 2, 3, 4, 5, 6, 7, 8, (double)NAN, 9};
    assert_true(isnan(slope_resistant(values, 9)));
    assert_true(slope_resistant(values, 10) > 0);
    assert_true(isnan(slope_resistant(NULL, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slope__of_a_line_is_its_own),
        cmocka_unit_test(test_slope__is_not_turned_by_spikes),
        cmocka_unit_test(test_slope__needs_nine_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
