/*
 * What HTTP/2 keeps of a response: one stream of a connection. The connection's own state is
 * nghttp2's, behind h2.c.
 */
#ifndef PERFGATE_LOAD_HTTP2_H
#define PERFGATE_LOAD_HTTP2_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct exchange;

struct http2 {
    struct exchange *next_over; /* among those that wait to be handed on */
    struct span unsent;         /* what is left of the request's body */
    const char *reason;         /* why it failed: a constant; NULL = it did not yet */
    int64_t body_bytes;
    int32_t stream_id;
    uint32_t head_bytes; /* of the block of fields that is being received */
    uint16_t fields;     /* the same */
    uint16_t status;     /* 0 = none has come */
    uint8_t event;       /* enum protocol_event, once it is over */
    uint8_t failure;     /* enum failure: the kind of `reason` */
    bool started;        /* the server is known to have begun with it */
    bool has_head;       /* the final one is complete: what comes in fields then are trailers */
    bool body_cut, has_cookies, has_location;
};

#endif
