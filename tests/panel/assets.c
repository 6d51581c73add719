/* The static files: part of the program, with a validator each. */
#include <string.h>

#include "panel.h"

static const char css[] =
    "/* panel */\n"
    ":root { --ink: #1d2433; --soft: #5b6475; --line: #d9dee8; --link: #1f5fbf; --back: #fff; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root { --ink: #e8ebf2; --soft: #9aa3b5; --line: #323a4a; --link: #7fb0ff; --back: #151a24; "
    "}\n"
    "}\n"
    "* { box-sizing: border-box; }\n"
    "body { margin: 0 auto; max-width: 56rem; padding: 0 1rem 3rem; color: var(--ink);\n"
    "  background: var(--back); font: 16px/1.5 system-ui, sans-serif; }\n"
    "a { color: var(--link); }\n"
    "a:focus-visible, button:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; "
    "}\n"
    "header { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; padding: 1rem 0;\n"
    "  border-bottom: 1px solid var(--line); }\n"
    "nav { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; margin-left: auto; }\n"
    "nav form { margin: 0; padding: 0; border: 0; }\n"
    "h1 { font-size: 1.6rem; line-height: 1.2; margin: 1.5rem 0 1rem; }\n"
    "h2 { font-size: 1.2rem; margin: 1.5rem 0 .5rem; }\n"
    "table { width: 100%; border-collapse: collapse; }\n"
    "th, td { text-align: left; padding: .4rem .5rem; border-bottom: 1px solid var(--line); }\n"
    "th { color: var(--soft); font-weight: 600; }\n"
    "article { padding: .5rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }\n"
    ".by, footer, time { color: var(--soft); font-size: .9rem; }\n"
    "form { display: grid; gap: .75rem; max-width: 32rem; margin: 1rem 0; }\n"
    "label { display: grid; gap: .25rem; }\n"
    "input, textarea { font: inherit; color: inherit; background: transparent; padding: .4rem "
    ".5rem;\n"
    "  border: 1px solid var(--line); border-radius: 4px; }\n"
    "button { font: inherit; color: #fff; background: #1f5fbf; border: 0; border-radius: 4px;\n"
    "  padding: .45rem .9rem; justify-self: start; cursor: pointer; }\n"
    ".pager a, .pager b { padding: .2rem .4rem; }\n"
    "dt { color: var(--soft); } dd { margin: 0 0 .75rem; }\n"
    "footer { margin-top: 2rem; }\n";

static const char js[] =
    "'use strict';\n"
    "/* Shows times in the reader's time zone, and keeps a form from being sent twice. */\n"
    "for (const time of document.querySelectorAll('time')) {\n"
    "  const date = new Date(time.textContent);\n"
    "  if (Number.isNaN(date.getTime())) continue;\n"
    "  time.dateTime = time.textContent;\n"
    "  time.textContent = date.toLocaleString();\n"
    "}\n"
    "for (const form of document.querySelectorAll('form')) {\n"
    "  form.addEventListener('submit', () => {\n"
    "    for (const button of form.querySelectorAll('button')) button.disabled = true;\n"
    "  });\n"
    "}\n";

static const char logo[] =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 48 48\" width=\"48\" height=\"48\">\n"
    "<rect width=\"48\" height=\"48\" rx=\"9\" fill=\"#1f5fbf\"/>\n"
    "<path d=\"M9 36a15 15 0 1 1 30 0\" fill=\"none\" stroke=\"#fff\" stroke-width=\"3\"/>\n"
    "<g stroke=\"#fff\" stroke-width=\"2\">\n"
    "<path d=\"M12.5 27.5l2.6 1.5M18 21.7l1.5 2.6M24 20v3M30 21.7l-1.5 2.6M35.5 27.5l-2.6 1.5\"/>\n"
    "</g>\n"
    "<path d=\"M24 36l8-11\" stroke=\"#ffd166\" stroke-width=\"3\" stroke-linecap=\"round\"/>\n"
    "<circle cx=\"24\" cy=\"36\" r=\"3.5\" fill=\"#fff\"/>\n"
    "</svg>\n";

static void answer_asset(const struct request *request, struct response *response, const char *type,
                         const char *etag)
{
    response->type = type;
    response->etag = etag;
    if (!request->if_none_match || !strstr(request->if_none_match, etag))
        return;
    response->status = 304;
    response->asset_len = 0;
}

void asset_css(struct panel *panel, struct request *request, struct response *response)
{
    (void)panel;
    response->asset = css;
    response->asset_len = sizeof css - 1;
    answer_asset(request, response, "text/css; charset=utf-8", "\"css-1\"");
}

void asset_js(struct panel *panel, struct request *request, struct response *response)
{
    (void)panel;
    response->asset = js;
    response->asset_len = sizeof js - 1;
    answer_asset(request, response, "text/javascript; charset=utf-8", "\"js-1\"");
}

void asset_logo(struct panel *panel, struct request *request, struct response *response)
{
    (void)panel;
    response->asset = logo;
    response->asset_len = sizeof logo - 1;
    answer_asset(request, response, "image/svg+xml", "\"logo-1\"");
}
