/*
 * TLS 1.2 and 1.3 as a transport, over tcp.c, through OpenSSL: what the connections to one origin
 * have in common.
 *
 * Made before the run, then only read, from any thread (OpenSSL counts references to the context
 * atomically and locks what it looks up in it). The server's chain and its name, or address, are
 * verified unless the scenario says otherwise. Renegotiation is refused.
 *
 * Sessions: each connection keeps the last one that its server gave it (`stream.resume`: a ticket
 * of TLS 1.3, which comes after the handshake, or the session of TLS 1.2) and offers it to the
 * same origin the next time. So each user resumes what is its own, as a browser does, and its
 * first handshake is always a full one: sessions shared between users would spare the server what
 * real users cost it. A ticket of TLS 1.3 is used once (RFC 8446, C.4), a session of TLS 1.2 for as
 * long as the server likes; after a connection that broke, the handshake is a full one again.
 *
 * The end of a stream is the peer's close_notify; a connection that ends without one was cut, and
 * so is a response of which only the end of the connection would tell that it is complete.
 */
#ifndef PERFGATE_LOAD_TLS_H
#define PERFGATE_LOAD_TLS_H

#include <stdbool.h>

#include "base/err.h"
#include "load/transport.h"
#include "model/scenario.h"
#include "net/url.h"

struct tls;

/* The connections to `url`; `offer_http2` goes before HTTP/1.1 then (ALPN, RFC 7301). Reads the
 * files of `settings`, whose names are as the caller would open them. */
int tls_new(struct tls **out, const struct url *url, const struct scenario_tls *settings,
            bool offer_http2, struct err *err) __attribute__((warn_unused_result));

/* What to do about a stream's `reason`, before it is closed. */
const char *tls_advice(const struct stream *stream);

/* Harmless with NULL. */
void tls_free(struct tls *tls);

#endif
