/*
 * What a run's machine and the target's processes were busy with, once a second of the measured
 * time: the report's `resources`.
 *
 * A source is the machine or a group of processes; a series is one figure of it, in a column, with
 * its average, 95th percentile and maximum. Two figures of the target itself stand above them,
 * because the policy has limits for them: cpu_usage and memory_usage. Where only the machine's are
 * known, `of_machine` says so, and they fail nothing: a load run fills a small machine.
 *
 * In a paired run each side's report has the processes of its own target. They rest while the other
 * side runs, so that what they did in a second is divided by the part of it that was theirs. What
 * cannot be told apart (the machine's figures, and those of a process that both sides use) is of
 * both sides together, and `shared`.
 *
 * An application is an endpoint that was polled, or a probe: its series have the names that the
 * scenario gave them, each once in a report. What it counts in such a second is divided in the same
 * way; what it shows is taken as it is, whoever's turn it was.
 *
 * All of it lives in the report's arena.
 */
#ifndef PERFGATE_MODEL_REPORT_RESOURCES_H
#define PERFGATE_MODEL_REPORT_RESOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "model/metric.h"

struct report;

#define REPORT_SOURCES       100
#define REPORT_SOURCE_SERIES 500
#define REPORT_TABLES        8 /* of a source */
#define REPORT_TABLE_ROWS    100
#define RESOURCE_KEY_LIMIT   500  /* bytes */
#define RESOURCE_LIMIT       1e15 /* of a number, either side of 0 */

enum resource_kind { RESOURCE_MACHINE, RESOURCE_PROCESS, RESOURCE_APPLICATION };

enum resource_unit {
    RESOURCE_PLAIN, /* none, or not known */
    RESOURCE_RATIO, /* 0 to 1 */
    RESOURCE_COUNT,
    RESOURCE_PER_S,
    RESOURCE_MS,
    RESOURCE_MB, /* 2^20 bytes */
    RESOURCE_MB_PER_S
};

/* Their names in documents, NULL behind the last. */
extern const char *const resource_unit_names[];

/* A figure over time. Unknown numbers are NAN. */
struct resource_series {
    const char *name; /* see resource_title() */
    int unit;         /* enum resource_unit */
    double average;   /* over the time of all samples */
    double p95, maximum;
    double slope_per_min; /* of memory: what it grew by per minute, by Tukey's resistant line */
    size_t n_values;
    double *values; /* one per interval; none in a merged report */
};

/* A row of a table: numbers of something that has a name, such as a query. Unknown ones are NAN. */
struct resource_row {
    const char *key; /* UTF-8, at most RESOURCE_KEY_LIMIT bytes */
    size_t n_values;
    double *values; /* one for each column */
};

/* Rows that a probe kept, those with most of `by` first. */
struct resource_table {
    const char *name;
    bool difference; /* what the numbers grew by over the run, else as they were */
    const char *by;  /* a column */
    const char *per; /* the one that it is divided by, such as "calls"; NULL = none */
    size_t n_columns, n_rows;
    const char **columns;
    struct resource_row *rows;
};

struct resource_source {
    const char *name;    /* "machine", "target", or the scenario's name for it */
    int kind;            /* enum resource_kind */
    bool shared;         /* its figures are of both sides of a paired run */
    double cores;        /* that it may use; NAN = not known */
    double memory_mb;    /* the same of memory */
    int64_t processes;   /* the most at once, of RESOURCE_PROCESS */
    int64_t restarts;    /* times that it came back after it was gone */
    bool gone;           /* it was not there when the run ended */
    int64_t failures;    /* times that it was asked and gave nothing, of RESOURCE_APPLICATION */
    int64_t interval_ns; /* of its series where it is not the report's; 0 = it is */
    size_t n_series;
    struct resource_series *series;
    size_t n_tables;
    struct resource_table *tables;
};

struct report_resources {
    int64_t interval_ns;
    double cpu_usage; /* CPU time / (wall time x cores that it may use), 0 to 1; NAN = not known */
    double memory_usage; /* the largest resident share of the memory that it may use */
    bool of_machine;     /* these two are the whole machine's */
    size_t n_sources;
    struct resource_source *sources;
};

extern const struct js_shape report_resources_shape;

/* What the table cannot say: a source's columns have one length, and no name is there twice. `at`
 * is the object. */
int report_resources_check(const struct js_at *at, const struct report_resources *resources,
                           struct err *err) __attribute__((warn_unused_result));

/* A figure of the whole run, those of resources among them; NAN where it is not known. */
double report_figure(const struct report *report, enum metric metric);

/* What a stored run keeps: the two figures, and the averages of the application's metrics; NULL
 * where none of them is known. */
struct report_resources *report_resources_brief(const struct report_resources *resources,
                                                struct arena *arena);

/* Of several parts, or NULL where none has any. Sources of one name are one, and their series as if
 * all samples were one run's: figures are exact where every part has its values, and percentiles
 * unknown where not; the values are left out. cpu_usage is the average over the parts' time,
 * memory_usage the largest; only those of targets count where one part has them. */
struct report_resources *report_resources_merge(const struct report *const *parts, size_t n,
                                                struct arena *arena);

const struct resource_source *resource_source_find(const struct report_resources *resources,
                                                   const char *name);
const struct resource_series *resource_series_find(const struct resource_source *source,
                                                   const char *name);

/* The time between a source's values. */
int64_t resource_interval_ns(const struct report_resources *resources,
                             const struct resource_source *source);

/* The number of a column of a table; n_columns where there is none. */
size_t resource_column(const struct resource_table *table, const char *name);

/* The row of a key, or NULL. */
const struct resource_row *resource_row_find(const struct resource_table *table, const char *key);

/* Two sides kept the same rows, down to fractions: they asked one database. */
bool resource_tables_agree(const struct resource_table *a, const struct resource_table *b);

/* "machine", "process", "application". */
const char *resource_kind_name(int kind);

/* What a series is called for people: "CPU", "memory". Of a name that is not ours, the name. */
const char *resource_title(const char *name);

/* Fills average, p95 and maximum from `n` values, whose weights are seconds; NAN ones do not
 * count. */
void resource_summarize(struct resource_series *series, const double *values, const double *weights,
                        size_t n);

#endif
