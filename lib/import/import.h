/*
 * Results of other load testing tools as reports.
 *
 * A file is recognised by its first bytes, never by its name, and read in pieces with bounded
 * memory. What a report says, the file said: a figure that it does not hold is NAN, and the
 * report's `source` says which tool measured, what its latencies include and what the figures were
 * computed from. Single requests become histograms, intervals and errors (collect.h); of rounded
 * figures the report has the resolution.
 *
 * One file per format. A format that is added is a row of the table in import.c, and has its part
 * in perfgate-import(5) and a fuzz corpus.
 */
#ifndef PERFGATE_IMPORT_IMPORT_H
#define PERFGATE_IMPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/span.h"
#include "base/stream.h"
#include "model/report.h"

/* A file to read. */
struct import_file {
    struct stream *stream; /* only peeked at so far; its name is used in messages */
    const char *path;      /* where files that belong to it lie beside it; NULL = nowhere */
    bool partial;          /* rows that cannot be read are left out, and a note says how many */
};

struct import_format {
    const char *name; /* for people, and report_source.format */
    struct report_source source;
    /* What the tool prints for people, found by words wherever they stand in the file's beginning:
     * other results may be in it as well. */
    bool printed;
    bool (*recognise)(struct span head);
    /* Fills the report but for `source`; not released on failure. */
    int (*read)(const struct import_file *file, struct report *report, struct err *err);
};

/* The format of a file that begins so, as far as STREAM_CHUNK bytes go; NULL = none of ours. */
const struct import_format *import_recognise(struct span head);

/* Fails for a file that is neither one of these nor, by its first byte, a document of ours, and
 * says what to do with it; `name` is the file's. */
int import_check_known(struct span head, const char *name, struct err *err)
    __attribute__((warn_unused_result));

/* Fails for text that is not in bytes, as spreadsheets may write it. */
int import_check_bytes(struct span head, const char *name, struct err *err)
    __attribute__((warn_unused_result));

/* Reads the whole stream. On failure `report` is released; `err` names file and line. */
int import_read(const struct import_file *file, const struct import_format *format,
                struct report *report, struct err *err) __attribute__((warn_unused_result));

/* Says where the figures are from, and gives the run an id: the hash of what was read, so that
 * results which are compared or merged with themselves are found. */
void import_settle(struct report *report, const struct report_source *source);

#endif
