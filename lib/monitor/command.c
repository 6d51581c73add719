#include "monitor/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define MOST_GRACE_NS NS_PER_S           /* between SIGTERM and SIGKILL */
#define PIECE         ((size_t)64 << 10) /* bytes that are read at once */
#define MOST_LINE     300                /* of its own words in a sentence */

/* ---- start ---- */

/* Ours is never waited for; its own is a plain pipe. */
static int open_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static void close_pipe(int ends[2])
{
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0)
            close(ends[i]);
        ends[i] = -1;
    }
}

static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!error)
        error = posix_spawnattr_setpgroup(attributes, 0);
    if (!error)
        error = posix_spawnattr_setsigmask(attributes, &none);
    return error ? error : posix_spawnattr_setsigdefault(attributes, &all);
}

static int set_actions(posix_spawn_file_actions_t *actions, int output, int errors)
{
    int error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, errors, STDERR_FILENO);
    return error ? error : posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

/* The errno value, or 0. posix_spawnp() promises not to change what argv and envp point at. */
static int spawn(const struct command *command, int output, int errors, pid_t *pid)
{
    union {
        const char *const *borrowed;
        char *const *taken;
    } argv = {command->argv}, environment = {command->environment};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error = set_attributes(&attributes);
        if (!error)
            error = set_actions(&actions, output, errors);
        if (!error)
            error = posix_spawnp(pid, command->argv[0], &actions, &attributes, argv.taken,
                                 environment.taken);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Its group as well, and no zombie. */
static int end_group(pid_t pid)
{
    int status = 0;
    kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static void set_deadline(struct command_job *job, int64_t timeout_ns)
{
    int64_t now_ns = clock_monotonic_ns(), grace_ns = timeout_ns / 5;
    job->kill_ns = now_ns + timeout_ns;
    job->term_ns = job->kill_ns - (grace_ns < MOST_GRACE_NS ? grace_ns : MOST_GRACE_NS);
}

/* Its own ends of the pipes are closed here in either case. */
static int spawn_watched(struct command_job *job, int output[2], int errors[2])
{
    int number = spawn(&job->command, output[1], errors[1], &job->pid);
    if (number)
        return number;
    job->ended = pidfd_open(job->pid, 0);
    if (job->ended >= 0)
        return 0;
    number = errno;
    end_group(job->pid);
    return number;
}

int command_start(struct command_job *job, const struct command *command, struct err *err)
{
    int output[2] = {-1, -1}, errors[2] = {-1, -1};
    *job = (struct command_job){.command = *command, .ended = -1};
    int number = open_pipe(output) < 0 || open_pipe(errors) < 0 ? errno : 0;
    if (!number)
        number = spawn_watched(job, output, errors);
    if (number) {
        close_pipe(output);
        close_pipe(errors);
        return err_set_errno(err, number, "cannot run '%s'", command->argv[0]);
    }
    close(output[1]);
    close(errors[1]);
    job->output = output[0];
    job->errors = errors[0];
    set_deadline(job, command->timeout_ns);
    return 0;
}

/* ---- finish ---- */

/* What is there. False where it is more than the limit. The descriptor is closed at its end. */
static bool drain(int *fd, struct buf *out, size_t limit)
{
    while (*fd >= 0 && out->len <= limit) {
        ssize_t got = read(*fd, buf_reserve(out, PIECE), PIECE);
        if (got > 0) {
            out->len += (size_t)got;
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            close(*fd);
            *fd = -1;
        } else if (errno == EAGAIN) {
            break;
        }
    }
    bool fits = out->len <= limit;
    if (!fits)
        out->len = limit;
    *buf_reserve(out, 0) = 0;
    return fits;
}

static bool drain_both(struct command_job *job, struct command_result *result)
{
    bool fits = drain(&job->output, &result->output, job->command.limit_bytes);
    return drain(&job->errors, &result->errors, job->command.limit_bytes) && fits;
}

/* Milliseconds to the next signal that is due, rounded up. */
static int patience_ms(const struct command_job *job, int64_t now_ns)
{
    int64_t due_ns = job->term_ns < job->kill_ns ? job->term_ns : job->kill_ns;
    int64_t left_ms = due_ns > now_ns ? (due_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS : 0;
    return left_ms < 60000 ? (int)left_ms : 60000;
}

/* True while it is waited for. */
static bool goes_on(struct command_job *job, int cancel, struct command_result *result)
{
    struct pollfd polled[] = {{.fd = job->ended, .events = POLLIN},
                              {.fd = cancel, .events = POLLIN},
                              {.fd = job->output, .events = POLLIN},
                              {.fd = job->errors, .events = POLLIN}};
    int64_t now_ns = clock_monotonic_ns();
    result->timed_out = result->timed_out || now_ns >= job->term_ns;
    if (now_ns >= job->kill_ns)
        return false;
    if (now_ns >= job->term_ns) {
        job->term_ns = INT64_MAX;
        kill(-job->pid, SIGTERM);
    }
    if (poll(polled, sizeof polled / sizeof *polled, patience_ms(job, now_ns)) <= 0)
        return true;
    result->cut = !drain_both(job, result);
    result->cancelled = polled[1].revents != 0 && !polled[0].revents;
    return !polled[0].revents && !result->cut && !result->cancelled;
}

/* Of a character of UTF-8, behind its first byte. */
static bool is_inside(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* What is there of the last character, which is not whole. */
static void cut_character(char *line, size_t n)
{
    while (n && is_inside(line[n - 1]))
        n--;
    line[n ? n - 1 : 0] = 0;
}

/* The last line that it wrote with anything in it, cut; "" where there is none. */
static const char *last_line(const struct buf *text, char line[MOST_LINE])
{
    size_t end = text->len, begin, n = 0;
    while (end > 0 && strchr(" \t\r\n", text->data[end - 1])) /* a NUL as well */
        end--;
    for (begin = end; begin > 0 && text->data[begin - 1] != '\n';)
        begin--;
    while (begin < end && n < MOST_LINE - 1)
        line[n++] = text->data[begin++];
    line[n] = 0;
    if (begin < end && is_inside(text->data[begin]))
        cut_character(line, n);
    return line;
}

static void add_last_line(struct err *err, const struct command_result *result)
{
    char line[MOST_LINE];
    struct err so_far = *err;
    if (!*last_line(&result->errors, line))
        last_line(&result->output, line);
    if (!*line)
        return;
    *err = (struct err){0};
    err_set(err, so_far.code, "%s: %s", so_far.text, line);
}

/* Why it did not end well. */
static int explain(const struct command *command, const struct command_result *result,
                   struct err *err)
{
    const char *name = command->argv[0];
    struct err why = {0};
    if (result->cancelled)
        return err_set(err, ERR_IO, "'%s' was ended, because the run was over", name);
    if (result->cut)
        return err_set(err, ERR_IO, "'%s' wrote more than %zu bytes and was ended", name,
                       command->limit_bytes);
    if (result->timed_out) {
        err_set(&why, ERR_IO, "'%s' took longer than %g s and was ended", name,
                (double)command->timeout_ns / (double)NS_PER_S);
    } else if (result->end_signal) {
        const char *what = sigdescr_np(result->end_signal);
        err_set(&why, ERR_IO, "'%s' was ended by signal %d (%s)", name, result->end_signal,
                what ? what : "unknown");
    } else {
        err_set(&why, ERR_IO, "'%s' ended with exit code %d", name, result->exit_code);
    }
    add_last_line(&why, result);
    return err_set(err, why.code, "%s", why.text);
}

int command_finish(struct command_job *job, int cancel, struct command_result *result,
                   struct err *err)
{
    while (goes_on(job, cancel, result))
        ;
    if (!result->cut)
        result->cut = !drain_both(job, result);
    int status = end_group(job->pid);
    result->end_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    result->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    close_pipe((int[2]){job->output, job->errors});
    close(job->ended);
    bool well = !result->timed_out && !result->cancelled && !result->cut && result->exit_code == 0;
    return well ? 0 : explain(&job->command, result, err);
}

int command_run(const struct command *command, int cancel, struct command_result *result,
                struct err *err)
{
    struct command_job job;
    result->exit_code = -1;
    if (command_start(&job, command, err) < 0)
        return -1;
    return command_finish(&job, cancel, result, err);
}

void command_result_release(struct command_result *result)
{
    buf_release(&result->output);
    buf_release(&result->errors);
    *result = (struct command_result){0};
}
