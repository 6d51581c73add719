#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "load/schedule.h"

/* What a run would have looked like. */
struct outcome {
    size_t blocks, warm, first_arm_first, looks;
    size_t look_at[8]; /* pairs that were complete at each */
    size_t batches[2];
    int64_t clock_ns[2];
    int64_t wall_ns;
};

/* Runs a schedule in a world where a block lasts its length and `drain_ns` more, and where the
 * latencies have the given p99. Checks that blocks come in pairs of one block for each arm. */
static void run(struct schedule *schedule, int64_t p99_ns, int64_t drain_ns, struct outcome *out)
{
    struct schedule_facts facts = {.now_ns = 5 * NS_PER_S, .p99_ns = {p99_ns / 2, p99_ns}};
    struct block block, before = {0};
    *out = (struct outcome){0};
    while (schedule_next(schedule, &facts, &block)) {
        if (out->blocks % 2 == 1) {
            assert_int_equal(block.arm, !before.arm);
            assert_int_equal(block.pair, before.pair);
            assert_int_equal(block.length_ns, before.length_ns);
            assert_int_equal(block.ends_batch, before.ends_batch);
        } else if (block.measure_after_ns == 0) {
            assert_int_equal(schedule->first[block.pair], block.arm);
            out->first_arm_first += block.arm == 0;
        }
        if (block.look) {
            assert_int_equal(out->blocks % 2, 0);
            assert_int_equal(block.look, out->looks + 1);
            out->look_at[out->looks++] = schedule->n_pairs;
        }
        out->warm += block.measure_after_ns != 0;
        out->batches[block.arm] += block.ends_batch;
        facts.clock_ns[block.arm] += block.length_ns + drain_ns;
        facts.now_ns += block.length_ns + drain_ns;
        before = block;
        out->blocks++;
        assert_true(out->blocks < 10000);
    }
    assert_int_equal(out->blocks % 2, 0);
    out->clock_ns[0] = facts.clock_ns[0];
    out->clock_ns[1] = facts.clock_ns[1];
    out->wall_ns = facts.now_ns - 5 * NS_PER_S;
    assert_false(schedule_next(schedule, &facts, &block));
}

static void test_schedule__single_run_is_one_block(void **state)
{
    (void)state;
    struct schedule_plan plan = {.ramp_ns = 3, .warmup_ns = 4, .duration_ns = 50};
    struct schedule_facts facts = {0};
    struct schedule schedule;
    struct block block;
    schedule_init(&schedule, &plan);
    assert_true(schedule_next(&schedule, &facts, &block));
    assert_int_equal(block.arm, 0);
    assert_int_equal(block.length_ns, 57);
    assert_int_equal(block.measure_after_ns, 7);
    assert_false(schedule_next(&schedule, &facts, &block));
    schedule_release(&schedule);
}

static void test_schedule__pairs_fill_the_duration(void **state)
{
    (void)state;
    struct schedule_plan plan = {.paired = true,
                                 .ramp_ns = NS_PER_S,
                                 .warmup_ns = 2 * NS_PER_S,
                                 .duration_ns = 60 * NS_PER_S,
                                 .seed = 1};
    struct schedule schedule;
    struct outcome out;
    schedule_init(&schedule, &plan);
    run(&schedule, NS_PER_MS, 0, &out);
    assert_int_equal(schedule.block_ns, SCHEDULE_BLOCK_NS);
    assert_int_equal(out.warm, 16); /* ramp and half of the warm-up of each arm */
    assert_int_equal(schedule.n_pairs, 120);
    assert_int_equal(out.clock_ns[0], 32 * NS_PER_S);
    assert_int_equal(out.clock_ns[1], 32 * NS_PER_S);
    assert_in_range(out.first_arm_first, 40, 80); /* a coin */
    assert_int_equal(schedule.pairs_per_batch, 3);
    assert_int_equal(out.batches[0], 39); /* the last one ends with the run */
    assert_int_equal(out.batches[1], 39);
    schedule_release(&schedule);
}

static void test_schedule__blocks_are_five_times_the_worse_p99(void **state)
{
    (void)state;
    struct schedule_plan plan = {
        .paired = true, .duration_ns = 60 * NS_PER_S, .warmup_ns = NS_PER_S, .seed = 7};
    struct schedule schedule;
    struct outcome out;
    schedule_init(&schedule, &plan);
    run(&schedule, 100 * NS_PER_MS, 100 * NS_PER_MS, &out);
    assert_int_equal(schedule.block_ns, 500 * NS_PER_MS);
    assert_int_equal(schedule.n_pairs, 50); /* of 1.2 s each */
    assert_int_equal(schedule.pairs_per_batch, 1);
    schedule_release(&schedule);
}

static void test_schedule__stops_where_too_few_pairs_fit(void **state)
{
    (void)state;
    struct schedule_plan plan = {
        .paired = true, .duration_ns = 10 * NS_PER_S, .warmup_ns = NS_PER_S, .seed = 7};
    struct schedule schedule;
    struct outcome out;
    schedule_init(&schedule, &plan);
    run(&schedule, 200 * NS_PER_MS, 0, &out);
    assert_int_equal(schedule.n_pairs, 0);
    assert_int_equal(out.blocks, out.warm);
    assert_int_equal(schedule.needed_ns, 24 * NS_PER_S); /* 20 x 2 x (2 x 0.2 s + 0.2 s) */
    plan.duration_ns = schedule.needed_ns;
    schedule_release(&schedule);

    schedule_init(&schedule, &plan);
    run(&schedule, 200 * NS_PER_MS, 200 * NS_PER_MS, &out);
    assert_true(schedule.n_pairs >= SCHEDULE_MIN_PAIRS);
    schedule_release(&schedule);
}

/* A stall in the pilot must not void a run that has room for shorter blocks. */
static void test_schedule__blocks_shrink_where_only_that_makes_room(void **state)
{
    (void)state;
    struct schedule_plan plan = {
        .paired = true, .duration_ns = 12 * NS_PER_S, .warmup_ns = NS_PER_S, .seed = 7};
    struct schedule schedule;
    struct outcome out;
    schedule_init(&schedule, &plan);
    run(&schedule, 100 * NS_PER_MS, 10 * NS_PER_MS, &out);
    assert_int_equal(schedule.block_ns, 275 * NS_PER_MS); /* 1.25 x 12 s / 40 - 100 ms */
    assert_in_range(schedule.n_pairs, SCHEDULE_MIN_PAIRS, 22);
    schedule_release(&schedule);
}

static void test_schedule__without_warm_up_one_pair_is_the_pilot(void **state)
{
    (void)state;
    struct schedule_plan plan = {.paired = true, .duration_ns = 12 * NS_PER_S};
    struct schedule schedule;
    struct outcome out;
    schedule_init(&schedule, &plan);
    run(&schedule, 0, 0, &out);
    assert_int_equal(out.warm, 2);
    assert_int_equal(schedule.n_pairs, 24);
    schedule_release(&schedule);
}

static void test_schedule__slow_ends_of_blocks_end_the_run_in_time(void **state)
{
    (void)state;
    struct schedule_plan plan = {.paired = true, .duration_ns = 20 * NS_PER_S};
    struct schedule schedule;
    struct outcome out;
    schedule_init(&schedule, &plan);
    run(&schedule, 0, 250 * NS_PER_MS, &out);
    assert_int_equal(schedule.n_pairs, 20);
    assert_int_equal(out.wall_ns, 21 * NS_PER_S); /* with the pilot */
    schedule_release(&schedule);
}

static void test_schedule__goes_on_a_little_for_the_last_pairs(void **state)
{
    (void)state;
    struct schedule_plan plan = {.paired = true, .duration_ns = 10 * NS_PER_S};
    struct schedule schedule;
    struct outcome out;
    schedule_init(&schedule, &plan);
    run(&schedule, 0, 40 * NS_PER_MS, &out); /* 11.6 s */
    assert_int_equal(schedule.n_pairs, 20);
    schedule_release(&schedule);
    schedule_init(&schedule, &plan);
    run(&schedule, 0, 250 * NS_PER_MS, &out); /* 20 s would be too much */
    assert_in_range(schedule.n_pairs, 12, 13);
    schedule_release(&schedule);
}

/* With room for the twenty batches that the first one needs. */
static void test_schedule__looks_come_after_each_quarter(void **state)
{
    (void)state;
    struct schedule_plan plan = {
        .paired = true, .looks = true, .warmup_ns = NS_PER_S, .duration_ns = 120 * NS_PER_S};
    struct schedule schedule;
    struct outcome out;
    schedule_init(&schedule, &plan);
    run(&schedule, NS_PER_MS, 0, &out);
    assert_int_equal(schedule.n_pairs, 240);
    assert_int_equal(schedule.pairs_per_batch, 2);
    assert_int_equal(out.looks, 3);
    for (size_t i = 0; i < out.looks; i++)
        assert_int_equal(out.look_at[i], 60 * (i + 1));
    schedule_release(&schedule);
    plan.duration_ns = 45 * NS_PER_S; /* of pairs of 0.55 s */
    schedule_init(&schedule, &plan);
    run(&schedule, 25 * NS_PER_MS, 25 * NS_PER_MS, &out);
    assert_int_equal(schedule.pairs_per_batch, 1);
    assert_int_equal(out.looks, 3);
    assert_int_equal(out.look_at[0], 21);
    assert_int_equal(out.look_at[1], 41);
    assert_int_equal(out.look_at[2], 62);
    schedule_release(&schedule);
    plan.looks = false;
    schedule_init(&schedule, &plan);
    run(&schedule, NS_PER_MS, 0, &out);
    assert_int_equal(out.looks, 0);
    schedule_release(&schedule);
}

static void test_schedule__seed_decides_the_order(void **state)
{
    (void)state;
    struct schedule_plan plan = {.paired = true, .duration_ns = 30 * NS_PER_S, .seed = 3};
    struct schedule a, b, c;
    struct outcome out;
    schedule_init(&a, &plan);
    schedule_init(&b, &plan);
    plan.seed = 4;
    schedule_init(&c, &plan);
    run(&a, 0, 0, &out);
    run(&b, 0, 0, &out);
    run(&c, 0, 0, &out);
    assert_memory_equal(a.first, b.first, a.n_pairs);
    assert_memory_not_equal(a.first, c.first, a.n_pairs);
    schedule_release(&a);
    schedule_release(&b);
    schedule_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schedule__single_run_is_one_block),
        cmocka_unit_test(test_schedule__pairs_fill_the_duration),
        cmocka_unit_test(test_schedule__blocks_are_five_times_the_worse_p99),
        cmocka_unit_test(test_schedule__stops_where_too_few_pairs_fit),
        cmocka_unit_test(test_schedule__blocks_shrink_where_only_that_makes_room),
        cmocka_unit_test(test_schedule__without_warm_up_one_pair_is_the_pilot),
        cmocka_unit_test(test_schedule__slow_ends_of_blocks_end_the_run_in_time),
        cmocka_unit_test(test_schedule__goes_on_a_little_for_the_last_pairs),
        cmocka_unit_test(test_schedule__looks_come_after_each_quarter),
        cmocka_unit_test(test_schedule__seed_decides_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
