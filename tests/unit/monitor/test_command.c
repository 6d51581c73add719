/* Programs that end well, badly, late and never. */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "monitor/command.h"

#define LONG_NS (600 * NS_PER_S)

static const char *const environment[] = {"PATH=/usr/bin:/bin", "WORD=hello", NULL};

/* What a test runs, and what came of it. */
struct ran {
    int status;
    struct command_result result;
    struct err err;
};

static struct command shell(const char *const *argv, int64_t timeout_ns)
{
    return (struct command){
        .argv = argv, .environment = environment, .limit_bytes = 100000, .timeout_ns = timeout_ns};
}

static void run_sh(struct ran *ran, const char *script, int64_t timeout_ns, int cancel)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct command command = shell(argv, timeout_ns);
    *ran = (struct ran){0};
    ran->status = command_run(&command, cancel, &ran->result, &ran->err);
}

static size_t descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    size_t n = 0;
    while (readdir(directory))
        n++;
    closedir(directory);
    return n;
}

/* No child of ours is left, dead or alive, and no descriptor. */
struct before {
    size_t descriptors;
};

static int note_before(void **state)
{
    static struct before before;
    before.descriptors = descriptors();
    *state = &before;
    return 0;
}

static int nothing_left(void **state)
{
    const struct before *before = *state;
    assert_int_equal(descriptors(), before->descriptors);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    return 0;
}

/* The process is gone, or soon is: whoever inherits orphans reaps them. */
static void assert_gone(const char *pid)
{
    for (int i = 0; i < 2000; i++) {
        char path[64], text[256] = "";
        snprintf(path, sizeof path, "/proc/%ld/stat", strtol(pid, NULL, 10));
        FILE *file = fopen(path, "r");
        if (!file)
            return;
        size_t n = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        text[n] = 0;
        if (strstr(text, ") Z "))
            return;
        usleep(5000);
    }
    fail_msg("process %s is still there", pid);
}

static void test_command__gives_what_was_written(void **state)
{
    struct ran ran;
    (void)state;
    run_sh(&ran, "echo \"$WORD\"; echo trouble >&2; cat; exit 0", LONG_NS, -1);
    assert_string_equal(ran.err.text, "");
    assert_int_equal(ran.status, 0);
    assert_int_equal(ran.result.exit_code, 0);
    assert_string_equal(buf_text(&ran.result.output), "hello\n");
    assert_string_equal(buf_text(&ran.result.errors), "trouble\n");
    command_result_release(&ran.result);
}

static void test_command__gets_the_environment_that_is_passed_alone(void **state)
{
    struct ran ran;
    (void)state;
    setenv("NOT_PASSED", "1", 1);
    run_sh(&ran, "echo \"[$NOT_PASSED]\"", LONG_NS, -1);
    assert_string_equal(buf_text(&ran.result.output), "[]\n");
    unsetenv("NOT_PASSED");
    command_result_release(&ran.result);
}

static void test_command__names_one_that_is_not_there(void **state)
{
    const char *const argv[] = {"no-such-program", NULL, NULL, NULL};
    struct command command = shell(argv, LONG_NS);
    struct command_result result = {0};
    struct err err = {0};
    (void)state;
    assert_int_equal(command_run(&command, -1, &result, &err), -1);
    assert_string_equal(err.text, "cannot run 'no-such-program': No such file or directory");
    assert_int_equal(result.exit_code, -1);
    command_result_release(&result);
}

static void test_command__says_how_it_failed_in_its_own_words(void **state)
{
    struct ran ran;
    (void)state;
    run_sh(&ran, "echo out; echo first >&2; printf 'last of all\\n \\n' >&2; exit 3", LONG_NS, -1);
    assert_int_equal(ran.status, -1);
    assert_int_equal(ran.result.exit_code, 3);
    assert_string_equal(ran.err.text, "'sh' ended with exit code 3: last of all");
    assert_string_equal(buf_text(&ran.result.output), "out\n");
    command_result_release(&ran.result);
    run_sh(&ran, "echo only this; exit 1", LONG_NS, -1);
    assert_string_equal(ran.err.text, "'sh' ended with exit code 1: only this");
    command_result_release(&ran.result);
    run_sh(&ran, "exit 1", LONG_NS, -1);
    assert_string_equal(ran.err.text, "'sh' ended with exit code 1");
    command_result_release(&ran.result);
}

static void test_command__cuts_its_last_line_at_a_character(void **state)
{
    struct ran ran;
    (void)state;
    run_sh(&ran, "i=0; while [ $i -lt 200 ]; do printf 'x\\303\\244'; i=$((i+1)); done; exit 1",
           LONG_NS, -1);
    size_t len = strlen(ran.err.text);
    assert_int_equal(ran.status, -1);
    assert_true(len < 340);
    assert_true(strcmp(ran.err.text + len - 2, "\303\244") == 0 || ran.err.text[len - 1] == 'x');
    command_result_release(&ran.result);
}

static void test_command__names_the_signal_that_ended_it(void **state)
{
    struct ran ran;
    (void)state;
    run_sh(&ran, "kill -SEGV $$", LONG_NS, -1);
    assert_int_equal(ran.status, -1);
    assert_int_equal(ran.result.end_signal, SIGSEGV);
    assert_int_equal(ran.result.exit_code, -1);
    assert_string_equal(ran.err.text, "'sh' was ended by signal 11 (Segmentation fault)");
    command_result_release(&ran.result);
}

static void test_command__ends_the_whole_group_at_its_deadline(void **state)
{
    struct ran ran;
    (void)state;
    run_sh(&ran, "sleep 600 & echo $!; wait", NS_PER_S / 5, -1);
    assert_int_equal(ran.status, -1);
    assert_true(ran.result.timed_out);
    assert_non_null(strstr(ran.err.text, "'sh' took longer than 0.2 s and was ended"));
    assert_gone(buf_text(&ran.result.output));
    command_result_release(&ran.result);
}

static void test_command__kills_who_ignores_sigterm(void **state)
{
    struct ran ran;
    (void)state;
    run_sh(&ran, "trap '' TERM; while :; do sleep 0.01; done", NS_PER_S / 2, -1);
    assert_int_equal(ran.status, -1);
    assert_true(ran.result.timed_out);
    assert_int_equal(ran.result.end_signal, SIGKILL);
    assert_string_equal(ran.err.text, "'sh' took longer than 0.5 s and was ended");
    command_result_release(&ran.result);
}

static void test_command__asks_before_it_kills(void **state)
{
    struct ran ran;
    (void)state;
    run_sh(&ran, "echo begun; exec sleep 600", 5 * NS_PER_S, -1);
    assert_int_equal(ran.status, -1);
    assert_true(ran.result.timed_out);
    assert_int_equal(ran.result.end_signal, SIGTERM);
    assert_string_equal(ran.err.text, "'sh' took longer than 5 s and was ended: begun");
    command_result_release(&ran.result);
}

static void test_command__ends_what_it_left_behind(void **state)
{
    struct ran ran;
    (void)state;
    run_sh(&ran, "sleep 600 & echo $!", LONG_NS, -1);
    assert_int_equal(ran.status, 0);
    assert_gone(buf_text(&ran.result.output));
    command_result_release(&ran.result);
}

static void test_command__is_ended_where_it_writes_too_much(void **state)
{
    struct ran ran;
    (void)state;
    run_sh(&ran, "yes", LONG_NS, -1);
    assert_int_equal(ran.status, -1);
    assert_true(ran.result.cut);
    assert_int_equal(ran.result.output.len, 100000);
    assert_string_equal(ran.err.text, "'sh' wrote more than 100000 bytes and was ended");
    command_result_release(&ran.result);
    run_sh(&ran, "yes >&2", LONG_NS, -1);
    assert_true(ran.result.cut);
    assert_int_equal(ran.result.errors.len, 100000);
    command_result_release(&ran.result);
}

static void test_command__may_write_as_much_as_the_limit(void **state)
{
    struct ran ran;
    (void)state;
    run_sh(&ran, "head -c 100000 /dev/zero", LONG_NS, -1);
    assert_string_equal(ran.err.text, "");
    assert_int_equal(ran.result.output.len, 100000);
    command_result_release(&ran.result);
    run_sh(&ran, "head -c 100001 /dev/zero", LONG_NS, -1);
    assert_true(ran.result.cut);
    command_result_release(&ran.result);
}

static void test_command__is_ended_with_the_run(void **state)
{
    struct ran ran;
    int cancel = eventfd(1, EFD_CLOEXEC);
    (void)state;
    run_sh(&ran, "sleep 600", LONG_NS, cancel);
    assert_int_equal(ran.status, -1);
    assert_true(ran.result.cancelled);
    assert_string_equal(ran.err.text, "'sh' was ended, because the run was over");
    close(cancel);
    command_result_release(&ran.result);
}

static void test_command__inherits_no_descriptors(void **state)
{
    struct ran ran;
    int loose = dup(STDERR_FILENO); /* without O_CLOEXEC */
    (void)state;
    run_sh(&ran, "ls /proc/self/fd | wc -l", LONG_NS, -1);
    close(loose);
    assert_string_equal(buf_text(&ran.result.output), "4\n"); /* ls has its directory open */
    command_result_release(&ran.result);
}

/* Without a shell, which may change its own. */
static void test_command__inherits_no_signals(void **state)
{
    const char *const argv[] = {"grep", "-E", "SigBlk|SigIgn", "/proc/self/status", NULL};
    struct command command = shell(argv, LONG_NS);
    struct command_result result = {0};
    sigset_t all, before;
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = command_run(&command, -1, &result, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_DFL);
    assert_int_equal(status, 0);
    assert_non_null(strstr(buf_text(&result.output), "SigBlk:\t0000000000000000\n"));
    const char *ignored = strstr(buf_text(&result.output), "SigIgn:\t");
    assert_non_null(ignored); /* the C library's own are in the upper half */
    assert_int_equal(strtoul(ignored + strlen("SigIgn:\t"), NULL, 16) & 0x7fffffff, 0);
    command_result_release(&result);
}

static void test_command__runs_while_others_do(void **state)
{
    const char *const argv[] = {"sh", "-c", "echo x", NULL};
    struct command command = shell(argv, LONG_NS);
    struct command_job jobs[3];
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(command_start(&jobs[i], &command, NULL), 0);
    for (int i = 0; i < 3; i++) {
        struct command_result result = {0};
        assert_int_equal(command_finish(&jobs[i], -1, &result, NULL), 0);
        assert_string_equal(buf_text(&result.output), "x\n");
        command_result_release(&result);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, note_before, nothing_left)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_command__gives_what_was_written),
        TEST(test_command__gets_the_environment_that_is_passed_alone),
        TEST(test_command__names_one_that_is_not_there),
        TEST(test_command__says_how_it_failed_in_its_own_words),
        TEST(test_command__cuts_its_last_line_at_a_character),
        TEST(test_command__names_the_signal_that_ended_it),
        TEST(test_command__ends_the_whole_group_at_its_deadline),
        TEST(test_command__kills_who_ignores_sigterm),
        TEST(test_command__asks_before_it_kills),
        TEST(test_command__ends_what_it_left_behind),
        TEST(test_command__is_ended_where_it_writes_too_much),
        TEST(test_command__may_write_as_much_as_the_limit),
        TEST(test_command__is_ended_with_the_run),
        TEST(test_command__inherits_no_descriptors),
        TEST(test_command__inherits_no_signals),
        TEST(test_command__runs_while_others_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
