#include "import/lines.h"

#include <string.h>

#include "import/collect.h"
#include "import/rows.h"
#include "import/text.h"

struct reading {
    const struct import_file *file;
    line_fn *take;
    void *context;
    struct buf line; /* what the pieces so far had of it */
    size_t number;
    bool unended; /* the last line has no end, and was read nevertheless */
    struct rows_left left;
};

static int hand_over(struct reading *reading, bool ended, struct err *err)
{
    struct err own = {0};
    struct line line = {.text = {buf_text(&reading->line), reading->line.len}, .ended = ended};
    reading->number++;
    if (line.text.len && line.text.at[line.text.len - 1] == '\r') {
        reading->line.data[--reading->line.len] = 0;
        line.text.len--;
    }
    int status = reading->take(reading->context, &line, &own);
    buf_reset(&reading->line);
    if (status == 0)
        return 0;
    err_prefix(&own, "'%s' line %zu: ", reading->file->stream->name, reading->number);
    return rows_leave(&reading->left, reading->file, &own, err);
}

static int push(struct reading *reading, struct span part, struct err *err)
{
    if (reading->line.len + part.len > LINES_LIMIT)
        return err_set(err, ERR_INPUT,
                       "'%s' line %zu: a line is over 1 MiB; expected what the tool writes without "
                       "the bodies of responses",
                       reading->file->stream->name, reading->number + 1);
    buf_add(&reading->line, part.at, part.len);
    return 0;
}

static int read_piece(struct reading *reading, struct span piece, struct err *err)
{
    while (piece.len) {
        const char *end = memchr(piece.at, '\n', piece.len);
        size_t len = end ? (size_t)(end - piece.at) : piece.len;
        if (push(reading, (struct span){piece.at, len}, err) < 0 ||
            (end && hand_over(reading, true, err) < 0))
            return -1;
        len += end != NULL;
        piece = (struct span){piece.at + len, piece.len - len};
    }
    return 0;
}

static int read_all(struct reading *reading, struct err *err)
{
    struct span piece;
    do {
        if (stream_read(reading->file->stream, &piece, err) < 0 ||
            read_piece(reading, piece, err) < 0)
            return -1;
    } while (piece.len);
    if (!reading->line.len)
        return 0;
    size_t before = reading->left.n;
    int status = hand_over(reading, false, err);
    reading->unended = reading->left.n == before;
    return status;
}

int lines_read(const struct import_file *file, line_fn *take, void *context, struct report *report,
               struct err *err)
{
    struct reading reading = {.file = file, .take = take, .context = context};
    struct err own = {0};
    int status = read_all(&reading, &own);
    if (status < 0)
        status = rows_stop(file, reading.number > 0, &own, report, err);
    if (status == 0)
        rows_note_left(&reading.left, "line", report);
    if (status == 0 && reading.unended)
        collect_note(report, "the last line has no line end: '%s' may be cut off",
                     file->stream->name);
    buf_release(&reading.line);
    return status;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

size_t lines_words(struct span text, struct span *words, size_t n)
{
    size_t found = 0, at = 0;
    while (found < n) {
        while (at < text.len && is_blank(text.at[at]))
            at++;
        if (at == text.len)
            break;
        size_t start = at;
        while (at < text.len && !is_blank(text.at[at]))
            at++;
        words[found++] = (struct span){text.at + start, at - start};
    }
    return found;
}

bool lines_begin(struct span text, const char *word, struct span *rest)
{
    size_t len = strlen(word);
    if (text.len < len || memcmp(text.at, word, len) != 0)
        return false;
    if (rest)
        *rest = (struct span){text.at + len, text.len - len};
    return true;
}
