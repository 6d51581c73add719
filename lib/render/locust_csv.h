/*
 * The CSV files that Locust 2.46 writes for --csv PREFIX, byte format included: CRLF, minimal
 * quoting, percentiles and medians as whole ms, other times as full doubles in Python's spelling,
 * rates of the history with 6 decimals, "N/A" where no request was made (locust/stats.py, StatsCSV
 * and StatsCSVFileWriter). Rows are by name, then method, the Aggregated one last.
 *
 * Two things are finer than Locust's: percentiles are not rounded to two digits, and the last
 * second is never missing.
 */
#ifndef PERFGATE_RENDER_LOCUST_CSV_H
#define PERFGATE_RENDER_LOCUST_CSV_H

#include <stddef.h>

#include "base/buf.h"
#include "model/history.h"
#include "model/report.h"

struct locust_csv {
    const char *suffix; /* PREFIX is put before it: "_stats.csv" */
    void (*render)(const struct report *report, const struct history *history, struct buf *out);
};

#define LOCUST_CSV_FILES 4

/* _stats, _stats_history, _failures, _exceptions. */
extern const struct locust_csv locust_csv_files[LOCUST_CSV_FILES];

#endif
