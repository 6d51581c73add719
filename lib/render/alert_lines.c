#include "render/alert_lines.h"

#include "model/policy.h"

void alert_lines_add(struct buf *out, const struct verdict_alert *alert)
{
    buf_addf(out, "%s: %s (%s", alert_severity_names[alert->severity], alert->message, alert->name);
    if (alert->reason)
        buf_addf(out, ": %s", alert->reason);
    buf_add_char(out, ')');
}

void alert_lines_add_unknown(struct buf *out, const struct verdict *verdict)
{
    const char *before = "";
    for (size_t i = 0; i < verdict->n_alerts; i++) {
        const struct verdict_alert *alert = &verdict->alerts[i];
        const struct policy_alert of = {.name = alert->name, .condition = alert->condition};
        if (alert->state != ALERT_NOT_KNOWN || !alert->condition || !policy_alert_is_default(&of))
            continue;
        buf_addf(out, "%s%s", before, alert->name);
        if (alert->reason)
            buf_addf(out, " (%s)", alert->reason);
        before = ", ";
    }
}

const struct verdict_alert *alert_lines_next(const struct verdict *verdict, size_t *i)
{
    size_t n = verdict->n_alerts;
    while (*i < n * ALERT_SEVERITY_COUNT) {
        const struct verdict_alert *alert = &verdict->alerts[*i % n];
        int severity = ALERT_SEVERITY_COUNT - 1 - (int)(*i / n);
        ++*i;
        if (alert->state == ALERT_FIRED && alert->severity == severity)
            return alert;
    }
    return NULL;
}
