#include "cmd/run_look.h"

#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "gate/look.h"

/* A look that cannot be judged ends nothing: perf-compare will say what is wrong. */
static enum look_reason ask(const struct load_result *so_far, void *context)
{
    const struct run_look *look = context;
    struct look_question question = {.candidate = &so_far->sides[0].report,
                                     .base = &so_far->sides[1].report,
                                     .policy = &look->policy,
                                     .width = look->looks.percent / 100,
                                     .width_only = look->width_only};
    enum look_reason reason;
    struct err err = {0};
    return look_ask(&question, &reason, &err) == 0 ? reason : LOOK_END;
}

static int take_percent(const char *text, double *percent, struct err *err)
{
    size_t len = strlen(text);
    struct buf number = {0};
    struct err ignored = {0};
    int status = -1;
    if (len > 1 && text[len - 1] == '%') {
        buf_add(&number, text, len - 1);
        status = num_parse_double(buf_text(&number), "", 0, 100, percent, &ignored);
    }
    buf_release(&number);
    if (status == 0 && *percent > 0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--until: expected a percentage over 0 and up to 100 such as 2%%, found '%s'",
                   text);
}

int run_look_init(struct run_look *look, const char *until, const char *policy, struct err *err)
{
    *look = (struct run_look){.looks = {.ask = ask, .context = look}};
    if (take_percent(until, &look->looks.percent, err) < 0)
        return -1;
    if (policy)
        return policy_read(policy, &look->policy, err);
    policy_init_default(&look->policy);
    return 0;
}

void run_look_release(struct run_look *look)
{
    policy_release(&look->policy);
}
