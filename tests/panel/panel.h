/*
 * The application: all of its state behind one lock, and what answers a request.
 *
 * Handlers run with the lock held: one takes microseconds, and the delays that the options ask for
 * are spent outside.
 */
#ifndef PANEL_PANEL_H
#define PANEL_PANEL_H

#include <pthread.h>

#include "forum.h"
#include "metrics.h"
#include "options.h"
#include "request.h"
#include "session.h"
#include "store.h"

struct panel {
    pthread_mutex_t lock; /* over all below */
    struct users users;
    struct forum forum;
    struct sessions sessions;
    struct audit audit;
    struct jobs jobs;
    struct settings settings;
    struct metrics metrics;
    char run[24]; /* a name for this run of this process, in the cache's keys */
};

struct panel *panel_new(const struct options *options, int64_t started_ns);
void panel_free(struct panel *panel);

/* Finds the route, checks who asks and their CSRF token, and fills a zeroed response. Takes the
 * lock. `started_ns` (monotonic) is when the request came in. (routes.c) */
void panel_answer(struct panel *panel, struct request *request, int64_t started_ns,
                  struct response *response);

/* Does the jobs that requests left. Takes the lock. */
void panel_run_jobs(struct panel *panel);

/* What a route is answered by. */
typedef void panel_handler(struct panel *panel, struct request *request, struct response *response);

/* pages.c */
panel_handler page_home, page_forum, page_search, page_thread, page_new_thread, page_post_thread,
    page_post_reply;
/* account.c */
panel_handler page_login, page_log_in, page_log_out, page_dashboard, page_profile,
    page_edit_profile, page_save_profile;
/* admin.c */
panel_handler admin_dashboard, admin_users, admin_new_user, admin_create_user, admin_user,
    admin_update_user, admin_delete_user, admin_audit, admin_settings, admin_save_settings;
/* api.c */
panel_handler api_token, api_health, api_me, api_users, api_user, api_create_user, api_update_user,
    api_delete_user, api_threads, api_thread, api_post_thread, api_post_reply, api_gdpr_export,
    api_gdpr_erase;
/* monitoring.c */
panel_handler monitoring_metrics, monitoring_health, monitoring_system;
/* assets.c */
panel_handler asset_css, asset_js, asset_logo;

/* A name for a user id, also of one that is gone. */
const char *panel_user_name(struct panel *panel, int64_t id);

/* What the pages and the API share: check the form's fields and do it, or answer with an error and
 * return NULL or -1. (actions.c) */
struct thread *action_post_thread(struct panel *panel, struct request *request,
                                  struct response *response);
struct thread *action_reply(struct panel *panel, struct request *request,
                            struct response *response);
struct user *action_create_user(struct panel *panel, struct request *request,
                                struct response *response);
struct user *action_update_user(struct panel *panel, struct request *request,
                                struct response *response);
int action_delete_user(struct panel *panel, struct request *request, struct response *response);

#endif
