#include "import/jtl.h"

#include <string.h>

#include "base/clock.h"
#include "import/text.h"

#define MAX_MS    (INT64_C(1) << 43)
#define MIN_MS    INT64_C(100000000000) /* 1973 */
#define MAX_COUNT (INT64_C(1) << 53)
/* What a transaction controller says of itself. */
#define TRANSACTION "Number of samples in transaction : "

void jtl_begin(struct jtl *jtl)
{
    jtl->plain = collect_new();
    jtl->transactions = collect_new();
}

void jtl_end(struct jtl *jtl)
{
    collect_free(jtl->plain);
    collect_free(jtl->transactions);
}

/* A time of this century in s would be one of 1970 in ms. */
static int check_unit(int64_t ms, struct err *err)
{
    if (!ms || ms >= MIN_MS)
        return 0;
    return err_set(err, ERR_INPUT,
                   "timeStamp: expected ms since 1970, found %lld, which is a time of this century "
                   "in s only; multiply by 1000",
                   (long long)ms);
}

static int take_time(struct jtl *jtl, const struct jtl_sample *sample, struct sample *out,
                     struct err *err)
{
    int64_t ms;
    if (!sample->timed)
        return 0;
    if (text_count(sample->time, "timeStamp", MAX_MS, &ms, NULL) == 0) {
        out->start_ns = ms * NS_PER_MS;
        return check_unit(ms, err);
    }
    if (text_time(sample->time, &out->start_ns)) {
        out->whole_s = text_is_whole(sample->time);
        jtl->local_dates = true;
        return 0;
    }
    return err_set(err, ERR_INPUT,
                   "timeStamp: expected ms since 1970 or a date as 2026/11/26 10:15:27.123, found "
                   "'%.40s'; set jmeter.save.saveservice.timestamp_format=ms",
                   sample->time.at);
}

static int take_success(struct span text, bool *failed, struct err *err)
{
    *failed = !text_equals(text, "true") && !text_equals_nocase(text, "true");
    if (!*failed || text_equals_nocase(text, "false"))
        return 0;
    return err_set(err, ERR_INPUT, "success: expected true or false, found '%.40s'", text.at);
}

/* An optional count: -1 where there is none. */
static int take_optional(struct span text, const char *name, int64_t *out, struct err *err)
{
    *out = -1;
    return text.len ? text_count(text, name, MAX_COUNT, out, err) : 0;
}

/* A row of the statistical sender (StatisticalSampleResult.java) has the sum of several times. */
static int check_single(struct span text, struct err *err)
{
    int64_t samples;
    if (take_optional(text, "SampleCount", &samples, err) < 0)
        return -1;
    if (samples <= 1)
        return 0;
    return err_set(err, ERR_INPUT,
                   "SampleCount: expected 1, found %lld requests in one sample, whose single times "
                   "are not known; let the remote engines send with mode=StrippedBatch",
                   (long long)samples);
}

/* "404", or text where there was no response. */
static const char *kind_of(struct span code, struct span message)
{
    if (code.len == 3 && code.at[0] >= '4' && code.at[0] <= '5')
        return "status";
    if (code.len == 3 && code.at[0] >= '1' && code.at[0] <= '3')
        return "expectation";
    const char *kind = failures_kind(code.at);
    return strcmp(kind, "other") == 0 ? failures_kind(message.at) : kind;
}

static void add_failure(const struct jtl_sample *from, struct sample *sample, struct buf *text)
{
    struct span reason = from->failure.len ? from->failure : from->message;
    buf_add(text, from->code.at, from->code.len);
    if (reason.len)
        buf_addf(text, "%s%s", from->code.len ? " " : "", reason.at);
    sample->kind = kind_of(from->code, from->message);
    sample->message = (struct span){buf_text(text), text->len};
}

bool jtl_is_transaction(struct span message, int64_t *samples)
{
    size_t len = sizeof TRANSACTION - 1;
    *samples = 0;
    if (message.len <= len || memcmp(message.at, TRANSACTION, len) != 0)
        return false;
    for (const char *at = message.at + len; *at >= '0' && *at <= '9' && *samples < MAX_MS; at++)
        *samples = *samples * 10 + (*at - '0');
    return true;
}

static int take_sample(struct jtl *jtl, const struct jtl_sample *from, struct sample *sample,
                       struct err *err)
{
    int64_t elapsed_ms;
    if (text_count(from->elapsed, "elapsed", MAX_MS, &elapsed_ms, err) < 0 ||
        take_time(jtl, from, sample, err) < 0 ||
        take_success(from->success, &sample->failed, err) < 0 ||
        take_optional(from->bytes, "bytes", &sample->bytes, err) < 0 ||
        take_optional(from->users, "allThreads", &sample->users, err) < 0 ||
        check_single(from->samples, err) < 0)
        return -1;
    if (elapsed_ms > MAX_MS / 100)
        return err_set(err, ERR_INPUT, "elapsed: expected ms, found over two years");
    sample->duration_ns = elapsed_ms * NS_PER_MS;
    sample->name = from->label;
    return 0;
}

int jtl_add(struct jtl *jtl, const struct jtl_sample *from, struct err *err)
{
    struct sample sample = {.kind = "other"};
    struct buf text = {0};
    int64_t children;
    if (take_sample(jtl, from, &sample, err) < 0)
        return -1;
    if (sample.failed)
        add_failure(from, &sample, &text);
    bool transaction = jtl_is_transaction(from->message, &children);
    if (jtl->children < MAX_COUNT)
        jtl->children += children;
    int status = collect_add(transaction ? jtl->transactions : jtl->plain, &sample, err);
    buf_release(&text);
    return status;
}

/* Where transactions lie in each other a sample is of several, of one of each name at most. */
static bool lacks_samples(const struct jtl *jtl)
{
    int64_t plain = collect_count(jtl->plain), transactions = collect_count(jtl->transactions);
    int64_t names = collect_names(jtl->transactions);
    return plain && names && jtl->children / names > plain + transactions;
}

int jtl_finish(const struct import_file *file, struct jtl *jtl, struct report *report,
               struct err *err)
{
    int64_t plain = collect_count(jtl->plain), transactions = collect_count(jtl->transactions);
    if (lacks_samples(jtl))
        return err_set(
            err, ERR_INPUT,
            "'%s': %lld transactions are of more samples than the file has, but it has "
            "others beside them; let the controllers generate parent samples all or none",
            file->stream->name, (long long)transactions);
    collect_finish(plain ? jtl->plain : jtl->transactions, report);
    if (plain && transactions)
        collect_note(report, "%lld row%s left out, because what %s of is counted already",
                     (long long)transactions,
                     transactions == 1 ? " of transactions was" : "s of transactions were",
                     transactions == 1 ? "it is" : "they are");
    if (jtl->local_dates)
        collect_note(report, "the file's dates say no time zone, and are taken for UTC");
    report->resolution_ns = NS_PER_MS;
    return 0;
}
