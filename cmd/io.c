#include "cmd/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/stream.h"
#include "import/import.h"
#include "import/map.h"

static bool is_dash(const char *path)
{
    return strcmp(path, "-") == 0;
}

const char *io_input_name(const char *path)
{
    return is_dash(path) ? "standard input" : path;
}

int io_read(const char *path, size_t limit, struct buf *out, struct err *err)
{
    if (is_dash(path))
        return fs_read_fd(STDIN_FILENO, io_input_name(path), limit, out, err);
    return fs_read(path, limit, out, err);
}

static int read_stream(struct stream *stream, const char *path, struct io_document *document,
                       struct err *err)
{
    struct import_file file = {
        .stream = stream, .path = is_dash(path) ? NULL : path, .partial = document->partial};
    struct span head;
    if (stream_peek(stream, &head, err) < 0 || import_check_bytes(head, stream->name, err) < 0)
        return -1;
    if (document->map) {
        document->foreign = true;
        return import_map_read(&file, document->map, document->report, err);
    }
    const struct import_format *format = import_recognise(head);
    document->foreign = format;
    if (format)
        return import_read(&file, format, document->report, err);
    if (import_check_known(head, stream->name, err) < 0)
        return -1;
    return stream_read_all(stream, REPORT_LIMIT, &document->bytes, err);
}

int io_read_document(const char *path, struct io_document *document, struct err *err)
{
    struct stream stream;
    int fd = is_dash(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, errno, "cannot open '%s'", path);
    stream_open(&stream, fd, io_input_name(path));
    int status = read_stream(&stream, path, document, err);
    stream_close(&stream);
    if (fd != STDIN_FILENO)
        close(fd);
    if (status < 0)
        buf_release(&document->bytes);
    return status;
}

int io_read_report(const char *path, struct report *report, struct err *err)
{
    struct io_document document = {.report = report};
    *report = (struct report){0};
    int status = io_read_document(path, &document, err);
    if (status == 0 && !document.foreign)
        status = report_decode(buf_text(&document.bytes), document.bytes.len, io_input_name(path),
                               report, err);
    buf_release(&document.bytes);
    return status;
}

int io_write(const char *path, const struct buf *product, struct err *err)
{
    if (is_dash(path))
        return fs_write_fd(STDOUT_FILENO, "standard output", buf_text(product), product->len, err);
    return fs_write(path, buf_text(product), product->len, err);
}

void io_add_base_path(struct buf *out, const char *path)
{
    size_t len = strlen(path);
    bool json = len >= 5 && strcmp(path + len - 5, ".json") == 0;
    buf_add(out, path, json ? len - 5 : len);
    buf_add_str(out, json ? ".base.json" : ".base");
}

int io_clear(const char *path, const char *const *inputs, size_t n, struct err *err)
{
    struct stat old, input;
    if (is_dash(path) || lstat(path, &old) < 0 || !S_ISREG(old.st_mode))
        return 0; /* nothing there, or nothing of ours; writing it will tell */
    for (size_t i = 0; i < n; i++) {
        if (stat(inputs[i], &input) == 0 && input.st_dev == old.st_dev &&
            input.st_ino == old.st_ino)
            return err_set(err, ERR_USAGE,
                           "'%s' would be replaced by the result; name another file", inputs[i]);
    }
    if (unlink(path) < 0)
        return err_set_errno(err, errno, "cannot remove the old '%s'", path);
    return 0;
}

bool io_color(int fd)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return isatty(fd) && !(no_color && *no_color) && !(terminal && strcmp(terminal, "dumb") == 0);
}

static void say(const struct io_log *log, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void say(const struct io_log *log, const char *format, va_list args)
{
    char raw[1024];
    vsnprintf(raw, sizeof raw, format, args);
    struct err printable = {0}; /* err_set() shows control bytes as \xNN */
    err_set(&printable, ERR_INPUT, "%s", raw);
    fprintf(stderr, "%s: %s\n", log->tool, printable.text);
}

void io_note(const struct io_log *log, const char *format, ...)
{
    if (log->quiet)
        return;
    va_list args;
    va_start(args, format);
    say(log, format, args);
    va_end(args);
}

void io_warn(const struct io_log *log, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(log, format, args);
    va_end(args);
}
