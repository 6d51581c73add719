#include "cmd/locust_run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "cmd/children.h"

#define BRIDGE        "share/perfgate/perfgate_locust.py"
#define LOOK_MS       250
#define SILENCE_NS    (120 * NS_PER_S) /* while measuring it says something each second */
#define PATIENCE_MS   5000             /* for workers, once the master is over */
#define STOP_NS       (10 * NS_PER_S)  /* from SIGTERM to the end of patience */
#define READ_BYTES    ((size_t)64 << 10)
#define MAX_ARGUMENTS 32

/* A run while it is watched. */
struct watch {
    const struct locust_call *call;
    struct locust_result *result;
    struct children children; /* the first one has the statistics */
    struct arena arena;
    int plan_fd, result_fd, write_fd; /* -1 = closed */
    struct buf line;                  /* what came of it so far */
    int64_t began_ns, heard_ns, stopped_ns;
    int64_t shown_ns, shown_requests;
    bool noted[CHILDREN_MAX]; /* whose end was */
    bool told, over;          /* the watcher knows that measuring began, ended */
};

/* ---- command lines ---- */

/* The value of Locust's option `name`, given as "--name value" or "--name=value"; NULL: it is not
 * there. "" for one without a value. */
static const char *given(const struct locust_call *call, const char *name)
{
    size_t len = strlen(name);
    const char *value = NULL;
    for (size_t i = 0; i < call->n_rest; i++) {
        const char *text = call->rest[i];
        if (strncmp(text, name, len) != 0)
            continue;
        if (text[len] == '=')
            value = text + len + 1;
        else if (!text[len])
            value = i + 1 < call->n_rest ? call->rest[i + 1] : "";
    }
    return value;
}

bool locust_is_worker(const struct locust_call *call)
{
    return given(call, "--worker") != NULL;
}

bool locust_is_master(const struct locust_call *call)
{
    return given(call, "--master") != NULL;
}

/* The bridge, from where this tool is. */
static const char *find_bridge(struct arena *arena, struct err *err)
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len < 0) {
        err_set_errno(err, errno, "cannot find out where this program is");
        return NULL;
    }
    self[len] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(self, '/');
        if (slash)
            *slash = '\0';
    }
    const char *path = arena_printf(arena, "%s/" BRIDGE, self);
    if (access(path, R_OK) == 0)
        return path;
    err_set_errno(err, errno, "cannot read '%s', which belongs beside the tools; install it again",
                  path);
    return NULL;
}

/* A port of 127.0.0.1 that nobody has at the moment. */
static int free_port(int *port, struct err *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int status = 0;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        status = err_set_errno(err, errno, "cannot find a free port for Locust's master");
    else
        *port = ntohs(address.sin_port);
    if (fd >= 0)
        close(fd);
    return status;
}

struct arguments {
    size_t n;
    const char **items; /* with room for MAX_ARGUMENTS, Locust's own, and a NULL */
};

static struct arguments new_arguments(struct watch *watch, const char *bridge)
{
    size_t most = MAX_ARGUMENTS + watch->call->n_rest + 1;
    struct arguments arguments = {.items =
                                      arena_array(&watch->arena, most, sizeof *arguments.items)};
    static const char *const first[] = {"locust", "--loglevel", "ERROR", "-f"};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        arguments.items[arguments.n++] = first[i];
    arguments.items[arguments.n++] = bridge;
    return arguments;
}

static void put(struct arguments *arguments, const char *name, const char *value)
{
    arguments->items[arguments->n++] = name;
    if (value)
        arguments->items[arguments->n++] = value;
}

static int start(struct watch *watch, struct arguments *arguments, bool has_figures,
                 struct err *err)
{
    const struct child_gift gifts[] = {
        {"PERFGATE_LOCUST_PLAN", watch->plan_fd},
        {"PERFGATE_LOCUST_RESULT", has_figures ? watch->write_fd : -1},
    };
    char **argv = arena_array(&watch->arena, arguments->n + 1, sizeof *argv);
    for (size_t i = 0; i < arguments->n; i++)
        argv[i] = arena_strdup(&watch->arena, arguments->items[i]);
    struct err own = {0};
    if (children_start(&watch->children, argv, gifts, 2, &own) == 0)
        return 0;
    return err_set(err, own.code,
                   "%s; the Locust engine needs Locust 2.12 or newer in PATH: install "
                   "python3-locust, or use the native engine",
                   own.text);
}

static void put_rest(const struct locust_call *call, struct arguments *arguments)
{
    for (size_t i = 0; i < call->n_rest; i++)
        put(arguments, call->rest[i], NULL);
}

/* The process with the statistics: Locust alone, or the master. */
static int start_first(struct watch *watch, const char *bridge, const char *port, struct err *err)
{
    const struct locust_call *call = watch->call;
    const struct locust_plan *plan = call->plan;
    struct arguments arguments = new_arguments(watch, bridge);
    put(&arguments, "--headless", NULL);
    put(&arguments, "--only-summary", NULL);
    put(&arguments, "--users", arena_printf(&watch->arena, "%" PRId64, plan->users));
    put(&arguments, "--spawn-rate", arena_printf(&watch->arena, "%.17g", plan->spawn_rate));
    if (plan->host)
        put(&arguments, "--host", plan->host);
    if (call->workers) {
        put(&arguments, "--master", NULL);
        put(&arguments, "--expect-workers", arena_printf(&watch->arena, "%" PRId64, call->workers));
        put(&arguments, "--master-bind-host", "127.0.0.1");
        put(&arguments, "--master-bind-port", port);
    }
    put_rest(call, &arguments);
    return start(watch, &arguments, true, err);
}

static int start_workers(struct watch *watch, const char *bridge, const char *port, struct err *err)
{
    for (int64_t i = 0; i < watch->call->workers; i++) {
        struct arguments arguments = new_arguments(watch, bridge);
        put(&arguments, "--worker", NULL);
        put(&arguments, "--master-host", "127.0.0.1");
        put(&arguments, "--master-port", port);
        if (start(watch, &arguments, false, err) < 0)
            return -1;
    }
    return 0;
}

static int start_worker_alone(struct watch *watch, const char *bridge, struct err *err)
{
    struct arguments arguments = new_arguments(watch, bridge);
    put_rest(watch->call, &arguments);
    return start(watch, &arguments, false, err);
}

static int start_all(struct watch *watch, struct err *err)
{
    const struct locust_call *call = watch->call;
    const char *bridge = find_bridge(&watch->arena, err);
    const char *port = given(call, "--master-bind-port");
    if (!bridge)
        return -1;
    if (locust_is_worker(call))
        return start_worker_alone(watch, bridge, err);
    if (call->workers && !port) {
        int number = 0;
        if (free_port(&number, err) < 0)
            return -1;
        port = arena_printf(&watch->arena, "%d", number);
    }
    if (start_first(watch, bridge, port, err) < 0)
        return -1;
    return start_workers(watch, bridge, port, err);
}

/* ---- what they tell ---- */

static int take_lines(struct watch *watch, struct err *err)
{
    const char *at = buf_text(&watch->line), *end = at + watch->line.len, *feed;
    int status = 0;
    while (status == 0 && (feed = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        status = locust_result_take(watch->result, at, (size_t)(feed - at), err);
        at = feed + 1;
    }
    size_t left = (size_t)(end - at);
    memmove(watch->line.data, at, left);
    watch->line.len = left;
    if (status == 0 && left > LOCUST_LINE_LIMIT)
        return err_set(err, ERR_IO,
                       "Locust tells of too many endpoints at once; give requests whose paths "
                       "vary one name");
    return status;
}

/* Reads what is there. */
static int take_news(struct watch *watch, struct err *err)
{
    for (;;) {
        char *room = buf_reserve(&watch->line, READ_BYTES);
        ssize_t got = read(watch->result_fd, room, READ_BYTES);
        watch->line.len += got > 0 ? (size_t)got : 0;
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0) {
            close(watch->result_fd);
            watch->result_fd = -1;
        }
        if (got <= 0)
            return 0;
        watch->heard_ns = clock_monotonic_ns();
        if (take_lines(watch, err) < 0)
            return -1;
    }
}

static void show(struct watch *watch)
{
    const struct locust_call *call = watch->call;
    const struct locust_result *result = watch->result;
    int64_t now_ns = clock_monotonic_ns();
    if (!call->progress || now_ns - watch->shown_ns < LOOK_MS * NS_PER_MS)
        return;
    int64_t ramp_ns =
        (int64_t)((double)call->plan->users / call->plan->spawn_rate * (double)NS_PER_S);
    const struct load_progress progress = {
        .warming_up = !result->began,
        .elapsed_ns = now_ns - watch->began_ns,
        .total_ns = ramp_ns + call->plan->warmup_ns + call->plan->duration_ns,
        .users = result->users,
        .requests = {result->requests},
        .failures = {result->failures},
        .n_sides = 1,
        .requests_per_s = (double)(result->requests - watch->shown_requests) * (double)NS_PER_S /
                          (double)(now_ns - watch->shown_ns),
    };
    call->progress(&progress, call->progress_context);
    watch->shown_ns = now_ns;
    watch->shown_requests = result->requests;
}

/* ---- how it goes ---- */

/* A worker that ends before the figures are whole. Before measuring there is nothing to keep. */
static int look_at_worker(struct watch *watch, size_t number, struct err *err)
{
    const struct child *child = &watch->children.items[number];
    char fate[64];
    if (!child->over || watch->noted[number])
        return 0;
    watch->noted[number] = true;
    child_fate(child, fate);
    if (!watch->result->began)
        return err_set(err, ERR_IO,
                       "worker %zu of Locust ended with %s before anything was measured; see its "
                       "messages above",
                       number, fate);
    watch->result->lost = true;
    locust_result_note(watch->result, "worker %zu of %" PRId64 " of Locust ended with %s", number,
                       watch->call->workers, fate);
    return 0;
}

static int look_at_workers(struct watch *watch, struct err *err)
{
    bool needed = !watch->result->ended && !watch->stopped_ns;
    for (size_t i = 1; needed && i < watch->children.n; i++)
        if (look_at_worker(watch, i, err) < 0)
            return -1;
    return 0;
}

static void stop_where_asked(struct watch *watch)
{
    const struct child *first = &watch->children.items[0];
    if (watch->stopped_ns || !*watch->call->stop)
        return;
    watch->stopped_ns = clock_monotonic_ns();
    kill(first->pid, SIGTERM); /* it hands in its figures, and ends its workers */
}

/* True where nothing more can be waited for. */
static bool is_stuck(struct watch *watch)
{
    int64_t now_ns = clock_monotonic_ns();
    if (watch->stopped_ns)
        return now_ns - watch->stopped_ns > STOP_NS;
    if (!watch->result->began || now_ns - watch->heard_ns < SILENCE_NS)
        return false;
    locust_result_note(watch->result,
                       "Locust said nothing for two minutes and was ended: does the locustfile "
                       "wait without gevent?");
    return true;
}

/* Tells the watcher when measuring begins. */
static void tell_begin(struct watch *watch)
{
    const struct load_watcher *watcher = watch->call->watcher;
    int64_t now_ns = clock_monotonic_ns();
    if (!watcher || watch->told || !watch->result->began)
        return;
    watcher->turn(0, now_ns, now_ns, watcher->context);
    watch->told = true;
}

/* … and when it ends; again is harmless. */
static void tell_end(struct watch *watch)
{
    const struct load_watcher *watcher = watch->call->watcher;
    watch->over = true;
    if (watcher)
        watcher->turn(-1, clock_monotonic_ns(), INT64_MAX, watcher->context);
}

static int watch_over(struct watch *watch, struct err *err)
{
    const struct child *first = &watch->children.items[0];
    while (!first->over) {
        if (children_wait(&watch->children, watch->result_fd, LOOK_MS) && take_news(watch, err) < 0)
            return -1;
        if (look_at_workers(watch, err) < 0)
            return -1;
        tell_begin(watch);
        if (watch->result->ended && !watch->over)
            tell_end(watch);
        stop_where_asked(watch);
        show(watch);
        if (is_stuck(watch))
            return 0;
    }
    return watch->result_fd >= 0 ? take_news(watch, err) : 0;
}

/* What is left is a run with figures, or one that was asked to stop; or else nothing. */
static int judge(struct watch *watch, struct err *err)
{
    const struct child *first = &watch->children.items[0];
    char fate[64];
    bool failed = !first->over || first->status != 0;
    if (locust_is_worker(watch->call))
        return failed && !watch->stopped_ns
                   ? err_set(err, ERR_IO,
                             "the worker of Locust ended with %s; see its messages "
                             "above",
                             child_fate(first, fate))
                   : 0;
    if (watch->result->ended || watch->stopped_ns)
        return 0;
    if (!watch->result->state)
        return err_set(err, ERR_IO,
                       "Locust ended with %s before anything was measured; see its messages above",
                       child_fate(first, fate));
    locust_result_note(watch->result,
                       "Locust ended with %s during the run: its last second is missing",
                       child_fate(first, fate));
    return 0;
}

/* ---- the descriptors ---- */

static int open_all(struct watch *watch, struct err *err)
{
    const struct buf *text = &watch->call->plan->text;
    int ends[2];
    watch->plan_fd = memfd_create("perfgate plan", MFD_CLOEXEC);
    if (watch->plan_fd < 0)
        return err_set_errno(err, errno, "cannot keep Locust's plan in memory");
    if (fs_write_fd(watch->plan_fd, "Locust's plan", text->data, text->len, err) < 0)
        return -1;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_set_errno(err, errno, "cannot make a pipe");
    watch->result_fd = ends[0];
    watch->write_fd = ends[1];
    fcntl(watch->result_fd, F_SETFL, O_NONBLOCK);
    return 0;
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

int locust_run(const struct locust_call *call, struct locust_result *result, struct err *err)
{
    int64_t now_ns = clock_monotonic_ns();
    struct watch watch = {.call = call,
                          .result = result,
                          .plan_fd = -1,
                          .result_fd = -1,
                          .write_fd = -1,
                          .began_ns = now_ns,
                          .heard_ns = now_ns,
                          .shown_ns = now_ns};
    int status = open_all(&watch, err);
    if (status == 0 && call->watcher)
        call->watcher->begin(&call->plan->target, 1, call->watcher->context);
    if (status == 0)
        status = start_all(&watch, err);
    close_one(&watch.write_fd);
    if (status == 0)
        status = watch_over(&watch, err);
    tell_end(&watch);
    bool whole = status == 0 && (result->ended || watch.stopped_ns);
    children_end(&watch.children, whole ? PATIENCE_MS : 0);
    if (status == 0)
        status = judge(&watch, err);
    close_one(&watch.plan_fd);
    close_one(&watch.result_fd);
    buf_release(&watch.line);
    arena_release(&watch.arena);
    return status;
}
