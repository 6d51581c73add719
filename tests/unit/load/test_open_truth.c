/*
 * The open model against what the server knows of the same requests; see bounds.h for how
 * times are held against a log.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "bounds.h"
#include "load/run.h"
#include "open_check.h"
#include "run_scene.h"

/* ---- however it ends ---- */

struct event {
    struct server *server;
    void (*happen)(struct event *event);
    int64_t at_ns;
    volatile sig_atomic_t stop;
    int64_t thaw_ns;
};

static void at_progress(const struct load_progress *progress, void *context)
{
    struct event *event = context;
    if (event->happen && progress->elapsed_ns >= event->at_ns) {
        event->happen(event);
        event->happen = NULL;
        event->thaw_ns += progress->elapsed_ns;
    }
    if (!event->happen && progress->elapsed_ns >= event->thaw_ns)
        atomic_store(&event->server->frozen, false);
}

static void stop(struct event *event)
{
    event->stop = 1;
}

static void die(struct event *event)
{
    server_stop_listening(event->server);
}

static void freeze(struct event *event)
{
    atomic_store(&event->server->frozen, true);
}

static void expect_event(struct scene *scene, struct event *event)
{
    event->server = &scene->server;
    scene->options.stop = &event->stop;
    scene->options.progress = at_progress;
    scene->options.progress_context = event;
}

static void test_open_truth__a_stop_loses_none(void **state)
{
    (void)state;
    struct scene scene;
    struct event event = {.happen = stop, .at_ns = 300 * NS_PER_MS};
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/wait/20000\"}]");
    scene.options.rate = 1000; /* of which 4 users can do 200 */
    scene.options.duration_ns = 3600 * NS_PER_S;
    expect_event(&scene, &event);
    const struct report *report = scene_run(&scene);
    open_check_conserved(report, &scene.server);
    assert_true(report->arrivals->missed > 0);
    assert_string_equal(report->health.reasons[0], invalid_reason_name(INVALID_INTERRUPTED));
    scene_tear_down(&scene);
}

/* Nobody waits for a dead server: arrivals come in their time, and fail. */
static void test_open_truth__a_dead_server_loses_none(void **state)
{
    (void)state;
    struct scene scene;
    struct event event = {.happen = die, .at_ns = 200 * NS_PER_MS};
    scene_set_up(&scene, "\"keep_alive\": false,", ONE_TASK);
    scene.options.rate = 200;
    scene.options.users = 200;
    scene.options.duration_ns = NS_PER_S;
    expect_event(&scene, &event);
    const struct report *report = scene_run(&scene);
    open_check_conserved(report, &scene.server);
    assert_int_equal(report->arrivals->started + report->arrivals->missed, 200);
    assert_true(open_failures(report, "refused") > 0);
    scene_tear_down(&scene);
}

/* ---- when ---- */

/* The server stands still for a second. Four users wait in it and two hundred arrivals in line: the
 * intended start tells that all of them did, the send only that four did. */
static void test_open_truth__a_freeze_shows_from_the_intended_start_alone(void **state)
{
    (void)state;
    struct scene scene;
    struct event event = {.happen = freeze, .at_ns = 500 * NS_PER_MS, .thaw_ns = NS_PER_S};
    scene_set_up(&scene, "", ONE_TASK);
    scene.options.rate = 200;
    scene.options.duration_ns = 4 * NS_PER_S;
    expect_event(&scene, &event);
    const struct report *report = scene_run(&scene);
    const struct metrics *sent = &report->from_send->metrics;
    open_check_conserved(report, &scene.server);
    assert_int_equal(report->arrivals->started + report->arrivals->missed, 800);
    assert_true(report->metrics.p95_ms > 4 * sent->p95_ms);
    assert_true(report->metrics.p99_ms > 4 * sent->p99_ms);
    assert_true(report->metrics.average_ms > 4 * sent->average_ms);
    assert_true(report->metrics.p99_ms > report->metrics.max_ms / 4);
    scene_tear_down(&scene);
}

/* Eight users can do about half of what is asked of them. */
static void test_open_truth__times_are_those_that_the_server_knows(void **state)
{
    (void)state;
    static const char *const delays[] = {
        "\"40000\"",
        "\"10000\", \"10000\", \"10000\", \"160000\"",
        "\"10000\", \"11000\", \"12000\", \"14000\", \"17000\", \"21000\", \"30000\", \"250000\"",
    };
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        struct scene scene;
        struct bounds bounds;
        scene_set_up_delays(&scene, delays[i]);
        scene.options.users = 8;
        scene.options.rate = 400;
        scene.options.duration_ns = 1500 * NS_PER_MS;
        int64_t from_ns = clock_monotonic_ns();
        const struct report *report = scene_run(&scene);
        int64_t to_ns = clock_monotonic_ns();
        open_check_conserved(report, &scene.server);
        assert_int_equal(report->arrivals->started + report->arrivals->missed, 600);
        assert_int_equal(scene.server.n_log, report->metrics.total_requests);
        bounds_find(&bounds, scene.server.log, scene.server.n_log, from_ns, to_ns);
        bounds_check_quantiles(&bounds, &report->from_send->metrics);
        bounds_check_intended(&bounds, report, 400, from_ns, scene.server.log[0].read_ns);
        bounds_release(&bounds);
        scene_tear_down(&scene);
    }
}

/* Steps behind the first are timed from the end of the one before: no line is in them. */
static void test_open_truth__later_steps_do_not_have_the_line_in_them(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "",
                 "\"tasks\": [{\"steps\": [{\"get\": \"/a/1\"}, {\"get\": \"/wait/20000\"}]}]");
    scene.options.rate = 800;
    const struct report *report = scene_run(&scene);
    open_check_report(report);
    assert_int_equal(report->n_endpoints, 2);
    const struct report_endpoint *first = &report->endpoints[0], *second = &report->endpoints[1];
    assert_string_equal(first->name, "/a/1");
    assert_int_equal(first->metrics.total_requests, report->arrivals->started);
    assert_true(first->metrics.median_ms > 4 * first->from_send->metrics.median_ms);
    assert_true(second->metrics.median_ms < 2 * second->from_send->metrics.median_ms);
    scene_tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_truth__a_stop_loses_none),
        cmocka_unit_test(test_open_truth__a_dead_server_loses_none),
        cmocka_unit_test(test_open_truth__a_freeze_shows_from_the_intended_start_alone),
        cmocka_unit_test(test_open_truth__times_are_those_that_the_server_knows),
        cmocka_unit_test(test_open_truth__later_steps_do_not_have_the_line_in_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
