/*
 * A metric by its name, in a document's table: rows of type JS_CUSTOM whose member is an int that
 * holds an enum metric. Shared by the documents of model/, not for other layers.
 */
#ifndef PERFGATE_MODEL_METRIC_FIELD_H
#define PERFGATE_MODEL_METRIC_FIELD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

int metric_field_decode(const struct js_at *at, void *member, struct arena *arena, struct err *err);
void metric_field_encode(struct js_writer *writer, const char *key, const void *member);

#endif
