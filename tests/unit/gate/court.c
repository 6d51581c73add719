#include "court.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "synth.h"

void court_open(struct court *court, enum comparison comparison, size_t n_bases)
{
    *court = (struct court){.n_candidates = 1, .n_bases = n_bases, .n_acceptances = 1};
    policy_init_default(&court->policy);
    policy_init_default(&court->candidate_policy);
    court->in.comparison = comparison;
    court->in.now_ns = NOON_NS;
    court->candidate[0] = synth_flat(1000, 0, 15, 20);
    for (size_t i = 0; i < n_bases; i++)
        court->base[i] = synth_flat(1000, 0, 10, 20);
    for (size_t i = 0; i < COURT_ACCEPTANCES; i++)
        court->acceptances[i] = (struct acceptance){.metric = METRIC_AVERAGE,
                                                    .scope = "overall",
                                                    .value = 20,
                                                    .reason = "new index costs a lookup",
                                                    .by = "Ann <a@b.c>",
                                                    .accepted_ns = NOON_NS - DAY_NS,
                                                    .place = "1a2b3c4:baselines/x.accept.json"};
}

const struct gate_input *court_input(struct court *court)
{
    for (size_t i = 0; i < COURT_REPORTS; i++) {
        court->candidates[i] = &court->candidate[i];
        court->bases[i] = &court->base[i];
    }
    for (size_t i = 0; i < COURT_ACCEPTANCES; i++)
        court->accepted[i] = &court->acceptances[i];
    court->in.candidates = court->candidates;
    court->in.n_candidates = court->n_candidates;
    court->in.bases = court->bases;
    court->in.n_bases = court->n_bases;
    court->in.acceptances = court->accepted;
    court->in.n_acceptances = court->n_acceptances;
    court->in.policy = &court->policy;
    return &court->in;
}

void court_judge(struct court *court, int exit_code)
{
    struct err err = {0};
    verdict_release(&court->verdict);
    if (gate_judge(court_input(court), &court->verdict, &err))
        fail_msg("%s", err.text);
    if (court->verdict.exit_code != exit_code)
        fail_msg("exit %d: %s", (int)court->verdict.exit_code, court->verdict.summary);
}

void court_close(struct court *court)
{
    verdict_release(&court->verdict);
    policy_release(&court->policy);
    policy_release(&court->candidate_policy);
    for (size_t i = 0; i < COURT_REPORTS; i++) {
        report_release(&court->candidate[i]);
        report_release(&court->base[i]);
    }
}

const struct verdict_row *court_row(const struct court *court, const char *endpoint,
                                    enum metric metric)
{
    const struct verdict *verdict = &court->verdict;
    size_t found = verdict->n_rows;
    for (size_t i = verdict->n_rows; i-- > 0;) {
        const struct verdict_row *row = &verdict->rows[i];
        if (row->metric == (int)metric &&
            (endpoint ? row->endpoint && strcmp(row->endpoint, endpoint) == 0 : !row->endpoint))
            found = i;
    }
    assert_true(found < verdict->n_rows);
    return &verdict->rows[found];
}

const struct verdict_row *court_expect(const struct court *court, enum metric metric,
                                       enum row_status status)
{
    const struct verdict_row *row = court_row(court, NULL, metric);
    if (row->status != (int)status)
        fail_msg("%s: %s", row_status_name((enum row_status)row->status), row->reason);
    return row;
}

void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' does not say '%s'", text, part);
}

void add_endpoint(struct report *report, const char *method, const char *name, double ms)
{
    struct report from = synth_flat(500, 0, ms, 20);
    struct report_endpoint *longer =
        arena_array(&report->arena, report->n_endpoints + 1, sizeof *longer);
    if (report->n_endpoints)
        memcpy(longer, report->endpoints, report->n_endpoints * sizeof *longer);
    longer[report->n_endpoints++] =
        (struct report_endpoint){.name = name, .method = method, .metrics = from.metrics};
    report->endpoints = longer;
}
