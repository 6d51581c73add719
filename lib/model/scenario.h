/*
 * The scenario (schema perfgate.scenario/1): who sends what to the service.
 *
 * Users are of weighted classes. Each user runs its class's on-start steps once, then picks
 * weighted tasks for ever, each of one or more steps (a step is a request, or a group of them that
 * start together), with think time between tasks. In the open model (a rate, or stages of one)
 * tasks begin at times of their own, whatever became of those before, without think time.
 * `${name}` in paths, queries, headers and bodies is filled when the request is sent: from the
 * user's captures, the scenario's variables, or the environment (names that begin with TEST_ or
 * LOAD_TEST_, or that --env allows; the caller passes a lookup). Texts here still hold their
 * `${…}`; the engine compiles them. Described in
 * perfgate-scenario(5).
 *
 * What is checked here: a name in `${…}` is a variable of the scenario, a capture of the same class
 * or written in capitals (the environment's); names, methods and fields are what HTTP allows. What
 * the engine checks when it compiles a scenario: the host, regular expressions, and that the
 * environment has what is asked of it.
 *
 * A scenario owns its arena. Nothing here opens files or reads the environment but scenario_read()
 * and scenario_read_files().
 */
#ifndef PERFGATE_MODEL_SCENARIO_H
#define PERFGATE_MODEL_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/scenario_file.h"
#include "model/scenario_monitor.h"
#include "model/scenario_profile.h"
#include "model/scenario_step.h"
#include "model/tags.h"

#define SCENARIO_SCHEMA "perfgate.scenario/1"
#define SCENARIO_LIMIT  ((size_t)4 << 20)

/* How https is spoken. Files are PEM, named from the scenario's directory; see scenario_locate().
 */
struct scenario_trace {
    double sample; /* share of the requests that ask to be recorded, (0, 1]; 0 = no trace context */
    const char *link; /* address of a trace, with {trace_id} in it; NULL = none */
};

struct scenario_tls {
    bool verify;      /* chain and name of the server's certificate; true by default */
    const char *ca;   /* whom to trust; NULL = those that the system trusts */
    const char *cert; /* ours, for the target alone; NULL = none */
    const char *key;  /* its key; NULL = in the same file */
};

struct scenario_task {
    const char *name;
    int64_t weight; /* >= 1 */
    struct tags tags;
    size_t n_steps;
    struct scenario_step *steps; /* at least one that is always taken, as on_start */
    bool left_out;               /* by scenario_select() */
};

struct scenario_class {
    const char *name;
    int64_t weight;                      /* >= 1 */
    int64_t think_low_ns, think_high_ns; /* uniform between; equal = constant */
    struct scenario_pairs headers;
    struct scenario_auth auth;
    size_t n_on_start, n_tasks;
    struct scenario_step *on_start;
    struct scenario_task *tasks; /* at least one */
    bool left_out;               /* all of them are */
};

/* Tags that choose tasks. */
struct scenario_selection {
    size_t n_include, n_exclude;
    const char *const *include; /* only tasks with one of these; none = all */
    const char *const *exclude; /* of those, no task with one of these */
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

enum stage_shape { STAGE_STEP, STAGE_RAMP };

/* A stage of the load: it jumps to the level at once and stays there, or goes there in a straight
 * line from where the stage before has ended (the first one: from 0). */
struct scenario_stage {
    int64_t duration_ns; /* > 0 */
    double level;        /* arrivals per second, or users; >= 0 */
    int shape;           /* enum stage_shape */
};

struct scenario_stages {
    size_t n; /* 0 = none */
    struct scenario_stage *items;
    int64_t total_ns;
    bool of_users; /* else of the rate */
};

enum scenario_arrivals { ARRIVALS_CONSTANT, ARRIVALS_POISSON };

enum keep_alive {
    KEEP_ALIVE_NEVER,   /* a connection for each request */
    KEEP_ALIVE_ALWAYS,  /* the default */
    KEEP_ALIVE_RELEASE, /* closed while the user thinks */
};

struct scenario {
    struct arena arena;
    const char *path;  /* the file, as scenario_read() was given it; else NULL */
    const char *name;  /* the suite; [a-z0-9._-]+ */
    const char *host;  /* NULL = must be given by option or environment */
    int64_t users;     /* 0 = not set, here and below */
    double spawn_rate; /* users per second; NAN = not set */
    double rate;       /* tasks begun per second, the open model; NAN = not set */
    int arrivals;      /* enum scenario_arrivals: of the open model */
    struct scenario_stages stages;
    int64_t duration_ns, warmup_ns;                 /* -1 = not set */
    int64_t connect_timeout_ns, request_timeout_ns; /* > 0; by default 5 s and 30 s */
    int64_t seed;
    int protocol;          /* enum scenario_protocol */
    int keep_alive;        /* enum keep_alive */
    bool follow_redirects; /* true by default */
    struct scenario_tls tls;
    struct scenario_monitor monitor;
    struct scenario_profile profile;
    struct scenario_pairs headers;
    struct scenario_auth auth;
    struct scenario_trace trace;
    size_t n_variables, n_classes, n_feeds;
    struct scenario_variable *variables;
    struct scenario_feed *feeds;
    struct scenario_class *classes; /* at least one */
};

int scenario_decode(const char *bytes, size_t len, const char *source, struct scenario *scenario,
                    struct err *err) __attribute__((warn_unused_result));
int scenario_read(const char *path, struct scenario *scenario, struct err *err)
    __attribute__((warn_unused_result));

/* Reads the files that the scenario names, each once, from the directory of scenario->path, or the
 * working directory where that is NULL. */
int scenario_read_files(struct scenario *scenario, struct err *err)
    __attribute__((warn_unused_result));

/* Leaves out tasks, and classes without any that stay. ERR_USAGE where none stays, and for a tag
 * that no task has. */
int scenario_select(struct scenario *scenario, const struct scenario_selection *selection,
                    struct err *err) __attribute__((warn_unused_result));

/* True for the name of a suite: 1 to 64 of [a-z0-9._-], neither '.' nor '-' first. It becomes a
 * directory below baselines/. */
bool scenario_suite_is_valid(const char *name);

/* Where a file is that the scenario names: from the scenario's own directory, in the arena or
 * borrowed. NULL for NULL. */
const char *scenario_locate(const struct scenario *scenario, const char *file, struct arena *arena);

/* The scenario that a bare URL means: one class, one task, one GET, no think time. */
int scenario_from_url(const char *url, struct scenario *scenario, struct err *err)
    __attribute__((warn_unused_result));

/* 16 hex digits over what is sent: classes, weights, steps, think times, users, pacing, contents of
 * files, which tasks are left out; not the host, the seed, the duration, tags or values from the
 * environment. Equal hashes mean comparable runs. `think_scale` is that of the run. With 0 users
 * and a think_scale of 1 it is the hash of the scenario's document alone, which a report keeps as
 * its `scenario_hash`: without the files and the choice of tasks, which are not at hand where a
 * scenario of another revision is asked for its own. */
void scenario_workload_hash(const struct scenario *scenario, int64_t users, double think_scale,
                            char out[17]);

/* The tags of all steps that ask for an endpoint, in the arena. */
struct tags scenario_tags(const struct scenario *scenario, const char *method, const char *name,
                          struct arena *arena);

void scenario_release(struct scenario *scenario);

#endif
