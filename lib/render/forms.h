/* The functions behind the table of formats; only render.c uses them. */
#ifndef PERFGATE_RENDER_FORMS_H
#define PERFGATE_RENDER_FORMS_H

#include "render/render.h"

void text_verdict(const struct verdict *verdict, const struct render_options *options,
                  struct buf *out);
void text_report(const struct report *report, const struct render_options *options,
                 struct buf *out);
void page_verdict(const struct verdict *verdict, const struct render_options *options,
                  struct buf *out);
void page_report(const struct report *report, const struct render_options *options,
                 struct buf *out);
void comment_verdict(const struct verdict *verdict, const struct render_options *options,
                     struct buf *out);
void comment_report(const struct report *report, const struct render_options *options,
                    struct buf *out);
void sheet_verdict(const struct verdict *verdict, const struct render_options *options,
                   struct buf *out);
void sheet_report(const struct report *report, const struct render_options *options,
                  struct buf *out);
void junit_verdict(const struct verdict *verdict, const struct render_options *options,
                   struct buf *out);
void annotations_verdict(const struct verdict *verdict, const struct render_options *options,
                         struct buf *out);
void prometheus_verdict(const struct verdict *verdict, const struct render_options *options,
                        struct buf *out);
void prometheus_report(const struct report *report, const struct render_options *options,
                       struct buf *out);
void html_verdict(const struct verdict *verdict, const struct render_options *options,
                  struct buf *out);
void html_report(const struct report *report, const struct render_options *options,
                 struct buf *out);

#endif
