#include "import/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Each line in brackets; "bad" is refused. */
static int take(void *context, const struct line *line, struct err *err)
{
    struct buf *out = context;
    if (strcmp(line->text.at, "bad") == 0)
        return err_set(err, ERR_INPUT, "expected none");
    buf_addf(out, "[%s]%s", line->text.at, line->ended ? "" : "...");
    return 0;
}

static int read_lines(struct span text, bool partial, struct report *report, struct buf *out,
                      struct err *err)
{
    struct stream stream;
    stream_open_memory(&stream, text, "f");
    struct import_file file = {.stream = &stream, .partial = partial};
    int status = lines_read(&file, take, out, report, err);
    stream_close(&stream);
    return status;
}

static void test_lines__end_in_lf_or_crlf(void **state)
{
    (void)state;
    struct report report = {0};
    struct buf out = {0};
    struct err err = {0};
    const char *text = "a\r\n\n b c\nd";
    assert_int_equal(read_lines((struct span){text, strlen(text)}, false, &report, &out, &err), 0);
    assert_string_equal(buf_text(&out), "[a][][ b c][d]...");
    assert_string_equal(report.health.notes[0],
                        "the last line has no line end: 'f' may be cut off");
    report_release(&report);
    buf_release(&out);
}

static void test_lines__failure_has_file_and_line(void **state)
{
    (void)state;
    struct report report = {0};
    struct buf out = {0};
    struct err err = {0};
    const char *text = "a\nbad\nb\nbad\n";
    struct span span = {text, strlen(text)};
    assert_int_equal(read_lines(span, false, &report, &out, &err), -1);
    assert_string_equal(err.text, "'f' line 2: expected none");
    err = (struct err){0};
    buf_reset(&out);
    assert_int_equal(read_lines(span, true, &report, &out, &err), 0);
    assert_string_equal(buf_text(&out), "[a][b]");
    assert_string_equal(report.health.notes[0], "2 lines could not be read and were left out, "
                                                "first 'f' line 2: expected none");
    report_release(&report);
    buf_release(&out);
}

/* Over several pieces of the stream, and over the limit. */
static void test_lines__have_a_limit(void **state)
{
    (void)state;
    struct report report = {0};
    struct buf out = {0};
    struct err err = {0};
    size_t len = LINES_LIMIT + 1;
    char *text = malloc(len + 1);
    memset(text, 'x', len);
    assert_int_equal(read_lines((struct span){text, LINES_LIMIT}, false, &report, &out, &err), 0);
    assert_int_equal(out.len, LINES_LIMIT + 5);
    report_release(&report);
    assert_int_equal(read_lines((struct span){text, len}, true, &report, &out, &err), -1);
    assert_string_equal(err.text, "'f' line 1: a line is over 1 MiB; expected what the tool writes "
                                  "without the bodies of responses");
    free(text);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines__end_in_lf_or_crlf),
        cmocka_unit_test(test_lines__failure_has_file_and_line),
        cmocka_unit_test(test_lines__have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
