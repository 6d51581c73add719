/* How often a step is sent, and how surely. */
#include "model/scenario_shape.h"

#define REPEAT_MOST 10000

static int decode_between(const struct js_at *at, struct scenario_step *step, struct err *err)
{
    if (js_kind(at) != JS_K_ARRAY || js_count(at) != 2)
        return js_fail(at, err, "expected two whole numbers, as in [1, 5]");
    struct js_at low = js_item(at, 0), high = js_item(at, 1);
    if (js_get_int(&low, 1, REPEAT_MOST, &step->repeat_low, err) < 0)
        return -1;
    return js_get_int(&high, step->repeat_low, REPEAT_MOST, &step->repeat_high, err);
}

int scenario_decode_repeat(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    (void)arena;
    struct scenario_step *step = out;
    struct js_at between;
    if (js_kind(at) == JS_K_OBJECT && js_count(at) == 1 && js_member(at, "between", &between))
        return decode_between(&between, step, err);
    if (js_kind(at) != JS_K_NUMBER)
        return js_fail(at, err, "expected a number, or {\"between\": [1, 5]}");
    if (js_get_int(at, 1, REPEAT_MOST, &step->repeat_low, err) < 0)
        return -1;
    step->repeat_high = step->repeat_low;
    return 0;
}

int scenario_decode_optional(const struct js_at *at, void *out, struct arena *arena,
                             struct err *err)
{
    (void)arena;
    double *taken = out;
    if (js_get_number(at, 0, 1, taken, err) < 0)
        return -1;
    if (*taken > 0 && *taken < 1)
        return 0;
    return js_fail(at, err, "expected a probability above 0 and below 1, such as 0.3");
}

int scenario_check_walk(const struct js_at *at, const struct scenario_step *steps, size_t n,
                        struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (steps[i].taken >= 1)
            return 0;
    return js_fail(at, err, "expected a step that is always taken, without 'optional'");
}
