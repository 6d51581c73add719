#include "load/lane.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/fnv.h"
#include "base/mem.h"
#include "load/user.h"

/* User number i of the arm lives in worker i modulo the number of workers. */
static void add_users(struct lane *lane, int worker)
{
    const struct plan_settings *settings = &lane->plan->settings;
    int64_t threads = settings->threads;
    lane->n_users = (size_t)((settings->users - worker + threads - 1) / threads);
    lane->users = mem_array(lane->n_users, sizeof *lane->users);
    for (size_t i = 0; i < lane->n_users; i++)
        user_init(&lane->users[i], lane, worker + (int64_t)i * threads);
}

void lane_init(struct lane *lane, const struct lane_setup *setup)
{
    const struct scenario *scenario = setup->plan->scenario;
    *lane = (struct lane){
        .wire = {.loop = setup->loop,
                 .connecting.length_ns = scenario->connect_timeout_ns,
                 .waiting.length_ns = scenario->request_timeout_ns,
                 .keep_alive = scenario->keep_alive != KEEP_ALIVE_NEVER,
                 .in = setup->in,
                 .in_size = setup->in_size,
                 .done = user_done},
        .plan = setup->plan,
        .arm = setup->arm,
        .worker = setup->worker,
        .extracts = setup->extracts,
        .epoch_ns = -1,
        .wall_offset_ns = clock_wall_ns() - clock_monotonic_ns(),
    };
    recorder_init(&lane->recorder, setup->plan->n_endpoints, setup->plan->n_arms > 1);
    lane->tracer.share = scenario->trace.sample;
    rng_init(&lane->tracer.rng, fnv_add(FNV_START, setup->plan->arms[setup->arm].run_id, 16),
             (uint64_t)setup->worker);
    open_init(lane, setup->worker);
    lane->recorder.open_model = lane->open.on;
    add_users(lane, setup->worker);
}

int64_t lane_clock(const struct lane *lane, int64_t monotonic_ns)
{
    return monotonic_ns - lane->offset_ns;
}

int64_t lane_measured(const struct lane *lane)
{
    return lane->epoch_ns < 0 || lane->clock_ns < lane->epoch_ns ? 0
                                                                 : lane->clock_ns - lane->epoch_ns;
}

/* The pilot is the second half of the warm-up, or its last block: users that all connect at once
 * say nothing about the latencies to come. */
static void begin_warm_block(struct lane *lane)
{
    const struct plan_settings *settings = &lane->plan->settings;
    if (!lane->piloting)
        histogram_reset(&lane->recorder.warm);
    lane->piloting = lane->clock_ns >= settings->ramp_ns + settings->warmup_ns / 4;
}

void lane_begin(struct lane *lane, const struct block *block, int64_t now_ns)
{
    lane->closing = false;
    lane->offset_ns = now_ns - lane->clock_ns;
    lane->resumed_ns = now_ns;
    lane->end_ns = now_ns + block->length_ns;
    if (lane->open.on)
        open_begin(lane, block->length_ns, now_ns);
    lane->measure_from_ns = INT64_MAX;
    if (block->measure_after_ns == INT64_MAX) {
        begin_warm_block(lane);
        return;
    }
    lane->measure_from_ns = now_ns + block->measure_after_ns;
    if (lane->epoch_ns < 0)
        lane->epoch_ns = lane->clock_ns + block->measure_after_ns;
    if (!lane->recorder.paired)
        return;
    if (block->ends_batch)
        recorder_end_batch(&lane->recorder);
    recorder_begin_block(&lane->recorder, block->pair);
}

bool lane_holds(struct lane *lane, struct user *user)
{
    const struct curve *users = &lane->plan->users;
    if (!users->n)
        return false;
    int64_t now_ns = lane_clock(lane, clock_monotonic_ns());
    int64_t number = lane->worker + (user - lane->users) * lane->plan->settings.threads;
    int64_t due_ns = plan_user_from(lane->plan, number, now_ns);
    if (due_ns <= now_ns)
        return false;
    if (due_ns < INT64_MAX)
        timers_add(&lane->timers, due_ns, user);
    return true;
}

static void start_due(struct lane *lane, int64_t now_ns)
{
    while (timers_next(&lane->timers) <= lane_clock(lane, now_ns)) {
        struct timer timer = timers_take(&lane->timers);
        user_wake(timer.owner, timer.due_ns + lane->offset_ns);
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_event(const struct lane *lane)
{
    int64_t next_ns = wire_next_deadline(&lane->wire);
    if (lane->closing)
        return next_ns;
    if (lane->timers.n)
        next_ns = earlier(next_ns, timers_next(&lane->timers) + lane->offset_ns);
    if (lane->open.on)
        next_ns = earlier(next_ns, open_next(lane));
    return earlier(next_ns, open_end(lane));
}

static void close_block(struct lane *lane, int64_t now_ns)
{
    lane->closing = true;
    if (lane->open.on)
        open_close(lane, now_ns);
}

/* A paired run goes on, as its schedule is told by time. */
static bool all_have_ended(const struct lane *lane)
{
    return lane->n_ended == lane->n_users && lane->plan->n_arms == 1;
}

bool lane_turn(struct lane *lane, bool stop)
{
    int64_t now_ns = clock_monotonic_ns();
    if (lane->open.on && !lane->closing && !stop)
        open_admit(lane, now_ns);
    if (!lane->closing && (stop || now_ns >= open_end(lane)))
        close_block(lane, now_ns);
    wire_expire(&lane->wire, now_ns);
    if (!lane->closing)
        start_due(lane, now_ns);
    lane->closing = lane->closing || all_have_ended(lane);
    wire_flush(&lane->wire);
    if (lane->closing && !lane->wire.in_flight) {
        lane->clock_ns = lane_clock(lane, now_ns);
        return false;
    }
    loop_wait(lane->wire.loop, now_ns, next_event(lane));
    return true;
}

void lane_finish(struct lane *lane)
{
    if (lane->recorder.n_pairs)
        recorder_end_batch(&lane->recorder);
    recorder_finish(&lane->recorder);
}

struct request *lane_borrow_request(struct lane *lane)
{
    struct request *request = lane->requests;
    if (!request)
        return arena_array(&lane->arena, 1, sizeof *request);
    lane->requests = request->next;
    return request;
}

void lane_return_request(struct lane *lane, struct request *request)
{
    exchange_release(&request->exchange, &lane->wire);
    request->next = lane->requests;
    lane->requests = request;
}

void lane_release(struct lane *lane)
{
    for (size_t i = 0; i < lane->n_users; i++)
        user_release(&lane->users[i]);
    free(lane->users);
    timers_release(&lane->timers);
    open_release(&lane->open);
    recorder_release(&lane->recorder);
    buf_release(&lane->spare);
    coding_space_release(&lane->space);
    exchange_free_boxes(&lane->wire);
    arena_release(&lane->arena);
    *lane = (struct lane){0};
}
