#include "model/acceptance.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "model/document.h"
#include "model/metric_field.h"

#define DAY_NS        (86400 * NS_PER_S)
#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

/* ---- the table ---- */

static void encode_schema(struct js_writer *writer, const char *key, const void *in)
{
    (void)in;
    js_put_string(writer, key, ACCEPTANCE_SCHEMA);
}

static int decode_metric(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct acceptance *acceptance = out;
    return metric_named_decode(at, &acceptance->metric, &acceptance->name, arena, err);
}

static void encode_metric(struct js_writer *writer, const char *key, const void *in)
{
    const struct acceptance *acceptance = in;
    js_put_string(writer, key, metric_key((enum metric)acceptance->metric, acceptance->name));
}

static int decode_better(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    (void)arena;
    struct acceptance *acceptance = out;
    return metric_better_decode(at, &acceptance->metric, acceptance->name, err);
}

static void encode_better(struct js_writer *writer, const char *key, const void *in)
{
    const struct acceptance *acceptance = in;
    metric_better_encode(writer, key, acceptance->metric, acceptance->name);
}

static const struct js_field acceptance_fields[] = {
    {.key = "schema", .type = JS_CUSTOM, .decode = document_skip, .encode = encode_schema},
    {.key = "metric",
     .type = JS_CUSTOM,
     .flags = JS_REQUIRED,
     .decode = decode_metric,
     .encode = encode_metric},
    {.key = "better", .type = JS_CUSTOM, .decode = decode_better, .encode = encode_better},
    {JS_FIELD(acceptance, "scope", JS_STRING, scope), JS_REQUIRED},
    {JS_FIELD(acceptance, "value", JS_NUMBER, value), JS_REQUIRED},
    {JS_FIELD(acceptance, "reason", JS_STRING, reason), JS_REQUIRED},
    {JS_FIELD(acceptance, "by", JS_STRING, by), JS_REQUIRED},
    {JS_FIELD(acceptance, "accepted_at", JS_CUSTOM, accepted_ns), JS_REQUIRED,
     .decode = document_decode_utc, .encode = document_encode_utc},
    {JS_FIELD(acceptance, "commit", JS_STRING, commit)},
    {JS_FIELD(acceptance, "until", JS_STRING, until)},
};
static const struct js_shape acceptance_shape = {.size = sizeof(struct acceptance),
                                                 FIELDS(acceptance_fields)};

/* ---- what a table cannot say ---- */

static bool is_blank(const char *text)
{
    return !text[strspn(text, " \t\r\n")];
}

/* Fails at the key of the document, or where it is not there at the document. */
static int fail_at(const struct js_at *root, const char *key, const char *message, struct err *err)
{
    struct js_at at = *root;
    js_member(root, key, &at);
    return js_fail(&at, err, "%s", message);
}

static int check(const struct js_at *root, const struct acceptance *acceptance, struct err *err)
{
    const char *space = strchr(acceptance->scope, ' ');
    int64_t end;
    if (strcmp(acceptance->scope, "overall") != 0 &&
        (!space || space == acceptance->scope || !space[1]))
        return fail_at(root, "scope",
                       "expected overall, or an endpoint with its method such as 'GET /forum'",
                       err);
    if (acceptance->name && strcmp(acceptance->scope, "overall") != 0)
        return fail_at(root, "scope", "expected overall, of which a named metric is", err);
    if (metric_info((enum metric)acceptance->metric)->unit == UNIT_RATIO && acceptance->value > 1)
        return fail_at(root, "value", "expected a ratio from 0 to 1", err);
    if (is_blank(acceptance->reason))
        return fail_at(root, "reason", "expected why the regression is accepted, found nothing",
                       err);
    if (is_blank(acceptance->by))
        return fail_at(root, "by", "expected who accepted it, as 'Name <mail>', found nothing",
                       err);
    if (!acceptance->accepted_ns)
        return fail_at(root, "accepted_at", "expected a time after 1970-01-01T00:00:00Z", err);
    if (acceptance->commit && is_blank(acceptance->commit))
        return fail_at(root, "commit", "expected a commit, found nothing; leave the key out", err);
    if (acceptance->until && acceptance_end_of(acceptance->until, &end, NULL) < 0)
        return fail_at(root, "until", "expected a day that exists, such as 2026-12-31", err);
    return 0;
}

/* ---- the document ---- */

int acceptance_decode(const char *bytes, size_t len, const char *source, struct acceptance *out,
                      struct err *err)
{
    *out = (struct acceptance){0};
    if (len > ACCEPTANCE_LIMIT)
        return err_set(err, ERR_INPUT, "'%s': larger than %zu KiB, which no acceptance is", source,
                       ACCEPTANCE_LIMIT >> 10);
    struct js_doc *doc;
    if (document_parse(bytes, len, source, &doc, err) < 0)
        return -1;
    struct arena arena = {0}; /* decoding zeroes the acceptance first */
    struct js_at root = js_root(doc);
    int status = document_check_schema(&root, ACCEPTANCE_SCHEMA, err);
    if (status == 0)
        status = js_decode(&root, &acceptance_shape, out, &arena, err);
    if (status == 0)
        status = check(&root, out, err);
    out->arena = arena;
    if (status < 0)
        acceptance_release(out);
    js_free(doc);
    return status;
}

void acceptance_encode(const struct acceptance *acceptance, struct buf *out)
{
    struct js_writer writer = {.out = out};
    js_encode(&writer, NULL, &acceptance_shape, acceptance);
}

void acceptance_release(struct acceptance *acceptance)
{
    struct arena arena = acceptance->arena;
    *acceptance = (struct acceptance){0};
    arena_release(&arena);
}

/* ---- use ---- */

int acceptance_end_of(const char *until, int64_t *end_ns, struct err *err)
{
    char start[sizeof "2026-12-31T00:00:00Z"];
    int length = snprintf(start, sizeof start, "%.10sT00:00:00Z", until);
    int64_t ns;
    if (strlen(until) != 10 || length + 1 != (int)sizeof start ||
        num_parse_utc(start, "until", &ns, NULL) < 0)
        return err_set(err, ERR_USAGE, "'%.40s': expected a day that exists, such as 2026-12-31",
                       until);
    *end_ns = ns > INT64_MAX - DAY_NS ? INT64_MAX : ns + DAY_NS;
    return 0;
}

bool acceptance_is_current(const struct acceptance *acceptance, int64_t now_ns)
{
    int64_t end;
    if (!acceptance->until)
        return true;
    return acceptance_end_of(acceptance->until, &end, NULL) == 0 && now_ns < end;
}

bool acceptance_is_for(const struct acceptance *acceptance, enum metric metric, const char *method,
                       const char *endpoint)
{
    const char *scope = acceptance->scope;
    if (acceptance->metric != (int)metric || acceptance->name)
        return false;
    if (!endpoint)
        return strcmp(scope, "overall") == 0;
    size_t length = method ? strlen(method) : 0;
    return length && strncmp(scope, method, length) == 0 && scope[length] == ' ' &&
           strcmp(scope + length + 1, endpoint) == 0;
}

bool acceptance_is_of(const struct acceptance *acceptance, enum metric metric, const char *name)
{
    return acceptance->metric == (int)metric && acceptance->name &&
           strcmp(acceptance->name, name) == 0;
}
