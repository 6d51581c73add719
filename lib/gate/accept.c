#include "gate/accept.h"

#include <math.h>

#include "base/utf8.h"
#include "gate/digits.h"

/* Characters of an acceptance's words in a sentence; the verdict's object has them in full. */
enum { MOST_BY = 100, MOST_REASON = 200, MOST_PLACE = 240, MOST_SCOPE = 100 };

/* ---- which one counts ---- */

/* A value that lets less pass. */
static bool is_stricter(const struct acceptance *a, const struct acceptance *b)
{
    return metric_is_beyond((enum metric)a->metric, b->value, a->value);
}

static const struct acceptance *later(const struct acceptance *a, const struct acceptance *b)
{
    if (!b || a->accepted_ns > b->accepted_ns)
        return a;
    return a->accepted_ns == b->accepted_ns && is_stricter(a, b) ? a : b;
}

static void attach(const struct numbers *numbers, const struct acceptance *acceptance,
                   struct estimate *estimate)
{
    if (acceptance_is_current(acceptance, numbers->now_ns))
        estimate->acceptance = later(acceptance, estimate->acceptance);
    else
        estimate->ended = later(acceptance, estimate->ended);
}

void accept_attach(const struct numbers *numbers, struct scope *scope)
{
    for (size_t i = 0; i < numbers->n_acceptances; i++) {
        const struct acceptance *acceptance = numbers->acceptances[i];
        enum metric metric = (enum metric)acceptance->metric;
        if (acceptance_is_for(acceptance, metric, scope->method, scope->name))
            attach(numbers, acceptance, &scope->metrics[metric]);
    }
}

void accept_attach_named(const struct numbers *numbers, const char *name, enum metric metric,
                         struct estimate *estimate)
{
    for (size_t i = 0; i < numbers->n_acceptances; i++)
        if (acceptance_is_of(numbers->acceptances[i], metric, name))
            attach(numbers, numbers->acceptances[i], estimate);
}

/* ---- what it makes of a row ---- */

static bool covers(const struct acceptance *acceptance, const struct draft *draft)
{
    double current = draft->estimate->figure[SIDE_CANDIDATE];
    return !isnan(current) && !metric_is_beyond(draft->metric, current, acceptance->value);
}

/* A limit that only warns is not the policy's own. */
static bool is_critical(const struct draft *draft)
{
    return draft->over_critical && !draft->limit_warns;
}

/* A breach, sure or not; an error rate over its target that is too rare to test is one of those. */
static bool is_in_question(const struct draft *draft)
{
    return draft->used &&
           (draft->breach || draft->cause == CAUSE_OUTDATED || draft->cause == CAUSE_FEW_HIGH);
}

static enum effect effect_of(const struct draft *draft)
{
    const struct acceptance *acceptance = draft->estimate->acceptance;
    if (!acceptance)
        return EFFECT_NONE;
    if (!covers(acceptance, draft))
        return EFFECT_BEYOND;
    return is_critical(draft) ? EFFECT_CRITICAL : EFFECT_ACCEPTED;
}

/* The one that is over would have counted, and covered the row. */
static bool would_cover(const struct draft *draft)
{
    const struct acceptance *ended = draft->estimate->ended;
    return ended && later(ended, draft->estimate->acceptance) == ended && covers(ended, draft) &&
           !is_critical(draft);
}

void accept_rows(struct drafts *drafts)
{
    for (size_t i = 0; i < drafts->n; i++) {
        struct draft *draft = &drafts->all[i];
        if (!is_in_question(draft))
            continue;
        draft->effect = effect_of(draft);
        if (draft->effect == EFFECT_ACCEPTED)
            draft->status = ROW_ACCEPTED;
        else
            draft->ended = would_cover(draft);
    }
}

/* ---- sentences ---- */

/* The first `most` characters. */
static void add_cut(struct buf *out, const char *text, int most)
{
    const char *end = text;
    while (most-- > 0 && utf8_next(&end))
        ;
    buf_add(out, text, (size_t)(end - text));
    if (*end)
        buf_add_str(out, "…");
}

static void add_place(struct buf *out, const struct acceptance *acceptance)
{
    if (!acceptance->place)
        return;
    buf_add_str(out, " (");
    add_cut(out, acceptance->place, MOST_PLACE);
    buf_add_char(out, ')');
}

/* "up to 126 ms by Ann <a@b.c> until 2026-12-31: new index costs a lookup (1a2b3c4:baselines/…)" */
static void add_acceptance(struct buf *out, const struct draft *draft,
                           const struct acceptance *acceptance)
{
    buf_add_str(out, metric_info(draft->metric)->higher_is_better ? "down to " : "up to ");
    metric_add_text(out, draft->metric, acceptance->value, digits_of(draft));
    buf_add_str(out, " by ");
    add_cut(out, acceptance->by, MOST_BY);
    if (acceptance->until)
        buf_addf(out, " until %s", acceptance->until);
    buf_add_str(out, ": ");
    add_cut(out, acceptance->reason, MOST_REASON);
    add_place(out, acceptance);
}

void accept_say(struct buf *out, const struct draft *draft)
{
    switch (draft->effect) {
    case EFFECT_NONE:
        return;
    case EFFECT_ACCEPTED:
        buf_add_str(out, ", accepted ");
        break;
    case EFFECT_BEYOND:
        buf_add_str(out, "; accepted only ");
        break;
    case EFFECT_CRITICAL:
        buf_add_str(out, "; beyond its limit of ");
        metric_add_text(out, draft->metric, draft->limit.critical, 0);
        buf_add_str(out, " this does not count: accepted ");
        break;
    }
    add_acceptance(out, draft, draft->estimate->acceptance);
}

void accept_say_ended(struct buf *out, const struct draft *draft)
{
    if (!draft->ended)
        return;
    buf_add_str(out, "no longer accepted, as the last day is over: ");
    add_acceptance(out, draft, draft->estimate->ended);
}

/* ---- the verdict's row ---- */

struct verdict_acceptance *accept_record(const struct draft *draft, struct arena *arena)
{
    const struct acceptance *from = draft->estimate->acceptance;
    if (draft->effect == EFFECT_NONE)
        return NULL;
    struct verdict_acceptance *record = arena_array(arena, 1, sizeof *record);
    *record = (struct verdict_acceptance){.by = arena_strdup(arena, from->by),
                                          .reason = arena_strdup(arena, from->reason),
                                          .value = from->value,
                                          .until = arena_strdup(arena, from->until),
                                          .place = arena_strdup(arena, from->place)};
    return record;
}

/* ---- those that name nothing ---- */

static bool names_a_scope(const struct acceptance *acceptance, const struct numbers *numbers)
{
    enum metric metric = (enum metric)acceptance->metric;
    for (size_t i = 0; i < numbers->n_scopes; i++)
        if (acceptance_is_for(acceptance, metric, numbers->scopes[i].method,
                              numbers->scopes[i].name))
            return true;
    for (size_t i = 0; i < numbers->n_named; i++)
        if (acceptance_is_of(acceptance, metric, numbers->named[i].name))
            return true;
    return false;
}

void accept_note_strays(struct numbers *numbers)
{
    const struct acceptance *first = NULL;
    struct buf text = {0};
    size_t n = 0;
    for (size_t i = 0; i < numbers->n_acceptances; i++) {
        const struct acceptance *acceptance = numbers->acceptances[i];
        if (!acceptance_is_current(acceptance, numbers->now_ns) ||
            names_a_scope(acceptance, numbers))
            continue;
        first = first ? first : acceptance;
        n++;
    }
    if (!first)
        return;
    buf_add_str(&text, "an acceptance is for '");
    add_cut(&text, first->scope, MOST_SCOPE);
    buf_add_str(&text, "', which is in no report");
    add_place(&text, first);
    if (n > 1)
        buf_addf(&text, ", and so %s %zu more", n == 2 ? "is" : "are", n - 1);
    numbers_note(numbers, "%s", buf_text(&text));
    buf_release(&text);
}
