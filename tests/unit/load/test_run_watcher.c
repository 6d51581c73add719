/* What a watcher is told of a run. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "load/run.h"
#include "run_scene.h"

/* Filled on the engine's threads, one at a time, where no assertion may fail. */
struct told {
    size_t begun, n_targets, turns[2], ends, wrong;
    int families[2];
    int64_t last_ns, measured_ns; /* of the last turn; the first measured time */
    bool over;
};

static void begin(const struct sockaddr_storage *targets, size_t n, void *context)
{
    struct told *told = context;
    told->begun++;
    told->n_targets = n;
    for (size_t i = 0; i < n; i++)
        told->families[i] = targets[i].ss_family;
}

static void turn(int arm, int64_t now_ns, int64_t measured_ns, void *context)
{
    struct told *told = context;
    told->wrong += !told->begun || told->over || now_ns < told->last_ns || measured_ns < now_ns;
    told->last_ns = now_ns;
    if (measured_ns < INT64_MAX && !told->measured_ns)
        told->measured_ns = measured_ns;
    if (arm < 0)
        told->over = ++told->ends;
    else
        told->turns[arm]++;
}

static void watch(struct scene *scene, struct told *told)
{
    const struct load_watcher watcher = {.begin = begin, .turn = turn, .context = told};
    *told = (struct told){0};
    scene->options.watcher = &watcher;
    scene_run(scene);
    scene->options.watcher = NULL;
    assert_int_equal(told->begun, 1);
    assert_int_equal(told->ends, 1);
    assert_int_equal(told->wrong, 0);
    for (size_t i = 0; i < told->n_targets; i++)
        assert_int_equal(told->families[i], AF_INET);
}

static void test_watcher__hears_of_the_one_turn_of_a_run(void **state)
{
    (void)state;
    struct scene scene;
    struct told told;
    scene_set_up_delays(&scene, "\"1000\"");
    scene.options.warmup_ns = NS_PER_S / 10;
    int64_t before_ns = clock_monotonic_ns();
    watch(&scene, &told);
    assert_int_equal(told.n_targets, 1);
    assert_int_equal(told.turns[0], 1);
    assert_int_equal(told.turns[1], 0);
    assert_true(told.measured_ns >= before_ns + NS_PER_S / 10); /* behind the warm-up */
    scene_tear_down(&scene);
}

static void test_watcher__hears_of_each_block_of_a_paired_run(void **state)
{
    (void)state;
    struct scene scene;
    struct told told;
    scene_set_up_delays(&scene, "\"1000\"");
    scene.options.against = scene.options.host;
    scene.options.threads = 2;
    scene.options.warmup_ns = NS_PER_S;
    scene.options.duration_ns = 10 * NS_PER_S;
    watch(&scene, &told);
    const struct report *report = &scene.result.sides[0].report;
    assert_int_equal(told.n_targets, 2);
    assert_int_equal(told.turns[0], told.turns[1]);
    assert_true((int64_t)told.turns[0] > report->pair->n_pairs); /* with those of the warm-up */
    assert_true(told.measured_ns > 0);
    scene_tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_watcher__hears_of_the_one_turn_of_a_run),
        cmocka_unit_test(test_watcher__hears_of_each_block_of_a_paired_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
