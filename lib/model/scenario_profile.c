#include "model/scenario_profile.h"

#include "base/clock.h"
#include "model/scenario_shape.h"

static const char *const format_names[] = {[PROFILE_FOLDED] = "folded",
                                           [PROFILE_PERF_SCRIPT] = "perf-script",
                                           [PROFILE_GDB] = "gdb",
                                           [PROFILE_PLAIN] = "text",
                                           NULL};

static void set_defaults(void *out)
{
    *(struct scenario_profile *)out =
        (struct scenario_profile){.last_ns = 10 * NS_PER_S, .timeout_ns = 30 * NS_PER_S};
}

static const struct js_field fields[] = {
    {JS_LIST(scenario_profile, "command", JS_STRINGS, command, n_command), .flags = JS_REQUIRED},
    {JS_LIST(scenario_profile, "then", JS_STRINGS, then, n_then)},
    {JS_FIELD(scenario_profile, "last", JS_CUSTOM, last_ns), .decode = scenario_decode_duration},
    {JS_FIELD(scenario_profile, "timeout", JS_CUSTOM, timeout_ns),
     .decode = scenario_decode_duration},
    {JS_FIELD(scenario_profile, "format", JS_ENUM, format), .names = format_names},
};
static const struct js_shape shape = {.size = sizeof(struct scenario_profile),
                                      .fields = fields,
                                      .n_fields = sizeof fields / sizeof fields[0],
                                      .defaults = set_defaults};

static int check_command(const struct js_at *at, const char *key, const char *const *command,
                         size_t n, struct err *err)
{
    if (!n || n > SCENARIO_ARGUMENTS)
        return js_fail(at, err, "%s: expected a program and its arguments, up to %d, found %zu",
                       key, SCENARIO_ARGUMENTS, n);
    if (!*command[0])
        return js_fail(at, err, "%s[0]: expected the name of a program, found an empty string",
                       key);
    return 0;
}

int scenario_decode_profile(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_profile *profile = out;
    struct js_at then;
    if (js_decode(at, &shape, profile, arena, err) < 0 ||
        check_command(at, "command", profile->command, profile->n_command, err) < 0)
        return -1;
    if (js_member(at, "then", &then) &&
        check_command(at, "then", profile->then, profile->n_then, err) < 0)
        return -1;
    if (profile->last_ns < NS_PER_S || profile->last_ns > 3600 * NS_PER_S)
        return js_fail(at, err, "last: expected from 1s to 1h");
    if (profile->timeout_ns < NS_PER_S || profile->timeout_ns > 3600 * NS_PER_S)
        return js_fail(at, err, "timeout: expected from 1s to 1h");
    return 0;
}
