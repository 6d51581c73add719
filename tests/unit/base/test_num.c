#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/rng.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void test_num__parses_whole_numbers(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    " 1",  "1 ",  "+1",  "-",    "1.0",
                                      "1e3", "0x1", "ten", "101", "-101", "99999999999999999999"};
    struct err err = {0};
    int64_t value = 0;
    assert_int_equal(num_parse_int("-100", "n", -100, 100, &value, &err), 0);
    assert_int_equal(value, -100);
    for (size_t i = 0; i < COUNT(bad); i++) {
        err = (struct err){0};
        assert_int_equal(num_parse_int(bad[i], "n", -100, 100, &value, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        assert_non_null(strstr(err.text, "n: expected a whole number"));
        assert_int_equal(value, -100);
    }
}

static void test_num__parses_decimals(void **state)
{
    (void)state;
    static const char *const bad[] = {"",   "inf", "nan", "0x10", "1,5", " 1",    "1 ",
                                      "+1", ".",   "-.",  "1e",   "e1",  "1e999", "10.5"};
    struct err err = {0};
    double value = 0;
    assert_int_equal(num_parse_double("-.25e1", "n", -10, 10, &value, &err), 0);
    assert_true(value == -2.5);
    for (size_t i = 0; i < COUNT(bad); i++) {
        err = (struct err){0};
        assert_int_equal(num_parse_double(bad[i], "n", -10, 10, &value, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        assert_non_null(strstr(err.text, bad[i]));
    }
}

static void test_num__parses_durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
    } good[] = {
        {"90", 90 * NS_PER_S},
        {"90s", 90 * NS_PER_S},
        {"1.5s", 1500 * NS_PER_MS},
        {"250ms", 250 * NS_PER_MS},
        {"5m", 300 * NS_PER_S},
        {"1h30m", 5400 * NS_PER_S},
        {"1m1s1ms", 61001 * NS_PER_MS},
        {"7us", 7 * NS_PER_US},
        {"3ns", 3},
        {"0", 0},
        {".5", NS_PER_S / 2},
        {"8760h", 31536000 * NS_PER_S},
    };
    static const char *const bad[] = {
        "",  "s",   "-1s",  "1 s",   "1s5",  "1d",  "1.2.3s",
        ".", "5m ", "1ms2", "8761h", "1e3s", "nan", "111111111111111111111111111111111s"};
    struct err err = {0};
    int64_t ns = -1;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_int_equal(num_parse_duration(good[i].text, "d", &ns, &err), 0);
        assert_int_equal(ns, good[i].ns);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        err = (struct err){0};
        assert_int_equal(num_parse_duration(bad[i], "d", &ns, &err), -1);
        assert_non_null(strstr(err.text, "d: expected a duration"));
    }
}

static void assert_text(struct buf *out, const char *expected)
{
    assert_string_equal(buf_text(out), expected);
    buf_release(out);
}

static void test_num__writes_the_shortest_decimal(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},           {-0.0, "0"},
                 {0.1, "0.1"},       {1.0 / 3, "0.3333333333333333"},
                 {1e15, "1e+15"},    {-12, "-12"},
                 {INFINITY, "null"}, {NAN, "null"},
                 {1e-9, "1e-09"},    {0.1 + 0.2, "0.30000000000000004"}};
    struct buf out = {0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        num_add_double(&out, cases[i].value);
        assert_text(&out, cases[i].text);
    }
}

static void test_num__reads_back_what_it_wrote(void **state)
{
    (void)state;
    struct rng rng;
    struct buf out = {0};
    rng_init(&rng, 3, 0);
    for (int i = 0; i < 10000; i++) {
        uint64_t bits = rng_u64(&rng);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        buf_reset(&out);
        num_add_double(&out, value);
        assert_true(strtod(buf_text(&out), NULL) == value);
    }
    buf_release(&out);
}

static void test_num__writes_milliseconds_exactly(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {{0, "0"},
                 {12 * NS_PER_MS, "12"},
                 {NS_PER_MS / 4, "0.25"},
                 {NS_PER_MS + 1, "1.000001"},
                 {-NS_PER_MS / 2, "-0.5"},
                 {INT64_MIN, "-9223372036854.775808"}};
    struct buf out = {0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        num_add_ms(&out, cases[i].ns);
        assert_text(&out, cases[i].text);
    }
}

static void test_num__writes_durations_for_people(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {{0, "0ns"},
                 {999, "999ns"},
                 {3200, "3.2us"},
                 {250 * NS_PER_MS, "250ms"},
                 {999600 * NS_PER_US, "1s"}, /* not 1e+03ms */
                 {90 * NS_PER_S, "90s"},
                 {91 * NS_PER_S, "1m31s"},
                 {5400 * NS_PER_S, "1h30m"},
                 {3600 * NS_PER_S, "1h"},
                 {5000 * NS_PER_S + NS_PER_S / 2, "1h23m21s"}}; /* not 5e+03s */
    struct buf out = {0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        num_add_duration(&out, cases[i].ns);
        assert_text(&out, cases[i].text);
    }
}

static void test_num__writes_latencies_for_people(void **state)
{
    (void)state;
    struct buf out = {0};
    num_add_latency(&out, 12.34, 0);
    assert_text(&out, "12.3 ms");
    num_add_latency(&out, 12.34, 1);
    assert_text(&out, "12.34 ms");
    num_add_latency(&out, 1234, 0);
    assert_text(&out, "1.23 s");
    num_add_latency(&out, 0.085, 0);
    assert_text(&out, "85.0 us");
    num_add_latency(&out, 0, 0);
    assert_text(&out, "0.00 ms");
    num_add_latency(&out, 1e308, 0);
    assert_text(&out, "1.00e+305 s");
    num_add_latency(&out, -1e308, 1);
    assert_text(&out, "-1.000e+305 s");
    num_add_latency(&out, 1e-300, 0);
    assert_text(&out, "0.00 us");
}

static void test_num__reads_and_writes_times(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "2026-11-23T16:11:00",
                                      "2026-11-23 16:11:00Z",
                                      "2026-13-23T16:11:00Z",
                                      "2026-11-23T16:11:00Zx",
                                      "1969-12-31T23:59:59Z",
                                      "2026-02-31T00:00:00Z",
                                      "4052-11-23T16:11:00Z"};
    struct buf out = {0};
    struct err err = {0};
    int64_t ns = 0;
    assert_int_equal(num_parse_utc("2026-11-23T16:11:00Z", "t", &ns, &err), 0);
    assert_int_equal(ns, INT64_C(1795450260) * NS_PER_S);
    num_add_utc(&out, ns);
    assert_text(&out, "2026-11-23T16:11:00Z");
    for (size_t i = 0; i < COUNT(bad); i++) {
        err = (struct err){0};
        assert_int_equal(num_parse_utc(bad[i], "t", &ns, &err), -1);
        assert_non_null(strstr(err.text, "t: expected a time in UTC"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_num__parses_whole_numbers),
        cmocka_unit_test(test_num__parses_decimals),
        cmocka_unit_test(test_num__parses_durations),
        cmocka_unit_test(test_num__writes_the_shortest_decimal),
        cmocka_unit_test(test_num__reads_back_what_it_wrote),
        cmocka_unit_test(test_num__writes_milliseconds_exactly),
        cmocka_unit_test(test_num__writes_durations_for_people),
        cmocka_unit_test(test_num__writes_latencies_for_people),
        cmocka_unit_test(test_num__reads_and_writes_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
