/*
 * What a request needs of the database and the cache: asked for before its handler runs, without
 * the panel's lock, so that a question holds up its own server thread only.
 *
 * A backend is one server thread's: its connections, and what the request at hand got over them. In
 * a panel that was started with neither --database nor --cache there is none, and nothing here is
 * called but the look-ups at the end, which then find all in memory.
 */
#ifndef PANEL_FETCH_H
#define PANEL_FETCH_H

#include <stdbool.h>

#include "cache.h"
#include "database.h"
#include "panel.h"

struct backend {
    struct database *database; /* NULL: the forum is in memory */
    struct cache *cache;       /* NULL: there is none */
    bool database_lost, cache_lost;

    /* of the request at hand */
    int64_t number; /* of what is asked for: a page, a thread, an author */
    struct thread threads[FORUM_PAGE];
    struct post replies[FORUM_PAGE];
    size_t n_threads, erased;
    struct database_posts posts; /* in the arrays above */
    struct post post;            /* to store */
    const char *title, *words;
    int64_t notify;           /* whom a reply is news for; -1: there is no such thread */
    char key[CACHE_KEY_SIZE]; /* in the cache; "": it is not a request for that */
    struct buf kept;          /* a title, a NUL and a text: from the cache, or for it */
    bool hit;
};

/* Connects as the options say; NULL in *out where they say nothing. Both are borrowed. */
int backend_open(const struct options *options, struct panel *panel, struct backend **out,
                 struct err *err) __attribute__((warn_unused_result));
void backend_close(struct backend *backend);

/* Gets what `handler` will need, where the request has a backend. Called with the panel's lock held
 * and returns with it, but does without meanwhile: whoever asks may be logged out by then. True
 * where it did. May have answered: response->status. */
bool fetch_before(struct panel *panel, struct request *request, struct response *response,
                  panel_handler *handler);

/* Puts into the cache what the handler kept; with the lock as above. */
void fetch_after(struct panel *panel, const struct request *request);

/* ---- for handlers ---- */

/* What the cache had, as fetch_keep() put it; NULL where the handler has to make it. */
const struct buf *fetch_cached(const struct request *request);

/* Keeps what the handler made, where there is a cache. */
void fetch_keep(const struct request *request, const char *title, const char *text, size_t len);

/* The threads of a page of the list, newest first; returns their number. */
size_t fetch_page(struct panel *panel, const struct request *request, int64_t page,
                  const struct thread *out[FORUM_PAGE]);

/* The newest threads with the words; returns their number. */
size_t fetch_found(struct panel *panel, const struct request *request, const char *words,
                   const struct thread *out[FORUM_PAGE]);

/* The thread of the path; NULL where there is none. */
struct thread *fetch_thread(struct panel *panel, const struct request *request);

/* The posts of who asks. */
void fetch_posts(struct panel *panel, const struct request *request, struct forum_posts *out);

/* Whether posts go to the database: fetch_before() has stored them already. */
bool fetch_stores(const struct request *request);

#endif
