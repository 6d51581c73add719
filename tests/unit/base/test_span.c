/* Lines and blanks of borrowed texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/span.h"

static struct span of(const char *text)
{
    return (struct span){text, strlen(text)};
}

static void expect(struct span span, const char *text)
{
    assert_int_equal(span.len, strlen(text));
    assert_memory_equal(span.at, text, span.len);
}

static void test_span__lines_end_with_lf_cr_lf_or_the_text(void **state)
{
    (void)state;
    static const char *const lines[] = {"a", "", "b \r", "", "c"};
    struct span text = of("a\n\nb \r\r\n\r\nc"), line;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_true(span_take_line(&text, &line));
        expect(line, lines[i]);
    }
    assert_false(span_take_line(&text, &line));
    text = of("d\n");
    assert_true(span_take_line(&text, &line));
    expect(line, "d");
    assert_false(span_take_line(&text, &line)); /* none behind the last end */
}

static void test_span__blanks_at_the_ends_are_none_of_it(void **state)
{
    (void)state;
    expect(span_trim(of(" \ta b\r ")), "a b");
    expect(span_trim(of("a")), "a");
    expect(span_trim(of(" \t\r ")), "");
    expect(span_trim(of("")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_span__lines_end_with_lf_cr_lf_or_the_text),
        cmocka_unit_test(test_span__blanks_at_the_ends_are_none_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
