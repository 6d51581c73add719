#include "load/vars.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "load/template.h"

int vars_find(const struct vars *vars, const char *name, size_t len)
{
    for (size_t i = 0; i < vars->n; i++)
        if (strlen(vars->items[i].name) == len && !memcmp(vars->items[i].name, name, len))
            return (int)i;
    return -1;
}

static struct var *enter(struct vars *vars, const char *name)
{
    int slot = vars_find(vars, name, strlen(name));
    if (slot >= 0)
        return &vars->items[slot];
    vars->items = mem_grow(vars->items, vars->n, &vars->capacity, sizeof(*vars->items));
    vars->items[vars->n] = (struct var){.name = name};
    return &vars->items[vars->n++];
}

/* Fills in the environment, the only source that a declared text may draw on. */
static int fill_text(struct vars *vars, const char *text, const char **out, struct err *err)
{
    const struct vars environment = {.lookup = vars->lookup, .context = vars->context};
    struct template template = {0};
    if (template_add(&template, text, TEMPLATE_RAW, &environment, &vars->arena, err))
        return -1;
    *out = template.n ? template.segments[0].text : "";
    return 0;
}

static int declare(struct vars *vars, const struct scenario_variable *variable, struct err *err)
{
    struct var *var = enter(vars, variable->name);
    var->declared = variable;
    if (variable->kind == VARIABLE_RANDOM_INT)
        return 0;
    bool is_text = variable->kind == VARIABLE_TEXT;
    var->n_texts = is_text ? 1 : variable->n_choices;
    var->texts = arena_array(&vars->arena, var->n_texts, sizeof(*var->texts));
    for (size_t i = 0; i < var->n_texts; i++) {
        const char *text = is_text ? variable->text : variable->choices[i];
        if (fill_text(vars, text, &var->texts[i], err))
            return err_prefix(err, "variable '%s': ", variable->name);
    }
    return 0;
}

static void enter_captures(struct vars *vars, const struct scenario_step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < steps[i].n_captures; j++)
            enter(vars, steps[i].captures[j].variable);
}

int vars_init(struct vars *vars, const struct scenario *scenario,
              const char *(*lookup)(void *context, const char *name), void *context,
              struct err *err)
{
    *vars = (struct vars){.lookup = lookup, .context = context};
    for (size_t i = 0; i < scenario->n_variables; i++)
        if (declare(vars, &scenario->variables[i], err))
            return -1;
    for (size_t i = 0; i < scenario->n_classes; i++) {
        const struct scenario_class *class = &scenario->classes[i];
        enter_captures(vars, class->on_start, class->n_on_start);
        for (size_t j = 0; j < class->n_tasks; j++)
            enter_captures(vars, class->tasks[j].steps, class->tasks[j].n_steps);
    }
    return 0;
}

void vars_add_feeds(struct vars *vars, const struct feeds *feeds)
{
    for (size_t i = 0; i < feeds->n; i++) {
        const struct csv_table *table = &feeds->items[i].table;
        for (size_t column = 0; column < table->n_columns; column++) {
            struct var *var =
                enter(vars, arena_printf(&vars->arena, "%s.%s", feeds->items[i].source->name,
                                         table->columns[column]));
            var->feed = &feeds->items[i];
            var->feed_number = (uint32_t)i;
            var->column = column;
        }
    }
}

void vars_release(struct vars *vars)
{
    free(vars->items);
    arena_release(&vars->arena);
    *vars = (struct vars){0};
}

int values_set(struct values *values, const struct vars *vars, int slot, struct span text)
{
    if (text.len > VARS_VALUE_LIMIT)
        return -1;
    if (!values->items)
        values->items = mem_array(vars->n, sizeof(*values->items));
    struct value *value = &values->items[slot];
    if (!value->text || text.len > value->capacity) {
        free(value->text);
        value->capacity = (uint32_t)text.len;
        value->text = mem_array(text.len + 1, 1);
    }
    memcpy(value->text, text.at, text.len);
    value->text[text.len] = 0;
    value->len = (uint32_t)text.len;
    return 0;
}

void values_release(struct values *values, const struct vars *vars)
{
    for (size_t i = 0; values->items && i < vars->n; i++)
        free(values->items[i].text);
    free(values->items);
    values->items = NULL;
}

int fill_value(const struct fill *fill, int slot, char *scratch, struct span *value)
{
    const struct var *var = &fill->vars->items[slot];
    const struct value *captured =
        fill->values && fill->values->items ? &fill->values->items[slot] : NULL;
    if (captured && captured->text) {
        *value = (struct span){captured->text, captured->len};
    } else if (var->feed) {
        *value = feed_cell(var->feed, &fill->places[var->feed_number], var->column);
    } else if (var->n_texts) {
        const char *text = var->texts[rng_below(fill->rng, var->n_texts)];
        *value = (struct span){text, strlen(text)};
    } else if (var->declared) {
        int64_t number = rng_between(fill->rng, var->declared->low, var->declared->high);
        int len = snprintf(scratch, FILL_SCRATCH, "%" PRId64, number);
        *value = (struct span){scratch, (size_t)len};
    } else {
        return -1;
    }
    return 0;
}
