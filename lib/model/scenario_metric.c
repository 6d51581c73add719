#include <string.h>

#include "base/exposition.h"
#include "base/json_pointer.h"
#include "model/metric.h"
#include "model/report_resources.h"
#include "model/scenario_shape.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

#define OF_LIMIT   16
#define NAME_LIMIT 64

struct written_metric {
    const char *places[PLACE_KINDS];
    const char *each;
    bool counter;
    size_t n_of;
    const char **of;
    double scale;
    int unit; /* -1 = not given */
};

static int decode_each(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    bool all = false;
    if (js_kind(at) != JS_K_BOOL)
        return scenario_decode_name(at, out, arena, err);
    if (js_get_bool(at, &all, err) < 0)
        return -1;
    *(const char **)out = all ? "" : NULL;
    return 0;
}

static void set_metric_defaults(void *out)
{
    *(struct written_metric *)out = (struct written_metric){.scale = 1, .unit = -1};
}

static const struct js_field metric_fields[] = {
    {JS_FIELD(written_metric, "pointer", JS_STRING, places[PLACE_POINTER])},
    {JS_FIELD(written_metric, "sample", JS_STRING, places[PLACE_SAMPLE])},
    {JS_FIELD(written_metric, "key", JS_STRING, places[PLACE_KEY])},
    {JS_FIELD(written_metric, "column", JS_STRING, places[PLACE_COLUMN])},
    {JS_FIELD(written_metric, "each", JS_CUSTOM, each), .decode = decode_each},
    {JS_FIELD(written_metric, "counter", JS_BOOL, counter)},
    {JS_LIST(written_metric, "of", JS_STRINGS, of, n_of)},
    {JS_FIELD(written_metric, "scale", JS_NUMBER, scale), .low = -RESOURCE_LIMIT,
     .high = RESOURCE_LIMIT},
    {JS_FIELD(written_metric, "unit", JS_ENUM, unit), .names = resource_unit_names},
};
static const struct js_shape metric_shape = {
    .size = sizeof(struct written_metric), FIELDS(metric_fields), .defaults = set_metric_defaults};

static int check_metric_name(const struct js_at *at, struct err *err)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    size_t len = strlen(at->key);
    if (!len || len > NAME_LIMIT || at->key[strspn(at->key, letters)])
        return js_fail(at, err,
                       "expected a name of 1 to %d letters, digits, '_', '.' and '-', found "
                       "'%.80s'",
                       NAME_LIMIT, at->key);
    if (metric_find(at->key) != METRIC_COUNT || strcmp(at->key, "availability") == 0)
        return js_fail(at, err, "'%s' is a figure of every report; choose another name", at->key);
    return 0;
}

static int check_place(const struct js_at *at, int kind, const char *place, struct arena *arena,
                       struct err *err)
{
    struct json_pointer pointer;
    struct exposition sample;
    struct err why = {0};
    if (kind == PLACE_POINTER && json_pointer_compile(&pointer, place, arena, &why) < 0)
        return js_fail(at, err, "%s", why.text);
    if (kind == PLACE_SAMPLE &&
        !exposition_parse_name((struct span){place, strlen(place)}, &sample))
        return js_fail(at, err,
                       "expected the name of a sample such as db_connections{pool=\"main\"}, found "
                       "'%.80s'",
                       place);
    if (!*place && kind != PLACE_POINTER)
        return js_fail(at, err, "expected a text, found an empty one");
    return 0;
}

/* Which of the four it is found by. */
static int take_place(const struct js_at *at, const struct written_metric *written,
                      struct scenario_metric *metric, struct err *err)
{
    int n = 0;
    for (int i = 0; i < PLACE_KINDS; i++) {
        if (!written->places[i])
            continue;
        metric->kind = i;
        metric->place = written->places[i];
        n++;
    }
    if (n == 1)
        return 0;
    return js_fail(at, err,
                   "expected one of \"pointer\", \"sample\", \"key\" and \"column\", found %d", n);
}

static int check_each(const struct js_at *at, const struct scenario_metric *metric, struct err *err)
{
    if (!metric->each)
        return 0;
    if (metric->n_of)
        return js_fail(at, err, "'each' and 'of' do not go together; remove one");
    if (metric->kind == PLACE_KEY)
        return js_fail(at, err, "'each' does not go with 'key'; remove it");
    if (metric->kind == PLACE_POINTER && *metric->each)
        return js_fail(at, err, "each: expected true with 'pointer', for the members of an object");
    if (metric->kind != PLACE_POINTER && !*metric->each)
        return js_fail(at, err, "each: expected the name of a %s",
                       metric->kind == PLACE_SAMPLE ? "label" : "column");
    return 0;
}

static int decode_metric(const struct js_at *at, struct scenario_metric *metric,
                         struct arena *arena, struct err *err)
{
    struct written_metric written;
    if (check_metric_name(at, err) < 0 || js_decode(at, &metric_shape, &written, arena, err) < 0 ||
        take_place(at, &written, metric, err) < 0 ||
        check_place(at, metric->kind, metric->place, arena, err) < 0)
        return -1;
    metric->name = arena_strdup(arena, at->key);
    metric->each = written.each;
    metric->counter = written.counter;
    metric->n_of = written.n_of;
    metric->of = written.of;
    metric->scale = written.scale;
    metric->unit = written.unit;
    if (metric->n_of > OF_LIMIT)
        return js_fail(at, err, "of: expected up to %d, found %zu", OF_LIMIT, metric->n_of);
    for (size_t i = 0; i < metric->n_of; i++)
        if (check_place(at, metric->kind, metric->of[i], arena, err) < 0)
            return -1;
    return check_each(at, metric, err);
}

int scenario_decode_metrics(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_metrics *metrics = out;
    struct js_at member;
    size_t n_each = 0;
    if (js_expect_object(at, err) < 0)
        return -1;
    if (js_count(at) > SCENARIO_METRICS)
        return js_fail(at, err, "expected up to %d, found %zu", SCENARIO_METRICS, js_count(at));
    metrics->items = arena_array(arena, js_count(at) + 1, sizeof *metrics->items);
    for (void *cursor = NULL; js_next(at, &cursor, &member);) {
        struct scenario_metric *metric = &metrics->items[metrics->n++];
        if (decode_metric(&member, metric, arena, err) < 0)
            return -1;
        n_each += metric->each != NULL;
    }
    if (n_each > SCENARIO_EACH)
        return js_fail(at, err, "expected up to %d with 'each', found %zu", SCENARIO_EACH, n_each);
    return 0;
}
