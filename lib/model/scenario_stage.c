#include <math.h>

#include "base/clock.h"
#include "model/scenario_shape.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

#define MAX_STAGES 1000
#define MAX_LEVEL  1e6
#define MAX_NS     (INT64_C(365) * 86400 * NS_PER_S)

/* A stage as it is written: exactly one of the two levels. */
struct written_stage {
    int64_t duration_ns;
    double rate, users; /* NAN = absent */
    int shape;
};

static const char *const shape_names[] = {[STAGE_STEP] = "step", [STAGE_RAMP] = "ramp", NULL};

static int decode_positive(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    if (scenario_decode_duration(at, out, arena, err) < 0)
        return -1;
    return *(int64_t *)out > 0 ? 0 : js_fail(at, err, "expected a duration above 0");
}

static int decode_users(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    (void)arena;
    int64_t users;
    if (js_get_int(at, 0, (int64_t)MAX_LEVEL, &users, err) < 0)
        return -1;
    *(double *)out = (double)users;
    return 0;
}

static void set_absent(void *out)
{
    ((struct written_stage *)out)->users = (double)NAN;
}

static const struct js_field stage_fields[] = {
    {JS_FIELD(written_stage, "duration", JS_CUSTOM, duration_ns), JS_REQUIRED,
     .decode = decode_positive},
    {JS_FIELD(written_stage, "rate", JS_NUMBER, rate), .high = MAX_LEVEL},
    {JS_FIELD(written_stage, "users", JS_CUSTOM, users), .decode = decode_users},
    {JS_FIELD(written_stage, "shape", JS_ENUM, shape), .names = shape_names},
};
static const struct js_shape stage_shape = {
    .size = sizeof(struct written_stage), FIELDS(stage_fields), .defaults = set_absent};

static int decode_stage(const struct js_at *at, struct scenario_stages *stages, size_t i,
                        struct arena *arena, struct err *err)
{
    struct written_stage written = {0};
    if (js_decode(at, &stage_shape, &written, arena, err) < 0)
        return -1;
    bool of_users = !isnan(written.users), of_rate = !isnan(written.rate);
    if (of_users == of_rate)
        return js_fail(at, err, "expected either a rate or users");
    if (i && of_users != stages->of_users)
        return js_fail(at, err, "expected %s, as in the stages before; all stages are of one kind",
                       stages->of_users ? "users" : "a rate");
    stages->of_users = of_users;
    stages->items[i] = (struct scenario_stage){.duration_ns = written.duration_ns,
                                               .level = of_users ? written.users : written.rate,
                                               .shape = written.shape};
    return 0;
}

int scenario_decode_stages(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_stages *stages = out;
    double highest = 0;
    if (js_kind(at) != JS_K_ARRAY)
        return js_fail(at, err, "expected an array, found %s", js_kind_name(js_kind(at)));
    stages->n = js_count(at);
    if (!stages->n || stages->n > MAX_STAGES)
        return js_fail(at, err, "expected 1 to %d stages, found %zu", MAX_STAGES, stages->n);
    stages->items = arena_array(arena, stages->n, sizeof *stages->items);
    for (size_t i = 0; i < stages->n; i++) {
        struct js_at item = js_item(at, i);
        if (decode_stage(&item, stages, i, arena, err) < 0)
            return -1;
        highest = fmax(highest, stages->items[i].level);
        stages->total_ns += stages->items[i].duration_ns;
        if (stages->total_ns > MAX_NS)
            return js_fail(at, err, "expected stages of 365 days at most together");
    }
    return highest > 0 ? 0 : js_fail(at, err, "expected at least one stage above 0");
}

int scenario_check_load(const struct js_at *at, const struct scenario *scenario, struct err *err)
{
    struct js_at stages = *at;
    if (!scenario->stages.n)
        return 0;
    js_member(at, "stages", &stages);
    if (!isnan(scenario->rate))
        return js_fail(&stages, err, "expected either 'rate' or 'stages', found both");
    if (scenario->stages.of_users && scenario->users)
        return js_fail(&stages, err, "expected either 'users' or stages of users, found both");
    return 0;
}
