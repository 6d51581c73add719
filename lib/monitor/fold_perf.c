/* The output of `perf script`; see perf-script(1). */
#include "monitor/fold.h"

#include <string.h>

static const struct span nothing;

/* Takes the next word of a line. */
static struct span take_word(struct span *line)
{
    *line = span_trim(*line);
    size_t n = 0;
    while (n < line->len && line->at[n] != ' ' && line->at[n] != '\t')
        n++;
    struct span word = {line->at, n};
    line->at += n;
    line->len -= n;
    return word;
}

/* "1234" or "1234/1240" */
static bool is_process(struct span word)
{
    const char *slash = word.len ? memchr(word.at, '/', word.len) : NULL;
    if (!slash)
        return fold_is_number(word);
    struct span pid = {word.at, (size_t)(slash - word.at)};
    struct span thread = {slash + 1, word.len - pid.len - 1};
    return fold_is_number(pid) && fold_is_number(thread);
}

static bool ends_in_colon(struct span word)
{
    return word.len > 1 && word.at[word.len - 1] == ':';
}

/* "1234.567890:" */
static bool is_time(struct span word)
{
    return ends_in_colon(word) && word.at[0] >= '0' && word.at[0] <= '9';
}

/* The command of a sample's first line, whose name may have blanks; the line moves behind the
 * process. Empty where it is no such line. */
static struct span take_command(struct span *line)
{
    const char *begin = line->at;
    struct span first = take_word(line);
    const char *end = first.at + first.len;
    while (line->len) {
        struct span word = take_word(line);
        if (is_process(word))
            return span_trim((struct span){begin, (size_t)(end - begin)});
        end = word.at + word.len;
    }
    return nothing;
}

/* What stands behind the event, which is the frame where stacks were not recorded. False where
 * there is no time: then it is no first line. */
static bool take_event(struct span *line)
{
    struct span word;
    do
        word = take_word(line);
    while (line->len && !is_time(word));
    if (!is_time(word))
        return false;
    do
        word = take_word(line);
    while (line->len && !ends_in_colon(word));
    *line = span_trim(*line);
    return true;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* "main+0x12" without its offset. */
static struct span without_offset(struct span symbol)
{
    size_t at = symbol.len;
    while (at > 0 && is_hex(symbol.at[at - 1]))
        at--;
    if (at < symbol.len && at >= 4 && memcmp(symbol.at + at - 3, "+0x", 3) == 0)
        symbol.len = at - 3;
    return symbol;
}

/* The last part of an object's path in brackets. */
static struct span base_name(struct span path)
{
    for (size_t i = path.len; i-- > 0;)
        if (path.at[i] == '/')
            return (struct span){path.at + i + 1, path.len - i - 1};
    return path;
}

static bool is_address(struct span word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!is_hex(word.at[i]))
            return false;
    return word.len > 0;
}

/* Where the bracket opens that the last one closes, behind a blank; the length where there is
 * none. An object's path may have brackets of its own, as in "(/lib/x.so (deleted))". */
static size_t find_object(struct span text)
{
    size_t depth = 0;
    for (size_t i = text.len; i-- > 1;) {
        depth += text.at[i] == ')';
        if (!depth)
            break;
        depth -= text.at[i] == '(';
        if (!depth)
            return text.at[i - 1] == ' ' ? i : text.len;
    }
    return text.len;
}

/* "55d0c0ffee main+0x12 (/usr/bin/panel)": the symbol, or the object where it is not known. False
 * where it is no frame. */
static bool take_frame(struct span line, struct span *frame)
{
    struct span address = take_word(&line);
    struct span symbol = span_trim(line), object = nothing;
    if (!is_address(address) || !symbol.len)
        return false;
    size_t open = find_object(symbol);
    if (open < symbol.len) {
        object = (struct span){symbol.at + open + 1, symbol.len - open - 2};
        symbol = span_trim((struct span){symbol.at, open});
    }
    symbol = without_offset(symbol);
    bool known = !(symbol.len == 9 && memcmp(symbol.at, "[unknown]", 9) == 0);
    *frame = known || !object.len || object.at[0] == '[' ? symbol : base_name(object);
    return true;
}

/* The first line of a sample: its command. What is left is the frame, where stacks were not
 * recorded. */
static bool take_head(struct span *line, struct span *command)
{
    *command = take_command(line);
    return command->len && take_event(line);
}

size_t fold_perf(struct span text, int side, struct profile_tree *tree)
{
    struct fold_frames frames = {0};
    struct span line, command = nothing, next, frame;
    size_t strange = 0;
    while (span_take_line(&text, &line)) {
        line = span_trim(line);
        struct span rest = line;
        if (!line.len) {
            fold_flush(&frames, command, side, tree);
            command = nothing;
        } else if (take_head(&rest, &next)) {
            fold_flush(&frames, command, side, tree);
            command = next;
            if (take_frame(rest, &frame))
                fold_push(&frames, frame);
        } else if (command.len && take_frame(line, &frame)) {
            fold_push(&frames, frame);
        } else {
            strange += line.at[0] != '#'; /* comments */
        }
    }
    fold_flush(&frames, command, side, tree);
    return strange;
}
