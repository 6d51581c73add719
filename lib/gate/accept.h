/*
 * Acceptances: which one a figure has, and what it makes of a row. Pure, between decide and
 * outcome.
 *
 * Decide does not know of them, so that a row is first judged as if there were none; then a breach
 * that an acceptance covers becomes `accepted`. With two policies that is done to the rows of each
 * before the worse ones are taken: what is covered under one of them never hides what the other
 * one does not let pass. Stored runs from before an acceptance are left out in gate/stored.c.
 * What an acceptance says is somebody else's words; what is shown of them is cut to a length.
 */
#ifndef PERFGATE_GATE_ACCEPT_H
#define PERFGATE_GATE_ACCEPT_H

#include "base/arena.h"
#include "base/buf.h"
#include "gate/compare.h"
#include "gate/decide.h"
#include "model/verdict.h"

/* Fills `acceptance` and `ended` of each figure of a scope: of those that name it the one that was
 * accepted last, and of two of one second the stricter one. */
void accept_attach(const struct numbers *numbers, struct scope *scope);

/* The same of a named metric, in one direction. */
void accept_attach_named(const struct numbers *numbers, const char *name, enum metric metric,
                         struct estimate *estimate);

/* Notes the acceptances that count but name a scope that is in no report: a typo, say. */
void accept_note_strays(struct numbers *numbers);

/* Makes rows accepted, and marks those that are not although there is an acceptance. */
void accept_rows(struct drafts *drafts);

/* Adds what the row's acceptance has to do with its status: ", accepted up to 126 ms by Ann
 * <a@b.c> until 2026-12-31: new index costs a lookup (1a2b3c4:baselines/…)"; mostly nothing. */
void accept_say(struct buf *out, const struct draft *draft);

/* Adds that the acceptance which would have covered the row is over, where that is so. */
void accept_say_ended(struct buf *out, const struct draft *draft);

/* The acceptance as the verdict's row has it, in `arena`; NULL where it has nothing to do with the
 * status. */
struct verdict_acceptance *accept_record(const struct draft *draft, struct arena *arena);

#endif
