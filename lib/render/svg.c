#include "render/svg.h"

#include <math.h>

#include "render/escape.h"

/* An attribute's colours, light and dark, and what goes with it. The colours are told apart by all
 * kinds of colour vision, and by lightness: they are of M. Okabe and K. Ito's palette ("Color
 * Universal Design", 2008), darkened or lightened to stand out from the page. */
struct look {
    const char *class;
    const char *stroke[2]; /* NULL = none */
    const char *fill[2];
    const char *rest; /* further presentation attributes */
};

#define ROUND " stroke-linejoin=\"round\" stroke-linecap=\"round\""

/* Between the boxes of a flame graph: the page's ground. */
#define EDGE                                                                                       \
    {                                                                                              \
        "#ffffff", "#12161c"                                                                       \
    }

static const struct look looks[INK_COUNT] = {
    [INK_AXIS] = {"ax", {"#8a94a3", "#7d8896"}, {NULL, NULL}, ""},
    [INK_GRID] = {"gr", {"#e3e7ec", "#2b323c"}, {NULL, NULL}, ""},
    [INK_ZERO] = {"ze", {"#3c4654", "#b7c0cc"}, {NULL, NULL}, ""},
    [INK_BASE] = {"ba",
                  {"#6a7483", "#9aa5b4"},
                  {NULL, NULL},
                  " stroke-width=\"1.3\" stroke-dasharray=\"4 2\"" ROUND},
    [INK_CANDIDATE] = {"ca", {"#0067b1", "#58b4f0"}, {NULL, NULL}, " stroke-width=\"1.6\"" ROUND},
    [INK_BASE_AREA] = {"bf", {NULL, NULL}, {"#6a7483", "#9aa5b4"}, " fill-opacity=\"0.22\""},
    [INK_CANDIDATE_AREA] = {"cf", {NULL, NULL}, {"#0067b1", "#58b4f0"}, " fill-opacity=\"0.2\""},
    [INK_BASE_BAND] = {"bb", {NULL, NULL}, {"#6a7483", "#9aa5b4"}, " fill-opacity=\"0.6\""},
    [INK_BASE_DOT] = {"bd", {"#6a7483", "#9aa5b4"}, {NULL, NULL}, " stroke-width=\"3\"" ROUND},
    [INK_CANDIDATE_DOT] = {"cd", {"#0067b1", "#58b4f0"}, {NULL, NULL}, " stroke-width=\"3\"" ROUND},
    [INK_LIMIT] = {"li",
                   {"#b3400a", "#ff9d5c"},
                   {NULL, NULL},
                   " stroke-width=\"1.5\" stroke-dasharray=\"3 2\""},
    [INK_BEYOND] = {"be", {NULL, NULL}, {"#d55e00", "#ff8c42"}, " fill-opacity=\"0.09\""},
    [INK_INTERVAL] = {"iv", {"#3c4654", "#b7c0cc"}, {NULL, NULL}, " stroke-width=\"1.6\""},
    [INK_GOOD] = {"go", {"#0b6b57", "#4cc9a7"}, {"#0b6b57", "#4cc9a7"}, ""},
    [INK_BAD] = {"bx", {"#b3400a", "#ff9d5c"}, {"#b3400a", "#ff9d5c"}, ""},
    [INK_WARN] = {"wa", {"#6f5a00", "#e6c84a"}, {"#6f5a00", "#e6c84a"}, ""},
    [INK_ACCEPTED] = {"ac", {"#8a3d77", "#dd9bcb"}, {"#8a3d77", "#dd9bcb"}, ""},
    [INK_FLAME] = {"fl", EDGE, {"#f6dfae", "#4d4325"}, ""},
    [INK_SAME] = {"f0", EDGE, {"#e6e9ee", "#2c343f"}, ""},
    [INK_GREW] = {"u1", EDGE, {"#fbd8ca", "#4f2d20"}, ""},
    [INK_GREW_MORE] = {"u2", EDGE, {"#f5b195", "#703821"}, ""},
    [INK_GREW_MOST] = {"u3", EDGE, {"#ee8c66", "#8f4222"}, ""},
    [INK_SHRANK] = {"s1", EDGE, {"#d5e6f6", "#1f3a52"}, ""},
    [INK_SHRANK_MORE] = {"s2", EDGE, {"#abd0ef", "#1f4c70"}, ""},
    [INK_SHRANK_MOST] = {"s3", EDGE, {"#80b8e6", "#1d5c8e"}, ""},
};

static void add_number(struct buf *out, double value)
{
    double tenths = round(value * 10);
    if (fmod(tenths, 10) == 0)
        buf_addf(out, "%.0f", tenths / 10 + 0.0);
    else
        buf_addf(out, "%.1f", tenths / 10);
}

static void add_pair(struct buf *out, char command, double x, double y)
{
    buf_add_char(out, command);
    add_number(out, x);
    buf_add_char(out, ' ');
    add_number(out, y);
}

static void add_attribute(struct buf *out, const char *name, double value)
{
    buf_addf(out, " %s=\"", name);
    add_number(out, value);
    buf_add_char(out, '"');
}

static void add_ink(struct buf *out, enum svg_ink ink)
{
    const struct look *look = &looks[ink];
    buf_addf(out, " class=\"%s\" fill=\"%s\"", look->class, look->fill[0] ? look->fill[0] : "none");
    if (look->stroke[0])
        buf_addf(out, " stroke=\"%s\"", look->stroke[0]);
    buf_add_str(out, look->rest);
}

void svg_open(struct buf *out, double width, double height, const char *title, const char *text)
{
    buf_add_str(out, "<svg role=\"img\"");
    add_attribute(out, "width", width);
    add_attribute(out, "height", height);
    buf_addf(out,
             " viewBox=\"0 0 %.0f %.0f\" font-size=\"11\" font-family=\"sans-serif\" "
             "fill=\"#4a5563\"><title>",
             width, height);
    escape_add(out, title);
    buf_add_str(out, "</title>");
    if (*text) {
        buf_add_str(out, "<desc>");
        escape_add(out, text);
        buf_add_str(out, "</desc>");
    }
}

void svg_close(struct buf *out)
{
    buf_add_str(out, "</svg>");
}

void svg_add_line(struct buf *out, double x1, double y1, double x2, double y2, enum svg_ink ink)
{
    svg_open_path(out, ink);
    svg_move(out, x1, y1);
    svg_go(out, x2, y2);
    svg_close_path(out);
}

void svg_add_rect(struct buf *out, double x, double y, double width, double height,
                  enum svg_ink ink)
{
    buf_add_str(out, "<rect");
    add_attribute(out, "x", x);
    add_attribute(out, "y", y);
    add_attribute(out, "width", width);
    add_attribute(out, "height", height);
    add_ink(out, ink);
    buf_add_str(out, "/>");
}

void svg_open_group(struct buf *out, const char *title)
{
    buf_add_str(out, "<g><title>");
    escape_add(out, title);
    buf_add_str(out, "</title>");
}

void svg_close_group(struct buf *out)
{
    buf_add_str(out, "</g>\n");
}

void svg_add_text(struct buf *out, double x, double y, enum svg_anchor anchor, const char *text)
{
    static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    buf_add_str(out, "<text");
    add_attribute(out, "x", x);
    add_attribute(out, "y", y);
    buf_addf(out, "%s>", anchors[anchor]);
    escape_add(out, text);
    buf_add_str(out, "</text>");
}

void svg_open_path(struct buf *out, enum svg_ink ink)
{
    buf_add_str(out, "<path");
    add_ink(out, ink);
    buf_add_str(out, " d=\"");
}

void svg_move(struct buf *out, double x, double y)
{
    add_pair(out, 'M', x, y);
}

void svg_go(struct buf *out, double x, double y)
{
    add_pair(out, 'L', x, y);
}

void svg_dot(struct buf *out, double x, double y)
{
    add_pair(out, 'M', x, y);
    buf_add_str(out, "h0");
}

void svg_close_path(struct buf *out)
{
    buf_add_str(out, "\"/>");
}

void svg_add_mark(struct buf *out, double x, double y, enum svg_mark mark, enum svg_ink ink)
{
    static const double corners[][8] = {
        [MARK_UP] = {0, -5, 5, 4, -5, 4, 0, -5},
        [MARK_DOWN] = {0, 5, 5, -4, -5, -4, 0, 5},
        [MARK_DIAMOND] = {0, -5, 5, 0, 0, 5, -5, 0},
    };
    if (mark == MARK_DOT || mark == MARK_RING) {
        buf_add_str(out, "<circle");
        add_attribute(out, "cx", x);
        add_attribute(out, "cy", y);
        buf_add_str(out, mark == MARK_DOT ? " r=\"4\"" : " r=\"3.5\" stroke-width=\"1.6\"");
        const struct look *look = &looks[ink];
        if (mark == MARK_RING)
            buf_addf(out, " class=\"%s ri\" fill=\"#fff\" stroke=\"%s\"", look->class,
                     look->stroke[0]);
        else
            add_ink(out, ink);
        buf_add_str(out, "/>");
        return;
    }
    svg_open_path(out, ink);
    for (int i = 0; i < 8; i += 2)
        add_pair(out, i ? 'L' : 'M', x + corners[mark][i], y + corners[mark][i + 1]);
    buf_add_str(out, "z");
    svg_close_path(out);
}

double svg_text_width(int columns)
{
    return 7.0 * columns;
}

void svg_add_style(struct buf *out, int dark)
{
    for (int i = 0; i < INK_COUNT; i++) {
        const struct look *look = &looks[i];
        buf_addf(out, ".%s{", look->class);
        if (look->stroke[dark])
            buf_addf(out, "stroke:%s;", look->stroke[dark]);
        buf_addf(out, "fill:%s}", look->fill[dark] ? look->fill[dark] : "none");
    }
}
