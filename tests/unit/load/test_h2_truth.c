/* The report against what an HTTP/2 server knows of the same requests, closed and open; see
 * bounds.h for how times are held against a log. A user has one stream at a time here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "bounds.h"
#include "h2_scene.h"

static void set_up(struct h2_scene *scene, const char *delays)
{
    char settings[256];
    snprintf(settings, sizeof settings, "\"variables\": {\"us\": {\"choice\": [%s]}},", delays);
    *scene = (struct h2_scene){0};
    h2_scene_set_up(scene, settings, "\"tasks\": [{\"name\": \"w\", \"get\": \"/wait/${us}\"}]");
    scene->scene.options.users = 8;
}

/* Runs, and finds the bounds of what the report has. */
static const struct report *run(struct h2_scene *scene, int64_t *from_ns, struct bounds *bounds)
{
    *from_ns = clock_monotonic_ns();
    const struct report *report = h2_scene_run(scene);
    const struct h2_server *server = &scene->server;
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(report->metrics.total_requests, server->n_log);
    assert_int_equal(report->metrics.total_requests, atomic_load(&server->requests));
    bounds_find(bounds, server->log, server->n_log, *from_ns, clock_monotonic_ns());
    return report;
}

/* Constant, bimodal, heavy-tailed delays in microseconds. */
static void test_h2_truth__times_are_those_that_the_server_knows(void **state)
{
    (void)state;
    static const char *const delays[] = {
        "\"5000\"",
        "\"2000\", \"2000\", \"2000\", \"20000\"",
        "\"1000\", \"1100\", \"1200\", \"1400\", \"1700\", \"2100\", \"3000\", \"6000\", \"40000\"",
    };
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        struct h2_scene scene;
        struct bounds bounds;
        int64_t from_ns;
        set_up(&scene, delays[i]);
        scene.scene.options.threads = 2;
        scene.scene.options.duration_ns = NS_PER_S;
        const struct report *report = run(&scene, &from_ns, &bounds);
        bounds_check_all(&bounds, &report->metrics);
        bounds_release(&bounds);
        h2_scene_tear_down(&scene);
    }
}

/* Eight users can do about half of what is asked of them. */
static void test_h2_truth__arrivals_are_timed_from_when_they_were_due(void **state)
{
    (void)state;
    static const char *const delays[] = {
        "\"40000\"",
        "\"10000\", \"10000\", \"10000\", \"160000\"",
        "\"10000\", \"11000\", \"12000\", \"14000\", \"17000\", \"21000\", \"30000\", \"250000\"",
    };
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        struct h2_scene scene;
        struct bounds bounds;
        int64_t from_ns;
        set_up(&scene, delays[i]);
        scene.scene.options.rate = 400;
        scene.scene.options.duration_ns = 1500 * NS_PER_MS;
        const struct report *report = run(&scene, &from_ns, &bounds);
        assert_int_equal(report->arrivals->started + report->arrivals->missed, 600);
        bounds_check_quantiles(&bounds, &report->from_send->metrics);
        bounds_check_intended(&bounds, report, 400, from_ns, scene.server.log[0].read_ns);
        bounds_release(&bounds);
        h2_scene_tear_down(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_h2_truth__times_are_those_that_the_server_knows),
        cmocka_unit_test(test_h2_truth__arrivals_are_timed_from_when_they_were_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
