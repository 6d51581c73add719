/*
 * A step of a scenario: a request, what is taken from its response, and what is expected of it.
 * Everything is owned by the scenario's arena.
 */
#ifndef PERFGATE_MODEL_SCENARIO_STEP_H
#define PERFGATE_MODEL_SCENARIO_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/scenario_file.h"
#include "model/tags.h"

#define SCENARIO_TAGS  16  /* of a task, or of a step */
#define SCENARIO_GROUP 256 /* requests of a parallel group, and their connections */

struct scenario_pair { /* a header, query or form field */
    const char *name, *value;
};

struct scenario_pairs {
    size_t n;
    struct scenario_pair *items;
};

enum capture_from { CAPTURE_HEADER, CAPTURE_COOKIE, CAPTURE_JSON, CAPTURE_REGEX };

struct scenario_capture {
    const char *variable;
    int from;               /* enum capture_from */
    const char *expression; /* header or cookie name, JSON pointer (RFC 6901), POSIX ERE */
    int64_t group;          /* of the regex; 1 by default */
    bool optional;          /* nothing found is no failure */
};

enum expect_kind {
    EXPECT_STATUS,
    EXPECT_HEADER,
    EXPECT_BODY_CONTAINS,
    EXPECT_JSON,
    EXPECT_MAX_DURATION
};

struct scenario_expect {
    int kind;          /* enum expect_kind */
    const char *name;  /* header name or JSON pointer */
    const char *value; /* substring of the header or body; JSON text that must be equal */
    int64_t status_low,
        status_high; /* one range; several ranges are several entries, any may hold */
    int64_t max_ns;
};

/* Credentials; what is nearest to a step counts. Sent to the target alone. */
enum auth_kind { AUTH_UNSET, AUTH_NONE, AUTH_BASIC, AUTH_BEARER };

struct scenario_auth {
    int kind;           /* enum auth_kind; AUTH_UNSET: as the class says, or the scenario */
    const char *user;   /* AUTH_BASIC: without ':' */
    const char *secret; /* the password, or the token */
};

enum body_kind { BODY_NONE, BODY_RAW, BODY_JSON, BODY_FORM, BODY_MULTIPART };

struct scenario_step {
    const char *name;   /* the endpoint's name in reports; by default the path as written */
    const char *method; /* GET unless set; upper-case token */
    const char *path;   /* begins with '/', or an absolute http:// or https:// URL */
    struct scenario_pairs query, headers;
    struct scenario_auth auth;
    int body_kind;    /* enum body_kind */
    const char *body; /* BODY_RAW and BODY_JSON (rendered JSON text with ${…} kept) */
    struct scenario_pairs form;
    size_t n_parts;
    struct scenario_part *parts; /* BODY_MULTIPART */
    size_t n_captures, n_expects;
    struct scenario_capture *captures;
    struct scenario_expect *expects; /* without an EXPECT_STATUS: 200 to 399 are good */
    int follow_redirects;            /* -1 = as the scenario says, 0, 1 */
    int64_t repeat_low, repeat_high; /* how often it is sent, drawn each time; >= 1 */
    double taken;                    /* the probability that it is sent at all; 1 = always */
    /* A parallel group is the steps from its first one on, `group` of them; 0 = no group, or not
     * its first step. All of them have the group's `repeat_low`, `repeat_high` and `taken`. */
    int64_t group;
    int64_t connections; /* of a group, with HTTP/1.1: at a time, for a user */
    struct tags tags;    /* its task's as well */
};

#endif
