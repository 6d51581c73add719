#include "load/locust_plan.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fnv.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/num.h"
#include "load/locust_step.h"
#include "load/plan.h"
#include "model/scenario_shape.h"

#define FILE_LIMIT ((size_t)4 << 20)

/* ---- what the engine cannot do ---- */

static int refuse(const char *key, const char *instead, struct err *err)
{
    return err_set(err, ERR_INPUT,
                   "\"%s\": the Locust engine cannot do this; %s, or use the native engine", key,
                   instead);
}

static int check_steps(const struct plan_sequence *sequence, struct err *err)
{
    for (size_t i = 0; i < sequence->n; i++) {
        if (sequence->steps[i].members > 1)
            return refuse("parallel", "write its steps one after the other", err);
        if (sequence->steps[i].source->body_kind == BODY_MULTIPART)
            return refuse("multipart", "leave the upload out", err);
    }
    return 0;
}

static int check_class(const struct plan_class *class, struct err *err)
{
    if (check_steps(&class->on_start, err) < 0)
        return -1;
    for (size_t i = 0; i < class->n_tasks; i++)
        if (check_steps(&class->tasks[i], err) < 0)
            return -1;
    return 0;
}

static int check(const struct plan *plan, struct err *err)
{
    const struct scenario *scenario = plan->scenario;
    if (plan->settings.stages.n)
        return refuse("stages", "give users", err);
    if (plan->settings.rate > 0)
        return refuse("rate", "give users", err);
    if (scenario->trace.sample > 0)
        return refuse("trace", "leave it out", err);
    if (scenario->n_feeds)
        return refuse("feeds", "use a variable with a choice", err);
    if (scenario->protocol == SCENARIO_HTTP2)
        return refuse("protocol", "let it be \"http1\" or \"auto\"", err);
    if (scenario->keep_alive == KEEP_ALIVE_RELEASE)
        return refuse("keep_alive", "let it be true or false", err);
    if (plan->arms[0].origins[0].url.socket)
        return refuse("host", "give http:// or https://", err);
    if (scenario->tls.cert && plan->n_origins > 1)
        return refuse("tls.cert", "leave out --allow-host, because the certificate would go there",
                      err);
    for (size_t i = 0; i < plan->n_classes; i++)
        if (check_class(&plan->classes[i], err) < 0)
            return -1;
    return 0;
}

/* ---- the environment ---- */

/* Notes what is asked for while a plan is compiled. */
struct looked_up {
    const struct load_options *options;
    struct buf members; /* of a JSON object */
};

static const char *look_up(void *context, const char *name)
{
    struct looked_up *seen = context;
    const struct load_options *options = seen->options;
    const char *value = options->lookup ? options->lookup(options->lookup_context, name) : NULL;
    if (value) {
        buf_add_str(&seen->members, seen->members.len ? "," : "{");
        js_quote(&seen->members, name);
        buf_add_char(&seen->members, ':');
        js_quote(&seen->members, value);
    }
    return value;
}

/* ---- the plan ---- */

static void put_seconds(struct js_writer *writer, const char *key, double ns)
{
    js_put_number(writer, key, ns / (double)NS_PER_S);
}

static void put_variable(struct js_writer *writer, const struct scenario_variable *variable)
{
    js_open(writer, NULL, '{');
    js_put_string(writer, "name", variable->name);
    bool random = variable->kind == VARIABLE_RANDOM_INT;
    js_open(writer, random ? "random" : "texts", '[');
    if (random) {
        js_put_int(writer, NULL, variable->low);
        js_put_int(writer, NULL, variable->high);
    } else if (variable->kind == VARIABLE_TEXT) {
        js_put_string(writer, NULL, variable->text);
    }
    for (size_t i = 0; i < variable->n_choices; i++)
        js_put_string(writer, NULL, variable->choices[i]);
    js_close(writer, ']');
    js_close(writer, '}');
}

static void put_steps(struct js_writer *writer, const char *key, const struct plan *plan,
                      const struct scenario_class *class, const struct plan_sequence *sequence)
{
    js_open(writer, key, '[');
    for (size_t i = 0; i < sequence->n; i++)
        locust_put_step(writer, plan, class, &sequence->steps[i]);
    js_close(writer, ']');
}

static void put_class(struct js_writer *writer, const struct plan *plan,
                      const struct plan_class *class)
{
    const struct scenario_class *source = class->source;
    double scale = plan->settings.think_scale;
    js_open(writer, NULL, '{');
    js_put_string(writer, "name", source->name);
    js_put_int(writer, "weight", source->weight);
    js_open(writer, "think_s", '[');
    put_seconds(writer, NULL, (double)source->think_low_ns * scale);
    put_seconds(writer, NULL, (double)source->think_high_ns * scale);
    js_close(writer, ']');
    put_steps(writer, "on_start", plan, source, &class->on_start);
    js_open(writer, "tasks", '[');
    for (size_t i = 0; i < class->n_tasks; i++) {
        js_open(writer, NULL, '{');
        js_put_int(writer, "weight", class->tasks[i].task->weight);
        put_steps(writer, "steps", plan, source, &class->tasks[i]);
        js_close(writer, '}');
    }
    js_close(writer, ']');
    js_close(writer, '}');
}

static void put_path(struct js_writer *writer, const char *key, const char *path)
{
    if (path)
        js_put_string(writer, key, path);
    else
        js_put_raw(writer, key, "null");
}

static void put_tls(struct js_writer *writer, const struct scenario *scenario, struct arena *arena)
{
    const struct scenario_tls *tls = &scenario->tls;
    js_put_bool(writer, "verify", tls->verify);
    put_path(writer, "ca", scenario_locate(scenario, tls->ca, arena));
    put_path(writer, "cert", scenario_locate(scenario, tls->cert, arena));
    put_path(writer, "key", scenario_locate(scenario, tls->key, arena));
}

/* What every plan has. */
static void put_common(struct js_writer *writer, const struct locust_plan *plan,
                       const char *locustfile, int64_t request_timeout_ns, int64_t workers)
{
    put_path(writer, "locustfile", locustfile);
    js_put_int(writer, "workers", workers);
    put_seconds(writer, "duration_s", (double)plan->duration_ns);
    put_seconds(writer, "warmup_s", (double)plan->warmup_ns);
    put_seconds(writer, "request_timeout_s", (double)request_timeout_ns);
}

static void put_scenario(struct js_writer *writer, const struct plan *source,
                         const struct locust_plan *plan, const struct buf *environment)
{
    const struct scenario *scenario = source->scenario;
    struct arena arena = {0};
    js_put_string(writer, "host", plan->host);
    put_seconds(writer, "connect_timeout_s", (double)scenario->connect_timeout_ns);
    js_put_int(writer, "seed", (int64_t)(source->settings.seed & INT64_MAX));
    js_put_bool(writer, "new_connections", scenario->keep_alive == KEEP_ALIVE_NEVER);
    put_tls(writer, scenario, &arena);
    js_put_raw(writer, "environment", environment->len ? buf_text(environment) : "{}");
    js_open(writer, "variables", '[');
    for (size_t i = 0; i < scenario->n_variables; i++)
        put_variable(writer, &scenario->variables[i]);
    js_close(writer, ']');
    js_open(writer, "classes", '[');
    for (size_t i = 0; i < source->n_classes; i++)
        put_class(writer, source, &source->classes[i]);
    js_close(writer, ']');
    arena_release(&arena);
}

static void take_settings(struct locust_plan *plan, const struct plan_settings *settings)
{
    plan->users = settings->users;
    plan->spawn_rate = settings->spawn_rate > 0 ? settings->spawn_rate : (double)settings->users;
    plan->duration_ns = settings->duration_ns;
    plan->warmup_ns = settings->warmup_ns;
}

static const char *hash_text(struct arena *arena, const char *before, const char *bytes, size_t len)
{
    uint64_t hash = fnv_add(FNV_START, before, strlen(before));
    hash = fnv_add(hash, bytes, len);
    return arena_printf(arena, "%016" PRIx64, hash);
}

static void write_scenario(struct locust_plan *plan, const struct plan *source, int64_t workers,
                           const struct buf *environment)
{
    const struct scenario *scenario = source->scenario;
    struct js_writer writer = {.out = &plan->text, .one_line = 1};
    struct buf host = {0};
    char workload[17];
    take_settings(plan, &source->settings);
    plan->scenario = scenario;
    plan->suite = arena_strdup(&plan->arena, scenario->name);
    url_add_origin(&source->arms[0].origins[0].url, &host);
    plan->host = arena_strdup(&plan->arena, buf_text(&host));
    buf_release(&host);
    scenario_workload_hash(scenario, plan->users, source->settings.think_scale, workload);
    plan->workload = hash_text(&plan->arena, "locust,", workload, sizeof workload - 1);
    js_open(&writer, NULL, '{');
    put_common(&writer, plan, NULL, scenario->request_timeout_ns, workers);
    put_scenario(&writer, source, plan, environment);
    js_close(&writer, '}');
}

int locust_plan_scenario(struct locust_plan *plan, const struct scenario *scenario,
                         const struct load_options *options, int64_t workers, bool reach,
                         struct err *err)
{
    struct looked_up seen = {.options = options};
    struct load_options watched = *options;
    struct plan source;
    *plan = (struct locust_plan){0};
    watched.lookup = look_up;
    watched.lookup_context = &seen;
    int status = plan_compile(&source, scenario, &watched, err);
    if (status == 0) {
        if (seen.members.len)
            buf_add_char(&seen.members, '}');
        status = check(&source, err);
        if (status == 0 && reach)
            status = plan_reach(&source, options->stop, err);
        if (status == 0)
            write_scenario(plan, &source, workers, &seen.members);
        if (status == 0 && reach)
            plan->target = source.arms[0].origins[0].address;
        plan_release(&source);
    }
    buf_release(&seen.members);
    return status;
}

/* ---- locustfiles ---- */

/* A suite's name of the file's: "My Test.py" becomes "my-test". */
static const char *suite_of(const char *path, struct arena *arena)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t len = strcspn(name, ".");
    char *suite = arena_strndup(arena, name, len < 64 ? len : 64);
    for (char *c = suite; *c; c++) {
        bool kept = isdigit((unsigned char)*c) || *c == '_' || *c == '-';
        *c = isalpha((unsigned char)*c) ? (char)tolower((unsigned char)*c) : kept ? *c : '-';
    }
    return scenario_suite_is_valid(suite) ? suite : "locust";
}

/* What a load shape leaves no room for. */
static void put_given(struct js_writer *writer, const struct load_options *options)
{
    const struct {
        const char *name;
        bool given;
    } all[] = {{"--users (LOAD_TEST_USERS)", options->users > 0},
               {"--spawn-rate (LOAD_TEST_SPAWN_RATE)", options->spawn_rate > 0},
               {"--duration (LOAD_TEST_DURATION)", options->duration_ns > 0},
               {"--warmup", options->warmup_ns > 0}};
    js_open(writer, "given", '[');
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].given)
            js_put_string(writer, NULL, all[i].name);
    js_close(writer, ']');
}

/* Only for who watches it: whether it can be reached is Locust's to say. */
static void find_target(struct locust_plan *plan, const struct load_options *options)
{
    static const struct scenario_tls tls = {0};
    struct origin origin = {0};
    if (!options->host)
        return;
    if (origin_init(&origin, options->host, "the host", &tls, NULL) == 0 &&
        origin_reach(&origin, NS_PER_S, options->stop, NULL) == 0)
        plan->target = origin.address;
    origin_release(&origin);
}

int locust_plan_file(struct locust_plan *plan, const char *path, const struct load_options *options,
                     int64_t workers, struct err *err)
{
    const struct scenario none = {
        .spawn_rate = NAN, .rate = NAN, .duration_ns = -1, .warmup_ns = -1};
    struct plan_settings settings = {0};
    struct buf text = {0}, before = {0};
    *plan = (struct locust_plan){0};
    int status = fs_read(path, FILE_LIMIT, &text, err);
    if (status == 0)
        status = settings_init(&settings, &none, options, err);
    if (status < 0)
        goto out;
    take_settings(plan, &settings);
    plan->suite = suite_of(path, &plan->arena);
    plan->host = arena_strdup(&plan->arena, options->host);
    plan->resolution_ns = NS_PER_MS; /* FastHttpUser gives whole ms */
    find_target(plan, options);
    buf_addf(&before, "locustfile,%" PRId64 ",", plan->users);
    plan->workload = hash_text(&plan->arena, buf_text(&before), text.data, text.len);
    struct js_writer writer = {.out = &plan->text, .one_line = 1};
    js_open(&writer, NULL, '{');
    put_common(&writer, plan, path, 0, workers);
    put_given(&writer, options);
    js_close(&writer, '}');
out:
    buf_release(&text);
    buf_release(&before);
    return status;
}

void locust_plan_release(struct locust_plan *plan)
{
    buf_release(&plan->text);
    arena_release(&plan->arena);
    *plan = (struct locust_plan){0};
}
