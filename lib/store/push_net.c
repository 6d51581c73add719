/* The way over a network, through libgit2's transports. */
#include <git2.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "store/push_login.h"
#include "store/push_way.h"
#include "store/retry.h"

#define SAID_LIMIT 2000 /* bytes of what a server says that are kept */
#define LOCK_TRIES 3 /* and RETRY_STALE_S: before a lock at the server is taken for left behind */

struct net_state {
    struct push_login login; /* first: libgit2's callbacks have one payload */
    struct pushing *pushing;
    git_remote *remote; /* connected for a push since the last look */
    struct buf said;    /* by the server for people, about the last push */
    struct buf status;  /* what it says of our ref; "" = moved */
    bool was_answered;
    char refused_at[REPO_ID_SIZE]; /* the remote's commit when it refused last */
    unsigned n_refused;            /* in a row, with the ref at the same commit */
    int64_t refused_ns;            /* since when */
};

/* ---- what libgit2 calls ---- */

static int hear(const char *text, int len, void *payload)
{
    struct net_state *state = payload;
    if (len > 0 && state->said.len < SAID_LIMIT)
        buf_add(&state->said, text, (size_t)len);
    return 0;
}

/* Between the server's answer to our look and our push lies nothing, but libgit2 pushes from what
 * it reads now: that must be what was combined with. */
static int check_lease(const git_push_update **updates, size_t n, void *payload)
{
    const struct net_state *state = payload;
    char id[REPO_ID_SIZE];
    if (n != 1)
        return GIT_EUSER;
    git_oid_tostr(id, sizeof id, &updates[0]->src);
    const char *seen = git_oid_is_zero(&updates[0]->src) ? "" : id;
    return strcmp(seen, state->pushing->remote) == 0 ? 0 : GIT_EMODIFIED;
}

static int read_status(const char *ref, const char *status, void *payload)
{
    struct net_state *state = payload;
    (void)ref;
    state->was_answered = true;
    if (status)
        buf_add_str(&state->status, *status ? status : "refused");
    return 0;
}

static void set_callbacks(struct net_state *state, git_remote_callbacks *callbacks)
{
    push_login_set(callbacks);
    callbacks->sideband_progress = hear;
    callbacks->push_negotiation = check_lease;
    callbacks->push_update_reference = read_status;
    callbacks->payload = state;
}

static git_strarray headers_of(const struct net_state *state)
{
    return (git_strarray){state->login.headers.list, state->login.headers.n};
}

/* ---- errors ---- */

/* The server's words as one line, without secrets. */
static void add_words(const struct net_state *state, const char *text, struct buf *out)
{
    struct buf line = {0};
    for (; *text; text++) {
        bool is_blank = *text == ' ' || *text == '\n' || *text == '\r' || *text == '\t';
        if (!is_blank)
            buf_add_char(&line, *text);
        else if (line.len && buf_text(&line)[line.len - 1] != ' ')
            buf_add_char(&line, ' ');
    }
    while (line.len && line.data[line.len - 1] == ' ')
        line.data[--line.len] = 0;
    push_login_hide(&state->login, buf_text(&line), out);
    buf_release(&line);
}

static int net_fail(const struct net_state *state, const char *what, struct err *err)
{
    const git_error *last = git_error_last();
    const char *said = last && last->message ? last->message : "";
    struct buf reason = {0};
    if (!push_login_explain(&state->login, said, err)) {
        add_words(state, *said ? said : "libgit2 gives no reason", &reason);
        err_set(err, ERR_IO, "cannot %s '%s': %s", what, state->pushing->address.name,
                buf_text(&reason));
    }
    buf_release(&reason);
    return -1;
}

static int fail_refused(const struct net_state *state, struct err *err)
{
    const struct pushing *pushing = state->pushing;
    struct buf reason = {0};
    add_words(state, buf_text(&state->status), &reason);
    if (state->said.len) {
        buf_add_str(&reason, "; it says: ");
        add_words(state, buf_text(&state->said), &reason);
    }
    err_set(err, ERR_IO, "'%s' refuses the push to '%s': %s", pushing->address.name,
            pushing->query->ref, buf_text(&reason));
    buf_release(&reason);
    return -1;
}

/* ---- connections ---- */

static int make_remote(const struct net_state *state, git_remote **out)
{
    git_remote_create_options options;
    git_remote_create_options_init(&options, GIT_REMOTE_CREATE_OPTIONS_VERSION);
    options.repository = state->pushing->view.repo.git;
    options.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF; /* the address has it already */
    return git_remote_create_with_opts(out, state->pushing->address.url, &options);
}

static int connect_to(struct net_state *state, git_direction direction, git_remote **out)
{
    git_remote_connect_options options;
    git_remote_connect_options_init(&options, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
    set_callbacks(state, &options.callbacks);
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    options.proxy_opts.type = GIT_PROXY_AUTO;
    options.custom_headers = headers_of(state);
    push_login_renew(&state->login);
    git_error_clear();
    int status = make_remote(state, out);
    return status == 0 ? git_remote_connect_ext(*out, direction, &options) : status;
}

static void disconnect(git_remote **remote)
{
    if (*remote)
        git_remote_disconnect(*remote);
    git_remote_free(*remote);
    *remote = NULL;
}

/* The commit of our ref among those that the server has shown; "" = there is none. */
static int find_tip(const struct net_state *state, git_remote *remote, char id[REPO_ID_SIZE])
{
    const git_remote_head **heads;
    size_t n;
    *id = 0;
    int status = git_remote_ls(&heads, &n, remote);
    for (size_t i = 0; status == 0 && i < n; i++)
        if (strcmp(heads[i]->name, state->pushing->query->ref) == 0)
            git_oid_tostr(id, REPO_ID_SIZE, &heads[i]->oid);
    return status;
}

/* ---- looking ---- */

static bool has_object(const struct pushing *pushing, const char *id)
{
    git_oid oid;
    return git_oid_fromstr(&oid, id) == 0 && git_odb_exists(pushing->view.objects, &oid);
}

/* Gets what the server has on our ref now. */
static int download(struct net_state *state)
{
    char *ref = arena_strdup(&state->pushing->arena, state->pushing->query->ref);
    git_strarray wanted = {&ref, 1};
    git_fetch_options options;
    git_remote *remote = NULL;
    git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    set_callbacks(state, &options.callbacks);
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    options.proxy_opts.type = GIT_PROXY_AUTO;
    options.custom_headers = headers_of(state);
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.update_fetchhead = 0;
    int status = connect_to(state, GIT_DIRECTION_FETCH, &remote);
    if (status == 0)
        status = git_remote_download(remote, &wanted, &options);
    disconnect(&remote);
    return status;
}

/* What we say to have, the server leaves out, and may send what it sends as a difference to it. So
 * a clone that lacks part of that history must not say so: one that is shallow there does not, and
 * one that lacks blobs is found out by libgit2, and asks again for all of it. */
static int get_objects(struct net_state *state, struct err *err)
{
    struct pushing *pushing = state->pushing;
    bool is_whole;
    size_t n;
    if (push_view_count(&pushing->view, pushing->local, "", &n, &is_whole, err) < 0)
        return -1;
    push_view_point(&pushing->view, is_whole ? pushing->local : "");
    int status = download(state);
    const git_error *last = git_error_last();
    if (status < 0 && is_whole && last &&
        (last->klass == GIT_ERROR_INDEXER || last->klass == GIT_ERROR_ODB)) {
        push_view_point(&pushing->view, "");
        status = download(state);
    }
    return status < 0 ? net_fail(state, "fetch from", err) : 0;
}

/* A refusal is final where nobody else has moved the ref: it was no lost race. */
static int check_refused(struct net_state *state, struct err *err)
{
    static const char *const races[] = {"lock",           "failed to update ref", "but expected",
                                        "already exists", "fetch first",          "stale"};
    const struct pushing *pushing = state->pushing;
    bool may_be_race = false;
    if (!state->status.len)
        return 0;
    if (strcmp(state->refused_at, pushing->remote) != 0)
        return 0;
    for (size_t i = 0; i < sizeof races / sizeof *races; i++)
        may_be_race = may_be_race || strstr(buf_text(&state->status), races[i]);
    bool is_final =
        !may_be_race || (state->n_refused >= LOCK_TRIES &&
                         clock_monotonic_ns() - state->refused_ns > RETRY_STALE_S * NS_PER_S);
    return is_final ? fail_refused(state, err) : 0;
}

static int net_look(struct pushing *pushing, struct err *err)
{
    struct net_state *state = pushing->state;
    disconnect(&state->remote);
    int status = connect_to(state, GIT_DIRECTION_PUSH, &state->remote);
    if (status == 0)
        status = find_tip(state, state->remote, pushing->remote);
    if (status < 0)
        return net_fail(state, "push to", err);
    if (check_refused(state, err) < 0)
        return -1;
    if (*pushing->remote && !has_object(pushing, pushing->remote))
        return get_objects(state, err);
    return 0;
}

/* ---- publishing ---- */

static void note_refused(struct net_state *state)
{
    const char *at = state->pushing->remote;
    if (!state->n_refused || strcmp(state->refused_at, at) != 0) {
        memcpy(state->refused_at, at, REPO_ID_SIZE);
        state->refused_ns = clock_monotonic_ns();
        state->n_refused = 0;
    }
    state->n_refused++;
}

static int net_publish(struct pushing *pushing, const char *to, bool *moved, struct err *err)
{
    struct net_state *state = pushing->state;
    char *spec = arena_printf(&pushing->arena, "%s:%s", pushing->query->ref, pushing->query->ref);
    git_strarray specs = {&spec, 1};
    git_push_options options;
    git_push_options_init(&options, GIT_PUSH_OPTIONS_VERSION);
    set_callbacks(state, &options.callbacks);
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    options.proxy_opts.type = GIT_PROXY_AUTO;
    options.custom_headers = headers_of(state);
    push_view_point(&pushing->view, to);
    buf_reset(&state->said);
    buf_reset(&state->status);
    state->was_answered = false;
    git_error_clear();
    int status = git_remote_upload(state->remote, &specs, &options);
    *moved = status == 0 && state->was_answered && !state->status.len;
    if (*moved || status == GIT_EMODIFIED || status == GIT_ENONFASTFORWARD)
        return 0;
    if (status < 0)
        return net_fail(state, "push to", err);
    if (!state->was_answered)
        return err_set(err, ERR_IO, "'%s' does not say what became of the push",
                       pushing->address.name);
    note_refused(state);
    return 0;
}

/* ---- the way ---- */

/* libgit2 does not read it, and knows the system's authorities alone. */
static void trust_authority(struct pushing *pushing)
{
    const char *file = repo_config(pushing->query->repo, "http.sslCAInfo", &pushing->arena);
    if (file)
        git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, file, NULL);
}

static int net_open(struct pushing *pushing, struct err *err)
{
    struct net_state *state = mem_new(sizeof *state);
    pushing->state = state;
    state->pushing = pushing;
    trust_authority(pushing);
    return push_login_start(pushing->query->repo, &pushing->address, &pushing->query->access,
                            &pushing->arena, &state->login, err);
}

static void net_close(struct pushing *pushing)
{
    struct net_state *state = pushing->state;
    if (state) {
        disconnect(&state->remote);
        buf_release(&state->said);
        buf_release(&state->status);
    }
    free(state);
    pushing->state = NULL;
}

const struct push_way push_way_net = {net_open, net_look, net_publish, net_close};
