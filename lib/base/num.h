/*
 * Numbers and units as text: strict parsing, exact and display formatting.
 *
 * One table of units drives both directions. Parsing takes the whole string or fails; nothing is
 * trimmed and no locale is asked. A double is written with the fewest digits that read back as the
 * same double.
 */
#ifndef PERFGATE_BASE_NUM_H
#define PERFGATE_BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* A whole decimal number in [low, high]. `what` names it in the message. */
int num_parse_int(const char *text, const char *what, int64_t low, int64_t high, int64_t *out,
                  struct err *err) __attribute__((warn_unused_result));

/* A finite decimal number (no hexadecimal, no "inf" or "nan") in [low, high]. */
int num_parse_double(const char *text, const char *what, double low, double high, double *out,
                     struct err *err) __attribute__((warn_unused_result));

/* A duration: `90`, `90s`, `1.5s`, `250ms`, `5m`, `1h30m`; without a unit: seconds. Result in
 * nanoseconds, 0 to 365 days. */
int num_parse_duration(const char *text, const char *what, int64_t *out_ns, struct err *err)
    __attribute__((warn_unused_result));

/* The shortest decimal that strtod() reads back as `value`; "null" for what JSON cannot hold. */
void num_add_double(struct buf *out, double value);

/* Nanoseconds as milliseconds, exactly: "12", "0.25", "1.000001". */
void num_add_ms(struct buf *out, int64_t ns);

/* For people: "1h30m", "90s", "250ms", "3.2us"; exact where the value is round, else 3 digits. */
void num_add_duration(struct buf *out, int64_t ns);

/* For people: 3 significant digits plus `extra`, all digits before the point up to 10^12. */
void num_add_rounded(struct buf *out, double value, int extra);

/* For people: `ms` as "12.3 ms", "1.23 s" or "85.0 us", with 3 significant digits plus `extra`. */
void num_add_latency(struct buf *out, double ms, int extra);

/* RFC 3339 in UTC, `2026-11-23T16:11:00Z`; from nanoseconds since the Unix epoch. */
void num_add_utc(struct buf *out, int64_t wall_ns);

/* The inverse of num_add_utc(), whole seconds, `Z` required. */
int num_parse_utc(const char *text, const char *what, int64_t *out_ns, struct err *err)
    __attribute__((warn_unused_result));

#endif
