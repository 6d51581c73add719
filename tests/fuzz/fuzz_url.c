/*
 * URLs and Locations: whatever is accepted can stand in a request line and a Host field. The input
 * is URL, NUL, Location.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/url.h"

static void check(const struct url *url)
{
    if (url->path[0] != '/' || !url->port || !url->host[0])
        abort();
    for (const char *at = url->host; *at; at++)
        if (*at <= ' ' || *at >= 0x7f)
            abort();
    for (const char *at = url->path; *at; at++)
        if (*at == '\r' || *at == '\n' || *at == ' ' || *at == '#')
            abort();
}

/* The text of a URL parses, and to the same URL: at the latest from the second time on, because
 * curl reads an escaped number such as %31 in a host as a name first. */
static void check_again(const struct url *url, int rounds)
{
    struct buf text = {0};
    struct url again;
    struct err err = {0};
    url_add_origin(url, &text);
    if (url_parse(buf_text(&text), "again", &again, &err))
        abort();
    if (rounds)
        check_again(&again, rounds - 1);
    else if (!url_same_origin(url, &again))
        abort();
    url_release(&again);
    buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = {0};
    struct url url, to;
    struct err err = {0};
    buf_add(&text, data, size);
    const char *start = buf_text(&text);
    size_t len = strlen(start), from = len < text.len ? len + 1 : len;
    struct span location = {start + from, text.len - from};
    if (!url_parse(start, "url", &url, &err)) {
        check(&url);
        check_again(&url, 1);
        struct span path = {url.path, strlen(url.path)};
        if (!url_resolve(&url, path, location, &to, &err)) {
            check(&to);
            url_release(&to);
        }
        url_release(&url);
    }
    buf_release(&text);
    return 0;
}
