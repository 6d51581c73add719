/* What may be merged and what not, and how parts lie in time. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "model/report.h"

/* `b` is refused beside `a`, with a sentence that ends so. */
static void refused(const struct report *a, const struct report *b, const char *sentence)
{
    const struct report *parts[] = {a, b};
    const char *names[] = {"a.json", "b.json"};
    struct report merged;
    struct err err = {0};
    struct buf wanted = {0};
    buf_addf(&wanted, "cannot merge 'b.json' with 'a.json': %s", sentence);
    assert_int_equal(report_merge(parts, names, 2, &merged, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, buf_text(&wanted));
    assert_null(merged.arena.chunks);
    buf_release(&wanted);
}

static void test_report_merge_parts__says_what_differs(void **state)
{
    (void)state;
    struct report a = {.workload = "aa", .scenario_hash = "s", .users = 10},
                  b = {.workload = "bb", .scenario_hash = "t", .users = 20};
    refused(&a, &b, "their scenarios differ (t, s); merge runs of one scenario");
    b.scenario_hash = "s";
    refused(&a, &b, "their users differ (20, 10); merge runs of one scenario with the same users");
    a.workload = NULL;
    refused(&a, &b, "the workload of 'a.json' is not known; merge runs of one scenario");
    b.workload = NULL;
    b.resolution_ns = NS_PER_MS;
    refused(&a, &b,
            "their latencies were rounded to 1 ms and to 0 ms (0: not at all); merge results of "
            "one resolution");
    struct report_source k6 = {.tool = "k6", .format = "k6 CSV", .latency = LATENCY_WITH_CONNECT},
                         other = k6;
    a.source = &k6;
    refused(&a, &b,
            "they are of different load testing tools (perfgate, k6); merge results of one tool "
            "and format");
    b.source = &other;
    other.figures = FIGURES_SUMMARY;
    other.format = "k6 summary";
    refused(&a, &b,
            "what their figures were computed from differs ('k6 summary', 'k6 CSV'); merge results "
            "of one tool and format");
    other.failures = FAILURES_TIMED;
    refused(&a, &b,
            "whether failures are among their latencies differs ('k6 summary', 'k6 CSV'); merge "
            "results of one tool and format");
    other.latency = LATENCY_WITHOUT_CONNECT;
    refused(&a, &b,
            "what their latencies include differs ('k6 summary', 'k6 CSV'); merge results of one "
            "tool and format");
}

/* A flat report says nothing of its workload; the two beside it still do. */
static void test_report_merge_parts__a_flat_report_hides_no_difference(void **state)
{
    (void)state;
    struct report flat = {.flat = true}, a = {.workload = "aa"}, b = {.workload = "bb"}, merged;
    const struct report *parts[] = {&flat, &a, &b};
    const char *names[] = {"flat.json", "a.json", "b.json"};
    struct err err = {0};
    assert_int_equal(report_merge(parts, names, 3, &merged, &err), -1);
    assert_non_null(
        strstr(err.text, "cannot merge 'b.json' with 'a.json': their workloads differ"));
    assert_int_equal(report_merge(parts, names, 2, &merged, &(struct err){0}), 0);
    report_release(&merged);
}

/* Tools that round to digits have another resolution with other figures. */
static void test_report_merge_parts__takes_the_coarsest_of_rounded_summaries(void **state)
{
    (void)state;
    struct report_source source = {.tool = "locust", .format = "l", .figures = FIGURES_SUMMARY};
    struct report a = {.source = &source, .resolution_ns = 10}, b = a, merged;
    const struct report *parts[] = {&a, &b};
    const char *names[] = {"a", "b"};
    struct err err = {0};
    b.resolution_ns = 100;
    assert_int_equal(report_merge(parts, names, 2, &merged, &err), 0);
    assert_int_equal(merged.resolution_ns, 100);
    assert_string_equal(merged.source->tool, "locust");
    report_release(&merged);
}

/* A part of two seconds with a request in each. */
static struct report short_part(struct report_series *series, int64_t started_ns)
{
    static int64_t users[] = {1, 2}, requests[] = {3, 1}, failures[] = {0, 1};
    static double average[] = {5, 9}, p50[] = {4, 9}, p95[] = {6, 9};
    *series = (struct report_series){.interval_ns = NS_PER_S,
                                     .n_users = 2,
                                     .n_requests = 2,
                                     .n_failures = 2,
                                     .n_average = 2,
                                     .n_p50 = 2,
                                     .n_p95 = 2,
                                     .users = users,
                                     .requests = requests,
                                     .failures = failures,
                                     .average_ms = average,
                                     .p50_ms = p50,
                                     .p95_ms = p95};
    return (struct report){.started_ns = started_ns,
                           .duration_ns = 2 * NS_PER_S,
                           .users = 2,
                           .metrics.total_requests = 4,
                           .series = series};
}

static void test_report_merge_parts__aligns_intervals_by_the_wall_clock(void **state)
{
    (void)state;
    struct report_series series[3];
    struct report a = short_part(&series[0], 100 * NS_PER_S + 900 * NS_PER_MS),
                  b = short_part(&series[1], 101 * NS_PER_S),
                  c = short_part(&series[2], 104 * NS_PER_S), merged;
    const struct report *parts[] = {&c, &b, &a};
    const char *names[] = {"c", "b", "a"};
    struct err err = {0};
    assert_int_equal(report_merge(parts, names, 3, &merged, &err), 0);
    static const int64_t requests[] = {3, 4, 1, 0, 3, 1}, users[] = {1, 3, 2, 0, 1, 2},
                         failures[] = {0, 1, 1, 0, 0, 1};
    const struct report_series *all = merged.series;
    assert_int_equal(all->n_requests, 6);
    assert_memory_equal(all->requests, requests, sizeof requests);
    assert_memory_equal(all->users, users, sizeof users);
    assert_memory_equal(all->failures, failures, sizeof failures);
    assert_true(all->average_ms[0] == 5 && all->average_ms[1] == (9 + 3 * 5) / 4.0);
    assert_true(isnan(all->average_ms[3]));
    assert_true(all->p50_ms[0] == 4 && isnan(all->p50_ms[1]) && all->p50_ms[4] == 4);
    assert_true(all->p95_ms[2] == 9 && isnan(all->p95_ms[1]));
    assert_int_equal(merged.started_ns, a.started_ns);
    /* From 100.9 to 103, and two seconds. */
    assert_int_equal(merged.duration_ns, 4100 * NS_PER_MS);
    assert_int_equal(merged.users, 4);
    report_release(&merged);
}

static void no_series(const struct report *a, const struct report *b)
{
    const struct report *parts[] = {a, b};
    const char *names[] = {"a", "b"};
    struct report merged;
    struct err err = {0};
    assert_int_equal(report_merge(parts, names, 2, &merged, &err), 0);
    assert_null(merged.series);
    report_release(&merged);
}

static void test_report_merge_parts__makes_no_series_that_is_not_whole(void **state)
{
    (void)state;
    struct report_series series[2];
    struct report a = short_part(&series[0], 100 * NS_PER_S),
                  b = short_part(&series[1], (100 + 86399) * NS_PER_S);
    struct report_pair pair = {.start = 1};
    no_series(&a, &b); /* a day apart */
    b.started_ns = 102 * NS_PER_S;
    series[1].interval_ns = 2 * NS_PER_S;
    no_series(&a, &b);
    series[1].interval_ns = NS_PER_S;
    b.pair = &pair;
    no_series(&a, &b);
    b.pair = NULL;
    b.series = NULL;
    no_series(&a, &b);
    b.series = &series[1];
    b.started_ns = 0;
    no_series(&a, &b);
}

/* Two runs of two shards each: the shards of each at once, the runs one after the other. */
static void test_report_merge_parts__shards_of_two_runs(void **state)
{
    (void)state;
    struct report_series series[4];
    struct report shards[4], merged;
    const struct report *parts[4];
    const char *names[] = {"a", "b", "c", "d"};
    struct err err = {0};
    for (size_t i = 0; i < 4; i++) {
        shards[i] = short_part(&series[i], (100 + 10 * (int64_t)i) * NS_PER_S);
        shards[i].run_id = i % 2 ? "one" : "two";
        shards[i].duration_ns += (int64_t)i * NS_PER_S;
        parts[i] = &shards[i];
    }
    assert_int_equal(report_merge(parts, names, 4, &merged, &err), 0);
    assert_int_equal(merged.duration_ns, (4 + 5) * NS_PER_S);
    assert_int_equal(merged.users, 4);
    assert_true(merged.metrics.requests_per_s == 16 / 9.0);
    assert_int_equal(merged.series->n_requests, 32);
    assert_int_equal(merged.series->requests[0], 3);
    assert_int_equal(merged.series->requests[31], 1);
    report_release(&merged);
}

/* Results of other tools have no run id. */
static void test_report_merge_parts__refuses_one_result_twice(void **state)
{
    (void)state;
    struct report_series series[2];
    struct report a = short_part(&series[0], NS_PER_S), b = short_part(&series[1], NS_PER_S);
    const struct report *parts[] = {&a, &b};
    const char *names[] = {"a.jtl", "b.jtl"};
    struct report merged;
    struct err err = {0};
    a.metrics.average_ms = b.metrics.average_ms = a.metrics.max_ms = b.metrics.max_ms = 7;
    assert_int_equal(report_merge(parts, names, 2, &merged, &err), -1);
    assert_string_equal(err.text, "'a.jtl' and 'b.jtl' are the same report; name it once");
    b.metrics.max_ms = 8;
    assert_int_equal(report_merge(parts, names, 2, &merged, &err), 0);
    report_release(&merged);
    b.metrics.max_ms = (double)NAN;
    assert_int_equal(report_merge(parts, names, 2, &merged, &err), -1);
    b.metrics.average_ms = 8;
    assert_int_equal(report_merge(parts, names, 2, &merged, &err), 0);
    report_release(&merged);
}

/* Neither is the rate of the whole. */
static void test_report_merge_parts__a_time_that_a_part_lacks_is_not_known(void **state)
{
    (void)state;
    struct report_series series[2];
    struct report a = short_part(&series[0], NS_PER_S), b = short_part(&series[1], NS_PER_S);
    const struct report *parts[] = {&a, &b};
    const char *names[] = {"a.csv", "b.csv"};
    struct report merged;
    struct err err = {0};
    a.metrics.max_ms = 7;
    b.duration_ns = 0;
    b.metrics.requests_per_s = (double)NAN;
    assert_int_equal(report_merge(parts, names, 2, &merged, &err), 0);
    assert_int_equal(merged.duration_ns, 0);
    assert_true(isnan(merged.metrics.requests_per_s));
    report_release(&merged);
    b.metrics.total_requests = 0; /* one that has nothing lacks nothing */
    assert_int_equal(report_merge(parts, names, 2, &merged, &err), 0);
    assert_true(merged.duration_ns > 0);
    report_release(&merged);
}

static void test_report_merge_parts__says_where_a_start_is_not_known(void **state)
{
    (void)state;
    struct report_series series[2];
    struct report_source source = {.tool = "wrk", .format = "wrk", .figures = FIGURES_SUMMARY};
    struct report a = short_part(&series[0], NS_PER_S), b = short_part(&series[1], NS_PER_S);
    const struct report *parts[] = {&a, &b};
    const char *names[] = {"a.txt", "b.txt"};
    struct report merged;
    struct err err = {0};
    a.source = b.source = &source;
    a.metrics.max_ms = 7;
    for (size_t known = 0; known < 3; known++) {
        a.started_ns = known > 0 ? NS_PER_S : 0;
        b.started_ns = known > 1 ? NS_PER_S : 0;
        assert_int_equal(report_merge(parts, names, 2, &merged, &err), 0);
        assert_int_equal(merged.health.n_notes, known < 2);
        if (known < 2)
            assert_string_equal(merged.health.notes[0],
                                "merged parts that do not say when they ran count as one after "
                                "the other");
        assert_int_equal(merged.duration_ns, (known < 2 ? 2 : 1) * a.duration_ns);
        report_release(&merged);
    }
    b.started_ns = 0;
    assert_int_equal(report_merge(&parts[1], &names[1], 1, &merged, &err), 0);
    assert_int_equal(merged.health.n_notes, 0);
    report_release(&merged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_merge_parts__says_what_differs),
        cmocka_unit_test(test_report_merge_parts__a_flat_report_hides_no_difference),
        cmocka_unit_test(test_report_merge_parts__takes_the_coarsest_of_rounded_summaries),
        cmocka_unit_test(test_report_merge_parts__aligns_intervals_by_the_wall_clock),
        cmocka_unit_test(test_report_merge_parts__makes_no_series_that_is_not_whole),
        cmocka_unit_test(test_report_merge_parts__shards_of_two_runs),
        cmocka_unit_test(test_report_merge_parts__refuses_one_result_twice),
        cmocka_unit_test(test_report_merge_parts__a_time_that_a_part_lacks_is_not_known),
        cmocka_unit_test(test_report_merge_parts__says_where_a_start_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
