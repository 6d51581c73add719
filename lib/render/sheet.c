#include "render/sheet.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "base/num.h"
#include "render/utf8.h"

/* The characters that a formula begins with, the full-width forms that some spreadsheets take for
 * the same among them. */
static const char *const openers[] = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};

static bool opens_formula(const char *text)
{
    text += strspn(text, " \"'");
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++) {
        if (strncmp(text, openers[i], strlen(openers[i])) == 0)
            return true;
    }
    return false;
}

/* Appends `text` with an apostrophe wherever a cell could begin that is a formula. */
static void add_inert(struct buf *out, const char *text)
{
    bool begins = true;
    for (; *text; text++) {
        if (begins && opens_formula(text))
            buf_add_char(out, '\'');
        begins = *text == ';';
        buf_add_char(out, *text);
    }
}

static void add_field(struct buf *out, const char *text, bool first)
{
    struct buf visible = {0}, inert = {0};
    utf8_add_safe(&visible, text ? text : "");
    add_inert(&inert, buf_text(&visible));
    csv_add_field(out, buf_text(&inert), first);
    buf_release(&inert);
    buf_release(&visible);
}

void sheet_begin(struct buf *out, const char *text)
{
    add_field(out, text, true);
}

void sheet_add_text(struct buf *out, const char *text)
{
    add_field(out, text, false);
}

void sheet_add_number(struct buf *out, double value)
{
    buf_add_char(out, ',');
    if (isfinite(value))
        num_add_double(out, value);
}

void sheet_add_int(struct buf *out, int64_t value)
{
    buf_addf(out, ",%" PRId64, value);
}

void sheet_add_bool(struct buf *out, bool value)
{
    buf_add_str(out, value ? ",true" : ",false");
}

void sheet_add_texts(struct buf *out, const char *const *texts, size_t n)
{
    struct buf all = {0};
    for (size_t i = 0; i < n; i++)
        buf_addf(&all, "%s%s", i ? "; " : "", texts[i]);
    sheet_add_text(out, buf_text(&all));
    buf_release(&all);
}

const char *sheet_unit(enum metric metric)
{
    static const char *const units[] = {
        [UNIT_MS] = "ms", [UNIT_RATIO] = "ratio", [UNIT_PER_S] = "1/s", [UNIT_PLAIN] = ""};
    return units[metric_info(metric)->unit];
}

void sheet_add_head(struct buf *out, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        csv_add_field(out, names[i], i == 0);
    csv_end_row(out);
}
