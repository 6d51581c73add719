#include "forum.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

enum { SEED_TIME_S = 1772323200 }; /* 2026-03-01 00:00 UTC */

static struct thread *place_of(struct forum *forum, int64_t id)
{
    if (id <= FORUM_SEEDED)
        return &forum->threads[id - 1];
    return &forum->threads[FORUM_SEEDED + (id - FORUM_SEEDED - 1) % FORUM_POSTED];
}

static void make_post(struct post *post, int64_t n_users, int64_t at_s, struct rng *rng)
{
    post->author = rng_between(rng, 1, n_users);
    post->at_s = at_s;
    text_make_prose(rng, (int)rng_between(rng, 20, 40), post->text, sizeof post->text);
}

void forum_init(struct forum *forum, int64_t n_users, struct rng *rng)
{
    for (int64_t id = 1; id <= FORUM_ROOM; id++) {
        struct thread *thread = place_of(forum, id);
        int64_t at_s = SEED_TIME_S + id * 7200;
        thread->id = id;
        text_make_title(rng, (int)rng_between(rng, 4, 8), thread->title, sizeof thread->title);
        make_post(&thread->post, n_users, at_s, rng);
        for (int i = 0; i < FORUM_REPLIES; i++)
            make_post(&thread->replies[i], n_users, at_s + (i + 1) * 600, rng);
        thread->n_replies = FORUM_REPLIES;
    }
    forum->newest_id = FORUM_ROOM;
    forum->version = 1;
}

void forum_release(struct forum *forum)
{
    for (size_t i = 0; i < FORUM_PAGES; i++)
        buf_release(&forum->cache[i].rows);
}

struct thread *forum_find(struct forum *forum, int64_t id)
{
    forum->reads++;
    if (id < 1)
        return NULL;
    struct thread *thread = place_of(forum, id);
    return thread->id == id ? thread : NULL;
}

struct thread *forum_newest(struct forum *forum, int64_t i)
{
    int64_t id = i < FORUM_POSTED ? forum->newest_id - i : FORUM_ROOM - i;
    return place_of(forum, id);
}

static void set_post(struct post *post, int64_t author, const char *text, int64_t now_s)
{
    post->author = author;
    post->at_s = now_s;
    text_copy(post->text, sizeof post->text, text);
}

struct thread *forum_post(struct forum *forum, int64_t author, const char *title, const char *text,
                          int64_t now_s)
{
    int64_t id = ++forum->newest_id;
    struct thread *thread = place_of(forum, id);
    *thread = (struct thread){.id = id};
    text_copy(thread->title, sizeof thread->title, title);
    set_post(&thread->post, author, text, now_s);
    forum_posted(forum, id);
    return thread;
}

void forum_reply(struct forum *forum, struct thread *thread, int64_t author, const char *text,
                 int64_t now_s)
{
    set_post(&thread->replies[thread->n_replies++ % FORUM_REPLIES], author, text, now_s);
    forum_replied(forum, thread->id);
}

size_t forum_search(struct forum *forum, const char *words, const struct thread *out[FORUM_PAGE])
{
    size_t n = 0;
    forum->reads++;
    for (int64_t i = 0; i < FORUM_ROOM && n < FORUM_PAGE; i++) {
        const struct thread *thread = forum_newest(forum, i);
        if (strcasestr(thread->title, words))
            out[n++] = thread;
    }
    return n;
}

int64_t forum_count(const struct forum *forum)
{
    return forum->n_stored ? forum->n_stored + (int64_t)forum->n_threads : FORUM_ROOM;
}

/* ---- what changed ---- */

static void touch(struct forum *forum, int64_t id)
{
    forum->writes++;
    forum->version++;
    forum->thread_versions[id % FORUM_VERSIONS]++;
}

void forum_posted(struct forum *forum, int64_t id)
{
    forum->n_threads++;
    touch(forum, id);
}

void forum_replied(struct forum *forum, int64_t id)
{
    forum->n_replies++;
    touch(forum, id);
}

void forum_erased(struct forum *forum, size_t n_posts)
{
    forum->writes++;
    forum->version++;
    forum->names_version += n_posts > 0;
}

void forum_renamed(struct forum *forum, bool other_name)
{
    forum->version++;
    forum->names_version += other_name;
}

uint64_t forum_thread_version(const struct forum *forum, int64_t id)
{
    return forum->thread_versions[id % FORUM_VERSIONS];
}

/* ---- by author ---- */

void forum_by_author(struct forum *forum, int64_t author, struct forum_posts *out)
{
    forum->reads++;
    *out = (struct forum_posts){0};
    for (int64_t i = 0; i < FORUM_ROOM; i++) {
        const struct thread *thread = forum_newest(forum, i);
        if (thread->post.author == author && out->all_threads++ < FORUM_PAGE)
            out->threads[out->n_threads++] = thread;
        for (size_t j = 0; j < FORUM_REPLIES; j++)
            if (thread->replies[j].author == author && out->all_replies++ < FORUM_PAGE)
                out->replies[out->n_replies++] = &thread->replies[j];
    }
}

static size_t erase_post(struct post *post, int64_t author)
{
    if (post->author != author)
        return 0;
    post->author = 0;
    return 1;
}

size_t forum_erase_author(struct forum *forum, int64_t author)
{
    size_t erased = 0;
    for (size_t i = 0; i < FORUM_ROOM; i++) {
        struct thread *thread = &forum->threads[i];
        erased += erase_post(&thread->post, author);
        for (size_t j = 0; j < FORUM_REPLIES; j++)
            erased += erase_post(&thread->replies[j], author);
    }
    forum_erased(forum, erased);
    return erased;
}
