#include "cmd/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cmd/io.h"
#include "model/fingerprint.h"

/* -h and --version, parsed like the others; they set members of struct option_args. */
static const struct option common[] = {
    {.name = "help",
     .letter = 'h',
     .type = OPTION_FLAG,
     .offset = offsetof(struct option_args, help),
     .help = "print this text"},
    {.name = "version",
     .type = OPTION_FLAG,
     .offset = offsetof(struct option_args, version),
     .help = "print the version"},
};
#define N_COMMON (sizeof common / sizeof common[0])

/* The state of one parse. */
struct parser {
    const struct option_tool *tool;
    int argc;
    char *const *argv;
    int next; /* index in argv of the next argument */
    void *values;
    struct option_args *args;
    bool *seen; /* by row of the tool's table */
};

const struct option *options_row(const struct option_tool *tool, size_t i)
{
    if (i < tool->n_options)
        return &tool->options[i];
    return i - tool->n_options < N_COMMON ? &common[i - tool->n_options] : NULL;
}

/* ---- values ---- */

static void bounds(const struct option *option, double *low, double *high)
{
    bool any = option->low == 0 && option->high == 0;
    *low = option->low;
    *high = any ? 9e15 : option->high;
}

static int set_duration(const struct option *option, const char *text, const char *what,
                        int64_t *out_ns, struct err *err)
{
    double low, high;
    bounds(option, &low, &high);
    int64_t ns;
    if (num_parse_duration(text, what, &ns, err) < 0)
        return -1;
    if ((double)ns < low * 1e9 || (double)ns > high * 1e9) {
        struct buf range = {0};
        num_add_duration(&range, (int64_t)(low * 1e9));
        if (high < 9e15) {
            buf_add_str(&range, " to ");
            num_add_duration(&range, (int64_t)(high * 1e9));
        } else {
            buf_add_str(&range, " or more");
        }
        err_set(err, ERR_USAGE, "%s: expected a duration of %s, found '%s'", what, buf_text(&range),
                text);
        buf_release(&range);
        return -1;
    }
    *out_ns = ns;
    return 0;
}

static int set_choice(const struct option *option, const char *text, const char *what, int *out,
                      struct err *err)
{
    struct buf names = {0};
    const char *name;
    for (int i = 0; (name = option->choice(i)) != NULL; i++) {
        if (strcmp(name, text) == 0) {
            *out = i;
            buf_release(&names);
            return 0;
        }
        buf_addf(&names, "%s%s", i ? ", " : "", name);
    }
    err_set(err, ERR_USAGE, "%s: expected one of %s, found '%s'", what, buf_text(&names), text);
    buf_release(&names);
    return -1;
}

static int set_string(const char *text, const char *what, const char **out, struct err *err)
{
    if (!*text)
        return err_set(err, ERR_USAGE, "%s: expected a value, found an empty one", what);
    *out = text;
    return 0;
}

/* One more element at the end of a list in the arena. */
static void append(struct arena *arena, const char ***items, size_t *n, const char *text)
{
    if ((*n & (*n - 1)) == 0) { /* full at every power of two */
        const char **grown = arena_array(arena, *n ? *n * 2 : 1, sizeof *grown);
        if (*n)
            memcpy(grown, *items, *n * sizeof *grown);
        *items = grown;
    }
    (*items)[(*n)++] = text;
}

static int append_list(struct arena *arena, const char *text, const char *what,
                       struct option_list *list, struct err *err)
{
    const char *item = NULL;
    if (set_string(text, what, &item, err) < 0)
        return -1;
    append(arena, &list->items, &list->n, item);
    return 0;
}

/* Stores `text` as the option's value; `what` names where it came from. */
static int set_value(const struct parser *p, const struct option *option, const char *text,
                     const char *what, struct err *err)
{
    char *member = (char *)p->values + option->offset;
    double low, high;
    bounds(option, &low, &high);
    switch (option->type) {
    case OPTION_FLAG:
        break;
    case OPTION_STRING:
        return set_string(text, what, (const char **)(void *)member, err);
    case OPTION_INT:
        return num_parse_int(text, what, (int64_t)low, (int64_t)high, (int64_t *)(void *)member,
                             err);
    case OPTION_DOUBLE:
        return num_parse_double(text, what, low, high, (double *)(void *)member, err);
    case OPTION_DURATION:
        return set_duration(option, text, what, (int64_t *)(void *)member, err);
    case OPTION_CHOICE:
        return set_choice(option, text, what, (int *)(void *)member, err);
    case OPTION_LIST:
        return append_list(&p->args->arena, text, what, (struct option_list *)(void *)member, err);
    }
    return 0;
}

static bool is_common(const struct option *option)
{
    return option >= common && option < common + N_COMMON;
}

/* The common rows set members of the arguments, the others of the tool's values. */
static void set_flag(const struct parser *p, const struct option *option)
{
    char *base = is_common(option) ? (char *)p->args : (char *)p->values;
    *(bool *)(void *)(base + option->offset) = true;
}

/* ---- the nearest name ---- */

#define MAX_NAME 32

/* Edits (insert, delete, replace a character) between two names shorter than MAX_NAME. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t width = strlen(b);
    size_t line[MAX_NAME + 1];
    for (size_t j = 0; j <= width; j++)
        line[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = line[0];
        line[0] = i + 1;
        for (size_t j = 0; j < width; j++) {
            size_t replace = diagonal + (a[i] != b[j]);
            size_t other = 1 + (line[j] < line[j + 1] ? line[j] : line[j + 1]);
            diagonal = line[j + 1];
            line[j + 1] = replace < other ? replace : other;
        }
    }
    return line[width];
}

/* The name that was probably meant, or NULL. A beginning of a name is as good as one edit. */
static const char *nearest(const struct option_tool *tool, const char *name)
{
    const char *best = NULL;
    size_t length = strlen(name);
    size_t best_distance = length < 6 ? 3 : 4;
    const struct option *option;
    if (length >= MAX_NAME)
        return NULL;
    for (size_t i = 0; (option = options_row(tool, i)) != NULL; i++) {
        size_t distance = length >= 2 && strncmp(option->name, name, length) == 0
                              ? 1
                              : edit_distance(name, option->name);
        if (distance < best_distance && distance < length) {
            best = option->name;
            best_distance = distance;
        }
    }
    return best;
}

static int unknown(const struct option_tool *tool, const char *given, const char *name,
                   struct err *err)
{
    const char *meant = nearest(tool, name);
    if (meant)
        return err_set(err, ERR_USAGE, "unknown option '%s'; did you mean '--%s'?", given, meant);
    return err_set(err, ERR_USAGE, "unknown option '%s'; '%s -h' lists the options", given,
                   tool->name);
}

/* ---- the command line ---- */

/* Applies an option that was given as `shown`; takes the value from `attached` or the next
 * argument. */
static int apply(struct parser *p, const struct option *option, const char *shown,
                 const char *attached, struct err *err)
{
    if (!is_common(option))
        p->seen[option - p->tool->options] = true;
    if (option->type == OPTION_FLAG) {
        if (attached)
            return err_set(err, ERR_USAGE, "option '%s' takes no value, found '%s'", shown,
                           attached);
        set_flag(p, option);
        return 0;
    }
    if (!attached && p->next >= p->argc)
        return err_set(err, ERR_USAGE, "option '%s' needs a value", shown);
    const char *text = attached ? attached : p->argv[p->next++];
    char what[MAX_NAME + 16];
    snprintf(what, sizeof what, "option '%s'", shown);
    return set_value(p, option, text, what, err);
}

/* `text` is what follows the two dashes. */
static int parse_long(struct parser *p, const char *text, struct err *err)
{
    size_t length = strcspn(text, "=");
    const char *attached = text[length] ? text + length + 1 : NULL;
    char *name = arena_strndup(&p->args->arena, text, length);
    const struct option *option;
    for (size_t i = 0; (option = options_row(p->tool, i)) != NULL; i++) {
        if (strcmp(option->name, name) == 0 || (option->also && strcmp(option->also, name) == 0))
            return apply(p, option, arena_printf(&p->args->arena, "--%s", name), attached, err);
    }
    return unknown(p->tool, arena_printf(&p->args->arena, "--%s", name), name, err);
}

/* `letters` is what follows the dash: flags, the last perhaps an option with its value. */
static int parse_short(struct parser *p, const char *letters, struct err *err)
{
    for (; *letters; letters++) {
        const char *shown = arena_printf(&p->args->arena, "-%c", *letters);
        size_t i = 0;
        const struct option *option;
        while ((option = options_row(p->tool, i)) != NULL && option->letter != *letters)
            i++;
        if (!option)
            return unknown(p->tool, arena_printf(&p->args->arena, "-%s", letters), letters, err);
        if (option->type != OPTION_FLAG)
            return apply(p, option, shown, letters[1] ? letters + 1 : NULL, err);
        if (apply(p, option, shown, NULL, err) < 0)
            return -1;
    }
    return 0;
}

static int add_operand(struct parser *p, const char *text, struct err *err)
{
    struct option_args *args = p->args;
    if (args->n_operands >= p->tool->max_operands)
        return err_set(err, ERR_USAGE, "unexpected operand '%s'; expected %s", text,
                       *p->tool->operands ? p->tool->operands : "options only");
    append(&args->arena, &args->operands, &args->n_operands, text);
    return 0;
}

/* What follows `--`. */
static int parse_rest(struct parser *p, struct err *err)
{
    struct option_args *args = p->args;
    while (p->next < p->argc) {
        const char *text = p->argv[p->next++];
        if (p->tool->takes_rest)
            append(&args->arena, &args->rest, &args->n_rest, text);
        else if (add_operand(p, text, err) < 0)
            return -1;
    }
    return 0;
}

static int parse_argument(struct parser *p, struct err *err)
{
    const char *text = p->argv[p->next++];
    if (strcmp(text, "--") == 0)
        return parse_rest(p, err);
    if (strncmp(text, "--", 2) == 0)
        return parse_long(p, text + 2, err);
    if (text[0] == '-' && text[1])
        return parse_short(p, text + 1, err);
    return add_operand(p, text, err);
}

static int parse_environment(const struct parser *p, struct err *err)
{
    for (size_t i = 0; i < p->tool->n_options; i++) {
        const struct option *option = &p->tool->options[i];
        const char *text = option->env && !p->seen[i] ? getenv(option->env) : NULL;
        if (!text || !*text)
            continue;
        char what[MAX_NAME + 32];
        snprintf(what, sizeof what, "variable '%s'", option->env);
        if (set_value(p, option, text, what, err) < 0)
            return -1;
    }
    return 0;
}

int options_parse(const struct option_tool *tool, int argc, char *const *argv, void *values,
                  struct option_args *args, struct err *err)
{
    struct parser p = {.tool = tool, .argc = argc, .argv = argv, .next = 1, .values = values};
    p.args = args;
    p.seen = arena_array(&args->arena, tool->n_options + 1, sizeof *p.seen);
    int status = 0;
    while (p.next < argc && status == 0 && !args->help && !args->version)
        status = parse_argument(&p, err);
    if (status == 0 && !args->help && !args->version)
        status = parse_environment(&p, err);
    if (status < 0 && err)
        err->code = ERR_USAGE; /* a number that does not parse came as ERR_INPUT */
    return status;
}

int options_start(const struct option_tool *tool, int argc, char *const *argv, void *values,
                  struct option_args *args, struct err *err)
{
    if (options_parse(tool, argc, argv, values, args, err) < 0)
        return -1;
    if (!args->help && !args->version)
        return 0;
    struct buf text = {0};
    if (args->help)
        options_help(tool, &text);
    else
        buf_addf(&text, "%s (perfgate) %s\n", tool->name, PERFGATE_VERSION);
    int status = io_write("-", &text, err);
    buf_release(&text);
    return status < 0 ? -1 : 1;
}

void option_args_release(struct option_args *args)
{
    arena_release(&args->arena);
    *args = (struct option_args){0};
}
