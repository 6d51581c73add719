/*
 * Writing to the store: files are added or removed in one step.
 *
 * In the work tree (nothing is committed); on the current branch (`--commit`: one commit on top of
 * HEAD that holds these files' change and nothing else, index and work tree otherwise as they
 * were); or on a ref of its own (`--ref`: neither branch, index nor work tree are touched).
 *
 * A write is a plan: a function that is shown the place as it is and says which files to add or
 * remove there. Where another writer was faster, the plan is asked again with the new state, after
 * a random pause; so what it decided (this run is there already, this one is worse) is decided on
 * what is really there. A plan may say that nothing is to be done. A commit on a ref is complete
 * before the ref moves, and the ref moves by compare-and-swap: a writer that is killed leaves the
 * old state or the new one.
 * On the current branch the order is: index.lock, file in the work tree, entry in the index,
 * branch. What fails, or loses a race, is taken back while the lock is still held. A writer that is
 * killed in between leaves index.lock and a file that `git status` shows; once the lock is removed,
 * the next call goes on. Files in the work tree are removed last. No hook is run, and no commit is
 * signed. A file that is there with other bytes is never written over or removed,
 * and none that HEAD does not have is removed from the work tree.
 */
#ifndef PERFGATE_STORE_WRITE_H
#define PERFGATE_STORE_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/place.h"
#include "store/refs.h"

enum store_kind { STORE_TREE, STORE_BRANCH, STORE_REF };

struct store_target {
    const struct repo *repo;
    enum store_kind kind;
    const char *ref;           /* STORE_REF: its full name */
    struct store_identity who; /* not asked for by STORE_TREE */
    uint64_t seed;             /* of the pauses */
};

struct store_change {
    const char *path;  /* from the top, with slashes: baselines/… */
    const char *bytes; /* NULL: the file is removed */
    size_t len;
};

struct store_changes {
    struct arena arena;  /* for what the plan makes; released by store_write() */
    const char *message; /* of the commit: one line, and more behind an empty one if need be */
    size_t n, capacity;
    struct store_change *list;
};

/* Adds to the changes; both texts are copied. `bytes` NULL: removes. */
void store_change_add(struct store_changes *changes, const char *path, const char *bytes,
                      size_t len);

/* `place` is the state that the changes will be applied to: the work tree, HEAD, the ref's tip, or
 * an empty place. No change: nothing is written. */
typedef int (*store_plan)(void *context, const struct baseline_place *place,
                          struct store_changes *out, struct err *err);

struct store_result {
    bool changed;              /* something was written */
    char commit[REPO_ID_SIZE]; /* the new one; "" without one */
    char note[600];            /* a sentence for the user, or "": the index was left, for example */
};

/* Refuses (ERR_USAGE): a ref that is checked out in some work tree, a detached HEAD or a bare
 * repository with STORE_BRANCH. A lock that somebody left behind (index.lock, REF.lock) is ERR_IO
 * and names the file; see retry.h for how long it waits. On failure nothing is left but, perhaps,
 * objects that nothing refers to. */
int store_write(const struct store_target *target, store_plan plan, void *context,
                struct store_result *out, struct err *err) __attribute__((warn_unused_result));

#endif
