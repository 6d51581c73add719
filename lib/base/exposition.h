/*
 * Prometheus' text format (version 0.0.4, and what OpenMetrics adds to its samples), a line at a
 * time and in place: `name{label="value",...} number`.
 *
 * Nothing is copied. Values of labels stay escaped as they are written, and are compared like that.
 */
#ifndef PERFGATE_BASE_EXPOSITION_H
#define PERFGATE_BASE_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

#define EXPOSITION_LABELS 32

struct exposition_label {
    struct span name, value;
};

struct exposition {
    struct span name;
    size_t n_labels;
    struct exposition_label labels[EXPOSITION_LABELS];
    double value; /* may be NAN or infinite */
};

/* A sample without its number, which may be all of the text. */
bool exposition_parse_name(struct span text, struct exposition *out);

/* A line; false where it is a comment, empty, or no sample. */
bool exposition_parse(struct span line, struct exposition *out);

/* The name is the same, and all labels that `wanted` has are there with their values. */
bool exposition_matches(const struct exposition *wanted, const struct exposition *sample);

/* A label's value; its `at` is NULL where there is none. */
struct span exposition_label(const struct exposition *sample, const char *name);

#endif
