/*
 * A host that requests go to: its URL, the address that answers there, and what leads to it.
 *
 * Resolved and tried once, before the run begins, by whoever starts it: getaddrinfo() blocks, and
 * a name with several addresses ("localhost" is ::1 and 127.0.0.1) means the first one that takes
 * a connection. The try goes through the whole handshake, so that a wrong certificate ends the run
 * before it begins. The run then stays with that address. Owned by the plan; only read by workers.
 */
#ifndef PERFGATE_LOAD_ORIGIN_H
#define PERFGATE_LOAD_ORIGIN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"
#include "load/tls.h"
#include "load/transport.h"
#include "model/scenario.h"
#include "net/url.h"

/* Why a connection is of no use to an origin that is only_http2. */
#define ORIGIN_NO_HTTP2 "the server did not agree on HTTP/2"

struct origin {
    struct url url;
    const struct transport *transport; /* what carries the bytes to it */
    struct tls *tls;                   /* NULL unless the URL is https */
    struct sockaddr_storage address;
    socklen_t address_len; /* 0 = not resolved */
    bool offer_http2;      /* in the handshake of TLS (ALPN); stream.http2 tells the outcome */
    bool only_http2;       /* nothing else; without TLS that is prior knowledge (RFC 9113, 3.3) */
};

/* The origin of a URL; `what` names the URL in messages. `origin` is zeroed, but for offer_http2
 * and only_http2; the first of them only stays where the URL is https. Release it also after a
 * failure. */
int origin_init(struct origin *origin, const char *text, const char *what,
                const struct scenario_tls *tls, struct err *err)
    __attribute__((warn_unused_result));

/* Finds an address that takes a connection within `timeout_ns`, all addresses together. ERR_TARGET
 * where there is none, with the reason and what to do. `stop` (or NULL): give up once it is
 * set. */
int origin_reach(struct origin *origin, int64_t timeout_ns, const volatile sig_atomic_t *stop,
                 struct err *err) __attribute__((warn_unused_result));

void origin_release(struct origin *origin);

#endif
