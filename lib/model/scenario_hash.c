#include <inttypes.h>
#include <stdio.h>

#include "base/fnv.h"
#include "base/json.h"
#include "base/num.h"
#include "model/scenario_shape.h"

/*
 * The canonical text: each text as a JSON string, each number in decimal, each list with its length
 * before it, so that no two scenarios share a text. What came later than version 0.1 begins with a
 * letter and is there only where it is used, so that older scenarios keep their hash. It is
 * hashed by base/fnv.h.
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

/* Nothing where it is not set, so that scenarios from before there was this key keep their hash. */
static void add_auth(struct buf *out, const struct scenario_auth *auth)
{
    if (auth->kind == AUTH_UNSET)
        return;
    add_text(out, "auth");
    add_int(out, auth->kind);
    add_text(out, auth->user);
    add_text(out, auth->secret);
}

/* Only what the service sees of it. */
static void add_tls(struct buf *out, const struct scenario_tls *tls)
{
    if (tls->cert)
        add_text(out, "tls.cert");
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

static void add_walk(struct buf *out, const struct scenario_step *step)
{
    if (step->repeat_low != 1 || step->repeat_high != 1)
        buf_addf(out, "r%" PRId64 ",%" PRId64 ",", step->repeat_low, step->repeat_high);
    if (step->taken >= 1)
        return;
    buf_add_char(out, 'o');
    num_add_double(out, step->taken);
    buf_add_char(out, ',');
}

/* The content only where the whole workload is asked for. */
static void add_file(struct buf *out, const struct scenario_file *file, bool contents)
{
    add_text(out, file->path);
    if (contents)
        buf_addf(out, "c%016" PRIx64 ",", file->hash);
}

static void add_parts(struct buf *out, const struct scenario_step *step, bool contents)
{
    for (size_t i = 0; i < step->n_parts; i++) {
        const struct scenario_part *part = &step->parts[i];
        buf_addf(out, "m%d%d%d,", part->value != NULL, part->filename != NULL, part->type != NULL);
        add_text(out, part->name);
        add_text(out, part->value);
        add_text(out, part->filename);
        add_text(out, part->type);
        if (part->file.path)
            add_file(out, &part->file, contents);
    }
}

/* Named, because most steps do not have it: what stands behind them must not look like it. */
static void add_group(struct buf *out, const struct scenario_step *first)
{
    add_text(out, "parallel");
    add_int(out, first->group);
    add_int(out, first->connections);
}

static void add_steps(struct buf *out, const struct scenario_step *steps, size_t n, bool contents)
{
    add_int(out, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        add_text(out, steps[i].name);
        add_text(out, steps[i].method);
        add_text(out, steps[i].path);
        add_pairs(out, &steps[i].query);
        add_pairs(out, &steps[i].headers);
        add_auth(out, &steps[i].auth);
        add_int(out, steps[i].body_kind);
        add_text(out, steps[i].body);
        add_pairs(out, &steps[i].form);
        add_captures(out, &steps[i]);
        add_expects(out, &steps[i]);
        add_int(out, steps[i].follow_redirects);
        add_walk(out, &steps[i]);
        add_parts(out, &steps[i], contents);
        if (steps[i].group > 1)
            add_group(out, &steps[i]);
    }
}

static void add_class(struct buf *out, const struct scenario_class *class, bool contents)
{
    add_text(out, class->name);
    add_int(out, class->weight);
    add_int(out, class->think_low_ns);
    add_int(out, class->think_high_ns);
    add_pairs(out, &class->headers);
    add_auth(out, &class->auth);
    add_steps(out, class->on_start, class->n_on_start, contents);
    add_int(out, (int64_t) class->n_tasks);
    for (size_t i = 0; i < class->n_tasks; i++) {
        add_text(out, class->tasks[i].name);
        add_int(out, class->tasks[i].weight);
        add_steps(out, class->tasks[i].steps, class->tasks[i].n_steps, contents);
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

/* Nothing where the scenario has none of it, so that it keeps the hash from before there was any.
 */
static void add_load(struct buf *out, const struct scenario *scenario)
{
    const struct scenario_stages *stages = &scenario->stages;
    bool open = scenario->rate > 0 || (stages->n && !stages->of_users);
    if (scenario->rate > 0) {
        buf_add_str(out, "rate,");
        num_add_double(out, scenario->rate);
        buf_add_char(out, ',');
    }
    for (size_t i = 0; i < stages->n; i++) {
        buf_add_str(out, stages->of_users ? "users," : "stage,");
        add_int(out, stages->items[i].duration_ns);
        num_add_double(out, stages->items[i].level);
        buf_add_char(out, ',');
        add_int(out, stages->items[i].shape);
    }
    if (open)
        add_int(out, scenario->arrivals);
}

static void add_feeds(struct buf *out, const struct scenario *scenario, bool contents)
{
    for (size_t i = 0; i < scenario->n_feeds; i++) {
        const struct scenario_feed *feed = &scenario->feeds[i];
        buf_addf(out, "f%d,%d,", feed->order, feed->at_end);
        add_text(out, feed->name);
        add_file(out, &feed->file, contents);
    }
}

static void add_selection(struct buf *out, const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->n_classes; i++)
        for (size_t k = 0; k < scenario->classes[i].n_tasks; k++)
            if (scenario->classes[i].tasks[k].left_out)
                buf_addf(out, "x%zu,%zu,", i, k);
}

static void add_scenario(struct buf *out, const struct scenario *scenario, bool contents)
{
    add_int(out, scenario->keep_alive);
    add_int(out, scenario->follow_redirects);
    add_tls(out, &scenario->tls);
    add_pairs(out, &scenario->headers);
    add_auth(out, &scenario->auth);
    add_int(out, (int64_t)scenario->n_variables);
    for (size_t i = 0; i < scenario->n_variables; i++)
        add_variable(out, &scenario->variables[i]);
    add_int(out, (int64_t)scenario->n_classes);
    for (size_t i = 0; i < scenario->n_classes; i++)
        add_class(out, &scenario->classes[i], contents);
    add_load(out, scenario);
    if (scenario->trace.sample > 0) {
        buf_add_str(out, "trace:");
        num_add_double(out, scenario->trace.sample);
        buf_add_char(out, ',');
    }
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
    add_scenario(&text, scenario, users > 0);
    add_feeds(&text, scenario, users > 0);
    if (users > 0)
        add_selection(&text, scenario);
    uint64_t hash = fnv_add(FNV_START, text.data, text.len);
    snprintf(out, 17, "%016" PRIx64, hash);
    buf_release(&text);
}
