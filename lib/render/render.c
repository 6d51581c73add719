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
    [FORMAT_TEXT] = {.name = "text", .verdict = text_verdict, .report = text_report, .joins = true},
    [FORMAT_MARKDOWN] = {.name = "markdown",
                         .verdict = page_verdict,
                         .report = page_report,
                         .joins = true,
                         .limit = RENDER_SUMMARY_LIMIT},
    [FORMAT_COMMENT] = {.name = "comment",
                        .verdict = comment_verdict,
                        .report = comment_report,
                        .joins = true,
                        .limit = RENDER_COMMENT_LIMIT},
    [FORMAT_HTML] = {.name = "html",
                     .verdict = html_verdict,
                     .report = html_report,
                     .beside = true},
    [FORMAT_JSON] = {.name = "json", .verdict = json_verdict, .report = json_report},
    [FORMAT_CSV] = {.name = "csv", .verdict = sheet_verdict, .report = sheet_report},
    [FORMAT_JUNIT] = {.name = "junit", .verdict = junit_verdict},
    [FORMAT_ANNOTATIONS] = {.name = "annotations", .verdict = annotations_verdict},
    [FORMAT_PROMETHEUS] = {.name = "prometheus",
                           .verdict = prometheus_verdict,
                           .report = prometheus_report},
};

const char *render_format_name(int i)
{
    return i >= 0 && i < FORMAT_COUNT ? render_formats[i].name : NULL;
}
