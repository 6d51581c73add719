#include "load/loop.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define EVENTS 256
/* A wait that took longer than this found nothing to do at first. */
#define SLEPT_NS (20 * NS_PER_US)

int loop_init(struct loop *loop, struct err *err)
{
    *loop = (struct loop){.epoll_fd = -1, .wake_fd = -1};
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (loop->epoll_fd >= 0 && loop->wake_fd >= 0 &&
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->wake_fd, &event) == 0)
        return 0;
    err_set_errno(err, errno, "the event loop cannot be set up");
    loop_release(loop);
    return -1;
}

static int control(struct loop *loop, int operation, int fd, struct loop_source *source)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = source};
    return epoll_ctl(loop->epoll_fd, operation, fd, &event) == 0 ? 0 : errno;
}

int loop_add(struct loop *loop, int fd, struct loop_source *source)
{
    return control(loop, EPOLL_CTL_ADD, fd, source);
}

int loop_again(struct loop *loop, int fd, struct loop_source *source)
{
    return control(loop, EPOLL_CTL_MOD, fd, source);
}

static unsigned events_of(uint32_t bits)
{
    unsigned events = 0;
    if (bits & EPOLLIN)
        events |= LOOP_IN;
    if (bits & EPOLLOUT)
        events |= LOOP_OUT;
    if (bits & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        events |= LOOP_END;
    return events;
}

static void clear_wake(struct loop *loop)
{
    uint64_t count;
    ssize_t got = read(loop->wake_fd, &count, sizeof count);
    (void)got; /* an eventfd that others emptied is as good */
}

void loop_wait(struct loop *loop, int64_t now_ns, int64_t until_ns)
{
    struct epoll_event events[EVENTS];
    int64_t sleep_ns = until_ns > now_ns ? until_ns - now_ns : 0;
    struct timespec timeout = {sleep_ns / NS_PER_S, sleep_ns % NS_PER_S};
    bool forever = until_ns == INT64_MAX;
    int n = epoll_pwait2(loop->epoll_fd, events, EVENTS, forever ? NULL : &timeout, NULL);
    int64_t back_ns = clock_monotonic_ns();
    if (back_ns - now_ns > SLEPT_NS)
        loop->idle_ns = back_ns;
    for (int i = 0; i < n; i++) {
        struct loop_source *source = events[i].data.ptr;
        if (source)
            source->ready(source, events_of(events[i].events));
        else
            clear_wake(loop);
    }
}

void loop_wake(struct loop *loop)
{
    uint64_t one = 1;
    ssize_t put = write(loop->wake_fd, &one, sizeof one);
    (void)put; /* EAGAIN: the counter is full, so a wake-up is already due */
}

void loop_release(struct loop *loop)
{
    if (loop->epoll_fd > 0)
        close(loop->epoll_fd);
    if (loop->wake_fd > 0)
        close(loop->wake_fd);
    *loop = (struct loop){0};
}
