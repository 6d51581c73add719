#include "load/plan.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/rng.h"
#include "model/fingerprint.h"

#define USER_AGENT "perfgate/" PERFGATE_VERSION
#define MAX_S      4e9 /* beyond any run's end */
/* Of a user: one is there from so little before, or it could be due just before it is there. */
#define USER_ROUNDING 1e-6

/* 0 where compiling goes on behind what `err` says. */
static int go_on(const struct plan *plan, struct err *err)
{
    if (!plan->faults)
        return -1;
    faults_take(plan->faults, err);
    return 0;
}

static uint32_t endpoint_of(struct plan *plan, const struct scenario_step *step)
{
    const char *name = step->name ? step->name : step->path;
    for (size_t i = 0; i < plan->n_endpoints; i++) {
        const struct plan_endpoint *endpoint = &plan->endpoints[i];
        if (strcmp(endpoint->name, name) == 0 && strcmp(endpoint->method, step->method) == 0)
            return (uint32_t)i;
    }
    plan->endpoints[plan->n_endpoints] = (struct plan_endpoint){name, step->method};
    return (uint32_t)plan->n_endpoints++;
}

/* The index of the origin of `url`, or -1 where requests may not go. */
static int find_origin(const struct plan *plan, const struct url *url)
{
    for (size_t i = 0; i < plan->n_origins; i++) {
        if (url_same_origin(&plan->arms[0].origins[i].url, url))
            return (int)i;
    }
    return -1;
}

/* The origin that a step names, 0 where it names none. */
static int step_origin(const struct plan *plan, const struct scenario_step *source,
                       uint32_t *origin, struct err *err)
{
    *origin = 0;
    if (source->path[0] == '/')
        return 0;
    struct url url = {0};
    if (url_parse(source->path, source->path, &url, err) < 0)
        return -1;
    int found = find_origin(plan, &url);
    url_release(&url);
    if (found < 0)
        return err_set(err, ERR_INPUT,
                       "'%s' leaves the target's host, which only hosts given by --allow-host may "
                       "be used for",
                       source->path);
    *origin = (uint32_t)found;
    return 0;
}

static int compile_step(struct plan *plan, const struct scenario_class *class,
                        const struct scenario_step *source, struct plan_step *step, struct err *err)
{
    *step =
        (struct plan_step){.source = source,
                           .endpoint = endpoint_of(plan, source),
                           .number = (uint32_t)plan->n_steps++,
                           .members = source->group > 1 ? (uint32_t)source->group : 1,
                           .connections = source->group > 1 ? (uint32_t)source->connections : 1,
                           .follow = source->follow_redirects < 0 ? plan->scenario->follow_redirects
                                                                  : source->follow_redirects != 0};
    if (step_origin(plan, source, &step->origin, err) < 0)
        return -1;
    for (size_t arm = 0; arm < plan->n_arms; arm++) {
        struct step_context context = {.scenario = plan->scenario,
                                       .class = class,
                                       .target = &plan->arms[arm].origins[step->origin].url,
                                       .user_agent = USER_AGENT,
                                       .run_id = plan->arms[arm].run_id,
                                       .vars = &plan->vars,
                                       .arena = &plan->arena,
                                       .is_other_host = step->origin != 0};
        if (step_compile(&step->wire[arm], source, &context, err) < 0)
            return -1;
    }
    return 0;
}

static uint32_t feeds_of(const struct plan *plan, const struct plan_step *step)
{
    const struct step *wire = &step->wire[0];
    return template_feeds(&wire->line, &plan->vars) | template_feeds(&wire->head, &plan->vars) |
           template_feeds(&wire->body, &plan->vars);
}

static int compile_sequence(struct plan *plan, const struct scenario_class *class,
                            const struct scenario_step *steps, size_t n,
                            struct plan_sequence *sequence, struct err *err)
{
    sequence->n = n;
    sequence->steps = arena_array(&plan->arena, n, sizeof *sequence->steps);
    for (size_t i = 0; i < n; i++) {
        if (compile_step(plan, class, &steps[i], &sequence->steps[i], err) == 0) {
            sequence->feeds |= feeds_of(plan, &sequence->steps[i]);
            continue;
        }
        err_prefix(err, "class '%s', step '%s': ", class->name,
                   steps[i].name ? steps[i].name : steps[i].path);
        if (go_on(plan, err) < 0)
            return -1;
    }
    return 0;
}

static int compile_class(struct plan *plan, const struct scenario_class *source,
                         struct plan_class *class, struct err *err)
{
    class->source = source;
    class->tasks = arena_array(&plan->arena, source->n_tasks, sizeof *class->tasks);
    int64_t *weights = arena_array(&plan->arena, source->n_tasks, sizeof *weights);
    if (compile_sequence(plan, source, source->on_start, source->n_on_start, &class->on_start,
                         err) < 0)
        return -1;
    for (size_t i = 0; i < source->n_tasks; i++) {
        const struct scenario_task *task = &source->tasks[i];
        if (task->left_out)
            continue;
        struct plan_sequence *sequence = &class->tasks[class->n_tasks];
        sequence->task = task;
        weights[class->n_tasks++] = task->weight;
        if (compile_sequence(plan, source, task->steps, task->n_steps, sequence, err) < 0)
            return -1;
    }
    choice_init(&class->choice, weights, class->n_tasks, &plan->arena);
    return 0;
}

static size_t count_steps(const struct scenario *scenario)
{
    size_t n = 0;
    for (size_t i = 0; i < scenario->n_classes; i++) {
        const struct scenario_class *class = &scenario->classes[i];
        n += class->n_on_start;
        for (size_t task = 0; task < class->n_tasks; task++)
            n += class->tasks[task].n_steps;
    }
    return n;
}

static int compile_classes(struct plan *plan, struct err *err)
{
    const struct scenario *scenario = plan->scenario;
    plan->endpoints = arena_array(&plan->arena, count_steps(scenario), sizeof *plan->endpoints);
    plan->classes = arena_array(&plan->arena, scenario->n_classes, sizeof *plan->classes);
    for (size_t i = 0; i < scenario->n_classes; i++) {
        if (scenario->classes[i].left_out)
            continue;
        if (compile_class(plan, &scenario->classes[i], &plan->classes[plan->n_classes++], err) < 0)
            return -1;
    }
    return 0;
}

static void assign_classes(struct plan *plan)
{
    size_t n = plan->n_classes;
    int64_t *weights = arena_array(&plan->arena, n, sizeof *weights);
    int64_t *counts = arena_array(&plan->arena, n, sizeof *counts);
    for (size_t i = 0; i < n; i++)
        weights[i] = plan->classes[i].source->weight;
    apportion_counts(weights, n, plan->settings.users, counts);
    plan->class_of =
        arena_array(&plan->arena, (size_t)plan->settings.users, sizeof *plan->class_of);
    apportion_order(counts, n, plan->class_of);
    choice_init(&plan->choice, weights, n, &plan->arena);
}

static void init_curves(struct plan *plan)
{
    const struct plan_settings *settings = &plan->settings;
    if (settings->rate > 0)
        curve_init_level(&plan->rate, settings->rate, &plan->arena);
    else if (settings->stages.n)
        curve_init_stages(settings->stages.of_users ? &plan->users : &plan->rate, &settings->stages,
                          &plan->arena);
}

int64_t plan_users_at(const struct plan *plan, int64_t at_ns)
{
    return (int64_t)(curve_level(&plan->users, (double)at_ns / (double)NS_PER_S) + USER_ROUNDING);
}

int64_t plan_user_from(const struct plan *plan, int64_t number, int64_t from_ns)
{
    double from_s = (double)from_ns / (double)NS_PER_S;
    double at_s = curve_reaches(&plan->users, from_s, (double)number + 1 - USER_ROUNDING);
    if (at_s <= from_s)
        return from_ns;
    return at_s < MAX_S ? (int64_t)ceil(at_s * (double)NS_PER_S) : INT64_MAX;
}

/* The URL of an allowed host, which is http where it does not say; NULL: it is more than a host. */
static const char *allowed_url(const char *allowed, struct arena *arena, struct err *err)
{
    const char *scheme = strstr(allowed, "://");
    const char *host = scheme ? scheme + 3 : allowed;
    if (!strpbrk(host, "/?#"))
        return scheme ? allowed : arena_printf(arena, "http://%s", host);
    err_set(err, ERR_USAGE,
            "--allow-host: expected NAME, NAME:PORT or https://NAME[:PORT], found '%s'", allowed);
    return NULL;
}

/* The settings of TLS for the target, or for another host, which is not shown our certificate. */
static struct scenario_tls tls_settings(struct plan *plan, bool is_target)
{
    const struct scenario *scenario = plan->scenario;
    const struct scenario_tls *tls = &scenario->tls;
    struct arena *arena = &plan->arena;
    struct scenario_tls settings = {.verify = tls->verify,
                                    .ca = scenario_locate(scenario, tls->ca, arena)};
    if (is_target) {
        settings.cert = scenario_locate(scenario, tls->cert, arena);
        settings.key = scenario_locate(scenario, tls->key, arena);
    }
    return settings;
}

static int init_origin(const struct plan *plan, struct origin *origin, const char *url,
                       const char *what, const struct scenario_tls *tls, struct err *err)
{
    int protocol = plan->scenario->protocol;
    origin->offer_http2 = protocol != SCENARIO_HTTP1;
    origin->only_http2 = protocol == SCENARIO_HTTP2;
    return origin_init(origin, url, what, tls, err);
}

static int init_origins(struct plan *plan, struct plan_arm *arm, const char *target,
                        const char *what, const struct load_options *options, struct err *err)
{
    arm->origins = arena_array(&plan->arena, plan->n_origins, sizeof *arm->origins);
    if (!target)
        return err_set(err, ERR_USAGE, "no target: give --host, or set \"host\" in the scenario");
    struct scenario_tls tls = tls_settings(plan, true);
    if (init_origin(plan, &arm->origins[0], target, what, &tls, err) < 0)
        return -1;
    tls = tls_settings(plan, false);
    for (size_t i = 1; i < plan->n_origins; i++) {
        const char *url = allowed_url(options->allow_hosts[i - 1], &plan->arena, err);
        if (!url || init_origin(plan, &arm->origins[i], url, "--allow-host", &tls, err) < 0)
            return -1;
    }
    return 0;
}

/* Where compiling goes on, what could not be read is a host that is nowhere. */
static int stand_in(const struct plan *plan, const struct plan_arm *arm, struct err *err)
{
    if (go_on(plan, err) < 0)
        return -1;
    for (size_t i = 0; i < plan->n_origins; i++)
        if (!arm->origins[i].url.host &&
            url_parse("http://host.invalid", "", &arm->origins[i].url, err) < 0)
            return -1;
    return 0;
}

static int init_targets(struct plan *plan, const struct load_options *options, struct err *err)
{
    const char *host = options->host ? options->host : plan->scenario->host;
    const char *targets[2] = {host, options->against};
    static const char *const what[2] = {"--host", "--against"};
    size_t n_arms = options->against ? 2 : 1;
    struct rng ids;
    rng_init(&ids, (uint64_t)clock_wall_ns(), (uint64_t)clock_monotonic_ns());
    plan->n_arms = n_arms;
    plan->n_origins = 1 + options->n_allow_hosts;
    for (size_t i = 0; i < n_arms; i++) {
        struct plan_arm *arm = &plan->arms[i];
        snprintf(arm->run_id, sizeof arm->run_id, "%016" PRIx64, rng_u64(&ids));
        if (init_origins(plan, arm, targets[i], what[i], options, err) < 0 &&
            stand_in(plan, arm, err) < 0)
            return -1;
    }
    return 0;
}

/* Each worker has extracts of its own; these only show that they can be compiled. */
static int try_extracts(const struct plan *plan, struct err *err)
{
    struct extract *extracts = mem_array(plan->n_steps, sizeof *extracts);
    int result = plan_compile_extracts(plan, extracts, err);
    for (size_t i = 0; i < plan->n_steps; i++)
        extract_release(&extracts[i]);
    free(extracts);
    return result;
}

/* In the open model users work when arrivals come; none can be at its end. */
static int check_feeds(const struct plan *plan, struct err *err)
{
    for (size_t i = 0; plan->rate.n && i < plan->scenario->n_feeds; i++) {
        const struct scenario_feed *feed = &plan->scenario->feeds[i];
        if (feed->at_end == FEED_STOP || (feed->at_end == FEED_FAIL && feed->order == FEED_NEXT))
            return err_set(err, ERR_INPUT,
                           "the feed '%s' has an end, and arrivals at a rate have none; give it "
                           "\"at_end\": \"repeat\"",
                           feed->name);
    }
    return 0;
}

static int compile(struct plan *plan, const struct load_options *options, struct err *err)
{
    const struct scenario *scenario = plan->scenario;
    if (settings_init(&plan->settings, scenario, options, err) < 0 && go_on(plan, err) < 0)
        return -1;
    if (init_targets(plan, options, err) < 0)
        return -1;
    if (vars_init(&plan->vars, scenario, options->lookup, options->lookup_context, err) < 0 &&
        go_on(plan, err) < 0)
        return -1;
    if (feeds_init(&plan->feeds, scenario, plan->settings.users, err) < 0 && go_on(plan, err) < 0)
        return -1;
    vars_add_feeds(&plan->vars, &plan->feeds);
    if (compile_classes(plan, err) < 0)
        return -1;
    assign_classes(plan);
    init_curves(plan);
    if (check_feeds(plan, err) < 0 && go_on(plan, err) < 0)
        return -1;
    return try_extracts(plan, err);
}

int plan_compile(struct plan *plan, const struct scenario *scenario,
                 const struct load_options *options, struct err *err)
{
    *plan = (struct plan){.scenario = scenario};
    int result = compile(plan, options, err);
    if (result < 0)
        plan_release(plan);
    return result;
}

void plan_compile_all(struct plan *plan, const struct scenario *scenario,
                      const struct load_options *options, struct faults *faults)
{
    struct err err = {0};
    *plan = (struct plan){.scenario = scenario, .faults = faults};
    if (compile(plan, options, &err) < 0)
        faults_take(faults, &err);
}

int plan_reach(struct plan *plan, const volatile sig_atomic_t *stop, struct err *err)
{
    for (size_t arm = 0; arm < plan->n_arms; arm++) {
        for (size_t i = 0; i < plan->n_origins; i++) {
            if (origin_reach(&plan->arms[arm].origins[i], plan->scenario->connect_timeout_ns, stop,
                             err) < 0)
                return -1;
        }
    }
    return 0;
}

static int compile_extracts(const struct plan *plan, const struct plan_sequence *sequence,
                            struct extract *extracts, struct err *err)
{
    for (size_t i = 0; i < sequence->n; i++) {
        const struct plan_step *step = &sequence->steps[i];
        if (extract_compile(&extracts[step->number], step->source, &plan->vars, err) == 0)
            continue;
        err_prefix(err, "step '%s': ", plan->endpoints[step->endpoint].name);
        if (go_on(plan, err) < 0)
            return -1;
    }
    return 0;
}

int plan_compile_extracts(const struct plan *plan, struct extract *extracts, struct err *err)
{
    for (size_t i = 0; i < plan->n_classes; i++) {
        const struct plan_class *class = &plan->classes[i];
        if (compile_extracts(plan, &class->on_start, extracts, err) < 0)
            return -1;
        for (size_t task = 0; task < class->n_tasks; task++) {
            if (compile_extracts(plan, &class->tasks[task], extracts, err) < 0)
                return -1;
        }
    }
    return 0;
}

void plan_release(struct plan *plan)
{
    for (size_t arm = 0; arm < plan->n_arms; arm++) {
        for (size_t i = 0; plan->arms[arm].origins && i < plan->n_origins; i++)
            origin_release(&plan->arms[arm].origins[i]);
    }
    vars_release(&plan->vars);
    feeds_release(&plan->feeds);
    arena_release(&plan->arena);
    *plan = (struct plan){0};
}
