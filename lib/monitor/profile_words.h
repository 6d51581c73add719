/*
 * The arguments of a profiler with what only a run knows filled in.
 *
 * {pid} are the target's processes with commas between them, {main} the one of them that is the
 * oldest, {seconds} how long to profile, {output} a file to write, {side} candidate or base. What
 * else stands in braces is left alone.
 */
#ifndef PERFGATE_MONITOR_PROFILE_WORDS_H
#define PERFGATE_MONITOR_PROFILE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum profile_word {
    PROFILE_PID,
    PROFILE_MAIN,
    PROFILE_SECONDS,
    PROFILE_OUTPUT,
    PROFILE_SIDE,
    PROFILE_WORDS
};

/* Whether one of the arguments has the word in it. */
bool profile_words_use(const char *const *arguments, size_t n, enum profile_word word);

/* The arguments with the words' values in their place, and a NULL behind them, in the arena. */
const char *const *profile_words_fill(const char *const *arguments, size_t n,
                                      const char *const values[PROFILE_WORDS], struct arena *arena);

#endif
