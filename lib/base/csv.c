#include "base/csv.h"

#include <csv.h>
#include <string.h>

void csv_add_field(struct buf *out, const char *text, bool first)
{
    if (!first)
        buf_add_char(out, ',');
    if (!text[strcspn(text, "\",\r\n")]) {
        buf_add_str(out, text);
        return;
    }
    size_t len = strlen(text);
    size_t size = csv_write(NULL, 0, text, len);
    char *end = buf_reserve(out, size);
    csv_write(end, size, text, len);
    end[size] = 0;
    out->len += size;
}

void csv_end_row(struct buf *out)
{
    buf_add_str(out, "\r\n");
}
