/*
 * Heap allocation that cannot return NULL.
 *
 * A failed small allocation ends the process with abort(): there is nothing sensible left to do,
 * and untested recovery paths are worse. Sizes that come from input are limited by whoever reads
 * the input, before they get here. The only place in lib/ that may end the process.
 */
#ifndef PERFGATE_BASE_MEM_H
#define PERFGATE_BASE_MEM_H

#include <stddef.h>

/* `size` zeroed bytes; never NULL. The caller frees with free(). */
void *mem_new(size_t size) __attribute__((returns_nonnull, warn_unused_result));

/* `count` zeroed elements of `size` bytes; a product that overflows aborts. */
void *mem_array(size_t count, size_t size) __attribute__((returns_nonnull, warn_unused_result));

/* realloc() to `count` elements of `size` bytes; what is new is not initialised. */
void *mem_resize(void *old, size_t count, size_t size)
    __attribute__((returns_nonnull, warn_unused_result));

/* A heap copy of `text`, which may not be NULL. */
char *mem_strdup(const char *text) __attribute__((returns_nonnull, warn_unused_result));

/* Makes room for one more element in a growing array: doubles *capacity when `count` reaches it. */
void *mem_grow(void *old, size_t count, size_t *capacity, size_t size)
    __attribute__((returns_nonnull, warn_unused_result));

/* Ends the process as a failed allocation here does; for one that failed in a foreign library. */
void mem_exhausted(void) __attribute__((noreturn));

#endif
