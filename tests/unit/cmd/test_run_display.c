#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cmd/run_display.h"

static struct load_progress sample(void)
{
    return (struct load_progress){
        .elapsed_ns = 24 * NS_PER_S,
        .total_ns = 60 * NS_PER_S,
        .users = 100,
        .requests = {48000, 0},
        .n_sides = 1,
        .recent = {{.second = 24, .p50_ms = 1.234, .p95_ms = 5.6, .p99_ms = 12}}};
}

static struct load_progress paired(void)
{
    struct load_progress progress = sample();
    progress.n_sides = 2;
    progress.requests[1] = 47000;
    progress.failures[0] = 3;
    progress.pairs = 31;
    progress.recent[1] = (struct load_recent){.second = 24, .p50_ms = 1, .p95_ms = 2, .p99_ms = 3};
    return progress;
}

/* What is on the screen: `text` without the sequences that move the cursor or colour. */
static void strip(const char *text, char *out)
{
    while (*text) {
        if (*text == '\033') {
            text += strcspn(text, "ABCDHJKm");
            text += *text != 0;
        } else if (*text == '\r') {
            text++;
        } else {
            *out++ = *text++;
        }
    }
    *out = 0;
}

/* Characters of the longest line. */
static size_t widest(const char *text)
{
    size_t columns = 0, most = 0;
    for (; *text; text++) {
        if (*text == '\n')
            columns = 0;
        else if (((unsigned char)*text & 0xc0) != 0x80)
            columns++;
        most = columns > most ? columns : most;
    }
    return most;
}

static void test_run_display__shows_one_side_in_three_lines(void **state)
{
    (void)state;
    struct run_display display = {.utf8 = false};
    struct load_progress progress = sample();
    struct buf out = {0};
    char screen[2048];
    run_display_take(&display, &progress);
    run_display_draw(&display, &progress, 80, &out);
    strip(buf_text(&out), screen);
    assert_string_equal(screen,
                        "measuring   ################........................   40 %  36 s left\n"
                        "100 users  2000 requests/s  0 failures  48000 requests\n"
                        "p50 1.23 ms  p95 5.60 ms  p99 12.0 ms  #\n");
    assert_int_equal(display.drawn, 3);
    buf_release(&out);
}

static void test_run_display__shows_each_side_of_a_pair(void **state)
{
    (void)state;
    struct run_display display = {.utf8 = true, .color = true};
    struct load_progress progress = paired();
    struct buf out = {0};
    char screen[2048];
    run_display_take(&display, &progress);
    run_display_draw(&display, &progress, 100, &out);
    assert_non_null(strstr(buf_text(&out), "\033[31m3 failures\033[0m"));
    strip(buf_text(&out), screen);
    assert_non_null(strstr(screen, "31 pairs of blocks\n"));
    assert_non_null(
        strstr(screen, "candidate   p50 1.23 ms  p95 5.60 ms  p99 12.0 ms  3 failures  \u2588\n"));
    assert_non_null(
        strstr(screen, "base        p50 1.00 ms  p95 2.00 ms  p99 3.00 ms  0 failures  \u2588\n"));
    buf_release(&out);
}

static void test_run_display__fits_any_width(void **state)
{
    (void)state;
    struct load_progress progress = paired();
    for (size_t width = 0; width < 140; width++) {
        struct run_display display = {.utf8 = true, .color = true};
        struct buf out = {0};
        char screen[4096];
        for (int64_t second = 1; second < 100; second++) {
            progress.recent[0].second = progress.recent[1].second = second;
            run_display_take(&display, &progress);
        }
        run_display_draw(&display, &progress, width, &out);
        strip(buf_text(&out), screen);
        assert_true(widest(screen) < (width ? width : 1));
        buf_release(&out);
    }
}

static void test_run_display__has_a_sparkline_from_zero_to_the_largest(void **state)
{
    (void)state;
    struct run_display display = {.utf8 = false};
    struct load_progress progress = sample();
    struct buf out = {0};
    static const double p95_ms[] = {1, 8, 4, 0};
    for (int i = 0; i < 4; i++) {
        progress.recent[0].second = i + 1;
        progress.recent[0].p95_ms = p95_ms[i];
        run_display_take(&display, &progress);
        run_display_take(&display, &progress); /* nothing new */
    }
    run_display_draw(&display, &progress, 80, &out);
    assert_non_null(strstr(buf_text(&out), "  .#=_\033[K"));
    buf_release(&out);
}

static void test_run_display__goes_back_over_what_it_has_drawn(void **state)
{
    (void)state;
    struct run_display display = {0};
    struct load_progress progress = sample();
    struct buf out = {0};
    run_display_erase(&display, 80, &out);
    assert_int_equal(out.len, 0); /* nothing is there */
    run_display_draw(&display, &progress, 80, &out);
    assert_null(strstr(buf_text(&out), "A")); /* the first block begins where the cursor is */
    buf_reset(&out);
    run_display_draw(&display, &progress, 80, &out);
    assert_ptr_equal(strstr(buf_text(&out), "\r\033[3A"), buf_text(&out));
    buf_reset(&out);
    run_display_erase(&display, 40, &out); /* the terminal wrapped two of them */
    assert_string_equal(buf_text(&out), "\r\033[5A\033[J");
    buf_reset(&out);
    run_display_erase(&display, 40, &out);
    assert_int_equal(out.len, 0);
    buf_release(&out);
}

static void test_run_display__counts_the_rate_over_a_second_or_more(void **state)
{
    (void)state;
    struct run_display display = {0};
    struct load_progress progress = {.elapsed_ns = 250 * NS_PER_MS, .requests = {100, 0}};
    run_display_take(&display, &progress);
    assert_int_equal(display.rate, 400);
    progress = (struct load_progress){.elapsed_ns = 500 * NS_PER_MS, .requests = {1000, 0}};
    run_display_take(&display, &progress);
    assert_int_equal(display.rate, 400);
    progress = (struct load_progress){.elapsed_ns = 2250 * NS_PER_MS, .requests = {1050, 50}};
    run_display_take(&display, &progress);
    assert_int_equal(display.rate, 500);
}

static void test_run_display__plain_line(void **state)
{
    (void)state;
    struct run_display display = {0};
    struct load_progress progress = paired();
    struct buf out = {0};
    run_display_take(&display, &progress);
    run_display_line(&display, &progress, &out);
    assert_string_equal(
        buf_text(&out),
        "measuring, 36 s left: 100 users, 3958 requests/s, 95000 requests, 3 failures; "
        "candidate p50 1.23 ms, p95 5.60 ms, p99 12.0 ms; base p50 1.00 ms, p95 2.00 "
        "ms, p99 3.00 ms");
    buf_reset(&out);
    progress = sample();
    progress.recent[0] = (struct load_recent){0};
    progress.warming_up = 1;
    run_display_line(&display, &progress, &out);
    assert_string_equal(buf_text(&out), "warming up, 36 s left: 100 users, 3958 requests/s, 48000 "
                                        "requests, 0 failures");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_display__shows_one_side_in_three_lines),
        cmocka_unit_test(test_run_display__shows_each_side_of_a_pair),
        cmocka_unit_test(test_run_display__fits_any_width),
        cmocka_unit_test(test_run_display__has_a_sparkline_from_zero_to_the_largest),
        cmocka_unit_test(test_run_display__goes_back_over_what_it_has_drawn),
        cmocka_unit_test(test_run_display__counts_the_rate_over_a_second_or_more),
        cmocka_unit_test(test_run_display__plain_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
