#include "net/url.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include <curl/urlapi.h>

#include "base/mem.h"

/* Without the NUL at its end. */
#define SOCKET_PATH_LIMIT (sizeof((struct sockaddr_un *)0)->sun_path - 1)

static CURLU *new_handle(void)
{
    CURLU *handle = curl_url();
    if (!handle)
        mem_exhausted();
    return handle;
}

/* A part of the URL, to be freed with curl_free(); NULL where there is none. */
static char *part(CURLU *handle, CURLUPart which)
{
    char *text = NULL;
    return curl_url_get(handle, which, &text, CURLU_DEFAULT_PORT) ? NULL : text;
}

static bool has_part(CURLU *handle, CURLUPart which)
{
    char *text = part(handle, which);
    curl_free(text);
    return text != NULL;
}

static int check_scheme(CURLU *handle, const char *what, bool *is_secure, struct err *err)
{
    char *scheme = part(handle, CURLUPART_SCHEME);
    int failed = 0;
    *is_secure = scheme && !strcmp(scheme, "https");
    if (!*is_secure && (!scheme || strcmp(scheme, "http") != 0))
        failed =
            err_set(err, ERR_INPUT, "%s: expected a http:// or https:// URL, found the scheme '%s'",
                    what, scheme ? scheme : "");
    curl_free(scheme);
    return failed;
}

static bool is_host_char(char c, bool is_ipv6)
{
    char lower = (char)(c | 0x20);
    if (c >= '0' && c <= '9')
        return true;
    if (is_ipv6)
        return (lower >= 'a' && lower <= 'f') || c == ':' || c == '.';
    return (lower >= 'a' && lower <= 'z') || c == '-' || c == '.' || c == '_';
}

/* Copies the host in lower case, without brackets. */
static int take_host(CURLU *handle, const char *what, struct url *url, struct err *err)
{
    char *host = part(handle, CURLUPART_HOST);
    size_t len = host ? strlen(host) : 0;
    int failed = 0;
    if (!len)
        failed = err_set(err, ERR_INPUT, "%s: the URL has no host: write http://HOST:PORT", what);
    url->is_ipv6 = len > 2 && host[0] == '[';
    url->host = mem_new(len + 1);
    const char *from = url->is_ipv6 ? host + 1 : host;
    for (size_t i = 0; i < (url->is_ipv6 ? len - 2 : len) && !failed; i++) {
        if (!is_host_char(from[i], url->is_ipv6))
            failed = err_set(err, ERR_INPUT,
                             "%s: the URL's host holds a character that no host name has (write "
                             "an international name as xn--…)",
                             what);
        url->host[i] = (char)(from[i] >= 'A' && from[i] <= 'Z' ? from[i] | 0x20 : from[i]);
    }
    curl_free(host);
    return failed;
}

static int take_port(CURLU *handle, const char *what, struct url *url, struct err *err)
{
    char *port = part(handle, CURLUPART_PORT);
    url->port = (uint16_t)(port ? strtoul(port, NULL, 10) : 0);
    curl_free(port);
    return url->port ? 0 : err_set(err, ERR_INPUT, "%s: expected a port from 1 to 65535", what);
}

static char *join_path(CURLU *handle)
{
    char *path = part(handle, CURLUPART_PATH), *query = part(handle, CURLUPART_QUERY);
    struct buf text = {0};
    buf_add_str(&text, path ? path : "/");
    if (query) {
        buf_add_char(&text, '?');
        buf_add_str(&text, query);
    }
    curl_free(path);
    curl_free(query);
    return buf_take(&text);
}

static int take_parts(CURLU *handle, const char *what, struct url *url, struct err *err)
{
    if (check_scheme(handle, what, &url->is_secure, err))
        return -1;
    if (has_part(handle, CURLUPART_USER) || has_part(handle, CURLUPART_PASSWORD))
        return err_set(err, ERR_INPUT,
                       "%s: the URL holds a user name or password: give it as \"auth\" in a "
                       "scenario",
                       what);
    if (has_part(handle, CURLUPART_ZONEID))
        return err_set(err, ERR_INPUT, "%s: IPv6 zones are not supported: give a global address",
                       what);
    if (take_host(handle, what, url, err) || take_port(handle, what, url, err))
        return -1;
    url->path = join_path(handle);
    return 0;
}

static char *copy(const char *text, size_t len)
{
    char *out = mem_new(len + 1);
    memcpy(out, text, len);
    return out;
}

/* ---- sockets ---- */

static int parse_socket(const char *text, const char *what, struct url *url, struct err *err)
{
    size_t origin_len = url_origin_length(text), len = origin_len - strlen(URL_SOCKET);
    if (!len)
        return err_set(err, ERR_INPUT,
                       "%s: expected the path of a socket behind 'unix:', as in unix:/run/app.sock",
                       what);
    if (len > SOCKET_PATH_LIMIT)
        return err_set(err, ERR_INPUT,
                       "%s: the path of a Unix-domain socket has at most %zu bytes, this one has "
                       "%zu: use a shorter or a relative one",
                       what, SOCKET_PATH_LIMIT, len);
    struct buf asked = {0};
    buf_addf(&asked, "http://localhost%s", text[origin_len] ? text + origin_len + 1 : "/");
    int failed = url_parse(buf_text(&asked), what, url, err);
    buf_release(&asked);
    if (!failed)
        url->socket = copy(text + strlen(URL_SOCKET), len);
    return failed;
}

/* ---- parsing ---- */

int url_parse(const char *text, const char *what, struct url *url, struct err *err)
{
    *url = (struct url){0};
    if (url_is_socket(text))
        return parse_socket(text, what, url, err);
    CURLU *handle = new_handle();
    int failed = 0;
    CURLUcode code = strlen(text) > URL_LIMIT
                         ? CURLUE_MALFORMED_INPUT
                         : curl_url_set(handle, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
    if (code)
        failed = err_set(err, ERR_INPUT,
                         "%s: expected a URL such as http://127.0.0.1:8080, found '%.200s' (%s)",
                         what, strchr(text, '@') ? "…" : text, curl_url_strerror(code));
    else
        failed = take_parts(handle, what, url, err);
    curl_url_cleanup(handle);
    if (failed)
        url_release(url);
    return failed;
}

/* ---- redirects ---- */

/* The length of a Location that is a path as it stands, without its fragment; else 0. */
static size_t plain_path(struct span location)
{
    const char *at = location.at;
    size_t len = location.len, i = 0;
    if (!len || at[0] != '/' || (len > 1 && (at[1] == '/' || at[1] == '\\')))
        return 0;
    for (; i < len && at[i] != '#'; i++) {
        unsigned char c = (unsigned char)at[i];
        if (c <= ' ' || c >= 0x7f || (c == '/' && i + 1 < len && at[i + 1] == '.'))
            return 0;
    }
    return i;
}

static int resolve(CURLU *handle, const char *base, const char *location, struct url *out,
                   struct err *err)
{
    if (curl_url_set(handle, CURLUPART_URL, base, 0) ||
        curl_url_set(handle, CURLUPART_URL, location,
                     CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE | CURLU_ALLOW_SPACE))
        return err_set(err, ERR_INPUT, "Location: expected a URL");
    return take_parts(handle, "Location", out, err);
}

/* What a service behind a socket calls itself, from the Host field. */
static bool is_local(const struct url *url)
{
    return !url->is_secure && url->port == 80 && strcmp(url->host, "localhost") == 0;
}

int url_resolve(const struct url *base, struct span path, struct span location, struct url *out,
                struct err *err)
{
    size_t plain = plain_path(location);
    *out = (struct url){0};
    if (location.len > URL_LIMIT || memchr(location.at, 0, location.len))
        return err_set(err, ERR_INPUT, "Location: expected a URL of at most %d bytes", URL_LIMIT);
    if (plain) {
        *out = *base;
        out->host = mem_strdup(base->host);
        out->path = copy(location.at, plain);
        out->socket = base->socket ? mem_strdup(base->socket) : NULL;
        return 0;
    }
    struct buf from = {0};
    CURLU *handle = new_handle();
    buf_add_str(&from, base->is_secure ? "https://" : "http://");
    url_add_authority(base, &from);
    buf_add(&from, path.at, path.len);
    char *text = copy(location.at, location.len);
    int failed = resolve(handle, buf_text(&from), text, out, err);
    curl_url_cleanup(handle);
    buf_release(&from);
    free(text);
    if (failed)
        url_release(out);
    else if (base->socket && is_local(out))
        out->socket = mem_strdup(base->socket);
    return failed;
}

bool url_same_origin(const struct url *a, const struct url *b)
{
    if (a->socket || b->socket)
        return a->socket && b->socket && !strcmp(a->socket, b->socket);
    return a->is_secure == b->is_secure && a->port == b->port && !strcmp(a->host, b->host);
}

void url_add_authority(const struct url *url, struct buf *out)
{
    buf_addf(out, "%s%s%s", url->is_ipv6 ? "[" : "", url->host, url->is_ipv6 ? "]" : "");
    if (url->port != (url->is_secure ? 443 : 80))
        buf_addf(out, ":%u", (unsigned)url->port);
}

void url_add_origin(const struct url *url, struct buf *out)
{
    if (url->socket) {
        buf_addf(out, URL_SOCKET "%s", url->socket);
        return;
    }
    buf_add_str(out, url->is_secure ? "https://" : "http://");
    url_add_authority(url, out);
}

void url_release(struct url *url)
{
    free(url->host);
    free(url->path);
    free(url->socket);
    *url = (struct url){0};
}
