/*
 * perf-baseline: keeps the baseline runs and the policy of a repository.
 *
 * It reads from the work tree or a revision, and writes into the work tree alone; what is
 * committed stays the user's choice. Each subcommand is a row of the table at the end.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "cmd/baseline_readme.h"
#include "cmd/baseline_text.h"
#include "cmd/exit.h"
#include "cmd/io.h"
#include "cmd/options.h"
#include "cmd/where.h"
#include "gate/gate.h"
#include "store/baseline.h"
#include "store/find.h"
#include "store/named.h"

#define TOOL "perf-baseline"

struct values {
    const char *suite, *environment;
    bool quiet;
};

static const struct option options[] = {
    {.name = "suite",
     .letter = 's',
     .type = OPTION_STRING,
     .offset = offsetof(struct values, suite),
     .value = "SUITE",
     .help = "the suite; without it the report's own, or the only one that is there"},
    {.name = "environment",
     .letter = 'e',
     .type = OPTION_STRING,
     .offset = offsetof(struct values, environment),
     .value = "NAME",
     .help = "the environment that the runs were measured in; \"" BASELINE_ENVIRONMENT
             "\", or the only one that is there"},
    {.name = "quiet",
     .letter = 'q',
     .type = OPTION_FLAG,
     .offset = offsetof(struct values, quiet),
     .help = "no notes, only what was asked for and errors"},
};

static const char notes[] =
    "Commands:\n"
    "  init               writes " FIND_POLICY_PATH " and its README.md; what is there stays\n"
    "  update REPORT|-    adds a report as a run, unless it regressed against what is there\n"
    "  show [FILE|REV|REV:PATH]\n"
    "                     the newest runs of a suite in the work tree or at a revision, or one "
    "report\n"
    "  list [REV]         the suites and environments, with the number of their runs\n";

/* One call of the tool. */
struct call {
    struct values values;
    struct io_log log;
    struct where where;
    struct arena arena;
    const char *operand; /* NULL = none */
    struct buf product;  /* for stdout */
};

/* ---- what the subcommands share ---- */

static int need_work_tree(const struct call *call, const char **top, struct err *err)
{
    *top = call->where.repo ? repo_top(call->where.repo) : NULL;
    if (*top)
        return 0;
    return err_set(err, ERR_USAGE,
                   call->where.repo ? "this repository is bare, and has no work tree to write to"
                                    : "there is no git repository here; type `git init` first");
}

/* The place that `rev` names, or the work tree where it is NULL. */
static int find_place(struct call *call, const char *rev, struct baseline_place *out,
                      struct err *err)
{
    *out = (struct baseline_place){.repo = call->where.repo};
    if (!call->where.repo)
        return err_set(err, ERR_USAGE, "there is no git repository here");
    out->top = repo_top(call->where.repo);
    if (!rev && out->top)
        return 0;
    char *commit = arena_array(&call->arena, REPO_ID_SIZE, 1);
    if (repo_resolve(call->where.repo, rev ? rev : "HEAD", commit, err) < 0)
        return -1;
    out->commit = commit;
    return 0;
}

static bool matches(const char *wanted, const char *name)
{
    return !wanted || strcmp(wanted, name) == 0;
}

/* The suite and environment that are meant: as given, where only one is there that fits. */
static int pick_key(struct call *call, const struct baseline_place *place, struct baseline_key *out,
                    struct err *err)
{
    struct baseline_key *keys;
    size_t n, n_fit = 0;
    struct values *given = &call->values;
    if (baseline_list(place, &call->arena, &keys, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!matches(given->suite, keys[i].suite) ||
            !matches(given->environment, keys[i].environment))
            continue;
        n_fit++;
        *out = keys[i];
    }
    if (n_fit == 1)
        return 0;
    if (n_fit)
        return err_set(err, ERR_USAGE,
                       "%zu sets of runs are there; name one with --suite and --environment "
                       "(`perf-baseline list` shows them)",
                       n_fit);
    return err_set(err, ERR_INPUT,
                   n ? "no run is there for this suite and environment; `perf-baseline list` shows "
                       "what is"
                     : "no run is there yet; add one with `perf-baseline update REPORT`");
}

static int is_at_top(const char *top)
{
    struct stat here, there;
    return stat(".", &here) == 0 && stat(top, &there) == 0 && here.st_dev == there.st_dev &&
           here.st_ino == there.st_ino;
}

/* A path below the top, as it is typed from the working directory. */
static const char *path_from_here(struct call *call, const char *top, const char *path)
{
    if (is_at_top(top))
        return arena_strdup(&call->arena, path);
    return arena_printf(&call->arena, "%s/%s", top, path);
}

/* ---- init ---- */

static int init_file(struct call *call, const char *top, const char *path, const char *text,
                     struct err *err)
{
    struct stat info;
    const char *full = arena_printf(&call->arena, "%s/%s", top, path);
    if (lstat(full, &info) == 0) {
        io_note(&call->log, "'%s' is there already, and left as it is",
                path_from_here(call, top, path));
        return 0;
    }
    if (fs_write(full, text, strlen(text), err) < 0)
        return -1;
    buf_addf(&call->product, "%s\n", path_from_here(call, top, path));
    return 0;
}

static int run_init(struct call *call, struct err *err)
{
    const char *top;
    struct policy policy;
    struct buf text = {0};
    if (need_work_tree(call, &top, err) < 0 ||
        fs_make_dirs(arena_printf(&call->arena, "%s/" BASELINE_DIR, top), err) < 0)
        return -1;
    policy_init_default(&policy);
    policy_encode(&policy, &text);
    int status = init_file(call, top, FIND_POLICY_PATH, buf_text(&text), err);
    if (status == 0)
        status = init_file(call, top, BASELINE_DIR "/README.md", baseline_readme, err);
    if (status == 0 && call->product.len)
        io_note(&call->log, "next: `git add '%s'`, and commit it",
                path_from_here(call, top, BASELINE_DIR));
    policy_release(&policy);
    buf_release(&text);
    return status;
}

/* ---- update ---- */

static int check_valid(const struct report *report, const char *path, struct err *err)
{
    if (report->health.valid)
        return 0;
    return err_set(err, ERR_UNDECIDED,
                   "'%s' is a run that cannot be trusted (%s), and no baseline; run it again",
                   io_input_name(path),
                   report->health.n_reasons ? report->health.reasons[0] : "valid: false");
}

static int refuse(const struct verdict *verdict, struct err *err)
{
    const struct verdict_row *row = verdict->n_rows ? &verdict->rows[0] : NULL;
    return err_set(err, ERR_REFUSED,
                   "the run is worse than what is there: %s%s%s%s %s; where that is meant, remove "
                   "the older runs (git rm) or change " FIND_POLICY_PATH ", and update again",
                   row && row->method ? row->method : "", row && row->method ? " " : "",
                   row && row->endpoint ? row->endpoint : "overall", row ? "," : "",
                   row && row->reason ? row->reason : verdict->summary);
}

/* Judges the report by the work tree's own policy against the work tree's runs. */
static int judge(const struct baseline *baseline, const struct policy *policy,
                 const struct report *report, struct err *err)
{
    struct verdict verdict = {0};
    struct arena arena = {0};
    const struct report **bases = arena_array(&arena, baseline->n_runs + 1, sizeof *bases);
    for (size_t i = 0; i < baseline->n_runs; i++)
        bases[i] = &baseline->runs[i].report;
    struct gate_input in = {
        .candidates = &report,
        .n_candidates = 1,
        .bases = bases,
        .n_bases = baseline->n_runs,
        .comparison = baseline->n_runs ? COMPARISON_STORED : COMPARISON_NONE,
        .policy = policy,
    };
    int status = gate_judge(&in, &verdict, err);
    if (status == 0 && verdict.exit_code == EXIT_REGRESSED)
        status = refuse(&verdict, err);
    verdict_release(&verdict);
    arena_release(&arena);
    return status;
}

static int check_better(const char *top, const struct baseline_key *key,
                        const struct report *report, struct err *err)
{
    struct baseline_place place = {.top = top};
    struct baseline baseline = {0};
    struct policy policy = {0};
    bool is_there;
    int status = baseline_load(&place, key, BASELINE_NEWEST, &baseline, err);
    if (status == 0)
        status = find_policy_at(&place, FIND_POLICY_PATH, &policy, &is_there, err);
    if (status == 0)
        status = judge(&baseline, &policy, report, err);
    policy_release(&policy);
    baseline_release(&baseline);
    return status;
}

static int entry_key(const struct call *call, const struct report *report, struct baseline_key *out,
                     struct err *err)
{
    out->suite = call->values.suite ? call->values.suite : report->suite;
    out->environment = call->values.environment ? call->values.environment : BASELINE_ENVIRONMENT;
    if (!out->suite)
        return err_set(err, ERR_USAGE,
                       "'%s' does not say which suite it is of; name it with --suite",
                       io_input_name(call->operand));
    if (baseline_check_name("suite", out->suite, err) < 0)
        return -1;
    return baseline_check_name("environment", out->environment, err);
}

static int add_run(struct call *call, const char *top, const struct report *report, struct err *err)
{
    char head[REPO_ID_SIZE];
    bool has_head = false, is_there = false, added = false;
    struct baseline_entry entry = {.report = report, .now_ns = clock_wall_ns()};
    struct buf path = {0};
    if (entry_key(call, report, &entry.key, err) < 0 ||
        repo_lookup(call->where.repo, "HEAD", head, &has_head, err) < 0)
        return -1;
    entry.commit = has_head ? head : NULL;
    int status = baseline_path(top, &entry, &path, &is_there, err);
    if (status == 0 && !is_there)
        status = check_better(top, &entry.key, report, err);
    buf_reset(&path);
    if (status == 0)
        status = baseline_write(top, &entry, &path, &added, err);
    const char *shown = path_from_here(call, top, buf_text(&path));
    buf_release(&path);
    if (status < 0)
        return -1;
    buf_addf(&call->product, "%s\n", shown);
    if (added)
        io_note(&call->log, "added a run; next: `git add '%s' && git commit`", shown);
    else
        io_note(&call->log, "the same run is there already; nothing was added");
    return 0;
}

static int run_update(struct call *call, struct err *err)
{
    const char *top;
    struct report report;
    if (!call->operand)
        return err_set(err, ERR_USAGE, "update needs a report: `perf-baseline update REPORT`");
    if (need_work_tree(call, &top, err) < 0 || io_read_report(call->operand, &report, err) < 0)
        return -1;
    int status = check_valid(&report, call->operand, err);
    if (status == 0)
        status = add_run(call, top, &report, err);
    report_release(&report);
    return status;
}

/* ---- show ---- */

static int show_runs(struct call *call, const char *rev, struct baseline *out, struct err *err)
{
    struct baseline_place place;
    struct baseline_key key;
    if (find_place(call, rev, &place, err) < 0 || pick_key(call, &place, &key, err) < 0 ||
        baseline_load(&place, &key, BASELINE_NEWEST, out, err) < 0)
        return -1;
    buf_addf(&call->product, BASELINE_DIR "/%s/%s, the newest %zu of %zu runs\n\n", key.suite,
             key.environment, out->n_runs, out->n_stored);
    return 0;
}

static int run_show(struct call *call, struct err *err)
{
    struct named named;
    struct baseline baseline = {0};
    struct baseline_place place;
    int status;
    if (named_parse(call->operand, "show", call->where.repo, &call->arena, &named, err) < 0)
        return -1;
    if (named.kind == NAMED_FILE)
        status = baseline_load_file(named.text, &baseline, err);
    else if (named.kind == NAMED_REV_PATH)
        status = find_place(call, named.rev, &place, err) < 0
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

static int run_list(struct call *call, struct err *err)
{
    struct baseline_place place;
    struct baseline_key *keys;
    size_t n, n_lines = 0;
    if (find_place(call, call->operand, &place, err) < 0 ||
        baseline_list(&place, &call->arena, &keys, &n, err) < 0)
        return -1;
    struct baseline_line *lines = arena_array(&call->arena, n + 1, sizeof *lines);
    for (size_t i = 0; i < n; i++) {
        if (!matches(call->values.suite, keys[i].suite) ||
            !matches(call->values.environment, keys[i].environment))
            continue;
        struct baseline_line *line = &lines[n_lines++];
        line->suite = keys[i].suite;
        line->environment = keys[i].environment;
        if (baseline_count(&place, &keys[i], &call->arena, &line->n_runs, &line->newest, err) < 0)
            return -1;
    }
    if (n_lines)
        baseline_text_list(&call->product, lines, n_lines);
    else
        io_note(&call->log, "no runs are there");
    return 0;
}

/* ---- the table ---- */

static const struct command {
    const char *name;
    int (*run)(struct call *call, struct err *err);
    size_t max_operands; /* behind the name */
} commands[] = {
    {"init", run_init, 0},
    {"update", run_update, 1},
    {"show", run_show, 1},
    {"list", run_list, 1},
};

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int run_command(struct call *call, const struct option_args *args, struct err *err)
{
    const char *name = args->n_operands ? args->operands[0] : NULL;
    const struct command *command = name ? find_command(name) : NULL;
    if (!command)
        return err_set(err, ERR_USAGE, "%s%s%s; expected init, update, show or list",
                       name ? "there is no command '" : "a command is missing", name ? name : "",
                       name ? "'" : "");
    if (args->n_operands > 1 + command->max_operands)
        return err_set(err, ERR_USAGE, "'%s' is one argument too many for %s",
                       args->operands[1 + command->max_operands], command->name);
    call->operand = args->n_operands > 1 ? args->operands[1] : NULL;
    if (where_open(&call->where, err) < 0)
        return -1;
    int status = command->run(call, err);
    if (status == 0)
        status = io_write("-", &call->product, err);
    where_release(&call->where);
    return status;
}

int main(int argc, char **argv)
{
    static const struct option_tool tool = {
        .name = TOOL,
        .operands = "init|update|show|list [ARGUMENT]",
        .about = "Keeps the baseline runs and the policy of a repository, below " BASELINE_DIR "/.",
        .notes = notes,
        .options = options,
        .n_options = sizeof options / sizeof *options,
        .max_operands = 3,
    };
    struct call call = {.log = {.tool = TOOL}};
    struct option_args args = {0};
    struct err err = {0};
    int status = options_start(&tool, argc, argv, &call.values, &args, &err);
    call.log.quiet = call.values.quiet;
    if (status == 0)
        status = run_command(&call, &args, &err);
    option_args_release(&args);
    arena_release(&call.arena);
    buf_release(&call.product);
    return status < 0 ? exit_with(TOOL, &err) : EXIT_PASS;
}
