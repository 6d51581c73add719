/* Stacks as a tree, in a report and out of it again, and what grew. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/profile_functions.h"
#include "model/report.h"

/* "a;b 3" with frames of no blanks. */
static void add(struct profile_tree *tree, int side, const char *stack, int64_t samples)
{
    struct span frames[16];
    size_t n = 0;
    while (*stack) {
        frames[n] = (struct span){stack, strcspn(stack, ";")};
        stack += frames[n].len;
        stack += *stack == ';';
        n++;
    }
    profile_tree_add(tree, side, frames, n, samples);
}

/* "0 a 3,1 b 2": depth, name and samples of each node, in order. */
static char *show(const struct report_profile *profile)
{
    struct buf text = {0};
    int depths[100];
    for (size_t i = 0; i < profile->n_nodes; i++) {
        depths[i] = profile->parents[i] < 0 ? 0 : depths[profile->parents[i]] + 1;
        buf_addf(&text, "%s%d %s %lld", i ? "," : "", depths[i], profile->names[profile->frames[i]],
                 (long long)profile->self[i]);
    }
    return buf_take(&text);
}

static void assert_shows(const struct report_profile *profile, const char *expected)
{
    char *shown = show(profile);
    assert_string_equal(shown, expected);
    free(shown);
}

static void fill(struct profile_tree *tree, int side, size_t limit, struct arena *arena,
                 struct report_profile *out)
{
    *out = (struct report_profile){.command = "perf"};
    profile_tree_finish(tree);
    report_profile_fill(out, tree, side, limit, arena);
}

static void test_profile__stacks_become_a_tree_in_order(void **state)
{
    struct profile_tree tree = {0};
    struct arena arena = {0};
    struct report_profile profile;
    (void)state;
    add(&tree, 0, "main;z", 1);
    add(&tree, 0, "main;a;x", 2);
    add(&tree, 0, "main;z", 4);
    add(&tree, 0, "early", 8);
    add(&tree, 0, "main;a", 16);
    add(&tree, 0, "main;a;b", 32);
    add(&tree, 1, "main;only on the other side", 64);
    fill(&tree, 0, PROFILE_BYTES, &arena, &profile);
    assert_shows(&profile, "0 early 8,0 main 0,1 a 16,2 b 32,2 x 2,1 z 5");
    assert_int_equal(profile.samples, 63);
    assert_int_equal(profile.cut, 0);
    assert_int_equal(tree.nodes[1].total[0], 55);
    assert_int_equal(tree.nodes[1].total[1], 64);
    profile_tree_release(&tree);
    arena_release(&arena);
}

static void test_profile__the_smallest_are_cut_and_counted(void **state)
{
    struct profile_tree tree = {0};
    struct arena arena = {0};
    struct report_profile profile;
    (void)state;
    add(&tree, 0, "main;a;x", 2);
    add(&tree, 0, "main;b", 100);
    add(&tree, 0, "main;b;y", 50);
    add(&tree, 0, "main;c", 1);
    fill(&tree, 0, 75, &arena, &profile); /* room for three */
    assert_shows(&profile, "0 main 3,1 b 100,2 y 50");
    assert_int_equal(profile.samples, 153);
    assert_int_equal(profile.cut, 3);
    fill(&tree, 0, 0, &arena, &profile);
    assert_int_equal(profile.n_nodes, 0);
    assert_int_equal(profile.samples, 153);
    profile_tree_release(&tree);
    arena_release(&arena);
}

static void test_profile__names_are_made_fit_for_a_report(void **state)
{
    struct profile_tree tree = {0};
    char name[1000];
    (void)state;
    memset(name, 'x', sizeof name);
    name[PROFILE_NAME - 2] = '\303'; /* a character at the end of the room */
    name[PROFILE_NAME - 1] = '\244';
    struct span frames[] = {{"a\0b\n", 4}, {"", 0}, {name, sizeof name}};
    profile_tree_add(&tree, 0, frames, 3, 1);
    assert_string_equal(tree.names[0], "a?b?");
    assert_string_equal(tree.names[1], "[unknown]");
    assert_int_equal(strlen(tree.names[2]), PROFILE_NAME - 2);
    profile_tree_release(&tree);
}

static void test_profile__depth_and_size_are_bounded(void **state)
{
    struct profile_tree tree = {0};
    struct span deep[PROFILE_DEPTH + 100];
    (void)state;
    for (size_t i = 0; i < sizeof deep / sizeof deep[0]; i++)
        deep[i] = (struct span){"f", 1};
    profile_tree_add(&tree, 0, deep, sizeof deep / sizeof deep[0], 3);
    assert_int_equal(tree.n_nodes, PROFILE_DEPTH);
    assert_int_equal(tree.cut[0], 3);
    for (int i = 0; tree.n_nodes < PROFILE_NODES && i < PROFILE_NODES; i++) {
        char name[16];
        struct span frame = {name, (size_t)snprintf(name, sizeof name, "n%d", i)};
        profile_tree_add(&tree, 0, &frame, 1, 1);
    }
    assert_int_equal(tree.n_nodes, PROFILE_NODES);
    int64_t before = tree.samples[0];
    size_t names = tree.n_names;
    add(&tree, 0, "f;new", 5);
    assert_int_equal(tree.n_nodes, PROFILE_NODES);
    assert_int_equal(tree.n_names, names);
    assert_int_equal(tree.samples[0], before + 5);
    assert_int_equal(tree.cut[0], 8);
    assert_int_equal(tree.nodes[0].self[0], 5);
    add(&tree, 0, "f", PROFILE_SAMPLES);
    add(&tree, 0, "f", -1);
    assert_int_equal(tree.samples[0], before + 5);
    struct arena arena = {0};
    struct report_profile profile;
    struct buf text = {0};
    fill(&tree, 0, PROFILE_BYTES, &arena, &profile);
    struct js_writer writer = {.out = &text};
    js_encode(&writer, NULL, &report_profile_shape, &profile);
    assert_true(text.len > PROFILE_BYTES / 4);
    assert_true(text.len < PROFILE_BYTES + 300);
    buf_release(&text);
    arena_release(&arena);
    profile_tree_release(&tree);
}

/* ---- the document ---- */

#define REPORT(profile)                                                                            \
    "{\"total_requests\":1,\"total_failures\":0,\"requests_per_second\":1,"                        \
    "\"average_response_time\":1,\"95th_percentile\":1,\"99th_percentile\":1,"                     \
    "\"schema\":\"perfgate.report/1\",\"valid\":true,\"profile\":" profile "}"
#define STACKS(names, parents, frames, self)                                                       \
    "{\"command\": \"perf\", \"duration_ms\": 3000, \"samples\": 10, \"names\": " names            \
    ", \"parents\": " parents ", \"frames\": " frames ", \"self\": " self "}"

static int decode(const char *json, struct report *report, struct err *err)
{
    *err = (struct err){0};
    *report = (struct report){0};
    return report_decode(json, strlen(json), "r.json", report, err);
}

static void test_profile__is_the_same_after_a_round_trip(void **state)
{
    struct report report;
    struct err err;
    struct buf text = {0}, again = {0};
    (void)state;
    assert_int_equal(
        decode(REPORT("{\"command\": \"perf\", \"duration_ms\": 3000, \"samples\": 10, "
                      "\"cut_samples\": 1, \"grew\": [{\"name\": \"b\", "
                      "\"base_self\": 0.1, \"self\": 0.3, \"base_total\": 0.1, "
                      "\"total\": 0.4, \"callers\": [\"a\"]}], "
                      "\"names\": [\"a\", \"b\"], \"parents\": [-1, 0, 1], "
                      "\"frames\": [0, 1, 0], \"self\": [1, 2, 7]}"),
               &report, &err),
        0);
    assert_shows(report.profile, "0 a 1,1 b 2,2 a 7");
    assert_int_equal(report.profile->duration_ns, 3000000000);
    assert_float_equal(report.profile->grew[0].self, 0.3, 0);
    assert_string_equal(report.profile->grew[0].callers[0], "a");
    report_encode(&report, &text);
    report_release(&report);
    assert_int_equal(decode(buf_text(&text), &report, &err), 0);
    report_encode(&report, &again);
    assert_string_equal(buf_text(&text), buf_text(&again));
    buf_reset(&again);
    report_encode_summary(&report, &again);
    assert_null(strstr(buf_text(&again), "profile"));
    report_release(&report);
    buf_release(&text);
    buf_release(&again);
}

static void test_profile__refuses_what_is_no_tree(void **state)
{
    static const struct {
        const char *json, *error;
    } cases[] = {
        {REPORT(STACKS("[\"a\"]", "[0]", "[0]", "[1]")),
         "'r.json': profile: parents[0]: expected a node before it, found 0"},
        {REPORT(STACKS("[\"a\"]", "[-1, 2]", "[0, 0]", "[1, 1]")),
         "'r.json': profile: parents[1]: expected a node before it, found 2"},
        {REPORT(STACKS("[\"a\"]", "[-1]", "[1]", "[1]")),
         "'r.json': profile: frames[0]: expected one of 1 names, found 1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct report report;
        struct err err;
        assert_int_equal(decode(cases[i].json, &report, &err), -1);
        assert_string_equal(err.text, cases[i].error);
    }
    struct report report;
    struct err err;
    assert_int_equal(decode(REPORT(STACKS("[\"a\"]", "[-1, -1]", "[0]", "[1]")), &report, &err),
                     -1);
    assert_int_equal(decode(REPORT(STACKS("[\"a\"]", "[-2]", "[0]", "[1]")), &report, &err), -1);
    assert_int_equal(decode(REPORT(STACKS("[\"a\"]", "[-1]", "[0]", "[-1]")), &report, &err), -1);
    assert_int_equal(decode(REPORT(STACKS("[\"a\"]", "[-1]", "[-1]", "[1]")), &report, &err), -1);
}

static void test_profile__calls_deeper_than_the_limit_are_refused(void **state)
{
    struct buf parents = {0}, frames = {0}, json = {0};
    struct report report;
    struct err err;
    (void)state;
    for (int i = 0; i <= PROFILE_DEPTH; i++) {
        buf_addf(&parents, "%s%d", i ? "," : "", i - 1);
        buf_addf(&frames, "%s0", i ? "," : "");
    }
    buf_addf(&json,
             REPORT("{\"command\": \"x\", \"names\": [\"a\"], \"parents\": [%s], "
                    "\"frames\": [%s], \"self\": [%s]}"),
             buf_text(&parents), buf_text(&frames), buf_text(&frames));
    assert_int_equal(decode(buf_text(&json), &report, &err), -1);
    assert_string_equal(err.text, "'r.json': profile: parents[500]: expected up to 500 calls "
                                  "within each other");
    buf_release(&parents);
    buf_release(&frames);
    buf_release(&json);
}

static void test_profile__parts_add_up(void **state)
{
    struct report parts[3];
    struct err err;
    struct arena arena = {0};
    (void)state;
    assert_int_equal(
        decode(REPORT(STACKS("[\"a\", \"b\"]", "[-1, 0]", "[0, 1]", "[1, 2]")), &parts[0], &err),
        0);
    assert_int_equal(
        decode(REPORT(STACKS("[\"b\", \"a\"]", "[-1, -1, 1]", "[0, 1, 0]", "[4, 8, 16]")),
               &parts[1], &err),
        0);
    assert_int_equal(decode(REPORT("{\"command\": \"x\", \"text\": \"t\"}"), &parts[2], &err), 0);
    const struct report *all[] = {&parts[2], &parts[0], &parts[1]};
    struct report_profile *merged = report_profile_merge(all, 3, &arena);
    assert_shows(merged, "0 a 9,1 b 18,0 b 4");
    assert_int_equal(merged->samples, 38); /* of which 7 and 0 are in no stack of the parts */
    assert_int_equal(merged->duration_ns, 6000000000);
    assert_null(report_profile_merge(all, 1, &arena));
    for (int i = 0; i < 3; i++)
        report_release(&parts[i]);
    arena_release(&arena);
}

/* ---- functions ---- */

static void test_profile__names_the_function_that_grew(void **state)
{
    struct profile_tree tree = {0};
    struct arena arena = {0};
    struct profile_functions grown;
    (void)state;
    add(&tree, PROFILE_BASE, "main;serve;render_page", 120);
    add(&tree, PROFILE_BASE, "main;serve;query", 500);
    add(&tree, PROFILE_BASE, "main;idle", 380);
    add(&tree, PROFILE_CANDIDATE, "main;serve;render_page", 310);
    add(&tree, PROFILE_CANDIDATE, "main;serve;query", 505);
    add(&tree, PROFILE_CANDIDATE, "main;idle", 185);
    profile_tree_finish(&tree);
    profile_functions_grown(&tree, 20, &arena, &grown);
    assert_int_equal(grown.n, 1); /* half a point of query's is noise */
    assert_string_equal(grown.items[0].name, "render_page");
    assert_float_equal(grown.items[0].base_self, 0.12, 1e-12);
    assert_float_equal(grown.items[0].self, 0.31, 1e-12);
    assert_int_equal(grown.items[0].n_callers, 2);
    assert_string_equal(grown.items[0].callers[0], "serve");
    assert_string_equal(grown.items[0].callers[1], "main");
    profile_tree_release(&tree);
    arena_release(&arena);
}

static void test_profile__a_function_within_itself_counts_once(void **state)
{
    struct profile_tree tree = {0};
    struct arena arena = {0};
    struct profile_functions all;
    (void)state;
    add(&tree, PROFILE_CANDIDATE, "main;walk;walk;walk", 10);
    add(&tree, PROFILE_CANDIDATE, "main;walk", 5);
    add(&tree, PROFILE_CANDIDATE, "main", 5);
    profile_tree_finish(&tree);
    profile_functions_of(&tree, &arena, &all);
    assert_int_equal(all.n, 2);
    assert_string_equal(all.items[0].name, "walk");
    assert_float_equal(all.items[0].self, 0.75, 0);
    assert_float_equal(all.items[0].total, 0.75, 0);
    assert_float_equal(all.items[1].total, 1, 0);
    assert_true(isnan(all.items[0].base_self));
    profile_functions_grown(&tree, 20, &arena, &all);
    assert_int_equal(all.n, 0); /* there is nothing to compare with */
    profile_tree_release(&tree);
    arena_release(&arena);
}

static void test_profile__few_samples_name_nothing(void **state)
{
    struct profile_tree tree = {0};
    struct arena arena = {0};
    struct profile_functions grown;
    (void)state;
    add(&tree, PROFILE_BASE, "a", 9);
    add(&tree, PROFILE_BASE, "b", 1);
    add(&tree, PROFILE_CANDIDATE, "a", 8);
    add(&tree, PROFILE_CANDIDATE, "b", 2);
    profile_tree_finish(&tree);
    profile_functions_grown(&tree, 20, &arena, &grown);
    assert_int_equal(grown.n, 0);
    profile_tree_release(&tree);
    arena_release(&arena);
}

static void test_profile__the_candidate_keeps_what_grew(void **state)
{
    struct report base, candidate;
    struct err err;
    (void)state;
    assert_int_equal(decode(REPORT("{\"command\": \"x\", \"samples\": 1000, \"names\": [\"a\", "
                                   "\"b\"], \"parents\": [-1, 0], \"frames\": [0, 1], \"self\": "
                                   "[900, 100]}"),
                            &base, &err),
                     0);
    assert_int_equal(decode(REPORT("{\"command\": \"x\", \"samples\": 1000, \"names\": [\"b\", "
                                   "\"a\"], \"parents\": [-1, 0], \"frames\": [1, 0], \"self\": "
                                   "[600, 400]}"),
                            &candidate, &err),
                     0);
    profile_compare(base.profile, candidate.profile, &candidate.arena);
    profile_compare(NULL, base.profile, &base.arena);
    assert_int_equal(candidate.profile->n_grew, 1);
    assert_string_equal(candidate.profile->grew[0].name, "b");
    assert_float_equal(candidate.profile->grew[0].self, 0.4, 0);
    assert_int_equal(base.profile->n_grew, 0);
    report_release(&base);
    report_release(&candidate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profile__stacks_become_a_tree_in_order),
        cmocka_unit_test(test_profile__the_smallest_are_cut_and_counted),
        cmocka_unit_test(test_profile__names_are_made_fit_for_a_report),
        cmocka_unit_test(test_profile__depth_and_size_are_bounded),
        cmocka_unit_test(test_profile__is_the_same_after_a_round_trip),
        cmocka_unit_test(test_profile__refuses_what_is_no_tree),
        cmocka_unit_test(test_profile__calls_deeper_than_the_limit_are_refused),
        cmocka_unit_test(test_profile__parts_add_up),
        cmocka_unit_test(test_profile__names_the_function_that_grew),
        cmocka_unit_test(test_profile__a_function_within_itself_counts_once),
        cmocka_unit_test(test_profile__few_samples_name_nothing),
        cmocka_unit_test(test_profile__the_candidate_keeps_what_grew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
