#include "model/document.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

static const char *const kinds[] = {"scenario", "report", "policy", "verdict"};

/* The kind in "perfgate.KIND/VERSION" and its length; NULL for other texts. */
static const char *kind_of(const char *schema, size_t *length)
{
    static const char prefix[] = "perfgate.";
    if (strncmp(schema, prefix, sizeof prefix - 1) != 0)
        return NULL;
    const char *kind = schema + sizeof prefix - 1;
    *length = strcspn(kind, "/");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strlen(kinds[i]) == *length && strncmp(kind, kinds[i], *length) == 0)
            return kind;
    return NULL;
}

int document_check_schema(const struct js_at *root, const char *schema, struct err *err)
{
    struct js_at at;
    const char *found;
    if (!js_member(root, "schema", &at))
        return js_fail(root, err, "the key 'schema' is missing; expected \"schema\": \"%s\"",
                       schema);
    if (js_get_string(&at, &found, err) < 0)
        return -1;
    if (strcmp(found, schema) == 0)
        return 0;
    size_t length = 0, wanted_length = 0;
    const char *kind = kind_of(found, &length), *wanted = kind_of(schema, &wanted_length);
    if (!kind)
        return js_fail(&at, err, "expected \"%s\", found \"%.80s\"", schema, found);
    if (length != wanted_length || strncmp(kind, wanted, length) != 0)
        return js_fail(&at, err, "this is a %.*s; expected a %.*s (\"%s\")", (int)length, kind,
                       (int)wanted_length, wanted, schema);
    return js_fail(&at, err,
                   "this tool reads \"%s\", found \"%.80s\"; use the version that wrote it", schema,
                   found);
}

int document_parse(const char *bytes, size_t len, const char *source, struct js_doc **doc,
                   struct err *err)
{
    if (js_parse(bytes, len, source, doc, err) < 0)
        return -1;
    struct js_at root = js_root(*doc);
    if (js_expect_object(&root, err) == 0)
        return 0;
    js_free(*doc);
    *doc = NULL;
    return -1;
}

int document_skip(const struct js_at *at, void *member, struct arena *arena, struct err *err)
{
    (void)at;
    (void)member;
    (void)arena;
    (void)err;
    return 0;
}

int document_decode_utc(const struct js_at *at, void *member, struct arena *arena, struct err *err)
{
    (void)arena;
    const char *text;
    struct err parse = {0};
    if (js_get_string(at, &text, err) < 0)
        return -1;
    if (num_parse_utc(text, "not a time", member, &parse) < 0)
        return js_fail(at, err,
                       "expected a time in UTC such as 2026-11-23T16:11:00Z, found '%.40s'", text);
    return 0;
}

void document_encode_utc(struct js_writer *writer, const char *key, const void *member)
{
    int64_t ns = *(const int64_t *)member;
    if (!ns)
        return;
    struct buf text = {0};
    num_add_utc(&text, ns);
    js_put_string(writer, key, buf_text(&text));
    buf_release(&text);
}
