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

/* Of a metric that may be a named one, which is known from a slip of the pen by the key "better"
 * beside it, "lower" or "higher", decoded after it. `name` stays NULL where it is none. */
int metric_named_decode(const struct js_at *at, int *metric, const char **name, struct arena *arena,
                        struct err *err);
int metric_better_decode(const struct js_at *at, int *metric, const char *name, struct err *err);
/* Nothing where `name` is NULL. */
void metric_better_encode(struct js_writer *writer, const char *key, int metric, const char *name);

#endif
