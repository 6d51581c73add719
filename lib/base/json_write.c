#include "base/json.h"
#include "base/num.h"
#include "base/utf8.h"

#include <inttypes.h>

static void start_line(struct js_writer *writer)
{
    buf_add_char(writer->out, '\n');
    buf_add_repeat(writer->out, ' ', 2 * (size_t)writer->depth);
}

/* The comma, line break and key before a value. */
static void start_value(struct js_writer *writer, const char *key)
{
    if (writer->not_first)
        buf_add_str(writer->out, writer->one_line && !writer->tight ? ", " : ",");
    if (writer->depth && !writer->one_line)
        start_line(writer);
    writer->not_first = true;
    if (key) {
        js_quote(writer->out, key);
        buf_add_str(writer->out, ": ");
    }
}

void js_open(struct js_writer *writer, const char *key, char bracket)
{
    start_value(writer, key);
    buf_add_char(writer->out, bracket);
    writer->depth++;
    writer->not_first = false;
}

void js_close(struct js_writer *writer, char bracket)
{
    writer->depth--;
    if (writer->not_first && !writer->one_line)
        start_line(writer);
    buf_add_char(writer->out, bracket);
    if (!writer->depth)
        buf_add_char(writer->out, '\n');
    writer->not_first = true;
}

static void quote_ascii(struct buf *out, char c)
{
    if (c == '"' || c == '\\')
        buf_addf(out, "\\%c", c);
    else if (c == '\n')
        buf_add_str(out, "\\n");
    else if (c < 0x20 || c == 0x7f)
        buf_addf(out, "\\u%04x", (unsigned)c);
    else
        buf_add_char(out, c);
}

void js_quote(struct buf *out, const char *text)
{
    uint32_t code;
    buf_add_char(out, '"');
    for (const char *start = text; (code = utf8_next(&text)) != 0; start = text) {
        if (code < 0x80)
            quote_ascii(out, (char)code);
        else if (code == UTF8_INVALID)
            buf_add_str(out, "\\ufffd");
        else
            buf_add(out, start, (size_t)(text - start));
    }
    buf_add_char(out, '"');
}

void js_put_raw(struct js_writer *writer, const char *key, const char *json)
{
    start_value(writer, key);
    buf_add_str(writer->out, json);
}

void js_put_string(struct js_writer *writer, const char *key, const char *value)
{
    start_value(writer, key);
    js_quote(writer->out, value);
}

void js_put_bool(struct js_writer *writer, const char *key, bool value)
{
    js_put_raw(writer, key, value ? "true" : "false");
}

void js_put_int(struct js_writer *writer, const char *key, int64_t value)
{
    start_value(writer, key);
    buf_addf(writer->out, "%" PRId64, value);
}

void js_put_number(struct js_writer *writer, const char *key, double value)
{
    start_value(writer, key);
    num_add_double(writer->out, value);
}

void js_put_ms(struct js_writer *writer, const char *key, int64_t ns)
{
    start_value(writer, key);
    num_add_ms(writer->out, ns);
}
