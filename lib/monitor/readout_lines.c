#include <string.h>

#include "monitor/readout_forms.h"

/* ---- Prometheus ---- */

static void give_sample(struct readout_reading *reading, const struct exposition *sample)
{
    const struct readout *readout = reading->readout;
    for (size_t i = 0; i < readout->n; i++) {
        const struct readout_place *place = &readout->places[i];
        const char *label = readout->metrics->items[place->metric].each;
        struct span each = {0};
        if (!exposition_matches(&place->sample, sample))
            continue;
        if (label)
            each = exposition_label(sample, label);
        if (!label || each.at)
            readout_give(reading, i, each, sample->value);
    }
}

void readout_read_exposition(struct readout_reading *reading, struct span text)
{
    struct exposition sample;
    struct span line;
    while (span_take_line(&text, &line))
        if (exposition_parse(line, &sample))
            give_sample(reading, &sample);
}

/* ---- keys ---- */

/* What is before the first mark, and what is behind it. */
static bool split(struct span text, const char *marks, struct span *key, struct span *value)
{
    size_t i = 0;
    while (i < text.len && !(text.at[i] && strchr(marks, text.at[i])))
        i++;
    if (i == text.len)
        return false;
    *key = span_trim((struct span){text.at, i});
    *value = span_trim((struct span){text.at + i + 1, text.len - i - 1});
    return key->len > 0;
}

/* `group` is empty, or what stands before the dot of the key. */
static bool is_key(const char *wanted, struct span group, struct span key)
{
    if (group.len) {
        if (strncmp(wanted, group.at, group.len) != 0 || wanted[group.len] != '.')
            return false;
        wanted += group.len + 1;
    }
    return strlen(wanted) == key.len && memcmp(wanted, key.at, key.len) == 0;
}

static void give_key(struct readout_reading *reading, struct span group, struct span key,
                     struct span value)
{
    const struct readout *readout = reading->readout;
    double number = readout_parse(value);
    for (size_t i = 0; i < readout->n; i++)
        if (is_key(readout->places[i].text, group, key))
            readout_give(reading, i, (struct span){0}, number);
}

/* "keys=1,expires=0", of a line that begins with "db0:". */
static void give_group(struct readout_reading *reading, struct span group, struct span text)
{
    struct span key, value;
    while (text.len) {
        const char *comma = memchr(text.at, ',', text.len);
        size_t len = comma ? (size_t)(comma - text.at) : text.len;
        if (split((struct span){text.at, len}, "=", &key, &value))
            give_key(reading, group, key, value);
        len += comma != NULL;
        text = (struct span){text.at + len, text.len - len};
    }
}

void readout_read_keys(struct readout_reading *reading, struct span text)
{
    int format = reading->readout->format;
    const char *marks = format == FORMAT_REDIS ? ":" : format == FORMAT_KEYVALUE ? "=" : ":=";
    struct span line, key, value;
    while (span_take_line(&text, &line)) {
        if ((line.len && *line.at == '#') || !split(line, marks, &key, &value))
            continue;
        give_key(reading, (struct span){0}, key, value);
        if (format != FORMAT_KEYVALUE && value.len && memchr(value.at, '=', value.len))
            give_group(reading, key, value);
    }
}
