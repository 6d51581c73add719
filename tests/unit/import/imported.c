#include "imported.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

int imported(const char *text, const char *format, bool partial, struct report *report,
             struct err *err)
{
    return imported_bytes((struct span){text, strlen(text)}, format, partial, report, err);
}

int imported_bytes(struct span bytes, const char *format, bool partial, struct report *report,
                   struct err *err)
{
    struct stream stream;
    struct span head;
    stream_open_memory(&stream, bytes, "f");
    assert_int_equal(stream_peek(&stream, &head, err), 0);
    const struct import_format *found = import_recognise(head);
    assert_non_null(found);
    assert_string_equal(found->name, format);
    struct import_file file = {.stream = &stream, .partial = partial};
    int status = import_read(&file, found, report, err);
    stream_close(&stream);
    return status;
}

struct report imported_well(const char *text, const char *format)
{
    struct report report;
    struct err err = {0};
    int status = imported(text, format, false, &report, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    assert_string_equal(report.source->format, format);
    return report;
}

void imported_not(const char *text, const char *format, const char *message)
{
    struct report report;
    struct err err = {0};
    assert_int_equal(imported(text, format, false, &report, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
    report_release(&report);
}

void imported_reads_back(const struct report *report)
{
    struct buf once = {0}, twice = {0};
    struct report again;
    struct err err = {0};
    report_encode(report, &once);
    int status = report_decode(once.data, once.len, "again", &again, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    report_encode(&again, &twice);
    assert_string_equal(buf_text(&once), buf_text(&twice));
    assert_true(report_same_source(report, &again));
    report_release(&again);
    buf_release(&once);
    buf_release(&twice);
}

const struct report_endpoint *imported_endpoint(const struct report *report, const char *method,
                                                const char *name)
{
    for (size_t i = 0; i < report->n_endpoints; i++)
        if (strcmp(report->endpoints[i].name, name) == 0 &&
            strcmp(report->endpoints[i].method, method) == 0)
            return &report->endpoints[i];
    return NULL;
}
