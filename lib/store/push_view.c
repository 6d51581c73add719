#include "store/push_view.h"

#include <git2.h>
#include <git2/sys/repository.h>

#include "store/one_ref.h"

static int open_git(const struct repo *repo, const char *ref, struct push_view *out)
{
    git_buf path = {0};
    git_config *config = NULL;
    int status = git_repository_item_path(&path, repo->git, GIT_REPOSITORY_ITEM_OBJECTS);
    if (status == 0)
        status = git_odb_open(&out->objects, path.ptr);
    if (status == 0)
        status = git_repository_wrap_odb(&out->repo.git, out->objects);
    if (status == 0)
        status = git_repository_config_snapshot(&config, repo->git);
    if (status == 0) {
        git_repository_set_config(out->repo.git, config);
        out->ref = one_ref_attach(out->repo.git, ref);
        status = out->ref ? 0 : -1;
    }
    git_config_free(config);
    git_buf_dispose(&path);
    return status;
}

int push_view_open(const struct repo *repo, const char *remote, const char *ref,
                   struct push_view *out, struct err *err)
{
    *out = (struct push_view){.remote = remote};
    int status = shallow_read(repo, &out->shallow, err);
    if (status == 0 && open_git(repo, ref, out) < 0)
        status = repo_fail(err, ERR_IO, "cannot read the objects of this repository");
    if (status == 0)
        status = shallow_graft(&out->shallow, repo, out->objects, err);
    if (status < 0)
        push_view_release(out);
    return status;
}

int push_view_add(struct push_view *view, const struct repo *other, struct err *err)
{
    git_buf path = {0};
    int status = git_repository_item_path(&path, other->git, GIT_REPOSITORY_ITEM_OBJECTS);
    if (status == 0)
        status = git_odb_add_disk_alternate(view->objects, path.ptr);
    git_buf_dispose(&path);
    return status < 0 ? repo_fail(err, ERR_IO, "cannot read the objects of '%s'",
                                  git_repository_path(other->git))
                      : 0;
}

void push_view_point(struct push_view *view, const char *id)
{
    one_ref_point(view->ref, id);
}

int push_view_fail_shallow(const struct push_view *view, struct err *err)
{
    const char *ref = one_ref_name(view->ref);
    if (view->shallow.n)
        return err_set(err, ERR_UNDECIDED,
                       "the history of '%s' is not whole in this shallow clone; type "
                       "`git fetch --unshallow %s %s`",
                       ref, view->remote, ref);
    return err_set(err, ERR_UNDECIDED,
                   "this clone lacks objects of '%s'; type `git fetch --refetch %s %s`", ref,
                   view->remote, ref);
}

/* Returns libgit2's status. */
static int start_walk(const struct push_view *view, const char *tip, const char *base,
                      git_revwalk **out)
{
    git_oid id;
    int status = git_oid_fromstr(&id, tip);
    if (status == 0)
        status = git_revwalk_new(out, view->repo.git);
    if (status == 0)
        status = git_revwalk_push(*out, &id);
    if (status == 0 && *base)
        status = git_oid_fromstr(&id, base) < 0 ? -1 : git_revwalk_hide(*out, &id);
    return status;
}

int push_view_count(const struct push_view *view, const char *tip, const char *base, size_t *n,
                    bool *is_whole, struct err *err)
{
    git_oid id;
    git_revwalk *walk = NULL;
    *n = 0;
    *is_whole = true;
    git_error_clear();
    int status = start_walk(view, tip, base, &walk);
    while (status == 0 && *is_whole && (status = git_revwalk_next(&id, walk)) == 0) {
        *is_whole = !shallow_has(&view->shallow, &id);
        ++*n;
    }
    git_revwalk_free(walk);
    if (status == 0 || status == GIT_ITEROVER)
        return 0;
    if (repo_lacks_object(status))
        return push_view_fail_shallow(view, err);
    return repo_fail(err, ERR_IO, "cannot read the history of '%s'", one_ref_name(view->ref));
}

void push_view_release(struct push_view *view)
{
    git_repository_free(view->repo.git);
    git_odb_free(view->objects);
    shallow_release(&view->shallow);
    *view = (struct push_view){0};
}
