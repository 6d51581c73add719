/*
 * Where a report was measured: the environment fingerprint.
 *
 * The kind (CPU model, cores, virtualisation) says which stored runs may be compared; memory,
 * kernel, runner image and tool version are shown. fingerprint_read() is the only function here
 * that asks the machine, from files below /proc and /sys.
 */
#ifndef PERFGATE_MODEL_FINGERPRINT_H
#define PERFGATE_MODEL_FINGERPRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"

#define PERFGATE_VERSION "0.1.0"

struct fingerprint {
    const char *cpu_model; /* NULL = not known, here and below */
    int64_t cores;         /* usable by the process; 0 = not known */
    const char *virtualization;
    int64_t memory_mb;
    const char *kernel;
    const char *runner_image;
    const char *tool; /* "perfgate 0.1.0" */
};

extern const struct js_shape fingerprint_shape;

/* Describes this machine; what cannot be read stays NULL or 0. Strings are in the arena. */
void fingerprint_read(struct fingerprint *out, struct arena *arena);

/* True where two machines are of one kind. Unknown parts are equal only to unknown ones. */
bool fingerprint_same_kind(const struct fingerprint *a, const struct fingerprint *b);

#endif
