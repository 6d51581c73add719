/*
 * perf-baseline: keeps the baseline runs and the policy of a repository.
 *
 * It reads from the work tree or a revision, and writes into the work tree, to the branch that is
 * checked out (--commit) or to a ref of its own (--ref). Each subcommand is a row of the table at
 * the end, and a function of cmd/baseline_call.h.
 */
#include <string.h>

#include "cmd/baseline_call.h"
#include "cmd/exit.h"
#include "cmd/options.h"
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
             "perf-baselines; branch, index and work tree stay as they are"},
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
    "  show [FILE|REV|REV:PATH]\n"
    "                     the newest runs of a suite in the work tree or at a revision, or one "
    "report\n"
    "  list [REV]         the suites and environments, with the number of their runs\n"
    "  log [REV]          all runs, newest first: time, commit and file, a line each\n"
    "  verify [REV]       whether all runs and the policy can still be read\n";

static const struct command {
    const char *name;
    int (*run)(struct call *call, struct err *err);
    size_t max_operands; /* behind the name */
    bool takes_commit, takes_ref;
} commands[] = {
    {"init", baseline_init, 0, false, false}, {"update", baseline_update, 1, true, true},
    {"show", baseline_show, 1, false, false}, {"list", baseline_list_all, 1, false, false},
    {"log", baseline_log, 1, false, false},   {"verify", baseline_verify, 1, false, false},
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

static int check_options(const struct command *command, const struct baseline_values *values,
                         struct err *err)
{
    bool is_strange_commit = values->commit && !command->takes_commit;
    if (is_strange_commit || (values->ref && !command->takes_ref))
        return err_set(err, ERR_USAGE, "%s does not take %s", command->name,
                       is_strange_commit ? "--commit" : "--ref");
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
        .operands = "init|update|show|list|log|verify [ARGUMENT]",
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
