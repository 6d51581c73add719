#include <string.h>

#include "model/scenario_shape.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

static const char *const order_names[] = {"next", "random", "once", NULL};
static const char *const end_names[] = {"repeat", "stop", "fail", NULL};

/* A file that the scenario could not have brought along is none of its own: other machines do not
 * have it, and a change under test could have anything read and sent. */
int scenario_decode_file(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_file *file = out;
    const char *text;
    if (js_get_string(at, &text, err) < 0)
        return -1;
    if (!*text || scenario_has_control(text) || strstr(text, "${"))
        return js_fail(at, err, "expected the path of a file, found '%.80s'", text);
    bool leaves = *text == '/';
    for (const char *part = text; part; part = strchr(part, '/')) {
        part += *part == '/';
        leaves = leaves || (strncmp(part, "..", 2) == 0 && (!part[2] || part[2] == '/'));
    }
    if (leaves)
        return js_fail(at, err, "expected a file beside the scenario or below it, found '%.80s'",
                       text);
    file->path = arena_strdup(arena, text);
    return 0;
}

static void set_defaults(void *out)
{
    ((struct scenario_feed *)out)->at_end = -1;
}

static const struct js_field feed_fields[] = {
    {JS_FIELD(scenario_feed, "file", JS_CUSTOM, file), JS_REQUIRED, .decode = scenario_decode_file},
    {JS_FIELD(scenario_feed, "order", JS_ENUM, order), .names = order_names},
    {JS_FIELD(scenario_feed, "at_end", JS_ENUM, at_end), .names = end_names},
};
static const struct js_shape feed_shape = {
    .size = sizeof(struct scenario_feed), FIELDS(feed_fields), .defaults = set_defaults};

static int decode_feed(const struct js_at *at, struct scenario_feed *feed, struct arena *arena,
                       struct err *err)
{
    if (scenario_check_variable(at, at->key, err) < 0 ||
        js_decode(at, &feed_shape, feed, arena, err) < 0)
        return -1;
    feed->name = arena_strdup(arena, at->key);
    if (feed->order == FEED_RANDOM && feed->at_end >= 0)
        return js_fail(at, err, "expected no at_end: a feed in random order has no end");
    if (feed->at_end < 0)
        feed->at_end = feed->order == FEED_ONCE ? FEED_FAIL : FEED_REPEAT;
    return 0;
}

int scenario_decode_feeds(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario *scenario = out;
    void *cursor = NULL;
    struct js_at member;
    if (js_expect_object(at, err) < 0)
        return -1;
    if (js_count(at) > SCENARIO_FEEDS)
        return js_fail(at, err, "expected at most %d feeds, found %zu", SCENARIO_FEEDS,
                       js_count(at));
    scenario->feeds = arena_array(arena, js_count(at), sizeof *scenario->feeds);
    while (js_next(at, &cursor, &member))
        if (decode_feed(&member, &scenario->feeds[scenario->n_feeds++], arena, err) < 0)
            return -1;
    return 0;
}
