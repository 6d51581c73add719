/* perf-baseline verify: whether everything that is stored can still be used. */
#include "cmd/baseline_call.h"
#include "store/verify.h"

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

int baseline_verify(struct call *call, struct err *err)
{
    struct baseline_place place;
    struct verify_result result;
    if (call_place(call, call->operand, &place, err) < 0 || verify_place(&place, &result, err) < 0)
        return -1;
    for (size_t i = 0; i < result.n_bad; i++)
        io_warn(&call->log, "%s", result.bad[i]);
    buf_addf(&call->product, "%zu run%s, %zu polic%s, %zu acceptance%s, %zu anchor%s: all good\n",
             result.n_runs, plural(result.n_runs), result.n_policies,
             result.n_policies == 1 ? "y" : "ies", result.n_acceptances,
             plural(result.n_acceptances), result.n_anchors, plural(result.n_anchors));
    int status = 0;
    if (result.n_bad)
        status = err_set(err, ERR_INPUT, "%zu file%s cannot be used; %zu run%s can", result.n_bad,
                         plural(result.n_bad), result.n_runs, plural(result.n_runs));
    verify_release(&result);
    return status;
}
