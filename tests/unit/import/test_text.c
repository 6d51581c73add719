#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "import/rows.h"
#include "import/text.h"

static struct span span(const char *text)
{
    return (struct span){text, strlen(text)};
}

static void test_text__counts_up_to_a_limit(void **state)
{
    (void)state;
    static const char *const none[] = {"",   "-1",  "1.0",  " 1",
                                       "1 ", "0x1", "1001", "9999999999999999999999"};
    int64_t value = 7;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(text_count(span(none[i]), "n", 1000, &value, NULL), -1);
    assert_int_equal(value, 7);
    assert_int_equal(text_count(span("1000"), "n", 1000, &value, NULL), 0);
    assert_int_equal(value, 1000);
    assert_int_equal(text_count(span("9223372036854775807"), "n", INT64_MAX, &value, NULL), 0);
    assert_true(value == INT64_MAX);
    assert_int_equal(text_count(span("9223372036854775808"), "n", INT64_MAX, &value, NULL), -1);
    struct err err = {0};
    assert_int_equal(text_count(span("1001"), "n", 1000, &value, &err), -1);
    assert_string_equal(err.text, "n: expected a whole number up to 1000, found '1001'");
    err = (struct err){0};
    assert_int_equal(text_count(span("99999999999999999999"), "n", INT64_MAX, &value, &err), -1);
    assert_string_equal(err.text, "n: expected a whole number up to 9223372036854775807, found "
                                  "'99999999999999999999'");
    err = (struct err){0};
    assert_int_equal(text_count(span("1001x"), "n", 1000, &value, &err), -1);
    assert_string_equal(err.text, "n: expected a whole number, found '1001x'");
}

static void test_text__knows_a_time_with_its_offset(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
    } cases[] = {
        {"2023-11-14T22:13:20Z", 1700000000},     {"2023/11/14 22:13:20", 1700000000},
        {"2023.11.14 22:13:20,000", 1700000000},  {"2023-11-15T03:43:20+05:30", 1700000000},
        {"2023-11-14T18:43:20-0330", 1700000000},
    };
    static const char *const none[] = {
        "",
        "2023-11-14",
        "2023-13-14T22:13:20Z",
        "2023-11-32T22:13:20Z",
        "2023-11-14T24:13:20Z",
        "2023-11-14T22:13:61Z",
        "2023-11-14T22:13:20+5",
        "2023-11-14T22:13:20Zx",
        "1969-11-14T22:13:20Z",
        "2300-11-14T22:13:20Z",
        "14/11/2023 22:13:20",
        "2023-11-14T22:13:20.0000000000000000000000000000000000001Z",
    };
    int64_t ns;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(text_time(span(cases[i].text), &ns));
        assert_int_equal(ns, cases[i].seconds * INT64_C(1000000000));
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (text_time(span(none[i]), &ns))
            fail_msg("'%s' is taken for a time", none[i]);
    assert_true(text_time(span("2023-11-14T22:13:20.123456789123Z"), &ns));
    assert_int_equal(ns % 1000000000, 123456789);
}

static void test_text__knows_a_whole_second(void **state)
{
    (void)state;
    assert_true(text_is_whole(span("2023.11.14 22:13:20+01:00")));
    assert_true(text_is_whole(span("1700000000")));
    assert_false(text_is_whole(span("2023.11.14 22:13:20.5+01:00")));
    assert_false(text_is_whole(span("2023-11-14 22:13:20,5")));
    assert_false(text_is_whole(span("1700000000.5")));
}

static void test_text__knows_the_path_of_a_url(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"http://h:1/forum?page=1", "/forum"},
                                           {"http://h", "/"},
                                           {"https://h?next=/a", "/"},
                                           {"http://h/a#b?c", "/a"},
                                           {"/a?u=http", "/a"},
                                           {"/a?u=http://h/b", "/a"},
                                           {"?u=http://h/b", "/"},
                                           {"h:1/a#http://h/b", "/a"},
                                           {"h:1/a/b", "/a/b"},
                                           {"http://", "/"},
                                           {"", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span path = text_path(span(cases[i][0]));
        assert_true(text_equals(path, cases[i][1]));
    }
}

static void test_text__is_made_fit_and_short(void **state)
{
    (void)state;
    struct buf out = {0};
    text_add_clean(&out, (struct span){"a\0b\xff", 4}, 100);
    assert_string_equal(buf_text(&out), "a\xef\xbf\xbd"
                                        "b\xef\xbf\xbd");
    buf_reset(&out);
    text_add_clean(&out, span("abcdef"), 3);
    assert_string_equal(buf_text(&out), "abc");
    buf_release(&out);
}

static void test_text__line_of_names(void **state)
{
    (void)state;
    struct span line = rows_first_line(span("\xef\xbb\xbf\"a\";b\r\nc"));
    assert_int_equal(line.len, 5);
    assert_true(rows_line_has(line, ';', "A"));
    assert_true(rows_line_has(line, ';', "b"));
    assert_false(rows_line_has(line, ';', "c"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text__counts_up_to_a_limit),
        cmocka_unit_test(test_text__knows_a_time_with_its_offset),
        cmocka_unit_test(test_text__knows_a_whole_second),
        cmocka_unit_test(test_text__knows_the_path_of_a_url),
        cmocka_unit_test(test_text__is_made_fit_and_short),
        cmocka_unit_test(test_text__line_of_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
