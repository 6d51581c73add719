#include "render/prometheus.h"

#include <math.h>
#include <string.h>

#include "render/prometheus_lines.h"

/* Of each unit of a series, as `units` above. */
static const struct prometheus_unit resource_units[] = {
    [RESOURCE_PLAIN] = {"value", "figures that have no unit", 1},
    [RESOURCE_RATIO] = {"ratio", "shares, 0 to 1", 1},
    [RESOURCE_COUNT] = {"amount", "counts", 1},
    [RESOURCE_PER_S] = {"per_second", "rates per second", 1},
    [RESOURCE_MS] = {"seconds", "times in seconds", 1000},
    [RESOURCE_MB] = {"bytes", "sizes in bytes", 1 / 0x1p20},
    [RESOURCE_MB_PER_S] = {"bytes_per_second", "bytes per second", 1 / 0x1p20},
};

static const struct {
    const char *name;
    size_t offset; /* of the double in struct resource_series */
} resource_stats[] = {
    {"average", offsetof(struct resource_series, average)},
    {"p95", offsetof(struct resource_series, p95)},
    {"maximum", offsetof(struct resource_series, maximum)},
};

/* Samples of one family, gathered so that none is there twice. */
struct family {
    struct prometheus_labels labels;
    double *values;
    size_t room;
};

static void gather(struct family *family, struct buf *labels, double value)
{
    if (isfinite(value) && family->labels.n < family->room) {
        family->values[family->labels.n] = value;
        family->labels.texts[family->labels.n++] = prometheus_keep(&family->labels, labels);
    }
    buf_reset(labels);
}

static void add_gathered(struct family *family, const char *prefix,
                         const struct prometheus_unit *unit, struct buf *out)
{
    struct buf name = {0};
    buf_addf(&name, "%s_", prefix);
    if (family->labels.n) {
        prometheus_keep_different(&family->labels, out);
        prometheus_family(out, buf_text(&name), unit->suffix, unit->what);
    }
    for (size_t i = 0; i < family->labels.n; i++)
        if (family->labels.texts[i])
            prometheus_sample(out, buf_text(&name), unit->suffix, family->labels.texts[i],
                              family->values[i]);
    family->labels.n = 0;
    buf_release(&name);
}

/* What all samples of a source have; false where the source came before. */
static bool label_source(const struct prometheus_resources *all, size_t n, size_t which,
                         const struct resource_source *source, struct buf *out)
{
    bool shared = source->shared && n > 1;
    if (shared && which)
        return false;
    if (all[which].value && !shared)
        prometheus_label(out, all[which].label, all[which].value);
    prometheus_label(out, "kind", resource_kind_name(source->kind));
    prometheus_label(out, "source", source->name);
    return true;
}

static void gather_series(struct family *family, const struct buf *labels,
                          const struct resource_series *series, bool latest)
{
    size_t n = latest ? 1 : sizeof resource_stats / sizeof resource_stats[0];
    for (size_t i = 0; i < n; i++) {
        struct buf text = {0};
        double value;
        memcpy(&value, (const char *)series + resource_stats[i].offset, sizeof value);
        buf_add(&text, buf_text(labels), labels->len);
        prometheus_label(&text, "series", series->name);
        if (!latest)
            prometheus_label(&text, "stat", resource_stats[i].name);
        gather(family, &text, value / resource_units[series->unit].divisor);
        buf_release(&text);
    }
}

/* Before the units: what a source may use. */
enum { LIMIT_BYTES = -2, LIMIT_CORES = -1 };

static void gather_source(struct family *family, struct buf *labels,
                          const struct resource_source *source, int unit, bool latest)
{
    if (unit == LIMIT_BYTES)
        gather(family, labels, source->memory_mb * 0x1p20);
    else if (unit == LIMIT_CORES)
        gather(family, labels, source->cores);
    for (size_t i = 0; i < source->n_series; i++)
        if (source->series[i].unit == unit)
            gather_series(family, labels, &source->series[i], latest);
}

static void gather_unit(struct family *family, const struct prometheus_resources *all, size_t n,
                        int unit, bool latest)
{
    for (size_t which = 0; which < n; which++) {
        const struct report_resources *resources = all[which].resources;
        for (size_t i = 0; resources && i < resources->n_sources; i++) {
            struct buf labels = {0};
            if (label_source(all, n, which, &resources->sources[i], &labels))
                gather_source(family, &labels, &resources->sources[i], unit, latest);
            buf_release(&labels);
        }
    }
}

void prometheus_add_resources(const struct prometheus_resources *all, size_t n, const char *prefix,
                              bool latest, struct buf *out)
{
    static const struct prometheus_unit limits[] = {
        {"limit_bytes", "memory that a source may use", 1},
        {"limit_cores", "cores that a source may use", 1}};
    struct family family = {0};
    size_t series = 0;
    for (size_t which = 0; which < n; which++)
        for (size_t i = 0; all[which].resources && i < all[which].resources->n_sources; i++)
            series += all[which].resources->sources[i].n_series + 1;
    family.room = series * (sizeof resource_stats / sizeof resource_stats[0]);
    family.values = arena_array(&family.labels.arena, family.room + 1, sizeof *family.values);
    family.labels.texts =
        arena_array(&family.labels.arena, family.room + 1, sizeof *family.labels.texts);
    for (int unit = LIMIT_BYTES; unit < (int)(sizeof resource_units / sizeof resource_units[0]);
         unit++) {
        gather_unit(&family, all, n, unit, latest);
        add_gathered(&family, prefix,
                     unit < 0 ? &limits[unit - LIMIT_BYTES] : &resource_units[unit], out);
    }
    arena_release(&family.labels.arena);
}
