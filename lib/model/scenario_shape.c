#include "model/scenario_shape.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "model/document.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

#define DEFAULT_CONNECT_TIMEOUT_NS (5 * NS_PER_S)
#define DEFAULT_REQUEST_TIMEOUT_NS (30 * NS_PER_S)
#define MAX_WEIGHT                 1000000

/* ---- durations and switches ---- */

static int decode_positive(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    if (scenario_decode_duration(at, out, arena, err) < 0)
        return -1;
    return *(int64_t *)out > 0 ? 0 : js_fail(at, err, "expected a duration above 0");
}

static int decode_suite(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    const char *text;
    if (js_get_string(at, &text, err) < 0)
        return -1;
    if (!scenario_suite_is_valid(text))
        return js_fail(at, err,
                       "expected a name of 1 to 64 of a-z, 0-9, '.', '_' and '-' that begins with "
                       "a letter, digit or '_', found '%.80s'",
                       text);
    *(const char **)out = arena_strdup(arena, text);
    return 0;
}

static int decode_keep_alive(const struct js_at *at, void *out, struct arena *arena,
                             struct err *err)
{
    (void)arena;
    const char *text;
    bool keeps;
    if (js_kind(at) == JS_K_BOOL) {
        if (js_get_bool(at, &keeps, err) < 0)
            return -1;
        *(int *)out = keeps ? KEEP_ALIVE_ALWAYS : KEEP_ALIVE_NEVER;
        return 0;
    }
    if (js_kind(at) != JS_K_STRING || js_get_string(at, &text, err) < 0 ||
        strcmp(text, "release") != 0)
        return js_fail(at, err, "expected true, false or \"release\"");
    *(int *)out = KEEP_ALIVE_RELEASE;
    return 0;
}

/* ---- variables ---- */

static int decode_random(const struct js_at *at, struct scenario_variable *variable,
                         struct err *err)
{
    if (js_kind(at) != JS_K_ARRAY || js_count(at) != 2)
        return js_fail(at, err, "expected two whole numbers, as in [1, 50]");
    struct js_at low = js_item(at, 0), high = js_item(at, 1);
    variable->kind = VARIABLE_RANDOM_INT;
    if (js_get_int(&low, INT64_MIN / 2, INT64_MAX / 2, &variable->low, err) < 0)
        return -1;
    return js_get_int(&high, variable->low, INT64_MAX / 2, &variable->high, err);
}

/* How a variable is written that is not a text. */
struct written_variable {
    struct scenario_variable variable;
    int sources;
};

static int decode_range(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    (void)arena;
    struct written_variable *written = out;
    written->sources++;
    return decode_random(at, &written->variable, err);
}

static const struct js_field variable_fields[] = {
    {.key = "random", .type = JS_CUSTOM, .decode = decode_range},
    {JS_LIST(written_variable, "choice", JS_STRINGS, variable.choices, variable.n_choices)},
};
static const struct js_shape variable_shape = {.size = sizeof(struct written_variable),
                                               FIELDS(variable_fields)};

static int decode_variable(const struct js_at *at, struct scenario_variable *variable,
                           struct arena *arena, struct err *err)
{
    struct written_variable written = {0};
    const char *text = NULL;
    if (scenario_check_variable(at, at->key, err) < 0)
        return -1;
    if (js_kind(at) == JS_K_STRING) {
        if (js_get_string(at, &text, err) < 0)
            return -1;
        written.variable.text = arena_strdup(arena, text);
    } else if (js_kind(at) != JS_K_OBJECT) {
        return js_fail(at, err,
                       "expected a text, {\"random\": [1, 50]} or {\"choice\": [\"a\", "
                       "\"b\"]}, found %s",
                       js_kind_name(js_kind(at)));
    } else {
        if (js_decode(at, &variable_shape, &written, arena, err) < 0)
            return -1;
        if (written.variable.n_choices) {
            written.variable.kind = VARIABLE_CHOICE;
            written.sources++;
        }
        if (written.sources != 1)
            return js_fail(at, err, "expected either a random range or a choice of at least one");
    }
    *variable = written.variable;
    variable->name = arena_strdup(arena, at->key);
    return 0;
}

/* `out` is the scenario. */
static int decode_variables(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario *scenario = out;
    void *cursor = NULL;
    struct js_at member;
    if (js_expect_object(at, err) < 0)
        return -1;
    scenario->variables = arena_array(arena, js_count(at), sizeof *scenario->variables);
    while (js_next(at, &cursor, &member))
        if (decode_variable(&member, &scenario->variables[scenario->n_variables++], arena, err) < 0)
            return -1;
    return 0;
}

/* ---- tasks ---- */

/* Fails unless `at` is an array of at least `least` elements. */
static int expect_array(const struct js_at *at, size_t least, const char *what, struct err *err)
{
    if (js_kind(at) != JS_K_ARRAY)
        return js_fail(at, err, "expected an array, found %s", js_kind_name(js_kind(at)));
    return js_count(at) >= least ? 0 : js_fail(at, err, "expected at least one %s", what);
}

static int decode_steps(const struct js_at *at, struct scenario_step **steps, size_t *n,
                        struct arena *arena, struct err *err)
{
    if (expect_array(at, 1, "step", err) < 0)
        return -1;
    size_t requests = 0;
    for (size_t i = 0; i < js_count(at); i++) {
        struct js_at item = js_item(at, i);
        requests += scenario_count_requests(&item);
    }
    *steps = arena_array(arena, requests, sizeof **steps);
    for (size_t i = 0; i < js_count(at); i++) {
        struct js_at item = js_item(at, i);
        if (scenario_decode_requests(&item, &(*steps)[*n], arena, err) < 0)
            return -1;
        *n += scenario_count_requests(&item);
    }
    return scenario_check_walk(at, *steps, *n, err);
}

static int decode_task_steps(const struct js_at *at, void *out, struct arena *arena,
                             struct err *err)
{
    struct scenario_task *task = out;
    return decode_steps(at, &task->steps, &task->n_steps, arena, err);
}

static void set_task_defaults(void *out)
{
    ((struct scenario_task *)out)->weight = 1;
}

static const struct js_field task_fields[] = {
    {JS_FIELD(scenario_task, "name", JS_CUSTOM, name), .decode = scenario_decode_name},
    {JS_FIELD(scenario_task, "weight", JS_INT, weight), .low = 1, .high = MAX_WEIGHT},
    {JS_FIELD(scenario_task, "tags", JS_CUSTOM, tags), .decode = scenario_decode_tags},
    {.key = "steps", .type = JS_CUSTOM, .flags = JS_REQUIRED, .decode = decode_task_steps},
};
static const struct js_shape task_shape = {
    .size = sizeof(struct scenario_task), FIELDS(task_fields), .defaults = set_task_defaults};

/* A task that is a step with a weight. */
struct short_task {
    int64_t weight;
    struct scenario_step step;
};

static void set_short_defaults(void *out)
{
    ((struct short_task *)out)->weight = 1;
}

static const struct js_field short_fields[] = {
    {JS_FIELD(short_task, "weight", JS_INT, weight), .low = 1, .high = MAX_WEIGHT},
    {JS_FIELD(short_task, "", JS_INLINE, step), .shape = &scenario_step_shape},
};
static const struct js_shape short_shape = {
    .size = sizeof(struct short_task), FIELDS(short_fields), .defaults = set_short_defaults};

static int decode_short(const struct js_at *at, struct scenario_task *task, struct arena *arena,
                        struct err *err)
{
    struct short_task *written = arena_array(arena, 1, sizeof *written);
    if (js_decode(at, &short_shape, written, arena, err) < 0 ||
        scenario_settle_step(at, &written->step, err) < 0 ||
        scenario_check_walk(at, &written->step, 1, err) < 0)
        return -1;
    *task = (struct scenario_task){.name = written->step.name,
                                   .weight = written->weight,
                                   .tags = written->step.tags,
                                   .n_steps = 1,
                                   .steps = &written->step};
    return 0;
}

static int decode_task(const struct js_at *at, struct scenario_task *task, struct arena *arena,
                       struct err *err)
{
    struct js_at steps, group;
    if (js_expect_object(at, err) < 0)
        return -1;
    if (js_member(at, "parallel", &group))
        return js_fail(&group, err, "a group is one of a task's steps: put it into \"steps\"");
    if (!js_member(at, "steps", &steps))
        return decode_short(at, task, arena, err);
    if (js_decode(at, &task_shape, task, arena, err) < 0)
        return -1;
    if (!task->name)
        task->name = task->steps[0].name;
    for (size_t i = 0; i < task->n_steps; i++)
        tags_add(&task->steps[i].tags, &task->tags, arena);
    return 0;
}

/* `out` is the class. */
static int decode_tasks(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_class *class = out;
    if (expect_array(at, 1, "task", err) < 0)
        return -1;
    class->n_tasks = js_count(at);
    class->tasks = arena_array(arena, class->n_tasks, sizeof *class->tasks);
    for (size_t i = 0; i < class->n_tasks; i++) {
        struct js_at item = js_item(at, i);
        if (decode_task(&item, &class->tasks[i], arena, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- classes ---- */

static int decode_on_start(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_class *class = out;
    if (js_kind(at) == JS_K_ARRAY && !js_count(at))
        return 0;
    return decode_steps(at, &class->on_start, &class->n_on_start, arena, err);
}

/* `out` is the class, here and below. */
static int decode_between(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_class *class = out;
    if (js_kind(at) != JS_K_ARRAY || js_count(at) != 2)
        return js_fail(at, err, "expected two durations, as in [\"1s\", \"3s\"]");
    struct js_at low = js_item(at, 0), high = js_item(at, 1);
    if (scenario_decode_duration(&low, &class->think_low_ns, arena, err) < 0 ||
        scenario_decode_duration(&high, &class->think_high_ns, arena, err) < 0)
        return -1;
    if (class->think_low_ns > class->think_high_ns)
        return js_fail(at, err, "expected the shorter duration first");
    return 0;
}

static int decode_constant(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_class *class = out;
    if (scenario_decode_duration(at, &class->think_low_ns, arena, err) < 0)
        return -1;
    class->think_high_ns = class->think_low_ns;
    return 0;
}

static int decode_think_time(const struct js_at *at, void *out, struct arena *arena,
                             struct err *err)
{
    struct js_at member;
    void *cursor = NULL;
    if (js_expect_object(at, err) < 0)
        return -1;
    bool one = js_count(at) == 1 && js_next(at, &cursor, &member);
    if (one && strcmp(member.key, "between") == 0)
        return decode_between(&member, out, arena, err);
    if (one && strcmp(member.key, "constant") == 0)
        return decode_constant(&member, out, arena, err);
    return js_fail(at, err, "expected {\"between\": [\"1s\", \"3s\"]} or {\"constant\": \"2s\"}");
}

static void set_class_defaults(void *out)
{
    ((struct scenario_class *)out)->weight = 1;
}

static const struct js_field class_fields[] = {
    {JS_FIELD(scenario_class, "name", JS_CUSTOM, name), JS_REQUIRED,
     .decode = scenario_decode_name},
    {JS_FIELD(scenario_class, "weight", JS_INT, weight), .low = 1, .high = MAX_WEIGHT},
    {.key = "think_time", .type = JS_CUSTOM, .decode = decode_think_time},
    {JS_FIELD(scenario_class, "headers", JS_CUSTOM, headers), .decode = scenario_decode_headers},
    {JS_FIELD(scenario_class, "auth", JS_CUSTOM, auth), .decode = scenario_decode_auth},
    {.key = "on_start", .type = JS_CUSTOM, .decode = decode_on_start},
    {.key = "tasks", .type = JS_CUSTOM, .flags = JS_REQUIRED, .decode = decode_tasks},
};
static const struct js_shape class_shape = {
    .size = sizeof(struct scenario_class), FIELDS(class_fields), .defaults = set_class_defaults};

/* ---- the scenario ---- */

static const char *const arrivals_names[] = {
    [ARRIVALS_CONSTANT] = "constant", [ARRIVALS_POISSON] = "poisson", NULL};

static void set_defaults(void *out)
{
    struct scenario *scenario = out;
    scenario->duration_ns = scenario->warmup_ns = -1;
    scenario->connect_timeout_ns = DEFAULT_CONNECT_TIMEOUT_NS;
    scenario->request_timeout_ns = DEFAULT_REQUEST_TIMEOUT_NS;
    scenario->keep_alive = KEEP_ALIVE_ALWAYS;
    scenario->follow_redirects = true;
    scenario->tls.verify = true;
    scenario->monitor.machine = scenario->monitor.target = true;
}

/* In the order of enum scenario_protocol. */
static const char *const protocols[] = {"auto", "http1", "http2", NULL};

static const struct js_field scenario_fields[] = {
    {.key = "schema", .type = JS_CUSTOM, .decode = document_skip},
    {JS_FIELD(scenario, "name", JS_CUSTOM, name), JS_REQUIRED, .decode = decode_suite},
    {JS_FIELD(scenario, "host", JS_STRING, host)},
    {JS_FIELD(scenario, "users", JS_INT, users), .low = 1, .high = 1e6},
    {JS_FIELD(scenario, "spawn_rate", JS_NUMBER, spawn_rate), .low = 1e-3, .high = 1e6},
    {JS_FIELD(scenario, "rate", JS_NUMBER, rate), .low = 1e-3, .high = 1e6},
    {JS_FIELD(scenario, "arrivals", JS_ENUM, arrivals), .names = arrivals_names},
    {JS_FIELD(scenario, "stages", JS_CUSTOM, stages), .decode = scenario_decode_stages},
    {JS_FIELD(scenario, "duration", JS_CUSTOM, duration_ns), .decode = decode_positive},
    {JS_FIELD(scenario, "warmup", JS_CUSTOM, warmup_ns), .decode = scenario_decode_duration},
    {JS_FIELD(scenario, "connect_timeout", JS_CUSTOM, connect_timeout_ns),
     .decode = decode_positive},
    {JS_FIELD(scenario, "request_timeout", JS_CUSTOM, request_timeout_ns),
     .decode = decode_positive},
    {JS_FIELD(scenario, "seed", JS_INT, seed), .high = 0x1p53},
    {JS_FIELD(scenario, "protocol", JS_ENUM, protocol), .names = protocols},
    {JS_FIELD(scenario, "keep_alive", JS_CUSTOM, keep_alive), .decode = decode_keep_alive},
    {JS_FIELD(scenario, "redirects", JS_BOOL, follow_redirects)},
    {JS_FIELD(scenario, "tls", JS_CUSTOM, tls), .decode = scenario_decode_tls},
    {JS_FIELD(scenario, "monitor", JS_CUSTOM, monitor), .decode = scenario_decode_monitor},
    {JS_FIELD(scenario, "profile", JS_CUSTOM, profile), .decode = scenario_decode_profile},
    {JS_FIELD(scenario, "headers", JS_CUSTOM, headers), .decode = scenario_decode_headers},
    {JS_FIELD(scenario, "auth", JS_CUSTOM, auth), .decode = scenario_decode_auth},
    {JS_FIELD(scenario, "trace", JS_CUSTOM, trace), .decode = scenario_decode_trace},
    {.key = "variables", .type = JS_CUSTOM, .decode = decode_variables},
    {.key = "feeds", .type = JS_CUSTOM, .decode = scenario_decode_feeds},
    {JS_LIST(scenario, "classes", JS_OBJECTS, classes, n_classes), .flags = JS_REQUIRED,
     .shape = &class_shape},
};
const struct js_shape scenario_shape = {
    .size = sizeof(struct scenario), FIELDS(scenario_fields), .defaults = set_defaults};
