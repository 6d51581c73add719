/*
 * The scenario (schema perfgate.scenario/1): who sends what to the service.
 *
 * Users are of weighted classes. Each user runs its class's on-start steps once, then picks
 * weighted tasks for ever, each of one or more steps (a step is a request, or a group of them that
 * start together), with think time between tasks. `${name}` in paths, queries, headers and bodies
 * is filled when the request is sent: from the user's captures, the scenario's variables, or the
 * environment (names that begin with TEST_ or LOAD_TEST_, or that --env allows; the caller passes a
 * lookup). Texts here still hold their `${…}`; the engine compiles them. Described in
 * perfgate-scenario(5).
 *
 * What is checked here: a name in `${…}` is a variable of the scenario, a capture of the same class
 * or written in capitals (the environment's); names, methods and fields are what HTTP allows. What
 * the engine checks when it compiles a scenario: the host, regular expressions, and that the
 * environment has what is asked of it.
 *
 * A scenario owns its arena. Nothing here opens files or reads the environment but scenario_read().
 */
#ifndef PERFGATE_MODEL_SCENARIO_H
#define PERFGATE_MODEL_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/tags.h"

#define SCENARIO_SCHEMA "perfgate.scenario/1"
#define SCENARIO_LIMIT  ((size_t)4 << 20)
#define SCENARIO_TAGS   16  /* of a task, or of a step */
#define SCENARIO_GROUP  256 /* requests of a parallel group, and their connections */

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

enum body_kind { BODY_NONE, BODY_RAW, BODY_JSON, BODY_FORM };

struct scenario_step {
    const char *name;   /* the endpoint's name in reports; by default the path as written */
    const char *method; /* GET unless set; upper-case token */
    const char *path;   /* begins with '/', or an absolute http:// URL */
    struct scenario_pairs query, headers;
    int body_kind;    /* enum body_kind */
    const char *body; /* BODY_RAW and BODY_JSON (rendered JSON text with ${…} kept) */
    struct scenario_pairs form;
    size_t n_captures, n_expects;
    struct scenario_capture *captures;
    struct scenario_expect *expects; /* without an EXPECT_STATUS: 200 to 399 are good */
    int follow_redirects;            /* -1 = as the scenario says, 0, 1 */
    /* A parallel group is the steps from its first one on, `group` of them; 0 = no group, or not
     * its first step. */
    int64_t group;
    int64_t connections; /* of a group, with HTTP/1.1: at a time, for a user */
    struct tags tags;    /* its task's as well */
};

struct scenario_task {
    const char *name;
    int64_t weight; /* >= 1 */
    struct tags tags;
    size_t n_steps;
    struct scenario_step *steps;
};

struct scenario_class {
    const char *name;
    int64_t weight;                      /* >= 1 */
    int64_t think_low_ns, think_high_ns; /* uniform between; equal = constant */
    struct scenario_pairs headers;
    size_t n_on_start, n_tasks;
    struct scenario_step *on_start;
    struct scenario_task *tasks; /* at least one */
};

enum variable_kind { VARIABLE_TEXT, VARIABLE_RANDOM_INT, VARIABLE_CHOICE };

struct scenario_variable {
    const char *name;
    int kind; /* enum variable_kind */
    const char *text;
    int64_t low, high; /* drawn anew for each use in a step, uniformly */
    size_t n_choices;
    const char **choices;
};

enum scenario_protocol {
    SCENARIO_AUTO, /* HTTP/1.1, or over TLS what both sides agree on */
    SCENARIO_HTTP1,
    SCENARIO_HTTP2
};

struct scenario {
    struct arena arena;
    const char *path;               /* the file, as scenario_read() was given it; else NULL */
    const char *name;               /* the suite; [a-z0-9._-]+ */
    const char *host;               /* NULL = must be given by option or environment */
    int64_t users;                  /* 0 = not set, here and below */
    double spawn_rate;              /* users per second; NAN = not set */
    int64_t duration_ns, warmup_ns; /* -1 = not set */
    int64_t connect_timeout_ns, request_timeout_ns; /* > 0; by default 5 s and 30 s */
    int64_t seed;
    int protocol;          /* enum scenario_protocol */
    bool keep_alive;       /* true by default */
    bool follow_redirects; /* true by default */
    struct scenario_pairs headers;
    size_t n_variables, n_classes;
    struct scenario_variable *variables;
    struct scenario_class *classes; /* at least one */
};

int scenario_decode(const char *bytes, size_t len, const char *source, struct scenario *scenario,
                    struct err *err) __attribute__((warn_unused_result));
int scenario_read(const char *path, struct scenario *scenario, struct err *err)
    __attribute__((warn_unused_result));

/* True for the name of a suite: 1 to 64 of [a-z0-9._-], neither '.' nor '-' first. It becomes a
 * directory below baselines/. */
bool scenario_suite_is_valid(const char *name);

/* The scenario that a bare URL means: one class, one task, one GET, no think time. */
int scenario_from_url(const char *url, struct scenario *scenario, struct err *err)
    __attribute__((warn_unused_result));

/* 16 hex digits over what is sent: classes, weights, steps, think times, users, pacing; not the
 * host, the seed, the duration, tags or values from the environment. Equal hashes mean comparable
 * runs. `think_scale` is that of the run. With 0 users and a think_scale of 1 it is the hash of the
 * scenario alone, which a report keeps as its `scenario_hash`. */
void scenario_workload_hash(const struct scenario *scenario, int64_t users, double think_scale,
                            char out[17]);

/* The tags of all steps that ask for an endpoint, in the arena. */
struct tags scenario_tags(const struct scenario *scenario, const char *method, const char *name,
                          struct arena *arena);

void scenario_release(struct scenario *scenario);

#endif
