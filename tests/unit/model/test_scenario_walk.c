/* How often and how surely a step is sent, and which tasks are chosen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/scenario.h"

#define TASKS(tasks)                                                                               \
    "{\"schema\": \"perfgate.scenario/1\", \"name\": \"s\", \"classes\": [{\"name\": \"c\", "      \
    "\"tasks\": [" tasks "]}]}"
#define STEP(members) TASKS("{\"steps\": [{\"get\": \"/\"}, {\"get\": \"/b\", " members "}]}")

static int decode(const char *json, struct scenario *scenario, struct err *err)
{
    return scenario_decode(json, strlen(json), "s.json", scenario, err);
}

static void test_scenario_walk__once_and_always_by_default(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    assert_int_equal(
        decode(STEP("\"repeat\": {\"between\": [2, 5]}, \"optional\": 0.25"), &scenario, &err), 0);
    const struct scenario_step *steps = scenario.classes[0].tasks[0].steps;
    assert_int_equal(steps[0].repeat_low, 1);
    assert_int_equal(steps[0].repeat_high, 1);
    assert_true(steps[0].taken >= 1);
    assert_int_equal(steps[1].repeat_low, 2);
    assert_int_equal(steps[1].repeat_high, 5);
    assert_true(steps[1].taken > 0.2 && steps[1].taken < 0.3);
    scenario_release(&scenario);
    assert_int_equal(decode(TASKS("{\"get\": \"/\", \"repeat\": 10000}"), &scenario, &err), 0);
    assert_int_equal(scenario.classes[0].tasks[0].steps[0].repeat_low, 10000);
    assert_int_equal(scenario.classes[0].tasks[0].steps[0].repeat_high, 10000);
    scenario_release(&scenario);
}

static void test_scenario_walk__refuses_what_makes_no_sense(void **state)
{
    (void)state;
    static const struct {
        const char *json, *message;
    } rows[] = {
#define AT "'s.json': classes[0].tasks[0].steps[1]."
        {STEP("\"repeat\": 0"), AT "repeat: expected a whole number from 1 to 10000, found 0"},
        {STEP("\"repeat\": \"3\""), AT "repeat: expected a number, or {\"between\": [1, 5]}"},
        {STEP("\"repeat\": [1, 5]"), AT "repeat: expected a number, or {\"between\": [1, 5]}"},
        {STEP("\"repeat\": {\"between\": [1, 5], \"x\": 1}"),
         AT "repeat: expected a number, or {\"between\": [1, 5]}"},
        {STEP("\"repeat\": {\"between\": [5]}"),
         AT "repeat.between: expected two whole numbers, as in [1, 5]"},
        {STEP("\"repeat\": {\"between\": [5, 1]}"),
         AT "repeat.between[1]: expected a whole number from 5 to 10000, found 1"},
        {STEP("\"optional\": 0"),
         AT "optional: expected a probability above 0 and below 1, such as 0.3"},
        {STEP("\"optional\": 1"),
         AT "optional: expected a probability above 0 and below 1, such as 0.3"},
        {STEP("\"optional\": true"), AT "optional: expected a number, found true or false"},
        {TASKS("{\"get\": \"/\", \"optional\": 0.5}"),
         "'s.json': classes[0].tasks[0]: expected a step that is always taken, without 'optional'"},
        {TASKS("{\"steps\": [{\"get\": \"/\", \"optional\": 0.5}]}"),
         "'s.json': classes[0].tasks[0].steps: expected a step that is always taken, without "
         "'optional'"},
#undef AT
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scenario scenario;
        struct err err = {0};
        assert_int_equal(decode(rows[i].json, &scenario, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        assert_string_equal(err.text, rows[i].message);
    }
}

static void hash(const char *json, int64_t users, const struct scenario_selection *selection,
                 char out[17])
{
    struct scenario scenario;
    struct err err = {0};
    if (decode(json, &scenario, &err) < 0 || scenario_select(&scenario, selection, &err) < 0)
        fail_msg("%s", err.text);
    scenario_workload_hash(&scenario, users, 1, out);
    scenario_release(&scenario);
}

static void test_scenario_walk__is_part_of_the_hash(void **state)
{
    (void)state;
    static const char *const scenarios[] = {
        STEP("\"method\": \"GET\""),
        STEP("\"repeat\": 2"),
        STEP("\"repeat\": {\"between\": [1, 2]}"),
        STEP("\"optional\": 0.5"),
        STEP("\"optional\": 0.25"),
    };
    const struct scenario_selection all = {0};
    enum { N = sizeof scenarios / sizeof scenarios[0] };
    char seen[N][17], same[17];
    for (size_t i = 1; i < N; i++) {
        hash(scenarios[i], 1, &all, seen[i]);
        for (size_t k = 1; k < i; k++)
            assert_string_not_equal(seen[i], seen[k]);
    }
    hash(STEP("\"tags\": []"), 1, &all, seen[0]);
    hash(STEP("\"repeat\": 1"), 1, &all, same);
    assert_string_equal(seen[0], same);
}

#define TAGGED                                                                                     \
    TASKS("{\"get\": \"/a\", \"tags\": [\"read\"]}, {\"get\": \"/b\", \"tags\": [\"write\", "      \
          "\"slow\"]}, "                                                                           \
          "{\"get\": \"/c\"}")

static void test_scenario_select__is_part_of_the_workload_alone(void **state)
{
    (void)state;
    static const char *const read[] = {"read"}, *const write[] = {"write"},
                             *const slow[] = {"slow"};
    const struct scenario_selection all = {0}, reads = {.n_include = 1, .include = read},
                                    writes = {.n_include = 1, .include = write},
                                    slows = {.n_include = 1, .include = slow},
                                    no_slow = {.n_exclude = 1, .exclude = slow};
    char a[17], b[17];
    hash(TAGGED, 1, &all, a);
    hash(TAGGED, 1, &reads, b);
    assert_string_not_equal(a, b);
    hash(TAGGED, 1, &no_slow, a);
    assert_string_not_equal(a, b);
    hash(TAGGED, 1, &writes, a); /* the same tasks under another tag */
    hash(TAGGED, 1, &slows, b);
    assert_string_equal(a, b);
    hash(TAGGED, 0, &all, a);
    hash(TAGGED, 0, &reads, b);
    assert_string_equal(a, b);
}

static void test_scenario_select__refuses_unknown_tags_and_an_empty_rest(void **state)
{
    (void)state;
    static const char *const read[] = {"read"}, *const typo[] = {"raed"};
    static const struct {
        const char *json;
        struct scenario_selection selection;
        const char *message;
    } rows[] = {
        {TAGGED,
         {.n_include = 1, .include = typo},
         "--include: no task has the tag 'raed'; there are read, slow, write"},
        {TAGGED,
         {.n_exclude = 1, .exclude = typo},
         "--exclude: no task has the tag 'raed'; there are read, slow, write"},
        {TASKS("{\"get\": \"/\"}"),
         {.n_exclude = 1, .exclude = typo},
         "--exclude: no task has the tag 'raed'"},
        {TAGGED,
         {1, 1, read, read},
         "--include and --exclude leave no task of 's': choose other tags"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scenario scenario;
        struct err err = {0};
        assert_int_equal(decode(rows[i].json, &scenario, &err), 0);
        assert_int_equal(scenario_select(&scenario, &rows[i].selection, &err), -1);
        assert_int_equal(err.code, ERR_USAGE);
        assert_string_equal(err.text, rows[i].message);
        scenario_release(&scenario);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenario_walk__once_and_always_by_default),
        cmocka_unit_test(test_scenario_walk__refuses_what_makes_no_sense),
        cmocka_unit_test(test_scenario_walk__is_part_of_the_hash),
        cmocka_unit_test(test_scenario_select__is_part_of_the_workload_alone),
        cmocka_unit_test(test_scenario_select__refuses_unknown_tags_and_an_empty_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
