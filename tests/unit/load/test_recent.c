/* The latest second, read while the run goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "load/recent.h"
#include "run_scene.h"

static void add(struct recorder *recorder, int64_t latency_ns, int64_t at_ns)
{
    struct sample sample = {.latency_ns = latency_ns, .at_ns = at_ns};
    recorder_add(recorder, &sample);
}

/* Two workers with one recorder each for arm 0. */
struct fixture {
    struct worker workers[2];
    struct crew crew;
    struct load_recent recent;
};

static struct recorder *recorder_of(struct fixture *f, int worker)
{
    return &f->workers[worker].lanes[0].recorder;
}

static void start(struct fixture *f)
{
    *f = (struct fixture){0};
    f->crew.n = 2;
    f->crew.workers = f->workers;
    for (int i = 0; i < 2; i++)
        recorder_init(recorder_of(f, i), 1, false);
}

static void stop(struct fixture *f)
{
    for (int i = 0; i < 2; i++)
        recorder_release(recorder_of(f, i));
}

static void test_recent__is_the_last_complete_second_of_all_workers(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    recent_read(&f.crew, 0, &f.recent);
    assert_int_equal(f.recent.second, 0);
    for (int i = 0; i < 99; i++)
        add(recorder_of(&f, 0), NS_PER_MS, 0);
    add(recorder_of(&f, 1), 100 * NS_PER_MS, 0);
    recent_read(&f.crew, 0, &f.recent);
    assert_int_equal(f.recent.second, 0); /* it is not over */
    add(recorder_of(&f, 0), NS_PER_MS, NS_PER_S);
    add(recorder_of(&f, 1), NS_PER_MS, NS_PER_S);
    recent_read(&f.crew, 0, &f.recent);
    assert_int_equal(f.recent.second, 1);
    assert_in_range((int64_t)(f.recent.p99_ms * 1000), 990, 1010);
    add(recorder_of(&f, 1), NS_PER_MS, 5 * NS_PER_S); /* seconds without a request are no news */
    recent_read(&f.crew, 0, &f.recent);
    assert_int_equal(f.recent.second, 2);
    add(recorder_of(&f, 1), 50 * NS_PER_MS, 5 * NS_PER_S);
    add(recorder_of(&f, 1), 50 * NS_PER_MS, 6 * NS_PER_S);
    recent_read(&f.crew, 0, &f.recent);
    assert_int_equal(f.recent.second, 6);
    assert_in_range((int64_t)(f.recent.p99_ms * 1000), 49000, 51000); /* the other stood still */
    stop(&f);
}

struct seen {
    int calls;
    struct load_recent last;
};

static void note(const struct load_progress *progress, void *context)
{
    struct seen *seen = context;
    seen->calls++;
    assert_int_equal(progress->n_sides, 1);
    assert_true(progress->recent[0].second >= seen->last.second);
    seen->last = progress->recent[0];
}

/* Under ThreadSanitizer this is the test of what threads share. */
static void test_recent__of_a_run_under_way(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct scene scene;
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/a\"}]");
    scene.options.threads = 2;
    scene.options.duration_ns = 5 * NS_PER_S / 2;
    scene.options.progress = note;
    scene.options.progress_context = &seen;
    scene_run(&scene);
    assert_true(seen.calls > 0);
    assert_true(seen.last.second >= 1);
    assert_true(seen.last.p50_ms > 0);
    assert_true(seen.last.p50_ms <= seen.last.p95_ms);
    assert_true(seen.last.p95_ms <= seen.last.p99_ms);
    scene_tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recent__is_the_last_complete_second_of_all_workers),
        cmocka_unit_test(test_recent__of_a_run_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
