/* Tables of resources: what is refused, parts that unite, two sides of one database, and what
 * changed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "model/report.h"
#include "model/resource_change.h"
#include "model/resource_table.h"

#define HEAD                                                                                       \
    "{\"total_requests\":1,\"total_failures\":0,\"requests_per_second\":1,"                        \
    "\"average_response_time\":1,\"95th_percentile\":1,\"99th_percentile\":1,"                     \
    "\"schema\":\"perfgate.report/1\",\"valid\":true,\"resources\":{\"sources\":[{\"name\":\"p\"," \
    "\"kind\":\"application\",\"series\":[],\"tables\":["
#define TAIL "]}]}}"

static int decode(const char *tables, struct report *report, struct err *err)
{
    struct buf text = {0};
    *report = (struct report){0};
    *err = (struct err){0};
    buf_addf(&text, HEAD "%s" TAIL, tables);
    int status = report_decode(buf_text(&text), text.len, "r", report, err);
    buf_release(&text);
    return status;
}

#define ROWS(rows) "{\"name\":\"t\",\"by\":\"ms\",\"columns\":[\"ms\",\"n\"],\"rows\":[" rows "]}"
#define SUMS(rows)                                                                                 \
    "{\"name\":\"t\",\"by\":\"ms\",\"per\":\"n\",\"difference\":true,\"columns\":[\"ms\",\"n\"],"  \
    "\"rows\":[" rows "]}"
#define ROW(key, values) "{\"key\":\"" key "\",\"values\":[" values "]}"

static void test_resource_table__refuses_what_contradicts_itself(void **state)
{
    (void)state;
    static const struct {
        const char *tables, *message;
    } tries[] = {
        {ROWS(ROW("a", "1")), "expected 2 values in row 0, found 1"},
        {ROWS(ROW("a", "1,2") "," ROW("a", "1,2")), "the row 'a' is there twice"},
        {"{\"name\":\"t\",\"by\":\"x\",\"columns\":[\"ms\"],\"rows\":[]}", "to be columns"},
        {"{\"name\":\"t\",\"by\":\"ms\",\"per\":\"x\",\"columns\":[\"ms\"],\"rows\":[]}",
         "to be columns"},
        {"{\"name\":\"t\",\"by\":\"ms\",\"columns\":[],\"rows\":[]}", "expected 1 to 16 columns"},
        {ROWS("") "," ROWS("") "," ROWS("") "," ROWS("") "," ROWS("") "," ROWS("") "," ROWS(
             "") "," ROWS("") "," ROWS(""),
         "tables: expected up to 8"},
    };
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        struct report report;
        struct err err;
        if (decode(tries[i].tables, &report, &err) == 0)
            fail_msg("taken: %s", tries[i].tables);
        if (!strstr(err.text, tries[i].message))
            fail_msg("'%s' is not in '%s'", tries[i].message, err.text);
    }
}

static void test_resource_table__keys_and_rows_are_bounded(void **state)
{
    (void)state;
    struct report report;
    struct err err;
    struct buf text = {0};
    buf_add_str(&text, "{\"name\":\"t\",\"by\":\"a\",\"columns\":[\"a\"],\"rows\":[{\"key\":\"");
    buf_add_repeat(&text, 'x', RESOURCE_KEY_LIMIT + 1);
    buf_add_str(&text, "\",\"values\":[1]}]}");
    assert_int_equal(decode(buf_text(&text), &report, &err), -1);
    assert_non_null(strstr(err.text, "a key of up to 500 bytes"));
    buf_reset(&text);
    buf_add_str(&text, "{\"name\":\"t\",\"by\":\"a\",\"columns\":[\"a\"],\"rows\":[");
    for (int i = 0; i <= REPORT_TABLE_ROWS; i++)
        buf_addf(&text, "%s{\"key\":\"%d\",\"values\":[1]}", i ? "," : "", i);
    buf_add_str(&text, "]}");
    assert_int_equal(decode(buf_text(&text), &report, &err), -1);
    assert_non_null(strstr(err.text, "expected up to 100 rows, found 101"));
    buf_release(&text);
}

static void take(const char *tables, struct report *report)
{
    struct err err;
    if (decode(tables, report, &err) < 0)
        fail_msg("%s", err.text);
}

static const struct resource_table *table_of(const struct report *report)
{
    return &report->resources->sources[0].tables[0];
}

static void test_resource_table__parts_unite(void **state)
{
    (void)state;
    for (int sums = 0; sums < 2; sums++) {
        struct report a, b;
        struct arena arena = {0};
        take(sums ? SUMS(ROW("x", "1,1") "," ROW("y", "5,2"))
                  : ROWS(ROW("x", "1,1") "," ROW("y", "5,2")),
             &a);
        take(sums ? SUMS(ROW("x", "9,3") "," ROW("z", "2,1"))
                  : ROWS(ROW("x", "9,3") "," ROW("z", "2,1")),
             &b);
        const struct report *const parts[] = {&a, &b};
        const struct report merged = {.resources = report_resources_merge(parts, 2, &arena)};
        const struct resource_table *table = table_of(&merged);
        assert_int_equal(table->n_rows, 3);
        const struct resource_row *x = resource_row_find(table, "x");
        assert_true(x->values[0] == (sums ? 10 : 1));
        assert_true(x->values[1] == (sums ? 4 : 1));
        assert_string_equal(table->rows[0].key, sums ? "x" : "y"); /* most of `by` */
        arena_release(&arena);
        report_release(&a);
        report_release(&b);
    }
}

static void test_resource_table__one_database_is_seen(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool agree;
    } tries[] = {
        {ROWS(ROW("x", "1.5,1")), ROWS(ROW("x", "1.5,1")), true},
        {ROWS(ROW("x", "1.5,1")), ROWS(ROW("x", "1.25,1")), false},
        {ROWS(ROW("x", "1.5,1")), ROWS(ROW("y", "1.5,1")), false},
        {ROWS(ROW("x", "3,1")), ROWS(ROW("x", "3,1")), false}, /* equal work on two of them */
        {ROWS(ROW("x", "1.5,1") "," ROW("y", "2.5,7")),
         ROWS(ROW("x", "1.5,1") "," ROW("y", "2.5,8")), true}, /* the probe's own query */
        {ROWS(ROW("x", "1.5,1") "," ROW("y", "2.5,7") "," ROW("z", "1,1")),
         ROWS(ROW("x", "1.5,1") "," ROW("y", "2.5,8") "," ROW("z", "2,1")), false},
        {ROWS(""), ROWS(""), false},
    };
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        struct report a, b;
        take(tries[i].a, &a);
        take(tries[i].b, &b);
        assert_int_equal(resource_tables_agree(table_of(&a), table_of(&b)), tries[i].agree);
        report_release(&a);
        report_release(&b);
    }
}

static void test_resource_table__what_changed_most(void **state)
{
    (void)state;
    struct report a, b;
    struct arena arena = {0};
    take(SUMS(ROW("same", "100,100") "," ROW("often", "30,1000") "," ROW("new", "9,3") "," ROW(
             "worse", "8,2") "," ROW("none", "4,0") "," ROW("better", "1,100")),
         &a);
    take(SUMS(ROW("same", "100,100") "," ROW("better", "50,100") "," ROW(
             "often", "20,1000") "," ROW("gone", "7,7") "," ROW("worse", "1,1")),
         &b);
    const struct resource_change *changes = resource_changes(table_of(&a), table_of(&b), &arena);
    /* What the base did not keep had no more than its last row, 1: 8 and 3 more at least. */
    static const char *const order[] = {"better", "often", "new", "worse", "none", "same"};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        assert_string_equal(changes[i].row->key, order[i]);
    assert_float_equal(changes[3].each, 4, 1e-12);
    assert_float_equal(changes[3].base_each, 1, 1e-12);
    assert_float_equal(changes[3].ratio, 4, 1e-12);
    assert_null(changes[2].base);
    assert_true(isnan(changes[4].each));
    changes = resource_changes(table_of(&a), NULL, &arena);
    assert_string_equal(changes[0].row->key, "same");
    assert_true(isnan(changes[0].ratio));
    arena_release(&arena);
    report_release(&a);
    report_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resource_table__refuses_what_contradicts_itself),
        cmocka_unit_test(test_resource_table__keys_and_rows_are_bounded),
        cmocka_unit_test(test_resource_table__parts_unite),
        cmocka_unit_test(test_resource_table__one_database_is_seen),
        cmocka_unit_test(test_resource_table__what_changed_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
