#include "store/named.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* The colon that ends a revision: not one within braces, as in HEAD^{/fix: it}. */
static const char *revision_end(const char *text)
{
    int depth = 0;
    for (; *text && (depth > 0 || *text != ':'); text++)
        depth += *text == '{' ? 1 : *text == '}' ? -1 : 0;
    return *text ? text : NULL;
}

/* Not a directory: a branch may bear the same name. */
static bool is_file(const char *text)
{
    struct stat info;
    return stat(text, &info) == 0 && !S_ISDIR(info.st_mode);
}

static void split(const char *text, struct arena *arena, struct named *out)
{
    const char *colon = revision_end(text);
    out->kind = colon ? NAMED_REV_PATH : NAMED_REV;
    out->rev = colon ? arena_strndup(arena, text, (size_t)(colon - text)) : text;
    out->path = colon ? colon + 1 : NULL;
}

static int check_file(const struct named *named, const char *what, const struct repo *repo,
                      struct err *err)
{
    char id[REPO_ID_SIZE];
    bool found = false;
    if (!repo || !*named->rev || repo_lookup(repo, named->rev, id, &found, NULL) < 0 || !found)
        return 0;
    return err_set(
        err, ERR_USAGE,
        "%s '%s': there is a file and a revision of that name; type './%s' for the file, "
        "or name the revision in another way",
        what, named->text, named->text);
}

static int check_revision(const struct named *named, const char *what, const struct repo *repo,
                          struct err *err)
{
    if (!repo)
        return err_set(err, ERR_INPUT,
                       "%s '%s': there is no such file, and no git repository here that could have "
                       "such a revision",
                       what, named->text);
    if (*named->rev && (!named->path || *named->path))
        return 0;
    return err_set(
        err, ERR_INPUT,
        "%s '%s': there is no such file; expected a revision before the colon and a path "
        "behind it",
        what, named->text);
}

int named_parse(const char *text, const char *what, const struct repo *repo, struct arena *arena,
                struct named *out, struct err *err)
{
    *out = (struct named){.text = text};
    if (!text)
        return 0;
    if (!*text)
        return err_set(err, ERR_USAGE, "%s is empty; expected a file, REV or REV:PATH", what);
    split(text, arena, out);
    bool is_path = begins_with(text, "/") || begins_with(text, "./") || begins_with(text, "../");
    if (!is_path && !is_file(text))
        return check_revision(out, what, repo, err);
    if (!is_path && check_file(out, what, repo, err) < 0)
        return -1;
    *out = (struct named){.kind = NAMED_FILE, .text = text};
    return 0;
}
