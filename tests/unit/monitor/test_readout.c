/* Named numbers out of texts: each format, and texts that are hostile. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "monitor/readout.h"
#include "wanted.h"

/* What was given, as "metric=number" or "metric.each=number" in order, "/" for a whole. */
static void take(void *context, const struct readout_number *number)
{
    struct buf *out = context;
    buf_addf(out, "%s%zu", out->len ? " " : "", number->metric);
    if (number->each.at)
        buf_addf(out, ".%.*s", (int)number->each.len, number->each.at);
    if (isnan(number->number))
        buf_addf(out, "%sunknown", number->is_whole ? "/" : "=");
    else
        buf_addf(out, "%s%g", number->is_whole ? "/" : "=", number->number);
}

static int read_text(const char *members, struct span text, struct buf *out, struct err *err)
{
    struct scenario scenario;
    struct readout readout;
    readout_init(&readout, wanted_endpoint(&scenario, members));
    int status = readout_read(&readout, text, take, out, err);
    readout_release(&readout);
    scenario_release(&scenario);
    return status;
}

static void expect(const char *members, const char *text, const char *numbers)
{
    struct buf out = {0};
    struct err err = {0};
    if (read_text(members, (struct span){text, strlen(text)}, &out, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(buf_text(&out), numbers);
    buf_release(&out);
}

static void expect_unreadable(const char *members, const char *text)
{
    struct buf out = {0};
    struct err err = {0};
    assert_int_equal(read_text(members, (struct span){text, strlen(text)}, &out, &err), -1);
    assert_true(*err.text);
    buf_release(&out);
}

static void test_readout__json_by_pointer(void **state)
{
    (void)state;
    static const char members[] = "\"metrics\": {\"a\": {\"pointer\": \"/x/0/y~1z\"}, \"b\": "
                                  "{\"pointer\": \"\"}, \"c\": {\"pointer\": \"/t\"}}";
    expect(members, "{\"x\": [{\"y/z\": 2.5}], \"t\": true}", "0=2.5 2=1");
    expect(members, "7", "1=7");
    expect(members, "{\"x\": [{\"y/z\": \"12\"}], \"t\": \"12 apples\"}", "0=12");
    expect(members, "{\"x\": [{\"y/z\": {\"deep\": 1}}], \"t\": null}", "");
    expect(members, "{\"x\": [{\"y/z\": 1e308}], \"t\": \"nan\"}", "0=1e+308");
}

static void test_readout__json_members(void **state)
{
    (void)state;
    expect("\"metrics\": {\"use\": {\"pointer\": \"/by\", \"each\": true}}",
           "{\"by\": {\"de\": 1, \"fr\": 2, \"no\": \"text\", \"at\": \"3\"}}",
           "0.de=1 0.fr=2 0.at=3");
    expect("\"metrics\": {\"use\": {\"pointer\": \"/by\", \"each\": true}}", "{\"by\": [1, 2]}",
           "");
}

static void test_readout__a_sum_has_all_its_parts(void **state)
{
    (void)state;
    static const char members[] =
        "\"metrics\": {\"r\": {\"pointer\": \"/h\", \"of\": [\"/h\", \"/m\"]}}";
    expect(members, "{\"h\": 3, \"m\": 1}", "0=3 0/3 0/1");
    expect(members, "{\"h\": 3}", "0=3 0/3 0/unknown");
    expect(members, "{}", "0/unknown 0/unknown");
}

static void test_readout__unreadable_json(void **state)
{
    (void)state;
    static const char members[] = "\"metrics\": {\"a\": {\"pointer\": \"/a\"}}";
    struct buf deep = {0};
    expect_unreadable(members, "");
    expect_unreadable(members, "{\"a\": 1");
    expect_unreadable(members, "{\"a\": NaN}");
    expect_unreadable(members, "{\"a\": 1e999}");
    expect_unreadable(members, "<html>");
    buf_add_repeat(&deep, '[', 100000);
    expect_unreadable(members, buf_text(&deep));
    buf_release(&deep);
}

static void test_readout__prometheus(void **state)
{
    (void)state;
    static const char text[] = "# TYPE a counter\n"
                               "a{p=\"x\",c=\"de\"} 1\r\n"
                               "a{p=\"y\",c=\"fr\"} 2\n"
                               "a{p=\"x\",c=\"fr\"} 4 1700000000\n"
                               "ab 100\n"
                               "broken{ 5\n"
                               "b NaN\n"
                               "c +Inf\n"
                               "d 9";
    expect("\"metrics\": {\"a\": {\"sample\": \"a{p=\\\"x\\\"}\"}, \"d\": {\"sample\": \"d\"}}",
           text, "0=1 0=4 1=9");
    expect("\"metrics\": {\"e\": {\"sample\": \"a\", \"each\": \"c\"}}", text,
           "0.de=1 0.fr=2 0.fr=4");
    expect("\"metrics\": {\"e\": {\"sample\": \"a\", \"each\": \"none\"}}", text, "");
    expect("\"metrics\": {\"b\": {\"sample\": \"b\"}, \"c\": {\"sample\": \"c\"}}", text, "");
    expect("\"metrics\": {\"s\": {\"sample\": \"d\", \"of\": [\"d\", \"b\"]}}", text,
           "0=9 0/9 0/unknown");
}

static void test_readout__what_adds_up_is_all_there(void **state)
{
    (void)state;
    static const char one[] = "\"metrics\": {\"a\": {\"sample\": \"a\"}}";
    struct buf many = {0}, out = {0};
    struct err err = {0};
    expect(one, "a{p=\"x\"} 1\na{p=\"y\"} NaN\na{p=\"z\"} 4\n", "0=1 0=4 0=unknown");
    expect("\"metrics\": {\"s\": {\"sample\": \"h\", \"of\": [\"h\", \"m\"]}}",
           "h 3\nm{p=\"x\"} 1\nm{p=\"y\"} +Inf\n", "0=3 0/3 0/1 0/unknown");
    for (int i = 0; i <= READOUT_LIMIT; i++)
        buf_addf(&many, "a{p=\"%d\"} 1\n", i);
    assert_int_equal(read_text(one, (struct span){buf_text(&many), many.len}, &out, &err), 0);
    assert_non_null(strstr(buf_text(&out), "0=1 0=unknown"));
    buf_release(&many);
    buf_release(&out);
}

static void test_readout__keys(void **state)
{
    (void)state;
    static const char text[] = "# Stats\r\n"
                               "keyspace_hits:12\r\n"
                               "ratio: 3.5 \r\n"
                               "share:40%\r\n"
                               "version:7.0.15\r\n"
                               "db0:keys=5,expires=1\r\n"
                               "plain=6\r\n"
                               "url=http://h:80\r\n"
                               ":9\r\n";
    expect("\"format\": \"redis\", \"metrics\": {\"h\": {\"key\": \"keyspace_hits\"}, \"r\": "
           "{\"key\": "
           "\"ratio\"}, \"k\": {\"key\": \"db0.keys\"}, \"v\": {\"key\": \"version\"}, \"s\": "
           "{\"key\": \"share\"}, \"p\": {\"key\": \"plain\"}}",
           text, "0=12 1=3.5 4=40 2=5");
    expect("\"format\": \"keyvalue\", \"metrics\": {\"p\": {\"key\": \"plain\"}, \"h\": {\"key\": "
           "\"keyspace_hits\"}}",
           text, "0=6");
    expect("\"metrics\": {\"p\": {\"key\": \"plain\"}, \"h\": {\"key\": \"keyspace_hits\"}}", text,
           "1=12 0=6");
}

static void test_readout__numbers_are_decimal(void **state)
{
    (void)state;
    static const char members[] = "\"metrics\": {\"a\": {\"key\": \"a\"}}";
    expect(members, "a=0x10", "");
    expect(members, "a=inf", "");
    expect(members, "a=nan", "");
    expect(members, "a=1e999", "");
    expect(members, "a=1 2", "");
    expect(members, "a=", "");
    expect(members, "a=-1.5e-3", "0=-0.0015");
    expect(members, "a=111111111111111111111111111111111111111111111111111111111111111111111", "");
}

static void test_readout__csv(void **state)
{
    (void)state;
    static const char text[] = "state,n,\"odd, name\"\nactive,3,1\n\"idle\",4,x\n";
    expect("\"metrics\": {\"first\": {\"column\": \"n\"}, \"odd\": {\"column\": \"odd, name\"}, "
           "\"none\": {\"column\": \"m\"}}",
           text, "0=3 1=1");
    expect("\"metrics\": {\"all\": {\"column\": \"n\", \"each\": \"state\"}}", text,
           "0.active=3 0.idle=4");
    expect_unreadable("\"metrics\": {\"n\": {\"column\": \"n\"}}", "n\n1,2\n");
    expect_unreadable("\"metrics\": {\"n\": {\"column\": \"n\"}}", "");
}

static void count(void *context, const struct readout_number *number)
{
    (void)number;
    ++*(size_t *)context;
}

static void test_readout__huge_texts_are_bounded(void **state)
{
    (void)state;
    struct scenario scenario;
    struct readout readout;
    struct buf text = {0};
    struct err err = {0};
    size_t n = 0;
    for (int i = 0; i < 2 * READOUT_LIMIT; i++)
        buf_addf(&text, "a{l=\"%d\"} 1\n", i);
    readout_init(&readout, wanted_endpoint(&scenario, "\"metrics\": {\"a\": {\"sample\": \"a\", "
                                                      "\"each\": \"l\"}}"));
    const struct span whole = {buf_text(&text), text.len};
    assert_int_equal(readout_read(&readout, whole, count, &n, &err), 0);
    assert_int_equal(n, READOUT_LIMIT);
    /* A text with NULs, and one that is cut anywhere, is a text. */
    for (size_t cut = 0; cut < 40; cut++)
        assert_int_equal(readout_read(&readout,
                                      (struct span){"a{l=\"\0\"} 1\na{l=\"x\\\"\"} 1", cut % 25},
                                      count, &n, &err),
                         0);
    readout_release(&readout);
    scenario_release(&scenario);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readout__json_by_pointer),
        cmocka_unit_test(test_readout__json_members),
        cmocka_unit_test(test_readout__a_sum_has_all_its_parts),
        cmocka_unit_test(test_readout__unreadable_json),
        cmocka_unit_test(test_readout__prometheus),
        cmocka_unit_test(test_readout__what_adds_up_is_all_there),
        cmocka_unit_test(test_readout__keys),
        cmocka_unit_test(test_readout__numbers_are_decimal),
        cmocka_unit_test(test_readout__csv),
        cmocka_unit_test(test_readout__huge_texts_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
