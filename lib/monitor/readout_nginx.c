/*
 * What nginx's module stub_status gives
 * (https://nginx.org/en/docs/http/ngx_http_stub_status_module.html):
 *
 *     Active connections: 2
 *     server accepts handled requests
 *      16 16 31
 *     Reading: 0 Writing: 1 Waiting: 1
 *
 * The keys are active, reading, writing and waiting, and those of the line that begins with
 * "server", whose numbers are on the next.
 */
#include <string.h>
#include <strings.h>

#include "monitor/readout_forms.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word up to a blank, or up to and with a colon; len 0: there is none. */
static struct span take_word(struct span *line)
{
    while (line->len && is_blank(*line->at)) {
        line->at++;
        line->len--;
    }
    struct span word = {line->at, 0};
    while (word.len < line->len && !is_blank(line->at[word.len]) &&
           !(word.len && line->at[word.len - 1] == ':'))
        word.len++;
    line->at += word.len;
    line->len -= word.len;
    return word;
}

static bool ends_name(struct span word)
{
    return word.len && word.at[word.len - 1] == ':';
}

static void give(struct readout_reading *reading, struct span key, struct span word)
{
    const struct readout *readout = reading->readout;
    double number = readout_parse(word);
    for (size_t i = 0; i < readout->n; i++) {
        const char *wanted = readout->places[i].text;
        if (strlen(wanted) == key.len && strncasecmp(wanted, key.at, key.len) == 0)
            readout_give(reading, i, (struct span){0}, number);
    }
}

/* "Active connections: 2", "Reading: 0 Writing: 1": a name is what its first word is. */
static void read_pairs(struct readout_reading *reading, struct span line)
{
    struct span name = {0}, word;
    bool is_number = false;
    while ((word = take_word(&line)).len) {
        if (is_number) {
            give(reading, name, word);
            name = (struct span){0};
            is_number = false;
            continue;
        }
        is_number = ends_name(word);
        if (!name.len)
            name = (struct span){word.at, word.len - is_number};
    }
}

static void read_columns(struct readout_reading *reading, struct span names, struct span numbers)
{
    struct span name, word;
    while ((name = take_word(&names)).len && (word = take_word(&numbers)).len)
        give(reading, name, word);
}

static bool begins_columns(struct span *line)
{
    struct span rest = *line, word = take_word(&rest);
    if (word.len != strlen("server") || strncmp(word.at, "server", word.len) != 0)
        return false;
    *line = rest;
    return true;
}

void readout_read_nginx(struct readout_reading *reading, struct span text)
{
    struct span names = {0}, line;
    while (span_take_line(&text, &line)) {
        if (names.len) {
            read_columns(reading, names, line);
            names = (struct span){0};
        } else if (begins_columns(&line)) {
            names = line;
        } else {
            read_pairs(reading, line);
        }
    }
}
