#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "scene.h"
#include "store/find.h"

#define FLAT(average)                                                                              \
    "{\"total_requests\": 10, \"total_failures\": 0, \"requests_per_second\": 1, "                 \
    "\"average_response_time\": " average ", \"95th_percentile\": 3, \"99th_percentile\": 4}"
#define DIR     "baselines/panel/default/"
#define NOW_NS  (1795628700 * NS_PER_S) /* 2026-11-25T17:45:00Z */
#define OWN_REF "refs/heads/perf-baselines"
#define ACCEPT(value)                                                                              \
    "{\"schema\": \"perfgate.acceptance/1\", \"metric\": \"avg_response_time\", "                  \
    "\"scope\": \"overall\", \"value\": " value ", \"reason\": \"r\", \"by\": \"A <a@b.c>\", "     \
    "\"accepted_at\": \"2026-11-24T09:30:00Z\"}"
#define ACCEPT_NAME(n) "20261124T09300" n "Z-0123456789ab.accept.json"
#define POLICY         "{\"schema\": \"perfgate.policy/1\", \"acceptances\": \"candidate\"}"

static struct {
    struct repo *repo;
    struct found found;
    struct err err;
} at;

/* main: commits a, b, c; side: s, from b. On the ref a run of each, newest last: a, b, s, c, and
 * one of no known commit; their averages are 1 to 5. HEAD is at c. */
static int enter(void **state)
{
    memset(&at, 0, sizeof at);
    if (scene_enter(state) < 0)
        return -1;
    scene_run(
        "git init -q -b main .\n"
        "for c in a b c; do git commit -q --allow-empty -m $c; git tag $c; done\n"
        "git checkout -q -b side b; git commit -q --allow-empty -m s; git tag s\n"
        "git checkout -q --orphan perf-baselines; mkdir -p " DIR "\n"
        "i=0; for c in a b s c x; do i=$((i + 1)); id=000000000000\n"
        "[ $c = x ] || id=$(git rev-parse --short=12 $c)\n"
        "echo '" FLAT("AVERAGE") "' | sed s/AVERAGE/$i/ "
                                 ">" DIR "2026112${i}T000000Z-$id-00000000000$i.json; done\n"
                                 "git add baselines; git commit -q -m runs; git checkout -q main");
    return 0;
}

static int leave(void **state)
{
    found_release(&at.found);
    repo_free(at.repo);
    return scene_leave(state);
}

static int find_in(const char *dir, struct find_query query)
{
    found_release(&at.found);
    repo_free(at.repo);
    at.repo = scene_open(dir);
    at.err = (struct err){0};
    query.repo = at.repo;
    query.suite = "panel";
    query.now_ns = NOW_NS;
    return find_all(&query, &at.found, &at.err);
}

static void must_find(struct find_query query)
{
    if (find_in(".", query) < 0)
        fail_msg("%s", at.err.text);
}

static double average(size_t i)
{
    return at.found.baseline.runs[i].report.metrics.average_ms;
}

static void test_find_ref__runs_of_ancestors_count(void **state)
{
    (void)state;
    must_find((struct find_query){.ref = OWN_REF});
    assert_int_equal(at.found.baseline.n_runs, 3);
    assert_int_equal(at.found.baseline.n_stored, 5);
    assert_true(average(0) == 4 && average(1) == 2 && average(2) == 1);
    char expected[200];
    snprintf(expected, sizeof expected,
             "HEAD %.7s, perf-baselines %.7s:baselines/panel/default, 3 runs of 5, newest 41 hours "
             "old",
             scene_ask("git rev-parse HEAD"), scene_ask("git rev-parse perf-baselines"));
    assert_string_equal(at.found.baseline.text, expected);
    must_find((struct find_query){.ref = OWN_REF, .baseline = "side"});
    assert_int_equal(at.found.baseline.n_runs, 3);
    assert_true(average(0) == 3 && average(1) == 2 && average(2) == 1);
}

static void test_find_ref__none_of_the_history(void **state)
{
    (void)state;
    scene_run("git checkout -q --orphan other; git commit -q --allow-empty -m o");
    must_find((struct find_query){.ref = OWN_REF, .baseline = "other"});
    assert_int_equal(at.found.baseline.n_runs, 0);
    assert_non_null(strstr(at.found.baseline.text,
                           ":baselines/panel/default: none of the 5 there is of a commit of its "
                           "history; store runs of the base branch there"));
}

static void test_find_ref__a_missing_ref_is_undecided(void **state)
{
    (void)state;
    assert_int_equal(find_in(".", (struct find_query){.ref = "refs/heads/gone"}), -1);
    assert_error(&at.err, ERR_UNDECIDED,
                 "--ref: there is no 'gone' in this clone; type `git fetch origin gone:gone`, or, "
                 "where no run was ever stored, `perf-baseline update --ref gone REPORT`");
    assert_int_equal(find_in(".", (struct find_query){.ref = "refs/perf/gone"}), -1);
    assert_int_equal(at.err.code, ERR_UNDECIDED);
}

static void test_find_ref__origins_branch_will_do(void **state)
{
    (void)state;
    scene_run("git clone -q . clone");
    assert_int_equal(find_in("clone", (struct find_query){.ref = OWN_REF}), 0);
    assert_int_equal(at.found.baseline.n_runs, 3);
    assert_non_null(strstr(at.found.baseline.text, ", origin/perf-baselines "));
}

static void test_find_ref__a_shallow_clone_cannot_tell(void **state)
{
    (void)state;
    scene_run("git clone -q --depth 1 file://$PWD clone\n"
              "git -C clone fetch -q --depth 1 origin perf-baselines:perf-baselines");
    assert_int_equal(find_in("clone", (struct find_query){.ref = OWN_REF}), -1);
    assert_int_equal(at.err.code, ERR_UNDECIDED);
    assert_non_null(strstr(at.err.text, "`git fetch --unshallow origin`"));
}

/* ---- acceptances ---- */

static void test_find_ref__acceptances_of_base_and_ref_count(void **state)
{
    (void)state;
    scene_run("git checkout -q perf-baselines; echo '%s' >" DIR ACCEPT_NAME(
                  "1") "\ngit add baselines; git commit -q -m 1; git checkout -q main\n"
                       "mkdir -p " DIR "; echo '%s' >" DIR ACCEPT_NAME(
                           "2") "\ngit add baselines; git commit -q -m 2; echo '%s' >" DIR
                           ACCEPT_NAME("3"),
              ACCEPT("1"), ACCEPT("2"), ACCEPT("3"));
    must_find((struct find_query){.ref = OWN_REF});
    assert_int_equal(at.found.n_acceptances, 2);
    assert_true(at.found.acceptances[0]->value == 2);
    assert_true(at.found.acceptances[1]->value == 1);
    must_find((struct find_query){.paired = true});
    assert_int_equal(at.found.n_acceptances, 1);
    scene_run("echo '{\"schema\": \"perfgate.policy/1\"}' >policy.json");
    must_find((struct find_query){.paired = true, .policy = "./policy.json"});
    assert_int_equal(at.found.n_acceptances, 1);
}

static void test_find_ref__the_candidates_acceptances(void **state)
{
    (void)state;
    scene_run(
        "mkdir -p " DIR "; echo '%s' >baselines/policy.json; echo '%s' >" DIR ACCEPT_NAME(
            "1") "\ngit add baselines; git commit -q -m base; echo '%s' >" DIR ACCEPT_NAME("2"),
        POLICY, ACCEPT("1"), ACCEPT("2"));
    must_find((struct find_query){.paired = true});
    assert_int_equal(at.found.n_acceptances, 2);
    assert_true(at.found.acceptances[1]->value == 2);
    assert_non_null(strstr(at.found.acceptances[1]->place, "/" DIR ACCEPT_NAME("2")));
    must_find((struct find_query){.paired = true, .inputs = {.from_fork = true}});
    assert_int_equal(at.found.n_acceptances, 1);
    must_find((struct find_query){.paired = true, .environment = "arm"});
    assert_int_equal(at.found.n_acceptances, 0);
    scene_run("echo '{}' >" DIR ACCEPT_NAME("3"));
    assert_int_equal(find_in(".", (struct find_query){.paired = true}), -1);
    assert_int_equal(at.err.code, ERR_INPUT);
}

/* ---- anchors ---- */

#define ANCHOR_NAME(n) "20261125T00000" n "Z-0123456789ab.anchor.json"

/* Writes an anchor into the working directory, and commits it. */
static void set_anchor(const char *name, const char *run, const char *label)
{
    scene_run("mkdir -p " DIR "; echo '{\"schema\": \"perfgate.anchor/1\", \"run\": \"%s\", "
              "\"label\": \"%s\", \"by\": \"A <a@b.c>\", "
              "\"anchored_at\": \"2026-11-24T09:30:00Z\"}' >" DIR
              "%s; git add baselines; git commit -q -m anchor",
              run, label, name);
}

static void test_find_ref__the_newest_anchor_of_the_ref_counts(void **state)
{
    (void)state;
    must_find((struct find_query){.ref = OWN_REF});
    assert_int_equal(at.found.anchor.n_runs, 0);
    scene_run("git checkout -q perf-baselines");
    char first[100], third[100];
    snprintf(first, sizeof first, "%s", scene_ask("basename " DIR "*1.json"));
    snprintf(third, sizeof third, "%s", scene_ask("basename " DIR "*3.json"));
    set_anchor(ANCHOR_NAME("2"), third, "v2");
    set_anchor(ANCHOR_NAME("1"), first, "v1"); /* older, if written later */
    scene_run("git checkout -q main");
    must_find((struct find_query){.ref = OWN_REF});
    assert_int_equal(at.found.anchor.n_runs, 1);
    assert_string_equal(at.found.anchor_label, "v2");
    assert_string_equal(at.found.anchor_run, third);
    assert_true(at.found.anchor.runs[0].report.metrics.average_ms == 3); /* of any commit */
    assert_int_equal(at.found.anchor_noise.n_runs, 0);
    must_find((struct find_query){.ref = OWN_REF, .paired = true});
    assert_int_equal(at.found.anchor.n_runs, 1);
    assert_int_equal(at.found.anchor_noise.n_runs, 3); /* those of ancestors of the base */
    must_find((struct find_query){.paired = true});
    assert_int_equal(at.found.anchor.n_runs, 0);
}

static void test_find_ref__the_anchor_of_the_base(void **state)
{
    (void)state;
    scene_run("git checkout -q perf-baselines -- " DIR " && git commit -q -m runs");
    char run[100];
    snprintf(run, sizeof run, "%s", scene_ask("basename " DIR "*2.json"));
    set_anchor(ANCHOR_NAME("1"), run, "v1");
    must_find((struct find_query){0});
    assert_int_equal(at.found.anchor.n_runs, 1);
    assert_true(at.found.anchor.runs[0].report.metrics.average_ms == 2);
    must_find((struct find_query){.ref = OWN_REF}); /* which has none of its own */
    assert_string_equal(at.found.anchor_label, "v1");
    must_find((struct find_query){.environment = "arm"});
    assert_int_equal(at.found.anchor.n_runs, 0);
    scene_run("echo '" FLAT("7") "' >named.json");
    must_find((struct find_query){.baseline = "named.json"});
    assert_int_equal(at.found.anchor.n_runs, 0);
    /* the change under test sets none */
    scene_run("sed 's/v1/v9/' " DIR ANCHOR_NAME("1") " >" DIR ANCHOR_NAME("9"));
    must_find((struct find_query){0});
    assert_string_equal(at.found.anchor_label, "v1");
}

static void test_find_ref__an_anchor_without_its_run_is_an_error(void **state)
{
    (void)state;
    set_anchor(ANCHOR_NAME("1"), "20261123T161100Z-0123456789ab-0123456789ab.json", "v1");
    assert_int_equal(find_in(".", (struct find_query){0}), -1);
    assert_int_equal(at.err.code, ERR_INPUT);
    char expected[400];
    snprintf(expected, sizeof expected,
             "the anchor '%.7s:" DIR ANCHOR_NAME(
                 "1") "' names a run that cannot be read: '%.7s:" DIR
                      "20261123T161100Z-0123456789ab-0123456789ab.json' does not exist",
             scene_ask("git rev-parse HEAD"), scene_ask("git rev-parse HEAD"));
    assert_string_equal(at.err.text, expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_find_ref__runs_of_ancestors_count),
        TEST(test_find_ref__none_of_the_history),
        TEST(test_find_ref__a_missing_ref_is_undecided),
        TEST(test_find_ref__origins_branch_will_do),
        TEST(test_find_ref__a_shallow_clone_cannot_tell),
        TEST(test_find_ref__acceptances_of_base_and_ref_count),
        TEST(test_find_ref__the_candidates_acceptances),
        TEST(test_find_ref__the_newest_anchor_of_the_ref_counts),
        TEST(test_find_ref__the_anchor_of_the_base),
        TEST(test_find_ref__an_anchor_without_its_run_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
