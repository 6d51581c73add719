/* Where perf-baseline's --commit and --ref lead, and who the author of a commit is. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/baseline_call.h"

int call_ref(struct call *call, const char **out, struct err *err)
{
    if (!call->values.ref)
        return err_set(err, ERR_USAGE, "a ref is missing; name it with --ref");
    return where_ref(&call->where, call->values.ref, out, err);
}

/* As git takes them: from the environment, then from the configuration. A runner has neither, but
 * knows on whose behalf it runs. */
int call_identity(struct call *call, const char *what, struct store_identity *out, struct err *err)
{
    const struct repo *repo = call->where.repo;
    const struct where *where = &call->where;
    out->now_ns = clock_wall_ns();
    out->name = where->committer_name ? where->committer_name
                                      : repo_config(repo, "user.name", &call->arena);
    out->email = where->committer_email ? where->committer_email
                                        : repo_config(repo, "user.email", &call->arena);
    if (where->actor && !out->name)
        out->name = where->actor;
    if (where->actor && !out->email)
        out->email = arena_printf(&call->arena, "%s@users.noreply.github.com", where->actor);
    if (out->name && out->email)
        return 0;
    return err_set(err, ERR_USAGE,
                   "%s needs an author, and nobody is configured; type `git config --global "
                   "user.name NAME` and `git config --global user.email ADDRESS`",
                   what);
}

const char *call_signature(struct call *call, const struct store_identity *who)
{
    return arena_printf(&call->arena, "%s <%s>", who->name, who->email);
}

int call_target(struct call *call, struct store_target *out, struct err *err)
{
    const char *top;
    *out = (struct store_target){.repo = call->where.repo, .kind = STORE_TREE};
    out->seed = (uint64_t)clock_wall_ns() ^ (uint64_t)getpid() << 32;
    if (call->values.commit && call->values.ref)
        return err_set(err, ERR_USAGE,
                       "--commit and --ref exclude each other: the one writes to the branch that "
                       "is checked out, the other to a ref of its own");
    if (call->values.ref)
        out->kind = STORE_REF;
    else if (call->values.commit)
        out->kind = STORE_BRANCH;
    if (out->kind != STORE_REF && call_work_tree(call, &top, err) < 0)
        return -1;
    if (out->kind == STORE_REF && call_ref(call, &out->ref, err) < 0)
        return -1;
    if (!out->repo)
        return err_set(err, ERR_USAGE, "there is no git repository here; type `git init` first");
    return out->kind == STORE_TREE ? 0 : call_identity(call, "a commit", &out->who, err);
}

int64_t call_time_after(int64_t than_ns, int64_t now_ns)
{
    if (than_ns > INT64_MAX - NS_PER_S) /* as far as a time goes */
        return than_ns;
    return than_ns + NS_PER_S > now_ns ? than_ns + NS_PER_S : now_ns;
}

const char *call_shown_path(struct call *call, const struct store_target *target, const char *path)
{
    if (target->kind == STORE_REF)
        return path;
    return call_path_from_here(call, repo_top(target->repo), path);
}

int call_write(struct call *call, const struct store_target *target, store_plan plan, void *context,
               struct store_result *out, struct err *err)
{
    if (store_write(target, plan, context, out, err) < 0)
        return -1;
    if (*out->commit)
        io_note(&call->log, "committed as %.*s%s%s", REPO_SHORT_LEN, out->commit,
                target->ref ? " on " : "", target->ref ? target->ref : "");
    if (*out->note)
        io_warn(&call->log, "%s", out->note);
    return 0;
}
