#include "store/copy.h"

#include <git2.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/repo_git.h"

#define LOOSE_LIMIT 50 /* commits; more become a pack */

/* A call of copy_commits(). All functions of it return libgit2's status. */
struct copying {
    git_repository *git; /* from */
    git_odb *from, *to;
    size_t n, capacity;
    git_oid *commits; /* parents first */
};

static int is_there(const git_oid *id, void *context)
{
    struct copying *copying = context;
    return git_odb_exists(copying->to, id);
}

/* A walk over the commits that are to be copied. */
static int start_walk(struct copying *copying, const git_oid *tip, git_revwalk **out)
{
    int status = git_revwalk_new(out, copying->git);
    if (status == 0)
        status = git_revwalk_sorting(*out, GIT_SORT_TOPOLOGICAL | GIT_SORT_REVERSE);
    if (status == 0)
        status = git_revwalk_add_hide_cb(*out, is_there, copying);
    return status == 0 ? git_revwalk_push(*out, tip) : status;
}

static int list_commits(struct copying *copying, const git_oid *tip)
{
    git_revwalk *walk = NULL;
    git_oid id;
    int status = start_walk(copying, tip, &walk);
    while (status == 0 && (status = git_revwalk_next(&id, walk)) == 0) {
        copying->commits =
            mem_grow(copying->commits, copying->n, &copying->capacity, sizeof *copying->commits);
        git_oid_cpy(&copying->commits[copying->n++], &id);
    }
    git_revwalk_free(walk);
    return status == GIT_ITEROVER ? 0 : status;
}

/* ---- loose objects ---- */

/* An object that comes out as another one was a grafted commit: the history ends there. */
static int copy_object(struct copying *copying, const git_oid *id)
{
    git_odb_object *object = NULL;
    git_oid written;
    int status = git_odb_read(&object, copying->from, id);
    if (status == 0)
        status = git_odb_write(&written, copying->to, git_odb_object_data(object),
                               git_odb_object_size(object), git_odb_object_type(object));
    if (status == 0 && !git_oid_equal(&written, id))
        status = -1;
    git_odb_object_free(object);
    return status;
}

static int copy_tree(struct copying *copying, const git_oid *id)
{
    git_tree *tree = NULL;
    if (git_odb_exists(copying->to, id))
        return 0;
    int status = git_tree_lookup(&tree, copying->git, id);
    for (size_t i = 0; status == 0 && i < git_tree_entrycount(tree); i++) {
        const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
        const git_oid *below = git_tree_entry_id(entry);
        if (git_tree_entry_type(entry) == GIT_OBJECT_TREE)
            status = copy_tree(copying, below);
        else if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB &&
                 !git_odb_exists(copying->to, below))
            status = copy_object(copying, below);
    }
    git_tree_free(tree);
    return status == 0 ? copy_object(copying, id) : status;
}

static int copy_loose(struct copying *copying)
{
    int status = 0;
    for (size_t i = 0; status == 0 && i < copying->n; i++) {
        git_commit *commit = NULL;
        status = git_commit_lookup(&commit, copying->git, &copying->commits[i]);
        if (status == 0)
            status = copy_tree(copying, git_commit_tree_id(commit));
        if (status == 0)
            status = copy_object(copying, &copying->commits[i]);
        git_commit_free(commit);
    }
    return status;
}

/* ---- a pack ---- */

/* libgit2 counts in the progress what it has read. */
struct pack {
    git_odb_writepack *writer;
    git_indexer_progress progress;
};

static int append_pack(void *bytes, size_t len, void *context)
{
    struct pack *pack = context;
    return pack->writer->append(pack->writer, bytes, len, &pack->progress);
}

static int copy_packed(struct copying *copying, const git_oid *tip)
{
    git_packbuilder *builder = NULL;
    git_revwalk *walk = NULL;
    struct pack pack = {0};
    int status = start_walk(copying, tip, &walk);
    if (status == 0)
        status = git_packbuilder_new(&builder, copying->git);
    if (status == 0)
        status = git_packbuilder_insert_walk(builder, walk);
    if (status == 0)
        status = git_odb_write_pack(&pack.writer, copying->to, NULL, NULL);
    if (status == 0)
        status = git_packbuilder_foreach(builder, append_pack, &pack);
    if (status == 0)
        status = pack.writer->commit(pack.writer, &pack.progress);
    if (pack.writer)
        pack.writer->free(pack.writer);
    git_packbuilder_free(builder);
    git_revwalk_free(walk);
    return status;
}

int copy_commits(const struct repo *from, const char *tip, const struct repo *to, struct err *err)
{
    struct copying copying = {.git = from->git};
    git_oid id;
    git_error_clear();
    int status = git_oid_fromstr(&id, tip);
    if (status == 0)
        status = git_repository_odb(&copying.from, from->git);
    if (status == 0)
        status = git_repository_odb(&copying.to, to->git);
    if (status == 0 && !git_odb_exists(copying.to, &id))
        status = list_commits(&copying, &id);
    if (status == 0 && copying.n)
        status = copying.n > LOOSE_LIMIT ? copy_packed(&copying, &id) : copy_loose(&copying);
    if (repo_lacks_object(status))
        err_set(err, ERR_UNDECIDED,
                "cannot copy the commit %.*s, because a repository lacks some of its objects; type "
                "`git fetch --refetch`, or clone anew",
                REPO_SHORT_LEN, tip);
    else if (status < 0)
        repo_fail(err, ERR_IO, "cannot copy the commit %.*s into '%s'", REPO_SHORT_LEN, tip,
                  git_repository_path(to->git));
    git_odb_free(copying.to);
    git_odb_free(copying.from);
    free(copying.commits);
    return status < 0 ? -1 : 0;
}
