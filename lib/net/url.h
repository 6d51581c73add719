/*
 * URLs of the service under test: http[s]://host[:port][/path][?query] (RFC 3986), and
 * unix:SOCKET[:/path][?query] for HTTP over a Unix-domain socket, which is nginx's notation.
 *
 * Parsed by uriparser, which keeps to the grammar; url.c is the only user of it. (libcurl's URL
 * functions did the same, at the price of twenty-five libraries to load.) What people and servers
 * write beside the grammar is percent-encoded first, as browsers do for the most part: bytes that
 * are not ASCII, '|', '{', brackets and a '%' that begins no escape; in a Location blanks as well
 * ('+' in a query). So a path can always stand in a request line. Refused with a sentence: other
 * schemes, user names and passwords, IPv6 zones, hosts with escapes, and blanks in what a user
 * gave.
 *
 * A url owns its texts; a zeroed struct is an empty one. A socket is the host localhost to those
 * who ask over it; abstract sockets are left out.
 */
#ifndef PERFGATE_NET_URL_H
#define PERFGATE_NET_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define URL_LIMIT  8192 /* bytes */
#define URL_SOCKET "unix:"

struct url {
    char *host;   /* lower case; an address as inet_ntop() writes it, without brackets */
    char *path;   /* begins with '/', with the query and without the fragment */
    char *socket; /* the path of a Unix-domain socket; NULL: TCP */
    uint16_t port;
    bool is_ipv6;   /* host is an IPv6 literal */
    bool is_secure; /* https */
};

/* `what` names the text in messages: "--host", "host", … */
int url_parse(const char *text, const char *what, struct url *url, struct err *err)
    __attribute__((warn_unused_result));

/* Whether a text is meant as the URL of a socket, and the length of the part before the path in a
 * URL as it is written (url_text.c: these two do without a parser). */
bool url_is_socket(const char *text);
size_t url_origin_length(const char *text);

/* Resolves a Location field against the URL of the request (RFC 3986, 5.2):
 * `base` for scheme, host and port, `path` (with or without a query) for the rest. A Location
 * that begins with a single '/' takes a quick way where there is nothing to resolve or encode. */
int url_resolve(const struct url *base, struct span path, struct span location, struct url *out,
                struct err *err) __attribute__((warn_unused_result));

/* The same scheme, host and port, or the same socket. */
bool url_same_origin(const struct url *a, const struct url *b);

/* Appends `host` or `host:port`, as a Host field has it: brackets round IPv6, no default port. */
void url_add_authority(const struct url *url, struct buf *out);

/* Appends the URL without its path: `https://host:port`, `unix:SOCKET`. */
void url_add_origin(const struct url *url, struct buf *out);

void url_release(struct url *url);

#endif
