#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"
#include "store/tree.h"

/* What a test reads, at HEAD of the repository `r`. */
static struct {
    struct repo *repo;
    char commit[REPO_ID_SIZE];
    struct buf bytes;
    struct arena arena;
    const char **names;
    size_t n;
    bool found;
    struct err err;
} at;

static int enter(void **state)
{
    memset(&at, 0, sizeof at);
    if (scene_enter(state) < 0)
        return -1;
    scene_run("git init -q r; cd r; git config core.autocrlf false; mkdir -p d/e\n"
              "echo one >d/e/one.json; printf 'a\\r\\nb\\r\\n' >d/crlf; ln -s e d/link\n"
              "ln -s e/one.json d/file-link; head -c 100000 /dev/zero >d/huge\n"
              "git init -q sub; git -C sub commit -q --allow-empty -m s; git add . 2>/dev/null\n"
              "echo two >'d/with blank and \303\274'; git add .; git commit -q -m 1");
    at.repo = scene_open("r");
    return repo_resolve(at.repo, "HEAD", at.commit, &at.err);
}

static int leave(void **state)
{
    repo_free(at.repo);
    buf_release(&at.bytes);
    arena_release(&at.arena);
    return scene_leave(state);
}

static int read_at(const char *path, size_t limit)
{
    struct tree_path where = {at.repo, at.commit, path};
    at.err = (struct err){0};
    buf_reset(&at.bytes);
    return tree_read(&where, limit, &at.bytes, &at.found, &at.err);
}

static int list_at(const char *path)
{
    struct tree_path where = {at.repo, at.commit, path};
    at.err = (struct err){0};
    return tree_list(&where, &at.arena, &at.names, &at.n, &at.err);
}

/* The message begins with the path's name; `rest` is what follows it. */
static void assert_refused(enum err_code code, const char *path, const char *rest)
{
    char expected[512];
    snprintf(expected, sizeof expected, "'%s' at %.7s%s", path, at.commit, rest);
    assert_error(&at.err, code, expected);
}

static void test_tree__reads_a_file(void **state)
{
    (void)state;
    assert_int_equal(read_at("d/e/one.json", 4), 0);
    assert_true(at.found);
    assert_string_equal(buf_text(&at.bytes), "one\n");
    assert_int_equal(read_at("d/with blank and \303\274", 100), 0);
    assert_string_equal(buf_text(&at.bytes), "two\n");
}

static void test_tree__bytes_are_the_blobs(void **state)
{
    (void)state;
    scene_run("git -C r config core.autocrlf true; git -C r config core.eol lf");
    assert_int_equal(read_at("d/crlf", 100), 0);
    assert_string_equal(buf_text(&at.bytes), "a\r\nb\r\n");
}

static void test_tree__what_is_not_there(void **state)
{
    (void)state;
    static const char *const paths[] = {"nope", "d/nope",  "nope/one", "d/../d/crlf",
                                        "",     "/d/crlf", "d//crlf"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_int_equal(read_at(paths[i], 100), 0);
        assert_false(at.found);
    }
    assert_int_equal(list_at("nope"), 0);
    assert_int_equal(at.n, 0);
}

static void test_tree__refuses_links(void **state)
{
    (void)state;
    assert_int_equal(read_at("d/file-link", 100), -1);
    assert_refused(ERR_INPUT, "d/file-link", " is a symbolic link; expected a file");
    assert_int_equal(read_at("d/link/one.json", 100), -1);
    assert_refused(ERR_INPUT, "d/link/one.json",
                   ": 'link' is a symbolic link; expected a directory");
    assert_int_equal(list_at("d/link"), -1);
    assert_refused(ERR_INPUT, "d/link", ": 'link' is a symbolic link; expected a directory");
}

static void test_tree__refuses_other_kinds(void **state)
{
    (void)state;
    assert_int_equal(read_at("d/e", 100), -1);
    assert_refused(ERR_INPUT, "d/e", " is a directory; expected a file");
    assert_false(at.found);
    assert_int_equal(read_at("sub", 100), -1);
    assert_refused(ERR_INPUT, "sub", " is a submodule; expected a file");
    assert_int_equal(list_at("d/crlf"), -1);
    assert_refused(ERR_INPUT, "d/crlf", ": 'crlf' is a file; expected a directory");
}

static void test_tree__refuses_a_huge_blob(void **state)
{
    (void)state;
    assert_int_equal(read_at("d/huge", 99999), -1);
    assert_refused(ERR_INPUT, "d/huge", " has 100000 bytes; the limit for it is 99999");
    assert_int_equal(at.bytes.len, 0);
    assert_int_equal(read_at("d/huge", 100000), 0);
    assert_int_equal(at.bytes.len, 100000);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void test_tree__lists_a_directory(void **state)
{
    (void)state;
    static const char *const expected[] = {"crlf", "e/",   "file-link",
                                           "huge", "link", "with blank and \303\274"};
    assert_int_equal(list_at("d"), 0);
    assert_int_equal(at.n, 6);
    qsort(at.names, at.n, sizeof *at.names, compare);
    for (size_t i = 0; i < at.n; i++)
        assert_string_equal(at.names[i], expected[i]);
}

static void test_tree__a_blob_that_the_clone_lacks(void **state)
{
    (void)state;
    repo_free(at.repo);
    scene_run("rm -rf r/sub; git -C r rm -q --cached sub; git -C r commit -q -m no-sub\n"
              "git clone -q --no-checkout --filter=blob:none \"file://$PWD/r\" c");
    at.repo = scene_open("c");
    assert_int_equal(repo_resolve(at.repo, "HEAD", at.commit, &at.err), 0);
    assert_int_equal(read_at("d/crlf", 100), -1);
    char rest[200];
    snprintf(rest, sizeof rest,
             " is not in this clone, which was made without all of its files; type "
             "`git show %.7s:d/crlf` to fetch it, or clone without --filter",
             at.commit);
    assert_refused(ERR_UNDECIDED, "d/crlf", rest);
    assert_int_equal(list_at("d"), 0);
    scene_run("git -C c show %.7s:d/crlf", at.commit);
    assert_int_equal(read_at("d/crlf", 100), 0);
    assert_true(at.found);
}

static void test_tree__a_broken_object(void **state)
{
    (void)state;
    scene_run("f=$(git -C r rev-parse HEAD:d/crlf); cd r/.git/objects; f=$(echo $f | cut -c1-2)/"
              "$(echo $f | cut -c3-); chmod u+w $f; echo rubbish >$f");
    assert_int_equal(read_at("d/crlf", 100), -1);
    assert_int_equal(at.err.code, ERR_IO);
    assert_non_null(strstr(at.err.text, "cannot read 'd/crlf' at "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_tree__reads_a_file),        TEST(test_tree__bytes_are_the_blobs),
        TEST(test_tree__what_is_not_there),   TEST(test_tree__refuses_links),
        TEST(test_tree__refuses_other_kinds), TEST(test_tree__refuses_a_huge_blob),
        TEST(test_tree__lists_a_directory),   TEST(test_tree__a_blob_that_the_clone_lacks),
        TEST(test_tree__a_broken_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
