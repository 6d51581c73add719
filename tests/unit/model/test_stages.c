/* The keys of a scenario that say how much load there is: rate, arrivals, stages. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "model/scenario.h"

#define TOP(members)                                                                               \
    "{\"schema\": \"perfgate.scenario/1\", \"name\": \"s\", " members                              \
    " \"classes\": [{\"name\": \"c\", \"tasks\": [{\"get\": \"/\"}]}]}"
#define STAGES(list) TOP("\"stages\": [" list "],")

static int decode(const char *json, struct scenario *scenario, struct err *err)
{
    return scenario_decode(json, strlen(json), "s.json", scenario, err);
}

static void test_stages__by_default_there_is_no_rate(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    assert_int_equal(decode(TOP(""), &scenario, &err), 0);
    assert_true(isnan(scenario.rate));
    assert_int_equal(scenario.arrivals, ARRIVALS_CONSTANT);
    assert_int_equal(scenario.stages.n, 0);
    scenario_release(&scenario);
}

static void test_stages__every_key(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    assert_int_equal(decode(TOP("\"rate\": 0.5, \"arrivals\": \"poisson\","), &scenario, &err), 0);
    assert_true(scenario.rate >= 0.5 && scenario.rate <= 0.5);
    assert_int_equal(scenario.arrivals, ARRIVALS_POISSON);
    scenario_release(&scenario);

    static const char rates[] = STAGES(
        "{\"duration\": \"1m\", \"rate\": 100.5, \"shape\": \"ramp\"},"
        "{\"duration\": 2, \"rate\": 0}, {\"duration\": 1, \"rate\": 7, \"shape\": \"step\"}");
    assert_int_equal(decode(rates, &scenario, &err), 0);
    const struct scenario_stages *stages = &scenario.stages;
    assert_int_equal(stages->n, 3);
    assert_false(stages->of_users);
    assert_int_equal(stages->total_ns, 63 * NS_PER_S);
    assert_int_equal(stages->items[0].duration_ns, 60 * NS_PER_S);
    assert_int_equal(stages->items[0].shape, STAGE_RAMP);
    assert_true(stages->items[0].level >= 100.5 && stages->items[0].level <= 100.5);
    assert_int_equal(stages->items[1].shape, STAGE_STEP);
    assert_true(stages->items[1].level <= 0);
    assert_int_equal(stages->items[2].shape, STAGE_STEP);
    scenario_release(&scenario);

    assert_int_equal(decode(STAGES("{\"duration\": 1, \"users\": 0}, {\"duration\": 1, \"users\": "
                                   "12}"),
                            &scenario, &err),
                     0);
    assert_true(scenario.stages.of_users);
    assert_true(scenario.stages.items[1].level >= 12 && scenario.stages.items[1].level <= 12);
    scenario_release(&scenario);
}

static void test_stages__refuses_what_makes_no_sense(void **state)
{
    (void)state;
    static const struct {
        const char *json, *message;
    } rows[] = {
        {TOP("\"rate\": 0,"), "'s.json': rate: expected a number from 0.001 to 1000000, found 0"},
        {TOP("\"arrivals\": \"even\","),
         "'s.json': arrivals: expected one of constant, poisson, found 'even'"},
        {TOP("\"stages\": {},"), "'s.json': stages: expected an array, found an object"},
        {STAGES(""), "'s.json': stages: expected 1 to 1000 stages, found 0"},
        {STAGES("{\"rate\": 1}"), "'s.json': stages[0]: the key 'duration' is missing"},
        {STAGES("{\"duration\": 0, \"rate\": 1}"),
         "'s.json': stages[0].duration: expected a duration above 0"},
        {STAGES("{\"duration\": 1}"), "'s.json': stages[0]: expected either a rate or users"},
        {STAGES("{\"duration\": 1, \"rate\": 1, \"users\": 1}"),
         "'s.json': stages[0]: expected either a rate or users"},
        {STAGES("{\"duration\": 1, \"rate\": 1}, {\"duration\": 1, \"users\": 1}"),
         "'s.json': stages[1]: expected a rate, as in the stages before; all stages are of one "
         "kind"},
        {STAGES("{\"duration\": 1, \"rate\": 0}"),
         "'s.json': stages: expected at least one stage above 0"},
        {STAGES("{\"duration\": \"8760h\", \"rate\": 1}, {\"duration\": 1, \"rate\": 1}"),
         "'s.json': stages: expected stages of 365 days at most together"},
        {STAGES("{\"duration\": 1, \"rate\": 1, \"shape\": \"spike\"}"),
         "'s.json': stages[0].shape: expected one of step, ramp, found 'spike'"},
        {TOP("\"rate\": 1, \"stages\": [{\"duration\": 1, \"rate\": 1}],"),
         "'s.json': stages: expected either 'rate' or 'stages', found both"},
        {TOP("\"users\": 1, \"stages\": [{\"duration\": 1, \"users\": 1}],"),
         "'s.json': stages: expected either 'users' or stages of users, found both"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct scenario scenario;
        struct err err = {0};
        assert_int_equal(decode(rows[i].json, &scenario, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        assert_string_equal(err.text, rows[i].message);
    }
}

/* The users of an open model are a limit, and stand beside stages of the rate. */
static void test_stages__of_a_rate_may_have_users(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    assert_int_equal(
        decode(TOP("\"users\": 9, \"stages\": [{\"duration\": 1, \"rate\": 1}],"), &scenario, &err),
        0);
    assert_int_equal(scenario.users, 9);
    scenario_release(&scenario);
}

static void test_stages__are_part_of_the_workload(void **state)
{
    (void)state;
    static const char *const all[] = {
        TOP(""),
        TOP("\"rate\": 1,"),
        TOP("\"rate\": 2,"),
        TOP("\"rate\": 2, \"arrivals\": \"poisson\","),
        STAGES("{\"duration\": 1, \"rate\": 1}"),
        STAGES("{\"duration\": 2, \"rate\": 1}"),
        STAGES("{\"duration\": 1, \"rate\": 2}"),
        STAGES("{\"duration\": 1, \"users\": 1}"),
        STAGES("{\"duration\": 1, \"rate\": 1, \"shape\": \"ramp\"}"),
        STAGES("{\"duration\": 1, \"rate\": 1}, {\"duration\": 1, \"rate\": 1}"),
    };
    enum { N = sizeof all / sizeof all[0] };
    char seen[N][17], closed[17];
    for (size_t i = 0; i < N; i++) {
        struct scenario scenario;
        struct err err = {0};
        assert_int_equal(decode(all[i], &scenario, &err), 0);
        scenario_workload_hash(&scenario, 10, 1, seen[i]);
        scenario_release(&scenario);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(seen[i], seen[k]);
    }
    /* Where there is no rate, how arrivals come says nothing. */
    struct scenario scenario;
    struct err err = {0};
    assert_int_equal(decode(TOP("\"arrivals\": \"poisson\","), &scenario, &err), 0);
    scenario_workload_hash(&scenario, 10, 1, closed);
    scenario_release(&scenario);
    assert_string_equal(closed, seen[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stages__by_default_there_is_no_rate),
        cmocka_unit_test(test_stages__every_key),
        cmocka_unit_test(test_stages__refuses_what_makes_no_sense),
        cmocka_unit_test(test_stages__of_a_rate_may_have_users),
        cmocka_unit_test(test_stages__are_part_of_the_workload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
