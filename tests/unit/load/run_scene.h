/*
 * A run of the engine for a test: a scenario against the scripted server. scene_set_up() starts the
 * server, the test changes the options it cares for, scene_run() runs, scene_tear_down() frees all.
 */
#ifndef PERFGATE_TESTS_LOAD_RUN_SCENE_H
#define PERFGATE_TESTS_LOAD_RUN_SCENE_H

#include "load/run.h"
#include "server.h"

struct scene {
    struct server server;
    struct scenario scenario;
    struct load_options options;
    struct load_result result;
    struct err err;
};

/* A scenario with one class of tasks (JSON), 4 users on one thread for 0.3 s without think time. */
void scene_set_up(struct scene *scene, const char *settings, const char *class);

/* The same, of requests "w" that the server answers after a delay drawn from `delays`: microseconds
 * as a list of JSON's texts. */
void scene_set_up_delays(struct scene *scene, const char *delays);
void scene_tear_down(struct scene *scene);

/* The candidate's report; a run that fails fails the test. */
const struct report *scene_run(struct scene *scene);

/* The requests that the blocks' counts and batches add up to. */
void scene_count(const struct report_blocks *blocks, int64_t *count, int64_t *batches);

#endif
