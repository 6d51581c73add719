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

static int check_removal(const struct repo *repo, git_tree *tree, const char *path, struct err *err)
{
    git_tree_entry *entry = NULL;
    bool found = false, is_same = true;
    int status = git_tree_entry_bypath(&entry, tree, path);
    if (status == 0)
        status = look_at(repo, path, git_tree_entry_id(entry), &found, &is_same, err);
    else if (status != GIT_ENOTFOUND)
        repo_fail(err, ERR_IO, "cannot find '%s' in HEAD", path);
    else
        status = 0;
    git_tree_entry_free(entry);
    if (status == 0 && found && !is_same)
        return fail_other(repo, path, err);
    return status < 0 ? -1 : 0;
}

int files_check_removals(const struct repo *repo, const char *commit,
                         const struct store_changes *changes, struct err *err)
{
    git_object *tree = NULL;
    char spec[REPO_ID_SIZE + 8];
    int status = 0;
    for (size_t i = 0; status == 0 && i < changes->n; i++) {
        if (changes->list[i].bytes)
            continue;
        snprintf(spec, sizeof spec, "%s^{tree}", commit);
        if (!tree && git_revparse_single(&tree, repo->git, spec) < 0)
            status = repo_fail(err, ERR_IO, "cannot read the files of %s", commit);
        if (status == 0)
            status = check_removal(repo, (git_tree *)tree, changes->list[i].path, err);
    }
    git_object_free(tree);
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
