#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "load/cookie.h"

#define NOW_S INT64_C(1795000000) /* 18 Nov 2026 */

static struct span span_of(const char *text)
{
    return (struct span){text, strlen(text)};
}

static void set(struct cookie_jar *jar, const char *field, const char *path)
{
    cookie_jar_set(jar, span_of(field), span_of(path), NOW_S);
}

static void assert_sent(const struct cookie_jar *jar, const char *path, bool is_secure,
                        const char *expected)
{
    struct buf out = {0};
    buf_add_str(&out, path);
    cookie_jar_add_header(jar, 0, out.len, is_secure, &out);
    assert_string_equal(buf_text(&out) + strlen(path), expected);
    buf_release(&out);
}

/* What one field leaves in a jar that already holds old=1, asked for at /a/b?q. */
static void check_field(const char *field, const char *expected)
{
    struct cookie_jar jar = {0};
    set(&jar, "old=1", "/");
    set(&jar, field, "/");
    struct buf out = {0};
    buf_add_str(&out, "GET /a/b?q");
    cookie_jar_add_header(&jar, 4, 6, false, &out);
    const char *found = buf_text(&out) + 10;
    if (strcmp(found, expected) != 0)
        fail_msg("'%s': expected '%s', found '%s'", field, expected, found);
    buf_release(&out);
    cookie_jar_release(&jar);
    cookie_jar_release(&jar);
}

static void test_cookie__reads_set_cookie(void **state)
{
    static const struct {
        const char *field, *expected;
    } rows[] = {
        {"SID=31d4d96e407aad42", "Cookie: old=1; SID=31d4d96e407aad42\r\n"},
        {"SID=31d4; Path=/; Domain=example.com; HttpOnly", "Cookie: old=1; SID=31d4\r\n"},
        {" a = b c ; path=/", "Cookie: old=1; a=b c\r\n"},
        {"a=\"q=;x\"", "Cookie: old=1; a=\"q=\r\n"},
        {"a=", "Cookie: old=1; a=\r\n"},
        {"=b", "Cookie: old=1\r\n"},
        {"no pair", "Cookie: old=1\r\n"},
        {"", "Cookie: old=1\r\n"},
        {";a=b", "Cookie: old=1\r\n"},
        {"old=2", "Cookie: old=2\r\n"},
        {"old=2; Max-Age=60", "Cookie: old=2\r\n"},
        {"old=2; Max-Age=0", ""},
        {"old=2; max-age=-5", ""},
        {"old=2; Max-Age=", "Cookie: old=2\r\n"},
        {"old=2; Max-Age=-", "Cookie: old=2\r\n"},
        {"old=2; Max-Age=0x", "Cookie: old=2\r\n"},
        {"old=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", ""},
        {"old=; Expires=Thu, 01-Jan-70 00:00:01 GMT", ""},
        {"old=; expires=Sunday, 06-Nov-94 08:49:37 GMT", ""},
        {"old=; Expires=Sun Nov  6 08:49:37 1994", ""},
        {"old=2; Expires=Wed, 09 Jun 2066 10:18:14 GMT", "Cookie: old=2\r\n"},
        {"old=2; Expires=Wed, 09 Jun 2021 10:18:14 GMT", ""},
        {"old=2; Expires=Wed, 18 Nov 2026 11:06:39 GMT", ""},
        {"old=2; Expires=Wed, 18 Nov 2026 11:06:41 GMT", "Cookie: old=2\r\n"},
        {"old=2; Expires=Wed, 09-Jun-66 10:18:14 GMT", "Cookie: old=2\r\n"},
        {"old=2; Expires=never", "Cookie: old=2\r\n"},
        {"old=2; Expires=99 Foo 1970 00:00:00", "Cookie: old=2\r\n"},
        {"old=2; Expires=01 Jan 1970 25:00:00", "Cookie: old=2\r\n"},
        {"old=2; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Cookie: old=2\r\n"},
        {"old=2; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60", "Cookie: old=2\r\n"},
        {"new=2; Max-Age=0", "Cookie: old=1\r\n"},
        {"new=2; Secure", "Cookie: old=1\r\n"},
        {"new=2; Path=/a", "Cookie: new=2; old=1\r\n"},
        {"new=2; Path=/a/", "Cookie: new=2; old=1\r\n"},
        {"new=2; Path=/a/b", "Cookie: new=2; old=1\r\n"},
        {"new=2; Path=/a/bc", "Cookie: old=1\r\n"},
        {"new=2; Path=/a/b/", "Cookie: old=1\r\n"},
        {"new=2; Path=/x", "Cookie: old=1\r\n"},
        {"new=2; Path=/x; Path=/", "Cookie: old=1; new=2\r\n"},
        {"new=2; Path=", "Cookie: old=1; new=2\r\n"},
        {"new=2; Path=a", "Cookie: old=1; new=2\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_field(rows[i].field, rows[i].expected);
}

static void test_cookie__derives_the_default_path(void **state)
{
    struct cookie_jar jar = {0};
    (void)state;
    set(&jar, "a=1", "/forum/thread?next=/x/y");
    set(&jar, "b=2", "/login");
    assert_sent(&jar, "/forum", false, "Cookie: a=1; b=2\r\n");
    assert_sent(&jar, "/forum/x", false, "Cookie: a=1; b=2\r\n");
    assert_sent(&jar, "/forumx", false, "Cookie: b=2\r\n");
    assert_sent(&jar, "/?forum", false, "Cookie: b=2\r\n");
    cookie_jar_release(&jar);
}

static void test_cookie__orders_by_path_then_age(void **state)
{
    struct cookie_jar jar = {0};
    (void)state;
    set(&jar, "a=1; Path=/", "/");
    set(&jar, "b=2; Path=/x/y", "/");
    set(&jar, "c=3; Path=/x", "/");
    set(&jar, "d=4; Path=/", "/");
    set(&jar, "a=5; Path=/x", "/");
    set(&jar, "a=a longer value; Path=/", "/");
    assert_int_equal(jar.count, 5);
    assert_sent(&jar, "/x/y", false, "Cookie: b=2; c=3; a=5; a=a longer value; d=4\r\n");
    set(&jar, "a=; Path=/; Max-Age=0", "/");
    assert_sent(&jar, "/x/y", false, "Cookie: b=2; c=3; a=5; d=4\r\n");
    cookie_jar_release(&jar);
    assert_sent(&jar, "/x/y", false, "");
}

static void test_cookie__honours_secure(void **state)
{
    struct cookie_jar jar = {0};
    (void)state;
    set(&jar, "a=1; Secure; Path=/", "/");
    assert_sent(&jar, "/", false, "");
    assert_sent(&jar, "/", true, "Cookie: a=1\r\n");
    cookie_jar_release(&jar);
}

static void test_cookie__takes_all_fields_of_a_head(void **state)
{
    struct cookie_jar jar = {0};
    struct span value;
    (void)state;
    cookie_jar_set_all(&jar,
                       span_of("HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX: y\r\nset-cookie:b=2\r\n"
                               "\r\n"),
                       span_of("/"), NOW_S);
    assert_sent(&jar, "/", false, "Cookie: a=1; b=2\r\n");
    assert_true(cookie_jar_find(&jar, "b", &value));
    assert_int_equal(value.len, 1);
    assert_memory_equal(value.at, "2", 1);
    assert_false(cookie_jar_find(&jar, "B", &value));
    cookie_jar_release(&jar);
    assert_false(cookie_jar_find(&jar, "b", &value));
}

static void test_cookie__bounds_the_jar(void **state)
{
    struct cookie_jar jar = {0};
    struct buf field = {0};
    (void)state;
    for (int i = 0; i < 100; i++) {
        buf_reset(&field);
        buf_addf(&field, "c%d=x", i);
        set(&jar, buf_text(&field), "/");
    }
    assert_int_equal(jar.count, COOKIE_COUNT_LIMIT);
    set(&jar, "c3=y; Max-Age=0", "/");
    assert_int_equal(jar.count, COOKIE_COUNT_LIMIT - 1);
    buf_reset(&field);
    buf_add_str(&field, "big=");
    buf_add_repeat(&field, 'x', COOKIE_SIZE_LIMIT - 4);
    set(&jar, buf_text(&field), "/");
    assert_int_equal(jar.count, COOKIE_COUNT_LIMIT);
    cookie_jar_release(&jar);
    buf_add_char(&field, 'x');
    set(&jar, buf_text(&field), "/");
    assert_int_equal(jar.count, 0);
    buf_release(&field);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cookie__reads_set_cookie),
        cmocka_unit_test(test_cookie__derives_the_default_path),
        cmocka_unit_test(test_cookie__orders_by_path_then_age),
        cmocka_unit_test(test_cookie__honours_secure),
        cmocka_unit_test(test_cookie__takes_all_fields_of_a_head),
        cmocka_unit_test(test_cookie__bounds_the_jar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
