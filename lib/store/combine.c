#include "store/combine.h"

#include <git2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/name.h"
#include "store/repo_git.h"

#define MESSAGE "perf-baseline: combine with what others pushed\n"

/* A call of combine(). */
struct combining {
    const struct combine_sides *sides;
    git_commit *ours, *theirs;
    git_tree *their_tree;
    git_diff *diff; /* what our side did since the fork */
    size_t n;
    git_tree_update *updates; /* of their tree; the paths are the diff's */
};

/* ---- opening ---- */

/* Returns libgit2's status, as all here do that have no `err`. */
static int find_commit(git_repository *git, const char *id, git_commit **out)
{
    git_oid oid;
    return git_oid_fromstr(&oid, id) < 0 ? -1 : git_commit_lookup(out, git, &oid);
}

static int diff_from_base(struct combining *combining)
{
    git_repository *git = combining->sides->repo->git;
    git_commit *base = NULL;
    git_tree *before = NULL, *after = NULL;
    int status = 0;
    if (*combining->sides->base) {
        status = find_commit(git, combining->sides->base, &base);
        if (status == 0)
            status = git_commit_tree(&before, base);
    }
    if (status == 0)
        status = git_commit_tree(&after, combining->ours);
    if (status == 0)
        status = git_diff_tree_to_tree(&combining->diff, git, before, after, NULL);
    git_tree_free(after);
    git_tree_free(before);
    git_commit_free(base);
    return status;
}

static int open_sides(struct combining *combining)
{
    git_repository *git = combining->sides->repo->git;
    int status = find_commit(git, combining->sides->ours, &combining->ours);
    if (status == 0)
        status = find_commit(git, combining->sides->theirs, &combining->theirs);
    if (status == 0)
        status = git_commit_tree(&combining->their_tree, combining->theirs);
    return status == 0 ? diff_from_base(combining) : status;
}

/* ---- a file ---- */

/* mode 0: there is no such file. */
struct version {
    uint16_t mode;
    git_oid id;
};

static bool is_same(const struct version *a, const struct version *b)
{
    return a->mode == b->mode && (!a->mode || git_oid_equal(&a->id, &b->id));
}

static struct version of_diff(const git_diff_file *file)
{
    struct version version = {.mode = file->mode};
    if (version.mode)
        git_oid_cpy(&version.id, &file->id);
    return version;
}

static int find_theirs(const struct combining *combining, const char *path, struct version *out)
{
    git_tree_entry *entry = NULL;
    *out = (struct version){0};
    int status = git_tree_entry_bypath(&entry, combining->their_tree, path);
    if (status == 0) {
        out->mode = (uint16_t)git_tree_entry_filemode(entry);
        git_oid_cpy(&out->id, git_tree_entry_id(entry));
    }
    git_tree_entry_free(entry);
    return status == GIT_ENOTFOUND ? 0 : status;
}

/* Its name has the hash of what it says. */
static bool is_named_by_content(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return name_is_run(name) || name_is_mark(name, NAME_ACCEPT_END) ||
           name_is_mark(name, NAME_ANCHOR_END);
}

static int fail_conflict(const struct combining *combining, const char *path, struct err *err)
{
    return err_set(err, ERR_INPUT,
                   "'%s' was changed both in '%s' here and at the remote, and only runs can be "
                   "combined; merge the two with git, and push again",
                   path, combining->sides->ref);
}

static int add_delta(struct combining *combining, const git_diff_delta *delta, struct err *err)
{
    const char *path = delta->new_file.path;
    struct version before = of_diff(&delta->old_file), after = of_diff(&delta->new_file), theirs;
    if (find_theirs(combining, path, &theirs) < 0)
        return repo_fail(err, ERR_IO, "cannot find '%s' in %s", path, combining->sides->theirs);
    if (is_same(&theirs, &after))
        return 0;
    if (!is_same(&theirs, &before)) {
        bool is_one = after.mode == GIT_FILEMODE_BLOB && theirs.mode == GIT_FILEMODE_BLOB &&
                      is_named_by_content(path);
        return is_one ? 0 : fail_conflict(combining, path, err);
    }
    git_tree_update *update = &combining->updates[combining->n++];
    update->action = after.mode ? GIT_TREE_UPDATE_UPSERT : GIT_TREE_UPDATE_REMOVE;
    update->filemode = (git_filemode_t)after.mode;
    update->path = path;
    git_oid_cpy(&update->id, &after.id);
    return 0;
}

/* ---- the commit ---- */

static int make_commit(const struct combining *combining, const struct store_identity *who,
                       git_oid *id)
{
    git_repository *git = combining->sides->repo->git;
    const git_commit *parents[] = {combining->theirs, combining->ours};
    git_oid tree_id;
    git_tree *tree = NULL;
    git_signature *signature = NULL;
    int status = git_tree_create_updated(&tree_id, git, combining->their_tree, combining->n,
                                         combining->updates);
    if (status == 0)
        status = git_tree_lookup(&tree, git, &tree_id);
    if (status == 0)
        status = git_signature_new(&signature, who->name, who->email, who->now_ns / NS_PER_S, 0);
    if (status == 0)
        status =
            git_commit_create(id, git, NULL, signature, signature, NULL, MESSAGE, tree, 2, parents);
    git_signature_free(signature);
    git_tree_free(tree);
    return status;
}

static int combine_open(struct combining *combining, const struct store_identity *who,
                        char id[REPO_ID_SIZE], struct err *err)
{
    git_oid oid;
    size_t n = git_diff_num_deltas(combining->diff);
    combining->updates = mem_array(n + 1, sizeof *combining->updates);
    for (size_t i = 0; i < n; i++)
        if (add_delta(combining, git_diff_get_delta(combining->diff, i), err) < 0)
            return -1;
    memcpy(id, combining->sides->theirs, REPO_ID_SIZE);
    if (!combining->n)
        return 0;
    if (make_commit(combining, who, &oid) < 0)
        return repo_fail(err, ERR_IO, "cannot combine '%s' with what the remote has",
                         combining->sides->ref);
    git_oid_tostr(id, REPO_ID_SIZE, &oid);
    return 0;
}

int combine(const struct combine_sides *sides, const struct store_identity *who,
            char id[REPO_ID_SIZE], struct err *err)
{
    struct combining combining = {.sides = sides};
    int status =
        open_sides(&combining) < 0
            ? repo_fail(err, ERR_IO, "cannot compare '%s' with what the remote has", sides->ref)
            : combine_open(&combining, who, id, err);
    free(combining.updates);
    git_diff_free(combining.diff);
    git_tree_free(combining.their_tree);
    git_commit_free(combining.theirs);
    git_commit_free(combining.ours);
    return status;
}
