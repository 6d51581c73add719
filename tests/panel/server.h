/*
 * The HTTP server under the application: the only user of libmicrohttpd.
 *
 * Each worker is a thread with an event loop of its own: a libmicrohttpd daemon on epoll, driven by
 * the worker, and the heap of the requests that wait. Because one thread does both, a request that
 * waits is suspended and resumed without a lock or another thread's wake-up, and its timing is as
 * exact as ppoll(2). (libmicrohttpd's own threads need a separate timer thread, which on a busy
 * core is scheduled late.) The workers share the listening socket.
 */
#ifndef PANEL_SERVER_H
#define PANEL_SERVER_H

#include "base/err.h"
#include "options.h"
#include "panel.h"

struct server;

/* Listens, starts the workers and returns at once. `options` and `panel` must outlive the server.
 */
int server_start(const struct options *options, struct panel *panel, struct server **out,
                 struct err *err) __attribute__((warn_unused_result));

/* "http://127.0.0.1:8080" */
const char *server_url(const struct server *server);

/* Answers what waits, ends the workers and frees the server. */
void server_stop(struct server *server);

#endif
