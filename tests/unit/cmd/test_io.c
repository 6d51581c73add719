#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "cmd/io.h"

/* A scratch directory for each test, which becomes the working directory. */
static int enter_scratch(void **state)
{
    char *path = strdup(P_tmpdir "/perfgate-io-XXXXXX");
    *state = path;
    return path && mkdtemp(path) && chdir(path) == 0 ? 0 : -1;
}

static int leave_scratch(void **state)
{
    char *path = *state;
    unlink("old");
    unlink("link");
    int status = chdir("/") == 0 && rmdir(path) == 0 ? 0 : -1;
    free(path);
    return status;
}

static void write_text(const char *path, const char *text)
{
    struct err err = {0};
    assert_int_equal(fs_write(path, text, strlen(text), &err), 0);
}

static void test_io__clear_removes_an_old_product(void **state)
{
    (void)state;
    struct err err = {0};
    static const char *const inputs[] = {"other", "-"};
    write_text("old", "x");
    assert_int_equal(io_clear("old", inputs, 2, &err), 0);
    assert_int_equal(access("old", F_OK), -1);
    assert_int_equal(io_clear("old", inputs, 2, &err), 0); /* nothing there */
    assert_int_equal(io_clear("-", inputs, 2, &err), 0);
}

static void test_io__clear_spares_an_input_by_any_name(void **state)
{
    (void)state;
    struct err err = {0};
    static const char *const inputs[] = {"link"};
    write_text("old", "x");
    assert_int_equal(symlink("old", "link"), 0);
    assert_int_equal(io_clear("./old", inputs, 1, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_string_equal(err.text, "'link' would be replaced by the result; name another file");
    assert_int_equal(access("old", F_OK), 0);
}

static void test_io__clear_leaves_what_is_no_regular_file(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(io_clear("/dev/null", NULL, 0, &err), 0);
    assert_int_equal(io_clear(".", NULL, 0, &err), 0);
    assert_int_equal(access("/dev/null", F_OK), 0);
}

static void test_io__names_the_base_side(void **state)
{
    (void)state;
    struct buf out = {0};
    io_add_base_path(&out, "a/X.json");
    assert_string_equal(buf_text(&out), "a/X.base.json");
    buf_reset(&out);
    io_add_base_path(&out, "X");
    assert_string_equal(buf_text(&out), "X.base");
    buf_reset(&out);
    io_add_base_path(&out, ".json");
    assert_string_equal(buf_text(&out), ".base.json");
    buf_release(&out);
}

static void test_io__colour_is_for_terminals(void **state)
{
    (void)state;
    int fd = open("/dev/null", O_WRONLY);
    assert_true(fd >= 0);
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    assert_false(io_color(fd));
    close(fd);
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0) /* a sandbox without pseudo-terminals */
        skip();
    assert_true(io_color(terminal));
    setenv("NO_COLOR", "", 1);
    assert_true(io_color(terminal));
    setenv("NO_COLOR", "1", 1);
    assert_false(io_color(terminal));
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    assert_false(io_color(terminal));
    close(terminal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_io__clear_removes_an_old_product, enter_scratch,
                                        leave_scratch),
        cmocka_unit_test_setup_teardown(test_io__clear_spares_an_input_by_any_name, enter_scratch,
                                        leave_scratch),
        cmocka_unit_test(test_io__clear_leaves_what_is_no_regular_file),
        cmocka_unit_test(test_io__names_the_base_side),
        cmocka_unit_test(test_io__colour_is_for_terminals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
