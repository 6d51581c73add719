/*
 * What perf-report makes one page of: a verdict, or reports, or a verdict with the reports that it
 * was made from beside it.
 *
 * Which side a report is of, it says itself (`pair`); else one that --baseline named, or whose file
 * is called X.base.json, is the base's, and any other the candidate's. Several of one side are its
 * starts, and are merged for what is said of the whole. A report beside a verdict has to be of the
 * run that the verdict was made of.
 */
#ifndef PERFGATE_CMD_REPORT_PAGE_H
#define PERFGATE_CMD_REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/options.h"
#include "render/render.h"

/* Appends the page of the `n` files and of the reports that --baseline named. */
int report_page(const char *const *files, size_t n, const struct option_list *baselines,
                const struct render_format *format, struct buf *out, struct err *err)
    __attribute__((warn_unused_result));

/* Whether the document says that it is a verdict; everything else is read as a report. */
int report_page_is_verdict(const struct buf *bytes, const char *name, bool *out, struct err *err)
    __attribute__((warn_unused_result));

#endif
