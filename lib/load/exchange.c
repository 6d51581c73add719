#include "load/exchange.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"
#include "load/conn.h"

/* A box that grew beyond this gives its buffers back. */
#define BOX_KEEP ((size_t)64 << 10)

void exchanges_add(struct exchanges *list, struct exchange *exchange)
{
    exchange->previous = list->last;
    exchange->next = NULL;
    if (list->last)
        list->last->next = exchange;
    else
        list->first = exchange;
    list->last = exchange;
}

void exchanges_remove(struct exchanges *list, struct exchange *exchange)
{
    if (exchange->previous)
        exchange->previous->next = exchange->next;
    else
        list->first = exchange->next;
    if (exchange->next)
        exchange->next->previous = exchange->previous;
    else
        list->last = exchange->previous;
    exchange->previous = exchange->next = NULL;
}

struct exchange *exchanges_take(struct exchanges *list)
{
    struct exchange *first = list->first;
    if (first)
        exchanges_remove(list, first);
    return first;
}

struct box *exchange_box(struct exchange *exchange, struct wire *wire)
{
    if (exchange->box)
        return exchange->box;
    if (wire->boxes) {
        exchange->box = wire->boxes;
        wire->boxes = exchange->box->next;
    } else {
        exchange->box = mem_new(sizeof *exchange->box);
    }
    return exchange->box;
}

static void shrink(struct buf *buf)
{
    if (buf->capacity > BOX_KEEP)
        buf_release(buf);
    else
        buf_reset(buf);
}

void exchange_release(struct exchange *exchange, struct wire *wire)
{
    struct box *box = exchange->box;
    if (!box)
        return;
    shrink(&box->request);
    shrink(&box->in);
    shrink(&box->head);
    shrink(&box->body);
    box->next = wire->boxes;
    wire->boxes = box;
    exchange->box = NULL;
}

void exchange_free_boxes(struct wire *wire)
{
    for (struct box *box = wire->boxes, *next; box; box = next) {
        next = box->next;
        buf_release(&box->request);
        buf_release(&box->in);
        buf_release(&box->head);
        buf_release(&box->body);
        free(box);
    }
    wire->boxes = NULL;
}
