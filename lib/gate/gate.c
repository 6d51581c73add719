#include "gate/gate.h"

#include <stdbool.h>

#include "gate/accept.h"
#include "gate/alert_verdict.h"
#include "gate/compare.h"
#include "gate/decide.h"
#include "gate/named.h"
#include "gate/outcome.h"

static void fill_head(const struct gate_input *in, const struct numbers *numbers,
                      struct verdict *out)
{
    struct arena *arena = &out->arena;
    const struct fingerprint *from = &numbers->environment;
    out->comparison = (int)in->comparison;
    out->baseline_choice = arena_strdup(arena, in->baseline_choice);
    out->policy_choice = arena_strdup(arena, in->policy_choice);
    out->suite = arena_strdup(arena, numbers->suite);
    out->alpha = decide_alpha(numbers, in->policy);
    out->starts = numbers->starts;
    out->pairs = numbers->pairs;
    out->batches = numbers->batches;
    out->users = numbers->users;
    out->duration_ns = numbers->duration_ns;
    out->measured = arena_strdup(arena, numbers->measured);
    out->environment = *from;
    out->environment.cpu_model = arena_strdup(arena, from->cpu_model);
    out->environment.virtualization = arena_strdup(arena, from->virtualization);
    out->environment.kernel = arena_strdup(arena, from->kernel);
    out->environment.runner_image = arena_strdup(arena, from->runner_image);
    out->environment.tool = arena_strdup(arena, from->tool);
}

int gate_judge(const struct gate_input *in, struct verdict *out, struct err *err)
{
    bool wanted[METRIC_COUNT] = {false};
    struct numbers numbers;
    struct drafts drafts, candidate_drafts;
    *out = (struct verdict){0};
    decide_wants(in->policy, wanted);
    if (in->candidate_policy)
        decide_wants(in->candidate_policy, wanted);
    if (compare_reports(in, wanted, &numbers, err))
        return -1;
    named_compare(in, &numbers);
    accept_note_strays(&numbers);
    decide_rows(&numbers, in->policy, &numbers.arena, &drafts);
    accept_rows(&drafts);
    if (in->candidate_policy) {
        decide_rows(&numbers, in->candidate_policy, &numbers.arena, &candidate_drafts);
        accept_rows(&candidate_drafts);
        decide_worse(&drafts, &candidate_drafts, &numbers.arena);
    }
    fill_head(in, &numbers, out);
    outcome_fill(in, &numbers, &drafts, out);
    numbers_release(&numbers);
    int status = alert_verdict_fill(in, out, err);
    if (status < 0)
        verdict_release(out);
    return status;
}
