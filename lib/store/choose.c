#include "store/choose.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

#define ORIGIN "refs/remotes/origin/"

static bool is_given(const char *text)
{
    return text && *text;
}

static bool is_equal(const char *text, const char *other)
{
    return text && strcmp(text, other) == 0;
}

static bool is_commit_id(const char *text)
{
    size_t len = strlen(text);
    return len == REPO_ID_SIZE - 1 && strspn(text, "0123456789abcdef") == len;
}

/* ---- the event ---- */

static int read_member(const struct js_at *at, const char *key, struct arena *arena,
                       const char **out, struct err *err)
{
    struct js_at member;
    const char *text = NULL;
    if (js_kind(at) != JS_K_OBJECT || !js_member(at, key, &member) || js_kind(&member) == JS_K_NULL)
        return 0;
    if (js_get_string(&member, &text, err) < 0)
        return -1;
    *out = arena_strdup(arena, text);
    return 0;
}

/* The repository that a side ("head", "base") of the pull request lies in; NULL where it is gone.
 */
static int read_repository(const struct js_at *pull, const char *side, struct arena *arena,
                           const char **name, struct err *err)
{
    struct js_at branch, repository;
    *name = NULL;
    if (js_kind(pull) != JS_K_OBJECT || !js_member(pull, side, &branch) ||
        js_kind(&branch) != JS_K_OBJECT || !js_member(&branch, "repo", &repository))
        return 0;
    return read_member(&repository, "full_name", arena, name, err);
}

static int read_fork(const struct js_at *pull, struct arena *arena, bool *from_fork,
                     struct err *err)
{
    const char *head, *base;
    if (read_repository(pull, "head", arena, &head, err) < 0 ||
        read_repository(pull, "base", arena, &base, err) < 0)
        return -1;
    *from_fork = !head || !base || strcmp(head, base) != 0;
    return 0;
}

int choose_read_event(const char *bytes, size_t len, const char *source, struct arena *arena,
                      struct choose_inputs *inputs, struct err *err)
{
    struct js_doc *doc = NULL;
    struct js_at member;
    if (js_parse(bytes, len, source, &doc, err) < 0)
        return -1;
    struct js_at root = js_root(doc);
    int status = read_member(&root, "before", arena, &inputs->before, err);
    if (status == 0 && js_member(&root, "merge_group", &member))
        status = read_member(&member, "base_sha", arena, &inputs->base_sha, err);
    if (status == 0 && js_member(&root, "repository", &member))
        status = read_member(&member, "default_branch", arena, &inputs->default_branch, err);
    if (status == 0 && js_member(&root, "pull_request", &member))
        status = read_fork(&member, arena, &inputs->from_fork, err);
    js_free(doc);
    return status;
}

/* ---- the rules; each fills `out`, or leaves out->commit "" where it does not apply ---- */

static int choose_at(struct base_choice *out, const char *commit, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Takes the commit, and the text with its short form behind it as the reason. Returns 0. */
static int choose_at(struct base_choice *out, const char *commit, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (commit != out->commit)
        memcpy(out->commit, commit, REPO_ID_SIZE);
    snprintf(out->reason, sizeof out->reason, "%s %.*s", text, REPO_SHORT_LEN, commit);
    return 0;
}

static int find_branch(const struct repo *repo, const char *branch, char id[REPO_ID_SIZE],
                       bool *found, struct err *err)
{
    char ref[300];
    *found = false;
    if ((size_t)snprintf(ref, sizeof ref, ORIGIN "%s", branch) >= sizeof ref)
        return err_set(err, ERR_INPUT, "the branch name '%.40s...' is too long", branch);
    return repo_lookup(repo, ref, id, found, err);
}

/* HEAD is what the event asked to be checked out, and has two parents: the merge that the hosting
 * service made, base first. A merge commit that the author made has the author's side first; it
 * is told apart because the event's commit is then another one. */
static int choose_merge_parent(const struct repo *repo, const struct choose_inputs *inputs,
                               struct base_choice *out, struct err *err)
{
    char head[REPO_ID_SIZE], parent[REPO_ID_SIZE], branch[REPO_ID_SIZE];
    size_t n_parents = 0;
    bool found = false;
    if (!is_equal(inputs->event, "pull_request"))
        return 0;
    if (repo_resolve(repo, "HEAD", head, err) < 0 ||
        repo_count_parents(repo, head, &n_parents, err) < 0)
        return -1;
    if (n_parents != 2 || (is_given(inputs->sha) && strcmp(inputs->sha, head) != 0))
        return 0;
    if (repo_resolve(repo, "HEAD^1", parent, err) < 0)
        return -1;
    if (!is_given(inputs->base_ref))
        return choose_at(out, parent, "HEAD^1");
    if (find_branch(repo, inputs->base_ref, branch, &found, err) < 0)
        return -1;
    if (found && strcmp(branch, parent) == 0)
        return choose_at(out, parent, "HEAD^1 = origin/%.150s", inputs->base_ref);
    return choose_at(out, parent, "HEAD^1, %.150s as the pull request merges into it,",
                     inputs->base_ref);
}

static int choose_base_ref(const struct repo *repo, const struct choose_inputs *inputs,
                           struct base_choice *out, struct err *err)
{
    bool found = false;
    if (!is_given(inputs->base_ref))
        return 0;
    if (find_branch(repo, inputs->base_ref, out->commit, &found, err) < 0)
        return -1;
    if (!found)
        return err_set(err, ERR_UNDECIDED,
                       "the pull request's base origin/%s is not in this clone; type "
                       "`git fetch origin %s`, or check out the merge commit with "
                       "`fetch-depth: 2`",
                       inputs->base_ref, inputs->base_ref);
    return choose_at(out, out->commit, "origin/%.150s", inputs->base_ref);
}

static int choose_pull_request(const struct repo *repo, const struct choose_inputs *inputs,
                               struct base_choice *out, struct err *err)
{
    if (choose_merge_parent(repo, inputs, out, err) < 0)
        return -1;
    return *out->commit ? 0 : choose_base_ref(repo, inputs, out, err);
}

/* A commit that the event names. */
static int choose_named(const struct repo *repo, const char *id, const char *what,
                        struct base_choice *out, struct err *err)
{
    if (!is_commit_id(id))
        return err_set(err, ERR_INPUT,
                       "%s in the event's file is '%s'; expected the 40 digits of a commit", what,
                       id);
    if (repo_resolve(repo, id, out->commit, err) < 0)
        return err_prefix(err, "%s: ", what);
    return choose_at(out, out->commit, "%s", what);
}

static int choose_merge_group(const struct repo *repo, const struct choose_inputs *inputs,
                              struct base_choice *out, struct err *err)
{
    if (!is_equal(inputs->event, "merge_group"))
        return 0;
    if (!is_given(inputs->base_sha))
        return err_set(err, ERR_UNDECIDED,
                       "the merge group's event names no base_sha; name the base with --baseline");
    return choose_named(repo, inputs->base_sha, "the merge group's base_sha", out, err);
}

/* The default branch of the remote: what the event says, what origin/HEAD says, main, master.
 * `name` is left as "origin/main" for messages. */
static int find_default_branch(const struct repo *repo, const struct choose_inputs *inputs,
                               char *name, size_t size, char id[REPO_ID_SIZE], struct err *err)
{
    char target[256];
    const char *candidates[] = {inputs->default_branch, NULL, "main", "master"};
    if (repo_symbolic_target(repo, ORIGIN "HEAD", target, sizeof target) &&
        strncmp(target, ORIGIN, strlen(ORIGIN)) == 0)
        candidates[1] = target + strlen(ORIGIN);
    *id = 0;
    *name = 0;
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates && !*id; i++) {
        bool found = false;
        if (!is_given(candidates[i]))
            continue;
        if (find_branch(repo, candidates[i], id, &found, err) < 0)
            return -1;
        if (found || !*name)
            snprintf(name, size, "origin/%s", candidates[i]);
        if (!found)
            *id = 0;
    }
    return 0;
}

/* `name`: the default branch, as far as it is known. */
static int choose_fork_point(const struct repo *repo, const struct choose_inputs *inputs,
                             char *name, size_t size, struct base_choice *out, struct err *err)
{
    char head[REPO_ID_SIZE], branch[REPO_ID_SIZE];
    bool found = false;
    if (find_default_branch(repo, inputs, name, size, branch, err) < 0)
        return -1;
    if (!*branch)
        return 0;
    if (repo_resolve(repo, "HEAD", head, err) < 0 ||
        repo_fork_point(repo, head, branch, out->commit, &found, err) < 0)
        return -1;
    return found ? choose_at(out, out->commit, "fork point with %.150s", name) : 0;
}

static int choose_push(const struct repo *repo, const struct choose_inputs *inputs,
                       struct base_choice *out, struct err *err)
{
    char name[200];
    if (!is_equal(inputs->event, "push"))
        return 0;
    const char *before = inputs->before;
    if (is_given(before) && before[strspn(before, "0")])
        return choose_named(repo, before, "the push's before", out, err);
    if (choose_fork_point(repo, inputs, name, sizeof name, out, err) < 0)
        return -1;
    if (!*out->commit)
        return err_set(err, ERR_UNDECIDED,
                       "the push names no earlier commit, and no fork point with %s was found; "
                       "set `fetch-depth: 0` for actions/checkout, or name the base with "
                       "--baseline",
                       name);
    return 0;
}

static int choose_local(const struct repo *repo, const struct choose_inputs *inputs,
                        struct base_choice *out, struct err *err)
{
    char name[200];
    bool found = false;
    char head[REPO_ID_SIZE];
    if (repo_lookup(repo, "HEAD", head, &found, err) < 0)
        return -1;
    if (!found) {
        snprintf(out->reason, sizeof out->reason, "HEAD, which has no commit yet");
        return 0;
    }
    if (choose_fork_point(repo, inputs, name, sizeof name, out, err) < 0)
        return -1;
    if (*out->commit)
        return 0;
    return choose_at(out, head, "HEAD");
}

static int choose_rev(const struct repo *repo, const struct choose_inputs *inputs,
                      struct base_choice *out, struct err *err)
{
    if (!is_given(inputs->rev))
        return 0;
    if (repo_resolve(repo, inputs->rev, out->commit, err) < 0)
        return -1;
    return choose_at(out, out->commit, "%.200s", inputs->rev);
}

int choose_base(const struct repo *repo, const struct choose_inputs *inputs,
                struct base_choice *out, struct err *err)
{
    static int (*const rules[])(const struct repo *, const struct choose_inputs *,
                                struct base_choice *, struct err *) = {
        choose_rev, choose_pull_request, choose_merge_group, choose_push, choose_local,
    };
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof rules / sizeof *rules && !*out->reason; i++)
        if (rules[i](repo, inputs, out, err) < 0)
            return -1;
    return 0;
}
