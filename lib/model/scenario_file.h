/*
 * What a scenario takes from files beside it: data feeds, and parts of multipart bodies.
 *
 * The document names them; scenario_read_files() reads them into the scenario's arena, each once.
 */
#ifndef PERFGATE_MODEL_SCENARIO_FILE_H
#define PERFGATE_MODEL_SCENARIO_FILE_H

#include <stdint.h>

#include "base/span.h"

#define SCENARIO_FILE_LIMIT ((size_t)64 << 20) /* bytes of a file */
#define SCENARIO_FEEDS      16

/* A file beside the scenario or below it. */
struct scenario_file {
    const char *path;    /* as written; NULL = none */
    struct span content; /* once scenario_read_files() has read it */
    uint64_t hash;       /* of the content */
};

enum feed_order { FEED_NEXT, FEED_RANDOM, FEED_ONCE };
enum feed_end { FEED_REPEAT, FEED_STOP, FEED_FAIL };

/* A CSV file whose columns are variables, `${name.column}`. */
struct scenario_feed {
    const char *name;
    struct scenario_file file;
    int order;  /* enum feed_order */
    int at_end; /* enum feed_end */
};

/* A part of a multipart body: a text, or a file. */
struct scenario_part {
    const char *name;
    const char *value; /* NULL: a file */
    struct scenario_file file;
    const char *filename; /* of a file; the last part of its path by default */
    const char *type;     /* NULL: none is sent; of a file application/octet-stream by default */
};

#endif
