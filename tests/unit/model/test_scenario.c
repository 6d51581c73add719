#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
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

static void test_scenario__the_smallest_has_defaults(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    assert_int_equal(decode(HEAD CLASSES "}", &scenario, &err), 0);
    assert_string_equal(scenario.name, "s");
    assert_null(scenario.host);
    assert_int_equal(scenario.users, 0);
    assert_true(isnan(scenario.spawn_rate));
    assert_int_equal(scenario.duration_ns, -1);
    assert_int_equal(scenario.warmup_ns, -1);
    assert_int_equal(scenario.connect_timeout_ns, 5 * NS_PER_S);
    assert_int_equal(scenario.request_timeout_ns, 30 * NS_PER_S);
    assert_true(scenario.keep_alive);
    assert_true(scenario.follow_redirects);
    assert_int_equal(scenario.n_classes, 1);
    const struct scenario_class *class = &scenario.classes[0];
    assert_string_equal(class->name, "c");
    assert_int_equal(class->weight, 1);
    assert_int_equal(class->think_high_ns, 0);
    assert_int_equal(class->n_on_start, 0);
    assert_int_equal(class->n_tasks, 1);
    assert_string_equal(class->tasks[0].name, "/");
    assert_int_equal(class->tasks[0].weight, 1);
    assert_int_equal(class->tasks[0].n_steps, 1);
    const struct scenario_step *step = &class->tasks[0].steps[0];
    assert_string_equal(step->name, "/");
    assert_string_equal(step->method, "GET");
    assert_string_equal(step->path, "/");
    assert_int_equal(step->body_kind, BODY_NONE);
    assert_int_equal(step->n_expects, 0);
    assert_int_equal(step->follow_redirects, -1);
    scenario_release(&scenario);
    scenario_release(&scenario);
}

static const char full[] =
    HEAD "\"host\": \"http://localhost:8080\", \"users\": 20, \"spawn_rate\": 2.5, \"duration\": "
         "\"1m30s\","
         "\"warmup\": 5, \"connect_timeout\": \"2s\", \"request_timeout\": \"10s\", \"seed\": 7,"
         "\"keep_alive\": false, \"redirects\": false, \"headers\": {\"Accept-Language\": \"de\"},"
         "\"variables\": {\"thread\": {\"random\": [1, 50]}, \"country\": {\"choice\": [\"de\", "
         "\"fr\"]},"
         "              \"user\": \"${TEST_USER_EMAIL}\"},"
         "\"classes\": [{\"name\": \"member\", \"weight\": 3, \"think_time\": {\"between\": "
         "[\"1s\", 3]},"
         "  \"headers\": {\"X-Api\": \"v1\"},"
         "  \"on_start\": [{\"post\": \"/login\", \"form\": {\"user\": \"${user}\", \"csrf\": "
         "\"${csrf}\"}}],"
         "  \"tasks\": ["
         "    {\"name\": \"read\", \"weight\": 9, \"steps\": [{\"name\": \"/t/[id]\", \"method\": "
         "\"PUT\","
         "      \"path\": \"/t/${thread}\", \"query\": {\"c\": \"${country}\"},"
         "      \"headers\": {\"Cookie\": \"a=b\"}, \"json\": {\"a\": [1, 0.5, \"${sid}\"]},"
         "      \"capture\": {\"csrf\": {\"regex\": \"x([0-9]+)\", \"group\": 0}, \"sid\": "
         "{\"cookie\": \"S\"},"
         "                  \"id\": {\"json\": \"/data/0/id\", \"optional\": true},"
         "                  \"loc\": {\"header\": \"Location\"}},"
         "      \"expect\": {\"status\": [200, \"3xx\"], \"header\": {\"Content-Type\": \"html\"},"
         "                 \"body_contains\": [\"a\", \"b\"], \"json\": {\"/ok\": true},"
         "                 \"max_duration\": \"500ms\"}, \"redirects\": true}]},"
         "    {\"delete\": \"/t/1\", \"body\": \"raw\", \"weight\": 2}]}]}";

static void test_scenario__every_key(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    assert_int_equal(decode(full, &scenario, &err), 0);
    assert_string_equal(scenario.host, "http://localhost:8080");
    assert_int_equal(scenario.users, 20);
    assert_true(scenario.spawn_rate == 2.5);
    assert_int_equal(scenario.duration_ns, 90 * NS_PER_S);
    assert_int_equal(scenario.warmup_ns, 5 * NS_PER_S);
    assert_int_equal(scenario.connect_timeout_ns, 2 * NS_PER_S);
    assert_int_equal(scenario.request_timeout_ns, 10 * NS_PER_S);
    assert_int_equal(scenario.seed, 7);
    assert_false(scenario.keep_alive);
    assert_false(scenario.follow_redirects);
    assert_string_equal(scenario.headers.items[0].name, "Accept-Language");

    assert_int_equal(scenario.n_variables, 3);
    assert_int_equal(scenario.variables[0].kind, VARIABLE_RANDOM_INT);
    assert_int_equal(scenario.variables[0].low, 1);
    assert_int_equal(scenario.variables[0].high, 50);
    assert_int_equal(scenario.variables[1].kind, VARIABLE_CHOICE);
    assert_int_equal(scenario.variables[1].n_choices, 2);
    assert_string_equal(scenario.variables[1].choices[1], "fr");
    assert_int_equal(scenario.variables[2].kind, VARIABLE_TEXT);
    assert_string_equal(scenario.variables[2].text, "${TEST_USER_EMAIL}");

    const struct scenario_class *class = &scenario.classes[0];
    assert_int_equal(class->weight, 3);
    assert_int_equal(class->think_low_ns, NS_PER_S);
    assert_int_equal(class->think_high_ns, 3 * NS_PER_S);
    assert_string_equal(class->headers.items[0].value, "v1");
    assert_int_equal(class->n_on_start, 1);
    assert_int_equal(class->on_start[0].body_kind, BODY_FORM);
    assert_string_equal(class->on_start[0].method, "POST");
    assert_string_equal(class->on_start[0].form.items[1].name, "csrf");
    assert_int_equal(class->n_tasks, 2);
    assert_string_equal(class->tasks[1].steps[0].method, "DELETE");
    assert_string_equal(class->tasks[1].steps[0].body, "raw");
    assert_int_equal(class->tasks[1].steps[0].body_kind, BODY_RAW);
    assert_int_equal(class->tasks[1].weight, 2);
    scenario_release(&scenario);
}

static void test_scenario__a_whole_step(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    assert_int_equal(decode(full, &scenario, &err), 0);
    const struct scenario_step *step = &scenario.classes[0].tasks[0].steps[0];
    assert_string_equal(step->name, "/t/[id]");
    assert_string_equal(step->method, "PUT");
    assert_string_equal(step->path, "/t/${thread}");
    assert_string_equal(step->query.items[0].value, "${country}");
    assert_string_equal(step->headers.items[0].name, "Cookie");
    assert_int_equal(step->body_kind, BODY_JSON);
    assert_string_equal(step->body, "{\"a\":[1,0.5,\"${sid}\"]}");
    assert_int_equal(step->follow_redirects, 1);

    assert_int_equal(step->n_captures, 4);
    assert_string_equal(step->captures[0].variable, "csrf");
    assert_int_equal(step->captures[0].from, CAPTURE_REGEX);
    assert_int_equal(step->captures[0].group, 0);
    assert_int_equal(step->captures[1].from, CAPTURE_COOKIE);
    assert_int_equal(step->captures[1].group, 1);
    assert_string_equal(step->captures[2].expression, "/data/0/id");
    assert_true(step->captures[2].optional);
    assert_false(step->captures[3].optional);
    assert_int_equal(step->captures[3].from, CAPTURE_HEADER);

    assert_int_equal(step->n_expects, 7);
    const struct scenario_expect *expect = step->expects;
    assert_int_equal(expect[0].kind, EXPECT_STATUS);
    assert_int_equal(expect[0].status_low, 200);
    assert_int_equal(expect[0].status_high, 200);
    assert_int_equal(expect[1].status_low, 300);
    assert_int_equal(expect[1].status_high, 399);
    assert_int_equal(expect[2].kind, EXPECT_HEADER);
    assert_string_equal(expect[2].name, "Content-Type");
    assert_int_equal(expect[4].kind, EXPECT_BODY_CONTAINS);
    assert_string_equal(expect[4].value, "b");
    assert_int_equal(expect[5].kind, EXPECT_JSON);
    assert_string_equal(expect[5].name, "/ok");
    assert_string_equal(expect[5].value, "true");
    assert_int_equal(expect[6].kind, EXPECT_MAX_DURATION);
    assert_int_equal(expect[6].max_ns, 500 * NS_PER_MS);
    scenario_release(&scenario);
}

static void test_scenario__refuses_bad_settings(void **state)
{
    (void)state;
    expect_error("{\"schema\": \"perfgate.scenario/1\"}", "'s.json': the key 'name' is missing");
    expect_error("{\"schema\": \"perfgate.scenario/1\", \"name\": \"../x\"}",
                 "'s.json': name: expected a name of 1 to 64 of a-z, 0-9, '.', '_' and '-' that "
                 "begins with a letter, digit or '_', found '../x'");
    expect_error(HEAD "\"classes\": []}", "'s.json': classes: expected at least one class");
    expect_error(HEAD "\"classes\": [{\"name\": \"c\", " TASKS "}, {\"name\": \"c\", " TASKS "}]}",
                 "'s.json': classes[1].name: 'c' is the name of classes[0] too");
    expect_error(TOP("\"users\": 0"),
                 "'s.json': users: expected a whole number from 1 to 1000000, found 0");
    expect_error(TOP("\"user\": 1"), "'s.json': user: unknown key; remove it or mend its spelling");
    expect_error(TOP("\"duration\": \"soon\""),
                 "'s.json': duration: expected a duration up to 365 days such as \"90s\", "
                 "\"250ms\" or \"1h30m\", found 'soon'");
    expect_error(TOP("\"duration\": 0"), "'s.json': duration: expected a duration above 0");
    expect_error(TOP("\"warmup\": -1"),
                 "'s.json': warmup: expected a number from 0 to 31536000, found -1");
    expect_error(TOP("\"headers\": {\"A B\": \"c\"}"),
                 "'s.json': headers.A B: expected the name of a header field, found 'A B'");
    expect_error(TOP("\"headers\": {\"A\": \"b\\r\\nC: d\"}"),
                 "'s.json': headers.A: expected a header's value without line breaks");
    expect_error(TOP("\"headers\": {\"content-length\": \"1\"}"),
                 "'s.json': headers.content-length: this header is set by perf-run itself; remove "
                 "it");
    expect_error(TOP("\"headers\": {\"a\": \"1\", \"A\": \"2\"}"),
                 "'s.json': headers.A: this header is there twice, as 'a' as well");
    expect_error(TOP("\"headers\": {\"a\": 1}"),
                 "'s.json': headers.a: expected a string, found a number");
    expect_error(TOP("\"variables\": {\"1a\": \"\"}"),
                 "'s.json': variables.1a: expected a variable's name of letters, digits and '_', "
                 "found '1a'");
    expect_error(TOP("\"variables\": {\"a\": 1}"),
                 "'s.json': variables.a: expected a text, {\"random\": [1, 50]} or {\"choice\": "
                 "[\"a\", \"b\"]}, found a number");
    expect_error(TOP("\"variables\": {\"a\": {}}"),
                 "'s.json': variables.a: expected either a random range or a choice of at least "
                 "one");
    expect_error(TOP("\"variables\": {\"a\": {\"random\": [1, 2], \"choice\": [\"x\"]}}"),
                 "'s.json': variables.a: expected either a random range or a choice of at least "
                 "one");
    expect_error(TOP("\"variables\": {\"a\": {\"random\": [2, 1]}}"),
                 "'s.json': variables.a.random[1]: expected a whole number from 2 to "
                 "4611686018427387903, found 1");
    expect_error(TOP("\"variables\": {\"a\": {\"random\": [2]}}"),
                 "'s.json': variables.a.random: expected two whole numbers, as in [1, 50]");
}

static void test_scenario__refuses_bad_classes(void **state)
{
    (void)state;
    expect_error(CLASS("\"tasks\": []"), "'s.json': classes[0].tasks: expected at least one task");
    expect_error(CLASS("\"tasks\": {}"),
                 "'s.json': classes[0].tasks: expected an array, found an object");
    expect_error(CLASS("\"tasks\": [{\"steps\": []}]"),
                 "'s.json': classes[0].tasks[0].steps: expected at least one step");
    expect_error(CLASS("\"weight\": 0, " TASKS),
                 "'s.json': classes[0].weight: expected a whole number from 1 to 1000000, found 0");
    expect_error(CLASS("\"think_time\": {\"between\": [\"3s\", \"1s\"]}, " TASKS),
                 "'s.json': classes[0].think_time.between: expected the shorter duration first");
    expect_error(CLASS("\"think_time\": {\"between\": [\"3s\"]}, " TASKS),
                 "'s.json': classes[0].think_time.between: expected two durations, as in "
                 "[\"1s\", \"3s\"]");
    expect_error(CLASS("\"think_time\": {\"constant\": 1, \"between\": [1, 2]}, " TASKS),
                 "'s.json': classes[0].think_time: expected {\"between\": [\"1s\", \"3s\"]} or "
                 "{\"constant\": \"2s\"}");
    expect_error(CLASS("\"tasks\": [{\"get\": \"/\", \"steps\": [{\"get\": \"/\"}]}]"),
                 "'s.json': classes[0].tasks[0].get: unknown key; remove it or mend its spelling");
    expect_error(CLASS("\"tasks\": [3]"),
                 "'s.json': classes[0].tasks[0]: expected an object, found a number");
    expect_error(CLASS("\"on_start\": [{}], " TASKS),
                 "'s.json': classes[0].on_start[0]: expected a path, as in \"get\": \"/forum\"");
}

#define AT_STEP "'s.json': classes[0].tasks[0].steps[0]"

static void test_scenario__refuses_bad_steps(void **state)
{
    (void)state;
    expect_error(STEP("\"get\": \"forum\""),
                 AT_STEP ".get: expected a path that begins with '/', found 'forum'");
    expect_error(STEP("\"get\": \"/a#b\""),
                 AT_STEP ".get: expected a path without '#' and control characters, found '/a#b'");
    expect_error(STEP("\"get\": \"/a\\nb\""),
                 AT_STEP ".get: expected a path without '#' and control characters, found "
                         "'/a\\x0ab'");
    expect_error(STEP("\"get\": \"/\", \"post\": \"/\""),
                 AT_STEP ".post: the step has a method already; a step is one request");
    expect_error(STEP("\"path\": \"/\", \"post\": \"/\""),
                 AT_STEP ".post: the step has a path already; a step is one request");
    expect_error(STEP("\"path\": \"/\", \"method\": \"get\""),
                 AT_STEP ".method: expected a method in upper case, found 'get'");
    expect_error(STEP("\"path\": \"/\", \"method\": \"GET /x\""),
                 AT_STEP ".method: expected an HTTP method, found 'GET /x'");
    expect_error(STEP("\"path\": \"/\", \"method\": \"CONNECT\""),
                 AT_STEP ".method: expected a method that asks for a resource, found 'CONNECT'");
    expect_error(STEP("\"get\": \"/\", \"name\": \"\""),
                 AT_STEP ".name: expected a name of 1 to 200 bytes without control characters, "
                         "found ''");
    expect_error(STEP("\"get\": \"/\", \"json\": {}, \"body\": \"\""),
                 AT_STEP ".body: expected one of json, form and body, found two");
    expect_error(STEP("\"get\": \"/\", \"capture\": {\"a\": {}}"),
                 AT_STEP ".capture.a: expected exactly one of header, cookie, json and regex, "
                         "found 0");
    expect_error(STEP("\"get\": \"/\", \"capture\": {\"a\": {\"json\": \"id\"}}"),
                 AT_STEP ".capture.a: expected a JSON pointer such as \"/data/0/id\", found 'id'");
    expect_error(STEP("\"get\": \"/\", \"capture\": {\"a\": {\"json\": \"/~2\"}}"),
                 AT_STEP ".capture.a: expected a JSON pointer such as \"/data/0/id\", found '/~2'");
    expect_error(STEP("\"get\": \"/\", \"capture\": {\"a\": {\"regex\": \"\"}}"),
                 AT_STEP ".capture.a: expected a regular expression, found ''");
    expect_error(STEP("\"get\": \"/\", \"expect\": {\"status\": 99}"),
                 AT_STEP ".expect.status: expected a whole number from 100 to 599, found 99");
    expect_error(STEP("\"get\": \"/\", \"expect\": {\"status\": [200, \"20x\"]}"),
                 AT_STEP ".expect.status[1]: expected a status such as 200 or \"2xx\", found "
                         "'20x'");
    expect_error(STEP("\"get\": \"/\", \"expect\": {\"status\": []}"),
                 AT_STEP ".expect.status: expected at least one element");
    expect_error(STEP("\"get\": \"/\", \"expect\": {\"body_contains\": \"\"}"),
                 AT_STEP ".expect.body_contains: expected a text to look for, found ''");
    expect_error(STEP("\"get\": \"/\", \"expect\": {\"json\": {\"ok\": 1}}"),
                 AT_STEP ".expect.json.ok: expected a JSON pointer such as \"/data/0/id\", found "
                         "'ok'");
    expect_error(STEP("\"get\": \"/\", \"expect\": {\"max_duration\": \"0s\"}"),
                 AT_STEP ".expect.max_duration: expected a duration above 0");
}

#define NOTHING_FILLS(name)                                                                        \
    "nothing fills '${" name "}'; expected a variable of the scenario, a capture of the same "     \
    "class, or a name of the environment in capitals"

static void test_scenario__names_are_known(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    expect_error(STEP("\"get\": \"/${id}\""), AT_STEP ".get: " NOTHING_FILLS("id"));
    expect_error(STEP("\"get\": \"/${}\""), AT_STEP ".get: " NOTHING_FILLS(""));
    expect_error(STEP("\"get\": \"/\", \"json\": {\"a\": [\"${b}\"]}"),
                 AT_STEP ".json.a[0]: " NOTHING_FILLS("b"));
    expect_error(STEP("\"get\": \"/\", \"form\": {\"${b}\": \"\"}"),
                 AT_STEP ".form.${b}: " NOTHING_FILLS("b"));
    expect_error(STEP("\"get\": \"/${ID\""),
                 AT_STEP ".get: expected '}' after '${'; write '$${' where '${' itself is meant");
    expect_error(TOP("\"variables\": {\"a\": \"${b}\", \"b\": \"\"}"),
                 "'s.json': variables.a: " NOTHING_FILLS("b"));
    expect_error(TOP("\"headers\": {\"A\": \"${b}\"}"), "'s.json': headers.A: " NOTHING_FILLS("b"));
    expect_error(HEAD "\"classes\": [{\"name\": \"a\", \"tasks\": [{\"get\": \"/\", \"capture\": "
                      "{\"id\": {\"cookie\": \"c\"}}}]}, {\"name\": \"b\", \"tasks\": [{\"get\": "
                      "\"/${id}\"}]}]}",
                 "'s.json': classes[1].tasks[0].get: " NOTHING_FILLS("id"));
    assert_int_equal(decode(STEP("\"get\": \"/$${id}${TEST_ID}\", \"capture\": {\"a\": "
                                 "{\"regex\": \"${\"}}, \"query\": {\"a\": \"${a}\"}"),
                            &scenario, &err),
                     0);
    scenario_release(&scenario);
}

static void test_scenario__from_a_url(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host, *path;
    } cases[] = {
        {"http://localhost:8080", "http://localhost:8080", "/"},
        {"http://localhost:8080/a/b?c=d#e", "http://localhost:8080", "/a/b?c=d"},
        {"http://[::1]:80?q", "http://[::1]:80", "/?q"},
        {"https://x/a", "https://x", "/a"},
        {"unix:/run/app.sock", "unix:/run/app.sock", "/"},
        {"unix:/run/app.sock:/a?b#c", "unix:/run/app.sock", "/a?b"},
    };
    struct scenario scenario;
    struct err err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(scenario_from_url(cases[i].url, &scenario, &err), 0);
        assert_null(scenario.path);
        assert_string_equal(scenario.host, cases[i].host);
        assert_string_equal(scenario.classes[0].tasks[0].steps[0].path, cases[i].path);
        scenario_release(&scenario);
    }
    assert_int_equal(scenario_from_url("localhost", &scenario, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_string_equal(err.text, "'localhost': expected a scenario's file or a URL such as "
                                  "http://localhost:8080/");
}

static void hash(const char *json, int64_t users, double think_scale, char out[17])
{
    struct scenario scenario;
    struct err err = {0};
    assert_int_equal(decode(json, &scenario, &err), 0);
    scenario_workload_hash(&scenario, users, think_scale, out);
    scenario_release(&scenario);
}

static void test_scenario__hash_tells_workloads_apart(void **state)
{
    (void)state;
    static const char *const equal[] = {
        STEP("\"get\": \"/\""),
        TOP("\"host\": \"http://a\""),
        TOP("\"seed\": 9"),
        TOP("\"duration\": 9"),
        TOP("\"tls\": {\"verify\": false}"),
        TOP("\"tls\": {\"ca\": \"a\"}"),
    };
    static const char *const other[] = {
        STEP("\"post\": \"/\""),
        STEP("\"get\": \"/b\""),
        STEP("\"get\": \"/\", \"name\": \"home\""),
        STEP("\"get\": \"/\", \"query\": {\"a\": \"\"}"),
        STEP("\"get\": \"/\", \"form\": {\"a\": \"\"}"),
        STEP("\"get\": \"/\", \"body\": \"a\""),
        STEP("\"get\": \"/\", \"headers\": {\"a\": \"\"}"),
        STEP("\"get\": \"/\", \"redirects\": false"),
        STEP("\"get\": \"/\", \"expect\": {\"status\": 200}"),
        STEP("\"get\": \"/\", \"capture\": {\"a\": {\"cookie\": \"a\"}}"),
        CLASS("\"weight\": 2, " TASKS),
        CLASS("\"think_time\": {\"constant\": 1}, " TASKS),
        TOP("\"keep_alive\": false"),
        TOP("\"headers\": {\"a\": \"\"}"),
        TOP("\"variables\": {\"a\": \"\"}"),
        TOP("\"tls\": {\"cert\": \"a\"}"),
        TOP("\"auth\": {\"bearer\": \"a\"}"),
        TOP("\"auth\": {\"bearer\": \"b\"}"),
        TOP("\"auth\": {\"basic\": {\"user\": \"a\", \"password\": \"b\"}}"),
        CLASS("\"auth\": {\"bearer\": \"a\"}, " TASKS),
        STEP("\"get\": \"/\", \"auth\": {\"bearer\": \"a\"}"),
        STEP("\"get\": \"/\", \"auth\": null"),
    };
    enum { N = sizeof other / sizeof other[0] };
    char first[17], seen[N + 2][17];
    hash(equal[0], 10, 1, first);
    assert_string_equal(first,
                        "1222783795e029f6"); /* changes end every comparison with stored runs */
    for (size_t i = 1; i < sizeof equal / sizeof equal[0]; i++) {
        hash(equal[i], 10, 1, seen[0]);
        assert_string_equal(seen[0], first);
    }
    for (size_t i = 0; i < N; i++)
        hash(other[i], 10, 1, seen[i]);
    hash(equal[0], 11, 1, seen[N]);
    hash(equal[0], 10, 0.5, seen[N + 1]);
    for (size_t i = 0; i < N + 2; i++) {
        assert_string_not_equal(seen[i], first);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(seen[i], seen[k]);
    }
}

static void test_scenario__hash_of_the_scenario_alone(void **state)
{
    (void)state;
    char alone[17], other[17];
    hash(STEP("\"get\": \"/\""), 0, 1, alone);
    hash(TOP("\"users\": 9"), 0, 1, other);
    assert_string_equal(alone, other);
    hash(STEP("\"get\": \"/b\""), 0, 1, other);
    assert_string_not_equal(alone, other);
}

static void test_scenario__reads_that_of_the_demo_application(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    int status = scenario_read("tests/panel/scenario.json", &scenario, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    assert_int_equal(scenario.n_classes, 4);
    assert_string_equal(scenario.path, "tests/panel/scenario.json");
    scenario_release(&scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenario__the_smallest_has_defaults),
        cmocka_unit_test(test_scenario__every_key),
        cmocka_unit_test(test_scenario__a_whole_step),
        cmocka_unit_test(test_scenario__refuses_bad_settings),
        cmocka_unit_test(test_scenario__refuses_bad_classes),
        cmocka_unit_test(test_scenario__refuses_bad_steps),
        cmocka_unit_test(test_scenario__names_are_known),
        cmocka_unit_test(test_scenario__from_a_url),
        cmocka_unit_test(test_scenario__hash_tells_workloads_apart),
        cmocka_unit_test(test_scenario__hash_of_the_scenario_alone),
        cmocka_unit_test(test_scenario__reads_that_of_the_demo_application),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
