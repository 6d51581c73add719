/*
 * Gatling's simulation.log up to 3.12 (DataWriterMessageSerializer.scala): lines of fields between
 * tabs, the first of which says what it is.
 *
 * A request has its start and its end in ms since the epoch, its outcome and its message, and
 * before them its name and its groups, which commas separate. Before those come the scenario and a
 * number of the user up to 2.3, the number alone up to 3.3, and nothing after that. Assertions come
 * before the line of the run.
 */
#include <string.h>

#include "import/formats.h"
#include "import/gatling.h"
#include "import/lines.h"
#include "import/text.h"

#define MAX_MS     (INT64_C(1) << 43)
#define MAX_FIELDS 16

/* The outcome's field in the three forms, and in all of them what is before and behind it. */
enum {
    FIRST_OUTCOME = 5,
    LAST_OUTCOME = 7,
    GROUPS = -4,
    NAME = -3,
    START = -2,
    END = -1,
    MESSAGE = 1
};

struct gatling_text {
    struct gatling gatling;
    bool has_run;
    struct buf name;
};

/* The fields of a line; those beyond the last are a part of it. */
static size_t split(struct span line, struct span fields[MAX_FIELDS])
{
    for (size_t n = 0;; n++) {
        const char *tab = n + 1 < MAX_FIELDS && line.len ? memchr(line.at, '\t', line.len) : NULL;
        fields[n] = (struct span){line.at, tab ? (size_t)(tab - line.at) : line.len};
        if (!tab)
            return n + 1;
        line = (struct span){tab + 1, line.len - fields[n].len - 1};
    }
}

static bool is_run(struct span line)
{
    struct span fields[MAX_FIELDS];
    int64_t ms;
    size_t n = split(line, fields);
    return n >= 5 && n <= 7 && text_equals(fields[0], "RUN") &&
           (text_count(fields[3], "", MAX_MS, &ms, NULL) == 0 ||
            text_count(fields[4], "", MAX_MS, &ms, NULL) == 0);
}

bool gatling_text_recognise(struct span head)
{
    while (lines_begin(head, "ASSERTION\t", NULL)) {
        const char *end = memchr(head.at, '\n', head.len);
        if (!end)
            return false;
        size_t len = (size_t)(end + 1 - head.at);
        head = (struct span){head.at + len, head.len - len};
    }
    const char *end = head.len ? memchr(head.at, '\n', head.len) : NULL;
    return is_run((struct span){head.at, end ? (size_t)(end - head.at) : head.len});
}

/* ---- lines ---- */

static bool is_ms(struct span text)
{
    int64_t ms;
    return text_count(text, "", MAX_MS, &ms, NULL) == 0;
}

/* The field of the outcome; NULL where there is none. */
static const struct span *find_outcome(const struct span *fields, size_t n)
{
    for (size_t i = FIRST_OUTCOME; i <= LAST_OUTCOME && i + MESSAGE < n; i++) {
        const struct span *at = fields + i;
        if ((text_equals(*at, "OK") || text_equals(*at, "KO")) && is_ms(at[START]) &&
            is_ms(at[END]))
            return at;
    }
    return NULL;
}

static void add_groups(struct buf *name, struct span groups)
{
    if (text_equals(groups, " "))
        return;
    for (size_t i = 0; i < groups.len; i++) {
        if (groups.at[i] == ',')
            buf_add_str(name, GATLING_BETWEEN);
        else
            buf_add_char(name, groups.at[i]);
    }
    if (groups.len)
        buf_add_str(name, GATLING_BETWEEN);
}

static int take_request(struct gatling_text *text, const struct span *fields, size_t n,
                        struct err *err)
{
    struct gatling_request request = {0};
    const struct span *at = find_outcome(fields, n);
    if (!at)
        return err_set(err, ERR_INPUT,
                       "expected a request with its start and end in ms, OK or KO, and a message; "
                       "the file may be cut off");
    if (text_count(at[START], "start", MAX_MS, &request.start_ms, err) < 0 ||
        text_count(at[END], "end", MAX_MS, &request.end_ms, err) < 0)
        return -1;
    buf_reset(&text->name);
    add_groups(&text->name, at[GROUPS]);
    buf_add(&text->name, at[NAME].at, at[NAME].len);
    request.name = (struct span){buf_text(&text->name), text->name.len};
    request.ok = text_equals(*at, "OK");
    request.message = at[MESSAGE];
    return gatling_request(&text->gatling, &request, err);
}

/* The scenario and a number of the user may stand before START and END. */
static int take_user(struct gatling_text *text, const struct span *fields, size_t n,
                     struct err *err)
{
    for (size_t i = 1; i + 1 < n && i < 4; i++) {
        bool comes = text_equals(fields[i], "START");
        if (!(comes || text_equals(fields[i], "END")) || !is_ms(fields[i + 1]))
            continue;
        gatling_user(&text->gatling, comes);
        return 0;
    }
    return err_set(err, ERR_INPUT,
                   "expected a user's START or END and the time in ms; the file may be cut off");
}

static int take_fields(struct gatling_text *text, const struct span *fields, size_t n,
                       struct err *err)
{
    static const char *const others[] = {"GROUP", "ASSERTION"};
    if (text_equals(fields[0], "REQUEST"))
        return take_request(text, fields, n, err);
    if (text_equals(fields[0], "USER"))
        return take_user(text, fields, n, err);
    if (text_equals(fields[0], "ERROR") && n >= 2) {
        gatling_error(&text->gatling, fields[1]);
        return 0;
    }
    if (text_equals(fields[0], "RUN")) {
        if (text->has_run)
            return err_set(err, ERR_INPUT,
                           "a second run begins; expected the log of one, read each alone");
        text->has_run = true;
        return 0;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (text_equals(fields[0], others[i]))
            return 0;
    return err_set(err, ERR_INPUT,
                   "expected RUN, USER, REQUEST, GROUP, ERROR or ASSERTION, found '%.*s'",
                   fields[0].len > 40 ? 40 : (int)fields[0].len, fields[0].at);
}

static int take_line(void *context, const struct line *line, struct err *err)
{
    struct span fields[MAX_FIELDS];
    if (!line->ended)
        return err_set(err, ERR_INPUT,
                       "the last line has no end; the file may be cut off: copy it again");
    return take_fields(context, fields, split(line->text, fields), err);
}

int gatling_text_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct gatling_text text = {0};
    gatling_begin(&text.gatling);
    int status = lines_read(file, take_line, &text, report, err);
    if (status == 0)
        gatling_finish(&text.gatling, report);
    gatling_end(&text.gatling);
    buf_release(&text.name);
    return status;
}
