/*
 * Compressed bodies of any bytes: what comes out is bounded, and a failure is a sentence. The first
 * byte chooses two codings, two bits for each.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "load/coding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"", "gzip", "deflate", "br"};
    struct coding_space space = {0};
    struct buf head = {0};
    struct err why = {0};
    if (!size)
        return 0;
    buf_addf(&head, "HTTP/1.1 200 OK\r\nContent-Encoding: %s, %s\r\n\r\n", names[data[0] & 3],
             names[data[0] >> 2 & 3]);
    char *copy = mem_array(size, 1); /* a block of its own, without a NUL behind it */
    memcpy(copy, data, size);
    struct span body = {copy + 1, size - 1};
    if (coding_undo((struct span){head.data, head.len}, &space, &body, &why) < 0) {
        if (!*why.text)
            abort();
    } else if (body.len > CODING_LIMIT && body.at != copy + 1) {
        abort();
    }
    coding_space_release(&space);
    buf_release(&head);
    free(copy);
    return 0;
}
