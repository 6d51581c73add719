/*
 * Alerts: the policy's conditions asked of a run, while it goes on or when it is over.
 *
 * A condition without `for` is asked of the whole run, or of what there is of it so far. One with
 * `for` is asked of each interval: a comparison is about that interval's figures, and "X for 30s"
 * is true in an interval at whose end X has been true for that long; an interval that says nothing
 * of X, as one without requests, neither begins nor ends it. Once true, an alert has fired for
 * good.
 *
 * Figures may be unknown, and logic has three values then (Kleene): unknown or true is true,
 * unknown and true is unknown. An unknown condition does not fire.
 *
 * A watch owns its arena; the alerts are borrowed and must outlive it.
 */
#ifndef PERFGATE_GATE_ALERT_H
#define PERFGATE_GATE_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/alert.h"
#include "model/condition.h"
#include "model/policy.h"
#include "model/report.h"

/* Where the figures of a run, or of an interval, are had. */
struct alert_figures {
    const struct metrics *metrics; /* NAN = not known */
    const struct report *report;   /* for its endpoints and resources; NULL = not known */
    /* Of an interval: what was watched in it, by its time; or of a run under way the latest, whose
     * averages are what was seen. NULL = not known. */
    const struct report_resources *resources, *latest;
    int64_t from_ns, to_ns; /* measured time */
};

struct alert {
    const struct policy_alert *of;
    struct condition condition;
    int64_t *since_ns;   /* by place of a `for`: from when on it has held; -1 = it does not */
    int state;           /* enum alert_state */
    const char *figures; /* "average 1.20 s, at 30s"; NULL until it has fired */
    const char *missing; /* the first figure that was not known; NULL = none */
};

struct alert_watch {
    struct arena arena;
    size_t n;
    struct alert *all;
};

/* -1 with ERR_INPUT where a condition is none, which the policy's reader has ruled out. Release
 * also after a failure. */
int alert_watch_init(struct alert_watch *watch, const struct policy_alert *alerts, size_t n,
                     struct err *err) __attribute__((warn_unused_result));

/* Asks the conditions with `for` of the next interval, in the order of time. */
void alert_watch_interval(struct alert_watch *watch, const struct alert_figures *figures);

/* Asks the conditions without `for` of the run, any number of times. */
void alert_watch_whole(struct alert_watch *watch, const struct alert_figures *figures);

/* Asks all of a report: of each interval of its series, and then of the whole. */
void alert_watch_report(struct alert_watch *watch, const struct report *report);

/* Adds why an alert that has not fired could not be asked: "nothing measured cpu_usage". */
void alert_add_missing(struct buf *out, const struct alert *alert);

void alert_watch_release(struct alert_watch *watch);

#endif
