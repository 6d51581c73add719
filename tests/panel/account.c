/* Logging in and out, and the pages of the one who is logged in. */
#include <string.h>

#include "fetch.h"
#include "html.h"
#include "panel.h"
#include "text.h"

static bool is_token(const char *text)
{
    return strlen(text) == TOKEN_SIZE - 1 && strspn(text, "0123456789abcdef") == TOKEN_SIZE - 1;
}

/* Where nobody is logged in yet, the form's token is compared with a cookie (a double submit). */
static const char *login_csrf(const struct request *request)
{
    if (request->session)
        return request->session->csrf;
    return request->csrf_cookie && is_token(request->csrf_cookie) ? request->csrf_cookie : NULL;
}

static void show_login(struct panel *panel, struct request *request, struct response *response,
                       const char *message)
{
    struct buf *out = &response->body;
    const char *csrf = login_csrf(request);
    if (!csrf) {
        sessions_make_token(&panel->sessions, response->csrf_cookie);
        csrf = response->csrf_cookie;
    }
    html_begin(panel, request, response, "Log in");
    html_element(out, "p", message);
    html_form_begin(out, "/login", csrf);
    html_input(out, "E-mail", "email", "email", "");
    html_input(out, "Password", "password", "password", "");
    html_form_end(out, "Log in");
    html_end(response);
}

void page_login(struct panel *panel, struct request *request, struct response *response)
{
    show_login(panel, request, response, "To post and reply, log in.");
}

void page_log_in(struct panel *panel, struct request *request, struct response *response)
{
    const char *token = form_get(&request->form, "csrf_token"), *csrf = login_csrf(request);
    if (!token || !csrf || strcmp(token, csrf) != 0) {
        respond_error(request, response, 403, "the form's csrf_token is missing or wrong");
        return;
    }
    const char *email = request_field(request, response, "email", 1, EMAIL_SIZE - 1);
    const char *password =
        email ? request_field(request, response, "password", 1, PASSWORD_SIZE - 1) : NULL;
    if (!password)
        return;
    const struct user *user = users_log_in(&panel->users, email, password);
    if (!user) {
        panel->metrics.failed_logins++;
        response->status = 401;
        show_login(panel, request, response, "This e-mail and password do not belong together.");
        return;
    }
    if (request->session)
        sessions_close(&panel->sessions, request->session);
    const struct session *session =
        sessions_open(&panel->sessions, SESSION_BROWSER, user->id, request_now_s(request));
    panel->metrics.logins++;
    audit_add(&panel->audit, request_now_s(request), user->id, "session.open", user->id);
    text_copy(response->session_cookie, sizeof response->session_cookie, session->token);
    respond_redirect(response, "/dashboard");
}

void page_log_out(struct panel *panel, struct request *request, struct response *response)
{
    sessions_close(&panel->sessions, request->session);
    response->forget_session = true;
    respond_redirect(response, "/");
}

void page_dashboard(struct panel *panel, struct request *request, struct response *response)
{
    struct buf *out = &response->body;
    struct forum_posts posts;
    fetch_posts(panel, request, &posts);
    html_begin(panel, request, response, "Dashboard");
    buf_add_str(out, "<p>Hello, ");
    html_text(out, request->user->name);
    buf_addf(out, ". %lld replies to your threads since your last visit.</p>\n",
             (long long)request->user->unread);
    buf_addf(out, "<h2>Your threads (%zu)</h2>\n<ul>\n", posts.all_threads);
    for (size_t i = 0; i < posts.n_threads && i < 10; i++) {
        buf_addf(out, "<li><a href=\"/forum/thread/%lld\">", (long long)posts.threads[i]->id);
        html_text(out, posts.threads[i]->title);
        buf_add_str(out, "</a></li>\n");
    }
    buf_addf(out, "</ul>\n<h2>Your replies (%zu)</h2>\n<ul>\n", posts.all_replies);
    for (size_t i = 0; i < posts.n_replies && i < 10; i++) {
        html_element(out, "li", posts.replies[i]->text);
        buf_add_char(out, '\n');
    }
    buf_add_str(out, "</ul>\n");
    html_end(response);
    request->user->unread = 0;
}

void page_profile(struct panel *panel, struct request *request, struct response *response)
{
    struct buf *out = &response->body;
    const struct user *user = request->user;
    html_begin(panel, request, response, "Profile");
    const char *const rows[][2] = {{"Name", user->name},
                                   {"E-mail", user->email},
                                   {"Country", country_codes[user->country]},
                                   {"About", user->bio}};
    buf_add_str(out, "<dl>\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        html_element(out, "dt", rows[i][0]);
        html_element(out, "dd", rows[i][1]);
        buf_add_char(out, '\n');
    }
    buf_add_str(out, "</dl>\n<p><a href=\"/profile/edit\">Edit</a></p>\n");
    html_end(response);
}

void page_edit_profile(struct panel *panel, struct request *request, struct response *response)
{
    struct buf *out = &response->body;
    const struct user *user = request->user;
    html_begin(panel, request, response, "Edit the profile");
    html_form_begin(out, "/profile/edit", request->session->csrf);
    html_input(out, "Name", "name", "text", user->name);
    html_input(out, "Country", "country", "text", country_codes[user->country]);
    html_textarea(out, "About", "bio", user->bio);
    html_form_end(out, "Save");
    html_end(response);
}

void page_save_profile(struct panel *panel, struct request *request, struct response *response)
{
    struct user *user = request->user;
    const char *name = request_field(request, response, "name", 1, NAME_SIZE - 1);
    const char *bio = name ? request_field(request, response, "bio", 0, BIO_SIZE - 1) : NULL;
    if (!bio)
        return;
    const char *code = form_get(&request->form, "country");
    int country = code ? country_find(code) : user->country;
    if (country < 0) {
        respond_error(request, response, 400, "'country': expected a code such as DE or US");
        return;
    }
    bool other_name = strcmp(user->name, name) != 0;
    text_copy(user->name, sizeof user->name, name);
    text_copy(user->bio, sizeof user->bio, bio);
    user->country = country;
    panel->users.writes++;
    forum_renamed(&panel->forum, other_name);
    respond_redirect(response, "/profile");
}
