#include "cmd/report_page.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "cmd/io.h"
#include "model/report.h"
#include "model/verdict.h"

/* What was read. Owns the documents; the sides point into it. */
struct page {
    struct arena arena;
    const char *verdict_name; /* NULL = there is none */
    struct verdict verdict;
    size_t n_reports;
    struct report *reports;
    const char **names;
    bool *base; /* of each report, whether it is the base's */
    struct report merged[RENDER_SIDES];
    struct render_side sides[RENDER_SIDES];
};

int report_page_is_verdict(const struct buf *bytes, const char *name, bool *out, struct err *err)
{
    static const char prefix[] = "perfgate.verdict/";
    struct js_doc *doc = NULL;
    struct js_at schema;
    const char *text;
    *out = false;
    /* A long report need not be parsed twice to know that it is none. */
    if (bytes->len && !memmem(bytes->data, bytes->len, prefix, sizeof prefix - 1))
        return 0;
    if (js_parse(buf_text(bytes), bytes->len, name, &doc, err) < 0)
        return -1;
    struct js_at root = js_root(doc);
    *out = js_member(&root, "schema", &schema) && js_kind(&schema) == JS_K_STRING &&
           js_get_string(&schema, &text, err) == 0 && strncmp(text, prefix, sizeof prefix - 1) == 0;
    js_free(doc);
    return 0;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length > tail && strcmp(text + length - tail, end) == 0;
}

static bool is_base(const struct report *report, const char *name, bool named)
{
    if (report->pair && report->pair->role != ROLE_NONE)
        return report->pair->role == ROLE_BASE;
    return named || ends_with(name, ".base.json");
}

static int read_one(struct page *page, const char *path, bool baseline, struct err *err)
{
    const char *name = arena_strdup(&page->arena, io_input_name(path));
    struct report *report = &page->reports[page->n_reports];
    struct io_document document = {.report = report};
    bool verdict = false;
    int status = io_read_document(path, &document, err);
    if (status == 0 && !baseline && !document.foreign)
        status = report_page_is_verdict(&document.bytes, name, &verdict, err);
    if (status == 0 && verdict && page->verdict_name)
        status = err_set(err, ERR_USAGE,
                         "'%s' and '%s' are both verdicts, and a page is of one; name one of them",
                         page->verdict_name, name);
    if (status < 0)
        goto out;
    if (verdict) {
        status = verdict_decode(buf_text(&document.bytes), document.bytes.len, name, &page->verdict,
                                err);
        page->verdict_name = status == 0 ? name : NULL;
        goto out;
    }
    if (!document.foreign)
        status = report_decode(buf_text(&document.bytes), document.bytes.len, name, report, err);
    if (status == 0) {
        page->base[page->n_reports] = is_base(report, name, baseline);
        page->names[page->n_reports++] = name;
    }
out:
    buf_release(&document.bytes);
    return status;
}

/* Gathers the reports of a side, and merges them where there are several. */
static int fill_side(struct page *page, int which, struct err *err)
{
    struct render_side *side = &page->sides[which];
    const struct report **reports = arena_array(&page->arena, page->n_reports + 1, sizeof *reports);
    const char **names = arena_array(&page->arena, page->n_reports + 1, sizeof *names);
    for (size_t i = 0; i < page->n_reports; i++) {
        if (page->base[i] != (which == RENDER_BASE))
            continue;
        names[side->n] = page->names[i];
        reports[side->n++] = &page->reports[i];
    }
    side->reports = reports;
    side->whole = reports[0];
    if (side->n < 2)
        return 0;
    side->whole = &page->merged[which];
    return report_merge(reports, names, side->n, &page->merged[which], err);
}

/* The requests of the whole run that the verdict counted on the candidate's side; 0 = not known. */
static int64_t judged_requests(const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->n_rows; i++) {
        const struct verdict_row *row = &verdict->rows[i];
        if (!row->endpoint && row->against == AGAINST_BASE && row->candidate_count > 0)
            return row->candidate_count;
    }
    return 0;
}

/* Charts of another run beside a verdict would be taken for what was judged. */
static int check_same_run(const struct page *page, struct err *err)
{
    const struct render_side *side = &page->sides[RENDER_CANDIDATE];
    int64_t judged = page->verdict_name ? judged_requests(&page->verdict) : 0;
    if (!side->n || !judged || side->whole->metrics.total_requests == judged)
        return 0;
    return err_set(err, ERR_INPUT,
                   "'%s' is of %" PRId64 " requests of the candidate, and the reports beside it, "
                   "'%s'%s, of %" PRId64 "; name those that it was made from",
                   page->verdict_name, judged, page->names[0],
                   page->n_reports > 1 ? " and others" : "", side->whole->metrics.total_requests);
}

static void render(const struct page *page, const struct render_format *format, struct buf *out)
{
    struct render_options how = {.sides = page->sides};
    if (page->verdict_name) {
        how.title = page->verdict_name;
        format->verdict(&page->verdict, &how, out);
        return;
    }
    const struct render_side *side = &page->sides[RENDER_CANDIDATE];
    if (!side->n)
        side = &page->sides[RENDER_BASE];
    how.title = side->n == 1 ? page->names[side->whole - page->reports] : "merged report";
    format->report(side->whole, &how, out);
}

static void page_release(struct page *page)
{
    for (size_t i = 0; i < page->n_reports; i++)
        report_release(&page->reports[i]);
    for (int side = 0; side < RENDER_SIDES; side++)
        report_release(&page->merged[side]);
    verdict_release(&page->verdict);
    arena_release(&page->arena);
}

int report_page(const char *const *files, size_t n, const struct option_list *baselines,
                const struct render_format *format, struct buf *out, struct err *err)
{
    struct page page = {0};
    size_t most = n + baselines->n;
    int status = 0;
    page.reports = arena_array(&page.arena, most, sizeof *page.reports);
    page.names = arena_array(&page.arena, most, sizeof *page.names);
    page.base = arena_array(&page.arena, most, sizeof *page.base);
    for (size_t i = 0; i < n && status == 0; i++)
        status = read_one(&page, files[i], false, err);
    for (size_t i = 0; i < baselines->n && status == 0; i++)
        status = read_one(&page, baselines->items[i], true, err);
    for (int side = 0; side < RENDER_SIDES && status == 0; side++)
        status = fill_side(&page, side, err);
    if (status == 0)
        status = check_same_run(&page, err);
    if (status == 0)
        render(&page, format, out);
    page_release(&page);
    return status;
}
