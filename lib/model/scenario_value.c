#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/num.h"
#include "model/scenario_shape.h"
#include "model/tags_field.h"

#define NAME_LIMIT   200
#define MAX_SECONDS  (365.0 * 86400)
#define LETTERS      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS       "0123456789"
#define TOKEN_OTHERS "!#$%&'*+-.^_`|~"

int scenario_decode_duration(const struct js_at *at, void *out, struct arena *arena,
                             struct err *err)
{
    (void)arena;
    const char *text;
    struct err parse = {0};
    if (js_kind(at) == JS_K_NUMBER) {
        double seconds;
        if (js_get_number(at, 0, MAX_SECONDS, &seconds, err) < 0)
            return -1;
        *(int64_t *)out = (int64_t)(seconds * (double)NS_PER_S + 0.5);
        return 0;
    }
    if (js_get_string(at, &text, err) < 0)
        return -1;
    if (num_parse_duration(text, "duration", out, &parse) < 0)
        return js_fail(at, err,
                       "expected a duration up to 365 days such as \"90s\", \"250ms\" or "
                       "\"1h30m\", found '%.40s'",
                       text);
    return 0;
}

bool scenario_has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

int scenario_decode_name(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    const char *text;
    if (js_get_string(at, &text, err) < 0)
        return -1;
    if (!*text || strlen(text) > NAME_LIMIT || scenario_has_control(text))
        return js_fail(at, err,
                       "expected a name of 1 to %d bytes without control characters, found '%.80s'",
                       NAME_LIMIT, text);
    *(const char **)out = arena_strdup(arena, text);
    return 0;
}

int scenario_check_token(const struct js_at *at, const char *text, const char *what,
                         struct err *err)
{
    if (*text && !text[strspn(text, LETTERS DIGITS TOKEN_OTHERS)])
        return 0;
    return js_fail(at, err, "expected %s, found '%.80s'", what, text);
}

int scenario_check_variable(const struct js_at *at, const char *name, struct err *err)
{
    if (*name && !strchr(DIGITS, *name) && !name[strspn(name, LETTERS DIGITS "_")])
        return 0;
    return js_fail(at, err, "expected a variable's name of letters, digits and '_', found '%.80s'",
                   name);
}

int scenario_decode_pairs(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_pairs *pairs = out;
    void *cursor = NULL;
    struct js_at member;
    if (js_expect_object(at, err) < 0)
        return -1;
    pairs->items = arena_array(arena, js_count(at), sizeof *pairs->items);
    while (js_next(at, &cursor, &member)) {
        const char *value;
        if (js_get_string(&member, &value, err) < 0)
            return -1;
        struct scenario_pair *pair = &pairs->items[pairs->n++];
        pair->name = arena_strdup(arena, member.key);
        pair->value = arena_strdup(arena, value);
    }
    return 0;
}

static int check_header(const struct js_at *at, const struct scenario_pair *pair, struct err *err)
{
    static const char *const own[] = {"Content-Length", "Transfer-Encoding", "Connection"};
    if (scenario_check_token(at, pair->name, "the name of a header field", err) < 0)
        return -1;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcasecmp(pair->name, own[i]) == 0)
            return js_fail(at, err, "this header is set by perf-run itself; remove it");
    if (strpbrk(pair->value, "\r\n"))
        return js_fail(at, err, "expected a header's value without line breaks");
    return 0;
}

int scenario_decode_headers(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_pairs *pairs = out;
    if (scenario_decode_pairs(at, pairs, arena, err) < 0)
        return -1;
    for (size_t i = 0; i < pairs->n; i++) {
        struct js_at member;
        if (!js_member(at, pairs->items[i].name, &member))
            member = *at;
        if (check_header(&member, &pairs->items[i], err) < 0)
            return -1;
        for (size_t k = 0; k < i; k++)
            if (strcasecmp(pairs->items[i].name, pairs->items[k].name) == 0)
                return js_fail(&member, err, "this header is there twice, as '%s' as well",
                               pairs->items[k].name);
    }
    return 0;
}

int scenario_decode_tags(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    if (js_kind(at) == JS_K_ARRAY && js_count(at) > SCENARIO_TAGS)
        return js_fail(at, err, "expected at most %d tags, found %zu", SCENARIO_TAGS, js_count(at));
    return tags_field_decode(at, out, arena, err);
}
