#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/csv_rows.h"
#include "base/rng.h"

/* Writes the row as "LINE:[cell][cell]". */
static int take(void *context, const struct csv_row *row, struct err *err)
{
    struct buf *out = context;
    buf_addf(out, "%zu:", row->line);
    for (size_t i = 0; i < row->n; i++) {
        assert_int_equal(strlen(row->cells[i].at), row->cells[i].len);
        buf_addf(out, "[%s]", row->cells[i].at);
    }
    return row->n && strcmp(row->cells[0].at, "bad") == 0
               ? err_set(err, ERR_INPUT, "line %zu is bad", row->line)
               : 0;
}

/* In pieces of `step` bytes. */
static int parse(const char *text, size_t step, struct buf *out, struct err *err)
{
    struct csv_rows *rows = csv_rows_new("a.csv", ';', take, out);
    size_t len = strlen(text);
    int status = 0;
    for (size_t at = 0; at < len && status == 0; at += step)
        status =
            csv_rows_push(rows, (struct span){text + at, len - at < step ? len - at : step}, err);
    if (status == 0)
        status = csv_rows_end(rows, err);
    csv_rows_free(rows);
    return status;
}

static void test_csv_rows__hands_rows_on_whatever_the_pieces(void **state)
{
    (void)state;
    static const char text[] = "a; b \r\n\n\"one\ntwo \"\"2\"\"\";\n\nlast;1";
    for (size_t step = 1; step < sizeof text; step++) {
        struct buf out = {0};
        struct err err = {0};
        assert_int_equal(parse(text, step, &out, &err), 0);
        assert_string_equal(buf_text(&out), "1:[a][ b ]3:[one\ntwo \"2\"][]6:[last][1]");
        buf_release(&out);
    }
}

static void test_csv_rows__passes_over_a_byte_order_mark(void **state)
{
    (void)state;
    struct buf out = {0};
    struct err err = {0};
    assert_int_equal(parse("\xef\xbb\xbf\"a\";b\n", 100, &out, &err), 0);
    assert_string_equal(buf_text(&out), "1:[a][b]");
    buf_release(&out);
}

static void expect_error(const char *text, const char *message)
{
    struct buf out = {0};
    struct err err = {0};
    assert_int_equal(parse(text, 4096, &out, &err), -1);
    assert_string_equal(err.text, message);
    buf_release(&out);
}

static void test_csv_rows__refuses_what_is_no_row(void **state)
{
    (void)state;
    struct buf row = {0};
    expect_error("a\nbad\n", "line 2 is bad");
    expect_error("a\nb\"c\n", "'a.csv' line 2: a quote is out of place; a field with a quote in it "
                              "is put into quotes, and the quote doubled");
    expect_error("a\n\"b\nc\n", "'a.csv' line 2: a quoted field is not closed when the file ends");
    buf_add_repeat(&row, ';', 256);
    expect_error(buf_text(&row), "'a.csv' line 1: expected at most 256 columns");
    buf_reset(&row);
    buf_add_str(&row, "a\n\"");
    for (int i = 0; i < 20000; i++)
        buf_addf(&row, "%052d\n", i);
    expect_error(buf_text(&row), "'a.csv' line 2: a row is over 1 MiB; check its quotes");
    buf_release(&row);
}

/* A cell of a few bytes as a file has it, into `text`, and as it is read, into `wanted`. */
static void random_cell(struct rng *rng, char delimiter, struct buf *text, struct buf *wanted)
{
    static const char bytes[] = "ab  \t\",;\n\r1";
    bool quoted = rng_below(rng, 4) == 0;
    size_t n = (size_t)rng_below(rng, 24);
    buf_add_char(wanted, '[');
    if (quoted)
        buf_add_char(text, '"');
    for (size_t i = 0; i < n; i++) {
        char c = bytes[rng_below(rng, sizeof bytes - 1)];
        if (!quoted && (strchr("\"\n\r", c) || c == delimiter))
            continue;
        buf_add_char(text, c);
        if (c == '"')
            buf_add_char(text, c);
        buf_add_char(wanted, c);
    }
    if (quoted)
        buf_add_char(text, '"');
    buf_add_char(wanted, ']');
}

static size_t lines_of(const struct buf *text)
{
    size_t n = 1;
    for (size_t i = 0; i < text->len; i++)
        n += text->data[i] == '\n';
    return n;
}

/* A file of some rows, and what a reader is to make of it. */
static void write_rows(struct rng *rng, char delimiter, struct buf *text, struct buf *wanted)
{
    static const char *const ends[] = {"\n", "\r\n", "\r", "\n\n", "\r\n\r\n"};
    for (int64_t row = rng_between(rng, 1, 12); row; row--) {
        buf_addf(wanted, "%zu:", lines_of(text));
        for (int64_t cell = rng_between(rng, 1, 5); cell >= 0; cell--) {
            random_cell(rng, delimiter, text, wanted);
            if (cell)
                buf_add_char(text, delimiter);
        }
        if (row > 1 || rng_below(rng, 2))
            buf_add_str(text, ends[rng_below(rng, 5)]);
    }
}

static void read_in_pieces(struct rng *rng, const struct buf *text, char delimiter, int64_t most,
                           struct buf *out)
{
    struct err err = {0};
    struct csv_rows *rows = csv_rows_new("a.csv", delimiter, take, out);
    for (size_t at = 0, n; at < text->len; at += n) {
        n = (size_t)rng_between(rng, 1, most);
        n = n > text->len - at ? text->len - at : n;
        assert_int_equal(csv_rows_push(rows, (struct span){text->data + at, n}, &err), 0);
    }
    assert_int_equal(csv_rows_end(rows, &err), 0);
    csv_rows_free(rows);
}

/* Quoted or not, with blanks at the ends of cells or not, and all kinds of line ends. */
static void test_csv_rows__reads_what_was_written(void **state)
{
    (void)state;
    static const char delimiters[] = ",;\t";
    struct rng rng;
    rng_init(&rng, 1, 4180);
    for (int round = 0; round < 2000; round++) {
        struct buf text = {0}, wanted = {0}, out = {0};
        char delimiter = delimiters[rng_below(&rng, 3)];
        write_rows(&rng, delimiter, &text, &wanted);
        read_in_pieces(&rng, &text, delimiter, round % 2 ? 8 : 400, &out);
        assert_string_equal(buf_text(&out), buf_text(&wanted));
        buf_release(&text);
        buf_release(&wanted);
        buf_release(&out);
    }
}

static void test_csv_rows__passes_over_columns(void **state)
{
    (void)state;
    struct buf out = {0};
    struct err err = {0};
    struct csv_rows *rows = csv_rows_new("a.csv", ',', take, &out);
    csv_rows_only(rows, (const size_t[]){3, (size_t)-1, 0}, 3);
    assert_int_equal(csv_rows_push(rows, (struct span){"a,b,c,d\n,,e\n", 12}, &err), 0);
    assert_int_equal(csv_rows_end(rows, &err), 0);
    assert_string_equal(buf_text(&out), "1:[a][][][d]2:[][][]");
    csv_rows_free(rows);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_rows__hands_rows_on_whatever_the_pieces),
        cmocka_unit_test(test_csv_rows__passes_over_a_byte_order_mark),
        cmocka_unit_test(test_csv_rows__refuses_what_is_no_row),
        cmocka_unit_test(test_csv_rows__reads_what_was_written),
        cmocka_unit_test(test_csv_rows__passes_over_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
