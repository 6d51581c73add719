/*
 * A jar fed with lines of any bytes, each one Set-Cookie field: it stays within its limits, and
 * what it sends is one line.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "load/cookie.h"

static void check(const struct cookie_jar *jar, bool is_secure)
{
    struct buf out = {0};
    buf_add_str(&out, "/a/b?c");
    cookie_jar_add_header(jar, 0, 6, is_secure, &out);
    const char *line = out.data + 6;
    size_t len = out.len - 6;
    if (jar->count > COOKIE_COUNT_LIMIT || len > COOKIE_COUNT_LIMIT * (COOKIE_SIZE_LIMIT + 3) + 10)
        abort();
    if (len && (memcmp(line, "Cookie: ", 8) != 0 || memchr(line, '\n', len) != line + len - 1))
        abort();
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cookie_jar jar = {0};
    const char *at = (const char *)data, *end = at + size;
    while (at < end) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((lf ? lf : end) - at);
        char *field = mem_array(len + 1, 1); /* a block of its own, without a NUL behind it */
        memcpy(field + 1, at, len);
        cookie_jar_set(&jar, (struct span){field + 1, len}, (struct span){"/a/b", 4}, 1795000000);
        free(field);
        at += len + (lf ? 1 : 0);
    }
    check(&jar, false);
    check(&jar, true);
    cookie_jar_release(&jar);
    return 0;
}
