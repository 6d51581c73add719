#include "monitor/profiler.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "monitor/fold.h"
#include "monitor/profile_job.h"

/* One side's. */
struct side {
    struct profiler *profiler;
    size_t number;
    pthread_t thread;
    bool started;
    bool ran; /* its time came */
    struct profile_job job;
};

struct profiler {
    struct profiler_setup setup;
    struct side sides[2];
    int cancel; /* an eventfd: readable once the commands are to end */
    bool joined;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Below the lock. */
    int64_t begin_ns; /* when measuring begins; INT64_MAX = not known yet */
    bool over;
};

/* ---- the threads ---- */

/* Where the profiler begins, so that it ends with the measured time; below the lock. */
static int64_t due_ns(const struct profiler *profiler)
{
    const struct profiler_setup *setup = &profiler->setup;
    int64_t before_ns = setup->span_ns - profile_job_length_ns(setup->wanted, setup->span_ns);
    return profiler->begin_ns < INT64_MAX ? profiler->begin_ns + before_ns : INT64_MAX;
}

/* Below the lock. False where the run is over before. */
static bool wait_for_time(struct profiler *profiler)
{
    int64_t due;
    while (!profiler->over && (due = due_ns(profiler)) > clock_monotonic_ns()) {
        const struct timespec until = {.tv_sec = (time_t)(due / NS_PER_S),
                                       .tv_nsec = (long)(due % NS_PER_S)};
        if (due == INT64_MAX)
            pthread_cond_wait(&profiler->changed, &profiler->lock);
        else
            pthread_cond_timedwait(&profiler->changed, &profiler->lock, &until);
    }
    return !profiler->over;
}

static void *work(void *argument)
{
    struct side *side = argument;
    struct profiler *profiler = side->profiler;
    pthread_setname_np(pthread_self(), "perfgate-prof");
    pthread_mutex_lock(&profiler->lock);
    side->ran = wait_for_time(profiler);
    pthread_mutex_unlock(&profiler->lock);
    if (side->ran)
        profile_job_run(&side->job, profiler->cancel);
    return NULL;
}

/* ---- their owner ---- */

static int start_thread(struct side *side)
{
    sigset_t all, before;
    sigfillset(&all); /* signals are the owner's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&side->thread, NULL, work, side);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    side->started = error == 0;
    return error;
}

static void init_lock(struct profiler *profiler)
{
    pthread_condattr_t monotonic;
    pthread_mutex_init(&profiler->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&profiler->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

int profiler_start(struct profiler **out, const struct profiler_setup *setup, struct err *err)
{
    struct profiler *profiler = mem_new(sizeof *profiler);
    int error = 0;
    *out = profiler;
    profiler->setup = *setup;
    profiler->begin_ns = INT64_MAX;
    profiler->cancel = eventfd(0, EFD_CLOEXEC);
    init_lock(profiler);
    for (size_t i = 0; i < setup->sides && !error; i++) {
        struct side *side = &profiler->sides[i];
        side->profiler = profiler;
        side->number = i;
        side->job = (struct profile_job){.wanted = setup->wanted,
                                         .target = setup->targets[i],
                                         .side = (int)i,
                                         .environment = setup->environment,
                                         .directory = setup->directory,
                                         .span_ns = setup->span_ns};
        error = start_thread(side);
    }
    return error ? err_set_errno(err, error, "the profiler's thread cannot be started") : 0;
}

void profiler_turn(struct profiler *profiler, int arm, int64_t now_ns, int64_t measured_ns)
{
    (void)now_ns;
    pthread_mutex_lock(&profiler->lock);
    bool begins = profiler->begin_ns == INT64_MAX && arm >= 0 && measured_ns < INT64_MAX;
    if (begins)
        profiler->begin_ns = measured_ns;
    profiler->over = profiler->over || arm < 0;
    if (begins || arm < 0)
        pthread_cond_broadcast(&profiler->changed);
    pthread_mutex_unlock(&profiler->lock);
}

void profiler_stop(struct profiler *profiler, bool at_once)
{
    if (profiler->joined)
        return;
    pthread_mutex_lock(&profiler->lock);
    profiler->over = true;
    pthread_cond_broadcast(&profiler->changed);
    pthread_mutex_unlock(&profiler->lock);
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
    pthread_cond_destroy(&profiler->changed);
    pthread_mutex_destroy(&profiler->lock);
    free(profiler);
}
