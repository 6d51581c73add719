#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/verdict.h"

static int decode(const char *json, struct verdict *verdict, struct err *err)
{
    return verdict_decode(json, strlen(json), "v.json", verdict, err);
}

static void expect_error(const char *json, const char *message)
{
    struct verdict verdict;
    struct err err = {0};
    assert_int_equal(decode(json, &verdict, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
    assert_null(verdict.arena.chunks);
}

static const char full[] = "{\n"
                           "  \"schema\": \"perfgate.verdict/1\",\n"
                           "  \"status\": \"fail\",\n"
                           "  \"exit_code\": 1,\n"
                           "  \"summary\": \"slower\",\n"
                           "  \"regressions\": [\n"
                           "    {\n"
                           "      \"metric\": \"avg_response_time\",\n"
                           "      \"current\": 120,\n"
                           "      \"baseline\": 100,\n"
                           "      \"degradation\": 20,\n"
                           "      \"endpoint\": \"/forum\",\n"
                           "      \"method\": \"GET\",\n"
                           "      \"against\": \"anchor\"\n"
                           "    }\n"
                           "  ],\n"
                           "  \"comparison\": \"paired\",\n"
                           "  \"baseline_choice\": \"the pair's base side\",\n"
                           "  \"policy_choice\": \"built in\",\n"
                           "  \"suite\": \"panel\",\n"
                           "  \"alpha\": 0.001,\n"
                           "  \"starts\": 3,\n"
                           "  \"pairs\": 60,\n"
                           "  \"batches\": 20,\n"
                           "  \"users\": 100,\n"
                           "  \"duration_ms\": 30000,\n"
                           "  \"environment\": {\n"
                           "    \"cores\": 2\n"
                           "  },\n"
                           "  \"warnings\": [\"the scenario differs\"],\n"
                           "  \"rows\": [\n"
                           "    {\n"
                           "      \"endpoint\": \"/forum\",\n"
                           "      \"method\": \"GET\",\n"
                           "      \"metric\": \"avg_response_time\",\n"
                           "      \"status\": \"regressed\",\n"
                           "      \"base\": 100,\n"
                           "      \"candidate\": 120,\n"
                           "      \"change_percent\": 20,\n"
                           "      \"threshold\": 1.1,\n"
                           "      \"min_change\": 2.5,\n"
                           "      \"limit\": 2000,\n"
                           "      \"interval_low\": 1.15,\n"
                           "      \"interval_high\": 1.25,\n"
                           "      \"p\": 1e-05,\n"
                           "      \"detectable_change\": 0.03,\n"
                           "      \"base_count\": 1000,\n"
                           "      \"candidate_count\": 1001,\n"
                           "      \"required\": true,\n"
                           "      \"judged\": true,\n"
                           "      \"text_digits\": 2,\n"
                           "      \"reason\": \"over the threshold\",\n"
                           "      \"acceptance\": {\n"
                           "        \"by\": \"Ann <a@b.c>\",\n"
                           "        \"reason\": \"new index\",\n"
                           "        \"value\": 110,\n"
                           "        \"place\": \"1a2b3c4:x.accept.json\",\n"
                           "        \"until\": \"2026-12-31\"\n"
                           "      },\n"
                           "      \"warnings\": [\"over the target\"]\n"
                           "    },\n"
                           "    {\n"
                           "      \"against\": \"anchor\",\n"
                           "      \"anchor\": {\n"
                           "        \"run\": \"20261123T161100Z-a-b.json\",\n"
                           "        \"label\": \"v1.4\"\n"
                           "      },\n"
                           "      \"metric\": \"error_rate\",\n"
                           "      \"status\": \"insufficient\",\n"
                           "      \"change_percent\": -3,\n"
                           "      \"base_count\": 0,\n"
                           "      \"candidate_count\": 0,\n"
                           "      \"judged\": false\n"
                           "    }\n"
                           "  ]\n"
                           "}\n";

static void test_verdict__encodes_what_it_decoded(void **state)
{
    (void)state;
    struct verdict verdict;
    struct err err = {0};
    struct buf out = {0};
    int status = decode(full, &verdict, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    assert_int_equal(verdict.status, OVERALL_FAIL);
    assert_int_equal(verdict.rows[0].metric, METRIC_AVERAGE);
    assert_int_equal(verdict.rows[0].text_digits, 2);
    assert_string_equal(verdict.rows[0].acceptance->by, "Ann <a@b.c>");
    assert_true(verdict.rows[0].acceptance->value == 110);
    assert_int_equal(verdict.rows[1].status, ROW_INSUFFICIENT);
    assert_null(verdict.rows[1].acceptance);
    assert_true(isnan(verdict.rows[1].base));
    verdict_encode(&verdict, &out);
    assert_string_equal(buf_text(&out), full);
    buf_release(&out);
    verdict_release(&verdict);
    verdict_release(&verdict);
}

#define HEAD                                                                                       \
    "{\"schema\": \"perfgate.verdict/1\", \"status\": \"pass\", \"exit_code\": 0, "                \
    "\"comparison\": \"file\", "

#define NAMED(better)                                                                              \
    HEAD "\"rows\": [{\"metric\": \"hits\", " better "\"status\": \"stable\", \"judged\": true, "  \
         "\"base\": -1}]}"

static void test_verdict__named_metrics(void **state)
{
    (void)state;
    struct verdict verdict, again;
    struct err err = {0};
    struct buf out = {0};
    assert_int_equal(decode(NAMED("\"better\": \"higher\", "), &verdict, &err), 0);
    assert_int_equal(verdict.rows[0].metric, METRIC_NAMED_HIGHER);
    assert_string_equal(verdict_row_title(&verdict.rows[0]), "hits");
    verdict_encode(&verdict, &out);
    assert_int_equal(decode(buf_text(&out), &again, &err), 0);
    assert_int_equal(again.rows[0].metric, METRIC_NAMED_HIGHER);
    assert_string_equal(verdict_row_key(&again.rows[0]), "hits");
    assert_true(again.rows[0].base == -1);
    verdict_release(&again);
    verdict_release(&verdict);
    assert_int_equal(decode(NAMED("\"better\": \"lower\", "), &verdict, &err), 0);
    assert_int_equal(verdict.rows[0].metric, METRIC_NAMED);
    verdict_release(&verdict);
    buf_release(&out);
    expect_error(NAMED("\"better\": \"more\", "),
                 "'v.json': rows[0].better: expected \"lower\" or \"higher\", beside a metric that "
                 "has a name of its own");
    expect_error(HEAD "\"rows\": [{\"metric\": \"p95\", \"better\": \"lower\"}]}",
                 "'v.json': rows[0].better: expected \"lower\" or \"higher\", beside a metric that "
                 "has a name of its own");
}

static void test_verdict__infinite_figures_are_left_out(void **state)
{
    (void)state;
    struct verdict_regression regression = {
        .metric = "error_rate", .current = 1, .baseline = 0, .degradation = INFINITY};
    struct verdict verdict = {.alpha = 0.001, .n_regressions = 1, .regressions = &regression},
                   again;
    struct err err = {0};
    struct buf out = {0};
    verdict_encode(&verdict, &out);
    assert_int_equal(decode(buf_text(&out), &again, &err), 0);
    assert_true(isnan(again.regressions[0].degradation));
    assert_true(again.regressions[0].baseline == 0);
    buf_release(&out);
    verdict_release(&again);
}

static void test_verdict__refuses_what_it_does_not_understand(void **state)
{
    (void)state;
    expect_error("{\"schema\": \"perfgate.verdict/1\"}", "'v.json': the key 'status' is missing");
    expect_error(HEAD "\"rows\": 1}", "'v.json': rows: expected an array, found a number");
    expect_error(HEAD "\"rows\": [{\"metric\": \"speed\"}]}",
                 "'v.json': rows[0].metric: expected the name of a metric, found 'speed'");
    expect_error(HEAD "\"rows\": [{\"metric\": \"error_rate\", \"status\": \"bad\"}]}",
                 "'v.json': rows[0].status: expected one of regressed, over_limit, errored, "
                 "not_comparable, missing_baseline, insufficient, accepted, stable, improved, "
                 "found 'bad'");
    expect_error(HEAD "\"rows\": [{\"metric\": \"error_rate\", \"status\": \"stable\", "
                      "\"judged\": true, \"p\": 2}]}",
                 "'v.json': rows[0].p: expected a number from 0 to 1, found 2");
    expect_error(HEAD "\"rows\": [{\"metric\": \"error_rate\", \"status\": \"accepted\", "
                      "\"judged\": true, \"acceptance\": {\"by\": \"Ann\", \"value\": 1}}]}",
                 "'v.json': rows[0].acceptance: the key 'reason' is missing");
    expect_error(HEAD "\"rows\": [{\"metric\": \"error_rate\", \"status\": \"accepted\", "
                      "\"judged\": true, \"acceptance\": {\"by\": \"Ann\", \"reason\": \"x\", "
                      "\"value\": -1}}]}",
                 "'v.json': rows[0].acceptance.value: expected a number from 0 to 1.79769313e+308, "
                 "found -1");
    expect_error("{\"schema\": \"perfgate.verdict/1\", \"status\": \"pass\", \"exit_code\": 4}",
                 "'v.json': exit_code: expected a whole number from 0 to 3, found 4");
}

static void test_verdict__names(void **state)
{
    (void)state;
    assert_string_equal(row_status_name(ROW_REGRESSED), "regressed");
    assert_string_equal(row_status_name(ROW_IMPROVED), "improved");
    assert_string_equal(overall_status_name(OVERALL_UNDECIDED), "undecided");
    assert_string_equal(comparison_name(COMPARISON_STORED), "stored");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdict__encodes_what_it_decoded),
        cmocka_unit_test(test_verdict__infinite_figures_are_left_out),
        cmocka_unit_test(test_verdict__refuses_what_it_does_not_understand),
        cmocka_unit_test(test_verdict__names),
        cmocka_unit_test(test_verdict__named_metrics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
