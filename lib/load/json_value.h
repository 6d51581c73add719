/*
 * Equality of values in JSON bodies.
 */
#ifndef PERFGATE_LOAD_JSON_VALUE_H
#define PERFGATE_LOAD_JSON_VALUE_H

#include <stdbool.h>

#include "base/json.h"

/* Equal kind and content; numbers by value as doubles, members in any order. */
bool json_equal(const struct js_at *a, const struct js_at *b);

#endif
