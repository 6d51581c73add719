/*
 * perf-baseline: keeps the baseline runs and the policy of a repository.
 *
 * It reads from the work tree or a revision, and writes into the work tree, to the branch that is
 * checked out (--commit) or to a ref of its own (--ref). Each subcommand is a row of the table at
 * the end, and a function of cmd/baseline_call.h.
 */
#include <math.h>
#include <string.h>

#include "cmd/baseline_call.h"
#include "cmd/exit.h"
#include "cmd/options.h"
#include "cmd/trend_parts.h"
#include "gate/study.h"
#include "store/find.h"

#define TOOL "perf-baseline"

static const struct option options[] = {
    {.name = "suite",
     .letter = 's',
     .type = OPTION_STRING,
     .offset = offsetof(struct baseline_values, suite),
     .value = "SUITE",
     .help = "the suite; without it the report's own, or the only one that is there"},
    {.name = "environment",
     .letter = 'e',
     .type = OPTION_STRING,
     .offset = offsetof(struct baseline_values, environment),
     .value = "NAME",
     .help = "the environment that the runs were measured in; \"" BASELINE_ENVIRONMENT
             "\", or the only one that is there"},
    {.name = "commit",
     .letter = 'c',
     .type = OPTION_FLAG,
     .offset = offsetof(struct baseline_values, commit),
     .help = "commits what is written, and nothing else, to the branch that is checked out"},
    {.name = "ref",
     .letter = 'r',
     .type = OPTION_STRING,
     .offset = offsetof(struct baseline_values, ref),
     .value = "REF",
     .help = "commits to a ref of its own instead, such as refs/perf/baselines or, for a branch, "
             "perf-baselines; branch, index and work tree stay as they are; for push, what is "
             "pushed"},
    {.name = "metric",
     .letter = 'm',
     .type = OPTION_STRING,
     .offset = offsetof(struct baseline_values, metric),
     .value = "METRIC",
     .help = "accept: the metric, by a name as in the policy, such as avg_response_time"},
    {.name = "scope",
     .type = OPTION_STRING,
     .offset = offsetof(struct baseline_values, scope),
     .value = "SCOPE",
     .help = "accept, trend: \"overall\" (the default), or an endpoint as \"GET /forum\""},
    {.name = "reason",
     .type = OPTION_STRING,
     .offset = offsetof(struct baseline_values, reason),
     .value = "TEXT",
     .help = "accept: why; every output repeats it"},
    {.name = "value",
     .type = OPTION_DOUBLE,
     .offset = offsetof(struct baseline_values, value),
     .value = "VALUE",
     .help = "accept: up to this figure, in ms, a ratio, or requests per second; without it the "
             "report's own and a tenth more"},
    {.name = "until",
     .type = OPTION_STRING,
     .offset = offsetof(struct baseline_values, until),
     .value = "DATE",
     .help = "accept: the last day on which it counts, in UTC, as 2026-12-31; without it there is "
             "no end"},
    {.name = "label",
     .letter = 'l',
     .type = OPTION_STRING,
     .offset = offsetof(struct baseline_values, label),
     .value = "LABEL",
     .help = "anchor: what the run stands for, such as a release"},
    {.name = "keep",
     .letter = 'k',
     .type = OPTION_INT,
     .offset = offsetof(struct baseline_values, keep),
     .value = "N",
     .low = 1,
     .high = 1e6,
     .help = "prune: how many runs of each suite and environment stay; 10, or with --ref 100"},
    {.name = "format",
     .letter = 'f',
     .type = OPTION_CHOICE,
     .offset = offsetof(struct baseline_values, format),
     .choice = trend_form_name,
     .help = "trend: form of the result (text)"},
    {.name = "quiet",
     .letter = 'q',
     .type = OPTION_FLAG,
     .offset = offsetof(struct baseline_values, quiet),
     .help = "no notes, only what was asked for and errors"},
};

static const char notes[] =
    "Commands:\n"
    "  init               writes " FIND_POLICY_PATH " and its README.md; what is there stays\n"
    "  update REPORT|-    adds a report as a run, unless it regressed against what is there\n"
    "  accept [REPORT|-]  accepts a regression of the report, " CALL_REPORT " by default:\n"
    "                     --metric METRIC --reason TEXT, and --scope, --value, --until\n"
    "  anchor [RUN|REV]   marks the run against which slow drift is judged; the newest by default\n"
    "  prune              removes old runs, and acceptances and anchors that count no more\n"
    "  show [FILE|REV|REV:PATH]\n"
    "                     the newest runs of a suite in the work tree or at a revision, or one "
    "report\n"
    "  list [REV]         the suites and environments, with the number of their runs\n"
    "  log [REV]          all runs, newest first: time, commit and file, a line each\n"
    "  diff REV [REV]     what differs between two revisions, or between one and the work tree\n"
    "  verify [REV]       whether all that is stored can still be read\n"
    "  trend [REV]        at which runs, and so commits, the figures of a suite changed\n"
    "  push [REMOTE]      brings the runs on --ref to a remote (origin), with what others pushed\n"
    "  study REPORT...    noise, false alarms and thresholds, from 3 or more runs of unchanged "
    "code\n";

/* `takes` are the options, by name, that the command heeds; --quiet is
 * everyone's, and any other that is given is refused. */
static const struct command {
    const char *name;
    int (*run)(struct call *call, struct err *err);
    size_t max_operands; /* behind the name */
    const char *takes;
} commands[] = {
    {"init", baseline_init, 0, ""},
    {"update", baseline_update, 1, "suite environment commit ref"},
    {"accept", baseline_accept, 1, "suite environment commit ref metric scope reason value until"},
    {"anchor", baseline_anchor, 1, "suite environment commit ref label"},
    {"prune", baseline_prune, 0, "suite environment commit ref keep"},
    {"show", baseline_show, 1, "suite environment"},
    {"list", baseline_list_all, 1, "suite environment"},
    {"log", baseline_log, 1, "suite environment"},
    {"diff", baseline_diff, 2, "suite environment"},
    {"verify", baseline_verify, 1, ""},
    {"trend", baseline_trend, 1, "suite environment scope format"},
    {"push", baseline_push, 1, "ref"},
    {"study", baseline_study, STUDY_MAX_RUNS, ""},
};

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* "init, update, show or list" */
static const char *command_names(struct arena *arena)
{
    size_t n = sizeof commands / sizeof *commands;
    const char *names = commands[0].name;
    for (size_t i = 1; i < n; i++)
        names = arena_printf(arena, "%s%s%s", names, i + 1 < n ? ", " : " or ", commands[i].name);
    return names;
}

/* Every option of this tool has a preset that cannot be given. */
static bool is_given(const struct option *option, const struct baseline_values *values)
{
    const char *member = (const char *)values + option->offset;
    switch (option->type) {
    case OPTION_FLAG:
        return *(const bool *)(const void *)member;
    case OPTION_STRING:
        return *(const char *const *)(const void *)member;
    case OPTION_INT:
        return *(const int64_t *)(const void *)member != 0;
    case OPTION_CHOICE:
        return *(const int *)(const void *)member >= 0;
    case OPTION_DOUBLE:
        return !isnan(*(const double *)(const void *)member);
    default: /* this tool has no others */
        return false;
    }
}

static bool takes(const struct command *command, const char *option)
{
    size_t wanted = strlen(option), len;
    for (const char *name = command->takes; *name; name += len + (name[len] == ' ')) {
        len = strcspn(name, " ");
        if (len == wanted && memcmp(name, option, len) == 0)
            return true;
    }
    return strcmp(option, "quiet") == 0;
}

static int check_options(const struct command *command, const struct baseline_values *values,
                         struct err *err)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (is_given(&options[i], values) && !takes(command, options[i].name))
            return err_set(err, ERR_USAGE, "%s does not take --%s", command->name, options[i].name);
    return 0;
}

static int run_command(struct call *call, const struct option_args *args, struct err *err)
{
    const char *name = args->n_operands ? args->operands[0] : NULL;
    const struct command *command = name ? find_command(name) : NULL;
    if (!command)
        return err_set(err, ERR_USAGE, "%s%s%s; expected %s",
                       name ? "there is no command '" : "a command is missing", name ? name : "",
                       name ? "'" : "", command_names(&call->arena));
    if (args->n_operands > 1 + command->max_operands)
        return err_set(err, ERR_USAGE, "'%s' is one argument too many for %s",
                       args->operands[1 + command->max_operands], command->name);
    if (check_options(command, &call->values, err) < 0)
        return -1;
    call->operand = args->n_operands > 1 ? args->operands[1] : NULL;
    call->second = args->n_operands > 2 ? args->operands[2] : NULL;
    call->operands = args->operands + 1;
    call->n_operands = args->n_operands - 1;
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
        .operands = "COMMAND [ARGUMENT...]",
        .about = "Keeps the baseline runs and the policy of a repository, below " BASELINE_DIR "/.",
        .notes = notes,
        .options = options,
        .n_options = sizeof options / sizeof *options,
        .max_operands = 2 + STUDY_MAX_RUNS, /* one more than any command takes */
    };
    struct call call = {.values = {.value = (double)NAN, .format = -1}, .log = {.tool = TOOL}};
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
