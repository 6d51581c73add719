#include "routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "fetch.h"

const struct route routes[] = {
    {METHOD_GET, ACCESS_ANYONE, "/", page_home},
    {METHOD_GET, ACCESS_ANYONE, "/forum", page_forum},
    {METHOD_GET, ACCESS_ANYONE, "/forum/search", page_search},
    {METHOD_GET, ACCESS_ANYONE, "/forum/thread/:id", page_thread},
    {METHOD_GET, ACCESS_ANYONE, "/static/style.css", asset_css},
    {METHOD_GET, ACCESS_ANYONE, "/static/app.js", asset_js},
    {METHOD_GET, ACCESS_ANYONE, "/static/logo.svg", asset_logo},
    {METHOD_GET, ACCESS_COOKIE, "/forum/new", page_new_thread},
    {METHOD_POST, ACCESS_COOKIE, "/forum/new", page_post_thread},
    {METHOD_POST, ACCESS_COOKIE, "/forum/thread/:id/reply", page_post_reply},
    {METHOD_GET, ACCESS_ANYONE, "/login", page_login},
    {METHOD_POST, ACCESS_ANYONE, "/login", page_log_in},
    {METHOD_POST, ACCESS_COOKIE, "/logout", page_log_out},
    {METHOD_GET, ACCESS_COOKIE, "/dashboard", page_dashboard},
    {METHOD_GET, ACCESS_COOKIE, "/profile", page_profile},
    {METHOD_GET, ACCESS_COOKIE, "/profile/edit", page_edit_profile},
    {METHOD_POST, ACCESS_COOKIE, "/profile/edit", page_save_profile},
    {METHOD_GET, ACCESS_ADMIN_COOKIE, "/admin", admin_dashboard},
    {METHOD_GET, ACCESS_ADMIN_COOKIE, "/admin/users", admin_users},
    {METHOD_POST, ACCESS_ADMIN_COOKIE, "/admin/users", admin_create_user},
    {METHOD_GET, ACCESS_ADMIN_COOKIE, "/admin/users/new", admin_new_user},
    {METHOD_GET, ACCESS_ADMIN_COOKIE, "/admin/users/:id", admin_user},
    {METHOD_POST, ACCESS_ADMIN_COOKIE, "/admin/users/:id", admin_update_user},
    {METHOD_POST, ACCESS_ADMIN_COOKIE, "/admin/users/:id/delete", admin_delete_user},
    {METHOD_GET, ACCESS_ADMIN_COOKIE, "/admin/audit", admin_audit},
    {METHOD_GET, ACCESS_ADMIN_COOKIE, "/admin/settings", admin_settings},
    {METHOD_POST, ACCESS_ADMIN_COOKIE, "/admin/settings", admin_save_settings},
    {METHOD_POST, ACCESS_ANYONE, "/api/auth/token", api_token},
    {METHOD_GET, ACCESS_ANYONE, "/api/health", api_health},
    {METHOD_GET, ACCESS_TOKEN, "/api/users", api_users},
    {METHOD_POST, ACCESS_ADMIN_TOKEN, "/api/users", api_create_user},
    {METHOD_GET, ACCESS_TOKEN, "/api/users/me", api_me},
    {METHOD_GET, ACCESS_TOKEN, "/api/users/:id", api_user},
    {METHOD_PUT, ACCESS_ADMIN_TOKEN, "/api/users/:id", api_update_user},
    {METHOD_DELETE, ACCESS_ADMIN_TOKEN, "/api/users/:id", api_delete_user},
    {METHOD_GET, ACCESS_TOKEN, "/api/forum/threads", api_threads},
    {METHOD_POST, ACCESS_TOKEN, "/api/forum/threads", api_post_thread},
    {METHOD_GET, ACCESS_TOKEN, "/api/forum/threads/:id", api_thread},
    {METHOD_POST, ACCESS_TOKEN, "/api/forum/threads/:id/replies", api_post_reply},
    {METHOD_GET, ACCESS_TOKEN, "/api/gdpr/export", api_gdpr_export},
    {METHOD_POST, ACCESS_TOKEN, "/api/gdpr/erase", api_gdpr_erase},
    {METHOD_GET, ACCESS_ANYONE, "/api/monitoring/metrics", monitoring_metrics},
    {METHOD_GET, ACCESS_ANYONE, "/api/monitoring/health", monitoring_health},
    {METHOD_GET, ACCESS_ANYONE, "/api/monitoring/system", monitoring_system},
};
const size_t n_routes = sizeof routes / sizeof routes[0];
_Static_assert(sizeof routes / sizeof routes[0] <= METRICS_ROUTES, "raise METRICS_ROUTES");

static const char *const method_names[] = {"GET", "POST", "PUT", "DELETE"};

const char *method_name(enum method method)
{
    return method < METHOD_OTHER ? method_names[method] : "other";
}

/* ---- the state ---- */

struct panel *panel_new(const struct options *options, int64_t started_ns)
{
    struct panel *panel = mem_new(sizeof *panel);
    struct rng rng;
    rng_init(&rng, options->seed, 0);
    pthread_mutex_init(&panel->lock, NULL);
    users_init(&panel->users, options, &rng);
    forum_init(&panel->forum, USERS_SEEDED, &rng);
    sessions_init(&panel->sessions, options->seed);
    audit_init(&panel->audit);
    panel->settings = (struct settings){.site_name = "Panel", .announcement = "Welcome."};
    panel->metrics.started_ns = started_ns;
    snprintf(panel->run, sizeof panel->run, "%llx.%x", (unsigned long long)clock_wall_ns(),
             (unsigned)getpid());
    return panel;
}

void panel_free(struct panel *panel)
{
    forum_release(&panel->forum);
    sessions_release(&panel->sessions);
    pthread_mutex_destroy(&panel->lock);
    free(panel);
}

void panel_run_jobs(struct panel *panel)
{
    pthread_mutex_lock(&panel->lock);
    jobs_run(&panel->jobs, &panel->users);
    pthread_mutex_unlock(&panel->lock);
}

const char *panel_user_name(struct panel *panel, int64_t id)
{
    const struct user *user = users_find(&panel->users, id);
    return user ? user->name : "former member";
}

/* ---- from a request to its handler ---- */

/* Whether `path` has the form of `pattern`; *id is the number at ":id". */
static bool matches(const char *pattern, const char *path, int64_t *id)
{
    while (*pattern && *pattern == *path)
        pattern++, path++;
    if (strncmp(pattern, ":id", 3) != 0)
        return !*pattern && !*path;
    size_t digits = strspn(path, "0123456789");
    if (!digits || digits > 15 || strcmp(pattern + 3, path + digits) != 0)
        return false;
    *id = strtoll(path, NULL, 10);
    return true;
}

/* The index of the route; n_routes where there is none, with the methods that the path does take
 * in response->allow. */
static size_t find_route(struct request *request, struct response *response)
{
    for (size_t i = 0; i < n_routes; i++) {
        if (!matches(routes[i].pattern, request->path, &request->id))
            continue;
        if (routes[i].method == request->method)
            return i;
        size_t used = strlen(response->allow);
        snprintf(response->allow + used, sizeof response->allow - used, "%s%s", used ? ", " : "",
                 method_name(routes[i].method));
    }
    return n_routes;
}

static bool wants_token(enum access access)
{
    return access == ACCESS_TOKEN || access == ACCESS_ADMIN_TOKEN;
}

static void find_session(struct panel *panel, struct request *request, bool by_token)
{
    static const char scheme[] = "Bearer ";
    const char *token = request->session_cookie;
    request->session = NULL;
    request->user = NULL;
    if (by_token) {
        token = request->authorization;
        token = token && !strncmp(token, scheme, strlen(scheme)) ? token + strlen(scheme) : NULL;
    }
    if (!token)
        return;
    request->session = sessions_find(&panel->sessions, by_token ? SESSION_API : SESSION_BROWSER,
                                     token, request_now_s(request));
    if (request->session)
        request->user = users_find(&panel->users, request->session->user);
    if (!request->user)
        request->session = NULL;
}

static void refuse_stranger(const struct request *request, enum access access,
                            struct response *response)
{
    if (!wants_token(access)) {
        respond_redirect(response, "/login");
        return;
    }
    response->challenge = true;
    respond_error(request, response, 401, "a valid bearer token is needed; see /api/auth/token");
}

static bool read_form(struct request *request, struct response *response)
{
    struct err err = {0};
    if (request->body_too_large)
        respond_error(request, response, 413, "the body is too large");
    else if (form_parse(request->content_type, request->body, request->body_len, &request->form,
                        &err))
        respond_error(request, response, 400, err.text);
    else
        return true;
    return false;
}

static bool has_csrf_token(const struct request *request)
{
    const char *token = form_get(&request->form, "csrf_token");
    return token && !strcmp(token, request->session->csrf);
}

/* Whether the request may go on; answers it where it may not. */
static bool admit(struct request *request, const struct route *route, struct response *response)
{
    enum access access = route->access;
    if (access != ACCESS_ANYONE && !request->user) {
        refuse_stranger(request, access, response);
        return false;
    }
    if ((access == ACCESS_ADMIN_COOKIE || access == ACCESS_ADMIN_TOKEN) && !request->user->admin) {
        respond_error(request, response, 403, "this is for administrators");
        return false;
    }
    if (!read_form(request, response))
        return false;
    if (route->method == METHOD_POST && access != ACCESS_ANYONE && !wants_token(access) &&
        !has_csrf_token(request)) {
        respond_error(request, response, 403, "the form's csrf_token is missing or wrong");
        return false;
    }
    return true;
}

/* Has fetched what the handler needs. It takes a while, in which a session may end. False where
 * that has answered the request. */
static bool prepare(struct panel *panel, struct request *request, const struct route *route,
                    struct response *response)
{
    if (!fetch_before(panel, request, response, route->handle))
        return true;
    find_session(panel, request, wants_token(route->access));
    if (response->status)
        return false;
    if (route->access == ACCESS_ANYONE || request->user)
        return true;
    refuse_stranger(request, route->access, response);
    return false;
}

static void serve(struct panel *panel, struct request *request, const struct route *route,
                  struct response *response)
{
    bool by_token = wants_token(route->access);
    find_session(panel, request, by_token);
    if (by_token && request->user)
        panel->metrics.api_by_country[request->user->country]++;
    if (admit(request, route, response) && prepare(panel, request, route, response)) {
        route->handle(panel, request, response);
        fetch_after(panel, request);
    }
    form_release(&request->form);
}

void panel_answer(struct panel *panel, struct request *request, int64_t started_ns,
                  struct response *response)
{
    pthread_mutex_lock(&panel->lock);
    int64_t locked_ns = clock_monotonic_ns();
    size_t i = find_route(request, response);
    if (request->fails)
        respond_error(request, response, 500, "this error was asked for with --error");
    else if (i < n_routes)
        serve(panel, request, &routes[i], response);
    else if (response->allow[0])
        respond_error(request, response, 405, "this path does not take that method");
    else
        respond_error(request, response, 404, "there is nothing here");
    if (i < n_routes)
        response->allow[0] = 0;
    if (!response->status)
        response->status = 200;
    int64_t now_ns = clock_monotonic_ns();
    panel->metrics.busy_ns += now_ns - locked_ns;
    metrics_record(&panel->metrics, i < n_routes ? i : METRICS_ROUTES, response->status,
                   now_ns - started_ns);
    pthread_mutex_unlock(&panel->lock);
}
