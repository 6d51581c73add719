/* An anchor: what decodes encodes, and what was encoded decodes to the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/anchor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct anchor first, second;
    struct err err = {0};
    struct buf once = {0}, twice = {0};
    if (anchor_decode((const char *)data, size, "input", &first, &err) < 0) {
        if (err.code != ERR_INPUT || !*err.text)
            abort();
        return 0;
    }
    anchor_encode(&first, &once);
    if (anchor_decode(buf_text(&once), once.len, "again", &second, &err) < 0)
        abort();
    anchor_encode(&second, &twice);
    if (strcmp(buf_text(&once), buf_text(&twice)) != 0)
        abort();
    buf_release(&once);
    buf_release(&twice);
    anchor_release(&first);
    anchor_release(&second);
    return 0;
}
