/* Merges of imported results against one import of all their samples. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/rng.h"
#include "imported.h"

#define FORMAT    "JMeter JTL, CSV"
#define HEAD      "timeStamp,elapsed,label,responseCode,responseMessage,success,bytes,allThreads\n"
#define EPOCH_MS  INT64_C(1700000000123)
#define SPAN_MS   20000
#define LAST_MS   (SPAN_MS + 4000)
#define PARTS     6
#define SAMPLES   300
#define ENDPOINTS 5

struct sample_row {
    int64_t start_ms, elapsed_ms, bytes; /* the start from EPOCH_MS on */
    int endpoint, code;
    size_t part;
};

struct scene {
    struct rng rng;
    size_t n, n_parts;
    struct sample_row rows[SAMPLES];
    struct report whole, parts[PARTS];
    const struct report *pointers[PARTS];
};

static const char *const names[PARTS] = {"a.jtl", "b.jtl", "c.jtl", "d.jtl", "e.jtl", "f.jtl"};

/* ---- samples, and which part has them ---- */

static int by_start(const void *a, const void *b)
{
    const struct sample_row *left = a, *right = b;
    return (left->start_ms > right->start_ms) - (left->start_ms < right->start_ms);
}

/* At random, by endpoint, or in turn by time, where there may be gaps between the parts. */
static void deal(struct scene *scene)
{
    uint64_t way = rng_below(&scene->rng, 3);
    for (size_t i = 0; i < scene->n; i++) {
        struct sample_row *row = &scene->rows[i];
        if (way == 0)
            row->part = (size_t)rng_below(&scene->rng, scene->n_parts);
        else
            row->part =
                way == 1 ? (size_t)row->endpoint % scene->n_parts : i * scene->n_parts / scene->n;
    }
}

static void draw(struct scene *scene)
{
    static const int codes[] = {404, 500, 503};
    struct rng *rng = &scene->rng;
    int64_t span_ms = rng_between(rng, 1, SPAN_MS);
    scene->n = (size_t)rng_between(rng, 1, SAMPLES);
    scene->n_parts = (size_t)rng_between(rng, 2, PARTS);
    for (size_t i = 0; i < scene->n; i++)
        scene->rows[i] =
            (struct sample_row){.start_ms = rng_between(rng, 0, span_ms),
                                .elapsed_ms = (int64_t)exp(rng_unit(rng) * log(3000)),
                                .bytes = rng_between(rng, 0, 5000),
                                .endpoint = (int)rng_below(rng, ENDPOINTS),
                                .code = rng_below(rng, 10) ? 200 : codes[rng_below(rng, 3)]};
    qsort(scene->rows, scene->n, sizeof scene->rows[0], by_start);
    deal(scene);
}

/* The rows of one part, or of all. */
static struct report read_part(const struct scene *scene, size_t part)
{
    struct buf text = {0};
    buf_add_str(&text, HEAD);
    for (size_t i = 0; i < scene->n; i++) {
        const struct sample_row *row = &scene->rows[i];
        if (part != PARTS && row->part != part)
            continue;
        buf_addf(&text, "%lld,%lld,/page-%d,%d,said %d,%s,%lld,7\n",
                 (long long)(EPOCH_MS + row->start_ms), (long long)row->elapsed_ms, row->endpoint,
                 row->code, row->code, row->code == 200 ? "true" : "false", (long long)row->bytes);
    }
    struct report report = imported_well(buf_text(&text), FORMAT);
    buf_release(&text);
    return report;
}

static void make(struct scene *scene)
{
    draw(scene);
    scene->whole = read_part(scene, PARTS);
    size_t n = 0;
    for (size_t i = 0; i < scene->n_parts; i++) {
        scene->parts[n] = read_part(scene, i);
        scene->pointers[n] = &scene->parts[n];
        if (scene->parts[n].metrics.total_requests)
            n++;
        else
            report_release(&scene->parts[n]);
    }
    scene->n_parts = n;
}

static void release(struct scene *scene)
{
    report_release(&scene->whole);
    for (size_t i = 0; i < scene->n_parts; i++)
        report_release(&scene->parts[i]);
}

static struct report merge(const struct report *const *parts, size_t n)
{
    struct report merged;
    struct err err = {0};
    int status = report_merge(parts, names, n, &merged, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    return merged;
}

static void shuffle(struct rng *rng, const struct report **parts, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t other = (size_t)rng_below(rng, i);
        const struct report *kept = parts[i - 1];
        parts[i - 1] = parts[other];
        parts[other] = kept;
    }
}

/* ---- what must be the same ---- */

static void assert_near(double found, double wanted)
{
    if (isnan(wanted))
        assert_true(isnan(found));
    else
        assert_true(fabs(found - wanted) <= 1e-12 * fabs(wanted));
}

/* Equal histograms give equal figures, to the bit. */
static void assert_metrics(const struct metrics *found, const struct metrics *wanted)
{
    assert_int_equal(found->total_requests, wanted->total_requests);
    assert_int_equal(found->total_failures, wanted->total_failures);
    for (int i = 0; i < METRIC_COUNT; i++)
        if (i != METRIC_REQUESTS_PER_S) {
            double a = metric_value(found, (enum metric)i),
                   b = metric_value(wanted, (enum metric)i);
            assert_memory_equal(&a, &b, sizeof a);
        }
}

static void assert_histogram(const struct histogram_sparse *found,
                             const struct histogram_sparse *wanted)
{
    assert_int_equal(found->count, wanted->count);
    assert_int_equal(found->sum_ns, wanted->sum_ns);
    assert_int_equal(found->min_ns, wanted->min_ns);
    assert_int_equal(found->max_ns, wanted->max_ns);
    assert_int_equal(found->n, wanted->n);
    assert_memory_equal(found->index, wanted->index, wanted->n * sizeof *wanted->index);
    assert_memory_equal(found->counts, wanted->counts, wanted->n * sizeof *wanted->counts);
}

static void assert_endpoints(const struct report *found, const struct report *wanted)
{
    assert_int_equal(found->n_endpoints, wanted->n_endpoints);
    for (size_t i = 0; i < wanted->n_endpoints; i++) {
        const struct report_endpoint *a = &found->endpoints[i], *b = &wanted->endpoints[i];
        assert_string_equal(a->name, b->name);
        assert_string_equal(a->method, b->method);
        assert_metrics(&a->metrics, &b->metrics);
        assert_histogram(&a->histogram, &b->histogram);
        assert_near(a->content_bytes, b->content_bytes);
    }
}

static const struct report_error *error_like(const struct report *report,
                                             const struct report_error *like)
{
    for (size_t i = 0; i < report->n_errors; i++)
        if (strcmp(report->errors[i].endpoint, like->endpoint) == 0 &&
            strcmp(report->errors[i].kind, like->kind) == 0 &&
            strcmp(report->errors[i].message, like->message) == 0)
            return &report->errors[i];
    return NULL;
}

static void assert_error(const struct report_error *found, const struct report_error *wanted)
{
    assert_int_equal(found->count, wanted->count);
    assert_int_equal(found->first_seen_ns, wanted->first_seen_ns);
    assert_int_equal(found->last_seen_ns, wanted->last_seen_ns);
}

static void assert_errors(const struct report *found, const struct report *wanted)
{
    assert_int_equal(found->n_errors, wanted->n_errors);
    for (size_t i = 0; i < wanted->n_errors; i++) {
        const struct report_error *error = error_like(found, &wanted->errors[i]);
        if (!error)
            fail_msg("there is no '%s'", wanted->errors[i].message);
        else
            assert_error(error, &wanted->errors[i]);
    }
}
/* A percentile is that of all, or not known. */
static void assert_series(const struct report *found, const struct report *wanted)
{
    const struct report_series *a = found->series, *b = wanted->series;
    assert_int_equal(found->started_ns, wanted->started_ns);
    assert_int_equal(a->interval_ns, b->interval_ns);
    assert_int_equal(a->n_requests, b->n_requests);
    for (size_t i = 0; i < b->n_requests; i++) {
        assert_int_equal(a->requests[i], b->requests[i]);
        assert_int_equal(a->failures[i], b->failures[i]);
        assert_near(a->average_ms[i], b->average_ms[i]);
        if (!isnan(a->p95_ms[i])) {
            assert_near(a->p50_ms[i], b->p50_ms[i]);
            assert_near(a->p95_ms[i], b->p95_ms[i]);
        }
    }
}

static void assert_all(const struct report *found, const struct report *wanted)
{
    assert_metrics(&found->metrics, &wanted->metrics);
    assert_endpoints(found, wanted);
    assert_errors(found, wanted);
    assert_series(found, wanted);
    assert_true(report_same_source(found, wanted));
    assert_int_equal(found->resolution_ns, wanted->resolution_ns);
    assert_true(found->health.valid);
    imported_reads_back(found);
}

/* Milliseconds in which some part was under way, counted one by one. */
static int64_t time_of(const struct scene *scene)
{
    bool *under_way = mem_array(LAST_MS, sizeof *under_way);
    int64_t ms = 0;
    for (size_t p = 0; p < scene->n_parts; p++) {
        const struct report *part = &scene->parts[p];
        int64_t from = part->started_ns / NS_PER_MS - EPOCH_MS;
        for (int64_t at = from; at < from + part->duration_ns / NS_PER_MS; at++)
            under_way[at] = true;
    }
    for (size_t at = 0; at < LAST_MS; at++)
        ms += under_way[at];
    free(under_way);
    return ms;
}

/* ---- the tests ---- */

static void test_merge__equals_the_import_of_all_samples(void **state)
{
    (void)state;
    struct scene scene;
    rng_init(&scene.rng, 7, 7);
    for (int round = 0; round < 300; round++) {
        make(&scene);
        struct buf once = {0}, again = {0};
        struct report merged = merge(scene.pointers, scene.n_parts);
        assert_all(&merged, &scene.whole);
        int64_t duration_ns = time_of(&scene) * NS_PER_MS;
        if (scene.n_parts > 1) {
            assert_int_equal(merged.duration_ns, duration_ns);
            double seconds = (double)duration_ns / (double)NS_PER_S;
            assert_near(merged.metrics.requests_per_s * seconds, (double)scene.n);
        }
        report_encode(&merged, &once);
        report_release(&merged);
        shuffle(&scene.rng, scene.pointers, scene.n_parts);
        merged = merge(scene.pointers, scene.n_parts);
        report_encode(&merged, &again);
        assert_string_equal(buf_text(&once), buf_text(&again)); /* whatever the order */
        report_release(&merged);
        buf_release(&once);
        buf_release(&again);
        release(&scene);
    }
}

/* Parts are merged by twos and threes, and what becomes of them again. */
static void test_merge__equals_it_in_steps(void **state)
{
    (void)state;
    struct scene scene;
    rng_init(&scene.rng, 8, 8);
    for (int round = 0; round < 200; round++) {
        make(&scene);
        shuffle(&scene.rng, scene.pointers, scene.n_parts);
        struct report steps[PARTS] = {{.flat = false}};
        size_t done = 0, n_steps = 0;
        while (scene.n_parts - done > 1) {
            int64_t left = (int64_t)(scene.n_parts - done);
            size_t take = (size_t)rng_between(&scene.rng, 2, left < 3 ? left : 3);
            steps[n_steps] = merge(scene.pointers + done, take);
            done += take - 1;
            scene.pointers[done] = &steps[n_steps++];
        }
        if (n_steps)
            assert_all(&steps[n_steps - 1], &scene.whole);
        for (size_t i = 0; i < PARTS; i++)
            report_release(&steps[i]);
        release(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge__equals_the_import_of_all_samples),
        cmocka_unit_test(test_merge__equals_it_in_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
