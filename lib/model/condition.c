#include "model/condition.h"

#include <float.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "model/metric.h"

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
/* "99.9th_percentile" and "p99.9" are names. */
#define NAME     DIGITS LETTERS "_."
#define TOO_DEEP "fewer parts within each other; make several alerts"

/* What is left of the text, and what was made of it. */
struct parser {
    const char *start, *at;
    struct arena *arena;
    struct condition *out;
    size_t n_nodes;
    int depth;
    struct err *err;
};

static const struct {
    const char *text;
    enum condition_op op;
} ops[] = {
    /* the longer ones first */
    {"<=", CONDITION_AT_MOST}, {">=", CONDITION_AT_LEAST}, {"==", CONDITION_EQUAL},
    {"!=", CONDITION_UNEQUAL}, {"<", CONDITION_LESS},      {">", CONDITION_MORE},
};

static const struct {
    const char *text;
    enum metric_unit unit;
    double factor; /* to the metric's own unit */
} units[] = {
    {"%", UNIT_RATIO, 0.01},
    {"us", UNIT_MS, 1e-3},
    {"ms", UNIT_MS, 1},
    {"s", UNIT_MS, 1e3},
};

static void skip_blanks(struct parser *p)
{
    p->at += strspn(p->at, " \t\r\n");
}

/* Says what was expected here. Returns false. */
static bool fail(struct parser *p, const char *expected)
{
    skip_blanks(p);
    size_t length = strcspn(p->at, " \t\r\n()");
    if (!length && *p->at)
        length = 1;
    if (*p->at)
        err_set(p->err, ERR_INPUT, "column %zu: expected %s, found '%.*s'",
                (size_t)(p->at - p->start) + 1, expected, length > 40 ? 40 : (int)length, p->at);
    else
        err_set(p->err, ERR_INPUT, "column %zu: expected %s, found the end",
                (size_t)(p->at - p->start) + 1, expected);
    return false;
}

/* The same where a node would have been. */
static struct condition_node *refuse(struct parser *p, const char *expected)
{
    fail(p, expected);
    return NULL;
}

/* Takes `text` where it stands next; a word only as a whole. */
static bool take(struct parser *p, const char *text)
{
    skip_blanks(p);
    size_t length = strlen(text);
    if (strncmp(p->at, text, length) != 0)
        return false;
    if (strchr(LETTERS, *text) && p->at[length] && strchr(NAME, p->at[length]))
        return false;
    p->at += length;
    return true;
}

static struct condition_node *new_node(struct parser *p, enum condition_kind kind)
{
    if (p->n_nodes >= CONDITION_NODES) {
        err_set(p->err, ERR_INPUT, "column %zu: expected at most %d parts; make several alerts",
                (size_t)(p->at - p->start) + 1, CONDITION_NODES);
        return NULL;
    }
    p->n_nodes++;
    struct condition_node *node = arena_array(p->arena, 1, sizeof *node);
    node->kind = kind;
    return node;
}

/* ---- a comparison ---- */

/* A number is no name. */
static size_t name_length(const char *text)
{
    size_t length = strspn(text, NAME);
    size_t digits = strspn(text, DIGITS ".");
    return digits < length ? length : 0;
}

static bool take_endpoint(struct parser *p, struct condition_node *node)
{
    if (!take(p, "("))
        return fail(p, "'(' behind endpoint");
    skip_blanks(p);
    char quote = *p->at;
    if (quote != '\'' && quote != '"')
        return fail(p, "an endpoint between ' and ', such as 'GET /forum'");
    const char *end = strchr(p->at + 1, quote);
    if (!end || end == p->at + 1)
        return fail(p, end ? "an endpoint such as 'GET /forum'"
                           : "an endpoint that ends with the quote that it begins with");
    node->endpoint = arena_strndup(p->arena, p->at + 1, (size_t)(end - p->at) - 1);
    p->at = end + 1;
    if (!take(p, ")"))
        return fail(p, "')' behind the endpoint");
    if (!take(p, "."))
        return fail(p, "'.' and a metric behind the endpoint");
    return true;
}

static size_t number_length(const char *text)
{
    size_t length = *text == '-';
    length += strspn(text + length, DIGITS ".");
    if (text[length] == 'e' || text[length] == 'E') {
        size_t sign = text[length + 1] == '-' || text[length + 1] == '+';
        size_t digits = strspn(text + length + 1 + sign, DIGITS);
        length += digits ? 1 + sign + digits : 0;
    }
    return length;
}

/* The unit behind a number has to be the metric's. */
static bool take_unit(struct parser *p, struct condition_node *node)
{
    enum metric metric = metric_find(node->name);
    size_t length = *p->at == '%' ? 1 : strspn(p->at, LETTERS DIGITS "_");
    if (!length)
        return true;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strlen(units[i].text) != length || strncmp(p->at, units[i].text, length) != 0)
            continue;
        if (metric == METRIC_COUNT || metric_info(metric)->unit != units[i].unit)
            return fail(p, "a number in the metric's own unit");
        node->number *= units[i].factor;
        p->at += length;
        return true;
    }
    return fail(p, "one of the units %, ms, s and us, or none");
}

/* "error_rate > 5" means 5 %, and would never be true. */
static bool is_in_range(const struct condition_node *node)
{
    enum metric metric = metric_find(node->name);
    return metric == METRIC_COUNT || metric_info(metric)->unit != UNIT_RATIO ||
           (node->number >= 0 && node->number <= 1);
}

static bool take_number(struct parser *p, struct condition_node *node)
{
    struct err ignored = {0};
    skip_blanks(p);
    const char *start = p->at;
    size_t length = number_length(p->at);
    const char *text = arena_strndup(p->arena, p->at, length);
    if (num_parse_double(text, "", -DBL_MAX, DBL_MAX, &node->number, &ignored) < 0)
        return fail(p, "a number");
    p->at += length;
    if (!take_unit(p, node))
        return false;
    if (is_in_range(node))
        return true;
    p->at = start;
    return fail(p, "a ratio from 0 to 1, or a percentage such as 5%");
}

static bool take_op(struct parser *p, struct condition_node *node)
{
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        if (take(p, ops[i].text)) {
            node->op = ops[i].op;
            return true;
        }
    return fail(p, "one of <, <=, >, >=, == and !=");
}

static struct condition_node *parse_comparison(struct parser *p)
{
    struct condition_node *node = new_node(p, CONDITION_COMPARE);
    if (!node || (take(p, "endpoint") && !take_endpoint(p, node)))
        return NULL;
    skip_blanks(p);
    size_t length = name_length(p->at);
    if (!length)
        return refuse(p, node->endpoint ? "a metric such as 95th_percentile"
                                        : "a metric such as error_rate, or endpoint('GET /x')");
    node->name = arena_strndup(p->arena, p->at, length);
    p->at += length;
    return take_op(p, node) && take_number(p, node) ? node : NULL;
}

/* ---- what joins them ---- */

static struct condition_node *parse_or(struct parser *p);

static struct condition_node *take_duration(struct parser *p, struct condition_node *of)
{
    struct condition_node *node = new_node(p, CONDITION_FOR);
    struct err ignored = {0};
    if (!node)
        return NULL;
    skip_blanks(p);
    size_t length = strspn(p->at, DIGITS LETTERS ".");
    const char *text = arena_strndup(p->arena, p->at, length);
    if (num_parse_duration(text, "", &node->lasting_ns, &ignored) < 0 || node->lasting_ns <= 0)
        return refuse(p, "a duration such as 30s behind for");
    p->at += length;
    node->left = of;
    node->place = p->out->n_for++;
    return node;
}

static struct condition_node *parse_group(struct parser *p)
{
    struct condition_node *inner = parse_or(p);
    if (inner && !take(p, ")"))
        return refuse(p, "and, or, for or ')'");
    return inner;
}

static struct condition_node *parse_term(struct parser *p);

static struct condition_node *parse_deeper(struct parser *p)
{
    p->depth++;
    struct condition_node *node = parse_term(p);
    p->depth--;
    return node;
}

static struct condition_node *parse_term(struct parser *p)
{
    if (take(p, "not")) {
        struct condition_node *node = new_node(p, CONDITION_NOT);
        if (!node)
            return NULL;
        node->left = p->depth < CONDITION_DEPTH ? parse_deeper(p) : refuse(p, TOO_DEEP);
        return node->left ? node : NULL;
    }
    struct condition_node *of = take(p, "(") ? parse_group(p) : parse_comparison(p);
    return of && take(p, "for") ? take_duration(p, of) : of;
}

/* Terms joined by one word, the later ones on the right. */
static struct condition_node *parse_chain(struct parser *p, enum condition_kind kind)
{
    bool is_or = kind == CONDITION_OR;
    struct condition_node *left = is_or ? parse_chain(p, CONDITION_AND) : parse_term(p);
    while (left && take(p, is_or ? "or" : "and")) {
        struct condition_node *node = new_node(p, kind);
        if (!node)
            return NULL;
        node->left = left;
        node->right = is_or ? parse_chain(p, CONDITION_AND) : parse_term(p);
        left = node->right ? node : NULL;
    }
    return left;
}

static struct condition_node *parse_or(struct parser *p)
{
    if (p->depth >= CONDITION_DEPTH)
        return refuse(p, TOO_DEEP);
    p->depth++;
    struct condition_node *node = parse_chain(p, CONDITION_OR);
    p->depth--;
    return node;
}

int condition_parse(const char *text, struct arena *arena, struct condition *out, struct err *err)
{
    struct parser p = {.start = text, .at = text, .arena = arena, .out = out, .err = err};
    *out = (struct condition){0};
    if (strlen(text) > CONDITION_LIMIT)
        return err_set(err, ERR_INPUT, "expected at most %zu bytes; make several alerts",
                       CONDITION_LIMIT);
    out->root = parse_or(&p);
    skip_blanks(&p);
    if (out->root && *p.at)
        refuse(&p, "and, or, for or the end");
    return out->root && !*p.at ? 0 : -1;
}
