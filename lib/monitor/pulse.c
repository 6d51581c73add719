#include "monitor/pulse.h"

#include <signal.h>
#include <time.h>

#include "base/clock.h"

void pulse_init(struct pulse *pulse)
{
    pthread_condattr_t monotonic;
    *pulse = (struct pulse){.begin_ns = INT64_MAX, .end_ns = INT64_MAX};
    turns_init(&pulse->turns);
    pthread_mutex_init(&pulse->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pulse->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void pulse_turn(struct pulse *pulse, int arm, int64_t now_ns, int64_t measured_ns)
{
    pthread_mutex_lock(&pulse->lock);
    turns_next(&pulse->turns, arm, now_ns, measured_ns);
    bool begins = pulse->begin_ns == INT64_MAX && arm >= 0 && measured_ns < INT64_MAX;
    if (begins)
        pulse->begin_ns = measured_ns;
    if (arm < 0)
        pulse->end_ns = now_ns;
    if (begins || arm < 0)
        pthread_cond_broadcast(&pulse->changed);
    pthread_mutex_unlock(&pulse->lock);
}

void pulse_stop(struct pulse *pulse)
{
    pthread_mutex_lock(&pulse->lock);
    pulse->stop = true;
    pthread_cond_broadcast(&pulse->changed);
    pthread_mutex_unlock(&pulse->lock);
}

static bool is_over(const struct pulse *pulse)
{
    return pulse->stop || pulse->end_ns < INT64_MAX;
}

/* Below the lock. */
static bool wait_until(struct pulse *pulse, int64_t until_ns)
{
    struct timespec until = {.tv_sec = (time_t)(until_ns / NS_PER_S),
                             .tv_nsec = (long)(until_ns % NS_PER_S)};
    while (!is_over(pulse) && clock_monotonic_ns() < until_ns)
        pthread_cond_timedwait(&pulse->changed, &pulse->lock, &until);
    return !is_over(pulse);
}

bool pulse_wait(struct pulse *pulse, int64_t until_ns)
{
    pthread_mutex_lock(&pulse->lock);
    bool goes_on = wait_until(pulse, until_ns);
    pthread_mutex_unlock(&pulse->lock);
    return goes_on;
}

bool pulse_wait_for_begin(struct pulse *pulse)
{
    pthread_mutex_lock(&pulse->lock);
    while (!pulse->stop && pulse->begin_ns == INT64_MAX)
        pthread_cond_wait(&pulse->changed, &pulse->lock);
    bool begins = !pulse->stop && wait_until(pulse, pulse->begin_ns);
    pthread_mutex_unlock(&pulse->lock);
    return begins;
}

void pulse_active(struct pulse *pulse, int64_t now_ns, double active_s[2])
{
    double more[2];
    pthread_mutex_lock(&pulse->lock);
    turns_take(&pulse->turns, now_ns, more);
    for (int arm = 0; arm < 2; arm++)
        active_s[arm] = pulse->active_s[arm] += more[arm];
    pthread_mutex_unlock(&pulse->lock);
}

bool pulse_has_begun(struct pulse *pulse)
{
    pthread_mutex_lock(&pulse->lock);
    bool begun = pulse->begin_ns < INT64_MAX && pulse->begin_ns <= pulse->end_ns;
    pthread_mutex_unlock(&pulse->lock);
    return begun;
}

int pulse_start_thread(pthread_t *thread, void *(*work)(void *), void *argument, const char *what,
                       struct err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(thread, NULL, work, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error ? err_set_errno(err, error, "%s cannot be started", what) : 0;
}

void pulse_release(struct pulse *pulse)
{
    pthread_cond_destroy(&pulse->changed);
    pthread_mutex_destroy(&pulse->lock);
}
