/* Parallel groups and the protocol in a scenario. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/scenario.h"

#define HEAD         "{\"schema\": \"perfgate.scenario/1\", \"name\": \"s\", "
#define STEPS(steps) HEAD "\"classes\": [{\"name\": \"c\", \"tasks\": [{\"steps\": [" steps "]}]}]}"

static void decode(const char *json, struct scenario *scenario)
{
    struct err err = {0};
    if (scenario_decode(json, strlen(json), "s.json", scenario, &err) < 0)
        fail_msg("%s", err.text);
}

static void expect_error(const char *json, const char *message)
{
    struct scenario scenario;
    struct err err = {0};
    assert_int_equal(scenario_decode(json, strlen(json), "s.json", &scenario, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
}

static void hash(const char *json, char out[17])
{
    struct scenario scenario;
    decode(json, &scenario);
    scenario_workload_hash(&scenario, 1, 1, out);
    scenario_release(&scenario);
}

static void test_scenario_group__is_so_many_steps(void **state)
{
    (void)state;
    struct scenario scenario;
    decode(HEAD
           "\"classes\": [{\"name\": \"c\", \"on_start\": [{\"parallel\": [{\"get\": \"/login\"}"
           "], \"connections\": 256}], \"tasks\": [{\"tags\": [\"page\"], \"steps\": ["
           "{\"get\": \"/a\", \"capture\": {\"x\": {\"header\": \"X\"}}},"
           "{\"parallel\": [{\"get\": \"/b\"}, {\"get\": \"/c/${x}\", \"tags\": [\"image\"],"
           "\"expect\": {\"body_contains\": \"${\"}}]}, {\"get\": \"/d\"}]}]}]}",
           &scenario);
    const struct scenario_class *class = &scenario.classes[0];
    const struct scenario_step *steps = class->tasks[0].steps;
    assert_int_equal(class->n_on_start, 1);
    assert_int_equal(class->on_start[0].group, 1);
    assert_int_equal(class->on_start[0].connections, 256);
    assert_int_equal(class->tasks[0].n_steps, 4);
    assert_int_equal(steps[0].group, 0);
    assert_int_equal(steps[1].group, 2);
    assert_int_equal(steps[1].connections, 6);
    assert_string_equal(steps[2].name, "/c/${x}");
    assert_int_equal(steps[2].group, 0);
    assert_int_equal(steps[2].tags.n, 2);
    assert_int_equal(steps[3].group, 0);
    scenario_release(&scenario);
}

static void test_scenario_group__errors_name_path_and_expectation(void **state)
{
    (void)state;
    expect_error(
        STEPS("{\"parallel\": []}"),
        "'s.json': classes[0].tasks[0].steps[0].parallel: expected 1 to 256 steps, found 0");
    expect_error(STEPS("{\"parallel\": 1}"),
                 "'s.json': classes[0].tasks[0].steps[0].parallel: expected an array, found a "
                 "number");
    expect_error(STEPS("{\"parallel\": [{\"get\": \"/\"}], \"connections\": 0}"),
                 "'s.json': classes[0].tasks[0].steps[0].connections: expected a whole number from "
                 "1 to 256, found 0");
    expect_error(STEPS("{\"parallel\": [{\"get\": \"/\"}, {\"name\": \"x\"}]}"),
                 "'s.json': classes[0].tasks[0].steps[0].parallel[1]: expected a path, as in "
                 "\"get\": \"/forum\"");
    expect_error(
        STEPS("{\"parallel\": [{\"get\": \"/${nothing}\"}]}"),
        "'s.json': classes[0].tasks[0].steps[0].parallel[0].get: nothing fills "
        "'${nothing}'; expected a variable of the scenario, a column of a feed, a capture of the "
        "same class, or a name of the environment in capitals");
    expect_error(STEPS("{\"parallel\": [{\"get\": \"/a\"}, {\"get\": \"/b\", \"repeat\": 2}]}"),
                 "'s.json': classes[0].tasks[0].steps[0].parallel[1].repeat: a step of a parallel "
                 "group has none; give it to the group");
    expect_error(STEPS("{\"optional\": 0.5, \"parallel\": [{\"get\": \"/a\"}]}"),
                 "'s.json': classes[0].tasks[0].steps: expected a step that is always taken, "
                 "without 'optional'");
    expect_error(
        HEAD "\"classes\": [{\"name\": \"c\", \"tasks\": [{\"parallel\": [{\"get\": \"/a\"}]}]}]}",
        "'s.json': classes[0].tasks[0].parallel: a group is one of a task's steps: put it "
        "into \"steps\"");
    expect_error(HEAD "\"protocol\": \"http3\", \"classes\": []}",
                 "'s.json': protocol: expected one of auto, http1, http2, found 'http3'");
}

static void test_scenario_group__has_a_limit(void **state)
{
    (void)state;
    struct buf json = {0};
    buf_add_str(&json,
                HEAD "\"classes\": [{\"name\": \"c\", \"tasks\": [{\"steps\": [{\"parallel\": "
                     "[{\"get\": \"/\"}");
    for (int i = 0; i < SCENARIO_GROUP; i++)
        buf_add_str(&json, ", {\"get\": \"/\"}");
    buf_add_str(&json, "]}]}]}]}");
    expect_error(buf_text(&json), "'s.json': classes[0].tasks[0].steps[0].parallel: expected 1 to "
                                  "256 steps, found 257");
    buf_release(&json);
}

/* Scenarios from before there were groups keep theirs. */
static void test_scenario_group__is_in_the_hash(void **state)
{
    (void)state;
    enum { N = 6 };
    static const char *const scenarios[N] = {
        STEPS("{\"get\": \"/a\"}, {\"get\": \"/b\"}, {\"get\": \"/c\"}"),
        STEPS("{\"parallel\": [{\"get\": \"/a\"}, {\"get\": \"/b\"}]}, {\"get\": \"/c\"}"),
        STEPS("{\"get\": \"/a\"}, {\"parallel\": [{\"get\": \"/b\"}, {\"get\": \"/c\"}]}"),
        STEPS("{\"parallel\": [{\"get\": \"/a\"}, {\"get\": \"/b\"}, {\"get\": \"/c\"}]}"),
        STEPS("{\"parallel\": [{\"get\": \"/a\"}, {\"get\": \"/b\"}, {\"get\": \"/c\"}], "
              "\"connections\": 2}"),
        HEAD "\"protocol\": \"http2\", \"classes\": [{\"name\": \"c\", \"tasks\": [{\"steps\": ["
             "{\"get\": \"/a\"}, {\"get\": \"/b\"}, {\"get\": \"/c\"}]}]}]}",
    };
    char seen[N][17], other[17];
    for (size_t i = 0; i < N; i++) {
        hash(scenarios[i], seen[i]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(seen[i], seen[k]);
    }
    hash(STEPS("{\"parallel\": [{\"get\": \"/a\"}]}, {\"get\": \"/b\"}, {\"get\": \"/c\"}"), other);
    assert_string_equal(other, seen[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenario_group__is_so_many_steps),
        cmocka_unit_test(test_scenario_group__errors_name_path_and_expectation),
        cmocka_unit_test(test_scenario_group__has_a_limit),
        cmocka_unit_test(test_scenario_group__is_in_the_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
