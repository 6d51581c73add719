/*
 * The connection under database.h: what is asked, by its number, and the rows that come back. For
 * database*.c alone; the result is libpq's PGresult.
 */
#ifndef PANEL_DATABASE_LINK_H
#define PANEL_DATABASE_LINK_H

#include "database.h"

struct pg_result;

enum database_statement {
    ASK_PING,
    ASK_LIST,
    ASK_SEARCH,
    ASK_THREAD,
    ASK_REPLIES,
    ASK_AUTHOR_COUNTS,
    ASK_AUTHOR_THREADS,
    ASK_AUTHOR_REPLIES,
    ASK_ADD_THREAD,
    ASK_ADD_REPLY,
    ASK_ERASE_AUTHOR,
    N_STATEMENTS
};
enum { DATABASE_MAX_VALUES = 4 };

/* Asks and waits. The values are text, NULL-terminated where there are fewer than
 * DATABASE_MAX_VALUES. The caller gives *out back with PQclear(). */
int database_ask(struct database *database, enum database_statement statement,
                 const char *const values[DATABASE_MAX_VALUES], struct pg_result **out,
                 struct err *err) __attribute__((warn_unused_result));

/* What libpq said, in one line and without its last line feed. */
int database_fail(const char *what, const char *said, struct err *err);

#endif
