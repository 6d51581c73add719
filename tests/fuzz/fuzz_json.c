/* JSON: what parses is dumped, and the dump parses to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct js_doc *first, *second;
    struct err err = {0};
    struct buf once = {0}, twice = {0};
    if (js_parse((const char *)data, size, "input", &first, &err) < 0) {
        if (err.code != ERR_INPUT || !*err.text)
            abort();
        return 0;
    }
    struct js_at root = js_root(first);
    js_dump(&root, &once);
    if (js_parse(buf_text(&once), once.len, "again", &second, &err) < 0)
        abort();
    struct js_at again = js_root(second);
    js_dump(&again, &twice);
    if (strcmp(buf_text(&once), buf_text(&twice)) != 0)
        abort();
    buf_release(&once);
    buf_release(&twice);
    js_free(first);
    js_free(second);
    return 0;
}
