/*
 * The repository as a push shows it to libgit2: all objects, but only one ref. Private to
 * lib/store.
 *
 * libgit2 offers a server every ref that a repository has, and walks them all: which fails in a
 * shallow clone, and tells more than is needed. It also pushes refs only, never a commit that no
 * ref points at yet. So a push works on a repository of its own, in memory: the object database of
 * the real one (and, for a path, that of the remote beside it), with shallow ends grafted, and one
 * ref that points where push_view_point() says. What is written, goes to the real object database.
 */
#ifndef PERFGATE_STORE_PUSH_VIEW_H
#define PERFGATE_STORE_PUSH_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/repo_git.h"
#include "store/shallow.h"

struct git_odb;
struct one_ref;

struct push_view {
    struct repo repo; /* for whatever takes one; not for repo_free() */
    struct shallow shallow;
    struct git_odb *objects;
    struct one_ref *ref;
    const char *remote; /* for the commands in messages; borrowed */
};

/* `ref` is the name of the one ref, which points nowhere yet. A zeroed view is an empty one. */
int push_view_open(const struct repo *repo, const char *remote, const char *ref,
                   struct push_view *out, struct err *err) __attribute__((warn_unused_result));

/* Adds the objects of another repository on this machine. */
int push_view_add(struct push_view *view, const struct repo *other, struct err *err)
    __attribute__((warn_unused_result));

/* Where the ref points; "" = there is none. */
void push_view_point(struct push_view *view, const char *id);

/* How many commits `tip` has that `base` ("" = none) lacks. *is_whole is false, and the number too
 * low, where they reach the end of a shallow clone. */
int push_view_count(const struct push_view *view, const char *tip, const char *base, size_t *n,
                    bool *is_whole, struct err *err) __attribute__((warn_unused_result));

/* ERR_UNDECIDED for a clone that lacks history of the ref, with the fetch to type. */
int push_view_fail_shallow(const struct push_view *view, struct err *err);

void push_view_release(struct push_view *view);

#endif
