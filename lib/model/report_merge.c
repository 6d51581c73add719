#include "model/report_merge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

/* ---- endpoints ---- */

/* A figure over the parts: the sum of those that ran at once, else per second of all of them. */
static double merged_rate(const struct merge_parts *parts, double sum_of_rates, int64_t requests,
                          int64_t duration_ns)
{
    if (parts->shards)
        return sum_of_rates;
    return duration_ns ? (double)requests / ((double)duration_ns / 1e9) : (double)NAN;
}

static int compare_endpoints(const void *a, const void *b)
{
    const struct report_endpoint *left = *(const struct report_endpoint *const *)a;
    const struct report_endpoint *right = *(const struct report_endpoint *const *)b;
    int order = strcmp(left->name, right->name);
    return order ? order : strcmp(left->method, right->method);
}

/* The larger or smaller of two; not known where one is not. */
static double extreme(double a, double b, bool larger)
{
    if (isnan(a) || isnan(b))
        return (double)NAN;
    return (a < b) == larger ? b : a;
}

/* Adds what needs no histogram: counts, the average, the extremes. */
static void add_metrics(struct metrics *to, const struct metrics *from)
{
    double before = (double)to->total_requests, more = (double)from->total_requests;
    if (more > 0 && before > 0) {
        to->average_ms = (to->average_ms * before + from->average_ms * more) / (before + more);
        to->min_ms = extreme(to->min_ms, from->min_ms, false);
        to->max_ms = extreme(to->max_ms, from->max_ms, true);
    } else if (more > 0) {
        to->average_ms = from->average_ms;
        to->min_ms = from->min_ms;
        to->max_ms = from->max_ms;
    }
    to->total_requests += from->total_requests;
    to->total_failures += from->total_failures;
    to->requests_per_s += from->requests_per_s;
}

/* Merges `n` endpoints of one name and method into `out`, and their samples into `histogram`.
 * Returns false where a part's requests are not all in its histogram. */
static bool merge_endpoints(const struct report_endpoint *const *items, size_t n,
                            struct histogram *histogram, struct report_endpoint *out)
{
    bool exact = true;
    double bytes = 0;
    struct metrics *metrics = &out->metrics;
    for (size_t i = 0; i < n; i++) {
        const struct report_endpoint *item = items[i];
        exact = exact && item->histogram.count == item->metrics.total_requests;
        histogram_merge_sparse(histogram, &item->histogram);
        add_metrics(metrics, &item->metrics);
        if (item->metrics.total_requests)
            bytes += item->content_bytes * (double)item->metrics.total_requests;
    }
    out->content_bytes =
        metrics->total_requests ? bytes / (double)metrics->total_requests : (double)NAN;
    return exact;
}

/* From a histogram where it holds every request, else what add_metrics() made. */
static void settle(struct metrics *metrics, const struct histogram *histogram)
{
    static const struct histogram none = {0};
    struct metrics added = *metrics;
    int64_t requests = added.total_requests;
    metrics_from_histogram(metrics, histogram ? histogram : &none);
    metrics->total_requests = requests;
    if (!histogram && requests) {
        metrics->average_ms = added.average_ms;
        metrics->min_ms = added.min_ms;
        metrics->max_ms = added.max_ms;
    }
    metrics->error_rate =
        requests ? (double)metrics->total_failures / (double)requests : (double)NAN;
}

static void merge_tags(const struct report_endpoint *const *items, size_t n, struct arena *arena,
                       struct tags *out)
{
    for (size_t i = 0; i < n; i++)
        tags_add(out, &items[i]->tags, arena);
}

static const struct report_endpoint **sorted_endpoints(const struct merge_parts *parts,
                                                       struct arena *arena, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < parts->n; i++)
        *n += parts->items[i]->n_endpoints;
    const struct report_endpoint **all = arena_array(arena, *n, sizeof *all);
    size_t used = 0;
    for (size_t i = 0; i < parts->n; i++)
        for (size_t e = 0; e < parts->items[i]->n_endpoints; e++)
            all[used++] = &parts->items[i]->endpoints[e];
    if (*n)
        qsort(all, *n, sizeof *all, compare_endpoints);
    return all;
}

static void merge_all_endpoints(const struct merge_parts *parts, struct report *out)
{
    size_t n;
    const struct report_endpoint **all = sorted_endpoints(parts, &out->arena, &n);
    struct histogram whole = {0}, one = {0}, sent = {0};
    bool whole_exact = true, all_sent = n > 0;
    out->endpoints = arena_array(&out->arena, n, sizeof *out->endpoints);
    for (size_t i = 0, end; i < n; i = end) {
        end = i + 1;
        while (end < n && compare_endpoints(&all[i], &all[end]) == 0)
            end++;
        struct report_endpoint *endpoint = &out->endpoints[out->n_endpoints++];
        endpoint->name = arena_strdup(&out->arena, all[i]->name);
        endpoint->method = arena_strdup(&out->arena, all[i]->method);
        merge_tags(all + i, end - i, &out->arena, &endpoint->tags);
        endpoint->from_send = report_sent_merge(all + i, end - i, &sent, &out->arena);
        all_sent = all_sent && endpoint->from_send;
        report_traces_merge(all + i, end - i, &out->arena, &endpoint->slowest);
        histogram_reset(&one);
        bool exact = merge_endpoints(all + i, end - i, &one, endpoint);
        struct metrics *metrics = &endpoint->metrics;
        metrics->requests_per_s =
            merged_rate(parts, metrics->requests_per_s, metrics->total_requests, out->duration_ns);
        settle(metrics, exact ? &one : NULL);
        if (exact)
            histogram_to_sparse(&one, &out->arena, &endpoint->histogram);
        histogram_merge(&whole, &one);
        whole_exact = whole_exact && exact;
    }
    settle(&out->metrics,
           whole_exact && whole.count == out->metrics.total_requests ? &whole : NULL);
    if (all_sent)
        out->from_send = report_sent_new(&sent, false, &out->arena);
    histogram_release(&one);
    histogram_release(&whole);
    histogram_release(&sent);
}

/* ---- errors ---- */

static int compare_errors(const void *a, const void *b)
{
    const struct report_error *left = a, *right = b;
    int order = compare_text(left->endpoint, right->endpoint);
    order = order ? order : compare_text(left->method, right->method);
    order = order ? order : compare_text(left->kind, right->kind);
    return order ? order : compare_text(left->message, right->message);
}

static void add_error(struct report_error *into, const struct report_error *from)
{
    into->count += from->count;
    if (from->first_seen_ns && (!into->first_seen_ns || from->first_seen_ns < into->first_seen_ns))
        into->first_seen_ns = from->first_seen_ns;
    if (from->last_seen_ns > into->last_seen_ns)
        into->last_seen_ns = from->last_seen_ns;
}

static void merge_errors(const struct merge_parts *parts, struct report *out)
{
    size_t n = 0;
    for (size_t i = 0; i < parts->n; i++)
        n += parts->items[i]->n_errors;
    struct report_error *all = arena_array(&out->arena, n, sizeof *all);
    n = 0;
    for (size_t i = 0; i < parts->n; i++)
        for (size_t e = 0; e < parts->items[i]->n_errors; e++)
            all[n++] = parts->items[i]->errors[e];
    if (n)
        qsort(all, n, sizeof *all, compare_errors);
    out->errors = all;
    for (size_t i = 0; i < n; i++) {
        if (out->n_errors && compare_errors(&all[out->n_errors - 1], &all[i]) == 0) {
            add_error(&all[out->n_errors - 1], &all[i]);
            continue;
        }
        struct report_error *error = &all[out->n_errors++];
        *error = all[i];
        error->endpoint = arena_strdup(&out->arena, error->endpoint);
        error->method = arena_strdup(&out->arena, error->method);
        error->kind = arena_strdup(&out->arena, error->kind);
        error->message = arena_strdup(&out->arena, error->message);
    }
}

/* ---- what is said of the run ---- */

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void add_text(struct arena *arena, const char **texts, size_t *n, const char *text)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp(texts[i], text) == 0)
            return;
    texts[(*n)++] = arena_strdup(arena, text);
}

/* Results of other tools may have no start: see merge_times(). */
static bool lacks_start(const struct merge_parts *parts)
{
    for (size_t i = 0; i < parts->n; i++)
        if (parts->items[i]->source && !parts->items[i]->started_ns)
            return parts->n > 1;
    return false;
}

static void merge_health(const struct merge_parts *parts, struct report *out)
{
    struct report_health *health = &out->health;
    size_t reasons = 0, notes = 2; /* those of ours */
    bool same_kind = true;
    for (size_t i = 0; i < parts->n; i++) {
        reasons += parts->items[i]->health.n_reasons;
        notes += parts->items[i]->health.n_notes;
    }
    *health = (struct report_health){.valid = true, .cpu = (double)NAN, .drift_p = (double)NAN};
    health->reasons = arena_array(&out->arena, reasons, sizeof *health->reasons);
    health->notes = arena_array(&out->arena, notes, sizeof *health->notes);
    for (size_t i = 0; i < parts->n; i++) {
        const struct report_health *from = &parts->items[i]->health;
        health->valid = health->valid && from->valid;
        health->cpu = fmax(health->cpu, from->cpu);
        health->lag_p50_ns = larger(health->lag_p50_ns, from->lag_p50_ns);
        health->lag_p99_ns = larger(health->lag_p99_ns, from->lag_p99_ns);
        health->lag_mean_ns = larger(health->lag_mean_ns, from->lag_mean_ns);
        health->retries += from->retries;
        health->connections += from->connections;
        health->tls_handshakes += from->tls_handshakes;
        health->tls_resumed += from->tls_resumed;
        for (size_t r = 0; r < from->n_reasons; r++)
            add_text(&out->arena, health->reasons, &health->n_reasons, from->reasons[r]);
        for (size_t r = 0; r < from->n_notes; r++)
            add_text(&out->arena, health->notes, &health->n_notes, from->notes[r]);
        same_kind = same_kind && fingerprint_same_kind(&parts->items[0]->environment,
                                                       &parts->items[i]->environment);
    }
    if (!same_kind)
        add_text(&out->arena, health->notes, &health->n_notes,
                 "the merged parts were measured on machines of different kinds");
    if (lacks_start(parts))
        add_text(&out->arena, health->notes, &health->n_notes,
                 "merged parts that do not say when they ran count as one after the other");
}

/* The text that all parts have in the member at `offset`; NULL where they differ. */
static const char *common(const struct merge_parts *parts, size_t offset, struct arena *arena)
{
    const char *first = NULL, *text;
    for (size_t i = 0; i < parts->n; i++) {
        memcpy(&text, (const char *)parts->items[i] + offset, sizeof text);
        if (!text || (first && strcmp(first, text) != 0))
            return NULL;
        first = text;
    }
    return arena_strdup(arena, first);
}

static void copy_environment(const struct fingerprint *from, struct report *out)
{
    struct fingerprint *to = &out->environment;
    *to = *from;
    to->cpu_model = arena_strdup(&out->arena, from->cpu_model);
    to->virtualization = arena_strdup(&out->arena, from->virtualization);
    to->kernel = arena_strdup(&out->arena, from->kernel);
    to->runner_image = arena_strdup(&out->arena, from->runner_image);
    to->tool = arena_strdup(&out->arena, from->tool);
}

static struct report_source *merged_source(const struct merge_parts *parts, struct arena *arena)
{
    for (size_t i = 0; i < parts->n; i++)
        if (parts->items[i]->source)
            return report_source_dup(parts->items[i]->source, arena);
    return NULL;
}

static void merge_totals(const struct merge_parts *parts, struct report *out)
{
    struct metrics *metrics = &out->metrics;
    for (size_t i = 0; i < parts->n; i++) {
        add_metrics(metrics, &parts->items[i]->metrics);
        out->resolution_ns = larger(out->resolution_ns, parts->items[i]->resolution_ns);
    }
    merge_times(parts, out);
    metrics->requests_per_s =
        merged_rate(parts, metrics->requests_per_s, metrics->total_requests, out->duration_ns);
}

int report_merge(const struct report *const *parts, const char *const *names, size_t n,
                 struct report *out, struct err *err)
{
    *out = (struct report){0};
    if (!n)
        return err_set(err, ERR_USAGE, "nothing to merge; name at least one report");
    if (merge_check(parts, names, n, err) < 0)
        return -1;
    struct merge_parts all = merge_order(parts, n, &out->arena);
    out->suite = common(&all, offsetof(struct report, suite), &out->arena);
    out->run_id = common(&all, offsetof(struct report, run_id), &out->arena);
    out->host = common(&all, offsetof(struct report, host), &out->arena);
    out->workload = common(&all, offsetof(struct report, workload), &out->arena);
    out->scenario = common(&all, offsetof(struct report, scenario), &out->arena);
    out->scenario_hash = common(&all, offsetof(struct report, scenario_hash), &out->arena);
    out->trace_link = common(&all, offsetof(struct report, trace_link), &out->arena);
    out->commit = common(&all, offsetof(struct report, commit), &out->arena);
    copy_environment(&all.items[0]->environment, out);
    out->source = merged_source(&all, &out->arena);
    merge_totals(&all, out);
    out->arrivals = report_arrivals_merge(all.items, n, all.shards, &out->arena);
    out->resources = report_resources_merge(all.items, n, &out->arena);
    out->profile = report_profile_merge(all.items, n, &out->arena);
    merge_health(&all, out);
    merge_all_endpoints(&all, out);
    merge_errors(&all, out);
    report_settle_source(out);
    out->series = merge_series(&all, &out->arena);
    return 0;
}
