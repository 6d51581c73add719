#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/scenario.h"

#define STEP(members)                                                                              \
    "{\"schema\": \"perfgate.scenario/1\", \"name\": \"s\", \"classes\": [{\"name\": \"c\", "      \
    "\"tasks\": [{\"post\": \"/\", " members "}]}]}"
#define PARTS(parts) STEP("\"multipart\": [" parts "]")

static int decode(const char *json, struct scenario *scenario, struct err *err)
{
    return scenario_decode(json, strlen(json), "s.json", scenario, err);
}

static void test_scenario_multipart__texts_and_files(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    int status = decode(
        PARTS("{\"name\": \"a\", \"value\": \"\"}, {\"name\": \"b\", \"file\": \"x/y.png\"}, "
              "{\"name\": \"c\", \"file\": \"z\", \"filename\": \"w\", \"type\": \"text/plain\"}"),
        &scenario, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    const struct scenario_step *step = scenario.classes[0].tasks[0].steps;
    assert_int_equal(step->body_kind, BODY_MULTIPART);
    assert_int_equal(step->n_parts, 3);
    assert_string_equal(step->parts[0].value, "");
    assert_null(step->parts[0].filename);
    assert_null(step->parts[0].type);
    assert_string_equal(step->parts[1].file.path, "x/y.png");
    assert_string_equal(step->parts[1].filename, "y.png");
    assert_string_equal(step->parts[1].type, "application/octet-stream");
    assert_string_equal(step->parts[2].filename, "w");
    assert_string_equal(step->parts[2].type, "text/plain");
    scenario_release(&scenario);
}

static void test_scenario_multipart__refuses_what_makes_no_sense(void **state)
{
    (void)state;
    static const struct {
        const char *json, *message;
    } rows[] = {
#define AT "'s.json': classes[0].tasks[0].multipart"
        {PARTS(""), AT ": expected an array of 1 to 64 parts"},
        {STEP("\"multipart\": {}"), AT ": expected an array of 1 to 64 parts"},
        {PARTS("{\"name\": \"a\"}"), AT "[0]: expected either a value or a file"},
        {PARTS("{\"name\": \"a\", \"value\": \"\", \"file\": \"b\"}"),
         AT "[0]: expected either a value or a file"},
        {PARTS("{\"name\": \"a\", \"value\": \"\", \"filename\": \"b\"}"),
         AT "[0]: expected no filename beside a value; it goes with a file"},
        {PARTS("{\"name\": \"\", \"value\": \"\"}"),
         AT "[0].name: expected a text without control characters, found ''"},
        {PARTS("{\"name\": \"a\", \"value\": \"\", \"type\": \"a\\nb\"}"),
         AT "[0].type: expected a text without control characters, found 'a\\x0ab'"},
        {PARTS("{\"name\": \"a\", \"file\": \"/b\"}"),
         AT "[0].file: expected a file beside the scenario or below it, found '/b'"},
        {PARTS("{\"name\": \"${nobody}\", \"value\": \"\"}"),
         AT "[0].name: nothing fills '${nobody}'; expected a variable of the scenario, a column of "
            "a feed, a capture of "
            "the same class, or a name of the environment in capitals"},
        {STEP("\"body\": \"\", \"multipart\": [{\"name\": \"a\", \"value\": \"\"}]"),
         "'s.json': classes[0].tasks[0].body: expected one of json, form, multipart and body, "
         "found two"},
#undef AT
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scenario scenario;
        struct err err = {0};
        assert_int_equal(decode(rows[i].json, &scenario, &err), -1);
        assert_string_equal(err.text, rows[i].message);
    }
}

static void test_scenario_multipart__is_part_of_the_hash(void **state)
{
    (void)state;
    static const char *const scenarios[] = {
        PARTS("{\"name\": \"a\", \"value\": \"b\"}"),
        PARTS("{\"name\": \"b\", \"value\": \"a\"}"),
        PARTS("{\"name\": \"a\", \"file\": \"b\"}"),
        PARTS("{\"name\": \"a\", \"value\": \"b\", \"type\": \"c\"}"),
        PARTS("{\"name\": \"a\", \"value\": \"b\"}, {\"name\": \"a\", \"value\": \"b\"}"),
    };
    enum { N = sizeof scenarios / sizeof scenarios[0] };
    char seen[N + 1][17];
    for (size_t i = 0; i < N; i++) {
        struct scenario scenario;
        struct err err = {0};
        assert_int_equal(decode(scenarios[i], &scenario, &err), 0);
        scenario_workload_hash(&scenario, 1, 1, seen[i]);
        scenario.classes[0].tasks[0].steps[0].parts[0].file.hash = 9; /* another content */
        scenario_workload_hash(&scenario, 1, 1, seen[N]);
        assert_int_equal(strcmp(seen[N], seen[i]) != 0, i == 2);
        scenario_workload_hash(&scenario, 0, 1, seen[N]);
        scenario.classes[0].tasks[0].steps[0].parts[0].file.hash = 8;
        char alone[17];
        scenario_workload_hash(&scenario, 0, 1, alone);
        assert_string_equal(alone, seen[N]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(seen[i], seen[k]);
        scenario_release(&scenario);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenario_multipart__texts_and_files),
        cmocka_unit_test(test_scenario_multipart__refuses_what_makes_no_sense),
        cmocka_unit_test(test_scenario_multipart__is_part_of_the_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
