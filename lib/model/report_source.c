#include "model/report_source.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "model/report.h"

static const char *const latency_names[] = {[LATENCY_UNKNOWN] = "unknown",
                                            [LATENCY_WITH_CONNECT] = "with_connect",
                                            [LATENCY_WITHOUT_CONNECT] = "without_connect",
                                            NULL};

static const char *const failures_names[] = {[FAILURES_UNKNOWN] = "unknown",
                                             [FAILURES_TIMED] = "timed",
                                             [FAILURES_NOT_TIMED] = "not_timed",
                                             [FAILURES_MISSING] = "missing",
                                             NULL};

static const char *const figures_names[] = {[FIGURES_SAMPLES] = "samples",
                                            [FIGURES_BUCKETS] = "buckets",
                                            [FIGURES_SUMMARY] = "summary",
                                            NULL};

static const struct js_field fields[] = {
    {JS_FIELD(report_source, "tool", JS_STRING, tool), JS_REQUIRED},
    {JS_FIELD(report_source, "format", JS_STRING, format), JS_REQUIRED},
    {JS_FIELD(report_source, "latency", JS_ENUM, latency), JS_REQUIRED, .names = latency_names},
    {JS_FIELD(report_source, "failures", JS_ENUM, failures), JS_REQUIRED, .names = failures_names},
    {JS_FIELD(report_source, "figures", JS_ENUM, figures), JS_REQUIRED, .names = figures_names},
};
const struct js_shape report_source_shape = {.size = sizeof(struct report_source),
                                             .fields = fields,
                                             .n_fields = sizeof fields / sizeof fields[0],
                                             .one_line = true};

struct report_source *report_source_dup(const struct report_source *source, struct arena *arena)
{
    if (!source)
        return NULL;
    struct report_source *copy = arena_array(arena, 1, sizeof *copy);
    *copy = *source;
    copy->tool = arena_strdup(arena, source->tool);
    copy->format = arena_strdup(arena, source->format);
    return copy;
}

bool report_counts_failures(const struct report *report)
{
    return !report->source || report->source->failures != FAILURES_MISSING;
}

void report_settle_source(struct report *report)
{
    if (report_counts_failures(report))
        return;
    report->metrics.error_rate = (double)NAN;
    for (size_t i = 0; i < report->n_endpoints; i++)
        report->endpoints[i].metrics.error_rate = (double)NAN;
}

static void add_part(struct buf *out, size_t start, const char *text)
{
    if (text)
        buf_addf(out, "%s%s", out->len > start ? ", " : "", text);
}

void report_add_source(struct buf *out, const struct report *report)
{
    static const char *const latency[] = {[LATENCY_WITH_CONNECT] = "latencies with connecting",
                                          [LATENCY_WITHOUT_CONNECT] =
                                              "latencies without connecting"};
    static const char *const failures[] = {[FAILURES_TIMED] = "of failed requests too",
                                           [FAILURES_NOT_TIMED] = "not of failed requests",
                                           [FAILURES_MISSING] =
                                               "not of requests without a response"};
    static const char *const figures[] = {[FIGURES_SAMPLES] = "from single requests",
                                          [FIGURES_BUCKETS] = "from the tool's own buckets",
                                          [FIGURES_SUMMARY] = "the figures are the tool's own"};
    const struct report_source *source = report->source;
    size_t start = out->len;
    if (source) {
        add_part(out, start, source->format);
        add_part(out, start, latency[source->latency]);
        add_part(out, start, failures[source->failures]);
        add_part(out, start, figures[source->figures]);
    }
    if (report->resolution_ns) {
        add_part(out, start, "times rounded to ");
        num_add_duration(out, report->resolution_ns);
    }
}

bool report_same_source(const struct report *a, const struct report *b)
{
    const struct report_source *left = a->source, *right = b->source;
    if (a->flat || b->flat)
        return true;
    if (!left || !right)
        return left == right;
    return strcmp(left->tool, right->tool) == 0 && left->latency == right->latency &&
           left->failures == right->failures && left->figures == right->figures;
}
