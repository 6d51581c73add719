/*
 * Named numbers out of a text that an application or a command gave: JSON by pointers, Prometheus'
 * text format, lines "key:number" and "key=number" (Redis' INFO), CSV with a line of names,
 * nginx's stub_status.
 *
 * What is wanted is compiled once. A text may be anything: what is not there, or no finite number,
 * is not known, and a text that cannot be read at all is an error. Pure; one thread at a time.
 */
#ifndef PERFGATE_MONITOR_READOUT_H
#define PERFGATE_MONITOR_READOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/exposition.h"
#include "base/json_pointer.h"
#include "base/span.h"
#include "model/scenario_monitor.h"

/* Numbers that a text gives at most. */
#define READOUT_LIMIT 4096

/* A number that was found. Several of one metric (and `each`) add up. */
struct readout_number {
    size_t metric;
    struct span each; /* which of several; its `at` is NULL where the metric is one number */
    bool is_whole;    /* of the sum that the metric is a part of */
    double number;    /* NAN: a part of what adds up is missing */
};

typedef void readout_take(void *context, const struct readout_number *number);

/* Where a number is: the metric's own place, or one of its sum. */
struct readout_place {
    size_t metric;
    bool is_whole;
    const char *text;
    struct json_pointer pointer;
    struct exposition sample;
};

struct readout {
    struct arena arena;
    const struct scenario_metrics *metrics;
    int kind;   /* enum scenario_place */
    int format; /* enum scenario_format */
    size_t n;
    struct readout_place *places;
};

/* The source is borrowed, and was checked when it was read. */
void readout_init(struct readout *readout, const struct scenario_source *source);

int readout_read(const struct readout *readout, struct span text, readout_take *take, void *context,
                 struct err *err) __attribute__((warn_unused_result));

void readout_release(struct readout *readout);

#endif
