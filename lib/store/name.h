/*
 * The names of files beside each other below baselines/<suite>/<environment>/: runs
 * (<utc>-<commit>-<hash>.json) and marks on them (<utc>-<hash>.accept.json, .anchor.json). Private
 * to lib/store.
 *
 * <utc> is 20261123T161100Z, so that names sort by time; <commit> and <hash> are 12 hexadecimal
 * digits.
 */
#ifndef PERFGATE_STORE_NAME_H
#define PERFGATE_STORE_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define NAME_UTC_LEN    16
#define NAME_ID_LEN     12
#define NAME_RUN_END    ".json"
#define NAME_ACCEPT_END ".accept.json"
#define NAME_ANCHOR_END ".anchor.json"
#define NAME_HEX_DIGITS "0123456789abcdef"

bool name_is_run(const char *name);

/* `end` is NAME_ACCEPT_END or NAME_ANCHOR_END. */
bool name_is_mark(const char *name, const char *end);

bool name_ends_with(const char *name, const char *end);

/* Appends a time as "20261123T161100Z". */
void name_add_utc(struct buf *out, int64_t wall_ns);

/* The time that a name begins with; 0 where that is none. */
int64_t name_utc_ns(const char *name);

#endif
