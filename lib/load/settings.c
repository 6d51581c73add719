#include "load/settings.h"

#include <math.h>

#include "base/clock.h"

#define DEFAULT_DURATION_NS (10 * NS_PER_S)
#define PAIRED_WARMUP_NS    (2 * NS_PER_S)
#define SLOWEST_SPAWN       1e-3
/* Users of the open model: for tasks of so many seconds. */
#define OPEN_TASK_S 1.0
#define OPEN_FEWEST 64
#define OPEN_MOST   10000

static int64_t first_positive(int64_t a, int64_t b, int64_t otherwise)
{
    if (a > 0)
        return a;
    return b > 0 ? b : otherwise;
}

/* Which of the ways to say how much load there is counts. */
static void choose_load(struct plan_settings *settings, const struct scenario *scenario,
                        const struct load_options *options)
{
    settings->poisson = scenario->arrivals == ARRIVALS_POISSON;
    if (options->rate > 0)
        settings->rate = options->rate;
    else if (scenario->rate > 0)
        settings->rate = scenario->rate;
    else if (!scenario->stages.of_users || options->users <= 0)
        settings->stages = scenario->stages;
}

static double highest(const struct scenario_stages *stages)
{
    double level = 0;
    for (size_t i = 0; i < stages->n; i++)
        level = fmax(level, stages->items[i].level);
    return level;
}

static int64_t users(const struct plan_settings *settings, const struct scenario *scenario,
                     const struct load_options *options)
{
    double peak = fmax(settings->rate, highest(&settings->stages));
    if (settings->stages.of_users)
        return (int64_t)peak;
    double few = peak > 0 ? fmin(fmax(ceil(peak * OPEN_TASK_S), OPEN_FEWEST), OPEN_MOST) : 1;
    return first_positive(options->users, scenario->users, (int64_t)few);
}

/* Of the whole run, without its warm-up where the stages say how long it takes. */
static int64_t duration(const struct plan_settings *settings, const struct scenario *scenario,
                        const struct load_options *options)
{
    int64_t arms = options->against ? 2 : 1;
    int64_t of_stages_ns = settings->stages.n ? arms * settings->stages.total_ns : 0;
    return first_positive(options->duration_ns, scenario->duration_ns,
                          of_stages_ns ? of_stages_ns : DEFAULT_DURATION_NS);
}

static int64_t warmup(const struct scenario *scenario, const struct load_options *options,
                      int64_t duration_ns)
{
    if (options->warmup_ns >= 0)
        return options->warmup_ns;
    if (scenario->warmup_ns >= 0)
        return scenario->warmup_ns;
    if (!options->against)
        return 0;
    int64_t tenth_ns = duration_ns / 10;
    return tenth_ns < PAIRED_WARMUP_NS ? tenth_ns : PAIRED_WARMUP_NS;
}

static double spawn_rate(const struct plan_settings *settings, const struct scenario *scenario,
                         const struct load_options *options)
{
    if (settings->rate > 0 || settings->stages.n)
        return 0;
    if (options->spawn_rate > 0)
        return options->spawn_rate;
    return scenario->spawn_rate > 0 ? scenario->spawn_rate : 0;
}

static int check(const struct plan_settings *settings, struct err *err)
{
    if (settings->duration_ns <= 0)
        return err_set(err, ERR_USAGE,
                       "warm-up: expected less than the scenario's stages take, which it is the "
                       "beginning of");
    if (settings->users > LOAD_MAX_USERS)
        return err_set(err, ERR_USAGE, "users: expected at most %d, found %lld", LOAD_MAX_USERS,
                       (long long)settings->users);
    if (settings->threads > LOAD_MAX_THREADS)
        return err_set(err, ERR_USAGE, "threads: expected at most %d, found %d", LOAD_MAX_THREADS,
                       settings->threads);
    if (settings->rate > 0 && !(settings->rate >= LOAD_MIN_RATE && settings->rate <= LOAD_MAX_RATE))
        return err_set(err, ERR_USAGE, "rate: expected %g to %.0f tasks per second", LOAD_MIN_RATE,
                       LOAD_MAX_RATE);
    if (settings->spawn_rate > 0 && settings->spawn_rate < SLOWEST_SPAWN)
        return err_set(err, ERR_USAGE, "spawn rate: expected at least %g users per second",
                       SLOWEST_SPAWN);
    if (!(settings->think_scale >= 0 && settings->think_scale <= 1e6))
        return err_set(err, ERR_USAGE, "think scale: expected a number from 0 to 1000000");
    return 0;
}

int settings_init(struct plan_settings *settings, const struct scenario *scenario,
                  const struct load_options *options, struct err *err)
{
    *settings = (struct plan_settings){
        .think_scale = isnan(options->think_scale) ? 1 : options->think_scale,
        .threads = options->threads > 0 ? options->threads : 1,
        .seed = (uint64_t)(options->seed ? *options->seed : scenario->seed),
    };
    choose_load(settings, scenario, options);
    settings->spawn_rate = spawn_rate(settings, scenario, options);
    settings->users = users(settings, scenario, options);
    settings->duration_ns = duration(settings, scenario, options);
    settings->warmup_ns = warmup(scenario, options, settings->duration_ns);
    if (settings->stages.n && options->duration_ns <= 0 && scenario->duration_ns <= 0)
        settings->duration_ns -= settings->warmup_ns;
    if (check(settings, err) < 0)
        return -1;
    if (settings->spawn_rate > 0)
        settings->ramp_ns =
            (int64_t)((double)(settings->users - 1) / settings->spawn_rate * (double)NS_PER_S);
    if (settings->threads > settings->users)
        settings->threads = (int)settings->users;
    return 0;
}
