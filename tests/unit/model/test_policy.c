#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/policy.h"

static const struct tags none;

static int decode(const char *json, struct policy *policy, struct err *err)
{
    return policy_decode(json, strlen(json), "p.json", policy, err);
}

static void expect_error(const char *json, const char *message)
{
    struct policy policy;
    struct err err = {0};
    assert_int_equal(decode(json, &policy, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
}

static void assert_default(const struct policy *policy)
{
    assert_true(policy->alpha == 0.001);
    assert_true(policy->overall.threshold[METRIC_AVERAGE] == 1.1);
    assert_true(policy->overall.threshold[METRIC_ERROR_RATE] == 2.0);
    assert_true(policy->overall.threshold[METRIC_P95] == 1.2);
    assert_true(isnan(policy->overall.threshold[METRIC_P99]));
    assert_true(policy->overall.limit[METRIC_AVERAGE].target == 500);
    assert_true(policy->overall.limit[METRIC_AVERAGE].critical == 2000);
    assert_true(policy->overall.limit[METRIC_P95].target == 1000);
    assert_true(policy->overall.limit[METRIC_P95].critical == 5000);
    assert_true(policy->overall.limit[METRIC_ERROR_RATE].target == 0.01);
    assert_true(policy->overall.limit[METRIC_ERROR_RATE].critical == 0.05);
    assert_true(policy->overall.limit[METRIC_CPU_USAGE].target == 0.7);
    assert_true(policy->overall.limit[METRIC_CPU_USAGE].critical == 0.9);
    assert_true(policy->overall.limit[METRIC_MEMORY_USAGE].target == 0.8);
    assert_true(policy->overall.limit[METRIC_MEMORY_USAGE].critical == 0.95);
    assert_false(policy->overall.limit_set[METRIC_CPU_USAGE]);
    assert_int_equal(policy->n_endpoints, 0);
    assert_int_equal(policy->acceptances, ACCEPTANCES_BASE);
    assert_int_equal(policy->n_alerts, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(policy_alert_is_default(&policy->alerts[i]));
    assert_string_equal(policy->alerts[0].message, "Average response time above 1 second");
    assert_int_equal(policy->alerts[0].severity, ALERT_WARNING);
    assert_string_equal(policy->alerts[1].message, "Error rate above 5%");
    assert_int_equal(policy->alerts[1].severity, ALERT_ERROR);
    assert_string_equal(policy->alerts[2].message, "CPU usage above 90%");
    assert_int_equal(policy->alerts[2].severity, ALERT_CRITICAL);
    for (size_t i = 0; i < EVENT_COUNT; i++)
        assert_int_equal(policy->on[i], ON_DEFAULT);
}

static void test_policy__empty_document_is_the_default(void **state)
{
    (void)state;
    struct policy policy;
    struct err err = {0};
    policy_init_default(&policy);
    assert_default(&policy);
    policy_release(&policy);
    assert_int_equal(decode("{\"schema\": \"perfgate.policy/1\"}", &policy, &err), 0);
    assert_default(&policy);
    policy_release(&policy);
    policy_release(&policy);
}

static const char full[] = "{\n"
                           "  \"schema\": \"perfgate.policy/1\",\n"
                           "  \"alpha\": 0.01,\n"
                           "  \"thresholds\": {\n"
                           "    \"avg_response_time\": 1.25,\n"
                           "    \"error_rate\": 2,\n"
                           "    \"95th_percentile\": 1.2,\n"
                           "    \"99th_percentile\": 1.5\n"
                           "  },\n"
                           "  \"min_change\": \"2ms\",\n"
                           "  \"limits\": {\n"
                           "    \"avg_response_time\": {\"target\": 300, \"critical\": 2000},\n"
                           "    \"error_rate\": {\"target\": 0, \"critical\": 0.05},\n"
                           "    \"95th_percentile\": {\"target\": 1000, \"critical\": 5000},\n"
                           "    \"cpu_usage\": {\"target\": 0.5, \"critical\": 0.9}\n"
                           "  },\n"
                           "  \"tags\": {\n"
                           "    \"read\": {\n"
                           "      \"thresholds\": {\n"
                           "        \"avg_response_time\": 1.05\n"
                           "      },\n"
                           "      \"required\": true\n"
                           "    },\n"
                           "    \"A.b_c-1\": {}\n"
                           "  },\n"
                           "  \"endpoints\": {\n"
                           "    \"GET /api/*\": {\n"
                           "      \"thresholds\": {\n"
                           "        \"95th_percentile\": 1.5\n"
                           "      },\n"
                           "      \"min_change\": {\n"
                           "        \"95th_percentile\": \"0.1234ms\"\n"
                           "      },\n"
                           "      \"limits\": {\n"
                           "        \"95th_percentile\": {\"critical\": 800}\n"
                           "      },\n"
                           "      \"required\": true\n"
                           "    },\n"
                           "    \"POST ?login*\": {}\n"
                           "  },\n"
                           "  \"on\": {\n"
                           "    \"missing_baseline\": \"pass\",\n"
                           "    \"scenario_changed\": \"fail\"\n"
                           "  },\n"
                           "  \"acceptances\": \"candidate\",\n"
                           "  \"alerts\": {\n"
                           "    \"errors\": {\n"
                           "      \"condition\": \"error_rate > 0.01\",\n"
                           "      \"severity\": \"critical\",\n"
                           "      \"message\": \"too many\",\n"
                           "      \"action\": \"abort\"\n"
                           "    }\n"
                           "  }\n"
                           "}\n";

static void test_policy__encodes_what_it_decoded(void **state)
{
    (void)state;
    struct policy policy;
    struct err err = {0};
    struct buf out = {0};
    assert_int_equal(decode(full, &policy, &err), 0);
    assert_string_equal(err.text, "");
    assert_int_equal(policy.on[EVENT_MISSING_BASELINE], ON_PASS);
    assert_int_equal(policy.on[EVENT_SCENARIO_CHANGED], ON_FAIL);
    assert_int_equal(policy.acceptances, ACCEPTANCES_CANDIDATE);
    assert_true(policy.overall.limit_set[METRIC_CPU_USAGE]);
    policy_encode(&policy, &out);
    assert_string_equal(buf_text(&out), full);
    policy_release(&policy);
    buf_release(&out);
}

static void test_policy__default_survives_encoding(void **state)
{
    (void)state;
    struct policy policy;
    struct err err = {0};
    struct buf out = {0};
    policy_init_default(&policy);
    policy_encode(&policy, &out);
    policy_release(&policy);
    assert_null(strstr(buf_text(&out), "\"cpu_usage\""));
    assert_int_equal(decode(buf_text(&out), &policy, &err), 0);
    assert_default(&policy);
    policy_release(&policy);
    buf_release(&out);
}

#define S "{\"schema\": \"perfgate.policy/1\", "

static void test_policy__refuses_what_it_does_not_understand(void **state)
{
    (void)state;
    expect_error("{}", "'p.json': the key 'schema' is missing; expected \"schema\": "
                       "\"perfgate.policy/1\"");
    expect_error("[]", "'p.json': expected an object, found an array");
    expect_error("{\"schema\": \"perfgate.report/1\"}",
                 "'p.json': schema: this is a report; expected a policy (\"perfgate.policy/1\")");
    expect_error("{\"schema\": \"perfgate.policy/2\"}",
                 "'p.json': schema: this tool reads \"perfgate.policy/1\", found "
                 "\"perfgate.policy/2\"; use the version that wrote it");
    expect_error("{\"schema\": \"policy\"}",
                 "'p.json': schema: expected \"perfgate.policy/1\", found \"policy\"");
    expect_error("{\"schema\": 1}", "'p.json': schema: expected a string, found a number");
    expect_error(S "\"treshold\": {}}",
                 "'p.json': treshold: unknown key; remove it or mend its spelling");
    expect_error(S "\"thresholds\": {\"avg\": 1.1}}",
                 "'p.json': thresholds.avg: unknown metric; expected one of avg_response_time, "
                 "error_rate, 95th_percentile, 99th_percentile, median_response_time, "
                 "75th_percentile, 90th_percentile, 99.9th_percentile, min_response_time, "
                 "max_response_time, requests_per_second, cpu_usage, memory_usage");
    expect_error(S "\"thresholds\": {\"avg_response_time\": 1.1, \"average_response_time\": 2}}",
                 "'p.json': thresholds.average_response_time: this metric is there twice, as "
                 "'avg_response_time' and 'average_response_time'; keep one");
    expect_error(S "\"thresholds\": {\"error_rate\": 0}}",
                 "'p.json': thresholds.error_rate: expected a number from 0.01 to 1000, found 0");
    expect_error(S "\"thresholds\": {\"error_rate\": null}}",
                 "'p.json': thresholds.error_rate: expected a number, found null");
    expect_error(S "\"thresholds\": []}", "'p.json': thresholds: expected an object, found an "
                                          "array");
    expect_error(S "\"limits\": {\"error_rate\": {\"target\": 5}}}",
                 "'p.json': limits.error_rate.target: expected a number from 0 to 1, found 5");
    expect_error(S "\"limits\": {\"avg_response_time\": {\"target\": 3000}}}",
                 "'p.json': limits.avg_response_time: target (3000) is larger than critical "
                 "(2000); where one is not given, it has the built-in default");
    expect_error(S "\"limits\": {\"avg_response_time\": {\"max\": 3000}}}",
                 "'p.json': limits.avg_response_time.max: unknown key; expected target or "
                 "critical");
    expect_error(S "\"limits\": {\"requests_per_second\": {\"target\": 1}}}",
                 "'p.json': limits.requests_per_second: a limit is an upper one; this metric has "
                 "none");
    expect_error(S "\"alpha\": 0}",
                 "'p.json': alpha: expected a number from 1e-09 to 0.5, found 0");
    expect_error(S "\"endpoints\": {\"\": {}}}",
                 "'p.json': endpoints.: expected a pattern such as 'GET /api/*', found ''");
    expect_error(S "\"endpoints\": {\"GET /\": {\"alpha\": 1}}}",
                 "'p.json': endpoints.GET /.alpha: unknown key; remove it or mend its spelling");
    expect_error(S "\"on\": {\"missing_baseline\": \"ignore\"}}",
                 "'p.json': on.missing_baseline: expected one of default, pass, fail, undecided, "
                 "found 'ignore'");
    expect_error(S "\"acceptances\": \"fork\"}",
                 "'p.json': acceptances: expected one of base, candidate, found 'fork'");
}

static void test_policy__refuses_what_is_no_alert(void **state)
{
    (void)state;
    expect_error(S "\"alerts\": {\"a\": {\"severity\": \"error\", \"message\": \"\"}}}",
                 "'p.json': alerts.a: the key 'condition' is missing");
    expect_error(
        S "\"alerts\": {\"a\": {\"condition\": \"\", \"severity\": \"error\", "
          "\"message\": \"\"}}}",
        "'p.json': alerts.a: condition: column 1: expected a metric such as error_rate, or "
        "endpoint('GET /x'), found the end");
    expect_error(
        S "\"alerts\": {\"a\": {\"condition\": \"x\", \"severity\": \"red\", "
          "\"message\": \"\"}}}",
        "'p.json': alerts.a.severity: expected one of warning, error, critical, found 'red'");
}

static void test_policy__refuses_what_is_no_tag(void **state)
{
    (void)state;
    expect_error(S "\"tags\": {\"\": {}}}",
                 "'p.json': tags.: expected a tag of 1 to 64 letters, digits, '.', '_' and '-', "
                 "found ''");
    expect_error(S "\"tags\": {\"check out\": {}}}",
                 "'p.json': tags.check out: expected a tag of 1 to 64 letters, digits, '.', '_' "
                 "and '-', found 'check out'");
    expect_error(S "\"tags\": [\"read\"]}", "'p.json': tags: expected an object, found an array");
    expect_error(S "\"tags\": {\"read\": {\"threshold\": {}}}}",
                 "'p.json': tags.read.threshold: unknown key; remove it or mend its spelling");
}

static void test_policy__refuses_a_least_change_without_a_unit(void **state)
{
    (void)state;
    static const char expected[] = "expected a duration with its unit, such as \"2ms\", found ";
    static const char *const values[][2] = {
        {"2", "a number"}, {"\"2\"", "'2'"},   {"\"2.\"", "'2.'"},     {"\"\"", "''"},
        {"null", "null"},  {"[]", "an array"}, {"\"-2ms\"", "'-2ms'"}, {"\"2 ms\"", "'2 ms'"},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char json[200], message[200];
        snprintf(json, sizeof json, S "\"min_change\": %s}", values[i][0]);
        snprintf(message, sizeof message, "'p.json': min_change: %s%s", expected, values[i][1]);
        expect_error(json, message);
    }
    expect_error(S "\"min_change\": {\"p95\": 2}}",
                 "'p.json': min_change.p95: expected a duration with its unit, such as \"2ms\", "
                 "found a number");
    expect_error(S "\"min_change\": {\"error_rate\": \"2ms\"}}",
                 "'p.json': min_change.error_rate: expected a metric in ms; this one is none");
}

static void test_policy__least_changes_of_an_endpoint(void **state)
{
    (void)state;
    static const char json[] = S "\"min_change\": \"1.5ms\", \"endpoints\": {"
                                 "\"GET /api/*\": {\"min_change\": {\"p95\": \"3ms\"}},"
                                 "\"GET /api/exact\": {\"min_change\": \"0ms\"}}}";
    struct policy policy;
    struct policy_rules rules;
    struct err err = {0};
    assert_int_equal(decode(json, &policy, &err), 0);
    assert_true(policy.overall.min_change[METRIC_MAX] == 1.5);
    assert_true(isnan(policy.overall.min_change[METRIC_ERROR_RATE]));
    policy_rules_for(&policy, "POST", "/", &none, &rules);
    assert_true(rules.min_change[METRIC_P95] == 1.5);
    policy_rules_for(&policy, "GET", "/api/v1", &none, &rules);
    assert_true(rules.min_change[METRIC_P95] == 3);
    assert_true(rules.min_change[METRIC_AVERAGE] == 1.5);
    policy_rules_for(&policy, "GET", "/api/exact", &none, &rules);
    assert_true(rules.min_change[METRIC_P95] == 0);
    assert_true(rules.min_change[METRIC_AVERAGE] == 0);
    policy_release(&policy);
}

static void test_policy__endpoint_entries_apply_in_order(void **state)
{
    (void)state;
    static const char json[] =
        S "\"endpoints\": {"
          "\"*\": {\"thresholds\": {\"p95\": 2}},"
          "\"GET /api/*\": {\"thresholds\": {\"p95\": 1.5}, \"required\": true},"
          "\"GET /api/*/posts\": {\"limits\": {\"p95\": {\"critical\": 100}}},"
          "\"GET /api/v?/*s\": {\"thresholds\": {\"p95\": 1.3, \"p99\": 1.4}}}}";
    struct policy policy;
    struct policy_rules rules;
    struct err err = {0};
    assert_int_equal(decode(json, &policy, &err), 0);

    policy_rules_for(&policy, "POST", "/", &none, &rules);
    assert_true(rules.threshold[METRIC_P95] == 2);
    assert_true(rules.threshold[METRIC_AVERAGE] == 1.1);
    assert_true(isnan(rules.threshold[METRIC_P99]));
    assert_true(isnan(rules.limit[METRIC_P95].critical)); /* the overall limits stay overall */
    assert_false(rules.required);

    policy_rules_for(&policy, "GET", "/api/v1/user/7/posts", &none, &rules);
    assert_true(rules.threshold[METRIC_P95] == 1.3);
    assert_true(rules.threshold[METRIC_P99] == 1.4);
    assert_true(rules.limit[METRIC_P95].critical == 100);
    assert_true(isnan(rules.limit[METRIC_P95].target));
    assert_true(rules.limit_set[METRIC_P95]);
    assert_true(rules.required);

    policy_rules_for(&policy, "GET", "/api", &none, &rules);
    assert_true(rules.threshold[METRIC_P95] == 2);
    policy_release(&policy);
}

/* … and before those of endpoints, wherever these are in the file. */
static void test_policy__tag_entries_apply_in_order(void **state)
{
    (void)state;
    static const char json[] =
        S "\"endpoints\": {\"GET /pay*\": {\"thresholds\": {\"p95\": 3}}},"
          "\"tags\": {"
          "\"write\": {\"thresholds\": {\"p95\": 1.5, \"p99\": 1.4},"
          "            \"min_change\": \"1ms\"},"
          "\"checkout\": {\"thresholds\": {\"p95\": 1.3}, \"required\": true,"
          "               \"limits\": {\"p95\": {\"critical\": 100}}}}}";
    const char *both_names[] = {"checkout", "write"}, *other_names[] = {"check", "writes"};
    struct tags both = {2, both_names}, one = {1, both_names + 1}, other = {2, other_names};
    struct policy policy;
    struct policy_rules rules;
    struct err err = {0};
    assert_int_equal(decode(json, &policy, &err), 0);
    assert_string_equal(policy_entry(&policy, 0)->pattern, "write");
    assert_string_equal(policy_entry(&policy, 1)->pattern, "checkout");
    assert_string_equal(policy_entry(&policy, 2)->pattern, "GET /pay*");
    assert_null(policy_entry(&policy, 3));

    policy_rules_for(&policy, "GET", "/a", &both, &rules);
    assert_true(rules.threshold[METRIC_P95] == 1.3);
    assert_true(rules.threshold[METRIC_P99] == 1.4);
    assert_true(rules.threshold[METRIC_AVERAGE] == 1.1);
    assert_true(rules.min_change[METRIC_P95] == 1);
    assert_true(rules.limit[METRIC_P95].critical == 100);
    assert_true(rules.required);
    policy_rules_for(&policy, "GET", "/a", &one, &rules);
    assert_true(rules.threshold[METRIC_P95] == 1.5);
    assert_false(rules.required);
    policy_rules_for(&policy, "GET", "/pay/1", &both, &rules);
    assert_true(rules.threshold[METRIC_P95] == 3);
    assert_true(rules.threshold[METRIC_P99] == 1.4);
    policy_rules_for(&policy, "GET", "write", &other, &rules);
    assert_true(rules.threshold[METRIC_P95] == 1.2);
    policy_release(&policy);
}

static void expect_usage(const char *assignment, const char *message)
{
    struct policy policy;
    struct err err = {0};
    policy_init_default(&policy);
    assert_int_equal(policy_set_threshold(&policy, assignment, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_memory_equal(err.text, message, strlen(message));
    assert_default(&policy);
}

static void test_policy__threshold_from_a_command_line(void **state)
{
    (void)state;
    struct policy policy;
    struct err err = {0};
    policy_init_default(&policy);
    assert_int_equal(policy_set_threshold(&policy, "average_response_time=1.05", &err), 0);
    assert_true(policy.overall.threshold[METRIC_AVERAGE] == 1.05);
    assert_int_equal(policy_set_threshold(&policy, "p99=2", &err), 0);
    assert_true(policy.overall.threshold[METRIC_P99] == 2);
    expect_usage("p99", "threshold 'p99': expected METRIC=RATIO, as in avg_response_time=1.1");
    expect_usage("=1", "threshold '=1': unknown metric ''; expected one of avg_response_time, ");
    expect_usage("p99=x", "threshold 'p99=x': ratio: expected a number, found 'x'");
    expect_usage("p99=0", "threshold 'p99=0': ratio: expected a number from 0.01 to 1000");
    expect_usage("p99=nan", "threshold 'p99=nan': ratio: expected a number, found 'nan'");
    expect_usage(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=1",
        "threshold 'aaaa");
}

static void test_policy__event_names(void **state)
{
    (void)state;
    assert_string_equal(policy_event_name(EVENT_MISSING_BASELINE), "missing_baseline");
    assert_string_equal(policy_event_name(EVENT_SCENARIO_CHANGED), "scenario_changed");
}

#define METRICS(json) "{\"schema\": \"perfgate.policy/1\", \"metrics\": {" json "}}"

static void test_policy__named_metrics(void **state)
{
    (void)state;
    struct policy policy, again;
    struct err err = {0};
    struct buf out = {0};
    assert_int_equal(
        decode(METRICS("\"hits\": {\"better\": \"higher\", \"threshold\": 1.25, \"limit\": "
                       "{\"target\": 0.9, \"critical\": -1}, \"optional\": true}, "
                       "\"queue\": {\"better\": \"lower\", \"threshold\": 0.5}"),
               &policy, &err),
        0);
    policy_encode(&policy, &out);
    policy_release(&policy);
    assert_int_equal(decode(buf_text(&out), &again, &err), 0);
    const struct policy_metric *hits = policy_find_metric(&again, "hits");
    assert_int_equal(policy_metric_kind(hits), METRIC_NAMED_HIGHER);
    assert_true(hits->threshold == 1.25 && hits->limit.target == 0.9 && hits->limit.critical == -1);
    assert_true(hits->optional);
    const struct policy_metric *queue = policy_find_metric(&again, "queue");
    assert_int_equal(policy_metric_kind(queue), METRIC_NAMED);
    assert_true(isnan(queue->limit.target) && !queue->optional);
    assert_null(policy_find_metric(&again, "other"));
    buf_release(&out);
    policy_release(&again);
}

static void test_policy__refuses_named_metrics_that_say_nothing(void **state)
{
    (void)state;
    expect_error(METRICS("\"hits\": {\"threshold\": 2}"),
                 "'p.json': metrics.hits: the key 'better' is missing");
    expect_error(METRICS("\"hits\": {\"better\": \"higher\"}"),
                 "'p.json': metrics.hits: expected a threshold or a limit; without either it asks "
                 "for nothing");
    expect_error(METRICS("\"p95\": {\"better\": \"lower\", \"threshold\": 2}"),
                 "'p.json': metrics.p95: this metric is known; its rules belong under thresholds "
                 "and limits");
    expect_error(METRICS("\"hits\": {\"better\": \"higher\", \"threshold\": 0.9}"),
                 "'p.json': metrics.hits: threshold: expected 1 or more, found 0.9; more is better "
                 "here, so 1.25 lets it fall to 1 / 1.25 of the base's");
    expect_error(METRICS("\"hits\": {\"better\": \"higher\", \"limit\": {\"target\": 1, "
                         "\"critical\": 2}}"),
                 "'p.json': metrics.hits: target (1) is smaller than critical (2)");
    expect_error(METRICS("\"queue\": {\"better\": \"lower\", \"limit\": {\"target\": 2, "
                         "\"critical\": 1}}"),
                 "'p.json': metrics.queue: target (2) is larger than critical (1)");
    expect_error(METRICS("\"\": {\"better\": \"lower\", \"threshold\": 2}"),
                 "'p.json': metrics.: expected the name of a metric, such as 'cache_hit_ratio'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy__empty_document_is_the_default),
        cmocka_unit_test(test_policy__encodes_what_it_decoded),
        cmocka_unit_test(test_policy__named_metrics),
        cmocka_unit_test(test_policy__refuses_named_metrics_that_say_nothing),
        cmocka_unit_test(test_policy__default_survives_encoding),
        cmocka_unit_test(test_policy__refuses_what_it_does_not_understand),
        cmocka_unit_test(test_policy__refuses_what_is_no_alert),
        cmocka_unit_test(test_policy__refuses_what_is_no_tag),
        cmocka_unit_test(test_policy__refuses_a_least_change_without_a_unit),
        cmocka_unit_test(test_policy__least_changes_of_an_endpoint),
        cmocka_unit_test(test_policy__endpoint_entries_apply_in_order),
        cmocka_unit_test(test_policy__tag_entries_apply_in_order),
        cmocka_unit_test(test_policy__threshold_from_a_command_line),
        cmocka_unit_test(test_policy__event_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
