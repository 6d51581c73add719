#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "load/extract.h"

#define HEAD                                                                                       \
    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nX-Id: 17\r\nLink: a\r\n"         \
    "link: b\r\n\r\n"

/* A step with one capture or one expectation, and the response it is run on. */
struct fixture {
    struct scenario scenario;
    struct scenario_class class;
    struct scenario_task task;
    struct scenario_step step;
    struct scenario_capture capture;
    struct vars vars;
    struct values values;
    struct cookie_jar jar;
    struct extract extract;
    struct extract_response response;
    struct err err;
};

static struct span span_of(const char *text)
{
    return (struct span){text, strlen(text)};
}

static void start(struct fixture *f, const char *body)
{
    *f = (struct fixture){0};
    f->capture = (struct scenario_capture){.variable = "v", .group = 1};
    f->step.captures = &f->capture;
    f->step.n_captures = 1;
    f->task = (struct scenario_task){.n_steps = 1, .steps = &f->step};
    f->class = (struct scenario_class){.n_tasks = 1, .tasks = &f->task};
    f->scenario = (struct scenario){.n_classes = 1, .classes = &f->class};
    assert_int_equal(vars_init(&f->vars, &f->scenario, NULL, NULL, &f->err), 0);
    f->step.n_captures = 0;
    f->response = (struct extract_response){
        .status = 200, .duration_ns = NS_PER_MS, .head = span_of(HEAD), .body = span_of(body)};
    cookie_jar_set(&f->jar, span_of("sid=abc"), span_of("/"), 0);
}

static void stop(struct fixture *f)
{
    values_release(&f->values, &f->vars);
    vars_release(&f->vars);
    cookie_jar_release(&f->jar);
}

/* The message, or "" where all is well. */
static const char *outcome(struct fixture *f)
{
    f->err = (struct err){0};
    if (!extract_compile(&f->extract, &f->step, &f->vars, &f->err))
        (void)!extract_run(&f->extract, &f->response, &f->jar, &f->vars, &f->values, &f->err);
    extract_release(&f->extract);
    extract_release(&f->extract);
    return f->err.text;
}

static const char *captured(const struct fixture *f)
{
    return f->values.items && f->values.items[0].text ? f->values.items[0].text : "(none)";
}

static void test_extract__judges_the_status(void **state)
{
    struct scenario_expect expects[] = {
        {.kind = EXPECT_STATUS, .status_low = 404, .status_high = 404},
        {.kind = EXPECT_STATUS, .status_low = 500, .status_high = 599},
    };
    static const struct {
        size_t n;
        int status;
        const char *expected;
    } rows[] = {
        {0, 200, ""},
        {0, 399, ""},
        {0, 500, "expected status 200 to 399, found 500"},
        {0, 400, "expected status 200 to 399, found 400"},
        {1, 404, ""},
        {1, 200, "expected status 404, found 200"},
        {2, 404, ""},
        {2, 503, ""},
        {2, 405, "expected status 404 or 500 to 599, found 405"},
    };
    struct fixture f;
    (void)state;
    start(&f, "");
    f.step.expects = expects;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        f.step.n_expects = rows[i].n;
        f.response.status = rows[i].status;
        assert_string_equal(outcome(&f), rows[i].expected);
    }
    stop(&f);
}

static void test_extract__checks_expectations(void **state)
{
    static const char json[] =
        "{\"a\": [1, {\"b/~\": \"x\"}], \"n\": 1.50, \"t\": true, \"z\": null,"
        " \"o\": {\"p\": 1, \"q\": [2]}, \"\": 0}";
    static const struct {
        struct scenario_expect expect;
        const char *expected;
    } rows[] = {
        {{EXPECT_HEADER, "content-type", "charset=utf-8", 0, 0, 0}, ""},
        {{EXPECT_HEADER, "X-Id", NULL, 0, 0, 0}, ""},
        {{EXPECT_HEADER, "Link", "b", 0, 0, 0}, ""},
        {{EXPECT_HEADER, "X-Id", "18", 0, 0, 0},
         "expected a header 'X-Id' that contains '18', found another value"},
        {{EXPECT_HEADER, "X-No", NULL, 0, 0, 0}, "expected a header 'X-No', found none"},
        {{EXPECT_BODY_CONTAINS, NULL, "\"n\": 1", 0, 0, 0}, ""},
        {{EXPECT_BODY_CONTAINS, NULL, "", 0, 0, 0}, ""},
        {{EXPECT_BODY_CONTAINS, NULL, "nope", 0, 0, 0}, "expected a body that contains 'nope'"},
        {{EXPECT_JSON, "/a/0", "1", 0, 0, 0}, ""},
        {{EXPECT_JSON, "/a/0", "1.0", 0, 0, 0}, ""},
        {{EXPECT_JSON, "/a/1/b~1~0", "\"x\"", 0, 0, 0}, ""},
        {{EXPECT_JSON, "/n", "1.5", 0, 0, 0}, ""},
        {{EXPECT_JSON, "/t", "true", 0, 0, 0}, ""},
        {{EXPECT_JSON, "/t", "false", 0, 0, 0},
         "expected the JSON value false at '/t', found another"},
        {{EXPECT_JSON, "/z", "null", 0, 0, 0}, ""},
        {{EXPECT_JSON, "/z", "0", 0, 0, 0}, "expected the JSON value 0 at '/z', found another"},
        {{EXPECT_JSON, "/o", "{\"q\": [2], \"p\": 1}", 0, 0, 0}, ""},
        {{EXPECT_JSON, "/o", "{\"q\": [3], \"p\": 1}", 0, 0, 0},
         "expected the JSON value {\"q\": [3], \"p\": 1} at '/o', found another"},
        {{EXPECT_JSON, "/o", "{\"q\": [2], \"r\": 1}", 0, 0, 0},
         "expected the JSON value {\"q\": [2], \"r\": 1} at '/o', found another"},
        {{EXPECT_JSON, "/o", "{\"q\": [2], \"p\": 1, \"r\": 1}", 0, 0, 0},
         "expected the JSON value {\"q\": [2], \"p\": 1, \"r\": 1} at '/o', found another"},
        {{EXPECT_JSON, "/o/q", "[2, 3]", 0, 0, 0},
         "expected the JSON value [2, 3] at '/o/q', found another"},
        {{EXPECT_JSON, "/o", NULL, 0, 0, 0}, ""},
        {{EXPECT_JSON, "/", "0", 0, 0, 0}, ""},
        {{EXPECT_JSON, "", NULL, 0, 0, 0}, ""},
        {{EXPECT_JSON, "/a/2", NULL, 0, 0, 0}, "expected a JSON value at '/a/2', found none"},
        {{EXPECT_JSON, "/a/00", NULL, 0, 0, 0}, "expected a JSON value at '/a/00', found none"},
        {{EXPECT_JSON, "/a/-", NULL, 0, 0, 0}, "expected a JSON value at '/a/-', found none"},
        {{EXPECT_JSON, "/n/x", NULL, 0, 0, 0}, "expected a JSON value at '/n/x', found none"},
        {{EXPECT_JSON, "/o/P", NULL, 0, 0, 0}, "expected a JSON value at '/o/P', found none"},
        {{EXPECT_MAX_DURATION, NULL, NULL, 0, 0, NS_PER_MS}, ""},
        {{EXPECT_MAX_DURATION, NULL, NULL, 0, 0, NS_PER_MS / 2},
         "expected a response within 500us"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;
        struct scenario_expect expect = rows[i].expect;
        start(&f, json);
        f.step.n_expects = 1;
        f.step.expects = &expect;
        assert_string_equal(outcome(&f), rows[i].expected);
        stop(&f);
    }
}

static void test_extract__captures(void **state)
{
    static const char html[] = "<form>\n<input name=\"csrf\" value=\"t0k/=\">\n<a>1</a>\n</form>";
    static const char json[] = "{\"a\": [\"x\", 5, true, null, {\"k\": [1, 2]}]}";
    static const struct {
        struct scenario_capture capture;
        const char *body, *expected, *message;
    } rows[] = {
        {{"v", CAPTURE_HEADER, "x-id", 1, false}, "", "17", ""},
        {{"v", CAPTURE_HEADER, "x-no", 1, false},
         "",
         "(none)",
         "found nothing to capture as 'v' (header 'x-no')"},
        {{"v", CAPTURE_HEADER, "x-no", 1, true}, "", "(none)", ""},
        {{"v", CAPTURE_COOKIE, "sid", 1, false}, "", "abc", ""},
        {{"v", CAPTURE_COOKIE, "no", 1, false},
         "",
         "(none)",
         "found nothing to capture as 'v' (cookie 'no')"},
        {{"v", CAPTURE_JSON, "/a/0", 1, false}, json, "x", ""},
        {{"v", CAPTURE_JSON, "/a/1", 1, false}, json, "5", ""},
        {{"v", CAPTURE_JSON, "/a/2", 1, false}, json, "true", ""},
        {{"v", CAPTURE_JSON, "/a/3", 1, false}, json, "null", ""},
        {{"v", CAPTURE_JSON, "/a/4", 1, false}, json, "{\"k\":[1,2]}", ""},
        {{"v", CAPTURE_JSON, "/a/5", 1, false},
         json,
         "(none)",
         "found nothing to capture as 'v' (JSON value '/a/5')"},
        {{"v", CAPTURE_JSON, "/a", 1, false},
         "not json",
         "(none)",
         "found nothing to capture as 'v' (JSON value '/a')"},
        {{"v", CAPTURE_JSON, "/a", 1, true}, "", "(none)", ""},
        {{"v", CAPTURE_REGEX, "name=\"csrf\" value=\"([^\"]+)\"", 1, false}, html, "t0k/=", ""},
        {{"v", CAPTURE_REGEX, "<(a|b)>([0-9])", 2, false}, html, "1", ""},
        {{"v", CAPTURE_REGEX, "<(a|b)>([0-9])", 0, false}, html, "<a>1", ""},
        {{"v", CAPTURE_REGEX, "<form>(.*)", 1, false}, html, "", ""},
        {{"v", CAPTURE_REGEX, "^(<a>.*)$", 1, false}, html, "<a>1</a>", ""},
        {{"v", CAPTURE_REGEX, "(b)|a>", 1, true}, html, "(none)", ""},
        {{"v", CAPTURE_REGEX, "(z)", 1, false},
         "",
         "(none)",
         "found nothing to capture as 'v' (regular expression '(z)')"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;
        start(&f, rows[i].body);
        f.capture = rows[i].capture;
        f.step.n_captures = 1;
        assert_string_equal(outcome(&f), rows[i].message);
        assert_string_equal(captured(&f), rows[i].expected);
        stop(&f);
    }
}

static void test_extract__reads_no_further_than_the_body(void **state)
{
    struct fixture f;
    (void)state;
    start(&f, "a=1b");
    f.response.body.len = 3; /* what follows is not the body's */
    f.capture.from = CAPTURE_REGEX;
    f.capture.expression = "a=(.*)";
    f.step.n_captures = 1;
    assert_string_equal(outcome(&f), "");
    assert_string_equal(captured(&f), "1");
    /* nor does it stop at a NUL */
    f.response.body = (struct span){"x\0a=2", 5};
    assert_string_equal(outcome(&f), "");
    assert_string_equal(captured(&f), "2");
    stop(&f);
}

static void test_extract__captures_from_good_responses_only(void **state)
{
    struct fixture f;
    (void)state;
    start(&f, "");
    f.capture.from = CAPTURE_HEADER;
    f.capture.expression = "X-Id";
    f.step.n_captures = 1;
    f.response.status = 500;
    assert_string_equal(outcome(&f), "expected status 200 to 399, found 500");
    assert_string_equal(captured(&f), "(none)");
    f.response.status = 200;
    f.response.body_cut = true;
    assert_string_equal(outcome(&f), "");
    f.capture.from = CAPTURE_JSON;
    f.capture.expression = "/a";
    assert_string_equal(outcome(&f), "the body is over 8 MiB and is not looked into");
    stop(&f);
}

static void test_extract__bounds_what_is_captured(void **state)
{
    struct fixture f;
    struct buf body = {0};
    (void)state;
    buf_add_repeat(&body, 'x', VARS_VALUE_LIMIT + 1);
    start(&f, buf_text(&body));
    f.capture.from = CAPTURE_REGEX;
    f.capture.expression = "(x+)";
    f.step.n_captures = 1;
    assert_string_equal(outcome(&f), "what is captured as 'v' is over 64 KiB");
    f.response.body.len--;
    assert_string_equal(outcome(&f), "");
    assert_int_equal(strlen(captured(&f)), VARS_VALUE_LIMIT);
    stop(&f);
    buf_release(&body);
}

static void test_extract__knows_what_it_needs(void **state)
{
    static const struct {
        int from;
        const char *expression;
        unsigned needs;
    } rows[] = {
        {CAPTURE_HEADER, "a", EXTRACT_HEAD},
        {CAPTURE_COOKIE, "a", 0},
        {CAPTURE_JSON, "/a", EXTRACT_BODY | EXTRACT_HEAD},
        {CAPTURE_REGEX, "(a)", EXTRACT_BODY | EXTRACT_HEAD},
    };
    struct fixture f;
    (void)state;
    start(&f, "");
    assert_int_equal(extract_compile(&f.extract, &f.step, &f.vars, &f.err), 0);
    assert_int_equal(f.extract.needs, 0);
    extract_release(&f.extract);
    f.step.n_captures = 1;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        f.capture.from = rows[i].from;
        f.capture.expression = rows[i].expression;
        assert_int_equal(extract_compile(&f.extract, &f.step, &f.vars, &f.err), 0);
        assert_int_equal(f.extract.needs, rows[i].needs);
        extract_release(&f.extract);
    }
    stop(&f);
}

static void test_extract__refuses_what_does_not_compile(void **state)
{
    static const struct {
        int from;
        const char *expression;
        int64_t group;
        const char *expected;
    } rows[] = {
        {CAPTURE_REGEX, "(a", 1,
         "capture 'v': '(a' is no POSIX extended regular expression: "
         "Unmatched ( or \\("},
        {CAPTURE_REGEX, "((a{2,101}){100})", 1,
         "capture 'v': the counts in braces of '((a{2,101}){100})' multiply to more than 10000; "
         "repeat less"},
        {CAPTURE_REGEX, "a", 1,
         "capture 'v': group 1 is not in 'a', which has 0: put it in parentheses, or ask for group "
         "0"},
        {CAPTURE_REGEX, "(a)", -1,
         "capture 'v': group -1 is not in '(a)', which has 1: put it in parentheses, or ask for "
         "group 0"},
        {CAPTURE_JSON, "a/b", 1,
         "capture 'v': 'a/b' is no JSON pointer: expected one such as /items/0/id, with ~0 for "
         "'~' and ~1 for '/'"},
        {CAPTURE_JSON, "/a~2", 1,
         "capture 'v': '/a~2' is no JSON pointer: expected one such as /items/0/id, with ~0 for "
         "'~' and ~1 for '/'"},
        {CAPTURE_JSON, "/a~", 1,
         "capture 'v': '/a~' is no JSON pointer: expected one such as /items/0/id, with ~0 for "
         "'~' and ~1 for '/'"},
    };
    struct fixture f;
    (void)state;
    start(&f, "");
    f.step.n_captures = 1;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        f.capture.from = rows[i].from;
        f.capture.expression = rows[i].expression;
        f.capture.group = rows[i].group;
        assert_string_equal(outcome(&f), rows[i].expected);
    }
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extract__judges_the_status),
        cmocka_unit_test(test_extract__checks_expectations),
        cmocka_unit_test(test_extract__captures),
        cmocka_unit_test(test_extract__reads_no_further_than_the_body),
        cmocka_unit_test(test_extract__captures_from_good_responses_only),
        cmocka_unit_test(test_extract__bounds_what_is_captured),
        cmocka_unit_test(test_extract__knows_what_it_needs),
        cmocka_unit_test(test_extract__refuses_what_does_not_compile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
