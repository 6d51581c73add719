/* Reading a text as a foreign file, for the tests beside this file. */
#ifndef PERFGATE_TESTS_IMPORTED_H
#define PERFGATE_TESTS_IMPORTED_H

#include <stdbool.h>

#include "import/import.h"

/* The text is recognised as `format`, and read as "f"; the result of import_read(). */
int imported(const char *text, const char *format, bool partial, struct report *report,
             struct err *err);

/* The same of bytes. */
int imported_bytes(struct span bytes, const char *format, bool partial, struct report *report,
                   struct err *err);

/* It is read; the caller releases. */
struct report imported_well(const char *text, const char *format);

/* It is refused so. */
void imported_not(const char *text, const char *format, const char *message);

/* What is written of it reads back as valid, and says the same. */
void imported_reads_back(const struct report *report);

/* NULL where there is none. */
const struct report_endpoint *imported_endpoint(const struct report *report, const char *method,
                                                const char *name);

#endif
