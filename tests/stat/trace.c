#include "tests/stat/trace.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int trace_load(const char *dir, struct trace *trace, struct err *err)
{
    char path[1000];
    const char *slash = strrchr(dir, '/');
    *trace = (struct trace){.name = slash ? slash + 1 : dir};
    while (trace->n < TRACE_MAX_STARTS) {
        size_t i = trace->n;
        snprintf(path, sizeof path, "%s/start-%zu.json", dir, i + 1);
        if (access(path, R_OK) < 0)
            break;
        if (report_read(path, &trace->candidate[i], err) < 0)
            goto failed;
        trace->n++;
        snprintf(path, sizeof path, "%s/start-%zu.base.json", dir, i + 1);
        if (report_read(path, &trace->base[i], err) < 0)
            goto failed;
    }
    if (trace->n)
        return 0;
    err_set(err, ERR_INPUT, "'%s': no start-1.json there; name directories of ci/bench/traces",
            dir);
failed:
    trace_release(trace);
    return -1;
}

void trace_release(struct trace *trace)
{
    for (size_t i = 0; i < trace->n; i++) {
        report_release(&trace->base[i]);
        report_release(&trace->candidate[i]);
    }
    trace->n = 0;
}

const char *trace_change(const struct trace *trace)
{
    const char *dot = strchr(trace->name, '.');
    dot = dot ? strchr(dot + 1, '.') : NULL;
    return dot ? dot + 1 : "same";
}

bool trace_can_swap(const struct trace *trace)
{
    for (size_t i = 0; i < trace->n; i++)
        if (!relabel_can(&trace->base[i], &trace->candidate[i]))
            return false;
    return true;
}

void trace_swap(const struct trace *trace, const struct slower *base,
                const struct slower *candidate, struct rng *rng, struct trace *out)
{
    struct trace swapped = {0};
    *out = (struct trace){.name = trace->name};
    for (; out->n < trace->n; out->n++, swapped.n++) {
        size_t i = out->n;
        relabel(&trace->base[i], &trace->candidate[i], rng, &swapped.base[i],
                &swapped.candidate[i]);
        relabel_slower(&swapped.base[i], base, &out->base[i]);
        relabel_slower(&swapped.candidate[i], candidate, &out->candidate[i]);
    }
    trace_release(&swapped);
}

struct gate_input trace_input(const struct trace *trace, const struct policy *policy,
                              struct trace_sides *sides)
{
    for (size_t i = 0; i < trace->n; i++) {
        sides->candidates[i] = &trace->candidate[i];
        sides->bases[i] = &trace->base[i];
    }
    return (struct gate_input){.candidates = sides->candidates,
                               .n_candidates = trace->n,
                               .bases = sides->bases,
                               .n_bases = trace->n,
                               .comparison = COMPARISON_PAIRED,
                               .policy = policy};
}
