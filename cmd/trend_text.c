/* A trend as text, and the table of its forms. */
#include <string.h>

#include "base/num.h"
#include "cmd/baseline_text.h"
#include "cmd/trend_parts.h"
#include "render/trend.h"
#include "render/utf8.h"
#include "stats/changes.h"

static void add_time(struct buf *out, const char *before, const struct trend_run *run)
{
    buf_add_str(out, before);
    num_add_utc(out, run->started_ns);
}

/* "baselines/shop/default, overall: 38 of 40 runs, from 2026-… to 2026-…" */
static void add_heading(const struct trend *trend, struct buf *out)
{
    buf_addf(out, BASELINE_DIR "/%s/%s, ", trend->suite, trend->environment);
    utf8_add_safe(out, trend->scope);
    buf_addf(out, ": %zu of %lld runs", trend->n_runs, (long long)trend->n_stored);
    if (trend->n_runs) {
        add_time(out, ", from ", &trend->runs[0]);
        add_time(out, " to ", &trend->runs[trend->n_runs - 1]);
    }
    buf_add_char(out, '\n');
}

static struct baseline_name name_of(const struct trend_run *run)
{
    return (struct baseline_name){
        .path = run->file, .started_ns = run->started_ns, .commit = run->commit};
}

static void add_changes(const struct trend *trend, struct buf *out)
{
    struct arena arena = {0};
    size_t n = 0, most = 0;
    for (size_t i = 0; i < trend->n_series; i++)
        most += trend->series[i].n_changes;
    struct baseline_step *steps = arena_array(&arena, most + 1, sizeof *steps);
    struct baseline_name *names = arena_array(&arena, 2 * most + 1, sizeof *names);
    for (size_t i = 0; i < trend->n_series; i++) {
        const struct trend_series *series = &trend->series[i];
        for (size_t k = 0; k < series->n_changes; k++, n++) {
            const struct trend_change *change = &series->changes[k];
            names[2 * n] = name_of(&trend->runs[change->last]);
            names[2 * n + 1] = name_of(&trend->runs[change->run]);
            steps[n] = (struct baseline_step){.metric = (enum metric)series->metric,
                                              .last = &names[2 * n],
                                              .first = &names[2 * n + 1],
                                              .before = change->before,
                                              .after = change->after,
                                              .p = change->p};
        }
    }
    if (n) {
        buf_add_char(out, '\n');
        baseline_text_steps(out, steps, n);
        buf_add_char(out, '\n');
    }
    arena_release(&arena);
}

/* A run measured twice on one commit tells the machine's changes from the code's. */
static void add_same_commits(const struct trend *trend, struct buf *out)
{
    for (size_t i = 0; i < trend->n_series; i++) {
        const struct trend_series *series = &trend->series[i];
        for (size_t k = 0; k < series->n_changes; k++) {
            const struct trend_run *run = &trend->runs[series->changes[k].run];
            if (!trend_same_commit(trend, &series->changes[k]))
                continue;
            buf_addf(out, "%s, ", metric_info((enum metric)series->metric)->title);
            num_add_utc(out, run->started_ns);
            buf_add_str(out, ": one commit on both sides, so it was not the code that changed\n");
        }
    }
}

/* There is as little to say of it as of `first`. */
static bool is_like(const struct trend_series *series, const struct trend_series *first)
{
    return !series->n_changes && series->n_known == first->n_known;
}

static bool is_told(const struct trend *trend, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (is_like(&trend->series[k], &trend->series[i]))
            return true;
    return false;
}

static void add_unchanged(const struct trend *trend, struct buf *out)
{
    for (size_t i = 0; i < trend->n_series; i++) {
        const struct trend_series *series = &trend->series[i];
        const char *before = ": ";
        if (series->n_changes || is_told(trend, i))
            continue;
        if (series->n_known < CHANGES_FEWEST)
            buf_addf(out, "too few runs to tell, %lld of at least %d", (long long)series->n_known,
                     CHANGES_FEWEST);
        else
            buf_addf(out, "no change in %lld runs", (long long)series->n_known);
        for (size_t k = i; k < trend->n_series; k++) {
            if (!is_like(&trend->series[k], series))
                continue;
            buf_addf(out, "%s%s", before, metric_info((enum metric)trend->series[k].metric)->title);
            before = ", ";
        }
        buf_add_char(out, '\n');
    }
}

static void add_mark(const struct trend_mark *mark, struct buf *out)
{
    num_add_utc(out, mark->at_ns);
    buf_add_str(out, mark->kind == TREND_ANCHOR ? ": anchor" : ": accepted ");
    if (mark->metric) {
        enum metric metric = metric_find(mark->metric);
        buf_addf(out, "%s up to ", metric_info(metric)->title);
        metric_add_text(out, metric, mark->value, 0);
    }
    if (mark->commit)
        buf_addf(out, ", commit %.12s", mark->commit);
    if (mark->text) {
        buf_add_str(out, ": ");
        utf8_add_safe(out, mark->text);
    }
    buf_add_char(out, '\n');
}

void trend_add_text(const struct trend *trend, struct buf *out)
{
    add_heading(trend, out);
    add_changes(trend, out);
    add_same_commits(trend, out);
    add_unchanged(trend, out);
    for (size_t i = 0; i < trend->n_marks; i++)
        add_mark(&trend->marks[i], out);
}

/* ---- the forms ---- */

/* When one is added: a row here. --format, -h and the tests follow the table. */
static const struct {
    const char *name;
    void (*add)(const struct trend *trend, struct buf *out);
} forms[] = {
    {"text", trend_add_text},
    {"html", trend_add_html},
    {"json", trend_encode},
    {"csv", trend_add_csv},
};
#define N_FORMS ((int)(sizeof forms / sizeof *forms))

const char *trend_form_name(int i)
{
    return i >= 0 && i < N_FORMS ? forms[i].name : NULL;
}

void trend_add(const struct trend *trend, int form, struct buf *out)
{
    forms[form < 0 ? 0 : form].add(trend, out);
}
