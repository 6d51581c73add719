#include "base/json.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define MS_MAX 9e9 /* 9 * 10^15 ns, 104 days: exact in a double */

/* The member of `field` in the struct at `base`; for reading, and for writing what decode owns. */
static void *member_of(void *base, size_t offset)
{
    return (char *)base + offset;
}

static const void *member_in(const void *base, size_t offset)
{
    return (const char *)base + offset;
}

static const char *string_in(const void *member)
{
    const char *text;
    memcpy(&text, member, sizeof text);
    return text;
}

static size_t count_in(const void *base, const struct js_field *field)
{
    size_t count;
    memcpy(&count, member_in(base, field->count_offset), sizeof count);
    return count;
}

static double low_of(const struct js_field *field)
{
    return field->low;
}

static double high_of(const struct js_field *field)
{
    return field->low == 0 && field->high == 0 ? DBL_MAX : field->high;
}

static int64_t int_high_of(const struct js_field *field)
{
    double high = high_of(field);
    return high >= 0x1p62 ? INT64_MAX / 2 : (int64_t)high;
}

/* ---- decoding ---- */

static int decode_string(const struct js_at *at, void *member, struct arena *arena, struct err *err)
{
    const char *text;
    if (js_get_string(at, &text, err) < 0)
        return -1;
    char *copy = arena_strdup(arena, text);
    memcpy(member, &copy, sizeof copy);
    return 0;
}

static int decode_ms(const struct js_at *at, const struct js_field *field, int64_t *out,
                     struct err *err)
{
    double ms, high = high_of(field);
    if (js_get_number(at, low_of(field), high < MS_MAX ? high : MS_MAX, &ms, err) < 0)
        return -1;
    *out = llround(ms * 1e6);
    return 0;
}

static int decode_enum(const struct js_at *at, const struct js_field *field, int *out,
                       struct err *err)
{
    const char *text;
    if (js_get_string(at, &text, err) < 0)
        return -1;
    for (*out = 0; field->names[*out]; ++*out)
        if (strcmp(field->names[*out], text) == 0)
            return 0;
    struct buf known = {0};
    for (size_t i = 0; field->names[i]; i++)
        buf_addf(&known, "%s%s", i ? ", " : "", field->names[i]);
    js_fail(at, err, "expected one of %s, found '%.80s'", buf_text(&known), text);
    buf_release(&known);
    return -1;
}

/* One element of an array type. */
static int decode_element(const struct js_at *at, const struct js_field *field, void *out,
                          struct arena *arena, struct err *err)
{
    switch (field->type) {
    case JS_OBJECTS:
        return js_decode(at, field->shape, out, arena, err);
    case JS_STRINGS:
        return decode_string(at, out, arena, err);
    case JS_INTS:
        return js_get_int(at, (int64_t)low_of(field), int_high_of(field), out, err);
    default:
        if (js_kind(at) == JS_K_NULL) {
            *(double *)out = (double)NAN;
            return 0;
        }
        return js_get_number(at, low_of(field), high_of(field), out, err);
    }
}

static size_t element_size(const struct js_field *field)
{
    switch (field->type) {
    case JS_OBJECTS:
        return field->shape->size;
    case JS_STRINGS:
        return sizeof(char *);
    default:
        return sizeof(int64_t); /* and double */
    }
}

static int decode_array(const struct js_at *at, const struct js_field *field, void *out,
                        struct arena *arena, struct err *err)
{
    if (js_kind(at) != JS_K_ARRAY)
        return js_fail(at, err, "expected an array, found %s", js_kind_name(js_kind(at)));
    size_t count = js_count(at), size = element_size(field), before = count_in(out, field);
    if ((field->flags & JS_SAME_COUNT) && count != before)
        return js_fail(at, err, "expected %zu elements, as in the column before, found %zu", before,
                       count);
    char *elements = arena_array(arena, count, size);
    for (size_t i = 0; i < count; i++) {
        struct js_at item = js_item(at, i);
        if (decode_element(&item, field, elements + i * size, arena, err) < 0)
            return -1;
    }
    memcpy(member_of(out, field->offset), &elements, sizeof elements);
    memcpy(member_of(out, field->count_offset), &count, sizeof count);
    return 0;
}

static int decode_pointer(const struct js_at *at, const struct js_field *field, void *member,
                          struct arena *arena, struct err *err)
{
    void *object = arena_array(arena, 1, field->shape->size);
    memcpy(member, &object, sizeof object);
    return js_decode(at, field->shape, object, arena, err);
}

static int decode_members(const struct js_at *at, const struct js_shape *shape, void *out,
                          struct arena *arena, struct err *err);

static int decode_field(const struct js_at *at, const struct js_field *field, void *out,
                        struct arena *arena, struct err *err)
{
    void *member = member_of(out, field->offset);
    switch (field->type) {
    case JS_STRING:
        return decode_string(at, member, arena, err);
    case JS_BOOL:
        return js_get_bool(at, member, err);
    case JS_INT:
        return js_get_int(at, (int64_t)low_of(field), int_high_of(field), member, err);
    case JS_NUMBER:
        return js_get_number(at, low_of(field), high_of(field), member, err);
    case JS_MS:
        return decode_ms(at, field, member, err);
    case JS_ENUM:
        return decode_enum(at, field, member, err);
    case JS_OBJECT: /* js_decode() of the whole has set what is absent */
        return decode_members(at, field->shape, member, arena, err);
    case JS_POINTER:
        return decode_pointer(at, field, member, arena, err);
    case JS_CUSTOM:
        return field->decode(at, member, arena, err);
    default:
        return decode_array(at, field, out, arena, err);
    }
}

static bool knows(const struct js_shape *shape, const char *key)
{
    for (size_t i = 0; i < shape->n_fields; i++) {
        const struct js_field *field = &shape->fields[i];
        if (field->type == JS_INLINE ? knows(field->shape, key) : strcmp(field->key, key) == 0)
            return true;
    }
    return false;
}

static int refuse_unknown(const struct js_at *at, const struct js_shape *shape, struct err *err)
{
    void *cursor = NULL;
    struct js_at member;
    while (js_next(at, &cursor, &member))
        if (!knows(shape, member.key))
            return js_fail(&member, err, "unknown key; remove it or mend its spelling");
    return 0;
}

/* Absent numbers are NAN, so that 0 is never mistaken for a measurement. */
static void set_absent(const struct js_shape *shape, void *out)
{
    memset(out, 0, shape->size);
    for (size_t i = 0; i < shape->n_fields; i++)
        if (shape->fields[i].type == JS_OBJECT || shape->fields[i].type == JS_INLINE)
            set_absent(shape->fields[i].shape, member_of(out, shape->fields[i].offset));
    for (size_t i = 0; i < shape->n_fields; i++)
        if (shape->fields[i].type == JS_NUMBER)
            *(double *)member_of(out, shape->fields[i].offset) = (double)NAN;
    if (shape->defaults)
        shape->defaults(out);
}

/* A key that is not there. */
static int accept_absent(const struct js_at *at, const struct js_field *field, const void *out,
                         struct err *err)
{
    bool column = (field->flags & JS_SAME_COUNT) && count_in(out, field);
    if (column || (field->flags & JS_REQUIRED))
        return js_fail(at, err, "the key '%s' is missing", field->key);
    return 0;
}

static int decode_fields(const struct js_at *at, const struct js_shape *shape, void *out,
                         struct arena *arena, struct err *err)
{
    for (size_t i = 0; i < shape->n_fields; i++) {
        const struct js_field *field = &shape->fields[i];
        struct js_at member;
        int status;
        if (field->type == JS_INLINE)
            status = decode_fields(at, field->shape, member_of(out, field->offset), arena, err);
        else if (js_member(at, field->key, &member))
            status = decode_field(&member, field, out, arena, err);
        else
            status = accept_absent(at, field, out, err);
        if (status < 0)
            return -1;
    }
    return 0;
}

static int decode_members(const struct js_at *at, const struct js_shape *shape, void *out,
                          struct arena *arena, struct err *err)
{
    if (js_expect_object(at, err) < 0)
        return -1;
    if (!shape->skip_unknown && refuse_unknown(at, shape, err) < 0)
        return -1;
    return decode_fields(at, shape, out, arena, err);
}

int js_decode(const struct js_at *at, const struct js_shape *shape, void *out, struct arena *arena,
              struct err *err)
{
    set_absent(shape, out);
    return decode_members(at, shape, out, arena, err);
}

/* ---- encoding ---- */

static void encode_element(struct js_writer *writer, const struct js_field *field, const void *in)
{
    switch (field->type) {
    case JS_OBJECTS:
        js_encode(writer, NULL, field->shape, in);
        break;
    case JS_STRINGS:
        js_put_string(writer, NULL, string_in(in));
        break;
    case JS_INTS:
        js_put_int(writer, NULL, *(const int64_t *)in);
        break;
    default:
        js_put_number(writer, NULL, *(const double *)in);
    }
}

static void encode_array(struct js_writer *writer, const struct js_field *field, const void *in)
{
    const char *elements;
    size_t count = count_in(in, field);
    memcpy(&elements, member_in(in, field->offset), sizeof elements);
    if (!count && (field->flags & JS_OMIT_ZERO))
        return;
    js_open(writer, field->key, '[');
    bool scalars = field->type != JS_OBJECTS;
    writer->one_line += scalars;
    writer->tight = field->flags & JS_TIGHT;
    for (size_t i = 0; i < count; i++)
        encode_element(writer, field, elements + i * element_size(field));
    writer->tight = false;
    js_close(writer, ']');
    writer->one_line -= scalars;
}

static void encode_int(struct js_writer *writer, const struct js_field *field, int64_t value)
{
    if (!value && (field->flags & JS_OMIT_ZERO))
        return;
    if (field->type == JS_MS)
        js_put_ms(writer, field->key, value);
    else if (field->type == JS_ENUM)
        js_put_string(writer, field->key, field->names[value]);
    else
        js_put_int(writer, field->key, value);
}

static void encode_pointer(struct js_writer *writer, const struct js_field *field, const void *in)
{
    const void *object;
    memcpy(&object, in, sizeof object);
    if (object)
        js_encode(writer, field->key, field->shape, object);
}

static void encode_scalar(struct js_writer *writer, const struct js_field *field, const void *in)
{
    if (field->type == JS_STRING && string_in(in))
        js_put_string(writer, field->key, string_in(in));
    else if (field->type == JS_BOOL && (*(const bool *)in || (field->flags & JS_REQUIRED)))
        js_put_bool(writer, field->key, *(const bool *)in);
    else if (field->type == JS_NUMBER && isfinite(*(const double *)in))
        js_put_number(writer, field->key, *(const double *)in);
}

/* Written, and taken back where it is empty and may be left out. */
static void encode_object(struct js_writer *writer, const struct js_field *field, const void *in)
{
    struct js_writer before = *writer;
    size_t start = writer->out->len;
    js_encode(writer, field->key, field->shape, in);
    const char *end = writer->out->data + writer->out->len;
    if (!(field->flags & JS_OMIT_ZERO) || memcmp(end - 2, "{}", 2) != 0)
        return;
    *writer = before;
    writer->out->len = start;
    writer->out->data[start] = 0;
}

static void encode_fields(struct js_writer *writer, const struct js_shape *shape, const void *in);

static void encode_field(struct js_writer *writer, const struct js_field *field, const void *in)
{
    const void *member = member_in(in, field->offset);
    switch (field->type) {
    case JS_STRING:
    case JS_BOOL:
    case JS_NUMBER:
        encode_scalar(writer, field, member);
        break;
    case JS_INT:
    case JS_MS:
        encode_int(writer, field, *(const int64_t *)member);
        break;
    case JS_ENUM:
        encode_int(writer, field, *(const int *)member);
        break;
    case JS_OBJECT:
        encode_object(writer, field, member);
        break;
    case JS_INLINE:
        encode_fields(writer, field->shape, member);
        break;
    case JS_POINTER:
        encode_pointer(writer, field, member);
        break;
    case JS_CUSTOM:
        field->encode(writer, field->key, member);
        break;
    default:
        encode_array(writer, field, in);
    }
}

static void encode_fields(struct js_writer *writer, const struct js_shape *shape, const void *in)
{
    for (size_t i = 0; i < shape->n_fields; i++)
        encode_field(writer, &shape->fields[i], in);
}

void js_encode(struct js_writer *writer, const char *key, const struct js_shape *shape,
               const void *in)
{
    js_open(writer, key, '{');
    writer->one_line += shape->one_line;
    encode_fields(writer, shape, in);
    js_close(writer, '}');
    writer->one_line -= shape->one_line;
}
