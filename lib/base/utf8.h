/*
 * The characters of UTF-8 text (RFC 3629), strictly: no overlong forms, no surrogates.
 */
#ifndef PERFGATE_BASE_UTF8_H
#define PERFGATE_BASE_UTF8_H

#include <stdint.h>

#define UTF8_INVALID UINT32_MAX

/* The character at `*at`, which moves behind it. UTF8_INVALID, and one byte on, where the bytes
 * are none. 0 at the end, where `*at` stays. */
uint32_t utf8_next(const char **at);

#endif
