#include "html.h"

#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "panel.h"

void html_text(struct buf *out, const char *text)
{
    while (*text) {
        size_t plain = strcspn(text, "<>&\"'");
        buf_add(out, text, plain);
        text += plain;
        if (*text)
            buf_addf(out, "&#%d;", *text++);
    }
}

void html_element(struct buf *out, const char *tag, const char *text)
{
    buf_addf(out, "<%s>", tag);
    html_text(out, text);
    buf_addf(out, "</%s>", tag);
}

void html_time(struct buf *out, int64_t unix_s)
{
    buf_add_str(out, "<time>");
    num_add_utc(out, unix_s * NS_PER_S);
    buf_add_str(out, "</time>");
}

static void add_menu(struct buf *out, const struct request *request)
{
    buf_add_str(out, "<nav><a href=\"/\">Home</a> <a href=\"/forum\">Forum</a> ");
    if (!request->user) {
        buf_add_str(out, "<a href=\"/login\">Log in</a></nav>\n");
        return;
    }
    buf_add_str(out, "<a href=\"/dashboard\">Dashboard</a> <a href=\"/profile\">Profile</a> ");
    if (request->user->admin)
        buf_add_str(out, "<a href=\"/admin\">Administration</a> ");
    html_form_begin(out, "/logout", request->session->csrf);
    html_form_end(out, "Log out");
    buf_add_str(out, "</nav>\n");
}

void html_begin(const struct panel *panel, const struct request *request, struct response *response,
                const char *title)
{
    struct buf *out = &response->body;
    buf_reserve(out, 8192);
    buf_add_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<link rel=\"stylesheet\" href=\"/static/style.css\">\n"
                     "<link rel=\"icon\" href=\"/static/logo.svg\">\n"
                     "<script src=\"/static/app.js\" defer></script>\n<title>");
    html_text(out, title);
    buf_add_str(out, " · ");
    html_text(out, panel->settings.site_name);
    buf_add_str(out, "</title>\n</head>\n<body>\n<header><img src=\"/static/logo.svg\" alt=\"\" "
                     "width=\"48\" height=\"48\"> ");
    html_element(out, "strong", panel->settings.site_name);
    add_menu(out, request);
    buf_add_str(out, "</header>\n<main>\n");
    html_element(out, "h1", title);
    buf_add_char(out, '\n');
}

void html_end(struct response *response)
{
    buf_add_str(&response->body,
                "</main>\n<footer>A demo application to measure. All of its people and posts are "
                "made up.</footer>\n</body>\n</html>\n");
}

void html_plain_page(struct buf *out, unsigned status, const char *message)
{
    buf_addf(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<title>%u</title>\n<h1>%u</h1>\n", status,
             status);
    html_element(out, "p", message);
    buf_add_str(out, "\n<p><a href=\"/\">Home</a></p>\n</html>\n");
}

void html_form_begin(struct buf *out, const char *action, const char *csrf)
{
    buf_addf(out,
             "<form method=\"post\" action=\"%s\">"
             "<input type=\"hidden\" name=\"csrf_token\" value=\"%s\">\n",
             action, csrf);
}

void html_input(struct buf *out, const char *label, const char *name, const char *type,
                const char *value)
{
    buf_addf(out, "<label>%s <input type=\"%s\" name=\"%s\" value=\"", label, type, name);
    html_text(out, value);
    buf_add_str(out, "\"></label>\n");
}

void html_textarea(struct buf *out, const char *label, const char *name, const char *value)
{
    buf_addf(out, "<label>%s <textarea name=\"%s\" rows=\"6\">", label, name);
    html_text(out, value);
    buf_add_str(out, "</textarea></label>\n");
}

void html_form_end(struct buf *out, const char *button)
{
    buf_addf(out, "<button>%s</button></form>\n", button);
}

void html_pager(struct buf *out, const char *path, int64_t page, int64_t last)
{
    buf_add_str(out, "<p class=\"pager\">");
    for (int64_t i = 1; i <= last; i++) {
        if (i == page)
            buf_addf(out, "<b>%lld</b> ", (long long)i);
        else
            buf_addf(out, "<a href=\"%s?page=%lld\">%lld</a> ", path, (long long)i, (long long)i);
    }
    buf_add_str(out, "</p>\n");
}
