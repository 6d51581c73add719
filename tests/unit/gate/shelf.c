#include "shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "synth.h"

const double shelf_averages[10] = {10.1, 9.6, 10.4, 9.9, 10.9, 9.3, 10.0, 10.2, 9.8, 10.6};

struct report shelf_run(int64_t failures, double average)
{
    struct report run = synth_flat(10000, failures, average, 2 * average);
    run.flat = false;
    run.health.valid = true;
    run.workload = "aa";
    run.environment.cpu_model = "one";
    return run;
}

void shelf_open(struct shelf *shelf, size_t n_runs, double average)
{
    *shelf =
        (struct shelf){.n_runs = n_runs, .n_candidates = 1, .in.comparison = COMPARISON_STORED};
    policy_init_default(&shelf->policy);
    for (size_t i = 0; i < n_runs; i++)
        shelf->runs[i] = shelf_run(50, shelf_averages[i]);
    shelf->candidates[0] = shelf_run(50, average);
}

void shelf_judge(struct shelf *shelf)
{
    const struct report *runs[SHELF_RUNS], *candidates[3];
    struct err err = {0};
    for (size_t i = 0; i < SHELF_RUNS; i++)
        runs[i] = &shelf->runs[i];
    for (size_t i = 0; i < 3; i++)
        candidates[i] = &shelf->candidates[i];
    struct gate_input in = shelf->in;
    in.candidates = candidates;
    in.n_candidates = shelf->n_candidates;
    in.bases = runs;
    in.n_bases = shelf->n_runs;
    in.policy = &shelf->policy;
    verdict_release(&shelf->verdict);
    if (gate_judge(&in, &shelf->verdict, &err))
        fail_msg("%s", err.text);
}

const struct verdict_row *shelf_row(const struct shelf *shelf, enum metric metric)
{
    const struct verdict *verdict = &shelf->verdict;
    size_t found = verdict->n_rows;
    for (size_t i = 0; i < verdict->n_rows; i++)
        if (!verdict->rows[i].endpoint && verdict->rows[i].against == AGAINST_BASE &&
            verdict->rows[i].metric == (int)metric)
            found = i;
    assert_true(found < verdict->n_rows);
    return &verdict->rows[found];
}

void shelf_close(struct shelf *shelf)
{
    verdict_release(&shelf->verdict);
    policy_release(&shelf->policy);
}
