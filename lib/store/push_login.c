#include "store/push_login.h"

#include <git2.h>
#include <string.h>
#include <strings.h>

#include "store/repo_git.h"

#define USER "x-access-token" /* GitHub takes a token as this user's password; others take any */

/* ---- secrets ---- */

static void add_secret(struct push_login *login, const char *text)
{
    if (text && *text)
        login->secrets[login->n_secrets++] = text;
}

/* The value, and the last word of it ("basic eC1h…"). */
static void add_header_secrets(struct push_login *login, const char *header)
{
    const char *value = strchr(header, ':') + 1;
    value += strspn(value, " \t");
    const char *space = strrchr(value, ' ');
    add_secret(login, value);
    add_secret(login, space ? space + 1 : NULL);
}

/* A user alone is a secret over HTTP, where it may be a token. */
static void add_url_secrets(struct push_login *login)
{
    const char *userinfo = login->address->userinfo;
    const char *colon = strchr(userinfo, ':');
    if (colon || login->address->scheme != PUSH_SSH)
        add_secret(login, userinfo);
    add_secret(login, colon ? colon + 1 : NULL);
}

/* The length of the longest secret that `text` begins with. */
static size_t secret_len(const struct push_login *login, const char *text)
{
    size_t longest = 0;
    for (size_t i = 0; i < login->n_secrets; i++) {
        size_t len = strlen(login->secrets[i]);
        if (len > longest && strncmp(text, login->secrets[i], len) == 0)
            longest = len;
    }
    return longest;
}

void push_login_hide(const struct push_login *login, const char *text, struct buf *out)
{
    while (*text) {
        size_t len = secret_len(login, text);
        if (len) {
            buf_add_str(out, "***");
            text += len;
        } else {
            buf_add_char(out, *text++);
        }
    }
}

/* ---- which login ---- */

static bool is_github(const struct push_login *login, struct arena *arena)
{
    struct push_address server;
    const struct push_address *address = login->address;
    const char *url = login->access->github_url;
    return url && push_address_parse(url, arena, &server, NULL) == 0 &&
           server.scheme == address->scheme && strcmp(server.host, address->host) == 0 &&
           strcmp(server.port, address->port) == 0;
}

static bool is_safe(const struct push_address *address)
{
    return address->scheme == PUSH_HTTPS ||
           (address->scheme == PUSH_HTTP && push_address_is_loopback(address));
}

static void drop_login_headers(struct push_headers *headers)
{
    size_t n = 0;
    for (size_t i = 0; i < headers->n; i++)
        if (!push_header_is_login(headers->list[i]))
            headers->list[n++] = headers->list[i];
    headers->n = n;
}

static void pick_token(struct push_login *login, struct arena *arena)
{
    const struct push_access *access = login->access;
    if (!is_safe(login->address))
        return;
    if (access->token) {
        login->token = access->token;
        login->token_name = "PERFGATE_TOKEN";
        drop_login_headers(&login->headers);
        login->has_login_header = false;
    } else if (access->github_token && !login->has_login_header && is_github(login, arena)) {
        login->token = access->github_token;
        login->token_name = "GITHUB_TOKEN";
    }
}

int push_login_start(const struct repo *repo, const struct push_address *address,
                     const struct push_access *access, struct arena *arena, struct push_login *out,
                     struct err *err)
{
    *out = (struct push_login){.address = address, .access = access};
    if (address->scheme != PUSH_SSH &&
        push_headers_find(repo, address, arena, &out->headers, err) < 0)
        return -1;
    out->secrets = arena_array(arena, 4 + 2 * out->headers.n, sizeof *out->secrets);
    add_secret(out, access->token);
    add_secret(out, access->github_token);
    add_url_secrets(out);
    for (size_t i = 0; i < out->headers.n; i++) {
        add_header_secrets(out, out->headers.list[i]);
        if (push_header_is_login(out->headers.list[i]))
            out->has_login_header = true;
    }
    pick_token(out, arena);
    return 0;
}

void push_login_renew(struct push_login *login)
{
    login->is_tried = login->is_refused = login->has_no_user = login->is_unknown_host = false;
}

/* ---- what libgit2 calls ---- */

static int credentials(git_credential **out, const char *url, const char *user, unsigned allowed,
                       void *payload)
{
    struct push_login *login = payload;
    (void)url;
    if (login->address->scheme == PUSH_SSH && !(user && *user)) {
        login->has_no_user = true;
        return GIT_EUSER;
    }
    bool is_first = !login->is_tried;
    login->is_tried = true;
    if (is_first && login->address->scheme == PUSH_SSH && (allowed & GIT_CREDENTIAL_SSH_KEY))
        return git_credential_ssh_key_from_agent(out, user);
    if (is_first && login->token && (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT))
        return git_credential_userpass_plaintext_new(out, user && *user ? user : USER,
                                                     login->token);
    login->is_refused = true;
    return GIT_EUSER;
}

/* Notes what libgit2 found, and lets it stand. */
static int check_certificate(git_cert *certificate, int is_valid, const char *host, void *payload)
{
    struct push_login *login = payload;
    (void)certificate, (void)host;
    if (!is_valid)
        login->is_unknown_host = true;
    return GIT_PASSTHROUGH;
}

void push_login_set(struct git_remote_callbacks *callbacks)
{
    callbacks->credentials = credentials;
    callbacks->certificate_check = check_certificate;
}

/* ---- in words ---- */

static void explain_host(const struct push_address *address, struct err *err)
{
    if (address->scheme == PUSH_SSH)
        err_set(err, ERR_IO,
                "'%s': the key of the host '%s' is not in ~/.ssh/known_hosts, or another one is; "
                "compare it with the one that the host's owner publishes, and add it with "
                "`ssh-keyscan -p %s %s >>~/.ssh/known_hosts`",
                address->name, address->host, address->port, address->host);
    else
        err_set(err, ERR_IO,
                "'%s': the certificate of the host '%s' is not trusted; where it is meant, name "
                "the file of its authority with `git config http.sslCAInfo FILE`",
                address->name, address->host);
}

static void explain_ssh(const struct push_login *login, struct err *err)
{
    const char *name = login->address->name;
    if (login->has_no_user)
        err_set(err, ERR_USAGE,
                "'%s' does not say which user logs in; expected ssh://USER@HOST/PATH", name);
    else
        err_set(err, ERR_IO,
                "'%s' takes no key of the ssh-agent, or none runs; start one, and add a key with "
                "`ssh-add` (ed25519 or ECDSA: libssh2 1.10 has no other that servers still take)",
                name);
}

static void explain_http(const struct push_login *login, struct err *err)
{
    const char *name = login->address->name;
    if (login->token)
        err_set(err, ERR_IO,
                "'%s' refuses the token in %s; expected one that is valid and may write contents",
                name, login->token_name);
    else if (login->access->token)
        err_set(err, ERR_IO,
                "'%s' wants a login, and a token is sent over https only; push to its https URL",
                name);
    else if (login->has_login_header)
        err_set(err, ERR_IO,
                "'%s' refuses the login in http.extraheader of git's configuration; set "
                "PERFGATE_TOKEN to a token that may write contents",
                name);
    else if (*login->address->userinfo)
        err_set(err, ERR_IO,
                "'%s' refuses the login in its URL; set PERFGATE_TOKEN to a token that may write "
                "contents",
                name);
    else
        err_set(err, ERR_IO,
                "'%s' wants a login; set PERFGATE_TOKEN to a token that may write contents%s", name,
                login->access->github_token ? " (GITHUB_TOKEN is only sent to GitHub)" : "");
}

static bool explain_status(const struct push_login *login, const char *said, struct err *err)
{
    const char *name = login->address->name;
    if (strstr(said, "unexpected http status code: 403"))
        err_set(err, ERR_IO,
                "'%s' lets this login not write (HTTP status 403); the token needs the right to "
                "write contents (`permissions: contents: write` in a workflow)",
                name);
    else if (strstr(said, "unexpected http status code: 404"))
        err_set(err, ERR_IO,
                "'%s' has no repository there, or does not show it to this login (HTTP status "
                "404)",
                name);
    else
        return false;
    return true;
}

bool push_login_explain(const struct push_login *login, const char *said, struct err *err)
{
    if (login->is_unknown_host)
        explain_host(login->address, err);
    else if (login->address->scheme == PUSH_SSH &&
             (login->has_no_user || login->is_refused || strstr(said, "error authenticating")))
        explain_ssh(login, err);
    else if (login->is_refused || strstr(said, "unexpected authentication failure"))
        explain_http(login, err);
    else
        return explain_status(login, said, err);
    return true;
}
