/*
 * Fields of CSV that a spreadsheet shows and does not execute.
 *
 * A spreadsheet takes a text that begins with = + - @ for a formula (CWE-1236; OWASP, "CSV
 * injection"), and one whose list separator is the semicolon begins a cell behind each of them. An
 * apostrophe before such a character makes it text. Names are in their visible forms (utf8.h), so
 * that a field has no tab and no line break. A figure is a number with all its digits, in the unit
 * that its column names; an unknown one is an empty field.
 */
#ifndef PERFGATE_RENDER_SHEET_H
#define PERFGATE_RENDER_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/metric.h"

/* The first field of a row; NULL is an empty text, here and below. */
void sheet_begin(struct buf *out, const char *text);

/* The fields behind it. */
void sheet_add_text(struct buf *out, const char *text);
void sheet_add_number(struct buf *out, double value);
void sheet_add_int(struct buf *out, int64_t value);
void sheet_add_bool(struct buf *out, bool value);
/* All of them as one field, "; " between. */
void sheet_add_texts(struct buf *out, const char *const *texts, size_t n);

/* What the figures of a metric are in: "ms", "ratio" or "1/s". */
const char *sheet_unit(enum metric metric);

/* A first row of names. */
void sheet_add_head(struct buf *out, const char *const *names, size_t n);

#endif
