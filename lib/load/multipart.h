/*
 * A body of the type multipart/form-data (RFC 7578): texts and files, as a browser's form sends
 * them.
 *
 * The boundary is made from what the parts hold, so that both arms of a paired run and each
 * repetition send the same bytes, and occurs in none of them; only what a variable is filled with
 * later cannot be looked into. In names quotes and line breaks are encoded as browsers do (the
 * HTML standard, 4.10.22.8). Files are not copied: the scenario keeps their content.
 */
#ifndef PERFGATE_LOAD_MULTIPART_H
#define PERFGATE_LOAD_MULTIPART_H

#include "load/step.h"

/* In the arena. */
const char *multipart_boundary(const struct scenario_step *step, struct arena *arena);

/* Appends the whole body of a step to a template. */
int multipart_add(struct template *template, const struct scenario_step *step,
                  const struct step_context *context, struct err *err)
    __attribute__((warn_unused_result));

#endif
