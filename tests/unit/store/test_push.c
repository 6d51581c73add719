#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "scene.h"
#include "store/push.h"

#define REF "refs/heads/runs"

/* A bare repository "far.git", and clones of it, "a" and "b", with it as their origin. */
static void make_repos(void)
{
    scene_run("git init -q --bare far.git; git init -q a; cd a; git commit -q --allow-empty -m "
              "first; git remote add origin ../far.git; git push -q origin main; cd ..;"
              "git clone -q far.git b");
}

/* Adds a file to the ref in a repository, as `update --ref` does, which may begin it. */
static void add_file(const char *repo, const char *file)
{
    scene_run(
        "cd %s; export GIT_INDEX_FILE=$PWD/side.index; rm -f side.index;"
        "tip=$(git rev-parse -q --verify " REF " || true);"
        "[ -z \"$tip\" ] || git read-tree $tip;"
        "git update-index --add --cacheinfo 100644,$(echo %s | git hash-object -w --stdin),%s;"
        "git update-ref " REF " $(git commit-tree -m 'add %s' ${tip:+-p $tip} "
        "$(git write-tree)) ${tip:-''}",
        repo, file, file, file);
}

static int push_to(const char *dir, const char *remote, struct push_result *result, struct err *err)
{
    struct repo *repo = scene_open(dir);
    struct push_query query = {.repo = repo, .remote = remote, .ref = REF};
    query.who = (struct store_identity){"Ann", "ann@example.com", INT64_C(1764000000000000000)};
    query.seed = (uint64_t)getpid();
    *err = (struct err){0};
    int status = push_ref(&query, result, err);
    repo_free(repo);
    return status;
}

/* "PUSHED TAKEN", for a push that must succeed. */
static void check_push(const char *dir, const char *remote, size_t n_pushed, size_t n_taken)
{
    struct push_result result;
    struct err err;
    if (push_to(dir, remote, &result, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(result.commit, scene_ask("git -C %s rev-parse " REF, dir));
    assert_int_equal(result.n_pushed, n_pushed);
    assert_int_equal(result.n_taken, n_taken);
    assert_string_equal(result.remote, remote);
    push_result_release(&result);
}

static void refuse(const char *dir, const char *remote, enum err_code code, const char *text)
{
    struct push_result result;
    struct err err;
    assert_int_equal(push_to(dir, remote, &result, &err), -1);
    if (!strstr(err.text, text))
        fail_msg("expected '%s', found: %s", text, err.text);
    assert_int_equal(err.code, code);
}

/* The files on the ref in a repository, which is sound. */
static void check_files(const char *repo, const char *wanted)
{
    assert_string_equal(
        scene_ask("git -C %s ls-tree -r --name-only " REF " | tr '\\n' ' '; echo", repo), wanted);
    scene_run("cd %s; git fsck --strict", repo);
}

static void test_push__makes_the_ref_and_moves_it_on(void **state)
{
    (void)state;
    make_repos();
    add_file("a", "one");
    check_push("a", "origin", 1, 0);
    check_push("a", "origin", 0, 0);
    add_file("a", "two");
    add_file("a", "three");
    check_push("a", "origin", 2, 0);
    check_files("far.git", "one three two ");
    assert_string_equal(scene_ask("git -C far.git rev-parse " REF),
                        scene_ask("git -C a rev-parse " REF));
    assert_string_equal(scene_ask("git -C far.git rev-list --count " REF), "3");
}

static void test_push__takes_what_only_the_remote_has(void **state)
{
    (void)state;
    make_repos();
    add_file("a", "one");
    check_push("a", "origin", 1, 0);
    scene_run("cd b; git fetch -q origin runs:runs");
    add_file("a", "two");
    check_push("a", "origin", 1, 0);
    check_push("b", "origin", 0, 1);
    check_files("b", "one two ");
}

static void test_push__combines_what_forked(void **state)
{
    (void)state;
    make_repos();
    add_file("a", "one");
    check_push("a", "origin", 1, 0);
    scene_run("cd b; git fetch -q origin runs:runs");
    add_file("a", "two");
    check_push("a", "origin", 1, 0);
    add_file("b", "three");
    check_push("b", "origin", 2, 1);
    check_files("far.git", "one three two ");
    check_files("b", "one three two ");
    add_file("a", "four");
    check_push("a", "origin", 2, 2);
    check_files("far.git", "four one three two ");
    check_files("a", "four one three two ");
}

static void test_push__combines_histories_that_began_apart(void **state)
{
    (void)state;
    make_repos();
    add_file("a", "one");
    check_push("a", "origin", 1, 0);
    add_file("b", "two");
    check_push("b", "origin", 2, 1);
    check_files("far.git", "one two ");
    check_files("b", "one two ");
}

static void test_push__of_many_commits_is_one_pack(void **state)
{
    (void)state;
    make_repos();
    scene_run("cd a; tree=$(git mktree </dev/null); tip=; for i in $(seq 60); do "
              "tip=$(git commit-tree -m $i ${tip:+-p $tip} $tree); done; git update-ref " REF
              " $tip");
    add_file("a", "one");
    check_push("a", "origin", 61, 0);
    check_files("far.git", "one ");
    assert_string_equal(scene_ask("ls far.git/objects/pack/*.pack | wc -l"), "1");
    add_file("b", "two");
    check_push("b", "origin", 2, 61);
    check_files("b", "one two ");
    assert_string_equal(scene_ask("ls far.git/objects/pack/*.pack | wc -l"), "1");
}

static void test_push__to_paths_in_all_their_forms(void **state)
{
    (void)state;
    make_repos();
    add_file("a", "one");
    check_push("a", "far.git", 1, 0);
    check_push("a", scene_ask("echo file://$PWD/far%%2egit"), 0, 0);
    check_push("a", scene_ask("echo $PWD/far"), 0, 0);
    scene_run("git -C b fetch -q origin runs:runs");
    check_push("b", "./a", 0, 0);
}

static void test_push__to_a_repository_with_a_work_tree(void **state)
{
    (void)state;
    make_repos();
    add_file("a", "one");
    check_push("a", "./b", 1, 0);
    check_files("b", "one ");
    scene_run("git -C b checkout -q runs");
    add_file("a", "two");
    refuse("a", "./b", ERR_USAGE, "'" REF "' is checked out in a work tree of '");
    scene_run("git -C b checkout -q main; git -C b worktree add -q ../w runs");
    refuse("a", "./b", ERR_USAGE, "'" REF "' is checked out in a work tree of '");
    scene_run("git -C b worktree remove --force ../w; git -C b branch -q -D runs;"
              "git -C b symbolic-ref HEAD " REF);
    refuse("a", "./b", ERR_USAGE, "'" REF "' is checked out in a work tree of '");
    scene_run("git -C far.git symbolic-ref HEAD " REF);
    check_push("a", "origin", 2, 0);
}

static void test_push__refuses_where_a_hook_would_have_to_be_asked(void **state)
{
    (void)state;
    make_repos();
    add_file("a", "one");
    scene_run("printf '#!/bin/sh\\nexit 0\\n' >far.git/hooks/pre-receive");
    check_push("a", "origin", 1, 0); /* it may not be run by git either */
    add_file("a", "two");
    scene_run("chmod +x far.git/hooks/pre-receive");
    refuse("a", "origin", ERR_USAGE, "far.git/hooks/pre-receive' has to be asked before");
    scene_run("mkdir hooks; mv far.git/hooks/pre-receive hooks/update;"
              "git -C far.git config core.hooksPath $PWD/hooks");
    refuse("a", "origin", ERR_USAGE, "/hooks/update' has to be asked before");
    scene_run("rm hooks/update");
    check_push("a", "origin", 1, 0);
}

static void test_push__refuses_what_is_not_there(void **state)
{
    (void)state;
    make_repos();
    refuse("a", "origin", ERR_USAGE,
           "there is no '" REF "' here to push; add a run with `perf-baseline update --ref " REF
           " REPORT`, or get what the remote has with `git fetch origin " REF ":" REF "`");
    add_file("a", "one");
    refuse("a", "./nowhere.git", ERR_IO, "'./nowhere.git' is not a git repository");
    refuse("a", "nowhere", ERR_USAGE, "there is no remote 'nowhere'");
    scene_run("mkdir a/below; git init -q --bare --object-format=sha256 new.git");
    refuse("a", "./a/below", ERR_IO, "'./a/below' is not a git repository");
    refuse("a", "./new.git", ERR_IO, "cannot open the repository './new.git'");
    scene_run("git -C a checkout -q runs");
    refuse("a", "origin", ERR_USAGE, "'" REF "' is checked out in a work tree, which");
}

static void test_push__refuses_a_file_that_both_changed(void **state)
{
    (void)state;
    make_repos();
    add_file("a", "one");
    check_push("a", "origin", 1, 0);
    scene_run("cd b; tree=$(echo other | git hash-object -w --stdin | sed 's/.*/100644 blob "
              "&\\tone/' | git mktree); git update-ref " REF " $(git commit-tree -m x $tree)");
    const char *before = scene_ask("git -C far.git rev-parse " REF);
    refuse("b", "origin", ERR_INPUT, "'one' was changed both in '" REF "' here and at the remote");
    assert_string_equal(scene_ask("git -C far.git rev-parse " REF), before);
}

/* What was removed at the remote does not come back with what was made before. */
static void test_push__does_not_bring_back_what_was_removed(void **state)
{
    (void)state;
    make_repos();
    add_file("a", "one");
    add_file("a", "two");
    check_push("a", "origin", 2, 0);
    scene_run("cd b; git fetch -q origin runs:runs; cd ../a; git update-ref " REF
              " $(git commit-tree -m prune -p runs $(git ls-tree runs | grep two | git mktree))");
    check_push("a", "origin", 1, 0);
    add_file("b", "three");
    check_push("b", "origin", 2, 1);
    check_files("far.git", "three two ");
}

/* ---- clones that lack something ---- */

/* As actions/checkout leaves it, and the ref fetched as the manual says. */
static void test_push__from_a_clone_that_is_shallow_elsewhere(void **state)
{
    (void)state;
    make_repos();
    scene_run("cd a; git commit -q --allow-empty -m second; git push -q origin main");
    add_file("a", "one");
    check_push("a", "origin", 1, 0);
    scene_run("git clone -q --depth 1 file://$PWD/far.git s;"
              "git -C s fetch -q origin runs:runs");
    add_file("s", "two");
    check_push("s", "origin", 1, 0);
    add_file("a", "three");
    check_push("a", "origin", 2, 1);
    add_file("s", "four");
    check_push("s", "origin", 2, 2);
    check_files("far.git", "four one three two ");
}

static void test_push__from_a_ref_that_is_shallow(void **state)
{
    (void)state;
    make_repos();
    add_file("a", "one");
    add_file("a", "two");
    check_push("a", "origin", 2, 0);
    scene_run("git clone -q --depth 1 file://$PWD/far.git s;"
              "git -C s fetch -q --depth 1 origin runs:runs");
    add_file("s", "three");
    check_push("s", "origin", 1, 0);
    add_file("a", "four");
    check_push("a", "origin", 2, 1);
    add_file("s", "five");
    check_push("s", "origin", 2, 2);
    check_files("far.git", "five four one three two ");
    check_files("s", "five four one three two ");
}

/* A remote is not given a history without its beginning. */
static void test_push__of_a_shallow_ref_to_another_remote(void **state)
{
    (void)state;
    make_repos();
    add_file("a", "one");
    add_file("a", "two");
    check_push("a", "origin", 2, 0);
    scene_run("git clone -q --depth 1 -b runs file://$PWD/far.git s; git -C s checkout -q --detach;"
              "git init -q --bare other.git");
    refuse("s", "./other.git", ERR_UNDECIDED,
           "the history of '" REF "' is not whole in this shallow clone; type "
           "`git fetch --unshallow ./other.git " REF "`");
    assert_string_equal(scene_ask("git -C other.git for-each-ref | wc -l"), "0");
}

static void test_push__from_a_clone_without_blobs(void **state)
{
    (void)state;
    make_repos();
    add_file("a", "one");
    add_file("a", "two");
    check_push("a", "origin", 2, 0);
    scene_run("git clone -q --no-checkout --filter=blob:none file://$PWD/far.git p;"
              "git -C p branch -q runs origin/runs");
    add_file("p", "three");
    check_push("p", "origin", 1, 0);
    add_file("a", "four");
    check_push("a", "origin", 2, 1);
    add_file("p", "five");
    check_push("p", "origin", 2, 2);
    check_files("far.git", "five four one three two ");
}

/* ---- many at once ---- */

static void add_and_push(int writer, int n)
{
    char dir[16], file[32];
    struct push_result result;
    struct err err;
    snprintf(dir, sizeof dir, "c%d", writer);
    for (int i = 0; i < n; i++) {
        snprintf(file, sizeof file, "%d-%d", writer, i);
        add_file(dir, file);
        if (push_to(dir, "origin", &result, &err) < 0)
            fail_msg("%s", err.text);
        push_result_release(&result);
    }
    exit(0);
}

static void test_push__of_many_loses_none(void **state)
{
    (void)state;
    enum { WRITERS = 4, UPDATES = 4 };
    int status;
    make_repos();
    scene_run("for i in 0 1 2 3; do git clone -q far.git c$i; done");
    for (int writer = 0; writer < WRITERS; writer++)
        if (fork() == 0)
            add_and_push(writer, UPDATES);
    while (wait(&status) > 0)
        assert_int_equal(status, 0);
    check_files("far.git", "0-0 0-1 0-2 0-3 1-0 1-1 1-2 1-3 2-0 2-1 2-2 2-3 3-0 3-1 3-2 3-3 ");
}

int main(void)
{
#define PUSH_TEST(name) cmocka_unit_test_setup_teardown(test_push__##name, scene_enter, scene_leave)
    const struct CMUnitTest tests[] = {
        PUSH_TEST(makes_the_ref_and_moves_it_on),
        PUSH_TEST(takes_what_only_the_remote_has),
        PUSH_TEST(combines_what_forked),
        PUSH_TEST(combines_histories_that_began_apart),
        PUSH_TEST(of_many_commits_is_one_pack),
        PUSH_TEST(to_paths_in_all_their_forms),
        PUSH_TEST(to_a_repository_with_a_work_tree),
        PUSH_TEST(refuses_where_a_hook_would_have_to_be_asked),
        PUSH_TEST(refuses_what_is_not_there),
        PUSH_TEST(refuses_a_file_that_both_changed),
        PUSH_TEST(does_not_bring_back_what_was_removed),
        PUSH_TEST(from_a_clone_that_is_shallow_elsewhere),
        PUSH_TEST(from_a_ref_that_is_shallow),
        PUSH_TEST(of_a_shallow_ref_to_another_remote),
        PUSH_TEST(from_a_clone_without_blobs),
        PUSH_TEST(of_many_loses_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
