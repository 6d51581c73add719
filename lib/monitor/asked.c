#include "monitor/asked.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "monitor/command.h"
#include "monitor/figures.h"
#include "monitor/ledger.h"
#include "monitor/readout.h"

/* A side's own time between two rounds from which on its counters have a rate. */
#define LEAST_ACTIVE_S 0.05
/* Rounds that were missed are told apart up to so many at once. */
#define MOST_MISSED 1000
/* Rounds in which the latest one that has some time is looked for. */
#define MOST_BACK 8

struct asked {
    struct asked_setup setup;
    const char **argv; /* of a probe, NULL-terminated */
    struct fetch *fetch;
    struct readout readout;
    struct figures figures;
    struct buf text; /* the last answer */
    struct arena arena;
    struct ledger before, after;
    bool has_before, has_after, shared;
    int64_t rounds, failures;
    struct err first; /* why it failed first */
};

struct asked *asked_new(const struct asked_setup *setup)
{
    struct asked *asked = mem_new(sizeof *asked);
    const struct scenario_source *spec = setup->spec;
    asked->setup = *setup;
    readout_init(&asked->readout, spec);
    figures_init(&asked->figures, spec);
    if (!spec->n_command) {
        asked->fetch = fetch_new(&setup->fetch);
        return asked;
    }
    asked->argv = arena_array(&asked->arena, spec->n_command + 1, sizeof *asked->argv);
    memcpy(asked->argv, spec->command, spec->n_command * sizeof *asked->argv);
    return asked;
}

void asked_free(struct asked *asked)
{
    if (!asked)
        return;
    fetch_free(asked->fetch);
    readout_release(&asked->readout);
    figures_release(&asked->figures);
    buf_release(&asked->text);
    arena_release(&asked->arena);
    free(asked);
}

const struct scenario_source *asked_spec(const struct asked *asked)
{
    return asked->setup.spec;
}

bool asked_is_of(const struct asked *asked, size_t side)
{
    return asked->setup.side < 0 || asked->setup.side == (int)side;
}

/* ---- asking ---- */

static int poll(struct asked *asked, struct err *err)
{
    long status;
    if (fetch_get(asked->fetch, &status, &asked->text, err) < 0)
        return -1;
    if (status < 200 || status > 299)
        return err_set(err, ERR_IO, "expected status 200 to 299, found %ld", status);
    return 0;
}

static int run(struct asked *asked, struct err *err)
{
    struct command_result result = {0};
    const struct command command = {.argv = asked->argv,
                                    .environment = asked->setup.environment,
                                    .limit_bytes = FETCH_BODY_LIMIT,
                                    .timeout_ns = asked->setup.spec->timeout_ns};
    int status = command_run(&command, -1, &result, err);
    buf_reset(&asked->text);
    buf_add(&asked->text, result.output.data, result.output.len);
    command_result_release(&result);
    return status;
}

/* A health document that says that all is not well; what is none says nothing. One that cannot be
 * read, or whose status is no text, does not say that it is. */
static bool is_ill(const struct buf *text)
{
    static const char *const well[] = {"ok", "up", "healthy", "pass", "warn"};
    struct js_doc *doc = NULL;
    struct err unused = {0};
    struct js_at root, member;
    const char *status = NULL;
    bool is_well = true;
    if (js_parse(buf_text(text), text->len, "the answer", &doc, &unused) < 0)
        return buf_text(text)[strspn(buf_text(text), " \t\r\n")] == '{';
    root = js_root(doc);
    if (js_kind(&root) == JS_K_OBJECT && js_member(&root, "status", &member)) {
        is_well = false;
        bool is_text = js_get_string(&member, &status, &unused) == 0;
        for (size_t i = 0; is_text && i < sizeof well / sizeof well[0]; i++)
            is_well = is_well || strcasecmp(status, well[i]) == 0;
    }
    js_free(doc);
    return !is_well;
}

static void count_failure(struct asked *asked, const struct err *err)
{
    if (!asked->failures++)
        asked->first = *err;
}

static int take_numbers(struct asked *asked, struct err *err)
{
    const struct span text = {buf_text(&asked->text), asked->text.len};
    if (!asked->setup.spec->metrics.n ||
        readout_read(&asked->readout, text, figures_take, &asked->figures, err) == 0)
        return 0;
    figures_open(&asked->figures); /* what could be read in part */
    return -1;
}

/* Opens a round and fills it; figures_close() has to follow. Returns the health. */
static double ask(struct asked *asked)
{
    struct err err = {0};
    double health = 0;
    figures_open(&asked->figures);
    asked->rounds++;
    int status = asked->fetch ? poll(asked, &err) : run(asked, &err);
    if (status == 0) {
        health = asked->setup.spec->health && is_ill(&asked->text) ? 0 : 1;
        status = take_numbers(asked, &err);
    }
    if (status < 0)
        count_failure(asked, &err);
    return health;
}

/* ---- during the run ---- */

/* Where the time of the rounds is. */
struct beat {
    struct pulse *pulse;
    int64_t since_ns; /* of the last round, or of the first that is not over */
    double active_s;  /* the side's then */
    int64_t due_ns;
};

/* The time that the figures are of: measured, of the side, or of both where they cannot be told
 * apart. */
static double active_of(const struct asked *asked, struct pulse *pulse)
{
    double active_s[2];
    pulse_active(pulse, clock_monotonic_ns(), active_s);
    return asked->setup.side < 0 ? active_s[0] + active_s[1] : active_s[asked->setup.side];
}

/* An answer is of somewhere between its question and its end. */
static void ask_now(struct asked *asked, struct beat *beat, bool is_base)
{
    double before_s = active_of(asked, beat->pulse);
    beat->since_ns = clock_monotonic_ns();
    double health = ask(asked);
    double active_s = (before_s + active_of(asked, beat->pulse)) / 2;
    double elapsed_s = active_s - beat->active_s;
    const struct figures_round round = {.elapsed_s =
                                            is_base || elapsed_s < LEAST_ACTIVE_S ? 0 : elapsed_s,
                                        .weight_s = elapsed_s,
                                        .health = health,
                                        .is_base = is_base};
    figures_close(&asked->figures, &round);
    if (round.elapsed_s > 0 || is_base)
        beat->active_s = active_s;
}

/* A row for each time at which it could not be asked, because it had not answered yet. */
static void skip_missed(struct asked *asked, struct beat *beat)
{
    const struct figures_round missed = {.health = (double)NAN};
    int64_t every_ns = asked->setup.spec->every_ns, now_ns = clock_monotonic_ns();
    for (int i = 0; i < MOST_MISSED && beat->due_ns + every_ns <= now_ns; i++) {
        figures_open(&asked->figures);
        figures_close(&asked->figures, &missed);
        beat->due_ns += every_ns;
    }
    if (beat->due_ns + every_ns <= now_ns) /* a machine that stood still */
        beat->due_ns = now_ns;
}

void asked_during(struct asked *asked, struct pulse *pulse,
                  void (*told)(const struct asked *asked, void *context), void *context)
{
    int64_t every_ns = asked->setup.spec->every_ns;
    struct beat beat = {.pulse = pulse};
    if (!pulse_wait_for_begin(pulse))
        return;
    beat.due_ns = clock_monotonic_ns();
    ask_now(asked, &beat, true);
    for (;;) {
        skip_missed(asked, &beat);
        beat.due_ns += every_ns;
        bool goes_on = pulse_wait(pulse, beat.due_ns);
        if (goes_on || clock_monotonic_ns() - beat.since_ns >= every_ns / 4)
            ask_now(asked, &beat, false);
        told(asked, context);
        if (!goes_on)
            return;
    }
}

/* ---- around the run ---- */

/* The rows of the last answer. */
static bool take_rows(struct asked *asked, struct ledger *out)
{
    const struct scenario_source *spec = asked->setup.spec;
    bool is_csv =
        spec->metrics.n ? spec->metrics.items[0].kind == PLACE_COLUMN : spec->format == FORMAT_CSV;
    const struct span text = {buf_text(&asked->text), asked->text.len};
    struct err err = {0};
    if (ledger_read(spec->table, is_csv, text, &asked->arena, out, &err) == 0)
        return true;
    count_failure(asked, &err);
    return false;
}

static void ask_once(struct asked *asked, bool is_base, struct ledger *rows, bool *has_rows)
{
    int64_t failures = asked->failures;
    const struct figures_round round = {
        .weight_s = 1, .health = (double)NAN, .is_base = is_base, .grown = true};
    ask(asked);
    figures_close(&asked->figures, &round);
    if (asked->setup.spec->table && asked->failures == failures)
        *has_rows = take_rows(asked, rows);
}

void asked_before(struct asked *asked)
{
    int when = asked->setup.spec->when;
    if (when == WHEN_AROUND)
        ask_once(asked, true, &asked->before, &asked->has_before);
    if (when == WHEN_BEFORE)
        ask_once(asked, false, &asked->after, &asked->has_after);
}

void asked_after(struct asked *asked)
{
    int when = asked->setup.spec->when;
    if (when == WHEN_AROUND || when == WHEN_AFTER)
        ask_once(asked, false, &asked->after, &asked->has_after);
}

/* ---- the report ---- */

/* False where it has none. */
static bool make_table(const struct asked *asked, struct arena *arena, struct resource_table *out)
{
    const struct scenario_source *spec = asked->setup.spec;
    if (!spec->table || !asked->has_after || (spec->table->difference && !asked->has_before))
        return false;
    *out = (struct resource_table){.name = arena_strdup(arena, spec->name)};
    ledger_report(spec->table, spec->table->difference ? &asked->before : NULL, &asked->after,
                  arena, out);
    return true;
}

void asked_compare(struct asked *a, struct asked *b)
{
    struct arena arena = {0};
    struct resource_table left, right;
    if (a->setup.spec == b->setup.spec && make_table(a, &arena, &left) &&
        make_table(b, &arena, &right) && resource_tables_agree(&left, &right))
        a->shared = b->shared = true;
    arena_release(&arena);
}

bool asked_report(const struct asked *asked, bool paired, struct arena *arena,
                  struct resource_source *out)
{
    const struct scenario_source *spec = asked->setup.spec;
    if (!asked->rounds)
        return false;
    *out = (struct resource_source){.name = arena_strdup(arena, spec->name),
                                    .kind = RESOURCE_APPLICATION,
                                    .shared = asked->shared || (paired && asked->setup.side < 0),
                                    .cores = (double)NAN,
                                    .memory_mb = (double)NAN,
                                    .failures = asked->failures};
    if (spec->when == WHEN_DURING && spec->every_ns != NS_PER_S)
        out->interval_ns = spec->every_ns;
    figures_report(&asked->figures, arena, out);
    out->tables = arena_array(arena, 1, sizeof *out->tables);
    out->n_tables = make_table(asked, arena, out->tables);
    return true;
}

struct report_resources *asked_latest(const struct asked *asked, bool paired, struct arena *arena)
{
    struct asked latest = *asked;
    struct report_resources *out = arena_array(arena, 1, sizeof *out);
    latest.figures.readings = readings_latest(&asked->figures.readings, MOST_BACK);
    latest.has_after = false; /* tables are for the report */
    *out = (struct report_resources){.cpu_usage = (double)NAN, .memory_usage = (double)NAN};
    out->sources = arena_array(arena, 1, sizeof *out->sources);
    out->n_sources =
        latest.figures.readings.n && asked_report(&latest, paired, arena, &out->sources[0]);
    return out->n_sources ? out : NULL;
}

void asked_notes(const struct asked *asked, struct arena *arena, const char ***notes, size_t *n)
{
    const struct scenario_source *spec = asked->setup.spec;
    if (asked->failures)
        arena_append(arena, notes, n,
                     arena_printf(arena, "monitoring: '%s' gave nothing %lld of %lld times: %s",
                                  spec->name, (long long)asked->failures, (long long)asked->rounds,
                                  asked->first.text));
    const struct scenario_metric *unknown =
        asked->rounds > asked->failures ? figures_unknown(&asked->figures) : NULL;
    if (unknown)
        arena_append(arena, notes, n,
                     arena_printf(arena,
                                  "monitoring: '%s' of '%s' is not known: no number at "
                                  "'%s'%s",
                                  unknown->name, spec->name, unknown->place,
                                  unknown->counter ? ", or nothing that it counts" : ""));
    if (asked->figures.left_out)
        arena_append(arena, notes, n,
                     arena_printf(arena,
                                  "monitoring: '%s' has more names than the %d that are kept, or "
                                  "some that a report cannot hold",
                                  spec->name, FIGURES_EACH));
}
