/* Numbers over rounds: gauges, counters that are reset, shares, and names that come later. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "monitor/figures.h"
#include "wanted.h"

struct fixture {
    struct scenario scenario;
    struct readout readout;
    struct figures figures;
    struct arena arena;
    struct resource_source source;
};

static void open_with(struct fixture *fixture, const char *members)
{
    *fixture = (struct fixture){0};
    const struct scenario_source *source = wanted_endpoint(&fixture->scenario, members);
    readout_init(&fixture->readout, source);
    figures_init(&fixture->figures, source);
}

static void close_it(struct fixture *fixture)
{
    figures_release(&fixture->figures);
    readout_release(&fixture->readout);
    scenario_release(&fixture->scenario);
    arena_release(&fixture->arena);
}

/* A round of a text; NULL: one that failed. */
static void play(struct fixture *fixture, const char *text, double elapsed_s, bool is_base)
{
    const struct figures_round round = {
        .elapsed_s = elapsed_s, .weight_s = elapsed_s, .health = text ? 1 : 0, .is_base = is_base};
    struct err err = {0};
    figures_open(&fixture->figures);
    if (text)
        assert_int_equal(readout_read(&fixture->readout, (struct span){text, strlen(text)},
                                      figures_take, &fixture->figures, &err),
                         0);
    figures_close(&fixture->figures, &round);
}

static const struct resource_series *series(struct fixture *fixture, const char *name)
{
    fixture->source = (struct resource_source){0};
    figures_report(&fixture->figures, &fixture->arena, &fixture->source);
    return resource_series_find(&fixture->source, name);
}

/* The values in words, "-" for an unknown one. */
static void expect_values(const struct resource_series *series, const char *values)
{
    struct buf text = {0};
    assert_non_null(series);
    for (size_t i = 0; i < series->n_values; i++) {
        buf_add_str(&text, i ? " " : "");
        if (isnan(series->values[i]))
            buf_add_char(&text, '-');
        else
            buf_addf(&text, "%g", series->values[i]);
    }
    assert_string_equal(buf_text(&text), values);
    buf_release(&text);
}

static void test_figures__gauges_are_taken_as_they_are(void **state)
{
    (void)state;
    struct fixture fixture;
    open_with(&fixture, "\"metrics\": {\"g\": {\"key\": \"g\", \"scale\": 0.5, \"unit\": \"mb\"}}");
    play(&fixture, "g=100", 0, true);
    play(&fixture, "g=2", 1, false);
    play(&fixture, NULL, 1, false);
    play(&fixture, "g=4", 3, false);
    const struct resource_series *g = series(&fixture, "g");
    expect_values(g, "1 - 2");
    assert_float_equal(g->average, 1.75, 1e-12);
    assert_int_equal(g->unit, RESOURCE_MB);
    close_it(&fixture);
}

static void test_figures__counters_become_rates(void **state)
{
    (void)state;
    struct fixture fixture;
    open_with(&fixture, "\"metrics\": {\"c\": {\"key\": \"c\", \"counter\": true}}");
    play(&fixture, "c=100", 0, true);
    play(&fixture, "c=110", 0.5, false); /* 20 a second */
    play(&fixture, NULL, 1, false);      /* nothing known */
    play(&fixture, "c=140", 1, false);   /* over both: 15 */
    play(&fixture, "c=5", 1, false);     /* it was reset */
    play(&fixture, "c=8", 1, false);     /* and goes on */
    play(&fixture, "c=9", 0, false);     /* too short a time */
    play(&fixture, "c=12", 2, false);    /* which counts in the next */
    const struct resource_series *c = series(&fixture, "c");
    expect_values(c, "20 - 15 - 3 - 2");
    assert_int_equal(c->unit, RESOURCE_PER_S);
    close_it(&fixture);
}

static void test_figures__shares_of_what_grew(void **state)
{
    (void)state;
    struct fixture fixture;
    open_with(&fixture,
              "\"metrics\": {\"r\": {\"key\": \"h\", \"of\": [\"h\", \"m\"], \"counter\": "
              "true}}");
    play(&fixture, "h=100\nm=900", 0, true);
    play(&fixture, "h=103\nm=901", 1, false);
    play(&fixture, "h=103\nm=901", 1, false); /* nothing happened */
    play(&fixture, "h=104", 1, false);        /* a part is missing */
    play(&fixture, "h=104\nm=904", 1, false);
    play(&fixture, "h=105\nm=0", 1, false); /* one of both was reset */
    const struct resource_series *r = series(&fixture, "r");
    expect_values(r, "0.75 - - 0.25 -");
    assert_int_equal(r->unit, RESOURCE_RATIO);
    close_it(&fixture);
}

static void test_figures__shares_of_gauges(void **state)
{
    (void)state;
    struct fixture fixture;
    open_with(&fixture, "\"metrics\": {\"r\": {\"key\": \"u\", \"of\": [\"u\", \"f\"]}}");
    play(&fixture, "u=1\nf=3", 1, false);
    play(&fixture, "u=0\nf=0", 1, false);
    expect_values(series(&fixture, "r"), "0.25 -");
    close_it(&fixture);
}

static void test_figures__each_name_is_a_series(void **state)
{
    (void)state;
    struct fixture fixture;
    open_with(&fixture, "\"metrics\": {\"use\": {\"pointer\": \"/u\", \"each\": true, \"counter\": "
                        "true}, \"use.de\": {\"pointer\": \"/x\"}}");
    play(&fixture, "{\"u\": {\"fr\": 1}}", 0, true);
    play(&fixture, "{\"u\": {\"fr\": 3, \"at\": 1}, \"x\": 9}", 1, false);
    play(&fixture, "{\"u\": {\"fr\": 3, \"at\": 5, \"de\": 2, \"\": 1, \"a\\nb\": 1}}", 1, false);
    play(&fixture, "{\"u\": {\"fr\": 3, \"at\": 5, \"de\": 3}}", 1, false);
    expect_values(series(&fixture, "use.fr"), "2 0 0");
    expect_values(series(&fixture, "use.at"), "- 4 0");
    expect_values(series(&fixture, "use.de"), "9 - -"); /* the metric's own name goes before */
    assert_int_equal(fixture.source.n_series, 3);
    assert_true(fixture.figures.left_out);
    close_it(&fixture);
}

static void test_figures__names_are_bounded(void **state)
{
    (void)state;
    struct fixture fixture;
    struct buf text = {0};
    open_with(&fixture, "\"metrics\": {\"e\": {\"sample\": \"a\", \"each\": \"l\"}}");
    for (int i = 0; i < 3 * FIGURES_EACH; i++)
        buf_addf(&text, "a{l=\"%d\"} 1\n", i);
    play(&fixture, buf_text(&text), 1, false);
    play(&fixture, "a{l=\"\xff\"} 1\na{l=\"0\"} 1\na{l=\"0\"} 2\n", 1, false);
    expect_values(series(&fixture, "e.0"), "1 3"); /* what has one name adds up */
    assert_int_equal(fixture.source.n_series, FIGURES_EACH);
    close_it(&fixture);
    buf_release(&text);
}

static void test_figures__numbers_fit_a_report(void **state)
{
    (void)state;
    struct fixture fixture;
    open_with(&fixture,
              "\"metrics\": {\"g\": {\"key\": \"g\", \"scale\": 1000000}, \"h\": {\"key\": "
              "\"h\"}}");
    play(&fixture, "g=1e12\nh=1e300", 1, false);
    play(&fixture, "g=1\nh=-1e300", 1, false);
    expect_values(series(&fixture, "g"), "- 1e+06");
    assert_null(series(&fixture, "h"));
    assert_string_equal(figures_unknown(&fixture.figures)->name, "h");
    close_it(&fixture);
}

static void test_figures__health_is_a_series(void **state)
{
    (void)state;
    struct fixture fixture;
    open_with(&fixture, "\"health\": true");
    play(&fixture, "", 0, true);
    play(&fixture, "", 1, false);
    play(&fixture, NULL, 3, false);
    const struct resource_series *health = series(&fixture, "availability");
    expect_values(health, "1 0");
    assert_float_equal(health->average, 0.25, 1e-12);
    assert_null(figures_unknown(&fixture.figures));
    close_it(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures__gauges_are_taken_as_they_are),
        cmocka_unit_test(test_figures__counters_become_rates),
        cmocka_unit_test(test_figures__shares_of_what_grew),
        cmocka_unit_test(test_figures__shares_of_gauges),
        cmocka_unit_test(test_figures__each_name_is_a_series),
        cmocka_unit_test(test_figures__names_are_bounded),
        cmocka_unit_test(test_figures__numbers_fit_a_report),
        cmocka_unit_test(test_figures__health_is_a_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
