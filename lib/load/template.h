/*
 * A text with `${name}` in it, compiled into literal and variable segments.
 *
 * Names with a slot (struct vars) become variable segments; others are looked up in the
 * environment and become part of the literal; a name found nowhere is an error. `$${` stands for a
 * literal `${`. The context says how a value is escaped, so that a captured text can never break
 * out of its place: a header cannot gain a line, nor a JSON string a member. Neighbouring literals
 * are merged: a template without variables has at most one segment, and one more for each literal
 * that is borrowed and its neighbours. Segments live in the arena
 * that was given. Rendering allocates nothing but the growth of the buffer.
 */
#ifndef PERFGATE_LOAD_TEMPLATE_H
#define PERFGATE_LOAD_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "load/vars.h"

enum template_context {
    TEMPLATE_RAW,    /* as it is */
    TEMPLATE_PATH,   /* a path as written; values as one segment, percent-encoded (RFC 3986, 2.3) */
    TEMPLATE_QUERY,  /* a query's name or value: literals and values percent-encoded */
    TEMPLATE_FORM,   /* application/x-www-form-urlencoded: both encoded, blanks as '+' */
    TEMPLATE_HEADER, /* a field's value: CR, LF and NUL refused in both */
    TEMPLATE_JSON,   /* JSON text as written; values as the content of a JSON string */
    TEMPLATE_PART,   /* a quoted name in a multipart body: quotes and line breaks encoded in both */
};

struct template_segment {
    const char *text; /* a literal; NULL for a variable */
    size_t len;
    int slot;   /* of a variable */
    bool alone; /* a literal that is borrowed: nothing is joined to it */
    enum template_context context;
};

struct template
{
    size_t n, capacity;
    struct template_segment *segments;
};

/* Appends the segments of `text` to a template, which may mix contexts. */
int template_add(struct template *template, const char *text, enum template_context context,
                 const struct vars *vars, struct arena *arena, struct err *err)
    __attribute__((warn_unused_result));

/* Appends a literal that is not looked into. */
void template_add_literal(struct template *template, const char *text, size_t len,
                          struct arena *arena);

/* The same for bytes that are kept elsewhere, and outlive the template. */
void template_add_borrowed(struct template *template, struct span text, struct arena *arena);

/* True where it renders the same bytes each time. */
bool template_is_fixed(const struct template *template);

/* The bytes of a fixed template. */
size_t template_length(const struct template *template);

/* The feeds whose columns it names, a bit each. */
uint32_t template_feeds(const struct template *template, const struct vars *vars);

/* Appends the text to `out`. Fails where a variable has no value yet or the context refuses it;
 * the message names the variable, never the value. */
int template_render(const struct template *template, const struct fill *fill, struct buf *out,
                    struct err *err) __attribute__((warn_unused_result));

#endif
