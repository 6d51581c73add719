/* What makes requests findable in an APM. */
#include <string.h>

#include "model/scenario_shape.h"

static const struct js_field fields[] = {
    {JS_FIELD(scenario_trace, "sample", JS_NUMBER, sample), JS_REQUIRED, .low = 1e-9, .high = 1},
    {JS_FIELD(scenario_trace, "link", JS_STRING, link)},
};
static const struct js_shape shape = {.size = sizeof(struct scenario_trace),
                                      .fields = fields,
                                      .n_fields = sizeof fields / sizeof fields[0]};

int scenario_decode_trace(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_trace *trace = out;
    if (js_decode(at, &shape, trace, arena, err) < 0)
        return -1;
    if (trace->link &&
        ((strncmp(trace->link, "http://", 7) != 0 && strncmp(trace->link, "https://", 8) != 0) ||
         !strstr(trace->link, "{trace_id}")))
        return js_fail(at, err,
                       "link: expected an address as https://apm.example.com/trace/{trace_id}, "
                       "found '%.100s'",
                       trace->link);
    return 0;
}
