#include "store/push_address.h"

#include <ctype.h>
#include <git2.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "store/repo_git.h"

static const struct scheme {
    const char *prefix;
    enum push_scheme scheme;
    const char *port;
} schemes[] = {
    {"https://", PUSH_HTTPS, "443"}, {"http://", PUSH_HTTP, "80"},   {"ssh://", PUSH_SSH, "22"},
    {"git+ssh://", PUSH_SSH, "22"},  {"ssh+git://", PUSH_SSH, "22"}, {"file://", PUSH_PATH, ""},
};

static const struct scheme *find_scheme(const char *text)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strncasecmp(text, schemes[i].prefix, strlen(schemes[i].prefix)) == 0)
            return &schemes[i];
    return NULL;
}

/* Whatever stands before the last '@', which is more than the user and the password where a path
 * has one too: rather that than a password with a slash in it. */
static const char *without_login(const char *text, struct arena *arena)
{
    const char *start = strstr(text, "://");
    const char *at = strrchr(text, '@');
    if (!start || !at || at < start)
        return arena_strdup(arena, text);
    start += 3;
    return arena_printf(arena, "%.*s***%s", (int)(start - text), text, at);
}

static int hex_value(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* As git has it: the path of a file:// URL may have escapes. */
static const char *decode_path(const char *text, struct arena *arena)
{
    char *out = arena_strdup(arena, text), *end = out;
    for (const char *at = text; *at; at++) {
        *end = *at;
        if (*at == '%' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2])) {
            *end = (char)(hex_value(at[1]) * 16 + hex_value(at[2]));
            at += 2;
        }
        end++;
    }
    *end = 0;
    return out;
}

static int parse_file(const char *text, const char *rest, struct arena *arena,
                      struct push_address *out, struct err *err)
{
    if (strncasecmp(rest, "localhost/", strlen("localhost/")) == 0)
        rest += strlen("localhost");
    if (*rest != '/')
        return err_set(err, ERR_USAGE, "'%s' is not a file's URL; expected file:///PATH", text);
    out->url = decode_path(rest, arena);
    return 0;
}

static char *lower(const char *text, size_t len, struct arena *arena)
{
    char *out = arena_strndup(arena, text, len);
    for (char *at = out; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return out;
}

/* USERINFO@HOST:PORT */
static void parse_authority(const char *text, size_t len, const char *port, struct arena *arena,
                            struct push_address *out)
{
    const char *at = memrchr(text, '@', len);
    if (at) {
        out->userinfo = arena_strndup(arena, text, (size_t)(at - text));
        len -= (size_t)(at + 1 - text);
        text = at + 1;
    }
    const char *bracket = *text == '[' ? memchr(text, ']', len) : NULL;
    size_t skip = bracket ? (size_t)(bracket - text) : 0;
    const char *colon = memchr(text + skip, ':', len - skip);
    size_t host_len = colon ? (size_t)(colon - text) : len;
    out->host = lower(text, host_len, arena);
    out->port =
        colon && host_len + 1 < len ? arena_strndup(arena, colon + 1, len - host_len - 1) : port;
}

/* USER@HOST:PATH. As git tells it from a path: a colon comes before any slash. */
static bool is_scp_like(const char *text)
{
    size_t len = strcspn(text, ":/");
    return len && text[len] == ':';
}

static void parse_scp_like(const char *text, struct arena *arena, struct push_address *out)
{
    size_t len = strcspn(text, ":/");
    out->scheme = PUSH_SSH;
    parse_authority(text, len, "22", arena, out);
    out->path = arena_strdup(arena, text + len + 1);
}

/* What another reader of URLs might take for another host is refused: a token goes there. */
static int check_host(const struct push_address *address, struct err *err)
{
    const char *host = address->host;
    size_t len = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-_[:]");
    if (!*host || host[len] || strpbrk(address->userinfo, "\\ \t\r\n") ||
        strspn(address->port, "0123456789") != strlen(address->port))
        return err_set(err, ERR_USAGE, "'%s' names no host that can be pushed to", address->name);
    return 0;
}

int push_address_parse(const char *text, struct arena *arena, struct push_address *out,
                       struct err *err)
{
    const struct scheme *scheme = find_scheme(text);
    *out = (struct push_address){.userinfo = "", .host = "", .port = "", .path = ""};
    out->url = arena_strdup(arena, text);
    out->name = without_login(text, arena);
    if (!scheme && strstr(text, "://"))
        return err_set(err, ERR_USAGE,
                       "'%s' cannot be pushed to; expected a path, or a URL with https, http, ssh "
                       "or file",
                       out->name);
    if (!scheme && is_scp_like(text)) {
        parse_scp_like(text, arena, out);
        return check_host(out, err);
    }
    if (!scheme)
        return 0;
    const char *rest = text + strlen(scheme->prefix);
    out->scheme = scheme->scheme;
    if (scheme->scheme == PUSH_PATH)
        return parse_file(out->name, rest, arena, out, err);
    size_t len = strcspn(rest, "/?#");
    parse_authority(rest, len, scheme->port, arena, out);
    out->path = arena_strdup(arena, rest + len);
    if (out->scheme == PUSH_SSH && !strchr(out->userinfo, ':'))
        out->name = out->url; /* a user alone is no secret there */
    return check_host(out, err);
}

/* ---- which remote ---- */

static const char *url_of(git_remote *remote)
{
    const char *url = git_remote_pushurl(remote);
    return url ? url : git_remote_url(remote);
}

static bool is_address(const char *text)
{
    struct stat info;
    return strpbrk(text, "/:") || (stat(text, &info) == 0 && S_ISDIR(info.st_mode));
}

/* A relative path in the configuration is taken from the top, where git runs. */
static void take_from_top(const struct repo *repo, struct arena *arena, struct push_address *out)
{
    const char *top = repo->top ? repo->top : git_repository_path(repo->git);
    if (out->scheme == PUSH_PATH && *out->url != '/')
        out->url = arena_printf(arena, "%s/%s", top, out->url);
}

int push_address_find(const struct repo *repo, const char *remote, struct arena *arena,
                      struct push_address *out, struct err *err)
{
    git_remote *found = NULL;
    int is_valid = 0;
    bool is_named = git_remote_name_is_valid(&is_valid, remote) == 0 && is_valid &&
                    git_remote_lookup(&found, repo->git, remote) == 0;
    if (!is_named && !is_address(remote))
        return err_set(err, ERR_USAGE,
                       "there is no remote '%s'; `git remote` lists those that are there, and a "
                       "path is written with a slash",
                       remote);
    if (!is_named && git_remote_create_anonymous(&found, repo->git, remote) < 0)
        return err_set(err, ERR_USAGE, "'%s' cannot be pushed to", without_login(remote, arena));
    int status = push_address_parse(url_of(found), arena, out, err);
    if (status == 0 && is_named) {
        take_from_top(repo, arena, out);
        out->name = arena_strdup(arena, remote);
    }
    git_remote_free(found);
    return status;
}

bool push_address_is_loopback(const struct push_address *address)
{
    const char *host = address->host;
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}
