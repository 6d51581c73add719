/*
 * Members of JSON objects that other tools wrote, whose other members are passed over.
 */
#ifndef PERFGATE_IMPORT_OBJECT_H
#define PERFGATE_IMPORT_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/span.h"
#include "import/import.h"

/* Of an endpoint; of a report it is 2^53, with COLLECT_ENDPOINTS of them. */
#define OBJECT_MAX_COUNT (INT64_C(1) << 43)

/* The first byte behind blanks; 0 where there is none. */
char object_first(struct span head);

/* Reads the file as one JSON document, of REPORT_LIMIT bytes at most. The caller frees it, also on
 * failure, with js_free(). */
int object_read(const struct import_file *file, struct js_doc **doc, struct err *err)
    __attribute__((warn_unused_result));

/* The member's text, borrowed from the document; empty where there is none. */
struct span object_text(const struct js_at *object, const char *key);

/* Fails where the member is not there. */
int object_need(const struct js_at *object, const char *key, struct js_at *out, struct err *err)
    __attribute__((warn_unused_result));
int object_count(const struct js_at *object, const char *key, int64_t *out, struct err *err)
    __attribute__((warn_unused_result));
/* null is 0. */
int object_number(const struct js_at *object, const char *key, double high, double *out,
                  struct err *err) __attribute__((warn_unused_result));

#endif
