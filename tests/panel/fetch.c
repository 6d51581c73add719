#include "fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* ---- connections ---- */

int backend_open(const struct options *options, struct panel *panel, struct backend **out,
                 struct err *err)
{
    *out = NULL;
    if (!options->database && !options->cache)
        return 0;
    struct backend *backend = mem_new(sizeof *backend);
    backend->posts.threads = backend->threads;
    backend->posts.replies = backend->replies;
    if ((options->database && database_open(options->database, &panel->metrics.database_connections,
                                            &backend->database, err)) ||
        (options->cache && cache_open(options->cache, &backend->cache, err))) {
        backend_close(backend);
        return -1;
    }
    *out = backend;
    return 0;
}

void backend_close(struct backend *backend)
{
    if (!backend)
        return;
    database_close(backend->database);
    cache_close(backend->cache);
    buf_release(&backend->kept);
    free(backend);
}

/* Says once that something is lost, and once that it is back. */
static void notice(bool *lost, const struct err *err, const char *what)
{
    bool failed = err->code != ERR_NONE;
    if (failed && !*lost)
        fprintf(stderr, "panel: %s\n", err->text);
    else if (!failed && *lost)
        fprintf(stderr, "panel: the %s answers again\n", what);
    *lost = failed;
}

/* ---- questions: what is done without the panel's lock ---- */

typedef int question(struct backend *own, struct err *err);

static int ask_list(struct backend *own, struct err *err)
{
    return database_list(own->database, own->number, own->threads, &own->n_threads, err);
}

static int ask_search(struct backend *own, struct err *err)
{
    return database_search(own->database, own->words, own->threads, &own->n_threads, err);
}

static int ask_thread(struct backend *own, struct err *err)
{
    return database_thread(own->database, own->number, &own->threads[0], err);
}

static int ask_posts(struct backend *own, struct err *err)
{
    return database_by_author(own->database, own->number, &own->posts, err);
}

static int ask_erase(struct backend *own, struct err *err)
{
    return database_erase_author(own->database, own->number, &own->erased, err);
}

static int ask_add_thread(struct backend *own, struct err *err)
{
    return database_add_thread(own->database, &own->post, own->title, &own->number, err);
}

static int ask_add_reply(struct backend *own, struct err *err)
{
    return database_add_reply(own->database, own->number, &own->post, &own->notify, err);
}

/* The same, and what became of the thread, which the API answers with. */
static int ask_reply_and_thread(struct backend *own, struct err *err)
{
    if (ask_add_reply(own, err))
        return -1;
    return own->notify < 0 ? 0 : ask_thread(own, err);
}

static int ask_ping(struct backend *own, struct err *err)
{
    return database_ping(own->database, err);
}

/* Looks into the cache where the request has a key. 1: found; 0: not; -1: no answer. */
static int look(struct backend *own, struct err *err)
{
    return own->key[0] ? cache_get(own->cache, own->key, &own->kept, err) : 0;
}

static void count_look(struct panel *panel, struct backend *own, int found)
{
    if (!own->key[0])
        return;
    panel->forum.cache_hits += found > 0;
    panel->forum.cache_misses += found == 0;
    panel->metrics.cache_errors += found < 0;
    own->hit = found > 0;
}

/* Asks the cache, then the database. A cache that is lost is no reason to fail. False after having
 * answered 503. */
static bool ask(struct panel *panel, const struct request *request, struct response *response,
                question *put)
{
    struct backend *own = request->backend;
    struct err cache = {0}, database = {0};
    pthread_mutex_unlock(&panel->lock);
    int found = look(own, &cache), failed = 0;
    bool asks = own->database && found <= 0;
    if (asks)
        failed = put(own, &database);
    pthread_mutex_lock(&panel->lock);
    if (own->key[0])
        notice(&own->cache_lost, &cache, "cache");
    count_look(panel, own, found);
    if (asks) {
        panel->forum.reads++;
        notice(&own->database_lost, &database, "database");
    }
    if (!failed)
        return true;
    panel->metrics.database_errors++;
    respond_error(request, response, 503, "the database does not answer");
    return false;
}

/* ---- what is asked for each handler, with the lock held ---- */

typedef void fetch(struct panel *panel, struct request *request, struct response *response);

static bool is_api(const struct request *request)
{
    return !strncmp(request->path, "/api/", 5);
}

/* A key names the version of what it is for, so that nothing has to be removed from the cache. */
static void set_key(struct panel *panel, const struct request *request, const char *kind,
                    uint64_t version)
{
    struct backend *own = request->backend;
    if (own->cache)
        snprintf(own->key, sizeof own->key, "panel:%s:%s%s:%" PRId64 ":%" PRIu64 ".%" PRIu64,
                 panel->run, is_api(request) ? "api-" : "", kind, own->number, version,
                 panel->forum.names_version);
}

static void fetch_list_of(struct panel *panel, struct request *request, struct response *response,
                          int64_t page)
{
    request->backend->number = page;
    set_key(panel, request, "list", panel->forum.version);
    ask(panel, request, response, ask_list);
}

static void fetch_home(struct panel *panel, struct request *request, struct response *response)
{
    fetch_list_of(panel, request, response, 1);
}

static void fetch_list(struct panel *panel, struct request *request, struct response *response)
{
    int64_t page = request_page(request, response, FORUM_PAGES);
    if (page)
        fetch_list_of(panel, request, response, page);
}

static void fetch_one(struct panel *panel, struct request *request, struct response *response)
{
    request->backend->number = request->id;
    set_key(panel, request, "thread", forum_thread_version(&panel->forum, request->id));
    ask(panel, request, response, ask_thread);
}

static void fetch_search(struct panel *panel, struct request *request, struct response *response)
{
    const char *words = request_words(request, response);
    request->backend->words = words;
    if (words && words[0])
        ask(panel, request, response, ask_search);
}

static void fetch_author(struct panel *panel, struct request *request, struct response *response)
{
    request->backend->number = request->user->id;
    ask(panel, request, response, ask_posts);
}

static void fetch_erase(struct panel *panel, struct request *request, struct response *response)
{
    request->backend->number = request->user->id;
    if (fetch_stores(request) && ask(panel, request, response, ask_erase))
        forum_erased(&panel->forum, request->backend->erased);
}

/* The post that the form has; false after having answered 400. */
static bool take_post(struct request *request, struct response *response)
{
    struct post *post = &request->backend->post;
    const char *text = request_field(request, response, "body", 1, POST_SIZE - 1);
    if (!text)
        return false;
    *post = (struct post){.author = request->user->id, .at_s = request_now_s(request)};
    memcpy(post->text, text, strlen(text));
    return true;
}

static void store_thread(struct panel *panel, struct request *request, struct response *response)
{
    struct backend *own = request->backend;
    if (!fetch_stores(request))
        return;
    own->title = request_field(request, response, "title", 1, TITLE_SIZE - 1);
    if (!own->title || !take_post(request, response) ||
        !ask(panel, request, response, ask_add_thread))
        return;
    own->threads[0] = (struct thread){.id = own->number, .post = own->post};
    memcpy(own->threads[0].title, own->title, strlen(own->title));
    forum_posted(&panel->forum, own->number);
}

static void store_reply(struct panel *panel, struct request *request, struct response *response)
{
    struct backend *own = request->backend;
    if (!fetch_stores(request) || !take_post(request, response))
        return;
    own->number = request->id;
    own->threads[0] = (struct thread){.id = request->id};
    if (!ask(panel, request, response, is_api(request) ? ask_reply_and_thread : ask_add_reply))
        return;
    if (own->notify < 0) {
        respond_error(request, response, 404, "there is no such thread");
        return;
    }
    own->threads[0].post.author = own->notify;
    forum_replied(&panel->forum, request->id);
}

/* The handler says what is lost. */
static void fetch_health(struct panel *panel, struct request *request, struct response *response)
{
    struct backend *own = request->backend;
    struct err cache = {0};
    (void)response;
    pthread_mutex_unlock(&panel->lock);
    struct err database = {0};
    if (own->database && ask_ping(own, &database))
        database.code = ERR_IO;
    if (own->cache && cache_ping(own->cache, &cache))
        cache.code = ERR_IO;
    pthread_mutex_lock(&panel->lock);
    notice(&own->database_lost, &database, "database");
    notice(&own->cache_lost, &cache, "cache");
}

static const struct {
    panel_handler *handler;
    fetch *before;
} fetches[] = {
    {page_home, fetch_home},        {page_forum, fetch_list},
    {page_thread, fetch_one},       {page_search, fetch_search},
    {page_dashboard, fetch_author}, {page_post_thread, store_thread},
    {page_post_reply, store_reply}, {api_threads, fetch_list},
    {api_thread, fetch_one},        {api_post_thread, store_thread},
    {api_post_reply, store_reply},  {api_gdpr_export, fetch_author},
    {api_gdpr_erase, fetch_erase},  {monitoring_health, fetch_health},
};

bool fetch_before(struct panel *panel, struct request *request, struct response *response,
                  panel_handler *handler)
{
    struct backend *own = request->backend;
    if (!own)
        return false;
    own->key[0] = 0;
    own->hit = false;
    own->n_threads = 0;
    buf_reset(&own->kept);
    for (size_t i = 0; i < sizeof fetches / sizeof fetches[0]; i++)
        if (fetches[i].handler == handler) {
            fetches[i].before(panel, request, response);
            return true;
        }
    return false;
}

void fetch_after(struct panel *panel, const struct request *request)
{
    struct backend *own = request->backend;
    struct err err = {0};
    if (!own || !own->key[0] || own->hit || !own->kept.len)
        return;
    pthread_mutex_unlock(&panel->lock);
    int failed = cache_put(own->cache, own->key, buf_text(&own->kept), own->kept.len, &err);
    pthread_mutex_lock(&panel->lock);
    panel->metrics.cache_errors += failed != 0;
    notice(&own->cache_lost, &err, "cache");
}

/* ---- for handlers ---- */

bool fetch_stores(const struct request *request)
{
    return request->backend && request->backend->database;
}

const struct buf *fetch_cached(const struct request *request)
{
    return request->backend && request->backend->hit ? &request->backend->kept : NULL;
}

void fetch_keep(const struct request *request, const char *title, const char *text, size_t len)
{
    struct backend *own = request->backend;
    if (!own || !own->key[0])
        return;
    buf_reset(&own->kept);
    buf_add(&own->kept, title, strlen(title) + 1);
    buf_add(&own->kept, text, len);
}

static size_t copy_threads(const struct backend *own, const struct thread *out[FORUM_PAGE])
{
    for (size_t i = 0; i < own->n_threads; i++)
        out[i] = &own->threads[i];
    return own->n_threads;
}

size_t fetch_page(struct panel *panel, const struct request *request, int64_t page,
                  const struct thread *out[FORUM_PAGE])
{
    size_t n = 0;
    if (fetch_stores(request))
        return copy_threads(request->backend, out);
    for (int64_t i = (page - 1) * FORUM_PAGE; i < page * FORUM_PAGE && i < FORUM_ROOM; i++)
        out[n++] = forum_newest(&panel->forum, i);
    return n;
}

size_t fetch_found(struct panel *panel, const struct request *request, const char *words,
                   const struct thread *out[FORUM_PAGE])
{
    if (fetch_stores(request))
        return copy_threads(request->backend, out);
    return forum_search(&panel->forum, words, out);
}

struct thread *fetch_thread(struct panel *panel, const struct request *request)
{
    if (!fetch_stores(request))
        return forum_find(&panel->forum, request->id);
    return request->backend->threads[0].id ? &request->backend->threads[0] : NULL;
}

void fetch_posts(struct panel *panel, const struct request *request, struct forum_posts *out)
{
    if (!fetch_stores(request)) {
        forum_by_author(&panel->forum, request->user->id, out);
        return;
    }
    const struct database_posts *posts = &request->backend->posts;
    *out = (struct forum_posts){.n_threads = posts->n_threads,
                                .n_replies = posts->n_replies,
                                .all_threads = posts->all_threads,
                                .all_replies = posts->all_replies};
    for (size_t i = 0; i < posts->n_threads; i++)
        out->threads[i] = &posts->threads[i];
    for (size_t i = 0; i < posts->n_replies; i++)
        out->replies[i] = &posts->replies[i];
}
