#include "load/cookie.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/mem.h"

struct cookie {
    struct cookie *next;
    uint16_t name_len, value_len, path_len;
    uint16_t capacity; /* of bytes */
    bool is_secure;
    char bytes[]; /* name, value, path */
};

/* A Set-Cookie field taken apart; spans into it and into the request's path. */
struct parsed {
    struct span name, value, path;
    bool is_secure, is_expired;
    bool has_max_age; /* then Expires is ignored */
};

static struct span name_of(const struct cookie *cookie)
{
    return (struct span){cookie->bytes, cookie->name_len};
}

static struct span value_of(const struct cookie *cookie)
{
    return (struct span){cookie->bytes + cookie->name_len, cookie->value_len};
}

static struct span path_of(const struct cookie *cookie)
{
    return (struct span){cookie->bytes + cookie->name_len + cookie->value_len, cookie->path_len};
}

static bool same(struct span a, struct span b)
{
    return a.len == b.len && !memcmp(a.at, b.at, a.len);
}

static struct span trim(struct span span)
{
    while (span.len && (span.at[0] == ' ' || span.at[0] == '\t'))
        span.at++, span.len--;
    while (span.len && (span.at[span.len - 1] == ' ' || span.at[span.len - 1] == '\t'))
        span.len--;
    return span;
}

/* Cuts the text before the first `mark` off `rest`, which then begins behind it; all of it where
 * there is none. */
static struct span cut(struct span *rest, char mark)
{
    const char *at = rest->len ? memchr(rest->at, mark, rest->len) : NULL;
    struct span before = {rest->at, at ? (size_t)(at - rest->at) : rest->len};
    size_t used = before.len + (at ? 1 : 0);
    *rest = (struct span){rest->at + used, rest->len - used};
    return before;
}

/* ---- dates (RFC 6265, 5.1.1) ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number of `least` to `most` digits at the start of a token; -1: there is none. */
static int leading_number(struct span token, size_t least, size_t most, size_t *len)
{
    int number = 0;
    *len = 0;
    while (*len < token.len && is_digit(token.at[*len])) {
        if (*len == most)
            return -1;
        number = 10 * number + token.at[(*len)++] - '0';
    }
    return *len < least ? -1 : number;
}

/* hh:mm:ss */
static bool take_time(struct span token, struct tm *date)
{
    int *const fields[] = {&date->tm_hour, &date->tm_min, &date->tm_sec};
    for (int i = 0; i < 3; i++) {
        size_t len;
        *fields[i] = leading_number(token, 1, 2, &len);
        if (*fields[i] < 0 || (i < 2 && (len >= token.len || token.at[len] != ':')))
            return false;
        token = (struct span){token.at + len + (i < 2), token.len - len - (i < 2)};
    }
    return date->tm_hour < 24 && date->tm_min < 60 && date->tm_sec < 60;
}

static bool take_month(struct span token, struct tm *date)
{
    static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int i = 0; token.len >= 3 && i < 12; i++) {
        if (!strncasecmp(token.at, months + 3 * (size_t)i, 3)) {
            date->tm_mon = i;
            return true;
        }
    }
    return false;
}

enum { FOUND_TIME = 1, FOUND_DAY = 2, FOUND_MONTH = 4, FOUND_YEAR = 8, FOUND_ALL = 15 };

static unsigned take_date_token(struct span token, unsigned found, struct tm *date)
{
    size_t len;
    int number;
    if (!(found & FOUND_TIME) && take_time(token, date))
        return FOUND_TIME;
    if (!(found & FOUND_DAY) && (number = leading_number(token, 1, 2, &len)) >= 0) {
        date->tm_mday = number;
        return FOUND_DAY;
    }
    if (!(found & FOUND_MONTH) && take_month(token, date))
        return FOUND_MONTH;
    if (!(found & FOUND_YEAR) && (number = leading_number(token, 2, 4, &len)) >= 0) {
        date->tm_year = number;
        return FOUND_YEAR;
    }
    return 0;
}

static bool is_date_delimiter(char c)
{
    return c == '\t' || (c >= ' ' && c <= '/') || (c >= ';' && c <= '@') ||
           (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

/* False where the text is no date. */
static bool parse_date(struct span text, int64_t *seconds)
{
    struct tm date = {0};
    unsigned found = 0;
    for (size_t i = 0; i < text.len;) {
        size_t len = 0;
        while (i + len < text.len && !is_date_delimiter(text.at[i + len]))
            len++;
        if (len)
            found |= take_date_token((struct span){text.at + i, len}, found, &date);
        i += len + 1;
    }
    if (date.tm_year < 70)
        date.tm_year += 2000;
    else if (date.tm_year < 100)
        date.tm_year += 1900;
    if (found != FOUND_ALL || date.tm_mday < 1 || date.tm_mday > 31 || date.tm_year < 1601)
        return false;
    date.tm_year -= 1900;
    *seconds = (int64_t)timegm(&date);
    return true;
}

/* ---- Set-Cookie (RFC 6265, 5.2) ---- */

static void take_max_age(struct parsed *cookie, struct span value)
{
    bool negative = value.len && value.at[0] == '-', zero = true;
    for (size_t i = negative; i < value.len; i++) {
        if (!is_digit(value.at[i]))
            return;
        zero &= value.at[i] == '0';
    }
    if (value.len <= (size_t)negative)
        return;
    cookie->has_max_age = true;
    cookie->is_expired = negative || zero;
}

static void take_attribute(struct parsed *cookie, struct span attribute, int64_t now_s)
{
    struct span value = attribute, name = trim(cut(&value, '='));
    int64_t expires_s;
    value = trim(value);
    if (span_equals_nocase(name, "path")) {
        if (value.len && value.at[0] == '/')
            cookie->path = value;
    } else if (span_equals_nocase(name, "max-age")) {
        take_max_age(cookie, value);
    } else if (span_equals_nocase(name, "expires")) {
        if (!cookie->has_max_age && parse_date(value, &expires_s))
            cookie->is_expired = expires_s <= now_s;
    } else if (span_equals_nocase(name, "secure")) {
        cookie->is_secure = true;
    }
}

static struct span without_query(struct span path)
{
    return cut(&path, '?');
}

/* RFC 6265, 5.1.4 */
static struct span default_path(struct span request_path)
{
    struct span path = without_query(request_path);
    while (path.len && path.at[path.len - 1] != '/')
        path.len--;
    if (path.len <= 1 || path.at[0] != '/')
        return (struct span){"/", 1};
    path.len--;
    return path;
}

static bool parse(struct span rest, struct span request_path, int64_t now_s, struct parsed *cookie)
{
    struct span pair = cut(&rest, ';');
    if (!pair.len || !memchr(pair.at, '=', pair.len))
        return false;
    struct span name = cut(&pair, '=');
    *cookie = (struct parsed){
        .name = trim(name), .value = trim(pair), .path = default_path(request_path)};
    while (rest.len)
        take_attribute(cookie, cut(&rest, ';'), now_s);
    return cookie->name.len > 0;
}

/* ---- the jar ---- */

/* The link to the cookie of this name and path, or to the end of the list. */
static struct cookie **find(struct cookie_jar *jar, const struct parsed *parsed)
{
    struct cookie **link = &jar->first;
    while (*link && !(same(name_of(*link), parsed->name) && same(path_of(*link), parsed->path)))
        link = &(*link)->next;
    return link;
}

static void fill(struct cookie *cookie, const struct parsed *parsed)
{
    char *at = cookie->bytes;
    cookie->name_len = (uint16_t)parsed->name.len;
    cookie->value_len = (uint16_t)parsed->value.len;
    cookie->path_len = (uint16_t)parsed->path.len;
    cookie->is_secure = parsed->is_secure;
    memcpy(at, parsed->name.at, parsed->name.len);
    memcpy(at + parsed->name.len, parsed->value.at, parsed->value.len);
    memcpy(at + parsed->name.len + parsed->value.len, parsed->path.at, parsed->path.len);
}

static struct cookie *cookie_new(const struct parsed *parsed, size_t size)
{
    struct cookie *cookie = mem_new(sizeof(*cookie) + size);
    cookie->capacity = (uint16_t)size;
    fill(cookie, parsed);
    return cookie;
}

static void discard(struct cookie_jar *jar, struct cookie **link)
{
    struct cookie *cookie = *link;
    *link = cookie->next;
    jar->count--;
    free(cookie);
}

/* The place of a new cookie: behind those with a path as long or longer. */
static struct cookie **place(struct cookie_jar *jar, size_t path_len)
{
    struct cookie **link = &jar->first;
    while (*link && (*link)->path_len >= path_len)
        link = &(*link)->next;
    return link;
}

static void insert(struct cookie_jar *jar, const struct parsed *parsed, size_t size)
{
    struct cookie **link = place(jar, parsed->path.len);
    struct cookie *cookie = cookie_new(parsed, size);
    cookie->next = *link;
    *link = cookie;
    jar->count++;
}

/* A changed cookie keeps its place in the order (RFC 6265, 5.3, step 11). */
static void replace(struct cookie **link, const struct parsed *parsed, size_t size)
{
    struct cookie *old = *link;
    if (size <= old->capacity) {
        fill(old, parsed);
        return;
    }
    *link = cookie_new(parsed, size);
    (*link)->next = old->next;
    free(old);
}

void cookie_jar_set(struct cookie_jar *jar, struct span set_cookie, struct span path, int64_t now_s)
{
    struct parsed parsed;
    if (!parse(set_cookie, path, now_s, &parsed))
        return;
    size_t size = parsed.name.len + parsed.value.len + parsed.path.len;
    struct cookie **link = find(jar, &parsed);
    if (*link && parsed.is_expired)
        discard(jar, link);
    else if (parsed.is_expired || size > COOKIE_SIZE_LIMIT)
        return;
    else if (*link)
        replace(link, &parsed, size);
    else if (jar->count < COOKIE_COUNT_LIMIT)
        insert(jar, &parsed, size);
}

void cookie_jar_set_all(struct cookie_jar *jar, struct span head, struct span path, int64_t now_s)
{
    struct span value;
    size_t cursor = 0;
    while (head_next(head, "set-cookie", &cursor, &value))
        cookie_jar_set(jar, value, path, now_s);
}

/* RFC 6265, 5.1.4 */
static bool path_matches(struct span cookie, struct span request)
{
    if (request.len < cookie.len || memcmp(request.at, cookie.at, cookie.len) != 0)
        return false;
    return request.len == cookie.len || cookie.at[cookie.len - 1] == '/' ||
           request.at[cookie.len] == '/';
}

void cookie_jar_add_header(const struct cookie_jar *jar, size_t path_at, size_t path_len,
                           bool is_secure, struct buf *out)
{
    const char *before = "Cookie: ";
    for (const struct cookie *at = jar->first; at; at = at->next) {
        struct span path = without_query((struct span){out->data + path_at, path_len});
        if ((at->is_secure && !is_secure) || !path_matches(path_of(at), path))
            continue;
        buf_add_str(out, before);
        buf_add(out, at->bytes, at->name_len);
        buf_add_char(out, '=');
        buf_add(out, at->bytes + at->name_len, at->value_len);
        before = "; ";
    }
    if (*before == ';')
        buf_add(out, "\r\n", 2);
}

bool cookie_jar_find(const struct cookie_jar *jar, const char *name, struct span *value)
{
    for (const struct cookie *at = jar->first; at; at = at->next) {
        if (same(name_of(at), (struct span){name, strlen(name)})) {
            *value = value_of(at);
            return true;
        }
    }
    return false;
}

void cookie_jar_release(struct cookie_jar *jar)
{
    while (jar->first)
        discard(jar, &jar->first);
}
