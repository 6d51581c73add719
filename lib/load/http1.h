/*
 * Incremental parser of HTTP/1.0 and 1.1 responses (RFC 9112), strict and without allocation.
 *
 * The caller owns the bytes. It feeds what it has from the first byte not used yet; bytes that
 * *used does not cover (an unfinished line) come again, at the front, with more behind them. So
 * the head is one contiguous block when it is complete, and a response that arrives whole is
 * parsed where it was received. The loop:
 *
 *     http1_begin(p, the request is a HEAD)
 *     for (;;)  event = http1_feed(p, bytes, len, body, &used), bytes += used, len -= used
 *         HTTP1_MORE    receive more behind what is left, feed again; at end of file http1_eof()
 *         HTTP1_HEAD    status, keep_alive, seen and the span `head` are known; feed again,
 *                       also with 0 bytes left
 *         HTTP1_DONE    the response is complete; bytes left over belong to no request
 *         HTTP1_FAILED  `reason` says why; the connection is of no more use
 *
 * Interim responses (1xx) are skipped. Whatever two parsers could understand differently is
 * refused: lines that do not end in CRLF, obs-fold, blanks before a colon, a Content-Length that is
 * no number, contradicts another or stands beside Transfer-Encoding, transfer codings other than
 * chunked, 101. Trailers are checked and dropped.
 */
#ifndef PERFGATE_LOAD_HTTP1_H
#define PERFGATE_LOAD_HTTP1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "load/head.h"

#define HTTP1_HEAD_LIMIT  ((size_t)64 << 10) /* bytes of a head, or of all trailers */
#define HTTP1_LINE_LIMIT  ((size_t)16 << 10) /* bytes of a line, its CRLF included */
#define HTTP1_FIELD_LIMIT 256                /* header lines in a head, or trailers */
#define HTTP1_BODY_LIMIT  ((size_t)8 << 20)  /* bytes of a body that are kept */

enum http1_event { HTTP1_MORE, HTTP1_HEAD, HTTP1_DONE, HTTP1_FAILED };

/* Header fields whose presence is noted in `seen`, for look-ups that are mostly not needed. */
enum http1_seen { HTTP1_SEEN_SET_COOKIE = 1, HTTP1_SEEN_LOCATION = 2 };

struct http1 {
    const char *reason; /* after HTTP1_FAILED: a constant, "obs-fold in a header", … */
    struct span head;   /* at HTTP1_HEAD: status line to empty line, in the caller's bytes */
    int64_t body_bytes; /* of the body so far, without its chunk framing */
    int64_t left;       /* of a Content-Length or of a chunk; -1 = not known */
    uint32_t line_at;   /* where the first unfinished line begins, from the caller's first byte */
    uint32_t trailer_bytes;
    uint16_t fields; /* header lines or trailers so far */
    uint16_t status; /* 200 to 999, from HTTP1_HEAD on */
    uint8_t state;
    uint8_t framing;      /* seen so far of Content-Length, Transfer-Encoding and Connection */
    uint8_t minor;        /* HTTP/1.minor */
    uint8_t seen;         /* enum http1_seen */
    bool keep_alive;      /* the connection can carry another request; from HTTP1_HEAD on */
    bool is_head_request; /* its response has no body */
    bool body_cut;        /* the body was longer than HTTP1_BODY_LIMIT, and what is kept is short */
    bool started;         /* at least one byte of a response has come */
};

/* Prepares for the response to the next request. */
void http1_begin(struct http1 *http1, bool is_head_request);

/* Body bytes are appended to `body`, or only counted where it is NULL. */
enum http1_event http1_feed(struct http1 *http1, const char *bytes, size_t len, struct buf *body,
                            size_t *used);

/* The peer closed the connection: HTTP1_DONE where that ends the body, else HTTP1_FAILED. */
enum http1_event http1_eof(struct http1 *http1);

#endif
