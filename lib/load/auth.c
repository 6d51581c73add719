#include "load/auth.h"

#include <string.h>

#include "base/base64.h"

#define BASIC_FIELD  "Authorization: Basic "
#define BEARER_FIELD "Authorization: Bearer "

/* Puts the end of `out`, from `at` on, into base64. */
static void encode(struct buf *out, size_t at)
{
    size_t end = out->len, len = end - at;
    buf_reserve(out, (len + 2) / 3 * 4); /* so that what is read stays where it is */
    base64_add(out, out->data + at, len);
    memmove(out->data + at, out->data + end, out->len - end);
    out->len -= len;
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
