/*
 * The report against what the server knows of the same requests.
 *
 * Counts must be equal, however a run ends. Times are held against the server's own log, see
 * bounds.h.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "bounds.h"
#include "load/run.h"
#include "run_scene.h"

/* Waits for requests that the client has given up before the server read them. */
static void settle(struct server *server, int64_t expected)
{
    struct timespec pause = {.tv_nsec = NS_PER_MS};
    for (int i = 0; i < 10000 && atomic_load(&server->requests) < expected; i++)
        nanosleep(&pause, NULL);
    server_settle(server);
    assert_int_equal(atomic_load(&server->requests), expected);
    assert_int_equal(server->n_log, expected);
}

/* ---- what must hold of every report ---- */

/* What the rows of a report add up to. */
struct tally {
    int64_t requests, failures, sum_ns;
};

static void add_blocks(const struct report *report, const struct report_endpoint *endpoint)
{
    const struct report_blocks *blocks = endpoint->blocks;
    struct tally pairs = {0}, batches = {0};
    assert_int_equal(blocks->n_count, report->pair->n_pairs);
    assert_int_equal(blocks->n_batches, report->pair->n_ends);
    for (size_t i = 0; i < blocks->n_count; i++) {
        pairs.requests += blocks->count[i];
        pairs.sum_ns += blocks->sum_ns[i];
        pairs.failures += blocks->failures[i];
    }
    for (size_t b = 0, pair = 0; b < blocks->n_batches; b++) {
        struct tally part = {0};
        for (; pair < (size_t)report->pair->batch_end[b]; pair++) {
            part.requests += blocks->count[pair];
            part.sum_ns += blocks->sum_ns[pair];
        }
        assert_int_equal(blocks->batches[b].count, part.requests);
        assert_int_equal(blocks->batches[b].sum_ns, part.sum_ns);
        batches.requests += part.requests;
    }
    assert_int_equal(pairs.requests, endpoint->metrics.total_requests);
    assert_int_equal(pairs.failures, endpoint->metrics.total_failures);
    assert_int_equal(pairs.sum_ns, endpoint->histogram.sum_ns);
    assert_int_equal(batches.requests, pairs.requests);
}

static void check_mean(const struct metrics *metrics, int64_t sum_ns)
{
    double mean_ms = (double)sum_ns / (double)metrics->total_requests / (double)NS_PER_MS;
    assert_true(fabs(metrics->average_ms - mean_ms) <= 1e-9 * mean_ms);
}

static void check_sums(const struct report *report)
{
    struct tally all = {0};
    int64_t errors = 0, series = 0;
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = &report->endpoints[i];
        int64_t in_buckets = 0;
        for (size_t k = 0; k < endpoint->histogram.n; k++)
            in_buckets += endpoint->histogram.counts[k];
        assert_int_equal(in_buckets, endpoint->metrics.total_requests);
        assert_int_equal(endpoint->histogram.count, endpoint->metrics.total_requests);
        check_mean(&endpoint->metrics, endpoint->histogram.sum_ns);
        all.requests += endpoint->metrics.total_requests;
        all.failures += endpoint->metrics.total_failures;
        all.sum_ns += endpoint->histogram.sum_ns;
        if (report->pair)
            add_blocks(report, endpoint);
    }
    for (size_t i = 0; i < report->n_errors; i++)
        errors += report->errors[i].count;
    for (size_t i = 0; i < report->series->n_requests; i++)
        series += report->series->requests[i];
    assert_int_equal(all.requests, report->metrics.total_requests);
    assert_int_equal(all.failures, report->metrics.total_failures);
    assert_int_equal(errors, all.failures);
    assert_int_equal(series, all.requests);
    check_mean(&report->metrics, all.sum_ns);
}

/* ---- times ---- */

#define HEAVY_TAIL                                                                                 \
    "\"1000\", \"1100\", \"1200\", \"1400\", \"1700\", \"2100\", \"3000\", \"6000\", \"40000\""

/* Constant, bimodal, heavy-tailed delays in microseconds. */
static void test_truth__times_are_those_that_the_server_knows(void **state)
{
    (void)state;
    static const char *const delays[] = {
        "\"5000\"",
        "\"2000\", \"2000\", \"2000\", \"20000\"",
        HEAVY_TAIL,
    };
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        struct scene scene;
        struct bounds bounds;
        scene_set_up_delays(&scene, delays[i]);
        scene.options.users = 8;
        scene.options.threads = 2;
        scene.options.duration_ns = NS_PER_S;
        int64_t from_ns = clock_monotonic_ns();
        const struct report *report = scene_run(&scene);
        int64_t to_ns = clock_monotonic_ns();
        settle(&scene.server, report->metrics.total_requests);
        check_sums(report);
        bounds_find(&bounds, scene.server.log, scene.server.n_log, from_ns, to_ns);
        bounds_check_all(&bounds, &report->metrics);
        bounds_release(&bounds);
        scene_tear_down(&scene);
    }
}

/* ---- counts ---- */

enum { NONE_FAIL, ALL_FAIL };

static const struct {
    const char *path;
    int failing;
    int hops; /* requests that the server sees of each in the report; retries come on top */
} endings[] = {
    {"/ok", NONE_FAIL, 1},   {"/fail", ALL_FAIL, 1}, {"/bye", NONE_FAIL, 1},
    {"/drop", NONE_FAIL, 1}, {"/half", ALL_FAIL, 1}, {"/garbage", ALL_FAIL, 1},
    {"/reset", ALL_FAIL, 1}, {"/hang", ALL_FAIL, 1}, {"/redirect", NONE_FAIL, 2},
    {"/loop", ALL_FAIL, 11},
};

static void test_truth__no_request_is_lost_however_it_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * sizeof endings / sizeof *endings; i++) {
        struct scene scene;
        char class[64];
        size_t k = i / 2;
        snprintf(class, sizeof class, "\"tasks\": [{\"get\": \"%s\"}]", endings[k].path);
        scene_set_up(&scene, "\"request_timeout\": \"150ms\",", class);
        scene.options.threads = i % 2 ? 3 : 1;
        const struct report *report = scene_run(&scene);
        int64_t n = report->metrics.total_requests;
        assert_true(n > 0);
        check_sums(report);
        settle(&scene.server, endings[k].hops * n + report->health.retries);
        if (endings[k].failing == ALL_FAIL)
            assert_int_equal(report->metrics.total_failures, n);
        scene_tear_down(&scene);
    }
}

/* What was sent into a closing connection is sent again: the server reads and answers each request
 * once. */
static void test_truth__a_server_that_closes_without_a_word_loses_none(void **state)
{
    (void)state;
    struct scene scene;
    scene_set_up(&scene, "", "\"tasks\": [{\"get\": \"/slam\"}]");
    scene.options.threads = 3;
    const struct report *report = scene_run(&scene);
    check_sums(report);
    settle(&scene.server, report->metrics.total_requests);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(atomic_load(&scene.server.responses), report->metrics.total_requests);
    scene_tear_down(&scene);
}

/* ---- paired runs ---- */

struct group {
    int arm;
    int64_t requests;
};

struct groups {
    size_t n, capacity;
    struct group *items;
};

/* Blocks of one arm that follow each other cannot be told apart from outside: they make a group. */
static void add_group(struct groups *groups, int arm, int64_t requests)
{
    if (!requests)
        return;
    if (!groups->n || groups->items[groups->n - 1].arm != arm) {
        groups->items =
            mem_grow(groups->items, groups->n, &groups->capacity, sizeof *groups->items);
        groups->items[groups->n++] = (struct group){.arm = arm};
    }
    groups->items[groups->n - 1].requests += requests;
}

static int64_t in_block(const struct report *report, size_t pair)
{
    int64_t requests = 0;
    for (size_t i = 0; i < report->n_endpoints; i++)
        requests += report->endpoints[i].blocks->count[pair];
    return requests;
}

static void groups_of_reports(const struct load_result *result, struct groups *groups)
{
    const struct report *candidate = &result->sides[0].report;
    for (size_t i = 0; i < candidate->pair->n_first; i++) {
        int first = candidate->pair->first[i] ? 0 : 1;
        assert_int_equal(candidate->pair->first[i] + result->sides[1].report.pair->first[i], 1);
        add_group(groups, first, in_block(&result->sides[first].report, i));
        add_group(groups, !first, in_block(&result->sides[!first].report, i));
    }
}

/* In the order in which both servers together read them. A request that a redirect led to belongs
 * to the one before it. */
static void groups_of_servers(const struct server *servers[2], struct groups *groups)
{
    size_t at[2] = {0};
    while (at[0] < servers[0]->n_log || at[1] < servers[1]->n_log) {
        int arm = at[0] >= servers[0]->n_log ||
                  (at[1] < servers[1]->n_log &&
                   servers[1]->log[at[1]].read_ns < servers[0]->log[at[0]].read_ns);
        const struct server_entry *entry = &servers[arm]->log[at[arm]++];
        add_group(groups, arm, strcmp(entry->path, "/private") != 0);
    }
}

/* Every block has its own requests and no other's, in the order that the reports tell. The warm-up
 * comes first in the logs, and may run into the first group. */
static void check_blocks(const struct load_result *result, const struct server *servers[2])
{
    struct groups reported = {0}, logged = {0};
    groups_of_reports(result, &reported);
    groups_of_servers(servers, &logged);
    assert_true(reported.n > 1);
    assert_true(logged.n >= reported.n);
    const struct group *tail = &logged.items[logged.n - reported.n];
    for (size_t i = 0; i < reported.n; i++) {
        assert_int_equal(reported.items[i].arm, tail[i].arm);
        if (i)
            assert_int_equal(reported.items[i].requests, tail[i].requests);
    }
    assert_true(reported.items[0].requests <= tail[0].requests);
    free(reported.items);
    free(logged.items);
}

struct stop {
    volatile sig_atomic_t flag;
    int64_t pairs;
};

static void stop_after(const struct load_progress *progress, void *context)
{
    struct stop *stop = context;
    stop->flag = progress->pairs >= stop->pairs;
}

static void run_paired(struct scene *scene, struct server *base)
{
    const struct server *servers[2] = {&scene->server, base};
    server_start(base);
    scene->options.against = base->url;
    scene_run(scene);
    server_settle(&scene->server);
    server_settle(base);
    for (size_t arm = 0; arm < 2; arm++)
        check_sums(&scene->result.sides[arm].report);
    check_blocks(&scene->result, servers);
}

#define PAIRED_TASKS                                                                               \
    "\"tasks\": [{\"get\": \"/wait/1000\", \"weight\": 8}, {\"get\": \"/wait/9000\"},"             \
    " {\"get\": \"/fail\"}, {\"get\": \"/bye\"}, {\"get\": \"/redirect\"}, {\"get\": \"/half\"}]"

static void test_truth__a_paired_run_keeps_its_blocks_apart(void **state)
{
    (void)state;
    struct scene scene;
    struct server base = {0};
    scene_set_up(&scene, "", PAIRED_TASKS);
    scene.options.threads = 3;
    scene.options.users = 12;
    scene.options.duration_ns = 12 * NS_PER_S;
    scene.options.warmup_ns = 500 * NS_PER_MS;
    run_paired(&scene, &base);
    assert_true(scene.result.sides[0].report.pair->n_pairs >= 20);
    assert_int_equal(scene.result.sides[0].report.n_endpoints, 6);
    scene_tear_down(&scene);
    server_end(&base);
}

static void test_truth__a_stopped_paired_run_keeps_its_blocks_apart(void **state)
{
    (void)state;
    struct scene scene;
    struct server base = {0};
    struct stop stop = {.pairs = 3};
    scene_set_up(&scene, "", PAIRED_TASKS);
    scene.options.duration_ns = 60 * NS_PER_S;
    scene.options.warmup_ns = 0;
    scene.options.stop = &stop.flag;
    scene.options.progress = stop_after;
    scene.options.progress_context = &stop;
    run_paired(&scene, &base);
    assert_false(scene.result.sides[0].report.health.valid);
    scene_tear_down(&scene);
    server_end(&base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_truth__times_are_those_that_the_server_knows),
        cmocka_unit_test(test_truth__no_request_is_lost_however_it_ends),
        cmocka_unit_test(test_truth__a_server_that_closes_without_a_word_loses_none),
        cmocka_unit_test(test_truth__a_paired_run_keeps_its_blocks_apart),
        cmocka_unit_test(test_truth__a_stopped_paired_run_keeps_its_blocks_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
