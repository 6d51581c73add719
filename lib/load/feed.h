/*
 * Data feeds: the rows of CSV files, dealt out to users.
 *
 * A user takes a row at the start of its on-start steps or of a task, from each feed that these
 * name, and has it until it takes the next. `next` deals the rows like cards: user number u of n
 * takes the rows u, u + n, u + 2n and so on, so that who gets what depends neither on time nor on
 * threads, both arms of a paired run get the same, and nothing is shared between threads. `random`
 * draws from the user's own generator. `once` gives user u the row u for good.
 *
 * Feeds are read when the plan is compiled, and then only read from, by any thread.
 */
#ifndef PERFGATE_LOAD_FEED_H
#define PERFGATE_LOAD_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/csv.h"
#include "base/err.h"
#include "base/rng.h"
#include "base/span.h"
#include "model/scenario.h"

struct feed {
    const struct scenario_feed *source;
    struct csv_table table;
};

struct feeds {
    size_t n;
    struct feed *items;
};

/* One user's place in one feed; zeroed: it has taken no row yet. */
struct feed_place {
    uint32_t row;
    uint32_t taken; /* rows that it took */
};

/* Reads the feeds' tables out of the files' contents. A feed that is to be dealt out once, and may
 * not end, needs a row for each of `users`. Release also after a failure. The scenario must outlive
 * it. */
int feeds_init(struct feeds *feeds, const struct scenario *scenario, int64_t users, struct err *err)
    __attribute__((warn_unused_result));

/* Takes a row for user number `user` of `users`; false at the end of a feed that does not repeat.
 */
bool feed_take(const struct feed *feed, struct feed_place *place, int64_t user, int64_t users,
               struct rng *rng);

struct span feed_cell(const struct feed *feed, const struct feed_place *place, size_t column);

void feeds_release(struct feeds *feeds);

#endif
