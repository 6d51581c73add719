/* What panel says about itself, as JSON or in Prometheus' text format 0.0.4. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"
#include "fetch.h"
#include "panel.h"
#include "routes.h"

/* ---- single numbers ---- */

enum scalar {
    CLIENT_ERRORS,
    SERVER_ERRORS,
    CONNECTIONS,
    DB_USERS,
    DB_READS,
    DB_WRITES,
    DB_BUSY,
    DB_CONNECTIONS,
    DB_ERRORS,
    CACHE_HITS,
    CACHE_MISSES,
    CACHE_ERRORS,
    SESSIONS_ACTIVE,
    LOGINS,
    FAILED_LOGINS,
    JOBS_QUEUED,
    JOBS_DONE,
    JOBS_DROPPED,
    REGISTRATIONS,
    FORUM_THREADS,
    FORUM_REPLIES_POSTED,
    CPU_SECONDS,
    RESIDENT_BYTES,
    UPTIME_SECONDS,
    N_SCALARS
};

/* In the order of the enum, members of a group together; both formats and collect() follow it. */
static const struct {
    const char *group, *key;
    const char *name, *type, *help; /* Prometheus' */
} scalars[N_SCALARS] = {
    {"errors", "client", "panel_http_client_errors_total", "counter", "Responses with 4xx."},
    {"errors", "server", "panel_http_server_errors_total", "counter", "Responses with 5xx."},
    {"connections", "open", "panel_connections", "gauge", "Open connections."},
    {"database", "users", "panel_users", "gauge", "User accounts."},
    {"database", "reads", "panel_database_reads_total", "counter", "Reads from the store."},
    {"database", "writes", "panel_database_writes_total", "counter", "Writes to the store."},
    {"database", "busy_seconds", "panel_database_busy_seconds_total", "counter",
     "Time under the store's lock, and waiting for the database and the cache."},
    {"database", "connections", "panel_database_connections", "gauge", "To PostgreSQL."},
    {"database", "errors", "panel_database_errors_total", "counter",
     "Questions without an answer."},
    {"cache", "hits", "panel_cache_hits_total", "counter", "Lists taken from the cache."},
    {"cache", "misses", "panel_cache_misses_total", "counter", "Lists rendered anew."},
    {"cache", "errors", "panel_cache_errors_total", "counter", "Look-ups without an answer."},
    {"sessions", "active", "panel_sessions", "gauge", "Browser sessions and API tokens."},
    {"sessions", "logins", "panel_logins_total", "counter", "Successful log-ins."},
    {"sessions", "failed_logins", "panel_failed_logins_total", "counter", "Failed log-ins."},
    {"jobs", "queued", "panel_jobs", "gauge", "Jobs in the queue."},
    {"jobs", "done", "panel_jobs_done_total", "counter", "Jobs that are done."},
    {"jobs", "dropped", "panel_jobs_dropped_total", "counter", "Jobs lost to a full queue."},
    {"registrations", "total", "panel_registrations_total", "counter", "Accounts created."},
    {"forum", "threads_posted", "panel_forum_threads_total", "counter", "Threads posted."},
    {"forum", "replies_posted", "panel_forum_replies_total", "counter", "Replies posted."},
    {"process", "cpu_seconds", "process_cpu_seconds_total", "counter", "CPU time used."},
    {"process", "resident_bytes", "process_resident_memory_bytes", "gauge", "Resident memory."},
    {"process", "uptime_seconds", "panel_uptime_seconds", "gauge", "Time since the start."},
};

static double resident_bytes(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%*s %ld", &pages) != 1)
        pages = 0;
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double seconds(int64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static void collect(struct panel *panel, double values[N_SCALARS])
{
    const struct metrics *metrics = &panel->metrics;
    const struct forum *forum = &panel->forum;
    values[CLIENT_ERRORS] = (double)metrics->client_errors;
    values[SERVER_ERRORS] = (double)metrics->server_errors;
    values[CONNECTIONS] = atomic_load(&metrics->connections);
    values[DB_USERS] = (double)panel->users.count;
    values[DB_READS] = (double)(panel->users.reads + forum->reads);
    values[DB_WRITES] = (double)(panel->users.writes + forum->writes);
    values[DB_BUSY] = seconds(metrics->busy_ns);
    values[DB_CONNECTIONS] = atomic_load(&metrics->database_connections);
    values[DB_ERRORS] = (double)metrics->database_errors;
    values[CACHE_ERRORS] = (double)metrics->cache_errors;
    values[CACHE_HITS] = (double)forum->cache_hits;
    values[CACHE_MISSES] = (double)forum->cache_misses;
    values[SESSIONS_ACTIVE] = panel->sessions.count;
    values[LOGINS] = (double)metrics->logins;
    values[FAILED_LOGINS] = (double)metrics->failed_logins;
    values[JOBS_QUEUED] = (double)(panel->jobs.added - panel->jobs.done);
    values[JOBS_DONE] = (double)panel->jobs.done;
    values[JOBS_DROPPED] = (double)panel->jobs.dropped;
    values[REGISTRATIONS] = (double)metrics->registrations;
    values[FORUM_THREADS] = (double)forum->n_threads;
    values[FORUM_REPLIES_POSTED] = (double)forum->n_replies;
    values[CPU_SECONDS] = seconds(clock_process_cpu_ns());
    values[RESIDENT_BYTES] = resident_bytes();
    values[UPTIME_SECONDS] = seconds(clock_monotonic_ns() - metrics->started_ns);
}

/* The routes' counters have one more place, for what matched none. */
static const char *route_method(size_t i)
{
    return i < n_routes ? method_name(routes[i].method) : "";
}

static const char *route_pattern(size_t i)
{
    return i < n_routes ? routes[i].pattern : "none";
}

static size_t route_place(size_t i)
{
    return i < n_routes ? i : METRICS_ROUTES;
}

/* ---- JSON ---- */

static void json_scalars(struct js_writer *json, const double values[N_SCALARS])
{
    const char *group = NULL;
    for (size_t i = 0; i < N_SCALARS; i++) {
        if (!group || strcmp(group, scalars[i].group) != 0) {
            if (group)
                js_close(json, '}');
            group = scalars[i].group;
            js_open(json, group, '{');
        }
        js_put_number(json, scalars[i].key, values[i]);
    }
    js_close(json, '}');
}

static void json_timing(struct js_writer *json, const struct metrics *metrics)
{
    static const struct {
        const char *key;
        double q;
    } quantiles[] = {{"p50_ms", 0.5}, {"p95_ms", 0.95}, {"p99_ms", 0.99}};
    double ms = (double)NS_PER_MS, n = (double)metrics->requests;
    js_open(json, "requests", '{');
    js_put_int(json, "total", (int64_t)metrics->requests);
    js_put_number(json, "average_ms", n > 0 ? (double)metrics->sum_ns / n / ms : 0);
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++)
        js_put_number(json, quantiles[i].key, metrics_quantile_ns(metrics, quantiles[i].q) / ms);
    js_put_number(json, "max_ms", (double)metrics->max_ns / ms);
    js_close(json, '}');
}

static void json_routes(struct js_writer *json, const struct metrics *metrics)
{
    js_open(json, "routes", '[');
    for (size_t i = 0; i <= n_routes; i++) {
        size_t at = route_place(i);
        json->one_line++;
        js_open(json, NULL, '{');
        js_put_string(json, "method", route_method(i));
        js_put_string(json, "route", route_pattern(i));
        js_put_int(json, "requests", (int64_t)metrics->routes[at].requests);
        js_put_int(json, "errors", (int64_t)metrics->routes[at].errors);
        js_put_number(json, "seconds", seconds(metrics->routes[at].sum_ns));
        js_close(json, '}');
        json->one_line--;
    }
    js_close(json, ']');
}

static void add_json(struct panel *panel, const double values[N_SCALARS], struct buf *out)
{
    struct js_writer json = {.out = out};
    js_open(&json, NULL, '{');
    json_timing(&json, &panel->metrics);
    json_scalars(&json, values);
    js_open(&json, "api_by_country", '{');
    for (size_t i = 0; i < N_COUNTRIES; i++)
        js_put_int(&json, country_codes[i], (int64_t)panel->metrics.api_by_country[i]);
    js_close(&json, '}');
    json_routes(&json, &panel->metrics);
    js_close(&json, '}');
    buf_add_char(out, '\n');
}

/* ---- Prometheus ---- */

static void add_head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_value(struct buf *out, double value)
{
    buf_add_char(out, ' ');
    num_add_double(out, value);
    buf_add_char(out, '\n');
}

static void add_histogram(struct buf *out, const struct metrics *metrics)
{
    static const char name[] = "panel_http_request_duration_seconds";
    uint64_t count = 0;
    add_head(out, name, "histogram", "From a request's head to its response.");
    for (size_t i = 0; i < METRICS_BUCKETS; i++) {
        count += metrics->buckets[i];
        buf_addf(out, "%s_bucket{le=\"", name);
        num_add_double(out, seconds(metrics_bucket_ns[i]));
        buf_addf(out, "\"} %llu\n", (unsigned long long)count);
    }
    buf_addf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum", name,
             (unsigned long long)metrics->requests, name);
    add_value(out, seconds(metrics->sum_ns));
    buf_addf(out, "%s_count %llu\n", name, (unsigned long long)metrics->requests);
}

static void add_routes(struct buf *out, const struct metrics *metrics)
{
    add_head(out, "panel_http_requests_total", "counter", "Requests by route.");
    for (size_t i = 0; i <= n_routes; i++)
        buf_addf(out, "panel_http_requests_total{method=\"%s\",route=\"%s\"} %llu\n",
                 route_method(i), route_pattern(i),
                 (unsigned long long)metrics->routes[route_place(i)].requests);
}

static void add_prometheus(struct panel *panel, const double values[N_SCALARS], struct buf *out)
{
    const struct metrics *metrics = &panel->metrics;
    add_histogram(out, metrics);
    add_routes(out, metrics);
    for (size_t i = 0; i < N_SCALARS; i++) {
        add_head(out, scalars[i].name, scalars[i].type, scalars[i].help);
        buf_add_str(out, scalars[i].name);
        add_value(out, values[i]);
    }
    add_head(out, "panel_api_requests_total", "counter", "API requests by the user's country.");
    for (size_t i = 0; i < N_COUNTRIES; i++)
        buf_addf(out, "panel_api_requests_total{country=\"%s\"} %llu\n", country_codes[i],
                 (unsigned long long)metrics->api_by_country[i]);
}

/* ---- content negotiation (RFC 9110, section 12.5.1) ---- */

/* How closely a media range, up to `len` bytes, names `type`: 3 exactly, 2 as "text" + "/" + "*",
 * 1 as anything, 0 not at all. */
static int range_fits(const char *range, size_t len, const char *type)
{
    size_t major = (size_t)(strchr(type, '/') - type) + 1;
    if (len == strlen(type) && !strncasecmp(range, type, len))
        return 3;
    if (len == major + 1 && range[major] == '*' && !strncasecmp(range, type, major))
        return 2;
    return len == 3 && !strncmp(range, "*/*", 3);
}

/* The quality that the header gives `type`: of the range that names it most closely. */
static double quality(const char *accept, const char *type)
{
    int closest = 0;
    double result = 0;
    for (const char *at = accept; *at;) {
        at += strspn(at, " \t,");
        size_t element = strcspn(at, ","), name = strcspn(at, " \t;,");
        int fit = range_fits(at, name, type);
        if (fit > closest) {
            const char *q = strstr(at, "q=");
            closest = fit;
            result = q && q < at + element ? strtod(q + 2, NULL) : 1;
        }
        at += element;
    }
    return result;
}

void monitoring_metrics(struct panel *panel, struct request *request, struct response *response)
{
    const char *accept = request->accept ? request->accept : "*/*";
    double values[N_SCALARS];
    collect(panel, values);
    buf_reserve(&response->body, 16384);
    if (quality(accept, "text/plain") > quality(accept, "application/json")) {
        response->type = "text/plain; version=0.0.4; charset=utf-8";
        add_prometheus(panel, values, &response->body);
    } else {
        response->type = "application/json";
        add_json(panel, values, &response->body);
    }
}

/* ---- health and system ---- */

void monitoring_health(struct panel *panel, struct request *request, struct response *response)
{
    const struct backend *backend = request->backend;
    bool drained = panel->jobs.added - panel->jobs.done < JOBS_ROOM;
    bool stored = users_find(&panel->users, USER_ADMIN) && !(backend && backend->database_lost);
    bool fine = drained && stored;
    struct js_writer json = {.out = &response->body};
    response->type = "application/json";
    response->status = fine ? 200 : 503;
    js_open(&json, NULL, '{');
    js_put_string(&json, "status", fine ? "ok" : "degraded");
    js_put_number(&json, "uptime_seconds",
                  seconds(clock_monotonic_ns() - panel->metrics.started_ns));
    js_open(&json, "checks", '{');
    js_put_string(&json, "database", stored ? "ok" : "degraded");
    if (backend && backend->cache)
        js_put_string(&json, "cache", backend->cache_lost ? "degraded" : "ok");
    js_put_string(&json, "jobs", drained ? "ok" : "degraded");
    js_close(&json, '}');
    js_close(&json, '}');
    buf_add_char(&response->body, '\n');
}

void monitoring_system(struct panel *panel, struct request *request, struct response *response)
{
    (void)request;
    double load[3] = {0};
    struct rusage usage = {0};
    struct sysinfo system = {0};
    struct js_writer json = {.out = &response->body};
    if (getloadavg(load, 3) < 0)
        load[0] = 0;
    getrusage(RUSAGE_SELF, &usage);
    sysinfo(&system);
    response->type = "application/json";
    js_open(&json, NULL, '{');
    js_put_int(&json, "pid", getpid());
    js_put_int(&json, "cores", sysconf(_SC_NPROCESSORS_ONLN));
    js_put_number(&json, "load_1m", load[0]);
    js_put_number(&json, "cpu_seconds", seconds(clock_process_cpu_ns()));
    js_put_number(&json, "resident_bytes", resident_bytes());
    js_put_int(&json, "memory_bytes", (int64_t)(system.totalram * system.mem_unit));
    js_put_int(&json, "free_memory_bytes", (int64_t)(system.freeram * system.mem_unit));
    js_put_int(&json, "context_switches", usage.ru_nvcsw + usage.ru_nivcsw);
    js_put_int(&json, "connections", atomic_load(&panel->metrics.connections));
    js_put_number(&json, "uptime_seconds",
                  seconds(clock_monotonic_ns() - panel->metrics.started_ns));
    js_close(&json, '}');
    buf_add_char(&response->body, '\n');
}
