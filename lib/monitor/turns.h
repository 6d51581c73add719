/*
 * Whose turn it was for how long: the time of a run between two samples, by its arms.
 *
 * Pure: times are passed in. Only measured time counts.
 */
#ifndef PERFGATE_MONITOR_TURNS_H
#define PERFGATE_MONITOR_TURNS_H

#include <stdint.h>

struct turns {
    int arm;              /* whose turn it is; -1 = nobody's */
    int64_t since_ns;     /* until then it is accounted for */
    int64_t active_ns[2]; /* not taken yet */
};

void turns_init(struct turns *turns);

/* From `now_ns` on it is the turn of `arm`, or of nobody (-1), and what is after `measured_ns`
 * counts (INT64_MAX: nothing). Times do not go back. */
void turns_next(struct turns *turns, int arm, int64_t now_ns, int64_t measured_ns);

/* The time of both arms since the last call, in seconds. */
void turns_take(struct turns *turns, int64_t now_ns, double active_s[2]);

#endif
