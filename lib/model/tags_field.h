/*
 * Tags in the documents of model/: an array of texts, in a document's table a row of type JS_CUSTOM
 * whose member is a struct tags. Not for other layers.
 */
#ifndef PERFGATE_MODEL_TAGS_FIELD_H
#define PERFGATE_MODEL_TAGS_FIELD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

/* Fails unless `text` is a tag. */
int tags_field_check(const struct js_at *at, const char *text, struct err *err)
    __attribute__((warn_unused_result));

/* A tag that is there twice is an error. */
int tags_field_decode(const struct js_at *at, void *member, struct arena *arena, struct err *err);

/* On one line; a key without tags is left out. */
void tags_field_encode(struct js_writer *writer, const char *key, const void *member);

#endif
