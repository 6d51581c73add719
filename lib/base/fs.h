/*
 * Whole files, read with a limit and written atomically.
 *
 * A file that fs_write() replaces is either the old one or the new one, never a part: it writes a
 * temporary file in the same directory, syncs it and renames it. A new file has no name before it
 * is whole, where the file system can do that, so that not even SIGKILL leaves a part. Devices and
 * pipes (/dev/stdout) are written in place, because a rename would replace them.
 */
#ifndef PERFGATE_BASE_FS_H
#define PERFGATE_BASE_FS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Appends the content of the file at `path` to `out`. Missing, a directory, or over `limit` bytes:
 * -1, with the path in the message. */
int fs_read(const char *path, size_t limit, struct buf *out, struct err *err)
    __attribute__((warn_unused_result));

/* As fs_read() from an open descriptor; `name` stands for it in messages. Does not close it. */
int fs_read_fd(int fd, const char *name, size_t limit, struct buf *out, struct err *err)
    __attribute__((warn_unused_result));

/* Writes `len` bytes to the file at `path`, all or nothing. Its directory must exist. */
int fs_write(const char *path, const void *bytes, size_t len, struct err *err)
    __attribute__((warn_unused_result));

/* Writes all `len` bytes to a descriptor, over short writes and signals. */
int fs_write_fd(int fd, const char *name, const void *bytes, size_t len, struct err *err)
    __attribute__((warn_unused_result));

/* Makes the directory at `path` and those above it; present ones are no error. */
int fs_make_dirs(const char *path, struct err *err) __attribute__((warn_unused_result));

#endif
