/* The way to a repository on this machine, which is written to as our own is. */
#include <git2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/copy.h"
#include "store/push_way.h"
#include "store/turn.h"

struct path_state {
    struct repo *repo;
    const char *lock; /* of its ref */
    int turn;         /* from a look to the move that follows it; -1 = not ours */
};

/* ---- what may not be written to ---- */

/* git would ask these, and we run none: what they guard is not to be got round. */
static int check_hooks(const struct repo *repo, struct err *err)
{
    static const char *const guards[] = {"pre-receive", "update", "proc-receive",
                                         "reference-transaction"};
    struct arena arena = {0};
    int status = 0;
    const char *path = repo_config(repo, "core.hooksPath", &arena);
    if (!path)
        path = arena_printf(&arena, "%shooks", git_repository_commondir(repo->git));
    for (size_t i = 0; status == 0 && i < sizeof guards / sizeof *guards; i++) {
        const char *hook = arena_printf(&arena, "%s/%s", path, guards[i]);
        if (access(hook, X_OK) == 0)
            status = err_set(err, ERR_USAGE,
                             "the hook '%s' has to be asked before anything is pushed there, and a "
                             "push to a path runs none; push with git, or over ssh or https",
                             hook);
    }
    arena_release(&arena);
    return status;
}

static int check_checked_out(const struct repo *repo, const char *ref, struct err *err)
{
    bool is_checked_out;
    if (ref_is_checked_out(repo, ref, &is_checked_out, err) < 0)
        return -1;
    if (!is_checked_out)
        return 0;
    return err_set(err, ERR_USAGE,
                   "'%s' is checked out in a work tree of '%s', which would not follow; push "
                   "another ref, or to a bare repository",
                   ref, git_repository_path(repo->git));
}

/* ---- the way ---- */

/* As git does, /srv/runs may be short for /srv/runs.git. */
static int open_repo(const struct pushing *pushing, struct repo **out, struct err *err)
{
    struct arena arena = {0};
    const char *path = pushing->address.url;
    const char *longer = arena_printf(&arena, "%s.git", path);
    if (access(path, F_OK) < 0 && access(longer, F_OK) == 0)
        path = longer;
    int status = repo_open_at(path, out, err);
    arena_release(&arena);
    return status;
}

static int path_open(struct pushing *pushing, struct err *err)
{
    struct path_state *state = mem_new(sizeof *state);
    const char *ref = pushing->query->ref;
    pushing->state = state;
    state->turn = -1;
    if (open_repo(pushing, &state->repo, err) < 0 || check_hooks(state->repo, err) < 0 ||
        check_checked_out(state->repo, ref, err) < 0)
        return -1;
    state->lock =
        arena_printf(&pushing->arena, "%s%s.lock", git_repository_commondir(state->repo->git), ref);
    return push_view_add(&pushing->view, state->repo, err);
}

static void end_turn(struct path_state *state)
{
    turn_end(state->turn);
    state->turn = -1;
}

static int path_look(struct pushing *pushing, struct err *err)
{
    struct path_state *state = pushing->state;
    end_turn(state);
    state->turn = turn_take(state->repo);
    if (ref_read(state->repo, pushing->query->ref, pushing->remote, err) < 0)
        return -1;
    return *pushing->remote
               ? copy_commits(&pushing->view.repo, pushing->remote, pushing->query->repo, err)
               : 0;
}

static int path_publish(struct pushing *pushing, const char *to, bool *moved, struct err *err)
{
    struct path_state *state = pushing->state;
    struct ref_change change = {pushing->query->ref, pushing->remote, to, "push"};
    pushing->in_the_way = state->lock;
    int status = copy_commits(&pushing->view.repo, to, state->repo, err);
    if (status == 0)
        status = ref_move(state->repo, &change, &pushing->query->who, moved, err);
    end_turn(state);
    return status;
}

static void path_close(struct pushing *pushing)
{
    struct path_state *state = pushing->state;
    if (state) {
        end_turn(state);
        repo_free(state->repo);
    }
    free(state);
    pushing->state = NULL;
}

const struct push_way push_way_path = {path_open, path_look, path_publish, path_close};
