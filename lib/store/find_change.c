#include <git2.h>
#include <stdio.h>
#include <string.h>

#include "store/find.h"
#include "store/name.h"
#include "store/repo_git.h"
#include "store/tree.h"

/* Files that a sentence is made for, and that are read; the others are counted. */
#define MAX_NAMED 10

/* What a change does to the files below baselines/. */
struct change {
    const struct find_query *query;
    char head[REPO_ID_SIZE];
    struct found *found;
    size_t n_runs, n_marks; /* that it adds, and that can be read */
    size_t n_more;          /* files that no sentence was made for */
};

void find_warn(struct found *found, const char *text)
{
    arena_append(&found->arena, &found->warnings, &found->n_warnings, text);
}

static void tell(struct change *change, const char *path, const char *verb, const char *what)
{
    if (change->found->n_warnings >= MAX_NAMED) {
        change->n_more++;
        return;
    }
    find_warn(change->found, arena_printf(&change->found->arena,
                                          "the change %s '%s'%s%s; the base revision's "
                                          "files count all the same",
                                          verb, path, *what ? ", " : "", what));
}

/* ---- a file ---- */

/* "panel/default/NAME" -> "NAME"; NULL where the path has another depth. */
static const char *name_in_key(const char *path)
{
    const char *suite_end = strchr(path, '/');
    const char *end = suite_end ? strchr(suite_end + 1, '/') : NULL;
    return end && !strchr(end + 1, '/') ? end + 1 : NULL;
}

static int decode(const char *name, const struct buf *bytes, const char *shown, struct err *err)
{
    struct report run;
    struct acceptance acceptance;
    struct anchor anchor;
    if (name_is_mark(name, NAME_ACCEPT_END)) {
        int status = acceptance_decode(buf_text(bytes), bytes->len, shown, &acceptance, err);
        acceptance_release(&acceptance);
        return status;
    }
    if (name_is_mark(name, NAME_ANCHOR_END)) {
        int status = anchor_decode(buf_text(bytes), bytes->len, shown, &anchor, err);
        anchor_release(&anchor);
        return status;
    }
    int status = report_decode(buf_text(bytes), bytes->len, shown, &run, err);
    report_release(&run);
    return status;
}

/* A run or a mark that could not be read once it is merged would stop every comparison. */
static int check_readable(const struct change *change, const char *path, const char *name,
                          struct err *why)
{
    struct tree_path at = {change->query->repo, change->head, path};
    struct buf bytes = {0};
    bool found = false;
    int status = tree_read(&at, BASELINE_RUN_LIMIT, &bytes, &found, why);
    if (status == 0)
        status = decode(name, &bytes, path, why);
    buf_release(&bytes);
    return status;
}

static void look_at_added(struct change *change, const char *path, const char *name)
{
    struct err why = {0};
    bool is_mark =
        name && (name_is_mark(name, NAME_ACCEPT_END) || name_is_mark(name, NAME_ANCHOR_END));
    if (!is_mark && !(name && name_is_run(name)))
        tell(change, path, "adds", "whose name means nothing here");
    else if (change->n_runs + change->n_marks < MAX_NAMED &&
             check_readable(change, path, name, &why) < 0)
        tell(change, path, "adds",
             arena_printf(&change->found->arena, "which cannot be used (%s)", why.text));
    else if (is_mark)
        change->n_marks++;
    else
        change->n_runs++;
}

static const char *kind_of(uint16_t mode)
{
    return mode == GIT_FILEMODE_LINK     ? "a symbolic link, which is never followed"
           : mode == GIT_FILEMODE_COMMIT ? "a submodule, which is never looked into"
                                         : NULL;
}

static int look_at_delta(const git_diff_delta *delta, float progress, void *context)
{
    (void)progress;
    struct change *change = context;
    bool is_gone = delta->status == GIT_DELTA_DELETED;
    const git_diff_file *file = is_gone ? &delta->old_file : &delta->new_file;
    const char *name = name_in_key(file->path);
    const char *path = arena_printf(&change->found->arena, BASELINE_DIR "/%s", file->path);
    const char *kind = is_gone ? NULL : kind_of(file->mode);
    if (strcmp(path, FIND_POLICY_PATH) == 0) /* judged as what it is */
        return 0;
    if (kind)
        tell(change, path, "adds", kind);
    else if (!name_ends_with(path, ".json"))
        return 0;
    else if (is_gone)
        tell(change, path, "removes", "");
    else if (delta->status == GIT_DELTA_ADDED)
        look_at_added(change, path, name);
    else
        tell(change, path, "changes", "");
    return 0;
}

/* ---- the two trees ---- */

/* The directory baselines/ of a commit; NULL where there is none. Returns libgit2's status. */
static int open_dir(struct change *change, const char *commit, git_tree **out)
{
    char spec[REPO_ID_SIZE + 8];
    git_object *root = NULL;
    git_tree_entry *entry = NULL;
    git_repository *git = change->query->repo->git;
    *out = NULL;
    snprintf(spec, sizeof spec, "%s^{tree}", commit);
    int status = git_revparse_single(&root, git, spec);
    if (status == 0)
        status = git_tree_entry_bypath(&entry, (git_tree *)root, BASELINE_DIR);
    if (status == 0 && git_tree_entry_type(entry) == GIT_OBJECT_TREE)
        status = git_tree_lookup(out, git, git_tree_entry_id(entry));
    else if (status == 0)
        tell(change, BASELINE_DIR, "has", "which is no directory");
    git_tree_entry_free(entry);
    git_object_free(root);
    return status == GIT_ENOTFOUND ? 0 : status;
}

static int compare_trees(struct change *change, git_tree *base, git_tree *head)
{
    git_diff_options options;
    git_diff *diff = NULL;
    int status = git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.flags = GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_SKIP_BINARY_CHECK;
    if (status == 0)
        status = git_diff_tree_to_tree(&diff, change->query->repo->git, base, head, &options);
    if (status == 0)
        status = git_diff_foreach(diff, look_at_delta, NULL, NULL, NULL, change);
    git_diff_free(diff);
    return status;
}

static int compare_dirs(struct change *change, const char *base_commit, struct err *err)
{
    git_tree *base = NULL, *head = NULL;
    git_error_clear();
    int status = open_dir(change, base_commit, &base);
    if (status == 0)
        status = open_dir(change, change->head, &head);
    if (status == 0 && (base || head) &&
        !(base && head && git_oid_equal(git_tree_id(base), git_tree_id(head))))
        status = compare_trees(change, base, head);
    git_tree_free(base);
    git_tree_free(head);
    if (repo_lacks_object(status))
        return err_set(err, ERR_UNDECIDED,
                       "cannot tell what the change does below " BASELINE_DIR "/, because this "
                       "clone lacks directories; type `git fetch --refetch`, or clone anew");
    return status < 0
               ? repo_fail(err, ERR_IO, "cannot tell what the change does below " BASELINE_DIR "/")
               : 0;
}

static void sum_up(struct change *change)
{
    struct found *found = change->found;
    if (change->n_more)
        find_warn(found, arena_printf(&found->arena,
                                      "the change touches %zu more files below " BASELINE_DIR "/",
                                      change->n_more));
    if (change->n_runs + change->n_marks == 0)
        return;
    find_warn(found, arena_printf(&found->arena,
                                  "the change adds %zu run%s and %zu mark%s below " BASELINE_DIR
                                  "/, which count once the base has them",
                                  change->n_runs, change->n_runs == 1 ? "" : "s", change->n_marks,
                                  change->n_marks == 1 ? "" : "s"));
}

int find_changes(const struct find_query *query, struct found *found, struct err *err)
{
    struct change change = {.query = query, .found = found};
    bool has_head = false;
    if (found->policy.change_text)
        find_warn(found, found->policy.change_text);
    if (!query->repo || !*found->base.commit)
        return 0;
    if (repo_lookup(query->repo, "HEAD", change.head, &has_head, err) < 0)
        return -1;
    if (!has_head || strcmp(change.head, found->base.commit) == 0)
        return 0;
    if (compare_dirs(&change, found->base.commit, err) < 0)
        return -1;
    sum_up(&change);
    return 0;
}
