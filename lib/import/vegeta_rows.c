/*
 * vegeta encode -to=csv and -to=json (12.13; of older CSV the columns behind `seq` are fewer).
 *
 * A request is a row, or an object on a line: its start and its latency in ns, from before
 * connecting to the last byte, the status (0 = no response), an error, and method and URL, whose
 * path is the endpoint. Bodies are in them, in base64, and a row may have no more than 1 MiB: of
 * such, vegeta attack -max-body=0 keeps none.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/lines.h"
#include "import/object.h"
#include "import/rows.h"
#include "import/text.h"

#define MAX_NS    (INT64_C(1) << 61)
#define MAX_BYTES (INT64_C(1) << 53)

enum column { TIME, CODE, LATENCY, OUT, IN, ERROR, BODY, ATTACK, SEQ, METHOD, URL, COLUMNS };

/* As a file has it; texts are borrowed. */
struct request {
    int64_t start_ns, code, latency_ns, bytes;
    struct span method, url, error;
};

/* ---- a request ---- */

static int add(struct collect *collect, const struct request *request, struct err *err)
{
    char status[32] = "status ";
    struct sample sample = {.name = text_path(request->url),
                            .method = request->method,
                            .start_ns = request->start_ns,
                            .duration_ns = request->latency_ns,
                            .failed = request->code < 200 || request->code >= 400,
                            .bytes = request->bytes,
                            .users = -1,
                            .kind = "status"};
    status[7] = (char)('0' + request->code / 100);
    status[8] = (char)('0' + request->code / 10 % 10);
    status[9] = (char)('0' + request->code % 10);
    sample.message = (struct span){status, strlen(status)};
    if (!request->code) {
        struct buf text = {0};
        buf_add(&text, request->error.at, request->error.len);
        sample.kind = failures_kind(buf_text(&text));
        sample.message = request->error;
        buf_release(&text);
    }
    return collect_add(collect, &sample, err);
}

/* ---- CSV ---- */

/* The first fields of a line, cut at commas. */
static size_t first_fields(struct span line, struct span *fields, size_t n)
{
    size_t found = 0;
    while (found < n && line.len) {
        const char *end = memchr(line.at, ',', line.len);
        size_t len = end ? (size_t)(end - line.at) : line.len;
        fields[found++] = (struct span){line.at, len};
        len += end != NULL;
        line = (struct span){line.at + len, line.len - len};
    }
    return found;
}

bool vegeta_csv_recognise(struct span head)
{
    struct span fields[ERROR];
    int64_t value;
    if (first_fields(rows_first_line(head), fields, ERROR) < ERROR || fields[TIME].len != 19)
        return false;
    for (size_t i = 0; i < ERROR; i++)
        if (text_count(fields[i], "", i == CODE ? 999 : INT64_MAX, &value, NULL) < 0)
            return false;
    return true;
}

static int take_row(void *context, const struct csv_row *row, struct err *err)
{
    struct request request = {.method = rows_cell(row, METHOD),
                              .url = rows_cell(row, URL),
                              .error = rows_cell(row, ERROR)};
    if (row->n <= ERROR)
        return err_set(err, ERR_INPUT, "expected 12 fields, as vegeta encode writes, found %zu",
                       row->n);
    if (text_count(rows_cell(row, TIME), "timestamp", INT64_MAX, &request.start_ns, err) < 0 ||
        text_count(rows_cell(row, CODE), "code", 999, &request.code, err) < 0 ||
        text_count(rows_cell(row, LATENCY), "latency", MAX_NS, &request.latency_ns, err) < 0 ||
        text_count(rows_cell(row, IN), "bytes in", MAX_BYTES, &request.bytes, err) < 0)
        return -1;
    return add(context, &request, err);
}

int vegeta_csv_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct collect *collect = collect_new();
    struct rows_reader rows = {
        .delimiter = ',', .row = take_row, .context = collect, .last = ROWS_LAST_REFUSED};
    int status = rows_read(file, &rows, report, err);
    if (status == 0)
        collect_finish(collect, report);
    collect_free(collect);
    return status;
}

/* ---- NDJSON ---- */

bool vegeta_json_recognise(struct span head)
{
    struct span line = rows_first_line(head);
    return line.len && line.at[0] == '{' && text_holds(line, "\"attack\":") &&
           text_holds(line, "\"latency\":") && text_holds(line, "\"code\":");
}

static int number_of(const struct js_at *object, const char *key, int64_t high, int64_t *out,
                     struct err *err)
{
    struct js_at member;
    if (js_member(object, key, &member) && js_get_int(&member, 0, high, out, NULL) == 0)
        return 0;
    return err_set(err, ERR_INPUT, "expected a whole number '%s', as vegeta encode writes", key);
}

static int take_object(struct collect *collect, const struct js_at *root, struct err *err)
{
    struct request request = {.method = object_text(root, "method"),
                              .url = object_text(root, "url"),
                              .error = object_text(root, "error")};
    if (js_kind(root) != JS_K_OBJECT)
        return err_set(err, ERR_INPUT, "expected an object, as vegeta encode writes");
    if (!text_time(object_text(root, "timestamp"), &request.start_ns))
        return err_set(err, ERR_INPUT, "expected a time 'timestamp', as vegeta encode writes");
    if (number_of(root, "code", 999, &request.code, err) < 0 ||
        number_of(root, "latency", MAX_NS, &request.latency_ns, err) < 0 ||
        number_of(root, "bytes_in", MAX_BYTES, &request.bytes, err) < 0)
        return -1;
    return add(collect, &request, err);
}

static int take_line(void *context, const struct line *line, struct err *err)
{
    struct js_doc *doc;
    if (!line->text.len)
        return 0;
    if (js_parse(line->text.at, line->text.len, "the line", &doc, NULL) < 0)
        return err_set(err, ERR_INPUT,
                       "expected a JSON object, as vegeta encode writes; the file may be cut off");
    struct js_at root = js_root(doc);
    int status = take_object(context, &root, err);
    js_free(doc);
    return status;
}

int vegeta_json_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct collect *collect = collect_new();
    int status = lines_read(file, take_line, collect, report, err);
    if (status == 0)
        collect_finish(collect, report);
    collect_free(collect);
    return status;
}
