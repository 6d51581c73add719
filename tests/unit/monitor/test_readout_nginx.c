/* nginx's stub_status, by the text that its documentation shows and by worse ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/readout.h"

enum { N_KEYS = 8 };

static const char *const keys[N_KEYS] = {"active",  "accepts", "handled", "requests",
                                         "reading", "writing", "waiting", "request_time"};

struct found {
    double numbers[N_KEYS];
    size_t times[N_KEYS];
};

static void take(void *context, const struct readout_number *number)
{
    struct found *found = context;
    assert_null(number->each.at);
    assert_false(number->is_whole);
    found->numbers[number->metric] = number->number;
    found->times[number->metric]++;
}

/* What each key was given, from a copy that ends where the text does. */
static void read_text(const char *text, size_t len, struct found *found)
{
    struct scenario_metric metrics[N_KEYS] = {{0}};
    struct scenario_source source = {.format = FORMAT_NGINX,
                                     .metrics = {.n = N_KEYS, .items = metrics}};
    struct readout readout;
    struct err err = {0};
    char *copy = test_malloc(len + 1);
    memcpy(copy, text, len);
    for (size_t i = 0; i < N_KEYS; i++)
        metrics[i] = (struct scenario_metric){.name = keys[i], .kind = PLACE_KEY, .place = keys[i]};
    *found = (struct found){0};
    readout_init(&readout, &source);
    assert_int_equal(readout_read(&readout, (struct span){copy, len}, take, found, &err), 0);
    readout_release(&readout);
    test_free(copy);
}

static void expect(const char *text, const double wanted[N_KEYS])
{
    struct found found;
    read_text(text, strlen(text), &found);
    for (size_t i = 0; i < N_KEYS; i++) {
        assert_int_equal(found.times[i], wanted[i] >= 0);
        if (wanted[i] >= 0)
            assert_true(found.numbers[i] >= wanted[i] && found.numbers[i] <= wanted[i]);
    }
}

static void test_readout_nginx__reads_the_documented_text(void **state)
{
    (void)state;
    expect("Active connections: 291 \n"
           "server accepts handled requests\n"
           " 16630948 16630946 31070465 \n"
           "Reading: 6 Writing: 179 Waiting: 106 \n",
           (const double[N_KEYS]){291, 16630948, 16630946, 31070465, 6, 179, 106, -1});
}

static void test_readout_nginx__takes_more_columns_and_other_line_ends(void **state)
{
    (void)state;
    expect("Active connections: 1\r\n"
           "server accepts handled requests request_time\r\n"
           " 1140 1139 1138 75806\r\n"
           "Reading:0 Writing:1 Waiting:2",
           (const double[N_KEYS]){1, 1140, 1139, 1138, 0, 1, 2, 75806});
}

static void test_readout_nginx__does_not_know_what_is_not_there(void **state)
{
    (void)state;
    static const double nothing[N_KEYS] = {-1, -1, -1, -1, -1, -1, -1, -1};
    expect("", nothing);
    expect("<html>\n<h1>404 Not Found</h1>\n", nothing);
    expect("server accepts handled requests", nothing);
    expect("server accepts handled requests\n", nothing);
    expect("server accepts handled requests\n\n1 2 3\n", nothing);
    expect("Active connections:", nothing);
    expect("Active connections: many\n", nothing);
    expect("Active connections: nan\nReading: inf Writing: 1e999\n", nothing);
    expect(":::: : :\n: 4\n", nothing);
    expect("server accepts\n 7 8 9\n", (const double[N_KEYS]){-1, 7, -1, -1, -1, -1, -1, -1});
}

static void test_readout_nginx__stands_any_cut_and_any_byte(void **state)
{
    (void)state;
    static const char text[] = "Active connections: 291 \nserver accepts handled requests\n"
                               " 16630948 16630946 31070465 \nReading: 6 Writing: 179 Waiting: 6";
    struct found found;
    for (size_t len = 0; len < sizeof text; len++)
        read_text(text, len, &found);
    for (size_t i = 0; i + 1 < sizeof text; i++) {
        char copy[sizeof text];
        static const char bytes[] = {0, '\n', ':', ' ', -1};
        memcpy(copy, text, sizeof text);
        for (size_t k = 0; k < sizeof bytes; k++) {
            copy[i] = bytes[k];
            read_text(copy, sizeof text - 1, &found);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readout_nginx__reads_the_documented_text),
        cmocka_unit_test(test_readout_nginx__takes_more_columns_and_other_line_ends),
        cmocka_unit_test(test_readout_nginx__does_not_know_what_is_not_there),
        cmocka_unit_test(test_readout_nginx__stands_any_cut_and_any_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
