#include "import/failures.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "import/text.h"

#define OTHER      "other messages"
#define MAX_COUNT  (INT64_C(1) << 52)
#define HARD_LIMIT (2 * FAILURES_LIMIT) /* no more rows, not even for others */

static bool is_like(const struct report_error *row, const struct report_error *like,
                    const char *message)
{
    return strcmp(row->endpoint, like->endpoint) == 0 && strcmp(row->method, like->method) == 0 &&
           strcmp(row->kind, like->kind) == 0 && strcmp(row->message, message) == 0;
}

static struct report_error *find(const struct failures *failures, const struct report_error *like,
                                 const char *message)
{
    for (size_t i = 0; i < failures->n; i++)
        if (is_like(&failures->rows[i], like, message))
            return &failures->rows[i];
    return NULL;
}

static struct report_error *append(struct failures *failures, const struct report_error *like,
                                   const char *message)
{
    failures->rows =
        mem_grow(failures->rows, failures->n, &failures->capacity, sizeof *failures->rows);
    struct report_error *row = &failures->rows[failures->n++];
    *row = *like;
    row->count = 0;
    row->message = arena_strdup(&failures->arena, message);
    return row;
}

static void widen(struct report_error *row, const struct report_error *like)
{
    if (like->first_seen_ns && (!row->first_seen_ns || like->first_seen_ns < row->first_seen_ns))
        row->first_seen_ns = like->first_seen_ns;
    if (like->last_seen_ns > row->last_seen_ns)
        row->last_seen_ns = like->last_seen_ns;
}

void failures_add(struct failures *failures, const struct report_error *like, struct span message)
{
    struct buf text = {0};
    text_add_clean(&text, message, FAILURES_TEXT);
    struct report_error *row = find(failures, like, buf_text(&text));
    if (!row && failures->n >= FAILURES_LIMIT) {
        buf_reset(&text);
        buf_add_str(&text, OTHER);
        row = find(failures, like, OTHER);
    }
    if (!row && failures->n < HARD_LIMIT)
        row = append(failures, like, buf_text(&text));
    if (row) {
        row->count += row->count < MAX_COUNT ? like->count : 0;
        widen(row, like);
    }
    buf_release(&text);
}

static int compare_rows(const void *a, const void *b)
{
    const struct report_error *left = a, *right = b;
    if (left->count != right->count)
        return left->count < right->count ? 1 : -1;
    int order = strcmp(left->endpoint, right->endpoint);
    return order ? order : strcmp(left->message, right->message);
}

void failures_fill(const struct failures *failures, struct report *report)
{
    struct arena *arena = &report->arena;
    report->n_errors = failures->n;
    report->errors = arena_array(arena, failures->n, sizeof *report->errors);
    for (size_t i = 0; i < failures->n; i++) {
        struct report_error *row = &report->errors[i];
        *row = failures->rows[i];
        row->endpoint = arena_strdup(arena, row->endpoint);
        row->method = arena_strdup(arena, row->method);
        row->kind = arena_strdup(arena, row->kind);
        row->message = arena_strdup(arena, row->message);
    }
    if (failures->n)
        qsort(report->errors, report->n_errors, sizeof *report->errors, compare_rows);
}

void failures_release(struct failures *failures)
{
    arena_release(&failures->arena);
    free(failures->rows);
    *failures = (struct failures){0};
}

/* The first that is found counts. */
static const struct {
    const char *text, *kind;
} kinds[] = {
    {"ConnectionRefused", "refused"},
    {"Connection refused", "refused"},
    {"connection refused", "refused"},
    {"ECONNREFUSED", "refused"},
    {"ECONNRESET", "reset"},
    {"ConnectionReset", "reset"},
    {"Connection reset", "reset"},
    {"connection reset", "reset"},
    {"RemoteDisconnected", "reset"},
    {"Broken pipe", "reset"},
    {"Timeout", "timeout"},
    {"timed out", "timeout"},
    {"timeout", "timeout"},
    {"TIMEDOUT", "timeout"},
    {"deadline exceeded", "timeout"},
    {"CatchResponseError", "expectation"},
    {"HTTPError", "status"},
    {"BadStatusCode", "status"},
    {"LocustBadStatusCode", "status"},
};

const char *failures_kind(const char *text)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strstr(text, kinds[i].text))
            return kinds[i].kind;
    return "other";
}
