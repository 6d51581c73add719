/* What a scenario takes from files beside it: feeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "model/scenario.h"

#define SCENARIO(feeds, path)                                                                      \
    "{\"schema\": \"perfgate.scenario/1\", \"name\": \"s\", \"feeds\": " feeds                     \
    ", \"classes\": [{\"name\": \"c\", \"tasks\": [{\"get\": \"" path "\"}]}]}"

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

static void test_scenario_feeds__have_an_order_and_an_end(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    int status = decode(SCENARIO("{\"a\": {\"file\": \"a.csv\"},"
                                 "\"b\": {\"file\": \"d/b.csv\", \"order\": \"once\"},"
                                 "\"c\": {\"file\": \"c.csv\", \"order\": \"random\"},"
                                 "\"d\": {\"file\": \"d.csv\", \"order\": \"next\", \"at_end\": "
                                 "\"stop\"}}",
                                 "/${a.name}/${b.first-name}/${d._9}"),
                        &scenario, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    assert_int_equal(scenario.n_feeds, 4);
    static const int orders[] = {FEED_NEXT, FEED_ONCE, FEED_RANDOM, FEED_NEXT};
    static const int ends[] = {FEED_REPEAT, FEED_FAIL, FEED_REPEAT, FEED_STOP};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(scenario.feeds[i].order, orders[i]);
        assert_int_equal(scenario.feeds[i].at_end, ends[i]);
    }
    assert_string_equal(scenario.feeds[1].name, "b");
    assert_string_equal(scenario.feeds[1].file.path, "d/b.csv");
    scenario_release(&scenario);
}

static void test_scenario_feeds__refuse_what_makes_no_sense(void **state)
{
    (void)state;
    static const struct {
        const char *json, *message;
    } rows[] = {
        {SCENARIO("{\"a\": {}}", "/"), "'s.json': feeds.a: the key 'file' is missing"},
        {SCENARIO("{\"a b\": {\"file\": \"a\"}}", "/"),
         "'s.json': feeds.a b: expected a variable's name of letters, digits and '_', found 'a b'"},
        {SCENARIO("{\"a\": {\"file\": \"/etc/passwd\"}}", "/"),
         "'s.json': feeds.a.file: expected a file beside the scenario or below it, found "
         "'/etc/passwd'"},
        {SCENARIO("{\"a\": {\"file\": \"x/../../y\"}}", "/"),
         "'s.json': feeds.a.file: expected a file beside the scenario or below it, found "
         "'x/../../y'"},
        {SCENARIO("{\"a\": {\"file\": \"\"}}", "/"),
         "'s.json': feeds.a.file: expected the path of a file, found ''"},
        {SCENARIO("{\"a\": {\"file\": \"${X}\"}}", "/"),
         "'s.json': feeds.a.file: expected the path of a file, found '${X}'"},
        {SCENARIO("{\"a\": {\"file\": \"a\", \"order\": \"random\", \"at_end\": \"stop\"}}", "/"),
         "'s.json': feeds.a: expected no at_end: a feed in random order has no end"},
        {SCENARIO("{\"a\": {\"file\": \"a\"}}", "/${b.c}"),
         "'s.json': classes[0].tasks[0].get: nothing fills '${b.c}'; expected a variable of the "
         "scenario, a column of a feed, a capture of the same class, or a name of the environment "
         "in capitals"},
        {SCENARIO("{\"a\": {\"file\": \"a\"}}", "/${a.}"),
         "'s.json': classes[0].tasks[0].get: nothing fills '${a.}'; expected a variable of the "
         "scenario, a column of a feed, a capture of the same class, or a name of the environment "
         "in capitals"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_error(rows[i].json, rows[i].message);
}

static void test_scenario_feeds__may_have_dots_in_a_file(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    assert_int_equal(decode(SCENARIO("{\"a\": {\"file\": \"..a/b..csv\"}}", "/"), &scenario, &err),
                     0);
    scenario_release(&scenario);
}

static void write_text(const char *path, const char *text)
{
    struct err err = {0};
    if (fs_write(path, text, strlen(text), &err) < 0)
        fail_msg("%s", err.text);
}

static void hash(const char *path, int64_t users, char out[17])
{
    struct scenario scenario;
    struct err err = {0};
    if (scenario_read(path, &scenario, &err) < 0 || scenario_read_files(&scenario, &err) < 0)
        fail_msg("%s", err.text);
    scenario_workload_hash(&scenario, users, 1, out);
    scenario_release(&scenario);
}

static void test_scenario_files__are_read_beside_the_scenario(void **state)
{
    (void)state;
    char directory[] = "/tmp/perfgate-files-XXXXXX", path[64], feed[64];
    char first[17], second[17], third[17];
    struct scenario scenario;
    struct err err = {0};
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/s.json", directory);
    snprintf(feed, sizeof feed, "%s/a.csv", directory);
    write_text(path, SCENARIO("{\"a\": {\"file\": \"a.csv\"}, \"b\": {\"file\": \"a.csv\"}}", "/"));
    assert_int_equal(scenario_read(path, &scenario, &err), 0);
    assert_int_equal(scenario_read_files(&scenario, &err), -1);
    assert_non_null(strstr(err.text, "feed 'a': cannot open '/tmp/perfgate-files-"));
    scenario_release(&scenario);

    write_text(feed, "x\n1\n");
    err = (struct err){0};
    assert_int_equal(scenario_read(path, &scenario, &err), 0);
    assert_int_equal(scenario_read_files(&scenario, &err), 0);
    assert_int_equal(scenario.feeds[0].file.content.len, 4);
    assert_ptr_equal(scenario.feeds[0].file.content.at, scenario.feeds[1].file.content.at);
    scenario_release(&scenario);

    /* The content is part of the workload, and not of the scenario's own hash. */
    hash(path, 5, first);
    hash(path, 0, third);
    write_text(feed, "x\n2\n");
    hash(path, 5, second);
    assert_string_not_equal(first, second);
    hash(path, 0, second);
    assert_string_equal(third, second);
    unlink(feed);
    unlink(path);
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenario_feeds__have_an_order_and_an_end),
        cmocka_unit_test(test_scenario_feeds__refuse_what_makes_no_sense),
        cmocka_unit_test(test_scenario_feeds__may_have_dots_in_a_file),
        cmocka_unit_test(test_scenario_files__are_read_beside_the_scenario),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
