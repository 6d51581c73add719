#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/markdown.h"
#include "render/table.h"

static const struct table_column columns[] = {
    {.title = "Status"},
    {.title = "Name", .name = true, .max_width = 9},
    {.title = "Empty"},
    {.title = "Time", .right = true},
};

static void add(struct table *table, const char *status, const char *name, const char *time)
{
    struct table_row *row = table_add(table);
    row->cells[0] = status;
    row->cells[1] = name;
    row->cells[3] = time;
}

static struct table make(void)
{
    struct table table = {.columns = columns, .n_columns = 4};
    add(&table, "regressed", "論壇", "12.3 ms");
    add(&table, "stable", "GET /a/long/name", "1 s");
    add(&table, "stable", NULL, NULL);
    table.rows[0].note = "twice\nas slow";
    table.rows[0].tone = TONE_BAD;
    return table;
}

static void test_table__aligns_columns_by_width(void **state)
{
    (void)state;
    struct table table = make();
    struct buf out = {0};
    table_add_text(&table, false, &out);
    assert_string_equal(buf_text(&out), "Status     Name          Time\n"
                                        "regressed  論壇       12.3 ms\n"
                                        "    twice<U+000A>as slow\n"
                                        "stable     GET …name      1 s\n"
                                        "stable\n");
    buf_release(&out);
    table_release(&table);
    table_release(&table);
}

static void test_table__colours_the_first_cell_only(void **state)
{
    (void)state;
    struct table table = make();
    struct buf out = {0};
    table_add_text(&table, true, &out);
    assert_non_null(strstr(buf_text(&out), "\033[1;31mregressed\033[0m  論壇"));
    assert_non_null(strstr(buf_text(&out), "\nstable     GET"));
    buf_release(&out);
    table_release(&table);
}

static void test_table__markdown_stops_at_the_limit(void **state)
{
    (void)state;
    struct table table = make();
    struct buf out = {0};
    assert_int_equal(table_add_markdown(&table, 0, 10000, &out), 3);
    static const char first_two[] =
        "| Status | Name | Time | Reason |\n"
        "|---|---|--:|---|\n"
        "| regressed | `論壇` | 12.3 ms | twice&#60;U+000A&#62;as slow |\n";
    assert_memory_equal(buf_text(&out), first_two, sizeof first_two - 1);
    size_t whole = out.len;
    buf_reset(&out);
    assert_int_equal(table_add_markdown(&table, 0, whole, &out), 3);
    buf_reset(&out);
    assert_int_equal(table_add_markdown(&table, 0, whole - 1, &out), 2);
    assert_true(out.len < whole);
    buf_reset(&out);
    assert_int_equal(table_add_markdown(&table, 0, sizeof first_two - 1, &out), 1);
    assert_string_equal(buf_text(&out), first_two);
    buf_reset(&out);
    assert_int_equal(table_add_markdown(&table, 0, 3, &out), 0);
    assert_string_equal(buf_text(&out), "");
    buf_release(&out);
    table_release(&table);
}

static void expect_name(const char *name, const char *expected)
{
    struct buf out = {0};
    markdown_add_name(&out, name, 0);
    assert_string_equal(buf_text(&out), expected);
    buf_release(&out);
}

static void test_markdown__names_are_code(void **state)
{
    (void)state;
    expect_name("", "");
    expect_name("GET /forum", "`GET /forum`");
    expect_name("@admin <img src=x> [a](http://b)", "`@admin <img src=x> [a](http://b)`");
    expect_name("a|b", "`a\\|b`");
    expect_name("a\\|b", "`a\\\\\\|b`");
    expect_name("a\\\\|b", "`a\\\\\\|b`");
    expect_name("a`b", "``a`b``");
    expect_name("`a``", "``` `a`` ```");
    expect_name("a\nb", "`a<U+000A>b`");
}

static void expect_sentence(const char *text, const char *expected)
{
    struct buf out = {0};
    markdown_add_sentence(&out, text, 0);
    assert_string_equal(buf_text(&out), expected);
    buf_release(&out);
}

static void test_markdown__sentences_are_inert(void **state)
{
    (void)state;
    expect_sentence("p95 of GET /forum rose by 51.2 %", "p95 of GET /forum rose by 51.2 %");
    expect_sentence("- item", "&#45; item");
    expect_sentence("# head", "&#35;&#8203; head");
    expect_sentence("1. item", "&#49;. item");
    expect_sentence("hey @root, see #12", "hey @&#8203;root, see #&#8203;12");
    expect_sentence("<b>*x*</b> `y` a|b",
                    "&#60;b&#62;&#42;x&#42;&#60;/b&#62; &#96;y&#96; a&#124;b");
    expect_sentence("![x](http://evil)", "&#33;&#91;x&#93;(http:&#8203;//evil)");
    expect_sentence("see www.evil.org", "see www&#8203;.evil.org");
    expect_sentence("see GH-12, gh-3", "see GH&#8203;-12, gh&#8203;-3");
    expect_sentence("&lt;", "&#38;lt;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table__aligns_columns_by_width),
        cmocka_unit_test(test_table__colours_the_first_cell_only),
        cmocka_unit_test(test_table__markdown_stops_at_the_limit),
        cmocka_unit_test(test_markdown__names_are_code),
        cmocka_unit_test(test_markdown__sentences_are_inert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
