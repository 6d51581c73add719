#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

/* A directory of the test's own; every path of the tests lies in it. */
struct place {
    char directory[32];
    struct buf path, content;
    struct err err;
};

static const char *path_of(struct place *place, const char *name)
{
    buf_reset(&place->path);
    buf_addf(&place->path, "%s/%s", place->directory, name);
    return buf_text(&place->path);
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    if (!place)
        return -1;
    strcpy(place->directory, "/tmp/test_fs.XXXXXX");
    *state = place;
    return mkdtemp(place->directory) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    struct buf command = {0};
    buf_addf(&command, "rm -rf '%s'", place->directory);
    int status = system(buf_text(&command));
    buf_release(&command);
    buf_release(&place->path);
    buf_release(&place->content);
    free(place);
    return status;
}

static int count_entries(const struct place *place)
{
    int count = 0;
    DIR *dir = opendir(place->directory);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void test_fs__reads_back_what_it_wrote(void **state)
{
    struct place *place = *state;
    const char *path = path_of(place, "a");
    assert_int_equal(fs_write(path, "a\0b", 3, &place->err), 0);
    assert_int_equal(fs_write(path, "c\0de", 4, &place->err), 0);
    assert_int_equal(fs_read(path, 4, &place->content, &place->err), 0);
    assert_int_equal(place->content.len, 4);
    assert_memory_equal(place->content.data, "c\0de", 5);
    assert_int_equal(count_entries(place), 1); /* no temporary file is left */
}

static void test_fs__creates_by_umask_and_keeps_a_mode(void **state)
{
    struct place *place = *state;
    const char *path = path_of(place, "a");
    struct stat status;
    mode_t old = umask(027);
    assert_int_equal(fs_write(path, "x", 1, &place->err), 0);
    umask(old);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(fs_write(path, "y", 1, &place->err), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void test_fs__steps_over_a_file_left_behind(void **state)
{
    struct place *place = *state;
    struct buf left = {0};
    buf_addf(&left, "%s/a.%ld-0.tmp", place->directory, (long)getpid());
    assert_int_equal(fs_write(buf_text(&left), "old", 3, &place->err), 0);
    assert_int_equal(fs_write(path_of(place, "a"), "first", 5, &place->err), 0);
    assert_int_equal(fs_write(path_of(place, "a"), "new", 3, &place->err), 0); /* replaces */
    assert_int_equal(fs_read(buf_text(&left), 9, &place->content, &place->err), 0);
    assert_string_equal(buf_text(&place->content), "old");
    buf_release(&left);
}

static void test_fs__refuses_more_than_the_limit(void **state)
{
    struct place *place = *state;
    const char *path = path_of(place, "a");
    assert_int_equal(fs_write(path, "12345", 5, &place->err), 0);
    assert_int_equal(fs_read(path, 4, &place->content, &place->err), -1);
    assert_int_equal(place->err.code, ERR_INPUT);
    assert_non_null(strstr(place->err.text, "/a' is larger than 4 bytes"));
}

static void test_fs__names_what_it_cannot_use(void **state)
{
    struct place *place = *state;
    assert_int_equal(fs_read(path_of(place, "none"), 9, &place->content, &place->err), -1);
    assert_non_null(strstr(place->err.text, "/none': No such file"));
    place->err.code = ERR_NONE;
    assert_int_equal(fs_read(place->directory, 9, &place->content, &place->err), -1);
    assert_non_null(strstr(place->err.text, place->directory));
    assert_non_null(strstr(place->err.text, "directory"));
    place->err.code = ERR_NONE;
    assert_int_equal(fs_write(place->directory, "x", 1, &place->err), -1);
    assert_non_null(strstr(place->err.text, "it is a directory; name a file"));
    place->err.code = ERR_NONE;
    assert_int_equal(fs_write(path_of(place, "none/a"), "x", 1, &place->err), -1);
    assert_non_null(strstr(place->err.text, "/none/a': No such file"));
}

static void test_fs__makes_directories(void **state)
{
    struct place *place = *state;
    const char *path = path_of(place, "a/b/c");
    struct stat status;
    assert_int_equal(fs_make_dirs(path, &place->err), 0);
    assert_int_equal(fs_make_dirs(path, &place->err), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_true(S_ISDIR(status.st_mode));
    assert_int_equal(fs_write(path_of(place, "a/file"), "x", 1, &place->err), 0);
    assert_int_equal(fs_make_dirs(path_of(place, "a/file/b"), &place->err), -1);
    assert_non_null(strstr(place->err.text, "/a/file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fs__reads_back_what_it_wrote, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fs__creates_by_umask_and_keeps_a_mode, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_fs__steps_over_a_file_left_behind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fs__refuses_more_than_the_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fs__names_what_it_cannot_use, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fs__makes_directories, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
