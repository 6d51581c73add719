#include "load/template.h"

#include <string.h>

/* ---- escaping: each appends `len` bytes of `text`; -1 where they cannot stand in the place ----
 */

static const char hex[] = "0123456789ABCDEF";

static bool is_alphanumeric(char c)
{
    char lower = (char)(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

static void add_percent(struct buf *out, char c)
{
    const char text[3] = {'%', hex[(unsigned char)c >> 4], hex[c & 15]};
    buf_add(out, text, sizeof(text));
}

static int add_raw(struct buf *out, const char *text, size_t len)
{
    buf_add(out, text, len);
    return 0;
}

/* A path that somebody wrote: only what cannot stand in a request line is encoded. */
static int add_path(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] > ' ' && text[i] < 0x7f)
            buf_add_char(out, text[i]);
        else
            add_percent(out, text[i]);
    }
    return 0;
}

/* RFC 3986, 2.3: all but the unreserved characters are encoded. */
static int add_component(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (is_alphanumeric(text[i]) || (text[i] && strchr("-._~", text[i])))
            buf_add_char(out, text[i]);
        else
            add_percent(out, text[i]);
    }
    return 0;
}

/* The URL Standard, "application/x-www-form-urlencoded percent-encode set". */
static int add_form(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (is_alphanumeric(text[i]) || (text[i] && strchr("*-._", text[i])))
            buf_add_char(out, text[i]);
        else if (text[i] == ' ')
            buf_add_char(out, '+');
        else
            add_percent(out, text[i]);
    }
    return 0;
}

static int add_header(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\r' || text[i] == '\n' || !text[i])
            return -1;
    buf_add(out, text, len);
    return 0;
}

/* RFC 8259, 7: the content of a string, without its quotes. */
static int add_json(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        const char pair[2] = {'\\', (char)c};
        if (c == '"' || c == '\\')
            buf_add(out, pair, sizeof(pair));
        else if (c < 0x20)
            buf_addf(out, "\\u%04x", c);
        else
            buf_add_char(out, (char)c);
    }
    return 0;
}

/* The HTML standard, 4.10.22.8. */
static int add_part(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\r' || text[i] == '\n')
            add_percent(out, text[i]);
        else
            buf_add_char(out, text[i]);
    }
    return 0;
}

static const struct {
    int (*add_literal)(struct buf *out, const char *text, size_t len);
    int (*add_value)(struct buf *out, const char *text, size_t len);
} contexts[] = {
    [TEMPLATE_RAW] = {add_raw, add_raw},
    [TEMPLATE_PATH] = {add_path, add_component},
    [TEMPLATE_QUERY] = {add_component, add_component},
    [TEMPLATE_FORM] = {add_form, add_form},
    [TEMPLATE_HEADER] = {add_header, add_header},
    [TEMPLATE_JSON] = {add_raw, add_json},
    [TEMPLATE_PART] = {add_part, add_part},
};

/* ---- compiling ---- */

struct compiler {
    struct template *template;
    enum template_context context;
    const struct vars *vars;
    struct arena *arena;
    struct buf literal; /* escaped, not yet a segment */
};

static struct template_segment *add_segment(struct template *template, struct arena *arena)
{
    if (template->n == template->capacity) {
        size_t capacity = template->capacity ? 2 * template->capacity : 4;
        struct template_segment *segments = arena_array(arena, capacity, sizeof(*segments));
        if (template->segments)
            memcpy(segments, template->segments, template->n * sizeof(*segments));
        template->segments = segments;
        template->capacity = capacity;
    }
    return &template->segments[template->n++];
}

void template_add_literal(struct template *template, const char *text, size_t len,
                          struct arena *arena)
{
    struct template_segment *last = template->n ? &template->segments[template->n - 1] : NULL;
    if (!len)
        return;
    if (!last || !last->text || last->alone) {
        last = add_segment(template, arena);
        *last = (struct template_segment){.text = "", .slot = -1};
    }
    char *joined = arena_array(arena, last->len + len + 1, 1);
    memcpy(joined, last->text, last->len);
    memcpy(joined + last->len, text, len);
    last->text = joined;
    last->len += len;
}

void template_add_borrowed(struct template *template, struct span text, struct arena *arena)
{
    if (text.len)
        *add_segment(template, arena) =
            (struct template_segment){.text = text.at, .len = text.len, .slot = -1, .alone = true};
}

static void flush(struct compiler *compiler)
{
    template_add_literal(compiler->template, buf_text(&compiler->literal), compiler->literal.len,
                         compiler->arena);
    buf_reset(&compiler->literal);
}

static int add_text(struct compiler *compiler, const char *text, size_t len, struct err *err)
{
    if (contexts[compiler->context].add_literal(&compiler->literal, text, len))
        return err_set(err, ERR_INPUT, "a header cannot hold a line break: remove it");
    return 0;
}

/* A name found in the environment becomes part of the literal. */
static int add_environment(struct compiler *compiler, const char *name, size_t len, struct err *err)
{
    const struct vars *vars = compiler->vars;
    const char *key = arena_strndup(compiler->arena, name, len);
    const char *dot = strchr(key, '.');
    if (dot)
        return err_set(err, ERR_INPUT,
                       "'${%s}': the feed has no column '%s'; the first line of its file names the "
                       "columns",
                       key, dot + 1);
    const char *value = vars->lookup ? vars->lookup(vars->context, key) : NULL;
    if (!value)
        return err_set(err, ERR_INPUT,
                       "'${%s}' is neither captured nor declared nor set in the environment: set "
                       "it (only names TEST_*, LOAD_TEST_* and those given by --env are read)",
                       key);
    if (contexts[compiler->context].add_value(&compiler->literal, value, strlen(value)))
        return err_set(err, ERR_INPUT,
                       "the environment's '%s' holds a line break, which a header cannot: "
                       "remove it",
                       key);
    return 0;
}

static int add_variable(struct compiler *compiler, const char *name, size_t len, struct err *err)
{
    int slot = vars_find(compiler->vars, name, len);
    if (slot < 0)
        return add_environment(compiler, name, len, err);
    flush(compiler);
    *add_segment(compiler->template, compiler->arena) =
        (struct template_segment){.slot = slot, .context = compiler->context};
    return 0;
}

/* "variable" or "feed.column"; the name of a column may have dashes. */
static size_t name_length(const char *text)
{
    size_t len = 0;
    while (is_alphanumeric(text[len]) || text[len] == '_')
        len++;
    if (!len || text[len] != '.')
        return len;
    do
        len++;
    while (is_alphanumeric(text[len]) || text[len] == '_' || text[len] == '-');
    return len;
}

/* Compiles from `text` up to and with the next `${…}`; sets *rest behind it. */
static int add_up_to_variable(struct compiler *compiler, const char *text, const char **rest,
                              struct err *err)
{
    const char *mark = strstr(text, "${");
    if (!mark) {
        *rest = text + strlen(text);
        return add_text(compiler, text, strlen(text), err);
    }
    if (mark > text && mark[-1] == '$') {
        *rest = mark + 2;
        return add_text(compiler, text, (size_t)(mark - 1 - text), err) ||
                       add_text(compiler, "${", 2, err)
                   ? -1
                   : 0;
    }
    size_t len = name_length(mark + 2);
    if (!len || mark[2 + len] != '}')
        return err_set(err, ERR_INPUT,
                       "'%.20s' is not of the form ${name}, with letters, digits and '_': close "
                       "it, or write $${ for a literal ${",
                       mark);
    *rest = mark + 2 + len + 1;
    return add_text(compiler, text, (size_t)(mark - text), err) ||
                   add_variable(compiler, mark + 2, len, err)
               ? -1
               : 0;
}

int template_add(struct template *template, const char *text, enum template_context context,
                 const struct vars *vars, struct arena *arena, struct err *err)
{
    struct compiler compiler = {template, context, vars, arena, {0}};
    int failed = 0;
    while (*text && !failed)
        failed = add_up_to_variable(&compiler, text, &text, err);
    flush(&compiler);
    buf_release(&compiler.literal);
    return failed;
}

/* ---- rendering ---- */

bool template_is_fixed(const struct template *template)
{
    for (size_t i = 0; i < template->n; i++)
        if (!template->segments[i].text)
            return false;
    return true;
}

size_t template_length(const struct template *template)
{
    size_t len = 0;
    for (size_t i = 0; i < template->n; i++)
        len += template->segments[i].len;
    return len;
}

uint32_t template_feeds(const struct template *template, const struct vars *vars)
{
    uint32_t feeds = 0;
    for (size_t i = 0; i < template->n; i++) {
        const struct template_segment *segment = &template->segments[i];
        if (!segment->text && vars->items[segment->slot].feed)
            feeds |= UINT32_C(1) << vars->items[segment->slot].feed_number;
    }
    return feeds;
}

static int render_variable(const struct template_segment *segment, const struct fill *fill,
                           struct buf *out, struct err *err)
{
    char scratch[FILL_SCRATCH];
    struct span value;
    const char *name = fill->vars->items[segment->slot].name;
    if (fill_value(fill, segment->slot, scratch, &value))
        return err_set(err, ERR_INPUT, "'${%s}' has no value yet: nothing captured it", name);
    if (contexts[segment->context].add_value(out, value.at, value.len))
        return err_set(err, ERR_INPUT,
                       "the value of '${%s}' holds a line break, which a header "
                       "cannot",
                       name);
    return 0;
}

int template_render(const struct template *template, const struct fill *fill, struct buf *out,
                    struct err *err)
{
    for (size_t i = 0; i < template->n; i++) {
        const struct template_segment *segment = &template->segments[i];
        if (segment->text)
            buf_add(out, segment->text, segment->len);
        else if (render_variable(segment, fill, out, err))
            return -1;
    }
    return 0;
}
