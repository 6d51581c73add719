#include "monitor/values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "monitor/values_forms.h"

#define NUMBER_LIMIT 64

/* ---- what is wanted ---- */

static void add_place(struct values *values, size_t metric, bool is_whole, const char *text)
{
    struct values_place *place = &values->places[values->n++];
    struct err unused = {0};
    *place = (struct values_place){.metric = metric, .is_whole = is_whole, .text = text};
    if (values->kind == PLACE_SAMPLE)
        exposition_parse_name((struct span){text, strlen(text)}, &place->sample);
    if (values->kind == PLACE_POINTER &&
        json_pointer_compile(&place->pointer, text, &values->arena, &unused) < 0)
        place->pointer.n = 0; /* which the scenario's reader refuses */
}

void values_init(struct values *values, const struct scenario_source *source)
{
    const struct scenario_metrics *metrics = &source->metrics;
    size_t n = 0;
    *values = (struct values){.metrics = metrics, .format = source->format};
    for (size_t i = 0; i < metrics->n; i++)
        n += 1 + metrics->items[i].n_of;
    values->kind = metrics->n ? metrics->items[0].kind : PLACE_KEY;
    values->places = arena_array(&values->arena, n + 1, sizeof *values->places);
    for (size_t i = 0; i < metrics->n; i++) {
        add_place(values, i, false, metrics->items[i].place);
        for (size_t k = 0; k < metrics->items[i].n_of; k++)
            add_place(values, i, true, metrics->items[i].of[k]);
    }
}

void values_release(struct values *values)
{
    arena_release(&values->arena);
    *values = (struct values){0};
}

/* ---- what is there ---- */

void values_give(struct values_reading *reading, size_t place, struct span each, double number)
{
    const struct values_place *from = &reading->values->places[place];
    if (!isfinite(number) || reading->n_given == VALUES_LIMIT)
        return;
    reading->found[place] = true;
    reading->n_given++;
    const struct value value = {
        .metric = from->metric, .each = each, .is_whole = from->is_whole, .number = number};
    reading->take(reading->context, &value);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_decimal(const char *text)
{
    return *text && !text[strspn(text, "0123456789+-.eE")];
}

double values_number(struct span text)
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
static void give_missing(struct values_reading *reading)
{
    const struct values *values = reading->values;
    for (size_t i = 0; i < values->n; i++) {
        if (!values->places[i].is_whole || reading->found[i])
            continue;
        const struct value value = {
            .metric = values->places[i].metric, .is_whole = true, .number = (double)NAN};
        reading->take(reading->context, &value);
    }
}

int values_read(const struct values *values, struct span text, values_take *take, void *context,
                struct err *err)
{
    struct values_reading reading = {.values = values, .take = take, .context = context};
    int status = 0;
    reading.found = mem_array(values->n + 1, sizeof *reading.found);
    memset(reading.found, 0, values->n * sizeof *reading.found);
    if (values->kind == PLACE_POINTER)
        status = values_read_json(&reading, text, err);
    else if (values->kind == PLACE_COLUMN)
        status = values_read_csv(&reading, text, err);
    else if (values->kind == PLACE_SAMPLE)
        values_read_exposition(&reading, text);
    else if (values->format == FORMAT_NGINX)
        values_read_nginx(&reading, text);
    else
        values_read_keys(&reading, text);
    if (status == 0)
        give_missing(&reading);
    free(reading.found);
    return status;
}
