#include "render/render.h"

#include "render/forms.h"

static void json_verdict(const struct verdict *verdict, const struct render_options *options,
                         struct buf *out)
{
    (void)options;
    verdict_encode(verdict, out);
}

static void json_report(const struct report *report, const struct render_options *options,
                        struct buf *out)
{
    (void)options;
    report_encode(report, out);
}

const struct render_format render_formats[FORMAT_COUNT] = {
    [FORMAT_TEXT] = {"text", text_verdict, text_report, .joins = true},
    [FORMAT_MARKDOWN] = {"markdown", page_verdict, page_report, .joins = true},
    [FORMAT_HTML] = {"html", html_verdict, html_report, .beside = true},
    [FORMAT_JSON] = {"json", json_verdict, json_report, .joins = false},
};

const char *render_format_name(int i)
{
    return i >= 0 && i < FORMAT_COUNT ? render_formats[i].name : NULL;
}
