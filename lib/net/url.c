#include "net/url.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include <uriparser/Uri.h>

#include "base/mem.h"

/* Without the NUL at its end. */
#define SOCKET_PATH_LIMIT (sizeof((struct sockaddr_un *)0)->sun_path - 1)

#define LAST_PORT 65535

/* ---- what RFC 3986 allows ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c, char last)
{
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= last;
}

static bool is_hex(char c)
{
    return is_digit(c) || is_letter(c, 'f');
}

/* Whether text[0] may stand in a path or a query as it is. */
static bool is_allowed(const char *text)
{
    if (is_letter(*text, 'z') || is_digit(*text))
        return true;
    return *text == '%' ? is_hex(text[1]) && is_hex(text[2])
                        : *text && strchr("-._~:/?@!$&'()*+,;=", *text);
}

/* With its colon; 0: none. */
static size_t scheme_length(const char *text)
{
    size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.");
    return is_letter(*text, 'z') && text[len] == ':' ? len + 1 : 0;
}

/* Where the path of a reference begins: behind its authority, where brackets are allowed too. */
static size_t authority_end(const char *text)
{
    size_t at = scheme_length(text);
    return strncmp(text + at, "//", 2) ? 0 : at + 2 + strcspn(text + at + 2, "/?#");
}

/* Appends a reference, without its fragment, as RFC 3986 would have it written. */
static void add_encoded(const char *text, struct buf *out)
{
    size_t path = authority_end(text), len = strcspn(text, "#"), query = strcspn(text, "?#");
    if (!scheme_length(text) && text[strcspn(text, ":/?#")] == ':')
        buf_add_str(out, "./"); /* RFC 3986, 4.2: else a colon would end a scheme */
    for (size_t i = 0; i < len; i++) {
        if (is_allowed(text + i) || (i < path && (text[i] == '[' || text[i] == ']')))
            buf_add_char(out, text[i]);
        else if (text[i] == ' ' && i > query)
            buf_add_char(out, '+');
        else
            buf_addf(out, "%%%02x", (unsigned)(unsigned char)text[i]);
    }
}

/* ---- parsing and resolving ---- */

/* A reference resolved against a base: the uri points into both texts. */
struct reading {
    struct buf base, reference;
    UriUriA uri;
};

static bool spoilt(int code)
{
    if (code == URI_ERROR_MALLOC)
        mem_exhausted();
    return code != URI_SUCCESS;
}

/* By RFC 3986, 5.2.2: without dot segments. Refuses what has no scheme in the end. */
static int resolve(struct reading *reading)
{
    UriUriA base, reference;
    if (spoilt(uriParseSingleUriA(&base, buf_text(&reading->base), NULL)))
        return -1;
    int failed = -1;
    if (!spoilt(uriParseSingleUriA(&reference, buf_text(&reading->reference), NULL))) {
        failed = spoilt(uriAddBaseUriA(&reading->uri, &reference, &base)) ? -1 : 0;
        uriFreeUriMembersA(&reference);
    }
    uriFreeUriMembersA(&base);
    return failed;
}

static void release(struct reading *reading)
{
    uriFreeUriMembersA(&reading->uri);
    buf_release(&reading->base);
    buf_release(&reading->reference);
}

static struct span part(const UriTextRangeA *range)
{
    return (struct span){range->first, (size_t)(range->afterLast - range->first)};
}

/* Over LAST_PORT where there are more digits than a port can have. */
static unsigned long port_of(const UriUriA *uri, bool is_secure)
{
    struct span text = part(&uri->portText);
    unsigned long port = text.len ? 0 : is_secure ? 443 : 80;
    for (size_t i = 0; i < text.len && port <= LAST_PORT; i++)
        port = 10 * port + (unsigned long)(text.at[i] - '0');
    return port;
}

/* What keeps the reading from being a URL, after resolve(); NULL: nothing does. */
static const char *fault_of(const struct reading *reading, int failed)
{
    const UriUriA *uri = &reading->uri;
    if (failed)
        return "RFC 3986 has no such URL";
    if (!part(&uri->hostText).len)
        return "it has no host";
    if (uri->hostData.ipFuture.first)
        return "its host is no IPv6 address";
    return port_of(uri, false) > LAST_PORT ? "its port is over 65535" : NULL;
}

/* RFC 6874, which the parser does not know. */
static bool has_zone(const char *text)
{
    size_t end = authority_end(text), open = strcspn(text, "[");
    return open < end && text[open + strcspn(text + open, "%]")] == '%';
}

static int refuse_zone(const char *what, struct err *err)
{
    return err_set(err, ERR_INPUT, "%s: IPv6 zones are not supported: give a global address", what);
}

/* ---- the parts ---- */

static int check_scheme(const UriUriA *uri, const char *what, bool *is_secure, struct err *err)
{
    struct span scheme = part(&uri->scheme);
    *is_secure = scheme.len == 5 && !strncasecmp(scheme.at, "https", 5);
    if (*is_secure || (scheme.len == 4 && !strncasecmp(scheme.at, "http", 4)))
        return 0;
    return err_set(err, ERR_INPUT,
                   "%s: expected a http:// or https:// URL, found the scheme '%.*s'", what,
                   (int)scheme.len, scheme.at);
}

/* A host in its one spelling: lower case, and addresses as inet_ntop() writes them, of which
 * IPv4 has spellings such as 127.1 that are names to RFC 3986 and addresses to getaddrinfo(). */
static int take_host(const UriUriA *uri, const char *what, struct url *url, struct err *err)
{
    struct span host = part(&uri->hostText);
    char text[INET6_ADDRSTRLEN];
    struct in_addr ip4;
    url->is_ipv6 = uri->hostData.ip6 != NULL;
    if (url->is_ipv6) {
        url->host = mem_strdup(inet_ntop(AF_INET6, uri->hostData.ip6->data, text, sizeof text));
        return 0;
    }
    url->host = mem_new(host.len + 1);
    for (size_t i = 0; i < host.len; i++) {
        char c = host.at[i];
        if (!is_letter(c, 'z') && !is_digit(c) && !strchr("-._", c))
            return err_set(err, ERR_INPUT,
                           "%s: the URL's host holds a character that no host name has (write "
                           "an international name as xn--…)",
                           what);
        url->host[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    if (inet_aton(url->host, &ip4)) {
        free(url->host);
        url->host = mem_strdup(inet_ntop(AF_INET, &ip4, text, sizeof text));
    }
    return 0;
}

static char *join_path(const UriUriA *uri)
{
    struct buf text = {0};
    for (const UriPathSegmentA *segment = uri->pathHead; segment; segment = segment->next) {
        struct span name = part(&segment->text);
        if (name.len == 1 && *name.at == '.')
            continue; /* what uriparser keeps a leading "//" apart with where there is no host */
        buf_add_char(&text, '/');
        buf_add(&text, name.at, name.len);
    }
    if (!text.len)
        buf_add_char(&text, '/');
    if (uri->query.first) {
        buf_add_char(&text, '?');
        buf_add(&text, uri->query.first, part(&uri->query).len);
    }
    return buf_take(&text);
}

static int take_parts(const UriUriA *uri, const char *what, struct url *url, struct err *err)
{
    if (check_scheme(uri, what, &url->is_secure, err) < 0)
        return -1;
    if (uri->userInfo.first)
        return err_set(err, ERR_INPUT,
                       "%s: the URL holds a user name or password: give it as \"auth\" in a "
                       "scenario",
                       what);
    if (take_host(uri, what, url, err) < 0)
        return -1;
    url->port = (uint16_t)port_of(uri, url->is_secure);
    if (!url->port)
        return err_set(err, ERR_INPUT, "%s: expected a port from 1 to %d", what, LAST_PORT);
    url->path = join_path(uri);
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

/* ---- what users give ---- */

/* A character before `first` in ASCII, or DEL. */
static bool has_below(const char *text, unsigned char first)
{
    for (; *text; text++)
        if ((unsigned char)*text < first || *text == 0x7f)
            return true;
    return false;
}

/* NULL, or why the text is no URL; it is resolved against itself, which takes the dots out. */
static const char *read_url(const char *text, struct reading *reading)
{
    if (strlen(text) > URL_LIMIT)
        return "it is too long";
    if (has_below(text, '!'))
        return "it holds a blank or a control character";
    add_encoded(text, &reading->base);
    add_encoded(text, &reading->reference);
    return fault_of(reading, resolve(reading));
}

int url_parse(const char *text, const char *what, struct url *url, struct err *err)
{
    struct reading reading = {0};
    *url = (struct url){0};
    if (url_is_socket(text))
        return parse_socket(text, what, url, err);
    const char *fault = read_url(text, &reading);
    int failed;
    if (fault && has_zone(text))
        failed = refuse_zone(what, err);
    else if (fault)
        failed = err_set(err, ERR_INPUT,
                         "%s: expected a URL such as http://127.0.0.1:8080, found '%.200s' (%s)",
                         what, strchr(text, '@') ? "…" : text, fault);
    else
        failed = take_parts(&reading.uri, what, url, err);
    release(&reading);
    if (failed)
        url_release(url);
    return failed;
}

/* ---- redirects ---- */

/* The length of a Location that is a path as it stands, without its fragment; else 0. */
static size_t plain_path(const char *location)
{
    size_t i = 0;
    if (location[0] != '/' || location[1] == '/')
        return 0;
    for (; location[i] && location[i] != '#'; i++)
        if (!is_allowed(location + i) || (location[i] == '/' && location[i + 1] == '.'))
            return 0;
    return i;
}

static int read_location(const struct url *base, struct span path, const char *location,
                         struct url *out, struct err *err)
{
    struct reading reading = {0};
    struct buf from = {0};
    buf_add_str(&from, base->is_secure ? "https://" : "http://");
    url_add_authority(base, &from);
    buf_add(&from, path.at, path.len);
    add_encoded(buf_text(&from), &reading.base);
    add_encoded(location, &reading.reference);
    int failed;
    if (!has_below(location, ' ') && !fault_of(&reading, resolve(&reading)))
        failed = take_parts(&reading.uri, "Location", out, err);
    else if (has_zone(location))
        failed = refuse_zone("Location", err);
    else
        failed = err_set(err, ERR_INPUT, "Location: expected a URL");
    buf_release(&from);
    release(&reading);
    return failed;
}
/* What a service behind a socket calls itself, from the Host field. */
static bool is_local(const struct url *url)
{
    return !url->is_secure && url->port == 80 && strcmp(url->host, "localhost") == 0;
}

int url_resolve(const struct url *base, struct span path, struct span location, struct url *out,
                struct err *err)
{
    *out = (struct url){0};
    if (location.len > URL_LIMIT || memchr(location.at, 0, location.len))
        return err_set(err, ERR_INPUT, "Location: expected a URL of at most %d bytes", URL_LIMIT);
    char *text = copy(location.at, location.len);
    size_t plain = plain_path(text);
    if (plain) {
        text[plain] = 0;
        *out = *base;
        out->host = mem_strdup(base->host);
        out->path = text;
        out->socket = base->socket ? mem_strdup(base->socket) : NULL;
        return 0;
    }
    int failed = read_location(base, path, text, out, err);
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
