#include <string.h>

#include "model/scenario.h"

/* The tags of all tasks. */
static struct tags all_tags(struct scenario *scenario)
{
    struct tags tags = {0};
    for (size_t i = 0; i < scenario->n_classes; i++)
        for (size_t k = 0; k < scenario->classes[i].n_tasks; k++)
            tags_add(&tags, &scenario->classes[i].tasks[k].tags, &scenario->arena);
    return tags;
}

/* A tag that no task has is one that was meant otherwise. */
static int check_known(struct scenario *scenario, const char *const *wanted, size_t n,
                       const char *what, struct err *err)
{
    struct tags known = all_tags(scenario);
    for (size_t i = 0; i < n; i++) {
        if (tags_have(&known, wanted[i]))
            continue;
        struct buf names = {0};
        for (size_t k = 0; k < known.n; k++)
            buf_addf(&names, "%s%s", k ? ", " : "; there are ", known.names[k]);
        err_set(err, ERR_USAGE, "%s: no task has the tag '%s'%s", what, wanted[i],
                buf_text(&names));
        buf_release(&names);
        return -1;
    }
    return 0;
}

static bool has_any(const struct tags *tags, const char *const *wanted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tags_have(tags, wanted[i]))
            return true;
    return false;
}

/* Returns the number of tasks that stay. */
static size_t select_tasks(struct scenario_class *class, const struct scenario_selection *selection)
{
    size_t n = 0;
    for (size_t i = 0; i < class->n_tasks; i++) {
        struct scenario_task *task = &class->tasks[i];
        task->left_out = (selection->n_include &&
                          !has_any(&task->tags, selection->include, selection->n_include)) ||
                         has_any(&task->tags, selection->exclude, selection->n_exclude);
        n += !task->left_out;
    }
    class->left_out = n == 0;
    return n;
}

int scenario_select(struct scenario *scenario, const struct scenario_selection *selection,
                    struct err *err)
{
    size_t n = 0;
    if (check_known(scenario, selection->include, selection->n_include, "--include", err) < 0 ||
        check_known(scenario, selection->exclude, selection->n_exclude, "--exclude", err) < 0)
        return -1;
    for (size_t i = 0; i < scenario->n_classes; i++)
        n += select_tasks(&scenario->classes[i], selection);
    if (!n)
        return err_set(err, ERR_USAGE,
                       "--include and --exclude leave no task of '%s': choose other tags",
                       scenario->name);
    return 0;
}
