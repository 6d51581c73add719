#include "render/html_style.h"

#include "render/svg.h"

/* Text on its ground has a contrast of 4.5 : 1 or more in both schemes, which tests/browser looks
 * at (WCAG 2.2, 1.4.3). */
static const char light[] =
    "--page:#fff;--card:#f6f7f9;--line:#dde2e8;--ink:#1b2330;--soft:#55606f;"
    "--good:#0b6b57;--bad:#b3400a;--warn:#6f5a00;--accepted:#8a3d77;--on:#fff";
static const char dark[] =
    "--page:#12161c;--card:#1a2028;--line:#2e3641;--ink:#e4e9f0;--soft:#a6b0bd;"
    "--good:#4cc9a7;--bad:#ff9d5c;--warn:#e6c84a;--accepted:#dd9bcb;--on:#12161c";

static const char sheet[] =
    "*{box-sizing:border-box}\n"
    "html{background:var(--page);color:var(--ink);-webkit-text-size-adjust:100%}\n"
    "body{margin:0 auto;padding:1.25rem 1rem 3rem;max-width:78rem;"
    "font:15px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif;"
    "font-variant-numeric:tabular-nums;overflow-wrap:anywhere}\n"
    "h1{font-size:1.4rem;line-height:1.35;font-weight:600;margin:.35rem 0 .6rem;"
    "letter-spacing:-.01em}\n"
    "h2{font-size:1.05rem;font-weight:650;margin:0 0 .75rem;padding-top:1rem;"
    "border-top:1px solid var(--line)}\n"
    "h3{font-size:.95rem;font-weight:600;margin:0 0 .4rem}\n"
    "p{margin:.3rem 0;max-width:75ch}\n"
    "section{margin:1.75rem 0 0}\n"
    "code{font:.92em ui-monospace,SFMono-Regular,Menlo,monospace}\n"
    "a{color:inherit}\n"
    "svg{display:block;max-width:100%;height:auto;font-family:inherit}\n"
    "text{fill:var(--soft)}\n"
    ".soft,.o td,figcaption,caption,.tally,nav{color:var(--soft)}\n"
    ".good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}"
    ".accepted{color:var(--accepted)}\n"
    "header{border-left:.4rem solid currentColor;padding:.1rem 0 .1rem 1rem}\n"
    "header>*{color:var(--ink)}header>.soft,header>nav,header>.tally{color:var(--soft)}\n"
    ".pill{display:inline-block;padding:.05em .55em;border-radius:.3em;margin-right:.3em;"
    "font-weight:700;color:var(--on);letter-spacing:0}\n"
    ".pill.good{background:var(--good)}.pill.bad{background:var(--bad)}"
    ".pill.warn{background:var(--warn)}\n"
    ".pill.good,.pill.bad,.pill.warn{color:var(--on)}\n"
    ".tally,nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;margin:.5rem 0;"
    "padding:0}\n"
    "nav{font-size:.9rem}\n"
    ".find{list-style:none;margin:0;padding:0}\n"
    ".find>li{display:grid;grid-template-columns:minmax(0,1fr) 360px;gap:.1rem 1.5rem;"
    "padding:.6rem 0;border-bottom:1px solid var(--line);align-items:center}\n"
    ".find>li:last-child{border:0}\n"
    ".find .r{grid-column:1/-1;color:var(--soft);font-size:.9rem;max-width:none;margin:0}\n"
    ".find b{font-size:1.1em}\n"
    ".find .what{font-weight:600}\n"
    ".s{white-space:nowrap;font-weight:600}\n"
    ".charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,345px),1fr));"
    "gap:1.25rem 1.5rem}\n"
    "figure{margin:0;min-width:0}\n"
    "figure svg{width:100%;max-width:30rem}\n"
    "figcaption{font-size:.9rem;margin-bottom:.3rem}figcaption b{color:var(--ink)}\n"
    ".forests{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,36rem),1fr));"
    "gap:1.5rem 2rem;align-items:start}\n"
    ".flame svg{width:auto;max-width:none}.flame text{fill:var(--ink)}"
    "#profile figure{margin:1rem 0}#profile td:nth-child(2){min-width:0}"
    "#profile td:first-child{min-width:13rem}#profile td:last-child{min-width:18rem}\n"
    "pre{font:.85rem/1.4 ui-monospace,SFMono-Regular,Menlo,monospace;margin:.5rem 0}\n"
    "table{border-collapse:collapse;font-size:.87rem}\n"
    "th,td{text-align:left;padding:.28rem .9rem .28rem 0;vertical-align:baseline}\n"
    "th{font-weight:600;color:var(--soft);white-space:nowrap}\n"
    "tbody th{color:var(--soft);font-weight:400}\n"
    "thead th{border-bottom:1px solid var(--line)}\n"
    "tbody tr+tr:not(.o)>*{border-top:1px solid var(--line)}\n"
    ".n{text-align:right;white-space:nowrap}\n"
    ".o td{padding-top:0}\n"
    ".wide{overflow-x:auto}\n"
    ".wide table{min-width:100%}\n"
    ".wide td:nth-child(2){min-width:11rem}#rows td:nth-child(3){min-width:8rem}\n"
    ".forest{width:100%;table-layout:fixed}\n"
    "caption{text-align:left;font-weight:600;color:var(--ink);padding-bottom:.3rem}\n"
    ".forest td,.forest th{padding:0 .6rem 0 0;vertical-align:middle}\n"
    ".forest tbody th{color:inherit;white-space:normal}\n"
    ".forest .n{width:5.6rem}.forest .g{width:250px;padding:0;font-weight:400}\n"
    ".forest tbody tr+tr>*{border:0}\n"
    ".facts th{padding-right:1.5rem}.facts td{min-width:9rem}\n"
    "dl{margin:.5rem 0;display:grid;grid-template-columns:max-content minmax(0,1fr);"
    "gap:.25rem 1.25rem;max-width:75rem}\n"
    "dt{color:var(--soft)}dd{margin:0}\n"
    ".ri{fill:var(--page)}\n";

/* On a phone, and on paper. */
static const char narrow[] =
    "@media (max-width:46rem){\n"
    ".find>li{grid-template-columns:minmax(0,1fr)}\n"
    ".forest,.forest tbody{display:block}\n"
    ".forest thead tr{display:block}.forest thead th:not(.g){display:none}\n"
    ".forest tbody tr{display:grid;grid-template-columns:250px minmax(0,1fr);padding-top:.35rem;"
    "align-items:center}\n"
    ".forest tbody th{grid-column:1/-1}\n"
    ".forest tbody .g{order:1}.forest tbody .n{order:2;width:auto;padding:0}\n"
    ".facts{width:100%;table-layout:fixed}.facts th{white-space:normal;padding-right:.5rem}"
    ".facts td{min-width:0}\n"
    "dl{grid-template-columns:minmax(0,1fr)}dd{margin-bottom:.4rem}\n"
    "h1{font-size:1.2rem}header{padding-left:.75rem}\n"
    "}\n"
    "@media print{\n"
    "html{font-size:9.5pt}body{font-size:1rem;max-width:none;padding:0}nav{display:none}\n"
    ".charts{grid-template-columns:1fr 1fr}\n"
    ".wide{overflow:visible}table{font-size:7pt}\n"
    "figure,.find>li,tr{break-inside:avoid}h2,h3,caption{break-after:avoid}\n"
    "*{-webkit-print-color-adjust:exact;print-color-adjust:exact}\n"
    "}\n";

void html_add_style(struct buf *out)
{
    buf_addf(out, ":root{%s}\n", light);
    svg_add_style(out, 0);
    buf_addf(out,
             "\n%s%s@media screen and (prefers-color-scheme:dark){\n:root{color-scheme:dark;%s}\n",
             sheet, narrow, dark);
    svg_add_style(out, 1);
    buf_add_str(out, "\n.ri{fill:var(--page)}\n}\n");
}
