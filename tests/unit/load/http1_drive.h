/* Runs the response parser as the engine does, with the input cut into pieces, and writes what
 * happened as one line of text, so that two ways of cutting can be compared. */
#ifndef PERFGATE_TESTS_HTTP1_DRIVE_H
#define PERFGATE_TESTS_HTTP1_DRIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* `cuts`: ascending offsets at which a new piece begins. The line ends with the reason of a
 * failure, or with the number of bytes left over. */
void http1_drive(const char *bytes, size_t len, bool is_head_request, const size_t *cuts,
                 size_t n_cuts, struct buf *out);

/* As http1_drive() with each byte on its own. */
void http1_drive_bytewise(const char *bytes, size_t len, bool is_head_request, struct buf *out);

#endif
