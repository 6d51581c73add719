#include "load/step.h"

#include <string.h>
#include <strings.h>

#include "load/multipart.h"
#include "load/trace.h"

/* The header fields of a step; each name once, in the order in which they first came. */
struct fields {
    size_t n;
    struct scenario_pair *items;
};

/* ---- header fields ---- */

static bool is_token(const char *text)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return *text && !text[strspn(text, token)];
}

static struct scenario_pair *find_field(const struct fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->n; i++)
        if (!strcasecmp(fields->items[i].name, name))
            return &fields->items[i];
    return NULL;
}

/* The array has room for all fields that can come. */
static void put_field(struct fields *fields, const char *name, const char *value)
{
    struct scenario_pair *field = find_field(fields, name);
    if (!field)
        field = &fields->items[fields->n++];
    *field = (struct scenario_pair){name, value};
}

static int put_fields(struct fields *fields, const struct scenario_pairs *pairs, bool traced,
                      struct err *err)
{
    for (size_t i = 0; i < pairs->n; i++) {
        const char *name = pairs->items[i].name;
        if (!is_token(name))
            return err_set(err, ERR_INPUT, "'%s' cannot name a header: use letters, digits and '-'",
                           name);
        if (!strcasecmp(name, "Content-Length") || !strcasecmp(name, "Transfer-Encoding"))
            return err_set(err, ERR_INPUT, "the header '%s' is set by perfgate: remove it", name);
        if (traced && (!strcasecmp(name, TRACE_FIELD) || !strcasecmp(name, "tracestate")))
            return err_set(err, ERR_INPUT,
                           "there are \"trace\" and a header '%s': keep one of them", name);
        put_field(fields, name, pairs->items[i].value);
    }
    return 0;
}

/* Contexts go to the target only, as credentials do. */
static bool is_traced(const struct step_context *context)
{
    return context->scenario->trace.sample > 0 && !context->is_other_host;
}

/* The trace context comes first (step_trace_at()). */
static void put_trace(struct fields *fields, const struct step_context *context)
{
    put_field(fields, TRACE_FIELD, TRACE_BLANK);
    put_field(fields, "tracestate", arena_printf(context->arena, "perfgate=%s", context->run_id));
}

static void put_default_fields(struct fields *fields, const struct scenario_step *source,
                               const struct step_context *context)
{
    static const char *const content_types[] = {
        [BODY_JSON] = "application/json",
        [BODY_FORM] = "application/x-www-form-urlencoded",
    };
    struct buf host = {0};
    url_add_authority(context->target, &host);
    put_field(fields, "Host", arena_strdup(context->arena, buf_text(&host)));
    buf_release(&host);
    put_field(fields, "User-Agent", context->user_agent);
    put_field(fields, "Accept", "*/*");
    if (context->scenario->keep_alive == KEEP_ALIVE_NEVER)
        put_field(fields, "Connection", "close");
    if (source->body_kind == BODY_JSON || source->body_kind == BODY_FORM)
        put_field(fields, "Content-Type", content_types[source->body_kind]);
    if (source->body_kind == BODY_MULTIPART)
        put_field(fields, "Content-Type",
                  arena_printf(context->arena, "multipart/form-data; boundary=%s",
                               multipart_boundary(source, context->arena)));
}

enum { DEFAULT_FIELDS = 7 };

static int collect_fields(struct fields *fields, const struct scenario_step *source,
                          const struct step_context *context, struct err *err)
{
    static const struct scenario_pairs none;
    const struct scenario_pairs *lists[] = {&context->scenario->headers,
                                            context->class ? &context->class->headers : &none,
                                            &source->headers};
    size_t most = DEFAULT_FIELDS;
    for (size_t i = 0; i < 3; i++)
        most += lists[i]->n;
    fields->items = arena_array(context->arena, most, sizeof(*fields->items));
    if (is_traced(context))
        put_trace(fields, context);
    put_default_fields(fields, source, context);
    for (size_t i = 0; i < 3; i++)
        if (put_fields(fields, lists[i], is_traced(context), err))
            return -1;
    return 0;
}

/* ---- the parts of a request ---- */

static int add(struct template *template, const char *text, enum template_context kind,
               const struct step_context *context, struct err *err)
{
    return template_add(template, text, kind, context->vars, context->arena, err);
}

static void add_literal(struct template *template, const char *text,
                        const struct step_context *context)
{
    template_add_literal(template, text, strlen(text), context->arena);
}

/* `name=value` pairs joined by '&', for a query or a form; `before` stands before the first. */
static int add_pairs(struct template *template, const struct scenario_pairs *pairs,
                     const char *before, enum template_context kind,
                     const struct step_context *context, struct err *err)
{
    for (size_t i = 0; i < pairs->n; i++) {
        const struct scenario_pair *pair = &pairs->items[i];
        add_literal(template, i ? "&" : before, context);
        if (add(template, pair->name, kind, context, err))
            return -1;
        add_literal(template, "=", context);
        if (add(template, pair->value, kind, context, err))
            return err_prefix(err, "'%s': ", pair->name);
    }
    return 0;
}

/* The path of an absolute URL or a path, without its fragment. */
static const char *path_of(const char *text, struct arena *arena)
{
    const char *path = text;
    if (*text != '/') {
        const char *authority = strstr(text, "//");
        path = authority ? authority + 2 : text;
        path += strcspn(path, "/?#");
    }
    size_t len = strcspn(path, "#");
    return arena_printf(arena, "%s%.*s", *path == '/' ? "" : "/", (int)len, path);
}

static int compile_line(struct step *step, const struct step_context *context, struct err *err)
{
    const struct scenario_step *source = step->source;
    const char *path = path_of(source->path, context->arena);
    if (!is_token(source->method))
        return err_set(err, ERR_INPUT, "'%s' is no method: use GET, POST, …", source->method);
    add_literal(&step->line, source->method, context);
    add_literal(&step->line, " ", context);
    if (add(&step->line, path, TEMPLATE_PATH, context, err))
        return err_prefix(err, "path: ");
    if (add_pairs(&step->line, &source->query, strchr(path, '?') ? "&" : "?", TEMPLATE_QUERY,
                  context, err))
        return err_prefix(err, "query: ");
    add_literal(&step->line, STEP_LINE_END, context);
    return 0;
}

static int compile_body(struct step *step, const struct step_context *context, struct err *err)
{
    const struct scenario_step *source = step->source;
    const char *text = source->body ? source->body : "";
    int failed = 0;
    if (source->body_kind == BODY_FORM)
        failed = add_pairs(&step->body, &source->form, "", TEMPLATE_FORM, context, err);
    else if (source->body_kind == BODY_MULTIPART)
        failed = multipart_add(&step->body, source, context, err);
    else if (source->body_kind != BODY_NONE)
        failed = add(&step->body, text,
                     source->body_kind == BODY_JSON ? TEMPLATE_JSON : TEMPLATE_RAW, context, err);
    step->body_fixed = template_is_fixed(&step->body);
    return failed ? err_prefix(err, "body: ") : 0;
}

/* A request that could have a body says how long it is, also where it is empty (RFC 9110, 8.6). */
static bool has_length(const struct scenario_step *source)
{
    return source->body_kind != BODY_NONE || !strcmp(source->method, "POST") ||
           !strcmp(source->method, "PUT") || !strcmp(source->method, "PATCH");
}

static int compile_auth(struct step *step, const struct fields *fields,
                        const struct step_context *context, struct err *err)
{
    static const struct scenario_auth none;
    const struct scenario_auth *levels[] = {&step->source->auth,
                                            context->class ? &context->class->auth : &none,
                                            &context->scenario->auth};
    size_t at = 0;
    while (at < 2 && levels[at]->kind == AUTH_UNSET)
        at++;
    if (context->is_other_host || levels[at]->kind == AUTH_UNSET || levels[at]->kind == AUTH_NONE)
        return 0;
    if (find_field(fields, "Authorization"))
        return err_set(err, ERR_INPUT,
                       "there are \"auth\" and a header 'Authorization': keep one of them, or set "
                       "\"auth\" to null here");
    return auth_compile(&step->auth, levels[at], &step->head, context->vars, context->arena, err);
}

static int compile_head(struct step *step, const struct step_context *context, struct err *err)
{
    struct fields fields = {0};
    if (collect_fields(&fields, step->source, context, err))
        return -1;
    for (size_t i = 0; i < fields.n; i++) {
        add_literal(&step->head, fields.items[i].name, context);
        add_literal(&step->head, ": ", context);
        if (add(&step->head, fields.items[i].value, TEMPLATE_HEADER, context, err))
            return err_prefix(err, "header '%s': ", fields.items[i].name);
        add_literal(&step->head, "\r\n", context);
    }
    if (compile_auth(step, &fields, context, err) < 0)
        return -1;
    if (step->body_fixed && has_length(step->source))
        add_literal(
            &step->head,
            arena_printf(context->arena, "Content-Length: %zu\r\n", template_length(&step->body)),
            context);
    step->has_cookie_header = find_field(&fields, "Cookie") != NULL;
    return 0;
}

static void render_fixed(struct step *step, const struct step_context *context)
{
    struct buf out = {0};
    struct err unused = {0};
    const struct fill nothing = {0};
    if (!template_is_fixed(&step->line) || !template_is_fixed(&step->head) || step->auth.varies ||
        !step->body_fixed)
        return;
    if (!step_render(step, &nothing, NULL, &out, &step->fixed_parts, &unused))
        step->fixed =
            (struct span){arena_strndup(context->arena, buf_text(&out), out.len), out.len};
    buf_release(&out);
}

int step_compile(struct step *step, const struct scenario_step *source,
                 const struct step_context *context, struct err *err)
{
    *step = (struct step){
        .source = source,
        .is_head = !strcmp(source->method, "HEAD"),
        .is_secure = context->target->is_secure,
        .is_traced = is_traced(context),
    };
    if (compile_line(step, context, err) || compile_body(step, context, err) ||
        compile_head(step, context, err))
        return -1;
    render_fixed(step, context);
    return 0;
}
