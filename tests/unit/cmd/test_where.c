#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cmd/where.h"

/* A repository with a directory in it, below a directory that has a second name. The working
 * directory is `repo/below`. */
static int enter(void **state)
{
    char *path = strdup(P_tmpdir "/perfgate-where-XXXXXX");
    *state = path;
    unsetenv("GIT_DIR");
    return path && mkdtemp(path) && chdir(path) == 0 &&
                   system("git init -q repo && mkdir repo/below && ln -s . alias") == 0 &&
                   chdir("repo/below") == 0
               ? 0
               : -1;
}

static int leave(void **state)
{
    char command[200];
    snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
    int status = chdir("/") == 0 && system(command) == 0 ? 0 : -1;
    free(*state);
    return status;
}

/* `expected` NULL: outside. */
static void assert_in_tree(const char *path, const char *expected)
{
    struct where where;
    struct err err = {0};
    assert_int_equal(where_open(&where, &err), 0);
    const char *found = where_in_tree(&where, path);
    if (expected) {
        assert_non_null(found);
        assert_string_equal(found, expected);
    } else {
        assert_null(found);
    }
    where_release(&where);
}

static void test_where__relative_paths(void **state)
{
    (void)state;
    assert_in_tree("s.json", "below/s.json");
    assert_in_tree("./a//b/../s.json", "below/a/s.json");
    assert_in_tree("../s.json", "s.json");
    assert_in_tree("../../repo/s.json", "s.json");
    assert_in_tree("../../s.json", NULL);
    assert_in_tree("../../../../../../../s.json", NULL);
    assert_in_tree("..", NULL);
    assert_in_tree("", "below");
}

static void test_where__absolute_paths(void **state)
{
    char path[200];
    snprintf(path, sizeof path, "%s/repo/below/s.json", (char *)*state);
    assert_in_tree(path, "below/s.json");
    snprintf(path, sizeof path, "%s/alias/repo/s.json", (char *)*state);
    assert_in_tree(path, "s.json");
    snprintf(path, sizeof path, "%s/repository/s.json", (char *)*state);
    assert_in_tree(path, NULL);
    assert_in_tree("/", NULL);
}

static void test_where__links_below_the_top_are_kept(void **state)
{
    (void)state;
    assert_int_equal(symlink("..", "up"), 0);
    assert_in_tree("up/s.json", "below/up/s.json");
}

static void test_where__no_repository(void **state)
{
    (void)state;
    assert_int_equal(chdir("../.."), 0);
    assert_in_tree("repo/s.json", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_where__relative_paths),
        TEST(test_where__absolute_paths),
        TEST(test_where__links_below_the_top_are_kept),
        TEST(test_where__no_repository),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
