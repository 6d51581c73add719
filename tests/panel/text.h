/*
 * Texts in fixed room, and made-up prose for the content that panel starts with.
 */
#ifndef PANEL_TEXT_H
#define PANEL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rng.h"

/* Copies `from` to `to` (`size` bytes), cut at a character's border where it is too long. */
void text_copy(char *to, size_t size, const char *from);

/* Whether `len` bytes are UTF-8 without control characters other than tab, CR and LF. */
bool text_is_clean(const char *bytes, size_t len);

/* A person's name. */
void text_make_name(struct rng *rng, char *out, size_t size);

/* `n_words` words, the first with a capital; room for 12 bytes a word is enough. */
void text_make_title(struct rng *rng, int n_words, char *out, size_t size);

/* Sentences of about `n_words` words in all. */
void text_make_prose(struct rng *rng, int n_words, char *out, size_t size);

#endif
