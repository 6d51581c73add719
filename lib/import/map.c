#include "import/map.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "import/collect.h"
#include "import/rows.h"
#include "import/text.h"

#define MAX_COUNT  (INT64_C(1) << 53)
#define MAX_NS     1e18
#define MIN_START  (INT64_C(100000000) * NS_PER_S) /* 1973 */
#define MAX_DIGITS ((size_t)20)
#define MAX_NAME   ((size_t)200)
#define DELIMITERS ",;\t|"

enum role { DURATION, START, NAME, METHOD, SUCCESS, FAILED, STATUS, BYTES, USERS, ROLES };

static const struct {
    const char *name;
    bool has_unit;
} roles[ROLES] = {
    [DURATION] = {"duration", true}, [START] = {"start", true},      [NAME] = {"name", false},
    [METHOD] = {"method", false},    [SUCCESS] = {"success", false}, [FAILED] = {"failed", false},
    [STATUS] = {"status", false},    [BYTES] = {"bytes", false},     [USERS] = {"users", false},
};

static const struct {
    const char *name;
    int64_t ns;
} units[] = {{"ns", 1}, {"us", NS_PER_US}, {"ms", NS_PER_MS}, {"s", NS_PER_S}};

struct map {
    struct rows_reader rows;
    char columns[ROLES][MAX_NAME + 1]; /* "" = not mapped */
    int64_t unit_ns[ROLES];            /* of DURATION and START; 0: a date */
    size_t at[ROLES];
    struct collect *collect;
    size_t digits; /* behind the point, the most of any duration */
};

/* ---- the mapping ---- */

static const char syntax[] = "COLUMN=ROLE,... with duration, start (unit before: ms:duration), "
                             "name, method, success, failed, status, bytes, users";

static int64_t unit_of(struct span text)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (text_equals(text, units[i].name))
            return units[i].ns;
    return 0;
}

static int fail_map(struct span entry, const char *why, struct err *err)
{
    return err_set(err, ERR_USAGE, "option '--map': %s in '%.*s'; expected %s", why,
                   entry.len > 80 ? 80 : (int)entry.len, entry.at, syntax);
}

/* "ms:duration" */
static int parse_role(struct span entry, struct span text, enum role *role, int64_t *unit_ns,
                      struct err *err)
{
    const char *colon = text.len ? memchr(text.at, ':', text.len) : NULL;
    struct span unit = {text.at, colon ? (size_t)(colon - text.at) : 0};
    if (colon)
        text = (struct span){colon + 1, text.len - unit.len - 1};
    for (*role = 0; *role < ROLES && !text_equals(text, roles[*role].name); (*role)++)
        ;
    if (*role == ROLES)
        return fail_map(entry, "an unknown role", err);
    *unit_ns = unit_of(unit);
    if (colon && (!roles[*role].has_unit || !*unit_ns))
        return fail_map(entry, "a unit that is none of ns, us, ms and s, or has no place", err);
    if (*role == DURATION && !*unit_ns)
        return fail_map(entry, "no unit", err);
    return 0;
}

static int parse_entry(struct span entry, struct map *map, struct err *err)
{
    const char *equals = entry.len ? memrchr(entry.at, '=', entry.len) : NULL;
    size_t len = equals ? (size_t)(equals - entry.at) : 0;
    enum role role;
    int64_t unit_ns = 0;
    if (!len || len > MAX_NAME)
        return fail_map(entry, "no column", err);
    if (parse_role(entry, (struct span){equals + 1, entry.len - len - 1}, &role, &unit_ns, err) < 0)
        return -1;
    if (map->columns[role][0])
        return fail_map(entry, "a role that another column has", err);
    memcpy(map->columns[role], entry.at, len);
    map->columns[role][len] = 0;
    map->unit_ns[role] = unit_ns;
    return 0;
}

static int parse_map(const char *text, struct map *map, struct err *err)
{
    struct span whole = {text, strlen(text)};
    for (const char *at = text;; at++) {
        size_t len = strcspn(at, ",");
        if (parse_entry((struct span){at, len}, map, err) < 0)
            return -1;
        at += len;
        if (!*at)
            break;
    }
    if (!map->columns[DURATION][0])
        return fail_map(whole, "no duration", err);
    if (!map->columns[SUCCESS][0] && !map->columns[FAILED][0] && !map->columns[STATUS][0])
        return fail_map(whole, "nothing that tells failures (success, failed or status)", err);
    return 0;
}

int import_map_check(const char *text, struct err *err)
{
    struct map map = {0};
    return parse_map(text, &map, err);
}

/* ---- rows ---- */

static int find_column(const struct csv_row *head, const char *name, size_t *at, struct err *err)
{
    *at = rows_column(head, (const char *[]){name, NULL});
    if (*at == ROWS_NONE)
        return err_set(err, ERR_INPUT, "expected a column '%s', which --map names", name);
    for (size_t i = *at + 1; i < head->n; i++)
        if (text_equals_nocase(head->cells[i], name))
            return err_set(err, ERR_INPUT,
                           "expected one column '%s', found two, whatever the case; rename one",
                           name);
    return 0;
}

static int take_head(void *context, const struct csv_row *row, struct err *err)
{
    struct map *map = context;
    for (int i = 0; i < ROLES; i++) {
        map->at[i] = ROWS_NONE;
        if (map->columns[i][0] && find_column(row, map->columns[i], &map->at[i], err) < 0)
            return -1;
    }
    return 0;
}

static int take_duration(struct map *map, const struct csv_row *row, struct sample *sample,
                         struct err *err)
{
    struct span text = rows_cell(row, map->at[DURATION]);
    double value, unit_ns = (double)map->unit_ns[DURATION];
    if (text_number(text, map->columns[DURATION], MAX_NS / 10 / unit_ns, &value, err) < 0)
        return -1;
    const char *point = text.len ? memchr(text.at, '.', text.len) : NULL;
    size_t digits = point ? text.len - (size_t)(point + 1 - text.at) : 0;
    if (text.len && (memchr(text.at, 'e', text.len) || memchr(text.at, 'E', text.len)))
        digits = MAX_DIGITS;
    if (digits > map->digits)
        map->digits = digits;
    sample->duration_ns = llround(value * unit_ns);
    return 0;
}

static int take_start(const struct map *map, const struct csv_row *row, struct sample *sample,
                      struct err *err)
{
    struct span text = rows_cell(row, map->at[START]);
    double value, unit_ns = (double)map->unit_ns[START];
    if (map->at[START] == ROWS_NONE)
        return 0;
    bool whole = text_is_whole(text);
    sample->whole_s = whole && (!map->unit_ns[START] || map->unit_ns[START] == NS_PER_S);
    if (!map->unit_ns[START])
        return text_time(text, &sample->start_ns)
                   ? 0
                   : err_set(err, ERR_INPUT,
                             "%s: expected a date as 2026-11-26T10:15:27Z, found '%.40s'; for a "
                             "number put its unit into --map, as ms:start",
                             map->columns[START], text.at);
    if (text_number(text, map->columns[START], 2e18 / unit_ns, &value, err) < 0)
        return -1;
    sample->start_ns = llround(value * unit_ns);
    if (!sample->start_ns || sample->start_ns >= MIN_START)
        return 0;
    return err_set(err, ERR_INPUT,
                   "%s: expected a time since 1970, found '%.40s', which would be one before 1973; "
                   "check the unit, or leave the column out of --map",
                   map->columns[START], text.at);
}

/* 1 and 0, true and false, yes and no; of success ok and ko as well, which would say the contrary
 * of a column of failures. Without such a column `*out` stays. */
static int take_flag(const struct map *map, const struct csv_row *row, enum role role, bool *out,
                     struct err *err)
{
    static const char *const yes[] = {"true", "1", "yes", "ok"};
    static const char *const no[] = {"false", "0", "no", "ko"};
    struct span text = rows_cell(row, map->at[role]);
    if (map->at[role] == ROWS_NONE)
        return 0;
    for (size_t i = 0; i < (role == SUCCESS ? 4 : 3); i++) {
        *out = text_equals_nocase(text, yes[i]);
        if (*out || text_equals_nocase(text, no[i]))
            return 0;
    }
    return err_set(err, ERR_INPUT, "%s: expected true or false, found '%.40s'", map->columns[role],
                   text.at);
}

/* Any of what tells failures may say so. A status that is no number from 200 to 399 is one. */
static int take_outcome(const struct map *map, const struct csv_row *row, struct sample *sample,
                        struct err *err)
{
    bool success = true, failed = false;
    int64_t status = 200;
    if (take_flag(map, row, SUCCESS, &success, err) < 0 ||
        take_flag(map, row, FAILED, &failed, err) < 0)
        return -1;
    struct span text = rows_cell(row, map->at[STATUS]);
    if (map->at[STATUS] != ROWS_NONE && text_count(text, "", 999, &status, NULL) < 0)
        status = 0;
    sample->failed = !success || failed || status < 200 || status > 399;
    sample->kind = text.len && status > 399 ? "status" : "other";
    sample->message = text;
    return 0;
}

static int take_optional(const struct csv_row *row, const struct map *map, enum role role,
                         int64_t *out, struct err *err)
{
    struct span text = rows_cell(row, map->at[role]);
    *out = -1;
    return text.len ? text_count(text, map->columns[role], MAX_COUNT, out, err) : 0;
}

static int take_row(void *context, const struct csv_row *row, struct err *err)
{
    struct map *map = context;
    struct sample sample = {.name = rows_cell(row, map->at[NAME]),
                            .method = rows_cell(row, map->at[METHOD])};
    if (take_duration(map, row, &sample, err) < 0 || take_start(map, row, &sample, err) < 0 ||
        take_outcome(map, row, &sample, err) < 0 ||
        take_optional(row, map, BYTES, &sample.bytes, err) < 0 ||
        take_optional(row, map, USERS, &sample.users, err) < 0)
        return -1;
    return collect_add(map->collect, &sample, err);
}

/* ---- the whole ---- */

/* The delimiter behind which the mapped duration is a column; a comma where none is. */
static char find_delimiter(struct span line, const char *column)
{
    for (const char *d = DELIMITERS; *d; d++)
        if (rows_line_has(line, *d, column))
            return *d;
    return ',';
}

/* The unit of the last digit that durations have; 0 = finer than a microsecond. */
static int64_t resolution_of(const struct map *map)
{
    int64_t ns = map->unit_ns[DURATION];
    for (size_t i = 0; i < map->digits && ns; i++)
        ns /= 10;
    return ns < NS_PER_US ? 0 : ns;
}

static int read_mapped(const struct import_file *file, struct map *map, struct report *report,
                       struct err *err)
{
    struct span head;
    if (stream_peek(file->stream, &head, err) < 0)
        return -1;
    map->rows = (struct rows_reader){
        .delimiter = find_delimiter(rows_first_line(head), map->columns[DURATION]),
        .head = take_head,
        .row = take_row,
        .context = map};
    if (rows_read(file, &map->rows, report, err) < 0)
        return -1;
    collect_finish(map->collect, report);
    report->resolution_ns = resolution_of(map);
    return 0;
}

int import_map_read(const struct import_file *file, const char *text, struct report *report,
                    struct err *err)
{
    static const struct report_source source = {
        .tool = "csv", .format = "CSV by --map", .figures = FIGURES_SAMPLES};
    struct map map = {0};
    *report = (struct report){0};
    if (parse_map(text, &map, err) < 0)
        return -1;
    map.collect = collect_new();
    int status = read_mapped(file, &map, report, err);
    collect_free(map.collect);
    if (status < 0)
        report_release(report);
    else
        import_settle(report, &source);
    return status;
}
