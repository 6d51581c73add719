#include "store/commit.h"

#include <git2.h>

#include "base/clock.h"
#include "store/repo_git.h"

/* The parent's commit and tree; both NULL for a first commit. Returns libgit2's status. */
static int open_parent(git_repository *git, const char *parent, git_commit **commit,
                       git_tree **tree)
{
    git_oid oid;
    if (!*parent)
        return 0;
    int status = git_oid_fromstr(&oid, parent);
    if (status == 0)
        status = git_commit_lookup(commit, git, &oid);
    return status == 0 ? git_commit_tree(tree, *commit) : status;
}

static int make_tree(git_repository *git, git_tree *base, const struct store_changes *changes,
                     git_oid *out)
{
    struct arena arena = {0};
    git_tree_update *updates = arena_array(&arena, changes->n, sizeof *updates);
    int status = 0;
    for (size_t i = 0; status == 0 && i < changes->n; i++) {
        const struct store_change *change = &changes->list[i];
        updates[i].path = change->path;
        updates[i].filemode = GIT_FILEMODE_BLOB;
        updates[i].action = change->bytes ? GIT_TREE_UPDATE_UPSERT : GIT_TREE_UPDATE_REMOVE;
        if (change->bytes)
            status = git_blob_create_from_buffer(&updates[i].id, git, change->bytes, change->len);
    }
    if (status == 0)
        status = git_tree_create_updated(out, git, base, changes->n, updates);
    arena_release(&arena);
    return status;
}

static int make_commit(const struct store_target *target, const git_oid *tree_id,
                       git_commit *parent, const char *message, git_oid *out)
{
    const struct store_identity *who = &target->who;
    git_signature *signature = NULL;
    git_tree *tree = NULL;
    const git_commit *parents[] = {parent};
    int status = git_signature_new(&signature, who->name, who->email, who->now_ns / NS_PER_S, 0);
    if (status == 0)
        status = git_tree_lookup(&tree, target->repo->git, tree_id);
    if (status == 0)
        status = git_commit_create(out, target->repo->git, NULL, signature, signature, NULL,
                                   message, tree, parent ? 1 : 0, parents);
    git_tree_free(tree);
    git_signature_free(signature);
    return status;
}

int commit_changes(const struct store_target *target, const char *parent,
                   const struct store_changes *changes, char id[REPO_ID_SIZE], struct err *err)
{
    git_repository *git = target->repo->git;
    git_commit *above = NULL;
    git_tree *base = NULL;
    git_oid tree, commit;
    *id = 0;
    git_error_clear();
    int status = open_parent(git, parent, &above, &base);
    if (status == 0)
        status = make_tree(git, base, changes, &tree);
    if (status == 0 && !(base && git_oid_equal(&tree, git_tree_id(base)))) {
        status = make_commit(target, &tree, above, changes->message, &commit);
        if (status == 0)
            git_oid_tostr(id, REPO_ID_SIZE, &commit);
    }
    if (repo_lacks_object(status))
        err_set(err, ERR_UNDECIDED,
                "cannot make a commit, because this clone was made without some of the "
                "directories that it needs; type `git fetch --refetch`, or clone anew");
    else if (status < 0)
        repo_fail(err, ERR_IO, "cannot make a commit");
    git_tree_free(base);
    git_commit_free(above);
    return status < 0 ? -1 : 0;
}
