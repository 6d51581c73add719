#include "load/crew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

/* Of a thread's receive buffer. */
#define IN_SIZE ((size_t)64 << 10)

/* ---- the border ---- */

static int64_t warm_p99(const struct crew *crew, int arm)
{
    struct histogram all = {0};
    for (int i = 0; i < crew->n; i++)
        histogram_merge(&all, &crew->workers[i].lanes[arm].recorder.warm);
    int64_t p99_ns = all.count ? (int64_t)histogram_quantile(&all, 0.99) : 0;
    histogram_release(&all);
    return p99_ns;
}

/* Whether a look that is due ends the run. */
static bool look_ends(struct crew *crew)
{
    crew->look = crew->block.look;
    if (!crew->look)
        return false;
    crew->ended = crew->looks.ask(crew, crew->looks.context);
    if (crew->ended == LOOK_END)
        crew->look = 0;
    return crew->ended != LOOK_END;
}

static void tell_turn(const struct crew *crew)
{
    const struct load_watcher *watcher = crew->watcher;
    int64_t now_ns = clock_monotonic_ns(), after_ns = crew->block.measure_after_ns;
    if (!watcher)
        return;
    watcher->turn(crew->over ? -1 : crew->block.arm, now_ns,
                  after_ns < INT64_MAX ? now_ns + after_ns : INT64_MAX, watcher->context);
}

/* All others wait: what they left in their lanes can be read. */
static void choose_block(struct crew *crew)
{
    struct schedule_facts facts = {.now_ns = clock_monotonic_ns()};
    for (size_t arm = 0; arm < crew->plan->n_arms; arm++)
        facts.clock_ns[arm] = crew->workers[0].lanes[arm].clock_ns;
    bool pilot = crew->plan->n_arms > 1 && atomic_load(&crew->warming_up);
    for (int arm = 0; pilot && arm < 2; arm++)
        facts.p99_ns[arm] = warm_p99(crew, arm);
    crew->over = atomic_load(&crew->stop) ||
                 !schedule_next(&crew->schedule, &facts, &crew->block) || look_ends(crew);
    atomic_store(&crew->warming_up, crew->block.measure_after_ns > 0);
    atomic_store(&crew->arm, crew->block.arm);
    atomic_store(&crew->pairs, (int64_t)crew->schedule.n_pairs);
    tell_turn(crew);
}

static void open_border(struct crew *crew, const struct worker *but)
{
    choose_block(crew);
    atomic_store(&crew->missing, crew->n);
    atomic_fetch_add(&crew->border, 1);
    for (int i = 0; i < crew->n; i++) {
        if (&crew->workers[i] != but)
            loop_wake(&crew->workers[i].loop);
    }
}

/* Meets the others. False at the end of the run. */
static bool next_block(struct worker *worker, struct block *block)
{
    struct crew *crew = worker->crew;
    unsigned border = atomic_load(&crew->border);
    if (atomic_fetch_sub(&crew->missing, 1) == 1)
        open_border(crew, worker);
    while (atomic_load(&crew->border) == border)
        loop_wait(&worker->loop, clock_monotonic_ns(), INT64_MAX);
    *block = crew->block;
    return !crew->over;
}

static void signal_over(struct crew *crew)
{
    if (atomic_fetch_sub(&crew->running, 1) != 1)
        return;
    crew->wall_ns = clock_monotonic_ns() - crew->began_ns;
    uint64_t one = 1;
    ssize_t put = write(crew->over_fd, &one, sizeof one);
    (void)put;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct crew *crew = worker->crew;
    /* Timers of a sleeping thread are otherwise rounded up by 50 us. */
    prctl(PR_SET_TIMERSLACK, 1UL);
    struct block block;
    while (next_block(worker, &block)) {
        struct lane *lane = &worker->lanes[block.arm];
        lane_begin(lane, &block, clock_monotonic_ns());
        while (lane_turn(lane, atomic_load_explicit(&crew->stop, memory_order_relaxed)))
            continue;
    }
    worker->cpu_ns = clock_thread_cpu_ns();
    signal_over(crew);
    return NULL;
}

/* ---- setting up and ending ---- */

static int init_worker(struct worker *worker, struct crew *crew, int number, struct err *err)
{
    const struct plan *plan = crew->plan;
    worker->crew = crew;
    worker->in = mem_array(1, IN_SIZE);
    worker->extracts = mem_array(plan->n_steps, sizeof *worker->extracts);
    if (plan_compile_extracts(plan, worker->extracts, err) < 0 || loop_init(&worker->loop, err) < 0)
        return -1;
    struct lane_setup setup = {.plan = plan,
                               .worker = number,
                               .loop = &worker->loop,
                               .in = worker->in,
                               .in_size = IN_SIZE,
                               .extracts = worker->extracts};
    for (size_t arm = 0; arm < plan->n_arms; arm++) {
        setup.arm = (int)arm;
        lane_init(&worker->lanes[arm], &setup);
    }
    return 0;
}

int crew_init(struct crew *crew, const struct plan *plan, const struct crew_looks *looks,
              struct err *err)
{
    const struct plan_settings *settings = &plan->settings;
    *crew = (struct crew){
        .plan = plan, .n = settings->threads, .missing = settings->threads, .looks = *looks};
    struct schedule_plan times = {.paired = plan->n_arms > 1,
                                  .looks = looks->ask != NULL,
                                  .ramp_ns = settings->ramp_ns,
                                  .warmup_ns = settings->warmup_ns,
                                  .duration_ns = settings->duration_ns,
                                  .seed = settings->seed};
    schedule_init(&crew->schedule, &times);
    atomic_store(&crew->warming_up, true);
    crew->workers = mem_array((size_t)crew->n, sizeof *crew->workers);
    crew->over_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (crew->over_fd < 0)
        return err_set_errno(err, errno, "the engine cannot be set up");
    for (int i = 0; i < crew->n; i++) {
        if (init_worker(&crew->workers[i], crew, i, err) < 0)
            return -1;
    }
    return 0;
}

/* Arrives at the first border, and ends, for workers whose threads could not be started. */
static void stand_in(struct crew *crew, int n)
{
    crew_stop(crew);
    for (int i = 0; i < n; i++) {
        if (atomic_fetch_sub(&crew->missing, 1) == 1)
            open_border(crew, NULL);
        signal_over(crew);
    }
}

int crew_start(struct crew *crew, struct err *err)
{
    sigset_t all, before;
    int started = 0, error = 0;
    crew->began_ns = clock_monotonic_ns();
    atomic_store(&crew->running, crew->n);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; started < crew->n && !error; started += !error)
        error = pthread_create(&crew->workers[started].thread, NULL, work, &crew->workers[started]);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!error)
        return 0;
    stand_in(crew, crew->n - started);
    crew->n = started;
    crew_join(crew);
    return err_set_errno(err, error, "a worker thread cannot be started");
}

bool crew_wait(struct crew *crew, int timeout_ms)
{
    struct pollfd over = {.fd = crew->over_fd, .events = POLLIN};
    return poll(&over, 1, timeout_ms) > 0;
}

void crew_stop(struct crew *crew)
{
    crew->interrupted = true;
    atomic_store(&crew->stop, true);
    for (int i = 0; i < crew->n; i++)
        loop_wake(&crew->workers[i].loop);
}

void crew_join(struct crew *crew)
{
    for (int i = 0; i < crew->n; i++)
        pthread_join(crew->workers[i].thread, NULL);
    for (int i = 0; i < crew->n; i++) {
        for (size_t arm = 0; arm < crew->plan->n_arms; arm++)
            lane_finish(&crew->workers[i].lanes[arm]);
    }
}

static void release_worker(struct worker *worker)
{
    for (int arm = 0; arm < 2; arm++)
        lane_release(&worker->lanes[arm]);
    for (size_t i = 0; worker->extracts && i < worker->crew->plan->n_steps; i++)
        extract_release(&worker->extracts[i]);
    free(worker->extracts);
    free(worker->in);
    loop_release(&worker->loop);
}

void crew_release(struct crew *crew)
{
    for (int i = 0; crew->workers && i < crew->plan->settings.threads; i++)
        release_worker(&crew->workers[i]);
    free(crew->workers);
    schedule_release(&crew->schedule);
    if (crew->over_fd > 0)
        close(crew->over_fd);
    *crew = (struct crew){0};
}
