#include "wanted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void decode(struct scenario *scenario, const char *list, const char *start,
                   const char *members)
{
    struct buf text = {0};
    struct err err = {0};
    buf_addf(&text,
             "{\"schema\": \"perfgate.scenario/1\", \"name\": \"t\", \"monitor\": {\"%s\": [{%s, "
             "%s}]}, \"classes\": [{\"name\": \"c\", \"tasks\": [{\"get\": \"/\"}]}]}",
             list, start, members);
    *scenario = (struct scenario){0};
    if (scenario_decode(buf_text(&text), text.len, "t", scenario, &err) < 0)
        fail_msg("%s", err.text);
    buf_release(&text);
}

const struct scenario_source *wanted_endpoint(struct scenario *scenario, const char *members)
{
    decode(scenario, "endpoints", "\"name\": \"app\", \"path\": \"/m\"", members);
    return &scenario->monitor.endpoints[0];
}

const struct scenario_source *wanted_probe(struct scenario *scenario, const char *members)
{
    decode(scenario, "probes", "\"name\": \"probe\"", members);
    return &scenario->monitor.probes[0];
}
