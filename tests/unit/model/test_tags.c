/* Tags: sets of them, and in scenarios and reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/report.h"
#include "model/scenario.h"

#define LONGEST "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"

static void assert_tags(const struct tags *tags, const char *expected)
{
    struct buf found = {0};
    for (size_t i = 0; i < tags->n; i++)
        buf_addf(&found, "%s%s", i ? " " : "", tags->names[i]);
    assert_string_equal(buf_text(&found), expected);
    buf_release(&found);
}

static void test_tags__what_is_one(void **state)
{
    (void)state;
    assert_true(tag_is_valid("checkout"));
    assert_true(tag_is_valid("-"));
    assert_true(tag_is_valid(".A_9"));
    assert_true(tag_is_valid(LONGEST));
    assert_false(tag_is_valid(""));
    assert_false(tag_is_valid(LONGEST "x"));
    assert_false(tag_is_valid("a b"));
    assert_false(tag_is_valid("a*"));
    assert_false(tag_is_valid("\xc3\xa4"));
}

static void test_tags__union(void **state)
{
    (void)state;
    struct arena arena = {0};
    char b[] = "b";
    const char *few[] = {"a", b}, *more[] = {"b", "c", "d"};
    struct tags tags = {0}, two = {2, few}, three = {3, more}, none = {0};
    tags_add(&tags, &none, &arena);
    assert_int_equal(tags.n, 0);
    tags_add(&tags, &two, &arena);
    b[0] = 'x'; /* they are copied */
    assert_tags(&tags, "a b");
    tags_add(&tags, &three, &arena);
    assert_tags(&tags, "a b c d");
    const char **before = tags.names;
    tags_add(&tags, &three, &arena);
    assert_ptr_equal(tags.names, before);
    assert_true(tags_have(&tags, "c"));
    assert_false(tags_have(&tags, "x"));
    assert_false(tags_have(&none, "a"));
    assert_string_equal(tags_beyond(&tags, &three), "a");
    assert_null(tags_beyond(&three, &tags));
    arena_release(&arena);
}

/* ---- scenarios ---- */

#define SCENARIO(on_start, tasks)                                                                  \
    "{\"schema\": \"perfgate.scenario/1\", \"name\": \"s\", \"classes\": [{\"name\": \"c\", "      \
    "\"on_start\": [" on_start "], \"tasks\": [" tasks "]}]}"

static int decode(const char *json, struct scenario *scenario, struct err *err)
{
    return scenario_decode(json, strlen(json), "s.json", scenario, err);
}

static void open_scenario(const char *json, struct scenario *scenario)
{
    struct err err = {0};
    if (decode(json, scenario, &err) < 0)
        fail_msg("%s", err.text);
}

static void test_tags__a_task_gives_its_own_to_its_steps(void **state)
{
    (void)state;
    struct scenario scenario;
    struct arena arena = {0};
    open_scenario(SCENARIO("{\"post\": \"/login\", \"tags\": [\"start\"]}",
                           "{\"name\": \"t\", \"tags\": [\"read\", \"cart\"], \"steps\": ["
                           "{\"get\": \"/a\"}, {\"get\": \"/b\", \"tags\": [\"x\", \"read\"]}]},"
                           "{\"get\": \"/a\", \"weight\": 2, \"tags\": [\"z\"]}, {\"get\": \"/c\", "
                           "\"tags\": []}, {\"post\": \"/a\"}"),
                  &scenario);
    const struct scenario_class *class = &scenario.classes[0];
    assert_tags(&class->on_start[0].tags, "start");
    assert_tags(&class->tasks[0].tags, "cart read");
    assert_tags(&class->tasks[0].steps[0].tags, "cart read");
    assert_tags(&class->tasks[0].steps[1].tags, "cart read x");
    assert_tags(&class->tasks[1].tags, "z");
    assert_tags(&class->tasks[1].steps[0].tags, "z");
    assert_tags(&class->tasks[2].tags, "");
    struct tags a = scenario_tags(&scenario, "GET", "/a", &arena);
    struct tags posted = scenario_tags(&scenario, "POST", "/a", &arena);
    struct tags login = scenario_tags(&scenario, "POST", "/login", &arena);
    assert_tags(&a, "cart read z");
    assert_tags(&posted, "");
    assert_tags(&login, "start");
    arena_release(&arena);
    scenario_release(&scenario);
}

static void hash(const char *json, char out[17])
{
    struct scenario scenario;
    open_scenario(json, &scenario);
    scenario_workload_hash(&scenario, 3, 1, out);
    scenario_release(&scenario);
}

/* Stored runs must not be lost to a label. The number is that of a version without tags. */
static void test_tags__are_no_part_of_the_hash(void **state)
{
    (void)state;
    char without[17], with[17];
    hash(SCENARIO("{\"get\": \"/l\"}", "{\"name\": \"t\", \"steps\": [{\"get\": \"/a\"}]}"),
         without);
    hash(SCENARIO("{\"get\": \"/l\", \"tags\": [\"s\"]}",
                  "{\"name\": \"t\", \"tags\": [\"t\"], \"steps\": [{\"get\": \"/a\", \"tags\": "
                  "[\"u\"]}]}"),
         with);
    assert_string_equal(with, without);
    assert_string_equal(without, "0d829ad54a09636c");
}

static void refuse(const char *tags, const char *message)
{
    struct scenario scenario;
    struct err err = {0};
    struct buf json = {0}, expected = {0};
    buf_addf(&json, SCENARIO("", "{\"get\": \"/a\", \"tags\": %s}"), tags);
    buf_addf(&expected, "'s.json': classes[0].tasks[0].tags%s", message);
    assert_int_equal(decode(buf_text(&json), &scenario, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, buf_text(&expected));
    buf_release(&json);
    buf_release(&expected);
}

static void test_tags__refused_in_a_scenario(void **state)
{
    (void)state;
    refuse("\"read\"", ": expected an array of tags, found a string");
    refuse("[1]", "[0]: expected a string, found a number");
    refuse("[\"a\", \"\"]",
           "[1]: expected a tag of 1 to 64 letters, digits, '.', '_' and '-', found ''");
    refuse("[\"a/b\"]",
           "[0]: expected a tag of 1 to 64 letters, digits, '.', '_' and '-', found 'a/b'");
    refuse("[\"" LONGEST "x\"]",
           "[0]: expected a tag of 1 to 64 letters, digits, '.', '_' and '-', found '" LONGEST
           "x'");
    refuse("[\"b\", \"a\", \"b\"]", ": 'b' is there twice; keep one");
    struct buf many = {0};
    for (int i = 0; i < 17; i++)
        buf_addf(&many, "%s\"t%d\"", i ? ", " : "[", i);
    buf_add_char(&many, ']');
    refuse(buf_text(&many), ": expected at most 16 tags, found 17");
    buf_release(&many);
}

/* ---- reports ---- */

#define SIX                                                                                        \
    "\"total_requests\": 10, \"total_failures\": 1, \"requests_per_second\": 2.5, "                \
    "\"average_response_time\": 12.5, \"95th_percentile\": 20, \"99th_percentile\": 30"
#define REPORT(members)                                                                            \
    "{" SIX ", \"schema\": \"perfgate.report/1\", \"valid\": true, \"endpoints\": [{\"name\": "    \
    "\"/a\", \"method\": \"GET\", " SIX members "}]}"

static void test_tags__of_a_report(void **state)
{
    (void)state;
    static const char json[] = REPORT(", \"tags\": [\"read\", \"cart\"]");
    struct report report, again;
    struct err err = {0};
    struct buf out = {0};
    assert_int_equal(report_decode(json, strlen(json), "r.json", &report, &err), 0);
    assert_tags(&report.endpoints[0].tags, "cart read");
    report_encode(&report, &out);
    assert_non_null(strstr(buf_text(&out), "      \"method\": \"GET\",\n"
                                           "      \"tags\": [\"cart\", \"read\"],\n"));
    assert_int_equal(report_decode(buf_text(&out), out.len, "r.json", &again, &err), 0);
    assert_tags(&again.endpoints[0].tags, "cart read");
    report_release(&again);
    report.endpoints[0].tags.n = 0;
    buf_reset(&out);
    report_encode(&report, &out);
    assert_null(strstr(buf_text(&out), "tags"));
    report_release(&report);
    buf_release(&out);
}

static void test_tags__refused_in_a_report(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {REPORT(", \"tags\": [\"a\", \"a\"]"),
         "'r.json': endpoints[0].tags: 'a' is there twice; keep one"},
        {REPORT(", \"tags\": [\"a b\"]"), "'r.json': endpoints[0].tags[0]: expected a tag of 1 to "
                                          "64 letters, digits, '.', '_' and '-', found 'a b'"},
        {REPORT(", \"tags\": {}"),
         "'r.json': endpoints[0].tags: expected an array of tags, found an object"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct report report;
        struct err err = {0};
        assert_int_equal(report_decode(cases[i][0], strlen(cases[i][0]), "r.json", &report, &err),
                         -1);
        assert_string_equal(err.text, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tags__what_is_one),
        cmocka_unit_test(test_tags__union),
        cmocka_unit_test(test_tags__a_task_gives_its_own_to_its_steps),
        cmocka_unit_test(test_tags__are_no_part_of_the_hash),
        cmocka_unit_test(test_tags__refused_in_a_scenario),
        cmocka_unit_test(test_tags__of_a_report),
        cmocka_unit_test(test_tags__refused_in_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
