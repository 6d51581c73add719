/* The administrators' pages. */
#include <stdio.h>

#include "base/clock.h"
#include "html.h"
#include "panel.h"
#include "text.h"

enum { USER_PAGES = (USERS_ROOM + USERS_PAGE - 1) / USERS_PAGE };

static void add_row(struct buf *out, const char *name, unsigned long long value)
{
    buf_addf(out, "<tr><td>%s</td><td>%llu</td></tr>\n", name, value);
}

void admin_dashboard(struct panel *panel, struct request *request, struct response *response)
{
    struct buf *out = &response->body;
    const struct metrics *metrics = &panel->metrics;
    html_begin(panel, request, response, "Administration");
    buf_add_str(out, "<p><a href=\"/admin/users\">Users</a> <a href=\"/admin/audit\">Audit log</a> "
                     "<a href=\"/admin/settings\">Settings</a></p>\n<table>\n");
    add_row(out, "Users", (unsigned long long)panel->users.count);
    add_row(out, "Sessions", panel->sessions.count);
    add_row(out, "Threads posted", panel->forum.n_threads);
    add_row(out, "Replies posted", panel->forum.n_replies);
    add_row(out, "Requests", metrics->requests);
    add_row(out, "Server errors", metrics->server_errors);
    add_row(out, "Log-ins", metrics->logins);
    add_row(out, "Failed log-ins", metrics->failed_logins);
    add_row(out, "Registrations", metrics->registrations);
    buf_addf(out, "</table>\n<p>95 %% of the requests took less than %.2f ms.</p>\n",
             metrics_quantile_ns(metrics, 0.95) / (double)NS_PER_MS);
    html_end(response);
}

void admin_users(struct panel *panel, struct request *request, struct response *response)
{
    int64_t page = request_page(request, response, USER_PAGES);
    if (!page)
        return;
    const struct user *users[USERS_PAGE];
    size_t n = users_page(&panel->users, page, users);
    struct buf *out = &response->body;
    html_begin(panel, request, response, "Users");
    buf_add_str(out, "<p><a href=\"/admin/users/new\">Add one</a></p>\n<table>\n"
                     "<tr><th>Id</th><th>Name</th><th>E-mail</th><th>Role</th></tr>\n");
    for (size_t i = 0; i < n; i++) {
        long long id = users[i]->id;
        buf_addf(out, "<tr><td><a href=\"/admin/users/%lld\">%lld</a></td>", id, id);
        html_element(out, "td", users[i]->name);
        html_element(out, "td", users[i]->email);
        html_element(out, "td", users[i]->admin ? "admin" : "member");
        buf_add_str(out, "</tr>\n");
    }
    buf_add_str(out, "</table>\n");
    html_pager(out, "/admin/users", page, USER_PAGES);
    html_end(response);
}

void admin_new_user(struct panel *panel, struct request *request, struct response *response)
{
    struct buf *out = &response->body;
    html_begin(panel, request, response, "Add a user");
    html_form_begin(out, "/admin/users", request->session->csrf);
    html_input(out, "Name", "name", "text", "");
    html_input(out, "E-mail", "email", "email", "");
    html_input(out, "Password", "password", "password", "");
    html_input(out, "Country", "country", "text", country_codes[0]);
    html_input(out, "Role", "role", "text", "member");
    html_form_end(out, "Add");
    html_end(response);
}

void admin_create_user(struct panel *panel, struct request *request, struct response *response)
{
    const struct user *user = action_create_user(panel, request, response);
    if (user)
        respond_redirect(response, "/admin/users/%lld", (long long)user->id);
}

void admin_user(struct panel *panel, struct request *request, struct response *response)
{
    const struct user *user = users_find(&panel->users, request->id);
    if (!user) {
        respond_error(request, response, 404, "there is no such user");
        return;
    }
    struct buf *out = &response->body;
    char action[64];
    html_begin(panel, request, response, user->name);
    html_element(out, "p", user->email);
    snprintf(action, sizeof action, "/admin/users/%lld", (long long)user->id);
    html_form_begin(out, action, request->session->csrf);
    html_input(out, "Name", "name", "text", user->name);
    html_input(out, "Country", "country", "text", country_codes[user->country]);
    html_input(out, "Role", "role", "text", user->admin ? "admin" : "member");
    html_form_end(out, "Save");
    snprintf(action, sizeof action, "/admin/users/%lld/delete", (long long)user->id);
    html_form_begin(out, action, request->session->csrf);
    html_form_end(out, "Delete");
    html_end(response);
}

void admin_update_user(struct panel *panel, struct request *request, struct response *response)
{
    const struct user *user = action_update_user(panel, request, response);
    if (user)
        respond_redirect(response, "/admin/users/%lld", (long long)user->id);
}

void admin_delete_user(struct panel *panel, struct request *request, struct response *response)
{
    if (!action_delete_user(panel, request, response))
        respond_redirect(response, "/admin/users");
}

void admin_audit(struct panel *panel, struct request *request, struct response *response)
{
    struct buf *out = &response->body;
    const struct audit *audit = &panel->audit;
    html_begin(panel, request, response, "Audit log");
    buf_add_str(out, "<table>\n<tr><th>When</th><th>Who</th><th>What</th><th>On</th></tr>\n");
    for (uint64_t i = 1; i <= AUDIT_SHOWN && i <= audit->count; i++) {
        const struct audit_entry *entry = &audit->entries[(audit->count - i) % AUDIT_ROOM];
        buf_add_str(out, "<tr><td>");
        html_time(out, entry->at_s);
        buf_add_str(out, "</td>");
        html_element(out, "td", panel_user_name(panel, entry->actor));
        html_element(out, "td", entry->action);
        buf_addf(out, "<td>%lld</td></tr>\n", (long long)entry->object);
    }
    buf_add_str(out, "</table>\n");
    html_end(response);
}

void admin_settings(struct panel *panel, struct request *request, struct response *response)
{
    struct buf *out = &response->body;
    html_begin(panel, request, response, "Settings");
    html_form_begin(out, "/admin/settings", request->session->csrf);
    html_input(out, "Name of the site", "site_name", "text", panel->settings.site_name);
    html_textarea(out, "Announcement", "announcement", panel->settings.announcement);
    html_form_end(out, "Save");
    html_end(response);
}

void admin_save_settings(struct panel *panel, struct request *request, struct response *response)
{
    struct settings *settings = &panel->settings;
    const char *name =
        request_field(request, response, "site_name", 1, sizeof settings->site_name - 1);
    const char *announcement = name ? request_field(request, response, "announcement", 0,
                                                    sizeof settings->announcement - 1)
                                    : NULL;
    if (!announcement)
        return;
    text_copy(settings->site_name, sizeof settings->site_name, name);
    text_copy(settings->announcement, sizeof settings->announcement, announcement);
    audit_add(&panel->audit, request_now_s(request), request->user->id, "settings.update", 0);
    respond_redirect(response, "/admin/settings");
}
