/* An arm's seconds, one after the other: each request is in exactly one of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "load/timeline.h"
#include "run_scene.h"

/* Two workers with one recorder each for arm 0. */
struct fixture {
    struct worker workers[2];
    struct crew crew;
    struct timeline timeline;
};

static void add(struct fixture *f, int worker, int64_t second, bool failed)
{
    struct sample sample = {.latency_ns = NS_PER_MS, .at_ns = second * NS_PER_S, .failed = failed};
    recorder_add(&f->workers[worker].lanes[0].recorder, &sample);
}

static void start(struct fixture *f)
{
    *f = (struct fixture){0};
    f->crew.n = 2;
    f->crew.workers = f->workers;
    for (int i = 0; i < 2; i++)
        recorder_init(&f->workers[i].lanes[0].recorder, 1, false);
}

static void stop(struct fixture *f)
{
    for (int i = 0; i < 2; i++)
        recorder_release(&f->workers[i].lanes[0].recorder);
    timeline_release(&f->timeline);
}

static void expect(struct fixture *f, int64_t number, int64_t requests, int64_t failures)
{
    struct load_second second;
    assert_true(timeline_next(&f->timeline, &f->crew, 0, &second));
    assert_int_equal(second.number, number);
    assert_int_equal(second.latencies->count, requests);
    assert_int_equal(second.failures, failures);
}

static void expect_none(struct fixture *f)
{
    struct load_second second;
    assert_false(timeline_next(&f->timeline, &f->crew, 0, &second));
}

static void test_timeline__shows_each_second_once_it_is_over(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    expect_none(&f);
    add(&f, 0, 0, false);
    add(&f, 1, 0, true);
    add(&f, 0, 1, false); /* worker 0 has closed second 0, the other may still be in it */
    expect_none(&f);
    add(&f, 1, 1, false);
    add(&f, 1, 2, true); /* second 1 is closed, so 0 is over */
    expect(&f, 0, 2, 1);
    expect_none(&f);
    add(&f, 0, 6, false); /* 1 is closed by both, and nothing came from 2 to 5 */
    expect_none(&f);
    add(&f, 0, 7, false);
    expect(&f, 1, 2, 0);
    expect(&f, 2, 0, 0);
    expect(&f, 3, 0, 0);
    expect(&f, 4, 0, 0);
    expect(&f, 5, 0, 0);
    expect_none(&f);
    stop(&f);
}

static void test_timeline__what_comes_late_is_in_the_next(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    add(&f, 1, 0, true);
    for (int64_t second = 0; second < 4; second++)
        add(&f, 0, second, false);
    expect(&f, 0, 1, 0); /* worker 1 has not closed it */
    expect(&f, 1, 1, 0);
    add(&f, 1, 4, false); /* now it has */
    add(&f, 0, 4, false);
    expect(&f, 2, 2, 1);
    expect_none(&f);
    stop(&f);
}

/* ---- of a run ---- */

struct seen {
    int64_t seconds, requests, failures;
};

static bool see(const struct load_second *second, void *context)
{
    struct seen *seen = context;
    assert_int_equal(second->number, seen->seconds);
    seen->seconds++;
    seen->requests += second->latencies->count;
    seen->failures += second->failures;
    return seen->seconds == 2;
}

/* Under ThreadSanitizer this is the test of what threads share. */
static void test_timeline__may_end_a_run(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct load_seconds watch = {.second = see, .context = &seen};
    struct scene scene;
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/a\"}]");
    scene.options.threads = 2;
    scene.options.duration_ns = 60 * NS_PER_S;
    scene.options.seconds = &watch;
    const struct report *report = scene_run(&scene);
    assert_int_equal(seen.seconds, 2);
    assert_true(seen.requests > 0);
    assert_true(seen.requests <= report->metrics.total_requests);
    assert_false(report->health.valid);
    assert_string_equal(report->health.reasons[0], "alert");
    scene_tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timeline__shows_each_second_once_it_is_over),
        cmocka_unit_test(test_timeline__what_comes_late_is_in_the_next),
        cmocka_unit_test(test_timeline__may_end_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
