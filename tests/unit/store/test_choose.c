#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"
#include "store/choose.h"

/* `origin` has main (1, 2) and side (1, 3); `r` is a clone of it. */
static int enter(void **state)
{
    if (scene_enter(state) < 0)
        return -1;
    scene_run("git init -q origin; cd origin; git commit -q --allow-empty -m 1; git tag fork\n"
              "git commit -q --allow-empty -m 2; git checkout -q -b side fork\n"
              "git commit -q --allow-empty -m 3\n"
              "git checkout -q --detach main; git merge -q --no-ff -m merge side\n"
              "git update-ref refs/pull/7/merge HEAD; git checkout -q main; cd ..\n"
              "git clone -q origin r");
    return 0;
}

static int choose(const char *dir, struct choose_inputs inputs, struct base_choice *out,
                  struct err *err)
{
    struct repo *repo = scene_open(dir);
    *err = (struct err){0};
    int status = choose_base(repo, &inputs, out, err);
    repo_free(repo);
    return status;
}

/* The choice in `dir` is the commit `rev` of origin, and its reason `reason` + its short form. */
static void assert_chosen(const char *dir, struct choose_inputs inputs, const char *rev,
                          const char *reason)
{
    struct base_choice out;
    struct err err;
    char expected[400];
    if (choose(dir, inputs, &out, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(out.commit, scene_ask("git -C origin rev-parse '%s'", rev));
    snprintf(expected, sizeof expected, "%s %.7s", reason, out.commit);
    assert_string_equal(out.reason, expected);
}

static void assert_undecided(const char *dir, struct choose_inputs inputs, const char *text)
{
    struct base_choice out;
    struct err err;
    assert_int_equal(choose(dir, inputs, &out, &err), -1);
    assert_error(&err, ERR_UNDECIDED, text);
}

/* A checkout as actions/checkout makes it for a pull request. */
static void check_out_merge(int depth)
{
    scene_run("git init -q c; cd c; git remote add origin \"file://$PWD/../origin\"\n"
              "git fetch -q --depth=%d origin +refs/pull/7/merge:refs/remotes/pull/7/merge\n"
              "git checkout -q --detach refs/remotes/pull/7/merge",
              depth);
}

static struct choose_inputs pull_request(const char *sha)
{
    return (struct choose_inputs){.event = "pull_request", .base_ref = "main", .sha = sha};
}

static void test_choose__merge_commit_of_a_full_clone(void **state)
{
    (void)state;
    scene_run("cd r; git fetch -q origin refs/pull/7/merge; git checkout -q FETCH_HEAD");
    assert_chosen("r", pull_request(scene_ask("git -C r rev-parse HEAD")), "main",
                  "HEAD^1 = origin/main");
    assert_chosen("r", pull_request(NULL), "main", "HEAD^1 = origin/main");
}

static void test_choose__merge_commit_at_depth_2(void **state)
{
    (void)state;
    check_out_merge(2);
    assert_chosen("c", pull_request(NULL), "main",
                  "HEAD^1, main as the pull request merges into it,");
}

static void test_choose__merge_commit_at_depth_1(void **state)
{
    (void)state;
    check_out_merge(1);
    assert_undecided("c", pull_request(NULL),
                     "the revision 'HEAD^1' is not in this shallow clone; type "
                     "`git fetch --deepen=1`, or set `fetch-depth: 2` for actions/checkout");
}

static void test_choose__merge_commit_of_the_author_is_none(void **state)
{
    (void)state;
    scene_run("cd r; git checkout -q side; git merge -q --no-ff -m mine origin/main");
    assert_chosen("r", pull_request("1111111111111111111111111111111111111111"), "main",
                  "origin/main");
}

static void test_choose__base_ref(void **state)
{
    (void)state;
    scene_run("git -C r checkout -q side");
    struct choose_inputs inputs = {.event = "pull_request_target", .base_ref = "main"};
    assert_chosen("r", inputs, "main", "origin/main");
    inputs.base_ref = "gone";
    assert_undecided("r", inputs,
                     "the pull request's base origin/gone is not in this clone; type "
                     "`git fetch origin gone`, or check out the merge commit with "
                     "`fetch-depth: 2`");
}

static void test_choose__push(void **state)
{
    (void)state;
    struct choose_inputs inputs = {.event = "push", .default_branch = "main"};
    inputs.before = scene_ask("git -C r rev-parse HEAD~1");
    assert_chosen("r", inputs, "fork", "the push's before");
    scene_run("git -C r checkout -q side");
    inputs.before = "0000000000000000000000000000000000000000";
    assert_chosen("r", inputs, "fork", "fork point with origin/main");
    inputs.before = NULL;
    assert_chosen("r", inputs, "fork", "fork point with origin/main");
    inputs.before = "1234567890123456789012345678901234567890";
    assert_undecided("r", inputs,
                     "the push's before: the commit 1234567890123456789012345678901234567890 is "
                     "not in this clone; fetch it: "
                     "`git fetch origin 1234567890123456789012345678901234567890`");
}

static void test_choose__push_without_a_default_branch(void **state)
{
    (void)state;
    struct choose_inputs inputs = {.event = "push", .default_branch = "trunk"};
    scene_run("git init -q c; cd c; git fetch -q --depth=1 ../origin side\n"
              "git checkout -q FETCH_HEAD");
    assert_undecided("c", inputs,
                     "the push names no earlier commit, and no fork point with origin/trunk was "
                     "found; set `fetch-depth: 0` for actions/checkout, or name the base with "
                     "--baseline");
}

static void test_choose__push_of_a_strange_before(void **state)
{
    (void)state;
    struct base_choice out;
    struct err err;
    struct choose_inputs inputs = {.event = "push", .before = "main"};
    assert_int_equal(choose("r", inputs, &out, &err), -1);
    assert_error(&err, ERR_INPUT,
                 "the push's before in the event's file is 'main'; expected the 40 digits of a "
                 "commit");
}

static void test_choose__merge_group(void **state)
{
    (void)state;
    struct choose_inputs inputs = {.event = "merge_group"};
    inputs.base_sha = scene_ask("git -C r rev-parse HEAD~1");
    assert_chosen("r", inputs, "fork", "the merge group's base_sha");
    inputs.base_sha = NULL;
    assert_undecided("r", inputs,
                     "the merge group's event names no base_sha; name the base with --baseline");
}

static void test_choose__local_branch(void **state)
{
    (void)state;
    struct choose_inputs none = {0};
    scene_run("cd r; git checkout -q -b work origin/side; git commit -q --allow-empty -m 4");
    assert_chosen("r", none, "fork", "fork point with origin/main");
    scene_run("cd r; git checkout -q --detach");
    assert_chosen("r", none, "fork", "fork point with origin/main");
    scene_run("git -C r worktree add -q ../w side");
    assert_chosen("w", none, "fork", "fork point with origin/main");
    scene_run("git clone -q --bare r b.git");
    assert_chosen("origin", none, "main", "HEAD");
}

static void test_choose__local_default_branch_of_another_name(void **state)
{
    (void)state;
    scene_run("git -C origin branch -m main trunk; git clone -q origin t\n"
              "git -C t checkout -q side");
    assert_chosen("t", (struct choose_inputs){0}, "fork", "fork point with origin/trunk");
}

static void test_choose__local_without_history(void **state)
{
    (void)state;
    scene_run("git clone -q --no-tags --depth 1 --no-single-branch \"file://$PWD/origin\" c\n"
              "git -C c checkout -q side");
    struct base_choice out;
    struct err err;
    assert_int_equal(choose("c", (struct choose_inputs){0}, &out, &err), -1);
    assert_int_equal(err.code, ERR_UNDECIDED);
    assert_non_null(strstr(err.text, "git fetch --unshallow origin"));
}

static void test_choose__unrelated_history_is_head(void **state)
{
    (void)state;
    scene_run("cd r; git checkout -q --orphan new; git commit -q --allow-empty -m new\n"
              "git push -q origin new");
    assert_chosen("r", (struct choose_inputs){0}, "new", "HEAD");
}

static void test_choose__no_commit_yet(void **state)
{
    (void)state;
    struct base_choice out;
    struct err err;
    scene_run("git init -q empty");
    assert_int_equal(choose("empty", (struct choose_inputs){0}, &out, &err), 0);
    assert_string_equal(out.commit, "");
    assert_string_equal(out.reason, "HEAD, which has no commit yet");
}

static void test_choose__the_user_first(void **state)
{
    (void)state;
    struct base_choice out;
    struct err err;
    struct choose_inputs inputs = pull_request(NULL);
    inputs.rev = "origin/side";
    assert_chosen("r", inputs, "side", "origin/side");
    inputs.rev = "nope";
    assert_int_equal(choose("r", inputs, &out, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
}

/* ---- the event's file ---- */

static int read_event(const char *text, struct arena *arena, struct choose_inputs *inputs,
                      struct err *err)
{
    *err = (struct err){0};
    *inputs = (struct choose_inputs){0};
    return choose_read_event(text, strlen(text), "event.json", arena, inputs, err);
}

static void test_choose__reads_the_event(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct choose_inputs inputs;
    struct err err;
    assert_int_equal(read_event("{\"before\": \"abc\", \"repository\": {\"default_branch\": "
                                "\"trunk\", \"x\": 1}, \"y\": []}",
                                &arena, &inputs, &err),
                     0);
    assert_string_equal(inputs.before, "abc");
    assert_string_equal(inputs.default_branch, "trunk");
    assert_null(inputs.base_sha);
    assert_int_equal(read_event("{\"before\": null, \"merge_group\": {\"base_sha\": \"def\"}}",
                                &arena, &inputs, &err),
                     0);
    assert_null(inputs.before);
    assert_string_equal(inputs.base_sha, "def");
    assert_int_equal(
        read_event("{\"pull_request\": {\"head\": {\"repo\": {\"full_name\": \"a/x\"}}, "
                   "\"base\": {\"repo\": {\"full_name\": \"a/x\"}}}}",
                   &arena, &inputs, &err),
        0);
    assert_false(inputs.from_fork);
    assert_int_equal(
        read_event("{\"pull_request\": {\"head\": {\"repo\": {\"full_name\": \"b/x\"}}, "
                   "\"base\": {\"repo\": {\"full_name\": \"a/x\"}}}}",
                   &arena, &inputs, &err),
        0);
    assert_true(inputs.from_fork);
    inputs.from_fork = false;
    assert_int_equal(
        read_event("{\"pull_request\": {\"head\": {\"repo\": null}}}", &arena, &inputs, &err), 0);
    assert_true(inputs.from_fork);
    assert_int_equal(read_event("{\"before\": 1}", &arena, &inputs, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_non_null(strstr(err.text, "event.json"));
    assert_int_equal(read_event("[1]", &arena, &inputs, &err), 0);
    assert_int_equal(read_event("{\"before\":", &arena, &inputs, &err), -1);
    arena_release(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, scene_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_choose__merge_commit_of_a_full_clone),
        TEST(test_choose__merge_commit_at_depth_2),
        TEST(test_choose__merge_commit_at_depth_1),
        TEST(test_choose__merge_commit_of_the_author_is_none),
        TEST(test_choose__base_ref),
        TEST(test_choose__push),
        TEST(test_choose__push_without_a_default_branch),
        TEST(test_choose__push_of_a_strange_before),
        TEST(test_choose__merge_group),
        TEST(test_choose__local_branch),
        TEST(test_choose__local_default_branch_of_another_name),
        TEST(test_choose__local_without_history),
        TEST(test_choose__unrelated_history_is_head),
        TEST(test_choose__no_commit_yet),
        TEST(test_choose__the_user_first),
        cmocka_unit_test(test_choose__reads_the_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
