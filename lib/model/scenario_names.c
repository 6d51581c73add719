#include <string.h>

#include "model/scenario_shape.h"

/* Names that `${…}` may hold in one place: variables and feeds of the scenario, and captures of one
 * class, of all classes (`class` NULL), or none (`scenario` NULL). */
struct scope {
    const struct scenario *scenario;
    const struct scenario_class *class;
};

static bool same(const char *name, size_t len, const char *known)
{
    return strlen(known) == len && memcmp(name, known, len) == 0;
}

static bool steps_capture(const struct scenario_step *steps, size_t n, const char *name, size_t len)
{
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < steps[i].n_captures; c++)
            if (same(name, len, steps[i].captures[c].variable))
                return true;
    return false;
}

static bool class_captures(const struct scenario_class *class, const char *name, size_t len)
{
    if (steps_capture(class->on_start, class->n_on_start, name, len))
        return true;
    for (size_t i = 0; i < class->n_tasks; i++)
        if (steps_capture(class->tasks[i].steps, class->tasks[i].n_steps, name, len))
            return true;
    return false;
}

/* Written as the environment's names are. */
static bool in_capitals(const char *name, size_t len)
{
    return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") >= len;
}

/* "feed.column"; which columns there are, the file says. */
static bool feeds_have(const struct scenario *scenario, const char *name, size_t len)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const char *dot = memchr(name, '.', len);
    if (!dot)
        return false;
    size_t feed_len = (size_t)(dot - name), column_len = len - feed_len - 1;
    if (!column_len || strspn(dot + 1, letters) < column_len)
        return false;
    for (size_t i = 0; i < scenario->n_feeds; i++)
        if (same(name, feed_len, scenario->feeds[i].name))
            return true;
    return false;
}

static bool knows(const struct scope *scope, const char *name, size_t len)
{
    if (in_capitals(name, len))
        return true;
    if (!scope->scenario)
        return false;
    for (size_t i = 0; i < scope->scenario->n_variables; i++)
        if (same(name, len, scope->scenario->variables[i].name))
            return true;
    if (feeds_have(scope->scenario, name, len))
        return true;
    if (scope->class)
        return class_captures(scope->class, name, len);
    for (size_t i = 0; i < scope->scenario->n_classes; i++)
        if (class_captures(&scope->scenario->classes[i], name, len))
            return true;
    return false;
}

/* One text; `$${` stands for `${` and is passed over. */
static int check_text(const struct js_at *at, const char *text, const struct scope *scope,
                      struct err *err)
{
    for (const char *open = text; (open = strstr(open, "${")); open += 2) {
        if (open > text && open[-1] == '$')
            continue;
        const char *name = open + 2, *close = strchr(name, '}');
        if (!close)
            return js_fail(at, err,
                           "expected '}' after '${'; write '$${' where '${' itself is "
                           "meant");
        size_t len = (size_t)(close - name);
        if (!len || !knows(scope, name, len))
            return js_fail(at, err,
                           "nothing fills '${%.*s}'; expected a variable of the scenario, a column "
                           "of a feed, a capture of the same class, or a name of the environment "
                           "in capitals",
                           len > 80 ? 80 : (int)len, name);
    }
    return 0;
}

/* Keys whose texts are sent as they are, or not at all. */
static bool is_literal(const char *key)
{
    static const char *const keys[] = {"name", "capture", "expect", "classes", "variables"};
    for (size_t i = 0; key && i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

static int check_value(const struct js_at *at, const struct scope *scope, struct err *err);
/* `literals`: the keys of this object are the scenario's own, not a server's. */
static int check_members(const struct js_at *at, const struct scope *scope, bool literals,
                         struct err *err)
{
    void *cursor = NULL;
    struct js_at member;
    while (js_next(at, &cursor, &member)) {
        if (literals && is_literal(member.key))
            continue;
        if (check_text(&member, member.key, scope, err) < 0 || check_value(&member, scope, err) < 0)
            return -1;
    }
    return 0;
}

/* All texts of a value that a server gets. */
static int check_value(const struct js_at *at, const struct scope *scope, struct err *err)
{
    const char *text;
    if (js_kind(at) == JS_K_STRING)
        return js_get_string(at, &text, err) < 0 ? -1 : check_text(at, text, scope, err);
    if (js_kind(at) == JS_K_OBJECT)
        return check_members(at, scope, false, err);
    for (size_t i = 0; js_kind(at) == JS_K_ARRAY && i < js_count(at); i++) {
        struct js_at item = js_item(at, i);
        if (check_value(&item, scope, err) < 0)
            return -1;
    }
    return 0;
}

/* Groups are not in groups, so this goes down once. */
static int check_steps(const struct js_at *at, const struct scope *scope, struct err *err)
{
    for (size_t i = 0; i < js_count(at); i++) {
        struct js_at step = js_item(at, i), group;
        int status = js_member(&step, "parallel", &group) ? check_steps(&group, scope, err)
                                                          : check_members(&step, scope, true, err);
        if (status < 0)
            return -1;
    }
    return 0;
}

static int check_tasks(const struct js_at *at, const struct scope *scope, struct err *err)
{
    for (size_t i = 0; i < js_count(at); i++) {
        struct js_at task = js_item(at, i), steps;
        int status = js_member(&task, "steps", &steps) ? check_steps(&steps, scope, err)
                                                       : check_members(&task, scope, true, err);
        if (status < 0)
            return -1;
    }
    return 0;
}

static int check_class(const struct js_at *at, const struct scope *scope, struct err *err)
{
    struct js_at part;
    if (js_member(at, "headers", &part) && check_value(&part, scope, err) < 0)
        return -1;
    if (js_member(at, "auth", &part) && check_value(&part, scope, err) < 0)
        return -1;
    if (js_member(at, "on_start", &part) && check_steps(&part, scope, err) < 0)
        return -1;
    return js_member(at, "tasks", &part) ? check_tasks(&part, scope, err) : 0;
}

/* Those of what is polled: no user's captures are at hand. */
static int check_endpoints(const struct js_at *at, const struct scope *scope, struct err *err)
{
    struct js_at endpoints, part;
    if (js_kind(at) != JS_K_OBJECT || !js_member(at, "endpoints", &endpoints))
        return 0;
    for (size_t i = 0; i < js_count(&endpoints); i++) {
        struct js_at item = js_item(&endpoints, i);
        if (js_member(&item, "headers", &part) && check_value(&part, scope, err) < 0)
            return -1;
        if (js_member(&item, "auth", &part) && check_value(&part, scope, err) < 0)
            return -1;
    }
    return 0;
}

int scenario_check_names(const struct js_at *at, const struct scenario *scenario, struct err *err)
{
    struct scope everywhere = {.scenario = scenario}, environment = {0};
    struct js_at part;
    if (js_member(at, "variables", &part) && check_value(&part, &environment, err) < 0)
        return -1;
    if (js_member(at, "headers", &part) && check_value(&part, &everywhere, err) < 0)
        return -1;
    if (js_member(at, "auth", &part) && check_value(&part, &everywhere, err) < 0)
        return -1;
    if (js_member(at, "monitor", &part) && check_endpoints(&part, &environment, err) < 0)
        return -1;
    if (!js_member(at, "classes", &part))
        return 0;
    for (size_t i = 0; i < scenario->n_classes; i++) {
        struct js_at class = js_item(&part, i);
        struct scope scope = {.scenario = scenario, .class = &scenario->classes[i]};
        if (check_class(&class, &scope, err) < 0)
            return -1;
    }
    return 0;
}
