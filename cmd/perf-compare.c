/*
 * perf-compare: judges a candidate's reports against their base, writes the verdict, and ends with
 * its exit code; or, as a self-test, tells whether the rules could find anything in them.
 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/compare_selftest.h"
#include "cmd/exit.h"
#include "cmd/inputs.h"
#include "cmd/io.h"
#include "cmd/options.h"
#include "cmd/where.h"
#include "gate/gate.h"
#include "render/render.h"
#include "store/find.h"

#define MAX_REPORTS     100
#define DEFAULT_REPORT  "load_test_report.json"
#define DEFAULT_VERDICT "perf_verdict.json"

struct values {
    const char *baseline, *policy, *ref, *suite, *environment, *output, *verdict;
    struct option_list thresholds;
    int format;
    bool self_test, quiet;
};

#define VALUE(member) offsetof(struct values, member)

static const struct option options[] = {
    {.name = "baseline",
     .letter = 'b',
     .type = OPTION_STRING,
     .offset = VALUE(baseline),
     .value = "FILE|REV|REV:PATH",
     .help = "compare with this report, or with the runs at this git revision, and not with what "
             "is found by itself"},
    {.name = "policy",
     .letter = 'p',
     .type = OPTION_STRING,
     .offset = VALUE(policy),
     .value = "FILE|REV:PATH",
     .help = "the policy (baselines/policy.json at the base revision, else the built-in one)"},
    {.name = "ref",
     .letter = 'r',
     .type = OPTION_STRING,
     .offset = VALUE(ref),
     .value = "REF",
     .help =
         "the runs lie on this ref of their own (`perf-baseline update --ref`), and count where "
         "their commit is the base revision or an ancestor of it"},
    {.name = "suite",
     .letter = 's',
     .type = OPTION_STRING,
     .offset = VALUE(suite),
     .value = "S",
     .help = "whose baseline runs count (the report's own)"},
    {.name = "environment",
     .letter = 'e',
     .type = OPTION_STRING,
     .offset = VALUE(environment),
     .value = "E",
     .help = "which environment's baseline runs count (default)"},
    {.name = "threshold",
     .letter = 't',
     .type = OPTION_LIST,
     .offset = VALUE(thresholds),
     .value = "METRIC=RATIO",
     .help = "a threshold that goes before the policy's, such as 95th_percentile=1.3; may be "
             "repeated"},
    {.name = "format",
     .letter = 'f',
     .type = OPTION_CHOICE,
     .offset = VALUE(format),
     .choice = render_format_name,
     .help = "form of the result (text)"},
    {.name = "output",
     .letter = 'o',
     .type = OPTION_STRING,
     .offset = VALUE(output),
     .value = "FILE|-",
     .help = "where it goes (standard output)"},
    {.name = "verdict",
     .type = OPTION_STRING,
     .offset = VALUE(verdict),
     .value = "FILE",
     .help = "where the verdict goes as JSON (perf_verdict.json; with --format json only where "
             "this is given)"},
    {.name = "self-test",
     .type = OPTION_FLAG,
     .offset = VALUE(self_test),
     .help = "no verdict: whether each rule of the policy would find a regression in these "
             "reports; exit code 2 where one cannot"},
    {.name = "quiet",
     .letter = 'q',
     .type = OPTION_FLAG,
     .offset = VALUE(quiet),
     .help = "no notes on standard error"},
};

static const struct option_tool tool = {
    .name = "perf-compare",
    .operands = "[REPORT...]",
    .about = "Judges reports of a candidate against their base, by the policy's thresholds and "
             "limits. REPORT is load_test_report.json unless named; several are the starts, "
             "repeats or shards of one run.",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .max_operands = MAX_REPORTS,
};

/* Where the verdict goes beside the product; NULL = nowhere. */
static const char *verdict_path(const struct values *values)
{
    if (values->verdict)
        return values->verdict;
    return values->format == FORMAT_JSON || values->self_test ? NULL : DEFAULT_VERDICT;
}

/* A self-test has no verdict, and one form. */
static int check_values(const struct values *values, struct err *err)
{
    if (!values->self_test || (!values->verdict && values->format == FORMAT_TEXT))
        return 0;
    return err_set(err, ERR_USAGE, "--self-test makes %s; leave %s out",
                   values->verdict ? "no verdict" : "a text only",
                   values->verdict ? "--verdict" : "--format");
}

static int apply_thresholds(const struct values *values, struct found_policy *found,
                            struct err *err)
{
    for (size_t i = 0; i < values->thresholds.n; i++) {
        const char *assignment = values->thresholds.items[i];
        if (policy_set_threshold(&found->policy, assignment, err) < 0)
            return -1;
        if (found->changed && policy_set_threshold(&found->candidate, assignment, err) < 0)
            return -1;
    }
    return 0;
}

static enum comparison kind_of_comparison(const struct inputs *in, const struct found *found)
{
    if (in->paired)
        return COMPARISON_PAIRED;
    if (!found->baseline.n_runs)
        return COMPARISON_NONE;
    return found->baseline.named ? COMPARISON_FILE : COMPARISON_STORED;
}

static const struct report **reports_of(const struct baseline *baseline, struct arena *arena)
{
    const struct report **runs = arena_array(arena, baseline->n_runs + 1, sizeof *runs);
    for (size_t i = 0; i < baseline->n_runs; i++)
        runs[i] = &baseline->runs[i].report;
    return runs;
}

/* NULL where no anchor counts. */
static const struct gate_anchor *anchor_of(const struct found *found, struct arena *arena)
{
    if (!found->anchor.n_runs)
        return NULL;
    struct gate_anchor *anchor = arena_array(arena, 1, sizeof *anchor);
    *anchor = (struct gate_anchor){.run = &found->anchor.runs[0].report,
                                   .name = found->anchor_run,
                                   .label = found->anchor_label,
                                   .runs = reports_of(&found->anchor_noise, arena),
                                   .n_runs = found->anchor_noise.n_runs};
    return anchor;
}

/* The reports against what was found for them; its lists are in `arena`. */
static struct gate_input make_input(const struct inputs *in, const struct found *found,
                                    struct arena *arena)
{
    const struct baseline *baseline = &found->baseline;
    size_t n = baseline->n_runs;
    const char **run_names = arena_array(arena, n + 1, sizeof *run_names);
    for (size_t i = 0; i < n; i++)
        run_names[i] = baseline->runs[i].path;
    return (struct gate_input){
        .candidates = in->candidates,
        .n_candidates = in->n_candidates,
        .candidate_names = in->candidate_names,
        .bases = in->paired ? in->bases : reports_of(baseline, arena),
        .n_bases = in->paired ? in->n_candidates : n,
        .base_names = in->paired ? in->base_names : run_names,
        .comparison = kind_of_comparison(in, found),
        .policy = &found->policy.policy,
        .candidate_policy = found->policy.changed ? &found->policy.candidate : NULL,
        .baseline_choice = baseline->text,
        .policy_choice = found->policy.text,
        .scenario_change = found->scenario_change,
        .tagged = found->tagged,
        .n_tagged = found->n_tagged,
        .warnings = found->warnings,
        .n_warnings = found->n_warnings,
        .no_pass = found->policy.unusable,
        .acceptances = found->acceptances,
        .n_acceptances = found->n_acceptances,
        .now_ns = clock_wall_ns(),
        .anchor = anchor_of(found, arena),
    };
}

/* The first report that says which scenario it was made with; NULL where none does. */
static const struct report *with_scenario(const struct inputs *in)
{
    for (size_t i = 0; i < in->n_candidates; i++)
        if (in->candidates[i]->scenario && in->candidates[i]->scenario_hash)
            return in->candidates[i];
    return NULL;
}

static void fill_scenario(struct where *where, const struct inputs *in, struct find_query *query)
{
    const struct report *report = with_scenario(in);
    query->candidates = in->candidates;
    query->n_candidates = in->n_candidates;
    if (report) {
        query->scenario = where_in_tree(where, report->scenario);
        query->scenario_hash = report->scenario_hash;
    }
}

/* A scenario that was neither found at the base nor is here is likelier misplaced than new. */
static void say_scenario(const struct io_log *log, const struct inputs *in,
                         const struct found *found)
{
    const struct report *report = with_scenario(in);
    if (report && *found->base.commit && !found->scenario_change &&
        access(report->scenario, F_OK) < 0)
        io_note(log,
                "there is no '%s' here, the scenario of the report: start perf-compare where "
                "perf-run was started, so that it can be compared with the base revision's",
                report->scenario);
}

/* perf-run has said its own already. */
static bool says_notes(const struct report *report)
{
    return report->flat || report->source;
}

static void say_notes(const struct io_log *log, const struct inputs *in, const struct found *found)
{
    for (size_t i = 0; i < in->n_candidates; i++) {
        const struct report_health *health = &in->candidates[i]->health;
        for (size_t k = 0; k < health->n_notes && says_notes(in->candidates[i]); k++)
            io_note(log, "'%s': %s", in->candidate_names[i], health->notes[k]);
    }
    for (size_t i = 0; i < found->baseline.n_notes; i++)
        io_note(log, "%s", found->baseline.notes[i]);
    say_scenario(log, in, found);
}

static int write_results(const struct values *values, const struct verdict *verdict,
                         struct err *err)
{
    struct buf json = {0}, product = {0};
    const char *path = verdict_path(values);
    bool terminal = strcmp(values->output, "-") == 0;
    struct render_options how = {.color = terminal && io_color(STDOUT_FILENO),
                                 .title = path ? path : "the verdict"};
    int status = 0;
    verdict_encode(verdict, &json);
    render_formats[values->format].verdict(verdict, &how, &product);
    if (path)
        status = io_write(path, &json, err);
    if (status == 0)
        status = io_write(values->output, &product, err);
    buf_release(&product);
    buf_release(&json);
    return status;
}

/* A call, once all is read. */
struct call {
    const struct values *values;
    struct io_log log;
    struct inputs in;
    struct where where;
    struct found found;
    struct arena arena;
};

/* The verdict's exit code, or -1. */
static int judge(const struct call *call, const struct gate_input *input, struct err *err)
{
    struct verdict verdict = {0};
    int status = gate_judge(input, &verdict, err);
    if (status == 0) {
        say_notes(&call->log, &call->in, &call->found);
        status = write_results(call->values, &verdict, err);
    }
    if (status == 0)
        status = (int)verdict.exit_code;
    verdict_release(&verdict);
    return status;
}

/* 0 where every rule can fire, or -1. */
static int self_test(const struct call *call, const struct gate_input *input, struct err *err)
{
    struct selftest selftest = {0};
    struct buf product = {0};
    const char *path = call->values->output;
    int status = selftest_run(input, &selftest, err);
    if (status == 0) {
        compare_selftest_text(&selftest, strcmp(path, "-") == 0 && io_color(STDOUT_FILENO),
                              &product);
        status = io_write(path, &product, err);
    }
    if (status == 0)
        status = compare_selftest_check(&selftest, err);
    buf_release(&product);
    selftest_release(&selftest);
    return status;
}

static int find(struct call *call, struct err *err)
{
    const struct values *values = call->values;
    const struct inputs *in = &call->in;
    struct find_query query = {
        .read = io_read_report,
        .repo = call->where.repo,
        .inputs = call->where.inputs,
        .baseline = values->baseline,
        .policy = values->policy,
        .suite = values->suite ? values->suite : in->candidates[0]->suite,
        .environment = values->environment,
        .paired = in->paired,
        .now_ns = clock_wall_ns(),
    };
    fill_scenario(&call->where, in, &query);
    if (values->ref && where_ref(&call->where, values->ref, &query.ref, err) < 0)
        return -1;
    if (find_all(&query, &call->found, err) < 0)
        return -1;
    return apply_thresholds(values, &call->found.policy, err);
}

/* Reads, judges and writes. The exit code, or -1. */
static int compare(const struct values *values, const char *const *paths, size_t n, struct err *err)
{
    struct call call = {.values = values, .log = {.tool = tool.name, .quiet = values->quiet}};
    int status = inputs_read(paths, n, !values->baseline, &call.in, err);
    if (status == 0)
        status = where_open(&call.where, err);
    if (status == 0)
        status = find(&call, err);
    if (status == 0) {
        struct gate_input input = make_input(&call.in, &call.found, &call.arena);
        status = values->self_test ? self_test(&call, &input, err) : judge(&call, &input, err);
    }
    arena_release(&call.arena);
    found_release(&call.found);
    where_release(&call.where);
    inputs_release(&call.in);
    return status;
}

/* Removes the results of an earlier call, none of which may be what is read: the reports, the base
 * sides beside them, and the files that options name. */
static int clear_results(const struct values *values, const char *const *paths, size_t n,
                         struct err *err)
{
    struct arena arena = {0};
    struct buf beside = {0};
    const char *verdict = verdict_path(values);
    if (verdict && strcmp(verdict, values->output) == 0)
        return err_set(err, ERR_USAGE,
                       "the result and the verdict would both go to '%s'; name another file with "
                       "--output or --verdict",
                       verdict);
    const char **inputs = arena_array(&arena, 2 * n + 2, sizeof *inputs);
    size_t n_inputs = 0;
    for (size_t i = 0; i < n; i++) {
        buf_reset(&beside);
        io_add_base_path(&beside, paths[i]);
        inputs[n_inputs++] = paths[i];
        inputs[n_inputs++] = arena_strdup(&arena, buf_text(&beside));
    }
    if (values->baseline)
        inputs[n_inputs++] = values->baseline;
    if (values->policy)
        inputs[n_inputs++] = values->policy;
    int status = io_clear(values->output, inputs, n_inputs, err);
    if (status == 0 && verdict)
        status = io_clear(verdict, inputs, n_inputs, err);
    buf_release(&beside);
    arena_release(&arena);
    return status;
}

/* The tool's exit code, or -1. */
static int perf_compare(int argc, char **argv, struct err *err)
{
    static const char *const default_reports[] = {DEFAULT_REPORT};
    struct values values = {.format = FORMAT_TEXT, .output = "-"};
    struct option_args args = {0};
    int status = options_start(&tool, argc, argv, &values, &args, err);
    if (status == 0) {
        const char *const *paths = args.n_operands ? args.operands : default_reports;
        size_t n = args.n_operands ? args.n_operands : 1;
        status = check_values(&values, err);
        if (status == 0)
            status = clear_results(&values, paths, n, err);
        if (status == 0)
            status = compare(&values, paths, n, err);
    } else if (status > 0) {
        status = EXIT_PASS; /* help was asked for */
    }
    option_args_release(&args);
    return status;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    int code = perf_compare(argc, argv, &err);
    return code < 0 ? exit_with(tool.name, &err) : code;
}
