#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "load/feed.h"
#include "run_scene.h"

static const char rows[] = "id,path\n0,a\n1,b\n2,c\n3,d\n4,e\n";

static void open_feed(struct feeds *feeds, struct scenario *scenario, struct scenario_feed *source,
                      int order, int at_end)
{
    struct err err = {0};
    *source = (struct scenario_feed){.name = "f",
                                     .file = {.path = "f.csv", .content = {rows, sizeof rows - 1}},
                                     .order = order,
                                     .at_end = at_end};
    *scenario = (struct scenario){.n_feeds = 1, .feeds = source};
    if (feeds_init(feeds, scenario, 2, &err) < 0)
        fail_msg("%s", err.text);
}

static void expect_row(const struct feeds *feeds, struct feed_place *place, int64_t user,
                       const char *id)
{
    struct rng rng;
    rng_init(&rng, 1, 1);
    assert_true(feed_take(&feeds->items[0], place, user, 2, &rng));
    struct span cell = feed_cell(&feeds->items[0], place, 0);
    assert_int_equal(cell.len, 1);
    assert_memory_equal(cell.at, id, 1);
}

static void test_feed__deals_rows_in_turn(void **state)
{
    (void)state;
    struct feeds feeds;
    struct scenario scenario;
    struct scenario_feed source;
    struct feed_place places[2] = {0};
    open_feed(&feeds, &scenario, &source, FEED_NEXT, FEED_REPEAT);
    static const char *const dealt[][2] = {{"0", "1"}, {"2", "3"}, {"4", "0"}, {"1", "2"}};
    for (size_t i = 0; i < 4; i++)
        for (int64_t user = 0; user < 2; user++)
            expect_row(&feeds, &places[user], user, dealt[i][user]);
    feeds_release(&feeds);
    feeds_release(&feeds);
}

static void test_feed__ends_where_it_does_not_repeat(void **state)
{
    (void)state;
    struct feeds feeds;
    struct scenario scenario;
    struct scenario_feed source;
    struct feed_place places[2] = {0};
    open_feed(&feeds, &scenario, &source, FEED_NEXT, FEED_STOP);
    expect_row(&feeds, &places[1], 1, "1");
    expect_row(&feeds, &places[1], 1, "3");
    assert_false(feed_take(&feeds.items[0], &places[1], 1, 2, NULL));
    assert_false(feed_take(&feeds.items[0], &places[1], 1, 2, NULL));
    for (int i = 0; i < 3; i++)
        assert_true(feed_take(&feeds.items[0], &places[0], 0, 2, NULL));
    assert_false(feed_take(&feeds.items[0], &places[0], 0, 2, NULL));
    feeds_release(&feeds);
}

static void test_feed__once_stays_with_its_user(void **state)
{
    (void)state;
    struct feeds feeds;
    struct scenario scenario;
    struct scenario_feed source;
    struct feed_place place = {0};
    open_feed(&feeds, &scenario, &source, FEED_ONCE, FEED_STOP);
    expect_row(&feeds, &place, 4, "4");
    expect_row(&feeds, &place, 4, "4");
    place = (struct feed_place){0};
    assert_false(feed_take(&feeds.items[0], &place, 5, 2, NULL));
    source.at_end = FEED_REPEAT;
    expect_row(&feeds, &place, 6, "1");
    feeds_release(&feeds);
}

static void test_feed__random_follows_the_generator(void **state)
{
    (void)state;
    struct feeds feeds;
    struct scenario scenario;
    struct scenario_feed source;
    struct rng a, b;
    unsigned seen = 0;
    open_feed(&feeds, &scenario, &source, FEED_RANDOM, FEED_REPEAT);
    rng_init(&a, 7, 1);
    rng_init(&b, 7, 1);
    for (int i = 0; i < 100; i++) {
        struct feed_place one = {0}, other = {0};
        assert_true(feed_take(&feeds.items[0], &one, 0, 2, &a));
        assert_true(feed_take(&feeds.items[0], &other, 1, 2, &b));
        assert_int_equal(one.row, other.row);
        seen |= 1U << one.row;
    }
    assert_int_equal(seen, 31);
    feeds_release(&feeds);
}

static void test_feed__once_needs_a_row_for_each_user(void **state)
{
    (void)state;
    struct feeds feeds;
    struct err err = {0};
    struct scenario_feed source = {.name = "f",
                                   .file = {.path = "f.csv", .content = {rows, sizeof rows - 1}},
                                   .order = FEED_ONCE,
                                   .at_end = FEED_FAIL};
    struct scenario scenario = {.n_feeds = 1, .feeds = &source};
    assert_int_equal(feeds_init(&feeds, &scenario, 5, &err), 0);
    feeds_release(&feeds);
    assert_int_equal(feeds_init(&feeds, &scenario, 6, &err), -1);
    assert_string_equal(err.text,
                        "feed 'f': 'f.csv' has 5 rows for 6 users: add rows, use fewer users, "
                        "or say with at_end what the others do (repeat or stop)");
    feeds_release(&feeds);
}

static void test_feed__needs_a_row(void **state)
{
    (void)state;
    struct feeds feeds;
    struct err err = {0};
    struct scenario_feed source = {.name = "f",
                                   .file = {.path = "f.csv", .content = {"id,path\n", 8}}};
    struct scenario scenario = {.n_feeds = 1, .feeds = &source};
    assert_int_equal(feeds_init(&feeds, &scenario, 1, &err), -1);
    assert_string_equal(err.text,
                        "feed 'f': 'f.csv': expected rows below the names of the columns");
    feeds_release(&feeds);
}

/* ---- a run ---- */

static void feed_scene(struct scene *scene, const char *feed, const char *class)
{
    char settings[256];
    snprintf(settings, sizeof settings, "\"feeds\": {\"f\": {\"file\": \"f.csv\"%s}},", feed);
    scene_set_up(scene, settings, class);
    scene->scenario.feeds[0].file.content = (struct span){rows, sizeof rows - 1};
}

static int count(const struct scene *scene, const char *path)
{
    int n = 0;
    for (size_t i = 0; i < scene->server.n_log; i++)
        n += strcmp(scene->server.log[i].path, path) == 0;
    return n;
}

static void test_feed__each_row_is_sent_once_and_the_run_ends(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 3; threads += 2) {
        struct scene scene;
        feed_scene(&scene, ", \"at_end\": \"stop\"",
                   "\"tasks\": [{\"steps\": [{\"name\": \"x\", \"get\": \"/ok/${f.id}\"}, "
                   "{\"name\": \"y\", \"get\": "
                   "\"/ok/${f.path}\"}]}]");
        scene.options.threads = threads;
        scene.options.duration_ns = 600 * NS_PER_S; /* it would not be waited for */
        const struct report *report = scene_run(&scene);
        assert_int_equal(report->metrics.total_requests, 10);
        assert_int_equal(report->metrics.total_failures, 0);
        static const char *const paths[] = {"/ok/0", "/ok/1", "/ok/2", "/ok/3", "/ok/4",
                                            "/ok/a", "/ok/b", "/ok/c", "/ok/d", "/ok/e"};
        for (size_t i = 0; i < 10; i++)
            assert_int_equal(count(&scene, paths[i]), 1);
        assert_true(report->health.valid);
        assert_true(report->duration_ns < 60 * NS_PER_S);
        assert_int_equal(report->health.n_notes > 0, 1);
        assert_string_equal(report->health.notes[0],
                            "4 of 4 users ended before the run did: the rows of the "
                            "feed 'f' were used up");
        scene_tear_down(&scene);
    }
}

static void test_feed__a_run_whose_feed_may_not_end_is_invalid(void **state)
{
    (void)state;
    struct scene scene;
    feed_scene(&scene, ", \"at_end\": \"fail\"",
               "\"tasks\": [{\"name\": \"x\", \"get\": \"/ok/${f.id}\"}]");
    const struct report *report = scene_run(&scene);
    assert_false(report->health.valid);
    assert_int_equal(report->health.n_reasons, 1);
    assert_string_equal(report->health.reasons[0], "feed_spent");
    assert_int_equal(report->metrics.total_requests, 5);
    scene_tear_down(&scene);
}

static void test_feed__both_sides_of_a_pair_get_the_same(void **state)
{
    (void)state;
    struct scene scene;
    struct server base;
    server_start(&base);
    feed_scene(&scene, ", \"order\": \"once\"",
               "\"on_start\": [{\"name\": \"x\", \"get\": \"/ok/${f.id}\"}], \"tasks\": "
               "[{\"name\": \"y\", \"get\": "
               "\"/ok/${f.path}\"}]");
    scene.options.against = base.url;
    scene.options.duration_ns = NS_PER_S;
    scene_run(&scene);
    server_settle(&base);
    static const char *const paths[] = {"/ok/0", "/ok/1", "/ok/2", "/ok/3"};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(count(&scene, paths[i]), 1);
    assert_int_equal(count(&scene, "/ok/4"), 0);
    assert_int_equal(count(&scene, "/ok/e"), 0);
    int logins = 0;
    for (size_t i = 0; i < base.n_log; i++)
        logins += base.log[i].path[4] <= '9';
    assert_int_equal(logins, 4);
    scene_tear_down(&scene);
    server_end(&base);
}

static void test_feed__names_a_column_that_is_not_there(void **state)
{
    (void)state;
    struct scene scene;
    feed_scene(&scene, "", "\"tasks\": [{\"name\": \"x\", \"get\": \"/${f.nmae}\"}]");
    assert_int_equal(load_run(&scene.scenario, &scene.options, &scene.result, &scene.err), -1);
    assert_string_equal(
        scene.err.text,
        "class 'c', step 'x': path: '${f.nmae}': the feed has no column 'nmae'; the "
        "first line of its file names the columns");
    scene_tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feed__deals_rows_in_turn),
        cmocka_unit_test(test_feed__ends_where_it_does_not_repeat),
        cmocka_unit_test(test_feed__once_stays_with_its_user),
        cmocka_unit_test(test_feed__random_follows_the_generator),
        cmocka_unit_test(test_feed__once_needs_a_row_for_each_user),
        cmocka_unit_test(test_feed__needs_a_row),
        cmocka_unit_test(test_feed__each_row_is_sent_once_and_the_run_ends),
        cmocka_unit_test(test_feed__a_run_whose_feed_may_not_end_is_invalid),
        cmocka_unit_test(test_feed__both_sides_of_a_pair_get_the_same),
        cmocka_unit_test(test_feed__names_a_column_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
