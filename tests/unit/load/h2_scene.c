#include "h2_scene.h"

#include <stdio.h>
#include <string.h>

void h2_scene_set_up(struct h2_scene *scene, const char *settings, const char *class)
{
    char all[1024];
    snprintf(all, sizeof all, "\"protocol\": \"http2\", %s", settings);
    scene_set_up(&scene->scene, all, class);
    h2_server_start(&scene->server);
    scene->scene.options.host = scene->server.url;
}

const struct report *h2_scene_run(struct h2_scene *scene)
{
    const struct report *report = scene_run(&scene->scene);
    h2_server_end(&scene->server);
    return report;
}

void h2_scene_tear_down(struct h2_scene *scene)
{
    scene_tear_down(&scene->scene);
    h2_server_release(&scene->server);
}

int64_t h2_scene_failures(const struct report *report, const char *kind, const char *message)
{
    int64_t count = 0;
    for (size_t i = 0; i < report->n_errors; i++) {
        const struct report_error *error = &report->errors[i];
        if ((!*kind || strcmp(error->kind, kind) == 0) && strstr(error->message, message))
            count += error->count;
    }
    return count;
}
