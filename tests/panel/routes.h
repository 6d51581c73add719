/*
 * The table of what panel serves. README.md lists the same routes with their fields; a route that
 * is added goes there too.
 */
#ifndef PANEL_ROUTES_H
#define PANEL_ROUTES_H

#include <stddef.h>

#include "panel.h"

/* Who may ask. A POST that a cookie authorises also needs the session's CSRF token. */
enum access {
    ACCESS_ANYONE,
    ACCESS_COOKIE,
    ACCESS_ADMIN_COOKIE,
    ACCESS_TOKEN,
    ACCESS_ADMIN_TOKEN,
};

struct route {
    enum method method;
    enum access access;
    const char *pattern; /* ":id" stands for a number */
    panel_handler *handle;
};

extern const struct route routes[];
extern const size_t n_routes;

/* "GET", … */
const char *method_name(enum method method);

#endif
