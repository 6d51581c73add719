#include "model/tags_field.h"

#include "model/tags.h"

int tags_field_check(const struct js_at *at, const char *text, struct err *err)
{
    if (tag_is_valid(text))
        return 0;
    return js_fail(at, err,
                   "expected a tag of 1 to 64 letters, digits, '.', '_' and '-', found '%.80s'",
                   text);
}

int tags_field_decode(const struct js_at *at, void *member, struct arena *arena, struct err *err)
{
    struct tags *tags = member;
    if (js_kind(at) != JS_K_ARRAY)
        return js_fail(at, err, "expected an array of tags, found %s", js_kind_name(js_kind(at)));
    *tags = (struct tags){.names = arena_array(arena, js_count(at), sizeof *tags->names)};
    for (size_t i = 0; i < js_count(at); i++) {
        struct js_at item = js_item(at, i);
        const char *text;
        if (js_get_string(&item, &text, err) < 0 || tags_field_check(&item, text, err) < 0)
            return -1;
        tags->names[tags->n++] = arena_strdup(arena, text);
    }
    const char *twice = tags_sort(tags);
    return twice ? js_fail(at, err, "'%s' is there twice; keep one", twice) : 0;
}

void tags_field_encode(struct js_writer *writer, const char *key, const void *member)
{
    const struct tags *tags = member;
    if (key && !tags->n)
        return;
    js_open(writer, key, '[');
    writer->one_line++;
    for (size_t i = 0; i < tags->n; i++)
        js_put_string(writer, NULL, tags->names[i]);
    js_close(writer, ']');
    writer->one_line--;
}
