/*
 * What the tools read and write: documents from a file or stdin, the product to a file or stdout,
 * messages to stderr. `-` stands for stdin and stdout.
 */
#ifndef PERFGATE_CMD_IO_H
#define PERFGATE_CMD_IO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/report.h"

/* Where a tool's messages come from, and whether notes are wanted. */
struct io_log {
    const char *tool;
    bool quiet; /* notes and progress are left out; errors and warnings are not */
};

/* How `path` is named in messages: itself, or "standard input" for "-". */
const char *io_input_name(const char *path);

/* Appends the whole file, or stdin, to `out`. */
int io_read(const char *path, size_t limit, struct buf *out, struct err *err)
    __attribute__((warn_unused_result));

/* A document that may be the result of another load testing tool. */
struct io_document {
    struct buf bytes;      /* of a document of ours */
    bool foreign;          /* `report` is there, and `bytes` is empty */
    struct report *report; /* the caller's room for it */
    bool partial;          /* leave out what of a foreign file cannot be read */
    const char *map;       /* columns of a foreign file of any kind; NULL = it is recognised */
};

/* Reads a file or stdin into `document`. On failure nothing is there to release. */
int io_read_document(const char *path, struct io_document *document, struct err *err)
    __attribute__((warn_unused_result));

/* Reads a report, or what another tool measured, from a file or stdin. On failure `report` is
 * released. */
int io_read_report(const char *path, struct report *report, struct err *err)
    __attribute__((warn_unused_result));

/* Writes the product to stdout or, all or nothing, to a file. */
int io_write(const char *path, const struct buf *product, struct err *err)
    __attribute__((warn_unused_result));

/* The name of the base side's file beside the candidate's: X.base.json beside X.json. */
void io_add_base_path(struct buf *out, const char *path);

/* Removes the product of an earlier call, so that a call that fails leaves none to be mistaken for
 * its own. Refuses a file that is one of the `n` inputs. `-` and what is no regular file stay. */
int io_clear(const char *path, const char *const *inputs, size_t n, struct err *err)
    __attribute__((warn_unused_result));

/* Colour on `fd`: a terminal that can, and NO_COLOR is unset or empty (no-color.org). */
bool io_color(int fd);

/* "tool: text" on stderr, as a line; control bytes are shown as \xNN. A note is left out when
 * quiet. */
void io_note(const struct io_log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void io_warn(const struct io_log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
