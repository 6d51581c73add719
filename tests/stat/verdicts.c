/*
 * verdicts DIR...: what the gate says of recorded traces (ci/bench/traces), as rates.
 *
 * DIR holds start-K.json and start-K.base.json and is named SERVER.CONDITION.CHANGE.N. Traces of
 * identical sides are judged SWAPS times under the built-in policy, each time with other labels, as
 * they are and with a slow-down injected; the others once, as they are. Prints a line for each
 * trace and question, "QUESTION TRACE VERDICTS PASS FAIL UNDECIDED FOUND", where a change is found
 * if the verdict fails and names it. Traces of a pause are also judged together, as the longer run
 * that they could have been: all neighbours of two, three and so on. ALPHA is the policy's, if set.
 * ci/bench/verdict adds them up.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "gate/gate.h"
#include "model/policy.h"
#include "tests/stat/trace.h"

struct tally {
    size_t verdicts, pass, fail, undecided, found;
};

/* What is done to the candidate, and which endpoint a verdict must name; NULL: any row will do. */
struct question {
    const char *name, *endpoint;
    struct slower base, candidate;
    double threshold; /* of the average; 0 = the policy's */
};

static const struct question questions[] = {
    {.name = "same", .base = {.factor = 1}, .candidate = {.factor = 1}},
    {.name = "slow15", .base = {.factor = 1}, .candidate = {.factor = 1.15}},
    {.name = "one50",
     .endpoint = "/forum",
     .base = {.factor = 1},
     .candidate = {.name = "/forum", .factor = 1.5}},
    {.name = "slow5", .base = {.factor = 1}, .candidate = {.factor = 1.05}},
    {.name = "slow5at2", .base = {.factor = 1}, .candidate = {.factor = 1.05}, .threshold = 1.02},
    {.name = "errors",
     .base = {.factor = 1, .failing = 0.005},
     .candidate = {.factor = 1, .failing = 0.02}},
};

static bool names(const struct verdict *verdict, const char *endpoint)
{
    for (size_t i = 0; i < verdict->n_regressions; i++)
        if (!endpoint || (verdict->regressions[i].endpoint &&
                          strcmp(verdict->regressions[i].endpoint, endpoint) == 0))
            return true;
    return false;
}

static void judge(const struct trace *trace, const struct question *ask, struct tally *tally)
{
    struct trace_sides sides;
    struct verdict verdict;
    struct policy policy;
    struct err err = {0};
    const char *alpha = getenv("ALPHA");
    policy_init_default(&policy);
    if (alpha)
        policy.alpha = strtod(alpha, NULL);
    if (ask->threshold > 0)
        policy.overall.threshold[METRIC_AVERAGE] = ask->threshold;
    struct gate_input in = trace_input(trace, &policy, &sides);
    if (gate_judge(&in, &verdict, &err) < 0) {
        fprintf(stderr, "verdicts: %s: %s\n", trace->name, err.text);
        exit(2);
    }
    tally->verdicts++;
    tally->pass += verdict.exit_code == 0;
    tally->fail += verdict.exit_code == 1;
    tally->undecided += verdict.exit_code == 3;
    tally->found += verdict.exit_code == 1 && names(&verdict, ask->endpoint);
    verdict_release(&verdict);
    policy_release(&policy);
}

static void swap_and_judge(const struct trace *trace, const struct question *ask, struct rng *rng,
                           struct tally *tally)
{
    struct trace swapped;
    trace_swap(trace, &ask->base, &ask->candidate, rng, &swapped);
    judge(&swapped, ask, tally);
    trace_release(&swapped);
}

static void print(const char *question, const struct trace *trace, const struct tally *tally)
{
    printf("%s %s %zu %zu %zu %zu %zu\n", question, trace->name, tally->verdicts, tally->pass,
           tally->fail, tally->undecided, tally->found);
}

/* A trace of identical sides: each question, with labels swapped. */
static void ask_all(const struct trace *trace, size_t swaps)
{
    struct tally recorded = {0};
    struct question as_it_is = questions[0];
    judge(trace, &as_it_is, &recorded);
    print("recorded-same", trace, &recorded);
    if (!trace_can_swap(trace))
        return;
    for (size_t q = 0; q < sizeof questions / sizeof *questions; q++) {
        struct tally tally = {0};
        struct rng rng;
        rng_init(&rng, TRACE_SEED, q);
        for (size_t i = 0; i < swaps; i++)
            swap_and_judge(trace, &questions[q], &rng, &tally);
        print(questions[q].name, trace, &tally);
    }
}

/* The third part of the name: what was done to the candidate when it was recorded. */
static void ask_recorded(const struct trace *trace, const char *change)
{
    char question[100];
    struct tally tally = {0};
    struct question ask = {.endpoint = strncmp(change, "one50", 5) == 0 ? "/forum" : NULL};
    snprintf(question, sizeof question, "recorded-%.*s", (int)strcspn(change, "."), change);
    judge(trace, &ask, &tally);
    print(question, trace, &tally);
}

#define MAX_PAUSES 5

/* Traces of one kind, which are kept. */
struct pauses {
    size_t n;
    struct trace traces[MAX_PAUSES];
};

/* `n` of them, from `first` on, as starts of one run; its pairs are in `pairs`. */
static void join(const struct pauses *pauses, size_t first, size_t n,
                 struct report_pair pairs[2 * TRACE_MAX_STARTS], struct trace *out)
{
    out->n = 0;
    for (size_t i = 0; i < n; i++) {
        const struct trace *from = &pauses->traces[(first + i) % pauses->n];
        for (size_t k = 0; k < from->n && out->n < TRACE_MAX_STARTS; k++, out->n++) {
            struct report *sides[] = {&out->base[out->n], &out->candidate[out->n]};
            *sides[0] = from->base[k];
            *sides[1] = from->candidate[k];
            for (size_t side = 0; side < 2; side++) {
                struct report_pair *pair = &pairs[2 * out->n + side];
                *pair = *sides[side]->pair;
                pair->id = "joined";
                pair->start = (int64_t)out->n + 1;
                sides[side]->pair = pair;
            }
        }
    }
}

static void ask_joined(const struct pauses *pauses)
{
    static struct trace joined; /* large */
    struct report_pair pairs[2 * TRACE_MAX_STARTS];
    const struct question ask = {0};
    for (size_t n = 2; n <= pauses->n; n++) {
        struct tally tally = {0};
        char question[100];
        joined.name = pauses->traces[0].name;
        for (size_t first = 0; first < (n < pauses->n ? pauses->n : 1); first++) {
            join(pauses, first, n, pairs, &joined);
            judge(&joined, &ask, &tally);
        }
        snprintf(question, sizeof question, "joined-pause-%zu", n);
        print(question, &joined, &tally);
    }
}

/* Whether the trace was kept. */
static bool keep(struct pauses *pauses, struct trace *trace)
{
    if (!strstr(trace->name, ".quiet.pause.") || pauses->n == MAX_PAUSES)
        return false;
    pauses->traces[pauses->n++] = *trace;
    return true;
}

int main(int argc, char **argv)
{
    static struct pauses pauses; /* large */
    const char *text = getenv("SWAPS");
    size_t swaps = text ? (size_t)strtoul(text, NULL, 10) : 100;
    for (int i = 1; i < argc; i++) {
        struct trace trace;
        struct err err = {0};
        if (trace_load(argv[i], &trace, &err) < 0) {
            fprintf(stderr, "verdicts: %s\n", err.text);
            return 2;
        }
        if (strncmp(trace_change(&trace), "same", 4) == 0)
            ask_all(&trace, swaps);
        else
            ask_recorded(&trace, trace_change(&trace));
        fflush(stdout);
        if (!keep(&pauses, &trace))
            trace_release(&trace);
    }
    ask_joined(&pauses);
    for (size_t i = 0; i < pauses.n; i++)
        trace_release(&pauses.traces[i]);
    return 0;
}
