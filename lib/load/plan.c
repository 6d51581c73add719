#include "load/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/fingerprint.h"

#define USER_AGENT "perfgate/" PERFGATE_VERSION

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
                                       .vars = &plan->vars,
                                       .arena = &plan->arena};
        if (step_compile(&step->wire[arm], source, &context, err) < 0)
            return -1;
    }
    return 0;
}

static int compile_sequence(struct plan *plan, const struct scenario_class *class,
                            const struct scenario_step *steps, size_t n,
                            struct plan_sequence *sequence, struct err *err)
{
    sequence->n = n;
    sequence->steps = arena_array(&plan->arena, n, sizeof *sequence->steps);
    for (size_t i = 0; i < n; i++) {
        if (compile_step(plan, class, &steps[i], &sequence->steps[i], err) < 0)
            return err_prefix(err, "class '%s', step '%s': ", class->name,
                              steps[i].name ? steps[i].name : steps[i].path);
    }
    return 0;
}

static int compile_class(struct plan *plan, const struct scenario_class *source,
                         struct plan_class *class, struct err *err)
{
    class->source = source;
    class->n_tasks = source->n_tasks;
    class->tasks = arena_array(&plan->arena, source->n_tasks, sizeof *class->tasks);
    int64_t *weights = arena_array(&plan->arena, source->n_tasks, sizeof *weights);
    if (compile_sequence(plan, source, source->on_start, source->n_on_start, &class->on_start,
                         err) < 0)
        return -1;
    for (size_t i = 0; i < source->n_tasks; i++) {
        const struct scenario_task *task = &source->tasks[i];
        weights[i] = task->weight;
        if (compile_sequence(plan, source, task->steps, task->n_steps, &class->tasks[i], err) < 0)
            return -1;
    }
    choice_init(&class->choice, weights, source->n_tasks, &plan->arena);
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
    plan->n_classes = scenario->n_classes;
    plan->classes = arena_array(&plan->arena, plan->n_classes, sizeof *plan->classes);
    for (size_t i = 0; i < plan->n_classes; i++) {
        if (compile_class(plan, &scenario->classes[i], &plan->classes[i], err) < 0)
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
}

static void set_protocol(struct origin *origin, int protocol)
{
    origin->offer_http2 = origin->url.is_secure && protocol != SCENARIO_HTTP1;
    origin->only_http2 = protocol == SCENARIO_HTTP2;
}

static int init_origins(struct plan *plan, struct plan_arm *arm, const char *target,
                        const char *what, const struct load_options *options, struct err *err)
{
    arm->origins = arena_array(&plan->arena, plan->n_origins, sizeof *arm->origins);
    if (!target)
        return err_set(err, ERR_USAGE, "no target: give --host, or set \"host\" in the scenario");
    if (url_parse(target, what, &arm->origins[0].url, err) < 0)
        return -1;
    for (size_t i = 0; i < plan->n_origins; i++)
        arm->origins[i].transport = &transport_tcp;
    for (size_t i = 1; i < plan->n_origins; i++) {
        const char *allowed = options->allow_hosts[i - 1];
        if (strpbrk(allowed, "/?#"))
            return err_set(err, ERR_USAGE, "--allow-host: expected NAME or NAME:PORT, found '%s'",
                           allowed);
        const char *text = arena_printf(&plan->arena, "http://%s/", allowed);
        if (url_parse(text, "--allow-host", &arm->origins[i].url, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < plan->n_origins; i++)
        set_protocol(&arm->origins[i], plan->scenario->protocol);
    return 0;
}

static int init_targets(struct plan *plan, const struct load_options *options, struct err *err)
{
    const char *host = options->host ? options->host : plan->scenario->host;
    plan->n_arms = options->against ? 2 : 1;
    plan->n_origins = 1 + options->n_allow_hosts;
    if (init_origins(plan, &plan->arms[0], host, "--host", options, err) < 0)
        return -1;
    return plan->n_arms < 2
               ? 0
               : init_origins(plan, &plan->arms[1], options->against, "--against", options, err);
}

int plan_compile(struct plan *plan, const struct scenario *scenario,
                 const struct load_options *options, struct err *err)
{
    *plan = (struct plan){.scenario = scenario};
    struct extract *extracts = NULL;
    int result = -1;
    if (settings_init(&plan->settings, scenario, options, err) < 0 ||
        init_targets(plan, options, err) < 0 ||
        vars_init(&plan->vars, scenario, options->lookup, options->lookup_context, err) < 0 ||
        compile_classes(plan, err) < 0)
        goto out;
    assign_classes(plan);
    extracts = mem_array(plan->n_steps, sizeof *extracts);
    result = plan_compile_extracts(plan, extracts, err);
out:
    for (size_t i = 0; extracts && i < plan->n_steps; i++)
        extract_release(&extracts[i]);
    free(extracts);
    if (result < 0)
        plan_release(plan);
    return result;
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
        if (extract_compile(&extracts[step->number], step->source, &plan->vars, err) < 0)
            return err_prefix(err, "step '%s': ", plan->endpoints[step->endpoint].name);
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
    arena_release(&plan->arena);
    *plan = (struct plan){0};
}
