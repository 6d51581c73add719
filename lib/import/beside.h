/*
 * A file that belongs to another one: PREFIX_failures.csv beside PREFIX_stats.csv.
 */
#ifndef PERFGATE_IMPORT_BESIDE_H
#define PERFGATE_IMPORT_BESIDE_H

#include <stdbool.h>

#include "base/buf.h"
#include "import/import.h"

/* A zeroed struct may be closed. It may not be moved once it is open. */
struct beside {
    bool is_open;
    int fd;
    struct buf path;
    struct stream stream;
    struct import_file file;
};

/* Opens the file whose name has the end `other` in place of `own`. Where there is none, or the name
 * of `file` has another end, nothing is open and that is no failure. */
int beside_open(struct beside *beside, const struct import_file *file, const char *own,
                const char *other, struct err *err) __attribute__((warn_unused_result));

void beside_close(struct beside *beside);

#endif
