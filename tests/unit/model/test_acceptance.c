/* Acceptances and anchors: the marks beside the runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "model/acceptance.h"
#include "model/anchor.h"

static const char full[] = "{\n"
                           "  \"schema\": \"perfgate.acceptance/1\",\n"
                           "  \"metric\": \"avg_response_time\",\n"
                           "  \"scope\": \"GET /forum\",\n"
                           "  \"value\": 126.5,\n"
                           "  \"reason\": \"new index costs a lookup\",\n"
                           "  \"by\": \"Ann <a@b.c>\",\n"
                           "  \"accepted_at\": \"2026-11-24T09:30:00Z\",\n"
                           "  \"commit\": \"1a2b3c4\",\n"
                           "  \"until\": \"2026-12-31\"\n"
                           "}\n";
static const char full_anchor[] =
    "{\n"
    "  \"schema\": \"perfgate.anchor/1\",\n"
    "  \"run\": \"20261123T161100Z-0123456789ab-ba9876543210.json\",\n"
    "  \"label\": \"v1.4\",\n"
    "  \"by\": \"Ann <a@b.c>\",\n"
    "  \"anchored_at\": \"2026-11-24T09:30:00Z\"\n"
    "}\n";

/* `text` with its first `from` replaced by `to`; the caller frees. */
static char *with(const char *text, const char *from, const char *to)
{
    struct buf out = {0};
    const char *at = strstr(text, from);
    assert_non_null(at);
    buf_add(&out, text, (size_t)(at - text));
    buf_add_str(&out, to);
    buf_add_str(&out, at + strlen(from));
    return buf_take(&out);
}

static void expect_error(const char *from, const char *to, const char *message)
{
    char *json = with(full, from, to);
    struct acceptance acceptance;
    struct err err = {0};
    assert_int_equal(acceptance_decode(json, strlen(json), "a.json", &acceptance, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
    assert_null(acceptance.reason);
    free(json);
}

static void expect_anchor_error(const char *from, const char *to, const char *message)
{
    char *json = with(full_anchor, from, to);
    struct anchor anchor;
    struct err err = {0};
    assert_int_equal(anchor_decode(json, strlen(json), "a.json", &anchor, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
    assert_null(anchor.run);
    free(json);
}

static void test_acceptance__encodes_what_it_decoded(void **state)
{
    (void)state;
    struct acceptance acceptance;
    struct err err = {0};
    struct buf out = {0};
    assert_int_equal(acceptance_decode(full, sizeof full - 1, "a.json", &acceptance, &err), 0);
    assert_int_equal(acceptance.metric, METRIC_AVERAGE);
    assert_string_equal(acceptance.scope, "GET /forum");
    assert_true(acceptance.value == 126.5);
    assert_string_equal(acceptance.commit, "1a2b3c4");
    assert_null(acceptance.place);
    acceptance_encode(&acceptance, &out);
    assert_string_equal(buf_text(&out), full);
    acceptance_release(&acceptance);
    acceptance_release(&acceptance);
    buf_release(&out);
}

static void test_acceptance__of_a_named_metric(void **state)
{
    (void)state;
    char *json = with(full, "\"avg_response_time\",\n  \"scope\": \"GET /forum\"",
                      "\"hits\",\n  \"better\": \"higher\",\n  \"scope\": \"overall\"");
    struct acceptance acceptance;
    struct err err = {0};
    struct buf out = {0};
    assert_int_equal(acceptance_decode(json, strlen(json), "a.json", &acceptance, &err), 0);
    assert_true(acceptance_is_of(&acceptance, METRIC_NAMED_HIGHER, "hits"));
    assert_false(acceptance_is_of(&acceptance, METRIC_NAMED, "hits"));
    assert_false(acceptance_is_of(&acceptance, METRIC_NAMED_HIGHER, "misses"));
    assert_false(acceptance_is_for(&acceptance, METRIC_NAMED_HIGHER, NULL, NULL));
    acceptance_encode(&acceptance, &out);
    assert_string_equal(buf_text(&out), json);
    acceptance_release(&acceptance);
    buf_release(&out);
    free(json);
    expect_error("\"avg_response_time\"", "\"hits\", \"better\": \"higher\"",
                 "'a.json': scope: expected overall, of which a named metric is");
    expect_error(
        "\"avg_response_time\"", "\"hits\", \"better\": \"up\"",
        "'a.json': better: expected \"lower\" or \"higher\", beside a metric that has a name "
        "of its own");
}

static void test_acceptance__refuses_what_it_does_not_understand(void **state)
{
    (void)state;
    expect_error("acceptance/1", "acceptance",
                 "'a.json': schema: expected "
                 "\"perfgate.acceptance/1\", found "
                 "\"perfgate.acceptance\"");
    expect_error("\"scope\"", "\"scopes\"",
                 "'a.json': scopes: unknown key; remove it or mend its spelling");
    expect_error("  \"value\": 126.5,\n", "", "'a.json': the key 'value' is missing");
    expect_error("126.5", "-1",
                 "'a.json': value: expected a number from 0 to 1.79769313e+308, found -1");
    expect_error("126.5", "\"1\"", "'a.json': value: expected a number, found a string");
    expect_error("avg_response_time", "error_rate",
                 "'a.json': value: expected a ratio from 0 to 1");
    expect_error("avg_response_time", "speed",
                 "'a.json': metric: expected the name of a metric, found 'speed'");
    static const char *const scopes[] = {"", "forum", "GET ", " /forum"};
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
        expect_error("GET /forum", scopes[i],
                     "'a.json': scope: expected overall, or an endpoint with its method such as "
                     "'GET /forum'");
    expect_error("new index costs a lookup", " \\n",
                 "'a.json': reason: expected why the regression is accepted, found nothing");
    expect_error("Ann <a@b.c>", "",
                 "'a.json': by: expected who accepted it, as 'Name <mail>', found nothing");
    expect_error("2026-11-24T09:30:00Z", "1970-01-01T00:00:00Z",
                 "'a.json': accepted_at: expected a time after 1970-01-01T00:00:00Z");
    expect_error("2026-12-31", "2026-02-30",
                 "'a.json': until: expected a day that exists, such as 2026-12-31");
    expect_error("1a2b3c4", "",
                 "'a.json': commit: expected a commit, found nothing; leave the key out");
    expect_error(
        "\"by\"", "\"by\": \"x\", \"by\"",
        "'a.json' line 7, column 17: expected valid JSON: duplicate object key near '\"by\"'");
}

static void test_acceptance__is_of_limited_size(void **state)
{
    (void)state;
    struct buf long_reason = {0};
    struct acceptance acceptance;
    struct anchor anchor;
    struct err err = {0};
    buf_add_repeat(&long_reason, ' ', ACCEPTANCE_LIMIT + 1);
    assert_int_equal(
        acceptance_decode(buf_text(&long_reason), long_reason.len, "a", &acceptance, &err), -1);
    assert_string_equal(err.text, "'a': larger than 64 KiB, which no acceptance is");
    err = (struct err){0};
    assert_int_equal(anchor_decode(buf_text(&long_reason), long_reason.len, "a", &anchor, &err),
                     -1);
    assert_string_equal(err.text, "'a': larger than 64 KiB, which no anchor is");
    buf_release(&long_reason);
}

static void test_acceptance__counts_until_the_end_of_its_last_day(void **state)
{
    (void)state;
    struct acceptance acceptance = {.until = "2026-12-31"};
    struct err err = {0};
    int64_t next = 0, end = 0;
    assert_int_equal(num_parse_utc("2027-01-01T00:00:00Z", "t", &next, &err), 0);
    assert_int_equal(acceptance_end_of("2026-12-31", &end, &err), 0);
    assert_true(end == next);
    assert_true(acceptance_is_current(&acceptance, next - 1));
    assert_false(acceptance_is_current(&acceptance, next));
    acceptance.until = NULL;
    assert_true(acceptance_is_current(&acceptance, INT64_MAX));
    acceptance.until = "soon";
    assert_false(acceptance_is_current(&acceptance, 0));
    assert_int_equal(acceptance_end_of("2262-04-11", &end, &err), 0);
    assert_true(end == INT64_MAX);
}

static void test_acceptance__a_day_must_exist(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "2026-12-32",  "2026-02-29", "2026-1-1",
                                      "31.12.2026", "2026-12-31T", " 2026-12-3", "9999-12-31"};
    int64_t end = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        assert_int_equal(acceptance_end_of(bad[i], &end, &err), -1);
        assert_int_equal(err.code, ERR_USAGE);
        assert_non_null(strstr(err.text, ": expected a day that exists, such as 2026-12-31"));
    }
    assert_int_equal(acceptance_end_of("2028-02-29", &end, NULL), 0);
}

static void test_acceptance__is_for_what_it_names_alone(void **state)
{
    (void)state;
    struct acceptance acceptance = {.metric = METRIC_P95, .scope = "GET /a"};
    assert_true(acceptance_is_for(&acceptance, METRIC_P95, "GET", "/a"));
    assert_false(acceptance_is_for(&acceptance, METRIC_P99, "GET", "/a"));
    assert_false(acceptance_is_for(&acceptance, METRIC_P95, "GET", "/a/b"));
    assert_false(acceptance_is_for(&acceptance, METRIC_P95, "GE", "/a"));
    assert_false(acceptance_is_for(&acceptance, METRIC_P95, "POST", "/a"));
    assert_false(acceptance_is_for(&acceptance, METRIC_P95, NULL, "GET /a"));
    assert_false(acceptance_is_for(&acceptance, METRIC_P95, NULL, NULL));
    acceptance.scope = "overall";
    assert_true(acceptance_is_for(&acceptance, METRIC_P95, NULL, NULL));
    assert_false(acceptance_is_for(&acceptance, METRIC_P95, NULL, "overall"));
    assert_false(acceptance_is_for(&acceptance, METRIC_P95, "", "overall"));
    acceptance.scope = "GET a b"; /* a name may have spaces */
    assert_true(acceptance_is_for(&acceptance, METRIC_P95, "GET", "a b"));
}

static void test_anchor__encodes_what_it_decoded(void **state)
{
    (void)state;
    struct anchor anchor;
    struct err err = {0};
    struct buf out = {0};
    assert_int_equal(anchor_decode(full_anchor, sizeof full_anchor - 1, "a.json", &anchor, &err),
                     0);
    assert_string_equal(anchor.label, "v1.4");
    anchor_encode(&anchor, &out);
    assert_string_equal(buf_text(&out), full_anchor);
    anchor_release(&anchor);
    anchor_release(&anchor);
    buf_release(&out);
}

static void test_anchor__refuses_what_it_does_not_understand(void **state)
{
    (void)state;
    static const char run[] = "20261123T161100Z-0123456789ab-ba9876543210.json";
    static const char *const runs[] = {"",        ".json",      "../x.json",     "a/b.json",
                                       "a.json/", "x.txt",      "x.accept.json", "x.anchor.json",
                                       "x.JSON",  "a\\nb.json", "x.json.json"};
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        expect_anchor_error(run, runs[i],
                            "'a.json': run: expected the name of a run's file beside the anchor, "
                            "such as 20261123T161100Z-0123456789ab-0123456789ab.json");
    expect_anchor_error("v1.4", "",
                        "'a.json': label: expected a text, found nothing; leave the key out");
    expect_anchor_error("Ann <a@b.c>", " ",
                        "'a.json': by: expected who set the anchor, as 'Name <mail>', found "
                        "nothing");
    expect_anchor_error("2026-11-24T09:30:00Z", "1970-01-01T00:00:00Z",
                        "'a.json': anchored_at: expected a time after 1970-01-01T00:00:00Z");
    expect_anchor_error("\"label\"", "\"name\"",
                        "'a.json': name: unknown key; remove it or mend its spelling");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_acceptance__encodes_what_it_decoded),
        cmocka_unit_test(test_acceptance__of_a_named_metric),
        cmocka_unit_test(test_acceptance__refuses_what_it_does_not_understand),
        cmocka_unit_test(test_acceptance__is_of_limited_size),
        cmocka_unit_test(test_acceptance__counts_until_the_end_of_its_last_day),
        cmocka_unit_test(test_acceptance__a_day_must_exist),
        cmocka_unit_test(test_acceptance__is_for_what_it_names_alone),
        cmocka_unit_test(test_anchor__encodes_what_it_decoded),
        cmocka_unit_test(test_anchor__refuses_what_it_does_not_understand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
