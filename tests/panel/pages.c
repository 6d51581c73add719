/* The public pages and the forum. */
#include <stdio.h>
#include <string.h>

#include "fetch.h"
#include "html.h"
#include "panel.h"

static void add_thread_row(struct panel *panel, const struct thread *thread, struct buf *out)
{
    buf_addf(out, "<tr><td><a href=\"/forum/thread/%lld\">", (long long)thread->id);
    html_text(out, thread->title);
    buf_add_str(out, "</a></td><td>");
    html_text(out, panel_user_name(panel, thread->post.author));
    buf_addf(out, "</td><td>%llu</td><td>", (unsigned long long)thread->n_replies);
    html_time(out, thread->post.at_s);
    buf_add_str(out, "</td></tr>\n");
}

/* What the cache has after a title and its NUL. */
static void add_after_title(const struct buf *cached, struct buf *out)
{
    size_t title = strlen(buf_text(cached)) + 1;
    if (title < cached->len)
        buf_add(out, cached->data + title, cached->len - title);
}

/* The rows of one page of the list, from the cache where the forum has not changed since. */
static const struct buf *thread_rows(struct panel *panel, int64_t page)
{
    struct forum *forum = &panel->forum;
    struct buf *rows = &forum->cache[page - 1].rows;
    if (forum->cache[page - 1].version == forum->version) {
        forum->cache_hits++;
        return rows;
    }
    forum->cache_misses++;
    forum->cache[page - 1].version = forum->version;
    buf_reset(rows);
    for (int64_t i = (page - 1) * FORUM_PAGE; i < page * FORUM_PAGE && i < FORUM_ROOM; i++)
        add_thread_row(panel, forum_newest(forum, i), rows);
    return rows;
}

static void add_rows(struct panel *panel, const struct thread *const *threads, size_t n,
                     struct buf *out)
{
    for (size_t i = 0; i < n; i++)
        add_thread_row(panel, threads[i], out);
}

/* The same from a database or a cache that others than this process have. */
static void add_fetched_rows(struct panel *panel, const struct request *request, int64_t page,
                             struct buf *out)
{
    const struct thread *threads[FORUM_PAGE];
    const struct buf *cached = fetch_cached(request);
    size_t start = out->len;
    if (cached) {
        add_after_title(cached, out);
        return;
    }
    add_rows(panel, threads, fetch_page(panel, request, page, threads), out);
    fetch_keep(request, "", buf_text(out) + start, out->len - start);
}

static const char table_head[] =
    "<table>\n<tr><th>Thread</th><th>By</th><th>Replies</th><th>Since</th></tr>\n";

static void add_thread_table(struct panel *panel, const struct request *request, int64_t page,
                             struct buf *out)
{
    buf_add_str(out, table_head);
    if (request->backend) {
        add_fetched_rows(panel, request, page, out);
    } else {
        const struct buf *rows = thread_rows(panel, page);
        buf_add(out, buf_text(rows), rows->len);
    }
    buf_add_str(out, "</table>\n");
}

void page_home(struct panel *panel, struct request *request, struct response *response)
{
    struct buf *out = &response->body;
    html_begin(panel, request, response, "Home");
    html_element(out, "p", panel->settings.announcement);
    buf_addf(out, "\n<p>%lld people talk here, in %lld threads.</p>\n<h2>What is new</h2>\n",
             (long long)panel->users.count, (long long)forum_count(&panel->forum));
    add_thread_table(panel, request, 1, out);
    html_end(response);
}

void page_forum(struct panel *panel, struct request *request, struct response *response)
{
    int64_t page = request_page(request, response, FORUM_PAGES);
    if (!page)
        return;
    html_begin(panel, request, response, "Forum");
    buf_add_str(&response->body, "<p><a href=\"/forum/new\">Start a thread</a></p>\n");
    add_thread_table(panel, request, page, &response->body);
    html_pager(&response->body, "/forum", page, FORUM_PAGES);
    html_end(response);
}

void page_search(struct panel *panel, struct request *request, struct response *response)
{
    const struct thread *threads[FORUM_PAGE];
    struct buf *out = &response->body;
    const char *words = request_words(request, response);
    if (!words)
        return;
    html_begin(panel, request, response, "Search");
    buf_add_str(out, "<form action=\"/forum/search\">");
    html_input(out, "Words", "q", "search", words);
    html_form_end(out, "Search");
    if (words[0]) {
        buf_add_str(out, table_head);
        add_rows(panel, threads, fetch_found(panel, request, words, threads), out);
        buf_add_str(out, "</table>\n");
    }
    html_end(response);
}

static void add_post(struct panel *panel, const struct post *post, struct buf *out)
{
    buf_add_str(out, "<article><p>");
    html_text(out, post->text);
    buf_add_str(out, "</p><p class=\"by\">");
    html_text(out, panel_user_name(panel, post->author));
    buf_add_str(out, ", ");
    html_time(out, post->at_s);
    buf_add_str(out, "</p></article>\n");
}

static void add_posts(struct panel *panel, const struct thread *thread, struct buf *out)
{
    uint64_t first = thread->n_replies > FORUM_REPLIES ? thread->n_replies - FORUM_REPLIES : 0;
    add_post(panel, &thread->post, out);
    for (uint64_t i = first; i < thread->n_replies; i++)
        add_post(panel, &thread->replies[i % FORUM_REPLIES], out);
}

static void add_reply_form(const struct request *request, struct buf *out)
{
    if (!request->user) {
        buf_add_str(out, "<p><a href=\"/login\">Log in</a> to reply.</p>\n");
        return;
    }
    char action[64];
    snprintf(action, sizeof action, "/forum/thread/%lld/reply", (long long)request->id);
    html_form_begin(out, action, request->session->csrf);
    html_textarea(out, "Reply", "body", "");
    html_form_end(out, "Reply");
}

void page_thread(struct panel *panel, struct request *request, struct response *response)
{
    struct buf *out = &response->body;
    const struct buf *cached = fetch_cached(request);
    const struct thread *thread = cached ? NULL : fetch_thread(panel, request);
    if (!cached && !thread) {
        respond_error(request, response, 404, "there is no such thread");
        return;
    }
    html_begin(panel, request, response, cached ? buf_text(cached) : thread->title);
    size_t start = out->len;
    if (cached) {
        add_after_title(cached, out);
    } else {
        add_posts(panel, thread, out);
        fetch_keep(request, thread->title, buf_text(out) + start, out->len - start);
    }
    add_reply_form(request, out);
    html_end(response);
}

void page_new_thread(struct panel *panel, struct request *request, struct response *response)
{
    struct buf *out = &response->body;
    html_begin(panel, request, response, "Start a thread");
    html_form_begin(out, "/forum/new", request->session->csrf);
    html_input(out, "Title", "title", "text", "");
    html_textarea(out, "Text", "body", "");
    html_form_end(out, "Post");
    html_end(response);
}

void page_post_thread(struct panel *panel, struct request *request, struct response *response)
{
    const struct thread *thread = action_post_thread(panel, request, response);
    if (thread)
        respond_redirect(response, "/forum/thread/%lld", (long long)thread->id);
}

void page_post_reply(struct panel *panel, struct request *request, struct response *response)
{
    const struct thread *thread = action_reply(panel, request, response);
    if (thread)
        respond_redirect(response, "/forum/thread/%lld", (long long)thread->id);
}
