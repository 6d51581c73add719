#include "load/step.h"

#include <stdio.h>
#include <string.h>

#include "load/trace.h"

/* What stands for the length of a body until it is known. */
static const char length_room[] = "Content-Length: 18446744073709551615\r\n\r\n";

/* Renders the body behind room for its length, then closes the gap. *body_at is in `out`. */
static int render_counted_body(const struct step *step, const struct fill *fill, struct buf *out,
                               size_t *body_at, struct err *err)
{
    char length[sizeof(length_room)];
    size_t at = out->len, room = sizeof(length_room) - 1;
    buf_add(out, length_room, room);
    if (template_render(&step->body, fill, out, err))
        return -1;
    size_t body_len = out->len - at - room;
    size_t len = (size_t)snprintf(length, sizeof(length), "Content-Length: %zu\r\n\r\n", body_len);
    memcpy(out->data + at, length, len);
    memmove(out->data + at + len, out->data + at + room, body_len + 1);
    out->len -= room - len;
    *body_at = at + len;
    return 0;
}

static int render(const struct step *step, const struct fill *fill, const struct cookie_jar *jar,
                  struct buf *out, struct step_rendered *rendered, struct err *err)
{
    size_t start = out->len, path_at = strlen(step->source->method) + 1;
    if (template_render(&step->line, fill, out, err))
        return -1;
    *rendered = (struct step_rendered){
        .path_at = path_at,
        .path_len = out->len - start - path_at - (sizeof(STEP_LINE_END) - 1),
        .is_head = step->is_head,
    };
    if (template_render(&step->head, fill, out, err) || auth_render(&step->auth, fill, out, err))
        return -1;
    if (jar && !step->has_cookie_header)
        cookie_jar_add_header(jar, start + path_at, rendered->path_len, step->is_secure, out);
    size_t body_at;
    if (step->body_fixed) {
        buf_add(out, "\r\n", 2);
        body_at = out->len;
        if (template_render(&step->body, fill, out, err))
            return -1;
    } else if (render_counted_body(step, fill, out, &body_at, err)) {
        return -1;
    }
    rendered->body_at = body_at - start;
    return 0;
}

size_t step_trace_at(const struct step_rendered *rendered)
{
    return rendered->path_at + rendered->path_len + sizeof STEP_LINE_END - 1 + sizeof TRACE_FIELD -
           1 + sizeof ": " - 1;
}

int step_render(const struct step *step, const struct fill *fill, const struct cookie_jar *jar,
                struct buf *out, struct step_rendered *rendered, struct err *err)
{
    size_t start = out->len;
    if (!render(step, fill, jar, out, rendered, err))
        return 0;
    out->len = start;
    buf_add(out, "", 0); /* ends it there */
    return -1;
}

/* ---- redirects ---- */

static bool becomes_get(int status, struct span method)
{
    bool is_get = method.len == 3 && !memcmp(method.at, "GET", 3);
    bool is_head = method.len == 4 && !memcmp(method.at, "HEAD", 4);
    bool is_post = method.len == 4 && !memcmp(method.at, "POST", 4);
    return status == 303 ? !is_get && !is_head : (status == 301 || status == 302) && is_post;
}

/* The bytes up to and with the next LF; `rest` then begins behind it. */
static struct span next_line(struct span *rest)
{
    const char *lf = memchr(rest->at, '\n', rest->len);
    struct span line = {rest->at, lf ? (size_t)(lf + 1 - rest->at) : rest->len};
    *rest = (struct span){rest->at + line.len, rest->len - line.len};
    return line;
}

static bool is_field(struct span line, const char *name)
{
    struct span field = {line.at, strlen(name)};
    return line.len > field.len && line.at[field.len] == ':' && span_equals_nocase(field, name);
}

/* True where the field does not go along to the new path. */
static bool is_dropped(struct span line, bool drop_body, bool drop_cookies)
{
    return (drop_body && (is_field(line, "Content-Length") || is_field(line, "Content-Type"))) ||
           (drop_cookies && is_field(line, "Cookie"));
}

void step_render_redirect(const struct step *step, const struct step_redirect *redirect,
                          struct buf *out, struct step_rendered *rendered)
{
    struct span rest = redirect->previous;
    struct span first = next_line(&rest);
    const char *blank = memchr(first.at, ' ', first.len);
    struct span method = {first.at, blank ? (size_t)(blank - first.at) : 0};
    bool drop_body = becomes_get(redirect->status, method);
    size_t start = out->len;
    if (drop_body)
        method = (struct span){"GET", 3};
    buf_add(out, method.at, method.len);
    buf_add_char(out, ' ');
    *rendered = (struct step_rendered){
        .path_at = out->len - start,
        .path_len = redirect->path.len,
        .is_head = method.len == 4 && !memcmp(method.at, "HEAD", 4),
    };
    buf_add(out, redirect->path.at, redirect->path.len);
    buf_add_str(out, STEP_LINE_END);
    for (struct span line = next_line(&rest); line.len > 2; line = next_line(&rest))
        if (!is_dropped(line, drop_body, !step->has_cookie_header))
            buf_add(out, line.at, line.len);
    if (redirect->jar && !step->has_cookie_header)
        cookie_jar_add_header(redirect->jar, start + rendered->path_at, rendered->path_len,
                              step->is_secure, out);
    buf_add(out, "\r\n", 2);
    rendered->body_at = out->len - start;
    if (!drop_body)
        buf_add(out, rest.at, rest.len);
}
