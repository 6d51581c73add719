#include "gate/outcome.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "gate/explain.h"

enum { EXIT_PASS = 0, EXIT_FAIL = 1, EXIT_UNDECIDED = 3 };

/* ---- events ---- */

/* What one policy makes of an event, as an exit code. */
static int exit_by(const struct policy *policy, enum policy_event event, int fallback)
{
    switch (policy->on[event]) {
    case ON_PASS:
        return EXIT_PASS;
    case ON_FAIL:
        return EXIT_FAIL;
    case ON_UNDECIDED:
        return EXIT_UNDECIDED;
    default:
        return fallback;
    }
}

/* Of two policies the harder one counts: fail, then undecided, then pass. */
static int exit_on(const struct gate_input *in, enum policy_event event, int fallback)
{
    int exit_code = exit_by(in->policy, event, fallback);
    int other = in->candidate_policy ? exit_by(in->candidate_policy, event, fallback) : exit_code;
    if (exit_code == EXIT_FAIL || other == EXIT_FAIL)
        return EXIT_FAIL;
    return exit_code == EXIT_PASS ? other : exit_code;
}

/* The event of a row that could not be decided; EVENT_COUNT for other rows. */
static enum policy_event event_of(enum row_status status)
{
    switch (status) {
    case ROW_ERRORED:
        return EVENT_ERRORED;
    case ROW_NOT_COMPARABLE:
        return EVENT_NOT_COMPARABLE;
    case ROW_MISSING_BASELINE:
        return EVENT_MISSING_BASELINE;
    case ROW_INSUFFICIENT:
        return EVENT_INSUFFICIENT;
    default:
        return EVENT_COUNT;
    }
}

static bool fails(enum row_status status)
{
    return status == ROW_REGRESSED || status == ROW_OVER_LIMIT;
}

/* ---- rows ---- */

/* A row on its way into the verdict. */
struct judgement {
    struct verdict_row row;
    int exit_code; /* what this row alone would end in */
};

static int exit_of(const struct gate_input *in, const struct draft *draft)
{
    enum policy_event event = event_of(draft->status);
    if (fails(draft->status))
        return EXIT_FAIL;
    if (event == EVENT_COUNT || !draft->required)
        return EXIT_PASS;
    return exit_on(in, event, draft->lenient ? EXIT_PASS : EXIT_UNDECIDED);
}

static int compare_texts(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : ""); /* the whole run has no name: first */
}

/* By status; within it judged rows before those that decide nothing, then the whole run, then by
 * name. */
static int by_badness(const void *a, const void *b)
{
    const struct verdict_row *x = &((const struct judgement *)a)->row;
    const struct verdict_row *y = &((const struct judgement *)b)->row;
    int order = (x->status > y->status) - (x->status < y->status);
    if (!order)
        order = (x->judged < y->judged) - (x->judged > y->judged);
    if (!order)
        order = compare_texts(x->endpoint, y->endpoint);
    if (!order)
        order = compare_texts(x->method, y->method);
    if (!order)
        order = (x->against > y->against) - (x->against < y->against);
    if (!order)
        order = compare_texts(x->name, y->name);
    return order ? order : (x->metric > y->metric) - (x->metric < y->metric);
}

/* The rows, sorted; the caller frees them. */
static struct judgement *judge_rows(const struct gate_input *in, const struct numbers *numbers,
                                    const struct drafts *drafts, struct verdict *out)
{
    struct judgement *judgements = mem_array(drafts->n ? drafts->n : 1, sizeof *judgements);
    size_t n = 0;
    for (size_t i = 0; i < drafts->n; i++) {
        const struct draft *draft = &drafts->all[i];
        if (!draft->used)
            continue;
        explain_row(numbers, draft, &out->arena, &judgements[n].row);
        judgements[n++].exit_code = exit_of(in, draft);
    }
    qsort(judgements, n, sizeof *judgements, by_badness);
    out->rows = arena_array(&out->arena, n, sizeof *out->rows);
    out->n_rows = n;
    for (size_t i = 0; i < n; i++)
        out->rows[i] = judgements[i].row;
    return judgements;
}

static void fill_regressions(struct verdict *out)
{
    out->regressions = arena_array(&out->arena, out->n_rows, sizeof *out->regressions);
    for (size_t i = 0; i < out->n_rows; i++) {
        const struct verdict_row *row = &out->rows[i];
        if (!fails((enum row_status)row->status))
            continue;
        const struct metric_info *info = metric_info((enum metric)row->metric);
        out->regressions[out->n_regressions++] = (struct verdict_regression){
            .endpoint = row->endpoint,
            .method = row->method,
            .metric = verdict_row_key(row),
            .current = row->candidate,
            .baseline = row->base,
            .degradation = info->higher_is_better ? -row->change : row->change,
            .against = row->against,
        };
    }
}

/* ---- the sentence ---- */

/* "GET /forum average +52.1 % …", "GET /forum: too few requests …" */
static void add_row(struct buf *out, const struct verdict_row *row)
{
    const char *title = verdict_row_title(row);
    bool names_metric = strncmp(row->reason, title, strlen(title)) == 0;
    verdict_add_scope(out, row);
    buf_addf(out, "%s %s", !names_metric ? ":" : row->anchor ? "," : "", row->reason);
}

/* How a row that fails is worse. */
static const char *word_of(const struct verdict_row *row)
{
    if (row->status == ROW_OVER_LIMIT)
        return "over the limit";
    if (row->status != ROW_REGRESSED)
        return "failed by the policy";
    if (row->name)
        return "worse";
    return row->metric == METRIC_ERROR_RATE ? "less reliable" : "slower";
}

static size_t count_exits(const struct judgement *judgements, size_t n, int exit_code)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += judgements[i].exit_code == exit_code;
    return count;
}

static void summarise_rows(struct buf *out, const struct judgement *judgements, size_t n,
                           int exit_code)
{
    size_t count = count_exits(judgements, n, exit_code), i = 0;
    while (judgements[i].exit_code != exit_code)
        i++;
    if (exit_code == EXIT_FAIL)
        buf_addf(out, "%s: ", word_of(&judgements[i].row));
    add_row(out, &judgements[i].row);
    if (count > 1)
        buf_addf(out, " (and %zu more row%s)", count - 1, count > 2 ? "s" : "");
}

static void summarise_pass(struct buf *out, const struct verdict *verdict)
{
    size_t judged = 0, improved = 0, undecided = 0, accepted = 0;
    for (size_t i = 0; i < verdict->n_rows; i++) {
        const struct verdict_row *row = &verdict->rows[i];
        judged += row->judged;
        improved += row->status == ROW_IMPROVED;
        undecided += row->judged && row->status < ROW_ACCEPTED;
        accepted += row->judged && row->status == ROW_ACCEPTED;
    }
    buf_addf(out, "no regression%s: %zu row%s judged", accepted ? " beyond what was accepted" : "",
             judged, judged == 1 ? "" : "s");
    if (accepted)
        buf_addf(out, ", %zu accepted regression%s", accepted, accepted == 1 ? "" : "s");
    if (improved)
        buf_addf(out, ", %zu improved", improved);
    if (undecided)
        buf_addf(out, ", %zu of them undecided", undecided);
    if (judged < verdict->n_rows)
        buf_addf(out, ", %zu shown only", verdict->n_rows - judged);
}

/* ---- the exit code ---- */

/* An invalid run's; a run without requests never passes. */
static int exit_invalid(const struct gate_input *in, const struct numbers *numbers)
{
    bool empty = numbers->scopes[0].metrics[METRIC_AVERAGE].requests[SIDE_CANDIDATE] <= 0;
    if (!numbers->n_invalid)
        return EXIT_PASS;
    int exit_code = exit_on(in, EVENT_INVALID_RUN, EXIT_UNDECIDED);
    return exit_code == EXIT_PASS && empty ? EXIT_UNDECIDED : exit_code;
}

static int exit_scenario(const struct gate_input *in)
{
    return in->scenario_change ? exit_on(in, EVENT_SCENARIO_CHANGED, EXIT_PASS) : EXIT_PASS;
}

/* In DESIGN's order: an invalid run, then failures, then what could not be decided. */
static int conclude(const struct gate_input *in, const struct numbers *numbers,
                    const struct judgement *judgements, struct verdict *out, struct buf *summary)
{
    static const int order[] = {EXIT_FAIL, EXIT_UNDECIDED};
    int invalid = exit_invalid(in, numbers), scenario = exit_scenario(in);
    if (invalid != EXIT_PASS) {
        buf_addf(summary, "%s%s", invalid == EXIT_FAIL ? "failed by the policy: " : "",
                 numbers->invalid[0]);
        return invalid;
    }
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (count_exits(judgements, out->n_rows, order[i])) {
            summarise_rows(summary, judgements, out->n_rows, order[i]);
            return order[i];
        }
        if (scenario == order[i]) {
            buf_addf(summary, "%s%s", order[i] == EXIT_FAIL ? "failed by the policy: " : "",
                     in->scenario_change);
            return order[i];
        }
    }
    if (in->no_pass) {
        buf_add_str(summary, in->no_pass);
        return EXIT_UNDECIDED;
    }
    summarise_pass(summary, out);
    return EXIT_PASS;
}

static void fill_warnings(const struct gate_input *in, const struct numbers *numbers,
                          struct verdict *out)
{
    size_t n = 0;
    out->warnings =
        arena_array(&out->arena, numbers->n_invalid + numbers->n_notes + in->n_warnings + 4,
                    sizeof *out->warnings);
    for (size_t i = 0; i < numbers->n_invalid; i++)
        out->warnings[n++] = arena_strdup(&out->arena, numbers->invalid[i]);
    if (in->no_pass)
        out->warnings[n++] = arena_strdup(&out->arena, in->no_pass);
    if (in->scenario_change)
        out->warnings[n++] = arena_strdup(&out->arena, in->scenario_change);
    for (size_t i = 0; i < in->n_warnings; i++)
        out->warnings[n++] = arena_strdup(&out->arena, in->warnings[i]);
    bool has_base = decide_base(numbers, in->policy) == BASE_THERE;
    if (has_base && numbers->base_state == BASE_OTHER_SOURCE)
        out->warnings[n++] = arena_strdup(&out->arena, numbers->base_reason);
    if (numbers->plain && has_base)
        out->warnings[n++] =
            arena_printf(&out->arena, "thresholds alone decide: %s", numbers->plain);
    for (size_t i = 0; i < numbers->n_notes; i++)
        out->warnings[n++] = arena_strdup(&out->arena, numbers->notes[i]);
    out->n_warnings = n;
}

void outcome_fill(const struct gate_input *in, const struct numbers *numbers,
                  const struct drafts *drafts, struct verdict *out)
{
    struct buf summary = {0};
    struct judgement *judgements = judge_rows(in, numbers, drafts, out);
    fill_regressions(out);
    fill_warnings(in, numbers, out);
    int exit_code = conclude(in, numbers, judgements, out, &summary);
    out->exit_code = exit_code;
    out->status = exit_code == EXIT_PASS   ? OVERALL_PASS
                  : exit_code == EXIT_FAIL ? OVERALL_FAIL
                                           : OVERALL_UNDECIDED;
    out->summary = arena_strdup(&out->arena, buf_text(&summary));
    buf_release(&summary);
    free(judgements);
}
