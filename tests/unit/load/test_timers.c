#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "load/deadlines.h"
#include "load/timers.h"

static void test_timers__come_in_the_order_of_their_due_times(void **state)
{
    (void)state;
    enum { N = 5000 };
    struct timers timers = {0};
    struct rng rng;
    int64_t sum = 0, before = INT64_MIN;
    rng_init(&rng, 1, 0);
    for (int i = 0; i < N; i++) {
        int64_t due = rng_between(&rng, -1000, 1000); /* many are equal */
        sum += due;
        timers_add(&timers, due, &rng);
    }
    for (int i = 0; i < N; i++) {
        int64_t next = timers_next(&timers);
        struct timer timer = timers_take(&timers);
        assert_int_equal(timer.due_ns, next);
        assert_ptr_equal(timer.owner, &rng);
        assert_true(timer.due_ns >= before);
        before = timer.due_ns;
        sum -= timer.due_ns;
    }
    assert_int_equal(sum, 0);
    assert_int_equal(timers.n, 0);
    timers_release(&timers);
}

static void test_timers__have_no_next_when_empty(void **state)
{
    (void)state;
    struct timers timers = {0};
    assert_int_equal(timers_next(&timers), INT64_MAX);
    timers_add(&timers, 7, NULL);
    timers_take(&timers);
    assert_int_equal(timers_next(&timers), INT64_MAX);
    timers_release(&timers);
    timers_release(&timers);
}

static void test_deadlines__end_in_the_order_of_their_beginning(void **state)
{
    (void)state;
    struct deadlines queue = {.length_ns = 100};
    struct deadline first = {0}, second = {0}, third = {0};
    assert_int_equal(deadlines_next(&queue), INT64_MAX);
    deadlines_add(&queue, &first, 1);
    deadlines_add(&queue, &second, 2);
    deadlines_add(&queue, &third, 3);
    assert_int_equal(deadlines_next(&queue), 101);
    deadline_cancel(&second);
    deadline_cancel(&second);
    deadline_cancel(&first);
    assert_int_equal(deadlines_next(&queue), 103);
    assert_ptr_equal(queue.first, &third);
    deadlines_add(&queue, &first, 4);
    deadlines_add(&queue, &third, 5); /* moves to the end */
    assert_ptr_equal(queue.first, &first);
    assert_ptr_equal(queue.last, &third);
    assert_null(first.previous);
    assert_ptr_equal(first.next, &third);
}

static void test_deadlines__move_between_queues(void **state)
{
    (void)state;
    struct deadlines connecting = {.length_ns = 10}, waiting = {.length_ns = 50};
    struct deadline deadline = {0};
    deadlines_add(&connecting, &deadline, 0);
    deadlines_add(&waiting, &deadline, 5);
    assert_int_equal(deadlines_next(&connecting), INT64_MAX);
    assert_int_equal(deadlines_next(&waiting), 55);
    deadline_cancel(&deadline);
    assert_null(waiting.first);
    assert_null(waiting.last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timers__come_in_the_order_of_their_due_times),
        cmocka_unit_test(test_timers__have_no_next_when_empty),
        cmocka_unit_test(test_deadlines__end_in_the_order_of_their_beginning),
        cmocka_unit_test(test_deadlines__move_between_queues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
