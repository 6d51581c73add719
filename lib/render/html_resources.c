/* What the machine and the target were busy with: charts over time, and all figures. */
#include <string.h>

#include "render/escape.h"
#include "render/html_parts.h"
#include "render/resources.h"

/* Drawn of each source that has them. */
static const char *const drawn[] = {"cpu",      "memory",      "memory_used", "disk_operations",
                                    "net_sent", "pressure_cpu"};
/* Sources that are drawn; of more there are the figures. */
#define MOST_SOURCES 6

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

/* What is of both sides is drawn once. */
static void add_charts_of(struct buf *out, const struct render_side *sides,
                          const struct resource_source *source)
{
    struct render_side shown[RENDER_SIDES] = {[RENDER_CANDIDATE] = sides[RENDER_CANDIDATE]};
    if (!source->shared)
        shown[RENDER_BASE] = sides[RENDER_BASE];
    for (size_t i = 0; i < sizeof drawn / sizeof drawn[0]; i++) {
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

void html_add_resources(struct buf *out, const struct render_side *sides)
{
    const struct render_side *candidate = &sides[RENDER_CANDIDATE];
    struct table table;
    if (!candidate->n || !candidate->whole->resources || !candidate->whole->resources->n_sources)
        return;
    const struct report_resources *resources = candidate->whole->resources;
    html_open_section(out, "resources", "Resources");
    buf_add_str(out, "<div class=\"charts\">\n");
    for (size_t i = resources->n_sources; i-- > 0;) /* the machine is the first of a report */
        if (resources->n_sources - i <= MOST_SOURCES)
            add_charts_of(out, sides, &resources->sources[i]);
    buf_add_str(out, "</div>\n");
    for (size_t i = 0; i < resources->n_sources; i++)
        add_state(out, &resources->sources[i]);
    buf_add_str(out, "<details><summary>All figures</summary>\n");
    resources_rows(sides, false, &table);
    html_add_table(out, &table, "Resources");
    table_release(&table);
    buf_add_str(out, "</details>\n");
    html_close_section(out);
}
