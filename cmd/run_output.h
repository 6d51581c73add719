/*
 * What perf-run leaves behind: the reports, Locust's CSV files, and a summary on stderr.
 *
 * The base side's files are named after the candidate's: X.json and X.base.json, PREFIX and
 * PREFIX.base.
 */
#ifndef PERFGATE_CMD_RUN_OUTPUT_H
#define PERFGATE_CMD_RUN_OUTPUT_H

#include <stdbool.h>

#include "base/err.h"
#include "cmd/io.h"
#include "load/run.h"

/* Where the results go, and the files that they must not replace. */
struct run_place {
    const char *inputs[2]; /* the scenario, and a policy or NULL */
    const char *report;
    const char *csv; /* a prefix, or NULL */
    bool paired;
};

/* Removes the reports and CSV files of an earlier run, so that a run that fails leaves none to be
 * mistaken for its own. Refuses `-` for a paired run, which writes two reports, and before a long
 * run rather than after it: a file that is read, a directory, and where no file can be made. */
int run_output_clear(const struct run_place *place, struct err *err)
    __attribute__((warn_unused_result));

/* Writes the report of each side and, where `csv` is not NULL, its four CSV files. */
int run_output_write(const struct load_result *result, const char *path, const char *csv,
                     struct err *err) __attribute__((warn_unused_result));

/* Says how the run went and why it is not valid, where it is not. Returns the exit code. */
int run_output_summary(const struct load_result *result, const struct io_log *log);

#endif
