/*
 * The named numbers of a source over time: what was read, round by round, becomes the series of the
 * report. Counters become rates, or what they grew by; parts of a sum become shares.
 *
 * A counter that fell was reset: what it did since the reading before is not known. After a round
 * that failed, it goes on from the last one that did not. Of a metric with `each`, up to
 * FIGURES_EACH names are kept, those that came first. No clock: times are passed in.
 */
#ifndef PERFGATE_MONITOR_FIGURES_H
#define PERFGATE_MONITOR_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/report_resources.h"
#include "monitor/readings.h"
#include "monitor/readout.h"

#define FIGURES_EACH      32
#define FIGURES_KEY_LIMIT 100 /* bytes of a name of `each` */

struct figures_column {
    size_t metric;
    char *each; /* NULL = the metric is one number */
    /* Of the round. */
    double number, whole;
    bool has_whole;
    /* Of the last round that knew them. */
    double last, last_whole;
    bool has_last;
    double since_s; /* time since then */
    bool known;     /* it was ever a figure */
};

struct figures {
    const struct scenario_source *source;
    size_t n, capacity;
    struct figures_column *columns;
    struct readings readings; /* the health first, where it is asked for */
    bool left_out;            /* names of `each` that were too many, or no names */
};

/* The source is borrowed. */
void figures_init(struct figures *figures, const struct scenario_source *source);
void figures_release(struct figures *figures);

/* A round: open, any number of values, close. The context of figures_take() is the figures. */
void figures_open(struct figures *figures);
void figures_take(void *context, const struct readout_number *value);

/* Ends a round `elapsed_s` after the one before; of the first (`is_base`) only counters keep
 * something. `grown`: counters are what they grew by, not rates. `health`: 0 or 1; NAN = not known.
 */
struct figures_round {
    double elapsed_s; /* 0 = too short for a rate: counters wait for the next */
    double weight_s;  /* of the row, in averages */
    double health;
    bool is_base, grown;
};
void figures_close(struct figures *figures, const struct figures_round *round);

/* Adds the series to a source. */
void figures_report(const struct figures *figures, struct arena *arena,
                    struct resource_source *out);

/* The first metric of which nothing was ever known; NULL = there is none. */
const struct scenario_metric *figures_unknown(const struct figures *figures);

#endif
