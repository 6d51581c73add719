/*
 * methods DIR...: what several methods would have said of recorded traces (ci/bench/traces), as
 * rates.
 *
 * The rule around them is the gate's: the average and p95 of the whole run and of each endpoint, as
 * far as both sides together have enough requests; a row fails that is over its threshold and whose
 * p, after Holm, is at most alpha. Traces of identical sides are judged as they are and SWAPS times
 * with other labels and a slow-down injected; the others once, as they are. Prints a line for each
 * method and question, "METHOD QUESTION TRACES VERDICTS FAIL FOUND TRACES-FAIL TRACES-MISSED":
 * verdicts that fail, those that fail and name the change, traces with any that fails, and with any
 * that does not find it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gate/decide.h"
#include "stats/tests.h"
#include "tests/stat/method.h"
#include "tests/stat/trace.h"

/* What is done to the candidate, and which endpoint a verdict must name; NULL: any row will do. */
struct question {
    const char *name;
    bool recorded; /* the name's rest is what was done when the trace was recorded */
    const char *endpoint;
    struct slower candidate;
    double threshold; /* of the average; 0 = the policy's */
};

#define RECORDED "recorded-"

static const struct question questions[] = {
    {.name = "same", .candidate = {.factor = 1}},
    {.name = "slow15", .candidate = {.factor = 1.15}},
    {.name = "one50", .endpoint = "/forum", .candidate = {.name = "/forum", .factor = 1.5}},
    {.name = "slow5at2", .candidate = {.factor = 1.05}, .threshold = 1.02},
    {.name = RECORDED "same", .recorded = true},
    {.name = RECORDED "slow15", .recorded = true},
    {.name = RECORDED "one50", .recorded = true, .endpoint = "/forum"},
    {.name = RECORDED "slow5", .recorded = true},
    {.name = RECORDED "pause", .recorded = true},
};
#define N_QUESTIONS (sizeof questions / sizeof *questions)

struct tally {
    size_t traces, verdicts, fail, found, traces_fail, traces_missed;
};

/* A verdict's rows, by column. */
struct judged {
    size_t n;
    const char **endpoint; /* NULL: the whole run */
    bool *breach;
    double *p[METHODS];
};

/* ---- one verdict ---- */

static bool is_judged(const struct numbers *numbers, enum metric metric,
                      const struct estimate *estimate)
{
    const struct metric_info *info = metric_info(metric);
    double needed = info->kind == KIND_QUANTILE ? round(10 / (1 - info->quantile)) : 100;
    return (double)(estimate->requests[SIDE_BASE] + estimate->requests[SIDE_CANDIDATE]) >=
               2 * needed &&
           numbers->batches >= DECIDE_MIN_BATCHES && estimate->noise_known;
}

static void ask_scope(const struct gate_input *in, const struct numbers *numbers,
                      const struct scope *scope, struct judged *judged)
{
    static const enum metric metrics[] = {METRIC_AVERAGE, METRIC_P95};
    struct evidence evidence;
    evidence_load(in, scope, &evidence);
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        const struct estimate *estimate = &scope->metrics[metrics[i]];
        struct row row = {&evidence, metrics[i], estimate,
                          in->policy->overall.threshold[metrics[i]]};
        double p[METHODS];
        if (!is_judged(numbers, metrics[i], estimate))
            continue;
        method_ask(&row, p);
        for (int method = 0; method < METHODS; method++)
            judged->p[method][judged->n] = p[method];
        judged->endpoint[judged->n] = scope->name;
        judged->breach[judged->n++] =
            decide_breach(metrics[i], estimate->figure[SIDE_BASE], estimate->figure[SIDE_CANDIDATE],
                          row.threshold);
    }
    evidence_release(&evidence);
}

static void count(const struct judged *judged, const struct question *ask, double alpha,
                  struct tally tallies[METHODS])
{
    for (int method = 0; method < METHODS; method++) {
        bool fails = false, found = false;
        test_holm(judged->p[method], judged->n, judged->p[method]);
        for (size_t i = 0; i < judged->n; i++) {
            if (!judged->breach[i] || judged->p[method][i] > alpha)
                continue;
            fails = true;
            found |= !ask->endpoint ||
                     (judged->endpoint[i] && strcmp(judged->endpoint[i], ask->endpoint) == 0);
        }
        tallies[method].verdicts++;
        tallies[method].fail += fails;
        tallies[method].found += found;
    }
}

static void ask_numbers(const struct gate_input *in, const struct numbers *numbers,
                        const struct question *ask, struct tally tallies[METHODS])
{
    struct arena arena = {0};
    size_t room = 2 * numbers->n_scopes;
    struct judged judged = {.endpoint = arena_array(&arena, room, sizeof *judged.endpoint),
                            .breach = arena_array(&arena, room, sizeof *judged.breach)};
    for (int method = 0; method < METHODS; method++)
        judged.p[method] = arena_array(&arena, room, sizeof *judged.p[method]);
    for (size_t i = 0; i < numbers->n_scopes; i++)
        ask_scope(in, numbers, &numbers->scopes[i], &judged);
    count(&judged, ask, in->policy->alpha, tallies);
    arena_release(&arena);
}

static int judge(const struct trace *trace, const struct question *ask,
                 struct tally tallies[METHODS], struct err *err)
{
    struct trace_sides sides;
    struct numbers numbers;
    struct policy policy;
    bool wanted[METRIC_COUNT] = {false};
    policy_init_default(&policy);
    if (ask->threshold > 0)
        policy.overall.threshold[METRIC_AVERAGE] = ask->threshold;
    struct gate_input in = trace_input(trace, &policy, &sides);
    decide_wants(&policy, wanted);
    int status = compare_reports(&in, wanted, &numbers, err);
    if (status == 0) {
        ask_numbers(&in, &numbers, ask, tallies);
        numbers_release(&numbers);
    }
    policy_release(&policy);
    return status;
}

/* ---- all verdicts ---- */

static int judge_swapped(const struct trace *trace, size_t question, size_t swaps,
                         struct tally tallies[METHODS], struct err *err)
{
    static const struct slower as_it_is = {.factor = 1};
    const struct question *ask = &questions[question];
    struct rng rng;
    int status = 0;
    rng_init(&rng, TRACE_SEED, question);
    for (size_t i = 0; status == 0 && i < swaps; i++) {
        struct trace swapped;
        trace_swap(trace, &as_it_is, &ask->candidate, &rng, &swapped);
        status = judge(&swapped, ask, tallies, err);
        trace_release(&swapped);
    }
    return status;
}

/* Whether this trace can answer the question. */
static bool suits(const struct trace *trace, const struct question *ask)
{
    const char *change = trace_change(trace);
    size_t length = strcspn(change, ".");
    const char *wanted = ask->recorded ? ask->name + strlen(RECORDED) : "same";
    return strlen(wanted) == length && strncmp(change, wanted, length) == 0 &&
           (ask->recorded || trace_can_swap(trace));
}

static void add(const struct tally *from, struct tally *into)
{
    into->traces++;
    into->verdicts += from->verdicts;
    into->fail += from->fail;
    into->found += from->found;
    into->traces_fail += from->fail > 0;
    into->traces_missed += from->found < from->verdicts;
}

static int ask_trace(const struct trace *trace, size_t swaps,
                     struct tally totals[N_QUESTIONS][METHODS], struct err *err)
{
    for (size_t q = 0; q < N_QUESTIONS; q++) {
        struct tally tallies[METHODS] = {{0}};
        if (!suits(trace, &questions[q]))
            continue;
        if (questions[q].recorded ? judge(trace, &questions[q], tallies, err)
                                  : judge_swapped(trace, q, swaps, tallies, err))
            return err_prefix(err, "%s: ", trace->name);
        for (int method = 0; method < METHODS; method++)
            add(&tallies[method], &totals[q][method]);
    }
    return 0;
}

static void print(struct tally totals[N_QUESTIONS][METHODS])
{
    for (size_t q = 0; q < N_QUESTIONS; q++)
        for (int method = 0; method < METHODS && totals[q][0].traces; method++) {
            const struct tally *tally = &totals[q][method];
            printf("%s %s %zu %zu %zu %zu %zu %zu\n", method_name((enum method)method),
                   questions[q].name, tally->traces, tally->verdicts, tally->fail, tally->found,
                   tally->traces_fail, tally->traces_missed);
        }
}

int main(int argc, char **argv)
{
    const char *text = getenv("SWAPS");
    size_t swaps = text ? (size_t)strtoul(text, NULL, 10) : 20;
    struct tally totals[N_QUESTIONS][METHODS] = {{{0}}};
    for (int i = 1; i < argc; i++) {
        struct trace trace;
        struct err err = {0};
        int status = trace_load(argv[i], &trace, &err);
        if (status == 0) {
            status = ask_trace(&trace, swaps, totals, &err);
            trace_release(&trace);
        }
        if (status) {
            fprintf(stderr, "methods: %s\n", err.text);
            return 2;
        }
    }
    print(totals);
    return 0;
}
