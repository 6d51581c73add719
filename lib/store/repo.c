#include "store/repo.h"

#include <git2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/repo_git.h"

int repo_fail(struct err *err, enum err_code code, const char *format, ...)
{
    char what[600];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    const git_error *last = git_error_last();
    return err_set(err, code, "%s: %s", what,
                   last && last->message ? last->message : "libgit2 gives no reason");
}

bool repo_lacks_object(int status)
{
    const git_error *last = git_error_last();
    return status < 0 && last && last->klass == GIT_ERROR_ODB &&
           strncmp(last->message, "object not found", strlen("object not found")) == 0;
}

/* `at` is what the search found: the directory .git of a work tree, or a bare repository. */
static int fail_owner(char *at, struct err *err)
{
    size_t len = strlen(at);
    if (len && at[len - 1] == '/')
        at[--len] = 0;
    if (len > 5 && strcmp(at + len - 5, "/.git") == 0)
        at[len - 5] = 0;
    return err_set(err, ERR_IO,
                   "the repository '%s' belongs to another user; if you trust it, type "
                   "`git config --global --add safe.directory '%s'`",
                   at, at);
}

/* Why git_repository_open_ext() failed; 0 where there just is no repository. libgit2 1.5 reports
 * one of another owner as not found where no safe.directory is set at all; the search for its
 * place makes no such check, and tells the two apart. */
static int explain_open(int status, const char *dir, const char *git_dir, struct err *err)
{
    const git_error *last = git_error_last();
    if (last && last->message && strstr(last->message, "unsupported extension"))
        return repo_fail(err, ERR_IO,
                         "cannot read the repository around '%s', whose format (SHA-256 object "
                         "names or reftable, for example) libgit2 %s does not know; give the "
                         "baseline and the policy as files",
                         git_dir ? git_dir : dir, LIBGIT2_VERSION);
    if (status != GIT_ENOTFOUND && status != GIT_EOWNER)
        return repo_fail(err, ERR_IO, "cannot open the repository around '%s'",
                         git_dir ? git_dir : dir);
    if (git_dir)
        return err_set(err, ERR_IO,
                       "GIT_DIR names '%s', which is not a git repository, or one of another user "
                       "that safe.directory does not list",
                       git_dir);
    git_buf at = {0};
    int result = 0;
    if (git_repository_discover(&at, dir, 0, NULL) == 0)
        result = fail_owner(at.ptr, err);
    git_buf_dispose(&at);
    return result;
}

static char *top_of(git_repository *git)
{
    const char *dir = git_repository_workdir(git);
    if (!dir)
        return NULL;
    char *top = mem_strdup(dir);
    size_t len = strlen(top);
    if (len > 1 && top[len - 1] == '/')
        top[len - 1] = 0;
    return top;
}

/* A sparse checkout sets extensions.worktreeConfig; what it keeps there is for git alone. */
static void allow_extensions(void)
{
    const char *extensions[] = {"worktreeconfig"};
    git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, (size_t)1);
}

/* Returns libgit2's status. */
static int open_git(const char *at, unsigned flags, struct repo **out)
{
    git_repository *git = NULL;
    allow_extensions();
    int status = git_repository_open_ext(&git, at, flags, NULL);
    if (status < 0)
        return status;
    struct repo *repo = mem_new(sizeof *repo);
    repo->git = git;
    repo->top = top_of(git);
    *out = repo;
    return 0;
}

int repo_open(const char *dir, const char *git_dir, struct repo **out, struct err *err)
{
    *out = NULL;
    if (git_libgit2_init() < 0)
        return repo_fail(err, ERR_IO, "cannot start libgit2");
    unsigned flags = git_dir ? GIT_REPOSITORY_OPEN_NO_SEARCH : 0;
    int status = open_git(git_dir ? git_dir : dir, flags, out);
    if (status == 0)
        return 0;
    int result = explain_open(status, dir, git_dir, err);
    git_libgit2_shutdown();
    return result;
}

int repo_open_at(const char *path, struct repo **out, struct err *err)
{
    *out = NULL;
    if (git_libgit2_init() < 0)
        return repo_fail(err, ERR_IO, "cannot start libgit2");
    int status = open_git(path, GIT_REPOSITORY_OPEN_NO_SEARCH, out);
    if (status == 0)
        return 0;
    if (status == GIT_ENOTFOUND || status == GIT_EOWNER)
        err_set(err, ERR_IO,
                "'%s' is not a git repository, or one of another user that safe.directory does not "
                "list",
                path);
    else
        repo_fail(err, ERR_IO, "cannot open the repository '%s'", path);
    git_libgit2_shutdown();
    return -1;
}

void repo_free(struct repo *repo)
{
    if (!repo)
        return;
    git_repository_free(repo->git);
    free(repo->top);
    free(repo);
    git_libgit2_shutdown();
}

const char *repo_top(const struct repo *repo)
{
    return repo->top;
}

bool repo_is_shallow(const struct repo *repo)
{
    return git_repository_is_shallow(repo->git) == 1;
}

static bool is_full_id(const char *rev)
{
    return strlen(rev) == REPO_ID_SIZE - 1 &&
           strspn(rev, "0123456789abcdefABCDEF") == REPO_ID_SIZE - 1;
}

static int fail_lacking(const struct repo *repo, const char *rev, struct err *err)
{
    if (is_full_id(rev))
        return err_set(err, ERR_UNDECIDED,
                       "the commit %s is not in this clone; fetch it: `git fetch origin %s`", rev,
                       rev);
    if (repo_is_shallow(repo))
        return err_set(err, ERR_UNDECIDED,
                       "the revision '%s' is not in this shallow clone; type "
                       "`git fetch --deepen=1`, or set `fetch-depth: 2` for actions/checkout",
                       rev);
    return err_set(err, ERR_UNDECIDED,
                   "the revision '%s' needs an object that this clone does not have; type "
                   "`git fetch --refetch`, or clone anew",
                   rev);
}

static void id_text(const git_oid *oid, char id[REPO_ID_SIZE])
{
    git_oid_tostr(id, REPO_ID_SIZE, oid);
}

int repo_lookup(const struct repo *repo, const char *rev, char id[REPO_ID_SIZE], bool *found,
                struct err *err)
{
    git_object *object = NULL, *commit = NULL;
    *found = false;
    git_error_clear();
    int status = git_revparse_single(&object, repo->git, rev);
    if (status == 0)
        status = git_object_peel(&commit, object, GIT_OBJECT_COMMIT);
    if (status == 0) {
        id_text(git_object_id(commit), id);
        *found = true;
    } else if (repo_lacks_object(status) || (status == GIT_ENOTFOUND && is_full_id(rev))) {
        fail_lacking(repo, rev, err);
    } else if (status == GIT_ENOTFOUND) {
        status = 0;
    } else {
        repo_fail(err, ERR_INPUT, "'%s' does not name one commit", rev);
    }
    git_object_free(commit);
    git_object_free(object);
    return status < 0 ? -1 : 0;
}

int repo_resolve(const struct repo *repo, const char *rev, char id[REPO_ID_SIZE], struct err *err)
{
    bool found = false;
    if (repo_lookup(repo, rev, id, &found, err) < 0)
        return -1;
    if (!found)
        return err_set(err, ERR_INPUT,
                       "'%s' names no revision of this repository; `git fetch` brings what only "
                       "the remote has",
                       rev);
    return 0;
}

bool repo_symbolic_target(const struct repo *repo, const char *ref, char *out, size_t size)
{
    git_reference *reference = NULL;
    const char *target = NULL;
    if (git_reference_lookup(&reference, repo->git, ref) == 0)
        target = git_reference_symbolic_target(reference);
    bool fits = target && strlen(target) < size;
    if (fits)
        memcpy(out, target, strlen(target) + 1);
    git_reference_free(reference);
    return fits;
}

int repo_count_parents(const struct repo *repo, const char *id, size_t *out, struct err *err)
{
    git_oid oid;
    git_commit *commit = NULL;
    if (git_oid_fromstr(&oid, id) < 0 || git_commit_lookup(&commit, repo->git, &oid) < 0)
        return repo_fail(err, ERR_IO, "cannot read the commit %s", id);
    *out = git_commit_parentcount(commit);
    git_commit_free(commit);
    return 0;
}

static int fail_history(const char *a, const char *b, struct err *err)
{
    return err_set(err, ERR_UNDECIDED,
                   "cannot tell how %.*s and %.*s are related, because this clone does not have "
                   "the whole history; type `git fetch --unshallow origin`, or set "
                   "`fetch-depth: 0` for actions/checkout",
                   REPO_SHORT_LEN, a, REPO_SHORT_LEN, b);
}

int repo_fork_point(const struct repo *repo, const char *a, const char *b, char id[REPO_ID_SIZE],
                    bool *found, struct err *err)
{
    git_oid one, two, base;
    *found = false;
    if (git_oid_fromstr(&one, a) < 0 || git_oid_fromstr(&two, b) < 0)
        return repo_fail(err, ERR_INPUT, "cannot find where %s and %s fork", a, b);
    git_error_clear();
    int status = git_oid_equal(&one, &two) ? (git_oid_cpy(&base, &one), 0)
                                           : git_merge_base(&base, repo->git, &one, &two);
    if (status == 0) {
        id_text(&base, id);
        *found = true;
        return 0;
    }
    if (repo_lacks_object(status))
        return fail_history(a, b, err);
    if (status == GIT_ENOTFOUND)
        return 0;
    return repo_fail(err, ERR_IO, "cannot find where %s and %s fork", a, b);
}

/* The whole name of a commit by its first digits. *found is false where none is there. */
static int find_commit(const struct repo *repo, const char *digits, git_oid *out, bool *found)
{
    git_oid prefix;
    git_commit *commit = NULL;
    *found = false;
    int status = git_oid_fromstrp(&prefix, digits);
    if (status == 0)
        status = git_commit_lookup_prefix(&commit, repo->git, &prefix, strlen(digits));
    if (status == 0) {
        git_oid_cpy(out, git_commit_id(commit));
        *found = true;
    }
    git_commit_free(commit);
    return status == GIT_ENOTFOUND ? 0 : status;
}

int repo_is_ancestor(const struct repo *repo, const char *commit, const char *of, bool *is,
                     struct err *err)
{
    git_oid ancestor, descendant;
    bool found;
    *is = false;
    git_error_clear();
    int status = git_oid_fromstr(&descendant, of);
    if (status == 0)
        status = find_commit(repo, commit, &ancestor, &found);
    if (status == 0 && !found && repo_is_shallow(repo))
        return fail_history(commit, of, err);
    if (status == 0 && found)
        status = git_oid_equal(&ancestor, &descendant)
                     ? 1
                     : git_graph_descendant_of(repo->git, &descendant, &ancestor);
    *is = status == 1;
    if (repo_lacks_object(status))
        return fail_history(commit, of, err);
    return status < 0 ? repo_fail(err, ERR_IO, "cannot find whether %.*s is an ancestor of %.*s",
                                  REPO_SHORT_LEN, commit, REPO_SHORT_LEN, of)
                      : 0;
}

const char *repo_config(const struct repo *repo, const char *key, struct arena *arena)
{
    git_config *config = NULL;
    git_buf value = {0};
    const char *copy = NULL;
    if (git_repository_config_snapshot(&config, repo->git) == 0 &&
        git_config_get_string_buf(&value, config, key) == 0 && value.size)
        copy = arena_strdup(arena, value.ptr);
    git_buf_dispose(&value);
    git_config_free(config);
    return copy;
}

int repo_hash(const void *bytes, size_t len, char id[REPO_ID_SIZE], struct err *err)
{
    git_oid oid;
    if (git_libgit2_init() < 0)
        return repo_fail(err, ERR_IO, "cannot start libgit2");
    int status = git_odb_hash(&oid, bytes, len, GIT_OBJECT_BLOB);
    if (status == 0)
        id_text(&oid, id);
    else
        repo_fail(err, ERR_IO, "cannot hash %zu bytes", len);
    git_libgit2_shutdown();
    return status < 0 ? -1 : 0;
}
