/*
 * A call of perf-baseline, and what its subcommands share.
 *
 * Each subcommand is a function of a struct call, in a cmd/baseline_*.c of its own or with its
 * kin; perf-baseline.c has the table of them and of the options.
 */
#ifndef PERFGATE_CMD_BASELINE_CALL_H
#define PERFGATE_CMD_BASELINE_CALL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "cmd/io.h"
#include "cmd/where.h"
#include "model/policy.h"
#include "store/baseline.h"
#include "store/write.h"

#define CALL_REPORT "load_test_report.json" /* what perf-run writes */

struct baseline_values {
    const char *suite, *environment;
    const char *ref; /* --ref; NULL = not given, here and below */
    bool commit;     /* --commit */
    bool quiet;
    int format;                                  /* trend: of trend_form_name(); -1 = not given */
    const char *metric, *scope, *reason, *until; /* accept; `scope` trend as well */
    double value;                                /* accept; NAN = not given */
    const char *label;                           /* anchor */
    int64_t keep;                                /* prune; 0 = not given */
};

struct call {
    struct baseline_values values;
    struct io_log log;
    struct where where;
    struct arena arena;
    const char *operand, *second; /* NULL = none */
    const char *const *operands;  /* all of them, for commands that take a list */
    size_t n_operands;
    struct buf product; /* for stdout */
};

/* The top of the work tree. ERR_USAGE where there is none. */
int call_work_tree(const struct call *call, const char **top, struct err *err);

/* The place that `rev` names, or the work tree where it is NULL (HEAD in a bare repository). */
int call_place(struct call *call, const char *rev, struct baseline_place *out, struct err *err);

/* The policy of the work tree and its path, or where there is none the built-in one, "built-in". */
int call_policy(struct call *call, struct policy *out, const char **name, struct err *err);

/* The suites and environments of a place that --suite and --environment allow; in the call's
 * arena. */
int call_keys(struct call *call, const struct baseline_place *place, struct baseline_key **keys,
              size_t *n, struct err *err);

/* The suite and environment that are meant: as given, where only one is there that fits. */
int call_pick_key(struct call *call, const struct baseline_place *place, struct baseline_key *out,
                  struct err *err);

/* The suite and environment that a report is of: as given, else its own suite and "default".
 * `path` names it in messages. */
int call_report_key(const struct call *call, const struct report *report, const char *path,
                    struct baseline_key *out, struct err *err);

/* Refuses a run that is marked as not valid (ERR_UNDECIDED): it is no `what` ("baseline"). */
int call_check_valid(const struct report *report, const char *path, const char *what,
                     struct err *err);

/* A path below the top, as it is typed from the working directory; in the call's arena. */
const char *call_path_from_here(struct call *call, const char *top, const char *path);

/* `now_ns`, or where that is not at least a second later than `than_ns`, a second after it: marks
 * tell which of them is the newer by whole seconds. */
int64_t call_time_after(int64_t than_ns, int64_t now_ns);

/* Where --commit and --ref say that is written to, for store_write(): the work tree without them.
 * A short --ref is a branch. ERR_USAGE for both at once, and where nobody is known as the author of
 * a commit. */
int call_target(struct call *call, struct store_target *out, struct err *err);

/* Who is at work, as git takes it. `what` needs to know ("a commit"). ERR_USAGE where nobody does.
 */
int call_identity(struct call *call, const char *what, struct store_identity *out, struct err *err);

/* "Ann <a@b.c>", in the call's arena. */
const char *call_signature(struct call *call, const struct store_identity *who);

/* The full name of the ref that --ref names, in the call's arena. ERR_USAGE without one. */
int call_ref(struct call *call, const char **out, struct err *err);

/* The path of a file of the target, as it is shown: as it is typed from here, or as it lies on a
 * ref; in the call's arena. */
const char *call_shown_path(struct call *call, const struct store_target *target, const char *path);

/* Writes to the target, and tells of the commit that was made. */
int call_write(struct call *call, const struct store_target *target, store_plan plan, void *context,
               struct store_result *out, struct err *err);

/* The subcommands. -1 with the error, which becomes the exit code. */
int baseline_init(struct call *call, struct err *err);
int baseline_update(struct call *call, struct err *err);
int baseline_show(struct call *call, struct err *err);
int baseline_list_all(struct call *call, struct err *err);
int baseline_log(struct call *call, struct err *err);
int baseline_verify(struct call *call, struct err *err);
int baseline_accept(struct call *call, struct err *err);
int baseline_anchor(struct call *call, struct err *err);
int baseline_prune(struct call *call, struct err *err);
int baseline_diff(struct call *call, struct err *err);
int baseline_push(struct call *call, struct err *err);
int baseline_trend(struct call *call, struct err *err);
int baseline_study(struct call *call, struct err *err);

#endif
