#include "model/report_merge.h"

#include <string.h>

#include "base/clock.h"

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* One file under two names, or twice on a command line, would count twice. What a flat report says
 * is too little to tell. */
static bool is_same(const struct report *a, const struct report *b)
{
    int64_t start = a->pair ? a->pair->start : 0, other = b->pair ? b->pair->start : 0;
    return !a->flat && !b->flat && same_text(a->run_id, b->run_id) && start == other &&
           a->metrics.total_requests && a->started_ns / NS_PER_S == b->started_ns / NS_PER_S &&
           a->duration_ns == b->duration_ns && a->n_endpoints == b->n_endpoints &&
           a->metrics.total_requests == b->metrics.total_requests &&
           a->metrics.total_failures == b->metrics.total_failures &&
           !(a->metrics.average_ms < b->metrics.average_ms) && /* or neither is known */
           !(a->metrics.average_ms > b->metrics.average_ms) &&
           !(a->metrics.max_ms < b->metrics.max_ms) && !(a->metrics.max_ms > b->metrics.max_ms);
}

/* The names of a part and of the one before it that it is held against. */
struct names {
    const char *part, *first;
};

#define CANNOT "cannot merge '%s' with '%s': "

static int check_workload(const struct report *part, const struct report *first,
                          const struct names *names, struct err *err)
{
    if (part->flat || first->flat || same_text(part->workload, first->workload))
        return 0;
    if (!part->workload || !first->workload)
        return err_set(err, ERR_INPUT,
                       CANNOT "the workload of '%s' is not known; merge runs of one scenario",
                       names->part, names->first, part->workload ? names->first : names->part);
    if (part->scenario_hash && first->scenario_hash &&
        strcmp(part->scenario_hash, first->scenario_hash) != 0)
        return err_set(err, ERR_INPUT,
                       CANNOT "their scenarios differ (%s, %s); merge runs of one scenario",
                       names->part, names->first, part->scenario_hash, first->scenario_hash);
    if (part->users != first->users)
        return err_set(err, ERR_INPUT,
                       CANNOT "their users differ (%lld, %lld); merge runs of one scenario with "
                              "the same users",
                       names->part, names->first, (long long)part->users, (long long)first->users);
    return err_set(err, ERR_INPUT,
                   CANNOT "their workloads differ (%s, %s); merge runs of one scenario with the "
                          "same users",
                   names->part, names->first, part->workload, first->workload);
}

/* What of two sources is not the same, for people. */
static const char *difference(const struct report_source *a, const struct report_source *b)
{
    if (a->latency != b->latency)
        return "what their latencies include";
    if (a->failures != b->failures)
        return "whether failures are among their latencies";
    return "what their figures were computed from";
}

static int check_source(const struct report *part, const struct report *first,
                        const struct names *names, struct err *err)
{
    const struct report_source *a = part->source, *b = first->source;
    if (report_same_source(part, first))
        return 0;
    if (!a || !b || strcmp(a->tool, b->tool) != 0)
        return err_set(err, ERR_INPUT,
                       CANNOT "they are of different load testing tools (%s, %s); merge results "
                              "of one tool and format",
                       names->part, names->first, a ? a->tool : "perfgate",
                       b ? b->tool : "perfgate");
    return err_set(err, ERR_INPUT,
                   CANNOT "%s differs ('%s', '%s'); merge results of one tool and format",
                   names->part, names->first, difference(a, b), a->format, b->format);
}

/* Where a tool rounds to digits, the resolution depends on the figures, and is the coarsest. */
static int check_resolution(const struct report *part, const struct report *first,
                            const struct names *names, struct err *err)
{
    if (part->flat || first->flat || part->resolution_ns == first->resolution_ns ||
        (part->source && part->source->figures != FIGURES_SAMPLES))
        return 0;
    return err_set(err, ERR_INPUT,
                   CANNOT "their latencies were rounded to %g ms and to %g ms (0: not at all); "
                          "merge results of one resolution",
                   names->part, names->first, (double)part->resolution_ns / 1e6,
                   (double)first->resolution_ns / 1e6);
}

static int check_pair(const struct report *part, const struct report *first,
                      const struct names *names, struct err *err)
{
    if (!part->pair || !first->pair || part->pair->role == first->pair->role)
        return 0;
    return err_set(err, ERR_INPUT,
                   CANNOT "they are different sides of a paired run; merge the starts of one side",
                   names->part, names->first);
}

/* Held against each of those before it: a flat one between two others hides nothing. */
static int check_match(const struct report *part, const struct report *first,
                       const struct names *names, struct err *err)
{
    if (check_workload(part, first, names, err) < 0 || check_source(part, first, names, err) < 0 ||
        check_resolution(part, first, names, err) < 0 || check_pair(part, first, names, err) < 0)
        return -1;
    if (is_same(part, first))
        return err_set(err, ERR_INPUT, "'%s' and '%s' are the same report; name it once",
                       names->first, names->part);
    return 0;
}

/* The sum of all times in a part's histograms; bounded by report_check(). */
static int64_t all_times(const struct report *part)
{
    int64_t sum_ns = 0;
    for (size_t i = 0; i < part->n_endpoints; i++) {
        const struct report_sent *sent = part->endpoints[i].from_send;
        sum_ns += part->endpoints[i].histogram.sum_ns + (sent ? sent->histogram.sum_ns : 0);
    }
    return sum_ns;
}

int merge_check(const struct report *const *parts, const char *const *names, size_t n,
                struct err *err)
{
    int64_t requests = 0, sum_ns = 0, duration_ns = 0;
    for (size_t i = 0; i < n; i++) {
        const struct report *part = parts[i];
        for (size_t j = 0; j < i; j++)
            if (check_match(part, parts[j], &(struct names){names[i], names[j]}, err) < 0)
                return -1;
        if (__builtin_add_overflow(requests, part->metrics.total_requests, &requests) ||
            __builtin_add_overflow(sum_ns, all_times(part), &sum_ns) ||
            __builtin_add_overflow(duration_ns, part->duration_ns, &duration_ns))
            return err_set(err, ERR_INPUT,
                           "cannot merge '%s': the sums of all parts are too large; merge fewer",
                           names[i]);
    }
    return 0;
}
