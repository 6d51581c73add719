/*
 * The two clocks. Only the code at the border (cmd/, the load engine) calls these; everything
 * else is given times. Monotonic time has no meaning outside the process; wall time is UTC.
 */
#ifndef PERFGATE_BASE_CLOCK_H
#define PERFGATE_BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t clock_monotonic_ns(void);

/* CLOCK_REALTIME in nanoseconds since the Unix epoch. */
int64_t clock_wall_ns(void);

/* CPU time of the calling thread, in nanoseconds. */
int64_t clock_thread_cpu_ns(void);

/* CPU time of the process, in nanoseconds. */
int64_t clock_process_cpu_ns(void);

#endif
