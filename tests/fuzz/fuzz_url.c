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
        if (*at <= ' ' || *at >= 0x7f || strchr("\"#<>[\\]^`{|}", *at))
            abort();
}

/* The text of a URL parses, and to the same URL. Encoded, a path may be longer than a URL. */
static void check_again(const struct url *url)
{
    struct buf text = {0};
    struct url again;
    struct err err = {0};
    url_add_origin(url, &text);
    bool has_path = !url->socket && text.len + strlen(url->path) <= URL_LIMIT;
    if (has_path)
        buf_add_str(&text, url->path);
    if (url_parse(buf_text(&text), "again", &again, &err) || !url_same_origin(url, &again))
        abort();
    if (has_path && strcmp(url->path, again.path) != 0)
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
        check_again(&url);
        struct span path = {url.path, strlen(url.path)};
        if (!url_resolve(&url, path, location, &to, &err)) {
            check(&to);
            check_again(&to);
            url_release(&to);
        }
        url_release(&url);
    }
    buf_release(&text);
    return 0;
}
