/*
 * What all documents have in common: a file of limited size, a JSON object, and the key `schema`
 * that says which kind of document and which version it is. Checked before anything else, so that
 * a policy given where a report belongs is called that, and not a report with unknown keys.
 * Shared by the documents of model/, not for other layers.
 */
#ifndef PERFGATE_MODEL_DOCUMENT_H
#define PERFGATE_MODEL_DOCUMENT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

/* Parses `len` bytes and checks that they are an object. The caller frees *doc. */
int document_parse(const char *bytes, size_t len, const char *source, struct js_doc **doc,
                   struct err *err) __attribute__((warn_unused_result));

/* Checks that the object's `schema` is that, as "perfgate.report/1". */
int document_check_schema(const struct js_at *root, const char *schema, struct err *err)
    __attribute__((warn_unused_result));

/* The `decode` of the row `schema` in a table: it has been checked already. */
int document_skip(const struct js_at *at, void *member, struct arena *arena, struct err *err);

/* Rows of type JS_CUSTOM for a time in UTC, int64_t ns since the epoch; 0 = absent. */
int document_decode_utc(const struct js_at *at, void *member, struct arena *arena, struct err *err);
void document_encode_utc(struct js_writer *writer, const char *key, const void *member);

#endif
