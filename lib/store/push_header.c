#include "store/push_header.h"

#include <git2.h>
#include <string.h>
#include <strings.h>

#include "store/repo_git.h"

#define KEYS  "^http\\.(.*\\.)?extraheader$"
#define START "http."
#define END   ".extraheader"

static bool is_path_below(const char *path, const char *above)
{
    size_t len = strlen(above);
    while (len && above[len - 1] == '/')
        len--;
    return strncmp(path, above, len) == 0 && (!path[len] || path[len] == '/');
}

/* `key` is http.extraheader or http.<url>.extraheader. */
static bool applies(const char *key, const struct push_address *address, struct arena *arena)
{
    struct push_address wanted;
    size_t len = strlen(key), around = strlen(START) + strlen(END);
    if (len <= around)
        return true;
    const char *url = arena_strndup(arena, key + strlen(START), len - around);
    return push_address_parse(url, arena, &wanted, NULL) == 0 && wanted.scheme == address->scheme &&
           strcmp(wanted.host, address->host) == 0 && strcmp(wanted.port, address->port) == 0 &&
           (!*wanted.userinfo || strcmp(wanted.userinfo, address->userinfo) == 0) &&
           is_path_below(address->path, wanted.path);
}

/* As libgit2 checks it; but its message would have the value in it. */
static bool is_header(const char *text)
{
    size_t len = strcspn(text, ":");
    return len && text[len] == ':' && !strpbrk(text, "\r\n");
}

static void add(struct push_headers *headers, struct arena *arena, const char *value)
{
    if (headers->n == headers->capacity) {
        size_t capacity = headers->capacity ? 2 * headers->capacity : 4;
        char **list = arena_array(arena, capacity, sizeof *list);
        if (headers->n)
            memcpy(list, headers->list, headers->n * sizeof *list);
        headers->list = list;
        headers->capacity = capacity;
    }
    headers->list[headers->n++] = arena_strdup(arena, value);
}

int push_headers_find(const struct repo *repo, const struct push_address *address,
                      struct arena *arena, struct push_headers *out, struct err *err)
{
    git_config *config = NULL;
    git_config_iterator *entries = NULL;
    git_config_entry *entry;
    int status = 0;
    *out = (struct push_headers){0};
    if (git_repository_config_snapshot(&config, repo->git) < 0 ||
        git_config_iterator_glob_new(&entries, config, KEYS) < 0)
        status = repo_fail(err, ERR_IO, "cannot read git's configuration");
    while (status == 0 && git_config_next(&entry, entries) == 0) {
        if (!applies(entry->name, address, arena))
            continue;
        if (!*entry->value)
            out->n = 0;
        else if (is_header(entry->value))
            add(out, arena, entry->value);
        else
            status = err_set(err, ERR_INPUT,
                             "the value of '%s' in git's configuration is no header; expected "
                             "NAME: VALUE",
                             entry->name);
    }
    git_config_iterator_free(entries);
    git_config_free(config);
    return status;
}

bool push_header_is_login(const char *header)
{
    return strncasecmp(header, "authorization:", strlen("authorization:")) == 0;
}
