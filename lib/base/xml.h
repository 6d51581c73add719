/*
 * The elements of an XML document of any size, one after the other, as bytes are pushed.
 *
 * The document type is refused, and with it every entity but the five that XML has itself: nothing
 * outside is opened, and nothing grows by being named. Memory is bounded: a tag has at most
 * XML_TAG_LIMIT bytes, elements lie at most XML_DEPTH deep, and there are at most XML_NAMES
 * different names of elements and attributes, which Expat keeps. Text comes in pieces, as long as
 * it may be. The only user of Expat.
 */
#ifndef PERFGATE_BASE_XML_H
#define PERFGATE_BASE_XML_H

#include <stddef.h>

#include "base/err.h"
#include "base/span.h"

#define XML_TAG_LIMIT ((size_t)256 << 10)
#define XML_DEPTH     ((size_t)100)
#define XML_NAMES     ((size_t)1000)

/* An element begins. */
struct xml_element {
    const char *name;              /* UTF-8, as the file has it, with a prefix if there is one */
    const char *const *attributes; /* name, value, …, NULL */
    size_t line;                   /* from 1 */
};

/* Each returns 0, or -1 with `err` filled, which ends the reading. Texts are valid during the call.
 */
struct xml_handlers {
    int (*open)(void *context, const struct xml_element *element, struct err *err);
    int (*close)(void *context, const char *name, struct err *err);
    int (*text)(void *context, struct span piece, struct err *err);
    void *context;
};

struct xml;

/* `source` names the file in messages and outlives the reader, as the handlers do. The caller
 * frees. */
struct xml *xml_new(const char *source, const struct xml_handlers *handlers)
    __attribute__((returns_nonnull, warn_unused_result));

int xml_push(struct xml *xml, struct span bytes, struct err *err)
    __attribute__((warn_unused_result));

/* The file is over: so is its outermost element. */
int xml_end(struct xml *xml, struct err *err) __attribute__((warn_unused_result));

/* The value of an attribute; empty where there is none. */
struct span xml_attribute(const struct xml_element *element, const char *name);

void xml_free(struct xml *xml);

#endif
