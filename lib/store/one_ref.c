#include "store/one_ref.h"

#include <git2.h>
#include <git2/sys/refdb_backend.h>
#include <git2/sys/refs.h>
#include <git2/sys/repository.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct one_ref {
    git_refdb_backend parent;
    char *name;
    bool is_there;
    git_oid id;
};

struct one_ref_iterator {
    git_reference_iterator parent;
    struct one_ref *ref;
    bool is_over;
};

static int ref_exists(int *exists, git_refdb_backend *backend, const char *name)
{
    const struct one_ref *ref = (const struct one_ref *)backend;
    *exists = ref->is_there && strcmp(name, ref->name) == 0;
    return 0;
}

static int ref_lookup(git_reference **out, git_refdb_backend *backend, const char *name)
{
    const struct one_ref *ref = (const struct one_ref *)backend;
    *out = NULL;
    if (!ref->is_there || strcmp(name, ref->name) != 0)
        return GIT_ENOTFOUND;
    *out = git_reference__alloc(ref->name, &ref->id, NULL);
    return *out ? 0 : -1;
}

/* ---- iteration; whoever asks for some of the refs is shown all, which is this one ---- */

static int iterator_next_name(const char **name, git_reference_iterator *parent)
{
    struct one_ref_iterator *iterator = (struct one_ref_iterator *)parent;
    if (iterator->is_over)
        return GIT_ITEROVER;
    iterator->is_over = true;
    *name = iterator->ref->name;
    return 0;
}

static int iterator_next(git_reference **out, git_reference_iterator *parent)
{
    struct one_ref_iterator *iterator = (struct one_ref_iterator *)parent;
    const char *name;
    int status = iterator_next_name(&name, parent);
    return status < 0 ? status : ref_lookup(out, &iterator->ref->parent, name);
}

static void iterator_free(git_reference_iterator *parent)
{
    free(parent);
}

static int ref_iterator(git_reference_iterator **out, git_refdb_backend *backend, const char *glob)
{
    struct one_ref_iterator *iterator = mem_new(sizeof *iterator);
    (void)glob;
    iterator->parent.next = iterator_next;
    iterator->parent.next_name = iterator_next_name;
    iterator->parent.free = iterator_free;
    iterator->ref = (struct one_ref *)backend;
    iterator->is_over = !iterator->ref->is_there;
    *out = &iterator->parent;
    return 0;
}

/* ---- what libgit2 wants to be there, and nobody calls ---- */

static int refuse(void)
{
    return -1;
}

#define REFUSES(member) ((__typeof__(member))(void (*)(void))refuse)

/* ---- the whole ---- */

static void ref_free(git_refdb_backend *backend)
{
    struct one_ref *ref = (struct one_ref *)backend;
    free(ref->name);
    free(ref);
}

struct one_ref *one_ref_attach(struct git_repository *git, const char *name)
{
    git_refdb *refs = NULL;
    if (git_refdb_new(&refs, git) < 0)
        return NULL;
    struct one_ref *ref = mem_new(sizeof *ref);
    git_refdb_init_backend(&ref->parent, GIT_REFDB_BACKEND_VERSION);
    ref->name = mem_strdup(name);
    ref->parent.exists = ref_exists;
    ref->parent.lookup = ref_lookup;
    ref->parent.iterator = ref_iterator;
    ref->parent.write = REFUSES(ref->parent.write);
    ref->parent.rename = REFUSES(ref->parent.rename);
    ref->parent.del = REFUSES(ref->parent.del);
    ref->parent.has_log = REFUSES(ref->parent.has_log);
    ref->parent.ensure_log = REFUSES(ref->parent.ensure_log);
    ref->parent.reflog_read = REFUSES(ref->parent.reflog_read);
    ref->parent.reflog_write = REFUSES(ref->parent.reflog_write);
    ref->parent.reflog_rename = REFUSES(ref->parent.reflog_rename);
    ref->parent.reflog_delete = REFUSES(ref->parent.reflog_delete);
    ref->parent.free = ref_free;
    if (git_refdb_set_backend(refs, &ref->parent) < 0) {
        ref_free(&ref->parent);
        ref = NULL;
    } else {
        git_repository_set_refdb(git, refs);
    }
    git_refdb_free(refs);
    return ref;
}

void one_ref_point(struct one_ref *ref, const char *id)
{
    ref->is_there = *id && git_oid_fromstr(&ref->id, id) == 0;
}

const char *one_ref_name(const struct one_ref *ref)
{
    return ref->name;
}
