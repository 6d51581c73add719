#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"
#include "store/combine.h"

#define RUN  "baselines/shop/default/20261121T100000Z-111111111111-222222222222.json"
#define MARK "baselines/shop/default/20261121T100000Z-222222222222.accept.json"

static const struct store_identity who = {"Ann", "ann@example.com", INT64_C(1764000000000000000)};

/* The branches "ours" and "theirs" from a common commit with the files a, b/c and d. */
static void make_sides(const char *ours, const char *theirs)
{
    scene_run("git init -q r; cd r; mkdir b; echo a >a; echo c >b/c; echo d >d; git add .;"
              "git commit -q -m base; mkdir -p baselines/shop/default;"
              "git checkout -q -b ours; %s; git add -A; git commit -q --allow-empty -m ours;"
              "git checkout -q -b theirs main; mkdir -p baselines/shop/default; %s; git add -A;"
              "git commit -q --allow-empty -m theirs; git branch base main",
              ours, theirs);
}

static int combine_sides(const char *base, char id[REPO_ID_SIZE], struct err *err)
{
    struct repo *repo = scene_open("r");
    struct combine_sides sides = {.repo = repo,
                                  .ref = "refs/heads/runs",
                                  .base = *base ? scene_ask("git -C r rev-parse %s", base) : "",
                                  .ours = scene_ask("git -C r rev-parse ours"),
                                  .theirs = scene_ask("git -C r rev-parse theirs")};
    int status = combine(&sides, &who, id, err);
    repo_free(repo);
    return status;
}

/* The files of the combined commit, as "PATH=CONTENT;". */
static void check_files(const char *base, const char *wanted)
{
    char id[REPO_ID_SIZE];
    struct err err = {0};
    if (combine_sides(base, id, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(scene_ask("cd r; git ls-tree -r --name-only %s | while read f; do "
                                  "printf '%%s=%%s;' $f $(git show %s:$f); done; echo",
                                  id, id),
                        wanted);
    assert_string_equal(scene_ask("git -C r log -1 --format=%%P,%%an,%%ct,%%s %s", id),
                        scene_ask("echo \"$(git -C r rev-parse theirs) $(git -C r rev-parse ours),"
                                  "Ann,1764000000,perf-baseline: combine with what others "
                                  "pushed\""));
    scene_run("git -C r fsck --strict");
}

static void test_combine__has_what_both_added(void **state)
{
    (void)state;
    make_sides("echo x >b/x; mkdir -p n/m; echo y >n/m/y", "echo z >b/z; mkdir n; echo w >n/w");
    check_files("base", "a=a;b/c=c;b/x=x;b/z=z;d=d;n/m/y=y;n/w=w;");
}

static void test_combine__removes_what_either_removed(void **state)
{
    (void)state;
    make_sides("git rm -q -r b; echo x >x", "git rm -q d");
    check_files("base", "a=a;x=x;");
}

static void test_combine__takes_the_same_change_once(void **state)
{
    (void)state;
    make_sides("echo 2 >a; git rm -q d; echo x >x; echo y >y", "echo 2 >a; git rm -q d; echo x >x");
    check_files("base", "a=2;b/c=c;x=x;y=y;");
}

static void test_combine__takes_all_of_unrelated_histories(void **state)
{
    (void)state;
    make_sides("echo x >x", "echo z >z");
    scene_run("cd r; git checkout -q --orphan o ours; git rm -q -r --cached b d; git commit -q -m "
              "o; git branch -f ours o");
    check_files("", "a=a;b/c=c;d=d;x=x;z=z;");
}

static void test_combine__keeps_their_copy_of_one_run(void **state)
{
    (void)state;
    make_sides("echo 1 >" RUN "; echo 1 >" MARK "; echo x >x", "echo 2 >" RUN "; echo 2 >" MARK);
    check_files("base", "a=a;b/c=c;" RUN "=2;" MARK "=2;d=d;x=x;");
}

static void test_combine__makes_no_commit_where_they_have_all(void **state)
{
    (void)state;
    char id[REPO_ID_SIZE];
    struct err err = {0};
    make_sides("echo x >x", "echo x >x; echo y >y");
    assert_int_equal(combine_sides("base", id, &err), 0);
    assert_string_equal(id, scene_ask("git -C r rev-parse theirs"));
}

static void test_combine__refuses_what_is_no_run(void **state)
{
    (void)state;
    static const char *const sides[][2] = {
        {"echo 1 >a", "echo 2 >a"},
        {"git rm -q a", "echo 2 >a"},
        {"echo 2 >a", "git rm -q a"},
        {"git rm -q a; mkdir a; echo 1 >a/x", "echo 2 >a"},
        {"git rm -q a; ln -s d a", "echo 2 >a"},
    };
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        char id[REPO_ID_SIZE];
        struct err err = {0};
        make_sides(sides[i][0], sides[i][1]);
        assert_int_equal(combine_sides("base", id, &err), -1);
        assert_error(&err, ERR_INPUT,
                     "'a' was changed both in 'refs/heads/runs' here and at the remote, and only "
                     "runs can be combined; merge the two with git, and push again");
        scene_run("rm -rf r");
    }
}

/* A link that has a run's name is no run. */
static void test_combine__refuses_a_link_with_the_name_of_a_run(void **state)
{
    (void)state;
    char id[REPO_ID_SIZE];
    struct err err = {0};
    make_sides("echo 1 >" RUN, "ln -s /etc/passwd " RUN);
    assert_int_equal(combine_sides("base", id, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_combine__has_what_both_added, scene_enter,
                                        scene_leave),
        cmocka_unit_test_setup_teardown(test_combine__removes_what_either_removed, scene_enter,
                                        scene_leave),
        cmocka_unit_test_setup_teardown(test_combine__takes_the_same_change_once, scene_enter,
                                        scene_leave),
        cmocka_unit_test_setup_teardown(test_combine__takes_all_of_unrelated_histories, scene_enter,
                                        scene_leave),
        cmocka_unit_test_setup_teardown(test_combine__keeps_their_copy_of_one_run, scene_enter,
                                        scene_leave),
        cmocka_unit_test_setup_teardown(test_combine__makes_no_commit_where_they_have_all,
                                        scene_enter, scene_leave),
        cmocka_unit_test_setup_teardown(test_combine__refuses_what_is_no_run, scene_enter,
                                        scene_leave),
        cmocka_unit_test_setup_teardown(test_combine__refuses_a_link_with_the_name_of_a_run,
                                        scene_enter, scene_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
