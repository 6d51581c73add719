#include "cmd/run_engine.h"

#include <string.h>

#include "cmd/exit.h"
#include "cmd/locust_run.h"
#include "cmd/run_metrics.h"
#include "cmd/run_monitor.h"
#include "cmd/run_progress.h"
#include "load/locust_plan.h"
#include "load/locust_result.h"

const char *run_engine_name(int engine)
{
    static const char *const names[] = {[ENGINE_NATIVE] = "native", [ENGINE_LOCUST] = "locust"};
    bool known = engine >= 0 && (size_t)engine < sizeof names / sizeof *names;
    return known ? names[engine] : NULL;
}

bool run_engine_is_locustfile(const char *operand)
{
    size_t len = strlen(operand);
    return len > 3 && strcmp(operand + len - 3, ".py") == 0;
}

int run_engine_check(const char *operand, const struct run_engine_option *options, size_t n,
                     struct err *err)
{
    bool file = run_engine_is_locustfile(operand);
    for (size_t i = 0; i < n; i++) {
        if (!options[i].given || (options[i].with_scenario && !file))
            continue;
        if (options[i].with_scenario)
            return err_set(err, ERR_USAGE,
                           "%s needs a scenario: a locustfile says itself what is sent; leave it "
                           "out",
                           options[i].name);
        return err_set(err, ERR_USAGE,
                       "%s: the Locust engine cannot do this; leave it out, or use the native "
                       "engine",
                       options[i].name);
    }
    return 0;
}

int run_engine_check_scenario(const struct scenario *scenario, const struct load_options *load,
                              struct err *err)
{
    struct locust_plan plan = {0};
    int status = locust_plan_scenario(&plan, scenario, load, 0, false, err);
    locust_plan_release(&plan);
    return status;
}

/* Locust's options that would make another run of it than the one that the report names. */
static const struct {
    const char *name, *letter; /* letter: NULL = none */
    bool fine_with_file;       /* with a locustfile it says something else than our option */
    const char *instead;
} taken[] = {
    {"--locustfile", "-f", false, "name the file before the --"},
    {"--host", "-H", false, "give --host before the --"},
    {"--users", "-u", false, "give --users before the --"},
    {"--spawn-rate", "-r", false, "give --spawn-rate before the --"},
    {"--run-time", "-t", true, "give --duration before the --"},
    {"--tags", "-T", true, "give --include before the --"},
    {"--exclude-tags", "-E", true, "give --exclude before the --"},
    {"--equal-weights", NULL, true, "say it in the scenario"},
};

/* Locust takes the beginning of a long name for it, and a value right behind a letter. */
static bool means(const char *text, const char *name, const char *letter)
{
    size_t len = strcspn(text, "=");
    if (text[0] == '-' && text[1] == '-')
        return len > 3 && strncmp(text, name, len) == 0;
    return letter && strncmp(text, letter, 2) == 0;
}

static int check_rest(const struct run_engine *engine, struct err *err)
{
    bool file = run_engine_is_locustfile(engine->operand);
    for (size_t i = 0; i < engine->n_rest; i++) {
        const char *text = engine->rest[i];
        for (size_t t = 0; t < sizeof taken / sizeof *taken; t++)
            if (means(text, taken[t].name, taken[t].letter) && !(file && taken[t].fine_with_file))
                return err_set(err, ERR_USAGE, "'%s' behind -- is not left to Locust: %s", text,
                               taken[t].instead);
        if (means(text, "--run-time", "-t") && engine->load->duration_ns > 0)
            return err_set(
                err, ERR_USAGE,
                "'%s' behind -- and --duration (LOAD_TEST_DURATION) both say how long it "
                "takes: leave out one of them",
                text);
    }
    return 0;
}

static int write_result(const struct run_engine *engine, const struct locust_plan *plan,
                        const struct locust_result *measured, struct run_monitor *monitor,
                        struct err *err)
{
    const struct load_options *load = engine->load;
    struct load_result result = {0};
    bool interrupted = *load->stop != 0;
    if (locust_result_build(measured, plan, load->runner_image, interrupted, &result, err) < 0)
        return -1;
    run_monitor_finish(monitor, &result);
    int status = run_output_write(&result, engine->place->report, engine->place->csv, err);
    if (status == 0)
        status = run_output_summary(&result, engine->log);
    load_result_release(&result);
    return status;
}

/* Runs it as a call says, with who sees it. */
static int run_call(const struct run_engine *engine, struct run_monitor *monitor,
                    const struct locust_call *given, struct locust_result *measured,
                    struct err *err)
{
    struct locust_call call = *given;
    struct run_progress progress;
    struct run_metrics metrics = {0};
    if (run_metrics_start(&metrics, engine->metrics, err) < 0)
        return -1;
    run_progress_init(&progress, engine->log);
    metrics.also = engine->log->quiet ? NULL : run_progress;
    metrics.context = &progress;
    metrics.monitor = monitor;
    call.progress = run_metrics_progress;
    call.progress_context = &metrics;
    int status = locust_run(&call, measured, err);
    run_metrics_stop(&metrics);
    run_progress_clear(&progress);
    return status;
}

/* With figures to come. */
static int run(const struct run_engine *engine, const struct locust_call *given, struct err *err)
{
    static const struct scenario none = {.monitor = {.machine = true, .target = true}};
    bool file = run_engine_is_locustfile(engine->operand);
    struct load_options watched = *engine->load;
    struct locust_result measured = {0};
    struct locust_call call = *given;
    struct run_monitor monitor;
    int status =
        run_monitor_init(&monitor, file ? &none : engine->scenario, engine->log, &watched, err);
    call.watcher = watched.watcher;
    if (status == 0)
        status = run_output_clear(engine->place, err);
    if (status == 0)
        status = run_call(engine, &monitor, &call, &measured, err);
    if (status == 0)
        status = write_result(engine, call.plan, &measured, &monitor, err);
    run_monitor_release(&monitor);
    locust_result_release(&measured);
    return status;
}

/* Of a master elsewhere, which has the figures. */
static int run_worker(const struct run_engine *engine, const struct locust_call *given,
                      struct err *err)
{
    struct locust_result nothing = {0};
    int status = run_call(engine, NULL, given, &nothing, err);
    locust_result_release(&nothing);
    if (status < 0)
        return -1;
    return *engine->load->stop ? EXIT_UNDECIDED : EXIT_PASS;
}

static int make_plan(const struct run_engine *engine, const struct locust_call *call,
                     struct locust_plan *plan, struct err *err)
{
    if (run_engine_is_locustfile(engine->operand))
        return locust_plan_file(plan, engine->operand, engine->load, call->workers, err);
    bool elsewhere = locust_is_worker(call) || locust_is_master(call);
    return locust_plan_scenario(plan, engine->scenario, engine->load, call->workers, !elsewhere,
                                err);
}

int run_engine_locust(const struct run_engine *engine, struct err *err)
{
    struct locust_plan plan = {0};
    const struct locust_call call = {.plan = &plan,
                                     .workers = engine->workers > 0 ? engine->workers : 0,
                                     .n_rest = engine->n_rest,
                                     .rest = engine->rest,
                                     .stop = engine->load->stop};
    if (call.workers && locust_is_worker(&call))
        return err_set(err, ERR_USAGE,
                       "--workers needs the master here, and --worker says that it is elsewhere: "
                       "leave out one of them");
    int status = check_rest(engine, err);
    if (status == 0)
        status = make_plan(engine, &call, &plan, err);
    if (status == 0)
        status = locust_is_worker(&call) ? run_worker(engine, &call, err) : run(engine, &call, err);
    locust_plan_release(&plan);
    return status;
}
