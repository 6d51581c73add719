/* The backtraces of gdb; see "Backtraces" in its manual. */
#include "monitor/fold.h"

#include <string.h>

/* "#12  " is taken off; -1 where the line is no frame. */
static int64_t take_number(struct span *line)
{
    size_t n = 1;
    int64_t number = 0;
    if (!line->len || line->at[0] != '#')
        return -1;
    while (n < line->len && n < 8 && line->at[n] >= '0' && line->at[n] <= '9')
        number = number * 10 + (line->at[n++] - '0');
    if (n == 1 || n == line->len || line->at[n] != ' ')
        return -1;
    *line = span_trim((struct span){line->at + n, line->len - n});
    return number;
}

static struct span behind(struct span text, size_t n)
{
    return (struct span){text.at + n, text.len - n};
}

/* "0x00007f12 in " is taken off. */
static struct span without_address(struct span line)
{
    static const char in[] = " in ";
    if (line.len < 2 || memcmp(line.at, "0x", 2) != 0)
        return line;
    const char *found = memmem(line.at, line.len, in, sizeof in - 1);
    return found ? behind(line, (size_t)(found - line.at) + sizeof in - 1) : line;
}

/* "?? () from /lib/libc.so.6": the object in place of the name that is not known. */
static struct span object_of(struct span line)
{
    static const char from[] = " from ";
    const char *found = memmem(line.at, line.len, from, sizeof from - 1);
    if (!found)
        return (struct span){0};
    struct span path = behind(line, (size_t)(found - line.at) + sizeof from - 1);
    for (size_t i = path.len; i-- > 0;)
        if (path.at[i] == '/')
            return behind(path, i + 1);
    return path;
}

/* Where the arguments begin: at a bracket behind a blank, which is not within <>. With
 * `any` within those as well, because operators have such signs. The length where there is none. */
static size_t find_arguments(struct span text, bool any)
{
    size_t depth = 0;
    for (size_t i = 1; i < text.len; i++) {
        depth += text.at[i] == '<';
        depth -= text.at[i] == '>' && depth > 0;
        if (text.at[i] == '(' && text.at[i - 1] == ' ' && (any || !depth))
            return i;
    }
    return text.len;
}

/* "spin (n=3) at panel.c:12": the name. "(anonymous namespace)::f" begins with a bracket. */
static struct span function_of(struct span line)
{
    struct span name = without_address(line);
    size_t n = find_arguments(name, false);
    if (n == name.len)
        n = find_arguments(name, true);
    struct span function = span_trim((struct span){name.at, n});
    if (function.len == 2 && memcmp(function.at, "??", 2) == 0) {
        struct span object = object_of(line);
        return object.len ? object : function;
    }
    return function;
}

size_t fold_gdb(struct span text, int side, struct profile_tree *tree)
{
    struct fold_frames frames = {0};
    const struct span no_root = {0};
    struct span line;
    size_t strange = 0;
    int64_t next = 0;
    while (span_take_line(&text, &line)) {
        int64_t number = take_number(&line);
        if (number < 0) {
            /* A blank line ends a stack; others may be what is left of a frame that was broken
             * into lines. */
            if (!span_trim(line).len)
                fold_flush(&frames, no_root, side, tree);
            continue;
        }
        if (number == 0)
            fold_flush(&frames, no_root, side, tree);
        if (number == 0 || (frames.n && number == next)) {
            fold_push(&frames, function_of(line));
            next = number + 1;
        } else {
            strange++;
        }
    }
    fold_flush(&frames, no_root, side, tree);
    return strange;
}
