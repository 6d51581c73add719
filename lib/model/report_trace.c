#include "model/report_trace.h"

#include <stdlib.h>
#include <string.h>

#include "model/document.h"
#include "model/report.h"

#define PLACE "{trace_id}"

static const struct js_field fields[] = {
    {JS_FIELD(report_trace, "trace_id", JS_STRING, trace_id), JS_REQUIRED},
    {JS_FIELD(report_trace, "latency_ms", JS_MS, latency_ns), JS_REQUIRED},
    {JS_FIELD(report_trace, "ended_at", JS_CUSTOM, ended_ns), .decode = document_decode_utc,
     .encode = document_encode_utc},
};
const struct js_shape report_trace_shape = {.size = sizeof(struct report_trace),
                                            .fields = fields,
                                            .n_fields = sizeof fields / sizeof fields[0],
                                            .one_line = true};

int report_trace_check(const struct js_at *at, const struct report_traces *traces, struct err *err)
{
    if (traces->n > TRACE_SLOWEST)
        return js_fail(at, err, "expected at most %d requests, found %zu", TRACE_SLOWEST,
                       traces->n);
    for (size_t i = 0; i < traces->n; i++) {
        if (i && traces->items[i].latency_ns > traces->items[i - 1].latency_ns)
            return js_fail(at, err, "expected the slowest first");
        const char *id = traces->items[i].trace_id;
        if (strlen(id) != TRACE_ID_LEN || strspn(id, "0123456789abcdef") != TRACE_ID_LEN)
            return js_fail(at, err, "expected a trace_id of %d hexadecimal digits, found '%.40s'",
                           TRACE_ID_LEN, id);
    }
    return 0;
}

static int slower(const void *a, const void *b)
{
    const struct report_trace *left = a, *right = b;
    int order = (right->latency_ns > left->latency_ns) - (right->latency_ns < left->latency_ns);
    return order ? order : strcmp(left->trace_id, right->trace_id);
}

void report_traces_merge(const struct report_endpoint *const *items, size_t n, struct arena *arena,
                         struct report_traces *out)
{
    size_t all = 0;
    for (size_t i = 0; i < n; i++)
        all += items[i]->slowest.n;
    *out = (struct report_traces){.items = arena_array(arena, all, sizeof *out->items)};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < items[i]->slowest.n; k++)
            out->items[out->n++] = items[i]->slowest.items[k];
    if (out->n)
        qsort(out->items, out->n, sizeof *out->items, slower);
    if (out->n > TRACE_SLOWEST)
        out->n = TRACE_SLOWEST;
    for (size_t i = 0; i < out->n; i++)
        out->items[i].trace_id = arena_strdup(arena, out->items[i].trace_id);
}

void report_trace_add_link(struct buf *out, const char *link, const char *trace_id)
{
    const char *place = strstr(link, PLACE);
    if (!place) {
        buf_add_str(out, link);
        return;
    }
    buf_add(out, link, (size_t)(place - link));
    buf_addf(out, "%s%s", trace_id, place + sizeof PLACE - 1);
}
