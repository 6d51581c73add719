#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"
#include "store/find.h"
#include "store/named.h"

#define FLAT(average)                                                                              \
    "{\"total_requests\": 10, \"total_failures\": 0, \"requests_per_second\": 1, "                 \
    "\"average_response_time\": " average ", \"95th_percentile\": 3, \"99th_percentile\": 4}"
#define RUN(n) "baselines/panel/default/20261123T16110" n "Z-000000000000-00000000000" n ".json"
#define POLICY(avg)                                                                                \
    "{\"schema\": \"perfgate.policy/1\", \"thresholds\": {\"avg_response_time\": " avg "}}"

/* The repository around the working directory, opened anew for each look. */
static struct {
    struct repo *repo;
    struct found found;
    struct err err;
} at;

/* main: two runs and a policy, with a report in the work tree that is not committed. */
static int enter(void **state)
{
    memset(&at, 0, sizeof at);
    if (scene_enter(state) < 0)
        return -1;
    scene_run("git init -q .; printf '*\\n!/baselines\\n!/baselines/**\\n' >.git/info/exclude\n"
              "mkdir -p baselines/panel/default\n"
              "echo '%s' >%s; echo '%s' >%s; echo '%s' >baselines/policy.json\n"
              "git add baselines; git commit -q -m base; echo '%s' >report.json",
              FLAT("1"), RUN("1"), FLAT("2"), RUN("2"), POLICY("1.5"), FLAT("7"));
    return 0;
}

static int leave(void **state)
{
    found_release(&at.found);
    repo_free(at.repo);
    return scene_leave(state);
}

static int find(struct find_query query)
{
    found_release(&at.found);
    repo_free(at.repo);
    at.repo = scene_open(".");
    at.err = (struct err){0};
    query.repo = at.repo;
    query.now_ns = 1795628700 * (int64_t)1000000000; /* 2026-11-25T17:45:00Z */
    return find_all(&query, &at.found, &at.err);
}

static void must_find(struct find_query query)
{
    if (find(query) < 0)
        fail_msg("%s", at.err.text);
}

/* The text, with the short form of HEAD between the two parts. */
static void assert_text(const char *text, const char *before, const char *after)
{
    char expected[600];
    snprintf(expected, sizeof expected, "%s%.7s%s", before, scene_ask("git rev-parse HEAD"), after);
    assert_string_equal(text, expected);
}

static void test_find__runs_and_policy_at_the_base(void **state)
{
    (void)state;
    scene_run("echo '%s' >%s; git rm -q --cached %s; rm %s", FLAT("9"), RUN("3"), RUN("1"),
              RUN("1"));
    must_find((struct find_query){.suite = "panel"});
    assert_int_equal(at.found.baseline.n_runs, 2);
    assert_false(at.found.baseline.named);
    assert_true(at.found.baseline.runs[0].report.metrics.average_ms == 2);
    assert_text(at.found.baseline.text, "HEAD ",
                ", baselines/panel/default, 2 runs, newest 2 days old");
    assert_text(at.found.policy.text, "baselines/policy.json at HEAD ", "");
    assert_true(at.found.policy.policy.overall.threshold[METRIC_AVERAGE] == 1.5);
    assert_false(at.found.policy.changed);
}

static void test_find__no_run_is_no_error(void **state)
{
    (void)state;
    must_find((struct find_query){.suite = "other"});
    assert_int_equal(at.found.baseline.n_runs, 0);
    assert_text(at.found.baseline.text, "HEAD ",
                " has no run below baselines/other/default; add one with `perf-baseline update "
                "--commit REPORT`");
    must_find((struct find_query){.suite = "panel", .environment = "arm"});
    assert_int_equal(at.found.baseline.n_runs, 0);
    must_find((struct find_query){0});
    assert_string_equal(at.found.baseline.text,
                        "none: the report names no suite; name it with --suite");
    assert_int_equal(find((struct find_query){.suite = "../x"}), -1);
    assert_int_equal(at.err.code, ERR_USAGE);
}

static void test_find__outside_of_a_repository(void **state)
{
    (void)state;
    struct find_query query = {.suite = "panel"};
    assert_int_equal(find_all(&query, &at.found, &at.err), 0);
    assert_int_equal(at.found.baseline.n_runs, 0);
    assert_string_equal(at.found.policy.text, "built-in (there is no git repository here)");
    found_release(&at.found);
    query.baseline = "report.json";
    assert_int_equal(find_all(&query, &at.found, &at.err), 0);
    assert_int_equal(at.found.baseline.n_runs, 1);
    found_release(&at.found);
    query.baseline = "main";
    assert_int_equal(find_all(&query, &at.found, &at.err), -1);
    assert_error(&at.err, ERR_INPUT,
                 "--baseline 'main': there is no such file, and no git repository here that could "
                 "have such a revision");
}

static void test_find__baseline_is_a_file(void **state)
{
    (void)state;
    must_find((struct find_query){.baseline = "report.json"});
    assert_true(at.found.baseline.named);
    assert_true(at.found.baseline.runs[0].report.metrics.average_ms == 7);
    assert_string_equal(at.found.baseline.text, "report.json (--baseline)");
    assert_text(at.found.policy.text, "baselines/policy.json at HEAD ", "");
    must_find((struct find_query){.baseline = "report.json", .policy = "baselines/policy.json"});
    assert_string_equal(at.found.base.commit, "");
    assert_int_equal(find((struct find_query){.baseline = "./main"}), -1);
    assert_error(&at.err, ERR_IO, "cannot open './main': No such file or directory");
}

static void test_find__baseline_is_a_revision(void **state)
{
    (void)state;
    scene_run("git checkout -q -b work; echo '%s' >%s; echo '%s' >baselines/policy.json\n"
              "git add baselines; git commit -q -m more",
              FLAT("3"), RUN("3"), POLICY("9"));
    must_find((struct find_query){.baseline = "main", .suite = "panel"});
    assert_int_equal(at.found.baseline.n_runs, 2);
    assert_true(at.found.policy.policy.overall.threshold[METRIC_AVERAGE] == 1.5);
    must_find((struct find_query){.baseline = "HEAD", .suite = "panel"});
    assert_int_equal(at.found.baseline.n_runs, 3);
    assert_int_equal(find((struct find_query){.baseline = "nope", .suite = "panel"}), -1);
    assert_error(&at.err, ERR_INPUT,
                 "--baseline 'nope': 'nope' names no revision of this repository; `git fetch` "
                 "brings what only the remote has");
}

static void test_find__baseline_is_a_path_at_a_revision(void **state)
{
    (void)state;
    must_find((struct find_query){.baseline = "main:" RUN("1")});
    assert_true(at.found.baseline.named);
    assert_true(at.found.baseline.runs[0].report.metrics.average_ms == 1);
    assert_text(at.found.baseline.text, "main ", ":" RUN("1") " (--baseline)");
    assert_int_equal(find((struct find_query){.baseline = "main:nope.json"}), -1);
    assert_text(at.err.text, "'", ":nope.json' does not exist");
    assert_int_equal(find((struct find_query){.baseline = ":nope.json"}), -1);
    assert_error(&at.err, ERR_INPUT,
                 "--baseline ':nope.json': there is no such file; expected a revision before the "
                 "colon and a path behind it");
    assert_int_equal(find((struct find_query){.baseline = ""}), -1);
    assert_int_equal(at.err.code, ERR_USAGE);
}

static void test_find__a_file_in_a_revisions_place_is_refused(void **state)
{
    (void)state;
    scene_run("echo '%s' >main; echo '%s' >main:x; mkdir other; git branch other", FLAT("1"),
              FLAT("1"));
    assert_int_equal(find((struct find_query){.baseline = "main"}), -1);
    assert_error(&at.err, ERR_USAGE,
                 "--baseline 'main': there is a file and a revision of that name; type './main' "
                 "for the file, or name the revision in another way");
    assert_int_equal(find((struct find_query){.baseline = "main:x"}), -1);
    assert_int_equal(at.err.code, ERR_USAGE);
    must_find((struct find_query){.baseline = "./main"});
    must_find((struct find_query){.baseline = "refs/heads/main", .suite = "panel"});
    must_find((struct find_query){.baseline = "other", .suite = "panel"});
    assert_int_equal(at.found.baseline.n_runs, 2);
}

static void test_find__paired_needs_no_baseline(void **state)
{
    (void)state;
    must_find((struct find_query){.paired = true});
    assert_int_equal(at.found.baseline.n_runs, 0);
    assert_string_equal(at.found.baseline.text, "the base side of the paired run");
    assert_true(at.found.policy.policy.overall.threshold[METRIC_AVERAGE] == 1.5);
}

static void test_find__policy_options(void **state)
{
    (void)state;
    scene_run("echo '%s' >p.json", POLICY("3"));
    must_find((struct find_query){.paired = true, .policy = "p.json"});
    assert_true(at.found.policy.policy.overall.threshold[METRIC_AVERAGE] == 3);
    assert_string_equal(at.found.policy.text, "p.json (--policy)");
    must_find((struct find_query){.paired = true, .policy = "HEAD:baselines/policy.json"});
    assert_true(at.found.policy.policy.overall.threshold[METRIC_AVERAGE] == 1.5);
    assert_int_equal(find((struct find_query){.paired = true, .policy = "HEAD"}), -1);
    assert_error(&at.err, ERR_INPUT,
                 "--policy 'HEAD': there is no such file; expected one, or REV:PATH");
    assert_int_equal(find((struct find_query){.paired = true, .policy = "HEAD:nope"}), -1);
    assert_text(at.err.text, "--policy: there is no 'nope' at HEAD ", "");
}

static void test_find__the_candidate_changes_the_policy(void **state)
{
    (void)state;
    scene_run("echo '%s' >baselines/policy.json", POLICY("9"));
    must_find((struct find_query){.paired = true});
    assert_true(at.found.policy.policy.overall.threshold[METRIC_AVERAGE] == 1.5);
    assert_true(at.found.policy.changed);
    assert_true(at.found.policy.candidate.overall.threshold[METRIC_AVERAGE] == 9);
    assert_text(at.found.policy.change_text, "the work tree changes baselines/policy.json of HEAD ",
                ": rows are judged under both policies, and the worse status stands");

    scene_run("rm baselines/policy.json");
    must_find((struct find_query){.paired = true});
    assert_true(at.found.policy.changed);
    assert_true(at.found.policy.candidate.overall.threshold[METRIC_AVERAGE] == 1.1);
    assert_text(at.found.policy.change_text,
                "the work tree does without baselines/policy.json of HEAD ",
                ": rows are judged under both policies, and the worse status stands");
}

static void test_find__the_candidate_adds_a_policy(void **state)
{
    (void)state;
    scene_run("git rm -q baselines/policy.json; git commit -q -m none\n"
              "echo '%s' >baselines/policy.json",
              POLICY("9"));
    must_find((struct find_query){.paired = true});
    assert_text(at.found.policy.text, "built-in (there is no baselines/policy.json at HEAD ", ")");
    assert_true(at.found.policy.changed);
    assert_text(at.found.policy.change_text, "the work tree adds baselines/policy.json to HEAD ",
                ": rows are judged under both policies, and the worse status stands");
}

static void test_find__layout_is_no_change_of_policy(void **state)
{
    (void)state;
    scene_run("sed -i 's/: /:   /g; s/$/\\r/' baselines/policy.json");
    must_find((struct find_query){.paired = true});
    assert_false(at.found.policy.changed);
    assert_null(at.found.policy.change_text);
}

/* The base's policy is in force, and what cannot be judged under both does not pass. */
static void test_find__a_bad_policy_of_the_candidate_keeps_it_from_passing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "ln -sf /etc/hostname baselines/policy.json",
        "rm baselines/policy.json; mkdir baselines/policy.json",
        "rmdir baselines/policy.json; echo '{' >baselines/policy.json",
        "printf '%2000s' '' | tr ' ' '[' >baselines/policy.json",
        "head -c 2000000 /dev/zero >baselines/policy.json",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        scene_run("%s", bad[i]);
        must_find((struct find_query){.paired = true});
        assert_non_null(at.found.policy.unusable);
        assert_false(at.found.policy.changed);
        assert_true(at.found.policy.policy.overall.threshold[METRIC_AVERAGE] == 1.5);
    }
}

static void test_find__a_bad_policy_is_an_error(void **state)
{
    (void)state;
    char name[128];
    scene_run("echo '{' >baselines/policy.json; git commit -q -a -m bad");
    assert_int_equal(find((struct find_query){.paired = true}), -1);
    snprintf(name, sizeof name, "'%.7s:baselines/policy.json'", scene_ask("git rev-parse HEAD"));
    assert_non_null(strstr(at.err.text, name));
}

static void test_find__a_bare_repository_has_no_candidate(void **state)
{
    (void)state;
    struct find_query query = {.suite = "panel"};
    scene_run("git clone -q --bare . b.git; echo '%s' >baselines/policy.json", POLICY("9"));
    at.repo = scene_open("b.git");
    query.repo = at.repo;
    assert_int_equal(find_all(&query, &at.found, &at.err), 0);
    assert_int_equal(at.found.baseline.n_runs, 2);
    assert_false(at.found.policy.changed);
}

static void test_find__a_repository_without_commits(void **state)
{
    (void)state;
    scene_run("rm -rf .git; git init -q .; rm baselines/policy.json");
    must_find((struct find_query){.suite = "panel"});
    assert_string_equal(at.found.baseline.text, "none: the repository has no commit yet");
    assert_string_equal(at.found.policy.text, "built-in (there is no baselines/policy.json at "
                                              "HEAD, which has no commit yet)");
    assert_false(at.found.policy.changed);
}

static void test_find__braces_hold_colons(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct named named;
    struct repo *repo = scene_open(".");
    assert_int_equal(named_parse("HEAD^{/fix: it}:a/b", "x", repo, &arena, &named, &at.err), 0);
    assert_int_equal(named.kind, NAMED_REV_PATH);
    assert_string_equal(named.rev, "HEAD^{/fix: it}");
    assert_string_equal(named.path, "a/b");
    assert_int_equal(named_parse(NULL, "x", repo, &arena, &named, &at.err), 0);
    assert_int_equal(named.kind, NAMED_NOTHING);
    arena_release(&arena);
    repo_free(repo);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_find__runs_and_policy_at_the_base),
        TEST(test_find__no_run_is_no_error),
        TEST(test_find__outside_of_a_repository),
        TEST(test_find__baseline_is_a_file),
        TEST(test_find__baseline_is_a_revision),
        TEST(test_find__baseline_is_a_path_at_a_revision),
        TEST(test_find__a_file_in_a_revisions_place_is_refused),
        TEST(test_find__paired_needs_no_baseline),
        TEST(test_find__policy_options),
        TEST(test_find__the_candidate_changes_the_policy),
        TEST(test_find__the_candidate_adds_a_policy),
        TEST(test_find__layout_is_no_change_of_policy),
        TEST(test_find__a_bad_policy_of_the_candidate_keeps_it_from_passing),
        TEST(test_find__a_bad_policy_is_an_error),
        TEST(test_find__a_bare_repository_has_no_candidate),
        TEST(test_find__a_repository_without_commits),
        TEST(test_find__braces_hold_colons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
