#include "run_scene.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"

#define HEAD "{\"schema\": \"perfgate.scenario/1\", \"name\": \"t\", "

void scene_set_up(struct scene *scene, const char *settings, const char *class)
{
    char text[4096];
    *scene = (struct scene){0};
    server_start(&scene->server);
    int len = snprintf(text, sizeof text, HEAD "%s \"classes\": [{\"name\": \"c\", %s}]}", settings,
                       class);
    if (scenario_decode(text, (size_t)len, "test", &scene->scenario, &scene->err) < 0)
        fail_msg("%s", scene->err.text);
    scene->options = (struct load_options){.host = scene->server.url,
                                           .users = 4,
                                           .duration_ns = 300 * NS_PER_MS,
                                           .warmup_ns = -1,
                                           .think_scale = (double)NAN,
                                           .threads = 1};
}

void scene_set_up_delays(struct scene *scene, const char *delays)
{
    char settings[256];
    snprintf(settings, sizeof settings, "\"variables\": {\"us\": {\"choice\": [%s]}},", delays);
    scene_set_up(scene, settings, "\"tasks\": [{\"name\": \"w\", \"get\": \"/wait/${us}\"}]");
}

void scene_tear_down(struct scene *scene)
{
    load_result_release(&scene->result);
    scenario_release(&scene->scenario);
    server_end(&scene->server);
}

const struct report *scene_run(struct scene *scene)
{
    if (load_run(&scene->scenario, &scene->options, &scene->result, &scene->err) < 0)
        fail_msg("%s", scene->err.text);
    server_settle(&scene->server); /* its last count comes after its last byte */
    return &scene->result.sides[0].report;
}

void scene_count(const struct report_blocks *blocks, int64_t *count, int64_t *batches)
{
    *count = *batches = 0;
    for (size_t i = 0; i < blocks->n_count; i++)
        *count += blocks->count[i];
    for (size_t i = 0; i < blocks->n_batches; i++)
        *batches += blocks->batches[i].count;
}
