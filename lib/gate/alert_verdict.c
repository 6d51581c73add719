#include "gate/alert_verdict.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gate/alert.h"

static bool has(const struct policy_alert *alerts, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(alerts[i].name, name) == 0)
            return true;
    return false;
}

/* The policy's, then what the candidate's has besides; the caller frees the list. */
static struct policy_alert *list_alerts(const struct gate_input *in, size_t *n)
{
    const struct policy *base = in->policy, *candidate = in->candidate_policy;
    size_t most = base->n_alerts + (candidate ? candidate->n_alerts : 0);
    struct policy_alert *list = mem_array(most + 1, sizeof *list);
    *n = 0;
    for (size_t i = 0; i < base->n_alerts; i++)
        list[(*n)++] = base->alerts[i];
    for (size_t i = 0; candidate && i < candidate->n_alerts; i++)
        if (!has(list, *n, candidate->alerts[i].name))
            list[(*n)++] = candidate->alerts[i];
    return list;
}

/* Fired is the greatest news, and not known the second. */
static bool is_news(int state, int than)
{
    static const int weight[] = {[ALERT_CLEAR] = 0, [ALERT_NOT_KNOWN] = 1, [ALERT_FIRED] = 2};
    return weight[state] > weight[than];
}

static void take(struct verdict_alert *row, const struct alert *alert, struct arena *arena)
{
    struct buf why = {0};
    if (row->name && !is_news(alert->state, row->state))
        return;
    *row = (struct verdict_alert){.name = arena_strdup(arena, alert->of->name),
                                  .condition = arena_strdup(arena, alert->of->condition),
                                  .message = arena_strdup(arena, alert->of->message),
                                  .severity = alert->of->severity,
                                  .state = alert->state};
    if (alert->state == ALERT_FIRED)
        buf_add_str(&why, alert->figures);
    else if (alert->state == ALERT_NOT_KNOWN)
        alert_add_missing(&why, alert);
    row->reason = why.len ? arena_strdup(arena, buf_text(&why)) : NULL;
    buf_release(&why);
}

/* The built-in ones are for what may be measured; who wrote one of their own counts on it. */
static void warn(struct verdict *out, const struct policy_alert *list)
{
    for (size_t i = 0; i < out->n_alerts; i++) {
        const struct verdict_alert *row = &out->alerts[i];
        if (row->state != ALERT_NOT_KNOWN || policy_alert_is_default(&list[i]))
            continue;
        const char *text = arena_printf(&out->arena, "the alert '%s' was not evaluated: %s",
                                        row->name, row->reason);
        arena_append(&out->arena, &out->warnings, &out->n_warnings, text);
    }
}

int alert_verdict_fill(const struct gate_input *in, struct verdict *out, struct err *err)
{
    size_t n;
    int status = 0;
    bool requests = false;
    struct policy_alert *list = list_alerts(in, &n);
    out->alerts = arena_array(&out->arena, n + 1, sizeof *out->alerts);
    out->n_alerts = n;
    for (size_t i = 0; status == 0 && i < in->n_candidates; i++) {
        struct alert_watch watch;
        status = alert_watch_init(&watch, list, n, err);
        if (status == 0)
            alert_watch_report(&watch, in->candidates[i]);
        for (size_t k = 0; status == 0 && k < n; k++)
            take(&out->alerts[k], &watch.all[k], &out->arena);
        requests |= in->candidates[i]->metrics.total_requests > 0;
        alert_watch_release(&watch);
    }
    if (status == 0 && requests)
        warn(out, list);
    free(list);
    return status;
}
