#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load/template.h"

static const char *lookup(void *context, const char *name)
{
    (void)context;
    if (!strcmp(name, "TEST_USER"))
        return "a b/c";
    return !strcmp(name, "TEST_EVIL") ? "x\r\ny" : NULL;
}

/* A plan with a capture `id` and the declared variables `text`, `number` and `choice`. */
struct fixture {
    struct scenario scenario;
    struct vars vars;
    struct values values;
    struct rng rng;
    struct fill fill;
    struct arena arena;
    struct err err;
    struct buf out;
};

static const char *choices[] = {"red", "green ${TEST_USER}"};
static struct scenario_variable variables[] = {
    {.name = "text", .kind = VARIABLE_TEXT, .text = "hi ${TEST_USER}"},
    {.name = "number", .kind = VARIABLE_RANDOM_INT, .low = -3, .high = 9},
    {.name = "choice", .kind = VARIABLE_CHOICE, .n_choices = 2, .choices = choices},
};
static struct scenario_capture captures[] = {{.variable = "id"}, {.variable = "text"}};
static struct scenario_step steps[] = {{.n_captures = 2, .captures = captures}};
static struct scenario_task tasks[] = {{.n_steps = 1, .steps = steps}};
static struct scenario_class classes[] = {{.n_tasks = 1, .tasks = tasks}};

static void start(struct fixture *f)
{
    *f = (struct fixture){0};
    f->scenario = (struct scenario){
        .n_variables = 3, .variables = variables, .n_classes = 1, .classes = classes};
    assert_int_equal(vars_init(&f->vars, &f->scenario, lookup, NULL, &f->err), 0);
    rng_init(&f->rng, 1, 0);
    f->fill = (struct fill){.vars = &f->vars, .values = &f->values, .rng = &f->rng};
}

static void stop(struct fixture *f)
{
    values_release(&f->values, &f->vars);
    vars_release(&f->vars);
    arena_release(&f->arena);
    buf_release(&f->out);
}

static void set(struct fixture *f, const char *name, const char *text)
{
    int slot = vars_find(&f->vars, name, strlen(name));
    assert_true(slot >= 0);
    assert_int_equal(values_set(&f->values, &f->vars, slot, (struct span){text, strlen(text)}), 0);
}

static int compile(struct fixture *f, struct template *template, const char *text,
                   enum template_context context)
{
    return template_add(template, text, context, &f->vars, &f->arena, &f->err);
}

/* What `text` renders as, or the message. */
static const char *rendered(struct fixture *f, const char *text, enum template_context context)
{
    struct template template = {0};
    f->err = (struct err){0};
    buf_reset(&f->out);
    if (compile(f, &template, text, context) ||
        template_render(&template, &f->fill, &f->out, &f->err))
        return f->err.text;
    return buf_text(&f->out);
}

static void test_template__escapes_values_by_context(void **state)
{
    static const struct {
        enum template_context context;
        const char *expected;
    } rows[] = {
        {TEMPLATE_RAW, "a /~[a\"\\ b/?&=+~*\xc3\xa9%]"},
        {TEMPLATE_PATH, "a%20/~[a%22%5C%20b%2F%3F%26%3D%2B~%2A%C3%A9%25]"},
        {TEMPLATE_QUERY, "a%20%2F~%5Ba%22%5C%20b%2F%3F%26%3D%2B~%2A%C3%A9%25%5D"},
        {TEMPLATE_FORM, "a+%2F%7E%5Ba%22%5C+b%2F%3F%26%3D%2B%7E*%C3%A9%25%5D"},
        {TEMPLATE_HEADER, "a /~[a\"\\ b/?&=+~*\xc3\xa9%]"},
        {TEMPLATE_JSON, "a /~[a\\\"\\\\ b/?&=+~*\xc3\xa9%]"},
    };
    struct fixture f;
    (void)state;
    start(&f);
    set(&f, "id", "a\"\\ b/?&=+~*\xc3\xa9%");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(rendered(&f, "a /~[${id}]", rows[i].context), rows[i].expected);
    stop(&f);
}

static void test_template__escapes_controls(void **state)
{
    struct fixture f;
    (void)state;
    start(&f);
    set(&f, "id", "1\r\nX: y\t\x01");
    assert_string_equal(rendered(&f, "\"${id}\"", TEMPLATE_JSON),
                        "\"1\\u000d\\u000aX: y\\u0009\\u0001\"");
    assert_string_equal(rendered(&f, "/${id}", TEMPLATE_PATH), "/1%0D%0AX%3A%20y%09%01");
    assert_string_equal(rendered(&f, "${id}", TEMPLATE_HEADER),
                        "the value of '${id}' holds a line break, which a header cannot");
    assert_string_equal(rendered(&f, "a\nb", TEMPLATE_HEADER),
                        "a header cannot hold a line break: remove it");
    assert_string_equal(rendered(&f, "${TEST_EVIL}", TEMPLATE_HEADER),
                        "the environment's 'TEST_EVIL' holds a line break, which a header cannot: "
                        "remove it");
    int slot = vars_find(&f.vars, "id", 2);
    assert_int_equal(values_set(&f.values, &f.vars, slot, (struct span){"a\0b", 3}), 0);
    assert_string_equal(rendered(&f, "${id}", TEMPLATE_QUERY), "a%00b");
    assert_string_equal(rendered(&f, "${id}", TEMPLATE_HEADER),
                        "the value of '${id}' holds a line break, which a header cannot");
    stop(&f);
}

static void test_template__reads_marks(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", ""},
        {"plain $5 {x} $", "plain $5 {x} $"},
        {"${id}${id}", "77"},
        {"$${id}", "${id}"},
        {"$$${id}", "$${id}"},
        {"a$${id}b${id}c", "a${id}b7c"},
        {"${TEST_USER}!", "a b/c!"},
        {"${text}", "hi a b/c"},
        {"${id",
         "'${id' is not of the form ${name}, with letters, digits and '_': close it, or write $${ "
         "for a literal ${"},
        {"x ${} y", "'${} y' is not of the form ${name}, with letters, digits and '_': close it, "
                    "or write $${ for a literal ${"},
        {"${NOPE}",
         "'${NOPE}' is neither captured nor declared nor set in the environment: set it (only "
         "names TEST_*, LOAD_TEST_* and those given by --env are read)"},
    };
    struct fixture f;
    (void)state;
    start(&f);
    set(&f, "id", "7");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(rendered(&f, rows[i].text, TEMPLATE_RAW), rows[i].expected);
    stop(&f);
}

static void test_template__merges_what_is_fixed(void **state)
{
    struct fixture f;
    struct template template = {0};
    (void)state;
    start(&f);
    assert_true(template_is_fixed(&template));
    assert_int_equal(compile(&f, &template, "/a b/${TEST_USER}?", TEMPLATE_PATH), 0);
    assert_int_equal(compile(&f, &template, "x y", TEMPLATE_FORM), 0);
    assert_int_equal(template.n, 1);
    assert_string_equal(template.segments[0].text, "/a%20b/a%20b%2Fc?x+y");
    assert_int_equal(template.segments[0].len, 20);
    assert_true(template_is_fixed(&template));
    assert_int_equal(compile(&f, &template, "${id}", TEMPLATE_FORM), 0);
    assert_int_equal(template.n, 2);
    assert_false(template_is_fixed(&template));
    for (int i = 0; i < 10; i++)
        assert_int_equal(compile(&f, &template, "-${id}", TEMPLATE_FORM), 0);
    set(&f, "id", "&");
    assert_int_equal(template_render(&template, &f.fill, &f.out, &f.err), 0);
    assert_string_equal(buf_text(&f.out), "/a%20b/a%20b%2Fc?x+y%26-%26-%26-%26-%26-%26-%26-%26-%26-"
                                          "%26-%26");
    stop(&f);
}

static void test_template__draws_anew_at_each_use(void **state)
{
    struct fixture f;
    bool seen[13] = {false};
    int red = 0, green = 0;
    (void)state;
    start(&f);
    for (int i = 0; i < 400; i++) {
        long number = strtol(rendered(&f, "${number}", TEMPLATE_RAW), NULL, 10);
        assert_in_range(number + 3, 0, 12);
        seen[number + 3] = true;
        const char *choice = rendered(&f, "${choice}", TEMPLATE_RAW);
        red += !strcmp(choice, "red");
        green += !strcmp(choice, "green a b/c");
    }
    for (int i = 0; i < 13; i++)
        assert_true(seen[i]);
    assert_int_equal(red + green, 400);
    assert_in_range(red, 100, 300);
    char first[64];
    static const char several[] = "${number} ${number} ${number} ${number}";
    snprintf(first, sizeof(first), "%s", rendered(&f, several, TEMPLATE_RAW));
    assert_string_not_equal(rendered(&f, several, TEMPLATE_RAW), first);
    stop(&f);
}

static void test_template__prefers_what_was_captured(void **state)
{
    struct fixture f;
    (void)state;
    start(&f);
    assert_string_equal(rendered(&f, "${id}", TEMPLATE_RAW),
                        "'${id}' has no value yet: nothing captured it");
    set(&f, "text", "captured");
    assert_string_equal(rendered(&f, "${text}", TEMPLATE_RAW), "captured");
    set(&f, "text", "");
    assert_string_equal(rendered(&f, "${text}", TEMPLATE_RAW), "");
    set(&f, "text", "a longer text than the first one");
    assert_string_equal(rendered(&f, "${text}", TEMPLATE_RAW), "a longer text than the first one");
    assert_string_equal(rendered(&f, "${id}", TEMPLATE_RAW),
                        "'${id}' has no value yet: nothing captured it");
    stop(&f);
}

static void test_template__names_a_declared_variable_that_cannot_be_filled(void **state)
{
    static struct scenario_variable bad[] = {
        {.name = "user", .kind = VARIABLE_TEXT, .text = "${TEST_MISSING}"}};
    struct scenario scenario = {.n_variables = 1, .variables = bad};
    struct vars vars;
    struct err err = {0};
    (void)state;
    assert_int_equal(vars_init(&vars, &scenario, NULL, NULL, &err), -1);
    assert_non_null(strstr(err.text, "variable 'user': '${TEST_MISSING}' is neither"));
    vars_release(&vars);
    vars_release(&vars);
}

static void test_template__bounds_captured_values(void **state)
{
    struct fixture f;
    struct buf text = {0};
    (void)state;
    start(&f);
    buf_add_repeat(&text, 'x', VARS_VALUE_LIMIT + 1);
    assert_int_equal(values_set(&f.values, &f.vars, 0, (struct span){text.data, text.len}), -1);
    assert_null(f.values.items);
    assert_int_equal(values_set(&f.values, &f.vars, 0, (struct span){text.data, text.len - 1}), 0);
    buf_release(&text);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_template__escapes_values_by_context),
        cmocka_unit_test(test_template__escapes_controls),
        cmocka_unit_test(test_template__reads_marks),
        cmocka_unit_test(test_template__merges_what_is_fixed),
        cmocka_unit_test(test_template__draws_anew_at_each_use),
        cmocka_unit_test(test_template__prefers_what_was_captured),
        cmocka_unit_test(test_template__names_a_declared_variable_that_cannot_be_filled),
        cmocka_unit_test(test_template__bounds_captured_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
