#include "base/xml.h"

#include <expat.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/mem.h"

#define TABLE ((size_t)2048) /* a power of two, above XML_NAMES */

struct xml {
    XML_Parser parser;
    const char *source;
    const struct xml_handlers *handlers;
    size_t depth;
    uint64_t names[TABLE]; /* hashes of those that were met; 0 = free */
    size_t n_names;
    int64_t pushed; /* bytes */
    int failed;     /* 0, or -1 with `err` filled */
    struct err *err;
};

static int fail(struct xml *xml, const char *what)
{
    if (!xml->failed)
        xml->failed = err_set(xml->err, ERR_INPUT, "'%s' line %lu: %s", xml->source,
                              (unsigned long)XML_GetCurrentLineNumber(xml->parser), what);
    XML_StopParser(xml->parser, XML_FALSE);
    return -1;
}

/* False where the name would be one too many. */
static bool admit(struct xml *xml, const char *name)
{
    uint64_t h = fnv_add(FNV_START, name, strlen(name));
    h = h ? h : 1;
    size_t at = (size_t)(h ^ h >> 32) % TABLE;
    while (xml->names[at] && xml->names[at] != h)
        at = (at + 1) % TABLE;
    if (xml->names[at])
        return true;
    xml->names[at] = h;
    return ++xml->n_names <= XML_NAMES;
}

static bool admit_all(struct xml *xml, const char *name, const char *const *attributes)
{
    bool known = admit(xml, name);
    for (; known && *attributes; attributes += 2)
        known = admit(xml, *attributes);
    return known;
}

static void XMLCALL on_open(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct xml *xml = data;
    const char *const *pairs = (const char *const *)attributes;
    struct xml_element element = {name, pairs, XML_GetCurrentLineNumber(xml->parser)};
    if (xml->failed)
        return;
    if (++xml->depth > XML_DEPTH)
        fail(xml, "elements lie more than 100 deep");
    else if (!admit_all(xml, name, pairs))
        fail(xml, "more than 1000 different names of elements and attributes");
    else if (xml->handlers->open(xml->handlers->context, &element, xml->err) < 0) {
        xml->failed = -1;
        XML_StopParser(xml->parser, XML_FALSE);
    }
}

static void XMLCALL on_close(void *data, const XML_Char *name)
{
    struct xml *xml = data;
    if (xml->failed)
        return;
    xml->depth--;
    xml->failed = xml->handlers->close(xml->handlers->context, name, xml->err);
    if (xml->failed)
        XML_StopParser(xml->parser, XML_FALSE);
}

static void XMLCALL on_text(void *data, const XML_Char *bytes, int len)
{
    struct xml *xml = data;
    if (xml->failed)
        return;
    xml->failed =
        xml->handlers->text(xml->handlers->context, (struct span){bytes, (size_t)len}, xml->err);
    if (xml->failed)
        XML_StopParser(xml->parser, XML_FALSE);
}

static void XMLCALL on_document_type(void *data, const XML_Char *name, const XML_Char *system,
                                     const XML_Char *public, int has_subset)
{
    (void)name, (void)system, (void)public, (void)has_subset;
    fail(data, "a document type (DOCTYPE) is not taken; remove it");
}

struct xml *xml_new(const char *source, const struct xml_handlers *handlers)
{
    struct xml *xml = mem_new(sizeof *xml);
    xml->source = source;
    xml->handlers = handlers;
    xml->parser = XML_ParserCreate(NULL);
    if (!xml->parser)
        mem_exhausted();
    XML_SetUserData(xml->parser, xml);
    XML_SetElementHandler(xml->parser, on_open, on_close);
    XML_SetCharacterDataHandler(xml->parser, on_text);
    XML_SetStartDoctypeDeclHandler(xml->parser, on_document_type);
    return xml;
}

static int fail_parse(struct xml *xml, bool at_end)
{
    enum XML_Error code = XML_GetErrorCode(xml->parser);
    if (xml->failed)
        return -1;
    if (code == XML_ERROR_NO_MEMORY)
        mem_exhausted();
    if (at_end)
        return fail(xml, "the file ends within an element and may be cut off; write it again");
    return xml->failed = err_set(xml->err, ERR_INPUT, "'%s' line %lu: expected well-formed XML: %s",
                                 xml->source, (unsigned long)XML_GetCurrentLineNumber(xml->parser),
                                 XML_ErrorString(code));
}

/* What Expat holds back until it is whole: the bytes behind the last that it told of. */
static int check_held(struct xml *xml)
{
    int64_t at = XML_GetCurrentByteIndex(xml->parser);
    return at >= 0 && xml->pushed - at > (int64_t)XML_TAG_LIMIT
               ? fail(xml, "a tag is over 256 KiB; expected whole elements")
               : 0;
}

int xml_push(struct xml *xml, struct span bytes, struct err *err)
{
    xml->err = err;
    xml->pushed += (int64_t)bytes.len;
    if (XML_Parse(xml->parser, bytes.at, (int)bytes.len, XML_FALSE) != XML_STATUS_OK)
        return fail_parse(xml, false);
    return check_held(xml);
}

int xml_end(struct xml *xml, struct err *err)
{
    xml->err = err;
    return XML_Parse(xml->parser, "", 0, XML_TRUE) == XML_STATUS_OK ? 0 : fail_parse(xml, true);
}

struct span xml_attribute(const struct xml_element *element, const char *name)
{
    for (const char *const *at = element->attributes; *at; at += 2)
        if (strcmp(at[0], name) == 0)
            return (struct span){at[1], strlen(at[1])};
    return (struct span){"", 0};
}

void xml_free(struct xml *xml)
{
    if (!xml)
        return;
    XML_ParserFree(xml->parser);
    free(xml);
}
