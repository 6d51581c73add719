/*
 * The writers of a repository take turns. Private to lib/store.
 *
 * What they write is right without: a ref moves by compare-and-swap, and who lost tries again. But
 * of many that try at once most work for nothing, and one can lose for a minute. So each waits for
 * an advisory lock (flock(2)) on the repository's directory first, which the kernel gives in the
 * order in which it was asked for, and takes back where its holder is killed. Where the file system
 * knows no such lock nobody waits. git does not know of it. A holder that is stopped (SIGSTOP)
 * holds up the others for as long.
 */
#ifndef PERFGATE_STORE_TURN_H
#define PERFGATE_STORE_TURN_H

#include "store/repo.h"

/* Waits. Returns what to give to turn_end(). */
int turn_take(const struct repo *repo);

/* `turn` may be -1. */
void turn_end(int turn);

#endif
