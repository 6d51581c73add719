#include "text.h"

#include <stdio.h>
#include <string.h>

void text_copy(char *to, size_t size, const char *from)
{
    size_t len = strnlen(from, size);
    if (len == size) {
        len = size - 1;
        while (len && ((unsigned char)from[len] & 0xc0) == 0x80)
            len--;
    }
    memcpy(to, from, len);
    to[len] = 0;
}

/* Bytes of the UTF-8 character at `at`, 0 where there is none (RFC 3629, section 4). */
static size_t utf8_length(const unsigned char *at, size_t room)
{
    static const struct {
        unsigned char low, high, second_low, second_high, length;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (at[0] < forms[i].low || at[0] > forms[i].high)
            continue;
        if (room < forms[i].length || at[1] < forms[i].second_low || at[1] > forms[i].second_high)
            return 0;
        for (size_t j = 2; j < forms[i].length; j++)
            if ((at[j] & 0xc0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

bool text_is_clean(const char *bytes, size_t len)
{
    const unsigned char *at = (const unsigned char *)bytes;
    while (len) {
        size_t used = 1;
        if (*at >= 0x80)
            used = utf8_length(at, len);
        else if (*at == 0x7f || (*at < 0x20 && *at != '\t' && *at != '\n' && *at != '\r'))
            return false;
        if (!used)
            return false;
        at += used;
        len -= used;
    }
    return true;
}

static const char *const words[] = {
    "query", "after",  "the",    "cache",  "slow",  "index",    "when",   "page",
    "loads", "and",    "thread", "with",   "users", "report",   "memory", "before",
    "build", "server", "answer", "why",    "test",  "under",    "load",   "request",
    "queue", "worker", "seems",  "faster", "than",  "expected", "how",    "limit",
    "from",  "backup", "update", "table",  "log",   "socket",   "busy",   "again",
};
static const char *const first_names[] = {"Ada",   "Ben",  "Chiara", "David", "Elif",  "Femi",
                                          "Grace", "Hiro", "Ines",   "Jonas", "Kira",  "Liam",
                                          "Mina",  "Noor", "Olga",   "Pavel", "Quinn", "Rosa"};
static const char *const last_names[] = {"Abel",   "Brandt", "Costa", "Dubois", "Evans", "Fischer",
                                         "Garcia", "Hansen", "Ito",   "Jensen", "Kowal", "Larsen"};

#define PICK(rng, list) ((list)[rng_below((rng), sizeof(list) / sizeof(list)[0])])

void text_make_name(struct rng *rng, char *out, size_t size)
{
    const char *first = PICK(rng, first_names);
    snprintf(out, size, "%s %s", first, PICK(rng, last_names));
}

/* Adds a word to `out`; false where it is full. */
static bool add_word(struct rng *rng, const char *before, char *out, size_t size)
{
    size_t used = strlen(out);
    const char *word = PICK(rng, words);
    if (used + strlen(before) + strlen(word) + 2 > size)
        return false;
    snprintf(out + used, size - used, "%s%s", before, word);
    return true;
}

static void capitalise(char *letter)
{
    if (*letter >= 'a' && *letter <= 'z')
        *letter = (char)(*letter - 'a' + 'A');
}

void text_make_title(struct rng *rng, int n_words, char *out, size_t size)
{
    out[0] = 0;
    for (int i = 0; i < n_words; i++)
        if (!add_word(rng, i ? " " : "", out, size))
            break;
    capitalise(out);
}

void text_make_prose(struct rng *rng, int n_words, char *out, size_t size)
{
    out[0] = 0;
    bool starts = true;
    for (int i = 0; i < n_words; i++) {
        size_t used = strlen(out);
        const char *before = i == 0 ? "" : starts ? ". " : " ";
        if (!add_word(rng, before, out, size))
            break;
        if (starts)
            capitalise(out + used + strlen(before));
        starts = rng_below(rng, 9) == 0;
    }
    size_t used = strlen(out);
    snprintf(out + used, size - used, ".");
}
