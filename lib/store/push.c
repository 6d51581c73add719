#include "store/push.h"

#include <git2.h>
#include <string.h>

#include "store/combine.h"
#include "store/push_way.h"
#include "store/repo_git.h"
#include "store/retry.h"

#define LIMIT_S 600 /* as many writers as there may be, each has its turn */

/* ---- what is refused before anything is asked ---- */

static int fail_no_ref(const struct pushing *pushing, struct err *err)
{
    const char *ref = pushing->query->ref, *remote = pushing->address.name;
    return err_set(err, ERR_USAGE,
                   "there is no '%s' here to push; add a run with `perf-baseline update --ref %s "
                   "REPORT`, or get what the remote has with `git fetch %s %s:%s`",
                   ref, ref, remote, ref, ref);
}

static int check_not_checked_out(const struct pushing *pushing, struct err *err)
{
    bool is_checked_out;
    if (ref_is_checked_out(pushing->query->repo, pushing->query->ref, &is_checked_out, err) < 0)
        return -1;
    if (!is_checked_out)
        return 0;
    return err_set(err, ERR_USAGE,
                   "'%s' is checked out in a work tree, which would not follow what is combined; "
                   "push it with git, or name another ref",
                   pushing->query->ref);
}

static int check_query(struct pushing *pushing, struct err *err)
{
    const struct push_query *query = pushing->query;
    char target[REF_NAME_SIZE];
    if (ref_check_name(query->ref, err) < 0 || ref_follow(query->repo, query->ref, target, err) < 0)
        return -1;
    if (strcmp(target, query->ref) != 0)
        return err_set(err, ERR_USAGE, "'%s' stands for '%s'; push that one", query->ref, target);
    if (check_not_checked_out(pushing, err) < 0 ||
        push_address_find(query->repo, query->remote, &pushing->arena, &pushing->address, err) <
            0 ||
        ref_read(query->repo, query->ref, pushing->local, err) < 0)
        return -1;
    return *pushing->local ? 0 : fail_no_ref(pushing, err);
}

/* ---- a try ---- */

/* The commit that has what both sides have. */
static int join(struct pushing *pushing, char id[REPO_ID_SIZE], struct err *err)
{
    char base[REPO_ID_SIZE] = "";
    bool found = false;
    const char *ours = pushing->local, *theirs = pushing->remote;
    if (*theirs && repo_fork_point(&pushing->view.repo, ours, theirs, base, &found, err) < 0)
        return -1;
    struct combine_sides sides = {.repo = &pushing->view.repo,
                                  .ref = pushing->query->ref,
                                  .base = base,
                                  .ours = ours,
                                  .theirs = theirs};
    if (strcmp(base, theirs) == 0)
        memcpy(id, ours, REPO_ID_SIZE);
    else if (strcmp(base, ours) == 0)
        memcpy(id, theirs, REPO_ID_SIZE);
    else
        return combine(&sides, &pushing->query->who, id, err);
    return 0;
}

static int publish(struct pushing *pushing, const struct push_way *way, const char *to, bool *moved,
                   struct err *err)
{
    *moved = true;
    if (strcmp(to, pushing->remote) == 0)
        return 0;
    return way->publish(pushing, to, moved, err);
}

/* Our ref, which may have moved on meanwhile: then all begins again, from there. */
static int follow(struct pushing *pushing, const char *to, bool *moved, struct err *err)
{
    struct ref_change change = {pushing->query->ref, pushing->local, to, "push"};
    *moved = true;
    if (strcmp(to, pushing->local) == 0)
        return 0;
    pushing->in_the_way = pushing->own_lock;
    return ref_move(pushing->query->repo, &change, &pushing->query->who, moved, err);
}

/* What each side gets. A remote is not given a history that ends where a shallow clone does. */
static int count(const struct pushing *pushing, const char *to, size_t *n_pushed, size_t *n_taken,
                 struct err *err)
{
    bool is_whole;
    const char *theirs = pushing->remote;
    *n_taken = 0;
    if (push_view_count(&pushing->view, to, theirs, n_pushed, &is_whole, err) < 0)
        return -1;
    if (!is_whole)
        return push_view_fail_shallow(&pushing->view, err);
    return *theirs
               ? push_view_count(&pushing->view, theirs, pushing->local, n_taken, &is_whole, err)
               : 0;
}

static int try_push(struct pushing *pushing, const struct push_way *way, struct push_result *out,
                    bool *done, struct err *err)
{
    char to[REPO_ID_SIZE];
    size_t n_pushed, n_taken;
    if (ref_read(pushing->query->repo, pushing->query->ref, pushing->local, err) < 0 ||
        way->look(pushing, err) < 0 || join(pushing, to, err) < 0 ||
        count(pushing, to, &n_pushed, &n_taken, err) < 0)
        return -1;
    push_view_point(&pushing->view, to);
    if (publish(pushing, way, to, done, err) < 0)
        return -1;
    if (!*done)
        return 0;
    out->n_pushed += n_pushed;
    out->n_taken += n_taken;
    memcpy(out->commit, to, REPO_ID_SIZE);
    return follow(pushing, to, done, err);
}

static int push_until_done(struct pushing *pushing, const struct push_way *way,
                           struct push_result *out, struct err *err)
{
    struct retry retry;
    bool done = false;
    retry_start(&retry, pushing->query->seed);
    retry.limit_s = LIMIT_S;
    int status = way->open(pushing, err);
    while (status == 0 && !done) {
        status = try_push(pushing, way, out, &done, err);
        if (status == 0 && !done)
            status = retry_wait(&retry, pushing->in_the_way, err);
    }
    way->close(pushing);
    return status;
}

int push_ref(const struct push_query *query, struct push_result *out, struct err *err)
{
    struct pushing pushing = {.query = query, .in_the_way = ""};
    *out = (struct push_result){0};
    /* As git does it: what is reported as pushed survives a loss of power. */
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
    pushing.own_lock = arena_printf(&pushing.arena, "%s%s.lock",
                                    git_repository_commondir(query->repo->git), query->ref);
    int status = check_query(&pushing, err);
    if (status == 0)
        status = push_view_open(query->repo, pushing.address.name, query->ref, &pushing.view, err);
    if (status == 0)
        status = push_until_done(
            &pushing, pushing.address.scheme == PUSH_PATH ? &push_way_path : &push_way_net, out,
            err);
    push_view_release(&pushing.view);
    out->remote = arena_strdup(&out->arena, pushing.address.name);
    arena_release(&pushing.arena);
    if (status < 0)
        push_result_release(out);
    return status;
}

void push_result_release(struct push_result *result)
{
    arena_release(&result->arena);
    *result = (struct push_result){0};
}
