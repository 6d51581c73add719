/* What applications and commands give: any text is read, and what comes out can be a figure. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "model/report.h"
#include "model/resource_table.h"
#include "monitor/figures.h"
#include "monitor/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define METRIC(n, k, p)                                                                            \
    {                                                                                              \
        .name = (n), .kind = (k), .place = (p), .scale = 1                                         \
    }

/* One list for each kind of place. */
static void play(struct scenario_metric *items, size_t n, int format, struct span text)
{
    const struct scenario_source source = {
        .format = format, .health = true, .metrics = {.n = n, .items = items}};
    const struct figures_round rounds[] = {
        {.elapsed_s = 1, .weight_s = 1, .health = 1, .is_base = true},
        {.elapsed_s = 1, .weight_s = 1, .health = 1}};
    struct readout readout;
    struct figures figures;
    struct arena arena = {0};
    struct resource_source out = {0};
    readout_init(&readout, &source);
    figures_init(&figures, &source);
    for (size_t i = 0; i < 2; i++) {
        struct err err = {0};
        /* The second text is a part of the first: counters go either way. */
        const struct span half = {text.at, i ? text.len : text.len - text.len / 3};
        figures_open(&figures);
        if (readout_read(&readout, half, figures_take, &figures, &err) < 0 && !*err.text)
            abort();
        figures_close(&figures, &rounds[i]);
    }
    figures_report(&figures, &arena, &out);
    for (size_t i = 0; i < out.n_series; i++)
        if (!(fabs(out.series[i].average) <= 1e15) || !(fabs(out.series[i].maximum) <= 1e15))
            abort();
    figures_release(&figures);
    readout_release(&readout);
    arena_release(&arena);
}

static void read_numbers(struct span text)
{
    static const char *of[] = {"/a/hits", "/a/misses"};
    static const char *of_samples[] = {"hits_total", "misses_total{kind=\"a\"}"};
    static const char *of_keys[] = {"hits", "misses"};
    struct scenario_metric json[] = {
        METRIC("n", PLACE_POINTER, "/n"), METRIC("r", PLACE_POINTER, "/a/hits"),
        METRIC("e", PLACE_POINTER, "/each"), METRIC("c", PLACE_POINTER, "/list/0")};
    struct scenario_metric samples[] = {METRIC("n", PLACE_SAMPLE, "up"),
                                        METRIC("r", PLACE_SAMPLE, "hits_total"),
                                        METRIC("e", PLACE_SAMPLE, "requests_total"),
                                        METRIC("c", PLACE_SAMPLE, "db{pool=\"main\"}")};
    struct scenario_metric keys[] = {METRIC("n", PLACE_KEY, "n"), METRIC("r", PLACE_KEY, "hits"),
                                     METRIC("c", PLACE_KEY, "db0.keys")};
    struct scenario_metric columns[] = {METRIC("n", PLACE_COLUMN, "n"),
                                        METRIC("e", PLACE_COLUMN, "n")};
    json[1].of = of;
    samples[1].of = of_samples;
    keys[1].of = of_keys;
    json[1].n_of = samples[1].n_of = keys[1].n_of = 2;
    json[1].counter = samples[1].counter = keys[2].counter = json[3].counter = true;
    json[2].each = "";
    samples[2].each = "code";
    samples[2].counter = true;
    columns[1].each = "name";
    play(json, 4, FORMAT_JSON, text);
    play(samples, 4, FORMAT_PROMETHEUS, text);
    play(keys, 3, FORMAT_REDIS, text);
    play(keys, 3, FORMAT_KEYVALUE, text);
    play(keys, 3, FORMAT_OF_PLACES, text);
    play(columns, 2, FORMAT_CSV, text);
}

static void read_table(struct span text, bool is_csv)
{
    const char *columns[] = {"calls", "ms"};
    const struct scenario_table wanted = {.key = "query",
                                          .n_columns = 2,
                                          .columns = columns,
                                          .difference = true,
                                          .top = 5,
                                          .by = "ms",
                                          .per = "calls"};
    struct arena arena = {0};
    struct ledger rows, none = {0};
    struct resource_table table = {0};
    struct err err = {0};
    if (ledger_read(&wanted, is_csv, text, &arena, &rows, &err) == 0) {
        ledger_report(&wanted, &none, &rows, &arena, &table);
        for (size_t i = 0; i < table.n_rows; i++)
            if (strlen(table.rows[i].key) > RESOURCE_KEY_LIMIT ||
                resource_row_find(&table, table.rows[i].key) != &table.rows[i])
                abort();
        if (table.n_rows > 5)
            abort();
    }
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = {0};
    buf_add(&text, data, size);
    const struct span whole = {buf_text(&text), text.len};
    read_numbers(whole);
    read_table(whole, true);
    read_table(whole, false);
    buf_release(&text);
    return 0;
}
