/*
 * What panel was asked to do: its command line and the accounts from the environment.
 *
 * Texts borrow argv and the environment, which outlive everything.
 */
#ifndef PANEL_OPTIONS_H
#define PANEL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "delay.h"

struct account {
    const char *email, *password;
};

struct options {
    const char *host; /* a numeric address */
    uint16_t port;    /* 0: any free one */
    int64_t threads;
    uint64_t seed;
    struct delay_plan delay;
    const char *database, *cache; /* NULL: in memory, none */
    struct account user, admin;
    bool help;
};

/* Fills `options` from a command line. `environment` looks a variable up and returns NULL where it
 * is not set (getenv). */
int options_parse(int argc, char **argv, char *(*environment)(const char *name),
                  struct options *options, struct err *err) __attribute__((warn_unused_result));

/* The text of -h. */
void options_help(struct buf *out);

#endif
