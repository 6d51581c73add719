#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/utf8.h"

static void test_utf8__decodes_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        uint32_t code;
        size_t length;
    } cases[] = {
        {"", 0, 0},
        {"a", 'a', 1},
        {"\xc3\xa9", 0xe9, 2},
        {"\xe2\x82\xac", 0x20ac, 3},
        {"\xf0\x9f\x98\x80", 0x1f600, 4},
        {"\xc0\xaf", UTF8_INVALID, 1},         /* overlong */
        {"\xe0\x80\xaf", UTF8_INVALID, 1},     /* overlong */
        {"\xed\xa0\x80", UTF8_INVALID, 1},     /* surrogate */
        {"\xf4\x90\x80\x80", UTF8_INVALID, 1}, /* beyond U+10FFFF */
        {"\x80", UTF8_INVALID, 1},
        {"\xe2\x82", UTF8_INVALID, 1}, /* cut */
        {"\xff", UTF8_INVALID, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *at = cases[i].bytes;
        assert_int_equal(utf8_next(&at), cases[i].code);
        assert_int_equal(at - cases[i].bytes, cases[i].length);
    }
}

static void test_utf8__measures_columns(void **state)
{
    (void)state;
    assert_int_equal(utf8_width("abc"), 3);
    assert_int_equal(utf8_width("é"), 1);
    assert_int_equal(utf8_width("e\xcc\x81"), 1); /* with a combining acute */
    assert_int_equal(utf8_width("論壇"), 4);
    assert_int_equal(utf8_width("\xf0\x9f\x98\x80"), 2);
    assert_int_equal(utf8_width("\xff\xfe"), 2);
}

static void expect_safe(const char *text, const char *expected)
{
    struct buf out = {0};
    utf8_add_safe(&out, text);
    assert_string_equal(buf_text(&out), expected);
    buf_release(&out);
}

static void test_utf8__makes_what_hides_visible(void **state)
{
    (void)state;
    expect_safe("GET /forum/é", "GET /forum/é");
    expect_safe("a\nb\tc\033[31m", "a<U+000A>b<U+0009>c<U+001B>[31m");
    expect_safe("a\xe2\x80\xae"
                "b",
                "a<U+202E>b"); /* right-to-left override */
    expect_safe("a\xe2\x80\x8b\xef\xbb\xbf\xc2\x9b", "a<U+200B><U+FEFF><U+009B>");
    expect_safe("a\xff", "a\\xff");
    expect_safe("o\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
                "o\xcc\x81\xcc\x81\xcc\x81\xcc\x81<U+0301>");
}

static void expect_shortened(const char *text, size_t max, const char *expected)
{
    struct buf out = {0};
    utf8_add_shortened(&out, text, max);
    assert_string_equal(buf_text(&out), expected);
    assert_true(!max || utf8_width(buf_text(&out)) <= max);
    buf_release(&out);
}

static void test_utf8__cuts_in_the_middle(void **state)
{
    (void)state;
    expect_shortened("abcdefghij", 10, "abcdefghij");
    expect_shortened("abcdefghij", 0, "abcdefghij");
    expect_shortened("abcdefghij", 7, "abc…hij");
    expect_shortened("abcdefghij", 6, "abc…ij");
    expect_shortened("éàèìòùéàèì", 5, "éà…èì");
    expect_shortened("論壇論壇論壇", 7, "論…壇");
    expect_shortened("論壇論壇論壇", 6, "論…壇");
    expect_shortened("abc", 1, "…");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8__decodes_strictly),
        cmocka_unit_test(test_utf8__measures_columns),
        cmocka_unit_test(test_utf8__makes_what_hides_visible),
        cmocka_unit_test(test_utf8__cuts_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
