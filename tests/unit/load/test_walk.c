/* Steps that are repeated or optional. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "load/walk.h"
#include "run_scene.h"

static void test_walk__without_either_draws_nothing(void **state)
{
    (void)state;
    struct scenario_step source = {.repeat_low = 3, .repeat_high = 3, .taken = 1};
    struct plan_step steps[2] = {{.source = &source, .members = 1},
                                 {.source = &source, .members = 1}};
    struct plan_sequence sequence = {.n = 2, .steps = steps};
    struct rng rng, untouched;
    rng_init(&rng, 1, 1);
    untouched = rng;
    assert_int_equal(walk_next(&sequence, 0, &rng), 0);
    assert_int_equal(walk_next(&sequence, 1, &rng), 1);
    assert_int_equal(walk_next(&sequence, 2, &rng), 2);
    assert_int_equal(walk_times(&steps[0], &rng), 3);
    assert_memory_equal(&rng, &untouched, sizeof rng);
}

static void test_walk__passes_over_by_probability(void **state)
{
    (void)state;
    struct scenario_step sure = {.taken = 1},
                         rare = {.taken = 0.25, .repeat_low = 1, .repeat_high = 4};
    struct plan_step steps[2] = {{.source = &rare, .members = 1}, {.source = &sure, .members = 1}};
    struct plan_sequence sequence = {.n = 2, .steps = steps};
    struct rng rng;
    int taken = 0, times[5] = {0};
    rng_init(&rng, 1, 1);
    for (int i = 0; i < 4000; i++) {
        taken += walk_next(&sequence, 0, &rng) == 0;
        times[walk_times(&steps[0], &rng)]++;
    }
    assert_in_range(taken, 900, 1100); /* 3.6 standard deviations on either side */
    for (int i = 1; i <= 4; i++)
        assert_in_range(times[i], 900, 1100);
}

static int64_t requests_of(const struct report *report, const char *name)
{
    for (size_t i = 0; i < report->n_endpoints; i++)
        if (strcmp(report->endpoints[i].name, name) == 0)
            return report->endpoints[i].metrics.total_requests;
    return 0;
}

static void test_walk__a_step_is_sent_as_often_as_it_says(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "",
                 "\"on_start\": [{\"get\": \"/ok/s\", \"repeat\": 3}], \"tasks\": [{\"steps\": ["
                 "{\"get\": \"/ok/a\"}, {\"get\": \"/ok/b\", \"repeat\": 4}, "
                 "{\"get\": \"/ok/c\", \"optional\": 0.5}]}]");
    scene.options.users = 1;
    scene.options.duration_ns = 2 * NS_PER_S; /* enough also for a busy machine */
    const struct report *report = scene_run(&scene);
    int64_t tasks = requests_of(report, "/ok/a"), repeated = requests_of(report, "/ok/b");
    int64_t optional = requests_of(report, "/ok/c");
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(requests_of(report, "/ok/s"), 3);
    assert_true(tasks > 5);
    assert_in_range(repeated, 4 * tasks - 4, 4 * tasks); /* the last task may not be complete */
    assert_true(optional > 0 && optional < tasks);
    scene_tear_down(&scene);
}

static void test_walk__a_failure_ends_the_repeats_too(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(
        &scene, "",
        "\"tasks\": [{\"steps\": [{\"get\": \"/ok/a\"}, {\"get\": \"/fail\", \"repeat\": 5}, "
        "{\"get\": \"/ok/b\"}]}]");
    scene.options.users = 1;
    const struct report *report = scene_run(&scene);
    int64_t tasks = requests_of(report, "/ok/a");
    assert_true(tasks > 0);
    assert_in_range(requests_of(report, "/fail"), tasks - 1, tasks);
    assert_int_equal(requests_of(report, "/ok/b"), 0);
    scene_tear_down(&scene);
}

/* ---- the choice of tasks ---- */

static void test_select__tasks_and_classes_that_are_left_out_send_nothing(void **state)
{
    (void)state;
    static const char *const include[] = {"read", "home"}, *const exclude[] = {"slow"};
    struct scenario_selection selection = {2, 1, include, exclude};
    struct scene scene;
    scene_set_up(
        &scene, "",
        "\"tasks\": [{\"get\": \"/ok/a\", \"tags\": [\"read\"]}, {\"get\": \"/ok/b\"}, "
        "{\"get\": \"/ok/c\", \"tags\": [\"read\", \"slow\"]}, {\"weight\": 2, \"tags\": "
        "[\"home\"], "
        "\"steps\": [{\"get\": \"/ok/d\"}]}]}, {\"name\": \"gone\", \"on_start\": [{\"get\": "
        "\"/ok/s\"}], \"tasks\": [{\"get\": \"/ok/e\"}]");
    assert_int_equal(scenario_select(&scene.scenario, &selection, &scene.err), 0);
    const struct report *report = scene_run(&scene);
    assert_int_equal(report->n_endpoints, 2);
    assert_true(requests_of(report, "/ok/a") > 0);
    assert_true(requests_of(report, "/ok/d") > 0);
    assert_int_equal(report->metrics.total_failures, 0);
    scene_tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk__without_either_draws_nothing),
        cmocka_unit_test(test_walk__passes_over_by_probability),
        cmocka_unit_test(test_walk__a_step_is_sent_as_often_as_it_says),
        cmocka_unit_test(test_walk__a_failure_ends_the_repeats_too),
        cmocka_unit_test(test_select__tasks_and_classes_that_are_left_out_send_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
