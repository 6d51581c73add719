#include "store.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

enum { SEED_TIME_S = 1767225600 }; /* 2026-01-01 00:00 UTC, when the seeded content begins */

const char *const country_codes[N_COUNTRIES] = {"AT", "BR", "CH", "DE", "ES", "FR",
                                                "GB", "IN", "IT", "JP", "NL", "US"};

int country_find(const char *code)
{
    for (int i = 0; i < N_COUNTRIES; i++)
        if (!strcmp(country_codes[i], code))
            return i;
    return -1;
}

/* ---- users ---- */

void users_init(struct users *users, const struct options *options, struct rng *rng)
{
    for (int i = 0; i < USERS_SEEDED; i++) {
        struct user *user = &users->places[i];
        user->id = i + 1;
        user->created_s = SEED_TIME_S + i * 3600;
        user->country = (int)rng_below(rng, N_COUNTRIES);
        snprintf(user->email, sizeof user->email, "member%d@example.org", i + 1);
        snprintf(user->password, sizeof user->password, "%016llx",
                 (unsigned long long)rng_u64(rng));
        text_make_name(rng, user->name, sizeof user->name);
        text_make_prose(rng, 20, user->bio, sizeof user->bio);
    }
    struct user *loaded = &users->places[USER_LOADED - 1], *admin = &users->places[USER_ADMIN - 1];
    text_copy(loaded->email, sizeof loaded->email, options->user.email);
    text_copy(loaded->password, sizeof loaded->password, options->user.password);
    text_copy(admin->email, sizeof admin->email, options->admin.email);
    text_copy(admin->password, sizeof admin->password, options->admin.password);
    admin->admin = true;
    users->count = USERS_SEEDED;
    users->next_id = USERS_SEEDED + 1;
}

static struct user *place_of(struct users *users, int64_t id)
{
    if (id <= USERS_SEEDED)
        return &users->places[id - 1];
    return &users->places[USERS_SEEDED + (id - USERS_SEEDED - 1) % USERS_ADDED];
}

struct user *users_find(struct users *users, int64_t id)
{
    users->reads++;
    if (id < 1)
        return NULL;
    struct user *user = place_of(users, id);
    return user->id == id ? user : NULL;
}

struct user *users_find_email(struct users *users, const char *email)
{
    users->reads++;
    for (size_t i = 0; i < USERS_ROOM; i++)
        if (users->places[i].id && !strcmp(users->places[i].email, email))
            return &users->places[i];
    return NULL;
}

struct user *users_log_in(struct users *users, const char *email, const char *password)
{
    struct user *user = users_find_email(users, email);
    return user && user->password[0] && !strcmp(user->password, password) ? user : NULL;
}

struct user *users_add(struct users *users, int64_t now_s)
{
    struct user *user = place_of(users, users->next_id);
    users->writes++;
    if (!user->id)
        users->count++;
    *user = (struct user){.id = users->next_id++, .created_s = now_s};
    return user;
}

void users_remove(struct users *users, struct user *user)
{
    users->writes++;
    users->count--;
    *user = (struct user){0};
}

size_t users_page(struct users *users, int64_t page, const struct user *out[USERS_PAGE])
{
    users->reads++;
    int64_t skip = (page - 1) * USERS_PAGE;
    size_t n = 0;
    for (size_t i = 0; i < USERS_ROOM && n < USERS_PAGE; i++)
        if (users->places[i].id && skip-- <= 0)
            out[n++] = &users->places[i];
    return n;
}

/* ---- audit log ---- */

void audit_init(struct audit *audit)
{
    for (int i = 0; i < AUDIT_SHOWN; i++)
        audit_add(audit, SEED_TIME_S + i * 60, USER_ADMIN, "user.create", i + 1);
}

void audit_add(struct audit *audit, int64_t now_s, int64_t actor, const char *action,
               int64_t object)
{
    audit->entries[audit->count++ % AUDIT_ROOM] =
        (struct audit_entry){.at_s = now_s, .actor = actor, .action = action, .object = object};
}

/* ---- jobs ---- */

void jobs_add(struct jobs *jobs, enum job_kind kind, int64_t user)
{
    if (jobs->added - jobs->done == JOBS_ROOM) {
        jobs->dropped++;
        return;
    }
    jobs->queue[jobs->added++ % JOBS_ROOM] = (struct job){.kind = kind, .user = user};
}

void jobs_run(struct jobs *jobs, struct users *users)
{
    for (; jobs->done != jobs->added; jobs->done++) {
        const struct job *job = &jobs->queue[jobs->done % JOBS_ROOM];
        struct user *user = users_find(users, job->user);
        if (!user)
            continue;
        switch (job->kind) {
        case JOB_NOTIFY:
            user->unread++;
            break;
        case JOB_WELCOME:
            text_copy(user->bio, sizeof user->bio, "New here.");
            break;
        }
    }
}
