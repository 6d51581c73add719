/*
 * The command line: one table of options gives parsing, -h, --version and the environment.
 *
 * A tool has a struct of values, preset with its defaults, and a table whose rows point into it.
 * What is not given stays as preset, so a preset that no option can yield (NULL, -1, NAN) tells
 * "not given". An option beats its environment variable; an empty variable counts as absent.
 *
 * `--name value`, `--name=value`, `-n value`, `-nvalue`, flags together (`-qx`); options and
 * operands in any order; after `--` come only operands, or, where the tool says so, what is meant
 * for another program. Long names are never abbreviated, so that a later option breaks no script.
 * A repeated option: the last one counts; of a list, each. -h, --help and --version are in every
 * tool without a row of its own.
 */
#ifndef PERFGATE_CMD_OPTIONS_H
#define PERFGATE_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* A member of the values for an option that may be repeated. */
struct option_list {
    size_t n;
    const char **items;
};

enum option_type {
    OPTION_FLAG,     /* bool; takes no value */
    OPTION_STRING,   /* const char *; not empty */
    OPTION_INT,      /* int64_t */
    OPTION_DOUBLE,   /* double */
    OPTION_DURATION, /* int64_t nanoseconds; the bounds are in seconds */
    OPTION_CHOICE,   /* int, an index that `choice` has a name for */
    OPTION_LIST      /* struct option_list; one more string each time */
};

struct option {
    const char *name; /* without the dashes */
    char letter;      /* of the short form; 0 = none */
    enum option_type type;
    size_t offset;                /* of the member in the struct of values */
    const char *also;             /* a second name of the same option; NULL = none */
    const char *value;            /* its name in -h: "FILE|-"; NULL for flags and choices */
    const char *help;             /* one or two sentences, wrapped by -h */
    double low, high;             /* inclusive bounds of numbers; both 0: any >= 0 */
    const char *env;              /* the variable asked where the option is absent; NULL = none */
    const char *(*choice)(int i); /* OPTION_CHOICE: the name of `i`, NULL after the last */
};

struct option_tool {
    const char *name;     /* "perf-compare" */
    const char *operands; /* as -h shows them: "[REPORT...]"; "" = none are taken */
    const char *about;    /* what the tool does, in a sentence or two */
    const char *notes;    /* shown between the options and the exit codes; NULL = none */
    const struct option *options;
    size_t n_options;
    size_t max_operands; /* more are an error */
    bool takes_rest;     /* what follows `--` goes to `rest` and not to the operands */
};

/* What is left of a command line. Owns its lists; the texts are those of argv. */
struct option_args {
    struct arena arena;
    size_t n_operands;
    const char **operands;
    size_t n_rest;
    const char **rest;
    bool help, version; /* asked for; then nothing else was checked */
};

/* Fills `values` (the struct that the rows' offsets point into) and `args`. -1: ERR_USAGE. */
int options_parse(const struct option_tool *tool, int argc, char *const *argv, void *values,
                  struct option_args *args, struct err *err) __attribute__((warn_unused_result));

/* As options_parse(), but prints what -h or --version ask for on stdout and then returns 1, for
 * the tool to end with EXIT_PASS. */
int options_start(const struct option_tool *tool, int argc, char *const *argv, void *values,
                  struct option_args *args, struct err *err) __attribute__((warn_unused_result));

/* The row `i` of the tool's table with -h and --version behind it; NULL after the last. */
const struct option *options_row(const struct option_tool *tool, size_t i);

/* The text of -h. Each option has one line that begins with two spaces and a dash. */
void options_help(const struct option_tool *tool, struct buf *out);

void option_args_release(struct option_args *args);

#endif
