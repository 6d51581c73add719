/*
 * The error that a fallible function reports.
 *
 * The caller owns the struct, zero-initialises it and passes it down; a callee that fails fills it
 * and returns -1. The first error wins: err_set() on a struct that already holds one changes
 * nothing, so a cleanup path cannot hide the cause. Callers add context with err_prefix().
 * A message is one clear sentence: lower case, no full stop, the subject quoted, what was expected
 * and what to do. Control bytes in it are shown as \xNN, because names in messages come from files
 * and servers that nobody vetted. No allocation; a struct belongs to one thread.
 */
#ifndef PERFGATE_BASE_ERR_H
#define PERFGATE_BASE_ERR_H

/* What kind of trouble it is. cmd/ maps each to an exit code in one table (cmd/exit.c). */
enum err_code {
    ERR_NONE,      /* no error */
    ERR_USAGE,     /* the command line is wrong: exit 2 */
    ERR_INPUT,     /* a document is malformed or out of range: exit 2 */
    ERR_IO,        /* a file, repository or socket call failed: exit 2 */
    ERR_TARGET,    /* the service under test cannot be reached: exit 2 */
    ERR_UNDECIDED, /* nothing is broken, but no decision is possible: exit 3 */
    ERR_REFUSED, /* the input was understood and turned down, as a regressed baseline is: exit 1 */
};

struct err {
    enum err_code code;
    char text[1024]; /* NUL-terminated UTF-8 as far as the inputs were */
};

/* Fills err (if it is not NULL and holds no error yet). Returns -1, for `return err_set(...)`. */
int err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set() with ERR_IO, followed by ": " and the text of the errno value `number`. */
int err_set_errno(struct err *err, int number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts the formatted text before the message that err holds; a no-op where it holds none.
 * Returns -1. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
