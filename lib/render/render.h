/*
 * The forms in which a verdict or a report can be had: one row per format.
 *
 * render/ lays out and scales units; it decides nothing and computes no statistics. When a format
 * is added: a row in render.c. The option --format, -h and the tests follow the table.
 */
#ifndef PERFGATE_RENDER_RENDER_H
#define PERFGATE_RENDER_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/report.h"
#include "model/verdict.h"

/* The reports of one side, for the charts of a page. */
struct render_side {
    size_t n;                            /* 0 = none */
    const struct report *const *reports; /* those of all starts, in their order */
    const struct report *whole;          /* the only one, or all of them merged */
};

enum { RENDER_BASE, RENDER_CANDIDATE, RENDER_SIDES };

struct render_options {
    const char *title;               /* the document's file; NULL = none */
    bool color;                      /* for a terminal; text only */
    size_t limit;                    /* bytes of Markdown; 0 = the format's */
    const struct render_side *sides; /* RENDER_SIDES of them, beside the document; NULL = none */
};

/* What GitHub takes, with room to spare: 1 MiB of a job's summary, 65,536 characters of a comment.
 * Beyond the first it shows nothing at all. */
#define RENDER_SUMMARY_LIMIT ((size_t)1000 * 1000)
#define RENDER_COMMENT_LIMIT ((size_t)60 * 1000)

struct render_format {
    const char *name;
    void (*verdict)(const struct verdict *verdict, const struct render_options *options,
                    struct buf *out);
    void (*report)(const struct report *report, const struct render_options *options,
                   struct buf *out); /* NULL = a report has no such form */
    bool joins;   /* several documents one after the other are still of this format */
    bool beside;  /* several documents are one page: a verdict with its reports beside it */
    size_t limit; /* bytes of all documents together; 0 = none */
};

enum {
    FORMAT_TEXT,
    FORMAT_MARKDOWN, /* for a job's summary */
    FORMAT_COMMENT,  /* the same, shorter */
    FORMAT_HTML,
    FORMAT_JSON,
    FORMAT_CSV,
    FORMAT_JUNIT,
    FORMAT_ANNOTATIONS,
    FORMAT_PROMETHEUS,
    FORMAT_COUNT
};

extern const struct render_format render_formats[FORMAT_COUNT];

/* The name of format `i`; NULL after the last. */
const char *render_format_name(int i);

#endif
