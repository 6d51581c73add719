/* The forum's questions, and their rows as threads and posts. */
#include <stdio.h>
#include <stdlib.h>

#include <postgresql/libpq-fe.h>

#include "database_link.h"
#include "text.h"

enum { NUMBER_SIZE = 24 };

static const char *number(int64_t value, char out[NUMBER_SIZE])
{
    snprintf(out, NUMBER_SIZE, "%lld", (long long)value);
    return out;
}

static int64_t number_at(const PGresult *result, int row, int column)
{
    return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

/* Of the columns author, at and `body`. */
static void read_post(const PGresult *result, int row, int author, int body, struct post *out)
{
    out->author = number_at(result, row, author);
    out->at_s = number_at(result, row, author + 1);
    text_copy(out->text, sizeof out->text, PQgetvalue(result, row, body));
}

/* Of the columns id, author, at, title, body, replies. */
static void read_thread(const PGresult *result, int row, struct thread *out)
{
    *out = (struct thread){.id = number_at(result, row, 0)};
    read_post(result, row, 1, 4, &out->post);
    text_copy(out->title, sizeof out->title, PQgetvalue(result, row, 3));
    out->n_replies = (uint64_t)number_at(result, row, 5);
}

static int ask_threads(struct database *database, enum database_statement statement,
                       const char *value, struct thread *out, size_t *n, struct err *err)
{
    const char *const values[DATABASE_MAX_VALUES] = {value};
    PGresult *result = NULL;
    *n = 0;
    if (database_ask(database, statement, values, &result, err))
        return -1;
    int rows = PQntuples(result);
    for (int i = 0; i < rows && i < FORUM_PAGE; i++)
        read_thread(result, i, &out[(*n)++]);
    PQclear(result);
    return 0;
}

int database_ping(struct database *database, struct err *err)
{
    const char *const none[DATABASE_MAX_VALUES] = {NULL};
    PGresult *result = NULL;
    if (database_ask(database, ASK_PING, none, &result, err))
        return -1;
    PQclear(result);
    return 0;
}

int database_list(struct database *database, int64_t page, struct thread out[FORUM_PAGE], size_t *n,
                  struct err *err)
{
    char skip[NUMBER_SIZE];
    return ask_threads(database, ASK_LIST, number((page - 1) * FORUM_PAGE, skip), out, n, err);
}

int database_search(struct database *database, const char *words, struct thread out[FORUM_PAGE],
                    size_t *n, struct err *err)
{
    return ask_threads(database, ASK_SEARCH, words, out, n, err);
}

/* The rows are the newest first, and go where forum_reply() would have put them. Where they are
 * fewer than the counter says, they are right: it was read before. */
static void read_replies(const PGresult *result, struct thread *thread)
{
    uint64_t rows = (uint64_t)PQntuples(result);
    if (rows > FORUM_REPLIES)
        rows = FORUM_REPLIES;
    if (thread->n_replies < rows || rows < FORUM_REPLIES)
        thread->n_replies = rows;
    for (uint64_t i = 0; i < rows; i++) {
        uint64_t place = (thread->n_replies - 1 - i) % FORUM_REPLIES;
        read_post(result, (int)i, 0, 2, &thread->replies[place]);
    }
}

int database_thread(struct database *database, int64_t id, struct thread *out, struct err *err)
{
    char text[NUMBER_SIZE];
    const char *const values[DATABASE_MAX_VALUES] = {number(id, text)};
    PGresult *result = NULL;
    size_t n;
    *out = (struct thread){0};
    if (ask_threads(database, ASK_THREAD, text, out, &n, err))
        return -1;
    if (!n)
        return 0;
    if (database_ask(database, ASK_REPLIES, values, &result, err))
        return -1;
    read_replies(result, out);
    PQclear(result);
    return 0;
}

/* Asks for one number; `otherwise` where there is no row. */
static int ask_number(struct database *database, enum database_statement statement,
                      const char *const values[DATABASE_MAX_VALUES], int64_t *out, struct err *err)
{
    PGresult *result = NULL;
    if (database_ask(database, statement, values, &result, err))
        return -1;
    if (PQntuples(result))
        *out = number_at(result, 0, 0);
    PQclear(result);
    return 0;
}

/* A statement whose first three values are those of a post. */
static int add_post(struct database *database, enum database_statement statement,
                    const struct post *post, const char *fourth, int64_t *out, struct err *err)
{
    char author[NUMBER_SIZE], at[NUMBER_SIZE];
    const char *const values[DATABASE_MAX_VALUES] = {number(post->author, author),
                                                     number(post->at_s, at), post->text, fourth};
    return ask_number(database, statement, values, out, err);
}

int database_add_thread(struct database *database, const struct post *post, const char *title,
                        int64_t *id, struct err *err)
{
    *id = 0;
    return add_post(database, ASK_ADD_THREAD, post, title, id, err);
}

int database_add_reply(struct database *database, int64_t id, const struct post *post,
                       int64_t *author, struct err *err)
{
    char text[NUMBER_SIZE];
    *author = -1;
    return add_post(database, ASK_ADD_REPLY, post, number(id, text), author, err);
}

static int ask_author_counts(struct database *database, const char *author,
                             struct database_posts *out, struct err *err)
{
    const char *const values[DATABASE_MAX_VALUES] = {author};
    PGresult *result = NULL;
    if (database_ask(database, ASK_AUTHOR_COUNTS, values, &result, err))
        return -1;
    out->all_threads = (size_t)number_at(result, 0, 0);
    out->all_replies = (size_t)number_at(result, 0, 1);
    PQclear(result);
    return 0;
}

int database_by_author(struct database *database, int64_t author, struct database_posts *out,
                       struct err *err)
{
    char text[NUMBER_SIZE];
    const char *const values[DATABASE_MAX_VALUES] = {number(author, text)};
    PGresult *result = NULL;
    if (ask_author_counts(database, text, out, err) ||
        ask_threads(database, ASK_AUTHOR_THREADS, text, out->threads, &out->n_threads, err) ||
        database_ask(database, ASK_AUTHOR_REPLIES, values, &result, err))
        return -1;
    int rows = PQntuples(result);
    out->n_replies = 0;
    for (int i = 0; i < rows && i < FORUM_PAGE; i++)
        read_post(result, i, 0, 2, &out->replies[out->n_replies++]);
    PQclear(result);
    return 0;
}

int database_erase_author(struct database *database, int64_t author, size_t *n, struct err *err)
{
    char text[NUMBER_SIZE];
    const char *const values[DATABASE_MAX_VALUES] = {number(author, text)};
    int64_t erased = 0;
    if (ask_number(database, ASK_ERASE_AUTHOR, values, &erased, err))
        return -1;
    *n = (size_t)erased;
    return 0;
}
