#include "store/refs.h"

#include <git2.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "store/repo_git.h"
#include "store/retry.h"

#define MAX_SYMBOLIC 5 /* refs that a symbolic ref leads through */

int ref_check_name(const char *name, struct err *err)
{
    int is_valid = 0;
    if (git_libgit2_init() < 0)
        return repo_fail(err, ERR_IO, "cannot start libgit2");
    if (git_reference_name_is_valid(&is_valid, name) < 0 || strncmp(name, "refs/", 5) != 0)
        is_valid = 0;
    git_libgit2_shutdown();
    if (is_valid)
        return 0;
    return err_set(err, ERR_USAGE,
                   "'%.200s' cannot be a ref's name; expected one such as "
                   "refs/heads/perf-baselines",
                   name);
}

/* The commit into `id`, "" where there is no such ref. Returns libgit2's status. */
static int read_target(const struct repo *repo, const char *name, char id[REPO_ID_SIZE])
{
    git_oid oid;
    git_error_clear();
    int status = git_reference_name_to_id(&oid, repo->git, name);
    *id = 0;
    if (status == 0)
        git_oid_tostr(id, REPO_ID_SIZE, &oid);
    return status == GIT_ENOTFOUND ? 0 : status;
}

int ref_read(const struct repo *repo, const char *name, char id[REPO_ID_SIZE], struct err *err)
{
    if (ref_check_name(name, err) < 0)
        return -1;
    if (read_target(repo, name, id) < 0)
        return repo_fail(err, ERR_IO, "cannot read the ref '%s'", name);
    return 0;
}

int ref_follow(const struct repo *repo, const char *name, char out[REF_NAME_SIZE], struct err *err)
{
    char next[REF_NAME_SIZE];
    size_t len = strlen(name);
    if (len >= REF_NAME_SIZE)
        return err_set(err, ERR_USAGE, "the ref's name has %zu bytes; the limit for it is %d", len,
                       REF_NAME_SIZE - 1);
    memcpy(out, name, len + 1);
    for (int i = 0; repo_symbolic_target(repo, out, next, sizeof next); i++) {
        if (i == MAX_SYMBOLIC)
            return err_set(err, ERR_IO, "the symbolic ref '%s' leads in a circle", name);
        memcpy(out, next, sizeof next);
    }
    return 0;
}

int ref_is_checked_out(const struct repo *repo, const char *name, bool *out, struct err *err)
{
    git_reference *ref = NULL;
    char head[REF_NAME_SIZE];
    bool is_head = repo->top && repo_symbolic_target(repo, "HEAD", head, sizeof head) &&
                   strcmp(head, name) == 0;
    int found = 0;
    if (!is_head && git_reference_lookup(&ref, repo->git, name) == 0)
        found = git_branch_is_checked_out(ref);
    git_reference_free(ref);
    if (found < 0)
        return repo_fail(err, ERR_IO, "cannot tell which branches are checked out");
    *out = is_head || found;
    return 0;
}

/* Sets the target of a ref that `transaction` has locked. Returns libgit2's status. */
static int set_target(git_transaction *transaction, const struct ref_change *change,
                      const struct store_identity *who)
{
    git_oid to;
    git_signature *signature = NULL;
    int status = git_oid_fromstr(&to, change->to);
    if (status == 0)
        status = git_signature_new(&signature, who->name, who->email, who->now_ns / NS_PER_S, 0);
    if (status == 0)
        status =
            git_transaction_set_target(transaction, change->name, &to, signature, change->message);
    if (status == 0)
        status = git_transaction_commit(transaction);
    git_signature_free(signature);
    return status;
}

static int fail_no_room(const char *name, const char *other, struct err *err)
{
    return err_set(err, ERR_USAGE,
                   "the ref '%.200s' cannot be made, because there is '%.200s'; give it another "
                   "name",
                   name, other);
}

/* A ref that is to be made may be neither above nor below another: git keeps loose refs as files.
 * libgit2's transaction does not look. */
static int check_room(const struct repo *repo, const char *name, struct err *err)
{
    struct buf text = {0};
    char id[REPO_ID_SIZE];
    int status = 0;
    for (const char *slash = strchr(name + strlen("refs/"), '/'); slash && status == 0;
         slash = strchr(slash + 1, '/')) {
        buf_reset(&text);
        buf_add(&text, name, (size_t)(slash - name));
        if (read_target(repo, buf_text(&text), id) == 0 && *id)
            status = fail_no_room(name, buf_text(&text), err);
    }
    buf_reset(&text);
    buf_addf(&text, "%s/*", name);
    git_reference_iterator *refs = NULL;
    const char *below;
    if (status == 0 && git_reference_iterator_glob_new(&refs, repo->git, buf_text(&text)) == 0 &&
        git_reference_next_name(&below, refs) == 0)
        status = fail_no_room(name, below, err);
    git_reference_iterator_free(refs);
    buf_release(&text);
    return status;
}

/* The locked ref, compared and moved. */
static int move_locked(const struct repo *repo, git_transaction *transaction,
                       const struct ref_change *change, const struct store_identity *who,
                       bool *moved, struct err *err)
{
    char now[REPO_ID_SIZE];
    int status = read_target(repo, change->name, now);
    if (status < 0 || strcmp(now, change->from) != 0)
        return status;
    if (!*now && check_room(repo, change->name, err) < 0)
        return -1;
    status = set_target(transaction, change, who);
    *moved = status == 0;
    return status;
}

/* Returns libgit2's status; GIT_ELOCKED where another writer holds the lock. */
static int lock_and_move(const struct repo *repo, const struct ref_change *change,
                         const struct store_identity *who, bool *moved, struct err *err)
{
    git_transaction *transaction = NULL;
    sigset_t before;
    retry_hold_signals(&before);
    int status = git_transaction_new(&transaction, repo->git);
    if (status == 0)
        status = git_transaction_lock_ref(transaction, change->name);
    if (status == 0)
        status = move_locked(repo, transaction, change, who, moved, err);
    git_transaction_free(transaction);
    retry_let_signals(&before);
    return status;
}

int ref_move(const struct repo *repo, const struct ref_change *change,
             const struct store_identity *who, bool *moved, struct err *err)
{
    *moved = false;
    if (ref_check_name(change->name, err) < 0)
        return -1;
    git_error_clear();
    int status = lock_and_move(repo, change, who, moved, err);
    if (status < 0 && status != GIT_ELOCKED)
        return repo_fail(err, ERR_IO, "cannot move the ref '%s'", change->name);
    return 0;
}
