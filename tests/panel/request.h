/*
 * A request as the handlers see it and the response that they fill, free of the HTTP library.
 *
 * A request borrows its texts from the server for as long as it is answered. A zeroed response is
 * an empty 200.
 */
#ifndef PANEL_REQUEST_H
#define PANEL_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "form.h"
#include "session.h"
#include "store.h"

struct backend;

enum method { METHOD_GET, METHOD_POST, METHOD_PUT, METHOD_DELETE, METHOD_OTHER };

struct request {
    enum method method;
    const char *path;
    const char *page, *words;                                          /* of the query */
    const char *session_cookie, *csrf_cookie;                          /* these and the headers: */
    const char *authorization, *accept, *if_none_match, *content_type; /* NULL where absent */
    const char *body;
    size_t body_len;
    bool body_too_large;
    bool fails;              /* --error has chosen it */
    int64_t now_ns;          /* Unix time */
    struct backend *backend; /* the server thread's; NULL: all is in memory */

    /* what routes.c adds */
    int64_t id; /* the number in the path */
    struct form form;
    struct session *session; /* NULL: not logged in */
    struct user *user;
};

struct response {
    unsigned status;  /* 0: 200 */
    const char *type; /* NULL: HTML */
    struct buf body;
    const char *asset; /* instead of body: static text */
    size_t asset_len;
    const char *etag; /* static text */
    char allow[32];
    bool challenge; /* ask for a bearer token */
    char location[96];
    char session_cookie[TOKEN_SIZE], csrf_cookie[TOKEN_SIZE]; /* to set */
    bool forget_session;
};

static inline int64_t request_now_s(const struct request *request)
{
    return request->now_ns / 1000000000;
}

/* 303 See Other. */
void respond_redirect(struct response *response, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* An error in the form that the path asks for: JSON below /api, a page elsewhere. */
void respond_error(const struct request *request, struct response *response, unsigned status,
                   const char *message);

/* The form's field, of `low` to `high` bytes. NULL after having answered 400. */
const char *request_field(const struct request *request, struct response *response,
                          const char *name, size_t low, size_t high);

/* The query's words to search for; NULL after having answered 400. */
const char *request_words(const struct request *request, struct response *response);

/* The query's page, from 1 to `last`; 0 after having answered 404. */
int64_t request_page(const struct request *request, struct response *response, int64_t last);

#endif
