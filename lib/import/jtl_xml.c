/*
 * JMeter's results as XML (SampleResultConverter.java of 5.6): an element for each sample within
 * testResults.
 *
 * A sample's parts are elements within it. Those of a transaction are the samples that it is of and
 * count; those of any other sample, as embedded resources and redirects, are in its own time, and
 * are passed over, as JMeter's CSV does not have them. Bodies, headers and data are passed over.
 */
#include <string.h>

#include "base/xml.h"
#include "import/failures.h"
#include "import/formats.h"
#include "import/jtl.h"
#include "import/object.h"
#include "import/rows.h"
#include "import/text.h"

#define ROOT "testResults"

/* The attributes of a sample, by the member of struct jtl_sample. */
static const struct {
    const char *name;
    size_t offset;
} attributes[] = {
    {"ts", offsetof(struct jtl_sample, time)},    {"t", offsetof(struct jtl_sample, elapsed)},
    {"lb", offsetof(struct jtl_sample, label)},   {"rc", offsetof(struct jtl_sample, code)},
    {"rm", offsetof(struct jtl_sample, message)}, {"s", offsetof(struct jtl_sample, success)},
    {"by", offsetof(struct jtl_sample, bytes)},   {"na", offsetof(struct jtl_sample, users)},
    {"sc", offsetof(struct jtl_sample, samples)},
};
#define N_ATTRIBUTES (sizeof attributes / sizeof attributes[0])

struct jtl_xml {
    const struct import_file *file;
    struct jtl jtl;
    struct rows_left left;
    size_t depth;  /* elements that are open */
    size_t within; /* how many of the outermost are the root and transactions */
    bool any;      /* the root was there */
    bool timed;    /* the first sample has a start */
    bool counted;  /* some sample was met */

    /* The sample that is yet to be added, until its end or the next one begins. */
    bool pending;
    size_t line, pending_depth;
    struct buf texts[N_ATTRIBUTES], failure;
    bool in_failure; /* in the first failureMessage of its assertions */
};

bool jtl_xml_recognise(struct span head)
{
    return object_first(head) == '<' && text_holds(head, "<" ROOT);
}

/* ---- samples ---- */

static int add_pending(struct jtl_xml *xml, struct err *err)
{
    struct jtl_sample sample = {.timed = xml->timed};
    struct err own = {0};
    if (!xml->pending)
        return 0;
    xml->pending = xml->in_failure = false;
    for (size_t i = 0; i < N_ATTRIBUTES; i++) {
        struct span text = {buf_text(&xml->texts[i]), xml->texts[i].len};
        memcpy((char *)&sample + attributes[i].offset, &text, sizeof text);
    }
    sample.failure = (struct span){buf_text(&xml->failure), xml->failure.len};
    if (jtl_add(&xml->jtl, &sample, &own) == 0)
        return 0;
    err_prefix(&own, "'%s' line %zu: ", xml->file->stream->name, xml->line);
    return rows_leave(&xml->left, xml->file, &own, err);
}

static void begin_sample(struct jtl_xml *xml, const struct xml_element *element)
{
    int64_t samples;
    xml->pending = true;
    xml->line = element->line;
    xml->pending_depth = xml->depth;
    buf_reset(&xml->failure);
    for (size_t i = 0; i < N_ATTRIBUTES; i++) {
        struct span text = xml_attribute(element, attributes[i].name);
        buf_reset(&xml->texts[i]);
        buf_add(&xml->texts[i], text.at, text.len);
    }
    if (!xml->counted)
        xml->timed = xml_attribute(element, "ts").len > 0;
    xml->counted = true;
    if (jtl_is_transaction(xml_attribute(element, "rm"), &samples))
        xml->within = xml->depth;
}

static bool is_sample(const char *name)
{
    return strcmp(name, "httpSample") == 0 || strcmp(name, "sample") == 0;
}

static int on_open(void *context, const struct xml_element *element, struct err *err)
{
    struct jtl_xml *xml = context;
    bool counts = xml->depth == xml->within;
    xml->depth++;
    if (xml->depth == 1) {
        if (strcmp(element->name, ROOT) != 0)
            return err_set(err, ERR_INPUT,
                           "'%s' line %zu: expected the element '" ROOT
                           "', as JMeter writes it, found '%.40s'",
                           xml->file->stream->name, element->line, element->name);
        xml->any = true;
        xml->within = 1;
        return 0;
    }
    if (counts && is_sample(element->name)) {
        if (add_pending(xml, err) < 0)
            return -1;
        begin_sample(xml, element);
    }
    /* sample, assertionResult, failureMessage */
    xml->in_failure = xml->pending && xml->depth == xml->pending_depth + 2 && !xml->failure.len &&
                      strcmp(element->name, "failureMessage") == 0;
    return 0;
}

static int on_close(void *context, const char *name, struct err *err)
{
    struct jtl_xml *xml = context;
    (void)name;
    xml->in_failure = false;
    xml->depth--;
    if (xml->within > xml->depth)
        xml->within = xml->depth;
    return xml->pending && xml->depth < xml->pending_depth ? add_pending(xml, err) : 0;
}

static int on_text(void *context, struct span piece, struct err *err)
{
    struct jtl_xml *xml = context;
    (void)err;
    if (xml->in_failure && xml->failure.len < FAILURES_TEXT)
        buf_add(&xml->failure, piece.at, piece.len);
    return 0;
}

/* ---- the whole ---- */

static int read_elements(struct jtl_xml *own, struct xml *xml, struct err *err)
{
    struct span piece;
    do {
        if (stream_read(own->file->stream, &piece, err) < 0 ||
            (piece.len && xml_push(xml, piece, err) < 0))
            return -1;
    } while (piece.len);
    return xml_end(xml, err);
}

int jtl_xml_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct jtl_xml own = {.file = file};
    struct xml_handlers handlers = {on_open, on_close, on_text, &own};
    struct xml *xml = xml_new(file->stream->name, &handlers);
    struct err fault = {0};
    jtl_begin(&own.jtl);
    int status = read_elements(&own, xml, &fault);
    if (status < 0)
        status = rows_stop(file, own.any, &fault, report, err);
    if (status == 0)
        status = jtl_finish(file, &own.jtl, report, err);
    if (status == 0)
        rows_note_left(&own.left, "sample", report);
    for (size_t i = 0; i < N_ATTRIBUTES; i++)
        buf_release(&own.texts[i]);
    buf_release(&own.failure);
    jtl_end(&own.jtl);
    xml_free(xml);
    return status;
}
