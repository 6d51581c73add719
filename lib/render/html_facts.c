/* Where, what and how: the environment of both sides, the run, and the way to the verdict. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/num.h"
#include "render/escape.h"
#include "render/html_parts.h"
#include "render/rows.h"

/* A table of facts: a name, and what it is on each side. */
static const struct table_column columns[] = {
    {.title = ""}, {.title = "Base"}, {.title = "Candidate"}};
#define N_COLUMNS (sizeof columns / sizeof columns[0])

struct facts {
    struct table table;
    struct buf text;
};

static void facts_init(struct facts *facts)
{
    *facts = (struct facts){.table = {.columns = columns, .n_columns = N_COLUMNS}};
}

static void add_fact(struct facts *facts, const char *name)
{
    table_add(&facts->table)->cells[0] = name;
}

/* Puts what the text holds into the last row's cell of a side. */
static void put(struct facts *facts, int side)
{
    struct table_row *row = &facts->table.rows[facts->table.n_rows - 1];
    row->cells[1 + side] = table_keep(&facts->table, &facts->text);
}

static bool is_empty(const struct table_row *row)
{
    return !(row->cells[1] && *row->cells[1]) && !(row->cells[2] && *row->cells[2]);
}

static void add_facts(struct buf *out, struct facts *facts)
{
    struct table *table = &facts->table;
    bool *used = table_find_used(table);
    buf_add_str(out, "<table class=\"facts\">\n");
    if (used[1] && used[2])
        buf_addf(out,
                 "<thead><tr><td></td><th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr>"
                 "</thead>\n",
                 columns[1].title, columns[2].title);
    buf_add_str(out, "<tbody>\n");
    for (size_t r = 0; r < table->n_rows; r++) {
        const struct table_row *row = &table->rows[r];
        if (is_empty(row))
            continue;
        buf_addf(out, "<tr><th scope=\"row\">%s</th>", row->cells[0]);
        for (size_t c = 1; c < N_COLUMNS; c++) {
            if (!used[c])
                continue;
            buf_add_str(out, "<td>");
            escape_add_name(out, row->cells[c], 0);
            buf_add_str(out, "</td>");
        }
        buf_add_str(out, "</tr>\n");
    }
    buf_add_str(out, "</tbody></table>\n");
    free(used);
    buf_release(&facts->text);
    table_release(table);
}

/* ---- the environment ---- */

static void put_text(struct facts *facts, int side, const char *text)
{
    buf_add_str(&facts->text, text ? text : "");
    put(facts, side);
}

static void put_count(struct facts *facts, int side, int64_t count, const char *unit)
{
    if (count)
        buf_addf(&facts->text, "%" PRId64 "%s", count, unit);
    put(facts, side);
}

void html_add_environment(struct buf *out, const struct render_side *sides,
                          const struct fingerprint *candidate)
{
    static const struct {
        const char *name;
        size_t offset;
    } texts[] = {{"CPU", offsetof(struct fingerprint, cpu_model)},
                 {"Virtualisation", offsetof(struct fingerprint, virtualization)},
                 {"Kernel", offsetof(struct fingerprint, kernel)},
                 {"Runner image", offsetof(struct fingerprint, runner_image)},
                 {"Tool", offsetof(struct fingerprint, tool)}};
    const struct fingerprint *on[RENDER_SIDES] = {
        sides[RENDER_BASE].n ? &sides[RENDER_BASE].whole->environment : NULL, candidate};
    struct facts facts;
    facts_init(&facts);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        add_fact(&facts, texts[i].name);
        for (int side = 0; side < RENDER_SIDES; side++)
            if (on[side])
                put_text(&facts, side,
                         *(const char *const *)((const char *)on[side] + texts[i].offset));
    }
    add_fact(&facts, "Cores");
    for (int side = 0; side < RENDER_SIDES; side++)
        if (on[side])
            put_count(&facts, side, on[side]->cores, "");
    add_fact(&facts, "Memory");
    for (int side = 0; side < RENDER_SIDES; side++)
        if (on[side])
            put_count(&facts, side, on[side]->memory_mb, " MB");
    html_open_section(out, "environment", "Where it was measured");
    add_facts(out, &facts);
    html_close_section(out);
}

/* ---- the run ---- */

enum fact {
    FACT_SUITE,
    FACT_HOST,
    FACT_COMMIT,
    FACT_STARTED,
    FACT_DURATION,
    FACT_STARTS,
    FACT_USERS,
    FACT_REQUESTS,
    FACT_FAILURES,
    FACT_RATE,
    FACT_ARRIVALS,
    FACT_BLOCKS,
    FACT_SCENARIO,
    FACT_WORKLOAD,
    FACT_MEASURED,
    FACT_GENERATOR,
    FACT_LAG,
    FACT_CONNECTIONS,
    FACT_VALID,
    FACT_NOTES,
    FACT_COUNT
};

static const char *const fact_names[FACT_COUNT] = {
    [FACT_SUITE] = "Suite",          [FACT_HOST] = "Target",
    [FACT_COMMIT] = "Commit",        [FACT_STARTED] = "Started",
    [FACT_DURATION] = "Measured",    [FACT_STARTS] = "Reports",
    [FACT_USERS] = "Users",          [FACT_REQUESTS] = "Requests",
    [FACT_FAILURES] = "Failures",    [FACT_RATE] = "Requests per second",
    [FACT_ARRIVALS] = "Arrivals",    [FACT_BLOCKS] = "Blocks",
    [FACT_SCENARIO] = "Scenario",    [FACT_WORKLOAD] = "Workload",
    [FACT_MEASURED] = "Measured by", [FACT_GENERATOR] = "Generator's CPU",
    [FACT_LAG] = "Schedule lag",     [FACT_CONNECTIONS] = "Connections",
    [FACT_VALID] = "Valid",          [FACT_NOTES] = "Notes",
};

static void add_str(struct buf *out, const char *text)
{
    buf_add_str(out, text ? text : "");
}

static void add_lag(struct buf *out, const struct report_health *health)
{
    if (!health->lag_p50_ns && !health->lag_p99_ns)
        return;
    buf_add_str(out, "p50 ");
    num_add_duration(out, health->lag_p50_ns);
    buf_add_str(out, ", p99 ");
    num_add_duration(out, health->lag_p99_ns);
}

static void add_valid(struct buf *out, const struct report *report)
{
    if (report->health.valid) {
        buf_add_str(out, "yes");
        return;
    }
    buf_add_str(out, "no");
    for (size_t i = 0; i < report->health.n_reasons; i++)
        buf_addf(out, "%s%s", i ? "; " : ": ", invalid_reason_text(report->health.reasons[i]));
}

static void add_connections(struct buf *out, const struct report_health *health)
{
    if (!health->connections)
        return;
    buf_addf(out, "%" PRId64, health->connections);
    if (health->retries)
        buf_addf(out, ", %" PRId64 " requests sent once more", health->retries);
}

static void add_arrivals(struct buf *out, const struct report_arrivals *arrivals)
{
    if (arrivals)
        buf_addf(out, "%" PRId64 " begun, %" PRId64 " missed", arrivals->started, arrivals->missed);
}

static void add_notes(struct buf *out, const struct report_health *health)
{
    for (size_t i = 0; i < health->n_notes; i++)
        buf_addf(out, "%s%s", i ? "; " : "", health->notes[i]);
}

/* What a report itself says of its health and its load. */
static void add_health_fact(struct buf *out, enum fact fact, const struct report *report)
{
    switch (fact) {
    case FACT_ARRIVALS:
        add_arrivals(out, report->arrivals);
        break;
    case FACT_GENERATOR:
        if (isfinite(report->health.cpu) && report->health.cpu > 0)
            buf_addf(out, "%.2f of a core", report->health.cpu);
        break;
    case FACT_LAG:
        add_lag(out, &report->health);
        break;
    case FACT_CONNECTIONS:
        add_connections(out, &report->health);
        break;
    case FACT_VALID:
        add_valid(out, report);
        break;
    case FACT_NOTES:
        add_notes(out, &report->health);
        break;
    default:
        break;
    }
}

static void add_run_text(struct buf *out, enum fact fact, const struct report *report)
{
    switch (fact) {
    case FACT_SUITE:
        add_str(out, report->suite);
        break;
    case FACT_HOST:
        add_str(out, report->host);
        break;
    case FACT_COMMIT:
        add_str(out, report->commit);
        break;
    case FACT_SCENARIO:
        add_str(out, report->scenario);
        break;
    case FACT_WORKLOAD:
        add_str(out, report->workload);
        break;
    case FACT_MEASURED:
        report_add_source(out, report);
        break;
    default:
        add_health_fact(out, fact, report);
    }
}

static void add_run_fact(struct buf *out, enum fact fact, const struct render_side *side)
{
    const struct report *report = side->whole, *first = side->reports[0];
    switch (fact) {
    case FACT_STARTED:
        if (first->started_ns)
            num_add_utc(out, first->started_ns);
        break;
    case FACT_DURATION:
        if (report->duration_ns)
            num_add_duration(out, report->duration_ns);
        break;
    case FACT_STARTS:
        if (side->n > 1)
            buf_addf(out, "%zu", side->n);
        break;
    case FACT_USERS:
        if (report->users)
            buf_addf(out, "%" PRId64, report->users);
        break;
    case FACT_REQUESTS:
        buf_addf(out, "%" PRId64, report->metrics.total_requests);
        break;
    case FACT_FAILURES:
        buf_addf(out, "%" PRId64, report->metrics.total_failures);
        break;
    case FACT_RATE:
        if (isfinite(report->metrics.requests_per_s))
            num_add_rounded(out, report->metrics.requests_per_s, 0);
        break;
    case FACT_BLOCKS:
        if (first->pair) {
            buf_addf(out, "%" PRId64 " pairs of ", first->pair->n_pairs);
            num_add_duration(out, first->pair->block_ns);
        }
        break;
    default:
        add_run_text(out, fact, report);
    }
}

void html_add_run(struct buf *out, const struct render_side *sides)
{
    struct facts facts;
    if (!sides[RENDER_BASE].n && !sides[RENDER_CANDIDATE].n)
        return;
    facts_init(&facts);
    for (int fact = 0; fact < FACT_COUNT; fact++) {
        add_fact(&facts, fact_names[fact]);
        for (int side = 0; side < RENDER_SIDES; side++) {
            if (sides[side].n)
                add_run_fact(&facts.text, (enum fact)fact, &sides[side]);
            put(&facts, side);
        }
    }
    html_open_section(out, "run", "What was run");
    add_facts(out, &facts);
    html_close_section(out);
}

void html_add_slowest(struct buf *out, const struct render_side *sides)
{
    struct table table;
    if (!sides[RENDER_CANDIDATE].n)
        return;
    rows_of_slowest(sides[RENDER_CANDIDATE].whole, &table);
    html_add_table_section(out, "slowest", "Slowest requests", &table);
}
