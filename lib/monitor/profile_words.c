#include "monitor/profile_words.h"

#include <string.h>

#include "base/buf.h"

/* In the order of enum profile_word. */
static const char *const words[PROFILE_WORDS] = {"{pid}", "{main}", "{seconds}", "{output}",
                                                 "{side}"};

bool profile_words_use(const char *const *arguments, size_t n, enum profile_word word)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(arguments[i], words[word]))
            return true;
    return false;
}

/* Which word the text begins with; PROFILE_WORDS = none. */
static size_t word_at(const char *text)
{
    size_t word = 0;
    while (word < PROFILE_WORDS && strncmp(text, words[word], strlen(words[word])) != 0)
        word++;
    return word;
}

static void fill(struct buf *out, const char *text, const char *const *values)
{
    while (*text) {
        size_t word = *text == '{' ? word_at(text) : PROFILE_WORDS;
        if (word == PROFILE_WORDS) {
            buf_add_char(out, *text++);
            continue;
        }
        buf_add_str(out, values[word]);
        text += strlen(words[word]);
    }
}

const char *const *profile_words_fill(const char *const *arguments, size_t n,
                                      const char *const values[PROFILE_WORDS], struct arena *arena)
{
    const char **filled = arena_array(arena, n + 1, sizeof *filled);
    struct buf text = {0};
    for (size_t i = 0; i < n; i++) {
        buf_reset(&text);
        fill(&text, arguments[i], values);
        filled[i] = arena_strdup(arena, buf_text(&text));
    }
    buf_release(&text);
    return filled;
}
