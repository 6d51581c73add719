/*
 * An anchor (`<utc>-<hash>.anchor.json` beside the runs, schema perfgate.anchor/1): the run against
 * which slow drift is judged, a release for example.
 *
 * The newest anchor of a suite and environment is the one that counts; its run is never pruned.
 * Described in perfgate-baselines(5). An anchor owns its arena.
 */
#ifndef PERFGATE_MODEL_ANCHOR_H
#define PERFGATE_MODEL_ANCHOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define ANCHOR_SCHEMA "perfgate.anchor/1"
#define ANCHOR_LIMIT  ((size_t)64 << 10)

struct anchor {
    struct arena arena;
    const char *run;     /* the file's name beside it: "20261123T161100Z-….json" */
    const char *label;   /* what it stands for: "v1.4"; NULL = nothing */
    const char *by;      /* "Name <mail>" */
    int64_t anchored_ns; /* wall clock */
};

int anchor_decode(const char *bytes, size_t len, const char *source, struct anchor *out,
                  struct err *err) __attribute__((warn_unused_result));
void anchor_encode(const struct anchor *anchor, struct buf *out);
void anchor_release(struct anchor *anchor);

#endif
