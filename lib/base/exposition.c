#include "base/exposition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_LIMIT 40

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == ':' || c == '.';
}

static void skip_blanks(struct span *text)
{
    while (text->len && (*text->at == ' ' || *text->at == '\t')) {
        text->at++;
        text->len--;
    }
}

static void skip(struct span *text, size_t n)
{
    text->at += n;
    text->len -= n;
}

/* The name that is next; its length may be 0. */
static struct span take_name(struct span *text)
{
    struct span name = {text->at, 0};
    while (name.len < text->len && is_name(text->at[name.len]))
        name.len++;
    skip(text, name.len);
    skip_blanks(text);
    return name;
}

/* A value in quotes, escapes as they are. */
static bool take_quoted(struct span *text, struct span *out)
{
    if (!text->len || *text->at != '"')
        return false;
    size_t end = 1;
    while (end < text->len && text->at[end] != '"')
        end += text->at[end] == '\\' ? 2 : 1;
    if (end >= text->len)
        return false;
    *out = (struct span){text->at + 1, end - 1};
    skip(text, end + 1);
    skip_blanks(text);
    return true;
}

static bool take_char(struct span *text, char c)
{
    if (!text->len || *text->at != c)
        return false;
    skip(text, 1);
    skip_blanks(text);
    return true;
}

static bool take_labels(struct span *text, struct exposition *out)
{
    while (!take_char(text, '}')) {
        struct exposition_label label = {.name = take_name(text)};
        if (!label.name.len || !take_char(text, '=') || !take_quoted(text, &label.value) ||
            out->n_labels == EXPOSITION_LABELS)
            return false;
        out->labels[out->n_labels++] = label;
        if (!take_char(text, ',') && (!text->len || *text->at != '}'))
            return false;
    }
    return true;
}

static bool take_series(struct span *text, struct exposition *out)
{
    out->n_labels = 0;
    out->value = (double)NAN;
    skip_blanks(text);
    out->name = take_name(text);
    return out->name.len && (!take_char(text, '{') || take_labels(text, out));
}

bool exposition_parse_name(struct span text, struct exposition *out)
{
    return take_series(&text, out) && !text.len;
}

bool exposition_parse(struct span line, struct exposition *out)
{
    char number[NUMBER_LIMIT], *end;
    size_t len = 0;
    if (!take_series(&line, out))
        return false;
    while (len < line.len && len < sizeof number - 1 && !strchr(" \t\r", line.at[len]))
        len++;
    if (!len || (len < line.len && !strchr(" \t\r", line.at[len])))
        return false;
    memcpy(number, line.at, len);
    number[len] = 0;
    out->value = strtod(number, &end);
    return !*end;
}

static bool same(struct span a, struct span b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

static struct span find_label(const struct exposition *sample, struct span name)
{
    for (size_t i = 0; i < sample->n_labels; i++)
        if (same(sample->labels[i].name, name))
            return sample->labels[i].value;
    return (struct span){0};
}

struct span exposition_label(const struct exposition *sample, const char *name)
{
    return find_label(sample, (struct span){name, strlen(name)});
}

bool exposition_matches(const struct exposition *wanted, const struct exposition *sample)
{
    if (!same(wanted->name, sample->name))
        return false;
    for (size_t i = 0; i < wanted->n_labels; i++) {
        struct span value = find_label(sample, wanted->labels[i].name);
        if (!value.at || !same(value, wanted->labels[i].value))
            return false;
    }
    return true;
}
