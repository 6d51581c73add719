#include "load/locust_step.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/num.h"
#include "model/fingerprint.h"

static void put_text(struct js_writer *writer, const char *key, const char *text)
{
    if (text)
        js_put_string(writer, key, text);
    else
        js_put_raw(writer, key, "null");
}

/* ["name", "value"] */
static void put_pair(struct js_writer *writer, const char *name, const char *value)
{
    js_open(writer, NULL, '[');
    js_put_string(writer, NULL, name);
    js_put_string(writer, NULL, value);
    js_close(writer, ']');
}

static void put_pairs(struct js_writer *writer, const char *key, const struct scenario_pairs *pairs)
{
    js_open(writer, key, '[');
    for (size_t i = 0; i < pairs->n; i++)
        put_pair(writer, pairs->items[i].name, pairs->items[i].value);
    js_close(writer, ']');
}

/* ---- the head: what is nearest to the step counts ---- */

static bool has_field(const struct scenario_pairs *pairs, size_t from, const char *name)
{
    for (size_t i = from; i < pairs->n; i++)
        if (strcasecmp(pairs->items[i].name, name) == 0)
            return true;
    return false;
}

/* Fields of list `at` but those that come again behind them. */
static void put_fields(struct js_writer *writer, const struct scenario_pairs *const lists[4],
                       size_t at)
{
    for (size_t i = 0; i < lists[at]->n; i++) {
        const struct scenario_pair *pair = &lists[at]->items[i];
        bool again = has_field(lists[at], i + 1, pair->name);
        for (size_t later = at + 1; later < 4; later++)
            again = again || has_field(lists[later], 0, pair->name);
        if (!again)
            put_pair(writer, pair->name, pair->value);
    }
}

static void put_headers(struct js_writer *writer, const struct plan *plan,
                        const struct scenario_class *class, const struct scenario_step *source)
{
    struct scenario_pair defaults[4] = {{"User-Agent", "perfgate/" PERFGATE_VERSION},
                                        {"Accept", "*/*"}};
    struct scenario_pairs own = {2, defaults};
    if (plan->scenario->keep_alive == KEEP_ALIVE_NEVER)
        defaults[own.n++] = (struct scenario_pair){"Connection", "close"};
    if (source->body_kind == BODY_JSON)
        defaults[own.n++] = (struct scenario_pair){"Content-Type", "application/json"};
    if (source->body_kind == BODY_FORM)
        defaults[own.n++] =
            (struct scenario_pair){"Content-Type", "application/x-www-form-urlencoded"};
    const struct scenario_pairs *lists[4] = {&own, &plan->scenario->headers, &class->headers,
                                             &source->headers};
    js_open(writer, "headers", '[');
    for (size_t i = 0; i < 4; i++)
        put_fields(writer, lists, i);
    js_close(writer, ']');
}

static void put_auth(struct js_writer *writer, const struct plan *plan,
                     const struct scenario_class *class, const struct plan_step *step)
{
    static const struct scenario_auth none = {.kind = AUTH_NONE};
    const struct scenario_auth *auth = &step->source->auth;
    if (auth->kind == AUTH_UNSET)
        auth = &class->auth;
    if (auth->kind == AUTH_UNSET)
        auth = &plan->scenario->auth;
    if (step->origin != 0)
        auth = &none;
    bool basic = auth->kind == AUTH_BASIC, bearer = auth->kind == AUTH_BEARER;
    put_text(writer, "auth_kind", basic ? "basic" : bearer ? "bearer" : NULL);
    js_open(writer, "auth", '[');
    if (basic)
        js_put_string(writer, NULL, auth->user);
    if (basic || bearer)
        js_put_string(writer, NULL, auth->secret);
    js_close(writer, ']');
}

/* ---- captures and expectations ---- */

static void put_captures(struct js_writer *writer, const struct scenario_step *source)
{
    static const char *const kinds[] = {[CAPTURE_HEADER] = "header",
                                        [CAPTURE_COOKIE] = "cookie",
                                        [CAPTURE_JSON] = "json",
                                        [CAPTURE_REGEX] = "regex"};
    js_open(writer, "captures", '[');
    for (size_t i = 0; i < source->n_captures; i++) {
        const struct scenario_capture *capture = &source->captures[i];
        js_open(writer, NULL, '{');
        js_put_string(writer, "kind", kinds[capture->from]);
        js_put_string(writer, "variable", capture->variable);
        js_put_string(writer, "expression", capture->expression);
        js_put_int(writer, "group", capture->group);
        js_put_bool(writer, "optional", capture->optional);
        js_close(writer, '}');
    }
    js_close(writer, ']');
}

static void put_range(struct js_writer *writer, struct buf *words, int64_t low, int64_t high)
{
    js_open(writer, NULL, '[');
    js_put_int(writer, NULL, low);
    js_put_int(writer, NULL, high);
    js_close(writer, ']');
    buf_addf(words, "%s%" PRId64, words->len ? " or " : "", low);
    if (high != low)
        buf_addf(words, " to %" PRId64, high);
}

static void put_statuses(struct js_writer *writer, const struct scenario_step *source)
{
    struct buf words = {0};
    js_open(writer, "statuses", '[');
    for (size_t i = 0; i < source->n_expects; i++)
        if (source->expects[i].kind == EXPECT_STATUS)
            put_range(writer, &words, source->expects[i].status_low,
                      source->expects[i].status_high);
    if (!words.len)
        put_range(writer, &words, 200, 399);
    js_close(writer, ']');
    js_put_string(writer, "status_text", buf_text(&words));
    buf_release(&words);
}

static void put_limit(struct js_writer *writer, const struct scenario_step *source)
{
    struct buf words = {0};
    int64_t max_ns = 0;
    for (size_t i = 0; i < source->n_expects; i++)
        if (source->expects[i].kind == EXPECT_MAX_DURATION)
            max_ns = source->expects[i].max_ns;
    num_add_duration(&words, max_ns);
    js_put_number(writer, "max_s", (double)max_ns / (double)NS_PER_S);
    js_put_string(writer, "max_text", buf_text(&words));
    buf_release(&words);
}

static void put_expects(struct js_writer *writer, const struct scenario_step *source)
{
    js_open(writer, "expects", '[');
    for (size_t i = 0; i < source->n_expects; i++) {
        const struct scenario_expect *expect = &source->expects[i];
        if (expect->kind == EXPECT_STATUS || expect->kind == EXPECT_MAX_DURATION)
            continue;
        js_open(writer, NULL, '{');
        js_put_string(writer, "kind",
                      expect->kind == EXPECT_HEADER ? "header"
                      : expect->kind == EXPECT_JSON ? "json"
                                                    : "body_contains");
        put_text(writer, "name", expect->name);
        put_text(writer, "value", expect->value);
        js_close(writer, '}');
    }
    js_close(writer, ']');
    put_statuses(writer, source);
    put_limit(writer, source);
}

/* ---- the request ---- */

/* A path, or an absolute URL, without its fragment: the path, from its slash on. */
static const char *path_of(const char *text)
{
    const char *authority = *text == '/' ? NULL : strstr(text, "//");
    if (!authority)
        return text;
    return authority + 2 + strcspn(authority + 2, "/?#");
}

static void put_target(struct js_writer *writer, const struct plan *plan,
                       const struct plan_step *step)
{
    const char *path = path_of(step->source->path);
    struct buf text = {0};
    url_add_origin(&plan->arms[0].origins[step->origin].url, &text);
    js_put_string(writer, "base", buf_text(&text));
    buf_reset(&text);
    if (*path != '/')
        buf_add_char(&text, '/');
    buf_add(&text, path, strcspn(path, "#"));
    js_put_string(writer, "path", buf_text(&text));
    js_put_bool(writer, "other_host", step->origin != 0);
    put_pairs(writer, "query", &step->source->query);
    buf_release(&text);
}

static void put_body(struct js_writer *writer, const struct scenario_step *source)
{
    bool has_length = source->body_kind != BODY_NONE || strcmp(source->method, "POST") == 0 ||
                      strcmp(source->method, "PUT") == 0 || strcmp(source->method, "PATCH") == 0;
    bool text = source->body_kind == BODY_RAW || source->body_kind == BODY_JSON;
    put_text(writer, "body", text ? source->body : NULL);
    js_put_bool(writer, "body_is_json", source->body_kind == BODY_JSON);
    put_pairs(writer, "form", &source->form);
    js_put_bool(writer, "has_length", has_length);
}

void locust_put_step(struct js_writer *writer, const struct plan *plan,
                     const struct scenario_class *class, const struct plan_step *step)
{
    const struct scenario_step *source = step->source;
    js_open(writer, NULL, '{');
    js_put_string(writer, "method", source->method);
    js_put_string(writer, "name", source->name);
    put_target(writer, plan, step);
    put_body(writer, source);
    put_headers(writer, plan, class, source);
    put_auth(writer, plan, class, step);
    put_captures(writer, source);
    put_expects(writer, source);
    js_put_bool(writer, "redirects", step->follow);
    js_open(writer, "repeat", '[');
    js_put_int(writer, NULL, source->repeat_low);
    js_put_int(writer, NULL, source->repeat_high);
    js_close(writer, ']');
    js_put_number(writer, "taken", source->taken);
    js_close(writer, '}');
}
