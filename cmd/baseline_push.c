/* perf-baseline push: brings the runs on a ref of its own to a remote. */
#include <signal.h>

#include "cmd/baseline_call.h"
#include "store/push.h"

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void tell(struct call *call, const struct push_query *query,
                 const struct push_result *result)
{
    const char *taken = arena_printf(&call->arena, "%zu commit%s of others", result->n_taken,
                                     plural(result->n_taken));
    if (result->n_pushed)
        io_note(&call->log, "pushed %zu commit%s of '%s' to '%s', which is at %.*s now%s%s",
                result->n_pushed, plural(result->n_pushed), query->ref, result->remote,
                REPO_SHORT_LEN, result->commit, result->n_taken ? ", with " : "",
                result->n_taken ? taken : "");
    else
        io_note(&call->log, "'%s' at '%s' has everything already%s%s", query->ref, result->remote,
                result->n_taken ? "; here it has now " : "", result->n_taken ? taken : "");
}

int baseline_push(struct call *call, struct err *err)
{
    struct store_target target;
    struct push_result result;
    if (!call->values.ref)
        return err_set(err, ERR_USAGE,
                       "push needs a ref of its own, as `update --ref` writes it: "
                       "`perf-baseline push origin --ref perf-baselines`");
    if (call_target(call, &target, err) < 0)
        return -1;
    struct push_query query = {
        .repo = target.repo,
        .remote = call->operand ? call->operand : "origin",
        .ref = target.ref,
        .access = call->where.access,
        .who = target.who,
        .seed = target.seed,
    };
    /* A server that hangs up is an error with a sentence, not the end. */
    signal(SIGPIPE, SIG_IGN);
    if (push_ref(&query, &result, err) < 0)
        return -1;
    tell(call, &query, &result);
    push_result_release(&result);
    return 0;
}
