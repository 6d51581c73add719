/* A foreign result file of any bytes: a report that reads back, or a sentence. */
#include <stdint.h>
#include <stdlib.h>

#include "import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_reads_back(const struct report *report)
{
    struct buf text = {0};
    struct report again;
    struct err err = {0};
    report_encode(report, &text);
    if (report_decode(buf_text(&text), text.len, "again", &again, &err) < 0)
        abort();
    report_release(&again);
    buf_release(&text);
}

static void import(struct span input, bool partial)
{
    struct stream stream;
    struct span head;
    struct report report = {0};
    struct err err = {0};
    stream_open_memory(&stream, input, "input");
    const struct import_format *format =
        stream_peek(&stream, &head, &err) == 0 ? import_recognise(head) : NULL;
    struct import_file file = {.stream = &stream, .partial = partial};
    if (format && import_read(&file, format, &report, &err) == 0)
        check_reads_back(&report);
    else if (format && (err.code != ERR_INPUT || !*err.text))
        abort();
    report_release(&report);
    stream_close(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = {(const char *)data, size};
    import(input, false);
    import(input, true);
    return 0;
}
