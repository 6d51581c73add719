/* A socket as it is, as a transport: TCP, or a Unix-domain one, which differs in its address. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "load/origin.h"
#include "load/transport.h"

static enum io_status fail(struct stream *stream, int error)
{
    stream->error = error;
    return IO_ERROR;
}

static enum io_status tcp_connect(struct stream *stream, const struct origin *origin)
{
    const struct sockaddr *address = (const struct sockaddr *)&origin->address;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(stream, errno);
    /* A request in several writes must not wait for the acknowledgement of the first. */
    int on = 1;
    bool is_set = address->sa_family == AF_UNIX ||
                  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;
    if (is_set && (connect(fd, address, origin->address_len) == 0 || errno == EINPROGRESS)) {
        stream->fd = fd;
        return IO_OK;
    }
    int error = errno;
    close(fd);
    return fail(stream, error);
}

static enum io_status tcp_handshake(struct stream *stream)
{
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    return error ? fail(stream, error) : IO_OK;
}

static enum io_status result(struct stream *stream, ssize_t n, size_t *moved)
{
    if (n >= 0) {
        *moved = (size_t)n;
        return IO_OK;
    }
    return errno == EAGAIN || errno == EINTR ? IO_RETRY : fail(stream, errno);
}

static enum io_status tcp_read(struct stream *stream, char *bytes, size_t len, size_t *got)
{
    ssize_t n = recv(stream->fd, bytes, len, 0);
    stream->more = n >= 0 && (size_t)n == len; /* a short one is the end of what is there */
    return result(stream, n, got);
}

static enum io_status tcp_write(struct stream *stream, const char *bytes, size_t len, size_t *put)
{
    return result(stream, send(stream->fd, bytes, len, MSG_NOSIGNAL), put);
}

static void tcp_close(struct stream *stream)
{
    if (stream->fd > 0)
        close(stream->fd);
    stream->fd = 0;
}

const struct transport transport_tcp = {tcp_connect, tcp_handshake, tcp_read,
                                        tcp_write,   tcp_close,     NULL};
