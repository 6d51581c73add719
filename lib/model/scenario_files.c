#include <string.h>

#include "base/fnv.h"
#include "base/fs.h"
#include "model/scenario_shape.h"

/* The path to open: from the scenario's directory. */
static const char *locate(const struct scenario *scenario, const char *path, struct arena *arena)
{
    const char *slash = scenario->path ? strrchr(scenario->path, '/') : NULL;
    if (!slash)
        return path;
    return arena_printf(arena, "%.*s%s", (int)(slash + 1 - scenario->path), scenario->path, path);
}

static int read_file(struct scenario *scenario, struct scenario_file *file, struct err *err)
{
    struct buf bytes = {0};
    const char *path = locate(scenario, file->path, &scenario->arena);
    int status = fs_read(path, SCENARIO_FILE_LIMIT, &bytes, err);
    if (status == 0) {
        file->content =
            (struct span){arena_strndup(&scenario->arena, buf_text(&bytes), bytes.len), bytes.len};
        file->hash = fnv_add(FNV_START, bytes.data, bytes.len);
    }
    buf_release(&bytes);
    return status;
}

/* The files that were read so far; a scenario may name one several times. */
struct known {
    size_t n;
    struct scenario_file **items;
};

static int read_once(struct scenario *scenario, struct scenario_file *file, struct known *known,
                     struct err *err)
{
    for (size_t i = 0; i < known->n; i++) {
        if (strcmp(known->items[i]->path, file->path) == 0) {
            *file = *known->items[i];
            return 0;
        }
    }
    known->items[known->n++] = file;
    return read_file(scenario, file, err);
}

static size_t count_parts(const struct scenario_step *steps, size_t n)
{
    size_t parts = 0;
    for (size_t i = 0; i < n; i++)
        parts += steps[i].n_parts;
    return parts;
}

/* All that there can be. */
static size_t count_files(const struct scenario *scenario)
{
    size_t n = scenario->n_feeds;
    for (size_t i = 0; i < scenario->n_classes; i++) {
        const struct scenario_class *class = &scenario->classes[i];
        n += count_parts(class->on_start, class->n_on_start);
        for (size_t k = 0; k < class->n_tasks; k++)
            n += count_parts(class->tasks[k].steps, class->tasks[k].n_steps);
    }
    return n;
}

static int read_parts(struct scenario *scenario, struct scenario_step *steps, size_t n,
                      struct known *known, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < steps[i].n_parts; k++) {
            struct scenario_part *part = &steps[i].parts[k];
            if (part->file.path && read_once(scenario, &part->file, known, err) < 0)
                return err_prefix(err, "step '%s': ", steps[i].name);
        }
    }
    return 0;
}

static int read_class(struct scenario *scenario, struct scenario_class *class, struct known *known,
                      struct err *err)
{
    if (read_parts(scenario, class->on_start, class->n_on_start, known, err) < 0)
        return -1;
    for (size_t i = 0; i < class->n_tasks; i++)
        if (read_parts(scenario, class->tasks[i].steps, class->tasks[i].n_steps, known, err) < 0)
            return -1;
    return 0;
}

int scenario_read_files(struct scenario *scenario, struct err *err)
{
    struct known known = {0};
    known.items =
        arena_array(&scenario->arena, count_files(scenario), sizeof(struct scenario_file *));
    for (size_t i = 0; i < scenario->n_feeds; i++)
        if (read_once(scenario, &scenario->feeds[i].file, &known, err) < 0)
            return err_prefix(err, "feed '%s': ", scenario->feeds[i].name);
    for (size_t i = 0; i < scenario->n_classes; i++)
        if (read_class(scenario, &scenario->classes[i], &known, err) < 0)
            return -1;
    return 0;
}
