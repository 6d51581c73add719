#include "load/preview.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"

/* ---- names of the environment ---- */

/* Stands in for a value that is missing; it is never sent. */
static const char nothing[] = "x";

static const char *look_up(void *context, const char *name)
{
    struct preview *preview = context;
    const struct load_options *options = preview->options;
    const char *value = options->lookup ? options->lookup(options->lookup_context, name) : NULL;
    if (value)
        return value;
    for (size_t i = 0; i < preview->n_missing; i++)
        if (strcmp(preview->missing[i], name) == 0)
            return nothing;
    arena_append(&preview->arena, &preview->missing, &preview->n_missing,
                 arena_strdup(&preview->arena, name));
    return nothing;
}

/* ---- how much is sent ---- */

double preview_requests(const struct plan_step *step)
{
    const struct scenario_step *source = step->source;
    return source->taken * ((double)source->repeat_low + (double)source->repeat_high) / 2;
}

static double share_of_task(const struct plan_class *class, size_t task)
{
    int64_t all = 0;
    for (size_t i = 0; i < class->n_tasks; i++)
        all += class->tasks[i].task->weight;
    return (double)class->tasks[task].task->weight / (double)all;
}

/* Adds `times` runs through a sequence to counts[plan.n_endpoints]; returns its requests. */
static double add_sequence(const struct plan_sequence *sequence, double times, double *counts)
{
    double sum = 0;
    for (size_t i = 0; i < sequence->n; i++) {
        double requests = times * preview_requests(&sequence->steps[i]);
        counts[sequence->steps[i].endpoint] += requests;
        sum += requests;
    }
    return sum;
}

static double share_of_class(const struct plan *plan, const struct plan_class *class)
{
    int64_t all = 0;
    for (size_t i = 0; i < plan->n_classes; i++)
        all += plan->classes[i].source->weight;
    return (double)class->source->weight / (double)all;
}

static void fill_class(struct preview *preview, size_t number, double *counts)
{
    const struct plan *plan = &preview->plan;
    const struct plan_class *class = &plan->classes[number];
    struct preview_class *out = &preview->classes[number];
    bool open = plan->rate.n > 0;
    for (int64_t i = 0; i < plan->settings.users && !open; i++)
        out->users += plan->class_of[i] == number;
    out->share =
        open ? share_of_class(plan, class) : (double)out->users / (double)plan->settings.users;
    out->think_ns = ((double)class->source->think_low_ns + (double)class->source->think_high_ns) /
                    2 * plan->settings.think_scale;
    memset(counts, 0, plan->n_endpoints * sizeof *counts);
    add_sequence(&class->on_start, (double)out->users, counts);
    for (size_t i = 0; i < plan->n_endpoints; i++)
        preview->endpoints[i].at_start += counts[i];
    memset(counts, 0, plan->n_endpoints * sizeof *counts);
    for (size_t i = 0; i < class->n_tasks; i++)
        out->requests += add_sequence(&class->tasks[i], share_of_task(class, i), counts);
}

static double measured_s(const struct plan *plan)
{
    return (double)plan->settings.duration_ns / (double)plan->n_arms / (double)NS_PER_S;
}

/* The integral of a curve over the measured time of one side. */
static double measured_integral(const struct plan *plan, const struct curve *curve)
{
    const struct plan_settings *settings = &plan->settings;
    double from_s =
        ((double)settings->ramp_ns + (double)settings->warmup_ns / (double)plan->n_arms) /
        (double)NS_PER_S;
    return curve_integral(curve, from_s + measured_s(plan)) - curve_integral(curve, from_s);
}

/* Runs through a class's tasks in the measured time of one side; where nobody thinks, up to a
 * factor. */
static double task_runs(const struct preview *preview, size_t number)
{
    const struct plan *plan = &preview->plan;
    const struct preview_class *class = &preview->classes[number];
    if (plan->rate.n)
        return class->share * measured_integral(plan, &plan->rate);
    double user_s =
        class->share * (plan->users.n ? measured_integral(plan, &plan->users)
                                      : (double)plan->settings.users * measured_s(plan));
    return class->think_ns > 0 ? user_s * (double)NS_PER_S / class->think_ns
                               : user_s / class->requests;
}

/* Which classes think; in the open model arrivals set the pace as think times do. */
enum thinking { NOBODY, SOME, ALL };

static enum thinking who_thinks(const struct preview *preview)
{
    size_t n = 0;
    for (size_t i = 0; i < preview->plan.n_classes; i++)
        n += preview->plan.rate.n || preview->classes[i].think_ns > 0;
    if (!n)
        return NOBODY;
    return n < preview->plan.n_classes ? SOME : ALL;
}

/* Requests at the endpoints, into `requests`; and NAN for those of a class that does not think,
 * where it is not alone. */
static void fill_requests(struct preview *preview, double *counts)
{
    const struct plan *plan = &preview->plan;
    enum thinking thinking = who_thinks(preview);
    for (size_t i = 0; i < plan->n_classes; i++) {
        const struct plan_class *class = &plan->classes[i];
        const struct preview_class *known = &preview->classes[i];
        double runs =
            thinking == SOME && known->think_ns <= 0 ? (double)NAN : task_runs(preview, i);
        for (size_t task = 0; task < class->n_tasks; task++) {
            memset(counts, 0, plan->n_endpoints * sizeof *counts);
            add_sequence(&class->tasks[task], share_of_task(class, task), counts);
            for (size_t k = 0; k < plan->n_endpoints; k++)
                if (counts[k] > 0)
                    preview->endpoints[k].requests += counts[k] * runs;
        }
    }
}

static void fill_endpoints(struct preview *preview, double *counts)
{
    const struct plan *plan = &preview->plan;
    enum thinking thinking = who_thinks(preview);
    double all = 0;
    fill_requests(preview, counts);
    for (size_t i = 0; i < plan->n_endpoints; i++)
        all += preview->endpoints[i].requests;
    for (size_t i = 0; i < plan->n_endpoints; i++) {
        struct preview_endpoint *endpoint = &preview->endpoints[i];
        endpoint->tags = scenario_tags(plan->scenario, plan->endpoints[i].method,
                                       plan->endpoints[i].name, &preview->arena);
        endpoint->share = all > 0 ? endpoint->requests / all : (double)NAN;
        if (thinking == NOBODY)
            endpoint->requests = (double)NAN;
    }
}

void preview_init(struct preview *preview, const struct scenario *scenario,
                  const struct load_options *options)
{
    struct load_options ours = *options;
    *preview = (struct preview){.options = options};
    ours.lookup = look_up;
    ours.lookup_context = preview;
    plan_compile_all(&preview->plan, scenario, &ours, &preview->faults);
    const struct plan *plan = &preview->plan;
    preview->classes = arena_array(&preview->arena, plan->n_classes, sizeof *preview->classes);
    preview->endpoints =
        arena_array(&preview->arena, plan->n_endpoints, sizeof *preview->endpoints);
    double *counts = arena_array(&preview->arena, plan->n_endpoints, sizeof *counts);
    for (size_t i = 0; i < plan->n_classes; i++)
        fill_class(preview, i, counts);
    fill_endpoints(preview, counts);
}

void preview_release(struct preview *preview)
{
    plan_release(&preview->plan);
    faults_release(&preview->faults);
    arena_release(&preview->arena);
    *preview = (struct preview){0};
}
