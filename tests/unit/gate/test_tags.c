/* Rules of the policy that hold for tags. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "court.h"
#include "gate/decide.h"
#include "synth.h"

static const char *read_names[] = {"read"}, *pay_names[] = {"pay", "read"};
static const struct tags read_tag = {1, read_names}, pay_and_read = {2, pay_names};

/* Equal sides but for GET /a and GET /b, whose average is 6 % worse; without tags and acceptances.
 */
static void open_equal(struct court *court, enum comparison comparison, size_t n_bases)
{
    court_open(court, comparison, n_bases);
    court->n_acceptances = 0;
    court->candidate[0] = synth_flat(1000, 0, 10, 20);
    add_endpoint(&court->candidate[0], "GET", "/a", 10.6);
    add_endpoint(&court->candidate[0], "GET", "/b", 10.6);
    for (size_t i = 0; i < n_bases; i++) {
        add_endpoint(&court->base[i], "GET", "/a", 10);
        add_endpoint(&court->base[i], "GET", "/b", 10);
    }
}

/* An entry for a tag that asks for nothing yet. */
static struct policy_rules *add_tag(struct policy *policy, const char *tag)
{
    struct policy_entry *longer = arena_array(&policy->arena, policy->n_tags + 1, sizeof *longer);
    if (policy->n_tags)
        memcpy(longer, policy->tags, policy->n_tags * sizeof *longer);
    policy->tags = longer;
    struct policy_entry *entry = &longer[policy->n_tags++];
    entry->pattern = tag;
    entry->is_tag = true;
    for (int i = 0; i < METRIC_COUNT; i++) {
        entry->rules.threshold[i] = entry->rules.min_change[i] = (double)NAN;
        entry->rules.limit[i] = (struct policy_limit){(double)NAN, (double)NAN};
    }
    return &entry->rules;
}

static void assert_row(const struct court *court, const char *endpoint, enum metric metric,
                       enum row_status status)
{
    const struct verdict_row *row = court_row(court, endpoint, metric);
    if (row->status != (int)status)
        fail_msg("%s: %s: %s", endpoint, row_status_name((enum row_status)row->status),
                 row->reason);
}

static void test_tags__a_threshold_fails_those_that_have_it(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    court.candidate[0].endpoints[1].tags = court.base[0].endpoints[1].tags = pay_and_read;
    court_judge(&court, 0);
    add_tag(&court.policy, "pay")->threshold[METRIC_AVERAGE] = 1.05;
    court_judge(&court, 1);
    assert_says(court.verdict.summary, "slower: GET /b average +6.0 % (allowed +5 %)");
    assert_row(&court, "/a", METRIC_AVERAGE, ROW_STABLE);
    assert_row(&court, "/b", METRIC_AVERAGE, ROW_REGRESSED);
    assert_row(&court, "/b", METRIC_P95, ROW_STABLE);
    /* a metric that only a tag asks for */
    add_tag(&court.policy, "read")->threshold[METRIC_MEDIAN] = 1.2;
    court_judge(&court, 1);
    court_row(&court, "/b", METRIC_MEDIAN);
    bool wanted[METRIC_COUNT] = {false};
    decide_wants(&court.policy, wanted);
    assert_true(wanted[METRIC_MEDIAN]);
    assert_false(wanted[METRIC_P99]);
    /* entries of endpoints come after those of tags */
    struct policy_entry pattern = {.pattern = "GET /b", .rules = court.policy.tags[1].rules};
    pattern.rules.threshold[METRIC_AVERAGE] = 1.07;
    court.policy.endpoints = &pattern;
    court.policy.n_endpoints = 1;
    court_judge(&court, 0);
    court_close(&court);
}

static void test_tags__limits(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    court.candidate[0].endpoints[0].tags = read_tag;
    add_tag(&court.policy, "read")->limit[METRIC_AVERAGE].critical = 10.5;
    court_judge(&court, 1);
    assert_row(&court, "/a", METRIC_AVERAGE, ROW_OVER_LIMIT);
    assert_row(&court, "/b", METRIC_AVERAGE, ROW_STABLE);
    court_close(&court);
}

/* Whoever drops a tag is judged by its rules all the same. */
static void test_tags__of_either_side_count(void **state)
{
    (void)state;
    static const struct tagged tagged = {"GET", "/b", {2, pay_names}},
                               other = {"PUT", "/b", {2, pay_names}};
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    add_tag(&court.policy, "pay")->threshold[METRIC_AVERAGE] = 1.05;
    court_judge(&court, 0);
    court.candidate[0].endpoints[1].tags = pay_and_read;
    court_judge(&court, 1);
    court.candidate[0].endpoints[1].tags = read_tag;
    court_judge(&court, 0);
    court.base[0].endpoints[1].tags = pay_and_read;
    court_judge(&court, 1);
    assert_row(&court, "/b", METRIC_AVERAGE, ROW_REGRESSED);
    court.base[0].endpoints[1].tags.n = 0;
    court.in.tagged = &other;
    court.in.n_tagged = 1;
    court_judge(&court, 0);
    court.in.tagged = &tagged;
    court_judge(&court, 1);
    assert_row(&court, "/b", METRIC_AVERAGE, ROW_REGRESSED);
    court_close(&court);
}

/* Even those of stored runs that do not count otherwise, so that the row stays required. */
static void test_tags__of_stored_runs_count(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_STORED, 3);
    add_tag(&court.policy, "pay")->threshold[METRIC_AVERAGE] = 1.05;
    court_judge(&court, 0);
    court.base[1].endpoints[1].tags = pay_and_read;
    court_judge(&court, 1);
    assert_row(&court, "/b", METRIC_AVERAGE, ROW_REGRESSED);
    court.base[1].environment.cores = 64;
    court_judge(&court, 1);
    assert_row(&court, "/b", METRIC_AVERAGE, ROW_REGRESSED);
    court_close(&court);
}

static void test_tags__required(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    court.candidate[0].endpoints[1].tags = pay_and_read;
    court.base[0].endpoints[1].name = "/c"; /* so that /b has no base */
    court_judge(&court, 0);
    assert_false(court_row(&court, "/b", METRIC_AVERAGE)->required);
    add_tag(&court.policy, "pay")->required = true;
    court_judge(&court, 3);
    assert_true(court_row(&court, "/b", METRIC_AVERAGE)->required);
    assert_false(court_row(&court, "/a", METRIC_AVERAGE)->required);
    assert_says(court.verdict.summary, "GET /b: the base has no average of it to compare with");
    court_close(&court);
}

static size_t count_unmatched(const struct court *court)
{
    size_t n = 0;
    for (size_t i = 0; i < court->verdict.n_rows; i++)
        n += strstr(court->verdict.rows[i].reason, "the policy requires it") != NULL;
    return n;
}

/* A tag is no pattern, though the two may read the same. */
static void test_tags__required_and_on_no_endpoint(void **state)
{
    (void)state;
    struct court court;
    struct policy_entry pattern = {.pattern = "lost", .rules.required = true};
    open_equal(&court, COMPARISON_FILE, 1);
    court.candidate[0].endpoints[1].tags = pay_and_read;
    add_tag(&court.policy, "read")->required = true;
    add_tag(&court.policy, "lost")->threshold[METRIC_P95] = 1.5;
    court_judge(&court, 0);
    court.policy.tags[1].rules.required = true;
    court_judge(&court, 3);
    assert_says(court.verdict.summary,
                "tag lost: the policy requires it, but no endpoint of the reports has the tag");
    assert_row(&court, "tag lost", METRIC_AVERAGE, ROW_ERRORED);
    assert_int_equal(count_unmatched(&court), 1);
    court.in.candidate_policy = &court.candidate_policy;
    add_tag(&court.candidate_policy, "lost")->required = true;
    court_judge(&court, 3);
    assert_int_equal(count_unmatched(&court), 1);
    court.candidate_policy.endpoints = &pattern;
    court.candidate_policy.n_endpoints = 1;
    court_judge(&court, 3);
    assert_row(&court, "lost", METRIC_AVERAGE, ROW_ERRORED);
    assert_int_equal(count_unmatched(&court), 2);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tags__a_threshold_fails_those_that_have_it),
        cmocka_unit_test(test_tags__limits),
        cmocka_unit_test(test_tags__of_either_side_count),
        cmocka_unit_test(test_tags__of_stored_runs_count),
        cmocka_unit_test(test_tags__required),
        cmocka_unit_test(test_tags__required_and_on_no_endpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
