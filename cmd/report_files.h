/*
 * What perf-report makes one page or one message of: a verdict, or reports, or a verdict with the
 * reports that it was made from beside it.
 *
 * Which side a report is of, it says itself (`pair`); else one that --baseline named, or whose file
 * is called X.base.json, is the base's, and any other the candidate's. Several of one side are its
 * starts, and are merged for what is said of the whole. A report beside a verdict has to be of the
 * run that the verdict was made of.
 */
#ifndef PERFGATE_CMD_REPORT_FILES_H
#define PERFGATE_CMD_REPORT_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "cmd/options.h"
#include "model/report.h"
#include "model/verdict.h"
#include "render/render.h"

/* Owns the documents; the sides point into it. */
struct report_files {
    struct arena arena;
    const char *verdict_name; /* NULL = there is none */
    struct verdict verdict;
    size_t n_reports;
    struct report *reports;
    const char **names;
    bool *base; /* of each report, whether it is the base's */
    struct report merged[RENDER_SIDES];
    struct render_side sides[RENDER_SIDES];
};

/* Reads the files, and the reports that --baseline named (NULL = none). On failure `files` is
 * released. */
int report_files_read(struct report_files *files, const struct option_list *named,
                      const struct option_list *baselines, struct err *err)
    __attribute__((warn_unused_result));

void report_files_release(struct report_files *files);

/* Whether the document says that it is a verdict; everything else is read as a report. */
int report_files_is_verdict(const struct buf *bytes, const char *name, bool *out, struct err *err)
    __attribute__((warn_unused_result));

#endif
