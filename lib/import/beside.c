#include "import/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int beside_open(struct beside *beside, const struct import_file *file, const char *own,
                const char *other, struct err *err)
{
    *beside = (struct beside){0};
    if (!file->path)
        return 0;
    size_t len = strlen(file->path), end = strlen(own);
    if (len < end || strcmp(file->path + len - end, own) != 0)
        return 0;
    buf_add(&beside->path, file->path, len - end);
    buf_add_str(&beside->path, other);
    beside->fd = open(buf_text(&beside->path), O_RDONLY | O_CLOEXEC);
    if (beside->fd < 0 && errno == ENOENT)
        return 0;
    if (beside->fd < 0)
        return err_set_errno(err, errno, "cannot open '%s'", buf_text(&beside->path));
    stream_open(&beside->stream, beside->fd, buf_text(&beside->path));
    beside->file = (struct import_file){.stream = &beside->stream, .partial = file->partial};
    beside->is_open = true;
    return 0;
}

void beside_close(struct beside *beside)
{
    if (beside->is_open) {
        stream_close(&beside->stream);
        close(beside->fd);
    }
    buf_release(&beside->path);
    *beside = (struct beside){0};
}
