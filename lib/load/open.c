#include "load/open.h"

#include <stdlib.h>

#include "base/mem.h"
#include "load/lane.h"
#include "load/user.h"

/* Of the seed's random numbers, those that choose at the first worker. */
#define CHOICE_STREAM UINT64_C(0x63686f6963650000)

void open_init(struct lane *lane, int worker)
{
    const struct plan *plan = lane->plan;
    const struct plan_settings *settings = &plan->settings;
    struct arrivals_plan arrivals = {.rate = &plan->rate,
                                     .poisson = settings->poisson,
                                     .worker = worker,
                                     .n_workers = settings->threads,
                                     .seed = settings->seed};
    lane->open = (struct open_model){.on = plan->rate.n > 0};
    if (!lane->open.on)
        return;
    arrivals_init(&lane->open.arrivals, &arrivals);
    rng_init(&lane->open.rng, settings->seed, CHOICE_STREAM + (uint64_t)worker);
    lane->open.free = mem_array(plan->n_classes, sizeof(struct user *));
}

void open_begin(struct lane *lane, int64_t length_ns, int64_t now_ns)
{
    struct open_model *model = &lane->open;
    model->offset_ns = now_ns - model->clock_ns;
    model->end_ns = model->clock_ns + length_ns;
    model->has_line = false;
}

/* ---- who is free ---- */

static struct user *pop(struct open_model *model, size_t class)
{
    struct user *user = model->free[class];
    if (user)
        model->free[class] = user->next_free;
    return user;
}

static struct user *take_user(struct lane *lane, size_t class)
{
    struct open_model *model = &lane->open;
    struct user *user = pop(model, class);
    if (user)
        return user;
    if (model->n_begun < lane->n_users)
        user = &lane->users[model->n_begun++];
    for (size_t i = 0; !user && i < lane->plan->n_classes; i++)
        user = pop(model, i);
    if (user)
        user_become(user, &lane->plan->classes[class]);
    return user;
}

static bool any_free(const struct lane *lane)
{
    const struct open_model *model = &lane->open;
    bool found = model->n_begun < lane->n_users;
    for (size_t i = 0; !found && i < lane->plan->n_classes; i++)
        found = model->free[i] != NULL;
    return found;
}

void open_free(struct user *user)
{
    struct user **list = &user->lane->open.free[user->class - user->lane->plan->classes];
    user->next_free = *list;
    *list = user;
}

/* ---- arrivals ---- */

static int64_t due(const struct open_model *model)
{
    return model->arrivals.due_ns < model->end_ns ? model->arrivals.due_ns + model->offset_ns
                                                  : INT64_MAX;
}

/* The next arrival's task, and the number of its class. */
static const struct plan_sequence *choose(struct lane *lane, size_t *number)
{
    struct rng *rng = &lane->open.rng;
    *number = choice_pick(&lane->plan->choice, rng);
    const struct plan_class *class = &lane->plan->classes[*number];
    return &class->tasks[choice_pick(&class->choice, rng)];
}

static void admit(struct lane *lane)
{
    struct open_model *model = &lane->open;
    size_t class;
    int64_t due_ns = due(model);
    const struct plan_sequence *task = choose(lane, &class);
    arrivals_next(&model->arrivals);
    model->started += due_ns >= lane->measure_from_ns;
    user_arrive(take_user(lane, class), task, due_ns, model->has_line);
}

void open_admit(struct lane *lane, int64_t now_ns)
{
    struct open_model *model = &lane->open;
    bool someone = true;
    while (due(model) <= now_ns && (someone = any_free(lane)))
        admit(lane);
    model->has_line = !someone;
}

int64_t open_end(const struct lane *lane)
{
    bool waits = lane->open.on && due(&lane->open) < INT64_MAX;
    return waits ? lane->end_ns + OPEN_LINE_NS : lane->end_ns;
}

int64_t open_next(const struct lane *lane)
{
    return any_free(lane) ? due(&lane->open) : INT64_MAX;
}

void open_close(struct lane *lane, int64_t now_ns)
{
    struct open_model *model = &lane->open;
    if (now_ns - model->offset_ns < model->end_ns) /* it was stopped */
        model->end_ns = now_ns - model->offset_ns;
    for (; due(model) < INT64_MAX; arrivals_next(&model->arrivals)) {
        size_t number;
        choose(lane, &number); /* or the other arm would go on with other tasks */
        model->missed += due(model) >= lane->measure_from_ns;
    }
    model->clock_ns = model->end_ns;
}

void open_release(struct open_model *model)
{
    free(model->free);
    model->free = NULL;
}
