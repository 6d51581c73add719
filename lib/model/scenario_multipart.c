/* The parts of a multipart body. */
#include <string.h>

#include "model/scenario_shape.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]
#define MOST_PARTS    64

static const struct js_field part_fields[] = {
    {JS_FIELD(scenario_part, "name", JS_STRING, name), JS_REQUIRED},
    {JS_FIELD(scenario_part, "value", JS_STRING, value)},
    {JS_FIELD(scenario_part, "file", JS_CUSTOM, file), .decode = scenario_decode_file},
    {JS_FIELD(scenario_part, "filename", JS_STRING, filename)},
    {JS_FIELD(scenario_part, "type", JS_STRING, type)},
};
static const struct js_shape part_shape = {.size = sizeof(struct scenario_part),
                                           FIELDS(part_fields)};

/* They stand in header lines of the part. */
static int check_line(const struct js_at *at, const char *key, const char *text, struct err *err)
{
    struct js_at member;
    if (!text || (*text && !scenario_has_control(text)))
        return 0;
    if (!js_member(at, key, &member))
        member = *at;
    return js_fail(&member, err, "expected a text without control characters, found '%.80s'", text);
}

static int settle_part(const struct js_at *at, struct scenario_part *part, struct err *err)
{
    if (!part->value == !part->file.path)
        return js_fail(at, err, "expected either a value or a file");
    if (part->filename && part->value)
        return js_fail(at, err, "expected no filename beside a value; it goes with a file");
    if (part->file.path && !part->filename) {
        const char *slash = strrchr(part->file.path, '/');
        part->filename = slash ? slash + 1 : part->file.path;
    }
    if (part->file.path && !part->type)
        part->type = "application/octet-stream";
    return check_line(at, "name", part->name, err) < 0 ||
                   check_line(at, "filename", part->filename, err) < 0 ||
                   check_line(at, "type", part->type, err) < 0
               ? -1
               : 0;
}

int scenario_decode_parts(const struct js_at *at, struct scenario_step *step, struct arena *arena,
                          struct err *err)
{
    size_t n = js_count(at);
    if (js_kind(at) != JS_K_ARRAY || !n || n > MOST_PARTS)
        return js_fail(at, err, "expected an array of 1 to %d parts", MOST_PARTS);
    step->parts = arena_array(arena, n, sizeof *step->parts);
    for (size_t i = 0; i < n; i++) {
        struct js_at item = js_item(at, i);
        if (js_decode(&item, &part_shape, &step->parts[i], arena, err) < 0 ||
            settle_part(&item, &step->parts[i], err) < 0)
            return -1;
    }
    step->n_parts = n;
    return 0;
}
