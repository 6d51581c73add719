#include "load/auth.h"

#include <stdint.h>
#include <string.h>

#define BASIC_FIELD  "Authorization: Basic "
#define BEARER_FIELD "Authorization: Bearer "

/* RFC 4648, 4. */
static void add_base64(const char *text, size_t len, char *out)
{
    enum { PADDING = 64 };
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < len; i += 3, out += 4) {
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (i + 1 < len)
            group |= (uint32_t)bytes[i + 1] << 8;
        if (i + 2 < len)
            group |= bytes[i + 2];
        out[0] = digits[group >> 18];
        out[1] = digits[group >> 12 & 63];
        out[2] = digits[i + 1 < len ? group >> 6 & 63 : PADDING];
        out[3] = digits[i + 2 < len ? group & 63 : PADDING];
    }
}

/* Puts the end of `out`, from `at` on, into base64. */
static void encode(struct buf *out, size_t at)
{
    size_t len = out->len - at, encoded_len = (len + 2) / 3 * 4;
    char *encoded = buf_reserve(out, encoded_len);
    add_base64(out->data + at, len, encoded);
    memmove(out->data + at, encoded, encoded_len);
    out->len = at + encoded_len;
}

static int render_basic(const struct auth *auth, const struct fill *fill, struct buf *out,
                        struct err *err)
{
    buf_add_str(out, BASIC_FIELD);
    size_t at = out->len;
    if (template_render(&auth->user, fill, out, err) < 0)
        return -1;
    if (out->len > at && memchr(out->data + at, ':', out->len - at))
        return err_set(err, ERR_INPUT,
                       "the name of the user holds a ':', which ends it in basic authentication");
    buf_add_char(out, ':');
    if (template_render(&auth->password, fill, out, err) < 0)
        return -1;
    encode(out, at);
    buf_add_str(out, "\r\n");
    return 0;
}

static int compile_basic(struct auth *auth, const struct scenario_auth *source,
                         struct template *head, const struct vars *vars, struct arena *arena,
                         struct err *err)
{
    const struct fill nothing = {0};
    struct buf field = {0};
    if (template_add(&auth->user, source->user, TEMPLATE_HEADER, vars, arena, err) < 0 ||
        template_add(&auth->password, source->secret, TEMPLATE_HEADER, vars, arena, err) < 0)
        return -1;
    auth->varies = !template_is_fixed(&auth->user) || !template_is_fixed(&auth->password);
    if (auth->varies)
        return 0;
    int status = render_basic(auth, &nothing, &field, err);
    if (status == 0)
        template_add_literal(head, field.data, field.len, arena);
    buf_release(&field);
    return status;
}

static int compile_bearer(const struct scenario_auth *source, struct template *head,
                          const struct vars *vars, struct arena *arena, struct err *err)
{
    template_add_literal(head, BEARER_FIELD, strlen(BEARER_FIELD), arena);
    if (template_add(head, source->secret, TEMPLATE_HEADER, vars, arena, err) < 0)
        return -1;
    template_add_literal(head, "\r\n", 2, arena);
    return 0;
}

int auth_compile(struct auth *auth, const struct scenario_auth *source, struct template *head,
                 const struct vars *vars, struct arena *arena, struct err *err)
{
    int status = 0;
    *auth = (struct auth){0};
    if (source->kind == AUTH_BASIC)
        status = compile_basic(auth, source, head, vars, arena, err);
    else if (source->kind == AUTH_BEARER)
        status = compile_bearer(source, head, vars, arena, err);
    return status < 0 ? err_prefix(err, "auth: ") : 0;
}

int auth_render(const struct auth *auth, const struct fill *fill, struct buf *out, struct err *err)
{
    return auth->varies ? render_basic(auth, fill, out, err) : 0;
}
