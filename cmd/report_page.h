/*
 * perf-report --format html: one page of all its files (report_files.h).
 */
#ifndef PERFGATE_CMD_REPORT_PAGE_H
#define PERFGATE_CMD_REPORT_PAGE_H

#include "base/buf.h"
#include "base/err.h"
#include "cmd/options.h"
#include "render/render.h"

/* Appends the page of the files and of the reports that --baseline named. */
int report_page(const struct option_list *named, const struct option_list *baselines,
                const struct render_format *format, struct buf *out, struct err *err)
    __attribute__((warn_unused_result));

#endif
