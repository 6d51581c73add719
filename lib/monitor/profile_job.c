#include "monitor/profile_job.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "monitor/command.h"
#include "monitor/fold.h"
#include "monitor/group.h"
#include "monitor/profile_words.h"

/* Processes of a target that are named; of more, those with the lowest pids. */
#define MOST_PIDS 64
#define MOST_OPEN 8 /* directories at once, while they are removed */

/* What is at hand while it runs. */
struct work {
    struct profile_job *job;
    int cancel;
    const char *values[PROFILE_WORDS];
    char *directory; /* of {output}; NULL = none was made */
    struct command_result result;
    struct err ended; /* why the last command was ended, where its output is worth having */
};

static const char *const *texts(const char **arguments)
{
    return (const char *const *)arguments;
}

static bool uses(const struct scenario_profile *wanted, enum profile_word word)
{
    return profile_words_use(texts(wanted->command), wanted->n_command, word) ||
           profile_words_use(texts(wanted->then), wanted->n_then, word);
}

int64_t profile_job_length_ns(const struct scenario_profile *wanted, int64_t span_ns)
{
    int64_t length_ns = wanted->last_ns < span_ns ? wanted->last_ns : span_ns;
    return length_ns > NS_PER_S ? length_ns / NS_PER_S * NS_PER_S : NS_PER_S;
}

/* ---- before ---- */

static void name_processes(struct work *work, const struct group *group)
{
    struct arena *arena = &work->job->arena;
    struct buf pids = {0};
    const struct group_member *oldest = &group->members[0];
    for (size_t i = 0; i < group->n && i < MOST_PIDS; i++) {
        if (group->members[i].started < oldest->started)
            oldest = &group->members[i];
        buf_addf(&pids, "%s%lld", i ? "," : "", (long long)group->members[i].pid);
    }
    work->values[PROFILE_PID] = arena_strdup(arena, buf_text(&pids));
    work->values[PROFILE_MAIN] = arena_printf(arena, "%lld", (long long)oldest->pid);
    buf_release(&pids);
}

static int find_processes(struct work *work, struct err *err)
{
    const struct group_key key = {.by = GROUP_BY_PLACE, .place = work->job->target};
    struct process_list all = {0};
    struct group group = {0};
    struct tree tree;
    int status = 0;
    tree_init(&tree, "/proc", "/sys/fs/cgroup");
    group_list_all(&tree, &all);
    if (listen_is_local(&key.place))
        group_find(&tree, &key, &all, &group);
    if (group.n)
        name_processes(work, &group);
    else
        status = err_set(err, ERR_TARGET,
                         "no process on this machine that may be looked at listens at the target");
    group_release(&group);
    process_list_release(&all);
    tree_release(&tree);
    return status;
}

static int make_directory(struct work *work, struct err *err)
{
    struct arena *arena = &work->job->arena;
    char *path = arena_printf(arena, "%s/perfgate-profile-XXXXXX", work->job->directory);
    if (!mkdtemp(path))
        return err_set(err, ERR_IO, "cannot make a directory below '%s'", work->job->directory);
    work->directory = path;
    work->values[PROFILE_OUTPUT] = arena_printf(arena, "%s/output", path);
    return 0;
}

static int remove_one(const char *path, const struct stat *unused, int type, struct FTW *place)
{
    (void)unused;
    (void)type;
    (void)place;
    remove(path);
    return 0;
}

/* With all that the commands have left in it, which may be directories; no link is followed. */
static void remove_directory(const char *path)
{
    nftw(path, remove_one, MOST_OPEN, FTW_DEPTH | FTW_PHYS);
}

static int prepare(struct work *work, struct err *err)
{
    struct profile_job *job = work->job;
    static const char *const sides[] = {"candidate", "base"};
    work->values[PROFILE_PID] = work->values[PROFILE_MAIN] = work->values[PROFILE_OUTPUT] = "";
    work->values[PROFILE_SIDE] = sides[job->side];
    work->values[PROFILE_SECONDS] =
        arena_printf(&job->arena, "%lld", (long long)(job->length_ns / NS_PER_S));
    if ((uses(job->wanted, PROFILE_PID) || uses(job->wanted, PROFILE_MAIN)) &&
        find_processes(work, err) < 0)
        return -1;
    return uses(job->wanted, PROFILE_OUTPUT) ? make_directory(work, err) : 0;
}

/* ---- its commands ---- */

/* What one wrote that was ended at its deadline, or for writing too much, is worth having: that is
 * kept in work->ended, and an error only where there is nothing. */
static int run_one(struct work *work, const char **arguments, size_t n, int64_t length_ns,
                   struct err *err)
{
    struct profile_job *job = work->job;
    const struct command_result *result = &work->result;
    const struct command command = {
        .argv = profile_words_fill(texts(arguments), n, work->values, &job->arena),
        .environment = job->environment,
        .limit_bytes = PROFILE_JOB_OUTPUT,
        .timeout_ns = length_ns + job->wanted->timeout_ns};
    work->ended = (struct err){0};
    command_result_release(&work->result);
    if (command_run(&command, work->cancel, &work->result, &work->ended) == 0)
        return 0;
    return (result->cut || result->timed_out) && result->output.len
               ? 0
               : err_set(err, work->ended.code, "%s", work->ended.text);
}

/* Both commands, and what they wrote. */
static int run_all(struct work *work, struct err *err)
{
    const struct scenario_profile *wanted = work->job->wanted;
    if (run_one(work, wanted->command, wanted->n_command, work->job->length_ns, err) < 0)
        return -1;
    if (wanted->n_then)
        return run_one(work, wanted->then, wanted->n_then, 0, err);
    if (!profile_words_use(texts(wanted->command), wanted->n_command, PROFILE_OUTPUT))
        return 0;
    buf_reset(&work->result.output);
    if (fs_read(work->values[PROFILE_OUTPUT], PROFILE_JOB_OUTPUT, &work->result.output, err) == 0)
        return 0;
    return err_prefix(err, "'%s' ended well, and ", wanted->command[0]);
}

/* ---- what they wrote ---- */

/* The last line of one that was ended may be the beginning of another. */
static struct span whole_lines(const struct work *work)
{
    struct span text = {buf_text(&work->result.output), work->result.output.len};
    while (work->ended.code && text.len && text.at[text.len - 1] != '\n')
        text.len--;
    return text;
}

static const struct {
    size_t (*fold)(struct span text, int side, struct profile_tree *tree);
    const char *what;
} forms[] = {[PROFILE_FOLDED] = {fold_stacks, "folded stacks"},
             [PROFILE_PERF_SCRIPT] = {fold_perf, "stacks of perf script"},
             [PROFILE_GDB] = {fold_gdb, "backtraces of gdb"}};

static int no_stacks(const struct work *work, const char *program, struct err *err)
{
    char line[COMMAND_LINE];
    const char *what = forms[work->job->wanted->format].what;
    if (work->ended.code)
        return err_set(err, ERR_INPUT, "%s", work->ended.text);
    command_last_line(&work->result, line);
    return err_set(err, ERR_INPUT, "'%s' wrote no %s%s%s", program, what,
                   *line ? "; its last line: " : "", line);
}

static int fold(struct work *work, struct err *err)
{
    struct profile_job *job = work->job;
    const struct scenario_profile *wanted = job->wanted;
    const char *program = wanted->n_then ? wanted->then[0] : wanted->command[0];
    size_t strange = forms[wanted->format].fold(whole_lines(work), 0, &job->tree);
    profile_tree_finish(&job->tree);
    if (!job->tree.samples[0])
        return no_stacks(work, program, err);
    if (work->ended.code)
        job->note = arena_printf(&job->arena, "the profile has what was written until then: %s",
                                 work->ended.text);
    else if (strange)
        job->note = arena_printf(
            &job->arena, "of what '%s' wrote, %zu line%s no %s and left out of the profile",
            program, strange, strange == 1 ? " is" : "s are", forms[wanted->format].what);
    return 0;
}

/* As text, cut at a character's border; a report's texts hold no NUL. */
static int keep_text(struct work *work, struct err *err)
{
    const struct buf *output = &work->result.output;
    size_t n = output->len < PROFILE_TEXT ? output->len : PROFILE_TEXT;
    while (n && n < output->len && ((unsigned char)output->data[n] & 0xc0) == 0x80)
        n--;
    if (!n)
        return err_set(err, ERR_INPUT, "'%s' wrote nothing", work->job->wanted->command[0]);
    char *text = arena_strndup(&work->job->arena, output->data, n);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)(text[i] ? text[i] : ' ');
    work->job->text = text;
    return 0;
}

/* ---- all of it ---- */

void profile_job_run(struct profile_job *job, int cancel)
{
    struct work work = {.job = job, .cancel = cancel};
    struct err err = {0};
    job->length_ns = profile_job_length_ns(job->wanted, job->span_ns);
    int status = prepare(&work, &err);
    if (status == 0)
        status = run_all(&work, &err);
    if (status == 0)
        status = job->wanted->format == PROFILE_PLAIN ? keep_text(&work, &err) : fold(&work, &err);
    if (status < 0) {
        job->length_ns = 0;
        job->note = arena_printf(&job->arena, "there is no profile: %s", err.text);
    }
    if (work.directory)
        remove_directory(work.directory);
    command_result_release(&work.result);
}

struct report_profile *profile_job_report(const struct profile_job *job, struct arena *arena)
{
    if (!job->length_ns)
        return NULL;
    struct report_profile *profile = arena_array(arena, 1, sizeof *profile);
    profile->command = arena_strdup(arena, job->wanted->command[0]);
    profile->duration_ns = job->length_ns;
    if (job->text)
        profile->text = arena_strdup(arena, job->text);
    else
        report_profile_fill(profile, &job->tree, 0, PROFILE_BYTES, arena);
    return profile;
}

void profile_job_release(struct profile_job *job)
{
    profile_tree_release(&job->tree);
    arena_release(&job->arena);
    *job = (struct profile_job){0};
}
