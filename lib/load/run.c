#include "load/run.h"

#include "base/clock.h"
#include "load/crew.h"
#include "load/plan.h"
#include "load/recent.h"
#include "load/result.h"
#include "load/timeline.h"

#define PROGRESS_NS (250 * NS_PER_MS)
/* How soon a stop that came without a signal to this thread is seen. */
#define LOOK_MS 100

struct watch {
    const struct load_options *options;
    struct crew *crew;
    int64_t reported_ns; /* monotonic, the last progress */
    int64_t done;        /* requests at that time */
    struct load_recent recent[2];
    struct timeline timeline;
};

static void count_requests(const struct crew *crew, struct load_progress *progress)
{
    for (int i = 0; i < crew->n; i++) {
        for (size_t arm = 0; arm < crew->plan->n_arms; arm++) {
            const struct recorder *recorder = &crew->workers[i].lanes[arm].recorder;
            progress->requests[arm] += atomic_load_explicit(&recorder->done, memory_order_relaxed);
            progress->failures[arm] +=
                atomic_load_explicit(&recorder->failed, memory_order_relaxed);
        }
    }
}

static int64_t spawned(const struct plan *plan, int64_t elapsed_ns)
{
    const struct plan_settings *settings = &plan->settings;
    if (plan->users.n)
        return plan_users_at(plan, elapsed_ns);
    if (elapsed_ns >= settings->ramp_ns)
        return settings->users;
    return 1 + (int64_t)(settings->spawn_rate * (double)elapsed_ns / (double)NS_PER_S);
}

static void describe(struct watch *watch, int64_t now_ns, struct load_progress *progress)
{
    struct crew *crew = watch->crew;
    const struct plan_settings *settings = &crew->plan->settings;
    int64_t arms = (int64_t)crew->plan->n_arms;
    int64_t elapsed_ns = now_ns - crew->began_ns;
    *progress = (struct load_progress){
        .elapsed_ns = elapsed_ns,
        .total_ns = arms * settings->ramp_ns + settings->warmup_ns + settings->duration_ns,
        .users = spawned(crew->plan, elapsed_ns / arms),
        .pairs = atomic_load(&crew->pairs),
        .n_sides = crew->plan->n_arms,
    };
    for (size_t arm = 0; arm < crew->plan->n_arms; arm++) {
        recent_read(crew, (int)arm, &watch->recent[arm]);
        progress->recent[arm] = watch->recent[arm];
    }
    progress->warming_up = arms > 1 ? atomic_load(&crew->warming_up)
                                    : elapsed_ns < settings->ramp_ns + settings->warmup_ns;
    count_requests(crew, progress);
    int64_t done = progress->requests[0] + progress->requests[1];
    progress->requests_per_s =
        (double)(done - watch->done) * (double)NS_PER_S / (double)(now_ns - watch->reported_ns);
}

static void report_progress(struct watch *watch)
{
    const struct load_options *options = watch->options;
    int64_t now_ns = clock_monotonic_ns();
    if (!options->progress || now_ns - watch->reported_ns < PROGRESS_NS)
        return;
    struct load_progress progress;
    describe(watch, now_ns, &progress);
    options->progress(&progress, options->progress_context);
    watch->reported_ns = now_ns;
    watch->done = progress.requests[0] + progress.requests[1];
}

/* Shows the seconds that are over to who watches them. */
static void show_seconds(struct watch *watch)
{
    const struct load_seconds *seconds = watch->options->seconds;
    struct crew *crew = watch->crew;
    struct load_second second;
    while (seconds && !crew->interrupted && timeline_next(&watch->timeline, crew, 0, &second)) {
        if (!seconds->second(&second, seconds->context))
            continue;
        crew->alerted = true;
        crew_stop(crew);
    }
}

static void watch_over(struct crew *crew, const struct load_options *options)
{
    struct watch watch = {.options = options, .crew = crew, .reported_ns = clock_monotonic_ns()};
    while (!crew_wait(crew, LOOK_MS)) {
        if (!crew->interrupted && options->stop && *options->stop)
            crew_stop(crew);
        show_seconds(&watch);
        report_progress(&watch);
    }
    timeline_release(&watch.timeline);
}

/* What a look needs. */
struct looking {
    const struct load_options *options;
    int64_t started_ns; /* wall clock */
};

static enum look_reason look(const struct crew *crew, void *context)
{
    const struct looking *looking = context;
    const struct load_looks *looks = looking->options->looks;
    struct load_result so_far = {0};
    result_build(crew, looking->options, looking->started_ns, &so_far);
    enum look_reason reason = looks->ask(&so_far, looks->context);
    load_result_release(&so_far);
    return reason;
}

static void tell_targets(const struct plan *plan, const struct load_watcher *watcher)
{
    struct sockaddr_storage targets[2] = {0};
    for (size_t arm = 0; arm < plan->n_arms; arm++)
        targets[arm] = plan->arms[arm].origins[0].address;
    if (watcher)
        watcher->begin(targets, plan->n_arms, watcher->context);
}

int load_run(const struct scenario *scenario, const struct load_options *options,
             struct load_result *result, struct err *err)
{
    struct plan plan;
    struct crew crew = {0};
    *result = (struct load_result){0};
    if (plan_compile(&plan, scenario, options, err) < 0)
        return -1;
    int status = -1;
    struct looking looking = {options, clock_wall_ns()};
    struct crew_looks looks = {options->looks ? look : NULL, &looking};
    if (plan_reach(&plan, options->stop, err) < 0 || crew_init(&crew, &plan, &looks, err) < 0)
        goto out;
    crew.watcher = options->watcher;
    tell_targets(&plan, options->watcher);
    if (crew_start(&crew, err) < 0)
        goto out;
    watch_over(&crew, options);
    crew_join(&crew);
    result_build(&crew, options, looking.started_ns, result);
    status = 0;
out:
    crew_release(&crew);
    plan_release(&plan);
    return status;
}
