/* The engine against a scripted server (server.c), through load_run(). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "load/run.h"
#include "run_scene.h"

static int64_t failures_of(const struct report *report, const char *kind, const char *message)
{
    int64_t count = 0;
    for (size_t i = 0; i < report->n_errors; i++) {
        const struct report_error *error = &report->errors[i];
        if (strcmp(error->kind, kind) == 0 && strstr(error->message, message))
            count += error->count;
    }
    return count;
}

/* What must hold of every report of a single run. */
static void check_sums(const struct load_side *side)
{
    const struct report *report = &side->report;
    int64_t requests = 0, failures = 0, errors = 0, seconds = 0;
    for (size_t i = 0; i < report->n_endpoints; i++) {
        requests += report->endpoints[i].metrics.total_requests;
        failures += report->endpoints[i].metrics.total_failures;
        assert_int_equal(report->endpoints[i].histogram.count,
                         report->endpoints[i].metrics.total_requests);
    }
    for (size_t i = 0; i < report->n_errors; i++)
        errors += report->errors[i].count;
    for (size_t i = 0; i < side->n_seconds; i++)
        seconds += side->seconds[i].latencies.count;
    assert_int_equal(requests, report->metrics.total_requests);
    assert_int_equal(failures, report->metrics.total_failures);
    assert_int_equal(errors, failures);
    assert_int_equal(seconds, requests);
    if (side->n_seconds)
        assert_int_equal(side->seconds[side->n_seconds - 1].requests, requests);
}

static void test_run__counts_every_request(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/a\"}, {\"weight\": 2, \"get\": \"/b\"}]");
    scene.options.threads = 3;
    scene.options.users = 8;
    const struct report *report = scene_run(&scene);
    check_sums(&scene.result.sides[0]);
    assert_true(report->health.valid);
    assert_true(report->metrics.total_requests > 0);
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.requests));
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(report->n_endpoints, 2);
    assert_int_equal(report->health.connections, 8);
    assert_int_equal(atomic_load(&scene.server.connections), 9); /* one tried the target */
    assert_int_equal(report->endpoints[0].content_bytes, 5);
    assert_null(report->pair);
    scene_tear_down(&scene);
}

static void test_run__endpoints_have_the_tags_of_their_steps(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "",
                 "\"on_start\": [{\"get\": \"/b\", \"tags\": [\"login\"]}],"
                 "\"tasks\": [{\"get\": \"/a\"}, {\"tags\": [\"read\"], \"get\": \"/b\"},"
                 "{\"tags\": [\"pay\", \"read\"], \"steps\": [{\"get\": \"/b\"}]}]");
    const struct report *report = scene_run(&scene);
    assert_int_equal(report->n_endpoints, 2);
    assert_int_equal(report->endpoints[0].tags.n, 0);
    assert_int_equal(report->endpoints[1].tags.n, 3);
    assert_string_equal(report->endpoints[1].tags.names[0], "login");
    assert_string_equal(report->endpoints[1].tags.names[2], "read");
    scene_tear_down(&scene);
}

static void test_run__warm_up_and_ramp_do_not_count(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "\"warmup\": \"100ms\",", "\"tasks\": [{\"get\": \"/\"}]");
    scene.options.spawn_rate = 30; /* the fourth user comes after 100 ms */
    const struct report *report = scene_run(&scene);
    assert_true(report->metrics.total_requests < atomic_load(&scene.server.requests));
    assert_int_equal(report->duration_ns, 300 * NS_PER_MS);
    check_sums(&scene.result.sides[0]);
    scene_tear_down(&scene);
}

static void test_run__without_keep_alive_each_request_connects(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "\"keep_alive\": false,", "\"tasks\": [{\"get\": \"/\"}]");
    const struct report *report = scene_run(&scene);
    assert_int_equal(report->health.connections, report->metrics.total_requests);
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.requests));
    assert_int_equal(report->metrics.total_failures, 0);
    scene_tear_down(&scene);
}

static void test_run__reconnects_where_the_server_says_goodbye(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/bye\"}]");
    const struct report *report = scene_run(&scene);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(report->health.retries, 0);
    assert_int_equal(report->health.connections, report->metrics.total_requests);
    scene_tear_down(&scene);
}

/* RFC 9112, 9.3.1: the server closes instead of answering the second request of a connection. */
static void test_run__sends_once_more_what_a_closed_connection_swallowed(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/drop\"}]");
    const struct report *report = scene_run(&scene);
    int64_t n = report->metrics.total_requests;
    assert_int_equal(report->metrics.total_failures, 0);
    assert_true(report->health.retries > 0);
    assert_int_equal(n, atomic_load(&scene.server.responses));
    assert_int_equal(n + report->health.retries, atomic_load(&scene.server.requests));
    scene_tear_down(&scene);
}

static void test_run__reads_responses_in_pieces(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(
        &scene, "",
        "\"tasks\": [{\"get\": \"/drip\", \"expect\": {\"body_contains\": \"hello world\"}}]");
    const struct report *report = scene_run(&scene);
    assert_true(report->metrics.total_requests > 0);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.responses));
    assert_int_equal(report->endpoints[0].content_bytes, 11);
    scene_tear_down(&scene);
}

static void test_run__names_the_kind_of_a_failure(void **state)
{
    (void)state;
    static const struct {
        const char *task, *kind, *message;
    } rows[] = {
        {"\"get\": \"/fail\"", "status", "expected status"},
        {"\"get\": \"/ok\", \"expect\": {\"body_contains\": \"bye\"}", "expectation", "bye"},
        {"\"get\": \"/garbage\"", "protocol", ""},
        {"\"get\": \"/half\"", "reset", "closed before the response was complete"},
        {"\"get\": \"/hang\"", "timeout", "request timeout"},
        {"\"get\": \"/loop\"", "protocol", "more than 10 redirects"},
        {"\"get\": \"/login\", \"capture\": {\"x\": {\"regex\": \"nothing(.)\"}}", "expectation",
         "found nothing to capture as 'x'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene scene;
        char class[512];
        snprintf(class, sizeof class, "\"tasks\": [{%s}]", rows[i].task);
        scene_set_up(&scene, "\"request_timeout\": \"200ms\",", class);
        const struct report *report = scene_run(&scene);
        int64_t n = report->metrics.total_requests;
        assert_true(n > 0);
        assert_int_equal(report->metrics.total_failures, n);
        assert_int_equal(failures_of(report, rows[i].kind, rows[i].message), n);
        check_sums(&scene.result.sides[0]);
        scene_tear_down(&scene);
    }
}

static void test_run__logs_in_with_cookie_and_token(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "",
                 "\"on_start\": [{\"get\": \"/login\", \"capture\": {\"csrf\": {\"regex\": "
                 "\"value=.([a-z0-9]+)\"}}}], \"tasks\": [{\"steps\": [{\"get\": \"/private\"}, "
                 "{\"post\": \"/post\", \"form\": {\"csrf\": \"${csrf}\"}}]}]");
    const struct report *report = scene_run(&scene);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(report->n_endpoints, 3);
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = &report->endpoints[i];
        if (strcmp(endpoint->name, "/login") == 0)
            assert_int_equal(endpoint->metrics.total_requests, 4); /* once for each user */
        else
            assert_true(endpoint->metrics.total_requests > 4);
    }
    scene_tear_down(&scene);
}

static void test_run__ends_a_task_at_its_first_failure(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "",
                 "\"tasks\": [{\"steps\": [{\"get\": \"/fail\"}, {\"get\": \"/ok\"}]}]");
    const struct report *report = scene_run(&scene);
    assert_int_equal(report->n_endpoints, 1);
    assert_string_equal(report->endpoints[0].name, "/fail");
    scene_tear_down(&scene);
}

/* The cookie that the redirect sets opens the page that it leads to. */
static void test_run__follows_a_redirect_as_one_request(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/redirect\"}]");
    const struct report *report = scene_run(&scene);
    int64_t n = report->metrics.total_requests;
    assert_true(n > 0);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(atomic_load(&scene.server.requests), 2 * n);
    assert_int_equal(report->endpoints[0].content_bytes, 5);
    scene_tear_down(&scene);
}

static void test_run__gives_up_on_a_redirect_loop(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/loop\"}]");
    const struct report *report = scene_run(&scene);
    assert_int_equal(report->metrics.total_failures, report->metrics.total_requests);
    assert_int_equal(atomic_load(&scene.server.requests), 11 * report->metrics.total_requests);
    scene_tear_down(&scene);
}

static void test_run__follows_no_redirect_that_was_not_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *settings, *path;
    } rows[] = {{"\"redirects\": false,", "/redirect"}, {"", "/elsewhere"}};
    for (size_t i = 0; i < 2; i++) {
        struct scene scene;
        char class[64];
        snprintf(class, sizeof class, "\"tasks\": [{\"get\": \"%s\"}]", rows[i].path);
        scene_set_up(&scene, rows[i].settings, class);
        const struct report *report = scene_run(&scene);
        assert_int_equal(report->metrics.total_failures, 0);
        assert_int_equal(atomic_load(&scene.server.requests), report->metrics.total_requests);
        scene_tear_down(&scene);
    }
}

static void test_run__unreachable_target_is_an_error(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/\"}]");
    server_stop_listening(&scene.server);
    assert_int_equal(load_run(&scene.scenario, &scene.options, &scene.result, &scene.err), -1);
    assert_int_equal(scene.err.code, ERR_TARGET);
    assert_non_null(strstr(scene.err.text, scene.server.url));
    assert_non_null(strstr(scene.err.text, "nothing listens there"));
    assert_int_equal(scene.result.n_sides, 0);
    scene_tear_down(&scene);
}

static void test_run__steps_stay_on_the_target(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"http://198.51.100.1/\"}]");
    assert_int_equal(load_run(&scene.scenario, &scene.options, &scene.result, &scene.err), -1);
    assert_int_equal(scene.err.code, ERR_INPUT);
    assert_non_null(strstr(scene.err.text, "--allow-host"));
    scene_tear_down(&scene);
}

struct interruption {
    volatile sig_atomic_t stop;
    int64_t pairs;         /* completed before the stop */
    struct server *server; /* whose listening socket closes, or NULL */
};

static void interrupt(const struct load_progress *progress, void *context)
{
    struct interruption *interruption = context;
    assert_true(progress->users > 0);
    if (interruption->server)
        server_stop_listening(interruption->server);
    else
        interruption->stop = progress->pairs >= interruption->pairs;
}

static void test_run__stops_cleanly(void **state)
{
    (void)state;
    struct scene scene;
    struct interruption interruption = {0};
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/\"}]");
    scene.options.duration_ns = 3600 * NS_PER_S;
    scene.options.stop = &interruption.stop;
    scene.options.progress = interrupt;
    scene.options.progress_context = &interruption;
    scene.options.threads = 2;
    const struct report *report = scene_run(&scene);
    assert_false(report->health.valid);
    assert_int_equal(report->health.n_reasons, 1);
    assert_string_equal(report->health.reasons[0], invalid_reason_name(INVALID_INTERRUPTED));
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.requests));
    assert_int_equal(report->metrics.total_failures, 0);
    assert_true(report->duration_ns < 3600 * NS_PER_S);
    check_sums(&scene.result.sides[0]);
    scene_tear_down(&scene);
}

/* A server that is gone makes failures, but no busy loop: users back off. */
static void test_run__backs_off_from_a_dead_server(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "\"keep_alive\": false,", "\"tasks\": [{\"get\": \"/\"}]");
    struct interruption interruption = {.server = &scene.server};
    scene.options.duration_ns = 1200 * NS_PER_MS;
    scene.options.progress = interrupt;
    scene.options.progress_context = &interruption;
    const struct report *report = scene_run(&scene);
    int64_t refused = failures_of(report, "refused", "refused");
    assert_in_range(refused, 4, 4 * 20); /* 50 ms at the least between two */
    assert_int_equal(refused + failures_of(report, "reset", ""), report->metrics.total_failures);
    scene_tear_down(&scene);
}

static void test_run__no_request_is_invalid(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "",
                 "\"think_time\": {\"constant\": \"1h\"}, \"tasks\": [{\"get\": \"/\"}]");
    const struct report *report = scene_run(&scene);
    assert_int_equal(report->metrics.total_requests, 0);
    assert_false(report->health.valid);
    assert_string_equal(report->health.reasons[0], invalid_reason_name(INVALID_NO_REQUESTS));
    scene_tear_down(&scene);
}

static void check_pair(const struct report *report, enum report_role role)
{
    const struct report_pair *pair = report->pair;
    assert_non_null(pair);
    assert_int_equal(pair->role, role);
    assert_int_equal(pair->start, 3);
    assert_true(pair->n_pairs >= 20);
    assert_in_range(pair->n_ends, 20, 50);
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = &report->endpoints[i];
        int64_t count, batches;
        scene_count(endpoint->blocks, &count, &batches);
        assert_int_equal(count, endpoint->metrics.total_requests);
        assert_int_equal(batches, endpoint->metrics.total_requests);
    }
}

static void check_reads_back(const struct report *report)
{
    struct buf text = {0};
    struct report copy;
    struct err err = {0};
    report_encode(report, &text);
    if (report_decode(text.data, text.len, "copy", &copy, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(copy.metrics.total_requests, report->metrics.total_requests);
    report_release(&copy);
    buf_release(&text);
}

static void test_run__paired_arms_take_turns(void **state)
{
    (void)state;
    struct scene scene;
    struct server base;
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/a\"}, {\"get\": \"/b\"}]");
    server_start(&base);
    atomic_store(&scene.server.delay_us, 3000);
    atomic_store(&base.delay_us, 1000);
    scene.options.against = base.url;
    scene.options.duration_ns = 13 * NS_PER_S;
    scene.options.warmup_ns = 500 * NS_PER_MS;
    scene.options.start = 3;
    scene.options.threads = 2;
    scene.scenario.path = "perf/s.json";
    const struct report *candidate = scene_run(&scene), *other = &scene.result.sides[1].report;
    assert_int_equal(scene.result.n_sides, 2);
    assert_true(candidate->health.valid);
    check_pair(candidate, ROLE_CANDIDATE);
    check_pair(other, ROLE_BASE);
    assert_string_equal(candidate->pair->id, other->pair->id);
    assert_null(candidate->pair->look);
    assert_string_not_equal(candidate->run_id, other->run_id);
    assert_string_equal(candidate->workload, other->workload);
    assert_string_equal(candidate->scenario, "perf/s.json");
    assert_string_equal(other->scenario, "perf/s.json");
    assert_string_equal(candidate->scenario_hash, other->scenario_hash);
    assert_string_not_equal(candidate->scenario_hash, candidate->workload);
    assert_string_equal(candidate->host, scene.server.url);
    for (size_t i = 0; i < candidate->pair->n_first; i++)
        assert_int_equal(candidate->pair->first[i] + other->pair->first[i], 1);
    assert_true(candidate->metrics.average_ms > other->metrics.average_ms);
    assert_true(candidate->metrics.total_requests < atomic_load(&scene.server.requests));
    assert_int_equal(other->metrics.total_failures, 0);
    check_reads_back(candidate);
    check_reads_back(other);
    scene_tear_down(&scene);
    server_end(&base);
}

static void test_run__an_interrupted_paired_run_has_both_reports(void **state)
{
    (void)state;
    struct scene scene;
    struct interruption interruption = {.pairs = 1};
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/\"}]");
    scene.options.against = scene.server.url;
    scene.options.duration_ns = 12 * NS_PER_S;
    scene.options.warmup_ns = 0;
    scene.options.threads = 2;
    scene.options.stop = &interruption.stop;
    scene.options.progress = interrupt;
    scene.options.progress_context = &interruption;
    scene_run(&scene);
    assert_int_equal(scene.result.n_sides, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct report *report = &scene.result.sides[i].report;
        assert_false(report->health.valid);
        assert_string_equal(report->health.reasons[0], invalid_reason_name(INVALID_INTERRUPTED));
        assert_in_range(report->pair->n_pairs, 1, 20); /* all would be 24 */
        check_sums(&scene.result.sides[i]);
        check_reads_back(report);
    }
    scene_tear_down(&scene);
}

static void test_run__too_few_pairs_end_a_paired_run_early(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/\"}]");
    scene.options.against = scene.server.url;
    scene.options.duration_ns = 2 * NS_PER_S;
    const struct report *report = scene_run(&scene);
    assert_false(report->health.valid);
    assert_int_equal(report->health.n_reasons, 1);
    assert_string_equal(report->health.reasons[0], invalid_reason_name(INVALID_TOO_FEW_BLOCKS));
    assert_non_null(strstr(report->health.notes[0], "20 pairs of them take a duration of"));
    assert_int_equal(report->metrics.total_requests, 0);
    check_reads_back(report);
    scene_tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run__counts_every_request),
        cmocka_unit_test(test_run__endpoints_have_the_tags_of_their_steps),
        cmocka_unit_test(test_run__warm_up_and_ramp_do_not_count),
        cmocka_unit_test(test_run__without_keep_alive_each_request_connects),
        cmocka_unit_test(test_run__reconnects_where_the_server_says_goodbye),
        cmocka_unit_test(test_run__sends_once_more_what_a_closed_connection_swallowed),
        cmocka_unit_test(test_run__reads_responses_in_pieces),
        cmocka_unit_test(test_run__names_the_kind_of_a_failure),
        cmocka_unit_test(test_run__logs_in_with_cookie_and_token),
        cmocka_unit_test(test_run__ends_a_task_at_its_first_failure),
        cmocka_unit_test(test_run__follows_a_redirect_as_one_request),
        cmocka_unit_test(test_run__gives_up_on_a_redirect_loop),
        cmocka_unit_test(test_run__follows_no_redirect_that_was_not_asked_for),
        cmocka_unit_test(test_run__unreachable_target_is_an_error),
        cmocka_unit_test(test_run__steps_stay_on_the_target),
        cmocka_unit_test(test_run__stops_cleanly),
        cmocka_unit_test(test_run__backs_off_from_a_dead_server),
        cmocka_unit_test(test_run__no_request_is_invalid),
        cmocka_unit_test(test_run__paired_arms_take_turns),
        cmocka_unit_test(test_run__an_interrupted_paired_run_has_both_reports),
        cmocka_unit_test(test_run__too_few_pairs_end_a_paired_run_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
