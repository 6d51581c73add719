#include <string.h>

#include "model/scenario_shape.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

/* As many as browsers open to a host. */
#define DEFAULT_CONNECTIONS 6

/* A group as it is written. */
struct written_group {
    struct scenario_step how; /* first, for scenario_decode_repeat(): how often and how surely */
    size_t n;
    struct scenario_step *steps;
    int64_t connections;
};

static void set_defaults(void *out)
{
    struct written_group *group = out;
    group->how = (struct scenario_step){.repeat_low = 1, .repeat_high = 1, .taken = 1};
    group->connections = DEFAULT_CONNECTIONS;
}

static const struct js_field group_fields[] = {
    {JS_LIST(written_group, "parallel", JS_OBJECTS, steps, n), .flags = JS_REQUIRED,
     .shape = &scenario_step_shape},
    {.key = "repeat", .type = JS_CUSTOM, .decode = scenario_decode_repeat},
    {JS_FIELD(written_group, "optional", JS_CUSTOM, how.taken), .decode = scenario_decode_optional},
    {JS_FIELD(written_group, "connections", JS_INT, connections), .low = 1, .high = SCENARIO_GROUP},
};
static const struct js_shape group_shape = {
    .size = sizeof(struct written_group), FIELDS(group_fields), .defaults = set_defaults};

static int settle_member(const struct js_at *at, const struct scenario_step *how,
                         struct scenario_step *step, struct err *err)
{
    struct js_at own;
    if (js_member(at, "repeat", &own) || js_member(at, "optional", &own))
        return js_fail(&own, err, "a step of a parallel group has none; give it to the group");
    step->repeat_low = how->repeat_low;
    step->repeat_high = how->repeat_high;
    step->taken = how->taken;
    return scenario_settle_step(at, step, err);
}

static int decode_group(const struct js_at *at, const struct js_at *members,
                        struct scenario_step *steps, struct arena *arena, struct err *err)
{
    struct written_group group;
    if (js_decode(at, &group_shape, &group, arena, err) < 0)
        return -1;
    if (!group.n || group.n > SCENARIO_GROUP)
        return js_fail(members, err, "expected 1 to %d steps, found %zu", SCENARIO_GROUP, group.n);
    for (size_t i = 0; i < group.n; i++) {
        struct js_at item = js_item(members, i);
        if (settle_member(&item, &group.how, &group.steps[i], err) < 0)
            return -1;
    }
    memcpy(steps, group.steps, group.n * sizeof *steps);
    steps[0].group = (int64_t)group.n;
    steps[0].connections = group.connections;
    return 0;
}

size_t scenario_count_requests(const struct js_at *item)
{
    struct js_at members;
    return js_member(item, "parallel", &members) ? js_count(&members) : 1;
}

int scenario_decode_requests(const struct js_at *item, struct scenario_step *steps,
                             struct arena *arena, struct err *err)
{
    struct js_at members;
    if (js_member(item, "parallel", &members))
        return decode_group(item, &members, steps, arena, err);
    if (js_decode(item, &scenario_step_shape, steps, arena, err) < 0)
        return -1;
    return scenario_settle_step(item, steps, err);
}
