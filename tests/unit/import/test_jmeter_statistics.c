#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imported.h"

#define FORMAT "JMeter statistics.json"
#define LABEL(name, n, errors)                                                                     \
    "\"" name "\":{\"transaction\":\"" name "\",\"sampleCount\":" n ",\"errorCount\":" errors      \
    ",\"errorPct\":1.5,\"meanResTime\":12.5,\"medianResTime\":10.0,\"minResTime\":1.0,"            \
    "\"maxResTime\":90.0,\"pct1ResTime\":20.0,\"pct2ResTime\":30.0,\"pct3ResTime\":40.0,"          \
    "\"throughput\":5.5}"

static void test_jmeter_statistics__takes_the_figures(void **state)
{
    (void)state;
    struct report report = imported_well(
        "{" LABEL("Total", "5", "1") "," LABEL("b", "3", "1") "," LABEL("a", "2", "0") "}", FORMAT);
    assert_int_equal(report.metrics.total_requests, 5);
    assert_true(report.metrics.error_rate == 0.2);
    assert_true(report.metrics.p90_ms == 20 && report.metrics.p95_ms == 30);
    assert_true(report.metrics.p99_ms == 40 && report.metrics.requests_per_s == 5.5);
    assert_true(isnan(report.metrics.p75_ms));
    assert_int_equal(report.n_endpoints, 2);
    assert_string_equal(report.endpoints[0].name, "a");
    assert_int_equal(report.health.n_notes, 1);
    imported_reads_back(&report);
    report_release(&report);
}

static void test_jmeter_statistics__counts_no_transaction_twice(void **state)
{
    (void)state;
    struct report report = imported_well(
        "{" LABEL("a", "2", "0") "," LABEL("whole", "2", "0") "," LABEL("Total", "2", "0") "}",
        FORMAT);
    assert_int_equal(report.n_endpoints, 0);
    assert_int_equal(report.health.n_notes, 2);
    imported_reads_back(&report);
    report_release(&report);
    report = imported_well("{" LABEL("a", "2", "1") "," LABEL("Total", "2", "0") "}", FORMAT);
    assert_int_equal(report.n_endpoints, 0);
    report_release(&report);
}

static void test_jmeter_statistics__limits_names(void **state)
{
    (void)state;
    struct buf text = {0};
    struct report report;
    struct err err = {0};
    buf_add_str(&text, "{" LABEL("Total", "2002", "0"));
    for (int i = 0; i < 1001; i++)
        buf_addf(&text, ",\"%d\":{}", i);
    buf_add_str(&text, "}");
    assert_int_equal(imported(buf_text(&text), FORMAT, false, &report, &err), -1);
    assert_string_equal(err.text, "'f': more than 1000 names of requests; give requests that "
                                  "differ in an id alone one name in the load test");
    buf_release(&text);
}

/* As some plugins write where nothing was measured. */
static void test_jmeter_statistics__null_is_not_known(void **state)
{
    (void)state;
    struct report report =
        imported_well("{\"Total\":{\"transaction\":\"Total\",\"sampleCount\":2,\"errorCount\":0,"
                      "\"meanResTime\":12.5,\"medianResTime\":null,\"minResTime\":1.0,"
                      "\"maxResTime\":90.0,\"pct1ResTime\":20.0,\"pct2ResTime\":null,"
                      "\"pct3ResTime\":40.0,\"throughput\":5.5}}",
                      FORMAT);
    assert_true(isnan(report.metrics.median_ms) && isnan(report.metrics.p95_ms));
    assert_true(report.metrics.average_ms == 12.5 && report.metrics.p99_ms == 40);
    report_release(&report);
}

static void test_jmeter_statistics__refuses_what_is_not_whole(void **state)
{
    (void)state;
    imported_not("{" LABEL("a", "2", "0") "}", FORMAT,
                 "'f': expected the key 'Total', as JMeter writes it");
    imported_not("{" LABEL("Total", "2", "3") "}", FORMAT,
                 "'f': Total: errorCount is larger than sampleCount");
    imported_not("{\"Total\":{\"sampleCount\":1,\"errorCount\":0,\"pct1ResTime\":1}}", FORMAT,
                 "'f': Total: expected the key 'meanResTime'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jmeter_statistics__takes_the_figures),
        cmocka_unit_test(test_jmeter_statistics__counts_no_transaction_twice),
        cmocka_unit_test(test_jmeter_statistics__limits_names),
        cmocka_unit_test(test_jmeter_statistics__null_is_not_known),
        cmocka_unit_test(test_jmeter_statistics__refuses_what_is_not_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
