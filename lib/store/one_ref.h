/*
 * A ref database with one ref in memory, for a repository that libgit2 is only to see so much of.
 * Private to lib/store; push_view.h says why. libgit2 reads it; it cannot write.
 */
#ifndef PERFGATE_STORE_ONE_REF_H
#define PERFGATE_STORE_ONE_REF_H

struct git_repository;
struct one_ref;

/* Makes it the ref database of `git`, which owns it. NULL where libgit2 fails. */
struct one_ref *one_ref_attach(struct git_repository *git, const char *name);

/* Where it points, 40 digits; "" = there is none, as at the start. */
void one_ref_point(struct one_ref *ref, const char *id);

const char *one_ref_name(const struct one_ref *ref);

#endif
