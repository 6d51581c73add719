#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "scene.h"
#include "store/repo.h"

static void test_repo__opens_what_contains_a_directory(void **state)
{
    (void)state;
    char top[128];
    scene_run("git init -q r; mkdir -p 'r/a b/c'");
    struct repo *repo = scene_open("r/a b/c");
    snprintf(top, sizeof top, "%s/r", scene_dir());
    assert_string_equal(repo_top(repo), top);
    assert_false(repo_is_shallow(repo));
    repo_free(repo);
}

static void test_repo__no_repository_is_no_error(void **state)
{
    (void)state;
    struct repo *repo;
    struct err err = {0};
    assert_int_equal(repo_open(".", NULL, &repo, &err), 0);
    assert_null(repo);
    repo_free(repo);
}

static void test_repo__git_dir_names_it(void **state)
{
    (void)state;
    struct repo *repo;
    struct err err = {0};
    scene_run("git init -q r");
    assert_int_equal(repo_open(".", "r/.git", &repo, &err), 0);
    assert_non_null(repo);
    assert_non_null(strstr(repo_top(repo), "/r"));
    repo_free(repo);
    assert_int_equal(repo_open("r", "nowhere", &repo, &err), -1);
    assert_null(repo);
    assert_error(&err, ERR_IO,
                 "GIT_DIR names 'nowhere', which is not a git repository, or one of another user "
                 "that safe.directory does not list");
}

static void test_repo__bare_has_no_top(void **state)
{
    (void)state;
    scene_run("git init -q --bare b.git");
    struct repo *repo = scene_open("b.git");
    assert_null(repo_top(repo));
    repo_free(repo);
}

static void test_repo__worktree(void **state)
{
    (void)state;
    char id[REPO_ID_SIZE];
    struct err err = {0};
    scene_run("git init -q r; cd r; git commit -q --allow-empty -m 1\n"
              "git worktree add -q ../w -b side; cd ../w; git commit -q --allow-empty -m 2");
    struct repo *repo = scene_open("w");
    assert_non_null(strstr(repo_top(repo), "/w"));
    assert_int_equal(repo_resolve(repo, "HEAD", id, &err), 0);
    assert_string_equal(id, scene_ask("git -C w rev-parse HEAD"));
    assert_int_equal(repo_resolve(repo, "main", id, &err), 0);
    assert_string_equal(id, scene_ask("git -C r rev-parse HEAD"));
    repo_free(repo);
}

static void test_repo__alternates(void **state)
{
    (void)state;
    char id[REPO_ID_SIZE];
    struct err err = {0};
    scene_run("git init -q r; git -C r commit -q --allow-empty -m 1; git clone -q --shared r c");
    struct repo *repo = scene_open("c");
    assert_int_equal(repo_resolve(repo, "HEAD", id, &err), 0);
    repo_free(repo);
}

static void test_repo__sha256_is_refused(void **state)
{
    (void)state;
    struct repo *repo;
    struct err err = {0};
    scene_run("git init -q --object-format=sha256 r");
    assert_int_equal(repo_open("r", NULL, &repo, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.text, "cannot read the repository around 'r', whose format (SHA-256 "
                                     "object names or reftable, for example) libgit2 "));
    assert_non_null(strstr(err.text, "give the baseline and the policy as files"));
}

static void test_repo__reftable_is_refused(void **state)
{
    (void)state;
    struct repo *repo;
    struct err err = {0};
    scene_run("git init -q r; git -C r config core.repositoryformatversion 1\n"
              "git -C r config extensions.refstorage reftable || true");
    assert_int_equal(repo_open("r", NULL, &repo, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.text, "whose format"));
}

static void test_repo__another_owner(void **state)
{
    (void)state;
    struct repo *repo;
    struct err err = {0};
    char expected[400];
    if (geteuid() != 0)
        skip();
    scene_run("git init -q r; mkdir r/sub; chown -R 65534:65534 r");
    assert_int_equal(repo_open("r/sub", NULL, &repo, &err), -1);
    snprintf(expected, sizeof expected,
             "the repository '%s/r' belongs to another user; if you trust it, type "
             "`git config --global --add safe.directory '%s/r'`",
             scene_dir(), scene_dir());
    assert_error(&err, ERR_IO, expected);

    err = (struct err){0};
    scene_run("git config --global --add safe.directory /elsewhere");
    assert_int_equal(repo_open("r/sub", NULL, &repo, &err), -1);
    assert_error(&err, ERR_IO, expected);

    scene_run("git config --global --add safe.directory '%s/r'", scene_dir());
    repo = scene_open("r/sub");
    repo_free(repo);
}

static void test_repo__another_owner_of_a_bare_one(void **state)
{
    (void)state;
    struct repo *repo;
    struct err err = {0};
    if (geteuid() != 0)
        skip();
    scene_run("git init -q --bare b.git; chown -R 65534:65534 b.git");
    assert_int_equal(repo_open("b.git", NULL, &repo, &err), -1);
    assert_non_null(strstr(err.text, "belongs to another user"));
    scene_run("git config --global --add safe.directory '%s/b.git'", scene_dir());
    repo = scene_open("b.git");
    repo_free(repo);
}

static void test_repo__a_revision_that_is_none(void **state)
{
    (void)state;
    char id[REPO_ID_SIZE];
    struct err err = {0};
    bool found = true;
    scene_run("git init -q r; cd r; echo x >f; git add f; git commit -q -m 1; git tag -a v1 -m v1");
    struct repo *repo = scene_open("r");
    assert_int_equal(repo_resolve(repo, "nope", id, &err), -1);
    assert_error(&err, ERR_INPUT,
                 "'nope' names no revision of this repository; `git fetch` brings what only the "
                 "remote has");
    err = (struct err){0};
    assert_int_equal(repo_lookup(repo, "HEAD^2", id, &found, &err), 0);
    assert_false(found);
    assert_int_equal(repo_resolve(repo, "v1", id, &err), 0);
    assert_string_equal(id, scene_ask("git -C r rev-parse HEAD"));
    assert_int_equal(repo_resolve(repo, "HEAD:f", id, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_non_null(strstr(err.text, "'HEAD:f' does not name one commit: "));
    err = (struct err){0};
    assert_int_equal(repo_resolve(repo, "1234567890123456789012345678901234567890", id, &err), -1);
    assert_error(&err, ERR_UNDECIDED,
                 "the commit 1234567890123456789012345678901234567890 is not in this clone; fetch "
                 "it: `git fetch origin 1234567890123456789012345678901234567890`");
    repo_free(repo);
}

static void test_repo__shallow(void **state)
{
    (void)state;
    char id[REPO_ID_SIZE], root[REPO_ID_SIZE];
    struct err err = {0};
    bool found;
    size_t n_parents = 9;
    scene_run("git init -q r; cd r; git commit -q --allow-empty -m 1\n"
              "git commit -q --allow-empty -m 2; git checkout -q -b side HEAD~1\n"
              "git commit -q --allow-empty -m 3; git checkout -q main; cd ..\n"
              "git clone -q --depth 1 --no-single-branch \"file://$PWD/r\" c");
    struct repo *repo = scene_open("c");
    assert_true(repo_is_shallow(repo));
    assert_int_equal(repo_resolve(repo, "HEAD^1", id, &err), -1);
    assert_error(&err, ERR_UNDECIDED,
                 "the revision 'HEAD^1' is not in this shallow clone; type `git fetch --deepen=1`, "
                 "or set `fetch-depth: 2` for actions/checkout");
    err = (struct err){0};
    assert_int_equal(repo_resolve(repo, "HEAD", id, &err), 0);
    assert_int_equal(repo_count_parents(repo, id, &n_parents, &err), 0);
    assert_int_equal(n_parents, 1);
    assert_int_equal(repo_resolve(repo, "origin/side", root, &err), 0);
    assert_int_equal(repo_fork_point(repo, id, root, root, &found, &err), -1);
    assert_int_equal(err.code, ERR_UNDECIDED);
    assert_non_null(strstr(err.text, "type `git fetch --unshallow origin`, or set "
                                     "`fetch-depth: 0` for actions/checkout"));
    repo_free(repo);
}

static void test_repo__fork_point(void **state)
{
    (void)state;
    char a[REPO_ID_SIZE], b[REPO_ID_SIZE], id[REPO_ID_SIZE];
    struct err err = {0};
    bool found;
    scene_run("git init -q r; cd r; git commit -q --allow-empty -m 1; git tag base\n"
              "git commit -q --allow-empty -m 2; git checkout -q -b side base\n"
              "git commit -q --allow-empty -m 3\n"
              "git checkout -q --orphan other; git commit -q --allow-empty -m 4");
    struct repo *repo = scene_open("r");
    assert_int_equal(repo_resolve(repo, "main", a, &err), 0);
    assert_int_equal(repo_resolve(repo, "side", b, &err), 0);
    assert_int_equal(repo_fork_point(repo, a, b, id, &found, &err), 0);
    assert_true(found);
    assert_string_equal(id, scene_ask("git -C r rev-parse base"));
    assert_int_equal(repo_resolve(repo, "other", b, &err), 0);
    assert_int_equal(repo_fork_point(repo, a, b, id, &found, &err), 0);
    assert_false(found);
    repo_free(repo);
}

static void test_repo__hash_is_that_of_git(void **state)
{
    (void)state;
    char id[REPO_ID_SIZE];
    struct err err = {0};
    assert_int_equal(repo_hash("hello\n", 6, id, &err), 0);
    assert_string_equal(id, scene_ask("echo hello | git hash-object --stdin"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_enter, scene_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_repo__opens_what_contains_a_directory),
        TEST(test_repo__no_repository_is_no_error),
        TEST(test_repo__git_dir_names_it),
        TEST(test_repo__bare_has_no_top),
        TEST(test_repo__worktree),
        TEST(test_repo__alternates),
        TEST(test_repo__sha256_is_refused),
        TEST(test_repo__reftable_is_refused),
        TEST(test_repo__another_owner),
        TEST(test_repo__another_owner_of_a_bare_one),
        TEST(test_repo__a_revision_that_is_none),
        TEST(test_repo__shallow),
        TEST(test_repo__fork_point),
        TEST(test_repo__hash_is_that_of_git),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
