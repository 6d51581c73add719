#include "load/coding.h"

#include <string.h>

#include "load/head.h"

/* Large buffers are given back, so that one large body does not cost memory for ever. */
#define KEEP ((size_t)64 << 10)

struct coding {
    const char *name;
    enum coding_status (*undo)(struct span in, size_t limit, struct buf *out); /* NULL: nothing */
};

/* RFC 9110, 8.4.1 and 18.6. */
static const struct coding codings[] = {
    {"gzip", coding_gunzip},     {"x-gzip", coding_gunzip}, {"br", coding_unbrotli},
    {"deflate", coding_inflate}, {"identity", NULL},
};

static const struct coding *find_coding(struct span name)
{
    for (size_t i = 0; i < sizeof codings / sizeof codings[0]; i++)
        if (span_equals_nocase(name, codings[i].name))
            return &codings[i];
    return NULL;
}

/* The next element of a list, without blanks; empty ones are passed over (RFC 9110, 5.6.1). */
static bool next_element(struct span *list, struct span *element)
{
    while (list->len) {
        const char *comma = memchr(list->at, ',', list->len);
        size_t len = comma ? (size_t)(comma - list->at) : list->len;
        *element = (struct span){list->at, len};
        len += comma != NULL;
        *list = (struct span){list->at + len, list->len - len};
        while (element->len && strchr(" \t", element->at[0]))
            *element = (struct span){element->at + 1, element->len - 1};
        while (element->len && strchr(" \t", element->at[element->len - 1]))
            element->len--;
        if (element->len)
            return true;
    }
    return false;
}

/* The codings of a head, in the order in which they were applied. */
struct applied {
    size_t n;
    const struct coding *items[CODING_DEPTH];
};

static int add_applied(struct applied *applied, struct span name, struct err *why)
{
    const struct coding *coding = find_coding(name);
    if (!coding)
        return err_set(
            why, ERR_TARGET,
            "the body is encoded as '%.*s'; only gzip, deflate and br can be looked into",
            name.len > 40 ? 40 : (int)name.len, name.at);
    if (!coding->undo)
        return 0;
    if (applied->n == CODING_DEPTH)
        return err_set(why, ERR_TARGET, "the body is encoded more than %d times", CODING_DEPTH);
    applied->items[applied->n++] = coding;
    return 0;
}

static int read_head(struct span head, struct applied *applied, struct err *why)
{
    struct span list, name;
    size_t cursor = 0;
    while (head_next(head, "Content-Encoding", &cursor, &list))
        while (next_element(&list, &name))
            if (add_applied(applied, name, why) < 0)
                return -1;
    return 0;
}

static int fail(const struct coding *coding, enum coding_status status, struct err *why)
{
    if (status == CODING_OVER_LIMIT)
        return err_set(why, ERR_TARGET, "the body is over %zu MiB once its %s data is decoded",
                       CODING_LIMIT >> 20, coding->name);
    if (status == CODING_CUT)
        return err_set(why, ERR_TARGET, "the body ends before its %s data does", coding->name);
    return err_set(why, ERR_TARGET, "the body is no valid %s data", coding->name);
}

static void empty(struct buf *buf)
{
    if (buf->capacity > KEEP)
        buf_release(buf);
    else
        buf_reset(buf);
}

int coding_undo(struct span head, struct coding_space *space, struct span *body, struct err *why)
{
    struct applied applied = {0};
    if (read_head(head, &applied, why) < 0)
        return -1;
    if (!body->len)
        return 0; /* of a HEAD request, for example */
    for (size_t i = applied.n; i-- > 0;) {
        struct buf *out = &space->out[i & 1];
        empty(out);
        enum coding_status status = applied.items[i]->undo(*body, CODING_LIMIT, out);
        if (status != CODING_OK)
            return fail(applied.items[i], status, why);
        *body = (struct span){buf_text(out), out->len};
    }
    return 0;
}

void coding_space_release(struct coding_space *space)
{
    buf_release(&space->out[0]);
    buf_release(&space->out[1]);
}
