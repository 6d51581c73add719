#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/csv.h"

static int parse(const char *text, size_t len, struct csv_table *table, struct err *err)
{
    return csv_read(table, (struct span){text, len}, "a.csv", err);
}

static void expect_cell(const struct csv_table *table, size_t row, size_t column, const char *text)
{
    struct span cell = table->cells[row * table->n_columns + column];
    assert_int_equal(cell.len, strlen(text));
    assert_memory_equal(cell.at, text, cell.len);
}

static void expect_error(const char *text, size_t len, const char *message)
{
    struct csv_table table;
    struct err err = {0};
    assert_int_equal(parse(text, len, &table, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
    csv_table_release(&table);
    csv_table_release(&table);
}

static void test_csv__reads_rows_below_their_names(void **state)
{
    (void)state;
    struct csv_table table;
    struct err err = {0};
    static const char text[] = "name,pass word\nada,  s3 cret \n\nbob,\n";
    assert_int_equal(parse(text, sizeof text - 1, &table, &err), 0);
    assert_int_equal(table.n_columns, 2);
    assert_string_equal(table.columns[1], "pass word");
    assert_int_equal(table.n_rows, 2);
    expect_cell(&table, 0, 0, "ada");
    expect_cell(&table, 0, 1, "  s3 cret ");
    expect_cell(&table, 1, 1, "");
    csv_table_release(&table);
}

static void test_csv__may_have_no_rows(void **state)
{
    (void)state;
    struct csv_table table;
    struct err err = {0};
    assert_int_equal(parse("a,b\n\n", 5, &table, &err), 0);
    assert_int_equal(table.n_columns, 2);
    assert_int_equal(table.n_rows, 0);
    csv_table_release(&table);
}

static void test_csv__takes_a_mark_carriage_returns_and_quotes(void **state)
{
    (void)state;
    struct csv_table table;
    struct err err = {0};
    static const char text[] =
        "\xef\xbb\xbf\"a\",b\r\n\"one, \"\"two\"\"\r\nthree\",\xc3\xa4\r\n\"\",\"4\"";
    assert_int_equal(parse(text, sizeof text - 1, &table, &err), 0);
    assert_string_equal(table.columns[0], "a");
    assert_int_equal(table.n_rows, 2);
    expect_cell(&table, 0, 0, "one, \"two\"\r\nthree");
    expect_cell(&table, 0, 1, "\xc3\xa4");
    expect_cell(&table, 1, 0, "");
    expect_cell(&table, 1, 1, "4");
    csv_table_release(&table);
}

static void test_csv__names_the_line_of_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *message;
    } rows[] = {
#define ROW(text, message) {text, sizeof(text) - 1, message}
        ROW("", "'a.csv': expected a first line that names the columns"),
        ROW("\xef\xbb\xbf\r\n", "'a.csv': expected a first line that names the columns"),
        ROW("a,,b\n1,2,3\n",
            "'a.csv' line 1: a column has no name; the first line names the columns"),
        ROW("a,b,a\n1,2,3\n", "'a.csv' line 1: 'a' names two columns"),
        ROW("a,b\n1,2\n\n1,2,3\n", "'a.csv' line 4: expected 2 fields, one for each column of the "
                                   "first line, found 3"),
        ROW("a,b\r\n\"1\r\n\",2\r\n1\r\n", "'a.csv' line 4: expected 2 fields, one for each column "
                                           "of the first line, found 1"),
        ROW("a\nx\"y\n", "'a.csv' line 2: a quote is out of place; a field with a quote in it is "
                         "put into quotes, and the quote doubled"),
        ROW("a\n\"x\"y\n", "'a.csv' line 2: a quote is out of place; a field with a quote in it is "
                           "put into quotes, and the quote doubled"),
        ROW("a\n1\n\"x\ny\n", "'a.csv' line 4: a quoted field is not closed when the file ends"),
        ROW("a\n1\n\xe4\n", "'a.csv' line 3: expected UTF-8 text; save the file as UTF-8"),
        ROW("a\n1\0002\n", "'a.csv' line 2: expected UTF-8 text; save the file as UTF-8"),
        ROW("a\0b\n1\n", "'a.csv' line 1: expected UTF-8 text; save the file as UTF-8"),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_error(rows[i].text, rows[i].len, rows[i].message);
}

static void test_csv__has_limits(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_add_str(&text, "a\n");
    buf_add_repeat(&text, 'x', CSV_CELL_LIMIT + 1);
    expect_error(buf_text(&text), text.len,
                 "'a.csv' line 2: a field is over 64 KiB; check its quotes");
    buf_reset(&text);
    for (int i = 0; i <= CSV_COLUMNS; i++)
        buf_addf(&text, "%sc%d", i ? "," : "", i);
    expect_error(buf_text(&text), text.len, "'a.csv' line 1: expected at most 256 columns");
    buf_release(&text);
}

static void test_csv__reads_what_it_writes(void **state)
{
    (void)state;
    static const char *const cells[] = {"a", "b c", "\"",       "x,y",
                                        " ", "",    "\r\n\"\"", "\xe2\x82\xac"};
    struct buf text = {0};
    struct csv_table table;
    struct err err = {0};
    for (size_t i = 0; i < 8; i += 2) {
        csv_add_field(&text, cells[i], true);
        csv_add_field(&text, cells[i + 1], false);
        csv_end_row(&text);
    }
    assert_int_equal(parse(buf_text(&text), text.len, &table, &err), 0);
    for (size_t i = 0; i < 6; i++)
        expect_cell(&table, i / 2, i % 2, cells[i + 2]);
    csv_table_release(&table);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv__reads_rows_below_their_names),
        cmocka_unit_test(test_csv__may_have_no_rows),
        cmocka_unit_test(test_csv__takes_a_mark_carriage_returns_and_quotes),
        cmocka_unit_test(test_csv__names_the_line_of_what_is_wrong),
        cmocka_unit_test(test_csv__has_limits),
        cmocka_unit_test(test_csv__reads_what_it_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
