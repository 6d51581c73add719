/*
 * A run of the engine against the HTTP/2 server: as run_scene.h, with "protocol": "http2". The
 * server's settings are set before.
 */
#ifndef PERFGATE_TESTS_LOAD_H2_SCENE_H
#define PERFGATE_TESTS_LOAD_H2_SCENE_H

#include "h2_server.h"
#include "run_scene.h"

struct h2_scene {
    struct h2_server server;
    struct scene scene;
};

void h2_scene_set_up(struct h2_scene *scene, const char *settings, const char *class);

/* The report; after it the server has ended, so that its counts are final. */
const struct report *h2_scene_run(struct h2_scene *scene);

void h2_scene_tear_down(struct h2_scene *scene);

/* The count of failures of a kind ("" = any) whose message contains `message`. */
int64_t h2_scene_failures(const struct report *report, const char *kind, const char *message);

#endif
