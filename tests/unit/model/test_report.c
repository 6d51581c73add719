#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/model/samples.h"

static int decode(const char *json, struct report *report, struct err *err)
{
    return report_decode(json, strlen(json), "r.json", report, err);
}

static void expect_error(const char *json, const char *message)
{
    struct report report;
    struct err err = {0};
    assert_int_equal(decode(json, &report, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
    assert_null(report.arena.chunks);
}

#define SIX                                                                                        \
    "\"total_requests\": 10, \"total_failures\": 1, \"requests_per_second\": 2.5, "                \
    "\"average_response_time\": 12.5, \"95th_percentile\": 20, \"99th_percentile\": 30"
#define NONE                                                                                       \
    "\"total_requests\": 0, \"total_failures\": 0, \"requests_per_second\": 0, "                   \
    "\"average_response_time\": 0, \"95th_percentile\": 0, \"99th_percentile\": 0"
#define HEAD "{" SIX ", \"schema\": \"perfgate.report/1\", \"valid\": true"
/* A report with these members more. */
#define WITH(members) HEAD ", " members "}"
#define ENDPOINT(members)                                                                          \
    WITH("\"endpoints\": [{\"name\": \"/a\", \"method\": \"GET\", " SIX members "}]")
#define PAIR                                                                                       \
    "\"pair\": {\"id\": \"x\", \"role\": \"base\", \"start\": 1, \"block_ms\": 250, \"pairs\": "   \
    "3, \"first\": [0, 1, 0], \"batch_end\": [1, 3]}"
#define PAIRED(blocks)                                                                             \
    WITH(PAIR ", \"endpoints\": [{\"name\": \"/a\", \"method\": \"GET\", " SIX                     \
              ", \"blocks\": " blocks "}]")

static void test_report__flat_form(void **state)
{
    (void)state;
    struct report report;
    struct err err = {0};
    assert_int_equal(decode("{" SIX ", \"median\": [], \"b\\nc\": 1}", &report, &err), 0);
    assert_true(report.flat);
    assert_true(report.health.valid);
    assert_int_equal(report.metrics.total_requests, 10);
    assert_int_equal(report.metrics.total_failures, 1);
    assert_true(report.metrics.requests_per_s == 2.5);
    assert_true(report.metrics.average_ms == 12.5);
    assert_true(report.metrics.p95_ms == 20);
    assert_true(report.metrics.p99_ms == 30);
    assert_true(report.metrics.error_rate == 0.1);
    assert_true(isnan(report.metrics.median_ms));
    assert_int_equal(report.health.n_notes, 1);
    assert_string_equal(report.health.notes[0],
                        "flat form, without the key 'schema': ignored 'median', 'b\nc'");
    report_release(&report);
    report_release(&report);
}

static void test_report__flat_form_may_say_how_it_was_rounded(void **state)
{
    (void)state;
    struct report report;
    struct err err = {0};
    assert_int_equal(decode("{" SIX ", \"resolution_ms\": 0.5}", &report, &err), 0);
    assert_true(report.flat);
    assert_int_equal(report.resolution_ns, 500000);
    assert_int_equal(report.health.n_notes, 0);
    report_release(&report);
    assert_int_equal(decode("{" SIX ", \"resolution_ms\": -1}", &report, &err), -1);
    assert_string_equal(err.text,
                        "'r.json': resolution_ms: expected a number from 0 to 9e+09, found -1");
}

static void test_report__without_requests_latencies_are_not_known(void **state)
{
    (void)state;
    static const char json[] =
        "{\"total_requests\": 0, \"total_failures\": 0, \"requests_per_second\": 0, "
        "\"average_response_time\": 0, \"95th_percentile\": 0, \"99th_percentile\": 0}";
    struct report report;
    struct err err = {0};
    struct buf out = {0};
    assert_int_equal(decode(json, &report, &err), 0);
    assert_true(isnan(report.metrics.average_ms));
    assert_true(isnan(report.metrics.p95_ms));
    assert_true(isnan(report.metrics.p99_ms));
    assert_true(isnan(report.metrics.error_rate));
    assert_true(report.metrics.requests_per_s == 0);
    assert_false(report.health.valid);
    assert_string_equal(report.health.reasons[0], "no_requests");
    report_encode(&report, &out);
    assert_memory_equal(buf_text(&out),
                        "{\n  \"total_requests\": 0,\n  \"total_failures\": 0,\n"
                        "  \"requests_per_second\": 0,\n  \"average_response_time\": 0,\n"
                        "  \"95th_percentile\": 0,\n  \"99th_percentile\": 0,\n"
                        "  \"schema\": \"perfgate.report/1\",\n  \"valid\": false,\n"
                        "  \"invalid_reasons\": [\"no_requests\"],\n",
                        230);
    buf_release(&out);
    report_release(&report);
}

static void test_report__refuses_other_documents(void **state)
{
    (void)state;
    expect_error("", "'r.json' line 1, column 1: expected valid JSON: unexpected token near end "
                     "of file");
    expect_error("{", "'r.json' line 1, column 1: expected valid JSON: string or '}' expected near "
                      "end of file");
    expect_error("[1]", "'r.json': expected an object, found an array");
    expect_error("{}", "'r.json': not a report: expected \"schema\": \"perfgate.report/1\", or the "
                       "six keys of the flat form; 'total_requests' is missing");
    expect_error("{\"schema\": \"perfgate.policy/1\"}",
                 "'r.json': schema: this is a policy; expected a report (\"perfgate.report/1\")");
    expect_error("{\"schema\": \"perfgate.report/2\"}",
                 "'r.json': schema: this tool reads \"perfgate.report/1\", found "
                 "\"perfgate.report/2\"; use the version that wrote it");
    expect_error("{\"schema\": \"perfgate.report/1\"}",
                 "'r.json': the key 'total_requests' is missing");
    expect_error("{" SIX ", \"schema\": \"perfgate.report/1\"}",
                 "'r.json': the key 'valid' is missing");
}

static void test_report__refuses_bad_values(void **state)
{
    (void)state;
    expect_error(WITH("\"sweet\": 1"),
                 "'r.json': sweet: unknown key; remove it or mend its spelling");
    expect_error(WITH("\"valid\": true"),
                 "'r.json' line 1, column 202: expected valid JSON: duplicate object key near "
                 "'\"valid\"'");
    expect_error(WITH("\"users\": -1"), "'r.json': users: expected a whole number from 0 to "
                                        "9007199254740992, found -1");
    expect_error(WITH("\"users\": 1.5"), "'r.json': users: expected a whole number, found 1.5");
    expect_error(WITH("\"max_response_time\": -1"),
                 "'r.json': max_response_time: expected a number from 0 to 1.79769313e+308, found "
                 "-1");
    expect_error(WITH("\"suite\": 1"), "'r.json': suite: expected a string, found a number");
    expect_error(WITH("\"suite\": \"../a\""),
                 "'r.json': suite: expected a name of 1 to 64 of a-z, 0-9, '.', '_' and '-' that "
                 "begins with a letter, digit or '_', found '../a'");
    expect_error(WITH("\"started_at\": \"now\""),
                 "'r.json': started_at: expected a time in UTC such as 2026-11-23T16:11:00Z, found "
                 "'now'");
    expect_error(WITH("\"invalid_reasons\": [\"interrupted\"]"),
                 "'r.json': invalid_reasons: expected none, since 'valid' is true");
    expect_error(WITH("\"endpoints\": [{\"name\": \"/\"}]"),
                 "'r.json': endpoints[0]: the key 'method' is missing");
    expect_error(WITH("\"endpoints\": [{\"name\": \"/a\", \"method\": \"GET\", " SIX
                      "}, {\"name\": \"/a\", \"method\": \"GET\", " NONE "}]"),
                 "'r.json': endpoints: 'GET /a' is there twice; merge the two");
    expect_error("{\"total_requests\": 1, \"total_failures\": 2, \"requests_per_second\": 0, "
                 "\"average_response_time\": 0, \"95th_percentile\": 0, \"99th_percentile\": 0}",
                 "'r.json': total_failures (2) is larger than total_requests (1)");
    expect_error("{\"total_requests\": 1, \"total_failures\": 0, \"requests_per_second\": NaN}",
                 "'r.json' line 1, column 69: expected valid JSON: invalid token near 'NaN'");
}

static void test_report__refuses_bad_histograms(void **state)
{
    (void)state;
    expect_error(ENDPOINT(", \"histogram\": {}"),
                 "'r.json': endpoints[0].histogram: the key 'count' is missing");
    expect_error(ENDPOINT(", \"histogram\": {\"count\": 1, \"index\": [1]}"),
                 "'r.json': endpoints[0].histogram: the key 'counts' is missing");
    expect_error(ENDPOINT(", \"histogram\": {\"count\": 1, \"index\": [1], \"counts\": [1, 2]}"),
                 "'r.json': endpoints[0].histogram.counts: expected 1 elements, as in the column "
                 "before, found 2");
    expect_error(ENDPOINT(", \"histogram\": {\"count\": 1, \"index\": [1, 2], \"counts\": [1, 0]}"),
                 "'r.json': endpoints[0].histogram.counts[1]: expected a whole number from 1 to "
                 "9007199254740992, found 0");
    expect_error(ENDPOINT(", \"histogram\": {\"count\": 2, \"index\": [2, 2], \"counts\": [1, 1]}"),
                 "'r.json': endpoints[0].histogram: index: expected ascending numbers, found 2 "
                 "after 2");
    expect_error(ENDPOINT(", \"histogram\": {\"count\": 3, \"index\": [2, 3], \"counts\": [1, 1]}"),
                 "'r.json': endpoints[0].histogram: count is 3, but the counts add up to 2");
    expect_error(ENDPOINT(", \"histogram\": {\"count\": 1, \"index\": [2432], \"counts\": [1]}"),
                 "'r.json': endpoints[0].histogram.index[0]: expected a whole number from 0 to "
                 "2431, found 2432");
    expect_error(ENDPOINT(", \"histogram\": {\"count\": 1, \"sum_ns\": 5, \"min_ns\": 6, "
                          "\"max_ns\": 5, \"index\": [5], \"counts\": [1]}"),
                 "'r.json': endpoints[0].histogram: min_ns is larger than max_ns");
}

static void test_report__refuses_bad_blocks(void **state)
{
    (void)state;
    static const char good[] =
        PAIRED("{\"count\": [1, 4, 5], \"sum_ns\": [1, 4, 5], \"failures\": [0, 0, 1], "
               "\"batches\": [{\"count\": 1, \"sum_ns\": 1, \"min_ns\": 1, \"max_ns\": 1, "
               "\"index\": [1], \"counts\": [1]}, {\"count\": 9, \"sum_ns\": 9, \"min_ns\": 1, "
               "\"max_ns\": 1, \"index\": [1], \"counts\": [9]}]}");
    struct report report;
    struct err err = {0};
    assert_int_equal(decode(good, &report, &err), 0);
    report_release(&report);
    expect_error(
        PAIRED("{\"count\": [1, 4, 5], \"sum_ns\": [0, 0, 0], \"failures\": [0, 0, 2], "
               "\"batches\": [{\"count\": 0}, {\"count\": 0}]}"),
        "'r.json': endpoints[0]: the failures of the blocks add up to 2, but should to 1; the "
        "file is damaged or was changed: expected it as perf-run wrote it");
    expect_error(PAIRED("{\"count\": [1, 2], \"sum_ns\": [1, 2, 3], \"failures\": [0, 0, 0], "
                        "\"batches\": [{\"count\": 0}, {\"count\": 0}]}"),
                 "'r.json': endpoints[0].blocks.count: expected 3 elements, found 2");
    expect_error(PAIRED("{\"count\": [1, 2, 3], \"sum_ns\": [1, 2, 3], \"failures\": [0, 0, 4], "
                        "\"batches\": [{\"count\": 0}, {\"count\": 0}]}"),
                 "'r.json': endpoints[0].blocks: pair 2 has more failures than requests");
    expect_error(PAIRED("{\"count\": [1, 2, 3], \"sum_ns\": [1, 2, 3], \"failures\": [0, 0, 0], "
                        "\"batches\": [{\"count\": 0}]}"),
                 "'r.json': endpoints[0].blocks.batches: expected 2 elements, found 1");
    expect_error(
        PAIRED("{\"count\": [1, 2, 3], \"sum_ns\": [1152921504606846976, 1152921504606846976, 0], "
               "\"failures\": [0, 0, 0], \"batches\": [{\"count\": 0}, {\"count\": 0}]}"),
        "'r.json': endpoints[0].blocks: the numbers add up to more than 2^60; expected "
        "real counts");
    expect_error(ENDPOINT(", \"blocks\": {\"count\": [], \"sum_ns\": [], \"failures\": [], "
                          "\"batches\": []}"),
                 "'r.json': endpoints[0].blocks: the report has blocks, but no 'pair'");
}

/* What was changed by hand, so that figures and evidence no longer say the same. */
static void test_report__refuses_figures_that_the_evidence_contradicts(void **state)
{
    (void)state;
    static const char *const changes[][3] = {
        {"\"average_response_time\": ", "\"average_response_time\": 1",
         "'r.json': the average is "},
        {"\"95th_percentile\": ", "\"95th_percentile\": 1", "'r.json': the p95 is "},
        {"\"total_requests\": ", "\"total_requests\": 1",
         "'r.json': the requests of the endpoints add up to "},
        {"\"total_failures\": ", "\"total_failures\": 1",
         "'r.json': the failures of the endpoints add up to "},
        {"\"sum_ns\": ", "\"sum_ns\": 1", "'r.json': endpoints[0]: the average is "},
        {"\"count\": [", "\"count\": [1",
         "'r.json': endpoints[0]: the requests of the blocks add up to "},
        {"\"sum_ns\": [", "\"sum_ns\": [1",
         "'r.json': endpoints[0]: the latencies of a batch's pairs add up to "},
    };
    struct rng rng;
    struct report report, again;
    struct buf text = {0};
    rng_init(&rng, 1, 1);
    sample_report(&rng, 2, 30, &report);
    report.series = NULL; /* it has failures, too */
    report_encode(&report, &text);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct buf changed = {0};
        struct err err = {0};
        const char *at = strstr(buf_text(&text), changes[i][0]);
        assert_non_null(at);
        buf_add(&changed, buf_text(&text), (size_t)(at - buf_text(&text)));
        buf_add_str(&changed, changes[i][1]);
        buf_add_str(&changed, at + strlen(changes[i][0]));
        assert_int_equal(decode(buf_text(&changed), &again, &err), -1);
        if (!strstr(err.text, changes[i][2]))
            fail_msg("expected '%s', found '%s'", changes[i][2], err.text);
        buf_release(&changed);
    }
    buf_release(&text);
    report_release(&report);
}

#define BAD_PAIR(role, ends)                                                                       \
    WITH("\"pair\": {\"id\": \"x\", \"role\": \"" role "\", \"start\": 1, \"block_ms\": 250, "     \
         "\"pairs\": 2, \"first\": [0, 1], \"batch_end\": [" ends "]}")

#define BAD_LOOK(members)                                                                          \
    WITH("\"pair\": {\"id\": \"x\", \"role\": \"base\", \"start\": 1, \"block_ms\": 250, "         \
         "\"pairs\": 1, \"first\": [0], \"batch_end\": [1], \"look\": {" members "}}")

static void test_report__refuses_bad_looks(void **state)
{
    (void)state;
    expect_error(BAD_LOOK("\"number\": 1, \"of\": 4, \"reason\": \"sure\""),
                 "'r.json': pair.look: the key 'until_percent' is missing");
    expect_error(BAD_LOOK("\"number\": 0, \"of\": 4, \"reason\": \"sure\", \"until_percent\": 2"),
                 "'r.json': pair.look.number: expected a whole number from 1 to 100, found 0");
    expect_error(BAD_LOOK("\"number\": 1, \"of\": 4, \"reason\": \"bored\", \"until_percent\": 2"),
                 "'r.json': pair.look.reason: expected one of end, sure, width, found 'bored'");
    expect_error(
        BAD_LOOK("\"number\": 4, \"of\": 4, \"reason\": \"width\", \"until_percent\": 2"),
        "'r.json': pair.look.number: expected less than 'of', 4, as the reason says, found 4");
    expect_error(
        BAD_LOOK("\"number\": 3, \"of\": 4, \"reason\": \"end\", \"until_percent\": 2"),
        "'r.json': pair.look.number: expected the same as 'of', 4, as the reason says, found 3");
    expect_error(
        BAD_LOOK("\"number\": 4, \"of\": 4, \"reason\": \"end\", \"until_percent\": 101"),
        "'r.json': pair.look.until_percent: expected a number from 2.22507386e-308 to 100, found "
        "101");
}

static void says_look(const char *look, const char *expected)
{
    struct report report;
    struct err err = {0};
    struct buf json = {0}, text = {0};
    buf_addf(&json,
             WITH("\"duration_ms\": 10040, \"pair\": {\"id\": \"x\", \"role\": \"base\", "
                  "\"start\": 1, \"block_ms\": 250, \"pairs\": 1, \"first\": [0], "
                  "\"batch_end\": [1], \"look\": {%s, \"until_percent\": 2.5}}"),
             look);
    assert_int_equal(decode(buf_text(&json), &report, &err), 0);
    report_add_look(&text, &report, &report);
    assert_string_equal(buf_text(&text), expected);
    buf_release(&json);
    buf_release(&text);
    report_release(&report);
}

static void test_report__says_how_a_look_ended_the_run(void **state)
{
    (void)state;
    says_look("\"number\": 2, \"of\": 4, \"reason\": \"width\"",
              "ended at look 2 of 4 after 20.1s: its figures are known to 2.5 %");
    says_look("\"number\": 1, \"of\": 4, \"reason\": \"sure\"",
              "ended at look 1 of 4 after 20.1s: a regression is sure");
    says_look("\"number\": 4, \"of\": 4, \"reason\": \"end\"",
              "went on to its end: at no look was each of its figures decided and known to 2.5 %, "
              "or a regression sure");
}

static void test_report__refuses_bad_pairs_and_series(void **state)
{
    (void)state;
    expect_error(BAD_PAIR("none", "2"),
                 "'r.json': pair.role: expected candidate or base, found 'none'");
    expect_error(BAD_PAIR("both", "2"),
                 "'r.json': pair.role: expected one of none, candidate, base, found 'both'");
    expect_error(BAD_PAIR("base", "1"), "'r.json': pair.batch_end: expected the last number to be "
                                        "that of pairs, 2, found 1");
    expect_error(BAD_PAIR("base", "2, 2"),
                 "'r.json': pair.batch_end: expected ascending numbers, found 2 after 2");
    expect_error(WITH("\"series\": {\"interval_ms\": 1000, \"users\": [1], \"requests\": []}"),
                 "'r.json': series.requests: expected 1 elements, found 0");
}

static void test_report__round_trip_is_the_identity(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1, 1);
    for (int i = 0; i < 60; i++) {
        struct report report, again;
        struct buf first = {0}, second = {0};
        struct err err = {0};
        sample_report(&rng, (size_t)rng_below(&rng, 6), i % 2 ? rng_between(&rng, 1, 60) : 0,
                      &report);
        report_encode(&report, &first);
        int status = report_decode(buf_text(&first), first.len, "r.json", &again, &err);
        assert_string_equal(err.text, "");
        assert_int_equal(status, 0);
        report_encode(&again, &second);
        assert_string_equal(buf_text(&first), buf_text(&second));
        assert_int_equal(again.duration_ns, report.duration_ns);
        assert_int_equal(again.started_ns, report.started_ns);
        buf_release(&first);
        buf_release(&second);
        report_release(&report);
        report_release(&again);
    }
}

static void test_report__unknown_figures_are_null(void **state)
{
    (void)state;
    struct report report = {.metrics = metrics_unknown(), .health.cpu = (double)NAN}, again;
    struct buf out = {0};
    struct err err = {0};
    report.metrics.total_requests = 5;
    report.metrics.average_ms = 2;
    report_encode(&report, &out);
    assert_non_null(strstr(buf_text(&out), "\"95th_percentile\": null,"));
    assert_int_equal(report_decode(buf_text(&out), out.len, "r.json", &again, &err), 0);
    assert_true(isnan(again.metrics.p95_ms));
    assert_true(again.metrics.average_ms == 2);
    assert_true(again.metrics.error_rate == 0);
    buf_release(&out);
    report_release(&again);
}

static void test_report__endpoints_are_sorted(void **state)
{
    (void)state;
    struct report report;
    struct err err = {0};
    assert_int_equal(decode(WITH("\"endpoints\": [{\"name\": \"/b\", \"method\": \"GET\", " NONE
                                 "}, {\"name\": \"/a\", \"method\": \"POST\", " NONE
                                 "}, {\"name\": \"/a\", \"method\": \"GET\", " SIX "}]"),
                            &report, &err),
                     0);
    assert_string_equal(report.endpoints[0].name, "/a");
    assert_string_equal(report.endpoints[0].method, "GET");
    assert_string_equal(report.endpoints[1].method, "POST");
    assert_string_equal(report.endpoints[2].name, "/b");
    report_release(&report);
}

static void test_report__summary_has_no_evidence(void **state)
{
    (void)state;
    struct rng rng;
    struct report report, summary;
    struct buf out = {0};
    struct err err = {0};
    rng_init(&rng, 2, 1);
    sample_report(&rng, 3, 25, &report);
    report_encode_summary(&report, &out);
    assert_int_equal(report_decode(buf_text(&out), out.len, "r.json", &summary, &err), 0);
    assert_null(summary.pair);
    assert_null(summary.series);
    assert_int_equal(summary.n_errors, 0);
    assert_int_equal(summary.n_endpoints, 3);
    assert_null(summary.endpoints[0].blocks);
    assert_int_equal(summary.endpoints[0].histogram.n, 0);
    assert_true(fabs(summary.metrics.p95_ms - report.metrics.p95_ms) <=
                1e-5 * report.metrics.p95_ms);
    assert_string_equal(summary.workload, report.workload);
    assert_string_equal(summary.scenario_hash, report.scenario_hash);
    buf_release(&out);
    report_release(&report);
    report_release(&summary);
}

static void test_report__reasons_have_names(void **state)
{
    (void)state;
    for (enum invalid_reason i = 0; i < INVALID_COUNT; i++) {
        assert_non_null(invalid_reason_name(i));
        assert_string_not_equal(invalid_reason_text(invalid_reason_name(i)),
                                invalid_reason_name(i));
    }
    assert_string_equal(invalid_reason_text("of_tomorrow"), "of_tomorrow");
    assert_string_equal(invalid_reason_name(INVALID_INTERRUPTED), "interrupted");
}

static void test_report__missing_file(void **state)
{
    (void)state;
    struct report report;
    struct err err = {0};
    assert_int_equal(report_read("build/no-such-file.json", &report, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    assert_string_equal(err.text,
                        "cannot open 'build/no-such-file.json': No such file or directory");
}

static void test_report__workloads_and_usable_runs(void **state)
{
    (void)state;
    struct report one = {.workload = "0011"}, two = {.workload = "0022"}, unknown = {0};
    assert_true(report_same_workload(&one, &one));
    assert_false(report_same_workload(&one, &two));
    assert_false(report_same_workload(&one, &unknown));
    assert_false(report_same_workload(&unknown, &one));
    assert_true(report_same_workload(&unknown, &unknown));
    one.health.valid = true;
    assert_false(report_is_usable(&one)); /* no requests */
    one.metrics.total_requests = two.metrics.total_requests = 1;
    assert_true(report_is_usable(&one));
    assert_false(report_is_usable(&two));
    two.flat = true; /* says nothing of its health */
    assert_true(report_is_usable(&two));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report__flat_form),
        cmocka_unit_test(test_report__flat_form_may_say_how_it_was_rounded),
        cmocka_unit_test(test_report__without_requests_latencies_are_not_known),
        cmocka_unit_test(test_report__refuses_other_documents),
        cmocka_unit_test(test_report__refuses_bad_values),
        cmocka_unit_test(test_report__refuses_bad_histograms),
        cmocka_unit_test(test_report__refuses_bad_blocks),
        cmocka_unit_test(test_report__refuses_figures_that_the_evidence_contradicts),
        cmocka_unit_test(test_report__refuses_bad_pairs_and_series),
        cmocka_unit_test(test_report__refuses_bad_looks),
        cmocka_unit_test(test_report__says_how_a_look_ended_the_run),
        cmocka_unit_test(test_report__round_trip_is_the_identity),
        cmocka_unit_test(test_report__unknown_figures_are_null),
        cmocka_unit_test(test_report__endpoints_are_sorted),
        cmocka_unit_test(test_report__summary_has_no_evidence),
        cmocka_unit_test(test_report__workloads_and_usable_runs),
        cmocka_unit_test(test_report__reasons_have_names),
        cmocka_unit_test(test_report__missing_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
