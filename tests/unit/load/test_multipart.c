#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "load/multipart.h"

struct fixture {
    struct scenario scenario;
    struct scenario_variable variable;
    struct scenario_step source;
    struct scenario_part parts[3];
    struct vars vars;
    struct values values;
    struct rng rng;
    struct url target;
    struct arena arena;
    struct step step;
    struct step_rendered rendered;
    struct buf out;
    struct err err;
};

static const char png[] = "\x89PNG\r\n\0\1\2";

static void start(struct fixture *f)
{
    *f = (struct fixture){0};
    f->variable = (struct scenario_variable){.name = "who", .text = "a \"b\"\r\nc"};
    f->scenario =
        (struct scenario){.keep_alive = true, .n_variables = 1, .variables = &f->variable};
    f->parts[0] = (struct scenario_part){.name = "ti\"tle", .value = "one"};
    f->parts[1] = (struct scenario_part){
        .name = "file",
        .file = {.path = "a/b.png", .content = {png, sizeof png - 1}, .hash = 7},
        .filename = "b.png",
        .type = "image/png"};
    f->source = (struct scenario_step){.method = "POST",
                                       .path = "/up",
                                       .body_kind = BODY_MULTIPART,
                                       .n_parts = 2,
                                       .parts = f->parts};
    assert_int_equal(vars_init(&f->vars, &f->scenario, NULL, NULL, &f->err), 0);
    assert_int_equal(url_parse("http://h", "", &f->target, &f->err), 0);
}

static void stop(struct fixture *f)
{
    values_release(&f->values, &f->vars);
    vars_release(&f->vars);
    url_release(&f->target);
    arena_release(&f->arena);
    buf_release(&f->out);
}

/* Renders the request; returns its body. */
static struct span body_of(struct fixture *f)
{
    struct step_context context = {.scenario = &f->scenario,
                                   .target = &f->target,
                                   .user_agent = "perfgate/1",
                                   .vars = &f->vars,
                                   .arena = &f->arena};
    struct fill fill = {.vars = &f->vars, .values = &f->values, .rng = &f->rng};
    buf_reset(&f->out);
    if (step_compile(&f->step, &f->source, &context, &f->err) ||
        step_render(&f->step, &fill, NULL, &f->out, &f->rendered, &f->err))
        fail_msg("%s", f->err.text);
    return (struct span){f->out.data + f->rendered.body_at, f->out.len - f->rendered.body_at};
}

/* The body as it should be, every `@` being the boundary. */
static void expect_body(struct fixture *f, const char *form, size_t len)
{
    struct span body = body_of(f);
    const char *boundary = multipart_boundary(&f->source, &f->arena);
    struct buf wanted = {0}, head = {0};
    for (size_t i = 0; i < len; i++) {
        if (form[i] == '@')
            buf_add_str(&wanted, boundary);
        else
            buf_add_char(&wanted, form[i]);
    }
    assert_int_equal(body.len, wanted.len);
    assert_memory_equal(body.at, wanted.data, wanted.len);
    buf_addf(&head,
             "\r\nContent-Type: multipart/form-data; boundary=%s\r\nContent-Length: %zu\r\n\r\n",
             boundary, wanted.len);
    assert_non_null(memmem(f->out.data, f->rendered.body_at, head.data, head.len));
    buf_release(&wanted);
    buf_release(&head);
}

static void test_multipart__texts_and_files_as_a_form_sends_them(void **state)
{
    (void)state;
    struct fixture f;
    static const char form[] =
        "--@\r\nContent-Disposition: form-data; name=\"ti%22tle\"\r\n\r\none\r\n"
        "--@\r\nContent-Disposition: form-data; name=\"file\"; "
        "filename=\"b.png\"\r\nContent-Type: image/png\r\n\r\n"
        "\x89PNG\r\n\0\1\2\r\n--@--\r\n";
    start(&f);
    expect_body(&f, form, sizeof form - 1);
    assert_true(f.step.body_fixed);
    assert_int_equal(f.step.fixed.len, f.out.len); /* rendered once */
    assert_memory_equal(f.step.fixed.at, f.out.data, f.out.len);
    stop(&f);
}

static void test_multipart__fills_variables(void **state)
{
    (void)state;
    struct fixture f;
    static const char form[] = "--@\r\nContent-Disposition: form-data; name=\"for a "
                               "%22b%22%0D%0Ac\"\r\nContent-Type: text/plain"
                               "\r\n\r\n<a \"b\"\r\nc>\r\n--@\r\nContent-Disposition: form-data; "
                               "name=\"empty\"; filename=\"e\"\r\n"
                               "Content-Type: x/y\r\n\r\n\r\n--@--\r\n";
    start(&f);
    f.parts[0] =
        (struct scenario_part){.name = "for ${who}", .value = "<${who}>", .type = "text/plain"};
    f.parts[1] = (struct scenario_part){
        .name = "empty", .file = {.path = "e"}, .filename = "e", .type = "x/y"};
    expect_body(&f, form, sizeof form - 1);
    assert_false(f.step.body_fixed);
    stop(&f);
}

static void test_multipart__refuses_a_line_break_in_a_type(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    struct step_context context = {.scenario = &f.scenario,
                                   .target = &f.target,
                                   .user_agent = "perfgate/1",
                                   .vars = &f.vars,
                                   .arena = &f.arena};
    f.parts[1].type = "image/${who}";
    struct fill fill = {.vars = &f.vars, .values = &f.values, .rng = &f.rng};
    assert_int_equal(step_compile(&f.step, &f.source, &context, &f.err), 0);
    assert_int_equal(step_render(&f.step, &fill, NULL, &f.out, &f.rendered, &f.err), -1);
    assert_string_equal(f.err.text,
                        "the value of '${who}' holds a line break, which a header cannot");
    stop(&f);
}

static void test_multipart__the_boundary_is_in_no_part(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    const char *first = multipart_boundary(&f.source, &f.arena);
    assert_string_equal(multipart_boundary(&f.source, &f.arena), first);
    f.parts[1].file.content = (struct span){first, strlen(first)};
    const char *second = multipart_boundary(&f.source, &f.arena);
    assert_string_not_equal(second, first);
    f.parts[0].value = second;
    const char *third = multipart_boundary(&f.source, &f.arena);
    assert_string_not_equal(third, first);
    assert_string_not_equal(third, second);
    stop(&f);
}

static void test_multipart__does_not_copy_a_file_for_its_neighbours(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    f.parts[2] = (struct scenario_part){.name = "x", .value = "${who}"};
    f.source.n_parts = 3;
    body_of(&f);
    size_t borrowed = 0;
    for (size_t i = 0; i < f.step.body.n; i++)
        borrowed += f.step.body.segments[i].text == png;
    assert_int_equal(borrowed, 1);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_multipart__texts_and_files_as_a_form_sends_them),
        cmocka_unit_test(test_multipart__fills_variables),
        cmocka_unit_test(test_multipart__refuses_a_line_break_in_a_type),
        cmocka_unit_test(test_multipart__the_boundary_is_in_no_part),
        cmocka_unit_test(test_multipart__does_not_copy_a_file_for_its_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
