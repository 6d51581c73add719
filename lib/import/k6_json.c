/*
 * k6 --out json=FILE[.gz] (output/json of 2.2): a JSON object on each line, of which the ones of
 * type Point and metric http_req_duration are requests. Only those lines are parsed: of a request
 * there are eight others. Of the others no more is checked than that they begin and end as an
 * object does, which tells a file that was cut off or overwritten in part.
 */
#include <string.h>

#include "base/json.h"
#include "import/formats.h"
#include "import/k6.h"
#include "import/object.h"
#include "import/rows.h"
#include "import/text.h"

#define LINE_LIMIT ((size_t)1 << 20)

struct k6_json {
    const struct import_file *file;
    struct collect *collect;
    struct buf line; /* the beginning of one that goes on in the next piece */
    size_t number;
    struct rows_left left;
};

bool k6_json_recognise(struct span head)
{
    struct span line = rows_first_line(head);
    return line.len && line.at[0] == '{' && text_holds(line, "\"metric\":") &&
           text_holds(line, "\"data\":") &&
           (text_holds(line, "\"type\":\"Metric\"") || text_holds(line, "\"type\":\"Point\""));
}

static bool begins_with(struct span line, const char *text, size_t len)
{
    return line.len >= len && memcmp(line.at, text, len) == 0;
}

/* Whether the line may be a request. k6 2 writes the metric first, which spares looking through
 * most lines; older versions wrote it elsewhere. */
static bool may_be_request(struct span line)
{
    static const char key[] = "{\"metric\":\"", request[] = "{\"metric\":\"" K6_DURATION "\"";
    if (begins_with(line, key, sizeof key - 1) && !begins_with(line, request, sizeof request - 1))
        return false;
    return text_holds(line, "\"" K6_DURATION "\"") && text_holds(line, "\"Point\"");
}

/* Or nothing: an empty line. */
static bool looks_whole(struct span line)
{
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    return !line.len || (line.at[0] == '{' && line.at[line.len - 1] == '}');
}

static int member(const struct js_at *object, const char *key, enum js_kind kind, struct js_at *out,
                  struct err *err)
{
    if (js_member(object, key, out) && js_kind(out) == kind)
        return 0;
    return err_set(err, ERR_INPUT, "expected the key '%s', as k6 writes it", key);
}

static int take_point(struct k6_json *json, const struct js_at *root, struct err *err)
{
    struct js_at data, value, tags;
    struct k6_request request = {0};
    if (!text_equals(object_text(root, "metric"), K6_DURATION) ||
        !text_equals(object_text(root, "type"), "Point"))
        return 0;
    if (member(root, "data", JS_K_OBJECT, &data, err) < 0 ||
        member(&data, "value", JS_K_NUMBER, &value, err) < 0 ||
        member(&data, "tags", JS_K_OBJECT, &tags, err) < 0 ||
        js_get_number(&value, 0, 1e12, &request.duration_ms, err) < 0)
        return -1;
    request.time = object_text(&data, "time");
    request.name = object_text(&tags, "name");
    request.url = object_text(&tags, "url");
    request.method = object_text(&tags, "method");
    request.status = object_text(&tags, "status");
    request.error = object_text(&tags, "error");
    request.error_code = object_text(&tags, "error_code");
    request.expected = object_text(&tags, "expected_response");
    if (!request.expected.len && !request.status.len)
        return err_set(err, ERR_INPUT,
                       "expected a tag 'expected_response' or 'status', without which failures are "
                       "not known; add one to the option systemTags");
    return k6_add(json->collect, &request, err);
}

static int fail_line(struct err *err)
{
    return err_set(err, ERR_INPUT,
                   "expected a JSON object, as k6 writes it; the file may be cut off");
}

static int parse_line(struct k6_json *json, struct span line, struct err *err)
{
    struct js_doc *doc;
    if (js_parse(line.at, line.len, "the line", &doc, NULL) < 0)
        return fail_line(err);
    struct js_at root = js_root(doc);
    int status = take_point(json, &root, err);
    js_free(doc);
    return status;
}

/* A line without an end may be cut off, and is parsed whatever it is of. */
static int take_line(struct k6_json *json, struct span line, bool ended, struct err *err)
{
    json->number++;
    bool whole = looks_whole(line);
    if (whole && ended && !may_be_request(line))
        return 0;
    struct err own = {0};
    if ((whole ? parse_line(json, line, &own) : fail_line(&own)) == 0)
        return 0;
    err_prefix(&own, "'%s' line %zu: ", json->file->stream->name, json->number);
    return rows_leave(&json->left, json->file, &own, err);
}

/* A line, or what of it the pieces so far had. */
static int push(struct k6_json *json, struct span part, bool ended, struct err *err)
{
    if (json->line.len + part.len > LINE_LIMIT)
        return err_set(err, ERR_INPUT, "'%s' line %zu: a line is over 1 MiB; expected k6's output",
                       json->file->stream->name, json->number + 1);
    if (!ended || json->line.len)
        buf_add(&json->line, part.at, part.len);
    if (!ended)
        return 0;
    struct span line = json->line.len ? (struct span){json->line.data, json->line.len} : part;
    int status = take_line(json, line, true, err);
    buf_reset(&json->line);
    return status;
}

static int read_lines(struct k6_json *json, struct err *err)
{
    struct span piece;
    bool ended;
    do {
        if (stream_read(json->file->stream, &piece, err) < 0)
            return -1;
        ended = !piece.len;
        while (piece.len) {
            const char *end = memchr(piece.at, '\n', piece.len);
            size_t len = end ? (size_t)(end - piece.at) : piece.len;
            if (push(json, (struct span){piece.at, len}, end, err) < 0)
                return -1;
            len += end != NULL;
            piece = (struct span){piece.at + len, piece.len - len};
        }
    } while (!ended);
    return json->line.len
               ? take_line(json, (struct span){json->line.data, json->line.len}, false, err)
               : 0;
}

int k6_json_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct k6_json json = {.file = file, .collect = collect_new()};
    struct err own = {0};
    int status = read_lines(&json, &own);
    if (status < 0)
        status = rows_stop(file, json.number > 0, &own, report, err);
    if (status == 0)
        collect_finish(json.collect, report);
    if (status == 0)
        rows_note_left(&json.left, "line", report);
    collect_free(json.collect);
    buf_release(&json.line);
    return status;
}
