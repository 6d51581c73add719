#include "store/files.h"

#include <errno.h>
#include <git2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "store/repo_git.h"
#include "store/tree.h"

#define FILE_LIMIT ((size_t)64 << 20) /* of one that is there already */

static char *full_path(const struct repo *repo, const char *path, struct arena *arena)
{
    return arena_printf(arena, "%s/%s", repo->top, path);
}

/* Whether a file is there, and whether git would store it as the blob `id`. */
static int look_at(const struct repo *repo, const char *path, const git_oid *id, bool *found,
                   bool *is_same, struct err *err)
{
    struct baseline_place place = {.top = repo->top};
    struct buf bytes = {0};
    git_oid there;
    *is_same = false;
    int status = place_read(&place, path, FILE_LIMIT, &bytes, found, err);
    buf_release(&bytes);
    if (status < 0 || !*found)
        return status;
    if (git_repository_hashfile(&there, repo->git, path, GIT_OBJECT_BLOB, NULL) < 0)
        return repo_fail(err, ERR_IO, "cannot read '%s/%s'", repo->top, path);
    *is_same = git_oid_equal(&there, id);
    return 0;
}

static int fail_other(const struct repo *repo, const char *path, struct err *err)
{
    return err_set(err, ERR_IO,
                   "'%s/%s' is there with other bytes than it should have; move it away, and try "
                   "again",
                   repo->top, path);
}

static int write_new(const char *path, const struct store_change *change, struct arena *arena,
                     struct err *err)
{
    const char *dir = arena_strndup(arena, path, (size_t)(strrchr(path, '/') - path));
    if (fs_make_dirs(dir, err) < 0)
        return -1;
    return fs_write(path, change->bytes, change->len, err);
}

static int add_file(const struct repo *repo, const struct store_change *change, bool *added,
                    struct arena *arena, struct err *err)
{
    git_oid id;
    bool found, is_same;
    if (git_odb_hash(&id, change->bytes, change->len, GIT_OBJECT_BLOB) < 0)
        return repo_fail(err, ERR_IO, "cannot hash '%s'", change->path);
    if (look_at(repo, change->path, &id, &found, &is_same, err) < 0)
        return -1;
    if (found)
        return is_same ? 0 : fail_other(repo, change->path, err);
    if (write_new(full_path(repo, change->path, arena), change, arena, err) < 0)
        return -1;
    *added = true;
    return 0;
}

/* Removes a file, and the directories above it that are empty then. */
static int remove_file(const struct repo *repo, const char *path, struct err *err)
{
    struct arena arena = {0};
    char *full = full_path(repo, path, &arena);
    int status = 0;
    if (unlink(full) < 0 && errno != ENOENT && errno != ENOTDIR)
        status = err_set_errno(err, errno, "cannot remove '%s'", full);
    size_t top_len = strlen(repo->top);
    for (char *slash = strrchr(full, '/'); status == 0 && slash > full + top_len;
         slash = strrchr(full, '/')) {
        *slash = 0;
        if (rmdir(full) < 0)
            break;
    }
    arena_release(&arena);
    return status;
}

int files_add(const struct repo *repo, const struct store_changes *changes, bool *added,
              struct err *err)
{
    struct arena arena = {0};
    int status = 0;
    memset(added, 0, changes->n * sizeof *added);
    for (size_t i = 0; status == 0 && i < changes->n; i++)
        if (changes->list[i].bytes)
            status = add_file(repo, &changes->list[i], &added[i], &arena, err);
    if (status < 0)
        files_take_back(repo, changes, added);
    arena_release(&arena);
    return status;
}

void files_take_back(const struct repo *repo, const struct store_changes *changes,
                     const bool *added)
{
    for (size_t i = 0; i < changes->n; i++)
        if (added[i])
            (void)remove_file(repo, changes->list[i].path, NULL);
}

/* The directory that was looked into last: libgit2 keeps no large tree, and many files go at once.
 */
struct looked_into {
    git_tree *root; /* NULL: there is no commit */
    git_tree *tree; /* NULL: it is not in the commit */
    const char *dir;
    size_t len;
};

static int look_into(struct looked_into *last, const char *path, struct err *err)
{
    git_tree_entry *entry = NULL;
    struct arena arena = {0};
    size_t len = (size_t)(strrchr(path, '/') - path);
    if (!last->root || (last->dir && last->len == len && memcmp(last->dir, path, len) == 0))
        return 0;
    git_tree_free(last->tree);
    last->tree = NULL;
    last->dir = path;
    last->len = len;
    int status = git_tree_entry_bypath(&entry, last->root, arena_strndup(&arena, path, len));
    if (status == 0 && git_tree_entry_type(entry) == GIT_OBJECT_TREE)
        status = git_tree_lookup(&last->tree, git_tree_owner(last->root), git_tree_entry_id(entry));
    git_tree_entry_free(entry);
    arena_release(&arena);
    if (status < 0 && status != GIT_ENOTFOUND)
        return repo_fail(err, ERR_IO, "cannot find '%s' in HEAD", path);
    return 0;
}

static int check_removal(const struct repo *repo, struct looked_into *last, const char *path,
                         struct err *err)
{
    static const git_oid none; /* no file's */
    bool found = false, is_same = true;
    if (look_into(last, path, err) < 0)
        return -1;
    const git_tree_entry *entry =
        last->tree ? git_tree_entry_byname(last->tree, strrchr(path, '/') + 1) : NULL;
    const git_oid *id = entry ? git_tree_entry_id(entry) : &none;
    if (look_at(repo, path, id, &found, &is_same, err) < 0)
        return -1;
    if (!found || is_same)
        return 0;
    if (entry)
        return fail_other(repo, path, err);
    return err_set(err, ERR_IO,
                   "'%s/%s' is not committed, and would be lost; commit it first, or remove it "
                   "yourself",
                   repo->top, path);
}

static bool removes_any(const struct store_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++)
        if (!changes->list[i].bytes)
            return true;
    return false;
}

int files_check_removals(const struct repo *repo, const char *commit,
                         const struct store_changes *changes, struct err *err)
{
    struct looked_into last = {0};
    git_object *root = NULL;
    char spec[REPO_ID_SIZE + 8];
    if (!removes_any(changes))
        return 0;
    snprintf(spec, sizeof spec, "%s^{tree}", commit);
    if (*commit && git_revparse_single(&root, repo->git, spec) < 0)
        return repo_fail(err, ERR_IO, "cannot read the files of %s", commit);
    last.root = (git_tree *)root;
    int status = 0;
    for (size_t i = 0; status == 0 && i < changes->n; i++)
        if (!changes->list[i].bytes)
            status = check_removal(repo, &last, changes->list[i].path, err);
    git_tree_free(last.tree);
    git_object_free(root);
    return status;
}

int files_remove(const struct repo *repo, const struct store_changes *changes, struct err *err)
{
    int status = 0;
    for (size_t i = 0; status == 0 && i < changes->n; i++)
        if (!changes->list[i].bytes)
            status = remove_file(repo, changes->list[i].path, err);
    return status;
}
