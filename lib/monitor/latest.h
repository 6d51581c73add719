/*
 * What was seen last, for who looks while a run goes on: of each part (the watch, each source of
 * the application) the figures of its last sample, which its own thread leaves here.
 *
 * Any thread may call; a lock is held while something is handed over or looked at, and by nobody on
 * the measured path.
 */
#ifndef PERFGATE_MONITOR_LATEST_H
#define PERFGATE_MONITOR_LATEST_H

#include <pthread.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/report_resources.h"

/* Owns its arena, in which all of it is. */
struct latest_part {
    struct arena arena;
    const struct report_resources *sides[2]; /* NULL = nothing */
};

struct latest {
    pthread_mutex_t lock;
    size_t n;
    struct latest_part *parts;
};

/* Zero parts is fine. It stays where it is until it is released. */
void latest_init(struct latest *latest, size_t n);
void latest_release(struct latest *latest);

/* Takes the part in place of the one before. */
void latest_set(struct latest *latest, size_t i, const struct latest_part *part);

/* Hands the sources of all parts to `use`, by side (NULL = none yet); they are there until it
 * returns. */
void latest_use(struct latest *latest,
                void (*use)(const struct report_resources *const sides[2], void *context),
                void *context);

#endif
