/* What a scenario says of its profiler. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "model/scenario.h"

#define SCENARIO(profile)                                                                          \
    "{\"schema\": \"perfgate.scenario/1\", \"name\": \"s\", " profile                              \
    "\"classes\": [{\"name\": \"c\", \"tasks\": [{\"get\": \"/\"}]}]}"
#define WITH(profile) SCENARIO("\"profile\": " profile ", ")

static int decode(const char *json, struct scenario *scenario, struct err *err)
{
    *err = (struct err){0};
    return scenario_decode(json, strlen(json), "s.json", scenario, err);
}

static void test_scenario_profile__keys(void **state)
{
    struct scenario scenario;
    struct err err;
    (void)state;
    assert_int_equal(decode(SCENARIO(""), &scenario, &err), 0);
    assert_int_equal(scenario.profile.n_command, 0);
    scenario_release(&scenario);
    assert_int_equal(decode(WITH("{\"command\": [\"py-spy\"]}"), &scenario, &err), 0);
    assert_int_equal(scenario.profile.n_command, 1);
    assert_int_equal(scenario.profile.n_then, 0);
    assert_int_equal(scenario.profile.last_ns, 10 * NS_PER_S);
    assert_int_equal(scenario.profile.timeout_ns, 30 * NS_PER_S);
    assert_int_equal(scenario.profile.format, PROFILE_FOLDED);
    scenario_release(&scenario);
    assert_int_equal(decode(WITH("{\"command\": [\"perf\", \"record\"], \"then\": [\"perf\", "
                                 "\"script\"], \"last\": \"3s\", \"timeout\": \"1m\", \"format\": "
                                 "\"perf-script\"}"),
                            &scenario, &err),
                     0);
    assert_string_equal(scenario.profile.command[1], "record");
    assert_string_equal(scenario.profile.then[1], "script");
    assert_int_equal(scenario.profile.last_ns, 3 * NS_PER_S);
    assert_int_equal(scenario.profile.timeout_ns, 60 * NS_PER_S);
    assert_int_equal(scenario.profile.format, PROFILE_PERF_SCRIPT);
    scenario_release(&scenario);
}

/* Runs with and without it can be compared. */
static void test_scenario_profile__is_no_part_of_the_workload(void **state)
{
    struct scenario with, without;
    struct err err;
    char one[17], other[17];
    (void)state;
    assert_int_equal(decode(SCENARIO(""), &without, &err), 0);
    assert_int_equal(decode(WITH("{\"command\": [\"py-spy\"]}"), &with, &err), 0);
    scenario_workload_hash(&with, 1, 1, one);
    scenario_workload_hash(&without, 1, 1, other);
    assert_string_equal(one, other);
    scenario_release(&with);
    scenario_release(&without);
}

static void test_scenario_profile__refuses_what_makes_no_sense(void **state)
{
    static const struct {
        const char *json, *error;
    } cases[] = {
        {WITH("{\"command\": []}"),
         "'s.json': profile: command: expected a program and its arguments, up to 200, found 0"},
        {WITH("{\"command\": [\"\"]}"),
         "'s.json': profile: command[0]: expected the name of a program, found an empty string"},
        {WITH("{\"command\": [\"a\"], \"then\": []}"),
         "'s.json': profile: then: expected a program and its arguments, up to 200, found 0"},
        {WITH("{\"command\": [\"a\"], \"last\": \"500ms\"}"),
         "'s.json': profile: last: expected from 1s to 1h"},
        {WITH("{\"command\": [\"a\"], \"timeout\": \"2h\"}"),
         "'s.json': profile: timeout: expected from 1s to 1h"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scenario scenario;
        struct err err;
        assert_int_equal(decode(cases[i].json, &scenario, &err), -1);
        assert_string_equal(err.text, cases[i].error);
    }
    struct scenario scenario;
    struct err err;
    assert_int_equal(decode(WITH("{}"), &scenario, &err), -1);
    assert_int_equal(decode(WITH("{\"command\": \"perf\"}"), &scenario, &err), -1);
    assert_int_equal(decode(WITH("{\"command\": [\"a\"], \"format\": \"pprof\"}"), &scenario, &err),
                     -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenario_profile__keys),
        cmocka_unit_test(test_scenario_profile__is_no_part_of_the_workload),
        cmocka_unit_test(test_scenario_profile__refuses_what_makes_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
