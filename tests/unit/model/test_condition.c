/* Conditions of alerts: what they mean, and where they cannot be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "model/condition.h"

/* The tree as text, with parentheses around everything. */
static void show(const struct condition_node *node, struct buf *out)
{
    static const char *const ops[] = {"<", "<=", ">", ">=", "==", "!="};
    static const char *const kinds[] = {"", "and", "or", "not", "for"};
    if (node->kind == CONDITION_COMPARE) {
        buf_addf(out, "%s%s%s %s %.10g", node->endpoint ? node->endpoint : "",
                 node->endpoint ? "|" : "", node->name, ops[node->op], node->number);
        return;
    }
    buf_addf(out, "(%s ", kinds[node->kind]);
    show(node->left, out);
    if (node->right) {
        buf_add_str(out, " ");
        show(node->right, out);
    }
    if (node->kind == CONDITION_FOR)
        buf_addf(out, " %.10g #%zu", (double)node->lasting_ns / 1e9, node->place);
    buf_add_str(out, ")");
}

static void expect_tree(const char *text, const char *tree)
{
    struct arena arena = {0};
    struct condition condition;
    struct err err = {0};
    struct buf found = {0};
    assert_int_equal(condition_parse(text, &arena, &condition, &err), 0);
    assert_string_equal(err.text, "");
    show(condition.root, &found);
    assert_string_equal(buf_text(&found), tree);
    buf_release(&found);
    arena_release(&arena);
}

static void expect_error(const char *text, const char *message)
{
    struct arena arena = {0};
    struct condition condition;
    struct err err = {0};
    assert_int_equal(condition_parse(text, &arena, &condition, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
    arena_release(&arena);
}

static void test_condition__comparisons(void **state)
{
    (void)state;
    expect_tree("avg_response_time > 1000", "avg_response_time > 1000");
    expect_tree("  p99.9\n>=\t-1.5e3 ", "p99.9 >= -1500");
    expect_tree("95th_percentile<.5", "95th_percentile < 0.5");
    expect_tree("cache_hit_ratio == 1", "cache_hit_ratio == 1");
    expect_tree("a!=1 and b<=2", "(and a != 1 b <= 2)");
    expect_tree("endpoint('GET /a b').p95 > 1", "GET /a b|p95 > 1");
    expect_tree("endpoint ( \"GET /it's\" ) . p95 > 1", "GET /it's|p95 > 1");
    expect_tree("endpoints > 1", "endpoints > 1");
}

static void test_condition__units(void **state)
{
    (void)state;
    expect_tree("error_rate > 5%", "error_rate > 0.05");
    expect_tree("error_rate >= 100%", "error_rate >= 1");
    expect_tree("requests > 5", "requests > 5");
    expect_tree("p95 > 1.5s", "p95 > 1500");
    expect_tree("p95 > 20ms", "p95 > 20");
    expect_tree("p95 > 250us", "p95 > 0.25");
    expect_tree("p95 > 1e3us", "p95 > 1");
    expect_error("error_rate > 5ms",
                 "column 15: expected a number in the metric's own unit, found 'ms'");
    expect_error("cpu_usage > 90",
                 "column 13: expected a ratio from 0 to 1, or a percentage such as 5%, found '90'");
    expect_error("error_rate > 101%", "column 14: expected a ratio from 0 to 1, or a percentage "
                                      "such as 5%, found '101%'");
    expect_error("error_rate < -0.1", "column 14: expected a ratio from 0 to 1, or a percentage "
                                      "such as 5%, found '-0.1'");
    expect_error("hits > 5%", "column 9: expected a number in the metric's own unit, found '%'");
    expect_error("p95 > 5m", "column 8: expected one of the units %, ms, s and us, or none, found "
                             "'m'");
}

static void test_condition__what_binds_before_what(void **state)
{
    (void)state;
    expect_tree("a>1 or b>1 and c>1", "(or a > 1 (and b > 1 c > 1))");
    expect_tree("(a>1 or b>1) and c>1", "(and (or a > 1 b > 1) c > 1)");
    expect_tree("a>1 and b>1 and c>1", "(and (and a > 1 b > 1) c > 1)");
    expect_tree("not a>1 and not not b>1", "(and (not a > 1) (not (not b > 1)))");
    expect_tree("not a>1 for 2s", "(not (for a > 1 2 #0))");
    expect_tree("not (a>1) for 2s", "(not (for a > 1 2 #0))");
    expect_tree("(not a>1) for 2s", "(for (not a > 1) 2 #0)");
    expect_tree("a>1 for 1m30s and (b>1 or c>1) for 500ms",
                "(and (for a > 1 90 #0) (for (or b > 1 c > 1) 0.5 #1))");
    expect_tree("nothing > 1 and forum > 1 or order > 1",
                "(or (and nothing > 1 forum > 1) order > 1)");
}

static void test_condition__says_where_it_cannot_be_read(void **state)
{
    (void)state;
    expect_error("", "column 1: expected a metric such as error_rate, or endpoint('GET /x'), found "
                     "the end");
    expect_error("1000 < p95",
                 "column 1: expected a metric such as error_rate, or endpoint('GET /x'), found "
                 "'1000'");
    expect_error("p95", "column 4: expected one of <, <=, >, >=, == and !=, found the end");
    expect_error("p95 = 1", "column 5: expected one of <, <=, >, >=, == and !=, found '='");
    expect_error("p95 > ", "column 7: expected a number, found the end");
    expect_error("p95 > 0x10", "column 8: expected one of the units %, ms, s and us, or none, "
                               "found 'x10'");
    expect_error("p95 > nan", "column 7: expected a number, found 'nan'");
    expect_error("p95 > 1e999", "column 7: expected a number, found '1e999'");
    expect_error("(p95 > 1", "column 9: expected and, or, for or ')', found the end");
    expect_error("p95 > 1)", "column 8: expected and, or, for or the end, found ')'");
    expect_error("p95 > 1 && x > 1", "column 9: expected and, or, for or the end, found '&&'");
    expect_error("p95 > 1 for", "column 12: expected a duration such as 30s behind for, found the "
                                "end");
    expect_error("p95 > 1 for 0s", "column 13: expected a duration such as 30s behind for, found "
                                   "'0s'");
    expect_error("p95 > 1 for 1s for 2s", "column 16: expected and, or, for or the end, found "
                                          "'for'");
    expect_error("endpoint > 1", "column 10: expected '(' behind endpoint, found '>'");
    expect_error("endpoint('GET /).p95 > 1",
                 "column 10: expected an endpoint that ends with the quote that it begins with, "
                 "found ''GET'");
    expect_error("endpoint('').p95 > 1",
                 "column 10: expected an endpoint such as 'GET /forum', found ''''");
    expect_error("endpoint('GET /') > 1",
                 "column 19: expected '.' and a metric behind the endpoint, found '>'");
}

static void test_condition__is_bounded(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_add_repeat(&text, '(', 31);
    buf_add_str(&text, "a>1");
    buf_add_repeat(&text, ')', 31);
    expect_tree(buf_text(&text), "a > 1");
    buf_reset(&text);
    buf_add_repeat(&text, '(', 4000);
    expect_error(buf_text(&text), "column 33: expected fewer parts within each other; make several "
                                  "alerts, found '('");
    buf_reset(&text);
    for (int i = 0; i < 1000; i++)
        buf_add_str(&text, "not ");
    expect_error(buf_text(&text),
                 "column 129: expected fewer parts within each other; make several "
                 "alerts, found 'not'");
    buf_reset(&text);
    for (int i = 0; i < 128; i++)
        buf_add_str(&text, "a>1 or ");
    buf_add_str(&text, "a>1");
    expect_error(buf_text(&text), "column 897: expected at most 256 parts; make several alerts");
    buf_reset(&text);
    buf_add_repeat(&text, ' ', 4097);
    expect_error(buf_text(&text), "expected at most 4096 bytes; make several alerts");
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_condition__comparisons),
        cmocka_unit_test(test_condition__units),
        cmocka_unit_test(test_condition__what_binds_before_what),
        cmocka_unit_test(test_condition__says_where_it_cannot_be_read),
        cmocka_unit_test(test_condition__is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
