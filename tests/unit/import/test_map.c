#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "import/map.h"
#include "imported.h"

#define SYNTAX                                                                                     \
    "; expected COLUMN=ROLE,... with duration, start (unit before: ms:duration), name, method, "   \
    "success, failed, status, bytes, users"

static int mapped(const char *text, const char *map, bool partial, struct report *report,
                  struct err *err)
{
    struct stream stream;
    stream_open_memory(&stream, (struct span){text, strlen(text)}, "f");
    struct import_file file = {.stream = &stream, .partial = partial};
    int status = import_map_read(&file, map, report, err);
    stream_close(&stream);
    return status;
}

static struct report mapped_well(const char *text, const char *map)
{
    struct report report;
    struct err err = {0};
    int status = mapped(text, map, false, &report, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    return report;
}

static void mapped_not(const char *text, const char *map, const char *message)
{
    struct report report;
    struct err err = {0};
    assert_int_equal(mapped(text, map, false, &report, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
}

static void checked_not(const char *map, const char *message)
{
    struct err err = {0};
    assert_int_equal(import_map_check(map, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_string_equal(err.text, message);
}

static void test_map__says_what_is_wrong_with_a_mapping(void **state)
{
    (void)state;
    checked_not("", "option '--map': no column in ''" SYNTAX);
    checked_not("took", "option '--map': no column in 'took'" SYNTAX);
    checked_not("=ms:duration", "option '--map': no column in '=ms:duration'" SYNTAX);
    checked_not("took=ms:duration,", "option '--map': no column in ''" SYNTAX);
    checked_not("took=length", "option '--map': an unknown role in 'took=length'" SYNTAX);
    checked_not("took=duration", "option '--map': no unit in 'took=duration'" SYNTAX);
    checked_not("took=min:duration", "option '--map': a unit that is none of ns, us, ms and s, or "
                                     "has no place in 'took=min:duration'" SYNTAX);
    checked_not("page=ms:name",
                "option '--map': a unit that is none of ns, us, ms and s, or has no "
                "place in 'page=ms:name'" SYNTAX);
    checked_not("a=ms:duration,b=s:duration",
                "option '--map': a role that another column has in 'b=s:duration'" SYNTAX);
    checked_not("ok=success", "option '--map': no duration in 'ok=success'" SYNTAX);
    checked_not("took=ms:duration,page=name",
                "option '--map': nothing that tells failures (success, failed or status) in "
                "'took=ms:duration,page=name'" SYNTAX);
    struct err err = {0};
    assert_int_equal(import_map_check("a=b=ms:duration,ok=failed", &err), 0); /* column "a=b" */
}

static void test_map__takes_each_role(void **state)
{
    (void)state;
    struct report report = mapped_well(
        "at,took,page,verb,ok,size,n\n"
        "1700000000.250,0.010,/a,GET,yes,100,3\n"
        "1700000001.000,0.030,/a,GET,no,300,5\n"
        "1700000002.240,0.010,/a,POST,ok,,\n",
        "at=s:start,took=s:duration,page=name,verb=method,ok=success,size=bytes,n=users");
    assert_int_equal(report.metrics.total_requests, 3);
    assert_int_equal(report.metrics.total_failures, 1);
    /* A double of seconds since 1970 knows them to 240 ns. */
    assert_true(llabs(report.duration_ns - INT64_C(2000000000)) < 1000);
    assert_int_equal(report.users, 5);
    assert_int_equal(report.resolution_ns, 1000000);
    assert_true(imported_endpoint(&report, "GET", "/a")->content_bytes == 200);
    assert_true(isnan(imported_endpoint(&report, "POST", "/a")->content_bytes));
    imported_reads_back(&report);
    report_release(&report);
}

static void test_map__tells_failures_by_any_column_that_does(void **state)
{
    (void)state;
    struct report report = mapped_well("t;bad;code\n1;0;200\n1;1;200\n1;FALSE;503\n1;no;0\n1;no;\n",
                                       "t=us:duration,bad=failed,code=status");
    assert_int_equal(report.metrics.total_failures, 4);
    assert_int_equal(report.resolution_ns, 1000);
    report_release(&report);
}

static void test_map__knows_a_resolution_by_the_digits(void **state)
{
    (void)state;
    static const struct {
        const char *text, *unit;
        int64_t ns;
    } cases[] = {{"1.5", "ms", 100000},  {"1.55", "s", 10000000}, {"1.5", "us", 0},
                 {"1", "s", 1000000000}, {"1.5e-3", "s", 0},      {"7", "ns", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64], map[64];
        snprintf(text, sizeof text, "t,ok\n%s,1\n1,1\n", cases[i].text);
        snprintf(map, sizeof map, "t=%s:duration,ok=success", cases[i].unit);
        struct report report = mapped_well(text, map);
        assert_int_equal(report.resolution_ns, cases[i].ns);
        report_release(&report);
    }
}

static void test_map__makes_no_rate_of_whole_seconds(void **state)
{
    (void)state;
    static const char *const starts[][2] = {{"2026-11-26T10:00:00Z", "2026-11-26T10:00:09+00:00"},
                                            {"1700000000", "1700000009"}};
    for (size_t i = 0; i < 2; i++) {
        char text[200];
        snprintf(text, sizeof text, "at,t,ok\n%s,5,1\n%s,5,1\n", starts[i][0], starts[i][1]);
        struct report report = mapped_well(text, i ? "at=s:start,t=ms:duration,ok=success"
                                                   : "at=start,t=ms:duration,ok=success");
        assert_int_equal(report.duration_ns, 0);
        assert_true(isnan(report.metrics.requests_per_s));
        assert_int_equal(report.health.n_notes, 1);
        report_release(&report);
    }
    struct report report = mapped_well("at,t,ok\n1700000000000,5,1\n1700000009000,5,1\n",
                                       "at=ms:start,t=ms:duration,ok=success");
    assert_int_equal(report.duration_ns, INT64_C(9005000000));
    report_release(&report);
}

static void test_map__names_the_line_of_a_fault(void **state)
{
    (void)state;
    static const char map[] = "at=start,t=ms:duration,ok=success";
    mapped_not("t,ok\n", map, "'f' line 1: expected a column 'at', which --map names");
    mapped_not("at,t,ok\n2026-11-26 10:00:00,-1,1\n", map,
               "'f' line 2: t: expected a number that is not negative, found '-1'");
    mapped_not("at,t,ok\n2026-11-26 10:00:00,nan,1\n", map,
               "'f' line 2: t: expected a number that is not negative, found 'nan'");
    mapped_not("at,t,ok\n1700000000,1,1\n", map,
               "'f' line 2: at: expected a date as 2026-11-26T10:15:27Z, found '1700000000'; for a "
               "number put its unit into --map, as ms:start");
    mapped_not("at,t,ok\n2026-11-26 10:00:00,1,maybe\n", map,
               "'f' line 2: ok: expected true or false, found 'maybe'");
    mapped_not("at,t,ok\n2026-11-26 10:00:00,1\n", map,
               "'f' line 2: expected 3 fields, one for each column, found 2; the file may be cut "
               "off or of several formats: write it again");
    mapped_not("n,t,ok\n-3,1,1\n", "n=users,t=ms:duration,ok=success",
               "'f' line 2: n: expected a whole number, found '-3'");
}

/* "OK" of a column of failures, and one of two columns, would be guesses. */
static void test_map__guesses_nothing(void **state)
{
    (void)state;
    mapped_not("t,r\n5,OK\n", "t=ms:duration,r=failed",
               "'f' line 2: r: expected true or false, found 'OK'");
    mapped_not("t,r\n5,ko\n", "t=ms:duration,r=failed",
               "'f' line 2: r: expected true or false, found 'ko'");
    mapped_not("Took,ok,took\n5,1,6\n", "took=ms:duration,ok=success",
               "'f' line 1: expected one column 'took', found two, whatever the case; rename one");
    struct report report = mapped_well("t,x,x,ok\n5,1,2,1\n", "t=ms:duration,ok=success");
    report_release(&report);
}

static void test_map__refuses_starts_of_another_unit(void **state)
{
    (void)state;
    mapped_not("at,t,ok\n1700000000.5,5,1\n", "at=ms:start,t=ms:duration,ok=success",
               "'f' line 2: at: expected a time since 1970, found '1700000000.5', which would be "
               "one before 1973; check the unit, or leave the column out of --map");
    struct report report =
        mapped_well("at,t,ok\n100000000,5,1\n0,5,1\n", "at=s:start,t=ms:duration,ok=success");
    assert_int_equal(report.started_ns, 0); /* not known of all */
    report_release(&report);
}

static void test_map__is_partial_only_where_asked(void **state)
{
    (void)state;
    struct report report;
    struct err err = {0};
    assert_int_equal(mapped("t,ok\n5,1\nx,1\n7,1", "t=ms:duration,ok=success", true, &report, &err),
                     0);
    assert_int_equal(report.metrics.total_requests, 2);
    assert_int_equal(report.health.n_notes, 2);
    assert_string_equal(report.health.notes[0], "the last row has no line end: 'f' may be cut off");
    report_release(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map__says_what_is_wrong_with_a_mapping),
        cmocka_unit_test(test_map__takes_each_role),
        cmocka_unit_test(test_map__tells_failures_by_any_column_that_does),
        cmocka_unit_test(test_map__knows_a_resolution_by_the_digits),
        cmocka_unit_test(test_map__makes_no_rate_of_whole_seconds),
        cmocka_unit_test(test_map__names_the_line_of_a_fault),
        cmocka_unit_test(test_map__guesses_nothing),
        cmocka_unit_test(test_map__refuses_starts_of_another_unit),
        cmocka_unit_test(test_map__is_partial_only_where_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
