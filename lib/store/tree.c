#include "store/tree.h"

#include <git2.h>
#include <string.h>

#include "store/repo_git.h"

/* For messages: "'baselines/policy.json' at 1a2b3c4". */
#define PLACE       "'%s' at %.*s"
#define PLACE_OF(t) (t)->path, REPO_SHORT_LEN, (t)->commit

static int fail_lacking(const struct tree_path *at, struct err *err)
{
    return err_set(err, ERR_UNDECIDED,
                   PLACE " is not in this clone, which was made without all of its files; type "
                         "`git show %.*s:%s` to fetch it, or clone without --filter",
                   PLACE_OF(at), REPO_SHORT_LEN, at->commit, at->path);
}

static int fail_git(int status, const struct tree_path *at, struct err *err)
{
    if (repo_lacks_object(status))
        return fail_lacking(at, err);
    return repo_fail(err, ERR_IO, "cannot read " PLACE, PLACE_OF(at));
}

static const char *kind_of(const git_tree_entry *entry)
{
    switch (git_tree_entry_filemode(entry)) {
    case GIT_FILEMODE_TREE:
        return "a directory";
    case GIT_FILEMODE_LINK:
        return "a symbolic link";
    case GIT_FILEMODE_COMMIT:
        return "a submodule";
    default:
        return "a file";
    }
}

static int root_tree(const struct tree_path *at, git_tree **out, struct err *err)
{
    git_oid oid;
    git_commit *commit = NULL;
    git_error_clear();
    int status = git_oid_fromstr(&oid, at->commit);
    if (status == 0)
        status = git_commit_lookup(&commit, at->repo->git, &oid);
    if (status == 0)
        status = git_commit_tree(out, commit);
    git_commit_free(commit);
    return status < 0 ? fail_git(status, at, err) : 0;
}

/* Replaces *tree by the directory that `entry` of it names. */
static int descend(const struct tree_path *at, git_tree **tree, const git_tree_entry *entry,
                   struct err *err)
{
    git_tree *below = NULL;
    if (git_tree_entry_filemode(entry) != GIT_FILEMODE_TREE)
        return err_set(err, ERR_INPUT, PLACE ": '%s' is %s; expected a directory", PLACE_OF(at),
                       git_tree_entry_name(entry), kind_of(entry));
    int status = git_tree_lookup(&below, at->repo->git, git_tree_entry_id(entry));
    if (status < 0)
        return fail_git(status, at, err);
    git_tree_free(*tree);
    *tree = below;
    return 0;
}

/* The entry that the path names, and the directory that owns it; both NULL where it names nothing.
 * git_tree_entry_bypath() would call a path through a link or a file not found. */
static int find_entry(const struct tree_path *at, git_tree **tree, const git_tree_entry **entry,
                      struct err *err)
{
    *tree = NULL;
    *entry = NULL;
    if (root_tree(at, tree, err) < 0)
        return -1;
    for (const char *name = at->path;;) {
        char piece[256];
        size_t len = strcspn(name, "/");
        if (len >= sizeof piece)
            return 0;
        memcpy(piece, name, len);
        piece[len] = 0;
        *entry = git_tree_entry_byname(*tree, piece);
        if (!*entry || !name[len])
            return 0;
        if (descend(at, tree, *entry, err) < 0)
            return -1;
        name += len + 1;
    }
}

static int read_blob(const struct tree_path *at, const git_oid *id, size_t limit, struct buf *out,
                     struct err *err)
{
    git_odb *odb = NULL;
    git_blob *blob = NULL;
    git_object_t type;
    size_t size = 0;
    int result = -1;
    int status = git_repository_odb(&odb, at->repo->git);
    if (status == 0)
        status = git_odb_read_header(&size, &type, odb, id);
    if (status == 0 && size > limit) {
        err_set(err, ERR_INPUT, PLACE " has %zu bytes; the limit for it is %zu", PLACE_OF(at), size,
                limit);
        goto out;
    }
    if (status == 0)
        status = git_blob_lookup(&blob, at->repo->git, id);
    if (status < 0) {
        fail_git(status, at, err);
        goto out;
    }
    buf_add(out, git_blob_rawcontent(blob), size);
    result = 0;
out:
    git_blob_free(blob);
    git_odb_free(odb);
    return result;
}

int tree_read(const struct tree_path *at, size_t limit, struct buf *out, bool *found,
              struct err *err)
{
    git_tree *tree = NULL;
    const git_tree_entry *entry = NULL;
    *found = false;
    int status = find_entry(at, &tree, &entry, err);
    if (status == 0 && entry) {
        git_filemode_t mode = git_tree_entry_filemode(entry);
        if (mode != GIT_FILEMODE_BLOB && mode != GIT_FILEMODE_BLOB_EXECUTABLE)
            status = err_set(err, ERR_INPUT, PLACE " is %s; expected a file", PLACE_OF(at),
                             kind_of(entry));
        else
            status = read_blob(at, git_tree_entry_id(entry), limit, out, err);
        *found = status == 0;
    }
    git_tree_free(tree);
    return status;
}

static void list_names(const git_tree *tree, struct arena *arena, const char ***names, size_t *n)
{
    *n = git_tree_entrycount(tree);
    *names = arena_array(arena, *n ? *n : 1, sizeof **names);
    for (size_t i = 0; i < *n; i++) {
        const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
        bool is_tree = git_tree_entry_filemode(entry) == GIT_FILEMODE_TREE;
        (*names)[i] = arena_printf(arena, "%s%s", git_tree_entry_name(entry), is_tree ? "/" : "");
    }
}

int tree_list(const struct tree_path *at, struct arena *arena, const char ***names, size_t *n,
              struct err *err)
{
    git_tree *tree = NULL;
    const git_tree_entry *entry = NULL;
    *names = NULL;
    *n = 0;
    int status = find_entry(at, &tree, &entry, err);
    if (status == 0 && entry) {
        status = descend(at, &tree, entry, err);
        if (status == 0)
            list_names(tree, arena, names, n);
    }
    git_tree_free(tree);
    return status;
}
