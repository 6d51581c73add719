#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/scenario.h"
#include "scene.h"
#include "store/find.h"

#define SCENARIO(tasks)                                                                            \
    "{\"schema\": \"perfgate.scenario/1\", \"name\": \"t\", \"classes\": [{\"name\": \"u\", "      \
    "\"on_start\": [{\"post\": \"/login\"}], \"tasks\": [" tasks "]}]}"
#define BASE SCENARIO("{\"get\": \"/a\"}, {\"get\": \"/b\", \"name\": \"b\"}, {\"get\": \"/a\"}")

/* main has BASE in perf/s.json; the candidate was sent GET /a and POST /login of another one. */
static struct {
    struct repo *repo;
    struct report reports[2];
    struct report_endpoint endpoints[2];
    const struct report *candidates[2];
    struct find_query query;
    struct found found;
    struct err err;
} at;

static int enter(void **state)
{
    memset(&at, 0, sizeof at);
    if (scene_enter(state) < 0)
        return -1;
    scene_run("git init -q .; mkdir perf; echo '%s' >perf/s.json; git add perf; git commit -q -m b",
              BASE);
    at.endpoints[0] = (struct report_endpoint){.name = "/login", .method = "POST"};
    at.endpoints[1] = (struct report_endpoint){.name = "/a", .method = "GET"};
    for (size_t i = 0; i < 2; i++) {
        at.reports[i] = (struct report){.n_endpoints = 1, .endpoints = &at.endpoints[i]};
        at.candidates[i] = &at.reports[i];
    }
    at.query = (struct find_query){.scenario = "perf/s.json",
                                   .scenario_hash = "0123456789abcdef",
                                   .n_candidates = 2,
                                   .candidates = at.candidates};
    return 0;
}

static int leave(void **state)
{
    found_release(&at.found);
    repo_free(at.repo);
    return scene_leave(state);
}

static int find(void)
{
    struct choose_inputs none = {0};
    repo_free(at.repo);
    found_release(&at.found);
    at.repo = scene_open(".");
    at.query.repo = at.repo;
    at.err = (struct err){0};
    assert_int_equal(choose_base(at.repo, &none, &at.found.base, &at.err), 0);
    return find_scenario(&at.query, &at.found, &at.err);
}

/* The sentence, with the short form of HEAD in the place of each '@'. */
static void assert_change(const char *expected)
{
    assert_int_equal(find(), 0);
    assert_non_null(at.found.scenario_change);
    struct buf text = {0};
    for (const char *c = expected; *c; c++)
        buf_addf(&text, "%.*s", *c == '@' ? 7 : 1, *c == '@' ? at.found.base.commit : c);
    assert_string_equal(at.found.scenario_change, buf_text(&text));
    buf_release(&text);
}

static void assert_no_change(void)
{
    assert_int_equal(find(), 0);
    assert_null(at.found.scenario_change);
}

static void test_find_scenario__the_same(void **state)
{
    (void)state;
    char hash[17];
    struct scenario scenario;
    assert_int_equal(scenario_decode(BASE, strlen(BASE), "s", &scenario, &at.err), 0);
    scenario_workload_hash(&scenario, 0, 1, hash);
    scenario_release(&scenario);
    at.query.scenario_hash = hash;
    assert_no_change();
    hash[15] = hash[15] == '0' ? '1' : '0';
    assert_int_equal(find(), 0);
    assert_non_null(at.found.scenario_change);
}

static void test_find_scenario__names_what_went(void **state)
{
    (void)state;
    assert_change("the scenario 'perf/s.json' differs from the one at HEAD @; of the endpoints "
                  "there, the candidate's report lacks GET b");
    at.query.n_candidates = 1;
    assert_change("the scenario 'perf/s.json' differs from the one at HEAD @; of the endpoints "
                  "there, the candidate's report lacks GET /a and GET b");
    at.query.n_candidates = 2;
    at.endpoints[1].method = "PUT"; /* another method is another endpoint */
    assert_change("the scenario 'perf/s.json' differs from the one at HEAD @; of the endpoints "
                  "there, the candidate's report lacks GET /a and GET b");
}

static void test_find_scenario__nothing_went(void **state)
{
    (void)state;
    struct report_endpoint both[2] = {at.endpoints[1], {.name = "b", .method = "GET"}};
    at.reports[1] = (struct report){.n_endpoints = 2, .endpoints = both};
    assert_change("the scenario 'perf/s.json' differs from the one at HEAD @; all endpoints there "
                  "are in the candidate's report");
}

/* Commits a scenario of GET /1 to GET /n. */
static void commit_tasks(int n)
{
    scene_run("{ echo '{\"schema\": \"perfgate.scenario/1\", \"name\": \"t\", \"classes\": ["
              "{\"name\": \"u\", \"tasks\": [{\"get\": \"/1\"}'\n"
              "for i in $(seq 2 %d); do echo \",{\\\"get\\\": \\\"/$i\\\"}\"; done\n"
              "echo ']}]}'; } >perf/s.json; git commit -q -a -m %d",
              n, n);
}

static void test_find_scenario__names_ten_at_most(void **state)
{
    (void)state;
    commit_tasks(10);
    assert_change("the scenario 'perf/s.json' differs from the one at HEAD @; of the endpoints "
                  "there, the candidate's report lacks GET /1, GET /2, GET /3, GET /4, GET /5, "
                  "GET /6, GET /7, GET /8, GET /9 and GET /10");
    commit_tasks(12);
    assert_change("the scenario 'perf/s.json' differs from the one at HEAD @; of the endpoints "
                  "there, the candidate's report lacks GET /1, GET /2, GET /3, GET /4, GET /5, "
                  "GET /6, GET /7, GET /8, GET /9, GET /10 and 2 more");
}

static void test_find_scenario__nothing_to_compare_with(void **state)
{
    (void)state;
    at.query.scenario = "perf/new.json";
    assert_no_change();
    at.query.scenario = NULL;
    assert_no_change();
    at.query.scenario = "perf/s.json";
    at.query.scenario_hash = NULL;
    assert_no_change();
    at.query.scenario_hash = "0123456789abcdef";
    struct base_choice base = at.found.base;
    found_release(&at.found);
    assert_int_equal(find_scenario(&at.query, &at.found, &at.err), 0);
    assert_null(at.found.scenario_change);
    at.found.base = base;
    at.query.repo = NULL;
    assert_int_equal(find_scenario(&at.query, &at.found, &at.err), 0);
    assert_null(at.found.scenario_change);
}

/* They are no part of what is sent. */
static void test_find_scenario__tags_of_the_base_count(void **state)
{
    (void)state;
    char hash[17];
    const char *names[] = {"pay", "read"};
    struct scenario scenario;
    assert_int_equal(scenario_decode(BASE, strlen(BASE), "s", &scenario, &at.err), 0);
    scenario_workload_hash(&scenario, 0, 1, hash);
    scenario_release(&scenario);
    at.query.scenario_hash = hash;
    scene_run("echo '%s' >perf/s.json; git commit -q -a -m tags",
              SCENARIO("{\"get\": \"/a\", \"tags\": [\"read\"]}, {\"get\": \"/b\", \"name\": "
                       "\"b\", \"tags\": [\"x\"]}, {\"get\": \"/a\", \"tags\": [\"pay\"]}"));
    assert_no_change();
    assert_int_equal(at.found.n_tagged, 1);
    assert_string_equal(at.found.tagged[0].name, "/a");
    assert_string_equal(at.found.tagged[0].method, "GET");
    assert_int_equal(at.found.tagged[0].tags.n, 2);
    assert_string_equal(at.found.tagged[0].tags.names[0], "pay");
    assert_int_equal(at.found.n_warnings, 1);
    assert_non_null(strstr(at.found.warnings[0], "the scenario 'perf/s.json' has tags at HEAD "));
    assert_non_null(strstr(at.found.warnings[0],
                           " that the candidate's report lacks: 'pay' on GET /a; they count all "
                           "the same"));
    at.endpoints[1].tags = (struct tags){1, names};
    assert_no_change();
    assert_non_null(strstr(at.found.warnings[0], "lacks: 'read' on GET /a;"));
    at.endpoints[1].tags.n = 2;
    assert_no_change();
    assert_int_equal(at.found.n_tagged, 1);
    assert_int_equal(at.found.n_warnings, 0);
}

static void test_find_scenario__what_cannot_be_read_is_said(void **state)
{
    (void)state;
    scene_run("echo '{\"schema\": \"perfgate.scenario/1\"}' >perf/s.json; git commit -q -a -m x");
    assert_change("the scenario 'perf/s.json' cannot be compared with the one at HEAD @: "
                  "'@:perf/s.json': the key 'name' is missing");
    scene_run("ln -sf other.json perf/s.json; git commit -q -a -m x");
    assert_change("the scenario 'perf/s.json' cannot be compared with the one at HEAD @: "
                  "'perf/s.json' at @ is a symbolic link; expected a file");
    at.query.scenario = "perf";
    assert_change("the scenario 'perf' cannot be compared with the one at HEAD @: 'perf' at @ is "
                  "a directory; expected a file");
}

static void test_find_scenario__a_clone_without_the_file(void **state)
{
    (void)state;
    scene_run("git checkout -q --detach; git rm -q -r perf; git commit -q -m gone\n"
              "git clone -q --filter=blob:none --no-checkout \"file://$PWD\" clone");
    struct choose_inputs inputs = {.rev = "origin/main"};
    at.repo = scene_open("clone");
    at.query.repo = at.repo;
    assert_int_equal(choose_base(at.repo, &inputs, &at.found.base, &at.err), 0);
    assert_int_equal(find_scenario(&at.query, &at.found, &at.err), -1);
    assert_int_equal(at.err.code, ERR_UNDECIDED);
    assert_null(at.found.scenario_change);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_find_scenario__the_same),
        TEST(test_find_scenario__names_what_went),
        TEST(test_find_scenario__nothing_went),
        TEST(test_find_scenario__names_ten_at_most),
        TEST(test_find_scenario__nothing_to_compare_with),
        TEST(test_find_scenario__tags_of_the_base_count),
        TEST(test_find_scenario__what_cannot_be_read_is_said),
        TEST(test_find_scenario__a_clone_without_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
