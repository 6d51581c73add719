/*
 * Failed requests counted by endpoint, kind and message.
 *
 * Bounded: a server can make up any number of messages, so that beyond ERROR_TABLE_LIMIT rows new
 * ones are counted in one row per endpoint and kind, called "other messages". Looked up by a
 * linear search, because failures are rare or of few kinds. A zeroed struct is empty; not
 * thread-safe.
 */
#ifndef PERFGATE_LOAD_ERROR_TABLE_H
#define PERFGATE_LOAD_ERROR_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "load/failure.h"

#define ERROR_TABLE_LIMIT 256

struct error_row {
    uint32_t endpoint;
    enum failure failure;
    char *message; /* owned */
    int64_t count;
    int64_t first_ns, last_ns; /* wall clock */
};

struct error_table {
    struct error_row *rows;
    size_t n, capacity;
};

/* Counts one failure at the wall time `at_ns`. */
void error_table_add(struct error_table *table, uint32_t endpoint, enum failure failure,
                     const char *message, int64_t at_ns);

/* into += from */
void error_table_merge(struct error_table *into, const struct error_table *from);

void error_table_release(struct error_table *table);

#endif
