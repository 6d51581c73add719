#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/num.h"
#include "model/scenario.h"

/*
 * The canonical text: each text as a JSON string, each number in decimal, each list with its length
 * before it, so that no two scenarios share a text. FNV-1a, 64 bits (Fowler, Noll, Vo; RFC 9923):
 * it tells workloads apart, and guards against nobody.
 */

static void add_text(struct buf *out, const char *text)
{
    if (text)
        js_quote(out, text);
    buf_add_char(out, ',');
}

static void add_int(struct buf *out, int64_t value)
{
    buf_addf(out, "%" PRId64 ",", value);
}

static void add_pairs(struct buf *out, const struct scenario_pairs *pairs)
{
    add_int(out, (int64_t)pairs->n);
    for (size_t i = 0; i < pairs->n; i++) {
        add_text(out, pairs->items[i].name);
        add_text(out, pairs->items[i].value);
    }
}

static void add_captures(struct buf *out, const struct scenario_step *step)
{
    add_int(out, (int64_t)step->n_captures);
    for (size_t i = 0; i < step->n_captures; i++) {
        const struct scenario_capture *capture = &step->captures[i];
        add_text(out, capture->variable);
        add_int(out, capture->from);
        add_text(out, capture->expression);
        add_int(out, capture->group);
        add_int(out, capture->optional);
    }
}

static void add_expects(struct buf *out, const struct scenario_step *step)
{
    add_int(out, (int64_t)step->n_expects);
    for (size_t i = 0; i < step->n_expects; i++) {
        const struct scenario_expect *expect = &step->expects[i];
        add_int(out, expect->kind);
        add_text(out, expect->name);
        add_text(out, expect->value);
        add_int(out, expect->status_low);
        add_int(out, expect->status_high);
        add_int(out, expect->max_ns);
    }
}

/* Named, because most steps do not have it: what stands behind them must not look like it. */
static void add_group(struct buf *out, const struct scenario_step *first)
{
    add_text(out, "parallel");
    add_int(out, first->group);
    add_int(out, first->connections);
}

static void add_steps(struct buf *out, const struct scenario_step *steps, size_t n)
{
    add_int(out, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        add_text(out, steps[i].name);
        add_text(out, steps[i].method);
        add_text(out, steps[i].path);
        add_pairs(out, &steps[i].query);
        add_pairs(out, &steps[i].headers);
        add_int(out, steps[i].body_kind);
        add_text(out, steps[i].body);
        add_pairs(out, &steps[i].form);
        add_captures(out, &steps[i]);
        add_expects(out, &steps[i]);
        add_int(out, steps[i].follow_redirects);
        if (steps[i].group > 1)
            add_group(out, &steps[i]);
    }
}

static void add_class(struct buf *out, const struct scenario_class *class)
{
    add_text(out, class->name);
    add_int(out, class->weight);
    add_int(out, class->think_low_ns);
    add_int(out, class->think_high_ns);
    add_pairs(out, &class->headers);
    add_steps(out, class->on_start, class->n_on_start);
    add_int(out, (int64_t) class->n_tasks);
    for (size_t i = 0; i < class->n_tasks; i++) {
        add_text(out, class->tasks[i].name);
        add_int(out, class->tasks[i].weight);
        add_steps(out, class->tasks[i].steps, class->tasks[i].n_steps);
    }
}

static void add_variable(struct buf *out, const struct scenario_variable *variable)
{
    add_text(out, variable->name);
    add_int(out, variable->kind);
    add_text(out, variable->text);
    add_int(out, variable->low);
    add_int(out, variable->high);
    add_int(out, (int64_t)variable->n_choices);
    for (size_t i = 0; i < variable->n_choices; i++)
        add_text(out, variable->choices[i]);
}

static void add_scenario(struct buf *out, const struct scenario *scenario)
{
    add_int(out, scenario->keep_alive);
    add_int(out, scenario->follow_redirects);
    add_pairs(out, &scenario->headers);
    add_int(out, (int64_t)scenario->n_variables);
    for (size_t i = 0; i < scenario->n_variables; i++)
        add_variable(out, &scenario->variables[i]);
    add_int(out, (int64_t)scenario->n_classes);
    for (size_t i = 0; i < scenario->n_classes; i++)
        add_class(out, &scenario->classes[i]);
    if (scenario->protocol != SCENARIO_AUTO)
        buf_addf(out, "protocol:%d,", scenario->protocol);
}

void scenario_workload_hash(const struct scenario *scenario, int64_t users, double think_scale,
                            char out[17])
{
    struct buf text = {0};
    add_int(&text, users);
    num_add_double(&text, think_scale);
    buf_add_char(&text, ',');
    add_scenario(&text, scenario);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(0x100000001b3);
    snprintf(out, 17, "%016" PRIx64, hash);
    buf_release(&text);
}
