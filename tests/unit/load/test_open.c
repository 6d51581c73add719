/* The open model: who comes, and who serves them. */
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
#include "load/health.h"
#include "load/run.h"
#include "open_check.h"
#include "run_scene.h"

#define CONNECTIONS 64

/* ---- how many ---- */

static void test_open__every_arrival_is_a_request_or_missed(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        struct scene scene;
        scene_set_up(&scene, "", ONE_TASK);
        scene.options.users = 0;
        scene.options.rate = 500;
        scene.options.duration_ns = NS_PER_S;
        scene.options.threads = threads;
        const struct report *report = scene_run(&scene);
        open_check_conserved(report, &scene.server);
        assert_int_equal(report->arrivals->started + report->arrivals->missed, 500);
        assert_int_equal(report->users, 500);
        assert_int_equal(report->metrics.total_failures, 0);
        assert_int_equal(report->arrivals->process, ARRIVALS_CONSTANT);
        assert_true(report->arrivals->rate >= 500 && report->arrivals->rate <= 500);
        scene_tear_down(&scene);
    }
}

/* The area below the curve, whatever its shape, the warm-up taken off its beginning. */
static void test_open__stages_say_how_many_come(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene,
                 "\"warmup\": \"200ms\", \"stages\": ["
                 "{\"duration\": \"200ms\", \"rate\": 1000, \"shape\": \"ramp\"},"
                 "{\"duration\": \"400ms\", \"rate\": 1000},"
                 "{\"duration\": \"100ms\", \"rate\": 0},"
                 "{\"duration\": \"100ms\", \"rate\": 2000}],",
                 ONE_TASK);
    scene.options.users = 0;
    scene.options.duration_ns = 0;
    const struct report *report = scene_run(&scene);
    open_check_report(report);
    assert_int_equal(report->arrivals->started + report->arrivals->missed, 400 + 200);
    assert_true(isnan(report->arrivals->rate));
    assert_int_equal(report->duration_ns, 600 * NS_PER_MS);
    assert_int_equal(report->users, 2000);
    assert_int_equal(atomic_load(&scene.server.requests), report->arrivals->started + 100);
    scene_tear_down(&scene);
}

static void test_open__a_seed_repeats_poisson_arrivals(void **state)
{
    (void)state;
    int64_t all[2];
    for (int i = 0; i < 2; i++) {
        struct scene scene;
        scene_set_up(&scene, "\"rate\": 800, \"arrivals\": \"poisson\",", ONE_TASK);
        scene.options.threads = 2;
        scene.options.users = 64;
        const struct report *report = scene_run(&scene);
        open_check_conserved(report, &scene.server);
        assert_int_equal(report->arrivals->process, ARRIVALS_POISSON);
        all[i] = report->arrivals->started + report->arrivals->missed;
        scene_tear_down(&scene);
    }
    assert_int_equal(all[0], all[1]);
    assert_int_not_equal(all[0], 240);
}

/* ---- what is missed ---- */

static void test_open__what_cannot_be_started_makes_the_run_invalid(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/wait/50000\"}]");
    scene.options.rate = 1000;
    const struct report *report = scene_run(&scene);
    open_check_conserved(report, &scene.server);
    assert_int_equal(report->arrivals->started + report->arrivals->missed, 300);
    assert_true(report->arrivals->missed > 100); /* 4 users can do 104 in 1.3 s */
    assert_false(report->health.valid);
    assert_string_equal(report->health.reasons[0], invalid_reason_name(INVALID_MISSED));
    assert_non_null(strstr(report->health.notes[0], "of 300 arrivals found no free user"));
    scene_tear_down(&scene);
}

/* What the rule makes of the numbers alone. */
static bool is_missed(int64_t started, int64_t missed)
{
    static const struct plan plan = {.n_arms = 1};
    struct crew crew = {.plan = &plan, .wall_ns = NS_PER_S};
    struct report_series series = {.interval_ns = NS_PER_S};
    struct report_arrivals arrivals = {.started = started, .missed = missed};
    struct report report = {.series = &series, .arrivals = &arrivals};
    struct histogram all = {0};
    histogram_record(&all, NS_PER_MS);
    health_judge(&crew, 0, &all, &report);
    bool found = !report.health.valid;
    assert_int_equal(report.health.n_notes, missed > 0);
    assert_int_equal(report.health.n_reasons, found);
    histogram_release(&all);
    report_release(&report);
    return found;
}

static void test_open__one_in_a_thousand_may_be_missed(void **state)
{
    (void)state;
    assert_false(is_missed(1000, 0));
    assert_false(is_missed(9990, 10));
    assert_true(is_missed(9989, 11));
    assert_true(is_missed(500, 1));
}

/* ---- users ---- */

/* One user for two classes: it logs in whenever it becomes a member, and never as a guest. */
static void test_open__a_user_that_changes_its_class_forgets(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(
        &scene, "",
        "\"on_start\": [{\"get\": \"/login\"}], \"tasks\": [{\"get\": \"/private\"}]}, "
        "{\"name\": \"guest\", \"tasks\": [{\"name\": \"stranger\", \"get\": \"/private\", "
        "\"expect\": {\"status\": 403}}]");
    scene.options.rate = 200;
    scene.options.users = 1;
    scene.options.duration_ns = NS_PER_S;
    const struct report *report = scene_run(&scene);
    open_check_report(report);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(report->n_endpoints, 3);
    int64_t logins = report->endpoints[0].metrics.total_requests;
    assert_string_equal(report->endpoints[0].name, "/login");
    assert_true(logins > 10); /* 50 changes of class in 200 tasks are to be expected */
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.requests));
    scene_tear_down(&scene);
}

/* No more of them log in than are needed. */
static void test_open__takes_the_user_that_was_free_last(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "",
                 "\"on_start\": [{\"get\": \"/login\"}], \"tasks\": [{\"get\": \"/private\"}]");
    scene.options.rate = 20;
    scene.options.users = 500;
    scene.options.duration_ns = NS_PER_S;
    const struct report *report = scene_run(&scene);
    open_check_report(report);
    assert_int_equal(report->arrivals->started + report->arrivals->missed, 20);
    assert_true(report->health.connections < 20);
    assert_int_equal(report->endpoints[0].metrics.total_requests, report->health.connections);
    scene_tear_down(&scene);
}

/* Users in stages, the closed model: before the second stage begins two connections have sent, and
 * when it is over all but one have no more than a last response to come. */
static void test_open__users_come_and_rest_in_stages(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene,
                 "\"stages\": [{\"duration\": \"300ms\", \"users\": 2},"
                 "{\"duration\": \"300ms\", \"users\": 6},"
                 "{\"duration\": \"300ms\", \"users\": 1}],",
                 ONE_TASK);
    scene.options.users = 0;
    scene.options.duration_ns = 0;
    scene.options.threads = 2;
    int64_t from_ns = clock_monotonic_ns();
    const struct report *report = scene_run(&scene);
    const struct server *server = &scene.server;
    int64_t late[CONNECTIONS] = {0}, most = 0, others = 0;
    bool early[CONNECTIONS] = {false};
    int n_early = 0;
    assert_null(report->arrivals);
    assert_null(report->from_send);
    assert_int_equal(report->users, 6);
    assert_int_equal(report->health.connections, 6);
    assert_int_equal(report->duration_ns, 900 * NS_PER_MS);
    assert_int_equal(report->metrics.total_requests, atomic_load(&scene.server.requests));
    for (size_t i = 0; i < server->n_log; i++) {
        const struct server_entry *entry = &server->log[i];
        late[entry->connection] += entry->read_ns > server->log[0].read_ns + 600 * NS_PER_MS;
        if (entry->read_ns < from_ns + 300 * NS_PER_MS && !early[entry->connection]) {
            early[entry->connection] = true;
            n_early++;
        }
    }
    for (size_t c = 0; c < CONNECTIONS; c++) {
        most = late[c] > most ? late[c] : most;
        others += late[c] > 1;
    }
    assert_true(n_early <= 2);
    assert_true(most > 1);
    assert_int_equal(others, 1);
    scene_tear_down(&scene);
}

/* ---- two arms ---- */

struct stop {
    volatile sig_atomic_t flag;
};

static void stop_after_six_pairs(const struct load_progress *progress, void *context)
{
    struct stop *stop = context;
    stop->flag = progress->pairs >= 6;
}

/* One arm's server is slower, and so are the ends of its blocks. The last pair was cut short. */
static void test_open__paired_arms_have_the_same_arrivals_in_each_block(void **state)
{
    (void)state;
    struct scene scene;
    struct server base;
    struct stop stop = {0};
    scene_set_up(&scene, "\"arrivals\": \"poisson\", \"rate\": 200,", ONE_TASK);
    server_start(&base);
    atomic_store(&scene.server.delay_us, 7000);
    scene.options.against = base.url;
    scene.options.users = 200;
    scene.options.threads = 2;
    scene.options.duration_ns = 60 * NS_PER_S;
    scene.options.warmup_ns = 0;
    scene.options.stop = &stop.flag;
    scene.options.progress = stop_after_six_pairs;
    scene.options.progress_context = &stop;
    scene_run(&scene);
    const struct report *a = &scene.result.sides[0].report, *b = &scene.result.sides[1].report;
    open_check_report(a);
    open_check_report(b);
    assert_int_equal(a->metrics.total_requests, a->arrivals->started);
    assert_int_equal(b->metrics.total_requests, b->arrivals->started);
    assert_true(a->pair->n_pairs > 6);
    const struct report_blocks *x = a->endpoints[0].blocks, *y = b->endpoints[0].blocks;
    for (size_t i = 0; i + 1 < a->pair->n_first; i++) {
        assert_true(x->count[i] > 0);
        assert_int_equal(x->count[i], y->count[i]);
    }
    scene_tear_down(&scene);
    server_end(&base);
}

/* ---- the workload ---- */

static void hash_of(const char *settings, double rate, char hash[17])
{
    struct scene scene;
    scene_set_up(&scene, settings, ONE_TASK);
    scene.options.users = 64;
    scene.options.rate = rate;
    scene.options.duration_ns = 100 * NS_PER_MS;
    const struct report *report = scene_run(&scene);
    snprintf(hash, 17, "%s", report->workload);
    scene_tear_down(&scene);
}

static void test_open__a_rate_is_part_of_the_workload(void **state)
{
    (void)state;
    char closed[17], given[17], written[17], other[17], staged[17];
    hash_of("", 0, closed);
    hash_of("", 100, given);
    hash_of("\"rate\": 100,", 0, written);
    hash_of("\"rate\": 100,", 101, other);
    hash_of("\"stages\": [{\"duration\": 1, \"rate\": 5}],", 100, staged);
    assert_string_not_equal(closed, given);
    assert_string_equal(given, written);
    assert_string_not_equal(given, other);
    assert_string_equal(given, staged);
}

/* ---- what had not settled ---- */

static void judge_series(struct report *report, const struct plan *plan, size_t n)
{
    static double average_ms[60];
    struct crew crew = {.plan = plan, .wall_ns = NS_PER_S};
    static struct report_series series = {.interval_ns = NS_PER_S, .average_ms = average_ms};
    struct histogram all = {0};
    for (size_t i = 0; i < 60; i++)
        average_ms[i] = (i < 9 ? 20.0 : 10.0) + (double)(i * 7 % 10) / 10;
    series.n_average = n;
    *report = (struct report){.series = &series, .duration_ns = (int64_t)n * NS_PER_S};
    histogram_record(&all, NS_PER_MS);
    health_judge(&crew, 0, &all, report);
    histogram_release(&all);
}

static void test_open__health_says_what_had_not_settled(void **state)
{
    (void)state;
    struct plan plan = {.n_arms = 1, .settings.warmup_ns = 2 * NS_PER_S};
    struct report report;
    judge_series(&report, &plan, 60);
    assert_true(report.health.valid);
    assert_true(report.health.drift_p <= 0.01);
    assert_int_equal(report.health.settled_ns, 9 * NS_PER_S);
    assert_int_equal(report.health.n_notes, 1);
    assert_non_null(strstr(report.health.notes[0], "still getting faster when measuring began"));
    assert_non_null(strstr(report.health.notes[0], "raise --warmup to 11 s"));
    report_release(&report);
    judge_series(&report, &plan, 29);
    assert_true(isnan(report.health.drift_p));
    assert_int_equal(report.health.n_notes, 0);
    report_release(&report);
    plan.settings.stages.n = 1; /* the load changes, and so does the service */
    judge_series(&report, &plan, 60);
    assert_true(isnan(report.health.drift_p));
    assert_int_equal(report.health.n_notes, 0);
    report_release(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open__every_arrival_is_a_request_or_missed),
        cmocka_unit_test(test_open__stages_say_how_many_come),
        cmocka_unit_test(test_open__a_seed_repeats_poisson_arrivals),
        cmocka_unit_test(test_open__what_cannot_be_started_makes_the_run_invalid),
        cmocka_unit_test(test_open__one_in_a_thousand_may_be_missed),
        cmocka_unit_test(test_open__a_user_that_changes_its_class_forgets),
        cmocka_unit_test(test_open__takes_the_user_that_was_free_last),
        cmocka_unit_test(test_open__users_come_and_rest_in_stages),
        cmocka_unit_test(test_open__paired_arms_have_the_same_arrivals_in_each_block),
        cmocka_unit_test(test_open__a_rate_is_part_of_the_workload),
        cmocka_unit_test(test_open__health_says_what_had_not_settled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
