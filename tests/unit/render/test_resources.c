/* Resources as a chart and as a table. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "render/chart.h"
#include "render/html_parts.h"
#include "render/resources.h"

#define NONE ((double)NAN)

/* Two sides, each with a target, and a machine that is the same on both. */
struct scene {
    double cpu[2][3];
    struct resource_series target[2][3], machine[1];
    struct resource_source sources[2][2];
    struct report_resources resources[2];
    struct report reports[2];
    const struct report *list[2];
    struct render_side sides[RENDER_SIDES];
};

static void scene_open(struct scene *scene)
{
    static const double cpu[2][3] = {{0.2, 0.25, 0.3}, {0.5, NONE, 0.75}};
    *scene = (struct scene){0};
    memcpy(scene->cpu, cpu, sizeof cpu);
    scene->machine[0] = (struct resource_series){.name = "cpu",
                                                 .unit = RESOURCE_RATIO,
                                                 .average = 0.9,
                                                 .p95 = 0.9,
                                                 .maximum = 0.9,
                                                 .slope_per_min = NONE,
                                                 .n_values = 3,
                                                 .values = scene->cpu[1]};
    for (int side = 0; side < 2; side++) {
        struct resource_series *target = scene->target[side];
        target[0] = (struct resource_series){.name = "cpu",
                                             .unit = RESOURCE_RATIO,
                                             .average = side ? 0.6 : 0.25,
                                             .p95 = 0.75,
                                             .maximum = 0.75,
                                             .slope_per_min = NONE,
                                             .n_values = 3,
                                             .values = scene->cpu[side]};
        target[1] = (struct resource_series){.name = "threads",
                                             .unit = RESOURCE_COUNT,
                                             .average = 12,
                                             .p95 = NONE,
                                             .maximum = 12,
                                             .slope_per_min = NONE};
        target[2] = (struct resource_series){.name = "a<b>", .unit = RESOURCE_PLAIN};
        scene->sources[side][0] = (struct resource_source){
            .name = "machine", .shared = true, .n_series = 1, .series = scene->machine};
        scene->sources[side][1] = (struct resource_source){.name = "<target>",
                                                           .kind = RESOURCE_PROCESS,
                                                           .restarts = side,
                                                           .gone = side,
                                                           .n_series = 3,
                                                           .series = target};
        scene->resources[side] = (struct report_resources){
            .interval_ns = NS_PER_S, .n_sources = 2, .sources = scene->sources[side]};
        scene->reports[side] = (struct report){.resources = &scene->resources[side]};
        scene->list[side] = &scene->reports[side];
        scene->sides[side] = (struct render_side){1, &scene->list[side], &scene->reports[side]};
    }
}

static void test_resources__a_chart_of_both_sides(void **state)
{
    (void)state;
    struct scene scene;
    struct buf out = {0};
    scene_open(&scene);
    const struct chart_resource cpu = {"<target>", "cpu"}, none = {"<target>", "disk"};
    assert_true(chart_resource(&out, scene.sides, &cpu));
    assert_non_null(strstr(buf_text(&out), "candidate"));
    assert_non_null(strstr(buf_text(&out), "60 %"));
    assert_null(strstr(buf_text(&out), "nan"));
    buf_reset(&out);
    assert_false(chart_resource(&out, scene.sides, &none));
    const struct chart_resource threads = {"<target>", "threads"}; /* without values, as merged */
    assert_false(chart_resource(&out, scene.sides, &threads));
    scene.reports[0].resources = NULL;
    assert_true(chart_resource(&out, scene.sides, &cpu));
    assert_null(strstr(buf_text(&out), "base"));
    buf_release(&out);
}

static void test_resources__a_table_of_what_moved(void **state)
{
    (void)state;
    struct scene scene;
    struct table table;
    struct buf out = {0};
    scene_open(&scene);
    resources_rows(scene.sides, false, &table);
    table_add_text(&table, false, &out);
    assert_string_equal(
        buf_text(&out),
        "Source    Resource  Base average  Average  Base p95     p95  Base max     "
        "Max\n"
        "<target>  CPU             25.0 %   60.0 %    75.0 %  75.0 %    75.0 %  "
        "75.0 %\n"
        "<target>  threads             12       12                          12      "
        "12\n"
        "machine   CPU                      90.0 %            90.0 %            "
        "90.0 %\n");
    table_release(&table);
    resources_rows_of(&scene.reports[1], true, &table);
    assert_int_equal(table.n_rows, 2);
    table_release(&table);
    struct report nothing = {0};
    resources_rows_of(&nothing, true, &table);
    assert_int_equal(table.n_rows, 0);
    table_release(&table);
    buf_release(&out);
}

static void test_resources__names_are_escaped_and_ends_are_told(void **state)
{
    (void)state;
    struct scene scene;
    struct buf out = {0};
    scene_open(&scene);
    html_add_resources(&out, scene.sides);
    assert_null(strstr(buf_text(&out), "<target>"));
    assert_non_null(strstr(buf_text(&out), "&lt;target&gt;</bdi> was started anew 1 time and was "
                                           "gone when the run ended"));
    buf_reset(&out);
    scene.reports[1].resources = NULL;
    html_add_resources(&out, scene.sides);
    assert_int_equal(out.len, 0);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resources__a_chart_of_both_sides),
        cmocka_unit_test(test_resources__a_table_of_what_moved),
        cmocka_unit_test(test_resources__names_are_escaped_and_ends_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
