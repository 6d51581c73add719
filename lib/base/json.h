/*
 * JSON with a strict reader, described by tables.
 *
 * A document's shape is a table of fields (struct js_shape); the same table decodes the document
 * into a C struct and encodes it back, so each key is named once. Decoding refuses unknown and
 * duplicate keys, wrong types, numbers out of range, NaN, NUL and bad UTF-8 in strings, and
 * anything over the limits; every message names the file and the line or the path in the document
 * (`'r.json': endpoints[3].name: expected a string, found a number`). Encoding is deterministic:
 * the order of the table, shortest decimals, arrays of numbers on one line.
 *
 * What is decoded is copied into the caller's arena; a document can be freed right after.
 * The only user of jansson is json_read.c.
 */
#ifndef PERFGATE_BASE_JSON_H
#define PERFGATE_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum js_kind { JS_K_NULL, JS_K_BOOL, JS_K_NUMBER, JS_K_STRING, JS_K_ARRAY, JS_K_OBJECT };

/* A parsed text; opaque. */
struct js_doc;

/* A value within a document, with the way to it. Lives on the stack of the code that walks. */
struct js_at {
    const void *value;      /* jansson's, opaque outside json_read.c */
    const struct js_at *up; /* NULL at the root */
    const char *key;        /* NULL for an array's element and the root */
    size_t index;           /* of an array's element */
    const char *source;     /* the file's name, for messages */
};

/* ---- reading (json_read.c) ---- */

/* Parses `len` bytes of UTF-8. `source` names them in messages and must outlive the document.
 * Nesting deeper than 64 is an error; the size is the caller's to limit. */
int js_parse(const char *bytes, size_t len, const char *source, struct js_doc **doc,
             struct err *err) __attribute__((warn_unused_result));
void js_free(struct js_doc *doc);
struct js_at js_root(const struct js_doc *doc);

enum js_kind js_kind(const struct js_at *at);
/* "a string", "an object", … for messages */
const char *js_kind_name(enum js_kind kind);

/* Elements of an array or members of an object; 0 for other kinds. */
size_t js_count(const struct js_at *at);
/* Element `i` of an array. */
struct js_at js_item(const struct js_at *at, size_t i);
/* The member `key` of an object; false where there is none. */
bool js_member(const struct js_at *at, const char *key, struct js_at *out);
/* Steps through an object's members in the order of the file: start with *cursor NULL; false after
 * the last. */
bool js_next(const struct js_at *at, void **cursor, struct js_at *out);

/* Typed access; -1 with a message that names the path. The string belongs to the document. */
int js_get_string(const struct js_at *at, const char **out, struct err *err);
int js_get_bool(const struct js_at *at, bool *out, struct err *err);
int js_get_number(const struct js_at *at, double low, double high, double *out, struct err *err);
int js_get_int(const struct js_at *at, int64_t low, int64_t high, int64_t *out, struct err *err);

/* Fails unless the value is an object. */
int js_expect_object(const struct js_at *at, struct err *err) __attribute__((warn_unused_result));

/* Fails with "'source': path: " and the formatted text. Returns -1. */
int js_fail(const struct js_at *at, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The value as JSON text on one line, appended to `out`. */
void js_dump(const struct js_at *at, struct buf *out);

/* ---- tables (json_shape.c) ---- */

enum js_type {
    JS_STRING,  /* const char *; NULL = absent */
    JS_BOOL,    /* bool; left out when false unless it is required */
    JS_INT,     /* int64_t */
    JS_NUMBER,  /* double; NAN = absent */
    JS_MS,      /* int64_t nanoseconds, milliseconds in the document */
    JS_ENUM,    /* int, an index into `names` (NULL-terminated) */
    JS_OBJECT,  /* a struct of shape `shape` by value, always present */
    JS_INLINE,  /* the same, its keys among those of the object around it; `key` is "" */
    JS_POINTER, /* struct *; NULL = absent */
    JS_OBJECTS, /* struct * and, at count_offset, size_t: an array of objects */
    JS_STRINGS, /* const char ** and size_t */
    JS_INTS,    /* int64_t * and size_t */
    JS_NUMBERS, /* double * and size_t; null = NAN */
    JS_CUSTOM,  /* decode() and encode() below */
};

enum js_flag {
    JS_REQUIRED = 1,   /* must be present */
    JS_OMIT_ZERO = 2,  /* an int, ms, enum, array or object is left out when zero or empty */
    JS_SAME_COUNT = 4, /* an array as long as the one before it, with the same count_offset */
    JS_TIGHT = 8,      /* an array without blanks behind its commas */
};

/* The start of a row, for the member `m` of `struct s`; other designators may follow. The second
 * is for arrays, whose number of elements is the member `n`. */
#define JS_FIELD(s, k, t, m)   .key = (k), .type = (t), .offset = offsetof(struct s, m)
#define JS_LIST(s, k, t, m, n) JS_FIELD(s, k, t, m), .count_offset = offsetof(struct s, n)

struct js_writer;

struct js_field {
    const char *key;
    enum js_type type;
    size_t offset; /* of the member in the struct */
    unsigned flags;
    double low, high; /* inclusive range for numbers (in the document's unit); both 0: any >= 0 */
    size_t count_offset;
    const struct js_shape *shape;
    const char *const *names;
    /* JS_CUSTOM; `member` points at the struct's member. encode writes key and value, or nothing
     * to leave the key out. */
    int (*decode)(const struct js_at *at, void *member, struct arena *arena, struct err *err);
    void (*encode)(struct js_writer *writer, const char *key, const void *member);
};

struct js_shape {
    size_t size; /* of the struct */
    const struct js_field *fields;
    size_t n_fields;
    void (*defaults)(void *out); /* before decoding; NULL: all zero bytes */
    bool one_line;               /* encode on one line */
    bool skip_unknown;           /* unknown keys are ignored (flat reports of other tools) */
};

/* Decodes an object into `out` (shape->size bytes). */
int js_decode(const struct js_at *at, const struct js_shape *shape, void *out, struct arena *arena,
              struct err *err) __attribute__((warn_unused_result));

/* ---- writing (json_write.c, json_shape.c) ---- */

struct js_writer {
    struct buf *out;
    int depth;
    int one_line;   /* > 0: no line breaks */
    bool tight;     /* no blank behind a comma within a line */
    bool not_first; /* a comma is due */
};

/* `key` is NULL inside arrays and at the root. */
void js_open(struct js_writer *writer, const char *key, char bracket);
void js_close(struct js_writer *writer, char bracket);
void js_put_string(struct js_writer *writer, const char *key, const char *value);
void js_put_bool(struct js_writer *writer, const char *key, bool value);
void js_put_int(struct js_writer *writer, const char *key, int64_t value);
void js_put_number(struct js_writer *writer, const char *key, double value);
void js_put_ms(struct js_writer *writer, const char *key, int64_t ns);
/* Verbatim JSON text. */
void js_put_raw(struct js_writer *writer, const char *key, const char *json);

/* A JSON string literal with quotes, appended to `out`. Bytes that are not UTF-8, as a file's name
 * or a message that was cut may have them, become U+FFFD: what is written can be read. */
void js_quote(struct buf *out, const char *text);

/* Writes `in` as an object by its table. */
void js_encode(struct js_writer *writer, const char *key, const struct js_shape *shape,
               const void *in);

#endif
