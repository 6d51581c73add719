#include "load/schedule.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum { STAGE_BEGIN, STAGE_WARM, STAGE_MEASURE, STAGE_END };

/* Of the seed's random numbers, the coin's. */
#define COIN_STREAM UINT64_C(0x636f696e)

void schedule_init(struct schedule *schedule, const struct schedule_plan *plan)
{
    *schedule = (struct schedule){.plan = *plan};
    rng_init(&schedule->coin, plan->seed, COIN_STREAM);
}

static bool single(struct schedule *schedule, struct block *block)
{
    const struct schedule_plan *plan = &schedule->plan;
    if (schedule->stage == STAGE_END)
        return false;
    schedule->stage = STAGE_END;
    int64_t before_ns = plan->ramp_ns + plan->warmup_ns;
    *block =
        (struct block){.length_ns = before_ns + plan->duration_ns, .measure_after_ns = before_ns};
    return true;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A run that is short of pairs may take a quarter more than its duration. */
static int64_t most_time(const struct schedule *schedule)
{
    return schedule->plan.duration_ns / 4 * 5;
}

/* Chooses block length and batches. False where too few pairs fit. A block should be five times the
 * worse p99; twice is enough where that makes room for the pairs that are needed, because one stall
 * of the machine in the short pilot can be its p99. */
static bool plan_pairs(struct schedule *schedule, const struct schedule_facts *facts)
{
    int64_t p99_ns = larger(facts->p99_ns[0], facts->p99_ns[1]);
    int64_t wanted_ns = larger(SCHEDULE_BLOCK_NS, 5 * p99_ns);
    int64_t shortest_ns = larger(SCHEDULE_BLOCK_NS, 2 * p99_ns);
    /* Each block ends with a wait for its last responses. */
    int64_t room_ns = most_time(schedule) / (2 * SCHEDULE_MIN_PAIRS) - p99_ns;
    schedule->began_ns = facts->now_ns;
    schedule->block_ns = wanted_ns < room_ns ? wanted_ns : larger(room_ns, shortest_ns);
    if (room_ns < shortest_ns) {
        int64_t needed_ns = 2 * SCHEDULE_MIN_PAIRS * (shortest_ns + p99_ns);
        schedule->needed_ns = (needed_ns + NS_PER_S - 1) / NS_PER_S * NS_PER_S;
        return false;
    }
    int64_t fit = larger(schedule->plan.duration_ns / (2 * (schedule->block_ns + p99_ns)),
                         SCHEDULE_MIN_PAIRS);
    int64_t per_batch = schedule->plan.looks
                            ? larger(fit / SCHEDULE_LOOK_BATCHES, 1)
                            : (fit + SCHEDULE_MAX_BATCHES - 1) / SCHEDULE_MAX_BATCHES;
    schedule->pairs_per_batch = (size_t)per_batch;
    return true;
}

/* Whether another pair should begin: the run ends as near to the duration as whole pairs allow, or
 * as the pairs that are needed do. */
static bool has_time(const struct schedule *schedule, int64_t now_ns)
{
    int64_t elapsed_ns = now_ns - schedule->began_ns;
    bool is_short = schedule->n_pairs < SCHEDULE_MIN_PAIRS;
    int64_t duration_ns = is_short ? most_time(schedule) : schedule->plan.duration_ns;
    int64_t pair_ns = 2 * schedule->block_ns;
    if (schedule->n_pairs)
        pair_ns = elapsed_ns / (int64_t)schedule->n_pairs;
    return elapsed_ns + pair_ns / 2 < duration_ns;
}

static bool is_warm(const struct schedule *schedule, const struct schedule_facts *facts)
{
    int64_t needed_ns = schedule->plan.ramp_ns + schedule->plan.warmup_ns / 2;
    return facts->clock_ns[0] > 0 && facts->clock_ns[1] > 0 && facts->clock_ns[0] >= needed_ns &&
           facts->clock_ns[1] >= needed_ns;
}

/* Between two pairs: decides the stage of the next one. */
static void advance(struct schedule *schedule, const struct schedule_facts *facts)
{
    switch (schedule->stage) {
    case STAGE_BEGIN:
        schedule->stage = STAGE_WARM;
        break;
    case STAGE_WARM:
        if (is_warm(schedule, facts))
            schedule->stage = plan_pairs(schedule, facts) ? STAGE_MEASURE : STAGE_END;
        break;
    case STAGE_MEASURE:
        schedule->n_pairs++;
        if (!has_time(schedule, facts->now_ns))
            schedule->stage = STAGE_END;
        break;
    default:
        break;
    }
}

static void toss(struct schedule *schedule)
{
    schedule->first_arm = (int)rng_below(&schedule->coin, 2);
    if (schedule->stage != STAGE_MEASURE)
        return;
    schedule->first = mem_grow(schedule->first, schedule->n_pairs, &schedule->first_capacity,
                               sizeof *schedule->first);
    schedule->first[schedule->n_pairs] = (uint8_t)schedule->first_arm;
}

/* The look that is due between two pairs, the last one where there are several; 0 = none. */
static int next_look(struct schedule *schedule, int64_t now_ns)
{
    int64_t elapsed_ns = now_ns - schedule->began_ns;
    int64_t due = elapsed_ns * SCHEDULE_LOOKS / schedule->plan.duration_ns;
    if (!schedule->plan.looks || due <= schedule->look || due >= SCHEDULE_LOOKS)
        return 0;
    schedule->look = (int)due;
    return schedule->look;
}

bool schedule_next(struct schedule *schedule, const struct schedule_facts *facts,
                   struct block *block)
{
    if (!schedule->plan.paired)
        return single(schedule, block);
    if (!schedule->second) {
        advance(schedule, facts);
        toss(schedule);
    }
    if (schedule->stage == STAGE_END)
        return false;
    bool measured = schedule->stage == STAGE_MEASURE;
    bool between = measured && !schedule->second;
    *block = (struct block){
        .arm = schedule->second ? !schedule->first_arm : schedule->first_arm,
        .length_ns = measured ? schedule->block_ns : SCHEDULE_BLOCK_NS,
        .measure_after_ns = measured ? 0 : INT64_MAX,
        .pair = schedule->n_pairs,
        .ends_batch =
            measured && schedule->n_pairs && schedule->n_pairs % schedule->pairs_per_batch == 0,
        .look = between ? next_look(schedule, facts->now_ns) : 0,
    };
    schedule->second = !schedule->second;
    return true;
}

void schedule_release(struct schedule *schedule)
{
    free(schedule->first);
    schedule->first = NULL;
    schedule->first_capacity = 0;
}
