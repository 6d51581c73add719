/* The chart of an open model: latency from the intended start of requests, and from their send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "render/chart.h"

struct scene {
    struct arena arena;
    struct report report;
    struct report_endpoint endpoint;
    struct report_sent sent, own;
};

/* `n` requests that took 1 ms from their send, and `n_due` that waited as long as a second. */
static void set_up(struct scene *scene, int n, int n_due)
{
    struct histogram due = {0}, sent = {0};
    *scene = (struct scene){0};
    for (int i = 0; i < n; i++)
        histogram_record(&sent, NS_PER_MS);
    for (int i = 0; i < n_due; i++)
        histogram_record(&due, NS_PER_MS + NS_PER_S * i / n_due);
    histogram_to_sparse(&due, &scene->arena, &scene->endpoint.histogram);
    histogram_to_sparse(&sent, &scene->arena, &scene->own.histogram);
    histogram_release(&due);
    histogram_release(&sent);
    scene->endpoint.from_send = &scene->own;
    scene->report.from_send = &scene->sent;
    scene->report.n_endpoints = 1;
    scene->report.endpoints = &scene->endpoint;
}

static bool draw(struct scene *scene, struct buf *out)
{
    const struct report *const reports[] = {&scene->report};
    const struct render_side side = {1, reports, &scene->report};
    bool drawn = chart_waiting(out, &side);
    arena_release(&scene->arena);
    return drawn;
}

static void test_chart_waiting__reaches_as_far_as_ten_requests_tell(void **state)
{
    (void)state;
    struct scene scene;
    struct buf out = {0};
    set_up(&scene, 1000, 1000);
    assert_true(draw(&scene, &out));
    assert_non_null(strstr(buf_text(&out), ">from when it was due<"));
    assert_non_null(strstr(buf_text(&out), ">p99<"));
    assert_null(strstr(buf_text(&out), ">p99.9<"));
    assert_non_null(strstr(buf_text(&out), ">100 ms<"));
    buf_reset(&out);
    set_up(&scene, 10000, 10000);
    assert_true(draw(&scene, &out));
    assert_non_null(strstr(buf_text(&out), ">p99.9<"));
    assert_null(strstr(buf_text(&out), ">p99.99<"));
    buf_release(&out);
}

static void test_chart_waiting__is_not_drawn_where_something_is_not_known(void **state)
{
    (void)state;
    struct scene scene;
    struct buf out = {0};
    set_up(&scene, 100, 101); /* not of the same requests */
    assert_false(draw(&scene, &out));
    set_up(&scene, 0, 0);
    assert_false(draw(&scene, &out));
    set_up(&scene, 100, 100);
    scene.endpoint.from_send = NULL;
    assert_false(draw(&scene, &out));
    set_up(&scene, 100, 100);
    scene.report.from_send = NULL; /* the closed model */
    assert_false(draw(&scene, &out));
    assert_int_equal(out.len, 0);
    buf_release(&out);
}

static void test_chart_waiting__can_be_drawn_of_one_request(void **state)
{
    (void)state;
    struct scene scene;
    struct buf out = {0};
    set_up(&scene, 1, 1);
    assert_true(draw(&scene, &out));
    assert_null(strstr(buf_text(&out), "nan"));
    assert_null(strstr(buf_text(&out), "inf"));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chart_waiting__reaches_as_far_as_ten_requests_tell),
        cmocka_unit_test(test_chart_waiting__is_not_drawn_where_something_is_not_known),
        cmocka_unit_test(test_chart_waiting__can_be_drawn_of_one_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
