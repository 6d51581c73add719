#include "store/marks.h"

#include <string.h>

#include "store/name.h"

/* ---- one mark ---- */

/* Reads the file at `path`, which must be there. */
static int read_bytes(const struct baseline_place *place, const char *path, const char *shown,
                      size_t limit, struct buf *out, struct err *err)
{
    bool found = false;
    if (place_read(place, path, limit, out, &found, err) < 0)
        return -1;
    return found ? 0 : err_set(err, ERR_INPUT, "'%s' does not exist", shown);
}

int marks_read_acceptance(const struct baseline_place *place, const char *path,
                          struct acceptance *out, struct err *err)
{
    struct arena arena = {0};
    struct buf bytes = {0};
    const char *shown = place_name(place, path, &arena);
    *out = (struct acceptance){0};
    int status = read_bytes(place, path, shown, ACCEPTANCE_LIMIT, &bytes, err);
    if (status == 0)
        status = acceptance_decode(buf_text(&bytes), bytes.len, shown, out, err);
    if (status == 0)
        out->place = arena_strdup(&out->arena, shown);
    buf_release(&bytes);
    arena_release(&arena);
    return status;
}

int marks_read_anchor(const struct baseline_place *place, const char *path, struct anchor *out,
                      struct err *err)
{
    struct arena arena = {0};
    struct buf bytes = {0};
    const char *shown = place_name(place, path, &arena);
    *out = (struct anchor){0};
    int status = read_bytes(place, path, shown, ANCHOR_LIMIT, &bytes, err);
    if (status == 0)
        status = anchor_decode(buf_text(&bytes), bytes.len, shown, out, err);
    buf_release(&bytes);
    arena_release(&arena);
    return status;
}

/* ---- all of them ---- */

/* Reads what is an acceptance, and keeps the name of what is an anchor. A directory that bears a
 * mark's name is one too, so that reading it fails. */
static int load_entry(const struct baseline_place *place, const char *dir, const char *entry,
                      struct marks *out, struct err *err)
{
    const char *name = arena_strndup(&out->arena, entry, strcspn(entry, "/"));
    const char *path = arena_printf(&out->arena, "%s/%s", dir, name);
    if (name_is_mark(name, NAME_ANCHOR_END)) {
        if (out->anchor_path)
            out->superseded[out->n_superseded++] = out->anchor_path;
        out->anchor_path = path;
    }
    if (!name_is_mark(name, NAME_ACCEPT_END))
        return 0;
    if (marks_read_acceptance(place, path, &out->acceptances[out->n_acceptances], err) < 0)
        return -1;
    out->acceptance_paths[out->n_acceptances++] = path;
    return 0;
}

static int load_all(const struct baseline_place *place, const struct baseline_key *key,
                    struct marks *out, struct err *err)
{
    const char **names = NULL;
    size_t n = 0;
    const char *dir = baseline_key_dir(key, &out->arena);
    if (place_list(place, dir, &out->arena, &names, &n, err) < 0)
        return -1;
    out->acceptances = arena_array(&out->arena, n + 1, sizeof *out->acceptances);
    out->acceptance_paths = arena_array(&out->arena, n + 1, sizeof *out->acceptance_paths);
    out->superseded = arena_array(&out->arena, n + 1, sizeof *out->superseded);
    for (size_t i = 0; i < n; i++)
        if (load_entry(place, dir, names[i], out, err) < 0)
            return -1;
    if (out->anchor_path && marks_read_anchor(place, out->anchor_path, &out->anchor, err) < 0)
        return -1;
    out->has_anchor = out->anchor_path;
    return 0;
}

int marks_load(const struct baseline_place *place, const struct baseline_key *key,
               struct marks *out, struct err *err)
{
    *out = (struct marks){0};
    if (baseline_check_key(key, err) < 0)
        return -1;
    int status = load_all(place, key, out, err);
    if (status < 0)
        marks_release(out);
    return status;
}

void marks_release(struct marks *marks)
{
    for (size_t i = 0; i < marks->n_acceptances; i++)
        acceptance_release(&marks->acceptances[i]);
    if (marks->has_anchor)
        anchor_release(&marks->anchor);
    arena_release(&marks->arena);
    memset(marks, 0, sizeof *marks);
}

/* ---- a new one ---- */

int marks_add_path(const struct baseline_key *key, enum mark_kind kind, int64_t at_ns,
                   const struct buf *bytes, struct buf *path, struct err *err)
{
    static const char *const ends[] = {
        [MARK_ACCEPTANCE] = NAME_ACCEPT_END, [MARK_ANCHOR] = NAME_ANCHOR_END};
    char hash[REPO_ID_SIZE];
    if (baseline_check_key(key, err) < 0 || repo_hash(buf_text(bytes), bytes->len, hash, err) < 0)
        return -1;
    buf_addf(path, BASELINE_DIR "/%s/%s/", key->suite, key->environment);
    name_add_utc(path, at_ns);
    buf_addf(path, "-%.*s%s", NAME_ID_LEN, hash, ends[kind]);
    return 0;
}
