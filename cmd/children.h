/*
 * The processes of another program's that a tool runs: started as one group, watched, and always
 * ended and waited for.
 *
 * They end with the tool, however it ends: each asks the kernel for SIGKILL at its parent's death,
 * and children_end() kills what is left of the group, which grandchildren belong to. Their standard
 * input is /dev/null and their standard output is ours of messages, because ours of output carries
 * the product. Start them before any thread. Zeroed it is empty.
 */
#ifndef PERFGATE_CMD_CHILDREN_H
#define PERFGATE_CMD_CHILDREN_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "load/run.h"

#define CHILDREN_MAX (LOAD_MAX_THREADS + 1)

struct child {
    pid_t pid;
    int fd; /* becomes readable when it ends */
    bool over;
    int status; /* as waitpid() has it, once it is over */
};

struct children {
    pid_t group;
    size_t n;
    struct child items[CHILDREN_MAX];
};

/* What a child gets of ours: descriptors that stay open in it, each with the variable that says
 * its number. */
struct child_gift {
    const char *variable;
    int fd; /* -1 = none, and no variable */
};

/* Starts argv[0], found in PATH, with `argv` (NULL-terminated). The first one leads the group. */
int children_start(struct children *children, char *const *argv, const struct child_gift *gifts,
                   size_t n, struct err *err) __attribute__((warn_unused_result));

/* Waits for at most `timeout_ms` until `fd` (-1 = none) is readable or a child ends, and notes
 * which are over. True where `fd` is readable, or at its end. */
bool children_wait(struct children *children, int fd, int timeout_ms);

/* True where all are over. */
bool children_over(const struct children *children);

/* Waits for those that end by themselves within `patience_ms`, then ends the rest, and all that
 * they started. */
void children_end(struct children *children, int patience_ms);

/* "exit code 1", "signal 9 (Killed)". */
const char *child_fate(const struct child *child, char text[64]);

#endif
