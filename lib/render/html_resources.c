/* What the machine and the target were busy with: charts over time, and all figures. */
#include <string.h>

#include "render/escape.h"
#include "render/html_parts.h"
#include "render/kept.h"
#include "render/resources.h"

/* Drawn of each source that has them. */
static const char *const drawn[] = {"cpu",      "memory",      "memory_used", "disk_operations",
                                    "net_sent", "pressure_cpu"};
/* Sources that are drawn; of more there are the figures. */
#define MOST_SOURCES 6
/* Series of an application's source that are drawn. */
#define MOST_NAMED 12

static void add_chart(struct buf *out, const struct render_side *sides,
                      const struct chart_resource *resource)
{
    struct buf chart = {0};
    if (chart_resource(&chart, sides, resource)) {
        buf_add_str(out, "<figure><figcaption><b>");
        escape_add_name(out, resource->source, 40);
        buf_add_str(out, "</b> · ");
        escape_add_name(out, resource_title(resource->series), 40);
        buf_add_str(out, " over time</figcaption>");
        buf_add(out, chart.data, chart.len);
        buf_add_str(out, "</figure>\n");
    }
    buf_release(&chart);
}

/* Those that the scenario chose, all of them up to a bound. */
static void add_named_charts(struct buf *out, const struct render_side *shown,
                             const struct resource_source *source)
{
    for (size_t i = 0; i < source->n_series && i < MOST_NAMED; i++) {
        const struct chart_resource resource = {source->name, source->series[i].name};
        add_chart(out, shown, &resource);
    }
}

/* What is of both sides is drawn once. */
static void add_charts_of(struct buf *out, const struct render_side *sides,
                          const struct resource_source *source)
{
    struct render_side shown[RENDER_SIDES] = {[RENDER_CANDIDATE] = sides[RENDER_CANDIDATE]};
    if (!source->shared)
        shown[RENDER_BASE] = sides[RENDER_BASE];
    if (source->kind == RESOURCE_APPLICATION)
        add_named_charts(out, shown, source);
    for (size_t i = 0; source->kind != RESOURCE_APPLICATION && i < sizeof drawn / sizeof drawn[0];
         i++) {
        const struct chart_resource resource = {source->name, drawn[i]};
        add_chart(out, shown, &resource);
    }
}

static void add_state(struct buf *out, const struct resource_source *source)
{
    if (!source->gone && !source->restarts)
        return;
    buf_add_str(out, "<p class=\"soft\">");
    escape_add_name(out, source->name, 40);
    if (source->restarts)
        buf_addf(out, " was started anew %lld time%s", (long long)source->restarts,
                 source->restarts == 1 ? "" : "s");
    if (source->gone)
        buf_addf(out, "%s was gone when the run ended", source->restarts ? " and" : "");
    buf_add_str(out, ".</p>\n");
}

/* The machine is the first of a report, and the last that is drawn. */
static void add_charts(struct buf *out, const struct render_side *sides,
                       const struct report_resources *resources, bool named)
{
    size_t n = 0;
    for (size_t i = resources->n_sources; i-- > 0;)
        if ((resources->sources[i].kind == RESOURCE_APPLICATION) == named && n++ < MOST_SOURCES)
            add_charts_of(out, sides, &resources->sources[i]);
}

/* What probes kept, such as a database's statements. */
static void add_kept(struct buf *out, const struct render_side *sides)
{
    struct table table;
    for (size_t i = 0; kept_rows(sides, i, &table); i++) {
        if (table.n_rows)
            html_add_table(out, &table, "What a probe kept");
        table_release(&table);
    }
}

void html_add_resources(struct buf *out, const struct render_side *sides)
{
    const struct render_side *candidate = &sides[RENDER_CANDIDATE];
    struct table table;
    if (!candidate->n || !candidate->whole->resources || !candidate->whole->resources->n_sources)
        return;
    const struct report_resources *resources = candidate->whole->resources;
    html_open_section(out, "resources", "Resources");
    buf_add_str(out, "<div class=\"charts\">\n");
    add_charts(out, sides, resources, true);
    add_charts(out, sides, resources, false);
    buf_add_str(out, "</div>\n");
    for (size_t i = 0; i < resources->n_sources; i++)
        add_state(out, &resources->sources[i]);
    add_kept(out, sides);
    buf_add_str(out, "<details><summary>All figures</summary>\n");
    resources_rows(sides, false, &table);
    html_add_table(out, &table, "Resources");
    table_release(&table);
    buf_add_str(out, "</details>\n");
    html_close_section(out);
}
