#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "load/step.h"

#define DEFAULTS "Host: shop.test:8080\r\nUser-Agent: perfgate/1\r\nAccept: */*\r\n"

struct fixture {
    struct scenario scenario;
    struct scenario_class class;
    struct scenario_task task;
    struct scenario_step source;
    struct vars vars;
    struct values values;
    struct rng rng;
    struct arena arena;
    struct url target;
    struct cookie_jar jar;
    bool is_other_host;
    struct step step;
    struct step_rendered rendered;
    struct buf out;
    struct err err;
};

static const char *lookup(void *context, const char *name)
{
    (void)context;
    return !strcmp(name, "TEST_TOKEN") ? "s3cr t" : NULL;
}

/* A class with one step, GET / unless the test changes f->source; `id` is a capture. */
static void start(struct fixture *f)
{
    static struct scenario_capture captures[] = {{.variable = "id"}};
    *f = (struct fixture){0};
    f->source =
        (struct scenario_step){.method = "GET", .path = "/", .n_captures = 1, .captures = captures};
    f->task = (struct scenario_task){.n_steps = 1, .steps = &f->source};
    f->class = (struct scenario_class){.n_tasks = 1, .tasks = &f->task};
    f->scenario = (struct scenario){.keep_alive = true, .n_classes = 1, .classes = &f->class};
    assert_int_equal(vars_init(&f->vars, &f->scenario, lookup, NULL, &f->err), 0);
    assert_int_equal(url_parse("http://Shop.test:8080", "host", &f->target, &f->err), 0);
    rng_init(&f->rng, 1, 0);
}

static void stop(struct fixture *f)
{
    values_release(&f->values, &f->vars);
    vars_release(&f->vars);
    arena_release(&f->arena);
    url_release(&f->target);
    cookie_jar_release(&f->jar);
    buf_release(&f->out);
}

static int compile(struct fixture *f)
{
    struct step_context context = {.scenario = &f->scenario,
                                   .class = &f->class,
                                   .target = &f->target,
                                   .user_agent = "perfgate/1",
                                   .vars = &f->vars,
                                   .arena = &f->arena,
                                   .is_other_host = f->is_other_host};
    f->err = (struct err){0};
    return step_compile(&f->step, &f->source, &context, &f->err);
}

/* What the step sends, or the message. */
static const char *sent(struct fixture *f)
{
    struct fill fill = {.vars = &f->vars, .values = &f->values, .rng = &f->rng};
    buf_reset(&f->out);
    if (compile(f) || step_render(&f->step, &fill, &f->jar, &f->out, &f->rendered, &f->err))
        return f->err.text;
    return buf_text(&f->out);
}

static void capture(struct fixture *f, const char *text)
{
    struct span value = {text, strlen(text)};
    assert_int_equal(values_set(&f->values, &f->vars, vars_find(&f->vars, "id", 2), value), 0);
}

static void add_cookie(struct fixture *f, const char *field)
{
    cookie_jar_set(&f->jar, (struct span){field, strlen(field)}, (struct span){"/", 1}, 0);
}

static struct scenario_pairs pairs_of(struct scenario_pair *items, size_t n)
{
    return (struct scenario_pairs){n, items};
}

static void test_step__renders_a_fixed_request_once(void **state)
{
    struct fixture f;
    static const char expected[] = "GET / HTTP/1.1\r\n" DEFAULTS "\r\n";
    (void)state;
    start(&f);
    assert_string_equal(sent(&f), expected);
    assert_int_equal(f.step.fixed.len, strlen(expected));
    assert_string_equal(f.step.fixed.at, expected);
    assert_int_equal(f.step.fixed_parts.path_at, 4);
    assert_int_equal(f.step.fixed_parts.path_len, 1);
    assert_int_equal(f.step.fixed_parts.body_at, strlen(expected));
    assert_false(f.step.is_head);
    f.source.method = "HEAD";
    assert_int_equal(compile(&f), 0);
    assert_true(f.step.is_head && f.step.fixed_parts.is_head);
    f.source.method = "POST";
    assert_string_equal(sent(&f), "POST / HTTP/1.1\r\n" DEFAULTS "Content-Length: 0\r\n\r\n");
    stop(&f);
}

static void test_step__builds_the_request_target(void **state)
{
    static const struct {
        const char *path, *target;
        size_t n_query;
    } rows[] = {
        {"/a b/\xc3\xa9", "/a%20b/%C3%A9", 0},
        {"/x?y=1#top", "/x?y=1", 0},
        {"/x", "/x?q=a%20b%26c&%24%2F=7%2F8", 2},
        {"/x?y=1", "/x?y=1&q=a%20b%26c", 1},
        {"/t/${id}", "/t/7%2F8", 0},
        {"/t/$${id}/${TEST_TOKEN}", "/t/${id}/s3cr%20t", 0},
        {"http://shop.test:8080/x?y", "/x?y", 0},
        {"http://shop.test:8080", "/", 0},
        {"http://shop.test:8080?y", "/?y", 0},
    };
    struct scenario_pair query[] = {{"q", "a b&c"}, {"$/", "${id}"}};
    struct fixture f;
    (void)state;
    start(&f);
    capture(&f, "7/8");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        f.source.path = rows[i].path;
        f.source.query = pairs_of(query, rows[i].n_query);
        const char *text = sent(&f);
        assert_int_equal(f.rendered.path_len, strlen(rows[i].target));
        assert_memory_equal(text + f.rendered.path_at, rows[i].target, strlen(rows[i].target));
        assert_memory_equal(text + f.rendered.path_at + f.rendered.path_len, " HTTP/1.1\r\n", 11);
    }
    stop(&f);
}

static void test_step__takes_the_nearest_header(void **state)
{
    struct scenario_pair scenario[] = {{"A", "1"}, {"B", "1"}, {"Accept", "text/html"}};
    struct scenario_pair class[] = {{"b", "2"}, {"C", "${TEST_TOKEN}"}};
    struct scenario_pair step[] = {{"c", "3"}, {"host", "other"}, {"D", "<${id}>"}};
    struct fixture f;
    (void)state;
    start(&f);
    f.scenario.keep_alive = false;
    f.scenario.headers = pairs_of(scenario, 3);
    f.class.headers = pairs_of(class, 2);
    assert_string_equal(sent(&f), "GET / HTTP/1.1\r\nHost: shop.test:8080\r\n"
                                  "User-Agent: perfgate/1\r\nAccept: text/html\r\n"
                                  "Connection: close\r\nA: 1\r\nb: 2\r\nC: s3cr t\r\n\r\n");
    f.source.headers = pairs_of(step, 3);
    assert_string_equal(sent(&f), "'${id}' has no value yet: nothing captured it");
    capture(&f, "7");
    assert_string_equal(sent(&f), "GET / HTTP/1.1\r\nhost: other\r\n"
                                  "User-Agent: perfgate/1\r\nAccept: text/html\r\n"
                                  "Connection: close\r\nA: 1\r\nb: 2\r\nc: 3\r\nD: <7>\r\n\r\n");
    assert_int_equal(f.step.fixed.len, 0);
    stop(&f);
}

#define AUTH_LINE(value) "GET / HTTP/1.1\r\n" DEFAULTS "Authorization: " value "\r\n\r\n"

/* The examples are those of RFC 7617, 2, and RFC 6750, 2.1. */
static void test_step__sends_credentials(void **state)
{
    struct fixture f;
    (void)state;
    start(&f);
    f.scenario.auth = (struct scenario_auth){AUTH_BASIC, "Aladdin", "open sesame"};
    assert_string_equal(sent(&f), AUTH_LINE("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    assert_int_not_equal(f.step.fixed.len, 0);
    f.class.auth = (struct scenario_auth){AUTH_BEARER, NULL, "mF_9.B5f-4.1JqM"};
    assert_string_equal(sent(&f), AUTH_LINE("Bearer mF_9.B5f-4.1JqM"));
    f.class.auth.secret = "<${TEST_TOKEN}>";
    assert_string_equal(sent(&f), AUTH_LINE("Bearer <s3cr t>"));
    f.class.auth = (struct scenario_auth){AUTH_BASIC, "${TEST_TOKEN}", ""};
    assert_string_equal(sent(&f), AUTH_LINE("Basic czNjciB0Og=="));
    f.source.auth = (struct scenario_auth){.kind = AUTH_NONE};
    assert_string_equal(sent(&f), "GET / HTTP/1.1\r\n" DEFAULTS "\r\n");
    f.source.auth = (struct scenario_auth){.kind = AUTH_UNSET};
    f.is_other_host = true;
    assert_string_equal(sent(&f), "GET / HTTP/1.1\r\n" DEFAULTS "\r\n");
    stop(&f);
}

static void test_step__encodes_credentials_that_vary(void **state)
{
    /* base64(1) of test:ID and ID:\303\251, one length modulo 3 after another */
    static const struct {
        const char *id, *as_password, *as_user;
    } rows[] = {
        {"", "dGVzdDo=", "OsOp"},
        {"1", "dGVzdDox", "MTrDqQ=="},
        {"12", "dGVzdDoxMg==", "MTI6w6k="},
        {"123", "dGVzdDoxMjM=", "MTIzOsOp"},
    };
    struct fixture f;
    struct buf expected = {0};
    (void)state;
    start(&f);
    add_cookie(&f, "a=1; Path=/");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        capture(&f, rows[i].id);
        f.source.auth = (struct scenario_auth){AUTH_BASIC, "test", "${id}"};
        buf_reset(&expected);
        buf_addf(&expected,
                 "GET / HTTP/1.1\r\n" DEFAULTS "Authorization: Basic %s\r\nCookie: a=1\r\n\r\n",
                 rows[i].as_password);
        assert_string_equal(sent(&f), buf_text(&expected));
        assert_int_equal(f.out.len, expected.len);
        assert_int_equal(f.step.fixed.len, 0);
        f.source.auth = (struct scenario_auth){AUTH_BASIC, "${id}", "\xc3\xa9"};
        buf_reset(&expected);
        buf_addf(&expected,
                 "GET / HTTP/1.1\r\n" DEFAULTS "Authorization: Basic %s\r\nCookie: a=1\r\n\r\n",
                 rows[i].as_user);
        assert_string_equal(sent(&f), buf_text(&expected));
    }
    buf_release(&expected);
    stop(&f);
}

static void test_step__refuses_credentials_it_cannot_send(void **state)
{
    static const struct {
        struct scenario_auth auth;
        const char *captured, *expected;
    } rows[] = {
        {{AUTH_BASIC, "${id}", "x"}, NULL, "'${id}' has no value yet: nothing captured it"},
        {{AUTH_BASIC, "x", "${id}"}, NULL, "'${id}' has no value yet: nothing captured it"},
        {{AUTH_BASIC, "${id}", "x"},
         "s3cret:",
         "the name of the user holds a ':', which ends it in basic authentication"},
        {{AUTH_BASIC, "x", "${id}"},
         "s3cret\n",
         "the value of '${id}' holds a line break, which a header cannot"},
        {{AUTH_BEARER, NULL, "${id}"},
         "s3cret\n",
         "the value of '${id}' holds a line break, which a header cannot"},
        {{AUTH_BEARER, NULL, "${NOPE}"},
         NULL,
         "auth: '${NOPE}' is neither captured nor declared nor set in the environment: set it "
         "(only "
         "names TEST_*, LOAD_TEST_* and those given by --env are read)"},
    };
    struct scenario_pair header = {"authorization", "x"};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;
        start(&f);
        f.source.auth = rows[i].auth;
        if (rows[i].captured)
            capture(&f, rows[i].captured);
        assert_string_equal(sent(&f), rows[i].expected);
        stop(&f);
    }
    struct fixture f;
    start(&f);
    f.class.auth = (struct scenario_auth){AUTH_BEARER, NULL, "x"};
    f.source.headers = pairs_of(&header, 1);
    assert_string_equal(sent(&f), "there are \"auth\" and a header 'Authorization': keep one of "
                                  "them, or set \"auth\" to null here");
    f.source.auth.kind = AUTH_NONE;
    assert_string_equal(sent(&f), "GET / HTTP/1.1\r\n" DEFAULTS "authorization: x\r\n\r\n");
    stop(&f);
}

static void test_step__refuses_headers_it_cannot_send(void **state)
{
    static const struct {
        struct scenario_pair header;
        const char *expected;
    } rows[] = {
        {{"content-length", "5"}, "the header 'content-length' is set by perfgate: remove it"},
        {{"Transfer-Encoding", "chunked"},
         "the header 'Transfer-Encoding' is set by perfgate: remove it"},
        {{"A B", "5"}, "'A B' cannot name a header: use letters, digits and '-'"},
        {{"", "5"}, "'' cannot name a header: use letters, digits and '-'"},
        {{"A", "x\r\nB: y"}, "header 'A': a header cannot hold a line break: remove it"},
        {{"A", "${NOPE}"},
         "header 'A': '${NOPE}' is neither captured nor declared nor set in the environment: set "
         "it (only names TEST_*, LOAD_TEST_* and those given by --env are read)"},
    };
    struct fixture f;
    (void)state;
    start(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scenario_pair header = rows[i].header;
        f.source.headers = pairs_of(&header, 1);
        assert_string_equal(sent(&f), rows[i].expected);
    }
    f.source.headers.n = 0;
    f.source.method = "GET /x";
    assert_string_equal(sent(&f), "'GET /x' is no method: use GET, POST, …");
    stop(&f);
}

static void test_step__sends_bodies(void **state)
{
    struct scenario_pair form[] = {{"user", "${id}"}, {"pass word", "${TEST_TOKEN}&"}};
    struct fixture f;
    (void)state;
    start(&f);
    f.source.method = "POST";
    f.source.body_kind = BODY_FORM;
    f.source.form = pairs_of(form, 2);
    capture(&f, "a=b c");
    assert_string_equal(sent(&f), "POST / HTTP/1.1\r\n" DEFAULTS
                                  "Content-Type: application/x-www-form-urlencoded\r\n"
                                  "Content-Length: 32\r\n\r\n"
                                  "user=a%3Db+c&pass+word=s3cr+t%26");
    stop(&f);
}

static void test_step__counts_the_bytes_of_a_body(void **state)
{
    struct fixture f;
    (void)state;
    start(&f);
    f.source.method = "PUT";
    f.source.body_kind = BODY_JSON;
    f.source.body = "{\"id\": \"${id}\"}";
    capture(&f, "\"\n");
    assert_string_equal(sent(&f), "PUT / HTTP/1.1\r\n" DEFAULTS
                                  "Content-Type: application/json\r\nContent-Length: 18\r\n\r\n"
                                  "{\"id\": \"\\\"\\u000a\"}");
    assert_string_equal(buf_text(&f.out) + f.rendered.body_at, "{\"id\": \"\\\"\\u000a\"}");
    add_cookie(&f, "s=1");
    capture(&f, "");
    assert_string_equal(sent(&f), "PUT / HTTP/1.1\r\n" DEFAULTS
                                  "Content-Type: application/json\r\nCookie: s=1\r\n"
                                  "Content-Length: 10\r\n\r\n{\"id\": \"\"}");
    assert_int_equal(f.out.len, strlen(f.out.data));
    f.source.body_kind = BODY_RAW;
    f.source.body = "fixed";
    assert_string_equal(sent(&f), "PUT / HTTP/1.1\r\n" DEFAULTS
                                  "Content-Length: 5\r\nCookie: s=1\r\n\r\nfixed");
    assert_string_equal(buf_text(&f.out) + f.rendered.body_at, "fixed");
    assert_string_equal(f.step.fixed.at,
                        "PUT / HTTP/1.1\r\n" DEFAULTS "Content-Length: 5\r\n\r\nfixed");
    stop(&f);
}

static void test_step__sends_cookies_for_the_path(void **state)
{
    struct scenario_pair header = {"Cookie", "own=1"};
    struct fixture f;
    (void)state;
    start(&f);
    add_cookie(&f, "a=1; Path=/");
    add_cookie(&f, "b=2; Path=/t");
    add_cookie(&f, "c=3; Path=/; Secure");
    assert_string_equal(sent(&f), "GET / HTTP/1.1\r\n" DEFAULTS "Cookie: a=1\r\n\r\n");
    f.source.path = "/${id}?x";
    capture(&f, "t");
    assert_string_equal(sent(&f), "GET /t?x HTTP/1.1\r\n" DEFAULTS "Cookie: b=2; a=1\r\n\r\n");
    f.source.path = "/";
    f.source.headers = pairs_of(&header, 1);
    assert_string_equal(sent(&f), "GET / HTTP/1.1\r\n" DEFAULTS "Cookie: own=1\r\n\r\n");
    stop(&f);
}

static void test_step__leaves_the_buffer_as_it_was_on_failure(void **state)
{
    struct fixture f;
    struct fill fill;
    (void)state;
    start(&f);
    fill = (struct fill){.vars = &f.vars, .values = &f.values, .rng = &f.rng};
    f.source.body_kind = BODY_RAW;
    f.source.body = "${id}";
    assert_int_equal(compile(&f), 0);
    buf_add_str(&f.out, "before");
    assert_int_equal(step_render(&f.step, &fill, &f.jar, &f.out, &f.rendered, &f.err), -1);
    assert_string_equal(buf_text(&f.out), "before");
    assert_int_equal(f.out.len, 6);
    /* offsets count from where the request begins */
    capture(&f, "x");
    add_cookie(&f, "a=1; Path=/");
    assert_int_equal(step_render(&f.step, &fill, &f.jar, &f.out, &f.rendered, &f.err), 0);
    assert_int_equal(f.rendered.path_at, 4);
    assert_string_equal(f.out.data + 6 + f.rendered.body_at, "x");
    assert_non_null(strstr(f.out.data, "Cookie: a=1\r\n"));
    stop(&f);
}

static void test_step__follows_redirects(void **state)
{
    static const struct {
        const char *method;
        int status;
        const char *expected; /* method, and 'b' where the body goes along */
    } rows[] = {
        {"POST", 301, "GET"},   {"POST", 302, "GET"},   {"POST", 303, "GET"},
        {"POST", 307, "POSTb"}, {"POST", 308, "POSTb"}, {"PUT", 302, "PUTb"},
        {"PUT", 303, "GET"},    {"GET", 303, "GETb"},   {"HEAD", 303, "HEADb"},
        {"HEAD", 301, "HEADb"},
    };
    struct fixture f;
    struct buf next = {0}, expected = {0};
    (void)state;
    start(&f);
    f.source.body_kind = BODY_JSON;
    f.source.body = "[1]";
    add_cookie(&f, "old=1; Path=/");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = strcspn(rows[i].expected, "b");
        bool with_body = rows[i].expected[len];
        f.source.method = rows[i].method;
        sent(&f);
        struct cookie_jar jar = {0};
        cookie_jar_set(&jar, (struct span){"new=2; Path=/to", 15}, (struct span){"/", 1}, 0);
        struct step_redirect redirect = {
            rows[i].status, {"/to?x", 5}, {f.out.data, f.out.len}, &jar};
        buf_reset(&next);
        buf_reset(&expected);
        step_render_redirect(&f.step, &redirect, &next, &f.rendered);
        buf_addf(&expected, "%.*s /to?x HTTP/1.1\r\n" DEFAULTS "%sCookie: new=2\r\n\r\n%s",
                 (int)len, rows[i].expected,
                 with_body ? "Content-Type: application/json\r\nContent-Length: 3\r\n" : "",
                 with_body ? "[1]" : "");
        assert_string_equal(buf_text(&next), buf_text(&expected));
        assert_int_equal(f.rendered.is_head, rows[i].method[0] == 'H');
        assert_int_equal(f.rendered.path_at, len + 1);
        assert_string_equal(next.data + f.rendered.body_at, with_body ? "[1]" : "");
        cookie_jar_release(&jar);
    }
    buf_release(&next);
    buf_release(&expected);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_step__renders_a_fixed_request_once),
        cmocka_unit_test(test_step__builds_the_request_target),
        cmocka_unit_test(test_step__takes_the_nearest_header),
        cmocka_unit_test(test_step__sends_credentials),
        cmocka_unit_test(test_step__encodes_credentials_that_vary),
        cmocka_unit_test(test_step__refuses_credentials_it_cannot_send),
        cmocka_unit_test(test_step__refuses_headers_it_cannot_send),
        cmocka_unit_test(test_step__sends_bodies),
        cmocka_unit_test(test_step__counts_the_bytes_of_a_body),
        cmocka_unit_test(test_step__sends_cookies_for_the_path),
        cmocka_unit_test(test_step__leaves_the_buffer_as_it_was_on_failure),
        cmocka_unit_test(test_step__follows_redirects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
