#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"
#include "store/push_login.h"

/* A login for `url` in the repository "r"; the arena is the test's. */
static struct push_login start(const char *url, const struct push_access *access,
                               struct arena *arena)
{
    struct repo *repo = scene_open("r");
    struct push_address *address = arena_array(arena, 1, sizeof *address);
    struct push_login login = {0};
    struct err err = {0};
    if (push_address_parse(url, arena, address, &err) < 0 ||
        push_login_start(repo, address, access, arena, &login, &err) < 0)
        fail_msg("%s: %s", url, err.text);
    repo_free(repo);
    return login;
}

/* "TOKEN from NAME", and the headers with a bar before each. */
static const char *describe(const struct push_login *login, struct arena *arena)
{
    const char *text = arena_printf(arena, "%s from %s", login->token ? login->token : "none",
                                    login->token_name ? login->token_name : "nowhere");
    for (size_t i = 0; i < login->headers.n; i++)
        text = arena_printf(arena, "%s|%s", text, login->headers.list[i]);
    return text;
}

static void check_login(const char *url, const struct push_access *access, const char *wanted)
{
    struct arena arena = {0};
    struct push_login login = start(url, access, &arena);
    assert_string_equal(describe(&login, &arena), wanted);
    arena_release(&arena);
}

static const struct push_access none,
    own = {.token = "mine"},
    github = {.github_token = "theirs", .github_url = "https://github.com"},
    both = {"mine", "theirs", "https://github.com"};

static void test_push_login__picks_the_token(void **state)
{
    (void)state;
    scene_run("git init -q r");
    check_login("https://github.com/o/r", &none, "none from nowhere");
    check_login("https://github.com/o/r", &own, "mine from PERFGATE_TOKEN");
    check_login("https://gitlab.example/o/r", &own, "mine from PERFGATE_TOKEN");
    check_login("https://github.com/o/r", &both, "mine from PERFGATE_TOKEN");
    check_login("https://github.com:443/o/r", &github, "theirs from GITHUB_TOKEN");
    check_login("https://github.com.evil.example/o/r", &github, "none from nowhere");
    check_login("https://github.com:8443/o/r", &github, "none from nowhere");
    check_login("https://gitlab.example/o/r", &github, "none from nowhere");
}

static void test_push_login__sends_tokens_over_https_alone(void **state)
{
    (void)state;
    scene_run("git init -q r");
    check_login("http://github.com/o/r", &both, "none from nowhere");
    check_login("http://10.0.0.1/o/r", &own, "none from nowhere");
    check_login("http://127.0.0.1:8080/o/r", &own, "mine from PERFGATE_TOKEN");
    check_login("ssh://git@github.com/o/r", &both, "none from nowhere");
}

static void test_push_login__reads_the_headers_of_git(void **state)
{
    (void)state;
    scene_run("git init -q r; cd r;"
              "git config http.https://github.com/.extraheader 'AUTHORIZATION: basic eA=='");
    check_login("https://github.com/o/r", &none, "none from nowhere|AUTHORIZATION: basic eA==");
    check_login("https://github.com/o/r", &github, "none from nowhere|AUTHORIZATION: basic eA==");
    check_login("https://github.com/o/r", &own, "mine from PERFGATE_TOKEN");
    check_login("https://GITHUB.com:443", &none, "none from nowhere|AUTHORIZATION: basic eA==");
    check_login("http://github.com/o/r", &none, "none from nowhere");
    check_login("https://github.com:8443/o/r", &none, "none from nowhere");
    check_login("https://github.com.evil.example/", &none, "none from nowhere");
    check_login("https://evil.example/https://github.com/", &none, "none from nowhere");
    scene_run("cd r; git config http.extraHeader 'X-All: 1';"
              "git config http.https://h/a/b/.extraheader 'X-B: 1';"
              "git config http.https://ann@h/.extraheader 'X-Ann: 1'");
    check_login("https://h/a/b", &none, "none from nowhere|X-All: 1|X-B: 1");
    check_login("https://h/a/b/c", &none, "none from nowhere|X-All: 1|X-B: 1");
    check_login("https://h/a/bc", &none, "none from nowhere|X-All: 1");
    check_login("https://ann@h/", &none, "none from nowhere|X-All: 1|X-Ann: 1");
    scene_run("cd r; git config --add http.https://h/.extraheader '';"
              "git config --add http.https://h/.extraheader 'X-Last: 1'");
    check_login("https://h/a/b", &own, "mine from PERFGATE_TOKEN|X-Last: 1");
}

/* A newer actions/checkout leaves its login in a file beside the repository. */
static void test_push_login__reads_what_the_configuration_includes(void **state)
{
    (void)state;
    scene_run("git init -q r; cd r;"
              "git config -f ../login http.https://github.com/.extraheader 'Authorization: a b';"
              "git config includeIf.gitdir:$(pwd -P)/.git.path $(pwd -P)/../login");
    check_login("https://github.com/o/r", &none, "none from nowhere|Authorization: a b");
}

static void test_push_login__refuses_a_broken_header_without_showing_it(void **state)
{
    (void)state;
    scene_run("git init -q r; git -C r config http.https://h/.extraheader 'basic c2VjcmV0'");
    struct repo *repo = scene_open("r");
    struct arena arena = {0};
    struct push_address address;
    struct push_login login;
    struct err err = {0};
    assert_int_equal(push_address_parse("https://h/r", &arena, &address, &err), 0);
    assert_int_equal(push_login_start(repo, &address, &none, &arena, &login, &err), -1);
    assert_error(&err, ERR_INPUT,
                 "the value of 'http.https://h/.extraheader' in git's configuration is no header; "
                 "expected NAME: VALUE");
    arena_release(&arena);
    repo_free(repo);
}

static void test_push_login__hides_secrets(void **state)
{
    (void)state;
    static const struct push_access access = {"tok", "token-2", "https://github.com"};
    scene_run("git init -q r; git -C r config http.extraheader 'Authorization: Basic c2VjcmV0'");
    struct arena arena = {0};
    struct buf out = {0};
    struct push_login login = start("https://ann:pass%20word@h/r", &access, &arena);
    push_login_hide(&login,
                    "cannot reach https://ann:pass%20word@h/r: pass%20word, tok token-2 toktok "
                    "Basic c2VjcmV0, c2VjcmV0 ann to",
                    &out);
    assert_string_equal(buf_text(&out),
                        "cannot reach https://***@h/r: ***, *** *** ****** ***, *** ann to");
    buf_release(&out);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_push_login__picks_the_token, scene_enter, scene_leave),
        cmocka_unit_test_setup_teardown(test_push_login__sends_tokens_over_https_alone, scene_enter,
                                        scene_leave),
        cmocka_unit_test_setup_teardown(test_push_login__reads_the_headers_of_git, scene_enter,
                                        scene_leave),
        cmocka_unit_test_setup_teardown(test_push_login__reads_what_the_configuration_includes,
                                        scene_enter, scene_leave),
        cmocka_unit_test_setup_teardown(test_push_login__refuses_a_broken_header_without_showing_it,
                                        scene_enter, scene_leave),
        cmocka_unit_test_setup_teardown(test_push_login__hides_secrets, scene_enter, scene_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
