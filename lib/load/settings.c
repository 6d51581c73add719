#include "load/settings.h"

#include <math.h>

#include "base/clock.h"

#define DEFAULT_DURATION_NS (10 * NS_PER_S)
#define PAIRED_WARMUP_NS    (2 * NS_PER_S)
#define SLOWEST_SPAWN       1e-3

static int64_t first_positive(int64_t a, int64_t b, int64_t otherwise)
{
    if (a > 0)
        return a;
    return b > 0 ? b : otherwise;
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

static double rate(const struct scenario *scenario, const struct load_options *options)
{
    if (options->spawn_rate > 0)
        return options->spawn_rate;
    return scenario->spawn_rate > 0 ? scenario->spawn_rate : 0;
}

static int check(const struct plan_settings *settings, struct err *err)
{
    if (settings->users > LOAD_MAX_USERS)
        return err_set(err, ERR_USAGE, "users: expected at most %d, found %lld", LOAD_MAX_USERS,
                       (long long)settings->users);
    if (settings->threads > LOAD_MAX_THREADS)
        return err_set(err, ERR_USAGE, "threads: expected at most %d, found %d", LOAD_MAX_THREADS,
                       settings->threads);
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
        .users = first_positive(options->users, scenario->users, 1),
        .spawn_rate = rate(scenario, options),
        .duration_ns =
            first_positive(options->duration_ns, scenario->duration_ns, DEFAULT_DURATION_NS),
        .think_scale = isnan(options->think_scale) ? 1 : options->think_scale,
        .threads = options->threads > 0 ? options->threads : 1,
        .seed = (uint64_t)(options->seed ? *options->seed : scenario->seed),
    };
    settings->warmup_ns = warmup(scenario, options, settings->duration_ns);
    if (check(settings, err) < 0)
        return -1;
    if (settings->spawn_rate > 0)
        settings->ramp_ns =
            (int64_t)((double)(settings->users - 1) / settings->spawn_rate * (double)NS_PER_S);
    if (settings->threads > settings->users)
        settings->threads = (int)settings->users;
    return 0;
}
