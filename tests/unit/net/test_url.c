#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/url.h"

/* "authority path" of a URL, or the message. */
static const char *show(int failed, struct url *url, struct err *err, struct buf *out)
{
    buf_reset(out);
    if (failed) {
        buf_add_str(out, err->text);
        assert_null(url->host);
        return buf_text(out);
    }
    url_add_authority(url, out);
    buf_addf(out, " %s %s %u", url->path, url->host, (unsigned)url->port);
    url_release(url);
    return buf_text(out);
}

static void test_url__takes_a_url_apart(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"http://127.0.0.1:8080", "127.0.0.1:8080 / 127.0.0.1 8080"},
        {"http://Example.ORG/a/b?c=d&e#f", "example.org /a/b?c=d&e example.org 80"},
        {"HTTP://x:80/", "x / x 80"},
        {"http://x?q", "x /?q x 80"},
        {"http://x/?", "x /? x 80"},
        {"http://x/a/./b/../c", "x /a/c x 80"},
        {"http://[::1]:81/x", "[::1]:81 /x ::1 81"},
        {"http://[2001:DB8::1]", "[2001:db8::1] / 2001:db8::1 80"},
        {"http://x/%41%2f%zz%4", "x /%41%2f%25zz%254 x 80"},
        {"http://x/\xc3\xa9|{}^`\"<>\\[1]?\xc3\xa9[]=|&\"%",
         "x /%c3%a9%7c%7b%7d%5e%60%22%3c%3e%5c%5b1%5d?%c3%a9%5b%5d=%7c&%22%25 x 80"},
        {"http://x/a:b;c=d@e,f!$&'()*+~._-?/?:@", "x /a:b;c=d@e,f!$&'()*+~._-?/?:@ x 80"},
        {"http://x?a=http://y/[/@z", "x /?a=http://y/%5b/@z x 80"},
        {"http://x/${id}?q=${name}", "x /$%7bid%7d?q=$%7bname%7d x 80"},
        {"http://x#a@b:c", "x / x 80"},
        {"http://x//a//b/", "x //a//b/ x 80"},
        {"http://x/..//../a/..", "x / x 80"},
        {"http://x/.//a", "x //a x 80"},
        {"http://x/%2e%2E/a", "x /%2e%2E/a x 80"},
        {"http://x:/a", "x /a x 80"},
        {"http://x:00081/a", "x:81 /a x 81"},
        {"http://X-1.y_z.:65535", "x-1.y_z.:65535 / x-1.y_z. 65535"},
        {"http://0:1", "0.0.0.0:1 / 0.0.0.0 1"},
        {"http://0x7f.1", "127.0.0.1 / 127.0.0.1 80"},
        {"http://2130706433/", "127.0.0.1 / 127.0.0.1 80"},
        {"http://256.1.1.1", "256.1.1.1 / 256.1.1.1 80"},
        {"http://[::FFFF:127.0.0.1]", "[::ffff:127.0.0.1] / ::ffff:127.0.0.1 80"},
        {"http://[0001:02:0:0:0:0:0:3]", "[1:2::3] / 1:2::3 80"},
        {"https://x", "x / x 443"},
        {"https://x:80/a", "x:80 /a x 80"},
        {"https://x:443", "x / x 443"},
        {"unix:/run/app.sock", "localhost / localhost 80"},
        {"unix:a b:c.sock:/x?y=:/z#top", "localhost /x?y=:/z localhost 80"},
    };
    struct buf out = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct url url;
        struct err err = {0};
        int failed = url_parse(rows[i].text, "--host", &url, &err);
        assert_string_equal(show(failed, &url, &err, &out), rows[i].expected);
    }
    buf_release(&out);
}

#define TEN "0123456789"

static const struct {
    const char *text, *expected;
} refused[] = {
    {"ftp://x", "--host: expected a http:// or https:// URL, found the scheme 'ftp'"},
    {"localhost:8080", "--host: expected a URL such as http://127.0.0.1:8080, found "
                       "'localhost:8080'"},
    {"", "--host: expected a URL such as"},
    {"/path", "--host: expected a URL such as"},
    {"http://", "--host: expected a URL such as"},
    {"http://a b/", "--host: expected a URL such as"},
    {"http://x:0/", "--host: expected a port from 1 to 65535"},
    {"http://x:65536/", "--host: expected a URL such as"},
    {"http://x:-1/", "--host: expected a URL such as"},
    {"http://[::1/", "--host: expected a URL such as"},
    {"http://[::1%25eth0]/", "--host: IPv6 zones are not supported"},
    {"http://b\xc3\xbc"
     "cher.de/",
     "--host: the URL's host holds a character that no host name has"},
    {"http:/166%%%33/", "--host: expected a URL such as http://127.0.0.1:8080, found "
                        "'http:/166%%%33/' (it has no host)"},
    {"http://user@x/", "--host: the URL holds a user name or password: give it as \"auth\" in "
                       "a scenario"},
    {"http://:secret@x/", "--host: the URL holds a user name or password"},
    {"http://@x/", "--host: the URL holds a user name or password"},
    {"http://a.test\\@x/", "--host: the URL holds a user name or password"},
    {"http://u|\xc3\xa9:secret@x/", "--host: the URL holds a user name or password"},
    {"http://u:secret@y@x/", "--host: expected a URL such as http://127.0.0.1:8080, found '…'"},
    {"http://[::1%25e:secret@x/", "--host: IPv6 zones are not supported"},
    {"http://[fe80::1%eth0]:80/", "--host: IPv6 zones are not supported"},
    {"http://[v1.x]/", "--host: expected a URL such as"},
    {"http://[]/", "--host: expected a URL such as"},
    {"http://[::1]x/", "--host: expected a URL such as"},
    {"http://[1:2:3:4:5:6:7:8:9]/", "--host: expected a URL such as"},
    {"http://[::1.2.3]/", "--host: expected a URL such as"},
    {"http://::1/", "--host: expected a URL such as"},
    {"http://x[1]/", "--host: expected a URL such as"},
    {"http://?x", "--host: expected a URL such as"},
    {"http://:80/", "--host: expected a URL such as"},
    {"http:///x", "--host: expected a URL such as"},
    {"http:x", "--host: expected a URL such as"},
    {"//x/", "--host: expected a URL such as"},
    {"://x/", "--host: expected a URL such as"},
    {"1http://x/", "--host: expected a URL such as"},
    {"ht|tp://x/", "--host: expected a URL such as"},
    {"mailto:a", "--host: expected a URL such as"},
    {"file:///etc/passwd", "--host: expected a URL such as"},
    {"httpss://x", "--host: expected a http:// or https:// URL, found the scheme 'httpss'"},
    {"http://x:80a/", "--host: expected a URL such as"},
    {"http://x:+80/", "--host: expected a URL such as"},
    {"http://x:18446744073709551696/", "--host: expected a URL such as"},
    {"http://x/a b", "--host: expected a URL such as http://127.0.0.1:8080, found 'http://x/a "
                     "b' (it holds a blank or a control character)"},
    {"http://x/\r\nHost: y", "--host: expected a URL such as"},
    {"http://x/\t", "--host: expected a URL such as"},
    {"http://x/\x7f", "--host: expected a URL such as"},
    {" http://x/", "--host: expected a URL such as"},
    {"http://x%2f/", "--host: the URL's host holds a character that no host name has"},
    {"http://%31", "--host: the URL's host holds a character that no host name has"},
    {"http://x\\y/", "--host: the URL's host holds a character that no host name has"},
    {"http://x|y/", "--host: the URL's host holds a character that no host name has"},
    {"http://u:secret@x:99999/", "--host: expected a URL such as http://127.0.0.1:8080, "
                                 "found '…'"},
    {"unix:", "--host: expected the path of a socket behind 'unix:', as in unix:/run/app.sock"},
    {"unix::/x", "--host: expected the path of a socket behind 'unix:'"},
    {"unix:/" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "1234567",
     "--host: the path of a Unix-domain socket has at most 107 bytes, this one has 108: use a "
     "shorter or a relative one"},
};

static void test_url__refuses_what_it_cannot_use(void **state)
{
    struct buf out = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct url url;
        struct err err = {0};
        int failed = url_parse(refused[i].text, "--host", &url, &err);
        const char *shown = show(failed, &url, &err, &out);
        if (!failed || strncmp(shown, refused[i].expected, strlen(refused[i].expected)) != 0)
            fail_msg("'%s': expected '%s', found '%s'", refused[i].text, refused[i].expected,
                     shown);
        assert_null(strstr(shown, "secret"));
    }
    buf_reset(&out);
    buf_add_str(&out, "http://x/");
    buf_add_repeat(&out, 'a', URL_LIMIT);
    struct url url;
    struct err err = {0};
    assert_int_equal(url_parse(buf_text(&out), "--host", &url, &err), -1);
    buf_release(&out);
}

/* Those with base http://a/b/c/d;p?q are from RFC 3986, 5.4. */
static const struct {
    const char *base, *path, *location, *expected;
} locations[] = {
    {"http://x:81", "/a?b", "/login?next=%2F", "x:81 /login?next=%2F x 81"},
    {"http://x:81", "/a?b", "/login#top", "x:81 /login x 81"},
    {"http://x:81", "/a?b", "/", "x:81 / x 81"},
    {"http://x:81", "/a?b", "http://X:81/z", "x:81 /z x 81"},
    {"http://x:81", "/a?b", "http://y", "y / y 80"},
    {"http://[::1]:81", "/a", "b", "[::1]:81 /b ::1 81"},
    {"http://x", "/a", "/with blank/\xc3\xa9?q=a b", "x /with%20blank/%c3%a9?q=a+b x 80"},
    {"http://x", "/a", "/\xc3\xa9|\"%?[]={x}%zz", "x /%c3%a9%7c%22%25?%5b%5d=%7bx%7d%25zz x 80"},
    {"http://x", "/a", "http://y/b|c", "y /b%7cc y 80"},
    {"http://x", "/a", "/a?b=/../c/.", "x /a?b=/../c/. x 80"},
    {"http://x", "/a", "/a/..", "x / x 80"},
    {"http://x", "/a", "/\\y/b", "x /%5cy/b x 80"},
    {"http://x", "/a", "\\\\y/b", "x /%5c%5cy/b x 80"},
    {"http://x", "/a", "/.//y/b", "x //y/b x 80"},
    {"http://x", "/a?b", "", "x /a?b x 80"},
    {"http://x", "/a?b", "#top", "x /a?b x 80"},
    {"http://x", "/a/{b} c/d", "e", "x /a/%7bb%7d%20c/e x 80"},
    {"http://x", "//a/b", "c", "x //a/c x 80"},
    {"http://x", "////./a", "b//./c", "x ////b//c x 80"},
    {"http://x", "/a/b", "2024-01-01T10:00", "x /a/2024-01-01T10:00 x 80"},
    {"http://x", "/a/b", ":80/[", "x /a/:80/%5b x 80"},
    {"http://x", "/a/b", "c?d:e", "x /a/c?d:e x 80"},
    {"http://x", "/a", "HTTPS://Y:443/b", "y /b y 443"},
    {"https://x", "/a", "//y:8443/b", "y:8443 /b y 8443"},
    {"http://a", "/b/c/d;p?q", "g", "a /b/c/g a 80"},
    {"http://a", "/b/c/d;p?q", "./g", "a /b/c/g a 80"},
    {"http://a", "/b/c/d;p?q", "g/", "a /b/c/g/ a 80"},
    {"http://a", "/b/c/d;p?q", "/g", "a /g a 80"},
    {"http://a", "/b/c/d;p?q", "//g", "g / g 80"},
    {"http://a", "/b/c/d;p?q", "?y", "a /b/c/d;p?y a 80"},
    {"http://a", "/b/c/d;p?q", "g?y", "a /b/c/g?y a 80"},
    {"http://a", "/b/c/d;p?q", "g#s", "a /b/c/g a 80"},
    {"http://a", "/b/c/d;p?q", ";x", "a /b/c/;x a 80"},
    {"http://a", "/b/c/d;p?q", "..", "a /b/ a 80"},
    {"http://a", "/b/c/d;p?q", "../g", "a /b/g a 80"},
    {"http://a", "/b/c/d;p?q", "../../../g", "a /g a 80"},
    {"http://a", "/b/c/d;p?q", "/./g", "a /g a 80"},
    {"http://a", "/b/c/d;p?q", "/../g", "a /g a 80"},
    {"http://x", "/", "https://x/", "x / x 443"},
    {"https://x:81", "/a", "b", "x:81 /b x 81"},
    {"https://x", "/a", "/b", "x /b x 443"},
    {"http://x", "/", "javascript://x",
     "Location: expected a http:// or https:// URL, found the scheme 'javascript'"},
    {"http://x", "/", "http://u:p@x/",
     "Location: the URL holds a user name or password: give it as \"auth\" in a scenario"},
    {"http://x", "/", "http://x:99999/", "Location: expected a URL"},
    {"http://x", "/", "http://[::1%25e]/",
     "Location: IPv6 zones are not supported: give a global address"},
    {"http://x", "/", "http:b", "Location: expected a URL"},
    {"http://x", "/", "///b", "Location: expected a URL"},
    {"http://x", "/", "mailto:a", "Location: expected a URL"},
    {"http://x", "/", "/a\r\nSet-Cookie: b", "Location: expected a URL"},
    {"http://x", "/", "/a\tb", "Location: expected a URL"},
    {"http://x", "/", "b\x7f", "Location: expected a URL"},
    {"http://x", "/", "/../\x01", "Location: expected a URL"},
};

static void test_url__resolves_locations(void **state)
{
    struct buf out = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(locations) / sizeof(locations[0]); i++) {
        struct url base, url;
        struct err err = {0};
        assert_int_equal(url_parse(locations[i].base, "base", &base, &err), 0);
        struct span path = {locations[i].path, strlen(locations[i].path)};
        struct span location = {locations[i].location, strlen(locations[i].location)};
        int failed = url_resolve(&base, path, location, &url, &err);
        assert_string_equal(show(failed, &url, &err, &out), locations[i].expected);
        url_release(&base);
    }
    buf_release(&out);
}

static void test_url__compares_origins(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {"http://x", "http://X:80/other", true},
        {"http://x", "http://x:81", false},
        {"http://x", "http://y", false},
        {"http://[::1]:5", "http://[0:0:0:0:0:0:0:1]:5", true},
        {"http://127.1", "http://127.0.0.1", true},
        {"http://[::ffff:127.0.0.1]", "http://127.0.0.1", false},
        {"http://x.", "http://x", false},
        {"http://x:443", "https://x", false},
        {"https://x:443", "https://X/y", true},
        {"unix:/a", "unix:/a:/b", true},
        {"unix:/a", "unix:/b", false},
        {"unix:/a", "http://localhost", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct url a, b;
        struct err err = {0};
        assert_int_equal(url_parse(rows[i].a, "a", &a, &err), 0);
        assert_int_equal(url_parse(rows[i].b, "b", &b, &err), 0);
        if (url_same_origin(&a, &b) != rows[i].same)
            fail_msg("'%s' and '%s'", rows[i].a, rows[i].b);
        url_release(&a);
        url_release(&b);
        url_release(&b);
    }
}

/* A service behind a socket leads to itself by the name that it is asked by. */
static void test_url__stays_on_a_socket(void **state)
{
    static const struct {
        const char *location;
        bool same;
    } rows[] = {
        {"/b", true},
        {"b", true},
        {"http://localhost/b", true},
        {"http://localhost:8080/b", false},
        {"https://localhost/b", false},
        {"http://x/b", false},
    };
    struct url base, url;
    struct err err = {0};
    (void)state;
    assert_int_equal(url_parse("unix:/run/app.sock", "base", &base, &err), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span location = {rows[i].location, strlen(rows[i].location)};
        assert_int_equal(url_resolve(&base, (struct span){"/a", 2}, location, &url, &err), 0);
        assert_int_equal(url_same_origin(&base, &url), rows[i].same);
        assert_string_equal(url.path, "/b");
        url_release(&url);
    }
    url_release(&base);
}

static void test_url__adds_the_origin(void **state)
{
    static const char *const rows[] = {"http://x", "https://x:8443", "http://[::1]:81",
                                       "unix:/run/app.sock"};
    struct buf out = {0}, with_path = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct url url;
        struct err err = {0};
        buf_reset(&out);
        buf_reset(&with_path);
        buf_addf(&with_path, "%s%s", rows[i], strncmp(rows[i], "unix:", 5) ? "/a" : ":/a");
        assert_int_equal(url_origin_length(buf_text(&with_path)), strlen(rows[i]));
        assert_int_equal(url_origin_length(rows[i]), strlen(rows[i]));
        assert_int_equal(url_parse(buf_text(&with_path), "--host", &url, &err), 0);
        url_add_origin(&url, &out);
        assert_string_equal(buf_text(&out), rows[i]);
        url_release(&url);
    }
    buf_release(&out);
    buf_release(&with_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_url__takes_a_url_apart),
        cmocka_unit_test(test_url__refuses_what_it_cannot_use),
        cmocka_unit_test(test_url__resolves_locations),
        cmocka_unit_test(test_url__compares_origins),
        cmocka_unit_test(test_url__stays_on_a_socket),
        cmocka_unit_test(test_url__adds_the_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
