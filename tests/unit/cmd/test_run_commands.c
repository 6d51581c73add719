/* Who may have commands run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/run_commands.h"

static void assert_refused(const char *sentence)
{
    struct err err = {0};
    assert_int_equal(run_commands_allowed("the probe 'redis'", &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_string_equal(err.text, sentence);
}

static void test_run_commands__are_refused_unless_allowed(void **state)
{
    static const char *const not_set =
        "the probe 'redis' runs a command, which a scenario may do only where "
        "LOAD_TEST_COMMANDS=allow is set: set it where the scenario can be trusted, or leave it "
        "out";
    (void)state;
    unsetenv("LOAD_TEST_COMMANDS");
    assert_refused(not_set);
    setenv("LOAD_TEST_COMMANDS", "", 1);
    assert_refused(not_set);
    setenv("LOAD_TEST_COMMANDS", "allowed", 1);
    assert_refused("the probe 'redis' runs a command, and LOAD_TEST_COMMANDS is 'allowed'; "
                   "expected 'allow', where the scenario can be trusted, or a scenario without "
                   "it");
}

static void test_run_commands__are_run_where_allowed(void **state)
{
    struct err err = {0};
    (void)state;
    setenv("LOAD_TEST_COMMANDS", "allow", 1);
    assert_int_equal(run_commands_allowed("the profiler 'perf'", &err), 0);
    const char *const *variable = run_commands_environment();
    while (*variable && strcmp(*variable, "LOAD_TEST_COMMANDS=allow") != 0)
        variable++;
    assert_non_null(*variable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_commands__are_refused_unless_allowed),
        cmocka_unit_test(test_run_commands__are_run_where_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
