#include "load/locust_result.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "load/locust_report.h"

#define SOURCE    "Locust's figures"
#define FIELDS(f) .fields = (f), .n_fields = sizeof(f) / sizeof *(f)

/* ---- the lines ---- */

struct line_begin {
    const char *host, *locust;
    int64_t users, expected;
};

static const struct js_field begin_fields[] = {
    {JS_FIELD(line_begin, "host", JS_STRING, host)},
    {JS_FIELD(line_begin, "locust", JS_STRING, locust)},
    {JS_FIELD(line_begin, "users", JS_INT, users)},
    {JS_FIELD(line_begin, "expected", JS_INT, expected)},
};
static const struct js_shape begin_shape = {
    .size = sizeof(struct line_begin), FIELDS(begin_fields), .skip_unknown = true};

struct line_progress {
    int64_t users, requests, failures;
};

static const struct js_field progress_fields[] = {
    {JS_FIELD(line_progress, "users", JS_INT, users)},
    {JS_FIELD(line_progress, "requests", JS_INT, requests)},
    {JS_FIELD(line_progress, "failures", JS_INT, failures)},
};
static const struct js_shape progress_shape = {
    .size = sizeof(struct line_progress), FIELDS(progress_fields), .skip_unknown = true};

static const struct js_field second_fields[] = {
    {JS_FIELD(locust_second, "at", JS_INT, at)},
    {JS_FIELD(locust_second, "users", JS_INT, users)},
    {JS_FIELD(locust_second, "failures", JS_INT, failures)},
    {JS_FIELD(locust_second, "sum_ns", JS_INT, sum_ns)},
    {JS_FIELD(locust_second, "bytes", JS_INT, bytes)},
    {JS_LIST(locust_second, "times", JS_INTS, times, n_times)},
};
static const struct js_shape second_shape = {
    .size = sizeof(struct locust_second), FIELDS(second_fields), .skip_unknown = true};

static int take_begin(struct locust_result *result, const struct js_at *at, struct err *err)
{
    struct line_begin begin;
    if (result->began)
        return js_fail(at, err, "expected the measured time to begin once");
    if (js_decode(at, &begin_shape, &begin, &result->arena, err) < 0)
        return -1;
    result->began = true;
    result->began_wall_ns = clock_wall_ns();
    result->host = begin.host;
    result->version = begin.locust;
    result->users = begin.users;
    if (begin.users < begin.expected)
        locust_result_note(result, "only %lld of %lld users ran when measuring began",
                           (long long)begin.users, (long long)begin.expected);
    return 0;
}

static int take_progress(struct locust_result *result, const struct js_at *at, struct err *err)
{
    struct line_progress progress;
    struct arena unused = {0};
    int status = js_decode(at, &progress_shape, &progress, &unused, err);
    if (status == 0) {
        result->users = progress.users;
        result->requests = progress.requests;
        result->failures = progress.failures;
    }
    arena_release(&unused);
    return status;
}

static int take_second(struct locust_result *result, const struct js_at *at, struct err *err)
{
    if (result->n_seconds >= LOCUST_SECONDS)
        return js_fail(at, err, "expected at most %zu seconds", LOCUST_SECONDS);
    if (result->n_seconds == result->capacity) {
        size_t capacity = result->capacity ? 2 * result->capacity : 64;
        struct locust_second *grown = arena_array(&result->arena, capacity, sizeof *grown);
        if (result->n_seconds)
            memcpy(grown, result->seconds, result->n_seconds * sizeof *grown);
        result->seconds = grown;
        result->capacity = capacity;
    }
    struct locust_second *second = &result->seconds[result->n_seconds];
    if (js_decode(at, &second_shape, second, &result->arena, err) < 0)
        return -1;
    if (second->at != (int64_t)result->n_seconds)
        return js_fail(at, err, "expected second %zu, found %lld", result->n_seconds,
                       (long long)second->at);
    result->n_seconds++;
    return 0;
}

static int take_lost(struct locust_result *result, const struct js_at *at, struct err *err)
{
    struct js_at worker;
    const char *name = "";
    if (!js_member(at, "worker", &worker) || js_get_string(&worker, &name, err) < 0)
        return js_fail(at, err, "expected the name of a worker");
    if (!result->lost) /* else its end was noted, and this is the same */
        locust_result_note(result, "the worker '%.60s' of Locust was lost during the run", name);
    result->lost = true;
    return 0;
}

static int take_end(struct locust_result *result, const struct js_at *at, struct err *err)
{
    (void)at;
    (void)err;
    result->ended = true;
    return 0;
}

static int take_error(struct locust_result *result, const struct js_at *at, struct err *err)
{
    struct js_at text;
    const char *why = "";
    (void)result;
    if (!js_member(at, "text", &text) || js_get_string(&text, &why, err) < 0)
        return js_fail(at, err, "expected a text");
    return err_set(err, ERR_INPUT, "%s", why);
}

static const struct {
    const char *kind;
    int (*take)(struct locust_result *result, const struct js_at *at, struct err *err);
} kinds[] = {
    {"begin", take_begin}, {"progress", take_progress}, {"second", take_second},
    {"lost", take_lost},   {"end", take_end},           {"error", take_error},
};

static int take(struct locust_result *result, struct js_doc **doc, struct err *err)
{
    struct js_at root = js_root(*doc), kind;
    const char *name = "";
    if (!js_member(&root, "kind", &kind) || js_get_string(&kind, &name, err) < 0)
        return js_fail(&root, err, "expected a kind");
    if (strcmp(name, "state") == 0) {
        if (result->state)
            js_free(result->state);
        result->state = *doc;
        *doc = NULL;
        return 0;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].kind, name) == 0)
            return kinds[i].take(result, &root, err);
    return js_fail(&root, err, "unknown kind '%.40s'", name);
}

int locust_result_take(struct locust_result *result, const char *line, size_t len, struct err *err)
{
    struct js_doc *doc = NULL;
    if (js_parse(line, len, SOURCE, &doc, err) < 0)
        return -1;
    int status = take(result, &doc, err);
    if (doc)
        js_free(doc);
    return status;
}

void locust_result_note(struct locust_result *result, const char *format, ...)
{
    char text[512];
    va_list arguments;
    if (result->n_notes == sizeof result->notes / sizeof *result->notes)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    result->notes[result->n_notes++] = arena_strdup(&result->arena, text);
}

void locust_result_release(struct locust_result *result)
{
    if (result->state)
        js_free(result->state);
    arena_release(&result->arena);
    *result = (struct locust_result){0};
}
