/* The samples are written by hand, as SampleResultConverter.java of JMeter 5.6 writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imported.h"

#define FORMAT "JMeter JTL, XML"
#define HEAD   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testResults version=\"1.2\">\n"
#define FOOT   "</testResults>\n"
#define OPEN(kind)                                                                                 \
    "<" kind " it=\"0\" lt=\"1\" ct=\"0\" tn=\"T 1-1\" dt=\"text\" sby=\"80\" ng=\"1\" "
#define HTTP(ts, t, lb, rc, s)                                                                     \
    OPEN("httpSample")                                                                             \
    "t=\"" t "\" ts=\"" ts "\" s=\"" s "\" lb=\"" lb "\" rc=\"" rc                                 \
    "\" rm=\"OK\" by=\"120\" na=\"2\""
#define WHOLE(t, n)                                                                                \
    OPEN("sample")                                                                                 \
    "t=\"" t "\" ts=\"1700000000000\" s=\"true\" lb=\"Whole\" rc=\"200\" by=\"1\" na=\"1\" "       \
    "rm=\"Number of samples in transaction : " n ", number of failing samples : 0\""

static void test_jtl_xml__makes_a_report_of_single_requests(void **state)
{
    (void)state;
    struct report report = imported_well(
        HEAD HTTP("1700000000000", "10", "Home &amp; more", "200", "true") "/>\n" HTTP(
            "1700000000500", "30", "Home &amp; more", "200",
            "true") ">\n"
                    "<responseHeader class=\"java.lang.String\">HTTP/1.1 200 OK</responseHeader>\n"
                    "<responseData class=\"java.lang.String\">&lt;b&gt;\n</responseData>\n"
                    "<java.net.URL>http://h/</java.net.URL>\n</httpSample>\n" OPEN(
                        "sample") "t=\"1000\" ts=\"1700000001000\" s=\"false\" lb=\"Log in\" "
                                  "rc=\"Non HTTP "
                                  "response code: java.net.ConnectException\" rm=\"Connection "
                                  "refused\"/>\n" FOOT,
        FORMAT);
    assert_int_equal(report.metrics.total_requests, 3);
    assert_int_equal(report.metrics.total_failures, 1);
    assert_true(report.metrics.average_ms == 1040 / 3.0);
    assert_int_equal(report.started_ns, INT64_C(1700000000000) * 1000000);
    assert_int_equal(report.duration_ns, INT64_C(2000000000));
    assert_int_equal(report.resolution_ns, 1000000);
    assert_int_equal(report.users, 2);
    assert_non_null(report.series);
    const struct report_endpoint *home = imported_endpoint(&report, "", "Home & more");
    assert_int_equal(home->histogram.count, 2);
    assert_true(home->content_bytes == 120);
    assert_int_equal(report.n_errors, 1);
    assert_string_equal(report.errors[0].kind, "refused");
    assert_string_equal(report.errors[0].message,
                        "Non HTTP response code: java.net.ConnectException Connection refused");
    imported_reads_back(&report);
    report_release(&report);
}

#define ASSERTION(text)                                                                            \
    "<assertionResult><name>a</name><failure>true</failure><error>false</error>"                   \
    "<failureMessage>" text "</failureMessage></assertionResult>\n"

static void test_jtl_xml__says_what_an_assertion_missed(void **state)
{
    (void)state;
    struct report report =
        imported_well(HEAD HTTP("1700000000000", "10", "a", "200", "false") ">\n" ASSERTION(
                          "expected &lt;total&gt;") ASSERTION("no second") "</httpSample>\n" FOOT,
                      FORMAT);
    assert_string_equal(report.errors[0].message, "200 expected <total>");
    assert_string_equal(report.errors[0].kind, "expectation");
    report_release(&report);
}

static void test_jtl_xml__counts_no_parts_of_a_request(void **state)
{
    (void)state;
    struct report report = imported_well(
        HEAD HTTP("1700000000000", "50", "page", "200", "true") ">\n" HTTP(
            "1700000000000", "20", "page-0", "302",
            "true") "/>\n" HTTP("1700000000020", "30", "page-1", "200",
                                "false") ">\n" ASSERTION("deeper") "</httpSample></"
                                                                   "httpSample>\n" HTTP(
                                                                       "1700000000"
                                                                       "100",
                                                                       "7", "next", "404",
                                                                       "false") "/"
                                                                                ">"
                                                                                "\n" FOOT,
        FORMAT);
    assert_int_equal(report.metrics.total_requests, 2);
    assert_int_equal(report.n_endpoints, 2);
    assert_int_equal(imported_endpoint(&report, "", "page")->metrics.total_failures, 0);
    assert_true(imported_endpoint(&report, "", "page")->metrics.max_ms == 50);
    assert_string_equal(report.errors[0].message, "404 OK");
    report_release(&report);
}

static void test_jtl_xml__counts_what_transactions_are_of(void **state)
{
    (void)state;
    struct report report = imported_well(
        HEAD WHOLE("40", "2") ">\n" HTTP("1700000000000", "10", "a", "200", "true") ">\n" HTTP(
            "1700000000000", "5", "a-0", "200",
            "true") "/></httpSample>\n" WHOLE("30",
                                              "1") ">" HTTP("1700000000010", "30", "b", "200",
                                                            "false") ">" ASSERTION("x") "</"
                                                                                        "httpSample"
                                                                                        "></"
                                                                                        "sample></"
                                                                                        "sample>"
                                                                                        "\n" HTTP(
                                                                                            "170000"
                                                                                            "000001"
                                                                                            "0",
                                                                                            "1",
                                                                                            "c",
                                                                                            "200",
                                                                                            "true") "/>\n" FOOT,
        FORMAT);
    assert_int_equal(report.metrics.total_requests, 3);
    assert_int_equal(report.n_endpoints, 3);
    assert_null(imported_endpoint(&report, "", "Whole"));
    assert_null(imported_endpoint(&report, "", "a-0"));
    assert_string_equal(report.errors[0].message, "200 x");
    assert_int_equal(report.health.n_notes, 1);
    assert_non_null(strstr(report.health.notes[0], "2 rows of transactions were left out"));
    report_release(&report);
    report = imported_well(HEAD WHOLE("40", "2") "/>\n" WHOLE("50", "2") "/>\n" FOOT, FORMAT);
    assert_int_equal(imported_endpoint(&report, "", "Whole")->metrics.total_requests, 2);
    report_release(&report);
    imported_not(
        HEAD WHOLE("40", "9") "/>\n" HTTP("1700000000010", "1", "c", "200", "true") "/>\n" FOOT,
        FORMAT,
        "'f': 1 transactions are of more samples than the file has, but it has others "
        "beside them; let the controllers generate parent samples all or none");
}

static void test_jtl_xml__names_the_line_of_a_fault(void **state)
{
    (void)state;
    imported_not(HEAD HTTP("1700000000000", "10", "a", "200", "true") "/>\n" HTTP(
                     "1700000000000", "0.5", "a", "200", "true") ">\n</httpSample>\n" FOOT,
                 FORMAT, "'f' line 4: elapsed: expected a whole number, found '0.5'");
    imported_not(HEAD HTTP("1700000000000", "10", "a", "200", "maybe") "/>\n" FOOT, FORMAT,
                 "'f' line 3: success: expected true or false, found 'maybe'");
    imported_not(HEAD HTTP("1700000000000", "10", "a", "200",
                           "true") "/>\n" HTTP("", "1", "a", "200", "true") "/>\n" FOOT,
                 FORMAT,
                 "'f' line 4: timeStamp: expected ms since 1970 or a date as 2026/11/26 "
                 "10:15:27.123, found ''; set jmeter.save.saveservice.timestamp_format=ms");
    imported_not(HEAD HTTP("1700000000", "10", "a", "200", "true") "/>\n" FOOT, FORMAT,
                 "'f' line 3: timeStamp: expected ms since 1970, found 1700000000, which is a time "
                 "of this century in s only; multiply by 1000");
}

static void test_jtl_xml__that_was_cut_off_is_partial_only_where_asked(void **state)
{
    (void)state;
    static const char text[] = HEAD HTTP("1700000000000", "10", "a", "200", "true") "/>\n" HTTP(
        "1700000000000", "x", "a", "200", "true") "/>\n" HTTP("1700000000000", "10", "a", "200",
                                                              "true") "/>\n" OPEN("httpSample");
    struct report report;
    struct err err = {0};
    assert_int_equal(imported(text, FORMAT, true, &report, &err), 0);
    assert_int_equal(report.metrics.total_requests, 2);
    assert_int_equal(report.health.n_notes, 2);
    assert_string_equal(report.health.notes[0],
                        "read only up to a fault: 'f' line 6: the file ends within an element and "
                        "may be cut off; write it again");
    assert_string_equal(report.health.notes[1],
                        "1 sample could not be read and was left out, first 'f' line 4: elapsed: "
                        "expected a whole number, found 'x'");
    report_release(&report);
    imported_not(HEAD HTTP("1700000000000", "10", "a", "200", "true") "/>\n", FORMAT,
                 "'f' line 4: the file ends within an element and may be cut off; write it again");
}

static void test_jtl_xml__is_of_single_samples_alone(void **state)
{
    (void)state;
    imported_not(HEAD HTTP("1700000000000", "10", "a", "200", "true") " sc=\"7\"/>\n" FOOT, FORMAT,
                 "'f' line 3: SampleCount: expected 1, found 7 requests in one sample, whose "
                 "single times are not known; let the remote engines send with "
                 "mode=StrippedBatch");
    struct report report = imported_well(
        HEAD HTTP("1700000000000", "10", "a", "200", "true") " sc=\"1\" ec=\"0\"/>\n" FOOT, FORMAT);
    report_release(&report);
}

static void test_jtl_xml__without_samples_is_invalid(void **state)
{
    (void)state;
    struct report report = imported_well(HEAD FOOT, FORMAT);
    assert_false(report.health.valid);
    assert_int_equal(report.health.n_notes, 0);
    imported_reads_back(&report);
    report_release(&report);
    imported_not("<?xml version=\"1.0\"?><other><testResults/></other>", FORMAT,
                 "'f' line 1: expected the element 'testResults', as JMeter writes it, found "
                 "'other'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jtl_xml__makes_a_report_of_single_requests),
        cmocka_unit_test(test_jtl_xml__says_what_an_assertion_missed),
        cmocka_unit_test(test_jtl_xml__counts_no_parts_of_a_request),
        cmocka_unit_test(test_jtl_xml__counts_what_transactions_are_of),
        cmocka_unit_test(test_jtl_xml__names_the_line_of_a_fault),
        cmocka_unit_test(test_jtl_xml__that_was_cut_off_is_partial_only_where_asked),
        cmocka_unit_test(test_jtl_xml__is_of_single_samples_alone),
        cmocka_unit_test(test_jtl_xml__without_samples_is_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
