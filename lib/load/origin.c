#include "load/origin.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/buf.h"
#include "base/clock.h"
#include "load/loop.h"

/* How often a wait looks at the stop flag. */
#define LOOK_NS (100 * NS_PER_MS)

/* url_parse() has seen to it that the path fits. */
static void take_socket(struct origin *origin)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, origin->url.socket, sizeof address.sun_path - 1);
    memcpy(&origin->address, &address, sizeof address);
    origin->address_len = sizeof address;
}

int origin_init(struct origin *origin, const char *text, const char *what,
                const struct scenario_tls *tls, struct err *err)
{
    if (url_parse(text, what, &origin->url, err) < 0)
        return -1;
    origin->offer_http2 = origin->offer_http2 && origin->url.is_secure;
    origin->transport = origin->url.is_secure ? &transport_tls : &transport_tcp;
    if (origin->url.socket)
        take_socket(origin);
    return origin->url.is_secure
               ? tls_new(&origin->tls, &origin->url, tls, origin->offer_http2, err)
               : 0;
}

/* ---- trying ---- */

/* One connection, from its opening to the end of the handshake. */
struct attempt {
    struct loop_source source; /* first */
    const struct transport *transport;
    struct stream stream;
    enum io_status status;
    const char *advice; /* where it failed */
};

static void go_on(struct loop_source *source, unsigned events)
{
    struct attempt *attempt = (struct attempt *)source;
    (void)events;
    if (attempt->status == IO_RETRY)
        attempt->status = attempt->transport->handshake(&attempt->stream);
}

static const char *advice_of(const struct stream *stream)
{
    static const struct {
        int error;
        const char *text;
    } table[] = {
        {ECONNREFUSED, "nothing listens there: start the service, or check host and port"},
        {ENOENT, "there is no such socket: start the service, or check the path"},
        {ETIMEDOUT, "check host, port and firewall, or raise the connect timeout"},
        {EHOSTUNREACH, "check the host's name and the network"},
        {ENETUNREACH, "check the host's name and the network"},
        {EINTR, "the run was interrupted before it began"},
    };
    if (stream->reason)
        return tls_advice(stream);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].error == stream->error)
            return table[i].text;
    }
    return "check host and port";
}

/* What bounds the attempts. */
struct trial {
    struct loop loop;
    int64_t until_ns;
    const volatile sig_atomic_t *stop;
};

static bool stopped(const struct trial *trial)
{
    return trial->stop && *trial->stop;
}

static void await(struct attempt *attempt, struct trial *trial)
{
    int64_t now_ns = clock_monotonic_ns();
    while (attempt->status == IO_RETRY && now_ns < trial->until_ns && !stopped(trial)) {
        int64_t look_ns = now_ns + LOOK_NS;
        loop_wait(&trial->loop, now_ns, look_ns < trial->until_ns ? look_ns : trial->until_ns);
        now_ns = clock_monotonic_ns();
    }
    if (attempt->status == IO_RETRY)
        attempt->stream.error = stopped(trial) ? EINTR : ETIMEDOUT;
}

/* Opens a connection to the origin's address, and closes it. */
static struct attempt try_address(const struct origin *origin, struct trial *trial)
{
    struct attempt attempt = {.source.ready = go_on, .transport = origin->transport};
    struct stream *stream = &attempt.stream;
    attempt.status = origin->transport->connect(stream, origin);
    if (attempt.status == IO_OK) {
        attempt.status = IO_RETRY;
        stream->error = loop_add(&trial->loop, stream->fd, &attempt.source);
        if (!stream->error)
            await(&attempt, trial);
    }
    if (attempt.status != IO_OK) {
        attempt.advice = advice_of(stream);
    } else if (origin->only_http2 && origin->offer_http2 && !stream->http2) {
        attempt.status = IO_ERROR;
        stream->reason = ORIGIN_NO_HTTP2;
        attempt.advice = "make the server speak it, or set \"protocol\" to \"auto\" or \"http1\"";
    }
    origin->transport->close(stream);
    if (stream->resume)
        origin->transport->forget(stream);
    return attempt;
}

/* Stays with the first address that can be reached; else says how it went with the first of all.
 * Who answers, but not as asked, is the host that was meant. */
static struct attempt try_all(struct origin *origin, const struct addrinfo *list,
                              struct trial *trial)
{
    struct attempt first = {0};
    for (const struct addrinfo *info = list; info; info = info->ai_next) {
        memcpy(&origin->address, info->ai_addr, info->ai_addrlen);
        origin->address_len = info->ai_addrlen;
        struct attempt attempt = try_address(origin, trial);
        if (attempt.status == IO_OK || attempt.stream.reason)
            return attempt;
        if (info == list)
            first = attempt;
    }
    return first;
}

static int unreachable(const struct origin *origin, const char *what, const char *what_to_do,
                       struct err *err)
{
    struct buf url = {0};
    url_add_origin(&origin->url, &url);
    err_set(err, ERR_TARGET, "'%s' cannot be reached: %s; %s", buf_text(&url), what, what_to_do);
    buf_release(&url);
    return -1;
}

static int look_up(const struct origin *origin, struct addrinfo **list, struct err *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)origin->url.port);
    int failed = getaddrinfo(origin->url.host, port, &hints, list);
    return failed ? unreachable(origin, gai_strerror(failed), "check the host's name", err) : 0;
}

int origin_reach(struct origin *origin, int64_t timeout_ns, const volatile sig_atomic_t *stop,
                 struct err *err)
{
    struct trial trial = {.stop = stop};
    struct addrinfo *list = NULL;
    int status = -1;
    if (loop_init(&trial.loop, err) < 0 || (!origin->url.socket && look_up(origin, &list, err) < 0))
        goto out;
    trial.until_ns = clock_monotonic_ns() + timeout_ns;
    struct attempt attempt = list ? try_all(origin, list, &trial) : try_address(origin, &trial);
    const struct stream *stream = &attempt.stream;
    if (attempt.status == IO_OK)
        status = 0;
    else
        unreachable(origin, stream->reason ? stream->reason : strerrordesc_np(stream->error),
                    attempt.advice, err);
out:
    if (list)
        freeaddrinfo(list);
    loop_release(&trial.loop);
    return status;
}

void origin_release(struct origin *origin)
{
    url_release(&origin->url);
    tls_free(origin->tls);
    *origin = (struct origin){0};
}
