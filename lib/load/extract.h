/*
 * What a step takes from a response, and what it expects of it: compiled captures and
 * expectations.
 *
 * A response is good where all expectations hold; several status ranges are alternatives, and
 * without any, 200 to 399 are good. Captures run on good responses only, after the cookies of the
 * response went into the jar. Compiled once, then only read. `needs` tells what must be kept for
 * extract_run(): where it is 0 a response is judged by its status (and time) alone.
 * A body that was cut (HTTP1_BODY_LIMIT) fails whatever looks into it. One that was compressed is
 * looked into as it was before (coding.h). Regular expressions are
 * POSIX extended ones that work line by line ('.' stops at a line's end, '^' and '$' hold at each)
 * on the first EXTRACT_REGEX_LIMIT bytes of a body. glibc's regexec() takes a lock in the compiled
 * expression, so threads compile their own.
 */
#ifndef PERFGATE_LOAD_EXTRACT_H
#define PERFGATE_LOAD_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "load/coding.h"
#include "load/cookie.h"
#include "load/head.h"
#include "load/vars.h"
#include "model/scenario.h"

#define EXTRACT_REGEX_LIMIT ((size_t)1 << 20)

enum extract_needs {
    EXTRACT_HEAD = 1, /* the response's head */
    EXTRACT_BODY = 2, /* the response's body; never without the head, which says how to read it */
};

#define EXTRACT_GROUP_LIMIT 32 /* groups of a regular expression */

struct extract_capture;
struct extract_expect;

struct extract_range {
    int64_t low, high;
};

struct extract {
    unsigned needs; /* enum extract_needs, or'ed */
    size_t n_ranges;
    const struct extract_range *ranges; /* of good statuses; at least one */
    const char *statuses;               /* the same in words */
    int64_t max_ns;                     /* 0: no limit */
    size_t n_captures, n_expects;
    struct extract_capture *captures;
    struct extract_expect *expects; /* but those of the status and the duration */
    struct arena arena;
};

struct extract_response {
    int status;
    int64_t duration_ns; /* from the send to the last byte */
    struct span head;    /* where EXTRACT_HEAD is needed */
    struct span body;    /* where EXTRACT_BODY is needed */
    bool body_cut;
    struct coding_space *space; /* where a compressed body is undone */
};

/* The step must outlive it; release also after a failure. */
int extract_compile(struct extract *extract, const struct scenario_step *step,
                    const struct vars *vars, struct err *err) __attribute__((warn_unused_result));
void extract_release(struct extract *extract);

/* Whether it is a status that the step expects, which extract_run() asks first. */
bool extract_status_is_good(const struct extract *extract, int status);

/* 0: the response is good, and what it captures is in `values`. -1: the message in `why` is the
 * failure's, such as "expected status 200 to 399, found 500". Values of the response are not in
 * it. */
int extract_run(const struct extract *extract, const struct extract_response *response,
                const struct cookie_jar *jar, const struct vars *vars, struct values *values,
                struct err *why) __attribute__((warn_unused_result));

#endif
