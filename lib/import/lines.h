/*
 * The lines of a file of any size, one at a time: texts that tools print, and NDJSON.
 *
 * A line's failure gets the file and the line before it, and with `partial` costs that line alone.
 * Memory is one line, of at most LINES_LIMIT bytes.
 */
#ifndef PERFGATE_IMPORT_LINES_H
#define PERFGATE_IMPORT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "import/import.h"

#define LINES_LIMIT ((size_t)1 << 20)

struct line {
    struct span text; /* with a NUL behind it, without its end (LF or CRLF) */
    bool ended;       /* false: the file ends within it */
};

typedef int line_fn(void *context, const struct line *line, struct err *err);

/* Hands each line to `take`, whose message has no file and line. What `partial` left out is noted
 * in the report. */
int lines_read(const struct import_file *file, line_fn *take, void *context, struct report *report,
               struct err *err) __attribute__((warn_unused_result));

/* The first `n` words of a text, which blanks separate; how many there are of them. */
size_t lines_words(struct span text, struct span *words, size_t n);

/* Whether the text begins with `word`; then *rest (if it is not NULL) is what follows. */
bool lines_begin(struct span text, const char *word, struct span *rest);

#endif
