/*
 * Baseline runs: `baselines/<suite>/<environment>/<utc>-<commit>-<hash>.json`, one file for each
 * accepted run. Described in baselines/README.md and perf-baseline(1).
 *
 * Writers only ever add files, so two of them never conflict. <utc> is the start of the run
 * (20261123T161100Z), so that names sort by time; <commit> 12 digits of the commit under test,
 * zeros where it is not known; <hash> 12 digits of git's hash of the run's summary, so that the
 * same run added twice is one file. Runs are read from a revision or from a directory on disk; one
 * that cannot be read is an error, never left out.
 */
#ifndef PERFGATE_STORE_BASELINE_H
#define PERFGATE_STORE_BASELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/report.h"
#include "store/place.h"

#define BASELINE_DIR         "baselines"
#define BASELINE_ENVIRONMENT "default" /* where --environment names none */
#define BASELINE_NEWEST      10        /* runs that are loaded */
#define BASELINE_MOST_READ   100       /* to find so many of one kind among others */
#define BASELINE_RUN_LIMIT   ((size_t)4 << 20)

struct baseline_key {
    const char *suite, *environment;
};

struct baseline_run {
    const char *path; /* baselines/panel/default/20261123T161100Z-….json, or the file as named */
    struct report report;
};

struct baseline {
    struct arena arena;
    bool named;       /* one report that the user named, not runs from the store */
    const char *text; /* what was chosen and why, for people; never NULL once filled */
    size_t n_runs;
    struct baseline_run *runs; /* newest first */
    size_t n_stored;           /* runs that lie there; >= n_runs */
    size_t n_like;             /* of n_runs, those of the kind that was looked for */
    size_t n_notes;
    const char **notes; /* sentences: files that are not named like a run */
};

/* A suite's or environment's name: 1 to 64 of [a-z0-9._-], neither '.' nor '-' first. `what` is
 * "suite" or "environment". ERR_USAGE otherwise. */
int baseline_check_name(const char *what, const char *name, struct err *err)
    __attribute__((warn_unused_result));

int baseline_check_key(const struct baseline_key *key, struct err *err)
    __attribute__((warn_unused_result));

/* baselines/<suite>/<environment>, in `arena`. */
const char *baseline_key_dir(const struct baseline_key *key, struct arena *arena);

/* Loads the newest `newest` runs of a suite in an environment; none there is no error. */
int baseline_load(const struct baseline_place *place, const struct baseline_key *key, size_t newest,
                  struct baseline *out, struct err *err) __attribute__((warn_unused_result));

/* As baseline_load(), of the runs whose commit is `base` or an ancestor of it: on a ref of its own
 * lie the runs of all branches. ERR_UNDECIDED where the clone cannot tell. */
int baseline_load_ancestors(const struct baseline_place *place, const struct baseline_key *key,
                            const char *base, size_t newest, struct baseline *out, struct err *err)
    __attribute__((warn_unused_result));

/* As baseline_load_ancestors(), or with `base` NULL as baseline_load(), until BASELINE_NEWEST runs
 * of the same workload and kind of machine as `like` were found, or BASELINE_MOST_READ were read: a
 * suite on hosted runners has runs of several kinds, and only those of the candidate's count. All
 * that were read are in `out`, so that it is known what else there is. */
struct baseline_like {
    const struct report *like;
    const char *base; /* NULL = runs of any commit */
};
int baseline_load_like(const struct baseline_place *place, const struct baseline_key *key,
                       const struct baseline_like *what, struct baseline *out, struct err *err)
    __attribute__((warn_unused_result));

/* Reads a report from a file; cmd/ knows those of other tools, too. As report_read(). */
typedef int baseline_reader(const char *path, struct report *report, struct err *err);

/* Loads the report in a file, or at REV:PATH (`path` in the revision of `place`). */
int baseline_load_file(const char *path, baseline_reader *read, struct baseline *out,
                       struct err *err) __attribute__((warn_unused_result));
int baseline_load_at(const struct baseline_place *place, const char *path, struct baseline *out,
                     struct err *err) __attribute__((warn_unused_result));

/* The suites and environments that have a directory; in byte order, in `arena`. */
int baseline_list(const struct baseline_place *place, struct arena *arena,
                  struct baseline_key **keys, size_t *n, struct err *err)
    __attribute__((warn_unused_result));

/* The number of runs of a suite in an environment, and the newest's time ("20261123T161100Z", "-"
 * without one), in `arena`. Reads none of them. */
int baseline_count(const struct baseline_place *place, const struct baseline_key *key,
                   struct arena *arena, size_t *n, const char **newest, struct err *err)
    __attribute__((warn_unused_result));

/* What the name of a run's file says. */
struct baseline_name {
    const char *path; /* from the top */
    int64_t started_ns;
    const char *commit; /* 12 digits; NULL = not known */
};

/* All runs of a suite in an environment by their names, newest first, in `arena`. Reads none of
 * them. */
int baseline_names(const struct baseline_place *place, const struct baseline_key *key,
                   struct arena *arena, struct baseline_name **runs, size_t *n, struct err *err)
    __attribute__((warn_unused_result));

/* git's hash of what the report itself says, whatever its suite: a run's name has its first 12
 * digits. */
int baseline_hash(const struct report *report, char id[REPO_ID_SIZE], struct err *err)
    __attribute__((warn_unused_result));

/* A run to add. The commit and the start are used where the report does not know its own. */
struct baseline_entry {
    struct baseline_key key;
    const struct report *report;
    const char *commit; /* hexadecimal digits; NULL = not known */
    int64_t now_ns;     /* wall clock */
};

/* A run as it lies, or would lie, at a place. Zeroed before its first use. */
struct baseline_file {
    bool is_there;   /* the same run, under `path` */
    struct buf path; /* where not, the one that it would get */
    struct buf
        bytes; /* where not, what is to be written there: the report with its suite the key's */
};

int baseline_make(const struct baseline_place *place, const struct baseline_entry *entry,
                  struct baseline_file *out, struct err *err) __attribute__((warn_unused_result));

void baseline_file_release(struct baseline_file *file);

void baseline_release(struct baseline *baseline);

#endif
