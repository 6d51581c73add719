/*
 * What a scenario says of monitoring: what is watched beside the requests. It changes nothing of
 * what is sent, and is no part of the workload's hash.
 */
#ifndef PERFGATE_MODEL_SCENARIO_MONITOR_H
#define PERFGATE_MODEL_SCENARIO_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/scenario_step.h"

#define SCENARIO_PROCESSES 16
#define SCENARIO_ENDPOINTS 8 /* that are polled, and so many probes */
#define SCENARIO_METRICS   32 /* of an endpoint or a probe */
#define SCENARIO_EACH      4  /* of them that stand for several numbers */

/* Whose, in a paired run. */
enum scenario_side {
    SCENARIO_BOTH, /* one for both, whose figures cannot be told apart */
    SCENARIO_CANDIDATE,
    SCENARIO_BASE,
    SCENARIO_SIDES /* each has its own */
};

/* Processes on this machine: one of process, pid and port says which. */
struct scenario_process {
    const char *name;    /* of the source in the report */
    const char *process; /* a program's name; NULL = not given */
    int64_t pid, port;   /* 0 = not given */
    int side;            /* enum scenario_side */
};

/* What a number is found by, which is also how the text is read. */
enum scenario_place {
    PLACE_POINTER, /* JSON */
    PLACE_SAMPLE,  /* Prometheus' text format */
    PLACE_KEY,     /* a line "key:number" (Redis' INFO) or "key=number" */
    PLACE_COLUMN,  /* CSV with a line of names */
    PLACE_KINDS
};

/* How a text is written, where the places alone do not say it. */
enum scenario_format {
    FORMAT_OF_PLACES,
    FORMAT_JSON,
    FORMAT_PROMETHEUS,
    FORMAT_REDIS,    /* PLACE_KEY, "key:number" */
    FORMAT_KEYVALUE, /* PLACE_KEY, "key=number" */
    FORMAT_CSV
};

/* A named number of the application. */
struct scenario_metric {
    const char *name; /* letters, digits, '_', '.' and '-' */
    int kind;         /* enum scenario_place */
    const char *place;
    const char *each; /* several numbers: "" = the members of an object, else the label or the
                         column that names them; NULL = one */
    bool counter;     /* it only grows, and what it grew by is wanted */
    size_t n_of;
    const char **of; /* it is a part of the sum of these; none = it is not */
    double scale;    /* factor on what was read */
    int unit;        /* enum resource_unit */
};

struct scenario_metrics {
    size_t n;
    struct scenario_metric *items;
};

/* Rows that a probe keeps, such as those of pg_stat_statements. */
struct scenario_table {
    const char *key; /* the column that names a row */
    size_t n_columns;
    const char **columns; /* of numbers */
    bool difference;      /* what they grew by over the run, else as they are in the end */
    int64_t top;          /* rows that are kept: those with most of `by` */
    const char *by;       /* one of the columns */
    const char *per;      /* the one that it is divided by, "calls"; NULL = none */
};

enum scenario_when { WHEN_DURING, WHEN_BEFORE, WHEN_AFTER, WHEN_AROUND };

/* Something that is asked for numbers: an address, or a command. */
struct scenario_source {
    const char *name; /* of the source in the report */
    /* An endpoint: one of both. */
    const char *path; /* on the target */
    const char *url;  /* elsewhere */
    struct scenario_pairs headers;
    struct scenario_auth auth;
    bool health; /* that it answers well is a number itself, "availability" */
    /* A probe. */
    size_t n_command;
    const char **command;
    int when;                     /* enum scenario_when; of an endpoint WHEN_DURING */
    struct scenario_table *table; /* NULL = none */
    /* Both. */
    int64_t every_ns, timeout_ns;
    int side;   /* enum scenario_side */
    int format; /* enum scenario_format */
    struct scenario_metrics metrics;
};

struct scenario_monitor {
    bool machine, target; /* true by default */
    size_t n_processes;
    struct scenario_process *processes;
    size_t n_endpoints, n_probes;
    struct scenario_source *endpoints, *probes;
};

/* Of the endpoints and, behind them, the probes. */
struct scenario_source *scenario_source_at(const struct scenario_monitor *monitor, size_t number);

#endif
