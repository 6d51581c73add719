/*
 * HTTP/2 as a protocol of connections (RFC 9113), over nghttp2: what its files share.
 *
 * h2.c is the protocol's table, h2_request.c makes a stream of a request, h2_receive.c takes what
 * nghttp2 makes of the bytes that come. nghttp2 keeps the rules of the protocol: flow control in
 * both directions, the server's limit of concurrent streams (requests over it wait within the
 * session), acknowledgements of SETTINGS and PING, and what a response may hold. A session belongs
 * to one connection and dies with it.
 *
 * Exchanges that are over are put into a list and handed on later, because nghttp2 must not be
 * called from within its callbacks, and the user that hears of a response sends the next request.
 */
#ifndef PERFGATE_LOAD_H2_H
#define PERFGATE_LOAD_H2_H

#include <stdint.h>

#include "base/buf.h"
#include "load/conn.h"
#include "load/exchange.h"
#include "load/protocol.h"

struct nghttp2_session;
struct nghttp2_session_callbacks;

struct h2 {
    struct nghttp2_session *session;
    struct conn *conn;
    struct buf out; /* frames on their way out */
    struct exchange *over_first, *over_last;
    const char *reason;  /* why the connection is of no more use: a constant; NULL = it is */
    const char *invalid; /* the last frame that broke the rules: the same */
    uint32_t block_frames, block_bytes; /* of the fields that are being received */
};

/* Sends the request of an exchange, which has its stream's id then. Returns nghttp2's error, or
 * 0. */
int h2_submit(struct h2 *h2, struct exchange *exchange) __attribute__((warn_unused_result));

void h2_set_callbacks(struct nghttp2_session_callbacks *callbacks);

/* The exchange is over; what nghttp2 still has of its stream is nobody's. */
void h2_end(struct h2 *h2, struct exchange *exchange, enum protocol_event event);

#endif
