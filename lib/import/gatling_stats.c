/*
 * js/stats.json of Gatling's page (3.0 to 3.13.4): a tree of groups with the figures of each
 * request, and those of all at its root. js/global_stats.json has those of the root alone.
 *
 * Times are in whole ms, of all requests (`total`). Which percentiles percentiles1 to 4 are,
 * gatling.conf says and not the file: 50, 75, 95 and 99 unless it was changed, which a note says.
 * Up to 2.3 numbers are texts.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/gatling.h"
#include "import/object.h"
#include "import/text.h"

#define MAX_FIGURE 1e12
#define MAX_DEPTH  50

static const struct {
    const char *key;
    size_t offset;
} figures[] = {
    {"minResponseTime", offsetof(struct metrics, min_ms)},
    {"maxResponseTime", offsetof(struct metrics, max_ms)},
    {"meanResponseTime", offsetof(struct metrics, average_ms)},
    {"percentiles1", offsetof(struct metrics, median_ms)},
    {"percentiles2", offsetof(struct metrics, p75_ms)},
    {"percentiles3", offsetof(struct metrics, p95_ms)},
    {"percentiles4", offsetof(struct metrics, p99_ms)},
    {"meanNumberOfRequestsPerSecond", offsetof(struct metrics, requests_per_s)},
};

struct tree {
    struct report *report;
    int depth;
    struct metrics sums; /* of the requests */
};

bool gatling_stats_recognise(struct span head)
{
    return object_first(head) == '{' && text_holds(head, "\"numberOfRequests\"") &&
           text_holds(head, "\"percentiles1\"");
}

/* "-" and an empty text are no number: NAN. */
static int read_number(const struct js_at *at, double *out, struct err *err)
{
    const char *text;
    *out = (double)NAN;
    if (js_kind(at) != JS_K_STRING)
        return js_get_number(at, 0, MAX_FIGURE, out, err);
    if (js_get_string(at, &text, err) < 0)
        return -1;
    if (!*text || strcmp(text, "-") == 0)
        return 0;
    if (text_number((struct span){text, strlen(text)}, "", MAX_FIGURE, out, NULL) < 0)
        return js_fail(at, err, "expected a number that is not negative, found '%.40s'", text);
    return 0;
}

static int read_part(const struct js_at *stats, const char *key, const char *part, double *out,
                     struct err *err)
{
    struct js_at figure, member;
    if (object_need(stats, key, &figure, err) < 0 || js_expect_object(&figure, err) < 0 ||
        object_need(&figure, part, &member, err) < 0)
        return -1;
    return read_number(&member, out, err);
}

static int read_count(const struct js_at *stats, const char *part, int64_t *out, struct err *err)
{
    double value;
    if (read_part(stats, "numberOfRequests", part, &value, err) < 0)
        return -1;
    if (!(value <= MAX_FIGURE) || value != floor(value))
        return js_fail(stats, err, "numberOfRequests: expected a whole number");
    *out = (int64_t)value;
    return 0;
}

static int read_metrics(const struct js_at *stats, struct metrics *metrics, struct err *err)
{
    *metrics = metrics_unknown();
    if (js_expect_object(stats, err) < 0 ||
        read_count(stats, "total", &metrics->total_requests, err) < 0 ||
        read_count(stats, "ko", &metrics->total_failures, err) < 0)
        return -1;
    if (metrics->total_failures > metrics->total_requests)
        return js_fail(stats, err, "numberOfRequests has a larger ko than total");
    if (!metrics->total_requests)
        return 0;
    metrics_set_error_rate(metrics);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        double value;
        if (read_part(stats, figures[i].key, "total", &value, err) < 0)
            return -1;
        memcpy((char *)metrics + figures[i].offset, &value, sizeof value);
    }
    return 0;
}

static int read_children(struct tree *tree, const struct js_at *node, const char *path,
                         struct err *err);

static int add_request(struct tree *tree, const struct js_at *stats, const char *name,
                       struct err *err)
{
    struct report *report = tree->report;
    struct metrics metrics;
    if (report->n_endpoints == COLLECT_ENDPOINTS)
        return js_fail(stats, err,
                       "more than %d names of requests; give requests that differ in an id alone "
                       "one name in the load test",
                       COLLECT_ENDPOINTS);
    if (read_metrics(stats, &metrics, err) < 0)
        return -1;
    report->endpoints[report->n_endpoints++] =
        (struct report_endpoint){.name = name,
                                 .method = arena_strdup(&report->arena, ""),
                                 .metrics = metrics,
                                 .content_bytes = (double)NAN};
    tree->sums.total_requests += metrics.total_requests;
    tree->sums.total_failures += metrics.total_failures;
    return 0;
}

/* A request, or a group below its `path`, which ends in " / ". */
static int read_node(struct tree *tree, const struct js_at *node, const char *path, struct err *err)
{
    struct js_at member, stats;
    const char *type, *name;
    if (js_expect_object(node, err) < 0 || object_need(node, "type", &member, err) < 0 ||
        js_get_string(&member, &type, err) < 0)
        return -1;
    struct js_at named;
    if (object_need(node, "name", &named, err) < 0 || js_get_string(&named, &name, err) < 0 ||
        object_need(node, "stats", &stats, err) < 0)
        return -1;
    struct arena *arena = &tree->report->arena;
    if (strcmp(type, "GROUP") == 0)
        return read_children(tree, node, arena_printf(arena, "%s%s" GATLING_BETWEEN, path, name),
                             err);
    return add_request(tree, &stats, arena_printf(arena, "%s%s", path, name), err);
}

static int read_children(struct tree *tree, const struct js_at *node, const char *path,
                         struct err *err)
{
    struct js_at contents, child;
    void *cursor = NULL;
    if (!js_member(node, "contents", &contents))
        return 0;
    if (js_expect_object(&contents, err) < 0)
        return -1;
    if (++tree->depth > MAX_DEPTH)
        return js_fail(&contents, err, "groups lie more than %d deep", MAX_DEPTH);
    while (js_next(&contents, &cursor, &child))
        if (read_node(tree, &child, path, err) < 0)
            return -1;
    tree->depth--;
    return 0;
}

static int read_root(const struct js_at *root, struct report *report, struct err *err)
{
    struct tree tree = {.report = report};
    struct js_at stats;
    report->endpoints = arena_array(&report->arena, COLLECT_ENDPOINTS, sizeof *report->endpoints);
    if (js_expect_object(root, err) < 0)
        return -1;
    bool whole = js_member(root, "stats", &stats);
    if (read_metrics(whole ? &stats : root, &report->metrics, err) < 0 ||
        (whole && read_children(&tree, root, "", err) < 0))
        return -1;
    if (report->n_endpoints && (tree.sums.total_requests != report->metrics.total_requests ||
                                tree.sums.total_failures != report->metrics.total_failures))
        return js_fail(root, err,
                       "the requests have a sum of %lld and %lld failures, but the root says %lld "
                       "and %lld; expected the file as Gatling wrote it",
                       (long long)tree.sums.total_requests, (long long)tree.sums.total_failures,
                       (long long)report->metrics.total_requests,
                       (long long)report->metrics.total_failures);
    report_sort(report);
    for (size_t i = 1; i < report->n_endpoints; i++)
        if (strcmp(report->endpoints[i - 1].name, report->endpoints[i].name) == 0)
            return js_fail(root, err, "'%.120s' is there twice; expected each request once",
                           report->endpoints[i].name);
    collect_note(report, "the percentiles are taken for the 50th, 75th, 95th and 99th, as Gatling "
                         "has them unless gatling.conf says otherwise");
    report->resolution_ns = INT64_C(1000000);
    collect_settle(report);
    return 0;
}

int gatling_stats_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct js_doc *doc;
    int status = object_read(file, &doc, err);
    if (status == 0) {
        struct js_at root = js_root(doc);
        status = read_root(&root, report, err);
    }
    js_free(doc);
    return status;
}
