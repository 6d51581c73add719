#include "monitor/profiler.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "monitor/profile_job.h"
#include "monitor/pulse.h"

/* One side's. */
struct side {
    struct profiler *profiler;
    pthread_t thread;
    bool started;
    bool ran; /* its time came */
    struct profile_job job;
};

struct profiler {
    struct profiler_setup setup;
    struct side sides[2];
    struct pulse pulse;
    int cancel; /* an eventfd: readable once the commands are to end */
    bool joined;
};

/* ---- the threads ---- */

/* So that the profiler ends with the measured time. False where the run is over before. */
static bool wait_for_time(struct profiler *profiler)
{
    const struct profiler_setup *setup = &profiler->setup;
    int64_t before_ns = setup->span_ns - profile_job_length_ns(setup->wanted, setup->span_ns);
    return pulse_wait_for_begin(&profiler->pulse) &&
           pulse_wait(&profiler->pulse, clock_monotonic_ns() + before_ns);
}

static void *work(void *argument)
{
    struct side *side = argument;
    struct profiler *profiler = side->profiler;
    pthread_setname_np(pthread_self(), "perfgate-prof");
    side->ran = wait_for_time(profiler);
    if (side->ran)
        profile_job_run(&side->job, profiler->cancel);
    return NULL;
}

/* ---- their owner ---- */

int profiler_start(struct profiler **out, const struct profiler_setup *setup, struct err *err)
{
    struct profiler *profiler = mem_new(sizeof *profiler);
    *out = profiler;
    profiler->setup = *setup;
    profiler->cancel = eventfd(0, EFD_CLOEXEC);
    pulse_init(&profiler->pulse);
    for (size_t i = 0; i < setup->sides; i++) {
        struct side *side = &profiler->sides[i];
        side->profiler = profiler;
        side->job = (struct profile_job){.wanted = setup->wanted,
                                         .target = setup->targets[i],
                                         .side = (int)i,
                                         .environment = setup->environment,
                                         .directory = setup->directory,
                                         .span_ns = setup->span_ns};
        if (pulse_start_thread(&side->thread, work, side, "the profiler's thread", err) < 0)
            return -1;
        side->started = true;
    }
    return 0;
}

void profiler_turn(struct profiler *profiler, int arm, int64_t now_ns, int64_t measured_ns)
{
    pulse_turn(&profiler->pulse, arm, now_ns, measured_ns);
}

void profiler_stop(struct profiler *profiler, bool at_once)
{
    if (profiler->joined)
        return;
    pulse_stop(&profiler->pulse);
    if (at_once && profiler->cancel >= 0)
        eventfd_write(profiler->cancel, 1);
    for (size_t i = 0; i < profiler->setup.sides; i++)
        if (profiler->sides[i].started)
            pthread_join(profiler->sides[i].thread, NULL);
    profiler->joined = true;
}

void profiler_report(const struct profiler *profiler, size_t side, struct report *report)
{
    const struct side *of = &profiler->sides[side];
    struct report_health *health = &report->health;
    const char *note =
        of->ran ? of->job.note
                : "there is no profile: the run ended before the profiler's time had come";
    report->profile = profile_job_report(&of->job, &report->arena);
    if (note)
        arena_append(&report->arena, &health->notes, &health->n_notes,
                     arena_strdup(&report->arena, note));
}

void profiler_free(struct profiler *profiler)
{
    if (!profiler)
        return;
    profiler_stop(profiler, true);
    for (size_t i = 0; i < profiler->setup.sides; i++)
        profile_job_release(&profiler->sides[i].job);
    if (profiler->cancel >= 0)
        close(profiler->cancel);
    pulse_release(&profiler->pulse);
    free(profiler);
}
