/*
 * perf-run: loads a live HTTP service and writes what it measured.
 */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/num.h"
#include "cmd/exit.h"
#include "cmd/io.h"
#include "cmd/options.h"
#include "cmd/run_alerts.h"
#include "cmd/run_check.h"
#include "cmd/run_engine.h"
#include "cmd/run_look.h"
#include "cmd/run_metrics.h"
#include "cmd/run_monitor.h"
#include "cmd/run_output.h"
#include "cmd/run_progress.h"
#include "load/run.h"
#include "net/url.h"

struct values {
    const char *host, *against, *rate, *output, *csv, *pair, *until, *policy;
    int64_t users, duration_ns, warmup_ns, threads, seed;
    double spawn_rate, think_scale;
    struct option_list env, allow_hosts, include, exclude;
    bool check, quiet;
    int engine; /* enum engine */
};

#define VALUE(member) offsetof(struct values, member)

static const struct option options[] = {
    {"host", 'H', OPTION_STRING, VALUE(host), .value = "URL", .env = "LOAD_TEST_HOST",
     .help = "the service to load, the candidate; goes before the scenario's host"},
    {"against", 'a', OPTION_STRING, VALUE(against), .value = "URL",
     .help = "a paired run: the base, loaded in turns with the candidate"},
    {"users", 'u', OPTION_INT, VALUE(users), .value = "N", .low = 1, .high = LOAD_MAX_USERS,
     .env = "LOAD_TEST_USERS", .help = "virtual users, for each side"},
    {"spawn-rate", 'r', OPTION_DOUBLE, VALUE(spawn_rate), .value = "R", .low = 0.001, .high = 1e6,
     .env = "LOAD_TEST_SPAWN_RATE", .help = "users started per second"},
    {"rate", 0, OPTION_STRING, VALUE(rate), .value = "R/s",
     .help = "the open model: tasks begun per second, for each side, whatever became of those "
             "before; --users is then how many may run at once"},
    {"duration", 'd', OPTION_DURATION, VALUE(duration_ns), .value = "D", .low = 0.001,
     .high = 86400, .env = "LOAD_TEST_DURATION",
     .help = "measured time, both sides together (90, 90s, 5m, 1h30m)"},
    {"warmup", 'w', OPTION_DURATION, VALUE(warmup_ns), .value = "D", .low = 0, .high = 86400,
     .help = "load before the measured time"},
    {"think-scale", 0, OPTION_DOUBLE, VALUE(think_scale), .value = "X", .low = 0, .high = 1000,
     .help = "factor on all think times; 0 leaves them out"},
    {"engine", 0, OPTION_CHOICE, VALUE(engine), .choice = run_engine_name,
     .help = "what sends: perf-run itself (native, unless given), or Locust, which also runs a "
             "LOCUSTFILE.py and takes its own options behind --"},
    {"threads", 't', OPTION_INT, VALUE(threads), .also = "workers", .value = "N", .low = 1,
     .high = LOAD_MAX_THREADS,
     .help = "threads that send (1 unless given), or Locust's local workers (itself alone)"},
    {"seed", 's', OPTION_INT, VALUE(seed), .value = "N", .low = 0, .high = 9e15,
     .help = "repeats the choices of tasks, think times and order"},
    {"output", 'o', OPTION_STRING, VALUE(output), .value = "FILE|-",
     .help = "the report; a paired run also writes FILE with .base.json for .json"},
    {"csv", 0, OPTION_STRING, VALUE(csv), .value = "PREFIX",
     .help = "also writes PREFIX_stats.csv and the other three files of Locust"},
    {"env", 'e', OPTION_LIST, VALUE(env), .value = "NAME",
     .help = "a variable of the environment that the scenario may use, beside TEST_* and "
             "LOAD_TEST_*"},
    {"allow-host", 0, OPTION_LIST, VALUE(allow_hosts), .value = "HOST",
     .help = "a host beside the target's that absolute URLs in the scenario may name; "
             "redirects to it are not followed"},
    {"include", 0, OPTION_LIST, VALUE(include), .value = "TAG",
     .help = "only the tasks that have one of these tags"},
    {"exclude", 0, OPTION_LIST, VALUE(exclude), .value = "TAG",
     .help = "no task that has one of these tags"},
    {"pair", 0, OPTION_STRING, VALUE(pair), .value = "ID:START",
     .help = "this paired run is start number START of those that share ID, 16 hex digits"},
    {"until", 0, OPTION_STRING, VALUE(until), .value = "W",
     .help = "a paired run ends before its time once a regression is sure, or all figures are "
             "known to W, such as 2%"},
    {"policy", 'p', OPTION_STRING, VALUE(policy), .value = "FILE",
     .help = "whose alerts are watched, and what --until judges by (the built-in policy)"},
    {"check", 0, OPTION_FLAG, VALUE(check),
     .help = "prints what would be sent, and all that is wrong with it, and sends nothing"},
    {"quiet", 'q', OPTION_FLAG, VALUE(quiet), .help = "no progress and no summary"},
};

static const struct option_tool tool = {
    .name = "perf-run",
    .operands = "[SCENARIO.json | LOCUSTFILE.py | URL | -] [-- LOCUST OPTION...]",
    .about = "Loads a live HTTP service and writes load_test_report.json.",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .max_operands = 1,
    .takes_rest = true,
};

static volatile sig_atomic_t stop_asked;

/* The first SIGINT or SIGTERM ends the run cleanly; a second one, whichever of the two, ends the
 * process at once: raised here, it comes when the handler returns. */
static void ask_to_stop(int number)
{
    if (stop_asked) {
        signal(number, SIG_DFL);
        raise(number);
    }
    stop_asked = 1;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = ask_to_stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* Each connection takes a descriptor. Where the limit cannot be raised, the engine meets it and
 * says so in the report. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* The environment's value of a variable that the scenario may use. */
static const char *look_up(void *context, const char *name)
{
    const struct option_list *allowed = context;
    if (strncmp(name, "TEST_", 5) == 0 || strncmp(name, "LOAD_TEST_", 10) == 0)
        return getenv(name);
    for (size_t i = 0; i < allowed->n; i++)
        if (strcmp(allowed->items[i], name) == 0)
            return getenv(name);
    return NULL;
}

/* What a hosted runner says of its image, in `space`; NULL elsewhere. */
static const char *runner_image(struct buf *space)
{
    const char *os = getenv("ImageOS"), *version = getenv("ImageVersion");
    if (!os || !*os)
        return NULL;
    buf_addf(space, "%s%s%s", os, version && *version ? " " : "", version ? version : "");
    return buf_text(space);
}

/* What is to be played. Behind `--` stands an operand, but for Locust. */
static const char *operand_of(const struct option_args *args, const struct values *values,
                              struct err *err)
{
    bool native = values->engine == ENGINE_NATIVE;
    if (native && args->n_operands + args->n_rest > 1) {
        err_set(err, ERR_USAGE,
                "unexpected operand '%s'; expected one, or --engine locust and its options behind "
                "--",
                args->n_rest ? args->rest[args->n_rest - 1] : args->operands[1]);
        return NULL;
    }
    if (args->n_operands)
        return args->operands[0];
    if (native && args->n_rest)
        return args->rest[0];
    if (!values->host)
        err_set(err, ERR_USAGE, "nothing to load: name a scenario file or a URL; see perf-run -h");
    return values->host;
}

/* Splits "ID:START". */
static int take_pair(const char *text, char id[17], int64_t *start, struct err *err)
{
    size_t digits = strspn(text, "0123456789abcdef");
    if (digits != 16 || text[16] != ':')
        return err_set(err, ERR_USAGE,
                       "--pair: expected 16 hex digits, a colon and a number, found '%s'", text);
    memcpy(id, text, 16);
    id[16] = 0;
    int status = num_parse_int(text + 17, "--pair: the start", 1, 1000, start, err);
    if (status < 0)
        err->code = ERR_USAGE;
    return status;
}

/* "500/s" or "500". */
static int take_rate(const char *text, double *rate, struct err *err)
{
    struct buf number = {0};
    struct err ignored = {0};
    size_t len = strlen(text);
    if (len > 2 && strcmp(text + len - 2, "/s") == 0)
        len -= 2;
    buf_add(&number, text, len);
    int status =
        num_parse_double(buf_text(&number), "--rate", LOAD_MIN_RATE, LOAD_MAX_RATE, rate, &ignored);
    buf_release(&number);
    if (status == 0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--rate: expected tasks per second from %g to %.0f such as 500/s, found '%s'",
                   LOAD_MIN_RATE, LOAD_MAX_RATE, text);
}

static int read_standard_input(struct scenario *scenario, struct err *err)
{
    struct buf bytes = {0};
    int status = io_read("-", SCENARIO_LIMIT, &bytes, err);
    if (status == 0)
        status = scenario_decode(buf_text(&bytes), bytes.len, io_input_name("-"), scenario, err);
    buf_release(&bytes);
    return status;
}

static int read_scenario(const char *operand, struct scenario *scenario, struct err *err)
{
    if (strstr(operand, "://") || url_is_socket(operand))
        return scenario_from_url(operand, scenario, err);
    if (strcmp(operand, "-") == 0)
        return read_standard_input(scenario, err);
    return scenario_read(operand, scenario, err);
}

/* The scenario with its files, and what is left out of it. */
static int load_scenario(const char *operand, const struct values *values,
                         struct scenario *scenario, struct err *err)
{
    struct scenario_selection selection = {.n_include = values->include.n,
                                           .n_exclude = values->exclude.n,
                                           .include = values->include.items,
                                           .exclude = values->exclude.items};
    if (read_scenario(operand, scenario, err) < 0 || scenario_read_files(scenario, err) < 0)
        return -1;
    return scenario_select(scenario, &selection, err);
}

/* A scenario can name no others, and NAME=VALUE looks as if it set something. */
static int check_env(const struct option_list *names, struct err *err)
{
    for (size_t i = 0; i < names->n; i++) {
        const char *name = names->items[i];
        size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
        if (!length || name[length] || (*name >= '0' && *name <= '9'))
            return err_set(err, ERR_USAGE,
                           "--env: expected the name of a variable, in capitals, found '%s'; its "
                           "value comes from the environment",
                           name);
    }
    return 0;
}

/* Where live metrics are to be served; NULL = nowhere. */
static const char *metrics_address(void)
{
    const char *address = getenv("LOAD_TEST_METRICS");
    return address && *address ? address : NULL;
}

/* The tool's exit code, or -1. */
static int run_scenario(const char *operand, const struct scenario *scenario,
                        const struct load_options *load, const struct values *values,
                        struct run_alerts *alerts, struct err *err)
{
    const struct run_place place = {.inputs = {operand, values->policy},
                                    .report = values->output,
                                    .csv = values->csv,
                                    .paired = load->against != NULL};
    struct load_result result = {0};
    struct io_log log = {.tool = tool.name, .quiet = values->quiet};
    struct load_options watched = *load;
    struct run_metrics metrics = {0};
    struct run_monitor monitor = {0};
    int status = -1;
    run_progress_init(&alerts->progress, &log);
    watched.progress = run_metrics_progress;
    watched.progress_context = &metrics;
    watched.seconds = &alerts->seconds;
    if (run_monitor_init(&monitor, scenario, &log, &watched, err) < 0 ||
        run_output_clear(&place, err) < 0 ||
        run_metrics_start(&metrics, metrics_address(), err) < 0)
        goto out;
    metrics.also = log.quiet ? NULL : run_progress;
    metrics.context = &alerts->progress;
    metrics.monitor = &monitor;
    status = load_run(scenario, &watched, &result, err);
    run_progress_clear(&alerts->progress);
    if (status < 0)
        goto out;
    run_monitor_finish(&monitor, &result);
    run_alerts_finish(alerts, &result);
    status = run_output_write(&result, values->output, values->csv, err);
    if (status == 0)
        status = run_output_summary(&result, &log);
out:
    run_metrics_stop(&metrics);
    run_monitor_release(&monitor);
    load_result_release(&result);
    return status;
}

/* What only the native engine, or only a scenario, knows. */
static int check_engine(const char *operand, const struct values *values, struct err *err)
{
    if (values->engine == ENGINE_NATIVE)
        return run_engine_is_locustfile(operand)
                   ? err_set(err, ERR_USAGE,
                             "'%s' is a locustfile, which Locust runs: give --engine locust",
                             operand)
                   : 0;
    const struct run_engine_option options_given[] = {
        {"--against", values->against != NULL, false},
        {"--rate", values->rate != NULL, false},
        {"--pair", values->pair != NULL, false},
        {"--until", values->until != NULL, false},
        {"--policy", values->policy != NULL, false},
        {"--think-scale", !isnan(values->think_scale), true},
        {"--seed", values->seed >= 0, true},
        {"--env", values->env.n > 0, true},
        {"--allow-host", values->allow_hosts.n > 0, true},
        {"--include", values->include.n > 0, true},
        {"--exclude", values->exclude.n > 0, true},
        {"--check", values->check, true},
    };
    return run_engine_check(operand, options_given, sizeof options_given / sizeof *options_given,
                            err);
}

static int run_locust(const char *operand, const struct scenario *scenario,
                      const struct load_options *load, const struct values *values,
                      const struct option_args *args, struct err *err)
{
    const struct run_place place = {
        .inputs = {operand, NULL}, .report = values->output, .csv = values->csv};
    struct io_log log = {.tool = tool.name, .quiet = values->quiet};
    const struct run_engine engine = {.operand = operand,
                                      .scenario = scenario,
                                      .load = load,
                                      .place = &place,
                                      .log = &log,
                                      .workers = values->threads,
                                      .n_rest = args->n_rest,
                                      .rest = args->rest};
    return run_engine_locust(&engine, err);
}

/* Where `look` is kept, for the run's time. */
static int fill_looks(const struct values *values, struct run_look *look, struct load_options *load,
                      struct err *err)
{
    if (!values->until)
        return 0;
    if (!values->against)
        return err_set(err, ERR_USAGE,
                       "--until needs --against: only a paired run knows how sure it is");
    if (run_look_init(look, values->until, values->policy, err) < 0)
        return -1;
    look->width_only = values->pair != NULL;
    load->looks = &look->looks;
    return 0;
}

/* What the run needs of the options; `id` is storage for the pair's. */
static int fill_load(const struct values *values, struct load_options *load, char id[17],
                     struct err *err)
{
    load->host = values->host;
    load->against = values->against;
    load->users = values->users;
    load->spawn_rate = values->spawn_rate;
    load->duration_ns = values->duration_ns;
    load->warmup_ns = values->warmup_ns;
    load->think_scale = values->think_scale;
    load->threads = (int)values->threads;
    load->seed = values->seed >= 0 ? &values->seed : NULL;
    load->n_allow_hosts = values->allow_hosts.n;
    load->allow_hosts = values->allow_hosts.items;
    load->lookup = look_up;
    load->stop = &stop_asked;
    if (check_env(&values->env, err) < 0)
        return -1;
    if (values->rate && take_rate(values->rate, &load->rate, err) < 0)
        return -1;
    if (!values->pair)
        return 0;
    if (!values->against)
        return err_set(err, ERR_USAGE,
                       "--pair needs --against: it numbers the starts of a paired run");
    load->pair_id = id;
    return take_pair(values->pair, id, &load->start, err);
}

/* What the engine would do. The tool's exit code, or -1. */
static int check(const struct scenario *scenario, const struct load_options *load,
                 const struct values *values, struct err *err)
{
    int status = run_check(scenario, load, tool.name, err);
    if (status == EXIT_PASS && values->engine == ENGINE_LOCUST &&
        run_engine_check_scenario(scenario, load, err) < 0)
        return -1;
    return status;
}

/* The tool's exit code, or -1. */
static int perf_run(int argc, char **argv, struct err *err)
{
    struct values values = {
        .output = "load_test_report.json", .warmup_ns = -1, .think_scale = NAN, .seed = -1};
    struct option_args args = {0};
    struct scenario scenario = {0};
    char pair_id[17];
    struct run_look look = {0};
    struct run_alerts alerts = {0};
    struct buf image = {0};
    struct load_options load = {.runner_image = runner_image(&image)};
    int status = options_start(&tool, argc, argv, &values, &args, err);
    if (status != 0) { /* -1, or help was asked for */
        status = status < 0 ? -1 : EXIT_PASS;
        goto out;
    }
    status = -1;
    const char *operand = operand_of(&args, &values, err);
    if (!operand || check_engine(operand, &values, err) < 0 ||
        fill_load(&values, &load, pair_id, err) < 0 || fill_looks(&values, &look, &load, err) < 0 ||
        run_alerts_init(&alerts, values.policy, err) < 0)
        goto out;
    struct option_list allowed = values.env;
    load.lookup_context = &allowed;
    if (!run_engine_is_locustfile(operand) && load_scenario(operand, &values, &scenario, err) < 0)
        goto out;
    if (values.check)
        status = check(&scenario, &load, &values, err);
    else if (values.engine == ENGINE_LOCUST)
        status = run_locust(operand, &scenario, &load, &values, &args, err);
    else
        status = run_scenario(operand, &scenario, &load, &values, &alerts, err);
out:
    buf_release(&image);
    run_look_release(&look);
    run_alerts_release(&alerts);
    scenario_release(&scenario);
    option_args_release(&args);
    return status;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    catch_signals();
    raise_descriptor_limit();
    int status = perf_run(argc, argv, &err);
    return status < 0 ? exit_with(tool.name, &err) : status;
}
