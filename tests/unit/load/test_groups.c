/* Parallel groups of requests over HTTP/1.1 and HTTP/2, through load_run(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "h2_scene.h"

#define TASK(steps)  "\"tasks\": [{\"name\": \"t\", \"steps\": [" steps "]}]"
#define GROUP(steps) "{\"parallel\": [" steps "]}"
#define GET(path)    "{\"get\": \"" path "\"}"

static const struct report_endpoint *endpoint(const struct report *report, const char *name)
{
    for (size_t i = 0; i < report->n_endpoints; i++)
        if (strcmp(report->endpoints[i].name, name) == 0)
            return &report->endpoints[i];
    fail_msg("no endpoint '%s'", name);
    return NULL;
}

static int64_t requests_of(const struct report *report, const char *name)
{
    return endpoint(report, name)->metrics.total_requests;
}

static void expect_no_failure(const struct report *report)
{
    assert_true(report->health.valid);
    assert_true(report->metrics.total_requests > 0);
    if (report->n_errors)
        fail_msg("%s: %s", report->errors[0].kind, report->errors[0].message);
}

/* ---- HTTP/1.1 ---- */

static void test_groups__start_together(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(
        &scene, "",
        TASK(GROUP("{\"get\": \"/meet/3\", \"name\": \"x\"}, {\"get\": \"/meet/3\", "
                   "\"name\": \"y\"}, {\"get\": \"/meet/3\", \"name\": \"z\"}") "," GET("/after")));
    scene.options.users = 1;
    const struct report *report = scene_run(&scene);
    int64_t n = requests_of(report, "x");
    expect_no_failure(report);
    assert_int_equal(report->n_endpoints, 4);
    assert_int_equal(requests_of(report, "y"), n);
    assert_int_equal(requests_of(report, "z"), n);
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.requests));
    assert_int_equal(report->health.connections, 3);
    scene_tear_down(&scene);
}

static void test_groups__use_no_more_connections_than_they_may(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "",
                 TASK("{\"connections\": 2, \"parallel\": [" GET("/meet/2") "," GET(
                     "/meet/2") "," GET("/meet/2") "," GET("/meet/2") "]}"));
    scene.options.users = 1;
    const struct report *report = scene_run(&scene);
    expect_no_failure(report);
    assert_int_equal(report->health.connections, 2);
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.requests));
    assert_int_equal(report->metrics.total_requests % 4, 0);
    scene_tear_down(&scene);
}

/* The log is in the order in which requests were read. */
static void test_groups__end_before_the_next_step(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "",
                 TASK(GROUP(GET("/wait/3000") "," GET("/wait/1") "," GET("/a")) "," GET("/after")));
    scene.options.users = 1;
    const struct report *report = scene_run(&scene);
    const struct server *server = &scene.server;
    int64_t answered_ns = 0;
    size_t n_after = 0;
    for (size_t i = 0; i < server->n_log; i++) {
        const struct server_entry *entry = &server->log[i];
        if (strcmp(entry->path, "/after") == 0) {
            assert_int_equal(i % 4, 3);
            assert_true(entry->read_ns >= answered_ns);
            n_after++;
        }
        if (entry->answered_ns > answered_ns)
            answered_ns = entry->answered_ns;
    }
    expect_no_failure(report);
    assert_true(n_after > 0);
    assert_int_equal(requests_of(report, "/after"), n_after);
    scene_tear_down(&scene);
}

/* Who waits for a connection waits: its latency begins with the group. */
static void test_groups__waiting_for_a_connection_counts(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(
        &scene, "",
        TASK("{\"connections\": 1, \"parallel\": [" GET("/wait/20000") "," GET("/b") "]}"));
    scene.options.users = 1;
    const struct report *report = scene_run(&scene);
    const struct server *server = &scene.server;
    int64_t least_ns = INT64_MAX;
    for (size_t i = 0; i + 1 < server->n_log; i += 2) {
        int64_t ns = server->log[i + 1].answered_ns - server->log[i].read_ns;
        assert_string_equal(server->log[i + 1].path, "/b");
        if (ns < least_ns)
            least_ns = ns;
    }
    expect_no_failure(report);
    assert_true(least_ns < INT64_MAX);
    /* The histogram's resolution is 0.8 %. */
    assert_true(endpoint(report, "/b")->metrics.min_ms * 1e6 >= 0.99 * (double)least_ns);
    scene_tear_down(&scene);
}

static void test_groups__a_failure_ends_the_sequence(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", TASK(GROUP(GET("/fail") "," GET("/a")) "," GET("/after")));
    const struct report *report = scene_run(&scene);
    assert_true(report->metrics.total_failures > 0);
    assert_int_equal(requests_of(report, "/fail"), report->metrics.total_failures);
    assert_int_equal(requests_of(report, "/a"), report->metrics.total_failures);
    assert_int_equal(report->n_endpoints, 2); /* /after was never sent */
    scene_tear_down(&scene);
}

static void test_groups__cookies_and_captures_are_for_what_follows(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(
        &scene, "",
        "\"on_start\": [" GROUP(
            "{\"get\": \"/login\", \"capture\": {\"csrf\": {\"regex\": \"value=\\\"([a-z0-9]+)\"}}}"
            "," GET("/a")) "]," TASK(GROUP(GET("/private") ",{\"post\": \"/post\", \"form\": "
                                                           "{\"csrf\": \"${csrf}\"}}")));
    const struct report *report = scene_run(&scene);
    expect_no_failure(report);
    assert_int_equal(requests_of(report, "/login"), 4);
    assert_true(requests_of(report, "/private") > 0);
    scene_tear_down(&scene);
}

static void test_groups__follow_redirects(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", TASK(GROUP(GET("/redirect") "," GET("/redirect") "," GET("/a"))));
    const struct report *report = scene_run(&scene);
    int64_t n = report->metrics.total_requests;
    expect_no_failure(report);
    assert_int_equal(3 * atomic_load(&scene.server.requests), 5 * n);
    scene_tear_down(&scene);
}

static void test_groups__without_keep_alive_each_request_connects(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(
        &scene, "\"keep_alive\": false,",
        TASK("{\"connections\": 2, \"parallel\": [" GET("/a") "," GET("/b") "," GET("/c") "]}"));
    const struct report *report = scene_run(&scene);
    expect_no_failure(report);
    assert_int_equal(report->health.connections, report->metrics.total_requests);
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.requests));
    scene_tear_down(&scene);
}

/* Those that wait have their turn, whatever became of the connection. */
static void test_groups__go_on_where_a_connection_breaks(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "",
                 TASK("{\"connections\": 1, \"parallel\": [" GET("/a") "," GET("/reset") "," GET(
                     "/b") "," GET("/garbage") "," GET("/bye") "," GET("/c") "]}"));
    const struct report *report = scene_run(&scene);
    int64_t n = report->metrics.total_requests;
    assert_true(n > 0);
    assert_int_equal(requests_of(report, "/c") * 6, n);
    assert_int_equal(h2_scene_failures(report, "reset", ""), n / 6);
    assert_int_equal(h2_scene_failures(report, "protocol", ""), n / 6);
    assert_int_equal(report->metrics.total_failures, n / 3);
    assert_int_equal(n + report->health.retries, atomic_load(&scene.server.requests));
    scene_tear_down(&scene);
}

static void test_groups__wait_no_longer_than_for_a_response(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "\"request_timeout\": \"100ms\",",
                 TASK("{\"connections\": 1, \"parallel\": [" GET("/hang") "," GET("/b") "]}"));
    const struct report *report = scene_run(&scene);
    int64_t n = requests_of(report, "/hang");
    assert_true(n > 0);
    assert_int_equal(requests_of(report, "/b"), n);
    assert_int_equal(h2_scene_failures(report, "timeout", "no complete response"), n);
    assert_int_equal(h2_scene_failures(report, "timeout", "no free connection"), n);
    assert_int_equal(atomic_load(&scene.server.requests), n);
    scene_tear_down(&scene);
}

static void test_groups__of_one_are_a_step(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", TASK(GROUP(GET("/a"))));
    const struct report *report = scene_run(&scene);
    expect_no_failure(report);
    assert_int_equal(report->health.connections, 4);
    scene_tear_down(&scene);
}

/* ---- HTTP/2 ---- */

#define TWO(x)   x "," x
#define EIGHT(x) TWO(TWO(TWO(x)))

static void test_groups__share_a_connection_with_http2(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    h2_scene_set_up(&scene, "", TASK(GROUP(EIGHT(GET("/meet/8"))) "," GET("/after")));
    const struct report *report = h2_scene_run(&scene);
    expect_no_failure(report);
    assert_int_equal(report->health.connections, 4); /* one for each user */
    assert_int_equal(atomic_load(&scene.server.most), 8);
    assert_int_equal(requests_of(report, "/meet/8") % 8, 0);
    assert_in_range(requests_of(report, "/meet/8") / 8, requests_of(report, "/after"),
                    requests_of(report, "/after") + 4);
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.requests));
    h2_scene_tear_down(&scene);
}

/* Before its SETTINGS have come it may have to refuse some. */
static void test_groups__wait_for_a_free_stream(void **state)
{
    (void)state;
    struct h2_scene scene = {.server.max_streams = 2};
    h2_scene_set_up(&scene, "", TASK(GET("/first") "," GROUP(EIGHT(GET("/a")))));
    const struct report *report = h2_scene_run(&scene);
    expect_no_failure(report);
    assert_int_equal(atomic_load(&scene.server.most), 2);
    assert_int_equal(report->health.connections, 4);
    assert_int_equal(report->health.retries, 0);
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.requests));
    h2_scene_tear_down(&scene);
}

/* More streams, other windows and tables while requests are under way. Those that the server
 * refused before its first SETTINGS came are sent once more. */
static void test_groups__follow_changes_of_the_settings(void **state)
{
    (void)state;
    struct h2_scene scene = {.server.max_streams = 2};
    h2_scene_set_up(
        &scene, "",
        TASK(GROUP(EIGHT("{\"post\": \"/settings\", \"body\": \"0123456789012345\"}")) "," GET(
            "/after")));
    const struct report *report = h2_scene_run(&scene);
    expect_no_failure(report);
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.requests));
    h2_scene_tear_down(&scene);
}

/* What is above the last stream is sent again, what is below is answered. */
static void test_groups__survive_a_goaway(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    h2_scene_set_up(&scene, "",
                    TASK(GROUP(TWO(GET("/a")) "," GET("/goaway") "," EIGHT(GET("/b")))));
    const struct report *report = h2_scene_run(&scene);
    int64_t n = report->metrics.total_requests;
    expect_no_failure(report);
    assert_int_equal(requests_of(report, "/goaway") * 11, n);
    assert_true(report->health.retries > 0);
    assert_true(atomic_load(&scene.server.requests) >= n);
    assert_true(atomic_load(&scene.server.requests) <= n + report->health.retries);
    h2_scene_tear_down(&scene);
}

static void test_groups__count_all_where_a_connection_dies(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    h2_scene_set_up(&scene, "", TASK(GROUP(GET("/a") "," GET("/die") "," GET("/b"))));
    const struct report *report = h2_scene_run(&scene);
    int64_t n = report->metrics.total_requests;
    assert_true(n > 0);
    assert_int_equal(requests_of(report, "/die") * 3, n);
    assert_int_equal(endpoint(report, "/die")->metrics.total_failures, n / 3);
    assert_true(atomic_load(&scene.server.requests) <= n + report->health.retries);
    h2_scene_tear_down(&scene);
}

/* One stream hangs, or is reset, the others go on. */
static void test_groups__streams_fail_alone(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    h2_scene_set_up(&scene, "\"request_timeout\": \"100ms\",",
                    TASK(GROUP(GET("/never") "," GET("/a") "," GET("/reset") "," GET(
                        "/short") "," GET("/bomb") "," GET("/b"))));
    const struct report *report = h2_scene_run(&scene);
    int64_t n = requests_of(report, "/a");
    assert_true(n > 0);
    assert_int_equal(h2_scene_failures(report, "timeout", ""), n);
    assert_int_equal(h2_scene_failures(report, "reset", ""), n);
    assert_int_equal(h2_scene_failures(report, "protocol", ""), 2 * n);
    assert_int_equal(report->metrics.total_failures, 4 * n);
    assert_int_equal(report->metrics.total_requests, 6 * n);
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.requests));
    h2_scene_tear_down(&scene);
}

/* What waits for a free stream waits no longer than for a response: its time runs. */
static void test_groups__no_stream_gets_free(void **state)
{
    (void)state;
    struct h2_scene scene = {.server.max_streams = 1};
    h2_scene_set_up(&scene, "\"request_timeout\": \"100ms\",",
                    TASK(GET("/first") "," GROUP(GET("/never") "," GET("/a") "," GET("/b"))));
    const struct report *report = h2_scene_run(&scene);
    int64_t n = requests_of(report, "/never");
    assert_true(n > 0);
    assert_int_equal(endpoint(report, "/never")->metrics.total_failures, n);
    assert_int_equal(h2_scene_failures(report, "timeout", ""), report->metrics.total_failures);
    assert_in_range(atomic_load(&scene.server.requests), report->metrics.total_requests - 2 * n,
                    report->metrics.total_requests);
    h2_scene_tear_down(&scene);
}

static void test_groups__without_keep_alive_each_group_connects(void **state)
{
    (void)state;
    struct h2_scene scene = {0};
    h2_scene_set_up(&scene, "\"keep_alive\": false,", TASK(GROUP(EIGHT(GET("/meet/8")))));
    const struct report *report = h2_scene_run(&scene);
    expect_no_failure(report);
    assert_int_equal(8 * report->health.connections, report->metrics.total_requests);
    h2_scene_tear_down(&scene);
}

static void test_groups__end_with_a_hostile_server(void **state)
{
    (void)state;
    static const char first[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    struct h2_scene scene = {.server.raw = {first, sizeof first - 1, NULL, 0}};
    h2_scene_set_up(&scene, "", TASK(GROUP(EIGHT(GET("/a")))));
    const struct report *report = h2_scene_run(&scene);
    assert_true(report->metrics.total_requests > 0);
    assert_int_equal(h2_scene_failures(report, "protocol", "not HTTP/2"),
                     report->metrics.total_requests);
    h2_scene_tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups__start_together),
        cmocka_unit_test(test_groups__use_no_more_connections_than_they_may),
        cmocka_unit_test(test_groups__end_before_the_next_step),
        cmocka_unit_test(test_groups__waiting_for_a_connection_counts),
        cmocka_unit_test(test_groups__a_failure_ends_the_sequence),
        cmocka_unit_test(test_groups__cookies_and_captures_are_for_what_follows),
        cmocka_unit_test(test_groups__follow_redirects),
        cmocka_unit_test(test_groups__without_keep_alive_each_request_connects),
        cmocka_unit_test(test_groups__go_on_where_a_connection_breaks),
        cmocka_unit_test(test_groups__wait_no_longer_than_for_a_response),
        cmocka_unit_test(test_groups__of_one_are_a_step),
        cmocka_unit_test(test_groups__share_a_connection_with_http2),
        cmocka_unit_test(test_groups__wait_for_a_free_stream),
        cmocka_unit_test(test_groups__follow_changes_of_the_settings),
        cmocka_unit_test(test_groups__survive_a_goaway),
        cmocka_unit_test(test_groups__count_all_where_a_connection_dies),
        cmocka_unit_test(test_groups__streams_fail_alone),
        cmocka_unit_test(test_groups__no_stream_gets_free),
        cmocka_unit_test(test_groups__without_keep_alive_each_group_connects),
        cmocka_unit_test(test_groups__end_with_a_hostile_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
