#include "load/extract.h"

#include <inttypes.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_pointer.h"
#include "base/num.h"
#include "load/json_value.h"

struct extract_capture {
    const struct scenario_capture *source;
    int slot;
    struct json_pointer pointer;
    regex_t regex;
    bool regex_compiled; /* then it must be freed */
};

struct extract_expect {
    const struct scenario_expect *source;
    struct json_pointer pointer;
    struct js_doc *wanted; /* NULL: any value */
};

/* ---- compiling ---- */

static const unsigned capture_needs[] = {
    [CAPTURE_HEADER] = EXTRACT_HEAD,
    [CAPTURE_COOKIE] = 0,
    [CAPTURE_JSON] = EXTRACT_BODY | EXTRACT_HEAD,
    [CAPTURE_REGEX] = EXTRACT_BODY | EXTRACT_HEAD,
};

static const unsigned expect_needs[] = {
    [EXPECT_STATUS] = 0,
    [EXPECT_HEADER] = EXTRACT_HEAD,
    [EXPECT_BODY_CONTAINS] = EXTRACT_BODY | EXTRACT_HEAD,
    [EXPECT_JSON] = EXTRACT_BODY | EXTRACT_HEAD,
    [EXPECT_MAX_DURATION] = 0,
};

/* regcomp() unrolls counted repetitions, and nested ones multiply: without a limit a short
 * expression takes all memory there is. */
#define REPEAT_LIMIT 10000

/* The larger number of "{2}" or "{2,5}"; 0 where the brace is text. */
static unsigned long most_repeats(const char *brace)
{
    size_t len = strspn(brace + 1, "0123456789,");
    if (!len || brace[1 + len] != '}')
        return 0;
    const char *comma = memchr(brace + 1, ',', len);
    unsigned long least = strtoul(brace + 1, NULL, 10);
    unsigned long most = comma ? strtoul(comma + 1, NULL, 10) : 0;
    return most > least ? most : least;
}

/* Only groups can be nested: of the counts behind anything else the largest is what they add. */
static bool repeats_too_much(const char *expression)
{
    unsigned long groups = 1, single = 1;
    for (const char *at = strchr(expression, '{'); at; at = strchr(at + 1, '{')) {
        unsigned long most = most_repeats(at);
        bool group = at > expression && at[-1] == ')';
        if (most > REPEAT_LIMIT)
            return true;
        if (group && most)
            groups *= most;
        else if (most > single)
            single = most;
        if (groups * single > REPEAT_LIMIT)
            return true;
    }
    return false;
}

static int compile_regex(struct extract_capture *capture, struct err *err)
{
    const struct scenario_capture *source = capture->source;
    if (repeats_too_much(source->expression))
        return err_set(err, ERR_INPUT,
                       "the counts in braces of '%s' multiply to more than %d; repeat less",
                       source->expression, REPEAT_LIMIT);
    int code = regcomp(&capture->regex, source->expression, REG_EXTENDED | REG_NEWLINE);
    if (code) {
        char why[128];
        regerror(code, &capture->regex, why, sizeof(why));
        return err_set(err, ERR_INPUT, "'%s' is no POSIX extended regular expression: %s",
                       source->expression, why);
    }
    capture->regex_compiled = true;
    if (source->group < 0 || source->group >= EXTRACT_GROUP_LIMIT ||
        (size_t)source->group > capture->regex.re_nsub)
        return err_set(err, ERR_INPUT,
                       "group %" PRId64 " is not in '%s', which has %zu: put it in parentheses, or "
                       "ask for group 0",
                       source->group, source->expression, capture->regex.re_nsub);
    return 0;
}

static int compile_capture(struct extract *extract, struct extract_capture *capture,
                           const struct vars *vars, struct err *err)
{
    const struct scenario_capture *source = capture->source;
    capture->slot = vars_find(vars, source->variable, strlen(source->variable));
    extract->needs |= capture_needs[source->from];
    if (capture->slot < 0)
        return err_set(err, ERR_INPUT, "its variable is not known");
    if (source->from == CAPTURE_REGEX)
        return compile_regex(capture, err);
    if (source->from == CAPTURE_JSON)
        return json_pointer_compile(&capture->pointer, source->expression, &extract->arena, err);
    return 0;
}

static int compile_captures(struct extract *extract, const struct scenario_step *step,
                            const struct vars *vars, struct err *err)
{
    extract->captures = arena_array(&extract->arena, step->n_captures, sizeof(*extract->captures));
    for (size_t i = 0; i < step->n_captures; i++) {
        struct extract_capture *capture = &extract->captures[extract->n_captures++];
        capture->source = &step->captures[i];
        if (compile_capture(extract, capture, vars, err))
            return err_prefix(err, "capture '%s': ", step->captures[i].variable);
    }
    return 0;
}

static int compile_json(struct extract *extract, struct extract_expect *expect, struct err *err)
{
    const struct scenario_expect *source = expect->source;
    if (json_pointer_compile(&expect->pointer, source->name, &extract->arena, err))
        return -1;
    return source->value ? js_parse(source->value, strlen(source->value), "expected value",
                                    &expect->wanted, err)
                         : 0;
}

static int compile_expects(struct extract *extract, const struct scenario_step *step,
                           struct err *err)
{
    extract->expects = arena_array(&extract->arena, step->n_expects, sizeof(*extract->expects));
    for (size_t i = 0; i < step->n_expects; i++) {
        const struct scenario_expect *source = &step->expects[i];
        extract->needs |= expect_needs[source->kind];
        if (source->kind == EXPECT_MAX_DURATION)
            extract->max_ns = source->max_ns;
        if (source->kind == EXPECT_STATUS || source->kind == EXPECT_MAX_DURATION)
            continue;
        struct extract_expect *expect = &extract->expects[extract->n_expects++];
        expect->source = source;
        if (source->kind == EXPECT_JSON && compile_json(extract, expect, err))
            return err_prefix(err, "expectation: ");
    }
    return 0;
}

static void compile_statuses(struct extract *extract, const struct scenario_step *step)
{
    struct extract_range *ranges =
        arena_array(&extract->arena, step->n_expects + 1, sizeof(*ranges));
    struct buf words = {0};
    for (size_t i = 0; i < step->n_expects; i++) {
        const struct scenario_expect *expect = &step->expects[i];
        if (expect->kind == EXPECT_STATUS)
            ranges[extract->n_ranges++] =
                (struct extract_range){expect->status_low, expect->status_high};
    }
    if (!extract->n_ranges)
        ranges[extract->n_ranges++] = (struct extract_range){200, 399};
    for (size_t i = 0; i < extract->n_ranges; i++) {
        buf_addf(&words, "%s%" PRId64, i ? " or " : "", ranges[i].low);
        if (ranges[i].high != ranges[i].low)
            buf_addf(&words, " to %" PRId64, ranges[i].high);
    }
    extract->ranges = ranges;
    extract->statuses = arena_strdup(&extract->arena, buf_text(&words));
    buf_release(&words);
}

int extract_compile(struct extract *extract, const struct scenario_step *step,
                    const struct vars *vars, struct err *err)
{
    *extract = (struct extract){0};
    compile_statuses(extract, step);
    if (compile_captures(extract, step, vars, err))
        return -1;
    return compile_expects(extract, step, err);
}

void extract_release(struct extract *extract)
{
    for (size_t i = 0; i < extract->n_captures; i++)
        if (extract->captures[i].regex_compiled)
            regfree(&extract->captures[i].regex);
    for (size_t i = 0; i < extract->n_expects; i++)
        if (extract->expects[i].wanted)
            js_free(extract->expects[i].wanted);
    arena_release(&extract->arena);
    *extract = (struct extract){0};
}

/* ---- running ---- */

/* A response while it is looked into; its body is parsed as JSON when first asked for. */
struct look {
    struct extract_response response; /* its body decoded */
    struct js_doc *json;
    bool json_tried;
};

static bool root_of(struct look *look, struct js_at *root)
{
    if (!look->json_tried) {
        struct err unused;
        unused.code = ERR_NONE;
        look->json_tried = true;
        if (look->response.body.len &&
            js_parse(look->response.body.at, look->response.body.len, "body", &look->json, &unused))
            look->json = NULL;
    }
    if (look->json)
        *root = js_root(look->json);
    return look->json != NULL;
}

static bool contains(struct span text, const char *part)
{
    size_t len = strlen(part);
    return !len || (text.len >= len && memmem(text.at, text.len, part, len));
}

static int expect_header(const struct look *look, const struct scenario_expect *expect,
                         struct err *why)
{
    struct span value;
    size_t cursor = 0;
    bool found = false;
    while (head_next(look->response.head, expect->name, &cursor, &value)) {
        found = true;
        if (!expect->value || contains(value, expect->value))
            return 0;
    }
    if (!found)
        return err_set(why, ERR_TARGET, "expected a header '%s', found none", expect->name);
    return err_set(why, ERR_TARGET,
                   "expected a header '%s' that contains '%s', found another value", expect->name,
                   expect->value);
}

static int expect_json(struct look *look, const struct extract_expect *expect, struct err *why)
{
    const struct scenario_expect *source = expect->source;
    struct js_at root, found;
    if (!root_of(look, &root))
        return err_set(why, ERR_TARGET, "expected a JSON body, found none");
    if (!json_pointer_find(&expect->pointer, &root, &found))
        return err_set(why, ERR_TARGET, "expected a JSON value at '%s', found none", source->name);
    if (!expect->wanted)
        return 0;
    struct js_at wanted = js_root(expect->wanted);
    if (json_equal(&found, &wanted))
        return 0;
    return err_set(why, ERR_TARGET, "expected the JSON value %s at '%s', found another",
                   source->value, source->name);
}

static int check_expect(struct look *look, const struct extract_expect *expect, struct err *why)
{
    const struct scenario_expect *source = expect->source;
    if (source->kind == EXPECT_HEADER)
        return expect_header(look, source, why);
    if (source->kind == EXPECT_JSON)
        return expect_json(look, expect, why);
    if (contains(look->response.body, source->value))
        return 0;
    return err_set(why, ERR_TARGET, "expected a body that contains '%s'", source->value);
}

static bool match_regex(const struct extract_capture *capture, struct span body, struct span *value)
{
    regmatch_t matches[EXTRACT_GROUP_LIMIT];
    size_t group = (size_t)capture->source->group;
    size_t len = body.len < EXTRACT_REGEX_LIMIT ? body.len : EXTRACT_REGEX_LIMIT;
    const char *text = body.len ? body.at : "";
    matches[0] = (regmatch_t){.rm_so = 0, .rm_eo = (regoff_t)len};
    if (regexec(&capture->regex, text, group + 1, matches, REG_STARTEND) ||
        matches[group].rm_so < 0)
        return false;
    *value = (struct span){text + matches[group].rm_so,
                           (size_t)(matches[group].rm_eo - matches[group].rm_so)};
    return true;
}

/* A string as it is, other values as JSON text in `scratch`. */
static bool match_json(const struct extract_capture *capture, struct look *look,
                       struct buf *scratch, struct span *value)
{
    struct js_at root, at;
    struct err unused;
    const char *text = "";
    unused.code = ERR_NONE;
    if (!root_of(look, &root) || !json_pointer_find(&capture->pointer, &root, &at))
        return false;
    if (js_kind(&at) == JS_K_STRING) {
        if (js_get_string(&at, &text, &unused))
            return false;
    } else {
        js_dump(&at, scratch);
        text = buf_text(scratch);
    }
    *value = (struct span){text, strlen(text)};
    return true;
}

static bool match(const struct extract_capture *capture, struct look *look,
                  const struct cookie_jar *jar, struct buf *scratch, struct span *value)
{
    const struct scenario_capture *source = capture->source;
    switch ((enum capture_from)source->from) {
    case CAPTURE_HEADER:
        return head_find(look->response.head, source->expression, value);
    case CAPTURE_COOKIE:
        return jar && cookie_jar_find(jar, source->expression, value);
    case CAPTURE_JSON:
        return match_json(capture, look, scratch, value);
    case CAPTURE_REGEX:
        return match_regex(capture, look->response.body, value);
    }
    return false;
}

static int run_capture(const struct extract_capture *capture, struct look *look,
                       const struct cookie_jar *jar, const struct vars *vars, struct values *values,
                       struct err *why)
{
    static const char *const kinds[] = {
        [CAPTURE_HEADER] = "header",
        [CAPTURE_COOKIE] = "cookie",
        [CAPTURE_JSON] = "JSON value",
        [CAPTURE_REGEX] = "regular expression",
    };
    const struct scenario_capture *source = capture->source;
    struct buf scratch = {0};
    struct span value;
    int result = 0;
    if (match(capture, look, jar, &scratch, &value)) {
        if (values_set(values, vars, capture->slot, value))
            result = err_set(why, ERR_TARGET, "what is captured as '%s' is over 64 KiB",
                             source->variable);
    } else if (!source->optional) {
        result = err_set(why, ERR_TARGET, "found nothing to capture as '%s' (%s '%s')",
                         source->variable, kinds[source->from], source->expression);
    }
    buf_release(&scratch);
    return result;
}

bool extract_status_is_good(const struct extract *extract, int status)
{
    for (size_t i = 0; i < extract->n_ranges; i++)
        if (status >= extract->ranges[i].low && status <= extract->ranges[i].high)
            return true;
    return false;
}

static int check_status(const struct extract *extract, int status, struct err *why)
{
    if (extract_status_is_good(extract, status))
        return 0;
    return err_set(why, ERR_TARGET, "expected status %s, found %d", extract->statuses, status);
}

/* The time that it took is left out, so that equal failures have equal messages. */
static int check_duration(const struct extract *extract, int64_t duration_ns, struct err *why)
{
    struct buf limit = {0};
    if (!extract->max_ns || duration_ns <= extract->max_ns)
        return 0;
    num_add_duration(&limit, extract->max_ns);
    err_set(why, ERR_TARGET, "expected a response within %s", buf_text(&limit));
    buf_release(&limit);
    return -1;
}

static int read_body(struct extract_response *response, struct err *why)
{
    if (response->body_cut)
        return err_set(why, ERR_TARGET, "the body is over 8 MiB and is not looked into");
    return coding_undo(response->head, response->space, &response->body, why);
}

int extract_run(const struct extract *extract, const struct extract_response *response,
                const struct cookie_jar *jar, const struct vars *vars, struct values *values,
                struct err *why)
{
    struct look look = {.response = *response};
    int result = check_status(extract, response->status, why);
    if (!result)
        result = check_duration(extract, response->duration_ns, why);
    if (!result && extract->needs & EXTRACT_BODY)
        result = read_body(&look.response, why);
    for (size_t i = 0; i < extract->n_expects && !result; i++)
        result = check_expect(&look, &extract->expects[i], why);
    for (size_t i = 0; i < extract->n_captures && !result; i++)
        result = run_capture(&extract->captures[i], &look, jar, vars, values, why);
    if (look.json)
        js_free(look.json);
    return result;
}
