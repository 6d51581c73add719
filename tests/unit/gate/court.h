/*
 * A judgement in the making, with acceptances, and its outcome.
 */
#ifndef PERFGATE_TESTS_GATE_COURT_H
#define PERFGATE_TESTS_GATE_COURT_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "gate/gate.h"

#define COURT_REPORTS     12
#define COURT_ACCEPTANCES 4

/* Now is noon of 2024-10-04. */
#define DAY_NS   (86400 * NS_PER_S)
#define NOON_NS  (20000 * DAY_NS + DAY_NS / 2)
#define LAST_DAY "2024-10-04"
#define PAST_DAY "2024-10-03"

struct court {
    struct report candidate[COURT_REPORTS], base[COURT_REPORTS];
    size_t n_candidates, n_bases, n_acceptances;
    struct acceptance acceptances[COURT_ACCEPTANCES];
    struct policy policy, candidate_policy;
    struct gate_input in;
    const struct report *candidates[COURT_REPORTS], *bases[COURT_REPORTS]; /* of `in` */
    const struct acceptance *accepted[COURT_ACCEPTANCES];
    struct verdict verdict;
};

/* The whole run's average went from 10 to 15 ms; all acceptances are for up to 20 ms of it, of
 * yesterday, and the first one is in force. */
void court_open(struct court *court, enum comparison comparison, size_t n_bases);
void court_close(struct court *court);

/* The input with all that is here now. */
const struct gate_input *court_input(struct court *court);

/* Fails the test where it ends in another exit code. */
void court_judge(struct court *court, int exit_code);

/* The row, which must be there, of two methods the worse one; NULL is the whole run. */
const struct verdict_row *court_row(const struct court *court, const char *endpoint,
                                    enum metric metric);

/* The whole run's row, which must have this status. */
const struct verdict_row *court_expect(const struct court *court, enum metric metric,
                                       enum row_status status);

void assert_says(const char *text, const char *part);

/* An endpoint with 500 requests. */
void add_endpoint(struct report *report, const char *method, const char *name, double ms);

#endif
