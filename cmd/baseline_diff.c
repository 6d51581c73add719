/*
 * perf-baseline diff: what two revisions, or one and the work tree, have that the other has not.
 *
 * For people who look at a change to the baselines: `git diff` shows the files, this what they say.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/baseline_call.h"
#include "cmd/baseline_text.h"
#include "cmd/diff_figures.h"
#include "render/utf8.h"
#include "store/find.h"
#include "store/marks.h"

#define MAX_RUNS  10 /* that are shown of those added, and of those removed */
#define MAX_NAMES 5  /* of endpoints that only one side has */

enum { BEFORE, AFTER, N_SIDES };

/* What a thing is that one side alone has. */
static const char *const only_in[N_SIDES] = {[BEFORE] = "removed", [AFTER] = "added"};

/* A call of diff. */
struct diff {
    struct call *call;
    struct baseline_place places[N_SIDES];
    const char *names[N_SIDES]; /* "1a2b3c4", "work tree" */
};

/* What both sides have of a suite in an environment. */
struct pair {
    struct baseline_key key;
    struct baseline newest[N_SIDES];
    struct marks marks[N_SIDES];
    struct baseline_name *runs[N_SIDES]; /* newest first */
    size_t n_runs[N_SIDES];
};

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

/* ---- the policy ---- */

static int encode_policy(const struct baseline_place *place, struct buf *out, bool *is_there,
                         struct err *err)
{
    struct policy policy = {0};
    if (find_policy_at(place, FIND_POLICY_PATH, &policy, is_there, err) < 0)
        return -1;
    policy_encode(&policy, out);
    policy_release(&policy);
    return 0;
}

static void add_policy(struct diff *diff, const bool is_there[N_SIDES])
{
    const char *what = !is_there[BEFORE]  ? only_in[AFTER]
                       : !is_there[AFTER] ? only_in[BEFORE]
                                          : "changed";
    bool is_tree = !diff->places[AFTER].commit;
    buf_addf(&diff->call->product,
             "policy %s; `git diff %s%s%s -- " FIND_POLICY_PATH "` shows it\n", what,
             diff->names[BEFORE], is_tree ? "" : " ", is_tree ? "" : diff->names[AFTER]);
}

static int diff_policies(struct diff *diff, struct err *err)
{
    struct buf texts[N_SIDES] = {{0}};
    bool is_there[N_SIDES];
    int status = 0;
    for (int i = 0; i < N_SIDES && status == 0; i++)
        status = encode_policy(&diff->places[i], &texts[i], &is_there[i], err);
    if (status == 0 && strcmp(buf_text(&texts[BEFORE]), buf_text(&texts[AFTER])) != 0)
        add_policy(diff, is_there);
    for (int i = 0; i < N_SIDES; i++)
        buf_release(&texts[i]);
    return status;
}

/* ---- runs ---- */

static int newest_first(const void *a, const void *b)
{
    const struct baseline_name *one = a, *two = b;
    return strcmp(two->path, one->path);
}

static bool has_run(const struct pair *pair, int side, const struct baseline_name *run)
{
    return pair->n_runs[side] &&
           bsearch(run, pair->runs[side], pair->n_runs[side], sizeof *run, newest_first);
}

/* Runs that only one side has. */
struct moved_runs {
    size_t n, n_more; /* loaded, and there besides */
    struct baseline loaded[MAX_RUNS];
};

static int load_moved(const struct diff *diff, const struct pair *pair, int side,
                      struct moved_runs *out, struct err *err)
{
    for (size_t i = 0; i < pair->n_runs[side]; i++) {
        const struct baseline_name *run = &pair->runs[side][i];
        if (has_run(pair, !side, run))
            continue;
        if (out->n == MAX_RUNS) {
            out->n_more++;
            continue;
        }
        if (baseline_load_at(&diff->places[side], run->path, &out->loaded[out->n], err) < 0)
            return -1;
        out->n++;
    }
    return 0;
}

static void add_moved(struct diff *diff, const struct moved_runs sides[N_SIDES])
{
    static const int order[] = {AFTER, BEFORE};
    struct buf *out = &diff->call->product;
    struct baseline_moved rows[N_SIDES * MAX_RUNS];
    size_t n = 0;
    for (size_t i = 0; i < N_SIDES; i++)
        for (size_t k = 0; k < sides[order[i]].n; k++) {
            rows[n].what = only_in[order[i]];
            rows[n++].report = &sides[order[i]].loaded[k].runs[0].report;
        }
    if (!n)
        return;
    buf_add_char(out, '\n');
    baseline_text_moved(out, rows, n);
    for (size_t i = 0; i < N_SIDES; i++)
        if (sides[order[i]].n_more)
            buf_addf(out, "and %zu more %s\n", sides[order[i]].n_more, only_in[order[i]]);
}

static int diff_runs(struct diff *diff, const struct pair *pair, struct err *err)
{
    struct moved_runs sides[N_SIDES] = {{0}};
    int status = load_moved(diff, pair, BEFORE, &sides[BEFORE], err);
    if (status == 0)
        status = load_moved(diff, pair, AFTER, &sides[AFTER], err);
    if (status == 0)
        add_moved(diff, sides);
    for (int s = 0; s < N_SIDES; s++)
        for (size_t i = 0; i < sides[s].n; i++)
            baseline_release(&sides[s].loaded[i]);
    return status;
}

/* ---- figures ---- */

/* "endpoints added: GET /a, GET /b and 3 more" */
static void add_names(struct buf *out, const char *what, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n && i < MAX_NAMES; i++) {
        buf_addf(out, "%s", i == 0 ? "endpoints " : ", ");
        buf_addf(out, "%s", i == 0 ? what : "");
        utf8_add_safe(out, names[i]);
    }
    if (n > MAX_NAMES)
        buf_addf(out, " and %zu more", n - MAX_NAMES);
    if (n)
        buf_add_char(out, '\n');
}

static bool is_other_workload(const struct pair *pair)
{
    const char *before = pair->newest[BEFORE].runs[0].report.workload;
    const char *after = pair->newest[AFTER].runs[0].report.workload;
    return before && after && strcmp(before, after) != 0;
}

static void add_figures(struct diff *diff, const struct pair *pair)
{
    struct buf *out = &diff->call->product;
    struct diff_figures figures;
    if (!pair->n_runs[BEFORE] || !pair->n_runs[AFTER])
        return;
    diff_figures_fill(&pair->newest[BEFORE], &pair->newest[AFTER], &figures);
    buf_add_char(out, '\n');
    baseline_text_changes(out, diff->names[BEFORE], diff->names[AFTER], figures.rows, figures.n);
    if (figures.n_left_out)
        buf_addf(out, "and %zu more endpoint%s that moved\n", figures.n_left_out,
                 plural(figures.n_left_out));
    add_names(out, "added: ", figures.added, figures.n_added);
    add_names(out, "gone: ", figures.gone, figures.n_gone);
    if (is_other_workload(pair))
        buf_add_str(out, "the newest runs are of different workloads: their figures are not of the "
                         "same requests\n");
    diff_figures_release(&figures);
}

/* ---- marks ---- */

static bool is_same_text(const struct buf *one, const struct buf *two)
{
    return strcmp(buf_text(one), buf_text(two)) == 0;
}

static bool has_acceptance(const struct marks *marks, const struct acceptance *acceptance)
{
    struct buf wanted = {0}, there = {0};
    bool found = false;
    acceptance_encode(acceptance, &wanted);
    for (size_t i = 0; i < marks->n_acceptances && !found; i++) {
        buf_reset(&there);
        acceptance_encode(&marks->acceptances[i], &there);
        found = is_same_text(&there, &wanted);
    }
    buf_release(&wanted);
    buf_release(&there);
    return found;
}

/* "acceptance added: GET /forum, average up to 131 ms until 2026-12-31, by Ann <a@b.c>: why" */
static void add_acceptance(struct buf *out, const char *what, const struct acceptance *acceptance)
{
    const struct metric_info *info = metric_info((enum metric)acceptance->metric);
    buf_addf(out, "acceptance %s: ", what);
    utf8_add_safe(out, acceptance->scope);
    buf_add_str(out, ", ");
    utf8_add_safe(out, metric_title((enum metric)acceptance->metric, acceptance->name));
    buf_addf(out, " %s to ", info->higher_is_better ? "down" : "up");
    metric_add_text(out, (enum metric)acceptance->metric, acceptance->value, 0);
    if (acceptance->until)
        buf_addf(out, " until %s", acceptance->until);
    buf_add_str(out, ", by ");
    utf8_add_safe(out, acceptance->by);
    buf_add_str(out, ": ");
    utf8_add_safe(out, acceptance->reason);
    buf_add_char(out, '\n');
}

/* "anchor added: v1.4, 20261123T161100Z-1a2b3c4d5e6f-0123456789ab.json, by Ann <a@b.c>" */
static void add_anchor(struct buf *out, const char *what, const struct anchor *anchor)
{
    buf_addf(out, "anchor %s: ", what);
    if (anchor->label) {
        utf8_add_safe(out, anchor->label);
        buf_add_str(out, ", ");
    }
    buf_addf(out, "%s, by ", anchor->run);
    utf8_add_safe(out, anchor->by);
    buf_add_char(out, '\n');
}

static bool is_same_anchor(const struct marks *one, const struct marks *two)
{
    struct buf a = {0}, b = {0};
    if (!one->has_anchor || !two->has_anchor)
        return one->has_anchor == two->has_anchor;
    anchor_encode(&one->anchor, &a);
    anchor_encode(&two->anchor, &b);
    bool is_same = is_same_text(&a, &b);
    buf_release(&a);
    buf_release(&b);
    return is_same;
}

/* A line for each mark that one side alone has; into `out`, which stays empty where none has. */
static void add_marks(const struct pair *pair, struct buf *out)
{
    static const int order[] = {AFTER, BEFORE};
    bool other_anchor = !is_same_anchor(&pair->marks[BEFORE], &pair->marks[AFTER]);
    for (size_t s = 0; s < N_SIDES; s++) {
        const struct marks *marks = &pair->marks[order[s]];
        for (size_t i = 0; i < marks->n_acceptances; i++)
            if (!has_acceptance(&pair->marks[!order[s]], &marks->acceptances[i]))
                add_acceptance(out, only_in[order[s]], &marks->acceptances[i]);
        if (other_anchor && marks->has_anchor)
            add_anchor(out, only_in[order[s]], &marks->anchor);
    }
}

/* ---- a suite in an environment ---- */

static bool is_same_runs(const struct pair *pair)
{
    if (pair->n_runs[BEFORE] != pair->n_runs[AFTER])
        return false;
    for (size_t i = 0; i < pair->n_runs[BEFORE]; i++)
        if (strcmp(pair->runs[BEFORE][i].path, pair->runs[AFTER][i].path) != 0)
            return false;
    return true;
}

static int load_side(struct diff *diff, struct pair *pair, int side, struct err *err)
{
    const struct baseline_place *place = &diff->places[side];
    if (baseline_names(place, &pair->key, &diff->call->arena, &pair->runs[side],
                       &pair->n_runs[side], err) < 0 ||
        marks_load(place, &pair->key, &pair->marks[side], err) < 0)
        return -1;
    return baseline_load(place, &pair->key, BASELINE_NEWEST, &pair->newest[side], err);
}

static int add_pair(struct diff *diff, const struct pair *pair, struct err *err)
{
    struct buf marks = {0};
    struct buf *out = &diff->call->product;
    bool is_same = is_same_runs(pair);
    int status = 0;
    add_marks(pair, &marks);
    if (!is_same || marks.len) {
        buf_addf(out, "%s%s: %zu run%s at %s, %zu %s%s\n", out->len ? "\n" : "",
                 baseline_key_dir(&pair->key, &diff->call->arena), pair->n_runs[BEFORE],
                 plural(pair->n_runs[BEFORE]), diff->names[BEFORE], pair->n_runs[AFTER],
                 diff->places[AFTER].commit ? "at " : "in the ", diff->names[AFTER]);
        buf_add_str(out, buf_text(&marks));
    }
    if (!is_same) {
        add_figures(diff, pair);
        status = diff_runs(diff, pair, err);
    }
    buf_release(&marks);
    return status;
}

static int diff_key(struct diff *diff, const struct baseline_key *key, struct err *err)
{
    struct pair pair = {.key = *key};
    int status = load_side(diff, &pair, BEFORE, err);
    if (status == 0)
        status = load_side(diff, &pair, AFTER, err);
    if (status == 0)
        status = add_pair(diff, &pair, err);
    for (int i = 0; i < N_SIDES; i++) {
        baseline_release(&pair.newest[i]);
        marks_release(&pair.marks[i]);
    }
    return status;
}

/* ---- the subcommand ---- */

static int compare_keys(const void *a, const void *b)
{
    const struct baseline_key *one = a, *two = b;
    int by_suite = strcmp(one->suite, two->suite);
    return by_suite ? by_suite : strcmp(one->environment, two->environment);
}

/* The suites and environments of both sides, each once. */
static int list_keys(struct diff *diff, struct baseline_key **out, size_t *n, struct err *err)
{
    struct baseline_key *keys[N_SIDES];
    size_t n_keys[N_SIDES];
    for (int i = 0; i < N_SIDES; i++)
        if (call_keys(diff->call, &diff->places[i], &keys[i], &n_keys[i], err) < 0)
            return -1;
    size_t n_all = n_keys[BEFORE] + n_keys[AFTER];
    struct baseline_key *all = arena_array(&diff->call->arena, n_all + 1, sizeof *all);
    for (size_t i = 0; i < n_all; i++)
        all[i] = i < n_keys[BEFORE] ? keys[BEFORE][i] : keys[AFTER][i - n_keys[BEFORE]];
    qsort(all, n_all, sizeof *all, compare_keys);
    *n = 0;
    for (size_t i = 0; i < n_all; i++)
        if (*n == 0 || compare_keys(&all[*n - 1], &all[i]) != 0)
            all[(*n)++] = all[i];
    *out = all;
    return 0;
}

static int find_side(struct diff *diff, int side, const char *rev, struct err *err)
{
    struct baseline_place *place = &diff->places[side];
    if (call_place(diff->call, rev, place, err) < 0)
        return -1;
    diff->names[side] =
        place->commit ? arena_printf(&diff->call->arena, "%.*s", REPO_SHORT_LEN, place->commit)
                      : "work tree";
    return 0;
}

int baseline_diff(struct call *call, struct err *err)
{
    struct diff diff = {.call = call};
    struct baseline_key *keys;
    size_t n;
    if (!call->operand)
        return err_set(err, ERR_USAGE,
                       "diff needs one revision, which is compared with the work tree, or two: "
                       "`perf-baseline diff REV [REV]`");
    if (find_side(&diff, BEFORE, call->operand, err) < 0 ||
        find_side(&diff, AFTER, call->second, err) < 0 || diff_policies(&diff, err) < 0 ||
        list_keys(&diff, &keys, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (diff_key(&diff, &keys[i], err) < 0)
            return -1;
    if (!call->product.len)
        io_note(&call->log, "nothing differs between %s and %s%s", diff.names[BEFORE],
                diff.places[AFTER].commit ? "" : "the ", diff.names[AFTER]);
    return 0;
}
