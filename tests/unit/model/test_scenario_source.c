/* Endpoints and probes of a scenario: what is refused, and what is meant by default. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "model/report_resources.h"
#include "model/scenario.h"

static int decode(const char *monitor, struct scenario *scenario, struct err *err)
{
    struct buf text = {0};
    *scenario = (struct scenario){0};
    *err = (struct err){0};
    buf_addf(
        &text,
        "{\"schema\": \"perfgate.scenario/1\", \"name\": \"t\", \"monitor\": {%s}, \"classes\": "
        "[{\"name\": \"c\", \"tasks\": [{\"get\": \"/\"}]}]}",
        monitor);
    int status = scenario_decode(buf_text(&text), text.len, "t", scenario, err);
    buf_release(&text);
    return status;
}

static void expect_good(const char *monitor, struct scenario *scenario)
{
    struct err err;
    if (decode(monitor, scenario, &err) < 0)
        fail_msg("%s", err.text);
}

#define ENDPOINT(members) "\"endpoints\": [{\"name\": \"app\", " members "}]"
#define PROBE(members)    "\"probes\": [{\"name\": \"p\", " members "}]"
#define METRICS(metric)   "\"metrics\": {\"m\": " metric "}"
#define POINTER           METRICS("{\"pointer\": \"/m\"}")
#define COLUMN            METRICS("{\"column\": \"m\"}")

/* What is refused, and what the sentence has to say. */
static const struct {
    const char *monitor, *message;
} tries[] = {
    {ENDPOINT(POINTER), "expected either \"path\", on the target, or \"url\""},
    {ENDPOINT("\"path\": \"/a\", \"url\": \"http://h/\", " POINTER), "expected either"},
    {ENDPOINT("\"path\": \"a\", " POINTER), "begins with '/'"},
    {ENDPOINT("\"path\": \"/a\""), "nothing is asked of it"},
    {ENDPOINT("\"path\": \"/a\", \"command\": [\"x\"], " POINTER), "command"},
    {ENDPOINT("\"path\": \"/a\", \"every\": \"100ms\", " POINTER), "every: expected 250ms to 1h"},
    {ENDPOINT("\"path\": \"/a\", \"timeout\": \"2m\", " POINTER), "timeout: expected 10ms"},
    {ENDPOINT("\"path\": \"/a\", \"side\": \"both\", " POINTER), "each side's own target"},
    {ENDPOINT("\"path\": \"/a\", " METRICS("{}")), "expected one of \"pointer\""},
    {ENDPOINT("\"path\": \"/a\", " METRICS("{\"pointer\": \"/a\", \"key\": \"a\"}")), "found 2"},
    {ENDPOINT("\"path\": \"/a\", " METRICS("{\"pointer\": \"a\"}")), "no JSON pointer"},
    {ENDPOINT("\"path\": \"/a\", " METRICS("{\"sample\": \"a b\"}")), "the name of a sample"},
    {ENDPOINT("\"path\": \"/a\", " METRICS("{\"key\": \"\"}")), "found an empty one"},
    {ENDPOINT("\"path\": \"/a\", " METRICS("{\"pointer\": \"/a\", \"of\": [\"b\"]}")),
     "no JSON pointer"},
    {ENDPOINT(
         "\"path\": \"/a\", " METRICS("{\"pointer\": \"/a\", \"each\": true, \"of\": [\"/b\"]}")),
     "do not go together"},
    {ENDPOINT("\"path\": \"/a\", " METRICS("{\"key\": \"a\", \"each\": \"b\"}")),
     "does not go with 'key'"},
    {ENDPOINT("\"path\": \"/a\", " METRICS("{\"pointer\": \"/a\", \"each\": \"b\"}")),
     "expected true with 'pointer'"},
    {ENDPOINT("\"path\": \"/a\", " METRICS("{\"sample\": \"a\", \"each\": true}")),
     "expected the name of a label"},
    {ENDPOINT("\"path\": \"/a\", " METRICS("{\"pointer\": \"/a\", \"unit\": \"furlongs\"}")),
     "unit"},
    {ENDPOINT("\"path\": \"/a\", \"format\": \"csv\", " POINTER), "expected 'column'"},
    {ENDPOINT("\"path\": \"/a\", \"metrics\": {\"a\": {\"pointer\": \"/a\"}, \"b\": {\"key\": "
              "\"b\"}}"),
     "expected 'pointer' of all of them, found 'key' of 'b'"},
    {ENDPOINT("\"path\": \"/a\", \"metrics\": {\"error_rate\": {\"pointer\": \"/a\"}}"),
     "'error_rate' is a figure of every report"},
    {ENDPOINT("\"path\": \"/a\", \"metrics\": {\"availability\": {\"pointer\": \"/a\"}}"),
     "choose another name"},
    {ENDPOINT("\"path\": \"/a\", \"metrics\": {\"a b\": {\"pointer\": \"/a\"}}"),
     "expected a name of 1 to 64 letters"},
    {"\"endpoints\": [{\"name\": \"machine\", \"path\": \"/a\", " POINTER "}]", "is taken"},
    {"\"endpoints\": [{\"name\": \"a\", \"path\": \"/a\", " POINTER "}], \"probes\": [{\"name\": "
     "\"a\", \"command\": [\"x\"], " COLUMN "}]",
     "the name 'a' is taken"},
    {"\"endpoints\": [{\"name\": \"a\", \"path\": \"/a\", " POINTER "}], \"probes\": [{\"name\": "
     "\"b\", \"command\": [\"x\"], " COLUMN "}]",
     "'m' is a name of another source, too"},
    {"\"processes\": [{\"name\": \"a\", \"port\": 1}], \"endpoints\": [{\"name\": \"a\", "
     "\"path\": \"/a\", " POINTER "}]",
     "the name 'a' is taken"},
    {ENDPOINT("\"path\": \"/a\", \"headers\": {\"X\": \"${token}\"}, " POINTER),
     "nothing fills '${token}'"},
    {PROBE(POINTER), "command"},
    {PROBE("\"command\": [], " POINTER), "expected a program"},
    {PROBE("\"command\": [\"x\"]"), "nothing is asked of it"},
    {PROBE("\"command\": [\"x\"], \"path\": \"/a\", " POINTER), "path"},
    {PROBE("\"command\": [\"x\"], \"when\": \"after\", " METRICS(
         "{\"key\": \"a\", \"counter\": true}")),
     "'m' is a counter, which takes two readings"},
    {PROBE("\"command\": [\"x\"], \"when\": \"around\", \"table\": {\"key\": \"q\", \"columns\": "
           "[\"a\"]}"),
     "expected \"format\": \"csv\" or \"json\""},
    {PROBE("\"command\": [\"x\"], \"format\": \"csv\", \"table\": {\"key\": \"q\", \"columns\": "
           "[\"a\"]}"),
     "expected \"when\": \"around\" with a difference"},
    {PROBE("\"command\": [\"x\"], \"format\": \"csv\", \"when\": \"around\", \"table\": "
           "{\"key\": "
           "\"q\", \"columns\": [\"a\"], \"by\": \"b\"}"),
     "'by' and 'per': expected names of its columns"},
    {PROBE("\"command\": [\"x\"], \"format\": \"csv\", \"when\": \"around\", \"table\": "
           "{\"key\": "
           "\"q\", \"columns\": [\"a\", \"a\"]}"),
     "'a' is there twice"},
    {PROBE("\"command\": [\"x\"], \"format\": \"csv\", \"when\": \"around\", \"table\": "
           "{\"key\": "
           "\"q\", \"columns\": []}"),
     "columns: expected 1 to 8"},
    {PROBE("\"command\": [\"x\"], \"format\": \"csv\", \"when\": \"around\", \"table\": "
           "{\"key\": "
           "\"q\", \"columns\": [\"a\"], \"top\": 21}"),
     "top"},
};

static void test_scenario_source__refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        struct scenario scenario;
        struct err err;
        if (decode(tries[i].monitor, &scenario, &err) == 0)
            fail_msg("taken: %s", tries[i].monitor);
        if (!strstr(err.text, tries[i].message))
            fail_msg("'%s' is not in '%s'", tries[i].message, err.text);
    }
}

static void test_scenario_source__numbers_are_bounded(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err;
    struct buf text = {0};
    buf_add_str(&text, "\"endpoints\": [{\"name\": \"a\", \"path\": \"/\", \"metrics\": {");
    for (int i = 0; i <= SCENARIO_METRICS; i++)
        buf_addf(&text, "%s\"m%d\": {\"pointer\": \"/a\"}", i ? ", " : "", i);
    buf_add_str(&text, "}}]");
    assert_int_equal(decode(buf_text(&text), &scenario, &err), -1);
    assert_non_null(strstr(err.text, "expected up to 32, found 33"));
    buf_reset(&text);
    buf_add_str(&text, "\"endpoints\": [{\"name\": \"a\", \"path\": \"/\", \"metrics\": {");
    for (int i = 0; i <= SCENARIO_EACH; i++)
        buf_addf(&text, "%s\"m%d\": {\"pointer\": \"/a\", \"each\": true}", i ? ", " : "", i);
    buf_add_str(&text, "}}]");
    assert_int_equal(decode(buf_text(&text), &scenario, &err), -1);
    assert_non_null(strstr(err.text, "expected up to 4 with 'each', found 5"));
    buf_reset(&text);
    buf_add_str(&text, "\"endpoints\": [");
    for (int i = 0; i <= SCENARIO_ENDPOINTS; i++)
        buf_addf(&text,
                 "%s{\"name\": \"a%d\", \"path\": \"/\", \"metrics\": {\"m%d\": {\"key\": "
                 "\"a\"}}}",
                 i ? ", " : "", i, i);
    buf_add_str(&text, "]");
    assert_int_equal(decode(buf_text(&text), &scenario, &err), -1);
    assert_non_null(strstr(err.text, "expected up to 8, found 9"));
    buf_reset(&text);
    buf_add_str(&text,
                ENDPOINT("\"path\": \"/a\", \"metrics\": {\"m\": {\"key\": \"a\", \"of\": ["));
    text.len -= 2; /* without the ends that ENDPOINT() adds */
    for (int i = 0; i <= 16; i++)
        buf_addf(&text, "%s\"a%d\"", i ? ", " : "", i);
    buf_add_str(&text, "]}}}]");
    assert_int_equal(decode(buf_text(&text), &scenario, &err), -1);
    assert_non_null(strstr(err.text, "of: expected up to 16, found 17"));
    buf_release(&text);
}

static void test_scenario_source__defaults(void **state)
{
    (void)state;
    struct scenario scenario;
    expect_good(
        "\"endpoints\": [{\"name\": \"a\", \"path\": \"/a\", \"metrics\": {\"g\": "
        "{\"pointer\": \"/g\"}, \"c\": {\"pointer\": \"/c\", \"counter\": true}, \"r\": "
        "{\"pointer\": \"/r\", \"of\": [\"/r\"]}}}, {\"name\": \"b\", \"url\": "
        "\"http://h/\", \"health\": true}], \"probes\": [{\"name\": \"c\", \"command\": "
        "[\"x\"], \"when\": \"around\", \"metrics\": {\"k\": {\"key\": \"k\", \"counter\": "
        "true}}}, {\"name\": \"d\", \"command\": [\"sh\", \"-c\", \"echo "
        "$PERFGATE_SIDE\"], \"format\": \"csv\", \"when\": \"around\", \"table\": {\"key\": "
        "\"q\", \"columns\": [\"calls\", \"ms\"]}}]",
        &scenario);
    const struct scenario_source *a = scenario_source_at(&scenario.monitor, 0);
    assert_int_equal(a->every_ns, NS_PER_S);
    assert_int_equal(a->timeout_ns, NS_PER_S);
    assert_int_equal(a->side, SCENARIO_SIDES);
    assert_int_equal(a->metrics.items[0].unit, RESOURCE_PLAIN);
    assert_int_equal(a->metrics.items[1].unit, RESOURCE_PER_S);
    assert_int_equal(a->metrics.items[2].unit, RESOURCE_RATIO);
    assert_int_equal(scenario_source_at(&scenario.monitor, 1)->side, SCENARIO_BOTH);
    const struct scenario_source *c = scenario_source_at(&scenario.monitor, 2);
    assert_int_equal(c->every_ns, 5 * NS_PER_S);
    assert_int_equal(c->side, SCENARIO_BOTH);
    assert_int_equal(c->metrics.items[0].unit, RESOURCE_COUNT);
    const struct scenario_source *d = scenario_source_at(&scenario.monitor, 3);
    assert_int_equal(d->side, SCENARIO_SIDES);
    assert_string_equal(d->table->by, "ms");
    assert_string_equal(d->table->per, "calls");
    assert_int_equal(d->table->top, 10);
    assert_true(d->table->difference);
    assert_true(scenario.monitor.machine);
    scenario_release(&scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenario_source__refusals),
        cmocka_unit_test(test_scenario_source__numbers_are_bounded),
        cmocka_unit_test(test_scenario_source__defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
