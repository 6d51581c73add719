/* What probes kept, as tables: of one report, and with what changed from the base. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "render/html_parts.h"
#include "render/kept.h"

static const char *columns[] = {"ms", "calls"};

struct scene {
    double values[2][2][2];
    struct resource_row rows[2][2];
    struct resource_table tables[2];
    struct resource_source sources[2][2];
    struct report_resources resources[2];
    struct report reports[2];
    const struct report *list[2];
    struct render_side sides[RENDER_SIDES];
};

static void scene_open(struct scene *scene)
{
    static const double values[2][2][2] = {
        [RENDER_BASE] = {{100, 100}, {2.5, 1}}, [RENDER_CANDIDATE] = {{1250, 100}, {0.001, 2}}};
    *scene = (struct scene){0};
    memcpy(scene->values, values, sizeof values);
    for (int side = 0; side < 2; side++) {
        scene->rows[side][0] = (struct resource_row){"SELECT <a>", 2, scene->values[side][0]};
        scene->rows[side][1] =
            (struct resource_row){side ? "new\x1b[1m" : "gone", 2, scene->values[side][1]};
        scene->tables[side] = (struct resource_table){.name = "statements",
                                                      .difference = true,
                                                      .by = "ms",
                                                      .per = "calls",
                                                      .n_columns = 2,
                                                      .columns = columns,
                                                      .n_rows = 2,
                                                      .rows = scene->rows[side]};
        scene->sources[side][0] = (struct resource_source){.name = "machine"};
        scene->sources[side][1] = (struct resource_source){.name = "statements",
                                                           .kind = RESOURCE_APPLICATION,
                                                           .n_tables = 1,
                                                           .tables = &scene->tables[side]};
        scene->resources[side] =
            (struct report_resources){.n_sources = 2, .sources = scene->sources[side]};
        scene->reports[side] = (struct report){.resources = &scene->resources[side]};
        scene->list[side] = &scene->reports[side];
        scene->sides[side] = (struct render_side){1, &scene->list[side], &scene->reports[side]};
    }
}

static void expect_table(const struct render_side *sides, const char *text)
{
    struct table table;
    struct buf out = {0};
    assert_true(kept_rows(sides, 0, &table));
    table_add_text(&table, false, &out);
    assert_string_equal(buf_text(&out), text);
    table_release(&table);
    assert_false(kept_rows(sides, 1, &table));
    table_release(&table);
    buf_release(&out);
}

static void test_kept__what_changed(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene);
    expect_table(
        scene.sides,
        "statements      Base ms / calls  ms / calls       Change  Base ms     ms  Base "
        "calls  calls\n"
        "SELECT <a>                    1        12.5    +1150.0 %      100   1250         "
        "100    100\n"
        "new<U+001B>[1m                       0.0005  not in base           0.001          "
        "        2\n");
}

static void test_kept__one_side(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene);
    scene.sides[RENDER_BASE].n = 0;
    static const char alone[] = "statements      ms / calls     ms  calls\n"
                                "SELECT <a>            12.5   1250    100\n"
                                "new<U+001B>[1m      0.0005  0.001      2\n";
    expect_table(scene.sides, alone);
    scene_open(&scene);
    scene.tables[RENDER_BASE].per = NULL; /* other figures stand for nothing here */
    expect_table(scene.sides, alone);
}

static void test_kept__one_database_is_said(void **state)
{
    (void)state;
    struct scene scene;
    struct table table;
    scene_open(&scene);
    scene.sources[RENDER_CANDIDATE][1].shared = true;
    assert_true(kept_rows(scene.sides, 0, &table));
    assert_string_equal(table.columns[0].title, "statements (of both sides, not to be told apart)");
    assert_null(table.rows[0].cells[1]);
    table_release(&table);
}

static void test_kept__on_a_page(void **state)
{
    (void)state;
    struct scene scene;
    struct buf out = {0};
    scene_open(&scene);
    html_add_resources(&out, scene.sides);
    assert_non_null(strstr(buf_text(&out), "SELECT &lt;a&gt;"));
    assert_non_null(strstr(buf_text(&out), "+1150.0 %"));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept__what_changed),
        cmocka_unit_test(test_kept__one_side),
        cmocka_unit_test(test_kept__one_database_is_said),
        cmocka_unit_test(test_kept__on_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
