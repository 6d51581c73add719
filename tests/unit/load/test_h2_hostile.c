/* HTTP/2 servers that break the rules, or do what nobody could stand for ever: an error of the
 * right kind, bounded memory, and the run goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "h2_scene.h"

/* Frames: length (24 bits), type, flags, stream (31 bits), payload. */
#define SETTINGS   "\0\0\0\x04\0\0\0\0\0"
#define SETTLED    "\0\0\0\x04\x01\0\0\0\0"
#define HEAD_END   "\0\0\x01\x01\x05\0\0\0\x01\x88" /* :status 200, END_HEADERS, END_STREAM */
#define HEAD       "\0\0\x01\x01\x04\0\0\0\x01\x88" /* the same, and a body follows */
#define HEAD_OPEN  "\0\0\x01\x01\0\0\0\0\x01\x88"   /* more fields follow */
#define MORE_EMPTY "\0\0\0\x09\0\0\0\0\x01"
#define DATA       "\0\0\x04\0\0\0\0\0\x01xxxx"
#define DATA_OF_3  "\0\0\x04\0\0\0\0\0\x03xxxx"
#define RESET      "\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08"
#define RESET_OF_9 "\0\0\x04\x03\0\0\0\0\x09\0\0\0\x08"
#define PING       "\0\0\x08\x06\0\0\0\0\0pingpong"
#define WINDOW     "\0\0\x04\x08\0\0\0\0\x01\x7f\xff\xff\xff"
#define PUSHED     "\0\0\x05\x05\x04\0\0\0\x01\0\0\0\x02\x88"

#define RAW(f)          .server.raw = {f, sizeof(f) - 1, NULL, 0}
#define RAW_AGAIN(f, a) .server.raw = {f, sizeof(f) - 1, a, sizeof(a) - 1}

static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* All requests of a short run fail with `kind` and `message`, on one user's connections. */
static void expect_failures(struct h2_scene *scene, const char *task, const char *kind,
                            const char *message)
{
    char class[256];
    long before_kib = peak_kib();
    snprintf(class, sizeof class, "\"tasks\": [%s]", task);
    h2_scene_set_up(scene, "\"request_timeout\": \"150ms\",", class);
    scene->scene.options.users = 1;
    const struct report *report = h2_scene_run(scene);
    int64_t n = report->metrics.total_requests;
    assert_true(n > 0);
    if (h2_scene_failures(report, kind, message) != n)
        fail_msg("expected %s: %s; found %s: %s", kind, message,
                 report->n_errors ? report->errors[0].kind : "none",
                 report->n_errors ? report->errors[0].message : "no failure");
    assert_true(peak_kib() - before_kib < 100 * 1024);
    h2_scene_tear_down(scene);
}

#define GET "{\"get\": \"/\"}"

static void test_h2_hostile__garbage_instead_of_settings(void **state)
{
    (void)state;
    struct h2_scene ssh = {RAW("SSH-2.0-OpenSSH_9.2\r\n")};
    expect_failures(&ssh, GET, "protocol", "not HTTP/2");
    struct h2_scene http1 = {RAW("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")};
    expect_failures(&http1, GET, "protocol", "not HTTP/2");
    struct h2_scene endless = {RAW_AGAIN("SSH-2.0", "SSH-2.0")};
    expect_failures(&endless, GET, "protocol", "not HTTP/2");
}

static void test_h2_hostile__a_head_without_end(void **state)
{
    (void)state;
    struct h2_scene empty = {RAW_AGAIN(SETTINGS HEAD_OPEN, MORE_EMPTY)};
    expect_failures(&empty, GET, "protocol", "");
    /* Fields of 100 bytes that are not to be indexed. */
    char more[9 + 104] = "\0\0\x68\x09\0\0\0\0\x01\0\x01n\x64";
    memset(more + 13, 'v', 100);
    struct h2_scene full = {.server.raw = {SETTINGS HEAD_OPEN, 19, more, sizeof more}};
    expect_failures(&full, GET, "protocol", "");
}

static void test_h2_hostile__frames_that_break_the_rules(void **state)
{
    (void)state;
    struct h2_scene idle = {RAW(SETTINGS DATA_OF_3)};
    expect_failures(&idle, GET, "protocol", "HTTP/2");
    struct h2_scene early = {RAW(SETTINGS DATA)};
    expect_failures(&early, GET, "protocol", "");
    struct h2_scene window = {RAW(SETTINGS WINDOW WINDOW)};
    expect_failures(&window, GET, "", "");
    struct h2_scene pushed = {RAW(SETTINGS SETTLED PUSHED)};
    expect_failures(&pushed, GET, "protocol", "HTTP/2");
    struct h2_scene reset = {RAW(SETTINGS RESET_OF_9)};
    expect_failures(&reset, GET, "protocol", "HTTP/2");
    struct h2_scene fields = {RAW(SETTINGS "\0\0\x01\x01\x05\0\0\0\x01\xff")};
    expect_failures(&fields, GET, "protocol", "");
}

/* nghttp2 takes 013 for the status of a final response. */
static void test_h2_hostile__a_status_that_is_none(void **state)
{
    (void)state;
    struct h2_scene scene = {RAW(SETTINGS "\0\0\x05\x01\x05\0\0\0\x01\x08\x03"
                                          "013")};
    h2_scene_set_up(&scene, "\"request_timeout\": \"150ms\",", "\"tasks\": [" GET "]");
    const struct report *report = h2_scene_run(&scene);
    assert_int_equal(h2_scene_failures(report, "protocol", "a status below 100"),
                     atomic_load(&scene.server.requests)); /* one for each connection */
    assert_int_equal(report->metrics.total_failures, report->metrics.total_requests);
    h2_scene_tear_down(&scene);
}

static void test_h2_hostile__an_endless_body(void **state)
{
    (void)state;
    struct h2_scene counted = {0};
    expect_failures(&counted, "{\"get\": \"/endless\"}", "timeout", "request timeout");
    struct h2_scene kept = {0};
    expect_failures(&kept, "{\"get\": \"/endless\", \"expect\": {\"body_contains\": \"y\"}}",
                    "timeout", "request timeout");
}

static void test_h2_hostile__a_body_past_all_windows(void **state)
{
    (void)state;
    struct h2_scene scene = {RAW_AGAIN(SETTINGS HEAD, DATA)};
    expect_failures(&scene, GET, "timeout", "request timeout");
}

static void test_h2_hostile__a_window_that_never_opens(void **state)
{
    (void)state;
    struct h2_scene scene = {.server.no_window = true};
    h2_scene_set_up(&scene, "\"request_timeout\": \"150ms\",",
                    "\"tasks\": [{\"steps\": [{\"get\": \"/\"}, {\"post\": \"/upload\", \"body\": "
                    "\"b\"}]}]");
    const struct report *report = h2_scene_run(&scene);
    int64_t uploads = report->endpoints[1].metrics.total_requests;
    assert_true(uploads > 0);
    assert_int_equal(h2_scene_failures(report, "timeout", "request timeout"), uploads);
    assert_int_equal(report->metrics.total_failures, uploads);
    h2_scene_tear_down(&scene);
}

/* What comes behind the end of a response is of no request. */
static void test_h2_hostile__data_behind_the_end(void **state)
{
    (void)state;
    struct h2_scene scene = {RAW(SETTINGS HEAD_END DATA DATA RESET HEAD_END)};
    h2_scene_set_up(&scene, "\"request_timeout\": \"150ms\",", "\"tasks\": [" GET "]");
    const struct report *report = h2_scene_run(&scene);
    assert_true(report->metrics.total_requests > report->metrics.total_failures);
    assert_int_equal(report->metrics.total_requests - report->metrics.total_failures,
                     atomic_load(&scene.server.requests)); /* one for each connection */
    h2_scene_tear_down(&scene);
}

static void test_h2_hostile__floods(void **state)
{
    (void)state;
    struct h2_scene resets = {RAW_AGAIN(SETTINGS RESET, RESET)};
    expect_failures(&resets, GET, "", "");
    struct h2_scene pings = {RAW_AGAIN(SETTINGS, PING)};
    expect_failures(&pings, GET, "", "");
    struct h2_scene settings = {RAW_AGAIN(SETTINGS, SETTINGS)};
    expect_failures(&settings, GET, "", "");
    struct h2_scene interim = {RAW_AGAIN(SETTINGS, "\0\0\x05\x01\x04\0\0\0\x01\x08\x03"
                                                   "103")};
    expect_failures(&interim, GET, "timeout", "request timeout");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_h2_hostile__garbage_instead_of_settings),
        cmocka_unit_test(test_h2_hostile__a_head_without_end),
        cmocka_unit_test(test_h2_hostile__frames_that_break_the_rules),
        cmocka_unit_test(test_h2_hostile__a_status_that_is_none),
        cmocka_unit_test(test_h2_hostile__an_endless_body),
        cmocka_unit_test(test_h2_hostile__a_body_past_all_windows),
        cmocka_unit_test(test_h2_hostile__a_window_that_never_opens),
        cmocka_unit_test(test_h2_hostile__data_behind_the_end),
        cmocka_unit_test(test_h2_hostile__floods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
