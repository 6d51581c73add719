#include "import/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"

void text_add_clean(struct buf *out, struct span text, size_t limit)
{
    struct buf copy = {0};
    buf_add(&copy, text.at, text.len);
    const char *at = buf_text(&copy), *end = at + copy.len;
    size_t start = out->len;
    while (at < end && out->len - start < limit) {
        const char *from = at;
        uint32_t c = utf8_next(&at);
        if (c == 0)
            at++; /* a NUL within the text */
        if (c == 0 || c == UTF8_INVALID)
            buf_add_str(out, REPLACEMENT);
        else
            buf_add(out, from, (size_t)(at - from));
    }
    buf_release(&copy);
}

char *text_keep(struct span text, size_t limit, struct arena *arena)
{
    struct buf clean = {0};
    text_add_clean(&clean, text, limit);
    char *copy = arena_strdup(arena, buf_text(&clean));
    buf_release(&clean);
    return copy;
}

static bool ends_path(char c)
{
    return c == '?' || c == '#';
}

struct span text_path(struct span url)
{
    const char *scheme = url.len ? memmem(url.at, url.len, "://", 3) : NULL;
    for (const char *c = url.at; scheme && c < scheme; c++)
        if (*c == '/' || ends_path(*c))
            scheme = NULL; /* it is of a URL in the query */
    const char *at = scheme ? scheme + 3 : url.at, *end = url.at + url.len;
    while (at < end && *at != '/' && !ends_path(*at))
        at++;
    const char *stop = at;
    while (stop < end && !ends_path(*stop))
        stop++;
    return stop > at || !url.len ? (struct span){at, (size_t)(stop - at)} : (struct span){"/", 1};
}

bool text_equals(struct span text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.at, word, text.len) == 0;
}

bool text_equals_nocase(struct span text, const char *word)
{
    return text.len == strlen(word) && strncasecmp(text.at, word, text.len) == 0;
}

bool text_holds(struct span text, const char *word)
{
    return text.len && memmem(text.at, text.len, word, strlen(word));
}

static int fail(struct span text, const char *what, const char *expected, struct err *err)
{
    int shown = text.len > 60 ? 60 : (int)text.len;
    return err_set(err, ERR_INPUT, "%s: expected %s, found '%.*s'", what, expected, shown, text.at);
}

/* Of what is no whole number, or one above `high`. */
static int fail_count(struct span text, const char *what, int64_t high, struct err *err)
{
    char expected[48] = "a whole number";
    size_t digits = 0;
    while (digits < text.len && text.at[digits] >= '0' && text.at[digits] <= '9')
        digits++;
    if (text.len && digits == text.len)
        snprintf(expected, sizeof expected, "a whole number up to %lld", (long long)high);
    return fail(text, what, expected, err);
}

/* No number of so many digits is over the range of int64_t. */
#define SAFE_DIGITS 18

int text_count(struct span text, const char *what, int64_t high, int64_t *out, struct err *err)
{
    int64_t value = 0;
    size_t i = 0;
    for (; i < text.len && i < SAFE_DIGITS && text.at[i] >= '0' && text.at[i] <= '9'; i++)
        value = value * 10 + (text.at[i] - '0');
    for (; i < text.len && i >= SAFE_DIGITS && text.at[i] >= '0' && text.at[i] <= '9'; i++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, text.at[i] - '0', &value))
            break;
    }
    if (!text.len || i < text.len || value > high)
        return fail_count(text, what, high, err);
    *out = value;
    return 0;
}

int text_number(struct span text, const char *what, double high, double *out, struct err *err)
{
    char copy[64];
    if (text.len >= sizeof copy)
        return fail(text, what, "a number", err);
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    if (strlen(copy) != text.len || num_parse_double(copy, what, 0, high, out, NULL) < 0)
        return fail(text, what, "a number that is not negative", err);
    return 0;
}

/* ---- times ---- */

/* `n` digits at *at, which moves behind them. */
static bool take_digits(const char **at, size_t n, int *out)
{
    *out = 0;
    for (size_t i = 0; i < n; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool take_any(const char **at, const char *of)
{
    if (!**at || !strchr(of, **at))
        return false;
    (*at)++;
    return true;
}

static bool take_date(const char **at, struct tm *tm)
{
    if (!take_digits(at, 4, &tm->tm_year) || !take_any(at, "/-.") ||
        !take_digits(at, 2, &tm->tm_mon) || !take_any(at, "/-.") ||
        !take_digits(at, 2, &tm->tm_mday) || !take_any(at, " T"))
        return false;
    tm->tm_year -= 1900;
    tm->tm_mon -= 1;
    return take_digits(at, 2, &tm->tm_hour) && take_any(at, ":") &&
           take_digits(at, 2, &tm->tm_min) && take_any(at, ":") && take_digits(at, 2, &tm->tm_sec);
}

static int64_t take_fraction(const char **at)
{
    int64_t ns = 0, unit = NS_PER_S;
    if (!take_any(at, ".,"))
        return 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        unit /= 10;
        ns += (**at - '0') * unit;
    }
    return ns;
}

/* Seconds east of UTC. */
static bool take_offset(const char **at, int *seconds)
{
    int hours, minutes;
    *seconds = 0;
    if (!**at || take_any(at, "Z"))
        return true;
    int sign = **at == '-' ? -1 : 1;
    if (!take_any(at, "+-") || !take_digits(at, 2, &hours))
        return false;
    take_any(at, ":");
    if (!take_digits(at, 2, &minutes))
        return false;
    *seconds = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool text_time(struct span text, int64_t *out_ns)
{
    char copy[48];
    struct tm tm = {0};
    int offset;
    if (text.len >= sizeof copy)
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    const char *at = copy;
    if (!take_date(&at, &tm))
        return false;
    int64_t ns = take_fraction(&at);
    if (!take_offset(&at, &offset) || *at || tm.tm_year < 70 || tm.tm_year > 300 ||
        tm.tm_mon > 11 || tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
        return false;
    *out_ns = ((int64_t)timegm(&tm) - offset) * NS_PER_S + ns;
    return *out_ns > 0;
}

bool text_is_whole(struct span text)
{
    const char *colon = text.len ? memchr(text.at, ':', text.len) : NULL;
    size_t before = colon ? (size_t)(colon - text.at) : 0;
    for (size_t i = before; i < text.len; i++)
        if (text.at[i] == '.' || text.at[i] == ',')
            return false;
    return true;
}
