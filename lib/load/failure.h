/*
 * The kinds of failed requests. The names are the `kind` of a report's errors.
 */
#ifndef PERFGATE_LOAD_FAILURE_H
#define PERFGATE_LOAD_FAILURE_H

enum failure {
    FAILURE_NONE,
    FAILURE_REFUSED,     /* the connection was refused, or there is no way to the host */
    FAILURE_RESET,       /* the connection broke before the response was complete */
    FAILURE_TIMEOUT,     /* connecting or the whole request took too long */
    FAILURE_TLS,         /* no secure connection could be agreed on, or it broke */
    FAILURE_PROTOCOL,    /* what came is no HTTP response */
    FAILURE_STATUS,      /* not the status that was expected */
    FAILURE_EXPECTATION, /* another expectation or a capture failed */
    FAILURE_GENERATOR,   /* this machine ran out of sockets, ports or memory */
    FAILURE_COUNT
};

const char *failure_name(enum failure failure);

/* The kind of an errno value of a connection. */
enum failure failure_of_errno(int number);

#endif
