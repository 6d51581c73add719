/* The rows of a probe's table, and what they grew by. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "monitor/ledger.h"
#include "wanted.h"

#define TABLE(more)                                                                                \
    "\"command\": [\"x\"], \"when\": \"around\", \"format\": \"csv\", \"table\": {\"key\": "       \
    "\"q\", "                                                                                      \
    "\"columns\": [\"calls\", \"ms\"]" more "}"

static struct span span_of(const char *text)
{
    return (struct span){text, strlen(text)};
}

static void read_rows(const struct scenario_table *table, bool is_csv, const char *text,
                      struct arena *arena, struct ledger *out)
{
    struct err err = {0};
    if (ledger_read(table, is_csv, span_of(text), arena, out, &err) < 0)
        fail_msg("%s", err.text);
}

/* Rows as "key:value,value" in order. */
static void expect_rows(const struct resource_table *table, const char *rows)
{
    struct buf text = {0};
    for (size_t i = 0; i < table->n_rows; i++)
        buf_addf(&text, "%s%s:%g,%g", i ? " " : "", table->rows[i].key, table->rows[i].values[0],
                 table->rows[i].values[1]);
    assert_string_equal(buf_text(&text), rows);
    buf_release(&text);
}

static void test_ledger__rows_grow(void **state)
{
    (void)state;
    struct scenario scenario;
    struct arena arena = {0};
    struct ledger before, after;
    struct resource_table table = {0};
    const struct scenario_source *probe = wanted_probe(&scenario, TABLE(", \"top\": 3"));
    read_rows(probe->table, true,
              "ms,q,calls,more\n1.5,a,1,x\n2,still,2,x\n9,fell,9,x\n1,less,5,x\n", &arena, &before);
    read_rows(probe->table, true,
              "q,calls,ms\na,3,4\nstill,2,2\nfell,1,20\nnew,1,7\nless,6,1.25\nmany,1,0.125\n",
              &arena, &after);
    ledger_report(probe->table, &before, &after, &arena, &table);
    expect_rows(&table, "new:1,7 a:2,2.5 less:1,0.25");
    assert_string_equal(table.by, "ms");
    assert_string_equal(table.per, "calls");
    assert_true(table.difference);
    table = (struct resource_table){0};
    ledger_report(probe->table, NULL, &before, &arena, &table);
    expect_rows(&table, "fell:9,9 still:2,2 a:1,1.5");
    arena_release(&arena);
    scenario_release(&scenario);
}

static void test_ledger__json_rows(void **state)
{
    (void)state;
    struct scenario scenario;
    struct arena arena = {0};
    struct ledger rows;
    struct resource_table table = {0};
    const struct scenario_source *probe = wanted_probe(&scenario, TABLE(""));
    read_rows(probe->table, false,
              "[{\"q\": \"b\", \"calls\": 2, \"ms\": 1}, {\"q\": \"b\", \"calls\": 1, \"ms\": 4, "
              "\"x\": []}, {\"q\": \"a\", \"calls\": 1, \"ms\": null}]",
              &arena, &rows);
    assert_int_equal(rows.n, 2); /* equal keys add up */
    ledger_report(probe->table, NULL, &rows, &arena, &table);
    expect_rows(&table, "b:3,5 a:1,nan");
    arena_release(&arena);
    scenario_release(&scenario);
}

static void test_ledger__keys_fit_a_report(void **state)
{
    (void)state;
    struct scenario scenario;
    struct arena arena = {0};
    struct ledger rows;
    struct buf text = {0};
    const struct scenario_source *probe = wanted_probe(&scenario, TABLE(""));
    buf_add_str(&text, "q,calls,ms\n\"  SELECT\n\t a\x01"
                       "b  \",1,1\n");
    for (int i = 0; i < RESOURCE_KEY_LIMIT; i++)
        buf_add_str(&text, "\xc3\xa4"); /* two bytes: the limit is between two of them */
    buf_add_str(&text, ",1,1\nx");
    for (int i = 0; i < RESOURCE_KEY_LIMIT; i++)
        buf_add_str(&text, "\xc3\xa4"); /* and here within one */
    buf_add_str(&text, ",1,1\n");
    read_rows(probe->table, true, buf_text(&text), &arena, &rows);
    assert_int_equal(rows.n, 3);
    assert_string_equal(rows.items[0].key, "SELECT a b");
    assert_int_equal(strlen(rows.items[1].key), RESOURCE_KEY_LIMIT - 1);
    assert_int_equal(strlen(rows.items[2].key), RESOURCE_KEY_LIMIT);
    buf_release(&text);
    arena_release(&arena);
    scenario_release(&scenario);
}

static void test_ledger__what_is_no_table(void **state)
{
    (void)state;
    static const struct {
        bool is_csv;
        const char *text, *message;
    } tries[] = {
        {true, "q,calls\na,1\n", "the output has no column 'ms'"},
        {true, "k,calls,ms\na,1,2\n", "the output has no column 'q'"},
        {true, "", "line"},
        {true, "psql: error: no server", ""},
        {false, "{\"q\": 1}", "expected an array of objects"},
        {false, "[1]", "expected an object"},
        {false, "[{\"q\": 1, \"calls\": 1, \"ms\": 1}]", "expected a string"},
        {false, "[{\"q\": \"a\", \"calls\": 1}]", "the output has no column 'ms'"},
        {false, "[", ""},
    };
    struct scenario scenario;
    struct arena arena = {0};
    const struct scenario_source *probe = wanted_probe(&scenario, TABLE(""));
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        struct ledger rows;
        struct err err = {0};
        if (ledger_read(probe->table, tries[i].is_csv, span_of(tries[i].text), &arena, &rows,
                        &err) == 0)
            fail_msg("'%s' was taken", tries[i].text);
        if (i != 2 && !strstr(err.text, tries[i].message))
            fail_msg("'%s' is not in '%s'", tries[i].message, err.text);
    }
    arena_release(&arena);
    scenario_release(&scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger__rows_grow),
        cmocka_unit_test(test_ledger__json_rows),
        cmocka_unit_test(test_ledger__keys_fit_a_report),
        cmocka_unit_test(test_ledger__what_is_no_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
