#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Copies `raw` to `out` (size bytes), control bytes as \xNN, cut at a character's border. */
static void copy_printable(char *out, size_t size, const char *raw)
{
    size_t used = 0;
    for (const unsigned char *at = (const unsigned char *)raw; *at; at++) {
        char piece[5] = {(char)*at, 0};
        if (*at < 0x20 || *at == 0x7f)
            snprintf(piece, sizeof piece, "\\x%02x", (unsigned)*at);
        size_t need = strlen(piece);
        if (used + need >= size) {
            while (used && ((unsigned char)out[used - 1] & 0xc0) == 0x80)
                used--;
            if (used && ((unsigned char)out[used - 1] & 0x80))
                used--;
            break;
        }
        memcpy(out + used, piece, need);
        used += need;
    }
    out[used] = 0;
}

static void set_text(struct err *err, enum err_code code, const char *raw)
{
    err->code = code;
    copy_printable(err->text, sizeof err->text, raw);
}

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
    if (!err || err->code != ERR_NONE)
        return -1;
    char raw[sizeof err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    set_text(err, code, raw);
    return -1;
}

int err_set_errno(struct err *err, int number, const char *format, ...)
{
    if (!err || err->code != ERR_NONE)
        return -1;
    char what[768];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    char reason_space[128];
    const char *reason = strerror_r(number, reason_space, sizeof reason_space);
    char raw[sizeof err->text];
    snprintf(raw, sizeof raw, "%s: %s", what, reason);
    set_text(err, ERR_IO, raw);
    return -1;
}

int err_prefix(struct err *err, const char *format, ...)
{
    if (!err || err->code == ERR_NONE)
        return -1;
    char what[512];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    char raw[sizeof what + sizeof err->text];
    snprintf(raw, sizeof raw, "%s%s", what, err->text);
    set_text(err, err->code, raw);
    return -1;
}
