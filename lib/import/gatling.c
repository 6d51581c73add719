#include "import/gatling.h"

#include "base/clock.h"
#include "import/text.h"

#define MAX_USERS (INT64_C(1) << 40)

void gatling_begin(struct gatling *gatling)
{
    gatling->collect = collect_new();
}

void gatling_end(struct gatling *gatling)
{
    collect_free(gatling->collect);
    buf_release(&gatling->error);
}

/* A check that failed is named by what it looked at: "status.find.is(200), but actually found 500".
 * Whatever else is there came from the connection. */
static const char *kind_of(struct span message)
{
    if (text_holds(message, "status.find") || text_holds(message, "status.in"))
        return "status";
    if (text_holds(message, ".find") || text_holds(message, "but actually"))
        return "expectation";
    return text_holds(message, "Premature close") ? "reset" : failures_kind(message.at);
}

int gatling_request(struct gatling *gatling, const struct gatling_request *request, struct err *err)
{
    struct sample sample = {.name = request->name,
                            .start_ns = request->start_ms * NS_PER_MS,
                            .duration_ns = (request->end_ms - request->start_ms) * NS_PER_MS,
                            .failed = !request->ok,
                            .kind = "other",
                            .message = request->message,
                            .bytes = -1,
                            .users = gatling->users};
    if (request->end_ms < request->start_ms)
        return err_set(err, ERR_INPUT, "expected a request that ends after it began, found %lld ms",
                       (long long)(request->end_ms - request->start_ms));
    if (sample.failed)
        sample.kind = kind_of(request->message);
    return collect_add(gatling->collect, &sample, err);
}

void gatling_user(struct gatling *gatling, bool comes)
{
    if (comes && gatling->users < MAX_USERS)
        gatling->users++;
    else if (!comes && gatling->users > 0)
        gatling->users--;
}

void gatling_error(struct gatling *gatling, struct span message)
{
    if (!gatling->n_errors++)
        text_add_clean(&gatling->error, message, FAILURES_TEXT);
}

void gatling_finish(struct gatling *gatling, struct report *report)
{
    collect_finish(gatling->collect, report);
    if (gatling->n_errors)
        collect_note(report, "the simulation had %lld error%s outside of requests, first: %s",
                     (long long)gatling->n_errors, gatling->n_errors == 1 ? "" : "s",
                     buf_text(&gatling->error));
    report->resolution_ns = NS_PER_MS;
}
