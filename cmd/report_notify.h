/*
 * Who is told: --notify FILE or REV:PATH (store/named.h says which is which), else
 * baselines/notify.json at the base revision, as policies are (store/choose.h), because a change
 * that could say where secrets go could take them. Outside of a repository it is the file.
 */
#ifndef PERFGATE_CMD_REPORT_NOTIFY_H
#define PERFGATE_CMD_REPORT_NOTIFY_H

#include "base/arena.h"
#include "base/err.h"
#include "model/notify.h"

#define NOTIFY_PATH "baselines/notify.json"

/* `given` is --notify, or NULL. `name` is what messages call it, in the arena. */
int report_notify_read(const char *given, struct notify *out, struct arena *arena,
                       const char **name, struct err *err) __attribute__((warn_unused_result));

#endif
