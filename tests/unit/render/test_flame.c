/* Profiles as a flame graph, as a table and on a page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "render/flame.h"
#include "render/html_parts.h"
#include "render/profile_rows.h"

static void add(struct profile_tree *tree, int side, const char *caller, const char *name,
                int64_t samples)
{
    const struct span frames[] = {{caller, strlen(caller)}, {name, strlen(name)}};
    profile_tree_add(tree, side, frames, 2, samples);
}

static void assert_has(const struct buf *out, const char *text)
{
    if (!strstr(buf_text(out), text))
        fail_msg("expected '%s' in: %s", text, buf_text(out));
}

static void assert_lacks(const struct buf *out, const char *text)
{
    if (strstr(buf_text(out), text))
        fail_msg("expected no '%s' in: %s", text, buf_text(out));
}

static size_t count(const struct buf *out, const char *text)
{
    size_t n = 0;
    for (const char *at = buf_text(out); (at = strstr(at, text)); at++)
        n++;
    return n;
}

/* Two sides: render_page 12 % to 31 %, idle 88 % to 69 %. */
static void fill_sides(struct profile_tree *tree)
{
    add(tree, PROFILE_BASE, "serve", "render_page", 120);
    add(tree, PROFILE_BASE, "serve", "idle", 880);
    add(tree, PROFILE_CANDIDATE, "serve", "render_page", 310);
    add(tree, PROFILE_CANDIDATE, "serve", "idle", 690);
}

static void test_flame__boxes_are_as_wide_as_their_shares(void **state)
{
    struct profile_tree tree = {0};
    struct buf out = {0};
    (void)state;
    add(&tree, PROFILE_CANDIDATE, "main", "work", 3);
    add(&tree, PROFILE_CANDIDATE, "main", "idle", 1);
    profile_tree_finish(&tree);
    flame_add(&out, &tree, PROFILE_CANDIDATE, "Flame graph");
    assert_has(&out, "<title>Flame graph</title>");
    assert_has(&out, "height=\"51\"");
    assert_has(&out, "all 4 samples");
    assert_has(&out, "<g><title>work: 75.0 % of the samples (3)</title><rect x=\"295\" y=\"0\" "
                     "width=\"885\" height=\"17\" class=\"fl\"");
    assert_has(&out, "<g><title>idle: 25.0 % of the samples (1)</title><rect x=\"0\" y=\"0\" "
                     "width=\"295\"");
    assert_has(&out, "<title>main: 100.0 % of the samples (4)</title><rect x=\"0\" y=\"17\" "
                     "width=\"1180\"");
    buf_reset(&out);
    flame_add(&out, &tree, PROFILE_BASE, "nothing");
    assert_int_equal(out.len, 0);
    buf_release(&out);
    profile_tree_release(&tree);
}

static void test_flame__red_grew_and_blue_shrank(void **state)
{
    struct profile_tree tree = {0};
    struct buf out = {0};
    (void)state;
    fill_sides(&tree);
    profile_tree_finish(&tree);
    flame_add(&out, &tree, PROFILE_CANDIDATE, "t");
    assert_has(&out, "render_page: 31.0 % of the samples (310), 12.0 % on the base side (+19.0 "
                     "points)</title><rect x=\"814.2\" y=\"0\" width=\"365.8\" height=\"17\" "
                     "class=\"u3\"");
    assert_has(&out, ">render_page +19.0</text>");
    assert_has(&out, "88.0 % on the base side (-19.0 points)</title><rect x=\"0\" y=\"0\" "
                     "width=\"814.2\" height=\"17\" class=\"s3\"");
    assert_has(&out, "class=\"f0\""); /* serve */
    buf_reset(&out);
    flame_add(&out, &tree, PROFILE_BASE, "t");
    assert_has(&out, "12.0 % of the samples (120), 31.0 % on the candidate side (+19.0 points)");
    buf_release(&out);
    profile_tree_release(&tree);
}

/* How many boxes there are of `n` functions with `samples` each beside a large one. */
static size_t boxes(int n, int64_t samples, int64_t large)
{
    struct profile_tree tree = {0};
    struct buf out = {0};
    for (int i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        add(&tree, PROFILE_CANDIDATE, "main", name, samples);
    }
    add(&tree, PROFILE_CANDIDATE, "main", "large", large);
    profile_tree_finish(&tree);
    flame_add(&out, &tree, PROFILE_CANDIDATE, "t");
    size_t found = count(&out, "<rect");
    buf_release(&out);
    profile_tree_release(&tree);
    return found;
}

static void test_flame__what_cannot_be_seen_is_not_drawn(void **state)
{
    (void)state;
    assert_int_equal(boxes(5, 10, 10000), 3); /* all, main, large */
    assert_int_equal(boxes(5, 11, 10000), 8);
}

static void test_flame__names_cannot_do_anything(void **state)
{
    struct profile_tree tree = {0};
    struct buf out = {0};
    (void)state;
    add(&tree, PROFILE_CANDIDATE, "<script>alert(1)</script>", "a\"'&\342\200\256b", 1);
    profile_tree_finish(&tree);
    flame_add(&out, &tree, PROFILE_CANDIDATE, "t");
    assert_lacks(&out, "<script");
    assert_has(&out, "&lt;script&gt;");
    assert_has(&out, "a&quot;&#39;&amp;&lt;U+202E&gt;b");
    buf_release(&out);
    profile_tree_release(&tree);
}

/* ---- a page ---- */

/* Both sides' reports with what the tree has of them. */
struct scene {
    struct arena arena;
    struct report reports[RENDER_SIDES];
    const struct report *lists[RENDER_SIDES];
    struct render_side sides[RENDER_SIDES];
};

static void scene_open(struct scene *scene, bool base)
{
    struct profile_tree tree = {0};
    *scene = (struct scene){0};
    fill_sides(&tree);
    profile_tree_finish(&tree);
    for (int side = base ? RENDER_BASE : RENDER_CANDIDATE; side < RENDER_SIDES; side++) {
        struct report_profile *profile = arena_array(&scene->arena, 1, sizeof *profile);
        *profile = (struct report_profile){.command = "perf", .duration_ns = 10 * NS_PER_S};
        report_profile_fill(profile, &tree, side == RENDER_BASE ? PROFILE_BASE : PROFILE_CANDIDATE,
                            PROFILE_BYTES, &scene->arena);
        scene->reports[side].profile = profile;
        scene->lists[side] = &scene->reports[side];
        scene->sides[side] = (struct render_side){1, &scene->lists[side], &scene->reports[side]};
    }
    profile_tree_release(&tree);
}

static void test_flame__a_page_names_the_function(void **state)
{
    struct scene scene;
    struct buf out = {0};
    (void)state;
    scene_open(&scene, true);
    html_add_profile(&out, scene.sides);
    assert_has(&out, "The function that got slower most is <code><bdi>render_page</bdi></code>: "
                     "12.0 % → 31.0 % of the samples (+19.0 points), called by serve.");
    assert_has(&out, "Flame graph of the candidate");
    assert_has(&out, "<details><summary>Flame graph of the base</summary>");
    assert_has(&out, "candidate: perf for 10s, 1000 samples; base: perf for 10s, 1000 samples.");
    buf_release(&out);
    arena_release(&scene.arena);
}

static void test_flame__a_page_of_one_side(void **state)
{
    struct scene scene;
    struct buf out = {0};
    (void)state;
    scene_open(&scene, false);
    html_add_profile(&out, scene.sides);
    assert_lacks(&out, "slower");
    assert_lacks(&out, "Red");
    assert_has(&out, "Flame graph");
    assert_has(&out, "perf for 10s, 1000 samples.");
    scene.sides[RENDER_BASE] = scene.sides[RENDER_CANDIDATE];
    scene.sides[RENDER_CANDIDATE] = (struct render_side){0};
    struct buf base = {0};
    html_add_profile(&base, scene.sides); /* the base side's report alone */
    assert_string_equal(buf_text(&base), buf_text(&out));
    buf_reset(&out);
    scene.reports[RENDER_CANDIDATE].profile = NULL;
    html_add_profile(&out, scene.sides);
    assert_int_equal(out.len, 0);
    buf_release(&base);
    buf_release(&out);
    arena_release(&scene.arena);
}

static void test_flame__a_text_stays_text(void **state)
{
    struct scene scene;
    struct buf out = {0};
    struct report_profile profile = {.command = "gdb<", .text = "one\n</pre><b>two\n"};
    (void)state;
    scene_open(&scene, false);
    scene.reports[RENDER_CANDIDATE].profile = &profile;
    html_add_profile(&out, scene.sides);
    assert_has(&out, "<pre>one\n&lt;/pre&gt;&lt;b&gt;two\n</pre>");
    assert_has(&out, "gdb&lt;");
    assert_lacks(&out, "<svg");
    buf_release(&out);
    arena_release(&scene.arena);
}

static void test_flame__a_table_of_one_report(void **state)
{
    struct scene scene;
    struct table table;
    struct buf out = {0};
    (void)state;
    scene_open(&scene, true);
    struct report *candidate = &scene.reports[RENDER_CANDIDATE];
    profile_rows_of(candidate, 5, &table);
    table_add_text(&table, false, &out);
    assert_string_equal(buf_text(&out), "Function       Self  With callees  Called by\n"
                                        "idle         69.0 %        69.0 %  serve\n"
                                        "render_page  31.0 %        31.0 %  serve\n"
                                        "serve         0.0 %       100.0 %\n");
    table_release(&table);
    buf_reset(&out);
    profile_compare(scene.reports[RENDER_BASE].profile, candidate->profile, &scene.arena);
    profile_rows_of(candidate, 5, &table);
    table_add_text(&table, false, &out);
    assert_string_equal(
        buf_text(&out),
        "Function that got slower  Base self    Self  Points  Base with callees  With callees  "
        "Called by\n"
        "render_page                  12.0 %  31.0 %   +19.0             12.0 %        31.0 %  "
        "serve\n");
    table_release(&table);
    candidate->profile = NULL;
    profile_rows_of(candidate, 5, &table);
    assert_int_equal(table.n_rows, 0);
    table_release(&table);
    buf_release(&out);
    arena_release(&scene.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flame__boxes_are_as_wide_as_their_shares),
        cmocka_unit_test(test_flame__red_grew_and_blue_shrank),
        cmocka_unit_test(test_flame__what_cannot_be_seen_is_not_drawn),
        cmocka_unit_test(test_flame__names_cannot_do_anything),
        cmocka_unit_test(test_flame__a_page_names_the_function),
        cmocka_unit_test(test_flame__a_page_of_one_side),
        cmocka_unit_test(test_flame__a_text_stays_text),
        cmocka_unit_test(test_flame__a_table_of_one_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
