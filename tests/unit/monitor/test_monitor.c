/* The monitor's thread, and whose turn it was. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "monitor/monitor.h"
#include "monitor/turns.h"

static const bool here[] = {true, true};

static void test_monitor__turns_add_up(void **state)
{
    (void)state;
    struct turns turns;
    double active[2];
    turns_init(&turns);
    turns_take(&turns, 5 * NS_PER_S, active);
    assert_float_equal((active[0] + active[1]), 0, 0);
    turns_next(&turns, 0, 10 * NS_PER_S, INT64_MAX); /* not measured */
    turns_next(&turns, 1, 11 * NS_PER_S, 13 * NS_PER_S);
    turns_take(&turns, 12 * NS_PER_S, active);
    assert_float_equal((active[0] + active[1]), 0, 0);
    turns_next(&turns, 0, 15 * NS_PER_S, 15 * NS_PER_S);
    turns_take(&turns, 18 * NS_PER_S, active);
    assert_float_equal(active[0], 3, 1e-9);
    assert_float_equal(active[1], 2, 1e-9);
    turns_next(&turns, -1, 19 * NS_PER_S, INT64_MAX);
    turns_take(&turns, 30 * NS_PER_S, active);
    assert_float_equal(active[0], 1, 1e-9);
    assert_float_equal(active[1], 0, 0);
}

/* Ourselves. */
static struct watch_process own(void)
{
    return (struct watch_process){
        .name = "target", .key = {.by = GROUP_BY_PID, .pid = getpid()}, .is_target = true};
}

static void watch_for(int64_t ns, bool end, struct report *report)
{
    const struct watch_process processes[] = {own()};
    const struct watch_setup setup = {
        .machine = true, .sides = 1, .n_processes = 1, .processes = processes, .is_local = here};
    const struct monitor_setup wanted = {.watch = &setup};
    struct monitor *monitor;
    struct err err = {0};
    *report = (struct report){0};
    assert_int_equal(monitor_start(&monitor, &wanted, &err), 0);
    int64_t now_ns = clock_monotonic_ns();
    if (ns)
        monitor_turn(monitor, 0, now_ns, now_ns);
    usleep((useconds_t)(ns / 1000));
    if (end)
        monitor_turn(monitor, -1, clock_monotonic_ns(), INT64_MAX);
    monitor_stop(monitor);
    monitor_report(monitor, 0, report);
    monitor_free(monitor);
}

static void test_monitor__watches_until_the_end(void **state)
{
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct report report;
        watch_for(NS_PER_S / 2, end, &report);
        assert_non_null(report.resources);
        const struct resource_source *target = resource_source_find(report.resources, "target");
        assert_non_null(target);
        assert_int_equal(target->processes, 1);
        assert_true(report.resources->memory_usage > 0);
        assert_true(target->series[0].n_values >= 1);
        assert_int_equal(report.health.n_notes, 0);
        report_release(&report);
    }
}

static void test_monitor__nothing_measured_is_no_report(void **state)
{
    (void)state;
    struct report report;
    watch_for(0, true, &report);
    assert_null(report.resources);
    watch_for(0, false, &report);
    assert_null(report.resources);
    report_release(&report);
    monitor_free(NULL);
}

struct seen {
    size_t asked, sides;
    double memory;
};

static void look(const struct report_resources *const sides[2], void *context)
{
    struct seen *seen = context;
    seen->asked++;
    seen->sides = !!sides[0] + (size_t) !!sides[1];
    const struct resource_source *target =
        sides[0] ? resource_source_find(sides[0], "target") : NULL;
    if (!target)
        return;
    const struct resource_series *memory = resource_series_find(target, "memory");
    assert_int_equal(memory->n_values, 1);
    assert_true(fabs(memory->average - memory->values[0]) < 0.001);
    seen->memory = memory->average;
}

/* Nothing before the first sample; the last one after that, while it goes on and when it ended. */
static void test_monitor__the_latest_sample_can_be_looked_at(void **state)
{
    (void)state;
    const struct watch_process processes[] = {own()};
    const struct watch_setup watch = {
        .machine = true, .sides = 1, .n_processes = 1, .processes = processes, .is_local = here};
    const struct monitor_setup setup = {.watch = &watch};
    struct monitor *monitor;
    struct err err = {0};
    struct seen seen = {0};
    assert_int_equal(monitor_start(&monitor, &setup, &err), 0);
    monitor_latest(monitor, look, &seen);
    assert_int_equal(seen.asked, 1);
    assert_int_equal(seen.sides, 0);
    int64_t now_ns = clock_monotonic_ns();
    monitor_turn(monitor, 0, now_ns, now_ns);
    for (int i = 0; i < 600 && !seen.sides; i++) {
        usleep(100 * 1000);
        monitor_latest(monitor, look, &seen);
    }
    assert_int_equal(seen.sides, 1);
    assert_true(seen.memory > 0);
    monitor_stop(monitor);
    seen.memory = 0;
    monitor_latest(monitor, look, &seen);
    assert_true(seen.memory > 0);
    monitor_free(monitor);
}

/* Turns may come from any thread. */
static void *turn_often(void *argument)
{
    for (int i = 0; i < 1000; i++) {
        int64_t now_ns = clock_monotonic_ns();
        monitor_turn(argument, i % 2, now_ns, now_ns);
    }
    return NULL;
}

static void test_monitor__turns_come_from_any_thread(void **state)
{
    (void)state;
    const struct watch_process processes[] = {own()};
    const struct watch_setup setup = {
        .machine = true, .sides = 2, .n_processes = 1, .processes = processes, .is_local = here};
    const struct monitor_setup wanted = {.watch = &setup};
    struct monitor *monitor;
    struct err err = {0};
    pthread_t threads[2];
    assert_int_equal(monitor_start(&monitor, &wanted, &err), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, turn_often, monitor), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    monitor_free(monitor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_monitor__turns_add_up),
        cmocka_unit_test(test_monitor__watches_until_the_end),
        cmocka_unit_test(test_monitor__nothing_measured_is_no_report),
        cmocka_unit_test(test_monitor__the_latest_sample_can_be_looked_at),
        cmocka_unit_test(test_monitor__turns_come_from_any_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
