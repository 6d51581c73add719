#include "monitor/words.h"

#include <string.h>

#define MOST_DIGITS 18

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool words_line(const char **text, struct words *line)
{
    if (!**text)
        return false;
    size_t len = strcspn(*text, "\n");
    *line = (struct words){.at = *text, .end = *text + len};
    *text += len + ((*text)[len] == '\n');
    return true;
}

static void skip_blanks(struct words *line)
{
    while (line->at < line->end && is_blank(*line->at))
        line->at++;
}

struct span words_next(struct words *line)
{
    skip_blanks(line);
    struct span word = {.at = line->at};
    while (line->at < line->end && !is_blank(*line->at))
        line->at++;
    word.len = (size_t)(line->at - word.at);
    return word;
}

struct span words_until(struct words *line, char mark)
{
    skip_blanks(line);
    const char *found = memchr(line->at, mark, (size_t)(line->end - line->at));
    if (!found)
        return (struct span){.at = line->at};
    struct span part = {.at = line->at, .len = (size_t)(found - line->at)};
    while (part.len && is_blank(part.at[part.len - 1]))
        part.len--;
    line->at = found + 1;
    return part;
}

bool words_is(struct span word, const char *text)
{
    return strlen(text) == word.len && memcmp(word.at, text, word.len) == 0;
}

size_t words_numbers(struct words *line, double *out, size_t n)
{
    size_t found = 0;
    for (; found < n; found++) {
        struct span word = words_next(line);
        double value = 0;
        if (!word.len || word.len > MOST_DIGITS)
            return found;
        for (size_t i = 0; i < word.len; i++) {
            if (!is_digit(word.at[i]))
                return found;
            value = value * 10 + (word.at[i] - '0');
        }
        out[found] = value;
    }
    return found;
}
