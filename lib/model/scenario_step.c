#include <string.h>
#include <strings.h>

#include "model/scenario_shape.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

/* ---- the request line ---- */

/* Methods that may be keys, with the path as their value. */
static const char *const short_methods[] = {"GET",    "POST", "PUT",    "PATCH",
                                            "DELETE", "HEAD", "OPTIONS"};

static int decode_method(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    const char *text;
    if (js_get_string(at, &text, err) < 0 ||
        scenario_check_token(at, text, "an HTTP method", err) < 0)
        return -1;
    for (const char *c = text; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            return js_fail(at, err, "expected a method in upper case, found '%.80s'", text);
    if (strcmp(text, "CONNECT") == 0 || strcmp(text, "TRACE") == 0)
        return js_fail(at, err, "expected a method that asks for a resource, found '%s'", text);
    *(const char **)out = arena_strdup(arena, text);
    return 0;
}

/* `out` is the step. */
static int decode_path(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_step *step = out;
    const char *text;
    if (js_get_string(at, &text, err) < 0)
        return -1;
    if (step->path)
        return js_fail(at, err, "the step has a path already; a step is one request");
    if (*text != '/' && strncasecmp(text, "http://", 7) != 0 &&
        strncasecmp(text, "https://", 8) != 0)
        return js_fail(at, err, "expected a path that begins with '/', found '%.80s'", text);
    if (strchr(text, '#') || scenario_has_control(text))
        return js_fail(at, err, "expected a path without '#' and control characters, found '%.80s'",
                       text);
    step->path = arena_strdup(arena, text);
    return 0;
}

static int decode_short(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_step *step = out;
    if (step->method)
        return js_fail(at, err, "the step has a method already; a step is one request");
    for (size_t i = 0; i < sizeof short_methods / sizeof short_methods[0]; i++)
        if (strcasecmp(at->key, short_methods[i]) == 0)
            step->method = short_methods[i];
    return decode_path(at, out, arena, err);
}

/* ---- bodies; `out` is the step ---- */

static int set_body_kind(const struct js_at *at, struct scenario_step *step, enum body_kind kind,
                         struct err *err)
{
    if (step->body_kind != BODY_NONE)
        return js_fail(at, err, "expected one of json, form and body, found two");
    step->body_kind = (int)kind;
    return 0;
}

static int decode_json_body(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_step *step = out;
    struct buf text = {0};
    js_dump(at, &text);
    step->body = arena_strdup(arena, buf_text(&text));
    buf_release(&text);
    return set_body_kind(at, step, BODY_JSON, err);
}

static int decode_form(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_step *step = out;
    if (scenario_decode_pairs(at, &step->form, arena, err) < 0)
        return -1;
    return set_body_kind(at, step, BODY_FORM, err);
}

static int decode_raw_body(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_step *step = out;
    const char *text;
    if (js_get_string(at, &text, err) < 0)
        return -1;
    step->body = arena_strdup(arena, text);
    return set_body_kind(at, step, BODY_RAW, err);
}

/* ---- captures ---- */

static int check_pointer(const struct js_at *at, const char *text, struct err *err)
{
    const char *tilde = text;
    while ((tilde = strchr(tilde, '~')) && (tilde[1] == '0' || tilde[1] == '1'))
        tilde++;
    if ((*text && *text != '/') || tilde)
        return js_fail(at, err, "expected a JSON pointer such as \"/data/0/id\", found '%.80s'",
                       text);
    return 0;
}

/* A capture as it is written: one of the four says where from. */
struct written_capture {
    const char *from[4]; /* by enum capture_from */
    int64_t group;
    bool optional;
};

static void set_first_group(void *out)
{
    ((struct written_capture *)out)->group = 1;
}

static const struct js_field capture_fields[] = {
    {JS_FIELD(written_capture, "header", JS_STRING, from[CAPTURE_HEADER])},
    {JS_FIELD(written_capture, "cookie", JS_STRING, from[CAPTURE_COOKIE])},
    {JS_FIELD(written_capture, "json", JS_STRING, from[CAPTURE_JSON])},
    {JS_FIELD(written_capture, "regex", JS_STRING, from[CAPTURE_REGEX])},
    {JS_FIELD(written_capture, "group", JS_INT, group), .high = 9},
    {JS_FIELD(written_capture, "optional", JS_BOOL, optional)},
};
static const struct js_shape capture_shape = {
    .size = sizeof(struct written_capture), FIELDS(capture_fields), .defaults = set_first_group};

static int check_expression(const struct js_at *at, const struct scenario_capture *capture,
                            struct err *err)
{
    switch (capture->from) {
    case CAPTURE_HEADER:
    case CAPTURE_COOKIE:
        return scenario_check_token(at, capture->expression, "the name of a header or cookie", err);
    case CAPTURE_JSON:
        return check_pointer(at, capture->expression, err);
    default:
        if (!*capture->expression)
            return js_fail(at, err, "expected a regular expression, found ''");
        return 0;
    }
}

static int decode_capture(const struct js_at *at, struct scenario_capture *capture,
                          struct arena *arena, struct err *err)
{
    struct written_capture written;
    int sources = 0;
    if (scenario_check_variable(at, at->key, err) < 0 ||
        js_decode(at, &capture_shape, &written, arena, err) < 0)
        return -1;
    *capture = (struct scenario_capture){.variable = arena_strdup(arena, at->key),
                                         .group = written.group,
                                         .optional = written.optional};
    for (int i = 0; i < 4; i++) {
        if (!written.from[i])
            continue;
        capture->from = i;
        capture->expression = written.from[i];
        sources++;
    }
    if (sources != 1)
        return js_fail(at, err, "expected exactly one of header, cookie, json and regex, found %d",
                       sources);
    return check_expression(at, capture, err);
}

/* `out` is the step, here and below. */
static int decode_captures(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_step *step = out;
    void *cursor = NULL;
    struct js_at member;
    if (js_expect_object(at, err) < 0)
        return -1;
    step->captures = arena_array(arena, js_count(at), sizeof *step->captures);
    while (js_next(at, &cursor, &member))
        if (decode_capture(&member, &step->captures[step->n_captures++], arena, err) < 0)
            return -1;
    return 0;
}

/* ---- expectations ---- */

/* A step's expectations while they are read. */
struct expects {
    size_t n, capacity;
    struct scenario_expect *items;
};

static struct scenario_expect *add_expect(struct expects *expects, enum expect_kind kind,
                                          struct arena *arena)
{
    if (expects->n == expects->capacity) {
        size_t capacity = expects->capacity ? 2 * expects->capacity : 4;
        struct scenario_expect *items = arena_array(arena, capacity, sizeof *items);
        if (expects->n)
            memcpy(items, expects->items, expects->n * sizeof *items);
        expects->items = items;
        expects->capacity = capacity;
    }
    struct scenario_expect *expect = &expects->items[expects->n++];
    expect->kind = (int)kind;
    return expect;
}

/* 200 or "2xx" */
static int decode_status(const struct js_at *at, struct expects *expects, struct arena *arena,
                         struct err *err)
{
    const char *text;
    struct scenario_expect *expect = add_expect(expects, EXPECT_STATUS, arena);
    if (js_kind(at) == JS_K_NUMBER) {
        if (js_get_int(at, 100, 599, &expect->status_low, err) < 0)
            return -1;
        expect->status_high = expect->status_low;
        return 0;
    }
    if (js_get_string(at, &text, err) < 0)
        return -1;
    if (*text < '1' || *text > '5' || strcmp(text + 1, "xx") != 0)
        return js_fail(at, err, "expected a status such as 200 or \"2xx\", found '%.40s'", text);
    expect->status_low = (*text - '0') * 100;
    expect->status_high = expect->status_low + 99;
    return 0;
}

static int decode_contains(const struct js_at *at, struct expects *expects, struct arena *arena,
                           struct err *err)
{
    const char *text;
    if (js_get_string(at, &text, err) < 0)
        return -1;
    if (!*text)
        return js_fail(at, err, "expected a text to look for, found ''");
    add_expect(expects, EXPECT_BODY_CONTAINS, arena)->value = arena_strdup(arena, text);
    return 0;
}

/* One value, or an array of at least one. */
static int decode_one_or_more(const struct js_at *at, void *out, struct arena *arena,
                              struct err *err,
                              int (*decode)(const struct js_at *, struct expects *, struct arena *,
                                            struct err *))
{
    if (js_kind(at) != JS_K_ARRAY)
        return decode(at, out, arena, err);
    if (!js_count(at))
        return js_fail(at, err, "expected at least one element");
    for (size_t i = 0; i < js_count(at); i++) {
        struct js_at item = js_item(at, i);
        if (decode(&item, out, arena, err) < 0)
            return -1;
    }
    return 0;
}

static int decode_statuses(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    return decode_one_or_more(at, out, arena, err, decode_status);
}

static int decode_bodies(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    return decode_one_or_more(at, out, arena, err, decode_contains);
}

static int decode_header_expects(const struct js_at *at, void *out, struct arena *arena,
                                 struct err *err)
{
    struct scenario_pairs pairs = {0};
    if (scenario_decode_pairs(at, &pairs, arena, err) < 0)
        return -1;
    for (size_t i = 0; i < pairs.n; i++) {
        struct scenario_expect *expect = add_expect(out, EXPECT_HEADER, arena);
        expect->name = pairs.items[i].name;
        expect->value = pairs.items[i].value;
        if (scenario_check_token(at, expect->name, "the name of a header field", err) < 0)
            return -1;
    }
    return 0;
}

static int decode_json_expects(const struct js_at *at, void *out, struct arena *arena,
                               struct err *err)
{
    void *cursor = NULL;
    struct js_at member;
    if (js_expect_object(at, err) < 0)
        return -1;
    while (js_next(at, &cursor, &member)) {
        if (check_pointer(&member, member.key, err) < 0)
            return -1;
        struct buf text = {0};
        js_dump(&member, &text);
        struct scenario_expect *expect = add_expect(out, EXPECT_JSON, arena);
        expect->name = arena_strdup(arena, member.key);
        expect->value = arena_strdup(arena, buf_text(&text));
        buf_release(&text);
    }
    return 0;
}

static int decode_max_duration(const struct js_at *at, void *out, struct arena *arena,
                               struct err *err)
{
    struct scenario_expect *expect = add_expect(out, EXPECT_MAX_DURATION, arena);
    if (scenario_decode_duration(at, &expect->max_ns, arena, err) < 0)
        return -1;
    return expect->max_ns ? 0 : js_fail(at, err, "expected a duration above 0");
}

static const struct js_field expect_fields[] = {
    {.key = "status", .type = JS_CUSTOM, .decode = decode_statuses},
    {.key = "header", .type = JS_CUSTOM, .decode = decode_header_expects},
    {.key = "body_contains", .type = JS_CUSTOM, .decode = decode_bodies},
    {.key = "json", .type = JS_CUSTOM, .decode = decode_json_expects},
    {.key = "max_duration", .type = JS_CUSTOM, .decode = decode_max_duration},
};
static const struct js_shape expect_shape = {.size = sizeof(struct expects), FIELDS(expect_fields)};

static int decode_expects(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_step *step = out;
    struct expects expects;
    if (js_decode(at, &expect_shape, &expects, arena, err) < 0)
        return -1;
    step->n_expects = expects.n;
    step->expects = expects.items;
    return 0;
}

/* ---- the step ---- */

static int decode_redirects(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    (void)arena;
    bool follow;
    if (js_get_bool(at, &follow, err) < 0)
        return -1;
    *(int *)out = follow;
    return 0;
}

static void set_defaults(void *out)
{
    ((struct scenario_step *)out)->follow_redirects = -1;
}

#define SHORT(k) .key = (k), .type = JS_CUSTOM, .decode = decode_short

static const struct js_field step_fields[] = {
    {JS_FIELD(scenario_step, "name", JS_CUSTOM, name), .decode = scenario_decode_name},
    {JS_FIELD(scenario_step, "method", JS_CUSTOM, method), .decode = decode_method},
    {.key = "path", .type = JS_CUSTOM, .decode = decode_path},
    {SHORT("get")},
    {SHORT("post")},
    {SHORT("put")},
    {SHORT("patch")},
    {SHORT("delete")},
    {SHORT("head")},
    {SHORT("options")},
    {JS_FIELD(scenario_step, "query", JS_CUSTOM, query), .decode = scenario_decode_pairs},
    {JS_FIELD(scenario_step, "headers", JS_CUSTOM, headers), .decode = scenario_decode_headers},
    {JS_FIELD(scenario_step, "auth", JS_CUSTOM, auth), .decode = scenario_decode_auth},
    {.key = "json", .type = JS_CUSTOM, .decode = decode_json_body},
    {.key = "form", .type = JS_CUSTOM, .decode = decode_form},
    {.key = "body", .type = JS_CUSTOM, .decode = decode_raw_body},
    {.key = "capture", .type = JS_CUSTOM, .decode = decode_captures},
    {.key = "expect", .type = JS_CUSTOM, .decode = decode_expects},
    {JS_FIELD(scenario_step, "tags", JS_CUSTOM, tags), .decode = scenario_decode_tags},
    {JS_FIELD(scenario_step, "redirects", JS_CUSTOM, follow_redirects), .decode = decode_redirects},
};
const struct js_shape scenario_step_shape = {
    .size = sizeof(struct scenario_step), FIELDS(step_fields), .defaults = set_defaults};

int scenario_settle_step(const struct js_at *at, struct scenario_step *step, struct err *err)
{
    if (!step->path)
        return js_fail(at, err, "expected a path, as in \"get\": \"/forum\"");
    if (!step->method)
        step->method = "GET";
    if (!step->name)
        step->name = step->path;
    return 0;
}
