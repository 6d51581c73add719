#include "model/tags.h"

#include <stdlib.h>
#include <string.h>

#define MAX_LENGTH 64

bool tag_is_valid(const char *text)
{
    size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789._-");
    return length >= 1 && length <= MAX_LENGTH && !text[length];
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *tags_sort(struct tags *tags)
{
    if (tags->n)
        qsort(tags->names, tags->n, sizeof *tags->names, compare);
    for (size_t i = 1; i < tags->n; i++)
        if (strcmp(tags->names[i - 1], tags->names[i]) == 0)
            return tags->names[i];
    return NULL;
}

bool tags_have(const struct tags *tags, const char *tag)
{
    return tags->n && bsearch(&tag, tags->names, tags->n, sizeof *tags->names, compare);
}

const char *tags_beyond(const struct tags *tags, const struct tags *others)
{
    for (size_t i = 0; i < tags->n; i++)
        if (!tags_have(others, tags->names[i]))
            return tags->names[i];
    return NULL;
}

void tags_add(struct tags *tags, const struct tags *more, struct arena *arena)
{
    struct tags all = {0};
    if (!tags_beyond(more, tags))
        return;
    all.names = arena_array(arena, tags->n + more->n, sizeof *all.names);
    for (size_t i = 0, k = 0; i < tags->n || k < more->n;) {
        int order = i == tags->n ? 1 : k == more->n ? -1 : strcmp(tags->names[i], more->names[k]);
        all.names[all.n++] = order <= 0 ? tags->names[i] : arena_strdup(arena, more->names[k]);
        i += order <= 0;
        k += order >= 0;
    }
    *tags = all;
}
