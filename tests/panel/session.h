/*
 * Who is logged in: browser sessions and API tokens.
 *
 * A token is 32 hexadecimal digits; the first four are its place in the table, so a look-up is one
 * comparison. The table is fixed. When it is full, the session that was used least recently makes
 * room; one that is not used for half an hour ends. Callers hold the panel's lock.
 */
#ifndef PANEL_SESSION_H
#define PANEL_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

enum { SESSIONS_ROOM = 16384, SESSION_IDLE_S = 1800, TOKEN_SIZE = 33 };

enum session_kind { SESSION_NONE, SESSION_BROWSER, SESSION_API };

struct session {
    char token[TOKEN_SIZE];
    char csrf[TOKEN_SIZE]; /* every form must bring it back */
    enum session_kind kind;
    int64_t user, used_s;
    uint32_t newer, older; /* places, by last use; `older` also chains the free ones */
};

struct sessions {
    struct session *places; /* SESSIONS_ROOM */
    uint32_t newest, oldest, free;
    uint32_t count;
    struct rng rng;
};

void sessions_init(struct sessions *sessions, uint64_t seed);
void sessions_release(struct sessions *sessions);

/* A random token into `out`, as the cookie of the log-in form needs one. */
void sessions_make_token(struct sessions *sessions, char out[TOKEN_SIZE]);

struct session *sessions_open(struct sessions *sessions, enum session_kind kind, int64_t user,
                              int64_t now_s);

/* The session of a token; NULL where it is unknown, of another kind or timed out. */
struct session *sessions_find(struct sessions *sessions, enum session_kind kind, const char *token,
                              int64_t now_s);

void sessions_close(struct sessions *sessions, struct session *session);

#endif
