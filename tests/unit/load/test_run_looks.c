/* Looks at a paired run under way, through load_run(). */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "load/run.h"
#include "run_scene.h"

#define PERCENT 2.5

/* What was asked at each look, and where it ends. Filled on a thread of the engine's, where no
 * assertion may fail. */
struct looks {
    int64_t end_at, stop_at;    /* 0 = never */
    atomic_bool stop_now;       /* the look was at `stop_at` */
    volatile sig_atomic_t stop; /* set on the thread that reads it, as by a signal */
    size_t n;
    int64_t number[4], pairs[4], requests[4][2];
    bool whole[4];
};

/* Blocks, batches, histogram and figures of each endpoint say the same. */
static bool adds_up(const struct report *report)
{
    const struct report_pair *pair = report->pair;
    int64_t all = 0;
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = &report->endpoints[i];
        int64_t count, batches;
        scene_count(endpoint->blocks, &count, &batches);
        if (count != endpoint->metrics.total_requests || batches != count ||
            endpoint->histogram.count != count)
            return false;
        all += count;
    }
    return all && all == report->metrics.total_requests && pair->n_ends &&
           pair->batch_end[pair->n_ends - 1] == pair->n_pairs;
}

static enum look_reason look_at(const struct load_result *so_far, void *context)
{
    struct looks *looks = context;
    const struct report *candidate = &so_far->sides[0].report, *base = &so_far->sides[1].report;
    size_t i = looks->n++;
    looks->whole[i] = so_far->n_sides == 2 && adds_up(candidate) && adds_up(base) &&
                      candidate->pair->n_pairs == base->pair->n_pairs &&
                      candidate->pair->look->number == base->pair->look->number;
    looks->number[i] = candidate->pair->look->number;
    looks->pairs[i] = candidate->pair->n_pairs;
    looks->requests[i][0] = candidate->metrics.total_requests;
    looks->requests[i][1] = base->metrics.total_requests;
    atomic_store(&looks->stop_now, looks->number[i] == looks->stop_at);
    return looks->number[i] == looks->end_at ? LOOK_WIDTH : LOOK_END;
}

static void stop_when_asked(const struct load_progress *progress, void *context)
{
    (void)progress;
    struct looks *looks = context;
    if (atomic_load(&looks->stop_now))
        looks->stop = 1;
}

static void check_looks(const struct looks *looks, size_t n)
{
    assert_int_equal(looks->n, n);
    for (size_t i = 0; i < n; i++) {
        assert_true(looks->whole[i]);
        assert_int_equal(looks->number[i], i + 1);
        assert_true(!i || looks->pairs[i] > looks->pairs[i - 1]);
    }
}

static void check_side(const struct report *report, int64_t number, enum look_reason reason)
{
    struct buf text = {0};
    struct report copy;
    struct err err = {0};
    assert_true(adds_up(report));
    report_encode(report, &text);
    if (report_decode(text.data, text.len, "copy", &copy, &err) < 0)
        fail_msg("%s", err.text);
    assert_non_null(copy.pair->look);
    assert_int_equal(copy.pair->look->number, number);
    assert_int_equal(copy.pair->look->of, 4);
    assert_int_equal(copy.pair->look->reason, reason);
    assert_true(copy.pair->look->percent >= PERCENT && copy.pair->look->percent <= PERCENT);
    report_release(&copy);
    buf_release(&text);
}

static void set_up(struct scene *scene, const struct load_looks *looks)
{
    scene_set_up(scene, "", "\"tasks\": [{\"get\": \"/a\"}, {\"get\": \"/b\"}]");
    scene->options.against = scene->server.url;
    scene->options.warmup_ns = NS_PER_S;
    scene->options.threads = 2;
    scene->options.looks = looks;
}

/* Long runs that end early: so a busy machine has room for its blocks. */
static void test_run_looks__one_ends_the_run(void **state)
{
    (void)state;
    struct scene scene;
    struct looks asked = {.end_at = 1};
    struct load_looks looks = {look_at, &asked, PERCENT};
    set_up(&scene, &looks);
    scene.options.duration_ns = 40 * NS_PER_S;
    const struct report *candidate = scene_run(&scene), *base = &scene.result.sides[1].report;
    check_looks(&asked, 1);
    check_side(candidate, 1, LOOK_WIDTH);
    check_side(base, 1, LOOK_WIDTH);
    /* The report is what the look saw: nothing was sent after it. */
    assert_int_equal(candidate->pair->n_pairs, asked.pairs[0]);
    assert_int_equal(candidate->metrics.total_requests, asked.requests[0][0]);
    assert_int_equal(base->metrics.total_requests, asked.requests[0][1]);
    scene_tear_down(&scene);
}

/* It was not the look that ended it. */
static void test_run_looks__stopped_just_after_one(void **state)
{
    (void)state;
    struct scene scene;
    struct looks asked = {.stop_at = 1};
    struct load_looks looks = {look_at, &asked, PERCENT};
    set_up(&scene, &looks);
    scene.options.duration_ns = 40 * NS_PER_S;
    scene.options.stop = &asked.stop;
    scene.options.progress = stop_when_asked;
    scene.options.progress_context = &asked;
    const struct report *candidate = scene_run(&scene);
    check_looks(&asked, 1);
    assert_false(candidate->health.valid);
    check_side(candidate, 4, LOOK_END);
    scene_tear_down(&scene);
}

static void test_run_looks__that_find_nothing_end_nothing(void **state)
{
    (void)state;
    struct scene scene;
    struct looks asked = {0};
    struct load_looks looks = {look_at, &asked, PERCENT};
    set_up(&scene, &looks);
    scene.options.duration_ns = 16 * NS_PER_S;
    const struct report *candidate = scene_run(&scene);
    check_looks(&asked, 3);
    check_side(candidate, 4, LOOK_END);
    assert_true(candidate->pair->n_pairs > asked.pairs[2]);
    scene_tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_looks__one_ends_the_run),
        cmocka_unit_test(test_run_looks__that_find_nothing_end_nothing),
        cmocka_unit_test(test_run_looks__stopped_just_after_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
