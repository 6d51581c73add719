/* Credentials and TLS in a scenario. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/scenario.h"

static int decode(const char *json, struct scenario *scenario, struct err *err)
{
    return scenario_decode(json, strlen(json), "s.json", scenario, err);
}

static void expect_error(const char *json, const char *message)
{
    struct scenario scenario;
    struct err err = {0};
    assert_int_equal(decode(json, &scenario, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
}

/* A scenario around the members of its one class, or of its one task's one step. */
#define HEAD           "{\"schema\": \"perfgate.scenario/1\", \"name\": \"s\", "
#define TASKS          "\"tasks\": [{\"get\": \"/\"}]"
#define CLASSES        "\"classes\": [{\"name\": \"c\", " TASKS "}]"
#define TOP(members)   HEAD members ", " CLASSES "}"
#define CLASS(members) HEAD "\"classes\": [{\"name\": \"c\", " members "}]}"
#define STEP(members)  CLASS("\"tasks\": [{\"steps\": [{" members "}]}]")

static void test_scenario_access__credentials_and_tls(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    assert_int_equal(decode(TOP("\"seed\": 1"), &scenario, &err), 0);
    assert_true(scenario.tls.verify);
    assert_null(scenario.tls.ca);
    assert_int_equal(scenario.auth.kind, AUTH_UNSET);
    scenario_release(&scenario);

    static const char json[] = HEAD
        "\"tls\": {\"verify\": false, \"ca\": \"ca.pem\", \"cert\": \"/c.pem\", \"key\": "
        "\"k/k.pem\"}, \"auth\": {\"bearer\": \"${TOKEN}\"}, \"classes\": [{\"name\": \"c\", "
        "\"auth\": {\"basic\": {\"user\": \"a\", \"password\": \"b:c\"}}, \"tasks\": [{\"get\": "
        "\"https://x/\", \"auth\": null}]}]}";
    assert_int_equal(decode(json, &scenario, &err), 0);
    assert_false(scenario.tls.verify);
    assert_string_equal(scenario.tls.ca, "ca.pem");
    assert_string_equal(scenario.tls.cert, "/c.pem");
    assert_string_equal(scenario.tls.key, "k/k.pem");
    assert_int_equal(scenario.auth.kind, AUTH_BEARER);
    assert_string_equal(scenario.auth.secret, "${TOKEN}");
    const struct scenario_class *class = &scenario.classes[0];
    assert_int_equal(class->auth.kind, AUTH_BASIC);
    assert_string_equal(class->auth.user, "a");
    assert_string_equal(class->auth.secret, "b:c");
    assert_int_equal(class->tasks[0].steps[0].auth.kind, AUTH_NONE);
    scenario_release(&scenario);
}

static void test_scenario_access__locates_files_beside_itself(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct scenario scenario = {.path = "a/b/s.json"};
    assert_string_equal(scenario_locate(&scenario, "k/k.pem", &arena), "a/b/k/k.pem");
    assert_string_equal(scenario_locate(&scenario, "/k.pem", &arena), "/k.pem");
    assert_null(scenario_locate(&scenario, NULL, &arena));
    scenario.path = "s.json";
    assert_string_equal(scenario_locate(&scenario, "k.pem", &arena), "k.pem");
    scenario.path = NULL;
    assert_string_equal(scenario_locate(&scenario, "k.pem", &arena), "k.pem");
    arena_release(&arena);
}

static void test_scenario_access__refuses_bad_credentials_and_tls(void **state)
{
    (void)state;
    expect_error(TOP("\"tls\": {\"verify\": 0}"),
                 "'s.json': tls.verify: expected true or false, found a number");
    expect_error(TOP("\"tls\": {\"cafile\": \"x\"}"),
                 "'s.json': tls.cafile: unknown key; remove it or mend its spelling");
    expect_error(TOP("\"tls\": {\"key\": \"x\"}"),
                 "'s.json': tls: 'key' belongs to a certificate: name it as 'cert'");
    expect_error(TOP("\"auth\": \"secret\""), "'s.json': auth: expected an object, found a string");
    expect_error(TOP("\"auth\": {}"),
                 "'s.json': auth: expected either {\"basic\": {\"user\": …, \"password\": …}} or "
                 "{\"bearer\": …}, or null for none");
    expect_error(
        TOP("\"auth\": {\"bearer\": \"secret\", \"basic\": {\"user\": \"a\", \"password\": "
            "\"secret\"}}"),
        "'s.json': auth: expected either {\"basic\": {\"user\": …, \"password\": …}} or "
        "{\"bearer\": …}, or null for none");
    expect_error(TOP("\"auth\": {\"basic\": {\"user\": \"a\"}}"),
                 "'s.json': auth.basic: the key 'password' is missing");
    expect_error(TOP("\"auth\": {\"bearer\": \"\"}"), "'s.json': auth: expected a token, found ''");
    expect_error(CLASS("\"auth\": {\"basic\": {\"user\": \"a:b\", \"password\": \"c\"}}, " TASKS),
                 "'s.json': classes[0].auth: expected a user's name without ':', which ends it in "
                 "basic authentication (RFC 7617)");
    expect_error(
        STEP("\"get\": \"/\", \"auth\": {\"bearer\": \"secret\\r\\nA: b\"}"),
        "'s.json': classes[0].tasks[0].steps[0].auth: expected credentials without control "
        "characters");
}

#define NOTHING_FILLS(where)                                                                       \
    "'s.json': " where ".bearer: nothing fills '${b}'; expected a variable of the scenario, a "    \
    "column of a feed, a capture of the same class, or a name of the environment in capitals"

static void test_scenario_access__names_in_credentials_are_known(void **state)
{
    (void)state;
    expect_error(TOP("\"auth\": {\"bearer\": \"${b}\"}"), NOTHING_FILLS("auth"));
    expect_error(CLASS("\"auth\": {\"bearer\": \"${b}\"}, " TASKS),
                 NOTHING_FILLS("classes[0].auth"));
    expect_error(STEP("\"get\": \"/\", \"auth\": {\"bearer\": \"${b}\"}"),
                 NOTHING_FILLS("classes[0].tasks[0].steps[0].auth"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenario_access__credentials_and_tls),
        cmocka_unit_test(test_scenario_access__locates_files_beside_itself),
        cmocka_unit_test(test_scenario_access__refuses_bad_credentials_and_tls),
        cmocka_unit_test(test_scenario_access__names_in_credentials_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
