/* Parallel groups beside what else there is: repeats, chance, arrivals and released connections,
 * over both protocols. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "h2_scene.h"

#define TASK(steps) "\"tasks\": [{\"name\": \"t\", \"steps\": [" steps "]}]"
#define PAIR        "\"parallel\": [{\"get\": \"/x\"}, {\"get\": \"/y\"}]"

static int64_t requests_of(const struct report *report, const char *name)
{
    for (size_t i = 0; i < report->n_endpoints; i++)
        if (strcmp(report->endpoints[i].name, name) == 0)
            return report->endpoints[i].metrics.total_requests;
    fail_msg("no endpoint '%s'", name);
    return 0;
}

static void expect_no_failure(const struct report *report)
{
    if (!report->health.valid)
        fail_msg("invalid: %s", report->health.reasons[0]);
    if (report->n_errors)
        fail_msg("%s: %s", report->errors[0].kind, report->errors[0].message);
}

/* A group that is sent twice, half of the time, is sent as often as what is always sent once. */
static void test_group_walk__is_repeated_and_passed_over_as_a_whole(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "",
                 TASK("{\"get\": \"/a\"}, {\"repeat\": 2, \"optional\": 0.5, " PAIR "}"));
    scene.options.duration_ns = NS_PER_S;
    const struct report *report = scene_run(&scene);
    int64_t always = requests_of(report, "/a"), x = requests_of(report, "/x");
    expect_no_failure(report);
    assert_true(always > 100);
    assert_int_equal(x, requests_of(report, "/y"));
    assert_in_range(x, always - 5 * always / 10, always + 5 * always / 10);
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.requests));
    scene_tear_down(&scene);
}

/* Each arrival is a task of a pair and one more. */
static void expect_arrivals(const struct report *report)
{
    expect_no_failure(report);
    assert_true(report->arrivals->started > 50);
    assert_int_equal(report->arrivals->missed, 0);
    assert_int_equal(requests_of(report, "/x"), report->arrivals->started);
    assert_int_equal(requests_of(report, "/y"), report->arrivals->started);
    /* The end may come between the steps of a task; 4 users. */
    assert_in_range(requests_of(report, "/z"), report->arrivals->started - 4,
                    report->arrivals->started);
}

static void test_group_walk__arrivals_begin_groups(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", TASK("{" PAIR "}, {\"get\": \"/z\"}"));
    scene.options.rate = 200;
    scene.options.duration_ns = NS_PER_S;
    expect_arrivals(scene_run(&scene));
    scene_tear_down(&scene);
}

static void test_group_walk__arrivals_begin_groups_with_http2(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    h2_scene_set_up(&scene, "", TASK("{" PAIR "}, {\"get\": \"/z\"}"));
    scene.scene.options.rate = 200;
    scene.scene.options.duration_ns = NS_PER_S;
    expect_arrivals(h2_scene_run(&scene));
    h2_scene_tear_down(&scene);
}

/* Two connections for the group, one of which carries the step behind it. */
static void test_group_walk__released_connections_come_again(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "\"keep_alive\": \"release\",",
                 "\"think_time\": {\"constant\": \"5ms\"}, " TASK("{" PAIR "}, {\"get\": \"/z\"}"));
    scene.options.duration_ns = NS_PER_S;
    const struct report *report = scene_run(&scene);
    int64_t tasks = requests_of(report, "/z");
    expect_no_failure(report);
    assert_true(tasks > 20);
    assert_in_range(report->health.connections, 2 * tasks, 2 * tasks + 8);
    scene_tear_down(&scene);
}

static void test_group_walk__released_connections_come_again_with_http2(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    h2_scene_set_up(
        &scene, "\"keep_alive\": \"release\",",
        "\"think_time\": {\"constant\": \"5ms\"}, " TASK("{" PAIR "}, {\"get\": \"/z\"}"));
    scene.scene.options.duration_ns = NS_PER_S;
    const struct report *report = h2_scene_run(&scene);
    int64_t tasks = requests_of(report, "/z");
    expect_no_failure(report);
    assert_true(tasks > 20);
    assert_in_range(report->health.connections, tasks, tasks + 4);
    h2_scene_tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_group_walk__is_repeated_and_passed_over_as_a_whole),
        cmocka_unit_test(test_group_walk__arrivals_begin_groups),
        cmocka_unit_test(test_group_walk__arrivals_begin_groups_with_http2),
        cmocka_unit_test(test_group_walk__released_connections_come_again),
        cmocka_unit_test(test_group_walk__released_connections_come_again_with_http2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
