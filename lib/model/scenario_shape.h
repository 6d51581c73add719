/* The tables of the scenario's document, and what they cannot say. Only for the scenario*.c files;
 * what it all means is in scenario.h and perfgate-scenario(5). */
#ifndef PERFGATE_MODEL_SCENARIO_SHAPE_H
#define PERFGATE_MODEL_SCENARIO_SHAPE_H

#include "base/json.h"
#include "model/scenario.h"

extern const struct js_shape scenario_shape;

/* ---- values that several tables have (scenario_value.c) ---- */

/* A JS_CUSTOM member int64_t in ns: "90s", "250ms", or a number of seconds. */
int scenario_decode_duration(const struct js_at *at, void *out, struct arena *arena,
                             struct err *err);

/* A text for people and tables: 1 to 200 bytes without control characters. */
int scenario_decode_name(const struct js_at *at, void *out, struct arena *arena, struct err *err);

/* A struct tags: as any document has them, but no more than SCENARIO_TAGS. */
int scenario_decode_tags(const struct js_at *at, void *out, struct arena *arena, struct err *err);

/* True where `text` holds a control character, a line break among them. */
bool scenario_has_control(const char *text);

/* A struct scenario_pairs from an object of texts; of header fields, checked as such. */
int scenario_decode_pairs(const struct js_at *at, void *out, struct arena *arena, struct err *err);
int scenario_decode_headers(const struct js_at *at, void *out, struct arena *arena,
                            struct err *err);

/* Fails unless `text` is a token of RFC 9110, 5.6.2; `what` says what should have been. */
int scenario_check_token(const struct js_at *at, const char *text, const char *what,
                         struct err *err) __attribute__((warn_unused_result));

/* Fails unless the name of a variable can stand in `${…}`. */
int scenario_check_variable(const struct js_at *at, const char *name, struct err *err)
    __attribute__((warn_unused_result));

/* ---- the way to the service (scenario_access.c) ---- */

/* A struct scenario_auth; null switches credentials off. */
int scenario_decode_auth(const struct js_at *at, void *out, struct arena *arena, struct err *err);

/* A struct scenario_trace. */
int scenario_decode_trace(const struct js_at *at, void *out, struct arena *arena, struct err *err);

/* A struct scenario_tls. */
int scenario_decode_tls(const struct js_at *at, void *out, struct arena *arena, struct err *err);

/* ---- what is watched (scenario_monitor.c) ---- */

/* A struct scenario_monitor. */
int scenario_decode_monitor(const struct js_at *at, void *out, struct arena *arena,
                            struct err *err);

/* A struct scenario_profile (scenario_profile.c). */
int scenario_decode_profile(const struct js_at *at, void *out, struct arena *arena,
                            struct err *err);

/* ---- what is asked for numbers (scenario_source.c) ---- */

extern const struct js_shape scenario_endpoint_shape, scenario_probe_shape;

/* What the tables cannot say of endpoints and probes, and their defaults. `at` is the monitor. */
int scenario_check_sources(const struct js_at *at, struct scenario_monitor *monitor,
                           struct err *err) __attribute__((warn_unused_result));

/* A struct scenario_metrics: an object of named numbers (scenario_metric.c). */
int scenario_decode_metrics(const struct js_at *at, void *out, struct arena *arena,
                            struct err *err);

/* ---- steps (scenario_step.c) ---- */

/* The fields of a step, for a table that has more. */
extern const struct js_shape scenario_step_shape;

/* What a decoded step lacks: the defaults of name and method. Fails where it has no path. */
int scenario_settle_step(const struct js_at *at, struct scenario_step *step, struct err *err)
    __attribute__((warn_unused_result));

/* ---- the load over time (scenario_stage.c) ---- */

/* A struct scenario_stages. */
int scenario_decode_stages(const struct js_at *at, void *out, struct arena *arena, struct err *err);

/* Fails where two keys say how much load there is. `at` is the document's root. */
int scenario_check_load(const struct js_at *at, const struct scenario *scenario, struct err *err)
    __attribute__((warn_unused_result));

/* ---- how often and how surely (scenario_walk.c) ---- */

/* A step's repeat; `out` is the step. */
int scenario_decode_repeat(const struct js_at *at, void *out, struct arena *arena, struct err *err);

/* A JS_CUSTOM member double: the probability that a step is taken. */
int scenario_decode_optional(const struct js_at *at, void *out, struct arena *arena,
                             struct err *err);

/* Fails where all steps of a sequence are optional: a task without a request would be none. */
int scenario_check_walk(const struct js_at *at, const struct scenario_step *steps, size_t n,
                        struct err *err) __attribute__((warn_unused_result));

/* ---- multipart bodies (scenario_multipart.c) ---- */

int scenario_decode_parts(const struct js_at *at, struct scenario_step *step, struct arena *arena,
                          struct err *err) __attribute__((warn_unused_result));

/* ---- feeds and files (scenario_feed.c, scenario_files.c) ---- */

/* The feeds of a scenario, which `out` is. */
int scenario_decode_feeds(const struct js_at *at, void *out, struct arena *arena, struct err *err);

/* A struct scenario_file: a path that stays in the scenario's directory. */
int scenario_decode_file(const struct js_at *at, void *out, struct arena *arena, struct err *err);

/* ---- parallel groups (scenario_group.c) ---- */

/* The requests that `item` of an array of steps stands for. */
size_t scenario_count_requests(const struct js_at *item);

/* Decodes it into so many steps. */
int scenario_decode_requests(const struct js_at *item, struct scenario_step *steps,
                             struct arena *arena, struct err *err)
    __attribute__((warn_unused_result));

/* ---- `${…}` (scenario_names.c) ---- */

/* Fails on an unbalanced `${` and on names that nothing can fill. `at` is the document's root. */
int scenario_check_names(const struct js_at *at, const struct scenario *scenario, struct err *err)
    __attribute__((warn_unused_result));

#endif
