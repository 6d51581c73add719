#include "store/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "store/tree.h"

/* Opens what `path` names below the directory `top`, step by step and through no link. *fd is -1
 * where nothing is there. */
static int open_below(const char *top, const char *path, int flags, int *fd, struct err *err)
{
    int at = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const char *name = path;
    for (bool is_last = false; at >= 0 && !is_last;) {
        char piece[256];
        size_t len = strcspn(name, "/");
        if (len >= sizeof piece) {
            close(at);
            return err_set(err, ERR_INPUT, "'%s/%s': a name has %zu bytes; the limit is 255", top,
                           path, len);
        }
        memcpy(piece, name, len);
        piece[len] = 0;
        is_last = !name[len];
        int step = is_last ? flags : O_PATH | O_DIRECTORY;
        int next = openat(at, piece, step | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        int number = errno;
        close(at);
        errno = number;
        at = next;
        name += len + 1;
    }
    *fd = at;
    if (at >= 0 || errno == ENOENT)
        return 0;
    if (errno == ELOOP || errno == ENOTDIR)
        return err_set(err, ERR_INPUT,
                       "'%s/%s' is, or lies below, a symbolic link or a file; expected %s of its "
                       "own",
                       top, path, flags & O_DIRECTORY ? "a directory" : "a file");
    return err_set_errno(err, errno, "cannot open '%s/%s'", top, path);
}

static int read_disk(const struct baseline_place *place, const char *path, size_t limit,
                     struct buf *out, bool *found, struct err *err)
{
    int fd;
    struct stat info;
    struct buf name = {0};
    if (open_below(place->top, path, O_RDONLY, &fd, err) < 0)
        return -1;
    *found = fd >= 0;
    if (fd < 0)
        return 0;
    buf_addf(&name, "%s/%s", place->top, path);
    int status;
    if (fstat(fd, &info) == 0 && !S_ISREG(info.st_mode))
        status = err_set(err, ERR_INPUT, "'%s' is no ordinary file; expected a document",
                         buf_text(&name));
    else
        status = fs_read_fd(fd, buf_text(&name), limit, out, err);
    close(fd);
    buf_release(&name);
    return status;
}

int place_read(const struct baseline_place *place, const char *path, size_t limit, struct buf *out,
               bool *found, struct err *err)
{
    *found = false;
    if (!place->commit)
        return place->top ? read_disk(place, path, limit, out, found, err) : 0;
    struct tree_path at = {place->repo, place->commit, path};
    return tree_read(&at, limit, out, found, err);
}

static bool is_directory(DIR *dir, const struct dirent *entry)
{
    struct stat info;
    return fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(info.st_mode);
}

static int list_disk(const struct baseline_place *place, const char *path, struct arena *arena,
                     const char ***names, size_t *n, struct err *err)
{
    int fd;
    size_t capacity = 0;
    const char **list = NULL;
    *n = 0;
    *names = NULL;
    if (!place->top)
        return 0;
    if (open_below(place->top, path, O_RDONLY | O_DIRECTORY, &fd, err) < 0)
        return -1;
    if (fd < 0)
        return 0;
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return err_set_errno(err, errno, "cannot list '%s/%s'", place->top, path);
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        list = mem_grow(list, *n, &capacity, sizeof *list);
        const char *slash = is_directory(dir, entry) ? "/" : "";
        list[(*n)++] = arena_printf(arena, "%s%s", entry->d_name, slash);
    }
    closedir(dir);
    *names = arena_array(arena, *n ? *n : 1, sizeof *list);
    if (*n)
        memcpy(*names, list, *n * sizeof *list);
    free(list);
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int place_list(const struct baseline_place *place, const char *path, struct arena *arena,
               const char ***names, size_t *n, struct err *err)
{
    struct tree_path at = {place->repo, place->commit, path};
    int status = place->commit ? tree_list(&at, arena, names, n, err)
                               : list_disk(place, path, arena, names, n, err);
    if (status == 0 && *n)
        qsort(*names, *n, sizeof **names, compare_names);
    return status;
}

const char *place_name(const struct baseline_place *place, const char *path, struct arena *arena)
{
    if (place->commit)
        return arena_printf(arena, "%.*s:%s", REPO_SHORT_LEN, place->commit, path);
    return arena_printf(arena, "%s/%s", place->top ? place->top : "", path);
}
