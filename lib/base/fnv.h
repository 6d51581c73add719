/*
 * FNV-1a, 64 bits (Fowler, Noll, Vo; RFC 9923): tells texts apart, and guards against nobody.
 */
#ifndef PERFGATE_BASE_FNV_H
#define PERFGATE_BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_START UINT64_C(0xcbf29ce484222325)

/* `hash` is FNV_START, or that of the bytes before. */
uint64_t fnv_add(uint64_t hash, const char *bytes, size_t len);

#endif
