#include "store/write.h"

#include <git2.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "store/commit.h"
#include "store/files.h"
#include "store/index.h"
#include "store/repo_git.h"
#include "store/retry.h"
#include "store/turn.h"

/* A call of store_write(). */
struct writing {
    const struct store_target *target;
    store_plan plan;
    void *context;
    struct store_result *out;
    struct store_changes changes; /* what the plan said last */
    char ref[REF_NAME_SIZE];      /* the one that is moved */
    struct buf in_the_way;        /* the lock file that another may hold */
    bool done;
};

void store_change_add(struct store_changes *changes, const char *path, const char *bytes,
                      size_t len)
{
    if (changes->n == changes->capacity) {
        size_t capacity = changes->capacity ? 2 * changes->capacity : 8;
        struct store_change *list = arena_array(&changes->arena, capacity, sizeof *list);
        if (changes->n)
            memcpy(list, changes->list, changes->n * sizeof *list);
        changes->list = list;
        changes->capacity = capacity;
    }
    struct store_change *change = &changes->list[changes->n++];
    change->path = arena_strdup(&changes->arena, path);
    change->bytes = bytes ? arena_strndup(&changes->arena, bytes, len) : NULL;
    change->len = len;
}

/* Shows the plan a place; writing->done where nothing is to be done there. */
static int ask_plan(struct writing *writing, const struct baseline_place *place, struct err *err)
{
    arena_release(&writing->changes.arena);
    writing->changes = (struct store_changes){0};
    if (writing->plan(writing->context, place, &writing->changes, err) < 0)
        return -1;
    writing->done = writing->changes.n == 0;
    return 0;
}

/* ---- a ref ---- */

/* Asks the plan on top of the ref's tip, and makes the commit; `id` is "" where there is none to
 * make. */
static int prepare(struct writing *writing, char tip[REPO_ID_SIZE], char id[REPO_ID_SIZE],
                   struct err *err)
{
    const struct store_target *target = writing->target;
    *id = 0;
    buf_reset(&writing->in_the_way);
    buf_addf(&writing->in_the_way, "%s%s.lock", git_repository_commondir(target->repo->git),
             writing->ref);
    if (ref_read(target->repo, writing->ref, tip, err) < 0)
        return -1;
    struct baseline_place place = {.repo = target->repo, .commit = *tip ? tip : NULL};
    if (ask_plan(writing, &place, err) < 0)
        return -1;
    if (!writing->done && commit_changes(target, tip, &writing->changes, id, err) < 0)
        return -1;
    writing->done = !*id;
    return 0;
}

static int move_ref(struct writing *writing, const char *tip, const char *id, struct err *err)
{
    char message[200];
    const char *text = writing->changes.message;
    snprintf(message, sizeof message, "%.*s", (int)strcspn(text, "\n"), text);
    struct ref_change change = {writing->ref, tip, id, message};
    const struct store_target *target = writing->target;
    if (ref_move(target->repo, &change, &target->who, &writing->done, err) < 0)
        return -1;
    if (writing->done) {
        writing->out->changed = true;
        memcpy(writing->out->commit, id, REPO_ID_SIZE);
    }
    return 0;
}

static int try_ref(struct writing *writing, struct err *err)
{
    char tip[REPO_ID_SIZE], id[REPO_ID_SIZE];
    if (prepare(writing, tip, id, err) < 0)
        return -1;
    return writing->done ? 0 : move_ref(writing, tip, id, err);
}

/* A commit on a branch that is checked out would show there as a change that takes it back. */
static int check_not_checked_out(const struct writing *writing, struct err *err)
{
    bool is_checked_out = false;
    if (ref_is_checked_out(writing->target->repo, writing->ref, &is_checked_out, err) < 0)
        return -1;
    if (!is_checked_out)
        return 0;
    return err_set(err, ERR_USAGE,
                   "'%s' is checked out in a work tree; commit there with --commit, or name "
                   "another ref",
                   writing->ref);
}

/* ---- the current branch ---- */

static void note_left_index(struct writing *writing, const char *why)
{
    struct buf note = {0};
    buf_addf(&note,
             "the index was left as it is, because libgit2 cannot write it (%s); type `git "
             "reset -q --",
             why);
    for (size_t i = 0; i < writing->changes.n; i++)
        buf_addf(&note, " '%s'", writing->changes.list[i].path);
    buf_add_str(&note, "`");
    if (note.len < sizeof writing->out->note)
        memcpy(writing->out->note, buf_text(&note), note.len + 1);
    else
        snprintf(writing->out->note, sizeof writing->out->note,
                 "the index was left as it is, because libgit2 cannot write it; type `git reset "
                 "-q -- '%.*s'`",
                 (int)strcspn(writing->changes.list[0].path, "/"), writing->changes.list[0].path);
    buf_release(&note);
}

/* Work tree, index, branch; what does not get as far as the branch is taken back. */
static int put_on_branch(struct writing *writing, struct index_lock *lock, const char *tip,
                         const char *id, struct err *err)
{
    const struct repo *repo = writing->target->repo;
    struct store_changes *changes = &writing->changes;
    bool *added = arena_array(&changes->arena, changes->n, sizeof *added);
    const char *why = NULL;
    if (files_check_removals(repo, tip, changes, err) < 0 ||
        files_add(repo, changes, added, err) < 0)
        return -1;
    int status = index_change(lock, repo, changes, &why, err);
    bool is_staged = status == 0 && !why;
    if (status == 0)
        status = move_ref(writing, tip, id, err);
    if (writing->done) {
        if (why)
            note_left_index(writing, why);
        if (files_remove(repo, changes, NULL) < 0)
            snprintf(writing->out->note, sizeof writing->out->note,
                     "a file could not be removed from the work tree; `git status` shows it");
        return 0;
    }
    if (is_staged)
        index_restore(lock);
    files_take_back(repo, changes, added);
    return status;
}

static int commit_locked(struct writing *writing, struct index_lock *lock, struct err *err)
{
    char tip[REPO_ID_SIZE], id[REPO_ID_SIZE];
    if (ref_follow(writing->target->repo, "HEAD", writing->ref, err) < 0)
        return -1;
    if (strcmp(writing->ref, "HEAD") == 0)
        return err_set(err, ERR_USAGE,
                       "HEAD is detached, and a commit would be on no branch; check out a branch "
                       "first, or name a ref with --ref");
    if (prepare(writing, tip, id, err) < 0)
        return -1;
    return writing->done ? 0 : put_on_branch(writing, lock, tip, id, err);
}

static int try_branch(struct writing *writing, struct err *err)
{
    struct index_lock lock;
    bool is_held;
    sigset_t before;
    retry_hold_signals(&before);
    int status = index_lock_take(writing->target->repo, &lock, &is_held, err);
    if (status == 0 && !is_held) {
        buf_reset(&writing->in_the_way);
        buf_add_str(&writing->in_the_way, lock.lock);
    } else if (status == 0) {
        status = commit_locked(writing, &lock, err);
    }
    index_lock_release(&lock, is_held);
    retry_let_signals(&before);
    return status;
}

/* ---- the work tree ---- */

/* Where the file system knows no turns, two that add the same run at once may both add it. */
static int try_tree(struct writing *writing, struct err *err)
{
    const struct repo *repo = writing->target->repo;
    struct store_changes *changes = &writing->changes;
    struct baseline_place place = {.top = repo->top};
    char head[REPO_ID_SIZE];
    bool has_head = false;
    if (ask_plan(writing, &place, err) < 0 || writing->done)
        return writing->done ? 0 : -1;
    if (repo_lookup(repo, "HEAD", head, &has_head, err) < 0 ||
        files_check_removals(repo, has_head ? head : "", changes, err) < 0)
        return -1;
    bool *added = arena_array(&changes->arena, changes->n, sizeof *added);
    if (files_add(repo, changes, added, err) < 0 || files_remove(repo, changes, err) < 0)
        return -1;
    writing->out->changed = true;
    writing->done = true;
    return 0;
}

/* ---- any of them ---- */

static int start(struct writing *writing, struct err *err)
{
    const struct store_target *target = writing->target;
    /* As git does it: what is reported as stored survives a loss of power. */
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
    if (target->kind != STORE_REF && !target->repo->top)
        return err_set(err, ERR_USAGE,
                       "this repository is bare, and has no work tree to write to; name a ref "
                       "with --ref");
    if (target->kind != STORE_REF)
        return 0;
    if (ref_check_name(target->ref, err) < 0 ||
        ref_follow(target->repo, target->ref, writing->ref, err) < 0)
        return -1;
    return check_not_checked_out(writing, err);
}

int store_write(const struct store_target *target, store_plan plan, void *context,
                struct store_result *out, struct err *err)
{
    static int (*const try[])(struct writing *, struct err *) = {
        [STORE_TREE] = try_tree, [STORE_BRANCH] = try_branch, [STORE_REF] = try_ref};
    struct writing writing = {.target = target, .plan = plan, .context = context, .out = out};
    struct retry retry;
    *out = (struct store_result){0};
    retry_start(&retry, target->seed);
    int status = start(&writing, err);
    while (status == 0 && !writing.done) {
        int turn = turn_take(target->repo);
        status = try[target->kind](&writing, err);
        turn_end(turn);
        if (status == 0 && !writing.done)
            status = retry_wait(&retry, buf_text(&writing.in_the_way), err);
    }
    arena_release(&writing.changes.arena);
    buf_release(&writing.in_the_way);
    return status;
}
