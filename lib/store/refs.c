#include "store/refs.h"

#include <git2.h>
#include <string.h>

#include "base/clock.h"
#include "store/repo_git.h"

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

/* The locked ref, compared and moved. */
static int move_locked(const struct repo *repo, git_transaction *transaction,
                       const struct ref_change *change, const struct store_identity *who,
                       bool *moved)
{
    char now[REPO_ID_SIZE];
    int status = read_target(repo, change->name, now);
    if (status < 0 || strcmp(now, change->from) != 0)
        return status;
    status = set_target(transaction, change, who);
    *moved = status == 0;
    return status;
}

int ref_move(const struct repo *repo, const struct ref_change *change,
             const struct store_identity *who, bool *moved, struct err *err)
{
    git_transaction *transaction = NULL;
    *moved = false;
    if (ref_check_name(change->name, err) < 0)
        return -1;
    git_error_clear();
    int status = git_transaction_new(&transaction, repo->git);
    if (status == 0)
        status = git_transaction_lock_ref(transaction, change->name);
    bool is_locked = status == GIT_ELOCKED;
    if (status == 0)
        status = move_locked(repo, transaction, change, who, moved);
    if (status < 0 && !is_locked)
        repo_fail(err, ERR_IO, "cannot move the ref '%s'", change->name);
    git_transaction_free(transaction);
    return status < 0 && !is_locked ? -1 : 0;
}
