/*
 * ab -e and ab -g: neither says how many requests failed, and -e not even how many there were, so
 * neither can be a report. They are recognised to say so, and what to give instead.
 */
#include "import/formats.h"
#include "import/rows.h"

bool ab_files_recognise(struct span head)
{
    struct span line = rows_first_line(head);
    return rows_line_has(line, ',', "Percentage served") ||
           (rows_line_has(line, '\t', "starttime") && rows_line_has(line, '\t', "ttime"));
}

int ab_files_read(const struct import_file *file, struct report *report, struct err *err)
{
    (void)report;
    return err_set(err, ERR_INPUT,
                   "'%s': what ab -e and ab -g write does not say which requests failed; give the "
                   "report that ab prints",
                   file->stream->name);
}
