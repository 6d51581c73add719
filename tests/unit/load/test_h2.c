/* HTTP/2 with prior knowledge against a scripted server (h2_server.c), through load_run(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "h2_scene.h"

/* Runs a task and expects that all of its requests went well and are those that the server has. */
static void expect_all_good(struct h2_scene *scene, const char *settings, const char *class)
{
    h2_scene_set_up(scene, settings, class);
    const struct report *report = h2_scene_run(scene);
    assert_true(report->health.valid);
    assert_true(report->metrics.total_requests > 0);
    if (report->n_errors)
        fail_msg("%s: %s", report->errors[0].kind, report->errors[0].message);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(report->metrics.total_requests + report->health.retries,
                     atomic_load(&scene->server.requests));
}

static void test_h2__counts_every_request(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    expect_all_good(&scene, "", "\"tasks\": [{\"get\": \"/a\"}, {\"weight\": 2, \"get\": \"/b\"}]");
    const struct report *report = &scene.scene.result.sides[0].report;
    assert_int_equal(report->n_endpoints, 2);
    assert_int_equal(report->endpoints[0].content_bytes, 5);
    h2_scene_tear_down(&scene);
}

static void test_h2__without_keep_alive_each_request_connects(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    expect_all_good(&scene, "\"keep_alive\": false,", "\"tasks\": [{\"get\": \"/a\"}]");
    const struct report *report = &scene.scene.result.sides[0].report;
    assert_int_equal(report->health.connections, report->metrics.total_requests);
    h2_scene_tear_down(&scene);
}

static void test_h2__knows_responses_without_a_body(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    expect_all_good(&scene, "",
                    "\"tasks\": [{\"steps\": [{\"head\": \"/a\"}, {\"get\": \"/empty\"},"
                    "{\"get\": \"/unchanged\"}]}]");
    assert_int_equal(scene.scene.result.sides[0].report.endpoints[0].content_bytes, 0);
    h2_scene_tear_down(&scene);
}

/* What they say is not of the response: there is no cookie, and no redirect. */
static void test_h2__skips_interim_responses(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    expect_all_good(&scene, "",
                    "\"tasks\": [{\"steps\": [{\"get\": \"/interim\", \"expect\": {\"status\": 200,"
                    "\"header\": {\"Content-Length\": \"5\"}, \"body_contains\": \"xxxxx\"}},"
                    "{\"get\": \"/private\", \"expect\": {\"status\": 403}}]}]");
    h2_scene_tear_down(&scene);
}

static void test_h2__drops_trailers(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    h2_scene_set_up(&scene, "",
                    "\"tasks\": [{\"get\": \"/trailers\", \"expect\": {\"header\": {\"X-Trailer\": "
                    "\"end\"}}}]");
    const struct report *report = h2_scene_run(&scene);
    int64_t n = report->metrics.total_requests;
    assert_true(n > 0);
    assert_int_equal(h2_scene_failures(report, "expectation", "X-Trailer"), n);
    assert_int_equal(atomic_load(&scene.server.requests), n);
    h2_scene_tear_down(&scene);
}

static void test_h2__opens_its_windows_again(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    expect_all_good(&scene, "",
                    "\"tasks\": [{\"get\": \"/big\", \"expect\": {\"body_contains\": \"xxx\"}}]");
    const struct report *report = &scene.scene.result.sides[0].report;
    assert_int_equal(report->endpoints[0].content_bytes, 3 << 20);
    h2_scene_tear_down(&scene);
}

static void test_h2__waits_for_the_servers_windows(void **state)
{
    (void)state;
    char class[512], body[301];
    struct h2_scene scene = {.server.window = 7};
    memset(body, 'b', 300);
    body[300] = '\0';
    snprintf(class, sizeof class,
             "\"tasks\": [{\"post\": \"/upload\", \"body\": \"%s\", \"expect\": {\"header\": "
             "{\"X-Received\": \"300\"}}}]",
             body);
    expect_all_good(&scene, "", class);
    h2_scene_tear_down(&scene);
}

/* A response that is complete before the request is: the rest is not sent. */
static void test_h2__an_early_response_is_one(void **state)
{
    (void)state;
    struct h2_scene scene = {.server.no_window = true};
    /* The server's settings are in before the first body could break its flow control. */
    expect_all_good(&scene, "",
                    "\"on_start\": [{\"get\": \"/\"}], "
                    "\"tasks\": [{\"post\": \"/early\", \"body\": \"b\"}]");
    assert_int_equal(atomic_load(&scene.server.most), 1); /* the stream was reset */
    h2_scene_tear_down(&scene);
}

static void test_h2__has_cookies_and_redirects(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    h2_scene_set_up(&scene, "",
                    "\"on_start\": [{\"get\": \"/login\"}], \"tasks\": [{\"get\": \"/private\"}]");
    const struct report *report = h2_scene_run(&scene);
    assert_true(report->metrics.total_requests > 4);
    assert_int_equal(report->metrics.total_failures, 0);
    h2_scene_tear_down(&scene);

    struct h2_scene redirected = {0};
    h2_scene_set_up(&redirected, "", "\"tasks\": [{\"get\": \"/redirect\"}]");
    report = h2_scene_run(&redirected);
    assert_true(report->metrics.total_requests > 0);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(2 * report->metrics.total_requests, atomic_load(&redirected.server.requests));
    h2_scene_tear_down(&redirected);
}

static void test_h2__names_the_kind_of_a_failure(void **state)
{
    (void)state;
    static const struct {
        const char *task, *kind, *message;
    } cases[] = {
        {"{\"get\": \"/fail\"}", "status", "found 500"},
        {"{\"get\": \"/reset\"}", "reset", "INTERNAL_ERROR"},
        {"{\"get\": \"/refuse\"}", "reset", "REFUSED_STREAM"},
        {"{\"get\": \"/short\"}", "protocol", "Content-Length"},
        {"{\"get\": \"/long\"}", "protocol", "Content-Length"},
        {"{\"get\": \"/bomb\"}", "protocol", "headers of more than 64 KiB"},
        {"{\"get\": \"/many\"}", "protocol", "more than 256 header lines"},
        {"{\"get\": \"/never\"}", "timeout", "request timeout"},
        {"{\"get\": \"/die\"}", "reset", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char class[128];
        struct h2_scene scene = {0};
        snprintf(class, sizeof class, "\"tasks\": [%s]", cases[i].task);
        bool times_out = strcmp(cases[i].kind, "timeout") == 0;
        h2_scene_set_up(&scene, times_out ? "\"request_timeout\": \"200ms\"," : "", class);
        const struct report *report = h2_scene_run(&scene);
        int64_t n = report->metrics.total_requests;
        assert_true(n > 0);
        if (h2_scene_failures(report, cases[i].kind, cases[i].message) != n)
            fail_msg("%s: %s: %s", cases[i].task, report->errors[0].kind,
                     report->errors[0].message);
        assert_int_equal(n + report->health.retries, atomic_load(&scene.server.requests));
        h2_scene_tear_down(&scene);
    }
}

/* A reset is the matter of its stream: the connection goes on. */
static void test_h2__a_reset_leaves_the_connection(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    h2_scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/reset\"}]");
    const struct report *report = h2_scene_run(&scene);
    assert_true(report->metrics.total_requests > 4);
    assert_int_equal(report->health.retries, 0);
    h2_scene_tear_down(&scene);
}

/* RFC 9113, 8.7 */
static void test_h2__sends_once_more_what_was_refused(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    h2_scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/refuse-first\"}]");
    scene.scene.options.users = 1;
    const struct report *report = h2_scene_run(&scene);
    int64_t n = report->metrics.total_requests;
    assert_true(n > 0);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(report->health.retries, n);
    assert_int_equal(atomic_load(&scene.server.refused), n);
    assert_int_equal(atomic_load(&scene.server.requests), 2 * n);
    assert_int_equal(report->health.connections, 1);
    h2_scene_tear_down(&scene);
}

static void test_h2__follows_a_goaway_with_a_new_connection(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    expect_all_good(&scene, "", "\"tasks\": [{\"get\": \"/goaway\"}]");
    const struct report *report = &scene.scene.result.sides[0].report;
    assert_int_equal(report->health.retries, 0);
    assert_int_equal(report->health.connections, report->metrics.total_requests);
    h2_scene_tear_down(&scene);
}

static void test_h2__answers_pings_and_takes_no_pushes(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    expect_all_good(&scene, "",
                    "\"tasks\": [{\"steps\": [{\"get\": \"/ping\"}, {\"get\": \"/push\"}]}]");
    assert_true(atomic_load(&scene.server.pongs) > 0);
    assert_int_equal(atomic_load(&scene.server.pushes), 0);
    h2_scene_tear_down(&scene);
}

static void test_h2__follows_changes_of_the_settings(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    expect_all_good(
        &scene, "\"headers\": {\"X-Long\": \"a value that a table would hold\"},",
        "\"tasks\": [{\"steps\": [{\"post\": \"/settings\", \"body\": \"bbbbbbbbbbbbbbbbb"
        "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"},"
        "{\"get\": \"/a\"}]}]");
    h2_scene_tear_down(&scene);
}

static void test_h2__takes_a_head_in_several_frames(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    expect_all_good(&scene, "",
                    "\"tasks\": [{\"get\": \"/wide\", \"expect\": {\"header\": {\"X-Bomb\": "
                    "\"vvv\"}}}]");
    h2_scene_tear_down(&scene);
}

/* The connection ends under requests that were sent on it before anything came back. */
static void test_h2__a_dying_server_loses_no_request(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    h2_scene_set_up(&scene, "",
                    "\"tasks\": [{\"steps\": [{\"get\": \"/a\"}, {\"get\": \"/die\"}]}]");
    const struct report *report = h2_scene_run(&scene);
    int64_t n = report->metrics.total_requests;
    assert_true(report->health.retries > 0); /* /die on a connection that had carried /a */
    assert_int_equal(n + report->health.retries, atomic_load(&scene.server.requests));
    assert_int_equal(n - report->metrics.total_failures, atomic_load(&scene.server.responses));
    h2_scene_tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_h2__counts_every_request),
        cmocka_unit_test(test_h2__without_keep_alive_each_request_connects),
        cmocka_unit_test(test_h2__knows_responses_without_a_body),
        cmocka_unit_test(test_h2__skips_interim_responses),
        cmocka_unit_test(test_h2__drops_trailers),
        cmocka_unit_test(test_h2__opens_its_windows_again),
        cmocka_unit_test(test_h2__waits_for_the_servers_windows),
        cmocka_unit_test(test_h2__an_early_response_is_one),
        cmocka_unit_test(test_h2__has_cookies_and_redirects),
        cmocka_unit_test(test_h2__names_the_kind_of_a_failure),
        cmocka_unit_test(test_h2__a_reset_leaves_the_connection),
        cmocka_unit_test(test_h2__sends_once_more_what_was_refused),
        cmocka_unit_test(test_h2__follows_a_goaway_with_a_new_connection),
        cmocka_unit_test(test_h2__answers_pings_and_takes_no_pushes),
        cmocka_unit_test(test_h2__follows_changes_of_the_settings),
        cmocka_unit_test(test_h2__takes_a_head_in_several_frames),
        cmocka_unit_test(test_h2__a_dying_server_loses_no_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
