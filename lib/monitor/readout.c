#include "monitor/readout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "monitor/readout_forms.h"

#define NUMBER_LIMIT 64

/* ---- what is wanted ---- */

static void add_place(struct readout *readout, size_t metric, bool is_whole, const char *text)
{
    struct readout_place *place = &readout->places[readout->n++];
    struct err unused = {0};
    *place = (struct readout_place){.metric = metric, .is_whole = is_whole, .text = text};
    if (readout->kind == PLACE_SAMPLE)
        exposition_parse_name((struct span){text, strlen(text)}, &place->sample);
    if (readout->kind == PLACE_POINTER &&
        json_pointer_compile(&place->pointer, text, &readout->arena, &unused) < 0)
        place->pointer.n = 0; /* which the scenario's reader refuses */
}

void readout_init(struct readout *readout, const struct scenario_source *source)
{
    const struct scenario_metrics *metrics = &source->metrics;
    size_t n = 0;
    *readout = (struct readout){.metrics = metrics, .format = source->format};
    for (size_t i = 0; i < metrics->n; i++)
        n += 1 + metrics->items[i].n_of;
    readout->kind = metrics->n ? metrics->items[0].kind : PLACE_KEY;
    readout->places = arena_array(&readout->arena, n + 1, sizeof *readout->places);
    for (size_t i = 0; i < metrics->n; i++) {
        add_place(readout, i, false, metrics->items[i].place);
        for (size_t k = 0; k < metrics->items[i].n_of; k++)
            add_place(readout, i, true, metrics->items[i].of[k]);
    }
}

void readout_release(struct readout *readout)
{
    arena_release(&readout->arena);
    *readout = (struct readout){0};
}

/* ---- what is there ---- */

void readout_give(struct readout_reading *reading, size_t place, struct span each, double number)
{
    const struct readout_place *from = &reading->readout->places[place];
    if (!isfinite(number) || reading->n_given == READOUT_LIMIT) {
        reading->seen[place] |= each.at ? 0 : READOUT_LOST;
        return;
    }
    reading->seen[place] |= READOUT_FOUND;
    reading->n_given++;
    const struct readout_number given = {
        .metric = from->metric, .each = each, .is_whole = from->is_whole, .number = number};
    reading->take(reading->context, &given);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_decimal(const char *text)
{
    return *text && !text[strspn(text, "0123456789+-.eE")];
}

double readout_parse(struct span text)
{
    char copy[NUMBER_LIMIT], *end;
    while (text.len && is_blank(*text.at)) {
        text.at++;
        text.len--;
    }
    while (text.len && (is_blank(text.at[text.len - 1]) || text.at[text.len - 1] == '%'))
        text.len--;
    if (text.len >= sizeof copy)
        return (double)NAN;
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    if (!is_decimal(copy))
        return (double)NAN;
    double number = strtod(copy, &end);
    return *end ? (double)NAN : number;
}

/* A sum of which a part is missing is not known. */
static void give_missing(struct readout_reading *reading)
{
    const struct readout *readout = reading->readout;
    for (size_t i = 0; i < readout->n; i++) {
        const struct readout_place *place = &readout->places[i];
        unsigned seen = reading->seen[i];
        if (seen == READOUT_FOUND || (!place->is_whole && seen != (READOUT_FOUND | READOUT_LOST)))
            continue;
        const struct readout_number given = {
            .metric = place->metric, .is_whole = place->is_whole, .number = (double)NAN};
        reading->take(reading->context, &given);
    }
}

int readout_read(const struct readout *readout, struct span text, readout_take *take, void *context,
                 struct err *err)
{
    struct readout_reading reading = {.readout = readout, .take = take, .context = context};
    int status = 0;
    reading.seen = mem_array(readout->n + 1, sizeof *reading.seen);
    memset(reading.seen, 0, readout->n * sizeof *reading.seen);
    if (readout->kind == PLACE_POINTER)
        status = readout_read_json(&reading, text, err);
    else if (readout->kind == PLACE_COLUMN)
        status = readout_read_csv(&reading, text, err);
    else if (readout->kind == PLACE_SAMPLE)
        readout_read_exposition(&reading, text);
    else if (readout->format == FORMAT_NGINX)
        readout_read_nginx(&reading, text);
    else
        readout_read_keys(&reading, text);
    if (status == 0)
        give_missing(&reading);
    free(reading.seen);
    return status;
}
