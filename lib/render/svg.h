/*
 * Drawing in SVG within an HTML page.
 *
 * Lengths are in the units of the drawing's own width and height, which are CSS pixels where the
 * page shows it in its natural size; x grows to the right and y downwards. What is drawn has an
 * ink: a class, for which the page's style sheet has a colour in each colour scheme, and beside it
 * presentation attributes, so that a drawing is complete where style sheets are blocked.
 * Coordinates are rounded to a tenth; one that is not finite is an error of the caller.
 */
#ifndef PERFGATE_RENDER_SVG_H
#define PERFGATE_RENDER_SVG_H

#include "base/buf.h"

enum svg_ink {
    INK_AXIS,      /* what a figure is read off from */
    INK_GRID,      /* behind everything */
    INK_ZERO,      /* no change */
    INK_BASE,      /* the base side: a thin broken line */
    INK_CANDIDATE, /* the candidate: a thick line */
    INK_BASE_AREA, /* the same as areas */
    INK_CANDIDATE_AREA,
    INK_BASE_BAND, /* of a line that has too many points for one */
    INK_BASE_DOT,  /* and as dots */
    INK_CANDIDATE_DOT,
    INK_LIMIT,    /* what is allowed */
    INK_BEYOND,   /* the area where it is not */
    INK_INTERVAL, /* where the truth may be */
    INK_GOOD,     /* marks, by status */
    INK_BAD,
    INK_WARN,
    INK_ACCEPTED,
    INK_FLAME, /* boxes of a flame graph: of one side alone */
    INK_SAME,  /* and of two: about the same, a larger share, a smaller one */
    INK_GREW,
    INK_GREW_MORE,
    INK_GREW_MOST,
    INK_SHRANK,
    INK_SHRANK_MORE,
    INK_SHRANK_MOST,
    INK_COUNT
};

enum svg_anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

/* Begins a drawing that says what it shows to who cannot see it; both texts are escaped. */
void svg_open(struct buf *out, double width, double height, const char *title, const char *text);
void svg_close(struct buf *out);

void svg_add_line(struct buf *out, double x1, double y1, double x2, double y2, enum svg_ink ink);
void svg_add_rect(struct buf *out, double x, double y, double width, double height,
                  enum svg_ink ink);

/* What is drawn within a group has its title; escaped. */
void svg_open_group(struct buf *out, const char *title);
void svg_close_group(struct buf *out);

/* A line of text with its baseline at y; escaped. */
void svg_add_text(struct buf *out, double x, double y, enum svg_anchor anchor, const char *text);

/* One shape of many points: open it, move and go, close it. */
void svg_open_path(struct buf *out, enum svg_ink ink);
void svg_move(struct buf *out, double x, double y);
void svg_go(struct buf *out, double x, double y);
/* A dot of a path in the ink of dots. */
void svg_dot(struct buf *out, double x, double y);
void svg_close_path(struct buf *out);

/* Marks of different forms, so that none is told by its colour alone. */
enum svg_mark { MARK_DOT, MARK_RING, MARK_UP, MARK_DOWN, MARK_DIAMOND };
void svg_add_mark(struct buf *out, double x, double y, enum svg_mark mark, enum svg_ink ink);

/* The greatest width that a text of `columns` columns takes in a usual typeface. */
double svg_text_width(int columns);

/* The colours of all inks, for the style sheet: in light or in dark. */
void svg_add_style(struct buf *out, int dark);

#endif
