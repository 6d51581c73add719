/*
 * Templates from any text and values: a fixed one has one segment at most, and whatever a capture
 * holds stays in its place. The input is context, text, NUL, captured value.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "load/template.h"

static struct scenario_capture captures[] = {{.variable = "a"}};
static struct scenario_step steps[] = {{.n_captures = 1, .captures = captures}};
static struct scenario_class classes[] = {{.n_on_start = 1, .on_start = steps}};

static const char *lookup(void *context, const char *name)
{
    return name[0] == 'E' ? context : NULL;
}

static void check(enum template_context context, const struct buf *out)
{
    static const char *const forbidden[] = {
        [TEMPLATE_RAW] = "",
        [TEMPLATE_PATH] = " \r\n\t",
        [TEMPLATE_QUERY] = " \r\n\t&=#/?+",
        [TEMPLATE_FORM] = " \r\n\t&=#/?",
        [TEMPLATE_HEADER] = "\r\n",
        [TEMPLATE_JSON] = "",
    };
    for (size_t i = 0; i < out->len; i++)
        if (out->data[i] && strchr(forbidden[context], out->data[i]))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scenario scenario = {.n_classes = 1, .classes = classes};
    struct vars vars;
    struct values values = {0};
    struct template template = {0};
    struct arena arena = {0};
    struct rng rng = {{1}};
    struct err err = {0};
    struct buf text = {0}, out = {0};
    if (!size || data[0] > TEMPLATE_JSON)
        return 0;
    enum template_context context = (enum template_context)data[0];
    buf_add(&text, data + 1, size - 1);
    size_t text_len = strlen(text.data);
    size_t value_at = text_len < text.len ? text_len + 1 : text_len;
    if (vars_init(&vars, &scenario, lookup, text.data, &err))
        abort();
    struct span value = {text.data + value_at, text.len - value_at};
    if (values_set(&values, &vars, 0, value) && value.len <= VARS_VALUE_LIMIT)
        abort();
    struct fill fill = {.vars = &vars, .values = &values, .rng = &rng};
    if (!template_add(&template, text.data, context, &vars, &arena, &err) &&
        !template_render(&template, &fill, &out, &err))
        check(context, &out);
    values_release(&values, &vars);
    vars_release(&vars);
    arena_release(&arena);
    buf_release(&text);
    buf_release(&out);
    return 0;
}
