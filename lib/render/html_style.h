/* The style sheet of the pages; html_parts.h says what it is held to. */
#ifndef PERFGATE_RENDER_HTML_STYLE_H
#define PERFGATE_RENDER_HTML_STYLE_H

#include "base/buf.h"

void html_add_style(struct buf *out);

#endif
