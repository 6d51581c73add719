#include "model/anchor.h"

#include <stdbool.h>
#include <string.h>

#include "model/document.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

static void encode_schema(struct js_writer *writer, const char *key, const void *in)
{
    (void)in;
    js_put_string(writer, key, ANCHOR_SCHEMA);
}

static const struct js_field anchor_fields[] = {
    {.key = "schema", .type = JS_CUSTOM, .decode = document_skip, .encode = encode_schema},
    {JS_FIELD(anchor, "run", JS_STRING, run), JS_REQUIRED},
    {JS_FIELD(anchor, "label", JS_STRING, label)},
    {JS_FIELD(anchor, "by", JS_STRING, by), JS_REQUIRED},
    {JS_FIELD(anchor, "anchored_at", JS_CUSTOM, anchored_ns), JS_REQUIRED,
     .decode = document_decode_utc, .encode = document_encode_utc},
};
static const struct js_shape anchor_shape = {.size = sizeof(struct anchor), FIELDS(anchor_fields)};

/* "X.json" beside the anchor: no way to another directory, and no mark. */
static bool is_run_name(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot && dot != name && strcmp(dot, ".json") == 0 &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
               (size_t)(dot - name);
}

/* Fails at the key of the document. */
static int fail_at(const struct js_at *root, const char *key, const char *message, struct err *err)
{
    struct js_at at = *root;
    js_member(root, key, &at);
    return js_fail(&at, err, "%s", message);
}

static int check(const struct js_at *root, const struct anchor *anchor, struct err *err)
{
    if (!is_run_name(anchor->run))
        return fail_at(root, "run",
                       "expected the name of a run's file beside the anchor, such as "
                       "20261123T161100Z-0123456789ab-0123456789ab.json",
                       err);
    if (anchor->label && !anchor->label[strspn(anchor->label, " \t\r\n")])
        return fail_at(root, "label", "expected a text, found nothing; leave the key out", err);
    if (!anchor->by[strspn(anchor->by, " \t\r\n")])
        return fail_at(root, "by", "expected who set the anchor, as 'Name <mail>', found nothing",
                       err);
    if (!anchor->anchored_ns)
        return fail_at(root, "anchored_at", "expected a time after 1970-01-01T00:00:00Z", err);
    return 0;
}

int anchor_decode(const char *bytes, size_t len, const char *source, struct anchor *out,
                  struct err *err)
{
    *out = (struct anchor){0};
    if (len > ANCHOR_LIMIT)
        return err_set(err, ERR_INPUT, "'%s': larger than %zu KiB, which no anchor is", source,
                       ANCHOR_LIMIT >> 10);
    struct js_doc *doc;
    if (document_parse(bytes, len, source, &doc, err) < 0)
        return -1;
    struct arena arena = {0}; /* decoding zeroes the anchor first */
    struct js_at root = js_root(doc);
    int status = document_check_schema(&root, ANCHOR_SCHEMA, err);
    if (status == 0)
        status = js_decode(&root, &anchor_shape, out, &arena, err);
    if (status == 0)
        status = check(&root, out, err);
    out->arena = arena;
    if (status < 0)
        anchor_release(out);
    js_free(doc);
    return status;
}

void anchor_encode(const struct anchor *anchor, struct buf *out)
{
    struct js_writer writer = {.out = out};
    js_encode(&writer, NULL, &anchor_shape, anchor);
}

void anchor_release(struct anchor *anchor)
{
    struct arena arena = anchor->arena;
    *anchor = (struct anchor){0};
    arena_release(&arena);
}
