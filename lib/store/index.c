#include "store/index.h"

#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <git2/sys/repository.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/repo_git.h"

int index_lock_take(const struct repo *repo, struct index_lock *lock, bool *is_held,
                    struct err *err)
{
    git_buf path = {0};
    *is_held = false;
    *lock = (struct index_lock){0};
    if (git_repository_item_path(&path, repo->git, GIT_REPOSITORY_ITEM_INDEX) < 0)
        return repo_fail(err, ERR_IO, "cannot find the index");
    lock->path = arena_strdup(&lock->arena, path.ptr);
    lock->lock = arena_printf(&lock->arena, "%s.lock", path.ptr);
    lock->next = arena_printf(&lock->arena, "%s.perfgate", path.ptr);
    lock->before = arena_printf(&lock->arena, "%s.perfgate-old", path.ptr);
    git_buf_dispose(&path);
    int fd = open(lock->lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EEXIST)
        return 0;
    if (fd < 0)
        return err_set_errno(err, errno, "cannot make '%s'", lock->lock);
    close(fd);
    *is_held = true;
    return 0;
}

/* What an earlier call that was killed has left. */
static void sweep(const struct index_lock *lock)
{
    char inner[4096];
    snprintf(inner, sizeof inner, "%s.lock", lock->next);
    unlink(inner);
    unlink(lock->next);
    unlink(lock->before);
}

/* Gives the index a second and a third name. A copy would have another time, by which git tells
 * which entries it must compare by content. */
static int link_index(struct index_lock *lock, const char **why, struct err *err)
{
    sweep(lock);
    if (link(lock->path, lock->before) == 0 && link(lock->path, lock->next) == 0) {
        lock->had_index = true;
        return 0;
    }
    if (errno == ENOENT)
        return 0;
    if (errno != EPERM && errno != EOPNOTSUPP)
        return err_set_errno(err, errno, "cannot make '%s'", lock->next);
    *why = "this file system has no hard links";
    return 0;
}

static int add_entry(git_index *index, const struct repo *repo, const struct store_change *change)
{
    struct arena arena = {0};
    struct stat info;
    git_index_entry entry = {.mode = GIT_FILEMODE_BLOB, .path = change->path};
    if (stat(arena_printf(&arena, "%s/%s", repo->top, change->path), &info) == 0) {
        entry.ctime.seconds = (int32_t)info.st_ctim.tv_sec;
        entry.ctime.nanoseconds = (uint32_t)info.st_ctim.tv_nsec;
        entry.mtime.seconds = (int32_t)info.st_mtim.tv_sec;
        entry.mtime.nanoseconds = (uint32_t)info.st_mtim.tv_nsec;
        entry.dev = (uint32_t)info.st_dev;
        entry.ino = (uint32_t)info.st_ino;
        entry.uid = info.st_uid;
        entry.gid = info.st_gid;
        entry.file_size = (uint32_t)info.st_size;
    }
    arena_release(&arena);
    int status = git_odb_hash(&entry.id, change->bytes, change->len, GIT_OBJECT_BLOB);
    return status == 0 ? git_index_add(index, &entry) : status;
}

static int remove_entry(git_index *index, const char *path)
{
    int status = git_index_remove(index, path, 0);
    return status == GIT_ENOTFOUND ? 0 : status;
}

static int write_next(git_index *index, const struct repo *repo,
                      const struct store_changes *changes)
{
    int status = 0;
    for (size_t i = 0; status == 0 && i < changes->n; i++) {
        const struct store_change *change = &changes->list[i];
        status = change->bytes ? add_entry(index, repo, change) : remove_entry(index, change->path);
    }
    return status == 0 ? git_index_write(index) : status;
}

/* The index at lock->next as the repository's own, so that libgit2 finds the files to compare. */
static int open_next(struct index_lock *lock, const struct repo *repo, git_index **index,
                     const char **why)
{
    git_error_clear();
    int status = git_index_open(index, lock->next);
    if (status == 0)
        status = git_index_read(*index, 1);
    if (status == 0)
        status = git_repository_set_index(repo->git, *index);
    if (status < 0) {
        const git_error *last = git_error_last();
        *why = arena_strdup(&lock->arena, last && last->message ? last->message : "no reason");
    }
    return status;
}

/* The new index gets the old one's mode: a shared repository may want another than the umask's. */
static int put_in_place(const struct index_lock *lock, struct err *err)
{
    struct stat info;
    if (lock->had_index && stat(lock->before, &info) == 0)
        (void)!chmod(lock->next, info.st_mode & 0777);
    if (rename(lock->next, lock->path) < 0)
        return err_set_errno(err, errno, "cannot write '%s'", lock->path);
    return 0;
}

int index_change(struct index_lock *lock, const struct repo *repo,
                 const struct store_changes *changes, const char **why, struct err *err)
{
    git_index *index = NULL;
    *why = NULL;
    if (link_index(lock, why, err) < 0)
        return -1;
    int status = 0;
    if (!*why && open_next(lock, repo, &index, why) == 0) {
        if (write_next(index, repo, changes) < 0)
            status = repo_fail(err, ERR_IO, "cannot write the index");
        else
            status = put_in_place(lock, err);
    }
    git_repository_set_index(repo->git, NULL);
    git_index_free(index);
    return status;
}

void index_restore(const struct index_lock *lock)
{
    if (lock->had_index)
        rename(lock->before, lock->path);
    else
        unlink(lock->path);
}

void index_lock_release(struct index_lock *lock, bool is_held)
{
    if (is_held) {
        sweep(lock);
        unlink(lock->lock);
    }
    arena_release(&lock->arena);
}
