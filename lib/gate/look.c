#include "gate/look.h"

#include <math.h>

#include "base/buf.h"
#include "gate/decide.h"
#include "stats/dist.h"

/* One tail of the interval whose width is judged. */
#define WIDTH_TAIL 0.025

/* ---- what looks leave to a verdict ---- */

static const struct report_look *look_of(const struct report *const *reports, size_t i)
{
    return reports[i]->pair->look;
}

static bool same_look(const struct report_look *a, const struct report_look *b)
{
    if (!a || !b)
        return a == b;
    return a->number == b->number && a->of == b->of && a->reason == b->reason;
}

int look_check(const struct gate_input *in, size_t i, struct err *err)
{
    const struct report_look *look = look_of(in->candidates, i);
    const char *name = in->candidate_names ? in->candidate_names[i] : "the candidate's report";
    if (!same_look(look, look_of(in->bases, i)))
        return err_set(err, ERR_INPUT,
                       "'%s': pair.look: the other side of the run says something else; one of the "
                       "files was changed or belongs to another run",
                       name);
    if (look && look->reason == LOOK_SURE && in->n_candidates > 1)
        return err_set(err, ERR_INPUT,
                       "'%s': the run ended because a regression was sure, which is a verdict by "
                       "itself; compare it alone, or run all starts with LOAD_TEST_PAIR",
                       name);
    return 0;
}

/* What a run that ended at this look may spend: from what the look before was given, to its own
 * share where it was sure, and else to all there is. */
static struct look_window window_of(const struct report_look *look)
{
    if (!look)
        return (struct look_window){0};
    double of = (double)look->of, number = (double)look->number;
    return (struct look_window){.from = (number - 1) / of,
                                .rest = look->reason == LOOK_SURE ? 1 - number / of : 0};
}

static void note_early_end(const struct gate_input *in, size_t i, struct numbers *numbers)
{
    struct buf text = {0};
    report_add_look(&text, in->candidates[i], in->bases[i]);
    if (in->n_candidates == 1)
        numbers_note(numbers, "the run %s", buf_text(&text));
    else
        numbers_note(numbers, "start %lld %s", (long long)in->candidates[i]->pair->start,
                     buf_text(&text));
    buf_release(&text);
}

void look_read(const struct gate_input *in, struct numbers *numbers)
{
    for (size_t i = 0; i < in->n_candidates; i++) {
        const struct report_look *look = look_of(in->candidates, i);
        if (in->n_candidates == 1)
            numbers->look = window_of(look);
        if (look && look->reason != LOOK_END)
            note_early_end(in, i, numbers);
    }
}

/* ---- a look ---- */

static bool is_sure(const struct drafts *drafts)
{
    for (size_t i = 0; i < drafts->n; i++)
        if (drafts->all[i].used && drafts->all[i].tested && drafts->all[i].judged &&
            drafts->all[i].status == ROW_REGRESSED)
            return true;
    return false;
}

static bool has_width(const struct draft *draft)
{
    return draft->tested && metric_info(draft->metric)->kind != KIND_RATE;
}

static bool holds_up(const struct draft *draft, double most_error)
{
    if (!draft->used || !draft->judged)
        return false;
    return draft->breach || draft->status == ROW_INSUFFICIENT ||
           (has_width(draft) && !(draft->estimate->within <= most_error));
}

/* Every judged row is decided and no breach, and its figure known to the width; there is one. */
static bool is_known(const struct drafts *drafts, double width)
{
    double most_error = log1p(width) / dist_normal_quantile(WIDTH_TAIL);
    size_t n = 0;
    for (size_t i = 0; i < drafts->n; i++) {
        if (holds_up(&drafts->all[i], most_error))
            return false;
        n += drafts->all[i].used && drafts->all[i].judged && has_width(&drafts->all[i]);
    }
    return n > 0;
}

static enum look_reason conclude(const struct look_question *ask, struct numbers *numbers)
{
    struct report_look look = *ask->candidate->pair->look;
    struct drafts drafts;
    look.reason = LOOK_SURE;
    numbers->look = window_of(&look);
    decide_rows(numbers, ask->policy, &numbers->arena, &drafts);
    if (!ask->width_only && is_sure(&drafts))
        return LOOK_SURE;
    look.reason = LOOK_WIDTH;
    numbers->look = window_of(&look);
    decide_rows(numbers, ask->policy, &numbers->arena, &drafts);
    return is_known(&drafts, ask->width) ? LOOK_WIDTH : LOOK_END;
}

int look_ask(const struct look_question *ask, enum look_reason *reason, struct err *err)
{
    const struct gate_input in = {.candidates = &ask->candidate,
                                  .n_candidates = 1,
                                  .bases = &ask->base,
                                  .n_bases = 1,
                                  .comparison = COMPARISON_PAIRED,
                                  .policy = ask->policy};
    bool wanted[METRIC_COUNT] = {false};
    struct numbers numbers;
    decide_wants(ask->policy, wanted);
    if (compare_reports(&in, wanted, &numbers, err))
        return -1;
    *reason = numbers.n_invalid ? LOOK_END : conclude(ask, &numbers);
    numbers_release(&numbers);
    return 0;
}
