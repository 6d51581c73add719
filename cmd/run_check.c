#include "cmd/run_check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/num.h"
#include "cmd/exit.h"
#include "cmd/io.h"
#include "cmd/run_check_monitor.h"
#include "load/preview.h"
#include "render/table.h"
#include "render/utf8.h"

#define NAME_WIDTH 60

/* ---- the head: a word and a text a line ---- */

static void add_key(struct buf *out, const char *key)
{
    buf_addf(out, "%-11s", key);
}

static void add_host(struct buf *out, const char *key, const struct origin *origin)
{
    add_key(out, key);
    buf_add_str(out, origin->url.is_secure ? "https://" : "http://");
    url_add_authority(&origin->url, out);
    buf_add_char(out, '\n');
}

static void add_hosts(struct buf *out, const struct plan *plan)
{
    add_host(out, plan->n_arms > 1 ? "candidate" : "target", &plan->arms[0].origins[0]);
    if (plan->n_arms > 1)
        add_host(out, "base", &plan->arms[1].origins[0]);
    for (size_t i = 1; i < plan->n_origins; i++)
        add_host(out, "also", &plan->arms[0].origins[i]);
}

static void add_suite(struct buf *out, const struct plan *plan)
{
    const struct scenario *scenario = plan->scenario;
    char workload[17];
    scenario_workload_hash(scenario, plan->settings.users, plan->settings.think_scale, workload);
    add_key(out, "suite");
    buf_add_str(out, scenario->name);
    if (scenario->path) {
        buf_add_str(out, ", of ");
        utf8_add_safe(out, scenario->path);
    }
    buf_add_char(out, '\n');
    add_key(out, "workload");
    buf_addf(out, "%s\n", workload);
}

static void add_sides(struct buf *out, const struct plan *plan)
{
    if (plan->n_arms > 1)
        buf_add_str(out, " on each side");
}

static void add_stages(struct buf *out, const struct scenario_stages *stages)
{
    for (size_t i = 0; i < stages->n; i++) {
        const struct scenario_stage *stage = &stages->items[i];
        bool ramp = stage->shape == STAGE_RAMP;
        buf_addf(out, "%s%s%g %s ", i ? ", " : "", ramp ? "to " : "", stage->level,
                 ramp ? "in" : "for");
        num_add_duration(out, stage->duration_ns);
    }
}

static void add_rate(struct buf *out, const struct plan *plan)
{
    const struct plan_settings *settings = &plan->settings;
    add_key(out, "rate");
    if (settings->rate > 0)
        buf_addf(out, "%g", settings->rate);
    else
        add_stages(out, &settings->stages);
    buf_add_str(out, settings->rate > 0 ? " tasks per second" : "; tasks per second");
    add_sides(out, plan);
    buf_addf(out, ", %s arrivals\n", settings->poisson ? "Poisson" : "constant");
}

static void add_users(struct buf *out, const struct plan *plan)
{
    const struct plan_settings *settings = &plan->settings;
    if (plan->rate.n)
        add_rate(out, plan);
    add_key(out, "users");
    if (plan->users.n) {
        add_stages(out, &settings->stages);
        add_sides(out, plan);
        buf_add_char(out, '\n');
        return;
    }
    buf_addf(out, "%" PRId64, settings->users);
    add_sides(out, plan);
    if (plan->rate.n) {
        buf_add_str(out, " at most");
    } else if (settings->spawn_rate > 0) {
        buf_addf(out, ", %g started per second, all after ", settings->spawn_rate);
        num_add_duration(out, settings->ramp_ns);
    } else {
        buf_add_str(out, ", all at once");
    }
    buf_add_char(out, '\n');
}

static void add_times(struct buf *out, const struct plan *plan)
{
    const struct plan_settings *settings = &plan->settings;
    add_key(out, "duration");
    num_add_duration(out, settings->duration_ns);
    buf_add_str(out, settings->warmup_ns ? " after " : " without warm-up");
    if (settings->warmup_ns) {
        num_add_duration(out, settings->warmup_ns);
        buf_add_str(out, " of warm-up");
    }
    buf_add_str(out, plan->n_arms > 1 ? ", both sides together\n" : "\n");
    add_key(out, "time-outs");
    num_add_duration(out, plan->scenario->connect_timeout_ns);
    buf_add_str(out, " to connect, ");
    num_add_duration(out, plan->scenario->request_timeout_ns);
    buf_add_str(out, " for a request\n");
}

static void add_feeds(struct buf *out, const struct plan *plan)
{
    static const char *const orders[] = {"in turn", "at random", "one for each user"};
    static const char *const ends[] = {", again and again", ", then the user stops",
                                       ", then the run fails"};
    for (size_t i = 0; i < plan->feeds.n; i++) {
        const struct feed *feed = &plan->feeds.items[i];
        const struct scenario_feed *source = feed->source;
        bool ends_never = source->order == FEED_RANDOM ||
                          (source->order == FEED_ONCE && source->at_end == FEED_FAIL);
        add_key(out, i ? "" : "feeds");
        buf_addf(out, "%s: %zu rows of ", source->name, feed->table.n_rows);
        utf8_add_safe(out, source->file.path);
        buf_addf(out, ", %s%s\n", orders[source->order], ends_never ? "" : ends[source->at_end]);
    }
}

static void add_protocol(struct buf *out, const struct plan *plan)
{
    static const char *const connections[] = {
        [KEEP_ALIVE_NEVER] = "a connection for each request",
        [KEEP_ALIVE_ALWAYS] = "connections kept open",
        [KEEP_ALIVE_RELEASE] = "connections closed in think time",
    };
    const struct scenario *scenario = plan->scenario;
    const char *protocol = "HTTP/1.1";
    if (scenario->protocol == SCENARIO_HTTP2)
        protocol = "HTTP/2";
    else if (plan->arms[0].origins[0].offer_http2)
        protocol = "HTTP/2 or HTTP/1.1, as the server chooses";
    add_key(out, "protocol");
    buf_addf(out, "%s, %s\n", protocol, connections[scenario->keep_alive]);
}

static void add_head(struct buf *out, const struct preview *preview)
{
    const struct plan *plan = &preview->plan;
    add_suite(out, plan);
    add_hosts(out, plan);
    add_protocol(out, plan);
    add_users(out, plan);
    add_times(out, plan);
    add_key(out, "threads");
    buf_addf(out, "%d\n", plan->settings.threads);
    add_key(out, "seed");
    buf_addf(out, "%" PRIu64 "\n", plan->settings.seed);
    add_feeds(out, plan);
    run_check_add_monitor(out, plan->scenario, plan->n_arms > 1);
    for (size_t i = 0; i < preview->n_missing; i++) {
        add_key(out, i ? "" : "missing");
        buf_addf(out, "%s\n", preview->missing[i]);
    }
}

/* ---- classes ---- */

/* Whole numbers as such, others with three digits. */
static void add_count(struct buf *out, double count)
{
    double whole = nearbyint(count);
    if (fabs(count - whole) < 1e-9 * fmax(1, whole))
        buf_addf(out, "%.0f", whole);
    else
        num_add_rounded(out, count, 0);
}

static void add_percent(struct buf *out, double share)
{
    add_count(out, 100 * share);
    buf_add_str(out, " %");
}

static void add_think_time(struct buf *out, const struct scenario_class *class, double scale)
{
    if ((double)class->think_high_ns * scale <= 0) {
        buf_add_str(out, "no think time");
        return;
    }
    buf_add_str(out, "thinks ");
    num_add_duration(out, (int64_t)((double)class->think_low_ns * scale));
    if (class->think_high_ns != class->think_low_ns) {
        buf_add_str(out, " to ");
        num_add_duration(out, (int64_t)((double)class->think_high_ns * scale));
    }
}

/* How often, and how surely. */
static void add_walk(struct buf *out, const struct scenario_step *step)
{
    if (step->repeat_low != step->repeat_high)
        buf_addf(out, ", %" PRId64 " to %" PRId64 " times", step->repeat_low, step->repeat_high);
    else if (step->repeat_low > 1)
        buf_addf(out, ", %" PRId64 " times", step->repeat_low);
    if (step->taken >= 1)
        return;
    buf_add_str(out, ", taken in ");
    add_percent(out, step->taken);
}

static void add_steps(struct buf *out, const struct plan *plan,
                      const struct plan_sequence *sequence)
{
    size_t together = 0; /* the end of a parallel group */
    for (size_t i = 0; i < sequence->n; i++) {
        const struct plan_endpoint *endpoint = &plan->endpoints[sequence->steps[i].endpoint];
        if (sequence->steps[i].members > 1)
            together = i + sequence->steps[i].members;
        buf_addf(out, "    %s%s ", i < together ? "| " : "", endpoint->method);
        utf8_add_safe(out, endpoint->name);
        add_walk(out, sequence->steps[i].source);
        buf_add_char(out, '\n');
    }
}

static void add_tasks(struct buf *out, const struct plan *plan, const struct plan_class *class)
{
    int64_t all = 0;
    for (size_t i = 0; i < class->n_tasks; i++)
        all += class->tasks[i].task->weight;
    for (size_t i = 0; i < class->n_tasks; i++) {
        const struct scenario_task *task = class->tasks[i].task;
        buf_add_str(out, "  task ");
        utf8_add_safe(out, task->name);
        buf_addf(out, ": weight %" PRId64 ", ", task->weight);
        add_percent(out, (double)task->weight / (double)all);
        buf_add_char(out, '\n');
        add_steps(out, plan, &class->tasks[i]);
    }
}

static void add_class(struct buf *out, const struct preview *preview, size_t number)
{
    const struct plan *plan = &preview->plan;
    const struct plan_class *class = &plan->classes[number];
    bool open = plan->rate.n > 0;
    buf_add_str(out, "\nclass ");
    utf8_add_safe(out, class->source->name);
    buf_addf(out, ": weight %" PRId64 ", ", class->source->weight);
    if (open) {
        add_percent(out, preview->classes[number].share);
        buf_add_str(out, " of arrivals\n");
    } else {
        buf_addf(out, "%" PRId64 " of %" PRId64 " users (", preview->classes[number].users,
                 plan->settings.users);
        add_percent(out, preview->classes[number].share);
        buf_add_str(out, "), ");
        add_think_time(out, class->source, plan->settings.think_scale);
        buf_add_char(out, '\n');
    }
    if (class->on_start.n) {
        buf_add_str(out, open ? "  once for each user, before its first task\n"
                              : "  once, at the start\n");
        add_steps(out, plan, &class->on_start);
    }
    add_tasks(out, plan, class);
}

/* ---- endpoints ---- */

static const struct table_column columns[] = {
    {.title = "endpoint", .max_width = NAME_WIDTH}, {.title = "tags", .max_width = NAME_WIDTH},
    {.title = "at start", .right = true},           {.title = "share", .right = true},
    {.title = "requests", .right = true},
};
enum { ENDPOINT, TAGS, AT_START, SHARE, REQUESTS, COLUMNS };

static void add_endpoint(struct table *table, const struct plan_endpoint *endpoint,
                         const struct preview_endpoint *known)
{
    struct buf text = {0};
    struct table_row *row = table_add(table);
    row->cells[ENDPOINT] = table_keep_endpoint(table, endpoint->method, endpoint->name);
    for (size_t i = 0; i < known->tags.n; i++)
        buf_addf(&text, "%s%s", i ? ", " : "", known->tags.names[i]);
    row->cells[TAGS] = table_keep(table, &text);
    if (known->at_start > 0) {
        add_count(&text, known->at_start);
        row->cells[AT_START] = table_keep(table, &text);
    }
    if (known->share > 0) {
        add_percent(&text, known->share);
        row->cells[SHARE] = table_keep(table, &text);
    }
    if (known->requests > 0) {
        add_count(&text, known->requests);
        row->cells[REQUESTS] = table_keep(table, &text);
    }
    buf_release(&text);
}

static void add_endpoints(struct buf *out, const struct preview *preview)
{
    const struct plan *plan = &preview->plan;
    struct table table = {.columns = columns, .n_columns = COLUMNS};
    bool counted = false, shared = false;
    for (size_t i = 0; i < plan->n_endpoints; i++) {
        add_endpoint(&table, &plan->endpoints[i], &preview->endpoints[i]);
        counted = counted || preview->endpoints[i].requests > 0;
        shared = shared || preview->endpoints[i].share > 0;
    }
    buf_add_char(out, '\n');
    table_add_text(&table, false, out);
    table_release(&table);
    if (counted)
        buf_addf(out, "requests: %s in the measured time%s, %s\n",
                 plan->rate.n ? "what is due" : "the most to be expected",
                 plan->n_arms > 1 ? " of each side" : "",
                 plan->rate.n ? "without those of a user's start" : "as if responses took no time");
    if (!counted && shared)
        buf_add_str(out, "share: as if all responses took equally long; nobody thinks, so that the "
                         "service sets the pace\n");
    if (counted && !shared)
        buf_add_str(out, "nothing is known of classes that do not think: the service sets their "
                         "pace\n");
}

/* ---- what is wrong ---- */

static void say_faults(const struct preview *preview, const struct io_log *log)
{
    struct buf names = {0};
    for (size_t i = 0; i < preview->faults.n; i++)
        io_warn(log, "%s", preview->faults.texts[i]);
    for (size_t i = 0; i < preview->n_missing; i++)
        buf_addf(&names, "%s'%s'", i ? ", " : "", preview->missing[i]);
    if (preview->n_missing)
        io_warn(log,
                "the environment has no %s: set %s (only names TEST_*, LOAD_TEST_* and those given "
                "by --env are read)",
                buf_text(&names), preview->n_missing > 1 ? "them" : "it");
    buf_release(&names);
}

int run_check(const struct scenario *scenario, const struct load_options *load, const char *tool,
              struct err *err)
{
    struct preview preview;
    struct buf out = {0};
    const struct io_log log = {.tool = tool};
    preview_init(&preview, scenario, load);
    add_head(&out, &preview);
    for (size_t i = 0; i < preview.plan.n_classes; i++)
        add_class(&out, &preview, i);
    add_endpoints(&out, &preview);
    int status = io_write("-", &out, err);
    if (status == 0) {
        say_faults(&preview, &log);
        bool faulty = preview.faults.n || preview.n_missing;
        status = faulty || run_check_polls(scenario, load, &log) < 0 ? EXIT_TROUBLE : EXIT_PASS;
    }
    preview_release(&preview);
    buf_release(&out);
    return status;
}
