/*
 * oha's JSON (-j before 1.9, then --output-format json; 1.15); hey_csv.c has its CSV.
 *
 * Times are in s and include connecting. To oha every response is a success; here a status from 400
 * on is a failure, and so is what errorDistribution has. What was under way when the time was up is
 * there as well, and is no request: oha itself leaves it out of its success rate.
 */

#include "import/collect.h"
#include "import/formats.h"
#include "import/object.h"
#include "import/summary.h"
#include "import/text.h"

#define DEADLINE "aborted due to deadline"

static const struct summary_figure totals[] = {
    {"slowest", offsetof(struct metrics, max_ms)},
    {"fastest", offsetof(struct metrics, min_ms)},
    {"average", offsetof(struct metrics, average_ms)},
    {NULL, 0},
};

static const struct summary_figure percentiles[] = {
    {"p50", offsetof(struct metrics, median_ms)},
    {"p75", offsetof(struct metrics, p75_ms)},
    {"p90", offsetof(struct metrics, p90_ms)},
    {"p95", offsetof(struct metrics, p95_ms)},
    {"p99", offsetof(struct metrics, p99_ms)},
    {"p99.9", offsetof(struct metrics, p999_ms)},
    {NULL, 0},
};

bool oha_recognise(struct span head)
{
    return object_first(head) == '{' && text_holds(head, "\"successRate\"") &&
           (text_holds(head, "\"responseTimeHistogram\"") ||
            text_holds(head, "\"latencyPercentiles\""));
}

/* The errors but for those that the end of the run made. */
static int read_errors(struct summary *summary, const struct js_at *root, int64_t *out,
                       struct err *err)
{
    struct js_at errors;
    double aborted = 0;
    if (object_need(root, "errorDistribution", &errors, err) < 0 ||
        summary_errors(summary, &errors, DEADLINE, out, err) < 0 ||
        summary_number(&errors, DEADLINE, (double)OBJECT_MAX_COUNT, &aborted, err) < 0)
        return -1;
    if (aborted > 0)
        collect_note(summary->report,
                     "%lld requests that were under way at the end are not counted",
                     (long long)aborted);
    return 0;
}

static int read_root(struct summary *summary, const struct js_at *root, struct err *err)
{
    struct metrics *metrics = &summary->report->metrics;
    struct js_at part, statuses, latencies;
    int64_t responses, errors;
    double seconds;
    if (object_need(root, "summary", &part, err) < 0 || js_expect_object(&part, err) < 0 ||
        object_need(root, "statusCodeDistribution", &statuses, err) < 0 ||
        object_need(root, "latencyPercentiles", &latencies, err) < 0 ||
        summary_statuses(summary, &statuses, &responses, err) < 0 ||
        read_errors(summary, root, &errors, err) < 0)
        return -1;
    metrics->total_requests = responses + errors;
    if (responses && (summary_figures(&part, totals, 1000, metrics, err) < 0 ||
                      summary_figures(&latencies, percentiles, 1000, metrics, err) < 0))
        return -1;
    if (summary_number(&part, "total", 1e9, &seconds, err) < 0)
        return -1;
    collect_duration(summary->report, seconds);
    if (seconds > 0)
        metrics->requests_per_s = (double)metrics->total_requests / seconds;
    return 0;
}

int oha_read(const struct import_file *file, struct report *report, struct err *err)
{
    return summary_read_json(file, read_root, report, err);
}
