#include "monitor/fold.h"

#include <string.h>

#define MOST_SAMPLES INT64_C(1000000000000)

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

bool fold_is_number(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.len > 0;
}

void fold_push(struct fold_frames *frames, struct span frame)
{
    const size_t room = sizeof frames->items / sizeof frames->items[0];
    frames->items[(frames->first + frames->n) % room] = frame;
    if (frames->n < room)
        frames->n++;
    else
        frames->first = (frames->first + 1) % room;
}

void fold_flush(struct fold_frames *frames, struct span root, int side, struct profile_tree *tree)
{
    const size_t room = sizeof frames->items / sizeof frames->items[0];
    struct span stack[PROFILE_DEPTH + 2];
    size_t n = 0;
    if (frames->n) {
        if (root.len)
            stack[n++] = root;
        for (size_t i = frames->n; i-- > 0;)
            stack[n++] = frames->items[(frames->first + i) % room];
        profile_tree_add(tree, side, stack, n, 1);
    }
    frames->n = frames->first = 0;
}

/* ---- folded ---- */

/* Takes the count off the end of a line; 0 where there is none. */
static int64_t take_count(struct span *line)
{
    size_t at = line->len;
    int64_t count = 0;
    while (at > 0 && !is_blank(line->at[at - 1]))
        at--;
    const struct span digits = {line->at + at, line->len - at};
    if (!at || !fold_is_number(digits))
        return 0;
    for (size_t i = 0; i < digits.len && count <= MOST_SAMPLES; i++)
        count = count * 10 + (digits.at[i] - '0');
    *line = span_trim((struct span){line->at, at});
    return count <= MOST_SAMPLES ? count : 0;
}

/* Frames from the root on. */
static void add_stack(struct span line, int64_t count, int side, struct profile_tree *tree)
{
    struct span frames[PROFILE_DEPTH + 1];
    size_t n = 0;
    while (line.len && n < sizeof frames / sizeof frames[0]) {
        const char *end = memchr(line.at, ';', line.len);
        struct span frame = {line.at, end ? (size_t)(end - line.at) : line.len};
        size_t used = frame.len + (end != NULL);
        frames[n++] = span_trim(frame);
        line.at += used;
        line.len -= used;
    }
    profile_tree_add(tree, side, frames, n, count);
}

size_t fold_stacks(struct span text, int side, struct profile_tree *tree)
{
    struct span line;
    size_t strange = 0;
    while (span_take_line(&text, &line)) {
        line = span_trim(line);
        if (!line.len)
            continue;
        int64_t count = take_count(&line);
        if (count && line.len)
            add_stack(line, count, side, tree);
        else
            strange++;
    }
    return strange;
}
