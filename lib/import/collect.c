#include "import/collect.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "import/text.h"

#define TABLE    2048 /* a power of two, above COLLECT_ENDPOINTS */
#define MAX_SUM  (INT64_C(1) << 59)
#define MAX_WALL (INT64_C(2524608000) * NS_PER_S) /* the year 2050 */
#define MAX_RUN  (COLLECT_MAX_S * NS_PER_S)
#define NO_NAME  "all requests"

struct endpoint {
    char *name, *method; /* as the report has them */
    char *key;           /* both as the file has them, one behind the other */
    size_t name_len, method_len;
    uint64_t hash; /* of both */
    struct histogram histogram;
    int64_t failures, bytes, with_bytes; /* responses whose size is known */
};

/* A sample is put into its histogram some samples later, when the bucket has come into the cache:
 * names come at random, and their histograms are larger than it. */
#define AHEAD 8

struct late {
    struct endpoint *endpoint; /* NULL = none yet */
    int64_t duration_ns;
};

struct collect {
    struct endpoint *table[TABLE];
    size_t n;
    int64_t requests, failures, sum_ns;
    int64_t first_ns, last_ns; /* wall clock; 0 = not known */
    int64_t users;
    bool blurred;    /* times are whole seconds */
    int64_t n_whole; /* samples whose start is one */
    bool untimed;    /* some start is not known: no duration, no series */
    struct seconds seconds;
    struct failures errors;
    struct late late[AHEAD];
};

struct collect *collect_new(void)
{
    return mem_new(sizeof(struct collect));
}

int64_t collect_count(const struct collect *collect)
{
    return collect->requests;
}

int64_t collect_names(const struct collect *collect)
{
    return (int64_t)collect->n;
}

/* ---- endpoints ---- */

static bool same(struct span text, const char *at, size_t len)
{
    return text.len == len && (!len || memcmp(text.at, at, len) == 0);
}

/* Eight bytes at a time, mixed as xxHash does (Y. Collet): a multiplication and a turn. */
static uint64_t mix(uint64_t h, const char *at, size_t len)
{
    uint64_t word;
    for (; len >= sizeof word; at += sizeof word, len -= sizeof word) {
        memcpy(&word, at, sizeof word);
        h = (h ^ word) * 0x9e3779b185ebca87;
        h ^= h >> 29;
    }
    for (word = len + 1; len; len--)
        word = word << 8 | (unsigned char)*at++;
    h = (h ^ word) * 0x9e3779b185ebca87;
    return h ^ h >> 32;
}

static uint64_t hash(struct span name, struct span method)
{
    return mix(mix(0, name.at, name.len), method.at, method.len);
}

static char *clean(struct span text, const char *empty)
{
    struct buf out = {0};
    text_add_clean(&out, text, COLLECT_NAME);
    if (!out.len)
        buf_add_str(&out, empty);
    return buf_take(&out);
}

static struct endpoint *endpoint_new(struct span name, struct span method)
{
    struct endpoint *endpoint = mem_new(sizeof *endpoint);
    endpoint->key = mem_array(name.len + method.len + 1, 1);
    if (name.len)
        memcpy(endpoint->key, name.at, name.len);
    if (method.len)
        memcpy(endpoint->key + name.len, method.at, method.len);
    endpoint->name_len = name.len;
    endpoint->method_len = method.len;
    endpoint->name = clean(name, NO_NAME);
    endpoint->method = clean(method, "");
    return endpoint;
}

static bool is_that(const struct endpoint *endpoint, const struct sample *sample, uint64_t hash)
{
    return endpoint->hash == hash && same(sample->name, endpoint->key, endpoint->name_len) &&
           same(sample->method, endpoint->key + endpoint->name_len, endpoint->method_len);
}

/* NULL where there are too many. */
static struct endpoint *find(struct collect *collect, const struct sample *sample)
{
    uint64_t number = hash(sample->name, sample->method);
    size_t at = (size_t)number % TABLE;
    while (collect->table[at] && !is_that(collect->table[at], sample, number))
        at = (at + 1) % TABLE;
    if (!collect->table[at]) {
        if (collect->n == COLLECT_ENDPOINTS)
            return NULL;
        collect->table[at] = endpoint_new(sample->name, sample->method);
        collect->table[at]->hash = number;
        collect->n++;
    }
    return collect->table[at];
}

/* ---- samples ---- */

static void record(struct late *late)
{
    if (late->endpoint)
        histogram_record(&late->endpoint->histogram, late->duration_ns);
    late->endpoint = NULL;
}

static void record_later(struct collect *collect, struct endpoint *endpoint, int64_t duration_ns)
{
    struct late *late = &collect->late[collect->requests % AHEAD];
    record(late);
    *late = (struct late){endpoint, duration_ns};
    histogram_prefetch(&endpoint->histogram, duration_ns);
}

/* A sample that is of another time than those before it is of another run, or its unit is
 * wrong. */
static int check_time(const struct collect *collect, const struct sample *sample, struct err *err)
{
    int64_t first_ns = sample->start_ns, last_ns = sample->start_ns + sample->duration_ns;
    if (sample->start_ns <= 0)
        return 0;
    if (collect->first_ns && collect->first_ns < first_ns)
        first_ns = collect->first_ns;
    if (collect->last_ns > last_ns)
        last_ns = collect->last_ns;
    return last_ns - first_ns <= MAX_RUN
               ? 0
               : err_set(err, ERR_INPUT,
                         "requests are more than 104 days apart; expected those of one run, check "
                         "the unit of the columns");
}

static void add_time(struct collect *collect, const struct sample *sample)
{
    int64_t end_ns = sample->start_ns + sample->duration_ns;
    if (sample->start_ns <= 0) {
        collect->untimed = true;
        return;
    }
    if (!collect->first_ns || sample->start_ns < collect->first_ns)
        collect->first_ns = sample->start_ns;
    if (end_ns > collect->last_ns)
        collect->last_ns = end_ns;
    seconds_add(&collect->seconds, end_ns, sample->duration_ns, sample->failed, sample->users);
}

static void add_failure(struct collect *collect, struct endpoint *endpoint,
                        const struct sample *sample)
{
    int64_t at_ns = sample->start_ns > 0 ? sample->start_ns + sample->duration_ns : 0;
    struct report_error like = {.endpoint = endpoint->name,
                                .method = endpoint->method,
                                .kind = sample->kind,
                                .count = 1,
                                .first_seen_ns = at_ns,
                                .last_seen_ns = at_ns};
    endpoint->failures++;
    collect->failures++;
    failures_add(&collect->errors, &like, sample->message);
}

int collect_add(struct collect *collect, const struct sample *sample, struct err *err)
{
    if (sample->duration_ns > MAX_SUM - collect->sum_ns || sample->start_ns > MAX_WALL)
        return err_set(err, ERR_INPUT,
                       "the times add up to more than 18 years, or are later than "
                       "the year 2050; check the unit of the columns");
    if (check_time(collect, sample, err) < 0)
        return -1;
    struct endpoint *endpoint = find(collect, sample);
    if (!endpoint)
        return err_set(err, ERR_INPUT,
                       "more than %d names of requests; give requests that differ in an id alone "
                       "one name in the load test",
                       COLLECT_ENDPOINTS);
    collect->requests++;
    collect->n_whole += sample->whole_s;
    collect->sum_ns += sample->duration_ns;
    record_later(collect, endpoint, sample->duration_ns);
    if (sample->bytes >= 0 && sample->bytes < MAX_SUM - endpoint->bytes) {
        endpoint->bytes += sample->bytes;
        endpoint->with_bytes++;
    }
    if (sample->users > collect->users)
        collect->users = sample->users;
    if (sample->failed)
        add_failure(collect, endpoint, sample);
    add_time(collect, sample);
    return 0;
}

/* ---- the report ---- */

static void fill_metrics(struct metrics *metrics, const struct histogram *histogram,
                         int64_t failures, int64_t duration_ns)
{
    *metrics = metrics_unknown();
    metrics->total_failures = failures;
    metrics_from_histogram(metrics, histogram);
    if (duration_ns > 0)
        metrics->requests_per_s = (double)histogram->count * (double)NS_PER_S / (double)duration_ns;
}

static void fill_endpoint(const struct endpoint *endpoint, struct report *report)
{
    struct report_endpoint *out = &report->endpoints[report->n_endpoints++];
    out->name = arena_strdup(&report->arena, endpoint->name);
    out->method = arena_strdup(&report->arena, endpoint->method);
    out->content_bytes =
        endpoint->with_bytes ? (double)endpoint->bytes / (double)endpoint->with_bytes : (double)NAN;
    fill_metrics(&out->metrics, &endpoint->histogram, endpoint->failures, report->duration_ns);
    histogram_to_sparse(&endpoint->histogram, &report->arena, &out->histogram);
}

static int compare_endpoints(const void *a, const void *b)
{
    const struct endpoint *left = *(struct endpoint *const *)a;
    const struct endpoint *right = *(struct endpoint *const *)b;
    int order = strcmp(left->name, right->name);
    return order ? order : strcmp(left->method, right->method);
}

static void merge_endpoint(struct endpoint *into, const struct endpoint *from)
{
    histogram_merge(&into->histogram, &from->histogram);
    into->failures += from->failures;
    into->bytes += from->bytes;
    into->with_bytes += from->with_bytes;
}

/* The endpoints in order. Those of the same name in the report are one: names that differ
 * beyond what is kept of them, or in bytes that are no text. */
static size_t list_endpoints(struct collect *collect, struct endpoint *list[COLLECT_ENDPOINTS])
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < TABLE; i++)
        if (collect->table[i])
            list[n++] = collect->table[i];
    if (n)
        qsort(list, n, sizeof(struct endpoint *), compare_endpoints);
    for (size_t i = 0; i < n; i++) {
        if (kept && compare_endpoints(&list[kept - 1], &list[i]) == 0)
            merge_endpoint(list[kept - 1], list[i]);
        else
            list[kept++] = list[i];
    }
    return kept;
}

/* From the first start to the last end, to 1 % at least; 0 = not known. */
static int64_t duration_of(const struct collect *collect)
{
    int64_t ns = collect->last_ns - collect->first_ns;
    return collect->blurred && ns < COLLECT_SHARP_S * NS_PER_S ? 0 : ns;
}

void collect_finish(struct collect *collect, struct report *report)
{
    struct histogram all = {0};
    for (size_t i = 0; i < AHEAD; i++)
        record(&collect->late[i]);
    bool timed = !collect->untimed && collect->requests;
    collect->blurred = collect->n_whole == collect->requests;
    report->duration_ns = timed ? duration_of(collect) : 0;
    report->started_ns = timed ? collect->first_ns : 0;
    report->users = collect->users;
    report->endpoints = arena_array(&report->arena, collect->n, sizeof *report->endpoints);
    struct endpoint *list[COLLECT_ENDPOINTS];
    size_t n = list_endpoints(collect, list);
    for (size_t i = 0; i < n; i++) {
        fill_endpoint(list[i], report);
        histogram_merge(&all, &list[i]->histogram);
    }
    fill_metrics(&report->metrics, &all, collect->failures, report->duration_ns);
    histogram_release(&all);
    report_sort(report);
    failures_fill(&collect->errors, report);
    if (timed)
        report->series = seconds_series(&collect->seconds, report->started_ns, &report->arena);
    if (timed && collect->blurred)
        collect_note(report, "times are whole seconds%s",
                     report->duration_ns ? ""
                                         : ", so that the rate of so short a run is not known");
    collect_settle(report);
}

void collect_free(struct collect *collect)
{
    if (!collect)
        return;
    for (size_t i = 0; i < TABLE; i++) {
        struct endpoint *endpoint = collect->table[i];
        if (!endpoint)
            continue;
        histogram_release(&endpoint->histogram);
        free(endpoint->key);
        free(endpoint->name);
        free(endpoint->method);
        free(endpoint);
    }
    seconds_release(&collect->seconds);
    failures_release(&collect->errors);
    free(collect);
}

void collect_note(struct report *report, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    arena_append(&report->arena, &report->health.notes, &report->health.n_notes,
                 arena_vprintf(&report->arena, format, args));
    va_end(args);
}

void collect_duration(struct report *report, double seconds)
{
    if (seconds > COLLECT_MAX_S)
        collect_note(report, "the run would have lasted more than 104 days, which is not taken");
    else if (seconds > 0)
        report->duration_ns = llround(seconds * (double)NS_PER_S);
}

void collect_settle(struct report *report)
{
    struct report_health *health = &report->health;
    health->cpu = health->drift_p = (double)NAN;
    health->valid = report->metrics.total_requests > 0;
    if (!health->valid)
        arena_append(&report->arena, &health->reasons, &health->n_reasons,
                     invalid_reason_name(INVALID_NO_REQUESTS));
}
