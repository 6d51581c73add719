#include "model/notify.h"

#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "model/document.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

static const char *const kind_names[] = {[NOTIFY_EMAIL] = "email",
                                         [NOTIFY_SLACK] = "slack",
                                         [NOTIFY_PAGERDUTY] = "pagerduty",
                                         [NOTIFY_WEBHOOK] = "webhook",
                                         [NOTIFY_PUSHGATEWAY] = "pushgateway",
                                         [NOTIFY_REDIS] = "redis",
                                         [NOTIFY_DATADOG] = "datadog",
                                         [NOTIFY_NEWRELIC] = "newrelic",
                                         NULL};
static const char *const tls_names[] = {
    [NOTIFY_STARTTLS] = "starttls", [NOTIFY_TLS] = "tls", [NOTIFY_PLAIN] = "none", NULL};
static const char *const severity_names[] = {[NOTIFY_OK] = "ok",
                                             [NOTIFY_WARNING] = "warning",
                                             [NOTIFY_ERROR] = "error",
                                             [NOTIFY_CRITICAL] = "critical"};

/* Where the secret of a kind is, and where it is sent to, unless the destination says otherwise. */
static const struct {
    const char *secret; /* NULL = only where it is given */
    const char *url;    /* NULL = it has to be given, */
    bool no_url;        /* or there is none */
} kinds[NOTIFY_KINDS] = {
    [NOTIFY_EMAIL] = {.secret = "SMTP_PASSWORD", .no_url = true},
    [NOTIFY_SLACK] = {.secret = "SLACK_WEBHOOK_URL", .no_url = true},
    [NOTIFY_PAGERDUTY] = {"PAGERDUTY_ROUTING_KEY", "https://events.pagerduty.com/v2/enqueue",
                          false},
    [NOTIFY_WEBHOOK] = {.secret = "WEBHOOK_SECRET"},
    [NOTIFY_PUSHGATEWAY] = {0},
    [NOTIFY_REDIS] = {0},
    [NOTIFY_DATADOG] = {"DATADOG_API_KEY", "https://api.datadoghq.com", false},
    [NOTIFY_NEWRELIC] = {"NEW_RELIC_API_KEY", "https://metric-api.newrelic.com", false},
};

const char *notify_kind_name(enum notify_kind kind)
{
    return kind_names[kind];
}

const char *notify_severity_name(enum notify_severity severity)
{
    return severity_names[severity];
}

#define EVENTS_URL    "https://insights-collector.newrelic.com"
#define MARKER_URL    "https://api.newrelic.com/graphql"
#define MARKER_SECRET "NEW_RELIC_USER_KEY"
#define MOST_KEY      255 /* bytes, of a dedup_key */

#define EXPECTED_VARIABLE                                                                          \
    "expected the name of a variable of the environment, in capitals; the secret itself does not " \
    "belong here"

/* ---- destinations ---- */

static const struct js_field destination_fields[] = {
    {JS_FIELD(notify_destination, "kind", JS_ENUM, kind), JS_REQUIRED, .names = kind_names},
    {JS_FIELD(notify_destination, "secret", JS_STRING, secret)},
    {JS_FIELD(notify_destination, "url", JS_STRING, url)},
    {JS_FIELD(notify_destination, "server", JS_STRING, server)},
    {JS_FIELD(notify_destination, "tls", JS_ENUM, tls), .names = tls_names},
    {JS_FIELD(notify_destination, "user", JS_STRING, user)},
    {JS_FIELD(notify_destination, "from", JS_STRING, from)},
    {JS_LIST(notify_destination, "to", JS_STRINGS, to, n_to)},
    {JS_FIELD(notify_destination, "ca_file", JS_STRING, ca_file)},
    {JS_FIELD(notify_destination, "dedup_key", JS_STRING, dedup_key)},
    {JS_FIELD(notify_destination, "account", JS_INT, account), .low = 1, .high = 0x1p53},
    {JS_FIELD(notify_destination, "events_url", JS_STRING, events_url)},
    {JS_FIELD(notify_destination, "marker_secret", JS_STRING, marker_secret)},
    {JS_FIELD(notify_destination, "marker_url", JS_STRING, marker_url)},
};
static const struct js_shape destination_shape = {.size = sizeof(struct notify_destination),
                                                  FIELDS(destination_fields)};

/* In a header and on the wire it stands as it is. */
static bool is_address(const char *text)
{
    const char *at = strchr(text, '@');
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f || strchr("<>,;:\"\\()[]", *c))
            return false;
    return at && at != text && at[1] && !strchr(at + 1, '@') && strlen(text) <= 254;
}

static bool is_server(const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f || strchr("/?#@<>\"\\", *c))
            return false;
    return *text != 0;
}

static bool is_variable(const char *text)
{
    size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    return length && !text[length] && !(*text >= '0' && *text <= '9');
}

/* Text that goes into a URL's or a header's place. */
static bool is_plain(const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return false;
    return *text != 0;
}

static int check_email(const struct js_at *at, const struct notify_destination *to, struct err *err)
{
    if (!to->server || !is_server(to->server))
        return js_fail(at, err, "server: expected NAME or NAME:PORT of a mail server");
    if (!to->from || !is_address(to->from))
        return js_fail(at, err, "from: expected an address such as perfgate@example.com");
    if (!to->n_to)
        return js_fail(at, err, "to: expected one address or more");
    for (size_t i = 0; i < to->n_to; i++)
        if (!is_address(to->to[i]))
            return js_fail(at, err,
                           "to: expected addresses such as team@example.com, found '%.80s'",
                           to->to[i]);
    return 0;
}

/* Keys of mail that another kind has. */
static bool has_mail(const struct notify_destination *to)
{
    return to->server || to->user || to->from || to->n_to || to->tls;
}

static int settle_secret(const struct js_at *at, struct notify_destination *to, struct err *err)
{
    if (!to->secret)
        to->secret = kinds[to->kind].secret;
    if (to->kind == NOTIFY_EMAIL && !to->user)
        to->secret = NULL;
    if (!to->secret || is_variable(to->secret))
        return 0;
    return js_fail(at, err, "secret: " EXPECTED_VARIABLE);
}

static int settle_url(const struct js_at *at, struct notify_destination *to, struct err *err)
{
    if (kinds[to->kind].no_url)
        return to->url ? js_fail(at, err, "url: a destination of this kind has none") : 0;
    if (!to->url)
        to->url = kinds[to->kind].url;
    if (!to->url)
        return js_fail(at, err, "the key 'url' is missing");
    return is_plain(to->url) ? 0 : js_fail(at, err, "url: expected a URL");
}

/* What only one kind has. */
static int settle_special(const struct js_at *at, struct notify_destination *to, struct err *err)
{
    bool pages = to->kind == NOTIFY_PAGERDUTY, relic = to->kind == NOTIFY_NEWRELIC;
    size_t key = to->dedup_key ? strlen(to->dedup_key) : 1;
    if ((to->dedup_key && !pages) || !key || key > MOST_KEY)
        return js_fail(at, err, "dedup_key: expected up to %d bytes, of a pagerduty alone",
                       MOST_KEY);
    if ((to->account || to->events_url || to->marker_secret || to->marker_url) && !relic)
        return js_fail(at, err,
                       "account, events_url, marker_secret and marker_url are of a newrelic alone");
    if (!to->events_url)
        to->events_url = EVENTS_URL;
    if (!to->marker_url)
        to->marker_url = MARKER_URL;
    if (!to->marker_secret)
        to->marker_secret = MARKER_SECRET;
    if (!is_variable(to->marker_secret))
        return js_fail(at, err, "marker_secret: " EXPECTED_VARIABLE);
    if (!is_plain(to->marker_url))
        return js_fail(at, err, "marker_url: expected a URL");
    return is_plain(to->events_url) ? 0 : js_fail(at, err, "events_url: expected a URL");
}

static int check_destination(const struct js_at *at, struct notify_destination *to, struct err *err)
{
    if (settle_secret(at, to, err) < 0 || settle_url(at, to, err) < 0 ||
        settle_special(at, to, err) < 0)
        return -1;
    if (to->kind == NOTIFY_EMAIL)
        return check_email(at, to, err);
    return has_mail(to) ? js_fail(at, err, "server, tls, user, from and to are of an email alone")
                        : 0;
}

static int decode_destinations(const struct js_at *at, void *out, struct arena *arena,
                               struct err *err)
{
    struct notify *notify = out;
    void *cursor = NULL;
    struct js_at member;
    if (js_expect_object(at, err) < 0)
        return -1;
    notify->destinations = arena_array(arena, js_count(at) + 1, sizeof *notify->destinations);
    while (js_next(at, &cursor, &member)) {
        struct notify_destination *to = &notify->destinations[notify->n_destinations];
        if (js_decode(&member, &destination_shape, to, arena, err) < 0 ||
            check_destination(&member, to, err) < 0)
            return -1;
        to->name = arena_strdup(arena, member.key);
        if (!is_plain(to->name) || strcmp(to->name, "routes") == 0)
            return js_fail(&member, err, "expected a name without blanks, and not 'routes'");
        notify->n_destinations++;
    }
    return 0;
}

/* ---- routes ---- */

/* The severities of a key: "all" is all that is bad. */
static int find_severities(const struct js_at *at, size_t *first, size_t *last, struct err *err)
{
    *first = NOTIFY_WARNING;
    *last = NOTIFY_CRITICAL;
    if (strcmp(at->key, "all") == 0)
        return 0;
    for (size_t i = 0; i < NOTIFY_SEVERITIES; i++)
        if (strcmp(at->key, severity_names[i]) == 0) {
            *first = *last = i;
            return 0;
        }
    return js_fail(at, err, "unknown severity; expected ok, warning, error, critical or all");
}

static int decode_route(const struct js_at *at, struct notify *notify, struct err *err)
{
    size_t first, last;
    if (find_severities(at, &first, &last, err) < 0)
        return -1;
    if (js_kind(at) != JS_K_ARRAY)
        return js_fail(at, err, "expected an array of destinations, found %s",
                       js_kind_name(js_kind(at)));
    for (size_t i = 0; i < js_count(at); i++) {
        struct js_at item = js_item(at, i);
        const char *name;
        if (js_get_string(&item, &name, err) < 0)
            return -1;
        size_t found = notify_find(notify, name);
        if (found == notify->n_destinations)
            return js_fail(&item, err, "there is no destination '%.80s'", name);
        for (size_t severity = first; severity <= last; severity++)
            notify->routes[severity * notify->n_destinations + found] = true;
    }
    return 0;
}

/* After the table has decoded the destinations, wherever in the file they are. */
static int decode_routes(const struct js_at *at, struct notify *notify, struct err *err)
{
    void *cursor = NULL;
    struct js_at member;
    if (js_expect_object(at, err) < 0)
        return -1;
    while (js_next(at, &cursor, &member))
        if (decode_route(&member, notify, err) < 0)
            return -1;
    return 0;
}

static void encode_nothing(struct js_writer *writer, const char *key, const void *in)
{
    (void)writer;
    (void)key;
    (void)in;
}

static const struct js_field notify_fields[] = {
    {.key = "schema", .type = JS_CUSTOM, .decode = document_skip, .encode = encode_nothing},
    {.key = "destinations",
     .type = JS_CUSTOM,
     .flags = JS_REQUIRED,
     .decode = decode_destinations,
     .encode = encode_nothing},
    {.key = "routes", .type = JS_CUSTOM, .decode = document_skip, .encode = encode_nothing},
};
static const struct js_shape notify_shape = {.size = sizeof(struct notify), FIELDS(notify_fields)};

/* ---- the document ---- */

int notify_decode(const char *bytes, size_t len, const char *source, struct notify *out,
                  struct err *err)
{
    *out = (struct notify){0};
    struct js_doc *doc;
    if (document_parse(bytes, len, source, &doc, err) < 0)
        return -1;
    struct arena arena = {0}; /* decoding zeroes the document first */
    struct js_at root = js_root(doc), routes;
    int status = document_check_schema(&root, NOTIFY_SCHEMA, err);
    if (status == 0)
        status = js_decode(&root, &notify_shape, out, &arena, err);
    if (status == 0)
        out->routes =
            arena_array(&arena, NOTIFY_SEVERITIES * out->n_destinations, sizeof *out->routes);
    if (status == 0 && js_member(&root, "routes", &routes))
        status = decode_routes(&routes, out, err);
    out->arena = arena;
    if (status < 0)
        notify_release(out);
    js_free(doc);
    return status;
}

int notify_read(const char *path, struct notify *out, struct err *err)
{
    struct buf bytes = {0};
    *out = (struct notify){0};
    int status = fs_read(path, NOTIFY_LIMIT, &bytes, err);
    if (status == 0)
        status = notify_decode(buf_text(&bytes), bytes.len, path, out, err);
    buf_release(&bytes);
    return status;
}

void notify_release(struct notify *notify)
{
    struct arena arena = notify->arena;
    *notify = (struct notify){0};
    arena_release(&arena);
}

size_t notify_find(const struct notify *notify, const char *name)
{
    size_t i = 0;
    while (i < notify->n_destinations && strcmp(notify->destinations[i].name, name) != 0)
        i++;
    return i;
}

bool notify_hears(const struct notify *notify, enum notify_severity severity, size_t destination)
{
    return notify->routes[severity * notify->n_destinations + destination];
}
