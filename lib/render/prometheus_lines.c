#include "render/prometheus_lines.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "render/utf8.h"

void prometheus_label(struct buf *out, const char *name, const char *value)
{
    struct buf visible = {0};
    if (!value || !*value)
        return;
    utf8_add_safe(&visible, value);
    buf_addf(out, "%s%s=\"", out->len ? "," : "", name);
    for (const char *at = buf_text(&visible); *at; at++) {
        if (*at == '\\' || *at == '"')
            buf_add_char(out, '\\');
        buf_add_char(out, *at);
    }
    buf_add_char(out, '"');
    buf_release(&visible);
}

void prometheus_family(struct buf *out, const char *name, const char *suffix, const char *help)
{
    buf_addf(out, "# HELP perfgate_%s%s %s\n# TYPE perfgate_%s%s gauge\n", name, suffix, help, name,
             suffix);
}

void prometheus_sample(struct buf *out, const char *name, const char *suffix, const char *labels,
                       double value)
{
    bool braces = *labels;
    buf_addf(out, "perfgate_%s%s%s%s%s ", name, suffix, braces ? "{" : "", labels,
             braces ? "}" : "");
    num_add_double(out, value);
    buf_add_char(out, '\n');
}

void prometheus_single(struct buf *out, const char *name, const char *help, const char *labels,
                       double value)
{
    if (!isfinite(value))
        return;
    prometheus_family(out, name, "", help);
    prometheus_sample(out, name, "", labels, value);
}

static int by_text(const void *a, const void *b)
{
    const char *const *const *left = a, *const *const *right = b;
    int order = strcmp(**left, **right);
    return order ? order : (*left > *right) - (*left < *right);
}

void prometheus_keep_different(struct prometheus_labels *labels, struct buf *out)
{
    const char ***sorted = arena_array(&labels->arena, labels->n + 1, sizeof *sorted);
    size_t left_out = 0;
    for (size_t i = 0; i < labels->n; i++)
        sorted[i] = &labels->texts[i];
    if (labels->n)
        qsort(sorted, labels->n, sizeof *sorted, by_text);
    for (size_t i = labels->n; i-- > 1;) {
        if (strcmp(*sorted[i], *sorted[i - 1]) != 0)
            continue;
        *sorted[i] = NULL;
        left_out++;
    }
    if (left_out)
        buf_addf(out, "# left out, because they look like another: %zu\n", left_out);
}

const char *prometheus_keep(struct prometheus_labels *labels, struct buf *text)
{
    const char *kept = arena_strndup(&labels->arena, buf_text(text), text->len);
    buf_reset(text);
    return kept;
}
