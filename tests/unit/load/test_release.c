/* "keep_alive": "release": connections are closed while their users think. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "run_scene.h"

static void test_release__a_connection_lasts_for_a_task(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "\"keep_alive\": \"release\",",
                 "\"think_time\": {\"constant\": \"5ms\"}, \"tasks\": [{\"steps\": [{\"get\": "
                 "\"/a\"}, {\"get\": \"/b\"}]}]");
    scene.options.duration_ns = 2 * NS_PER_S; /* enough also for a busy machine */
    const struct report *report = scene_run(&scene);
    int64_t connections = report->health.connections;
    assert_true(report->health.valid);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(report->health.retries, 0);
    assert_true(connections > 8);
    /* The end may come between the steps of a task. */
    assert_in_range(report->metrics.total_requests, 2 * connections - 4, 2 * connections);
    for (size_t i = 0; i < scene.server.n_log; i++)
        for (size_t k = 0; k < i; k++)
            if (scene.server.log[i].connection == scene.server.log[k].connection)
                assert_string_not_equal(scene.server.log[i].path, scene.server.log[k].path);
    scene_tear_down(&scene);
}

static void test_release__without_think_time_it_is_kept(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "\"keep_alive\": \"release\",", "\"tasks\": [{\"get\": \"/a\"}]");
    const struct report *report = scene_run(&scene);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(report->health.connections, 4);
    scene_tear_down(&scene);
}

/* Both arms, whose users are held back at the border of a block between two steps. */
static void test_release__in_a_paired_run(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "\"keep_alive\": \"release\",",
                 "\"think_time\": {\"constant\": \"2ms\"}, \"tasks\": [{\"steps\": [{\"get\": "
                 "\"/a\"}, {\"get\": \"/b\"}]}]");
    scene.options.against = scene.server.url;
    scene.options.duration_ns = NS_PER_S;
    const struct report *report = scene_run(&scene);
    assert_true(scene.server.n_log > 0);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(scene.result.sides[1].report.metrics.total_failures, 0);
    scene_tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_release__a_connection_lasts_for_a_task),
        cmocka_unit_test(test_release__without_think_time_it_is_kept),
        cmocka_unit_test(test_release__in_a_paired_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
