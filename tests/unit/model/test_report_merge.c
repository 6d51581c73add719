#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/unit/model/samples.h"

#define MAX_PARTS 4

/* Parts of one workload, with the histograms of all their samples by endpoint. */
struct scene {
    struct report parts[MAX_PARTS];
    const struct report *pointers[MAX_PARTS];
    const char *names[MAX_PARTS];
    size_t n;
    struct histogram all[2];
};

static const char *const endpoints[2] = {"/a", "/b"};

static void add_part(struct scene *scene, struct rng *rng, const char *run_id)
{
    struct report *part = &scene->parts[scene->n];
    struct histogram whole = {0};
    *part = (struct report){.run_id = run_id,
                            .workload = "w",
                            .suite = "s",
                            .scenario = "s.json",
                            .scenario_hash = "h",
                            .commit = "c1",
                            .users = 10,
                            .resolution_ns = 2000,
                            .duration_ns = ((int64_t)scene->n + 1) * NS_PER_S,
                            .health = {.valid = true, .cpu = 0.5, .retries = 1}};
    part->n_endpoints = 1 + (scene->n % 2); /* the second endpoint is not in every part */
    part->endpoints = arena_array(&part->arena, 2, sizeof *part->endpoints);
    for (size_t i = 0; i < part->n_endpoints && i < 2; i++) {
        struct report_endpoint *endpoint = &part->endpoints[i];
        struct histogram one = {0};
        sample_histogram(rng, rng_between(rng, 1, 200), &one);
        endpoint->name = endpoints[i];
        endpoint->method = "GET";
        endpoint->content_bytes = 100;
        metrics_from_histogram(&endpoint->metrics, &one);
        endpoint->metrics.total_failures = 1;
        endpoint->metrics.requests_per_s = 5;
        histogram_to_sparse(&one, &part->arena, &endpoint->histogram);
        histogram_merge(&scene->all[i], &one);
        histogram_merge(&whole, &one);
        histogram_release(&one);
    }
    metrics_from_histogram(&part->metrics, &whole);
    part->metrics.total_failures = (int64_t)part->n_endpoints;
    part->metrics.requests_per_s = 5 * (double)part->n_endpoints;
    histogram_release(&whole);
    scene->pointers[scene->n] = part;
    scene->names[scene->n] = "part.json";
    scene->n++;
}

static void release(struct scene *scene)
{
    for (size_t i = 0; i < scene->n; i++)
        report_release(&scene->parts[i]);
    histogram_release(&scene->all[0]);
    histogram_release(&scene->all[1]);
}

static void assert_same_samples(const struct histogram_sparse *sparse,
                                const struct histogram *expected)
{
    struct arena arena = {0};
    struct histogram_sparse wanted;
    histogram_to_sparse(expected, &arena, &wanted);
    assert_int_equal(sparse->count, wanted.count);
    assert_int_equal(sparse->sum_ns, wanted.sum_ns);
    assert_int_equal(sparse->min_ns, wanted.min_ns);
    assert_int_equal(sparse->max_ns, wanted.max_ns);
    assert_int_equal(sparse->n, wanted.n);
    assert_memory_equal(sparse->index, wanted.index, wanted.n * sizeof(*wanted.index));
    assert_memory_equal(sparse->counts, wanted.counts, wanted.n * sizeof *wanted.counts);
    arena_release(&arena);
}

static void test_report_merge__equals_the_histogram_of_all_samples(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 3, 1);
    for (int round = 0; round < 20; round++) {
        struct scene scene = {0};
        struct report merged;
        struct err err = {0};
        size_t n = (size_t)rng_between(&rng, 2, MAX_PARTS);
        while (scene.n < n)
            add_part(&scene, &rng, "run");
        assert_int_equal(report_merge(scene.pointers, scene.names, n, &merged, &err), 0);
        assert_int_equal(merged.n_endpoints, 2);
        struct histogram whole = {0};
        for (size_t i = 0; i < 2; i++) {
            assert_string_equal(merged.endpoints[i].name, endpoints[i]);
            assert_same_samples(&merged.endpoints[i].histogram, &scene.all[i]);
            assert_true(merged.endpoints[i].content_bytes == 100);
            histogram_merge(&whole, &scene.all[i]);
        }
        struct metrics wanted = metrics_unknown();
        metrics_from_histogram(&wanted, &whole);
        assert_int_equal(merged.metrics.total_requests, whole.count);
        assert_true(merged.metrics.average_ms == wanted.average_ms);
        assert_true(merged.metrics.p95_ms == wanted.p95_ms);
        assert_true(merged.metrics.p999_ms == wanted.p999_ms);
        assert_true(merged.metrics.min_ms == wanted.min_ms);
        assert_int_equal(merged.metrics.total_failures, (int64_t)(n + n / 2));
        assert_true(merged.metrics.error_rate ==
                    (double)merged.metrics.total_failures / (double)whole.count);
        histogram_release(&whole);
        report_release(&merged);
        release(&scene);
    }
}

static void test_report_merge__shards_add_up(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct report merged;
    struct err err = {0};
    struct rng rng;
    rng_init(&rng, 4, 1);
    add_part(&scene, &rng, "run");
    add_part(&scene, &rng, "run");
    assert_int_equal(report_merge(scene.pointers, scene.names, 2, &merged, &err), 0);
    assert_int_equal(merged.users, 20);
    assert_int_equal(merged.duration_ns, 2 * NS_PER_S);
    assert_true(merged.metrics.requests_per_s == 15);
    assert_true(merged.endpoints[0].metrics.requests_per_s == 10);
    assert_string_equal(merged.run_id, "run");
    assert_string_equal(merged.commit, "c1");
    assert_string_equal(merged.scenario, "s.json");
    assert_string_equal(merged.scenario_hash, "h");
    assert_int_equal(merged.health.retries, 2);
    assert_int_equal(merged.resolution_ns, 2000);
    report_release(&merged);
    release(&scene);
}

static void test_report_merge__repeats_follow_each_other(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct report merged;
    struct err err = {0};
    struct rng rng;
    rng_init(&rng, 5, 1);
    add_part(&scene, &rng, "one");
    add_part(&scene, &rng, "two");
    scene.parts[1].commit = "c2";
    scene.parts[1].scenario = NULL;
    scene.parts[1].scenario_hash = "i";
    assert_int_equal(report_merge(scene.pointers, scene.names, 2, &merged, &err), 0);
    assert_int_equal(merged.users, 10);
    assert_int_equal(merged.duration_ns, 3 * NS_PER_S);
    assert_true(merged.metrics.requests_per_s == (double)merged.metrics.total_requests / 3);
    assert_null(merged.run_id);
    assert_null(merged.commit);
    assert_null(merged.scenario);
    assert_null(merged.scenario_hash);
    report_release(&merged);

    /* Starts of a paired run share the run's id, but not the time. */
    struct report_pair pairs[2] = {{.start = 1}, {.start = 2}};
    for (size_t i = 0; i < 2; i++) {
        scene.parts[i].run_id = "run";
        scene.parts[i].pair = &pairs[i];
    }
    assert_int_equal(report_merge(scene.pointers, scene.names, 2, &merged, &err), 0);
    assert_int_equal(merged.duration_ns, 3 * NS_PER_S);
    assert_null(merged.pair);
    report_release(&merged);
    release(&scene);
}

static void test_report_merge__percentiles_without_a_histogram_are_unknown(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct report merged;
    struct err err = {0};
    struct rng rng;
    rng_init(&rng, 6, 1);
    add_part(&scene, &rng, "run");
    add_part(&scene, &rng, "run");
    scene.parts[1].endpoints[1].histogram = (struct histogram_sparse){0};
    assert_int_equal(report_merge(scene.pointers, scene.names, 2, &merged, &err), 0);
    assert_true(merged.endpoints[0].metrics.p95_ms > 0);
    assert_true(isnan(merged.endpoints[1].metrics.p95_ms));
    assert_true(isnan(merged.metrics.p95_ms) && isnan(merged.metrics.median_ms));
    const struct metrics *a = &scene.parts[0].metrics, *b = &scene.parts[1].metrics;
    double n = (double)a->total_requests, m = (double)b->total_requests;
    assert_true(merged.metrics.total_requests == a->total_requests + b->total_requests);
    assert_true(
        fabs(merged.metrics.average_ms - (a->average_ms * n + b->average_ms * m) / (n + m)) < 1e-9);
    assert_true(merged.metrics.min_ms == fmin(a->min_ms, b->min_ms));
    assert_true(merged.metrics.max_ms == fmax(a->max_ms, b->max_ms));
    assert_true(merged.metrics.error_rate == 3 / (n + m));
    report_release(&merged);
    release(&scene);
}

static void test_report_merge__an_invalid_part_makes_it_invalid(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct report merged;
    struct err err = {0};
    struct rng rng;
    const char *reasons[] = {"interrupted"}, *notes[] = {"a note"};
    rng_init(&rng, 7, 1);
    for (int i = 0; i < 3; i++)
        add_part(&scene, &rng, "run");
    for (size_t i = 1; i < 3; i++) {
        scene.parts[i].health.valid = false;
        scene.parts[i].health.reasons = reasons;
        scene.parts[i].health.notes = notes;
        scene.parts[i].health.n_reasons = scene.parts[i].health.n_notes = 1;
    }
    scene.parts[2].environment.cores = 8;
    assert_int_equal(report_merge(scene.pointers, scene.names, 3, &merged, &err), 0);
    assert_false(merged.health.valid);
    assert_int_equal(merged.health.n_reasons, 1);
    assert_string_equal(merged.health.reasons[0], "interrupted");
    assert_int_equal(merged.health.n_notes, 2);
    assert_string_equal(merged.health.notes[1],
                        "the merged parts were measured on machines of different kinds");
    report_release(&merged);
    release(&scene);
}

static void test_report_merge__errors_of_one_kind_are_one(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct report merged;
    struct err err = {0};
    struct rng rng;
    struct report_error errors[2] = {
        {.endpoint = "/a",
         .method = "GET",
         .kind = "status",
         .message = "m",
         .count = 2,
         .first_seen_ns = 50,
         .last_seen_ns = 60},
        {.endpoint = "/a", .method = "GET", .kind = "reset", .message = "m", .count = 1}};
    rng_init(&rng, 8, 1);
    for (size_t i = 0; i < 2; i++) {
        add_part(&scene, &rng, "run");
        scene.parts[i].errors = errors;
        scene.parts[i].n_errors = 2 - i;
    }
    assert_int_equal(report_merge(scene.pointers, scene.names, 2, &merged, &err), 0);
    assert_int_equal(merged.n_errors, 2);
    assert_string_equal(merged.errors[0].kind, "reset");
    assert_int_equal(merged.errors[0].count, 1);
    assert_int_equal(merged.errors[1].count, 4);
    assert_int_equal(merged.errors[1].first_seen_ns, 50);
    report_release(&merged);
    release(&scene);
}

static void test_report_merge__tags_are_united(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct report merged;
    struct err err = {0};
    struct rng rng;
    const char *first[] = {"a", "c"}, *second[] = {"b", "c", "d"};
    rng_init(&rng, 9, 1);
    for (int i = 0; i < 3; i++)
        add_part(&scene, &rng, "run");
    scene.parts[0].endpoints[0].tags = (struct tags){2, first};
    scene.parts[1].endpoints[0].tags = (struct tags){3, second};
    assert_int_equal(report_merge(scene.pointers, scene.names, 3, &merged, &err), 0);
    assert_int_equal(merged.endpoints[0].tags.n, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(merged.endpoints[0].tags.names[i][0], "abcd"[i]);
    assert_int_equal(merged.endpoints[1].tags.n, 0);
    report_release(&merged);
    release(&scene);
}

static void test_report_merge__refuses_one_report_twice(void **state)
{
    (void)state;
    struct rng rng;
    struct scene scene = {0};
    struct report merged;
    struct err err = {0};
    rng_init(&rng, 5, 1);
    add_part(&scene, &rng, "run");
    add_part(&scene, &rng, "run");
    scene.pointers[scene.n] = &scene.parts[0];
    scene.names[scene.n] = "again.json";
    assert_int_equal(report_merge(scene.pointers, scene.names, scene.n + 1, &merged, &err), -1);
    assert_non_null(strstr(err.text, "'again.json' are the same report; name it once"));
    release(&scene);
}

static void test_report_merge__refuses_other_workloads(void **state)
{
    (void)state;
    struct report a = {.workload = "aa"}, b = {.workload = "bb"}, merged;
    const struct report *parts[] = {&a, &b};
    const char *names[] = {"a.json", "b.json"};
    struct err err = {0};
    assert_int_equal(report_merge(parts, names, 2, &merged, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text,
                        "cannot merge 'b.json' with 'a.json': their workloads differ (bb, aa); "
                        "merge runs of one scenario with the same users");
    assert_null(merged.arena.chunks);
    err = (struct err){0};
    assert_int_equal(report_merge(parts, names, 0, &merged, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
}

static void test_report_merge__refuses_the_two_sides_of_a_paired_run(void **state)
{
    (void)state;
    struct report_pair candidate = {.role = ROLE_CANDIDATE}, base = {.role = ROLE_BASE};
    struct report a = {.pair = &candidate}, b = {.pair = &base}, merged;
    const struct report *parts[] = {&a, &b};
    const char *names[] = {"a.json", "a.base.json"};
    struct err err = {0};
    assert_int_equal(report_merge(parts, names, 2, &merged, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, "cannot merge 'a.base.json' with 'a.json': they are different "
                                  "sides of a paired run; merge the starts of one side");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_merge__equals_the_histogram_of_all_samples),
        cmocka_unit_test(test_report_merge__shards_add_up),
        cmocka_unit_test(test_report_merge__repeats_follow_each_other),
        cmocka_unit_test(test_report_merge__percentiles_without_a_histogram_are_unknown),
        cmocka_unit_test(test_report_merge__an_invalid_part_makes_it_invalid),
        cmocka_unit_test(test_report_merge__errors_of_one_kind_are_one),
        cmocka_unit_test(test_report_merge__tags_are_united),
        cmocka_unit_test(test_report_merge__refuses_one_report_twice),
        cmocka_unit_test(test_report_merge__refuses_other_workloads),
        cmocka_unit_test(test_report_merge__refuses_the_two_sides_of_a_paired_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
