#include "monitor/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* /proc/net/tcp of some ten thousand connections fits. */
#define TEXT_LIMIT ((size_t)16 << 20)
#define CHUNK      ((size_t)4096)
#define PROC_MAGIC 0x9fa0

void tree_init(struct tree *tree, const char *proc, const char *cgroup)
{
    struct statfs system;
    struct stat own;
    *tree = (struct tree){.proc = proc,
                          .cgroup = cgroup,
                          .ticks_per_s = (double)sysconf(_SC_CLK_TCK),
                          .page_kb = (double)sysconf(_SC_PAGESIZE) / 1024};
    if (statfs(proc, &system) == 0 && system.f_type == PROC_MAGIC)
        tree->counts_descriptors =
            stat(tree_proc_path(tree, "self/fd"), &own) == 0 && own.st_size > 0;
}

void tree_release(struct tree *tree)
{
    buf_release(&tree->path);
    buf_release(&tree->text);
}

static const char *make_path(struct tree *tree, const char *root, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static const char *make_path(struct tree *tree, const char *root, const char *format, va_list args)
{
    char below[512];
    buf_reset(&tree->path);
    if (vsnprintf(below, sizeof below, format, args) < (int)sizeof below)
        buf_addf(&tree->path, "%s/%s", root, below);
    return buf_text(&tree->path);
}

/* Without the messages of fs_read(), of which there would be many that nobody asks for. */
static const char *slurp(struct tree *tree)
{
    struct buf *text = &tree->text;
    buf_reset(text);
    int fd = open(buf_text(&tree->path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    while (fd >= 0 && text->len < TEXT_LIMIT) {
        ssize_t got = read(fd, buf_reserve(text, CHUNK), CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        text->len += (size_t)got;
    }
    if (fd >= 0)
        close(fd);
    *buf_reserve(text, 1) = 0;
    return text->data;
}

const char *tree_proc_path(struct tree *tree, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *path = make_path(tree, tree->proc, format, args);
    va_end(args);
    return path;
}

const char *tree_read(struct tree *tree, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    make_path(tree, tree->proc, format, args);
    va_end(args);
    return slurp(tree);
}

const char *tree_read_cgroup(struct tree *tree, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    make_path(tree, tree->cgroup, format, args);
    va_end(args);
    return slurp(tree);
}

bool tree_number(const char *name, int64_t *out)
{
    char *end;
    if (*name < '1' || *name > '9')
        return false;
    errno = 0;
    *out = strtoll(name, &end, 10);
    return !*end && !errno;
}
