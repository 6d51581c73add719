#include "database.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <postgresql/libpq-fe.h>

#include "base/clock.h"
#include "base/mem.h"
#include "database_link.h"

enum { RETRY_S = 1 };

struct database {
    const char *conninfo;
    atomic_int *connections;
    PGconn *connection; /* NULL: lost */
    int64_t retry_ns;   /* when it may be tried anew, monotonic */
};

/* A reply's row and its thread's counter change together or not at all. */
static const char *const statements[N_STATEMENTS] = {
    [ASK_PING] = "SELECT 1",
    [ASK_LIST] = "SELECT id, author, at, title, body, replies FROM panel.threads "
                 "ORDER BY id DESC LIMIT 20 OFFSET $1::bigint",
    [ASK_SEARCH] = "SELECT id, author, at, title, body, replies FROM panel.threads "
                   "WHERE to_tsvector('simple', title || ' ' || body) @@ "
                   "plainto_tsquery('simple', $1) ORDER BY id DESC LIMIT 20",
    [ASK_THREAD] = "SELECT id, author, at, title, body, replies FROM panel.threads WHERE id = $1",
    [ASK_REPLIES] = "SELECT author, at, body FROM panel.replies WHERE thread_id = $1 "
                    "ORDER BY id DESC LIMIT 8",
    [ASK_AUTHOR_COUNTS] = "SELECT (SELECT count(*) FROM panel.threads WHERE author = $1), "
                          "(SELECT count(*) FROM panel.replies WHERE author = $1)",
    [ASK_AUTHOR_THREADS] = "SELECT id, author, at, title, body, replies FROM panel.threads "
                           "WHERE author = $1 ORDER BY id DESC LIMIT 20",
    [ASK_AUTHOR_REPLIES] = "SELECT author, at, body FROM panel.replies WHERE author = $1 "
                           "ORDER BY id DESC LIMIT 20",
    [ASK_ADD_THREAD] = "INSERT INTO panel.threads (author, at, body, title) "
                       "VALUES ($1, $2, $3, $4) RETURNING id",
    [ASK_ADD_REPLY] = "WITH thread AS (UPDATE panel.threads SET replies = replies + 1 "
                      "WHERE id = $4 RETURNING id, author), reply AS (INSERT INTO panel.replies "
                      "(thread_id, author, at, body) SELECT id, $1::bigint, $2::bigint, $3::text "
                      "FROM thread) SELECT author FROM thread",
    [ASK_ERASE_AUTHOR] = "WITH t AS (UPDATE panel.threads SET author = 0 WHERE author = $1 "
                         "RETURNING 1), r AS (UPDATE panel.replies SET author = 0 "
                         "WHERE author = $1 RETURNING 1) "
                         "SELECT (SELECT count(*) FROM t) + (SELECT count(*) FROM r)",
};
_Static_assert(FORUM_PAGE == 20 && FORUM_REPLIES == 8, "the limits of the statements above");

int database_fail(const char *what, const char *said, struct err *err)
{
    char line[512];
    size_t len = strcspn(said, "\n");
    if (len >= sizeof line)
        len = sizeof line - 1;
    memcpy(line, said, len);
    line[len] = 0;
    return err_set(err, ERR_IO, "%s: %s", what, len ? line : "no reason given");
}

static void drop(struct database *database)
{
    if (!database->connection)
        return;
    PQfinish(database->connection);
    database->connection = NULL;
    atomic_fetch_sub(database->connections, 1);
}

/* ---- asking, with an end ---- */

/* Waits until a result can be read without waiting. */
static int await_result(PGconn *connection, int64_t until_ns, struct err *err)
{
    while (PQisBusy(connection)) {
        struct pollfd watched = {.fd = PQsocket(connection), .events = POLLIN};
        int64_t left_ns = until_ns - clock_monotonic_ns();
        if (left_ns <= 0)
            return err_set(err, ERR_IO, "the database did not answer within %d s", DATABASE_WAIT_S);
        if (poll(&watched, 1, (int)(left_ns / NS_PER_MS) + 1) < 0 && errno != EINTR)
            return err_set_errno(err, errno, "cannot wait for the database");
        if (!PQconsumeInput(connection))
            return database_fail("the database is lost", PQerrorMessage(connection), err);
    }
    return 0;
}

/* The first result of what was sent; what follows it, a NULL that ends it, is read as well. */
static int take_result(PGconn *connection, PGresult **out, struct err *err)
{
    int64_t until_ns = clock_monotonic_ns() + DATABASE_WAIT_S * NS_PER_S;
    PGresult *first = NULL;
    for (;;) {
        if (await_result(connection, until_ns, err)) {
            PQclear(first);
            return -1;
        }
        PGresult *result = PQgetResult(connection);
        if (!result)
            break;
        if (first)
            PQclear(result);
        else
            first = result;
    }
    ExecStatusType status = PQresultStatus(first);
    if (first && (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)) {
        *out = first;
        return 0;
    }
    database_fail("the database refused", first ? PQresultErrorMessage(first) : "", err);
    PQclear(first);
    return -1;
}

/* ---- connecting ---- */

static void statement_name(int statement, char out[16])
{
    out[0] = 'p';
    out[1] = (char)('a' + statement);
    out[2] = 0;
}

static int prepare(PGconn *connection, struct err *err)
{
    for (int i = 0; i < N_STATEMENTS; i++) {
        char name[16];
        PGresult *result = NULL;
        statement_name(i, name);
        if (!PQsendPrepare(connection, name, statements[i], 0, NULL))
            return database_fail("the database is lost", PQerrorMessage(connection), err);
        if (take_result(connection, &result, err))
            return -1;
        PQclear(result);
    }
    return 0;
}

/* What conninfo says itself comes after our default, and wins. */
static int dial(struct database *database, struct err *err)
{
    const char *const keys[] = {"connect_timeout", "dbname", "fallback_application_name", NULL};
    const char *const values[] = {"2", database->conninfo, "panel", NULL};
    PGconn *connection = PQconnectdbParams(keys, values, 1);
    if (!connection)
        mem_exhausted();
    int status = 0;
    if (PQstatus(connection) != CONNECTION_OK)
        status = database_fail("cannot reach the database", PQerrorMessage(connection), err);
    else
        status = prepare(connection, err);
    if (status) {
        PQfinish(connection);
        database->retry_ns = clock_monotonic_ns() + RETRY_S * NS_PER_S;
        return -1;
    }
    database->connection = connection;
    atomic_fetch_add(database->connections, 1);
    return 0;
}

int database_open(const char *conninfo, atomic_int *connections, struct database **out,
                  struct err *err)
{
    struct database *database = mem_new(sizeof *database);
    *database = (struct database){.conninfo = conninfo, .connections = connections};
    if (dial(database, err)) {
        free(database);
        return -1;
    }
    *out = database;
    return 0;
}

void database_close(struct database *database)
{
    if (!database)
        return;
    drop(database);
    free(database);
}

static int send_statement(PGconn *connection, enum database_statement statement,
                          const char *const values[DATABASE_MAX_VALUES], struct err *err)
{
    char name[16];
    int n = 0;
    while (n < DATABASE_MAX_VALUES && values[n])
        n++;
    statement_name((int)statement, name);
    if (!PQsendQueryPrepared(connection, name, n, values, NULL, NULL, 0))
        return database_fail("the database is lost", PQerrorMessage(connection), err);
    return 0;
}

int database_ask(struct database *database, enum database_statement statement,
                 const char *const values[DATABASE_MAX_VALUES], struct pg_result **out,
                 struct err *err)
{
    if (!database->connection && clock_monotonic_ns() < database->retry_ns)
        return err_set(err, ERR_IO, "the database is lost, and not tried again yet");
    if (!database->connection && dial(database, err))
        return -1;
    PGconn *connection = database->connection;
    if (!send_statement(connection, statement, values, err) && !take_result(connection, out, err))
        return 0;
    /* A question that was refused leaves the connection as it was; one without an answer, not. */
    if (PQstatus(connection) != CONNECTION_OK || PQtransactionStatus(connection) != PQTRANS_IDLE)
        drop(database);
    return -1;
}
