#include "store/verify.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/policy.h"
#include "store/baseline.h"
#include "store/find.h"
#include "store/marks.h"
#include "store/name.h"

static void add_bad(struct verify_result *out, const char *text)
{
    out->bad = mem_grow(out->bad, out->n_bad, &out->capacity, sizeof *out->bad);
    out->bad[out->n_bad++] = arena_strdup(&out->arena, text);
}

/* A bad file is noted, and the next one looked at; what the clone lacks ends the search. */
static int note_bad(struct verify_result *out, const struct err *why, struct err *err)
{
    if (why->code == ERR_UNDECIDED)
        return err_set(err, why->code, "%s", why->text);
    add_bad(out, why->text);
    return 0;
}

/* ---- a run ---- */

/* The report as it may have been when it was added: the store fills in a commit and a start. */
static int has_hash(const struct report *run, const char *hash, bool *has, struct err *err)
{
    for (int i = 0; i < 4 && !*has; i++) {
        char id[REPO_ID_SIZE];
        struct report added = *run;
        if (i & 1)
            added.commit = NULL;
        if (i & 2)
            added.started_ns = 0;
        if (baseline_hash(&added, id, err) < 0)
            return -1;
        *has = strncmp(id, hash, NAME_ID_LEN) == 0;
    }
    return 0;
}

/* The file is what this version would write of it. */
static bool is_own_form(const struct report *run, const struct buf *bytes)
{
    struct buf again = {0};
    report_encode_summary(run, &again);
    bool is_same =
        again.len == bytes->len && memcmp(buf_text(&again), buf_text(bytes), again.len) == 0;
    buf_release(&again);
    return is_same;
}

static int check_hash(const struct report *run, const struct buf *bytes, const char *name,
                      const char *shown, struct err *err)
{
    bool has = !is_own_form(run, bytes);
    const char *hash = name + NAME_UTC_LEN + 1 + NAME_ID_LEN + 1;
    if (has_hash(run, hash, &has, err) < 0)
        return -1;
    if (has)
        return 0;
    return err_set(err, ERR_INPUT,
                   "'%s' is not the run that was added: the hash in its name is of other figures; "
                   "restore it from git, or remove it",
                   shown);
}

/* `name` begins with the time and the commit of the run. */
static int check_name(const struct report *run, const char *suite, const char *name,
                      const char *shown, struct err *err)
{
    struct buf start = {0};
    const char *commit = run->commit ? run->commit : "";
    size_t len = strlen(commit) < NAME_ID_LEN ? strlen(commit) : NAME_ID_LEN;
    name_add_utc(&start, run->started_ns);
    bool is_start = strncmp(name, buf_text(&start), NAME_UTC_LEN) == 0;
    buf_release(&start);
    const char *named = name + NAME_UTC_LEN + 1;
    const char *what =
        !run->suite || strcmp(run->suite, suite) != 0 ? "is of another suite"
        : !is_start                                   ? "started at another time"
        : strncmp(named, commit, len) != 0 || strspn(named + len, "0") < NAME_ID_LEN - len
            ? "is of another commit"
            : NULL;
    if (!what)
        return 0;
    return err_set(err, ERR_INPUT,
                   "'%s' %s than its name says; add runs with `perf-baseline update`", shown, what);
}

static int check_run(const struct baseline_place *place, const struct baseline_key *key,
                     const char *path, struct arena *arena, struct err *err)
{
    struct buf bytes = {0};
    struct report run = {0};
    bool found = false;
    const char *name = strrchr(path, '/') + 1;
    const char *shown = place_name(place, path, arena);
    int status = place_read(place, path, BASELINE_RUN_LIMIT, &bytes, &found, err);
    if (status == 0)
        status = report_decode(buf_text(&bytes), bytes.len, shown, &run, err);
    if (status == 0)
        status = check_name(&run, key->suite, name, shown, err);
    if (status == 0)
        status = check_hash(&run, &bytes, name, shown, err);
    report_release(&run);
    buf_release(&bytes);
    return status;
}

/* ---- a mark ---- */

/* `what` is it, "was accepted" for example. */
static int check_time(const char *name, int64_t at_ns, const char *what, const char *shown,
                      struct err *err)
{
    struct buf time = {0};
    name_add_utc(&time, at_ns);
    bool is_time = strncmp(name, buf_text(&time), NAME_UTC_LEN) == 0;
    buf_release(&time);
    if (is_time)
        return 0;
    return err_set(err, ERR_INPUT,
                   "'%s' %s at another time than its name says; rename it, or add it anew with "
                   "`perf-baseline`",
                   shown, what);
}

static int check_acceptance(const struct baseline_place *place, const char *path,
                            struct arena *arena, struct err *err)
{
    struct acceptance acceptance;
    if (marks_read_acceptance(place, path, &acceptance, err) < 0)
        return -1;
    int status = check_time(strrchr(path, '/') + 1, acceptance.accepted_ns, "was accepted",
                            place_name(place, path, arena), err);
    acceptance_release(&acceptance);
    return status;
}

static int check_anchor(const struct baseline_place *place, const char *path, struct arena *arena,
                        struct err *err)
{
    struct anchor anchor;
    const char **names = NULL;
    size_t n = 0;
    bool found = false;
    const char *shown = place_name(place, path, arena);
    const char *dir = arena_strndup(arena, path, (size_t)(strrchr(path, '/') - path));
    if (marks_read_anchor(place, path, &anchor, err) < 0)
        return -1;
    int status = check_time(strrchr(path, '/') + 1, anchor.anchored_ns, "was anchored", shown, err);
    if (status == 0)
        status = place_list(place, dir, arena, &names, &n, err);
    for (size_t i = 0; i < n && !found; i++)
        found = name_is_run(names[i]) && strcmp(names[i], anchor.run) == 0;
    if (status == 0 && !found)
        status = err_set(err, ERR_INPUT,
                         "'%s' marks the run '%s', which is not there; restore it from git, or set "
                         "another anchor and prune",
                         shown, anchor.run);
    anchor_release(&anchor);
    return status;
}

/* ---- a directory ---- */

static const char *strange(const struct baseline_place *place, const char *path,
                           struct arena *arena)
{
    return arena_printf(arena,
                        "'%s' has a name that means nothing here, and does not count; rename or "
                        "remove it",
                        place_name(place, path, arena));
}

/* A check that passes counts as one more. */
static int count(int status, size_t *good, const struct err *why, struct verify_result *out,
                 struct err *err)
{
    if (status < 0)
        return note_bad(out, why, err);
    ++*good;
    return 0;
}

/* A directory that bears a run's or a mark's name is looked at as one, and so found bad. */
static int verify_entry(const struct baseline_place *place, const struct baseline_key *key,
                        const char *entry, struct verify_result *out, struct err *err)
{
    struct err why = {0};
    struct arena *arena = &out->arena;
    const char *name = arena_strndup(arena, entry, strcspn(entry, "/"));
    const char *path = arena_printf(arena, "%s/%s", baseline_key_dir(key, arena), name);
    if (name_is_mark(name, NAME_ACCEPT_END))
        return count(check_acceptance(place, path, arena, &why), &out->n_acceptances, &why, out,
                     err);
    if (name_is_mark(name, NAME_ANCHOR_END))
        return count(check_anchor(place, path, arena, &why), &out->n_anchors, &why, out, err);
    if (name_is_run(name))
        return count(check_run(place, key, path, arena, &why), &out->n_runs, &why, out, err);
    if (name_ends_with(name, ".json") || strchr(entry, '/'))
        add_bad(out,
                strange(place, arena_printf(arena, "%s%s", path, entry + strlen(name)), arena));
    return 0;
}

static int verify_key(const struct baseline_place *place, const struct baseline_key *key,
                      struct verify_result *out, struct err *err)
{
    const char **names = NULL;
    size_t n = 0;
    if (place_list(place, baseline_key_dir(key, &out->arena), &out->arena, &names, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (verify_entry(place, key, names[i], out, err) < 0)
            return -1;
    return 0;
}

/* What lies in baselines/ itself, or in a suite's directory, and is no directory that counts. */
static int verify_strange(const struct baseline_place *place, const char *dir,
                          struct verify_result *out, struct err *err)
{
    const char **names = NULL;
    size_t n = 0;
    if (place_list(place, dir, &out->arena, &names, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const char *path = arena_printf(&out->arena, "%s/%s", dir, names[i]);
        size_t len = strcspn(names[i], "/");
        bool is_dir = names[i][len];
        const char *name = arena_strndup(&out->arena, names[i], len);
        bool is_good = is_dir
                           ? baseline_check_name("suite", name, NULL) == 0
                           : !name_ends_with(name, ".json") || strcmp(path, FIND_POLICY_PATH) == 0;
        if (!is_good)
            add_bad(out, strange(place, path, &out->arena));
    }
    return 0;
}

static int verify_policy(const struct baseline_place *place, struct verify_result *out,
                         struct err *err)
{
    struct policy policy = {0};
    struct err why = {0};
    bool is_there = false;
    if (find_policy_at(place, FIND_POLICY_PATH, &policy, &is_there, &why) < 0)
        return note_bad(out, &why, err);
    out->n_policies += is_there;
    policy_release(&policy);
    return 0;
}

static int verify_all(const struct baseline_place *place, struct verify_result *out,
                      struct err *err)
{
    struct baseline_key *keys;
    size_t n;
    if (verify_strange(place, BASELINE_DIR, out, err) < 0 || verify_policy(place, out, err) < 0 ||
        baseline_list(place, &out->arena, &keys, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const char *dir = arena_printf(&out->arena, BASELINE_DIR "/%s", keys[i].suite);
        bool is_first = i == 0 || strcmp(keys[i].suite, keys[i - 1].suite) != 0;
        if (is_first && verify_strange(place, dir, out, err) < 0)
            return -1;
        if (verify_key(place, &keys[i], out, err) < 0)
            return -1;
    }
    return 0;
}

int verify_place(const struct baseline_place *place, struct verify_result *out, struct err *err)
{
    memset(out, 0, sizeof *out);
    int status = verify_all(place, out, err);
    if (status < 0)
        verify_release(out);
    return status;
}

void verify_release(struct verify_result *result)
{
    free(result->bad);
    arena_release(&result->arena);
    memset(result, 0, sizeof *result);
}
