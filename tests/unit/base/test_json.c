#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/csv.h"
#include "base/json.h"

/* One member of each type. */
struct inner {
    int64_t n;
    double figure;
};

struct thing {
    const char *text;
    bool flag, always;
    int64_t count, size, delay_ns;
    double ratio;
    int colour;
    struct inner object, among, optional;
    struct inner *pointer;
    size_t n_objects, n_strings, n_pairs, n_numbers;
    struct inner *objects;
    const char **strings;
    int64_t *left, *right;
    double *numbers;
};

static const struct js_field inner_fields[] = {
    {JS_FIELD(inner, "n", JS_INT, n), JS_OMIT_ZERO},
    {JS_FIELD(inner, "figure", JS_NUMBER, figure)},
};
static const struct js_shape inner_shape = {
    .size = sizeof(struct inner), .fields = inner_fields, .n_fields = 2, .one_line = true};

static const struct js_field among_fields[] = {
    {JS_FIELD(inner, "among", JS_NUMBER, figure), JS_REQUIRED},
};
static const struct js_shape among_shape = {
    .size = sizeof(struct inner), .fields = among_fields, .n_fields = 1};

static const char *const colours[] = {"red", "green", NULL};

static const struct js_field thing_fields[] = {
    {JS_FIELD(thing, "text", JS_STRING, text)},
    {JS_FIELD(thing, "flag", JS_BOOL, flag)},
    {JS_FIELD(thing, "always", JS_BOOL, always), JS_REQUIRED},
    {JS_FIELD(thing, "count", JS_INT, count), .low = 1, .high = 9},
    {JS_FIELD(thing, "size", JS_INT, size), JS_OMIT_ZERO},
    {JS_FIELD(thing, "delay_ms", JS_MS, delay_ns), JS_OMIT_ZERO},
    {JS_FIELD(thing, "ratio", JS_NUMBER, ratio), .high = 1},
    {JS_FIELD(thing, "colour", JS_ENUM, colour), JS_OMIT_ZERO, .names = colours},
    {JS_FIELD(thing, "object", JS_OBJECT, object), .shape = &inner_shape},
    {JS_FIELD(thing, "", JS_INLINE, among), .shape = &among_shape},
    {JS_FIELD(thing, "optional", JS_OBJECT, optional), JS_OMIT_ZERO, .shape = &inner_shape},
    {JS_FIELD(thing, "pointer", JS_POINTER, pointer), .shape = &inner_shape},
    {JS_LIST(thing, "objects", JS_OBJECTS, objects, n_objects), .flags = JS_OMIT_ZERO,
     .shape = &inner_shape},
    {JS_LIST(thing, "strings", JS_STRINGS, strings, n_strings), .flags = JS_OMIT_ZERO},
    {JS_LIST(thing, "left", JS_INTS, left, n_pairs), .flags = JS_OMIT_ZERO},
    {JS_LIST(thing, "right", JS_INTS, right, n_pairs), .flags = JS_OMIT_ZERO | JS_SAME_COUNT},
    {JS_LIST(thing, "numbers", JS_NUMBERS, numbers, n_numbers), .flags = JS_OMIT_ZERO},
};
static const struct js_shape thing_shape = {.size = sizeof(struct thing),
                                            .fields = thing_fields,
                                            .n_fields =
                                                sizeof thing_fields / sizeof thing_fields[0]};

static int decode(const char *text, size_t len, struct thing *thing, struct arena *arena,
                  struct err *err)
{
    struct js_doc *doc;
    if (js_parse(text, len, "t.json", &doc, err) < 0)
        return -1;
    struct js_at root = js_root(doc);
    int status = js_decode(&root, &thing_shape, thing, arena, err);
    js_free(doc);
    return status;
}

static void expect_error_in(const char *text, size_t len, const char *message)
{
    struct thing thing = {0};
    struct arena arena = {0};
    struct err err = {0};
    assert_int_equal(decode(text, len, &thing, &arena, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
    arena_release(&arena);
}

static void expect_error(const char *text, const char *message)
{
    expect_error_in(text, strlen(text), message);
}

static const char full[] = "{\n"
                           "  \"text\": \"a\\\"\\\\\\n\\u0001\\u007f/\xc3\xa4\",\n"
                           "  \"flag\": true,\n"
                           "  \"always\": false,\n"
                           "  \"count\": 3,\n"
                           "  \"size\": 4611686018427387903,\n"
                           "  \"delay_ms\": 1.000001,\n"
                           "  \"ratio\": 0.1,\n"
                           "  \"colour\": \"green\",\n"
                           "  \"object\": {},\n"
                           "  \"among\": 5e-324,\n"
                           "  \"pointer\": {\"n\": 1},\n"
                           "  \"objects\": [\n"
                           "    {\"n\": 1, \"figure\": 1.7976931348623157e+308},\n"
                           "    {}\n"
                           "  ],\n"
                           "  \"strings\": [\"a\", \"\"],\n"
                           "  \"left\": [1, 2],\n"
                           "  \"right\": [3, 4],\n"
                           "  \"numbers\": [1, null, 0.3]\n"
                           "}\n";

static void test_json__encodes_what_it_decoded(void **state)
{
    (void)state;
    struct thing thing = {0};
    struct arena arena = {0};
    struct err err = {0};
    struct buf out = {0};
    int status = decode(full, strlen(full), &thing, &arena, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    assert_int_equal(thing.delay_ns, 1000001);
    assert_int_equal(thing.colour, 1);
    assert_true(isnan(thing.object.figure));
    assert_true(isnan(thing.numbers[1]));
    assert_int_equal(thing.right[1], 4);
    struct js_writer writer = {.out = &out};
    js_encode(&writer, NULL, &thing_shape, &thing);
    assert_string_equal(buf_text(&out), full);
    buf_release(&out);
    arena_release(&arena);
}

static void test_json__absent_numbers_are_nan(void **state)
{
    (void)state;
    struct thing thing = {0};
    struct arena arena = {0};
    struct err err = {0};
    static const char text[] = "{\"always\": true, \"among\": 0}";
    assert_int_equal(decode(text, strlen(text), &thing, &arena, &err), 0);
    assert_true(isnan(thing.ratio));
    assert_true(isnan(thing.object.figure));
    assert_true(isnan(thing.optional.figure));
    assert_null(thing.text);
    assert_null(thing.pointer);
    assert_int_equal(thing.n_objects, 0);
    arena_release(&arena);
}

#define WITH(members) "{\"always\": true, \"among\": 0, " members "}"

static void test_json__refuses_what_is_not_json(void **state)
{
    (void)state;
    static const char nul[] = "{\"text\": \"a\0b\"}";
    expect_error("{\"a\": 1,\n \"a\": 2}", "'t.json' line 2, column 4: expected valid JSON: "
                                           "duplicate object key near '\"a\"'");
    expect_error("{} {}", "'t.json' line 1, column 4: expected valid JSON: end of file expected "
                          "near '{'");
    expect_error("[1", "'t.json' line 1, column 2: expected valid JSON: ']' expected near end of "
                       "file");
    expect_error("[NaN]",
                 "'t.json' line 1, column 4: expected valid JSON: invalid token near 'NaN'");
    expect_error("[1e999]", "'t.json' line 1, column 6: expected valid JSON: real number overflow "
                            "near '1e999'");
    expect_error("[99999999999999999999]",
                 "'t.json' line 1, column 21: expected valid JSON: too big integer near "
                 "'99999999999999999999'");
    expect_error("[\"\\u0000\"]",
                 "'t.json' line 1, column 9: expected valid JSON: \\u0000 is not allowed");
    expect_error("[\"\xff\"]",
                 "'t.json' line 1, column 2: expected valid JSON: unable to decode byte 0xff near "
                 "'\"'");
    expect_error_in(nul, sizeof nul - 1,
                    "'t.json' line 1, column 11: expected valid JSON: control character 0x0 near "
                    "'\"a'");
}

static void test_json__depth_is_limited(void **state)
{
    (void)state;
    struct buf text = {0};
    struct js_doc *doc;
    struct err err = {0};
    buf_add_repeat(&text, '[', 64);
    buf_add_repeat(&text, ']', 64);
    assert_int_equal(js_parse(buf_text(&text), text.len, "t", &doc, &err), 0);
    js_free(doc);
    buf_reset(&text);
    buf_add_repeat(&text, '[', 65);
    expect_error(buf_text(&text), "'t.json': nested deeper than 64 levels, the limit");
    buf_reset(&text);
    buf_add_str(&text, "[\"\\\"");
    buf_add_repeat(&text, '[', 100);
    buf_add_str(&text, "\"]");
    assert_int_equal(js_parse(buf_text(&text), text.len, "t", &doc, &err), 0);
    js_free(doc);
    buf_release(&text);
}

static void test_json__names_the_place(void **state)
{
    (void)state;
    expect_error("[]", "'t.json': expected an object, found an array");
    expect_error("{}", "'t.json': the key 'always' is missing");
    expect_error("{\"always\": true}", "'t.json': the key 'among' is missing");
    expect_error(WITH("\"x\": 1"), "'t.json': x: unknown key; remove it or mend its spelling");
    expect_error(WITH("\"object\": {\"among\": 1}"),
                 "'t.json': object.among: unknown key; remove it or mend its spelling");
    expect_error(WITH("\"text\": 1"), "'t.json': text: expected a string, found a number");
    expect_error(WITH("\"flag\": null"), "'t.json': flag: expected true or false, found null");
    expect_error(WITH("\"count\": \"1\""),
                 "'t.json': count: expected a whole number, found a string");
    expect_error(WITH("\"count\": 0"),
                 "'t.json': count: expected a whole number from 1 to 9, found 0");
    expect_error(WITH("\"count\": 2.5"), "'t.json': count: expected a whole number, found 2.5");
    expect_error(WITH("\"ratio\": 2"), "'t.json': ratio: expected a number from 0 to 1, found 2");
    expect_error(WITH("\"ratio\": []"), "'t.json': ratio: expected a number, found an array");
    expect_error(WITH("\"delay_ms\": -1"),
                 "'t.json': delay_ms: expected a number from 0 to 9e+09, found -1");
    expect_error(WITH("\"colour\": \"blue\""),
                 "'t.json': colour: expected one of red, green, found 'blue'");
    expect_error(WITH("\"objects\": {}"), "'t.json': objects: expected an array, found an object");
    expect_error(WITH("\"objects\": [{}, {\"n\": -1}]"),
                 "'t.json': objects[1].n: expected a whole number from 0 to 4611686018427387903, "
                 "found -1");
    expect_error(WITH("\"strings\": [\"a\", 1]"),
                 "'t.json': strings[1]: expected a string, found a number");
    expect_error(WITH("\"left\": [1], \"right\": []"),
                 "'t.json': right: expected 1 elements, as in the column before, found 0");
    expect_error(WITH("\"left\": [1]"), "'t.json': the key 'right' is missing");
    expect_error(WITH("\"numbers\": [\"1\"]"),
                 "'t.json': numbers[0]: expected a number, found a string");
    expect_error(WITH("\"a\\nb\": 1"),
                 "'t.json': a\\x0ab: unknown key; remove it or mend its spelling");
}

static void test_json__quotes_what_is_no_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"a\"b\\c\n\x01\x7f", "\"a\\\"b\\\\c\\n\\u0001\\u007f\""},
        {"\xc3\xa4 \xe2\x82\xac \xed\x9f\xbf \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf",
         "\"\xc3\xa4 \xe2\x82\xac \xed\x9f\xbf \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf\""},
        {"\xff|\xc3|\x80", "\"\\ufffd|\\ufffd|\\ufffd\""},
        {"\xc0\xaf", "\"\\ufffd\\ufffd\""}, /* overlong, as are the next two */
        {"\xe0\x9f\xbf", "\"\\ufffd\\ufffd\\ufffd\""},
        {"\xf0\x8f\xbf\xbf", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
        {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},            /* a surrogate */
        {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""}, /* above U+10FFFF */
        {"\xe2\x82", "\"\\ufffd\\ufffd\""},                       /* cut */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = {0}, list = {0};
        struct js_doc *doc = NULL;
        struct err err = {0};
        js_quote(&out, cases[i].text);
        assert_string_equal(buf_text(&out), cases[i].json);
        buf_addf(&list, "[%s]", buf_text(&out));
        assert_int_equal(js_parse(buf_text(&list), list.len, "t.json", &doc, &err), 0);
        js_free(doc);
        buf_release(&out);
        buf_release(&list);
    }
}

static void test_csv__quotes_as_python_does(void **state)
{
    (void)state;
    struct buf out = {0};
    csv_add_field(&out, "", true);
    csv_add_field(&out, "plain text", false);
    csv_add_field(&out, "a,b", false);
    csv_add_field(&out, "say \"hi\"", false);
    csv_add_field(&out, "two\r\nlines", false);
    csv_end_row(&out);
    assert_string_equal(buf_text(&out),
                        ",plain text,\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\r\n");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json__encodes_what_it_decoded),
        cmocka_unit_test(test_json__absent_numbers_are_nan),
        cmocka_unit_test(test_json__refuses_what_is_not_json),
        cmocka_unit_test(test_json__depth_is_limited),
        cmocka_unit_test(test_json__names_the_place),
        cmocka_unit_test(test_json__quotes_what_is_no_text),
        cmocka_unit_test(test_csv__quotes_as_python_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
