/*
 * The forum: threads and their replies, in fixed room.
 *
 * The threads 1 to FORUM_SEEDED stay; FORUM_POSTED more are shared by those that are posted, the
 * newest replaces the oldest, and each thread keeps its last FORUM_REPLIES replies. Every place is
 * taken from the start, so the forum does not grow however much is posted. The rows of the forum's
 * list are cached as HTML until the forum changes. Callers hold the panel's lock.
 *
 * Where the posts are in a database (database.h), the places here are not used; the counters and
 * versions are.
 */
#ifndef PANEL_FORUM_H
#define PANEL_FORUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rng.h"

enum { FORUM_SEEDED = 100, FORUM_POSTED = 128, FORUM_REPLIES = 8, FORUM_PAGE = 20 };
enum { FORUM_ROOM = FORUM_SEEDED + FORUM_POSTED };
enum { FORUM_PAGES = (FORUM_ROOM + FORUM_PAGE - 1) / FORUM_PAGE };
enum { FORUM_VERSIONS = 1024 };
enum { TITLE_SIZE = 121, POST_SIZE = 1001 };

struct post {
    int64_t author; /* 0: erased */
    int64_t at_s;   /* Unix time */
    char text[POST_SIZE];
};

struct thread {
    int64_t id;
    char title[TITLE_SIZE];
    struct post post;
    struct post replies[FORUM_REPLIES];
    uint64_t n_replies; /* ever; reply i is at i % FORUM_REPLIES */
};

struct forum {
    struct thread threads[FORUM_ROOM];
    int64_t newest_id;
    uint64_t n_threads, n_replies; /* posted since the start */
    uint64_t reads, writes;
    uint64_t version;                         /* counts changes */
    uint64_t names_version;                   /* of who wrote what, in all threads */
    uint64_t thread_versions[FORUM_VERSIONS]; /* a thread has the one at its id % FORUM_VERSIONS */
    int64_t n_stored;                         /* threads that a database had; 0: no database */
    struct {
        struct buf rows;
        uint64_t version; /* of the forum that they show */
    } cache[FORUM_PAGES];
    uint64_t cache_hits, cache_misses;
};

/* Posts of one author, newest threads first. */
struct forum_posts {
    const struct thread *threads[FORUM_PAGE];
    const struct post *replies[FORUM_PAGE];
    size_t n_threads, n_replies;     /* in the arrays */
    size_t all_threads, all_replies; /* in the forum */
};

/* Fills it with posts by users 1 to `n_users`. */
void forum_init(struct forum *forum, int64_t n_users, struct rng *rng);
void forum_release(struct forum *forum);

/* NULL where there is none (any more). */
struct thread *forum_find(struct forum *forum, int64_t id);

/* The `i`th newest thread, i < FORUM_ROOM. */
struct thread *forum_newest(struct forum *forum, int64_t i);

struct thread *forum_post(struct forum *forum, int64_t author, const char *title, const char *text,
                          int64_t now_s);
void forum_reply(struct forum *forum, struct thread *thread, int64_t author, const char *text,
                 int64_t now_s);

/* The newest threads whose title has the words, whatever their case; returns their number. */
size_t forum_search(struct forum *forum, const char *words, const struct thread *out[FORUM_PAGE]);

/* How many threads there are. */
int64_t forum_count(const struct forum *forum);

/* What was done to the posts, here or in a database: counts it, and makes new what is cached. */
void forum_posted(struct forum *forum, int64_t id);
void forum_replied(struct forum *forum, int64_t id);
void forum_erased(struct forum *forum, size_t n_posts);

/* A user has changed, perhaps in name. */
void forum_renamed(struct forum *forum, bool other_name);

/* Of one thread's posts; changes of names are counted in names_version. */
uint64_t forum_thread_version(const struct forum *forum, int64_t id);

/* Visits the whole forum, whatever it finds, so that its cost does not depend on the author. */
void forum_by_author(struct forum *forum, int64_t author, struct forum_posts *out);

/* Takes the author's name off all posts; returns their number. */
size_t forum_erase_author(struct forum *forum, int64_t author);

#endif
