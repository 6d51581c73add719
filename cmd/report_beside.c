#include "cmd/report_beside.h"

#include <string.h>

#include "cmd/io.h"

static bool has_tables(const struct report *report)
{
    for (size_t i = 0; report->resources && i < report->resources->n_sources; i++)
        if (report->resources->sources[i].n_tables)
            return true;
    return false;
}

static bool is_pair(const struct report *candidate, const struct report *base)
{
    return base->pair && base->pair->role == ROLE_BASE &&
           strcmp(base->pair->id, candidate->pair->id) == 0 &&
           base->pair->start == candidate->pair->start;
}

/* One that cannot be read is none: it was not asked for. */
static bool read_base(struct report_beside *beside, const char *path,
                      const struct report *candidate)
{
    struct buf name = {0};
    struct err ignored = {0};
    buf_add(&name, path, strlen(path) - strlen(".json"));
    buf_add_str(&name, ".base.json");
    int status = io_read_report(buf_text(&name), &beside->base, &ignored);
    buf_release(&name);
    return status == 0 && is_pair(candidate, &beside->base);
}

const struct render_side *report_beside_find(struct report_beside *beside, const char *path,
                                             const struct report *candidate)
{
    size_t length = path ? strlen(path) : 0;
    if (length <= 5 || strcmp(path + length - 5, ".json") != 0 || !has_tables(candidate) ||
        !candidate->pair || candidate->pair->role != ROLE_CANDIDATE ||
        !read_base(beside, path, candidate))
        return NULL;
    beside->candidates[0] = candidate;
    beside->bases[0] = &beside->base;
    beside->sides[RENDER_CANDIDATE] = (struct render_side){1, beside->candidates, candidate};
    beside->sides[RENDER_BASE] = (struct render_side){1, beside->bases, &beside->base};
    return beside->sides;
}

void report_beside_release(struct report_beside *beside)
{
    report_release(&beside->base);
}
