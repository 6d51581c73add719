/*
 * What the reports of one side or of both say of resources, as a table.
 */
#ifndef PERFGATE_RENDER_RESOURCES_H
#define PERFGATE_RENDER_RESOURCES_H

#include <stdbool.h>

#include "render/render.h"
#include "render/table.h"

/* One row per source and series of which anything happened, the
 * application's first, then targets; columns of the base side
 * are empty, and so not shown, where there is none. `brief`: of the machine and of processes
 * CPU and memory alone. */
void resources_rows(const struct render_side *sides, bool brief, struct table *out);

/* The same of one report. */
void resources_rows_of(const struct report *report, bool brief, struct table *out);

#endif
