/*
 * A run that its tool summed up: figures of the whole, failures as counts, and at most one
 * endpoint, the path of the URL that was asked for.
 *
 * What a file does not say stays NAN. The texts' times carry their unit, and the last digit that
 * they have is what they were rounded to.
 */
#ifndef PERFGATE_IMPORT_SUMMARY_H
#define PERFGATE_IMPORT_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "import/failures.h"
#include "import/import.h"

#define SUMMARY_MAX 1e12 /* of a figure */

/* Zeroed but for `report`, it is empty; metrics->total_requests and so on are filled by the reader.
 */
struct summary {
    struct report *report;
    const char *endpoint; /* NULL: there is none */
    struct failures failures;
};

/* A figure, by its key in a JSON object or its name in a text. */
struct summary_figure {
    const char *key;
    size_t offset; /* of the double in struct metrics */
};

typedef int summary_root_fn(struct summary *summary, const struct js_at *root, struct err *err);
typedef int summary_text_fn(struct summary *summary, const struct import_file *file,
                            struct err *err);

/* Reads the file as one JSON document, and finishes the report of it. */
int summary_read_json(const struct import_file *file, summary_root_fn *read, struct report *report,
                      struct err *err) __attribute__((warn_unused_result));
/* The same, of a text that `read` reads. It is whole or none, whatever the file's `partial`:
 * without a line of it failures would go uncounted, or figures of two runs be mixed. */
int summary_read_text(const struct import_file *file, summary_text_fn *read, struct report *report,
                      struct err *err) __attribute__((warn_unused_result));

/* The endpoint: the URL's path, without what follows a '?' or '#'. */
void summary_url(struct summary *summary, struct span url);

/* That many requests failed so; they are added to total_failures. */
void summary_failed(struct summary *summary, const char *kind, int64_t count, const char *message);

/* Failures by status code: of keys from 400 on, and below 200, the counts are failures.
 * `*out` is the number of all. */
int summary_statuses(struct summary *summary, const struct js_at *codes, int64_t *out,
                     struct err *err) __attribute__((warn_unused_result));
/* One of them. */
void summary_status(struct summary *summary, const char *key, int64_t count);

/* Failures by the tool's words for them, each with its kind, but for those that are called
 * `passed_over` (NULL: none are). `*out` is the number of all others. */
int summary_errors(struct summary *summary, const struct js_at *errors, const char *passed_over,
                   int64_t *out, struct err *err) __attribute__((warn_unused_result));

/* A number that may be missing or null: NAN then. */
int summary_number(const struct js_at *object, const char *key, double high, double *out,
                   struct err *err) __attribute__((warn_unused_result));

/* Each figure that the object has, times `scale`. */
int summary_figures(const struct js_at *object, const struct summary_figure *figures, double scale,
                    struct metrics *metrics, struct err *err) __attribute__((warn_unused_result));

/* The figure that is this percentile, 95 being one; NULL where a report has none. */
double *summary_percentile(struct metrics *metrics, double percent);

/* "2.72ms", with us, ms, s, m or h. `*step_ns` is the unit of its last digit. */
int summary_time(struct span text, const char *what, double *out_ms, int64_t *step_ns,
                 struct err *err) __attribute__((warn_unused_result));

/* The smaller of both; 0 = not known. The finest figure's rounding is the report's, because that of
 * a larger one, in a larger unit, is below 1 % of it, but would hide what befell the others. */
int64_t summary_finer(int64_t a_ns, int64_t b_ns);

/* A text that ends before this line of it. Returns -1. */
int summary_cut(const struct import_file *file, const char *line, struct err *err);

#endif
