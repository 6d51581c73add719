#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "load/head.h"

static struct span span_of(const char *text)
{
    return (struct span){text, strlen(text)};
}

static const char head_text[] =
    "HTTP/1.1 200 A: no\r\nA: first\r\nAB: x\r\na:\t second \r\nEmpty:\r\n\r\n";

static void assert_span(struct span span, const char *text)
{
    assert_int_equal(span.len, strlen(text));
    assert_memory_equal(span.at, text, span.len);
}

static void test_head__finds_the_first_field_of_a_name(void **state)
{
    struct span value;
    (void)state;
    assert_true(head_find(span_of(head_text), "A", &value));
    assert_span(value, "first");
    assert_true(head_find(span_of(head_text), "ab", &value));
    assert_span(value, "x");
    assert_true(head_find(span_of(head_text), "EMPTY", &value));
    assert_span(value, "");
}

static void test_head__knows_what_is_not_there(void **state)
{
    struct span value;
    (void)state;
    assert_false(head_find(span_of(head_text), "B", &value));
    assert_false(head_find(span_of(head_text), "HTTP/1.1 200 A", &value));
    assert_false(head_find((struct span){0}, "A", &value));
    assert_false(head_find(span_of("HTTP/1.1 200 OK\r\n\r\n"), "A", &value));
}

static void test_head__steps_through_fields_of_one_name(void **state)
{
    struct span value;
    size_t cursor = 0;
    (void)state;
    assert_true(head_next(span_of(head_text), "a", &cursor, &value));
    assert_span(value, "first");
    assert_true(head_next(span_of(head_text), "a", &cursor, &value));
    assert_span(value, "second");
    assert_false(head_next(span_of(head_text), "a", &cursor, &value));
    assert_false(head_next(span_of(head_text), "a", &cursor, &value));
}

static void test_head__compares_without_regard_to_case(void **state)
{
    (void)state;
    assert_true(span_equals_nocase(span_of("Close"), "close"));
    assert_false(span_equals_nocase(span_of("closed"), "close"));
    assert_false(span_equals_nocase(span_of("clos"), "close"));
    assert_false(span_equals_nocase((struct span){"close\0d", 7}, "close"));
    assert_true(span_equals_nocase(span_of(""), ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head__finds_the_first_field_of_a_name),
        cmocka_unit_test(test_head__knows_what_is_not_there),
        cmocka_unit_test(test_head__steps_through_fields_of_one_name),
        cmocka_unit_test(test_head__compares_without_regard_to_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
