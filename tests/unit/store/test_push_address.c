#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"
#include "store/push_address.h"

static void test_push_address__takes_addresses_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum push_scheme scheme;
        const char *url, *userinfo, *host, *port, *path;
    } cases[] = {
        {"https://github.com/o/r", PUSH_HTTPS, "https://github.com/o/r", "", "github.com", "443",
         "/o/r"},
        {"HTTPS://GitHub.com:8443", PUSH_HTTPS, "HTTPS://GitHub.com:8443", "", "github.com", "8443",
         ""},
        {"http://a:b@[::1]:80/x?y", PUSH_HTTP, "http://a:b@[::1]:80/x?y", "a:b", "[::1]", "80",
         "/x?y"},
        {"https://u:p@q@h/", PUSH_HTTPS, "https://u:p@q@h/", "u:p@q", "h", "443", "/"},
        {"ssh://git@h:2222/r.git", PUSH_SSH, "ssh://git@h:2222/r.git", "git", "h", "2222",
         "/r.git"},
        {"git@github.com:o/r.git", PUSH_SSH, "git@github.com:o/r.git", "git", "github.com", "22",
         "o/r.git"},
        {"file:///srv/a%20b.git", PUSH_PATH, "/srv/a b.git", "", "", "", ""},
        {"file://localhost/srv", PUSH_PATH, "/srv", "", "", "", ""},
        {"/srv/a%20b:c", PUSH_PATH, "/srv/a%20b:c", "", "", "", ""},
        {"../r.git", PUSH_PATH, "../r.git", "", "", "", ""},
        {"./a:b", PUSH_PATH, "./a:b", "", "", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct push_address address;
        struct err err = {0};
        if (push_address_parse(cases[i].text, &arena, &address, &err) < 0)
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_int_equal(address.scheme, cases[i].scheme);
        assert_string_equal(address.url, cases[i].url);
        assert_string_equal(address.userinfo, cases[i].userinfo);
        assert_string_equal(address.host, cases[i].host);
        assert_string_equal(address.port, cases[i].port);
        assert_string_equal(address.path, cases[i].path);
        arena_release(&arena);
    }
}

static void test_push_address__shows_no_login(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"https://user:secret@h/r", "https://***@h/r"},
        {"https://secret@h/r", "https://***@h/r"},
        {"https://user:sec/ret@h/r", "https://***@h/r"},
        {"https://user:sec@ret@h/r", "https://***@h/r"},
        {"ftp://user:secret@h/r", "ftp://***@h/r"},
        {"ssh://git:secret@h/r", "ssh://***@h/r"},
        {"ssh://git@h/r", "ssh://git@h/r"},
        {"https://h/r", "https://h/r"},
        {"git@h:r", "git@h:r"},
        {"/srv/a@b", "/srv/a@b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct push_address address;
        struct err err = {0};
        (void)!push_address_parse(cases[i][0], &arena, &address, &err);
        assert_string_equal(address.name, cases[i][1]);
        assert_null(strstr(err.text, "secret"));
        assert_null(strstr(err.text, "sec/ret"));
        arena_release(&arena);
    }
}

static void test_push_address__refuses_what_cannot_be_pushed_to(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "ftp://h/r",          "git://h/r",        "ext::sh://x",       "https://",
        "https:///r",         "https://u@/r",     "https://a b/r",     "https://good\\@evil/r",
        "https://h:80x/r",    "https://h%2fx/r",  "file://host/srv",   "file://",
        "https://h\n.evil/r", "https://user:p?@", "https://h:8 0/path"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct push_address address;
        struct err err = {0};
        if (push_address_parse(cases[i], &arena, &address, &err) == 0)
            fail_msg("%s was taken, with the host '%s'", cases[i], address.host);
        assert_int_equal(err.code, ERR_USAGE);
        arena_release(&arena);
    }
}

static void test_push_address__knows_what_stays_on_the_machine(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_loopback;
    } cases[] = {
        {"http://127.0.0.1:8080/r", true},  {"http://LOCALHOST/r", true},
        {"http://[::1]/r", true},           {"http://127.evil.example/r", false},
        {"http://localhost.evil/r", false}, {"http://128.0.0.1/r", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct push_address address;
        assert_int_equal(push_address_parse(cases[i].text, &arena, &address, NULL), 0);
        assert_int_equal(push_address_is_loopback(&address), cases[i].is_loopback);
        arena_release(&arena);
    }
}

/* "name url" of what `remote` names in the repository "r", or the error's text. */
static void check_found(const char *remote, const char *wanted)
{
    struct repo *repo = scene_open("r");
    struct arena arena = {0};
    struct push_address address;
    struct err err = {0};
    const char *found = err.text;
    if (push_address_find(repo, remote, &arena, &address, &err) == 0)
        found = arena_printf(&arena, "%s %s", address.name, address.url);
    assert_string_equal(found, wanted);
    arena_release(&arena);
    repo_free(repo);
}

static void test_push_address__finds_remotes(void **state)
{
    (void)state;
    scene_run("git init -q r; cd r; mkdir sub;"
              "git remote add origin https://u:secret@h/r;"
              "git remote add both https://h/fetch; git remote set-url --push both ssh://git@h/p;"
              "git remote add short gh:o/r;"
              "git remote add near ../near.git;"
              "git config url.https://github.com/.insteadOf gh:;"
              "git config url.ssh://git@github.com/.pushInsteadOf https://other.example/;"
              "git remote add pushed https://other.example/o/r;"
              "git remote add empty x; git config --unset remote.empty.url");
    check_found("origin", "origin https://u:secret@h/r");
    check_found("both", "both ssh://git@h/p");
    check_found("short", "short https://github.com/o/r");
    check_found("pushed", "pushed ssh://git@github.com/o/r");
    check_found("gh:o/r", "https://github.com/o/r https://github.com/o/r");
    check_found("https://h/r", "https://h/r https://h/r");
    check_found("/srv/r", "/srv/r /srv/r");
    check_found("r", "r r");
    check_found("near", scene_ask("echo \"near $(pwd -P)/r/../near.git\""));
    check_found("nope", "there is no remote 'nope'; `git remote` lists those that are there, and a "
                        "path is written with a slash");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_push_address__takes_addresses_apart),
        cmocka_unit_test(test_push_address__shows_no_login),
        cmocka_unit_test(test_push_address__refuses_what_cannot_be_pushed_to),
        cmocka_unit_test(test_push_address__knows_what_stays_on_the_machine),
        cmocka_unit_test_setup_teardown(test_push_address__finds_remotes, scene_enter, scene_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
