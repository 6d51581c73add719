/* What a scenario says of monitoring. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/scenario.h"

#define HEAD          "{\"schema\": \"perfgate.scenario/1\", \"name\": \"s\", "
#define CLASSES       "\"classes\": [{\"name\": \"c\", \"tasks\": [{\"get\": \"/\"}]}]}"
#define WITH(monitor) HEAD "\"monitor\": " monitor ", " CLASSES

static int decode(const char *json, struct scenario *scenario, struct err *err)
{
    *err = (struct err){0};
    return scenario_decode(json, strlen(json), "s.json", scenario, err);
}

static void expect_error(const char *json, const char *message)
{
    struct scenario scenario;
    struct err err;
    assert_int_equal(decode(json, &scenario, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
}

static void expect(const char *json, bool machine, bool target)
{
    struct scenario scenario;
    struct err err;
    assert_int_equal(decode(json, &scenario, &err), 0);
    assert_true(scenario.monitor.machine == machine);
    assert_true(scenario.monitor.target == target);
    scenario_release(&scenario);
}

static void test_scenario_monitor__is_on_unless_it_is_said_otherwise(void **state)
{
    (void)state;
    expect(HEAD CLASSES, true, true);
    expect(WITH("true"), true, true);
    expect(WITH("{}"), true, true);
    expect(WITH("false"), false, false);
    expect(WITH("{\"machine\": false}"), false, true);
}

static void test_scenario_monitor__processes(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err;
    assert_int_equal(decode(WITH("{\"processes\": [{\"name\": \"db\", \"process\": \"postgres\"}, "
                                 "{\"name\": \"cache\", \"port\": 6379, \"side\": \"base\"}, "
                                 "{\"name\": \"x\", \"pid\": 12}]}"),
                            &scenario, &err),
                     0);
    assert_int_equal(scenario.monitor.n_processes, 3);
    const struct scenario_process *processes = scenario.monitor.processes;
    assert_string_equal(processes[0].process, "postgres");
    assert_int_equal(processes[0].side, SCENARIO_BOTH);
    assert_int_equal(processes[1].port, 6379);
    assert_int_equal(processes[1].side, SCENARIO_BASE);
    assert_int_equal(processes[2].pid, 12);
    scenario_release(&scenario);
}

static void test_scenario_monitor__refuses_what_makes_no_sense(void **state)
{
    (void)state;
    expect_error(WITH("{\"processes\": [{\"name\": \"db\"}]}"),
                 "'s.json': monitor.processes[0]: expected one of \"process\", \"pid\" and "
                 "\"port\", found 0");
    expect_error(WITH("{\"processes\": [{\"name\": \"db\", \"port\": 1, \"pid\": 1}]}"),
                 "'s.json': monitor.processes[0]: expected one of \"process\", \"pid\" and "
                 "\"port\", found 2");
    expect_error(WITH("{\"processes\": [{\"name\": \"target\", \"port\": 1}]}"),
                 "'s.json': monitor.processes[0]: 'target' is a source of every report; choose "
                 "another name");
    expect_error(WITH("{\"processes\": [{\"name\": \"a\", \"port\": 1}, "
                      "{\"name\": \"a\", \"port\": 2}]}"),
                 "'s.json': monitor.processes[1]: the name 'a' is there twice");
    expect_error(WITH("\"on\""), "'s.json': monitor: expected an object, found a string");
    expect_error(WITH("{\"disk\": true}"),
                 "'s.json': monitor.disk: unknown key; remove it or mend its spelling");
}

static void test_scenario_monitor__changes_no_workload(void **state)
{
    (void)state;
    static const char *const texts[] = {HEAD CLASSES, WITH("false"),
                                        WITH("{\"processes\": [{\"name\": \"a\", \"pid\": 1}]}")};
    char hashes[3][17];
    for (size_t i = 0; i < 3; i++) {
        struct scenario scenario;
        struct err err;
        assert_int_equal(decode(texts[i], &scenario, &err), 0);
        scenario_workload_hash(&scenario, 0, 1, hashes[i]);
        assert_string_equal(hashes[i], hashes[0]);
        scenario_release(&scenario);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenario_monitor__is_on_unless_it_is_said_otherwise),
        cmocka_unit_test(test_scenario_monitor__processes),
        cmocka_unit_test(test_scenario_monitor__refuses_what_makes_no_sense),
        cmocka_unit_test(test_scenario_monitor__changes_no_workload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
