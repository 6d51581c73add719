/* A profiler from its words to its profile: with shells in the place of one. */
#include <pthread.h> /* whose tests run under ThreadSanitizer as well */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/clock.h"
#include "monitor/profile_job.h"
#include "monitor/profile_words.h"
#include "monitor/profiler.h"

static const char *const environment[] = {"PATH=/usr/bin:/bin", NULL};

/* A job that runs `script`, and then `then` (NULL = nothing). */
struct tried {
    struct scenario_profile wanted;
    const char *command[3], *then[3];
    struct profile_job job;
    struct arena arena;
    struct report_profile *profile;
};

static struct tried *prepare(const char *script, const char *then, int format)
{
    struct tried *tried = calloc(1, sizeof *tried);
    const char *command[] = {"sh", "-c", script}, *second[] = {"sh", "-c", then};
    memcpy(tried->command, command, sizeof command);
    memcpy(tried->then, second, sizeof second);
    tried->wanted = (struct scenario_profile){.n_command = 3,
                                              .command = tried->command,
                                              .n_then = then ? 3 : 0,
                                              .then = tried->then,
                                              .last_ns = 10 * NS_PER_S,
                                              .timeout_ns = 60 * NS_PER_S,
                                              .format = format};
    tried->job = (struct profile_job){.wanted = &tried->wanted,
                                      .side = 1,
                                      .environment = environment,
                                      .directory = P_tmpdir,
                                      .span_ns = 2500 * NS_PER_MS};
    return tried;
}

static struct tried *attempt(const char *script, const char *then, int format)
{
    struct tried *tried = prepare(script, then, format);
    profile_job_run(&tried->job, -1);
    tried->profile = profile_job_report(&tried->job, &tried->arena);
    return tried;
}

static void done(struct tried *tried)
{
    profile_job_release(&tried->job);
    arena_release(&tried->arena);
    free(tried);
}

static void expect_note(const char *script, const char *then, int format, const char *note)
{
    struct tried *tried = attempt(script, then, format);
    assert_null(tried->profile);
    assert_non_null(tried->job.note);
    assert_string_equal(tried->job.note, note);
    done(tried);
}

static void test_profile_job__words(void **state)
{
    static const char *const arguments[] = {"{pid}", "-p{main}:{seconds}{output}", "{side}{other}",
                                            "{print $1}{pid"};
    static const char *const values[PROFILE_WORDS] = {"1,2", "1", "10", "/tmp/x", "base"};
    struct arena arena = {0};
    (void)state;
    const char *const *filled = profile_words_fill(arguments, 4, values, &arena);
    assert_string_equal(filled[0], "1,2");
    assert_string_equal(filled[1], "-p1:10/tmp/x");
    assert_string_equal(filled[2], "base{other}");
    assert_string_equal(filled[3], "{print $1}{pid");
    assert_null(filled[4]);
    assert_true(profile_words_use(arguments, 4, PROFILE_OUTPUT));
    assert_false(profile_words_use(arguments, 1, PROFILE_OUTPUT));
    arena_release(&arena);
}

static void test_profile_job__length(void **state)
{
    const struct scenario_profile wanted = {.last_ns = 10 * NS_PER_S};
    (void)state;
    assert_int_equal(profile_job_length_ns(&wanted, 60 * NS_PER_S), 10 * NS_PER_S);
    assert_int_equal(profile_job_length_ns(&wanted, 2900 * NS_PER_MS), 2 * NS_PER_S);
    assert_int_equal(profile_job_length_ns(&wanted, 10), NS_PER_S);
}

static void test_profile_job__standard_output(void **state)
{
    (void)state;
    struct tried *tried = attempt("echo 'main;{side};{seconds} 5'", NULL, PROFILE_FOLDED);
    assert_null(tried->job.note);
    assert_int_equal(tried->profile->samples, 5);
    assert_int_equal(tried->profile->n_names, 3);
    assert_string_equal(tried->profile->names[1], "base");
    assert_string_equal(tried->profile->names[2], "2");
    assert_string_equal(tried->profile->command, "sh");
    assert_int_equal(tried->profile->duration_ns, 2 * NS_PER_S);
    done(tried);
}

/* The file is gone afterwards, and what else was left beside it. */
static void test_profile_job__a_file(void **state)
{
    (void)state;
    struct tried *tried = attempt("echo 'a;{output} 3' >'{output}'; mkdir -p '{output}.d/e'; touch "
                                  "'{output}.d/e/f'; echo noise",
                                  NULL, PROFILE_FOLDED);
    assert_null(tried->job.note);
    assert_int_equal(tried->profile->samples, 3);
    assert_int_equal(access(tried->profile->names[1], F_OK), -1);
    char *directory = strdup(tried->profile->names[1]);
    *strrchr(directory, '/') = 0;
    assert_int_equal(access(directory, F_OK), -1);
    free(directory);
    done(tried);
}

static void test_profile_job__a_second_command(void **state)
{
    (void)state;
    struct tried *tried =
        attempt("printf 'a\\nb\\n' >'{output}'", "sed 's/$/ 2/' '{output}'", PROFILE_FOLDED);
    assert_null(tried->job.note);
    assert_int_equal(tried->profile->samples, 4);
    done(tried);
    expect_note("true", "echo no such data >&2; exit 4", PROFILE_FOLDED,
                "there is no profile: 'sh' ended with exit code 4: no such data");
}

static void test_profile_job__other_forms(void **state)
{
    (void)state;
    struct tried *tried =
        attempt("printf 'x 1 2.3: 1 cycles:\\n ff f+0x1 (/bin/x)\\n'", NULL, PROFILE_PERF_SCRIPT);
    assert_int_equal(tried->profile->samples, 1);
    done(tried);
    tried = attempt("echo '#0  f () at x.c:1'", NULL, PROFILE_GDB);
    assert_int_equal(tried->profile->samples, 1);
    done(tried);
    tried = attempt("printf 'any\\000thing\\n'", NULL, PROFILE_PLAIN);
    assert_string_equal(tried->profile->text, "any thing\n");
    assert_int_equal(tried->profile->n_nodes, 0);
    done(tried);
    tried = attempt("yes äöü | head -c 200000", NULL, PROFILE_PLAIN);
    assert_true(strlen(tried->profile->text) <= PROFILE_TEXT);
    assert_true(strlen(tried->profile->text) > PROFILE_TEXT - 8);
    done(tried);
}

static void test_profile_job__what_goes_wrong_is_a_note(void **state)
{
    (void)state;
    expect_note("echo 'Permission error mapping pages.' >&2; exit 255", NULL, PROFILE_FOLDED,
                "there is no profile: 'sh' ended with exit code 255: Permission error mapping "
                "pages.");
    expect_note("true", NULL, PROFILE_FOLDED, "there is no profile: 'sh' wrote no folded stacks");
    expect_note("echo garbage", NULL, PROFILE_PERF_SCRIPT,
                "there is no profile: 'sh' wrote no stacks of perf script; its last line: garbage");
    expect_note("true", NULL, PROFILE_PLAIN, "there is no profile: 'sh' wrote nothing");
    expect_note("echo {pid}", NULL, PROFILE_FOLDED,
                "there is no profile: no process on this machine that may be looked at listens at "
                "the target");
    struct tried *tried = attempt(": {output}", NULL, PROFILE_FOLDED);
    assert_null(tried->profile);
    assert_non_null(strstr(tried->job.note, "'sh' ended well, and cannot open '"));
    done(tried);
}

static void test_profile_job__lines_that_are_none_are_a_note(void **state)
{
    (void)state;
    struct tried *tried = attempt("printf 'a 1\\nx\\ny\\n'", NULL, PROFILE_FOLDED);
    assert_int_equal(tried->profile->samples, 1);
    assert_string_equal(tried->job.note,
                        "of what 'sh' wrote, 2 lines are no folded stacks and left out of the "
                        "profile");
    done(tried);
}

static void test_profile_job__what_one_wrote_that_hangs_is_kept(void **state)
{
    (void)state;
    struct tried *tried =
        prepare("echo 'a;b 7'; printf 'a;half 1'; sleep 600", NULL, PROFILE_FOLDED);
    tried->job.span_ns = NS_PER_S;
    tried->wanted.timeout_ns = NS_PER_S / 5;
    profile_job_run(&tried->job, -1);
    tried->profile = profile_job_report(&tried->job, &tried->arena);
    assert_int_equal(tried->profile->samples, 7);
    assert_non_null(strstr(tried->job.note,
                           "the profile has what was written until then: 'sh' took "
                           "longer than 1.2 s and was ended"));
    done(tried);
    tried = prepare("sleep 600", NULL, PROFILE_FOLDED);
    tried->job.span_ns = NS_PER_S;
    tried->wanted.timeout_ns = NS_PER_S / 5;
    profile_job_run(&tried->job, -1);
    assert_null(profile_job_report(&tried->job, &tried->arena));
    assert_string_equal(tried->job.note,
                        "there is no profile: 'sh' took longer than 1.2 s and was ended");
    done(tried);
}

static void test_profile_job__too_much_is_cut(void **state)
{
    (void)state;
    struct tried *tried = attempt("yes 'main;work 1'", NULL, PROFILE_FOLDED);
    assert_int_equal(tried->profile->samples, PROFILE_JOB_OUTPUT / strlen("main;work 1\n"));
    assert_int_equal(tried->profile->n_nodes, 2);
    assert_string_equal(tried->job.note, "the profile has what was written until then: 'sh' wrote "
                                         "more than 8388608 bytes and was ended");
    done(tried);
}

/* ---- on its threads ---- */

static struct profiler_setup setup_of(struct tried *tried, int64_t span_ns)
{
    return (struct profiler_setup){.wanted = &tried->wanted,
                                   .sides = 2,
                                   .environment = environment,
                                   .directory = P_tmpdir,
                                   .span_ns = span_ns};
}

static void await(const char *directory, const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    for (int i = 0; i < 6000 && access(path, F_OK) != 0; i++)
        usleep(10000);
    assert_int_equal(unlink(path), 0);
}

static void test_profiler__both_sides_at_their_time(void **state)
{
    char directory[] = P_tmpdir "/perfgate-test-XXXXXX", script[200];
    assert_non_null(mkdtemp(directory));
    snprintf(script, sizeof script, "echo '{side} 1'; touch %s/{side}", directory);
    struct tried *tried = prepare(script, NULL, PROFILE_FOLDED);
    const struct profiler_setup setup = setup_of(tried, NS_PER_S);
    struct profiler *profiler;
    struct report reports[2] = {0};
    struct err err = {0};
    (void)state;
    assert_int_equal(profiler_start(&profiler, &setup, &err), 0);
    int64_t now_ns = clock_monotonic_ns();
    profiler_turn(profiler, 0, now_ns, INT64_MAX); /* the warm-up */
    profiler_turn(profiler, 1, now_ns, now_ns);
    await(directory, "candidate");
    await(directory, "base");
    profiler_turn(profiler, -1, clock_monotonic_ns(), INT64_MAX);
    profiler_stop(profiler, false);
    for (size_t i = 0; i < 2; i++) {
        profiler_report(profiler, i, &reports[i]);
        assert_int_equal(reports[i].health.n_notes, 0);
        assert_string_equal(reports[i].profile->names[0], i ? "base" : "candidate");
        report_release(&reports[i]);
    }
    profiler_free(profiler);
    rmdir(directory);
    done(tried);
}

static void test_profiler__a_run_that_ends_before_says_so(void **state)
{
    struct tried *tried = prepare("echo 'a 1'", NULL, PROFILE_FOLDED);
    const struct profiler_setup setup = setup_of(tried, 600 * NS_PER_S);
    struct profiler *profiler;
    struct report report = {0};
    struct err err = {0};
    (void)state;
    assert_int_equal(profiler_start(&profiler, &setup, &err), 0);
    int64_t now_ns = clock_monotonic_ns();
    profiler_turn(profiler, 0, now_ns, now_ns);
    profiler_turn(profiler, -1, now_ns, INT64_MAX);
    profiler_stop(profiler, false);
    profiler_report(profiler, 0, &report);
    assert_null(report.profile);
    assert_int_equal(report.health.n_notes, 1);
    assert_string_equal(report.health.notes[0], "there is no profile: the run ended before the "
                                                "profiler's time had come");
    report_release(&report);
    profiler_free(profiler);
    done(tried);
}

/* Without the stop this would take ten minutes. */
static void test_profiler__one_that_runs_is_ended_where_it_is_freed(void **state)
{
    struct tried *tried = prepare("sleep 600", NULL, PROFILE_FOLDED);
    const struct profiler_setup setup = setup_of(tried, NS_PER_S);
    struct profiler *profiler;
    struct err err = {0};
    (void)state;
    tried->wanted.timeout_ns = 600 * NS_PER_S;
    assert_int_equal(profiler_start(&profiler, &setup, &err), 0);
    int64_t now_ns = clock_monotonic_ns();
    profiler_turn(profiler, 0, now_ns, now_ns);
    usleep(100000);
    profiler_free(profiler);
    done(tried);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profile_job__words),
        cmocka_unit_test(test_profile_job__length),
        cmocka_unit_test(test_profile_job__standard_output),
        cmocka_unit_test(test_profile_job__a_file),
        cmocka_unit_test(test_profile_job__a_second_command),
        cmocka_unit_test(test_profile_job__other_forms),
        cmocka_unit_test(test_profile_job__what_goes_wrong_is_a_note),
        cmocka_unit_test(test_profile_job__lines_that_are_none_are_a_note),
        cmocka_unit_test(test_profile_job__what_one_wrote_that_hangs_is_kept),
        cmocka_unit_test(test_profile_job__too_much_is_cut),
        cmocka_unit_test(test_profiler__both_sides_at_their_time),
        cmocka_unit_test(test_profiler__a_run_that_ends_before_says_so),
        cmocka_unit_test(test_profiler__one_that_runs_is_ended_where_it_is_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
