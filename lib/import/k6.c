#include "import/k6.h"

#include <math.h>

#include "base/clock.h"
#include "import/text.h"

#define MAX_MS 1e10

/* Digits of a time of this century, and the unit that they then have. */
static const struct {
    size_t digits;
    int64_t unit_ns;
} units[] = {{10, NS_PER_S}, {13, NS_PER_MS}, {16, NS_PER_US}, {19, 1}};

static int take_time(struct span text, struct sample *sample, int64_t *out_ns, struct err *err)
{
    int64_t value;
    if (text_time(text, out_ns)) {
        sample->whole_s = text_is_whole(text);
        return 0;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (text.len != units[i].digits)
            continue;
        if (text_count(text, "timestamp", INT64_MAX / units[i].unit_ns, &value, err) < 0)
            return -1;
        sample->whole_s = units[i].unit_ns == NS_PER_S;
        *out_ns = value * units[i].unit_ns;
        return 0;
    }
    return err_set(err, ERR_INPUT,
                   "timestamp: expected RFC 3339, or s, ms, us or ns since 1970, found '%.*s'",
                   text.len > 40 ? 40 : (int)text.len, text.at);
}

/* k6 counts as failed what it did not expect (http.setResponseCallback()); where the tag is not
 * there, what has an error code: 1000 and above, statuses from 400 on among them. */
static bool is_failed(const struct k6_request *request)
{
    if (request->expected.len)
        return text_equals(request->expected, "false");
    return request->error_code.len > 0 || text_equals(request->status, "0") ||
           (request->status.len == 3 && request->status.at[0] >= '4');
}

static void add_failure(const struct k6_request *request, struct buf *text, struct sample *sample)
{
    struct span status = request->status, error = request->error;
    bool answered = status.len == 3;
    if (answered)
        buf_add_str(text, "status ");
    buf_add(text, answered ? status.at : error.at, answered ? status.len : error.len);
    sample->kind = answered ? "status" : failures_kind(buf_text(text));
    sample->message = (struct span){buf_text(text), text->len};
}

int k6_add(struct collect *collect, const struct k6_request *request, struct err *err)
{
    struct sample sample = {.name = request->name.len ? request->name : request->url,
                            .method = request->method,
                            .bytes = -1,
                            .users = -1,
                            .kind = "other"};
    struct buf text = {0};
    int64_t end_ns;
    if (!(request->duration_ms >= 0) || request->duration_ms > MAX_MS)
        return err_set(err, ERR_INPUT, "expected a duration in ms, found %g", request->duration_ms);
    if (take_time(request->time, &sample, &end_ns, err) < 0)
        return -1;
    sample.duration_ns = llround(request->duration_ms * (double)NS_PER_MS);
    sample.start_ns = end_ns - sample.duration_ns;
    sample.failed = is_failed(request);
    if (sample.failed)
        add_failure(request, &text, &sample);
    int status = collect_add(collect, &sample, err);
    buf_release(&text);
    return status;
}
