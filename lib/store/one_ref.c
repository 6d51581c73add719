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

static int ref_write(git_refdb_backend *backend, const git_reference *ref, int force,
                     const git_signature *who, const char *message, const git_oid *old,
                     const char *old_target)
{
    (void)backend, (void)ref, (void)force, (void)who, (void)message, (void)old, (void)old_target;
    return -1;
}

static int ref_rename(git_reference **out, git_refdb_backend *backend, const char *from,
                      const char *to, int force, const git_signature *who, const char *message)
{
    (void)out, (void)backend, (void)from, (void)to, (void)force, (void)who, (void)message;
    return -1;
}

static int ref_delete(git_refdb_backend *backend, const char *name, const git_oid *old,
                      const char *old_target)
{
    (void)backend, (void)name, (void)old, (void)old_target;
    return -1;
}

static int has_log(git_refdb_backend *backend, const char *name)
{
    (void)backend, (void)name;
    return 0;
}

static int log_change(git_refdb_backend *backend, const char *name)
{
    (void)backend, (void)name;
    return -1;
}

static int log_read(git_reflog **out, git_refdb_backend *backend, const char *name)
{
    (void)out, (void)backend, (void)name;
    return -1;
}

static int log_write(git_refdb_backend *backend, git_reflog *log)
{
    (void)backend, (void)log;
    return -1;
}

static int log_rename(git_refdb_backend *backend, const char *from, const char *to)
{
    (void)backend, (void)from, (void)to;
    return -1;
}

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
    ref->parent.write = ref_write;
    ref->parent.rename = ref_rename;
    ref->parent.del = ref_delete;
    ref->parent.has_log = has_log;
    ref->parent.ensure_log = log_change;
    ref->parent.reflog_read = log_read;
    ref->parent.reflog_write = log_write;
    ref->parent.reflog_rename = log_rename;
    ref->parent.reflog_delete = log_change;
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
