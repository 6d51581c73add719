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
#include "store/write.h"

#define REF   "refs/heads/runs"
#define FILE1 "baselines/shop/default/one.json"
#define FILE2 "baselines/shop/default/two.json"

/* A plan that adds and removes files; it counts how often it was asked. */
struct wish {
    const char *add, *bytes;
    const char *remove;
    const char *unless; /* nothing is done where this file is there */
    int asked;
};

static int plan(void *context, const struct baseline_place *place, struct store_changes *out,
                struct err *err)
{
    struct wish *wish = context;
    struct buf bytes = {0};
    bool found = false;
    wish->asked++;
    if (wish->unless && place_read(place, wish->unless, 1 << 20, &bytes, &found, err) < 0)
        return -1;
    buf_release(&bytes);
    if (found)
        return 0;
    out->message = "a subject\n\nand a body\n";
    if (wish->add)
        store_change_add(out, wish->add, wish->bytes, strlen(wish->bytes));
    if (wish->remove)
        store_change_add(out, wish->remove, NULL, 0);
    return 0;
}

static struct store_target target_of(const struct repo *repo, enum store_kind kind)
{
    struct store_target target = {.repo = repo, .kind = kind, .seed = (uint64_t)getpid()};
    target.who = (struct store_identity){"Ann", "ann@example.com", INT64_C(1764000000000000000)};
    target.ref = kind == STORE_REF ? REF : NULL;
    return target;
}

/* store_write() in the repository "r". */
static int write_wish(enum store_kind kind, struct wish *wish, struct store_result *result,
                      struct err *err)
{
    struct repo *repo = scene_open("r");
    struct store_target target = target_of(repo, kind);
    *err = (struct err){0};
    int status = store_write(&target, plan, wish, result, err);
    repo_free(repo);
    return status;
}

/* As write_wish(), for one that must succeed. Returns whether something was written. */
static bool wrote(enum store_kind kind, struct wish wish, struct store_result *result)
{
    struct err err;
    struct store_result own = {0};
    struct store_result *out = result ? result : &own;
    if (write_wish(kind, &wish, out, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(wish.asked, 1);
    if (out->changed && kind != STORE_TREE)
        assert_string_equal(out->commit,
                            scene_ask("git -C r rev-parse %s", kind == STORE_REF ? REF : "HEAD"));
    else
        assert_string_equal(out->commit, "");
    return out->changed;
}

static void refuse(enum store_kind kind, struct wish wish, enum err_code code, const char *text)
{
    struct err err;
    struct store_result result;
    assert_int_equal(write_wish(kind, &wish, &result, &err), -1);
    assert_false(result.changed);
    if (!strstr(err.text, text))
        fail_msg("expected '%s', found: %s", text, err.text);
    assert_int_equal(err.code, code);
}

#define expect(command, text) assert_string_equal(scene_ask("cd r; " command), text)
#define STATUS                "git status --porcelain -uall | tr '\\n' ';'; echo"

/* A commit, and beside it files that are staged, changed, and not known. */
static void make_repo(void)
{
    scene_run("git init -q r; cd r; echo a >a; echo b >b; echo c >c; git add .; git commit -q -m "
              "first; echo 1 >>a; git add a; echo 1 >>b; echo d >d; git rm -q --cached c");
}

#define DIRTY "M  a; M b;D  c;?? c;?? d;"

static void test_write__a_ref_of_its_own(void **state)
{
    (void)state;
    make_repo();
    const char *head = scene_ask("git -C r rev-parse HEAD");
    assert_true(wrote(STORE_REF, (struct wish){.add = FILE1, .bytes = "one\n"}, NULL));
    assert_true(wrote(STORE_REF, (struct wish){.add = FILE2, .bytes = "two\n"}, NULL));
    expect("git log --format=%%an,%%ce,%%ct,%%s,%%b -1 runs --",
           "Ann,ann@example.com,1764000000,a subject,and a body");
    expect("git rev-list --count runs", "2");
    expect("git ls-tree -r --name-only runs | tr '\\n' ';'", FILE1 ";" FILE2 ";");
    expect("git log -g --format=%%gs -1 runs", "a subject");
    expect(STATUS, DIRTY);
    assert_string_equal(scene_ask("git -C r rev-parse HEAD"), head);
    assert_false(
        wrote(STORE_REF, (struct wish){.add = FILE1, .bytes = "x", .unless = FILE1}, NULL));
    assert_false(wrote(STORE_REF, (struct wish){.add = FILE1, .bytes = "one\n"}, NULL));
    assert_true(wrote(STORE_REF, (struct wish){.remove = FILE1}, NULL));
    assert_true(wrote(STORE_REF, (struct wish){.remove = FILE2}, NULL));
    expect("git ls-tree -r --name-only runs; echo", "");
    expect("git rev-list --count runs", "4");
    expect("git fsck --strict --no-dangling 2>&1; echo", "");
}

static void test_write__the_current_branch(void **state)
{
    (void)state;
    struct store_result result;
    make_repo();
    assert_true(wrote(STORE_BRANCH, (struct wish){.add = FILE1, .bytes = "one\n"}, &result));
    assert_string_equal(result.note, "");
    expect("git show --format= --name-only HEAD | tr '\\n' ';'", FILE1 ";");
    expect("cat " FILE1, "one");
    expect(STATUS, DIRTY);
    expect("git diff-files --name-only | tr '\\n' ';'", "b;");
    assert_false(
        wrote(STORE_BRANCH, (struct wish){.add = FILE2, .bytes = "x", .unless = FILE1}, NULL));
    assert_true(
        wrote(STORE_BRANCH, (struct wish){.add = FILE2, .bytes = "two\n", .remove = FILE1}, NULL));
    expect(STATUS, DIRTY);
    expect("git show --format= --name-status HEAD | tr '\\n\\t' '; '", "D " FILE1 ";A " FILE2 ";");
    assert_true(wrote(STORE_BRANCH, (struct wish){.remove = FILE2}, NULL));
    expect(STATUS, DIRTY);
    expect("ls -d baselines 2>/dev/null || echo gone", "gone");
    expect("ls .git | grep index | tr '\\n' ';'", "index;");
    expect("git fsck --strict --no-dangling 2>&1; echo", "");
}

/* The entry of `a` is as old as the index: git tells only by content that it was changed. A new
 * index, which is younger, may not hide that. */
static void test_write__a_racy_entry_stays_one(void **state)
{
    (void)state;
    scene_run(
        "git init -q r; cd r; git config core.trustctime false; git config core.checkstat "
        "minimal; echo 1 >a; touch -d '2026-01-01 00:00:00' a; git add a; git commit -q -m first; "
        "echo 2 >a; touch -d '2026-01-01 00:00:00' a .git/index");
    scene_run("cd r; touch -r a .git/index");
    assert_true(wrote(STORE_BRANCH, (struct wish){.add = FILE1, .bytes = "one\n"}, NULL));
    expect(STATUS, " M a;");
}

static void test_write__the_work_tree(void **state)
{
    (void)state;
    make_repo();
    assert_true(wrote(STORE_TREE, (struct wish){.add = FILE1, .bytes = "one\n"}, NULL));
    expect("cat " FILE1, "one");
    expect(STATUS, "M  a; M b;D  c;?? " FILE1 ";?? c;?? d;");
    assert_false(
        wrote(STORE_TREE, (struct wish){.add = FILE2, .bytes = "x", .unless = FILE1}, NULL));
    scene_run("cd r; git add baselines; git commit -q -m run -- baselines");
    assert_true(wrote(STORE_TREE, (struct wish){.remove = FILE1}, NULL));
    expect(STATUS, "M  a; M b; D " FILE1 ";D  c;?? c;?? d;");
}

static void test_write__an_unborn_branch(void **state)
{
    (void)state;
    scene_run("git init -q r; cd r; echo a >a; git add a");
    assert_true(wrote(STORE_BRANCH, (struct wish){.add = FILE1, .bytes = "one\n"}, NULL));
    expect("git ls-tree -r --name-only main", FILE1);
    expect(STATUS, "A  a;");
}

static void test_write__refusals(void **state)
{
    (void)state;
    const struct wish wish = {.add = FILE1, .bytes = "one\n"};
    scene_run("git init -q r; cd r; git commit -q --allow-empty -m first");
    scene_run("cd r; git worktree add -q -b runs ../linked");
    refuse(STORE_REF, wish, ERR_USAGE, "'" REF "' is checked out in a work tree; commit there");
    scene_run(
        "cd r; git worktree remove ../linked; git branch -D runs; git checkout -q --orphan runs");
    refuse(STORE_REF, wish, ERR_USAGE, "'" REF "' is checked out in a work tree; commit there");
    scene_run("cd r; git checkout -q main; git branch runs/x; git pack-refs --all");
    refuse(STORE_REF, wish, ERR_USAGE,
           "the ref '" REF "' cannot be made, because there is '" REF "/x'");
    scene_run("cd r; git checkout -q --detach");
    refuse(STORE_BRANCH, wish, ERR_USAGE, "HEAD is detached");
    scene_run("rm -rf r; git init -q --bare r");
    refuse(STORE_BRANCH, wish, ERR_USAGE, "this repository is bare");
    refuse(STORE_TREE, wish, ERR_USAGE, "this repository is bare");
    assert_true(wrote(STORE_REF, wish, NULL));
}

static void test_write__never_writes_over_what_is_there(void **state)
{
    (void)state;
    make_repo();
    scene_run("mkdir -p r/baselines/shop/default; echo mine >r/" FILE2);
    struct wish wish = {.add = FILE2, .bytes = "two\n"};
    refuse(STORE_BRANCH, wish, ERR_IO, FILE2 "' is there with other bytes than it should have");
    refuse(STORE_TREE, wish, ERR_IO, FILE2 "' is there with other bytes than it should have");
    expect("cat " FILE2, "mine");
    expect(STATUS, "M  a; M b;D  c;?? " FILE2 ";?? c;?? d;");
    scene_run("cd r; printf 'two\\r\\n' >" FILE2 "; git config core.autocrlf true");
    assert_true(wrote(STORE_BRANCH, wish, NULL)); /* the same, as git sees it */
    scene_run("cd r; echo mine >" FILE2);
    refuse(STORE_BRANCH, (struct wish){.remove = FILE2}, ERR_IO, "is there with other bytes");
    expect("cat " FILE2, "mine");
    expect("git rev-list --count HEAD", "2");
    scene_run("cd r; rm -r baselines; mkdir ../out; ln -s ../out baselines");
    refuse(STORE_BRANCH, (struct wish){.add = FILE1, .bytes = "one\n"}, ERR_INPUT,
           "is, or lies below, a symbolic link or a file");
    refuse(STORE_TREE, (struct wish){.add = FILE1, .bytes = "one\n"}, ERR_INPUT,
           "is, or lies below, a symbolic link or a file");
    expect("ls ../out; echo", "");
}

static void test_write__a_lock_that_was_left_behind(void **state)
{
    (void)state;
    static const struct {
        enum store_kind kind;
        const char *lock;
    } cases[] = {{STORE_BRANCH, "index.lock"}, {STORE_REF, "refs/heads/runs.lock"}};
    make_repo();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scene_run(": >r/.git/%s", cases[i].lock);
        char text[200];
        snprintf(text, sizeof text, "/r/.git/%s' has been there for over 5 seconds", cases[i].lock);
        refuse(cases[i].kind, (struct wish){.add = FILE1, .bytes = "one\n"}, ERR_IO, text);
        scene_run("rm r/.git/%s", cases[i].lock);
        expect(STATUS, DIRTY);
        expect("ls .git | grep index | tr '\\n' ';'", "index;");
        expect("git rev-list --all --count", "1");
    }
    assert_true(wrote(STORE_BRANCH, (struct wish){.add = FILE1, .bytes = "one\n"}, NULL));
}

/* What a call that was killed leaves beside the index is in nobody's way. */
static void test_write__what_a_killed_call_leaves(void **state)
{
    (void)state;
    make_repo();
    scene_run("cd r/.git; echo x >index.perfgate; echo x >index.perfgate.lock; echo x "
              ">index.perfgate-old; cd ..; mkdir -p baselines/shop/default; echo one >" FILE1);
    assert_true(wrote(STORE_BRANCH, (struct wish){.add = FILE1, .bytes = "one\n"}, NULL));
    expect(STATUS, DIRTY);
    expect("ls .git | grep index | tr '\\n' ';'", "index;");
}

static void test_write__an_index_that_cannot_be_written(void **state)
{
    (void)state;
    static const char *const setups[] = {
        "git update-index --split-index",
        "git sparse-checkout init --cone --sparse-index; git sparse-checkout set x",
    };
    for (size_t i = 0; i < sizeof setups / sizeof *setups; i++) {
        struct store_result result;
        scene_run("rm -rf r; git init -q r; cd r; mkdir -p x y; echo 1 >x/a; echo 1 >y/a; git add "
                  ".; git commit -q -m first; %s",
                  setups[i]);
        assert_true(wrote(STORE_BRANCH, (struct wish){.add = FILE1, .bytes = "one\n"}, &result));
        assert_non_null(strstr(result.note, "the index was left as it is, because libgit2"));
        assert_non_null(strstr(result.note, "type `git reset -q -- '" FILE1 "'`"));
        scene_run("cd r; git reset -q -- " FILE1);
        expect(STATUS, "");
        expect("git show --format= --name-only HEAD", FILE1);
        expect("cat " FILE1, "one");
    }
}

#define PARTIAL                                                                                    \
    "git clone -q --no-checkout --filter=blob:none \"file://$PWD/from\" r; cd r; "                 \
    "git sparse-checkout set --no-cone /a; git checkout -q main"

/* Neither what is outside of a sparse work tree nor blobs that are not there are asked for. */
static void test_write__sparse_partial_and_shallow_clones(void **state)
{
    (void)state;
    static const char *const clones[] = {
        PARTIAL,
        "git clone -q --depth 1 \"file://$PWD/from\" r",
        "git -C from worktree add -q -b other ../r",
        "git clone -q --shared from r",
    };
    scene_run("git init -q from; cd from; mkdir -p baselines/x; echo 1 >baselines/x/y; echo a >a; "
              "git add .; git commit -q -m first; git commit -q --allow-empty -m second");
    for (size_t i = 0; i < sizeof clones / sizeof *clones; i++) {
        scene_run("rm -rf r; %s", clones[i]);
        assert_true(wrote(STORE_BRANCH, (struct wish){.add = FILE1, .bytes = "one\n"}, NULL));
        assert_true(wrote(STORE_REF, (struct wish){.add = FILE1, .bytes = "one\n"}, NULL));
        expect("git ls-tree -r --name-only HEAD | tr '\\n' ';'", "a;" FILE1 ";baselines/x/y;");
        expect("git diff --cached --name-only; echo", "");
        expect("git diff --name-only; echo", "");
        scene_run("git -C from update-ref -d " REF);
    }
}

/* ---- many writers ---- */

#define WRITERS 6
#define WRITES  8

/* A writer's files have names of their own; the counter is everybody's, and each replaces it by one
 * more than it saw. */
static int count_up(void *context, const struct baseline_place *place, struct store_changes *out,
                    struct err *err)
{
    const char *name = context;
    struct buf bytes = {0};
    bool found;
    char text[40], path[80];
    if (place_read(place, "baselines/count", 100, &bytes, &found, err) < 0)
        return -1;
    int count = snprintf(text, sizeof text, "%ld\n", strtol(buf_text(&bytes), NULL, 10) + 1);
    snprintf(path, sizeof path, "baselines/%s", name);
    out->message = name;
    if (place->commit || !place->top) /* files are never written over */
        store_change_add(out, "baselines/count", text, (size_t)count);
    store_change_add(out, path, name, strlen(name));
    buf_release(&bytes);
    return 0;
}

static int write_many(enum store_kind kind, int writer)
{
    struct repo *repo = scene_open("r");
    struct store_target target = target_of(repo, kind);
    struct store_result result;
    struct err err = {0};
    int status = 0;
    for (int i = 0; status == 0 && i < WRITES; i++) {
        char name[40];
        snprintf(name, sizeof name, "%d-%d", writer, i);
        status = store_write(&target, count_up, name, &result, &err);
    }
    repo_free(repo);
    if (status < 0)
        fprintf(stderr, "writer %d: %s\n", writer, err.text);
    return status < 0 || !result.changed;
}

/* Runs a function in many processes at once; none may fail. */
static void run_writers(int (*writer)(int number))
{
    int status, worst = 0;
    for (int i = 0; i < WRITERS; i++)
        if (fork() == 0)
            _exit(writer(i));
    while (wait(&status) > 0)
        worst |= status;
    assert_int_equal(worst, 0);
}

static int write_ref(int writer)
{
    return write_many(STORE_REF, writer);
}

static int write_tree(int writer)
{
    return write_many(STORE_TREE, writer);
}

static void test_write__many_writers_of_a_ref(void **state)
{
    (void)state;
    char n[20];
    snprintf(n, sizeof n, "%d", WRITERS * WRITES);
    scene_run("git init -q r; git -C r commit -q --allow-empty -m first");
    run_writers(write_ref);
    expect("git show runs:baselines/count", n);
    expect("git rev-list --count runs", n);
    expect("git ls-tree --name-only runs:baselines | grep -c -", n);
    expect("git fsck --strict --no-dangling 2>&1; echo", "");
}

static void test_write__many_writers_of_files(void **state)
{
    (void)state;
    char n[20];
    snprintf(n, sizeof n, "%d", WRITERS * WRITES);
    scene_run("git init -q r");
    run_writers(write_tree);
    expect("ls baselines | grep -c -", n);
    expect("ls baselines | grep -c tmp || true", "0");
}

/* Each commits a file of its own; nothing that one staged is lost by another. */
static int commit_one(int writer)
{
    struct repo *repo = scene_open("r");
    struct store_target target = target_of(repo, STORE_BRANCH);
    struct store_result result;
    struct err err = {0};
    int status = 0;
    for (int i = 0; status == 0 && i < WRITES; i++) {
        char name[40];
        snprintf(name, sizeof name, "baselines/%d-%d", writer, i);
        struct wish wish = {.add = name, .bytes = name};
        status = store_write(&target, plan, &wish, &result, &err);
    }
    repo_free(repo);
    if (status < 0)
        fprintf(stderr, "writer %d: %s\n", writer, err.text);
    return status < 0;
}

static void test_write__many_writers_of_a_branch(void **state)
{
    (void)state;
    char n[20];
    snprintf(n, sizeof n, "%d", WRITERS * WRITES);
    make_repo();
    run_writers(commit_one);
    expect("echo $(($(git rev-list --count HEAD) - 1))", n);
    expect("git ls-tree --name-only HEAD:baselines | grep -c -", n);
    expect(STATUS, DIRTY);
    expect("ls .git | grep index | tr '\\n' ';'", "index;");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_enter, scene_leave)
    const struct CMUnitTest tests[] = {
        TEST(test_write__a_ref_of_its_own),
        TEST(test_write__the_current_branch),
        TEST(test_write__a_racy_entry_stays_one),
        TEST(test_write__the_work_tree),
        TEST(test_write__an_unborn_branch),
        TEST(test_write__refusals),
        TEST(test_write__never_writes_over_what_is_there),
        TEST(test_write__a_lock_that_was_left_behind),
        TEST(test_write__what_a_killed_call_leaves),
        TEST(test_write__an_index_that_cannot_be_written),
        TEST(test_write__sparse_partial_and_shallow_clones),
        TEST(test_write__many_writers_of_a_ref),
        TEST(test_write__many_writers_of_files),
        TEST(test_write__many_writers_of_a_branch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
