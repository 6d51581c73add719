#include "load/feed.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"

static int read_feed(struct feed *feed, const struct scenario_feed *source, int64_t users,
                     struct err *err)
{
    feed->source = source;
    if (csv_read(&feed->table, source->file.content, source->file.path, err) < 0)
        return -1;
    if (!feed->table.n_rows)
        return err_set(err, ERR_INPUT, "'%s': expected rows below the names of the columns",
                       source->file.path);
    bool binds = source->order == FEED_ONCE && source->at_end == FEED_FAIL;
    if (binds && (uint64_t)users > feed->table.n_rows)
        return err_set(err, ERR_INPUT,
                       "'%s' has %zu rows for %" PRId64 " users: add rows, use fewer users, or say "
                       "with at_end what the others do (repeat or stop)",
                       source->file.path, feed->table.n_rows, users);
    return 0;
}

int feeds_init(struct feeds *feeds, const struct scenario *scenario, int64_t users, struct err *err)
{
    *feeds = (struct feeds){0};
    feeds->n = scenario->n_feeds;
    feeds->items = mem_array(feeds->n, sizeof *feeds->items);
    int status = 0;
    for (size_t i = 0; i < feeds->n; i++) {
        struct err first = {0};
        if (read_feed(&feeds->items[i], &scenario->feeds[i], users, &first) == 0)
            continue;
        /* The others are read all the same: what else is wrong is told by their columns. */
        err_prefix(&first, "feed '%s': ", scenario->feeds[i].name);
        status = err_set(err, first.code, "%s", first.text);
    }
    return status;
}

bool feed_take(const struct feed *feed, struct feed_place *place, int64_t user, int64_t users,
               struct rng *rng)
{
    const struct scenario_feed *source = feed->source;
    uint64_t n = feed->table.n_rows;
    if (source->order == FEED_RANDOM) {
        place->row = (uint32_t)rng_below(rng, n);
        return true;
    }
    uint64_t turn = source->order == FEED_ONCE ? 0 : place->taken;
    uint64_t at = (uint64_t)user + turn * (uint64_t)users;
    if (at >= n && source->at_end != FEED_REPEAT)
        return false;
    place->row = (uint32_t)(at % n);
    place->taken++;
    return true;
}

struct span feed_cell(const struct feed *feed, const struct feed_place *place, size_t column)
{
    return feed->table.cells[place->row * feed->table.n_columns + column];
}

void feeds_release(struct feeds *feeds)
{
    for (size_t i = 0; i < feeds->n; i++)
        csv_table_release(&feeds->items[i].table);
    free(feeds->items);
    *feeds = (struct feeds){0};
}
