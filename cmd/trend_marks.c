/* The anchors and acceptances beside the runs of a trend, each put to the run that it belongs to.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/trend_parts.h"
#include "store/marks.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The index of the run whose file has this name; -1 where it is not shown. */
static int64_t run_of_file(const struct trend *trend, const char *name)
{
    for (size_t i = 0; i < trend->n_runs; i++)
        if (strcmp(base_name(trend->runs[i].file), name) == 0)
            return (int64_t)i;
    return -1;
}

/* The index of the first run that counts after something that was accepted at `at_ns`. */
static int64_t run_after(const struct trend *trend, int64_t at_ns)
{
    size_t i = 0;
    while (i < trend->n_runs && trend->runs[i].started_ns < at_ns)
        i++;
    return (int64_t)i;
}

static void add_anchor(struct trend *trend, const struct anchor *anchor, struct arena *arena)
{
    int64_t run = run_of_file(trend, anchor->run);
    trend->marks[trend->n_marks++] = (struct trend_mark){
        .kind = TREND_ANCHOR,
        .run = run,
        .at_ns = anchor->anchored_ns,
        .commit = run < 0 ? NULL : trend->runs[run].commit,
        .by = arena_strdup(arena, anchor->by),
        .text = arena_strdup(arena, anchor->label),
        .value = (double)NAN,
    };
}

static void add_acceptance(struct trend *trend, const struct acceptance *from, struct arena *arena)
{
    trend->marks[trend->n_marks++] = (struct trend_mark){
        .kind = TREND_ACCEPTANCE,
        .run = run_after(trend, from->accepted_ns),
        .at_ns = from->accepted_ns,
        .commit = arena_strdup(arena, from->commit),
        .by = arena_strdup(arena, from->by),
        .text = arena_strdup(arena, from->reason),
        .metric = metric_info((enum metric)from->metric)->name,
        .value = from->value,
        .until = arena_strdup(arena, from->until),
    };
}

static int by_time(const void *a, const void *b)
{
    const struct trend_mark *left = a, *right = b;
    return (left->at_ns > right->at_ns) - (left->at_ns < right->at_ns);
}

/* The anchors before the one that counts were lines that others were judged by, once. */
static int add_superseded(const struct baseline_place *place, const struct marks *marks,
                          struct trend *trend, struct arena *arena, struct err *err)
{
    for (size_t i = 0; i < marks->n_superseded; i++) {
        struct anchor anchor = {0};
        if (marks_read_anchor(place, marks->superseded[i], &anchor, err) < 0)
            return -1;
        add_anchor(trend, &anchor, arena);
        anchor_release(&anchor);
    }
    return 0;
}

int trend_load_marks(struct call *call, const struct baseline_place *place,
                     const struct baseline_key *key, struct trend *trend, struct err *err)
{
    struct arena *arena = &call->arena;
    struct marks marks = {0};
    if (marks_load(place, key, &marks, err) < 0)
        return -1;
    size_t most = marks.n_acceptances + marks.n_superseded + 1;
    trend->marks = arena_array(arena, most, sizeof *trend->marks);
    for (size_t i = 0; i < marks.n_acceptances; i++)
        if (strcmp(marks.acceptances[i].scope, trend->scope) == 0)
            add_acceptance(trend, &marks.acceptances[i], arena);
    int status = add_superseded(place, &marks, trend, arena, err);
    if (status == 0 && marks.has_anchor)
        add_anchor(trend, &marks.anchor, arena);
    if (trend->n_marks)
        qsort(trend->marks, trend->n_marks, sizeof *trend->marks, by_time);
    marks_release(&marks);
    return status;
}
