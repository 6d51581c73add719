/*
 * The report (`load_test_report.json`, schema perfgate.report/1): what one run measured.
 *
 * Its six flat keys are the contract and come first. A file without `schema` that has these six is
 * a report in flat form: others but resolution_ms are ignored, and `flat` is set. The full format
 * is described in perfgate-report(5) and, key by key, by the tables in report_shape.c.
 *
 * A report owns its arena; report_release() frees everything. Latencies of figures are ms in
 * doubles, as the document has them; times and evidence are int64 ns.
 */
#ifndef PERFGATE_MODEL_REPORT_H
#define PERFGATE_MODEL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/fingerprint.h"
#include "model/metric.h"
#include "model/report_health.h"
#include "model/report_look.h"
#include "model/report_open.h"
#include "model/report_profile.h"
#include "model/report_resources.h"
#include "model/report_series.h"
#include "model/report_source.h"
#include "model/report_trace.h"
#include "model/tags.h"
#include "stats/histogram.h"

#define REPORT_SCHEMA "perfgate.report/1"
#define REPORT_LIMIT  ((size_t)64 << 20) /* bytes of a file */

enum report_role { ROLE_NONE, ROLE_CANDIDATE, ROLE_BASE };

/* One row of errors. */
struct report_error {
    const char *endpoint; /* the endpoint's name */
    const char *method;
    const char *kind;    /* refused, reset, timeout, protocol, status, expectation, … */
    const char *message; /* "expected status 200, found 500" */
    int64_t count;
    int64_t first_seen_ns, last_seen_ns; /* wall clock; 0 = not known */
};

/* Evidence of one endpoint in a paired run: a number per pair of blocks, a histogram per batch. */
struct report_blocks {
    size_t n_count, n_sum, n_failures; /* each equals report_pair.n_pairs */
    int64_t *count;                    /* requests that began in the block, failures included */
    int64_t *sum_ns;                   /* of their latencies */
    int64_t *failures;
    size_t n_batches;
    struct histogram_sparse *batches; /* in time order */
};

struct report_endpoint {
    const char *name;   /* "/forum/thread/[id]": the row's name in the scenario */
    const char *method; /* "GET" */
    struct tags tags;   /* of the tasks and steps that ask for it */
    struct metrics metrics;
    struct histogram_sparse histogram; /* n = 0 where there is none */
    double content_bytes;              /* mean size of a response's body; NAN = not known */
    struct report_blocks *blocks;      /* NULL unless paired */
    struct report_sent *from_send;     /* open model, else NULL */
    struct report_traces slowest;      /* of those that were traced */
};

/* This report is one side of a paired run. */
struct report_pair {
    const char *id;     /* the same on both sides and, with --restarts, in all starts */
    int role;           /* enum report_role */
    int64_t start;      /* which start of the processes, from 1 */
    int64_t block_ns;   /* length of a block */
    int64_t n_pairs;    /* pairs of adjacent blocks */
    size_t n_first;     /* = n_pairs */
    int64_t *first;     /* 1 where this side ran first in the pair */
    size_t n_ends;      /* batches */
    int64_t *batch_end; /* the number of pairs up to and including each batch; the last = n_pairs */
    struct report_look *look; /* NULL = it was to go on to its end */
};

struct report {
    struct arena arena;
    bool flat; /* read from the flat form: only `metrics` is there */
    struct metrics metrics;
    const char *suite;    /* [a-z0-9._-]+ ; NULL = not named */
    const char *run_id;   /* 16 hex digits; shards of one run share it */
    int64_t started_ns;   /* wall clock */
    int64_t duration_ns;  /* measured time on this arm's clock */
    int64_t users;        /* of this arm */
    const char *host;     /* the target: scheme and authority, or unix:SOCKET */
    const char *workload; /* hash of what was sent (scenario, users, pacing); NULL = not known */
    const char
        *scenario; /* its file, as perf-run was given it; NULL = none (a URL), or not known */
    const char *scenario_hash; /* of what the scenario alone says is sent; NULL = not known */
    const char *commit;        /* of the code under test; NULL = not known */
    struct fingerprint environment;
    struct report_source *source; /* NULL = perf-run, or not known */
    int64_t resolution_ns; /* what latencies were rounded to before they came here; 0 = not known */
    struct report_health health;
    size_t n_endpoints;
    struct report_endpoint *endpoints; /* by name, then method */
    struct report_columns *columns;    /* only within encoding and decoding; report_columns.h */
    size_t n_errors;
    struct report_error *errors;
    struct report_series *series;       /* NULL = none */
    struct report_resources *resources; /* NULL = nothing was watched */
    struct report_profile *profile;     /* NULL = none was run */
    struct report_pair *pair;           /* NULL unless paired */
    struct report_arrivals *arrivals;   /* open model, here and below; else NULL */
    struct report_sent *from_send;
    const char *trace_link; /* see report_trace_add_link(); NULL = none */
};

/* Decodes a report; `source` names it in messages. On failure `report` is released and empty.
 * Whatever the document says, error_rate is total_failures / total_requests, the endpoints are
 * sorted, and without requests the latencies are NAN. Keys that the flat form ignored are named in
 * a note of `health`. */
int report_decode(const char *bytes, size_t len, const char *source, struct report *report,
                  struct err *err) __attribute__((warn_unused_result));

/* Reads and decodes the file at `path`. */
int report_read(const char *path, struct report *report, struct err *err)
    __attribute__((warn_unused_result));

void report_encode(const struct report *report, struct buf *out);

/* What a baseline run keeps: no histograms, series, errors, profile and pair, the endpoints in
 * columns, the figures rounded (report_columns.h). Decoded and encoded again it is the same bytes.
 */
void report_encode_summary(const struct report *report, struct buf *out);

/* Requests were completed, and nothing says that the run cannot be trusted. */
bool report_is_usable(const struct report *report);

/* Known workloads are equal, an unknown one equals only an unknown one; and of one source. */
bool report_same_workload(const struct report *a, const struct report *b);

/* Puts the endpoints in the order of the document: by name, then by method. */
void report_sort(struct report *report);

/* From the counts; NAN without requests. */
void metrics_set_error_rate(struct metrics *metrics);

/* Fills every figure of `metrics` but the counts of failures and the rate per second from a
 * histogram, and error_rate from the counts. */
void metrics_from_histogram(struct metrics *metrics, const struct histogram *histogram);

/* One report of several parts of one workload, into a new report that owns its memory; whatever
 * their order it is the same. Counts, sums and histograms merge exactly, intervals are aligned by
 * the wall clock, tags are united; where a part lacks histograms, the average and the extremes are
 * still those of all, and percentiles are NAN. Shards of one run (one run id) ran at the same time:
 * users and rates add up, the longest duration counts. Else durations add up, but for parts that
 * have no run id and overlap in time, which count from the first start to the last end, and rates
 * are over the sum. Pair and blocks are left out, and of resources their values; stacks of profiles
 * add up; invalid parts make the whole invalid. Parts of different workloads, sources or
 * resolutions, of both sides of a paired run, or named twice, are refused. `names` are the parts'
 * files, for messages. */
int report_merge(const struct report *const *parts, const char *const *names, size_t n,
                 struct report *out, struct err *err) __attribute__((warn_unused_result));

void report_release(struct report *report);

#endif
