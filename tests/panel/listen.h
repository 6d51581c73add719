/*
 * A listening TCP socket and its URL.
 */
#ifndef PANEL_LISTEN_H
#define PANEL_LISTEN_H

#include <stdint.h>

#include "base/err.h"

enum { URL_SIZE = 80 };

/* Listens on a numeric address; port 0 is any free one. Returns the descriptor, non-blocking, and
 * the URL that reaches it; -1 on error. */
int listen_open(const char *host, uint16_t port, char url[URL_SIZE], struct err *err);

#endif
