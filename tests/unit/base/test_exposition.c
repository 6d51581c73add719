/* Samples of Prometheus' text format. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/exposition.h"

static struct span span_of(const char *text)
{
    return (struct span){text, strlen(text)};
}

static bool parse(const char *text, struct exposition *out)
{
    return exposition_parse(span_of(text), out);
}

static void test_exposition__reads_samples(void **state)
{
    (void)state;
    struct exposition sample;
    assert_true(parse("up 1", &sample));
    assert_int_equal(sample.name.len, 2);
    assert_int_equal(sample.n_labels, 0);
    assert_float_equal(sample.value, 1, 0);
    assert_true(
        parse("  a:b_total { method = \"GET\" , route=\"/a\\\"b}\\\\\", } -1.5e3 1700000000000",
              &sample));
    assert_int_equal(sample.n_labels, 2);
    assert_float_equal(sample.value, -1500, 0);
    struct span route = exposition_label(&sample, "route");
    assert_int_equal(route.len, strlen("/a\\\"b}\\\\"));
    assert_null(exposition_label(&sample, "rout").at);
    assert_true(parse("x{e=\"\"} +Inf\r", &sample));
    assert_true(isinf(sample.value));
    assert_non_null(exposition_label(&sample, "e").at);
    assert_true(parse("x NaN # {trace_id=\"a\"} 1", &sample));
    assert_true(isnan(sample.value));
}

static void test_exposition__refuses_what_is_none(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "# HELP a b",
                                        "a",
                                        "a ",
                                        "a b",
                                        "a 1x",
                                        "{a=\"b\"} 1",
                                        "a{b=\"c} 1",
                                        "a{b=\"c\\",
                                        "a{b=\"c\\\"} 1",
                                        "a{b} 1",
                                        "a{b=c} 1",
                                        "a{b=\"c\" d=\"e\"} 1",
                                        "a{b=\"c\"",
                                        "a 1234567890123456789012345678901234567890123"};
    struct exposition sample;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (parse(texts[i], &sample))
            fail_msg("'%s' was taken", texts[i]);
}

static void test_exposition__bounds_the_labels(void **state)
{
    (void)state;
    struct exposition sample;
    struct buf text = {0};
    buf_add_str(&text, "a{");
    for (int i = 0; i < EXPOSITION_LABELS; i++)
        buf_addf(&text, "l%d=\"v\",", i);
    size_t len = text.len;
    buf_add_str(&text, "} 1");
    assert_true(parse(buf_text(&text), &sample));
    text.len = len;
    buf_add_str(&text, "more=\"v\"} 1");
    assert_false(parse(buf_text(&text), &sample));
    buf_release(&text);
}

static void test_exposition__matches_by_labels_that_are_wanted(void **state)
{
    (void)state;
    static const struct {
        const char *wanted;
        bool matches;
    } tries[] = {{"a", true},           {"a{x=\"1\"}", true}, {"a{y=\"2\",x=\"1\"}", true},
                 {"a{x=\"2\"}", false}, {"a{z=\"\"}", false}, {"ab", false}};
    struct exposition sample, wanted;
    assert_true(parse("a{x=\"1\",y=\"2\"} 5", &sample));
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        assert_true(exposition_parse_name(span_of(tries[i].wanted), &wanted));
        assert_int_equal(exposition_matches(&wanted, &sample), tries[i].matches);
    }
    assert_false(exposition_parse_name(span_of("a 1"), &wanted));
    assert_false(exposition_parse_name(span_of("a{"), &wanted));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exposition__reads_samples),
        cmocka_unit_test(test_exposition__refuses_what_is_none),
        cmocka_unit_test(test_exposition__bounds_the_labels),
        cmocka_unit_test(test_exposition__matches_by_labels_that_are_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
