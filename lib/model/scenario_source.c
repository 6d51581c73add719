#include <string.h>

#include "base/clock.h"
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
#define TABLE_COLUMNS     8
#define TABLE_TOP         20
#define TABLE_TOP_DEFAULT 10

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

static int check_columns(const struct js_at *at, const struct scenario_table *table,
                         struct err *err)
{
    if (!table->n_columns || table->n_columns > TABLE_COLUMNS)
        return js_fail(at, err, "columns: expected 1 to %d, found %zu", TABLE_COLUMNS,
                       table->n_columns);
    for (size_t i = 0; i < table->n_columns; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(table->columns[i], table->columns[k]) == 0)
                return js_fail(at, err, "columns: '%.80s' is there twice", table->columns[i]);
    return 0;
}

/* What is not said: by what the rows are ranked, and for each of what. */
static void settle_table(struct scenario_table *table)
{
    if (!table->per && has_column(table, "calls"))
        table->per = "calls";
    for (size_t i = 0; i < table->n_columns && !table->by; i++)
        if (!table->per || strcmp(table->columns[i], table->per) != 0)
            table->by = table->columns[i];
    if (!table->by)
        table->by = table->columns[0];
}

static int check_table(const struct js_at *at, struct scenario_table *table, struct err *err)
{
    if (check_columns(at, table, err) < 0)
        return -1;
    settle_table(table);
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
static const char *const format_names[] = {
    [FORMAT_OF_PLACES] = "auto",        [FORMAT_JSON] = "json",
    [FORMAT_PROMETHEUS] = "prometheus", [FORMAT_REDIS] = "redis",
    [FORMAT_KEYVALUE] = "keyvalue",     [FORMAT_CSV] = "csv",
    [FORMAT_NGINX] = "nginx",           NULL};
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
    static const int kinds[] = {[FORMAT_JSON] = PLACE_POINTER, [FORMAT_PROMETHEUS] = PLACE_SAMPLE,
                                [FORMAT_REDIS] = PLACE_KEY,    [FORMAT_KEYVALUE] = PLACE_KEY,
                                [FORMAT_CSV] = PLACE_COLUMN,   [FORMAT_NGINX] = PLACE_KEY};
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

static int unit_of(const struct scenario_source *source, const struct scenario_metric *metric)
{
    if (metric->unit >= 0)
        return metric->unit;
    if (metric->n_of)
        return RESOURCE_RATIO;
    if (!metric->counter)
        return RESOURCE_PLAIN;
    return source->when == WHEN_AROUND ? RESOURCE_COUNT : RESOURCE_PER_S;
}

static void settle_units(struct scenario_source *source)
{
    for (size_t i = 0; i < source->metrics.n; i++)
        source->metrics.items[i].unit = unit_of(source, &source->metrics.items[i]);
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

static int check_counters(const struct js_at *at, const struct scenario_source *source,
                          struct err *err)
{
    if (source->when == WHEN_DURING || source->when == WHEN_AROUND)
        return 0;
    for (size_t i = 0; i < source->metrics.n; i++)
        if (source->metrics.items[i].counter)
            return js_fail(at, err,
                           "'%s' is a counter, which takes two readings: expected \"when\" to be "
                           "\"during\" or \"around\"",
                           source->metrics.items[i].name);
    return 0;
}

/* Whether its output is what tables are in. */
static bool has_rows(const struct scenario_source *source)
{
    if (!source->metrics.n)
        return source->format == FORMAT_JSON || source->format == FORMAT_CSV;
    int kind = source->metrics.items[0].kind;
    return kind == PLACE_POINTER || kind == PLACE_COLUMN;
}

static int check_kept(const struct js_at *at, const struct scenario_source *source, struct err *err)
{
    if (!source->table)
        return 0;
    if (source->table->difference != (source->when == WHEN_AROUND) || source->when == WHEN_DURING)
        return js_fail(at, err,
                       "table: expected \"when\": \"around\" with a difference, and "
                       "\"before\" or \"after\" without one");
    if (!has_rows(source))
        return js_fail(at, err, "table: expected \"format\": \"csv\" or \"json\"");
    return check_table(at, source->table, err);
}

static int check_probe(const struct js_at *at, struct scenario_source *source, struct err *err)
{
    settle_side(source);
    if (!source->n_command || source->n_command > COMMAND_WORDS || !*source->command[0])
        return js_fail(at, err, "command: expected a program and its arguments, 1 to %d texts",
                       COMMAND_WORDS);
    if (!source->metrics.n && !source->table)
        return js_fail(at, err, "nothing is asked of it: give \"metrics\" or a \"table\"");
    return check_counters(at, source, err) < 0 ? -1 : check_kept(at, source, err);
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
