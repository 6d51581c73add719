#include "cmd/children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define TERM_MS 2000 /* from SIGTERM to SIGKILL */

static void give(const struct child_gift *gift)
{
    char number[16];
    if (gift->fd < 0) {
        unsetenv(gift->variable);
        return;
    }
    snprintf(number, sizeof number, "%d", gift->fd);
    fcntl(gift->fd, F_SETFD, 0);
    setenv(gift->variable, number, 1);
}

/* In the child: never returns. What fails is told through `report`. */
static void become(char *const *argv, pid_t group, pid_t parent, int report)
{
    int nothing = open("/dev/null", O_RDWR);
    setpgid(0, group);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent && nothing >= 0) { /* else it has died before the line above */
        dup2(nothing, STDIN_FILENO);
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execvp(argv[0], argv);
    }
    int number = errno;
    ssize_t ignored = write(report, &number, sizeof number);
    (void)ignored;
    _exit(127);
}

/* Whether the program has begun: 0, or the errno value. */
static int begun(int report)
{
    int number = 0;
    ssize_t got;
    do
        got = read(report, &number, sizeof number);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof number ? number : 0;
}

static int add(struct children *children, pid_t pid, struct err *err)
{
    struct child *child = &children->items[children->n];
    *child = (struct child){.pid = pid, .fd = pidfd_open(pid, 0)};
    if (child->fd < 0) {
        err_set_errno(err, errno, "cannot watch a process");
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return -1;
    }
    children->n++;
    if (!children->group)
        children->group = pid;
    return 0;
}

int children_start(struct children *children, char *const *argv, const struct child_gift *gifts,
                   size_t n, struct err *err)
{
    int report[2];
    pid_t parent = getpid();
    if (children->n == CHILDREN_MAX)
        return err_set(err, ERR_USAGE, "expected at most %d processes", CHILDREN_MAX);
    if (pipe2(report, O_CLOEXEC) < 0)
        return err_set_errno(err, errno, "cannot make a pipe");
    pid_t pid = fork();
    if (pid == 0) {
        for (size_t i = 0; i < n; i++)
            give(&gifts[i]);
        become(argv, children->group, parent, report[1]);
    }
    int number = pid < 0 ? errno : 0;
    close(report[1]);
    if (pid > 0) {
        setpgid(pid, children->group); /* here as well: whoever comes first */
        number = begun(report[0]);
    }
    close(report[0]);
    if (!number)
        return add(children, pid, err);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return err_set_errno(err, number, "cannot run '%s'", argv[0]);
}

static void note_end(struct child *child)
{
    if (waitpid(child->pid, &child->status, WNOHANG) != child->pid)
        return;
    child->over = true;
    close(child->fd);
    child->fd = -1;
}

bool children_wait(struct children *children, int fd, int timeout_ms)
{
    struct pollfd polled[CHILDREN_MAX + 1];
    for (size_t i = 0; i < children->n; i++)
        polled[i] = (struct pollfd){.fd = children->items[i].fd, .events = POLLIN};
    polled[children->n] = (struct pollfd){.fd = fd, .events = POLLIN};
    if (poll(polled, (nfds_t)children->n + 1, timeout_ms) <= 0)
        return false;
    for (size_t i = 0; i < children->n; i++)
        if (!children->items[i].over && polled[i].revents)
            note_end(&children->items[i]);
    return fd >= 0 && polled[children->n].revents != 0;
}

bool children_over(const struct children *children)
{
    for (size_t i = 0; i < children->n; i++)
        if (!children->items[i].over)
            return false;
    return true;
}

static void wait_for_all(struct children *children, int64_t patience_ms)
{
    int64_t until_ns = clock_monotonic_ns() + patience_ms * NS_PER_MS, left_ns;
    while (!children_over(children) && (left_ns = until_ns - clock_monotonic_ns()) > 0)
        children_wait(children, -1, (int)(left_ns / NS_PER_MS) + 1);
}

void children_end(struct children *children, int patience_ms)
{
    if (!children->n)
        return;
    wait_for_all(children, patience_ms);
    if (!children_over(children)) {
        kill(-children->group, SIGTERM);
        wait_for_all(children, TERM_MS);
    }
    /* Also where all are over: what they started may live. The leader's number cannot be another
     * process's while its group has members. */
    kill(-children->group, SIGKILL);
    wait_for_all(children, TERM_MS);
}

const char *child_fate(const struct child *child, char text[64])
{
    if (WIFSIGNALED(child->status))
        snprintf(text, 64, "signal %d (%s)", WTERMSIG(child->status),
                 strsignal(WTERMSIG(child->status)));
    else
        snprintf(text, 64, "exit code %d", WEXITSTATUS(child->status));
    return text;
}
