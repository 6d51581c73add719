/* What opens the way to a service: TLS and credentials. */
#include <string.h>

#include "model/scenario_shape.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

/* ---- TLS ---- */

static void set_tls_defaults(void *out)
{
    ((struct scenario_tls *)out)->verify = true;
}

static const struct js_field tls_fields[] = {
    {JS_FIELD(scenario_tls, "verify", JS_BOOL, verify)},
    {JS_FIELD(scenario_tls, "ca", JS_STRING, ca)},
    {JS_FIELD(scenario_tls, "cert", JS_STRING, cert)},
    {JS_FIELD(scenario_tls, "key", JS_STRING, key)},
};
static const struct js_shape tls_shape = {
    .size = sizeof(struct scenario_tls), FIELDS(tls_fields), .defaults = set_tls_defaults};

int scenario_decode_tls(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_tls *tls = out;
    if (js_decode(at, &tls_shape, tls, arena, err) < 0)
        return -1;
    if (tls->key && !tls->cert)
        return js_fail(at, err, "'key' belongs to a certificate: name it as 'cert'");
    return 0;
}

/* ---- credentials ---- */

struct basic {
    const char *user, *password;
};

static const struct js_field basic_fields[] = {
    {JS_FIELD(basic, "user", JS_STRING, user), JS_REQUIRED},
    {JS_FIELD(basic, "password", JS_STRING, password), JS_REQUIRED},
};
static const struct js_shape basic_shape = {.size = sizeof(struct basic), FIELDS(basic_fields)};

/* Credentials as they are written: one of the two. */
struct written_auth {
    struct basic *basic;
    const char *bearer;
};

static const struct js_field auth_fields[] = {
    {JS_FIELD(written_auth, "basic", JS_POINTER, basic), .shape = &basic_shape},
    {JS_FIELD(written_auth, "bearer", JS_STRING, bearer)},
};
static const struct js_shape auth_shape = {.size = sizeof(struct written_auth),
                                           FIELDS(auth_fields)};

static int check_auth(const struct js_at *at, const struct scenario_auth *auth, struct err *err)
{
    if (auth->user && strchr(auth->user, ':'))
        return js_fail(at, err,
                       "expected a user's name without ':', which ends it in basic "
                       "authentication (RFC 7617)");
    if (!auth->user && !*auth->secret)
        return js_fail(at, err, "expected a token, found ''");
    if (scenario_has_control(auth->secret) || (auth->user && scenario_has_control(auth->user)))
        return js_fail(at, err, "expected credentials without control characters");
    return 0;
}

int scenario_decode_auth(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_auth *auth = out;
    struct written_auth written;
    if (js_kind(at) == JS_K_NULL) {
        auth->kind = AUTH_NONE;
        return 0;
    }
    if (js_decode(at, &auth_shape, &written, arena, err) < 0)
        return -1;
    if (!written.basic == !written.bearer)
        return js_fail(at, err,
                       "expected either {\"basic\": {\"user\": …, \"password\": …}} or "
                       "{\"bearer\": …}, or null for none");
    *auth = written.basic
                ? (struct scenario_auth){AUTH_BASIC, written.basic->user, written.basic->password}
                : (struct scenario_auth){AUTH_BEARER, NULL, written.bearer};
    return check_auth(at, auth, err);
}
