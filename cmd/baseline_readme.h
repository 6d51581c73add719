/*
 * The README.md that `perf-baseline init` leaves below baselines/. This repository's own
 * baselines/README.md is the same text; a test holds them together.
 */
#ifndef PERFGATE_CMD_BASELINE_README_H
#define PERFGATE_CMD_BASELINE_README_H

extern const char baseline_readme[];

#endif
