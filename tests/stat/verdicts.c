/*
 * verdicts DIR...: what the gate says of recorded traces (ci/bench/traces), as rates.
 *
 * DIR holds start-K.json and start-K.base.json and is named SERVER.CONDITION.CHANGE.N. Traces of
 * identical sides are judged SWAPS times under the built-in policy, each time with other labels, as
 * they are and with a slow-down injected; the others once, as they are. Prints a line for each trace
 * and question, "QUESTION TRACE VERDICTS PASS FAIL UNDECIDED FOUND", where a change is found if the
 * verdict fails and names it. ci/bench/verdict adds them up.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/rng.h"
#include "gate/gate.h"
#include "model/policy.h"
#include "tests/stat/relabel.h"

#define MAX_STARTS 9
#define SEED       UINT64_C(20261125)

struct trace {
    const char *name;
    size_t n;
    struct report base[MAX_STARTS], candidate[MAX_STARTS];
};

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

static int load(const char *dir, struct trace *trace)
{
    char path[1000];
    struct err err = {0};
    const char *slash = strrchr(dir, '/');
    trace->name = slash ? slash + 1 : dir;
    trace->n = 0;
    while (trace->n < MAX_STARTS) {
        snprintf(path, sizeof path, "%s/start-%zu.json", dir, trace->n + 1);
        if (access(path, R_OK) < 0)
            break;
        if (report_read(path, &trace->candidate[trace->n], &err) < 0)
            break;
        snprintf(path, sizeof path, "%s/start-%zu.base.json", dir, trace->n + 1);
        if (report_read(path, &trace->base[trace->n], &err) < 0)
            break;
        trace->n++;
    }
    if (err.code || !trace->n) {
        fprintf(stderr, "verdicts: %s: %s\n", dir, err.code ? err.text : "no start-1.json there");
        return -1;
    }
    return 0;
}

static void release(struct trace *trace)
{
    for (size_t i = 0; i < trace->n; i++) {
        report_release(&trace->base[i]);
        report_release(&trace->candidate[i]);
    }
    trace->n = 0;
}

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
    const struct report *candidates[MAX_STARTS], *bases[MAX_STARTS];
    struct verdict verdict;
    struct policy policy;
    struct err err = {0};
    policy_init_default(&policy);
    if (ask->threshold > 0)
        policy.overall.threshold[METRIC_AVERAGE] = ask->threshold;
    for (size_t i = 0; i < trace->n; i++) {
        candidates[i] = &trace->candidate[i];
        bases[i] = &trace->base[i];
    }
    struct gate_input in = {.candidates = candidates,
                            .n_candidates = trace->n,
                            .bases = bases,
                            .n_bases = trace->n,
                            .comparison = COMPARISON_PAIRED,
                            .policy = &policy};
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
    struct trace swapped = {.name = trace->name}, asked = {.name = trace->name};
    for (; swapped.n < trace->n; swapped.n++, asked.n++) {
        size_t i = swapped.n;
        relabel(&trace->base[i], &trace->candidate[i], rng, &swapped.base[i],
                &swapped.candidate[i]);
        relabel_slower(&swapped.base[i], &ask->base, &asked.base[i]);
        relabel_slower(&swapped.candidate[i], &ask->candidate, &asked.candidate[i]);
    }
    judge(&asked, ask, tally);
    release(&asked);
    release(&swapped);
}

static bool can_swap(const struct trace *trace)
{
    for (size_t i = 0; i < trace->n; i++)
        if (!relabel_can(&trace->base[i], &trace->candidate[i]))
            return false;
    return true;
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
    if (!can_swap(trace))
        return;
    for (size_t q = 0; q < sizeof questions / sizeof *questions; q++) {
        struct tally tally = {0};
        struct rng rng;
        rng_init(&rng, SEED, q);
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

int main(int argc, char **argv)
{
    const char *text = getenv("SWAPS");
    size_t swaps = text ? (size_t)strtoul(text, NULL, 10) : 100;
    for (int i = 1; i < argc; i++) {
        struct trace trace = {0};
        if (load(argv[i], &trace) < 0)
            return 2;
        const char *change = strchr(trace.name, '.');
        change = change ? strchr(change + 1, '.') : NULL;
        if (!change || strncmp(change, ".same", 5) == 0)
            ask_all(&trace, swaps);
        else
            ask_recorded(&trace, change + 1);
        fflush(stdout);
        release(&trace);
    }
    return 0;
}
