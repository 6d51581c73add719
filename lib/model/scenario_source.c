#include <string.h>

#include "base/clock.h"
#include "base/exposition.h"
#include "base/json_pointer.h"
#include "model/metric.h"
#include "model/report_resources.h"
#include "model/scenario_shape.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

#define LEAST_EVERY_NS    (250 * NS_PER_MS)
#define MOST_EVERY_NS     (3600 * NS_PER_S)
#define LEAST_TIMEOUT_NS  (10 * NS_PER_MS)
#define MOST_TIMEOUT_NS   (60 * NS_PER_S)
#define POLL_NS           NS_PER_S
#define PROBE_NS          (5 * NS_PER_S)
#define SIDE_UNSET        (-1)
#define COMMAND_WORDS     64
#define OF_LIMIT          16
#define METRIC_NAME_LIMIT 64
#define TABLE_COLUMNS     8
#define TABLE_TOP         20
#define TABLE_TOP_DEFAULT 10

/* ---- named numbers ---- */

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
    {JS_FIELD(written_metric, "scale", JS_NUMBER, scale), .low = -1e15, .high = 1e15},
    {JS_FIELD(written_metric, "unit", JS_ENUM, unit), .names = resource_unit_names},
};
static const struct js_shape metric_shape = {
    .size = sizeof(struct written_metric), FIELDS(metric_fields), .defaults = set_metric_defaults};

static int check_metric_name(const struct js_at *at, struct err *err)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    size_t len = strlen(at->key);
    if (!len || len > METRIC_NAME_LIMIT || at->key[strspn(at->key, letters)])
        return js_fail(at, err,
                       "expected a name of 1 to %d letters, digits, '_', '.' and '-', found "
                       "'%.80s'",
                       METRIC_NAME_LIMIT, at->key);
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

/* ---- tables ---- */

static void set_table_defaults(void *out)
{
    *(struct scenario_table *)out =
        (struct scenario_table){.difference = true, .top = TABLE_TOP_DEFAULT};
}

static const struct js_field table_fields[] = {
    {JS_FIELD(scenario_table, "key", JS_STRING, key), JS_REQUIRED},
    {JS_LIST(scenario_table, "columns", JS_STRINGS, columns, n_columns), .flags = JS_REQUIRED},
    {JS_FIELD(scenario_table, "difference", JS_BOOL, difference)},
    {JS_FIELD(scenario_table, "top", JS_INT, top), .low = 1, .high = TABLE_TOP},
    {JS_FIELD(scenario_table, "by", JS_STRING, by)},
    {JS_FIELD(scenario_table, "per", JS_STRING, per)},
};
static const struct js_shape table_shape = {
    .size = sizeof(struct scenario_table), FIELDS(table_fields), .defaults = set_table_defaults};

static bool has_column(const struct scenario_table *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (strcmp(table->columns[i], name) == 0)
            return true;
    return false;
}

static int check_table(const struct js_at *at, struct scenario_table *table, struct err *err)
{
    if (!table->n_columns || table->n_columns > TABLE_COLUMNS)
        return js_fail(at, err, "columns: expected 1 to %d, found %zu", TABLE_COLUMNS,
                       table->n_columns);
    for (size_t i = 0; i < table->n_columns; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(table->columns[i], table->columns[k]) == 0)
                return js_fail(at, err, "columns: '%.80s' is there twice", table->columns[i]);
    if (!table->per && has_column(table, "calls"))
        table->per = "calls";
    for (size_t i = 0; i < table->n_columns && !table->by; i++)
        if (!table->per || strcmp(table->columns[i], table->per) != 0)
            table->by = table->columns[i];
    if (!table->by)
        table->by = table->columns[0];
    if (!has_column(table, table->by) || (table->per && !has_column(table, table->per)))
        return js_fail(at, err, "'by' and 'per': expected names of its columns");
    return 0;
}

/* ---- endpoints and probes ---- */

static const char *const side_names[] = {[SCENARIO_BOTH] = "both",
                                         [SCENARIO_CANDIDATE] = "candidate",
                                         [SCENARIO_BASE] = "base",
                                         [SCENARIO_SIDES] = "each",
                                         NULL};
static const char *const format_names[] = {[FORMAT_OF_PLACES] = "auto",
                                           [FORMAT_JSON] = "json",
                                           [FORMAT_PROMETHEUS] = "prometheus",
                                           [FORMAT_REDIS] = "redis",
                                           [FORMAT_KEYVALUE] = "keyvalue",
                                           [FORMAT_CSV] = "csv",
                                           NULL};
static const char *const when_names[] = {[WHEN_DURING] = "during",
                                         [WHEN_BEFORE] = "before",
                                         [WHEN_AFTER] = "after",
                                         [WHEN_AROUND] = "around",
                                         NULL};

#define SOURCE_FIELDS                                                                              \
    {JS_FIELD(scenario_source, "name", JS_CUSTOM, name), JS_REQUIRED,                              \
     .decode = scenario_decode_name},                                                              \
        {JS_FIELD(scenario_source, "every", JS_CUSTOM, every_ns),                                  \
         .decode = scenario_decode_duration},                                                      \
        {JS_FIELD(scenario_source, "timeout", JS_CUSTOM, timeout_ns),                              \
         .decode = scenario_decode_duration},                                                      \
        {JS_FIELD(scenario_source, "side", JS_ENUM, side), .names = side_names},                   \
        {JS_FIELD(scenario_source, "format", JS_ENUM, format), .names = format_names},             \
    {                                                                                              \
        JS_FIELD(scenario_source, "metrics", JS_CUSTOM, metrics),                                  \
            .decode = scenario_decode_metrics                                                      \
    }

static void set_endpoint_defaults(void *out)
{
    *(struct scenario_source *)out = (struct scenario_source){
        .every_ns = POLL_NS, .timeout_ns = POLL_NS, .side = SCENARIO_SIDES};
}

static const struct js_field endpoint_fields[] = {
    SOURCE_FIELDS,
    {JS_FIELD(scenario_source, "path", JS_STRING, path)},
    {JS_FIELD(scenario_source, "url", JS_STRING, url)},
    {JS_FIELD(scenario_source, "headers", JS_CUSTOM, headers), .decode = scenario_decode_headers},
    {JS_FIELD(scenario_source, "auth", JS_CUSTOM, auth), .decode = scenario_decode_auth},
    {JS_FIELD(scenario_source, "health", JS_BOOL, health)},
};
const struct js_shape scenario_endpoint_shape = {.size = sizeof(struct scenario_source),
                                                 FIELDS(endpoint_fields),
                                                 .defaults = set_endpoint_defaults};

static void set_probe_defaults(void *out)
{
    *(struct scenario_source *)out =
        (struct scenario_source){.every_ns = PROBE_NS, .timeout_ns = PROBE_NS, .side = SIDE_UNSET};
}

static const struct js_field probe_fields[] = {
    SOURCE_FIELDS,
    {JS_LIST(scenario_source, "command", JS_STRINGS, command, n_command), .flags = JS_REQUIRED},
    {JS_FIELD(scenario_source, "when", JS_ENUM, when), .names = when_names},
    {JS_FIELD(scenario_source, "table", JS_POINTER, table), .shape = &table_shape},
};
const struct js_shape scenario_probe_shape = {
    .size = sizeof(struct scenario_source), FIELDS(probe_fields), .defaults = set_probe_defaults};

/* All of a source's numbers are in one text. */
static int check_format(const struct js_at *at, const struct scenario_source *source,
                        struct err *err)
{
    static const int kinds[] = {[FORMAT_JSON] = PLACE_POINTER,
                                [FORMAT_PROMETHEUS] = PLACE_SAMPLE,
                                [FORMAT_REDIS] = PLACE_KEY,
                                [FORMAT_KEYVALUE] = PLACE_KEY,
                                [FORMAT_CSV] = PLACE_COLUMN};
    static const char *const keys[] = {"pointer", "sample", "key", "column"};
    const struct scenario_metrics *metrics = &source->metrics;
    if (!metrics->n)
        return 0;
    int kind = source->format == FORMAT_OF_PLACES ? metrics->items[0].kind : kinds[source->format];
    for (size_t i = 0; i < metrics->n; i++)
        if (metrics->items[i].kind != kind)
            return js_fail(at, err, "metrics: expected '%s' of all of them, found '%s' of '%s'",
                           keys[kind], keys[metrics->items[i].kind], metrics->items[i].name);
    return 0;
}

static int check_times(const struct js_at *at, const struct scenario_source *source,
                       struct err *err)
{
    if (source->every_ns < LEAST_EVERY_NS || source->every_ns > MOST_EVERY_NS)
        return js_fail(at, err, "every: expected 250ms to 1h");
    if (source->timeout_ns < LEAST_TIMEOUT_NS || source->timeout_ns > MOST_TIMEOUT_NS)
        return js_fail(at, err, "timeout: expected 10ms to 60s");
    return 0;
}

static void settle_units(struct scenario_source *source)
{
    for (size_t i = 0; i < source->metrics.n; i++) {
        struct scenario_metric *metric = &source->metrics.items[i];
        if (metric->unit >= 0)
            continue;
        metric->unit = metric->n_of                  ? RESOURCE_RATIO
                       : !metric->counter            ? RESOURCE_PLAIN
                       : source->when == WHEN_AROUND ? RESOURCE_COUNT
                                                     : RESOURCE_PER_S;
    }
}

static int check_endpoint(const struct js_at *at, struct scenario_source *source, struct err *err)
{
    if (!source->path == !source->url)
        return js_fail(at, err, "expected either \"path\", on the target, or \"url\"");
    if (source->path && *source->path != '/')
        return js_fail(at, err, "path: expected one that begins with '/', found '%.80s'",
                       source->path);
    if (!source->metrics.n && !source->health)
        return js_fail(at, err, "nothing is asked of it: give \"metrics\", or \"health\": true");
    if (source->url && source->side == SCENARIO_SIDES)
        source->side = SCENARIO_BOTH;
    if (source->path && source->side == SCENARIO_BOTH)
        return js_fail(at, err,
                       "side: a path is asked of each side's own target; expected each, "
                       "candidate or base");
    return 0;
}

/* A command that does not ask which side it is for gets the same of both. */
static void settle_side(struct scenario_source *source)
{
    if (source->side != SIDE_UNSET)
        return;
    source->side = SCENARIO_BOTH;
    for (size_t i = 0; i < source->n_command; i++)
        if (strstr(source->command[i], "PERFGATE_"))
            source->side = SCENARIO_SIDES;
}

static int check_probe(const struct js_at *at, struct scenario_source *source, struct err *err)
{
    settle_side(source);
    if (!source->n_command || source->n_command > COMMAND_WORDS || !*source->command[0])
        return js_fail(at, err, "command: expected a program and its arguments, 1 to %d texts",
                       COMMAND_WORDS);
    if (!source->metrics.n && !source->table)
        return js_fail(at, err, "nothing is asked of it: give \"metrics\" or a \"table\"");
    for (size_t i = 0; i < source->metrics.n; i++)
        if (source->metrics.items[i].counter &&
            (source->when == WHEN_BEFORE || source->when == WHEN_AFTER))
            return js_fail(at, err,
                           "'%s' is a counter, which takes two readings: expected \"when\""
                           " to be \"during\" or \"around\"",
                           source->metrics.items[i].name);
    if (!source->table)
        return 0;
    if (source->table->difference != (source->when == WHEN_AROUND) || source->when == WHEN_DURING)
        return js_fail(at, err,
                       "table: expected \"when\": \"around\" with a difference, and "
                       "\"before\" or \"after\" without one");
    if (source->metrics.n ? source->metrics.items[0].kind != PLACE_POINTER &&
                                source->metrics.items[0].kind != PLACE_COLUMN
                          : source->format != FORMAT_JSON && source->format != FORMAT_CSV)
        return js_fail(at, err, "table: expected \"format\": \"csv\" or \"json\"");
    return check_table(at, source->table, err);
}

/* A name that an earlier one has, or that the report needs itself. */
static bool is_taken(const struct scenario_monitor *monitor, size_t number, const char *name)
{
    if (strcmp(name, "machine") == 0 || strcmp(name, "target") == 0)
        return true;
    for (size_t i = 0; i < monitor->n_processes; i++)
        if (strcmp(monitor->processes[i].name, name) == 0)
            return true;
    for (size_t i = 0; i < number; i++)
        if (strcmp(scenario_source_at(monitor, i)->name, name) == 0)
            return true;
    return false;
}

/* Metrics are named in policies without their source. */
static const char *find_twice(const struct scenario_monitor *monitor, size_t number)
{
    const struct scenario_metrics *own = &scenario_source_at(monitor, number)->metrics;
    for (size_t i = 0; i < number; i++) {
        const struct scenario_metrics *others = &scenario_source_at(monitor, i)->metrics;
        for (size_t k = 0; k < own->n * others->n; k++)
            if (strcmp(own->items[k / others->n].name, others->items[k % others->n].name) == 0)
                return own->items[k / others->n].name;
    }
    return NULL;
}

static int check_source(const struct js_at *at, const struct scenario_monitor *monitor,
                        size_t number, struct err *err)
{
    struct scenario_source *source = scenario_source_at(monitor, number);
    if (is_taken(monitor, number, source->name))
        return js_fail(at, err, "the name '%.80s' is taken; choose another", source->name);
    const char *twice = find_twice(monitor, number);
    if (twice)
        return js_fail(at, err, "metrics: '%s' is a name of another source, too", twice);
    if (check_times(at, source, err) < 0 || check_format(at, source, err) < 0)
        return -1;
    settle_units(source);
    return number < monitor->n_endpoints ? check_endpoint(at, source, err)
                                         : check_probe(at, source, err);
}

static int check_list(const struct js_at *at, const char *key,
                      const struct scenario_monitor *monitor, size_t first, size_t n,
                      struct err *err)
{
    struct js_at list;
    if (!js_member(at, key, &list))
        return 0;
    if (n > SCENARIO_ENDPOINTS)
        return js_fail(&list, err, "expected up to %d, found %zu", SCENARIO_ENDPOINTS, n);
    for (size_t i = 0; i < n; i++) {
        struct js_at item = js_item(&list, i);
        if (check_source(&item, monitor, first + i, err) < 0)
            return -1;
    }
    return 0;
}

struct scenario_source *scenario_source_at(const struct scenario_monitor *monitor, size_t number)
{
    return number < monitor->n_endpoints ? &monitor->endpoints[number]
                                         : &monitor->probes[number - monitor->n_endpoints];
}

int scenario_check_sources(const struct js_at *at, struct scenario_monitor *monitor,
                           struct err *err)
{
    if (check_list(at, "endpoints", monitor, 0, monitor->n_endpoints, err) < 0)
        return -1;
    return check_list(at, "probes", monitor, monitor->n_endpoints, monitor->n_probes, err);
}
