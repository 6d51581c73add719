/* Files that store_write() removes: only those that git has as they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"
#include "store/write.h"

static const enum store_kind kinds[] = {STORE_TREE, STORE_BRANCH};
#define N_KINDS (sizeof kinds / sizeof *kinds)

/* Removes the files that `context` names, with a blank between. */
static int plan(void *context, const struct baseline_place *place, struct store_changes *out,
                struct err *err)
{
    (void)place;
    (void)err;
    out->message = "remove\n";
    for (const char *name = context; *name; name += strspn(name, " ")) {
        char path[80];
        size_t len = strcspn(name, " ");
        snprintf(path, sizeof path, "%.*s", (int)len, name);
        store_change_add(out, path, NULL, 0);
        name += len;
    }
    return 0;
}

/* store_write() in the repository "r". */
static int remove_files(enum store_kind kind, const char *names, struct err *err)
{
    char copy[200];
    struct store_result result;
    struct repo *repo = scene_open("r");
    struct store_target target = {.repo = repo, .kind = kind, .seed = 1};
    target.who = (struct store_identity){"Ann", "ann@example.com", INT64_C(1764000000000000000)};
    snprintf(copy, sizeof copy, "%s", names);
    *err = (struct err){0};
    int status = store_write(&target, plan, copy, &result, err);
    assert_int_equal(result.changed, status == 0);
    repo_free(repo);
    return status;
}

/* None of the files goes. */
static void refuse(enum store_kind kind, const char *names, const char *text)
{
    struct err err;
    char before[256];
    snprintf(before, sizeof before, "%s", scene_ask("cd r; find . -type f | sort | sha1sum"));
    assert_int_equal(remove_files(kind, names, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    if (!strstr(err.text, text))
        fail_msg("expected: %s; found: %s", text, err.text);
    /* but for the objects that nothing refers to */
    scene_run("cd r; git prune --expire=now");
    assert_string_equal(scene_ask("cd r; find . -type f | sort | sha1sum"), before);
}

static void make_repo(void)
{
    scene_run(
        "rm -rf r; git init -q r; cd r; mkdir -p a/b c/d; echo 1 >a/b/1; echo 2 >a/b/2; echo 3 "
        ">c/d/3; echo 4 >c/d/4; git add .; git commit -q -m first");
}

static void test_remove__from_several_directories(void **state)
{
    (void)state;
    struct err err;
    for (size_t i = 0; i < N_KINDS; i++) {
        make_repo();
        if (remove_files(kinds[i], "a/b/1 c/d/3 a/b/2", &err) < 0)
            fail_msg("%s", err.text);
        assert_string_equal(
            scene_ask("cd r; find . -path ./.git -prune -o -print | sort | tr '\\n' "
                      "';'; echo"),
            ".;./c;./c/d;./c/d/4;");
        assert_string_equal(scene_ask("git -C r diff --name-only HEAD | wc -l"),
                            kinds[i] == STORE_TREE ? "3" : "0");
    }
}

static void test_remove__nothing_where_one_was_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_KINDS; i++) {
        make_repo();
        scene_run("cd r; echo mine >c/d/4");
        refuse(kinds[i], "a/b/1 c/d/3 a/b/2 c/d/4",
               "/r/c/d/4' is there with other bytes than it should have; move it away");
        assert_string_equal(scene_ask("cat r/c/d/4"), "mine");
    }
}

/* What only the work tree or the index has would be lost. */
static void test_remove__nothing_that_is_not_committed(void **state)
{
    (void)state;
    make_repo();
    scene_run("cd r; mkdir x; echo mine >x/1; echo mine >a/b/3");
    refuse(STORE_TREE, "a/b/1 a/b/3", "/r/a/b/3' is not committed, and would be lost; commit it");
    refuse(STORE_TREE, "x/1", "/r/x/1' is not committed, and would be lost; commit it");
    scene_run("cd r; git add .");
    refuse(STORE_TREE, "x/1", "/r/x/1' is not committed, and would be lost; commit it");
    scene_run("rm -rf r; git init -q r; cd r; mkdir a; echo mine >a/1; git add .");
    refuse(STORE_TREE, "a/1", "/r/a/1' is not committed, and would be lost; commit it");
}

/* The line endings that git itself made are no difference; one that is gone already is no error. */
static void test_remove__as_git_sees_it(void **state)
{
    (void)state;
    struct err err;
    for (size_t i = 0; i < N_KINDS; i++) {
        make_repo();
        scene_run("cd r; git config core.autocrlf true; printf '1\\r\\n' >a/b/1; rm a/b/2");
        if (remove_files(kinds[i], "a/b/1 a/b/2", &err) < 0)
            fail_msg("%s", err.text);
        assert_string_equal(scene_ask("ls r"), "c");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_enter, scene_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_remove__from_several_directories),
        TEST(test_remove__nothing_where_one_was_changed),
        TEST(test_remove__nothing_that_is_not_committed),
        TEST(test_remove__as_git_sees_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
