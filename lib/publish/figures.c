#include <math.h>

#include "publish/kinds.h"

const struct verdict_row *publish_next_figure(const struct verdict *verdict, size_t *i)
{
    while (*i < verdict->n_rows) {
        const struct verdict_row *row = &verdict->rows[(*i)++];
        if (isfinite(row->candidate) && row->against == AGAINST_BASE)
            return row;
    }
    return NULL;
}

size_t publish_batches(const struct verdict *verdict)
{
    size_t n = 0;
    for (size_t i = 0; publish_next_figure(verdict, &i);)
        n++;
    return (n + PUBLISH_BATCH - 1) / PUBLISH_BATCH;
}

void publish_batch(const struct publish_content *content, size_t part,
                   void (*put)(struct js_writer *writer, const struct publish_content *content,
                               const struct verdict_row *row),
                   struct js_writer *writer)
{
    const struct verdict_row *row;
    size_t n = 0;
    for (size_t i = 0; (row = publish_next_figure(content->verdict, &i)); n++)
        if (n / PUBLISH_BATCH == part)
            put(writer, content, row);
}
