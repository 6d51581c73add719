#include "base/num.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define MAX_DURATION_NS (INT64_C(365) * 86400 * NS_PER_S)

/* Largest first: formatting takes the first that fits. */
static const struct unit {
    const char *name;
    int64_t ns;
} duration_units[] = {
    {"h", 3600 * NS_PER_S}, {"m", 60 * NS_PER_S}, {"s", NS_PER_S},
    {"ms", NS_PER_MS},      {"us", NS_PER_US},    {"ns", 1},
};
#define N_UNITS (sizeof duration_units / sizeof duration_units[0])

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int num_parse_int(const char *text, const char *what, int64_t low, int64_t high, int64_t *out,
                  struct err *err)
{
    const char *digits = text + (*text == '-');
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (!is_digit(*digits) || *end)
        return err_set(err, ERR_INPUT, "%s: expected a whole number, found '%s'", what, text);
    if (errno == ERANGE || value < low || value > high)
        return err_set(err, ERR_INPUT,
                       "%s: expected a whole number from %" PRId64 " to %" PRId64 ", found '%s'",
                       what, low, high, text);
    *out = value;
    return 0;
}

/* True where `text` starts like a decimal number, so that strtod() sees no "inf", "nan" or "0x". */
static bool looks_decimal(const char *text)
{
    const char *at = text + (*text == '-');
    if (!is_digit(*at) && !(*at == '.' && is_digit(at[1])))
        return false;
    return !strpbrk(at, "xX");
}

int num_parse_double(const char *text, const char *what, double low, double high, double *out,
                     struct err *err)
{
    char *end = NULL;
    double value = looks_decimal(text) ? strtod(text, &end) : 0;
    if (!end || *end)
        return err_set(err, ERR_INPUT, "%s: expected a number, found '%s'", what, text);
    if (!isfinite(value) || value < low || value > high)
        return err_set(err, ERR_INPUT, "%s: expected a number from %g to %g, found '%s'", what, low,
                       high, text);
    *out = value;
    return 0;
}

/* The unit at `text` and its length; the longest name wins, so that "ms" is not "m". */
static const struct unit *find_unit(const char *text, size_t *length)
{
    const struct unit *best = NULL;
    *length = 0;
    for (size_t i = 0; i < N_UNITS; i++) {
        size_t n = strlen(duration_units[i].name);
        if (n > *length && strncmp(text, duration_units[i].name, n) == 0) {
            best = &duration_units[i];
            *length = n;
        }
    }
    return best;
}

static int bad_duration(const char *text, const char *what, struct err *err)
{
    return err_set(err, ERR_INPUT,
                   "%s: expected a duration up to 365 days such as 90s, 250ms or 1h30m, found '%s'",
                   what, text);
}

int num_parse_duration(const char *text, const char *what, int64_t *out_ns, struct err *err)
{
    double total = 0;
    const char *at = text;
    bool first = true;
    do {
        if (!is_digit(*at) && *at != '.')
            return bad_duration(text, what, err);
        size_t digits = strspn(at, "0123456789.");
        char number[32];
        if (digits >= sizeof number)
            return bad_duration(text, what, err);
        memcpy(number, at, digits);
        number[digits] = 0;
        char *end;
        double value = strtod(number, &end);
        size_t length;
        const struct unit *unit = find_unit(at + digits, &length);
        bool bare = !unit && first && !at[digits];
        if (*end || (!unit && !bare))
            return bad_duration(text, what, err);
        total += value * (double)(unit ? unit->ns : NS_PER_S);
        at += digits + length;
        first = false;
    } while (*at);
    if (!(total <= (double)MAX_DURATION_NS))
        return bad_duration(text, what, err);
    *out_ns = llround(total);
    return 0;
}

void num_add_double(struct buf *out, double value)
{
    if (!isfinite(value)) {
        buf_add_str(out, "null");
        return;
    }
    if (value == floor(value) && fabs(value) < 1e15) {
        buf_addf(out, "%.0f", value + 0.0);
        return;
    }
    char text[40];
    /* Any 15 digits come back as they were, but for the subnormal numbers, which have fewer. */
    for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buf_add_str(out, text);
}

void num_add_ms(struct buf *out, int64_t ns)
{
    uint64_t magnitude = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    buf_addf(out, "%s%" PRIu64, ns < 0 ? "-" : "", magnitude / NS_PER_MS);
    unsigned rest = (unsigned)(magnitude % NS_PER_MS);
    if (!rest)
        return;
    buf_addf(out, ".%06u", rest);
    while (out->data[out->len - 1] == '0')
        out->data[--out->len] = 0;
}

/* Hours, minutes and seconds, those that are not 0. */
static void add_parts(struct buf *out, int64_t ns)
{
    for (size_t i = 0; i < N_UNITS; i++) {
        const struct unit *unit = &duration_units[i];
        if (ns / unit->ns)
            buf_addf(out, "%" PRId64 "%s", ns / unit->ns, unit->name);
        ns %= unit->ns;
    }
}

void num_add_duration(struct buf *out, int64_t ns)
{
    if (ns > 90 * NS_PER_S) {
        add_parts(out, (ns + NS_PER_S / 2) / NS_PER_S * NS_PER_S);
        return;
    }
    size_t i = 2; /* from seconds down, past what would round to less than 1 */
    while (i + 1 < N_UNITS && (double)ns < 0.9995 * (double)duration_units[i].ns)
        i++;
    buf_addf(out, "%.3g%s", (double)ns / (double)duration_units[i].ns, duration_units[i].name);
}

void num_add_rounded(struct buf *out, double value, int extra)
{
    int decimals = fabs(value) >= 100 ? 0 : fabs(value) >= 10 ? 1 : 2;
    if (fabs(value) < 1e12)
        buf_addf(out, "%.*f", decimals + extra, value);
    else
        buf_addf(out, "%.*e", 2 + extra, value);
}

void num_add_latency(struct buf *out, double ms, int extra)
{
    double value = ms;
    const char *unit = "ms";
    if (fabs(ms) >= 1000) {
        value = ms / 1000;
        unit = "s";
    } else if (fabs(ms) < 1 && ms != 0) {
        value = ms * 1000;
        unit = "us";
    }
    num_add_rounded(out, value, extra);
    buf_addf(out, " %s", unit);
}

void num_add_utc(struct buf *out, int64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    struct tm parts = {0};
    gmtime_r(&seconds, &parts);
    char text[64];
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    buf_add_str(out, text);
}

/* strptime() takes a 31 February, which timegm() makes a day in March: then the text does not come
 * back. */
static bool is_utc(const char *text, int64_t wall_ns)
{
    struct buf again = {0};
    num_add_utc(&again, wall_ns);
    bool same = strcmp(buf_text(&again), text) == 0;
    buf_release(&again);
    return same;
}

int num_parse_utc(const char *text, const char *what, int64_t *out_ns, struct err *err)
{
    struct tm parts = {0};
    const char *end = strlen(text) == 20 ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts) : NULL;
    time_t seconds = end && !*end ? timegm(&parts) : -1;
    if (seconds < 0 || seconds > INT64_MAX / NS_PER_S || !is_utc(text, seconds * NS_PER_S))
        return err_set(err, ERR_INPUT,
                       "%s: expected a time in UTC such as 2026-11-23T16:11:00Z, found '%s'", what,
                       text);
    *out_ns = (int64_t)seconds * NS_PER_S;
    return 0;
}
