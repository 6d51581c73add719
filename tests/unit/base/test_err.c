#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/err.h"

static void test_err__keeps_the_first(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set(&err, ERR_INPUT, "first %d", 1), -1);
    assert_int_equal(err_set(&err, ERR_IO, "second"), -1);
    assert_int_equal(err_set_errno(&err, ENOENT, "third"), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, "first 1");
}

static void test_err__takes_null(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_IO, "x"), -1);
    assert_int_equal(err_set_errno(NULL, EIO, "x"), -1);
    assert_int_equal(err_prefix(NULL, "x"), -1);
}

static void test_err__prefixes_what_it_holds(void **state)
{
    (void)state;
    struct err err = {0};
    err_prefix(&err, "suite: ");
    assert_int_equal(err.code, ERR_NONE);
    assert_string_equal(err.text, "");
    err_set_errno(&err, ENOENT, "cannot open '%s'", "a");
    err_prefix(&err, "suite '%s': ", "s");
    assert_int_equal(err.code, ERR_IO);
    assert_string_equal(err.text, "suite 's': cannot open 'a': No such file or directory");
}

static void test_err__shows_control_bytes(void **state)
{
    (void)state;
    struct err err = {0};
    err_set(&err, ERR_INPUT, "name '%s'", "a\x1b[31m\nb\x7f");
    assert_string_equal(err.text, "name 'a\\x1b[31m\\x0ab\\x7f'");
}

static void test_err__cuts_between_characters(void **state)
{
    (void)state;
    struct err err = {0};
    char text[3000];
    for (size_t i = 0; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa9", 3);
    err_set(&err, ERR_INPUT, "x%s", text);
    size_t length = strlen(err.text);
    assert_in_range(length, sizeof err.text - 8, sizeof err.text - 1);
    assert_int_equal((unsigned char)err.text[length - 1], 0xa9);
    err_prefix(&err, "%s", text);
    assert_int_equal((unsigned char)err.text[strlen(err.text) - 1], 0xa9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err__keeps_the_first),
        cmocka_unit_test(test_err__takes_null),
        cmocka_unit_test(test_err__prefixes_what_it_holds),
        cmocka_unit_test(test_err__shows_control_bytes),
        cmocka_unit_test(test_err__cuts_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
