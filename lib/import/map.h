/*
 * Any file of separated values with a line of names, whose columns the user maps:
 *
 *     elapsed=ms:duration,label=name,ok=success
 *
 * Roles are duration and start (with a unit: ns, us, ms or s; a start may also be a date), name,
 * method, success, failed, status, bytes and users. A duration has to be there, and one of success,
 * failed and status, without which failures are not known.
 */
#ifndef PERFGATE_IMPORT_MAP_H
#define PERFGATE_IMPORT_MAP_H

#include "import/import.h"

/* Whether the text is such a mapping; ERR_USAGE names what is not. */
int import_map_check(const char *text, struct err *err) __attribute__((warn_unused_result));

/* As import_read(), by a mapping that was checked. */
int import_map_read(const struct import_file *file, const char *text, struct report *report,
                    struct err *err) __attribute__((warn_unused_result));

#endif
