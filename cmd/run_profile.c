#include "cmd/run_profile.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmd/run_commands.h"
#include "load/settings.h"
#include "model/profile_functions.h"

/* A run that may end at a look is profiled before the first one, after a quarter of its time. */
#define LOOKS 4

int run_profile_check(const struct scenario *scenario, struct err *err)
{
    struct buf what = {0};
    if (!scenario->profile.n_command)
        return 0;
    buf_addf(&what, "the profiler '%s'", scenario->profile.command[0]);
    int status = run_commands_allowed(buf_text(&what), err);
    buf_release(&what);
    return status;
}

/* A run that cannot be profiled is still a run. */
static void begin(const struct sockaddr_storage *targets, size_t n, void *context)
{
    struct run_profile *profile = context;
    struct err err = {0};
    if (profile->next)
        profile->next->begin(targets, n, profile->next->context);
    profile->setup.sides = n;
    for (size_t i = 0; i < n; i++)
        profile->setup.targets[i] = (struct listen_place){.address = targets[i]};
    if (profiler_start(&profile->profiler, &profile->setup, &err) < 0) {
        io_warn(profile->log, "%s", err.text);
        run_profile_release(profile);
    }
}

static void turn(int arm, int64_t now_ns, int64_t measured_ns, void *context)
{
    const struct run_profile *profile = context;
    if (profile->next)
        profile->next->turn(arm, now_ns, measured_ns, profile->next->context);
    if (profile->profiler)
        profiler_turn(profile->profiler, arm, now_ns, measured_ns);
}

static const char *directory(void)
{
    const char *path = getenv("TMPDIR");
    return path && *path ? path : P_tmpdir;
}

void run_profile_init(struct run_profile *profile, const struct scenario *scenario,
                      const struct io_log *log, struct load_options *load)
{
    struct plan_settings settings;
    struct err ignored = {0}; /* the run will say it */
    *profile = (struct run_profile){.log = log};
    if (!scenario->profile.n_command || settings_init(&settings, scenario, load, &ignored) < 0)
        return;
    profile->next = load->watcher;
    profile->watcher = (struct load_watcher){.begin = begin, .turn = turn, .context = profile};
    profile->setup = (struct profiler_setup){.wanted = &scenario->profile,
                                             .environment = run_commands_environment(),
                                             .directory = directory(),
                                             .span_ns = load->looks ? settings.duration_ns / LOOKS
                                                                    : settings.duration_ns};
    load->watcher = &profile->watcher;
}

void run_profile_finish(struct run_profile *profile, bool stopped, struct load_result *result)
{
    struct load_side *sides = result->sides;
    if (!profile->profiler)
        return;
    profiler_stop(profile->profiler, stopped);
    for (size_t i = 0; i < result->n_sides; i++)
        profiler_report(profile->profiler, i, &sides[i].report);
    if (result->n_sides == 2)
        profile_compare(sides[1].report.profile, sides[0].report.profile, &sides[0].report.arena);
}

void run_profile_release(struct run_profile *profile)
{
    profiler_free(profile->profiler);
    profile->profiler = NULL;
}
