/* The client, as far as no server is needed, and HMAC-SHA256 against RFC 4231. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/client.h"
#include "net/hmac.h"

static void expect(const char *key, const char *text, const char *code)
{
    struct buf out = {0};
    hmac_add_sha256(&out, key, text, strlen(text));
    assert_string_equal(buf_text(&out), code);
    buf_release(&out);
}

static void test_hmac__rfc_4231(void **state)
{
    (void)state;
    /* test cases 1 and 2 */
    expect("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
           "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    expect("Jefe", "what do ya want for nothing?",
           "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void test_client__knows_the_loopback(void **state)
{
    (void)state;
    static const char *const loops[] = {"localhost",     "LOCALHOST:80", "127.0.0.1",
                                        "127.1.2.3:1/x", "[::1]:8080",   "localhost/x"};
    static const char *const others[] = {"localhost.example.com",
                                         "127.0.0.1.example.com",
                                         "127.0.0.1@example.com",
                                         "128.0.0.1",
                                         "127.1",
                                         "[::2]",
                                         "localhost@example.com",
                                         "localhost:x@example.com/x",
                                         "127.0.0.1:80@example.com",
                                         ""};
    for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++)
        assert_true(client_is_loopback(loops[i]));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(client_is_loopback(others[i]));
}

static void test_client__sends_nothing_in_the_clear_to_others(void **state)
{
    (void)state;
    static const char *const urls[] = {"http://example.com/",
                                       "ftp://localhost/",
                                       "localhost",
                                       "https://",
                                       "http://127.0.0.1@x.y/",
                                       ""};
    struct buf body = {0};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct client_request request = {.method = "POST", .url = urls[i], .body = &body};
        struct client_answer answer;
        struct err err = {0};
        assert_int_equal(client_send(&request, &answer, &err), -1);
        assert_int_equal(err.code, ERR_USAGE);
        assert_true(answer.is_final);
        client_answer_release(&answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hmac__rfc_4231),
        cmocka_unit_test(test_client__knows_the_loopback),
        cmocka_unit_test(test_client__sends_nothing_in_the_clear_to_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
