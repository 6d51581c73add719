/*
 * A step of the scenario compiled into what is sent.
 *
 * Head and body are templates in which everything known beforehand is one literal; a step
 * without variables is a single block of bytes (`fixed`), which can be sent as it stands while the
 * user has no cookies. Each header field appears once: the step's go before the class's, these
 * before the scenario's, these before what perfgate sends by itself (Host, User-Agent, Accept,
 * Content-Type). Content-Length and Transfer-Encoding are perfgate's alone. Credentials are the
 * nearest ones, and go to the target only.
 * Compiled once for each arm, then only read, from any thread.
 */
#ifndef PERFGATE_LOAD_STEP_H
#define PERFGATE_LOAD_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "load/auth.h"
#include "load/cookie.h"
#include "load/template.h"
#include "load/vars.h"
#include "model/scenario.h"
#include "net/url.h"

#define STEP_LINE_END " HTTP/1.1\r\n"

/* What the steps of a class have in common. */
struct step_context {
    const struct scenario *scenario;
    const struct scenario_class *class; /* NULL: no headers of a class */
    const struct url *target; /* scheme, host and port; those of an absolute URL are not read */
    const char *user_agent;   /* "perfgate/VERSION" */
    const char *run_id;       /* for the trace state */
    const struct vars *vars;
    struct arena *arena; /* keeps the compiled step */
    bool is_other_host;  /* not the target: no credentials */
};

/* What was rendered: offsets in the buffer, from where the request begins. */
struct step_rendered {
    size_t path_at, path_len; /* the request target: path and query */
    size_t body_at;           /* behind the empty line */
    bool is_head;             /* the response has no body */
};

struct step {
    const struct scenario_step *source;
    bool is_head;           /* the method is HEAD: no body in the response */
    bool is_secure;         /* over TLS: cookies with Secure go along */
    bool has_cookie_header; /* the scenario gives a Cookie field itself: the jar stays out */
    bool is_traced;         /* TRACE_BLANK is the value of its first header line */
    bool body_fixed;        /* then Content-Length is part of the head */
    struct span fixed;      /* the whole request where nothing varies; else length 0 */
    struct step_rendered fixed_parts;
    struct template line; /* the request line */
    struct template head; /* the header lines, without the empty line */
    struct auth auth;     /* one more of them, where it varies */
    struct template body;
};

int step_compile(struct step *step, const struct scenario_step *source,
                 const struct step_context *context, struct err *err)
    __attribute__((warn_unused_result));

/* Appends the request to `out`. `jar` may be NULL. Fails where a variable has no value yet or one
 * does not fit its place; `out` is then as before. */
int step_render(const struct step *step, const struct fill *fill, const struct cookie_jar *jar,
                struct buf *out, struct step_rendered *rendered, struct err *err)
    __attribute__((warn_unused_result));

/* Where in a rendered request of a traced step its trace context is. */
size_t step_trace_at(const struct step_rendered *rendered);

/* A redirect that stays on the origin. */
struct step_redirect {
    int status;
    struct span path;     /* where to: path and query, from url_resolve() */
    struct span previous; /* the request that it answers; not in `out` */
    const struct cookie_jar *jar;
};

/* Appends the request that follows a redirect, as browsers do (the Fetch standard, HTTP-redirect
 * fetch, step 12): a POST answered with 301 or 302, and anything but GET and HEAD answered with
 * 303, becomes a GET without a body; all else is sent again with its method and body. */
void step_render_redirect(const struct step *step, const struct step_redirect *redirect,
                          struct buf *out, struct step_rendered *rendered);

#endif
