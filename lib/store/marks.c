#include "store/marks.h"

#include <string.h>

#include "store/name.h"

/* Reads the file at `path`, which must be there. */
static int read_mark(const struct baseline_place *place, const char *path, const char *shown,
                     size_t limit, struct buf *out, struct err *err)
{
    bool found = false;
    if (place_read(place, path, limit, out, &found, err) < 0)
        return -1;
    return found ? 0 : err_set(err, ERR_INPUT, "'%s' does not exist", shown);
}

static int load_acceptance(const struct baseline_place *place, const char *path, struct marks *out,
                           struct err *err)
{
    struct buf bytes = {0};
    struct acceptance *acceptance = &out->acceptances[out->n_acceptances];
    const char *shown = place_name(place, path, &out->arena);
    int status = read_mark(place, path, shown, ACCEPTANCE_LIMIT, &bytes, err);
    if (status == 0)
        status = acceptance_decode(buf_text(&bytes), bytes.len, shown, acceptance, err);
    if (status == 0) {
        acceptance->place = shown;
        out->n_acceptances++;
    }
    buf_release(&bytes);
    return status;
}

static int load_anchor(const struct baseline_place *place, const char *path, struct marks *out,
                       struct err *err)
{
    struct buf bytes = {0};
    const char *shown = place_name(place, path, &out->arena);
    int status = read_mark(place, path, shown, ANCHOR_LIMIT, &bytes, err);
    if (status == 0)
        status = anchor_decode(buf_text(&bytes), bytes.len, shown, &out->anchor, err);
    if (status == 0) {
        out->has_anchor = true;
        out->anchor_path = path;
    }
    buf_release(&bytes);
    return status;
}

int marks_load(const struct baseline_place *place, const struct baseline_key *key,
               struct marks *out, struct err *err)
{
    const char **names = NULL, *newest = NULL;
    size_t n = 0;
    *out = (struct marks){0};
    const char *dir =
        arena_printf(&out->arena, BASELINE_DIR "/%s/%s", key->suite, key->environment);
    int status = place_list(place, dir, &out->arena, &names, &n, err);
    out->acceptances = arena_array(&out->arena, n ? n : 1, sizeof *out->acceptances);
    for (size_t i = 0; status == 0 && i < n; i++) {
        const char *path = arena_printf(&out->arena, "%s/%s", dir, names[i]);
        if (name_is_mark(names[i], NAME_ACCEPT_END))
            status = load_acceptance(place, path, out, err);
        else if (name_is_mark(names[i], NAME_ANCHOR_END))
            newest = path;
    }
    if (status == 0 && newest)
        status = load_anchor(place, newest, out, err);
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
