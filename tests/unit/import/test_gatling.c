/* The files are those of tests/import/gatling, which are written by hand; see its README.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fs.h"
#include "imported.h"

#define TEXT                 "Gatling simulation.log, text"
#define BINARY               "Gatling simulation.log, binary"
#define STATS                "Gatling stats.json"
#define RUN                  "RUN\tshop.Shop\tshop\t1700000000000\t \t3.12.0\n"
#define OK(name, start, end) "REQUEST\t\t" name "\t1700000000" start "\t1700000000" end "\tOK\t \n"
#define KO(name, message)    "REQUEST\t\t" name "\t1700000000000\t1700000000007\tKO\t" message "\n"

static struct report read_file(const char *name, const char *format)
{
    struct buf path = {0}, bytes = {0};
    struct report report;
    struct err err = {0};
    buf_addf(&path, "tests/import/gatling/%s", name);
    assert_int_equal(fs_read(buf_text(&path), 1 << 20, &bytes, &err), 0);
    int status = imported_bytes((struct span){bytes.data, bytes.len}, format, false, &report, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    buf_release(&path);
    buf_release(&bytes);
    return report;
}

static void expect_run(const struct report *report)
{
    assert_int_equal(report->metrics.total_requests, 6);
    assert_int_equal(report->metrics.total_failures, 2);
    assert_int_equal(report->resolution_ns, 1000000);
    assert_true(report->metrics.average_ms == 275);
    assert_int_equal(report->n_endpoints, 3);
    assert_int_equal(imported_endpoint(report, "", "Home")->metrics.total_requests, 3);
    assert_int_equal(imported_endpoint(report, "", "Shop / Caf\xc3\xa9")->metrics.total_requests,
                     2);
    assert_true(imported_endpoint(report, "", "Shop / Pay / Card \xe2\x9c\x93")->metrics.max_ms ==
                1000);
    assert_int_equal(report->health.n_notes, 1);
    imported_reads_back(report);
}

static void test_gatling__reads_a_log_of_each_version(void **state)
{
    (void)state;
    static const char *const files[][2] = {{"simulation-2.3.log", TEXT},
                                           {"simulation-3.3.log", TEXT},
                                           {"simulation-3.12.log", TEXT},
                                           {"simulation-3.15.log", BINARY}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct report report = read_file(files[i][0], files[i][1]);
        expect_run(&report);
        assert_int_equal(report.started_ns, INT64_C(1700000000000) * 1000000);
        assert_int_equal(report.duration_ns, INT64_C(2500000000));
        assert_int_equal(report.users, 2);
        assert_int_equal(report.series->users[2], 1);
        assert_int_equal(report.n_errors, 2);
        assert_string_equal(report.errors[0].kind, "timeout");
        assert_string_equal(report.errors[1].kind, "status");
        assert_string_equal(report.errors[1].message,
                            "status.find.is(200), but actually found 503");
        assert_string_equal(report.health.notes[0],
                            "the simulation had 1 error outside of requests, first: Failed to "
                            "build request: No attribute named 'id' is defined");
        report_release(&report);
    }
}

static void test_gatling__reads_the_figures_of_its_page(void **state)
{
    (void)state;
    static const char *const files[] = {"stats.json", "stats-2.3.json"};
    for (size_t i = 0; i < 2; i++) {
        struct report report = read_file(files[i], STATS);
        expect_run(&report);
        assert_true(report.metrics.min_ms == 20);
        assert_true(report.metrics.max_ms == 1000);
        assert_true(report.metrics.median_ms == 50);
        assert_true(report.metrics.p75_ms == 500);
        assert_true(report.metrics.p95_ms == 1000);
        assert_true(report.metrics.p99_ms == 1000);
        assert_true(report.metrics.requests_per_s == 2);
        assert_true(imported_endpoint(&report, "", "Home")->metrics.median_ms == 40);
        assert_int_equal(imported_endpoint(&report, "", "Home")->histogram.n, 0);
        report_release(&report);
    }
}

static void test_gatling__tells_what_failed(void **state)
{
    (void)state;
    static const char *const kinds[][2] = {
        {"status.find.in(200,304), found 500", "status"},
        {"jsonPath($.a).find.exists, found nothing", "expectation"},
        {"j.i.IOException: Premature close", "reset"},
        {"j.n.ConnectException: Connection refused", "refused"},
        {"Request timeout to h after 60000 ms", "timeout"},
        {"something", "other"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct buf text = {0};
        buf_addf(&text, RUN "REQUEST\t\ta\t1700000000000\t1700000000007\tKO\t%s\n", kinds[i][0]);
        struct report report = imported_well(buf_text(&text), TEXT);
        assert_string_equal(report.errors[0].kind, kinds[i][1]);
        assert_string_equal(report.errors[0].message, kinds[i][0]);
        report_release(&report);
        buf_release(&text);
    }
}

static void test_gatling__names_the_line_of_a_fault(void **state)
{
    (void)state;
    static const char request[] =
        "'f' line 2: expected a request with its start and end in ms, OK or KO, and a message; "
        "the file may be cut off";
    imported_not(RUN "REQUEST\t\ta\t1700000000000\t1700000000007\tOK\n", TEXT, request);
    imported_not(RUN "REQUEST\t\ta\t1700000000000\t1.5\tOK\t \n", TEXT, request);
    imported_not(RUN "REQUEST\t\ta\t1700000000000\t1700000000007\tMAYBE\t \n", TEXT, request);
    imported_not(RUN OK("a", "000", "010") "REQUEST\t\tb\t1700000000009\t1700000000007\tOK\t \n",
                 TEXT, "'f' line 3: expected a request that ends after it began, found -2 ms");
    imported_not(RUN OK("a", "000", "010") "REQUEST\t\tb\t1700000000000\t1700000000007\tKO\tno",
                 TEXT,
                 "'f' line 3: the last line has no end; the file may be cut off: copy it again");
    imported_not(RUN "USER\tv\tSTART\n", TEXT,
                 "'f' line 2: expected a user's START or END and the time in ms; the file may be "
                 "cut off");
    imported_not(RUN "WHAT\t1\n", TEXT,
                 "'f' line 2: expected RUN, USER, REQUEST, GROUP, ERROR or ASSERTION, found "
                 "'WHAT'");
    imported_not(RUN RUN, TEXT,
                 "'f' line 2: a second run begins; expected the log of one, read each alone");
}

static void test_gatling__is_partial_only_where_asked(void **state)
{
    (void)state;
    struct report report;
    struct err err = {0};
    assert_int_equal(imported(RUN OK("a", "000", "010") "REQUEST\t\ta\t17\n" OK("a", "000", "020")
                                  KO("a", "no") "REQ",
                              TEXT, true, &report, &err),
                     0);
    assert_int_equal(report.metrics.total_requests, 3);
    assert_int_equal(report.health.n_notes, 1);
    assert_non_null(strstr(report.health.notes[0], "2 lines could not be read and were left out"));
    report_release(&report);
}

static void test_gatling__without_requests_is_invalid(void **state)
{
    (void)state;
    struct report report = imported_well(RUN, TEXT);
    assert_false(report.health.valid);
    imported_reads_back(&report);
    report_release(&report);
}

/* ---- binary ---- */

static void add_int(struct buf *out, int32_t n)
{
    uint32_t bits = (uint32_t)n;
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_add_char(out, (char)(bits >> shift));
}

static void add_bytes(struct buf *out, const char *bytes, size_t len, char coder)
{
    add_int(out, (int32_t)len);
    buf_add(out, bytes, len);
    buf_add_char(out, coder);
}

static void add_text(struct buf *out, const char *text)
{
    add_bytes(out, text, strlen(text), 0);
}

/* 41 bytes. */
static void add_run(struct buf *out)
{
    buf_add_char(out, 0);
    add_text(out, "3.13.0");
    add_text(out, "Shop");
    add_int(out, 0x18b);
    add_int(out, (int32_t)0xcfe56800); /* 1,700,000,000,000 */
    add_int(out, 0);
    add_int(out, 0);
    add_int(out, 0);
}

/* A request without groups, whose name and message have these numbers, if they are new these texts.
 */
static void add_request(struct buf *out, int32_t name, const char *text, int32_t message,
                        const char *reason)
{
    buf_add_char(out, 1);
    add_int(out, 0);
    add_int(out, name);
    if (text)
        add_text(out, text);
    add_int(out, 5);
    add_int(out, 25);
    buf_add_char(out, (char)(reason ? 1 : 0));
    add_int(out, message);
    if (reason && *reason)
        add_text(out, reason);
    else if (reason)
        add_int(out, 0);
}

static void expect_binary_fault(const struct buf *bytes, const char *message)
{
    struct report report;
    struct err err = {0};
    assert_int_equal(
        imported_bytes((struct span){bytes->data, bytes->len}, BINARY, false, &report, &err), -1);
    assert_string_equal(err.text, message);
    assert_int_equal(err.code, ERR_INPUT);
}

static void test_gatling__binary_refers_to_texts_before(void **state)
{
    (void)state;
    struct buf bytes = {0};
    struct report report;
    struct err err = {0};
    add_run(&bytes);
    add_request(&bytes, 1, "a", 2, "");
    buf_add_char(&bytes, 1); /* in a group that is named as the request */
    add_int(&bytes, 1);
    add_int(&bytes, -1);
    add_int(&bytes, -1);
    add_int(&bytes, -1000);
    add_int(&bytes, 0);
    buf_add_char(&bytes, 0);
    add_int(&bytes, 3);
    add_bytes(&bytes, "\x13\x27 \0=\xd8\x00\xde=\xd8", 10,
              1); /* UTF-16, and half a pair at the end */
    assert_int_equal(
        imported_bytes((struct span){bytes.data, bytes.len}, BINARY, false, &report, &err), 0);
    assert_int_equal(report.started_ns, INT64_C(1699999999000) * 1000000);
    assert_int_equal(imported_endpoint(&report, "", "a")->metrics.total_requests, 1);
    assert_true(imported_endpoint(&report, "", "a / a")->metrics.max_ms == 1000);
    assert_string_equal(report.errors[0].message,
                        "\xe2\x9c\x93 \xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    imported_reads_back(&report);
    report_release(&report);
    buf_release(&bytes);
}

static void test_gatling__binary_names_the_byte_of_a_fault(void **state)
{
    (void)state;
    struct buf bytes = {0};
    add_run(&bytes);
    size_t run = bytes.len;
    assert_int_equal(run, 41);
    buf_add_char(&bytes, 9);
    expect_binary_fault(&bytes,
                        "'f' byte 42: expected the beginning of a record, as Gatling writes it");
    bytes.len = run;
    add_request(&bytes, -1, NULL, 0, NULL);
    expect_binary_fault(&bytes, "'f' byte 50: expected the number of a text that came before");
    bytes.len = run;
    add_request(&bytes, 0, NULL, 0, NULL);
    expect_binary_fault(&bytes, "'f' byte 50: expected the number of a text that came before");
    bytes.len = run;
    add_request(&bytes, 2, "a", 0, NULL);
    expect_binary_fault(&bytes, "'f' byte 50: expected texts that are numbered one by one");
    bytes.len = run;
    buf_add_char(&bytes, 1);
    add_int(&bytes, 0x7fffffff); /* groups */
    expect_binary_fault(&bytes, "'f' byte 46: expected a length that Gatling may write");
    bytes.len = run;
    buf_add_char(&bytes, 1);
    add_int(&bytes, 0);
    add_int(&bytes, 1);
    add_int(&bytes, -5); /* of the name */
    expect_binary_fault(&bytes, "'f' byte 54: expected a length that Gatling may write");
    bytes.len -= 4;
    add_bytes(&bytes, "abc", 3, 1);
    expect_binary_fault(&bytes,
                        "'f' byte 58: expected a text in Latin-1 or UTF-16, as Gatling writes it");
    bytes.data[bytes.len - 1] = 2;
    expect_binary_fault(&bytes,
                        "'f' byte 58: expected a text in Latin-1 or UTF-16, as Gatling writes it");
    bytes.len = run;
    buf_add_char(&bytes, 2);
    add_int(&bytes, 0);
    buf_add_char(&bytes, 7);
    expect_binary_fault(&bytes, "'f' byte 47: expected a byte of 0 or 1, as Gatling writes it");
    bytes.len = run;
    add_run(&bytes);
    expect_binary_fault(&bytes,
                        "'f' byte 42: a second run begins; expected the log of one, read each "
                        "alone");
    buf_release(&bytes);
}

static void test_gatling__binary_that_was_cut_off_is_partial_only_where_asked(void **state)
{
    (void)state;
    struct buf bytes = {0};
    struct report report;
    struct err err = {0};
    add_run(&bytes);
    add_request(&bytes, 1, "a", 2, "");
    add_request(&bytes, -1, NULL, -2, NULL);
    struct span cut = {bytes.data, bytes.len - 1};
    assert_int_equal(imported_bytes(cut, BINARY, false, &report, &err), -1);
    assert_string_equal(err.text, "'f' byte 94: the file ends within a record and may be cut off; "
                                  "copy it again");
    err = (struct err){0};
    assert_int_equal(imported_bytes(cut, BINARY, true, &report, &err), 0);
    assert_int_equal(report.metrics.total_requests, 1);
    assert_string_equal(report.health.notes[0],
                        "read only up to a fault: 'f' byte 94: the file ends within a record and "
                        "may be cut off; copy it again");
    report_release(&report);
    buf_release(&bytes);
}

static void test_gatling__binary_leaves_out_a_request_that_cannot_be(void **state)
{
    (void)state;
    struct buf bytes = {0};
    struct report report;
    struct err err = {0};
    add_run(&bytes);
    add_request(&bytes, 1, "a", 2, "");
    add_request(&bytes, -1, NULL, -2, NULL);
    bytes.data[bytes.len - 6] = 4; /* ends at 4 ms */
    add_request(&bytes, -1, NULL, -2, NULL);
    bytes.data[bytes.len - 6] = 26;
    expect_binary_fault(&bytes,
                        "'f' byte 73: expected a request that ends after it began, found -1 ms");
    assert_int_equal(
        imported_bytes((struct span){bytes.data, bytes.len}, BINARY, true, &report, &err), 0);
    assert_int_equal(report.metrics.total_requests, 2);
    assert_true(report.metrics.max_ms == 21);
    assert_string_equal(report.health.notes[0],
                        "1 request could not be read and was left out, first 'f' byte 73: expected "
                        "a request that ends after it began, found -1 ms");
    report_release(&report);
    buf_release(&bytes);
}

static void test_gatling__binary_limits_what_it_keeps(void **state)
{
    (void)state;
    struct buf bytes = {0}, name = {0};
    add_run(&bytes);
    buf_add_repeat(&name, 'x', 3000);
    for (int32_t i = 1; i < 12000; i++) {
        buf_add_char(&bytes, 4);
        add_int(&bytes, i);
        add_bytes(&bytes, name.data, name.len, 0);
        add_int(&bytes, 0);
    }
    struct report report;
    struct err err = {0};
    assert_int_equal(
        imported_bytes((struct span){bytes.data, bytes.len}, BINARY, false, &report, &err), -1);
    assert_non_null(strstr(err.text, "more than 131072 different names and messages, or 6 MiB of "
                                     "them"));
    buf_release(&bytes);
    buf_release(&name);
}

/* ---- the page's figures ---- */

#define FIGURE(name, total) "\"" name "\":{\"total\":" total ",\"ok\":0,\"ko\":0},"
#define FIGURES(total, ko)                                                                         \
    "{\"name\":\"x\",\"numberOfRequests\":{\"total\":" total ",\"ok\":0,\"ko\":" ko                \
    "}," FIGURE("minResponseTime", "1") FIGURE("maxResponseTime", "9")                             \
        FIGURE("meanResponseTime", "2") FIGURE("percentiles1", "2") FIGURE("percentiles2", "3")    \
            FIGURE("percentiles3", "\"-\"")                                                        \
                FIGURE("percentiles4",                                                             \
                       "5") "\"meanNumberOfRequestsPerSecond\":{\"total\":4,\"ok\":0,\"ko\":0}}"
#define REQUEST(name, total)                                                                       \
    "\"" name total "\":{\"type\":\"REQUEST\",\"name\":\"" name                                    \
    "\",\"stats\":" FIGURES(total, "0") "}"
#define ROOT(total, contents)                                                                      \
    "{\"type\":\"GROUP\",\"name\":\"All\",\"stats\":" FIGURES(total,                               \
                                                              "0") ",\"contents\":{" contents "}}"

static void test_gatling__takes_no_figures_that_do_not_add_up(void **state)
{
    (void)state;
    struct report report = imported_well(FIGURES("3", "1"), STATS); /* global_stats.json */
    assert_int_equal(report.metrics.total_failures, 1);
    assert_int_equal(report.n_endpoints, 0);
    assert_true(report.metrics.p95_ms != report.metrics.p95_ms);
    report_release(&report);
    report = imported_well(ROOT("0", ""), STATS);
    assert_false(report.health.valid);
    report_release(&report);
    imported_not(ROOT("4", REQUEST("a", "3")), STATS,
                 "'f': the requests have a sum of 3 and 0 failures, but the root says 4 and 0; "
                 "expected the file as Gatling wrote it");
    imported_not(ROOT("4", REQUEST("a", "3") "," REQUEST("a", "1")), STATS,
                 "'f': 'a' is there twice; expected each request once");
    imported_not(FIGURES("3", "4"), STATS, "'f': numberOfRequests has a larger ko than total");
    imported_not(FIGURES("2.5", "0"), STATS, "'f': numberOfRequests: expected a whole number");
    imported_not(FIGURES("\"many\"", "0"), STATS,
                 "'f': numberOfRequests.total: expected a number that is not negative, found "
                 "'many'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gatling__reads_a_log_of_each_version),
        cmocka_unit_test(test_gatling__reads_the_figures_of_its_page),
        cmocka_unit_test(test_gatling__tells_what_failed),
        cmocka_unit_test(test_gatling__names_the_line_of_a_fault),
        cmocka_unit_test(test_gatling__is_partial_only_where_asked),
        cmocka_unit_test(test_gatling__without_requests_is_invalid),
        cmocka_unit_test(test_gatling__binary_refers_to_texts_before),
        cmocka_unit_test(test_gatling__binary_names_the_byte_of_a_fault),
        cmocka_unit_test(test_gatling__binary_that_was_cut_off_is_partial_only_where_asked),
        cmocka_unit_test(test_gatling__binary_leaves_out_a_request_that_cannot_be),
        cmocka_unit_test(test_gatling__binary_limits_what_it_keeps),
        cmocka_unit_test(test_gatling__takes_no_figures_that_do_not_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
