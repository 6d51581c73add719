#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const uint32_t nowhere = UINT32_MAX;

void sessions_init(struct sessions *sessions, uint64_t seed)
{
    sessions->places = mem_array(SESSIONS_ROOM, sizeof sessions->places[0]);
    for (uint32_t i = 0; i < SESSIONS_ROOM; i++)
        sessions->places[i].older = i + 1 < SESSIONS_ROOM ? i + 1 : nowhere;
    sessions->newest = sessions->oldest = nowhere;
    rng_init(&sessions->rng, seed, 1);
}

void sessions_release(struct sessions *sessions)
{
    free(sessions->places);
    *sessions = (struct sessions){0};
}

void sessions_make_token(struct sessions *sessions, char out[TOKEN_SIZE])
{
    unsigned long long high = rng_u64(&sessions->rng), low = rng_u64(&sessions->rng);
    snprintf(out, TOKEN_SIZE, "%016llx%016llx", high, low);
}

static void unlink_place(struct sessions *sessions, const struct session *session)
{
    if (session->newer == nowhere)
        sessions->newest = session->older;
    else
        sessions->places[session->newer].older = session->older;
    if (session->older == nowhere)
        sessions->oldest = session->newer;
    else
        sessions->places[session->older].newer = session->newer;
}

static void link_newest(struct sessions *sessions, struct session *session)
{
    uint32_t place = (uint32_t)(session - sessions->places);
    session->newer = nowhere;
    session->older = sessions->newest;
    if (sessions->newest == nowhere)
        sessions->oldest = place;
    else
        sessions->places[sessions->newest].newer = place;
    sessions->newest = place;
}

void sessions_close(struct sessions *sessions, struct session *session)
{
    unlink_place(sessions, session);
    *session = (struct session){.older = sessions->free};
    sessions->free = (uint32_t)(session - sessions->places);
    sessions->count--;
}

/* Ends what has timed out, and if the table is full the least recently used session. */
static void make_room(struct sessions *sessions, int64_t now_s)
{
    while (sessions->oldest != nowhere &&
           (sessions->free == nowhere ||
            sessions->places[sessions->oldest].used_s + SESSION_IDLE_S < now_s))
        sessions_close(sessions, &sessions->places[sessions->oldest]);
}

struct session *sessions_open(struct sessions *sessions, enum session_kind kind, int64_t user,
                              int64_t now_s)
{
    make_room(sessions, now_s);
    uint32_t place = sessions->free;
    struct session *session = &sessions->places[place];
    sessions->free = session->older;
    *session = (struct session){.kind = kind, .user = user, .used_s = now_s};
    sessions_make_token(sessions, session->csrf);
    sessions_make_token(sessions, session->token);
    char digits[5];
    snprintf(digits, sizeof digits, "%04x", place & 0xFFFFU);
    memcpy(session->token, digits, 4);
    link_newest(sessions, session);
    sessions->count++;
    return session;
}

/* The place that a token names; SESSIONS_ROOM or more where it names none. */
static uint32_t token_place(const char *token)
{
    uint32_t place = 0;
    for (int i = 0; i < 4; i++) {
        char c = token[i];
        if (c >= '0' && c <= '9')
            place = place << 4 | (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            place = place << 4 | (uint32_t)(c - 'a' + 10);
        else
            return nowhere;
    }
    return place;
}

struct session *sessions_find(struct sessions *sessions, enum session_kind kind, const char *token,
                              int64_t now_s)
{
    uint32_t place = token_place(token);
    if (place >= SESSIONS_ROOM)
        return NULL;
    struct session *session = &sessions->places[place];
    if (session->kind != kind || strcmp(session->token, token) != 0)
        return NULL;
    if (session->used_s + SESSION_IDLE_S < now_s) {
        sessions_close(sessions, session);
        return NULL;
    }
    session->used_s = now_s;
    unlink_place(sessions, session);
    link_newest(sessions, session);
    return session;
}
