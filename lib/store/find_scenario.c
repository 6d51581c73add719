#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/scenario.h"
#include "store/find.h"
#include "store/place.h"
#include "store/tree.h"

/* Endpoints that the sentence names; the others are counted. */
#define MAX_NAMED 10

/* Endpoints of the base's scenario that no report of the candidate has, each once. */
struct gone {
    const struct find_query *query;
    size_t n, capacity;
    const struct scenario_step **steps;
};

static bool is_reported(const struct find_query *query, const struct scenario_step *step)
{
    for (size_t i = 0; i < query->n_candidates; i++) {
        const struct report *report = query->candidates[i];
        for (size_t k = 0; k < report->n_endpoints; k++)
            if (strcmp(report->endpoints[k].name, step->name) == 0 &&
                strcmp(report->endpoints[k].method, step->method) == 0)
                return true;
    }
    return false;
}

static bool is_listed(const struct gone *gone, const struct scenario_step *step)
{
    for (size_t i = 0; i < gone->n; i++)
        if (strcmp(gone->steps[i]->name, step->name) == 0 &&
            strcmp(gone->steps[i]->method, step->method) == 0)
            return true;
    return false;
}

static void collect(struct gone *gone, const struct scenario_step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (is_reported(gone->query, &steps[i]) || is_listed(gone, &steps[i]))
            continue;
        gone->steps = mem_grow(gone->steps, gone->n, &gone->capacity, sizeof *gone->steps);
        gone->steps[gone->n++] = &steps[i];
    }
}

static void collect_all(struct gone *gone, const struct scenario *base)
{
    for (size_t i = 0; i < base->n_classes; i++) {
        const struct scenario_class *class = &base->classes[i];
        collect(gone, class->on_start, class->n_on_start);
        for (size_t k = 0; k < class->n_tasks; k++)
            collect(gone, class->tasks[k].steps, class->tasks[k].n_steps);
    }
}

/* "; of the endpoints there, the candidate's report lacks GET /a, GET /b and 3 more" */
static void add_gone(struct buf *text, const struct gone *gone)
{
    if (!gone->n)
        buf_add_str(text, "; all endpoints there are in the candidate's report");
    for (size_t i = 0; i < gone->n && i < MAX_NAMED; i++) {
        const char *before = i == 0 ? "; of the endpoints there, the candidate's report lacks "
                             : i + 1 == gone->n ? " and "
                                                : ", ";
        buf_addf(text, "%s%s %s", before, gone->steps[i]->method, gone->steps[i]->name);
    }
    if (gone->n > MAX_NAMED)
        buf_addf(text, " and %zu more", gone->n - MAX_NAMED);
}

static const char *describe(const struct find_query *query, const struct scenario *base,
                            const char *revision, struct arena *arena)
{
    struct gone gone = {.query = query};
    struct buf text = {0};
    collect_all(&gone, base);
    buf_addf(&text, "the scenario '%s' differs from the one at %s", query->scenario, revision);
    add_gone(&text, &gone);
    const char *sentence = arena_strdup(arena, buf_text(&text));
    buf_release(&text);
    free(gone.steps);
    return sentence;
}

static bool is_as_sent(const struct find_query *query, const struct scenario *base)
{
    char hash[17];
    scenario_workload_hash(base, 0, 1, hash);
    return strcmp(hash, query->scenario_hash) == 0;
}

static int read_base(const struct tree_path *at, struct scenario *scenario, bool *is_there,
                     struct err *err)
{
    struct baseline_place place = {.repo = at->repo, .commit = at->commit};
    struct arena arena = {0};
    struct buf bytes = {0};
    *scenario = (struct scenario){0};
    int status = tree_read(at, SCENARIO_LIMIT, &bytes, is_there, err);
    if (status == 0 && *is_there)
        status = scenario_decode(buf_text(&bytes), bytes.len, place_name(&place, at->path, &arena),
                                 scenario, err);
    buf_release(&bytes);
    arena_release(&arena);
    return status;
}

/* ---- tags ---- */

static bool is_tagged(const struct found *found, const struct report_endpoint *endpoint)
{
    for (size_t i = 0; i < found->n_tagged; i++)
        if (strcmp(found->tagged[i].name, endpoint->name) == 0 &&
            strcmp(found->tagged[i].method, endpoint->method) == 0)
            return true;
    return false;
}

static void add_tagged(const struct scenario *base, const struct report_endpoint *endpoint,
                       struct found *found)
{
    struct arena *arena = &found->arena;
    struct tags tags = scenario_tags(base, endpoint->method, endpoint->name, arena);
    if (!tags.n || is_tagged(found, endpoint))
        return;
    found->tagged[found->n_tagged++] = (struct tagged){arena_strdup(arena, endpoint->method),
                                                       arena_strdup(arena, endpoint->name), tags};
}

/* What the base's scenario says of the candidates' endpoints. */
static void fill_tagged(const struct find_query *query, const struct scenario *base,
                        struct found *found)
{
    size_t n = 0;
    for (size_t i = 0; i < query->n_candidates; i++)
        n += query->candidates[i]->n_endpoints;
    found->tagged = arena_array(&found->arena, n, sizeof *found->tagged);
    for (size_t i = 0; i < query->n_candidates; i++)
        for (size_t k = 0; k < query->candidates[i]->n_endpoints; k++)
            add_tagged(base, &query->candidates[i]->endpoints[k], found);
}

/* The tags that the candidates' reports have of it. */
static struct tags tags_now(const struct find_query *query, const struct tagged *tagged,
                            struct arena *arena)
{
    struct tags tags = {0};
    for (size_t i = 0; i < query->n_candidates; i++)
        for (size_t k = 0; k < query->candidates[i]->n_endpoints; k++) {
            const struct report_endpoint *endpoint = &query->candidates[i]->endpoints[k];
            if (strcmp(endpoint->name, tagged->name) == 0 &&
                strcmp(endpoint->method, tagged->method) == 0)
                tags_add(&tags, &endpoint->tags, arena);
        }
    return tags;
}

/* "the scenario 'perf/s.json' had more tags at main 1234567: 'read' on GET /a; …" */
static void warn_of_tags(const struct find_query *query, struct found *found)
{
    struct buf text = {0};
    size_t n = 0;
    for (size_t i = 0; i < found->n_tagged; i++) {
        const struct tagged *tagged = &found->tagged[i];
        struct tags now = tags_now(query, tagged, &found->arena);
        const char *gone = tags_beyond(&tagged->tags, &now);
        if (gone && n++ < MAX_NAMED)
            buf_addf(&text, "%s'%s' on %s %s", n > 1 ? ", " : "", gone, tagged->method,
                     tagged->name);
    }
    if (n > MAX_NAMED)
        buf_addf(&text, " and on %zu more", n - MAX_NAMED);
    if (n)
        find_warn(found, arena_printf(&found->arena,
                                      "the scenario '%s' has tags at %s that the candidate's "
                                      "report lacks: %s; they count all the same",
                                      query->scenario, found->base.reason, buf_text(&text)));
    buf_release(&text);
}

/* ---- all ---- */

int find_scenario(const struct find_query *query, struct found *found, struct err *err)
{
    const struct base_choice *base = &found->base;
    struct tree_path at = {query->repo, base->commit, query->scenario};
    struct err trouble = {0};
    struct scenario scenario;
    bool is_there = false;
    if (!query->repo || !*base->commit || !query->scenario || !query->scenario_hash)
        return 0;
    int status = read_base(&at, &scenario, &is_there, &trouble);
    if (status < 0 && trouble.code != ERR_INPUT)
        return err_set(err, trouble.code, "%s", trouble.text);
    if (status < 0)
        found->scenario_change = arena_printf(
            &found->arena, "the scenario '%s' cannot be compared with the one at %s: %s",
            query->scenario, base->reason, trouble.text);
    else if (is_there && !is_as_sent(query, &scenario))
        found->scenario_change = describe(query, &scenario, base->reason, &found->arena);
    fill_tagged(query, &scenario, found);
    warn_of_tags(query, found);
    scenario_release(&scenario);
    return 0;
}
