#include <stdio.h>
#include <string.h>

#include "fetch.h"
#include "panel.h"
#include "text.h"

struct thread *action_post_thread(struct panel *panel, struct request *request,
                                  struct response *response)
{
    const char *title = request_field(request, response, "title", 1, TITLE_SIZE - 1);
    const char *text = title ? request_field(request, response, "body", 1, POST_SIZE - 1) : NULL;
    if (!text)
        return NULL;
    if (fetch_stores(request))
        return fetch_thread(panel, request);
    return forum_post(&panel->forum, request->user->id, title, text, request_now_s(request));
}

struct thread *action_reply(struct panel *panel, struct request *request, struct response *response)
{
    struct thread *thread = fetch_thread(panel, request);
    if (!thread) {
        respond_error(request, response, 404, "there is no such thread");
        return NULL;
    }
    const char *text = request_field(request, response, "body", 1, POST_SIZE - 1);
    if (!text)
        return NULL;
    if (!fetch_stores(request))
        forum_reply(&panel->forum, thread, request->user->id, text, request_now_s(request));
    jobs_add(&panel->jobs, JOB_NOTIFY, thread->post.author);
    return thread;
}

/* The form's country, or `otherwise` where it has none; -1 after having answered 400. */
static int country_field(const struct request *request, struct response *response, int otherwise)
{
    const char *code = form_get(&request->form, "country");
    int country = code ? country_find(code) : otherwise;
    if (country < 0)
        respond_error(request, response, 400, "'country': expected a code such as DE or US");
    return country;
}

/* The form's role as "is an administrator"; -1 after having answered 400. */
static int role_field(const struct request *request, struct response *response, bool otherwise)
{
    const char *role = form_get(&request->form, "role");
    if (!role)
        return otherwise;
    if (!strcmp(role, "admin"))
        return 1;
    if (!strcmp(role, "member"))
        return 0;
    respond_error(request, response, 400, "'role': expected member or admin");
    return -1;
}

struct user *action_create_user(struct panel *panel, struct request *request,
                                struct response *response)
{
    const char *name = request_field(request, response, "name", 1, NAME_SIZE - 1);
    const char *email = name ? request_field(request, response, "email", 0, EMAIL_SIZE - 1) : NULL;
    const char *password =
        email ? request_field(request, response, "password", 0, PASSWORD_SIZE - 1) : NULL;
    int country = password ? country_field(request, response, 0) : -1;
    int admin = country >= 0 ? role_field(request, response, false) : -1;
    if (admin < 0)
        return NULL;
    if (email[0] && users_find_email(&panel->users, email)) {
        respond_error(request, response, 409, "'email': an account has it already");
        return NULL;
    }
    struct user *user = users_add(&panel->users, request_now_s(request));
    text_copy(user->name, sizeof user->name, name);
    text_copy(user->password, sizeof user->password, password);
    if (email[0])
        text_copy(user->email, sizeof user->email, email);
    else
        snprintf(user->email, sizeof user->email, "member%lld@example.org", (long long)user->id);
    user->country = country;
    user->admin = admin;
    panel->metrics.registrations++;
    jobs_add(&panel->jobs, JOB_WELCOME, user->id);
    audit_add(&panel->audit, request_now_s(request), request->user->id, "user.create", user->id);
    return user;
}

static struct user *asked_user(struct panel *panel, struct request *request,
                               struct response *response)
{
    struct user *user = users_find(&panel->users, request->id);
    if (!user)
        respond_error(request, response, 404, "there is no such user");
    return user;
}

struct user *action_update_user(struct panel *panel, struct request *request,
                                struct response *response)
{
    struct user *user = asked_user(panel, request, response);
    const char *name = user ? request_field(request, response, "name", 1, NAME_SIZE - 1) : NULL;
    int country = name ? country_field(request, response, user->country) : -1;
    int admin = country >= 0 ? role_field(request, response, user->admin) : -1;
    if (admin < 0)
        return NULL;
    if (user->id == USER_ADMIN && !admin) {
        respond_error(request, response, 409, "the first administrator stays one");
        return NULL;
    }
    bool other_name = strcmp(user->name, name) != 0;
    text_copy(user->name, sizeof user->name, name);
    user->country = country;
    user->admin = admin;
    panel->users.writes++;
    forum_renamed(&panel->forum, other_name);
    audit_add(&panel->audit, request_now_s(request), request->user->id, "user.update", user->id);
    return user;
}

int action_delete_user(struct panel *panel, struct request *request, struct response *response)
{
    struct user *user = asked_user(panel, request, response);
    if (!user)
        return -1;
    if (user->id == USER_LOADED || user->id == USER_ADMIN) {
        respond_error(request, response, 409, "the accounts of the load test stay");
        return -1;
    }
    users_remove(&panel->users, user);
    forum_renamed(&panel->forum, true);
    audit_add(&panel->audit, request_now_s(request), request->user->id, "user.delete", request->id);
    return 0;
}
