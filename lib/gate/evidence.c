#include "gate/evidence.h"

#include <string.h>

#include "base/mem.h"
#include "gate/look.h"

/* ---- checking ---- */

/* One report with the name that messages give it. */
struct named {
    const struct report *report;
    const char *name;
};

static struct named name_at(const struct report *const *reports, const char *const *names, size_t i,
                            const char *fallback)
{
    return (struct named){reports[i], names ? names[i] : fallback};
}

static int check_role(struct named side, enum report_role role, struct err *err)
{
    const struct report_pair *pair = side.report->pair;
    if (!pair || !pair->id)
        return err_set(err, ERR_INPUT, "'%s': not a report of a paired run; expected \"pair\"",
                       side.name);
    if (pair->role != (int)role)
        return err_set(err, ERR_INPUT, "'%s': expected the %s side of a paired run, found the %s",
                       side.name, role == ROLE_BASE ? "base" : "candidate",
                       role == ROLE_BASE ? "candidate" : "base");
    /* A start that was stopped early may have no pair at all; its run is not valid. */
    int64_t end = pair->n_ends ? pair->batch_end[pair->n_ends - 1] : 0;
    if (end != pair->n_pairs)
        return err_set(
            err, ERR_INPUT,
            "'%s': pair.batch_end: expected batches that end with the last of %lld pairs",
            side.name, (long long)pair->n_pairs);
    return 0;
}

static int check_blocks(struct named side, struct err *err)
{
    const struct report_pair *pair = side.report->pair;
    size_t pairs = (size_t)pair->n_pairs;
    for (size_t i = 0; i < side.report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = &side.report->endpoints[i];
        const struct report_blocks *blocks = endpoint->blocks;
        if (!blocks && !endpoint->metrics.total_requests)
            continue;
        if (!blocks || blocks->n_count != pairs || blocks->n_sum != pairs ||
            blocks->n_failures != pairs || blocks->n_batches != pair->n_ends)
            return err_set(err, ERR_INPUT,
                           "'%s': endpoints[%zu].blocks: expected columns of %zu pairs and %zu "
                           "batches, as \"pair\" says",
                           side.name, i, pairs, pair->n_ends);
    }
    return 0;
}

static int check_sides(struct named candidate, struct named base, struct err *err)
{
    const struct report_pair *a = candidate.report->pair, *b = base.report->pair;
    if (strcmp(a->id, b->id) != 0 || a->start != b->start)
        return err_set(err, ERR_INPUT,
                       "'%s' and '%s' are not of one paired run: pair '%s' start %lld and pair "
                       "'%s' start %lld; give the two reports that one run wrote",
                       candidate.name, base.name, a->id, (long long)a->start, b->id,
                       (long long)b->start);
    if (a->n_pairs != b->n_pairs || a->n_ends != b->n_ends ||
        memcmp(a->batch_end, b->batch_end, a->n_ends * sizeof *a->batch_end) != 0)
        return err_set(err, ERR_INPUT,
                       "'%s' and '%s': the two sides have other pairs and batches (%lld and %lld "
                       "pairs); one of the files was changed or belongs to another run",
                       candidate.name, base.name, (long long)a->n_pairs, (long long)b->n_pairs);
    const char *x = candidate.report->workload, *y = base.report->workload;
    if (x && y && strcmp(x, y) != 0)
        return err_set(err, ERR_INPUT,
                       "'%s' and '%s': the two sides were sent other workloads (%s and %s)",
                       candidate.name, base.name, x, y);
    return 0;
}

static int check_starts(const struct gate_input *in, size_t i, struct err *err)
{
    const struct report_pair *pair = in->candidates[i]->pair;
    const char *name = in->candidate_names ? in->candidate_names[i] : "the candidate's report";
    for (size_t j = 0; j < i; j++) {
        const struct report_pair *other = in->candidates[j]->pair;
        if (strcmp(pair->id, other->id) != 0)
            return err_set(err, ERR_INPUT,
                           "'%s': pair '%s' is another paired run than '%s'; compare one at a time",
                           name, pair->id, other->id);
        if (pair->start == other->start)
            return err_set(err, ERR_INPUT, "'%s': start %lld of the paired run is given twice",
                           name, (long long)pair->start);
    }
    return 0;
}

int evidence_check(const struct gate_input *in, struct err *err)
{
    if (in->n_candidates != in->n_bases)
        return err_set(err, ERR_INPUT,
                       "%zu reports of the candidate and %zu of the base: expected both sides of "
                       "each start",
                       in->n_candidates, in->n_bases);
    for (size_t i = 0; i < in->n_candidates; i++) {
        struct named candidate =
            name_at(in->candidates, in->candidate_names, i, "the candidate's report");
        struct named base = name_at(in->bases, in->base_names, i, "the base's report");
        if (check_role(candidate, ROLE_CANDIDATE, err) || check_role(base, ROLE_BASE, err) ||
            check_sides(candidate, base, err) || check_blocks(candidate, err) ||
            check_blocks(base, err) || check_starts(in, i, err) || look_check(in, i, err))
            return -1;
    }
    return 0;
}

/* ---- loading ---- */

static void add_column(int64_t *into, const int64_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        into[i] += from[i];
}

static void add_columns(struct evidence *out, enum side side, const struct report_blocks *blocks,
                        size_t offset)
{
    int64_t **columns = out->columns[side];
    add_column(columns[COLUMN_COUNT] + offset, blocks->count, blocks->n_count);
    add_column(columns[COLUMN_SUM_NS] + offset, blocks->sum_ns, blocks->n_sum);
    add_column(columns[COLUMN_FAILURES] + offset, blocks->failures, blocks->n_failures);
}

/* Batch `batch` of all endpoints as one histogram. */
static struct histogram_sparse whole_batch(const struct report *report, size_t batch,
                                           struct arena *arena)
{
    struct histogram all = {0};
    struct histogram_sparse sparse;
    for (size_t i = 0; i < report->n_endpoints; i++)
        if (report->endpoints[i].blocks)
            histogram_merge_sparse(&all, &report->endpoints[i].blocks->batches[batch]);
    histogram_to_sparse(&all, arena, &sparse);
    histogram_release(&all);
    return sparse;
}

/* Where a start's columns and batches begin. */
struct offset {
    size_t pair, batch;
};

static void load_whole(const struct report *report, enum side side, struct offset at,
                       struct evidence *out)
{
    for (size_t i = 0; i < report->n_endpoints; i++)
        if (report->endpoints[i].blocks)
            add_columns(out, side, report->endpoints[i].blocks, at.pair);
    for (size_t i = 0; i < report->pair->n_ends; i++)
        out->batches[side][at.batch + i] = whole_batch(report, i, &out->arena);
}

static void load_endpoint(const struct report_endpoint *endpoint, enum side side, struct offset at,
                          struct evidence *out)
{
    if (!endpoint || !endpoint->blocks)
        return;
    add_columns(out, side, endpoint->blocks, at.pair);
    memcpy(&out->batches[side][at.batch], endpoint->blocks->batches,
           endpoint->blocks->n_batches * sizeof *endpoint->blocks->batches);
}

static void make_room(const struct gate_input *in, struct evidence *out)
{
    for (size_t i = 0; i < in->n_candidates; i++) {
        out->n_pairs += (size_t)in->candidates[i]->pair->n_pairs;
        out->n_batches += in->candidates[i]->pair->n_ends;
    }
    out->n_starts = in->n_candidates;
    out->batch_end = arena_array(&out->arena, out->n_batches, sizeof *out->batch_end);
    out->start_end = arena_array(&out->arena, out->n_starts, sizeof *out->start_end);
    for (int side = 0; side < SIDES; side++) {
        for (int column = 0; column < COLUMNS; column++)
            out->columns[side][column] =
                arena_array(&out->arena, out->n_pairs, sizeof *out->columns[side][column]);
        for (size_t i = 0; i < out->n_pairs; i++)
            out->columns[side][COLUMN_ONES][i] = 1;
        out->batches[side] = arena_array(&out->arena, out->n_batches, sizeof *out->batches[side]);
    }
}

void evidence_load(const struct gate_input *in, const struct scope *scope, struct evidence *out)
{
    *out = (struct evidence){0};
    make_room(in, out);
    struct offset at = {0};
    for (size_t i = 0; i < in->n_candidates; i++) {
        const struct report *reports[SIDES] = {in->bases[i], in->candidates[i]};
        const struct report_pair *pair = reports[SIDE_CANDIDATE]->pair;
        for (int side = 0; side < SIDES; side++) {
            if (scope->name)
                load_endpoint(compare_find(reports[side], scope->name, scope->method),
                              (enum side)side, at, out);
            else
                load_whole(reports[side], (enum side)side, at, out);
        }
        for (size_t j = 0; j < pair->n_ends; j++)
            out->batch_end[at.batch + j] = at.pair + (size_t)pair->batch_end[j];
        at.pair += (size_t)pair->n_pairs;
        at.batch += pair->n_ends;
        out->start_end[i] = at.pair;
    }
}

void evidence_release(struct evidence *evidence)
{
    arena_release(&evidence->arena);
    *evidence = (struct evidence){0};
}
