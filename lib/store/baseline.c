#include "store/baseline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/name.h"

#define NAME_MAX_LEN 64

/* ---- names ---- */

int baseline_check_name(const char *what, const char *name, struct err *err)
{
    size_t len = strlen(name);
    bool is_good = len > 0 && len <= NAME_MAX_LEN && *name != '.' && *name != '-' &&
                   strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len &&
                   !strstr(name, "..");
    if (is_good)
        return 0;
    return err_set(err, ERR_USAGE,
                   "the %s's name '%.100s' cannot be a directory's; expected 1 to %d of a-z, 0-9, "
                   "'.', '_' and '-', neither '.' nor '-' first, and no '..'",
                   what, name, NAME_MAX_LEN);
}

int baseline_check_key(const struct baseline_key *key, struct err *err)
{
    if (baseline_check_name("suite", key->suite, err) < 0)
        return -1;
    return baseline_check_name("environment", key->environment, err);
}

const char *baseline_key_dir(const struct baseline_key *key, struct arena *arena)
{
    return arena_printf(arena, BASELINE_DIR "/%s/%s", key->suite, key->environment);
}

/* ---- loading ---- */

/* Reads the report at `path` into the next free element of out->runs. */
static int load_run(const struct baseline_place *place, const char *path, size_t limit,
                    struct baseline *out, struct err *err)
{
    struct buf bytes = {0};
    bool found = false;
    struct baseline_run *run = &out->runs[out->n_runs];
    const char *name = place_name(place, path, &out->arena);
    int status = place_read(place, path, limit, &bytes, &found, err);
    if (status == 0 && !found)
        status = err_set(err, ERR_INPUT, "'%s' does not exist", name);
    if (status == 0)
        status = report_decode(buf_text(&bytes), bytes.len, name, &run->report, err);
    if (status == 0) {
        run->path = arena_strdup(&out->arena, path);
        out->n_runs++;
    }
    buf_release(&bytes);
    return status;
}

static struct baseline_run *room_for(struct baseline *out, size_t n)
{
    out->runs = arena_array(&out->arena, n ? n : 1, sizeof *out->runs);
    return out->runs;
}

static bool is_mark(const char *name)
{
    return name_is_mark(name, NAME_ACCEPT_END) || name_is_mark(name, NAME_ANCHOR_END);
}

/* Keeps the names of runs, oldest first, and makes a note of other JSON files but acceptances and
 * anchors. A directory that bears a run's name is kept, so that reading it fails. */
static size_t keep_run_names(struct baseline *out, const char *dir, const char **names, size_t n)
{
    size_t n_kept = 0;
    out->notes = arena_array(&out->arena, n ? n : 1, sizeof *out->notes);
    for (size_t i = 0; i < n; i++) {
        size_t len = strcspn(names[i], "/");
        const char *name = arena_strndup(&out->arena, names[i], len);
        if (name_is_run(name))
            names[n_kept++] = name;
        else if (name_ends_with(name, ".json") && !is_mark(name))
            out->notes[out->n_notes++] = arena_printf(
                &out->arena, "'%s/%s' is not named as runs are, and is left out", dir, names[i]);
    }
    return n_kept;
}

/* Which runs are loaded: of those in `dir` whose commit is `base` or an ancestor of it (all commits
 * will do where it is NULL) the newest `most`, or fewer where `newest` like `like` are among them.
 */
struct pick {
    const struct baseline_place *place;
    const char *dir, *base;
    size_t newest, most;
    const struct report *like; /* NULL = all are alike */
};

static bool is_like(const struct pick *pick, const struct report *run)
{
    return !pick->like || (report_same_workload(run, pick->like) &&
                           fingerprint_same_kind(&run->environment, &pick->like->environment));
}

static int counts(const struct pick *pick, const char *name, bool *out, struct err *err)
{
    char commit[NAME_ID_LEN + 1];
    snprintf(commit, sizeof commit, "%s", name + NAME_UTC_LEN + 1);
    bool is_known = strspn(commit, "0") < NAME_ID_LEN;
    *out = !pick->base;
    return pick->base && is_known
               ? repo_is_ancestor(pick->place->repo, commit, pick->base, out, err)
               : 0;
}

/* `names` are out->n_stored, oldest first. */
static int load_newest(const struct pick *pick, const char *const *names, struct baseline *out,
                       struct err *err)
{
    room_for(out, out->n_stored < pick->most ? out->n_stored : pick->most);
    for (size_t i = out->n_stored; i > 0 && out->n_like < pick->newest && out->n_runs < pick->most;
         i--) {
        bool is_counted;
        const char *path = arena_printf(&out->arena, "%s/%s", pick->dir, names[i - 1]);
        if (counts(pick, names[i - 1], &is_counted, err) < 0 ||
            (is_counted && load_run(pick->place, path, BASELINE_RUN_LIMIT, out, err) < 0))
            return -1;
        if (is_counted)
            out->n_like += is_like(pick, &out->runs[out->n_runs - 1].report);
    }
    return 0;
}

static int load_picked(const struct baseline_key *key, struct pick *pick, struct baseline *out,
                       struct err *err)
{
    const char **names = NULL;
    size_t n = 0;
    memset(out, 0, sizeof *out);
    if (baseline_check_key(key, err) < 0)
        return -1;
    pick->dir = baseline_key_dir(key, &out->arena);
    int status = place_list(pick->place, pick->dir, &out->arena, &names, &n, err);
    if (status == 0) {
        out->n_stored = keep_run_names(out, pick->dir, names, n);
        status = load_newest(pick, names, out, err);
    }
    if (status < 0)
        baseline_release(out);
    return status;
}

int baseline_load_ancestors(const struct baseline_place *place, const struct baseline_key *key,
                            const char *base, size_t newest, struct baseline *out, struct err *err)
{
    struct pick pick = {.place = place, .base = base, .newest = newest, .most = newest};
    return load_picked(key, &pick, out, err);
}

int baseline_load_like(const struct baseline_place *place, const struct baseline_key *key,
                       const struct baseline_like *what, struct baseline *out, struct err *err)
{
    struct pick pick = {.place = place,
                        .base = what->base,
                        .newest = BASELINE_NEWEST,
                        .most = BASELINE_MOST_READ,
                        .like = what->like};
    return load_picked(key, &pick, out, err);
}

int baseline_load(const struct baseline_place *place, const struct baseline_key *key, size_t newest,
                  struct baseline *out, struct err *err)
{
    return baseline_load_ancestors(place, key, NULL, newest, out, err);
}

int baseline_load_at(const struct baseline_place *place, const char *path, struct baseline *out,
                     struct err *err)
{
    memset(out, 0, sizeof *out);
    out->named = true;
    out->n_stored = 1;
    room_for(out, 1);
    if (load_run(place, path, REPORT_LIMIT, out, err) == 0)
        return 0;
    baseline_release(out);
    return -1;
}

int baseline_load_file(const char *path, baseline_reader *read, struct baseline *out,
                       struct err *err)
{
    memset(out, 0, sizeof *out);
    out->named = true;
    out->n_stored = 1;
    room_for(out, 1);
    if (read(path, &out->runs[0].report, err) < 0) {
        baseline_release(out);
        return -1;
    }
    out->runs[0].path = arena_strdup(&out->arena, path);
    out->n_runs = 1;
    return 0;
}

/* ---- listing ---- */

/* "panel/" as "panel", where it can be a suite or an environment; NULL otherwise. */
static const char *directory_name(const char *entry, struct arena *arena)
{
    size_t len = strlen(entry);
    if (!len || entry[len - 1] != '/')
        return NULL;
    const char *name = arena_strndup(arena, entry, len - 1);
    return baseline_check_name("suite", name, NULL) == 0 ? name : NULL;
}

/* Adds the environments of one suite to the keys; *keys has grown on the arena. */
static int list_suite(const struct baseline_place *place, const char *suite, struct arena *arena,
                      struct baseline_key **keys, size_t *n, struct err *err)
{
    const char **names = NULL;
    size_t n_names = 0;
    const char *dir = arena_printf(arena, BASELINE_DIR "/%s", suite);
    if (place_list(place, dir, arena, &names, &n_names, err) < 0)
        return -1;
    struct baseline_key *more = arena_array(arena, *n + n_names + 1, sizeof *more);
    if (*n)
        memcpy(more, *keys, *n * sizeof *more);
    *keys = more;
    for (size_t i = 0; i < n_names; i++) {
        const char *environment = directory_name(names[i], arena);
        if (environment)
            more[(*n)++] = (struct baseline_key){suite, environment};
    }
    return 0;
}

int baseline_list(const struct baseline_place *place, struct arena *arena,
                  struct baseline_key **keys, size_t *n, struct err *err)
{
    const char **names = NULL;
    size_t n_names = 0;
    *keys = NULL;
    *n = 0;
    if (place_list(place, BASELINE_DIR, arena, &names, &n_names, err) < 0)
        return -1;
    for (size_t i = 0; i < n_names; i++) {
        const char *suite = directory_name(names[i], arena);
        if (suite && list_suite(place, suite, arena, keys, n, err) < 0)
            return -1;
    }
    return 0;
}

int baseline_count(const struct baseline_place *place, const struct baseline_key *key,
                   struct arena *arena, size_t *n, const char **newest, struct err *err)
{
    const char **names = NULL;
    size_t n_names = 0;
    *n = 0;
    *newest = "-";
    if (place_list(place, baseline_key_dir(key, arena), arena, &names, &n_names, err) < 0)
        return -1;
    for (size_t i = 0; i < n_names; i++) {
        if (!name_is_run(names[i]))
            continue;
        ++*n;
        *newest = arena_strndup(arena, names[i], NAME_UTC_LEN);
    }
    return 0;
}

static void read_name(const char *dir, const char *name, struct arena *arena,
                      struct baseline_name *out)
{
    const char *commit = name + NAME_UTC_LEN + 1;
    out->path = arena_printf(arena, "%s/%s", dir, name);
    out->started_ns = name_utc_ns(name);
    if (strspn(commit, "0") < NAME_ID_LEN)
        out->commit = arena_strndup(arena, commit, NAME_ID_LEN);
}

int baseline_names(const struct baseline_place *place, const struct baseline_key *key,
                   struct arena *arena, struct baseline_name **runs, size_t *n, struct err *err)
{
    const char **names = NULL;
    size_t n_names = 0;
    *n = 0;
    *runs = NULL;
    if (baseline_check_key(key, err) < 0)
        return -1;
    const char *dir = baseline_key_dir(key, arena);
    if (place_list(place, dir, arena, &names, &n_names, err) < 0)
        return -1;
    *runs = arena_array(arena, n_names + 1, sizeof **runs);
    for (size_t i = n_names; i-- > 0;)
        if (name_is_run(names[i]))
            read_name(dir, names[i], arena, &(*runs)[(*n)++]);
    return 0;
}

/* ---- making ---- */

/* A report in the full form; the notes of the flat one are about its file. */
static struct report full_form(const struct report *report)
{
    struct report run = *report;
    if (run.flat)
        run.health.n_notes = 0;
    run.flat = false;
    return run;
}

/* The run as it is stored: with its suite, and what the report did not know. */
static struct report stored_form(const struct baseline_entry *entry)
{
    struct report run = full_form(entry->report);
    run.suite = entry->key.suite;
    if (!run.commit)
        run.commit = entry->commit;
    if (!run.started_ns)
        run.started_ns = entry->now_ns;
    return run;
}

/* Not of what is stored, so that adding the report once more gives the same hash. */
int baseline_hash(const struct report *report, char id[REPO_ID_SIZE], struct err *err)
{
    struct buf summary = {0};
    struct report run = full_form(report);
    run.suite = NULL;
    report_encode_summary(&run, &summary);
    int status = repo_hash(buf_text(&summary), summary.len, id, err);
    buf_release(&summary);
    return status;
}

static int check_commit(const char *commit, struct err *err)
{
    size_t len = commit ? strlen(commit) : NAME_ID_LEN;
    if (!commit || (len >= 7 && len <= 64 && strspn(commit, NAME_HEX_DIGITS) == len))
        return 0;
    return err_set(err, ERR_INPUT,
                   "the report's commit is '%.80s'; expected 7 to 64 hexadecimal digits", commit);
}

static void add_name(const struct report *run, const char *hash, struct buf *path)
{
    const char *commit = run->commit ? run->commit : "";
    size_t len = strlen(commit);
    name_add_utc(path, run->started_ns);
    buf_addf(path, "-%.*s", NAME_ID_LEN, commit);
    buf_add_repeat(path, '0', len < NAME_ID_LEN ? NAME_ID_LEN - len : 0);
    buf_addf(path, "-%.*s.json", NAME_ID_LEN, hash);
}

/* Appends the name of the run with this hash to `path`, if it is there already. */
static int find_hash(const struct baseline_place *place, const char *dir, const char *hash,
                     struct buf *path, struct err *err)
{
    struct arena arena = {0};
    const char **names = NULL;
    size_t n = 0;
    const char *end = arena_printf(&arena, "-%.*s.json", NAME_ID_LEN, hash);
    int status = place_list(place, dir, &arena, &names, &n, err);
    for (size_t i = 0; status == 0 && i < n; i++)
        if (name_is_run(names[i]) && name_ends_with(names[i], end)) {
            buf_add_str(path, names[i]);
            break;
        }
    arena_release(&arena);
    return status;
}

/* What is written of a run. */
static int encode_run(const struct report *run, struct buf *out, struct err *err)
{
    report_encode_summary(run, out);
    if (out->len <= BASELINE_RUN_LIMIT)
        return 0;
    return err_set(err, ERR_INPUT, "the run's summary has %zu bytes; the limit for it is %zu",
                   out->len, BASELINE_RUN_LIMIT);
}

int baseline_make(const struct baseline_place *place, const struct baseline_entry *entry,
                  struct baseline_file *out, struct err *err)
{
    struct arena arena = {0};
    char hash[REPO_ID_SIZE];
    struct report run = stored_form(entry);
    int status = -1;
    buf_reset(&out->path);
    buf_reset(&out->bytes);
    if (baseline_check_key(&entry->key, err) < 0 || check_commit(run.commit, err) < 0 ||
        baseline_hash(entry->report, hash, err) < 0)
        goto out;
    const char *dir = baseline_key_dir(&entry->key, &arena);
    buf_addf(&out->path, "%s/", dir);
    size_t dir_len = out->path.len;
    status = find_hash(place, dir, hash, &out->path, err);
    out->is_there = out->path.len > dir_len;
    if (status < 0 || out->is_there)
        goto out;
    add_name(&run, hash, &out->path);
    status = encode_run(&run, &out->bytes, err);
out:
    arena_release(&arena);
    return status;
}

void baseline_file_release(struct baseline_file *file)
{
    buf_release(&file->path);
    buf_release(&file->bytes);
}

void baseline_release(struct baseline *baseline)
{
    for (size_t i = 0; i < baseline->n_runs; i++)
        report_release(&baseline->runs[i].report);
    arena_release(&baseline->arena);
    memset(baseline, 0, sizeof *baseline);
}
