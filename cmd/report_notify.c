#include "cmd/report_notify.h"

#include "cmd/where.h"
#include "store/named.h"
#include "store/place.h"

/* A call, and where its result goes. */
struct reading {
    const struct where *where;
    struct arena *arena;
    struct notify *out;
    const char **name;
};

static int read_file(const struct reading *reading, const char *path, struct err *err)
{
    *reading->name = arena_strdup(reading->arena, path);
    return notify_read(path, reading->out, err);
}

/* `where_to_look` is how a person would call the revision. */
static int read_at(const struct reading *reading, const char *commit, const char *path,
                   const char *where_to_look, struct err *err)
{
    const struct baseline_place place = {.repo = reading->where->repo, .commit = commit};
    struct buf bytes = {0};
    bool is_there = false;
    *reading->name = place_name(&place, path, reading->arena);
    int status = place_read(&place, path, NOTIFY_LIMIT, &bytes, &is_there, err);
    if (status == 0 && !is_there)
        status = err_set(err, ERR_INPUT,
                         "there is no '%s' at %s, and a change does not say who is told of it; "
                         "name a file with --notify",
                         path, where_to_look);
    if (status == 0)
        status = notify_decode(buf_text(&bytes), bytes.len, *reading->name, reading->out, err);
    buf_release(&bytes);
    return status;
}

static int read_given(const struct reading *reading, const char *given, struct err *err)
{
    const struct repo *repo = reading->where->repo;
    char commit[REPO_ID_SIZE];
    struct named named;
    if (named_parse(given, "--notify", repo, reading->arena, &named, err) < 0)
        return -1;
    if (named.kind == NAMED_FILE)
        return read_file(reading, named.text, err);
    if (named.kind == NAMED_REV)
        return err_set(err, ERR_INPUT,
                       "--notify '%s': there is no such file; expected one, or REV:PATH", given);
    if (repo_resolve(repo, named.rev, commit, err) < 0)
        return -1;
    return read_at(reading, commit, named.path, named.rev, err);
}

static int read_of_base(const struct reading *reading, struct err *err)
{
    struct base_choice base;
    if (!reading->where->repo)
        return read_file(reading, NOTIFY_PATH, err);
    if (choose_base(reading->where->repo, &reading->where->inputs, &base, err) < 0)
        return err_prefix(err,
                          "who is told is read at the base revision (--notify names a file): ");
    if (!*base.commit)
        return err_set(err, ERR_INPUT,
                       "the repository has no commit yet, whose " NOTIFY_PATH " says who is told; "
                       "name a file with --notify");
    return read_at(reading, base.commit, NOTIFY_PATH, base.reason, err);
}

int report_notify_read(const char *given, struct notify *out, struct arena *arena,
                       const char **name, struct err *err)
{
    struct where where;
    *out = (struct notify){0};
    if (where_open(&where, err) < 0)
        return -1;
    const struct reading reading = {&where, arena, out, name};
    int status = given ? read_given(&reading, given, err) : read_of_base(&reading, err);
    where_release(&where);
    return status;
}
