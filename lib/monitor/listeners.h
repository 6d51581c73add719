/*
 * Who listens where: pure parsers of /proc/net/tcp, tcp6 and unix, for the inodes of listening
 * sockets. A process has such a socket where one of its /proc/PID/fd/N says "socket:[INODE]".
 */
#ifndef PERFGATE_MONITOR_LISTENERS_H
#define PERFGATE_MONITOR_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Several sockets may listen at one port (SO_REUSEPORT); more are left out. */
#define LISTENERS_MOST 64

struct listeners {
    size_t n;
    uint64_t inodes[LISTENERS_MOST];
};

/* What is listened at: a port of any address, or an address of TCP or of a Unix-domain socket. */
struct listen_place {
    uint16_t port;                   /* where `address` is empty */
    struct sockaddr_storage address; /* ss_family 0 = empty */
};

/* Adds the sockets of a text of /proc/net/tcp (or, with `six`, tcp6) that listen at the place, also
 * by listening at all addresses. An IPv4 address is met in tcp6 as well. */
void listeners_parse_tcp(const char *text, bool six, const struct listen_place *place,
                         struct listeners *out);

/* The same of /proc/net/unix, for an address of such a socket. */
void listeners_parse_unix(const char *text, const struct listen_place *place,
                          struct listeners *out);

/* True for "socket:[INODE]" of one of them. */
bool listeners_have(const struct listeners *listeners, const char *link);

/* True where an address is the machine's own: the loopback, a Unix-domain socket, or that of one of
 * its interfaces. */
bool listen_is_local(const struct listen_place *place);

#endif
