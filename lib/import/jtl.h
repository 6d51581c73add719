/*
 * A sample as JMeter's two forms of results have it, CSV (jtl_csv.c) and XML (jtl_xml.c).
 *
 * What they share is what a sample means: elapsed is in whole ms and includes connecting, timeStamp
 * is the start in ms since the epoch as the shipped properties have it, or a date. A transaction
 * controller writes a sample of its own beside those that it is of, or, told to "generate parent
 * sample", in place of them. So transactions count only where what they are of does not.
 */
#ifndef PERFGATE_IMPORT_JTL_H
#define PERFGATE_IMPORT_JTL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"
#include "import/collect.h"
#include "import/import.h"

/* Texts, each with a NUL behind it; empty where the file has none. */
struct jtl_sample {
    struct span time, elapsed, label, code, message, success, failure, bytes, users, samples;
    bool timed; /* the file has starts, and this one may not be empty */
};

/* A zeroed struct is empty once jtl_begin() was called. */
struct jtl {
    struct collect *plain, *transactions;
    int64_t children; /* samples that transactions say they are of */
    bool local_dates;
};

void jtl_begin(struct jtl *jtl);

/* Message without file and line. */
int jtl_add(struct jtl *jtl, const struct jtl_sample *from, struct err *err)
    __attribute__((warn_unused_result));

/* Whether the sample is a transaction's; then *samples is how many it is of. */
bool jtl_is_transaction(struct span message, int64_t *samples);

/* Fills the report. */
int jtl_finish(const struct import_file *file, struct jtl *jtl, struct report *report,
               struct err *err) __attribute__((warn_unused_result));

void jtl_end(struct jtl *jtl);

#endif
