/* The REST API. */
#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"
#include "fetch.h"
#include "panel.h"
#include "text.h"

enum { USER_PAGES = (USERS_ROOM + USERS_PAGE - 1) / USERS_PAGE };

static struct js_writer json_begin(struct response *response)
{
    response->type = "application/json";
    buf_reserve(&response->body, 4096);
    struct js_writer json = {.out = &response->body, .one_line = 1};
    js_open(&json, NULL, '{');
    return json;
}

static void put_time(struct js_writer *json, const char *key, int64_t unix_s)
{
    struct buf text = {0};
    num_add_utc(&text, unix_s * NS_PER_S);
    js_put_string(json, key, buf_text(&text));
    buf_release(&text);
}

/* The members of a user; `reader` sees the e-mail address of others only as an administrator. */
static void put_user(struct js_writer *json, const struct user *user, const struct user *reader)
{
    js_put_int(json, "id", user->id);
    js_put_string(json, "name", user->name);
    if (reader->admin || reader == user)
        js_put_string(json, "email", user->email);
    js_put_string(json, "role", user->admin ? "admin" : "member");
    js_put_string(json, "country", country_codes[user->country]);
    js_put_string(json, "bio", user->bio);
    put_time(json, "created_at", user->created_s);
}

static void put_post(struct js_writer *json, const struct post *post)
{
    js_put_int(json, "author", post->author);
    put_time(json, "created_at", post->at_s);
    js_put_string(json, "body", post->text);
}

static void put_thread_head(struct js_writer *json, const struct thread *thread)
{
    js_put_int(json, "id", thread->id);
    js_put_string(json, "title", thread->title);
    js_put_int(json, "replies", (int64_t)thread->n_replies);
}

/* ---- access and health ---- */

void api_token(struct panel *panel, struct request *request, struct response *response)
{
    const char *email = request_field(request, response, "email", 1, EMAIL_SIZE - 1);
    const char *password =
        email ? request_field(request, response, "password", 1, PASSWORD_SIZE - 1) : NULL;
    if (!password)
        return;
    const struct user *user = users_log_in(&panel->users, email, password);
    if (!user) {
        panel->metrics.failed_logins++;
        respond_error(request, response, 401, "this e-mail and password do not belong together");
        return;
    }
    panel->metrics.logins++;
    const struct session *session =
        sessions_open(&panel->sessions, SESSION_API, user->id, request_now_s(request));
    struct js_writer json = json_begin(response);
    js_put_string(&json, "access_token", session->token);
    js_put_string(&json, "token_type", "Bearer");
    js_put_int(&json, "expires_in", SESSION_IDLE_S);
    js_put_int(&json, "user_id", user->id);
    js_close(&json, '}');
}

void api_health(struct panel *panel, struct request *request, struct response *response)
{
    (void)panel, (void)request;
    struct js_writer json = json_begin(response);
    js_put_string(&json, "status", "ok");
    js_close(&json, '}');
}

/* ---- users ---- */

static void answer_user(const struct user *user, const struct user *reader, unsigned status,
                        struct response *response)
{
    response->status = status;
    struct js_writer json = json_begin(response);
    put_user(&json, user, reader);
    js_close(&json, '}');
}

void api_me(struct panel *panel, struct request *request, struct response *response)
{
    (void)panel;
    answer_user(request->user, request->user, 200, response);
}

void api_user(struct panel *panel, struct request *request, struct response *response)
{
    const struct user *user = users_find(&panel->users, request->id);
    if (user)
        answer_user(user, request->user, 200, response);
    else
        respond_error(request, response, 404, "there is no such user");
}

void api_users(struct panel *panel, struct request *request, struct response *response)
{
    int64_t page = request_page(request, response, USER_PAGES);
    if (!page)
        return;
    const struct user *users[USERS_PAGE];
    size_t n = users_page(&panel->users, page, users);
    struct js_writer json = json_begin(response);
    js_put_int(&json, "total", panel->users.count);
    js_put_int(&json, "page", page);
    js_open(&json, "users", '[');
    for (size_t i = 0; i < n; i++) {
        js_open(&json, NULL, '{');
        put_user(&json, users[i], request->user);
        js_close(&json, '}');
    }
    js_close(&json, ']');
    js_close(&json, '}');
}

void api_create_user(struct panel *panel, struct request *request, struct response *response)
{
    const struct user *user = action_create_user(panel, request, response);
    if (user)
        answer_user(user, request->user, 201, response);
}

void api_update_user(struct panel *panel, struct request *request, struct response *response)
{
    const struct user *user = action_update_user(panel, request, response);
    if (user)
        answer_user(user, request->user, 200, response);
}

void api_delete_user(struct panel *panel, struct request *request, struct response *response)
{
    if (!action_delete_user(panel, request, response))
        response->status = 204;
}

/* ---- forum ---- */

/* True where the cache had the whole answer. */
static bool answer_from_cache(const struct request *request, struct response *response)
{
    const struct buf *cached = fetch_cached(request);
    if (!cached)
        return false;
    response->type = "application/json";
    buf_add(&response->body, buf_text(cached) + 1, cached->len - 1); /* after an empty title */
    return true;
}

void api_threads(struct panel *panel, struct request *request, struct response *response)
{
    int64_t page = request_page(request, response, FORUM_PAGES);
    if (!page)
        return;
    if (answer_from_cache(request, response))
        return;
    const struct thread *threads[FORUM_PAGE];
    size_t n = fetch_page(panel, request, page, threads);
    struct js_writer json = json_begin(response);
    js_put_int(&json, "total", forum_count(&panel->forum));
    js_put_int(&json, "page", page);
    js_open(&json, "threads", '[');
    for (size_t i = 0; i < n; i++) {
        js_open(&json, NULL, '{');
        put_thread_head(&json, threads[i]);
        put_post(&json, &threads[i]->post);
        js_close(&json, '}');
    }
    js_close(&json, ']');
    js_close(&json, '}');
    fetch_keep(request, "", buf_text(&response->body), response->body.len);
}

static void answer_thread(const struct thread *thread, unsigned status, struct response *response)
{
    response->status = status;
    struct js_writer json = json_begin(response);
    put_thread_head(&json, thread);
    put_post(&json, &thread->post);
    js_open(&json, "last_replies", '[');
    uint64_t first = thread->n_replies > FORUM_REPLIES ? thread->n_replies - FORUM_REPLIES : 0;
    for (uint64_t i = first; i < thread->n_replies; i++) {
        js_open(&json, NULL, '{');
        put_post(&json, &thread->replies[i % FORUM_REPLIES]);
        js_close(&json, '}');
    }
    js_close(&json, ']');
    js_close(&json, '}');
}

void api_thread(struct panel *panel, struct request *request, struct response *response)
{
    if (answer_from_cache(request, response))
        return;
    const struct thread *thread = fetch_thread(panel, request);
    if (!thread) {
        respond_error(request, response, 404, "there is no such thread");
        return;
    }
    answer_thread(thread, 200, response);
    fetch_keep(request, "", buf_text(&response->body), response->body.len);
}

void api_post_thread(struct panel *panel, struct request *request, struct response *response)
{
    const struct thread *thread = action_post_thread(panel, request, response);
    if (thread)
        answer_thread(thread, 201, response);
}

void api_post_reply(struct panel *panel, struct request *request, struct response *response)
{
    const struct thread *thread = action_reply(panel, request, response);
    if (thread)
        answer_thread(thread, 201, response);
}

/* ---- data protection ---- */

void api_gdpr_export(struct panel *panel, struct request *request, struct response *response)
{
    struct forum_posts posts;
    fetch_posts(panel, request, &posts);
    struct js_writer json = json_begin(response);
    js_open(&json, "user", '{');
    put_user(&json, request->user, request->user);
    js_close(&json, '}');
    js_put_int(&json, "total_threads", (int64_t)posts.all_threads);
    js_put_int(&json, "total_replies", (int64_t)posts.all_replies);
    js_open(&json, "threads", '[');
    for (size_t i = 0; i < posts.n_threads; i++) {
        js_open(&json, NULL, '{');
        put_thread_head(&json, posts.threads[i]);
        put_post(&json, &posts.threads[i]->post);
        js_close(&json, '}');
    }
    js_close(&json, ']');
    js_open(&json, "replies", '[');
    for (size_t i = 0; i < posts.n_replies; i++) {
        js_open(&json, NULL, '{');
        put_post(&json, posts.replies[i]);
        js_close(&json, '}');
    }
    js_close(&json, ']');
    js_close(&json, '}');
    audit_add(&panel->audit, request_now_s(request), request->user->id, "gdpr.export",
              request->user->id);
}

void api_gdpr_erase(struct panel *panel, struct request *request, struct response *response)
{
    struct user *user = request->user;
    size_t posts = fetch_stores(request) ? request->backend->erased
                                         : forum_erase_author(&panel->forum, user->id);
    bool stays = user->id == USER_LOADED || user->id == USER_ADMIN;
    audit_add(&panel->audit, request_now_s(request), user->id, "gdpr.erase", user->id);
    user->bio[0] = 0;
    if (!stays) {
        sessions_close(&panel->sessions, request->session);
        users_remove(&panel->users, user);
    }
    struct js_writer json = json_begin(response);
    js_put_int(&json, "anonymised_posts", (int64_t)posts);
    js_put_bool(&json, "account_removed", !stays);
    js_close(&json, '}');
}
