#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int fs_read_fd(int fd, const char *name, size_t limit, struct buf *out, struct err *err)
{
    size_t total = 0;
    for (;;) {
        char *end = buf_reserve(out, 64 * 1024);
        ssize_t got = read(fd, end, 64 * 1024);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set_errno(err, errno, "cannot read '%s'", name);
        if (got == 0)
            break;
        out->len += (size_t)got;
        total += (size_t)got;
        if (total > limit)
            return err_set(err, ERR_INPUT, "'%s' is larger than %zu bytes, the limit for it", name,
                           limit);
    }
    *buf_reserve(out, 0) = 0;
    return 0;
}

int fs_read(const char *path, size_t limit, struct buf *out, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, errno, "cannot open '%s'", path);
    int status = fs_read_fd(fd, path, limit, out, err);
    close(fd);
    return status;
}

int fs_write_fd(int fd, const char *name, const void *bytes, size_t len, struct err *err)
{
    const char *at = bytes;
    while (len) {
        ssize_t put = write(fd, at, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return err_set_errno(err, errno, "cannot write '%s'", name);
        at += put;
        len -= (size_t)put;
    }
    return 0;
}

/* A pipe, terminal or device: written in place. */
static int write_in_place(const char *path, const void *bytes, size_t len, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, errno, "cannot write '%s'", path);
    int status = fs_write_fd(fd, path, bytes, len, err);
    close(fd);
    return status;
}

/* Opens a new file beside `path` and leaves its name in `temporary`. The kernel applies the umask,
 * which a library cannot read without changing it for all threads. */
static int open_temporary(const char *path, struct buf *temporary)
{
    int fd = -1;
    errno = EEXIST;
    for (int i = 0; fd < 0 && errno == EEXIST && i < 100; i++) {
        buf_reset(temporary);
        buf_addf(temporary, "%s.%ld-%d.tmp", path, (long)getpid(), i);
        fd = open(buf_text(temporary), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    }
    return fd;
}

/* A file that replaces another keeps its mode. */
static int copy_mode(int fd, const char *path)
{
    struct stat old;
    return stat(path, &old) == 0 ? fchmod(fd, old.st_mode & 0777) : 0;
}

static int fill_and_rename(int fd, const char *temporary, const char *path, const void *bytes,
                           size_t len, struct err *err)
{
    if (fs_write_fd(fd, path, bytes, len, err) < 0)
        return -1;
    if (copy_mode(fd, path) < 0 || fsync(fd) < 0 || rename(temporary, path) < 0)
        return err_set_errno(err, errno, "cannot write '%s'", path);
    return 0;
}

/* A new file that has no name until it is whole, so that a process that is killed leaves nothing.
 * False where that cannot be: another way of writing is then tried. */
static bool write_nameless(const char *path, const void *bytes, size_t len)
{
    const char *slash = strrchr(path, '/');
    struct buf name = {0};
    buf_add(&name, path, slash ? (size_t)(slash + 1 - path) : 0);
    buf_add_str(&name, ".");
    int fd = open(buf_text(&name), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    buf_reset(&name);
    buf_addf(&name, "/proc/self/fd/%d", fd);
    bool is_done = fd >= 0 && fs_write_fd(fd, path, bytes, len, NULL) == 0 && fsync(fd) == 0 &&
                   linkat(AT_FDCWD, buf_text(&name), AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
    if (fd >= 0)
        close(fd);
    buf_release(&name);
    return is_done;
}

int fs_write(const char *path, const void *bytes, size_t len, struct err *err)
{
    struct stat old;
    bool is_there = stat(path, &old) == 0;
    if (is_there && S_ISDIR(old.st_mode))
        return err_set(err, ERR_IO, "cannot write '%s': it is a directory; name a file", path);
    if (is_there && !S_ISREG(old.st_mode))
        return write_in_place(path, bytes, len, err);
    if (!is_there && write_nameless(path, bytes, len))
        return 0;

    struct buf temporary = {0};
    int status = -1;
    int fd = open_temporary(path, &temporary);
    if (fd < 0) {
        err_set_errno(err, errno, "cannot write '%s'", path);
        goto out;
    }
    status = fill_and_rename(fd, temporary.data, path, bytes, len, err);
    close(fd);
    if (status < 0)
        unlink(temporary.data);
out:
    buf_release(&temporary);
    return status;
}

int fs_make_dirs(const char *path, struct err *err)
{
    struct buf prefix = {0};
    int status = 0;
    for (const char *at = path; status == 0; at++) {
        if ((*at == '/' && at > path) || !*at) {
            buf_reset(&prefix);
            buf_add(&prefix, path, (size_t)(at - path));
            if (mkdir(buf_text(&prefix), 0777) < 0 && errno != EEXIST)
                status =
                    err_set_errno(err, errno, "cannot make the directory '%s'", buf_text(&prefix));
        }
        if (!*at)
            break;
    }
    buf_release(&prefix);
    return status;
}
