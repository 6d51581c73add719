/*
 * The forum in PostgreSQL: a connection, and what is asked over it.
 *
 * Each server thread has a connection of its own that no other thread touches. A question holds its
 * thread up until it is answered, for DATABASE_WAIT_S at most. Where it is not answered, or the
 * connection is lost, it fails and the connection is closed; the next question connects anew, and
 * where that fails, those of the next second fail at once. Nothing is asked twice, because nobody
 * knows whether a lost one was done.
 *
 * Tables, in the schema `panel`, made and filled where there is none (database_seed.c):
 *
 *     threads   id, author, at (Unix time), title, body, replies (their number)
 *     replies   id, thread_id, author, at, body
 *
 * with the indexes replies_by_thread, replies_by_author, threads_by_author and threads_words beside
 * the primary keys. One that is missing stays so: panel is as slow as the database is without it.
 */
#ifndef PANEL_DATABASE_H
#define PANEL_DATABASE_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"
#include "forum.h"

enum { DATABASE_THREADS = 20000, DATABASE_REPLIES = 200000, DATABASE_WAIT_S = 5 };

struct database;

/* Makes and fills the tables where there are none, with posts by users 1 to `n_users`. `conninfo`
 * is libpq's: "host=/run/postgresql dbname=panel", or a postgresql:// URI. *n_threads is how many
 * there are. */
int database_setup(const char *conninfo, uint64_t seed, int64_t n_users, int64_t *n_threads,
                   struct err *err) __attribute__((warn_unused_result));

/* Connects. `conninfo` and `connections`, which counts those that are open, are borrowed. */
int database_open(const char *conninfo, atomic_int *connections, struct database **out,
                  struct err *err) __attribute__((warn_unused_result));
void database_close(struct database *database);

/* Below, 0 is an answer and -1 none. */

int database_ping(struct database *database, struct err *err) __attribute__((warn_unused_result));

/* The threads of page 1, 2, … of the list, newest first, without their replies. */
int database_list(struct database *database, int64_t page, struct thread out[FORUM_PAGE], size_t *n,
                  struct err *err) __attribute__((warn_unused_result));

/* The newest threads that have all the words in their title or text. */
int database_search(struct database *database, const char *words, struct thread out[FORUM_PAGE],
                    size_t *n, struct err *err) __attribute__((warn_unused_result));

/* A thread with its last replies; out->id is 0 where there is none. */
int database_thread(struct database *database, int64_t id, struct thread *out, struct err *err)
    __attribute__((warn_unused_result));

/* Adds a thread; *id is its number. */
int database_add_thread(struct database *database, const struct post *post, const char *title,
                        int64_t *id, struct err *err) __attribute__((warn_unused_result));

/* Adds a reply; *author is the thread's, -1 where there is no such thread. */
int database_add_reply(struct database *database, int64_t id, const struct post *post,
                       int64_t *author, struct err *err) __attribute__((warn_unused_result));

/* One author's newest posts into room of the caller's. */
struct database_posts {
    struct thread *threads; /* FORUM_PAGE */
    struct post *replies;   /* FORUM_PAGE */
    size_t n_threads, n_replies, all_threads, all_replies;
};
int database_by_author(struct database *database, int64_t author, struct database_posts *out,
                       struct err *err) __attribute__((warn_unused_result));

/* Takes the author's name off all posts; *n is their number. */
int database_erase_author(struct database *database, int64_t author, size_t *n, struct err *err)
    __attribute__((warn_unused_result));

#endif
