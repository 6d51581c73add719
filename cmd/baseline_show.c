/* perf-baseline show, list and log: what is there. */
#include "base/num.h"
#include "cmd/baseline_call.h"
#include "cmd/baseline_text.h"
#include "store/named.h"

/* ---- show ---- */

static int show_runs(struct call *call, const char *rev, struct baseline *out, struct err *err)
{
    struct baseline_place place;
    struct baseline_key key;
    if (call_place(call, rev, &place, err) < 0 || call_pick_key(call, &place, &key, err) < 0 ||
        baseline_load(&place, &key, BASELINE_NEWEST, out, err) < 0)
        return -1;
    buf_addf(&call->product, BASELINE_DIR "/%s/%s, the newest %zu of %zu runs\n\n", key.suite,
             key.environment, out->n_runs, out->n_stored);
    return 0;
}

int baseline_show(struct call *call, struct err *err)
{
    struct named named;
    struct baseline baseline = {0};
    struct baseline_place place;
    int status;
    if (named_parse(call->operand, "show", call->where.repo, &call->arena, &named, err) < 0)
        return -1;
    if (named.kind == NAMED_FILE)
        status = baseline_load_file(named.text, io_read_report, &baseline, err);
    else if (named.kind == NAMED_REV_PATH)
        status = call_place(call, named.rev, &place, err) < 0
                     ? -1
                     : baseline_load_at(&place, named.path, &baseline, err);
    else
        status = show_runs(call, named.rev, &baseline, err);
    for (size_t i = 0; i < baseline.n_notes; i++)
        io_warn(&call->log, "%s", baseline.notes[i]);
    if (status == 0)
        baseline_text_runs(&call->product, &baseline);
    baseline_release(&baseline);
    return status;
}

/* ---- list ---- */

int baseline_list_all(struct call *call, struct err *err)
{
    struct baseline_place place;
    struct baseline_key *keys;
    size_t n;
    if (call_place(call, call->operand, &place, err) < 0 ||
        call_keys(call, &place, &keys, &n, err) < 0)
        return -1;
    struct baseline_line *lines = arena_array(&call->arena, n + 1, sizeof *lines);
    for (size_t i = 0; i < n; i++) {
        struct baseline_line *line = &lines[i];
        line->suite = keys[i].suite;
        line->environment = keys[i].environment;
        if (baseline_count(&place, &keys[i], &call->arena, &line->n_runs, &line->newest, err) < 0)
            return -1;
    }
    if (n)
        baseline_text_list(&call->product, lines, n);
    else
        io_note(&call->log, "no runs are there");
    return 0;
}

/* ---- log ---- */

static void add_log_line(struct buf *out, const struct baseline_name *run)
{
    if (run->started_ns)
        num_add_utc(out, run->started_ns);
    buf_addf(out, "%s %s %s\n", run->started_ns ? "" : "-", run->commit ? run->commit : "-",
             run->path);
}

int baseline_log(struct call *call, struct err *err)
{
    struct baseline_place place;
    struct baseline_key *keys;
    size_t n, n_runs;
    struct baseline_name *runs;
    if (call_place(call, call->operand, &place, err) < 0 ||
        call_keys(call, &place, &keys, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (baseline_names(&place, &keys[i], &call->arena, &runs, &n_runs, err) < 0)
            return -1;
        for (size_t k = 0; k < n_runs; k++)
            add_log_line(&call->product, &runs[k]);
    }
    if (!call->product.len)
        io_note(&call->log, "no runs are there");
    return 0;
}
