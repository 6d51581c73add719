#include "cmd/accept_value.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/io.h"

#define ROOM     0.1
#define DIGITS   3
#define MAX_NEAR 3 /* endpoints that a message names */

/* ---- the scope ---- */

/* The letters that two texts share at their beginnings and ends: enough to find what was meant. */
static size_t likeness(const char *a, const char *b)
{
    size_t n_a = strlen(a), n_b = strlen(b), shorter = n_a < n_b ? n_a : n_b;
    size_t front = 0, back = 0;
    while (front < shorter && tolower((unsigned char)a[front]) == tolower((unsigned char)b[front]))
        front++;
    while (front + back < shorter &&
           tolower((unsigned char)a[n_a - 1 - back]) == tolower((unsigned char)b[n_b - 1 - back]))
        back++;
    return front + back;
}

static const char *scope_of(const struct report_endpoint *endpoint, struct arena *arena)
{
    return arena_printf(arena, "%s %s", endpoint->method, endpoint->name);
}

/* "'GET /forum', 'GET /' or 'POST /forum'": those of the endpoints that are most like `scope`. */
static const char *near_scopes(const struct report *report, const char *scope, struct arena *arena)
{
    bool *taken = arena_array(arena, report->n_endpoints, sizeof *taken);
    size_t n = report->n_endpoints < MAX_NEAR ? report->n_endpoints : MAX_NEAR;
    const char *text = "";
    for (size_t k = 0; k < n; k++) {
        size_t best = report->n_endpoints, most = 0;
        for (size_t i = 0; i < report->n_endpoints; i++) {
            size_t alike = likeness(scope_of(&report->endpoints[i], arena), scope);
            if (!taken[i] && (best == report->n_endpoints || alike > most)) {
                best = i;
                most = alike;
            }
        }
        taken[best] = true;
        text = arena_printf(arena, "%s%s'%s'", text,
                            k == 0      ? ""
                            : k + 1 < n ? ", "
                                        : " or ",
                            scope_of(&report->endpoints[best], arena));
    }
    return text;
}

static int no_such_scope(const struct report *report, const char *path, const char *scope,
                         struct err *err)
{
    struct arena arena = {0};
    if (!report->n_endpoints)
        return err_set(
            err, ERR_INPUT,
            "'%s' has no endpoint '%s', and no other; expected the scope " ACCEPT_OVERALL,
            io_input_name(path), scope);
    err_set(err, ERR_INPUT,
            "'%s' has no endpoint '%s'; expected " ACCEPT_OVERALL
            ", or one that it has such as %s (`perf-baseline show ./FILE` lists them)",
            io_input_name(path), scope, near_scopes(report, scope, &arena));
    arena_release(&arena);
    return -1;
}

int accept_scope(const struct report *report, const char *path, const char *scope,
                 const struct metrics **out, struct err *err)
{
    struct arena arena = {0};
    *out = NULL;
    if (strcmp(scope, ACCEPT_OVERALL) == 0)
        *out = &report->metrics;
    for (size_t i = 0; i < report->n_endpoints && !*out; i++)
        if (strcmp(scope_of(&report->endpoints[i], &arena), scope) == 0)
            *out = &report->endpoints[i].metrics;
    arena_release(&arena);
    return *out ? 0 : no_such_scope(report, path, scope, err);
}

/* ---- the value ---- */

/* Rounded away from what is better, to DIGITS digits. */
static double rounded(double value, bool up)
{
    char text[40];
    if (!(value > 0))
        return 0;
    int exponent = (int)floor(log10(value)) - (DIGITS - 1);
    double steps = value / pow(10, exponent);
    /* What is off by no more than the division's own error is round already. */
    steps = up ? ceil(steps - 1e-9) : floor(steps + 1e-9);
    snprintf(text, sizeof text, "%.0fe%d", steps, exponent);
    return strtod(text, NULL);
}

double accept_value(enum metric metric, double figure, int64_t n_requests)
{
    const struct metric_info *info = metric_info(metric);
    double room = figure * ROOM;
    if (info->kind == KIND_RATE && n_requests > 0)
        room = fmax(room, 2 * sqrt(figure * (1 - figure) / (double)n_requests));
    double value =
        rounded(info->higher_is_better ? figure - room : figure + room, !info->higher_is_better);
    return info->unit == UNIT_RATIO ? fmin(value, 1) : value;
}

bool accept_is_worse(enum metric metric, double value, double than)
{
    return metric_info(metric)->higher_is_better ? value < than : value > than;
}
