#include "load/health.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "stats/steady.h"

#define LAG_SHARE            0.05
#define LAG_FLOOR_NS         (250 * NS_PER_US)
#define UNEQUAL_LAG_SHARE    0.01
#define UNEQUAL_LAG_FLOOR_NS (50 * NS_PER_US)
#define UNEQUAL_LAG_ERRORS   4
#define MISSED_SHARE         0.001
#define BUSY_CPU             0.95
#define MAX_NOTES            8

static const struct recorder *recorder_of(const struct crew *crew, int worker, int arm)
{
    return &crew->workers[worker].lanes[arm].recorder;
}

static void add_reason(struct report *report, enum invalid_reason reason)
{
    struct report_health *health = &report->health;
    if (!health->reasons)
        health->reasons = arena_array(&report->arena, INVALID_COUNT, sizeof *health->reasons);
    health->reasons[health->n_reasons++] = invalid_reason_name(reason);
    health->valid = false;
}

static void add_note(struct report *report, const char *text)
{
    struct report_health *health = &report->health;
    if (!health->notes)
        health->notes = arena_array(&report->arena, MAX_NOTES, sizeof *health->notes);
    if (health->n_notes < MAX_NOTES)
        health->notes[health->n_notes++] = text;
}

static void judge_lag(const struct crew *crew, int arm, const struct histogram *all,
                      struct report *report)
{
    struct histogram lag = {0}, busy = {0};
    for (int i = 0; i < crew->n; i++) {
        histogram_merge(&lag, &recorder_of(crew, i, arm)->lag);
        histogram_merge(&busy, &recorder_of(crew, i, arm)->busy_lag);
    }
    if (lag.count && all->count) {
        report->health.lag_p50_ns = (int64_t)histogram_quantile(&lag, 0.5);
        report->health.lag_p99_ns = (int64_t)histogram_quantile(&lag, 0.99);
        report->health.lag_mean_ns = (int64_t)histogram_mean(&lag);
        double allowed_ns = fmax(LAG_SHARE * histogram_quantile(all, 0.5), LAG_FLOOR_NS);
        if (histogram_quantile(&busy, 0.5) > allowed_ns)
            add_reason(report, INVALID_SCHEDULE_LAG);
    }
    histogram_release(&lag);
    histogram_release(&busy);
}

/* The mean lag of an arm in a pair of blocks; false where nothing was due. */
static bool pair_lag(const struct crew *crew, int arm, size_t pair, double *mean_ns)
{
    struct block_lag sum = {0};
    for (int i = 0; i < crew->n; i++) {
        const struct recorder *recorder = recorder_of(crew, i, arm);
        if (pair >= recorder->n_pairs)
            continue;
        sum.count += recorder->block_lags[pair].count;
        sum.sum_ns += recorder->block_lags[pair].sum_ns;
    }
    *mean_ns = sum.count ? (double)sum.sum_ns / (double)sum.count : 0;
    return sum.count > 0;
}

/* Differences between the arms' mean lags, pair by pair: their mean, and its standard error. */
static size_t lag_difference(const struct crew *crew, double *mean_ns, double *error_ns)
{
    size_t n = 0;
    double mean = 0, squares = 0; /* Welford's running sums */
    for (size_t pair = 0; pair < crew->schedule.n_pairs; pair++) {
        double lag[2];
        bool candidate = pair_lag(crew, 0, pair, &lag[0]), base = pair_lag(crew, 1, pair, &lag[1]);
        if (!candidate || !base)
            continue;
        double difference = lag[0] - lag[1], before = mean;
        mean += (difference - mean) / (double)++n;
        squares += (difference - before) * (difference - mean);
    }
    *mean_ns = mean;
    *error_ns = n > 1 ? sqrt(squares / (double)(n - 1) / (double)n) : 0;
    return n;
}

static void judge_arms(const struct crew *crew, const struct histogram *all, struct report *report)
{
    double mean_ns, error_ns;
    size_t n = lag_difference(crew, &mean_ns, &error_ns);
    if (n >= SCHEDULE_MIN_PAIRS / 2 && all->count &&
        fabs(mean_ns) > fmax(UNEQUAL_LAG_SHARE * histogram_mean(all), UNEQUAL_LAG_FLOOR_NS) &&
        fabs(mean_ns) > UNEQUAL_LAG_ERRORS * error_ns)
        add_reason(report, INVALID_UNEQUAL_LAG);
    if (crew->interrupted || crew->schedule.n_pairs >= SCHEDULE_MIN_PAIRS)
        return;
    add_reason(report, INVALID_TOO_FEW_BLOCKS);
    int64_t needed_ns = crew->schedule.needed_ns;
    if (needed_ns)
        add_note(report, arena_printf(&report->arena,
                                      "only blocks of %.3g s would be long enough for these "
                                      "latencies, and %d pairs of them take a duration of about "
                                      "%lld s",
                                      (double)crew->schedule.block_ns / (double)NS_PER_S,
                                      SCHEDULE_MIN_PAIRS, (long long)(needed_ns / NS_PER_S)));
    else
        add_note(report, arena_printf(&report->arena,
                                      "%zu pairs of blocks were complete when the time was over, "
                                      "%d are needed: responses were waited for",
                                      crew->schedule.n_pairs, SCHEDULE_MIN_PAIRS));
}

/* What had to wait in line and never began is no request, and would have been the slowest. */
static void judge_arrivals(struct report *report)
{
    const struct report_arrivals *arrivals = report->arrivals;
    if (!arrivals || !arrivals->missed)
        return;
    int64_t all = arrivals->started + arrivals->missed;
    add_note(report, arena_printf(&report->arena,
                                  "%lld of %lld arrivals found no free user before the time was "
                                  "over; they are in no figure",
                                  (long long)arrivals->missed, (long long)all));
    if ((double)arrivals->missed > MISSED_SHARE * (double)all)
        add_reason(report, INVALID_MISSED);
}

/* Says what a series tells that had not settled. Where the load itself changes, it tells nothing.
 */
static void judge_drift(const struct crew *crew, struct report *report)
{
    const struct plan_settings *settings = &crew->plan->settings;
    const struct report_series *series = report->series;
    struct report_health *health = &report->health;
    struct steady_answer answer;
    /* The last interval is not whole, and behind it are the last responses. */
    size_t n = (size_t)(report->duration_ns / series->interval_ns);
    n = n < series->n_average ? n : series->n_average;
    if (settings->stages.n || crew->interrupted || !steady_test(series->average_ms, n, &answer))
        return;
    health->drift_p = answer.p;
    if (answer.p > STEADY_LEVEL)
        return;
    health->settled_ns = (int64_t)answer.settled * series->interval_ns;
    int64_t warmup_ns = settings->warmup_ns + (int64_t)crew->plan->n_arms * health->settled_ns;
    add_note(report,
             arena_printf(&report->arena,
                          "the service was still getting %s when measuring began (p %.2g): raise "
                          "--warmup to %lld s",
                          answer.falls ? "faster" : "slower", answer.p,
                          (long long)((warmup_ns + NS_PER_S - 1) / NS_PER_S)));
}

static void judge_sockets(const struct crew *crew, int arm, struct report *report)
{
    int64_t errors = 0;
    int number = 0;
    for (int i = 0; i < crew->n; i++) {
        const struct wire *wire = &crew->workers[i].lanes[arm].wire;
        report->health.connections += wire->opened;
        report->health.retries += wire->retries;
        report->health.tls_handshakes += wire->handshakes;
        report->health.tls_resumed += wire->resumed;
        errors += wire->generator_errors;
        number = number ? number : wire->generator_errno;
    }
    if (!errors)
        return;
    add_reason(report, INVALID_SOCKET_ERRORS);
    add_note(report, arena_printf(&report->arena,
                                  "%lld connections could not be opened by this machine: %s",
                                  (long long)errors, strerrordesc_np(number)));
}

/* Users that ended because a feed had no row for them. */
static void judge_feeds(const struct crew *crew, int arm, struct report *report)
{
    const struct feeds *feeds = &crew->plan->feeds;
    size_t n_ended = 0;
    uint32_t spent = 0;
    for (int i = 0; i < crew->n; i++) {
        n_ended += crew->workers[i].lanes[arm].n_ended;
        spent |= crew->workers[i].lanes[arm].spent;
    }
    if (!n_ended)
        return;
    struct buf names = {0};
    bool fails = false;
    for (size_t i = 0; i < feeds->n; i++) {
        if (!(spent >> i & 1))
            continue;
        buf_addf(&names, "%s'%s'", names.len ? " and " : "", feeds->items[i].source->name);
        fails = fails || feeds->items[i].source->at_end == FEED_FAIL;
    }
    if (fails)
        add_reason(report, INVALID_FEED_SPENT);
    add_note(report,
             arena_printf(&report->arena,
                          "%zu of %lld users ended before the run did: the rows of the "
                          "feed %s were used up",
                          n_ended, (long long)crew->plan->settings.users, buf_text(&names)));
    buf_release(&names);
}

/* Says what nobody should overlook. */
static void note_trust(const struct crew *crew, int arm, struct report *report)
{
    const struct plan *plan = crew->plan;
    bool is_secure = false;
    for (size_t i = 0; i < plan->n_origins; i++)
        is_secure = is_secure || plan->arms[arm].origins[i].url.is_secure;
    if (is_secure && !plan->scenario->tls.verify)
        add_note(report, "certificates were not verified: the scenario's \"tls\" says \"verify\": "
                         "false");
}

static void judge_cpu(const struct crew *crew, struct report *report)
{
    int64_t cpu_ns = 0;
    for (int i = 0; i < crew->n; i++)
        cpu_ns += crew->workers[i].cpu_ns;
    report->health.cpu = crew->wall_ns > 0 ? (double)cpu_ns / (double)crew->wall_ns : 0;
    if (report->health.cpu > BUSY_CPU * crew->n)
        add_note(report, "the generator used all the CPU time of its threads: the service may be "
                         "able to do more than what was asked of it");
}

void health_judge(const struct crew *crew, int arm, const struct histogram *all,
                  struct report *report)
{
    report->health.valid = true;
    report->health.drift_p = (double)NAN;
    if (crew->interrupted)
        add_reason(report, crew->alerted ? INVALID_ALERT : INVALID_INTERRUPTED);
    judge_lag(crew, arm, all, report);
    if (crew->plan->n_arms > 1)
        judge_arms(crew, all, report);
    if (!all->count && !report->health.n_reasons)
        add_reason(report, INVALID_NO_REQUESTS);
    judge_arrivals(report);
    judge_drift(crew, report);
    judge_sockets(crew, arm, report);
    judge_feeds(crew, arm, report);
    note_trust(crew, arm, report);
    judge_cpu(crew, report);
}
