/*
 * An argument of the form FILE|REV|REV:PATH.
 *
 * A file that exists is that file, and so is what begins with '/', './' or '../'. With a colon it
 * is a path at a revision, else a revision. An argument that is both a file and a revision is
 * refused, as git does: otherwise a change could put a file in a revision's place.
 */
#ifndef PERFGATE_STORE_NAMED_H
#define PERFGATE_STORE_NAMED_H

#include "base/arena.h"
#include "base/err.h"
#include "store/repo.h"

enum named_kind { NAMED_NOTHING, NAMED_FILE, NAMED_REV, NAMED_REV_PATH };

struct named {
    enum named_kind kind;
    const char *text; /* as given; NULL for NAMED_NOTHING */
    const char *rev;  /* of REV and REV:PATH */
    const char *path; /* of REV:PATH */
};

/* `text` may be NULL: nothing was given. `repo` is NULL outside of one; a revision is then an
 * error. `what` names the argument in messages: "--baseline". */
int named_parse(const char *text, const char *what, const struct repo *repo, struct arena *arena,
                struct named *out, struct err *err) __attribute__((warn_unused_result));

#endif
