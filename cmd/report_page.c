#include "cmd/report_page.h"

#include "cmd/report_files.h"

static void render(const struct report_files *files, const struct render_format *format,
                   struct buf *out)
{
    struct render_options how = {.sides = files->sides};
    if (files->verdict_name) {
        how.title = files->verdict_name;
        format->verdict(&files->verdict, &how, out);
        return;
    }
    const struct render_side *side = &files->sides[RENDER_CANDIDATE];
    if (!side->n)
        side = &files->sides[RENDER_BASE];
    how.title = side->n == 1 ? files->names[side->whole - files->reports] : "merged report";
    format->report(side->whole, &how, out);
}

int report_page(const struct option_list *named, const struct option_list *baselines,
                const struct render_format *format, struct buf *out, struct err *err)
{
    struct report_files files;
    if (report_files_read(&files, named, baselines, err) < 0)
        return -1;
    render(&files, format, out);
    report_files_release(&files);
    return 0;
}
