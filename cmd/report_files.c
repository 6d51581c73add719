#include "cmd/report_files.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "cmd/io.h"
#include "model/report.h"
#include "model/verdict.h"

int report_files_is_verdict(const struct buf *bytes, const char *name, bool *out, struct err *err)
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

static int read_one(struct report_files *files, const char *path, bool baseline, struct err *err)
{
    const char *name = arena_strdup(&files->arena, io_input_name(path));
    struct report *report = &files->reports[files->n_reports];
    struct io_document document = {.report = report};
    bool verdict = false;
    int status = io_read_document(path, &document, err);
    if (status == 0 && !baseline && !document.foreign)
        status = report_files_is_verdict(&document.bytes, name, &verdict, err);
    if (status == 0 && verdict && files->verdict_name)
        status = err_set(err, ERR_USAGE, "'%s' and '%s' are both verdicts; name one of them",
                         files->verdict_name, name);
    if (status < 0)
        goto out;
    if (verdict) {
        status = verdict_decode(buf_text(&document.bytes), document.bytes.len, name,
                                &files->verdict, err);
        files->verdict_name = status == 0 ? name : NULL;
        goto out;
    }
    if (!document.foreign)
        status = report_decode(buf_text(&document.bytes), document.bytes.len, name, report, err);
    if (status == 0) {
        files->base[files->n_reports] = is_base(report, name, baseline);
        files->names[files->n_reports++] = name;
    }
out:
    buf_release(&document.bytes);
    return status;
}

/* Gathers the reports of a side, and merges them where there are several. */
static int fill_side(struct report_files *files, int which, struct err *err)
{
    struct render_side *side = &files->sides[which];
    const struct report **reports =
        arena_array(&files->arena, files->n_reports + 1, sizeof *reports);
    const char **names = arena_array(&files->arena, files->n_reports + 1, sizeof *names);
    for (size_t i = 0; i < files->n_reports; i++) {
        if (files->base[i] != (which == RENDER_BASE))
            continue;
        names[side->n] = files->names[i];
        reports[side->n++] = &files->reports[i];
    }
    side->reports = reports;
    side->whole = reports[0];
    if (side->n < 2)
        return 0;
    side->whole = &files->merged[which];
    return report_merge(reports, names, side->n, &files->merged[which], err);
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
static int check_same_run(const struct report_files *files, struct err *err)
{
    const struct render_side *side = &files->sides[RENDER_CANDIDATE];
    int64_t judged = files->verdict_name ? judged_requests(&files->verdict) : 0;
    if (!side->n || !judged || side->whole->metrics.total_requests == judged)
        return 0;
    return err_set(err, ERR_INPUT,
                   "'%s' is of %" PRId64 " requests of the candidate, and the reports beside it, "
                   "'%s'%s, of %" PRId64 "; name those that it was made from",
                   files->verdict_name, judged, files->names[0],
                   files->n_reports > 1 ? " and others" : "", side->whole->metrics.total_requests);
}

void report_files_release(struct report_files *files)
{
    for (size_t i = 0; i < files->n_reports; i++)
        report_release(&files->reports[i]);
    for (int side = 0; side < RENDER_SIDES; side++)
        report_release(&files->merged[side]);
    verdict_release(&files->verdict);
    arena_release(&files->arena);
}

int report_files_read(struct report_files *files, const struct option_list *named,
                      const struct option_list *baselines, struct err *err)
{
    size_t n_baselines = baselines ? baselines->n : 0, most = named->n + n_baselines;
    int status = 0;
    *files = (struct report_files){0};
    files->reports = arena_array(&files->arena, most + 1, sizeof *files->reports);
    files->names = arena_array(&files->arena, most + 1, sizeof *files->names);
    files->base = arena_array(&files->arena, most + 1, sizeof *files->base);
    for (size_t i = 0; i < named->n && status == 0; i++)
        status = read_one(files, named->items[i], false, err);
    for (size_t i = 0; i < n_baselines && status == 0; i++)
        status = read_one(files, baselines->items[i], true, err);
    for (int side = 0; side < RENDER_SIDES && status == 0; side++)
        status = fill_side(files, side, err);
    if (status == 0)
        status = check_same_run(files, err);
    if (status < 0)
        report_files_release(files);
    return status;
}
