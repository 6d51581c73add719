#include "store/name.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/num.h"

#define UTC_FORM "99999999T999999Z"
#define ID_FORM  "xxxxxxxxxxxx"

/* `name` begins with the form of `pattern`, where '9' stands for a digit, 'x' for a hexadecimal
 * one. The rest of the name, or NULL. */
static const char *after_form(const char *name, const char *pattern)
{
    for (; *pattern; name++, pattern++) {
        bool fits = *pattern == '9'   ? isdigit((unsigned char)*name)
                    : *pattern == 'x' ? *name && strchr(NAME_HEX_DIGITS, *name)
                                      : *pattern == *name;
        if (!fits)
            return NULL;
    }
    return name;
}

bool name_is_run(const char *name)
{
    const char *end = after_form(name, UTC_FORM "-" ID_FORM "-" ID_FORM);
    return end && strcmp(end, NAME_RUN_END) == 0;
}

bool name_is_mark(const char *name, const char *end)
{
    const char *rest = after_form(name, UTC_FORM "-" ID_FORM);
    return rest && strcmp(rest, end) == 0;
}

bool name_ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);
    return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

void name_add_utc(struct buf *out, int64_t wall_ns)
{
    char utc[32];
    struct tm tm;
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    gmtime_r(&seconds, &tm);
    strftime(utc, sizeof utc, "%Y%m%dT%H%M%SZ", &tm);
    buf_add_str(out, utc);
}

int64_t name_utc_ns(const char *name)
{
    char utc[32];
    int64_t ns = 0;
    if (!after_form(name, UTC_FORM))
        return 0;
    snprintf(utc, sizeof utc, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", name, name + 4, name + 6, name + 9,
             name + 11, name + 13);
    return num_parse_utc(utc, "a name", &ns, NULL) == 0 ? ns : 0;
}
