/*
 * Where a tool was started: the repository around the working directory, and what the environment
 * tells about the base revision (GIT_DIR, GITHUB_*, the event's file), about who commits and who
 * pushes. Filled once, in main.
 */
#ifndef PERFGATE_CMD_WHERE_H
#define PERFGATE_CMD_WHERE_H

#include "base/arena.h"
#include "base/err.h"
#include "store/choose.h"
#include "store/push.h"
#include "store/repo.h"

struct where {
    struct arena arena;
    struct repo *repo; /* NULL: in no repository */
    struct choose_inputs inputs;
    const char *committer_name, *committer_email; /* GIT_COMMITTER_NAME, …_EMAIL; NULL = not set */
    const char *actor;                            /* GITHUB_ACTOR, who set the workflow off */
    struct push_access access; /* PERFGATE_TOKEN, GITHUB_TOKEN, GITHUB_SERVER_URL */
};

/* On failure `where` is released. */
int where_open(struct where *where, struct err *err) __attribute__((warn_unused_result));

/* The full name of the ref that --ref names, in the arena: a short one is a branch. ERR_USAGE for
 * one that cannot be a ref's. */
int where_ref(struct where *where, const char *name, const char **out, struct err *err)
    __attribute__((warn_unused_result));

/* The path from the top of the work tree, with slashes and without "." and ".."; it is in the
 * arena. A relative path is taken from the working directory; nothing need be there, and links
 * below the top are not followed. NULL outside of the work tree, or where there is none. */
const char *where_in_tree(struct where *where, const char *path);

void where_release(struct where *where);

#endif
