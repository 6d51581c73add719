/*
 * What panel remembers about people: accounts, the audit log, jobs and settings.
 *
 * All of it has fixed room. The accounts 1 to USERS_SEEDED are there from the start; those that are
 * added later share USERS_ADDED places, the newest replaces the oldest. A log and a queue are
 * rings. So panel neither grows nor slows down, however long it is loaded. Callers hold the panel's
 * lock.
 */
#ifndef PANEL_STORE_H
#define PANEL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "options.h"

enum { USERS_SEEDED = 100, USERS_ADDED = 156, USERS_PAGE = 25 };
enum { USERS_ROOM = USERS_SEEDED + USERS_ADDED };
enum { USER_LOADED = 1, USER_ADMIN = 2 }; /* the two accounts of the environment */
enum { EMAIL_SIZE = 64, NAME_SIZE = 64, PASSWORD_SIZE = 64, BIO_SIZE = 256 };
enum { N_COUNTRIES = 12 };

/* ISO 3166-1 codes */
extern const char *const country_codes[N_COUNTRIES];

/* The index of a code; -1 for an unknown one. */
int country_find(const char *code);

struct user {
    int64_t id; /* 0: a free place */
    char email[EMAIL_SIZE], name[NAME_SIZE], password[PASSWORD_SIZE], bio[BIO_SIZE];
    int country;
    bool admin;
    int64_t created_s; /* Unix time */
    int64_t unread;    /* replies to own threads since the dashboard was last seen */
};

struct users {
    struct user places[USERS_ROOM];
    int64_t next_id;
    int64_t count;
    uint64_t reads, writes;
};

void users_init(struct users *users, const struct options *options, struct rng *rng);

/* NULL where there is none. */
struct user *users_find(struct users *users, int64_t id);
struct user *users_find_email(struct users *users, const char *email);
struct user *users_log_in(struct users *users, const char *email, const char *password);

/* A new account without a name, in the place of the oldest added one. */
struct user *users_add(struct users *users, int64_t now_s);
void users_remove(struct users *users, struct user *user);

/* The accounts of page 1, 2, … by id, at most USERS_PAGE; returns their number. */
size_t users_page(struct users *users, int64_t page, const struct user *out[USERS_PAGE]);

/* ---- audit log ---- */

enum { AUDIT_ROOM = 256, AUDIT_SHOWN = 50 };

struct audit_entry {
    int64_t at_s, actor;
    const char *action; /* static text */
    int64_t object;     /* the id of what it was done to */
};

struct audit {
    struct audit_entry entries[AUDIT_ROOM];
    uint64_t count; /* ever; entry i is at i % AUDIT_ROOM */
};

/* The log starts with AUDIT_SHOWN entries, so that its page never changes its size. */
void audit_init(struct audit *audit);
void audit_add(struct audit *audit, int64_t now_s, int64_t actor, const char *action,
               int64_t object);

/* ---- jobs that requests leave behind ---- */

enum { JOBS_ROOM = 256 };
enum job_kind { JOB_NOTIFY, JOB_WELCOME };

struct job {
    enum job_kind kind;
    int64_t user;
};

struct jobs {
    struct job queue[JOBS_ROOM];
    uint64_t added, done, dropped; /* dropped: the queue was full */
};

void jobs_add(struct jobs *jobs, enum job_kind kind, int64_t user);

/* Does what is queued. */
void jobs_run(struct jobs *jobs, struct users *users);

/* ---- settings ---- */

struct settings {
    char site_name[48], announcement[200];
};

#endif
