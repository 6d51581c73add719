/* A mapping, which ends at the first line end, and a file of any bytes: a report that reads back,
 * or a sentence. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "import/map.h"

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

static void read_file(const char *map, struct span input, bool partial)
{
    struct stream stream;
    struct report report = {0};
    struct err err = {0};
    stream_open_memory(&stream, input, "input");
    struct import_file file = {.stream = &stream, .partial = partial};
    if (import_map_read(&file, map, &report, &err) == 0)
        check_reads_back(&report);
    else if (err.code != ERR_INPUT || !*err.text)
        abort();
    report_release(&report);
    stream_close(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t len = end ? (size_t)(end - data) : size;
    struct buf map = {0};
    struct err err = {0};
    buf_add(&map, data, len);
    if (import_map_check(buf_text(&map), &err) == 0) {
        struct span input = {(const char *)data + len, size - len};
        input = end ? (struct span){input.at + 1, input.len - 1} : input;
        read_file(buf_text(&map), input, false);
        read_file(buf_text(&map), input, true);
    } else if (err.code != ERR_USAGE || !*err.text) {
        abort();
    }
    buf_release(&map);
    return 0;
}
