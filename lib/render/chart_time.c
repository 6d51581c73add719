/* A figure of the whole run over time. */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "render/chart_parts.h"

/* Where the highest figure is so many times the lowest, a linear axis would show little else. */
#define LOG_FROM 20

struct point {
    double x, y; /* seconds, and the figure; NAN where there is none */
};

/* One side's points, start after start. */
struct track {
    size_t n;
    struct point *points;
    size_t n_starts;
    double *starts; /* when each begins, in seconds */
    double end;
};

/* What is drawn: a figure of all requests, or a series of a source of resources. */
struct subject {
    enum chart_figure figure;
    const struct chart_resource *resource; /* NULL = the figure */
    int unit;                              /* enum resource_unit, of a resource */
};

static double figure_at(const struct report_series *series, enum chart_figure figure, size_t i)
{
    double per_s = (double)NS_PER_S / (double)series->interval_ns;
    switch (figure) {
    case CHART_P95:
        return i < series->n_p95 ? series->p95_ms[i] : (double)NAN;
    case CHART_MEDIAN:
        return i < series->n_p50 ? series->p50_ms[i] : (double)NAN;
    case CHART_AVERAGE:
        return i < series->n_average ? series->average_ms[i] : (double)NAN;
    case CHART_REQUESTS:
        return i < series->n_requests ? (double)series->requests[i] * per_s : (double)NAN;
    case CHART_FAILURES:
        return i < series->n_failures ? (double)series->failures[i] * per_s : (double)NAN;
    }
    return (double)NAN;
}

static const struct resource_series *series_of(const struct report *report,
                                               const struct chart_resource *resource)
{
    const struct resource_source *source =
        report->resources ? resource_source_find(report->resources, resource->source) : NULL;
    return source ? resource_series_find(source, resource->series) : NULL;
}

static double value_at(const struct report *report, const struct subject *subject, size_t i)
{
    if (!subject->resource)
        return figure_at(report->series, subject->figure, i);
    const struct resource_series *series = series_of(report, subject->resource);
    return series ? series->values[i] : (double)NAN;
}

static int64_t source_interval(const struct report *report, const struct chart_resource *resource)
{
    const struct resource_source *source =
        report->resources ? resource_source_find(report->resources, resource->source) : NULL;
    return source ? resource_interval_ns(report->resources, source) : 0;
}

static int64_t interval_of(const struct report *report, const struct subject *subject)
{
    if (subject->resource)
        return source_interval(report, subject->resource);
    return report->series ? report->series->interval_ns : 0;
}

static size_t length_of(const struct report *report, const struct subject *subject)
{
    if (interval_of(report, subject) <= 0)
        return 0;
    if (!subject->resource)
        return report->series->n_requests;
    const struct resource_series *series = series_of(report, subject->resource);
    return series ? series->n_values : 0;
}

static struct track track_of(const struct render_side *side, const struct subject *subject)
{
    struct track track = {0};
    size_t n = 0;
    for (size_t i = 0; i < side->n; i++)
        n += length_of(side->reports[i], subject) + 1;
    track.points = mem_array(n + 1, sizeof *track.points);
    track.starts = mem_array(side->n + 1, sizeof *track.starts);
    for (size_t i = 0; i < side->n; i++) {
        const struct report *report = side->reports[i];
        size_t length = length_of(report, subject);
        if (!length)
            continue;
        double step = (double)interval_of(report, subject) / (double)NS_PER_S;
        track.starts[track.n_starts++] = track.end;
        if (track.n) /* the line does not go on */
            track.points[track.n++] = (struct point){track.end, (double)NAN};
        for (size_t k = 0; k < length; k++)
            track.points[track.n++] =
                (struct point){track.end + ((double)k + 0.5) * step, value_at(report, subject, k)};
        track.end += (double)length * step;
    }
    return track;
}

static void track_release(struct track *track)
{
    free(track->points);
    free(track->starts);
}

static void add_line(const struct chart *chart, const struct track *track, enum svg_ink ink)
{
    bool drawn = false;
    svg_open_path(chart->out, ink);
    for (size_t i = 0; i < track->n; i++) {
        const struct point *point = &track->points[i];
        if (!isfinite(point->y)) {
            drawn = false;
            continue;
        }
        double x = scale_place(&chart->x, point->x), y = scale_place(&chart->y, point->y);
        bool alone = !drawn && (i + 1 == track->n || !isfinite(track->points[i + 1].y));
        if (alone)
            svg_dot(chart->out, x, y);
        else if (drawn)
            svg_go(chart->out, x, y);
        else
            svg_move(chart->out, x, y);
        drawn = true;
    }
    svg_close_path(chart->out);
}

/* What the points of a column range over, and which of both extremes came first. */
struct column {
    size_t n;
    double low, high;
    size_t low_at, high_at;
};

static struct column *columns_of(const struct chart *chart, const struct track *track)
{
    struct column *columns = mem_array(CHART_COLUMNS, sizeof *columns);
    for (size_t i = 0; i < track->n; i++) {
        double y = track->points[i].y;
        if (!isfinite(y))
            continue;
        double place = scale_place(&chart->x, track->points[i].x) - chart->x.from;
        struct column *column = &columns[(size_t)fmin(place, (double)CHART_COLUMNS - 1)];
        if (!column->n || y < column->low) {
            column->low = y;
            column->low_at = i;
        }
        if (!column->n || y > column->high) {
            column->high = y;
            column->high_at = i;
        }
        column->n++;
    }
    return columns;
}

/* The candidate's: a line through the extremes of each column. */
static void add_dense_line(const struct chart *chart, const struct column *columns)
{
    bool drawn = false;
    svg_open_path(chart->out, INK_CANDIDATE);
    for (size_t c = 0; c < CHART_COLUMNS; c++) {
        const struct column *column = &columns[c];
        double x = chart->x.from + (double)c + 0.5;
        bool rises = column->low_at <= column->high_at;
        double ends[] = {scale_place(&chart->y, rises ? column->low : column->high),
                         scale_place(&chart->y, rises ? column->high : column->low)};
        if (column->n && drawn)
            svg_go(chart->out, x, ends[0]);
        else if (column->n)
            svg_move(chart->out, x, ends[0]);
        if (column->n)
            svg_go(chart->out, x, ends[1]);
        drawn = column->n > 0;
    }
    svg_close_path(chart->out);
}

/* The base's: a band, which a line over it does not hide. */
static void add_dense_band(const struct chart *chart, const struct column *columns)
{
    svg_open_path(chart->out, INK_BASE_BAND);
    for (size_t c = 0; c < CHART_COLUMNS; c++) {
        double x = chart->x.from + (double)c;
        if (!columns[c].n)
            continue;
        double top = scale_place(&chart->y, columns[c].high) - 0.5;
        double bottom = scale_place(&chart->y, columns[c].low) + 0.5;
        svg_move(chart->out, x, top);
        svg_go(chart->out, x + 1, top);
        svg_go(chart->out, x + 1, bottom);
        svg_go(chart->out, x, bottom);
    }
    svg_close_path(chart->out);
}

static void add_track(const struct chart *chart, const struct track *track, int side)
{
    if (track->n <= CHART_COLUMNS) {
        add_line(chart, track, side == RENDER_BASE ? INK_BASE : INK_CANDIDATE);
        return;
    }
    struct column *columns = columns_of(chart, track);
    if (side == RENDER_BASE)
        add_dense_band(chart, columns);
    else
        add_dense_line(chart, columns);
    free(columns);
}

/* Where the processes were started anew. */
static void add_starts(const struct chart *chart, const struct track *track)
{
    for (size_t i = 1; i < track->n_starts; i++) {
        double x = scale_place(&chart->x, track->starts[i]);
        svg_add_line(chart->out, x, CHART_TOP, x, CHART_BOTTOM, INK_AXIS);
    }
}

/* The range of the figures; false where there are none. `may_log`: a logarithmic axis is of use. */
static bool find_range(const struct track *tracks, struct scale *y, bool may_log)
{
    double low = (double)INFINITY, high = -(double)INFINITY;
    for (int side = 0; side < RENDER_SIDES; side++) {
        for (size_t i = 0; i < tracks[side].n; i++) {
            double value = tracks[side].points[i].y;
            low = isfinite(value) ? fmin(low, value) : low;
            high = isfinite(value) ? fmax(high, value) : high;
        }
    }
    if (!isfinite(low) || high <= 0) /* where nothing failed there is nothing to see */
        return false;
    y->log = may_log && low > 0 && high > low * LOG_FROM;
    y->low = y->log ? low : 0;
    y->high = high * 1.05;
    scale_fix(y);
    return true;
}

static const char *title_of(const struct subject *subject)
{
    static const char *const titles[] = {
        [CHART_P95] = "95th percentile over time",     [CHART_MEDIAN] = "Median over time",
        [CHART_AVERAGE] = "Average latency over time", [CHART_REQUESTS] = "Throughput over time",
        [CHART_FAILURES] = "Failures over time",
    };
    return subject->resource ? resource_title(subject->resource->series) : titles[subject->figure];
}

static enum chart_unit unit_of(const struct subject *subject)
{
    if (!subject->resource)
        return subject->figure <= CHART_AVERAGE ? CHART_UNIT_MS : CHART_UNIT_COUNT;
    return subject->unit == RESOURCE_RATIO ? CHART_UNIT_SHARE
           : subject->unit == RESOURCE_MS  ? CHART_UNIT_MS
                                           : CHART_UNIT_COUNT;
}

/* What the axis does not say of itself. */
static const char *note_of(const struct subject *subject, const struct scale *y)
{
    if (!subject->resource && subject->figure > CHART_AVERAGE)
        return "per second";
    if (subject->resource && subject->unit == RESOURCE_PER_S)
        return "per second";
    if (subject->resource && subject->unit == RESOURCE_MB)
        return "MiB";
    if (subject->resource && subject->unit == RESOURCE_MB_PER_S)
        return "MiB per second";
    return y->log ? "logarithmic axis" : NULL;
}

static void draw(struct chart *chart, const struct track *tracks, const struct subject *subject)
{
    bool there[RENDER_SIDES] = {tracks[RENDER_BASE].n > 0, tracks[RENDER_CANDIDATE].n > 0};
    const struct track *longest = &tracks[tracks[0].end > tracks[1].end ? 0 : 1];
    chart->x_unit = CHART_UNIT_SECONDS;
    chart->y_unit = unit_of(subject);
    chart->x.high = longest->end;
    scale_fix(&chart->x);
    svg_open(chart->out, CHART_WIDTH, CHART_HEIGHT, title_of(subject),
             "Each side over the time on its own clock; vertical lines are fresh starts.");
    chart_add_legend(chart->out, there, tracks[RENDER_BASE].n > CHART_COLUMNS,
                     note_of(subject, &chart->y));
    chart_add_y_axis(chart);
    add_starts(chart, longest);
    for (int side = 0; side < RENDER_SIDES; side++)
        add_track(chart, &tracks[side], side);
    chart_add_x_axis(chart);
    svg_close(chart->out);
}

static bool draw_subject(struct buf *out, const struct render_side *sides,
                         const struct subject *subject)
{
    struct track tracks[RENDER_SIDES];
    struct chart chart = {.out = out,
                          .x = {.from = CHART_LEFT, .to = CHART_RIGHT},
                          .y = {.from = CHART_BOTTOM, .to = CHART_TOP}};
    for (int side = 0; side < RENDER_SIDES; side++)
        tracks[side] = track_of(&sides[side], subject);
    bool any = find_range(tracks, &chart.y, !subject->resource);
    if (any)
        draw(&chart, tracks, subject);
    for (int side = 0; side < RENDER_SIDES; side++)
        track_release(&tracks[side]);
    return any;
}

bool chart_time(struct buf *out, const struct render_side *sides, enum chart_figure figure)
{
    const struct subject subject = {.figure = figure};
    return draw_subject(out, sides, &subject);
}

bool chart_resource(struct buf *out, const struct render_side *sides,
                    const struct chart_resource *resource)
{
    struct subject subject = {.resource = resource};
    for (int side = 0; side < RENDER_SIDES; side++)
        for (size_t i = 0; i < sides[side].n; i++) {
            const struct resource_series *series = series_of(sides[side].reports[i], resource);
            subject.unit = series ? series->unit : subject.unit;
        }
    return draw_subject(out, sides, &subject);
}
