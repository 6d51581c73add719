/*
 * Every file of the fuzz corpus, cut at every byte (every few where it is long): a report, or a
 * sentence. What was cut off and still reads is the format's true content up to a line's end, or
 * says that it may be cut off.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fs.h"
#include "imported.h"

#define CORPUS "tests/fuzz/corpus/import"
#define CUTS   ((size_t)600) /* of a file, about */

/* NULL where it is not read; `err` says why not, and is empty where it is of no format. */
static struct report *read_bytes(struct span bytes, bool partial, struct err *err)
{
    struct report *report = calloc(1, sizeof *report);
    struct stream stream;
    struct span head;
    stream_open_memory(&stream, bytes, "f");
    bool known = stream_peek(&stream, &head, err) == 0;
    const struct import_format *format = known ? import_recognise(head) : NULL;
    struct import_file file = {.stream = &stream, .partial = partial};
    bool read = format && import_read(&file, format, report, err) == 0;
    stream_close(&stream);
    if (read)
        return report;
    free(report);
    return NULL;
}

static void drop(struct report *report)
{
    if (report)
        report_release(report);
    free(report);
}

static bool has_note(const struct report *report, const char *text)
{
    for (size_t i = 0; i < report->health.n_notes; i++)
        if (strstr(report->health.notes[i], text))
            return true;
    return false;
}

/* The first `len` bytes are whole lines, if not the last one's end. */
static bool ends_a_line(struct span bytes, size_t len)
{
    return len && (bytes.at[len - 1] == '\n' || bytes.at[len] == '\n' || bytes.at[len] == '\r');
}

static bool is_blank(char c)
{
    return c == '\n' || c == '\r' || c == ' ';
}

/* What of a file is there beside blanks at its end. */
static size_t content(struct span bytes)
{
    while (bytes.len && is_blank(bytes.at[bytes.len - 1]))
        bytes.len--;
    return bytes.len;
}

static void check_cut(const struct report *whole, struct span bytes, size_t len)
{
    struct span cut = {bytes.at, len};
    struct err err = {0};
    struct report *report = read_bytes(cut, false, &err);
    if (report) {
        /* Of the one, a part may be whole; the other's tool itself ends its file so. */
        bool may_end = strcmp(report->source->format, "Gatling simulation.log, binary") == 0 ||
                       strcmp(report->source->format, "hey CSV") == 0;
        imported_reads_back(report);
        assert_true(report->metrics.total_requests <= whole->metrics.total_requests);
        assert_true(report->metrics.total_failures <= whole->metrics.total_failures);
        if (!may_end && !ends_a_line(bytes, len) && len < content(bytes) &&
            !has_note(report, "may be cut off"))
            fail_msg("%s, cut to %zu bytes, is read without a word", report->source->format, len);
    }
    assert_true(report || !*err.text ||
                (err.code == ERR_INPUT && strstr(err.text, "'f'") == err.text));
    drop(report);
    err = (struct err){0};
    report = read_bytes(cut, true, &err);
    if (report)
        imported_reads_back(report);
    drop(report);
}

static size_t check_file(const char *name)
{
    struct buf path = {0}, bytes = {0};
    struct err err = {0};
    buf_addf(&path, CORPUS "/%s", name);
    assert_int_equal(fs_read(buf_text(&path), 1 << 20, &bytes, &err), 0);
    struct span all = {bytes.data, bytes.len};
    struct report *whole = read_bytes(all, false, &err);
    size_t step = 1 + all.len / CUTS;
    for (size_t len = 0; whole && len < all.len; len += step)
        check_cut(whole, all, len);
    size_t checked = whole != NULL;
    drop(whole);
    buf_release(&path);
    buf_release(&bytes);
    return checked;
}

static void test_cut__is_never_a_crash_or_a_silent_pass(void **state)
{
    (void)state;
    size_t n = 0;
    DIR *dir = opendir(CORPUS);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        if (entry->d_name[0] != '.')
            n += check_file(entry->d_name);
    closedir(dir);
    assert_true(n >= 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut__is_never_a_crash_or_a_silent_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
