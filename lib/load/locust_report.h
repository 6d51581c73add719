/*
 * The figures of a Locust run, as their lines have them; locust_report.c makes the report of them.
 */
#ifndef PERFGATE_LOAD_LOCUST_REPORT_H
#define PERFGATE_LOAD_LOCUST_REPORT_H

#include <stddef.h>
#include <stdint.h>

/* One second of the measured time. */
struct locust_second {
    int64_t at; /* its number, from 0 */
    int64_t users, failures;
    int64_t sum_ns; /* of latencies */
    int64_t bytes;  /* of bodies */
    size_t n_times;
    int64_t *times; /* latency in ns and how many, in turn; ascending */
};

#endif
