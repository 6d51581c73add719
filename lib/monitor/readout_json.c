#include <float.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "monitor/readout_forms.h"

/* Numbers, true and false, and numbers in quotes, as some servers write large ones. */
static double number_of(const struct js_at *at)
{
    struct err unused = {0};
    double number = (double)NAN;
    const char *text = "";
    bool yes = false;
    if (js_kind(at) == JS_K_NUMBER)
        return js_get_number(at, -DBL_MAX, DBL_MAX, &number, &unused) < 0 ? (double)NAN : number;
    if (js_kind(at) == JS_K_BOOL)
        return js_get_bool(at, &yes, &unused) < 0 ? (double)NAN : yes ? 1 : 0;
    if (js_kind(at) != JS_K_STRING || js_get_string(at, &text, &unused) < 0)
        return (double)NAN;
    return readout_parse((struct span){text, strlen(text)});
}

static void give_members(struct readout_reading *reading, size_t place, const struct js_at *object)
{
    struct js_at member;
    for (void *cursor = NULL; js_next(object, &cursor, &member);)
        readout_give(reading, place, (struct span){member.key, strlen(member.key)},
                     number_of(&member));
}

int readout_read_json(struct readout_reading *reading, struct span text, struct err *err)
{
    const struct readout *readout = reading->readout;
    struct js_doc *doc;
    struct js_at found;
    if (js_parse(text.at, text.len, "the answer", &doc, err) < 0)
        return -1;
    struct js_at root = js_root(doc);
    for (size_t i = 0; i < readout->n; i++) {
        const struct readout_place *place = &readout->places[i];
        if (!json_pointer_find(&place->pointer, &root, &found))
            continue;
        if (!readout->metrics->items[place->metric].each)
            readout_give(reading, i, (struct span){0}, number_of(&found));
        else if (js_kind(&found) == JS_K_OBJECT)
            give_members(reading, i, &found);
    }
    js_free(doc);
    return 0;
}
