/*
 * perf-baseline accept: a regression that somebody decided to live with.
 *
 * What is accepted is a figure of a report, with room for the noise of the next run
 * (accept_value.h), or what --value says. What is accepted already is not accepted again.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "cmd/accept_value.h"
#include "cmd/baseline_call.h"
#include "model/acceptance.h"
#include "model/metric.h"
#include "model/report_named.h"
#include "store/marks.h"

/* A call of accept. */
struct accept {
    struct call *call;
    const struct store_target *target;
    struct baseline_key key;
    struct acceptance acceptance; /* borrows its texts */
    int64_t now_ns;
    struct buf path;        /* of the file that has it, at the place that was seen last */
    const char *there_text; /* who accepted it already; NULL where nobody has */
};

/* ---- what is accepted ---- */

static const char *title_of(const struct acceptance *acceptance)
{
    return metric_title((enum metric)acceptance->metric, acceptance->name);
}

static const char *metric_text(struct accept *accept, double value)
{
    struct buf text = {0};
    metric_add_text(&text, (enum metric)accept->acceptance.metric, value, 0);
    const char *copy = arena_strdup(&accept->call->arena, buf_text(&text));
    buf_release(&text);
    return copy;
}

/* Notes what is accepted, and up to what. */
static void tell_value(struct accept *accept, double figure)
{
    const struct acceptance *acceptance = &accept->acceptance;
    const struct metric_info *info = metric_info((enum metric)acceptance->metric);
    bool is_given = !isnan(accept->call->values.value);
    io_note(&accept->call->log, "%s, %s is accepted %s to %s%s%s; the report has %s%s",
            acceptance->scope, title_of(acceptance), info->higher_is_better ? "down" : "up",
            metric_text(accept, acceptance->value), acceptance->until ? " until the end of " : "",
            acceptance->until ? acceptance->until : "", metric_text(accept, figure),
            is_given ? "" : ", and the rest is room for noise (--value sets another)");
    if (accept_is_worse((enum metric)acceptance->metric, figure, acceptance->value))
        io_warn(&accept->call->log,
                "the report's own figure is worse, and is not accepted by this");
}

static int find_value(struct accept *accept, const struct report *report, const char *path,
                      double *figure, struct err *err)
{
    struct acceptance *acceptance = &accept->acceptance;
    bool is_ratio = metric_info((enum metric)acceptance->metric)->unit == UNIT_RATIO;
    const struct metrics *metrics;
    double given = accept->call->values.value;
    if (report->pair && report->pair->role == ROLE_BASE)
        return err_set(err, ERR_INPUT,
                       "'%s' is the base side of a paired run; expected the candidate's report",
                       io_input_name(path));
    if (accept_scope(report, path, acceptance->scope, &metrics, err) < 0)
        return -1;
    const char *key = metric_key((enum metric)acceptance->metric, acceptance->name);
    *figure = acceptance->name ? report_named(report->resources, acceptance->name).figure
                               : metric_value(metrics, (enum metric)acceptance->metric);
    if (isnan(*figure))
        return err_set(err, ERR_INPUT, "'%s' has no figure of %s for '%s' that could be accepted",
                       io_input_name(path), key, acceptance->scope);
    if (isnan(given) && call_check_valid(report, path, "measure of what to accept", err) < 0)
        return -1;
    acceptance->value = isnan(given) ? accept_value((enum metric)acceptance->metric, *figure,
                                                    metrics->total_requests)
                                     : given;
    if (is_ratio && acceptance->value > 1)
        return err_set(err, ERR_USAGE, "--value: expected a ratio from 0 to 1 for %s", key);
    return 0;
}

/* ---- the command line ---- */

static bool is_blank(const char *text)
{
    return !text[strspn(text, " \t\r\n")];
}

/* One that the policy of the work tree names. */
static int find_named(struct accept *accept, const char *name, struct err *err)
{
    struct policy policy;
    const char *path;
    if (call_policy(accept->call, &policy, &path, err) < 0)
        return -1;
    const struct policy_metric *metric = policy_find_metric(&policy, name);
    if (metric) {
        accept->acceptance.metric = (int)policy_metric_kind(metric);
        accept->acceptance.name = name;
    }
    policy_release(&policy);
    return 0;
}

static int check_metric(struct accept *accept, const char *name, struct err *err)
{
    struct acceptance *acceptance = &accept->acceptance;
    struct buf names = {0};
    if (!name)
        return err_set(err, ERR_USAGE,
                       "accept needs to know what is accepted: `perf-baseline accept --metric "
                       "METRIC --reason TEXT`");
    acceptance->metric = (int)metric_find(name);
    if (acceptance->metric != METRIC_COUNT)
        return 0;
    if (find_named(accept, name, err) < 0)
        return -1;
    if (acceptance->name)
        return 0;
    metric_add_names(&names);
    err_set(err, ERR_USAGE,
            "--metric: there is no metric '%s'; expected one of %s, or one that the policy names",
            name, buf_text(&names));
    buf_release(&names);
    return -1;
}

static int check_until(const char *until, int64_t now_ns, struct err *err)
{
    int64_t end_ns;
    if (!until)
        return 0;
    if (acceptance_end_of(until, &end_ns, err) < 0)
        return err_prefix(err, "--until ");
    if (end_ns > now_ns)
        return 0;
    return err_set(err, ERR_USAGE, "--until '%s' is over already; expected today or a later day",
                   until);
}

static int take_values(struct accept *accept, struct err *err)
{
    const struct baseline_values *values = &accept->call->values;
    struct acceptance *acceptance = &accept->acceptance;
    if (check_metric(accept, values->metric, err) < 0 ||
        check_until(values->until, accept->now_ns, err) < 0)
        return -1;
    if (!values->reason || is_blank(values->reason))
        return err_set(err, ERR_USAGE,
                       "accept needs the reason, which every output repeats; name it with "
                       "--reason TEXT");
    acceptance->scope = values->scope ? values->scope : ACCEPT_OVERALL;
    acceptance->reason = values->reason;
    acceptance->until = values->until;
    return 0;
}

static int take_author(struct accept *accept, struct err *err)
{
    struct store_identity who;
    struct call *call = accept->call;
    char *head = arena_array(&call->arena, REPO_ID_SIZE, 1);
    bool has_head = false;
    if (call_identity(call, "an acceptance", &who, err) < 0 ||
        repo_lookup(call->where.repo, "HEAD", head, &has_head, err) < 0)
        return -1;
    accept->acceptance.by = call_signature(call, &who);
    accept->acceptance.commit = has_head ? head : NULL;
    return 0;
}

/* ---- the plan ---- */

static bool is_for_same(const struct acceptance *a, const struct acceptance *b)
{
    bool same_name = a->name && b->name ? strcmp(a->name, b->name) == 0 : a->name == b->name;
    return a->metric == b->metric && same_name && strcmp(a->scope, b->scope) == 0;
}

/* The one that counts today for what is accepted: the last, of those whose last day is not over. */
static const struct acceptance *find_last(const struct accept *accept, const struct marks *marks,
                                          const char **path)
{
    const struct acceptance *last = NULL;
    for (size_t i = 0; i < marks->n_acceptances; i++) {
        const struct acceptance *one = &marks->acceptances[i];
        if (!is_for_same(one, &accept->acceptance) || !acceptance_is_current(one, accept->now_ns) ||
            (last && one->accepted_ns < last->accepted_ns))
            continue;
        last = one;
        *path = marks->acceptance_paths[i];
    }
    return last;
}

/* `there` accepts as much, for as long. Days sort as texts. */
static bool covers(const struct acceptance *there, const struct acceptance *wanted)
{
    bool as_long = !there->until || (wanted->until && strcmp(there->until, wanted->until) >= 0);
    return as_long && !accept_is_worse((enum metric)wanted->metric, wanted->value, there->value);
}

/* The later one counts, so the new one is to be later, also where this clock is behind. */
static void come_after(struct accept *accept, const struct acceptance *last)
{
    if (last)
        accept->acceptance.accepted_ns =
            call_time_after(last->accepted_ns, accept->acceptance.accepted_ns);
}

/* A file of the same in the work tree, which a call without --commit or one that was killed has
 * left, is committed as it lies there. */
static int take_from_work_tree(struct accept *accept, struct buf *bytes, bool *found,
                               struct err *err)
{
    struct marks marks;
    struct baseline_place tree = {.top = repo_top(accept->target->repo)};
    const struct acceptance *wanted = &accept->acceptance;
    const char *path = NULL;
    *found = false;
    if (marks_load(&tree, &accept->key, &marks, err) < 0)
        return -1;
    int status = 0;
    const struct acceptance *last = find_last(accept, &marks, &path);
    come_after(accept, last);
    bool is_same = last && covers(last, wanted) && covers(wanted, last) &&
                   strcmp(last->reason, wanted->reason) == 0 && strcmp(last->by, wanted->by) == 0;
    if (is_same) {
        status = place_read(&tree, path, ACCEPTANCE_LIMIT, bytes, found, err);
        buf_reset(&accept->path);
        buf_add_str(&accept->path, path);
    }
    marks_release(&marks);
    return status;
}

/* A new file: what is written must be read again, so what its reader refuses is refused here. */
static int make_file(struct accept *accept, struct buf *bytes, struct err *err)
{
    struct acceptance again;
    acceptance_encode(&accept->acceptance, bytes);
    if (acceptance_decode(buf_text(bytes), bytes->len, "the acceptance", &again, err) < 0)
        return -1;
    acceptance_release(&again);
    buf_reset(&accept->path);
    return marks_add_path(&accept->key, MARK_ACCEPTANCE, accept->acceptance.accepted_ns, bytes,
                          &accept->path, err);
}

static const char *commit_message(const struct accept *accept, struct arena *arena)
{
    const struct acceptance *acceptance = &accept->acceptance;
    struct buf text = {0};
    buf_addf(&text, "perf-baseline: accept %s of %s\n\nsuite: %s\nenvironment: %s\nvalue: ",
             metric_key((enum metric)acceptance->metric, acceptance->name), acceptance->scope,
             accept->key.suite, accept->key.environment);
    num_add_double(&text, acceptance->value);
    buf_addf(&text, "\nreason: %s\n", acceptance->reason);
    if (acceptance->until)
        buf_addf(&text, "until: %s\n", acceptance->until);
    const char *copy = arena_strdup(arena, buf_text(&text));
    buf_release(&text);
    return copy;
}

/* Keeps what is there already, for tell(). */
static void keep_there(struct accept *accept, const struct acceptance *there, const char *path)
{
    struct arena *arena = &accept->call->arena;
    buf_reset(&accept->path);
    buf_add_str(&accept->path, path);
    accept->there_text = arena_printf(
        arena, "accepted already up to %s%s%s by %s (%s)", metric_text(accept, there->value),
        there->until ? " until " : "", there->until ? there->until : "", there->by, there->reason);
}

/* The plan for store_write(). */
static int plan_accept(void *context, const struct baseline_place *place, struct store_changes *out,
                       struct err *err)
{
    struct accept *accept = context;
    struct marks marks;
    struct buf bytes = {0};
    const char *path = NULL;
    bool found = false;
    if (marks_load(place, &accept->key, &marks, err) < 0)
        return -1;
    const struct acceptance *last = find_last(accept, &marks, &path);
    bool is_there = last && covers(last, &accept->acceptance);
    if (is_there)
        keep_there(accept, last, path);
    accept->acceptance.accepted_ns = accept->now_ns;
    come_after(accept, last);
    marks_release(&marks);
    if (is_there)
        return 0;
    int status = 0;
    if (accept->target->kind == STORE_BRANCH)
        status = take_from_work_tree(accept, &bytes, &found, err);
    if (status == 0 && !found)
        status = make_file(accept, &bytes, err);
    if (status == 0) {
        out->message = commit_message(accept, &out->arena);
        store_change_add(out, buf_text(&accept->path), buf_text(&bytes), bytes.len);
    }
    buf_release(&bytes);
    return status;
}

/* ---- the subcommand ---- */

static int add_acceptance(struct accept *accept, double figure, struct err *err)
{
    struct store_result result;
    struct call *call = accept->call;
    if (call_write(call, accept->target, plan_accept, accept, &result, err) < 0)
        return -1;
    const char *path = call_shown_path(call, accept->target, buf_text(&accept->path));
    buf_addf(&call->product, "%s\n", path);
    if (!result.changed) {
        io_note(&call->log, "%s; nothing was added (remove the file to accept less)",
                accept->there_text ? accept->there_text : "the same is there already");
        return 0;
    }
    tell_value(accept, figure);
    if (accept->target->kind == STORE_TREE)
        io_note(&call->log, "added an acceptance; next: `git add '%s' && git commit`", path);
    return 0;
}

int baseline_accept(struct call *call, struct err *err)
{
    struct store_target target;
    struct report report;
    double figure = (double)NAN;
    const char *path = call->operand ? call->operand : CALL_REPORT;
    struct accept accept = {.call = call, .target = &target, .now_ns = clock_wall_ns()};
    if (take_values(&accept, err) < 0 || call_target(call, &target, err) < 0 ||
        take_author(&accept, err) < 0 || io_read_report(path, &report, err) < 0)
        return -1;
    int status = call_report_key(call, &report, path, &accept.key, err);
    if (status == 0)
        status = find_value(&accept, &report, path, &figure, err);
    if (status == 0)
        status = add_acceptance(&accept, figure, err);
    report_release(&report);
    buf_release(&accept.path);
    return status;
}
