/*
 * perf-report: shows verdicts and reports to people, tells people of verdicts, and merges reports.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/exit.h"
#include "cmd/io.h"
#include "cmd/options.h"
#include "cmd/report_beside.h"
#include "cmd/report_files.h"
#include "cmd/report_page.h"
#include "cmd/report_send.h"
#include "import/map.h"
#include "model/report.h"
#include "model/verdict.h"
#include "render/render.h"

#define MAX_FILES      1000
#define DEFAULT_FILE   "perf_verdict.json"
#define DEFAULT_NOTIFY "baselines/notify.json"
/* A page shorter than this shows nothing. */
#define MIN_PAGE_BYTES ((size_t)4096)

struct values {
    int format; /* -1: json with --merge, else text */
    const char *output;
    bool merge;
    bool partial;
    const char *map;
    struct option_list baselines, send;
    const char *notify;
    bool dry_run, require_delivery;
};

#define VALUE(member) offsetof(struct values, member)

static const struct option options[] = {
    {.name = "format",
     .letter = 'f',
     .type = OPTION_CHOICE,
     .offset = VALUE(format),
     .choice = render_format_name,
     .help = "form of the result (text; with --merge json)"},
    {.name = "output",
     .letter = 'o',
     .type = OPTION_STRING,
     .offset = VALUE(output),
     .value = "FILE|-",
     .help = "where it goes (standard output)"},
    {.name = "merge",
     .letter = 'm',
     .type = OPTION_FLAG,
     .offset = VALUE(merge),
     .help = "make one report of several: shards, starts or repeats of one workload"},
    {.name = "partial",
     .letter = 'p',
     .type = OPTION_FLAG,
     .offset = VALUE(partial),
     .help = "of another tool's results leave out what cannot be read, with a note"},
    {.name = "map",
     .type = OPTION_STRING,
     .offset = VALUE(map),
     .value = "COLUMN=ROLE,...",
     .help = "read a CSV by its columns, as elapsed=ms:duration,label=name,ok=success"},
    {.name = "baseline",
     .letter = 'b',
     .type = OPTION_LIST,
     .offset = VALUE(baselines),
     .value = "FILE",
     .help = "html: a report of the base side, for the charts. May be repeated"},
    {.name = "send",
     .letter = 's',
     .type = OPTION_LIST,
     .offset = VALUE(send),
     .value = "DEST",
     .help = "tell this destination of the verdict, or, where DEST is routes, those that have to "
             "hear of one so bad. May be repeated"},
    {.name = "notify",
     .type = OPTION_STRING,
     .offset = VALUE(notify),
     .value = "FILE",
     .help = "the destinations and routes (baselines/notify.json)"},
    {.name = "dry-run",
     .type = OPTION_FLAG,
     .offset = VALUE(dry_run),
     .help = "print what --send would send, and send nothing"},
    {.name = "require-delivery",
     .type = OPTION_FLAG,
     .offset = VALUE(require_delivery),
     .help = "exit code 2 where --send could not deliver all"},
};

static const struct option_tool tool = {
    .name = "perf-report",
    .operands = "[FILE...]",
    .about = "Shows verdicts and reports, tells people of verdicts, merges reports, and makes "
             "reports of "
             "other tools' results. FILE is one of these, or - for standard input; "
             "perf_verdict.json unless "
             "named.",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .max_operands = MAX_FILES,
};

static int show_verdict(const struct buf *bytes, const struct render_format *format,
                        const struct render_options *how, struct buf *out, struct err *err)
{
    struct verdict verdict = {0};
    if (verdict_decode(buf_text(bytes), bytes->len, how->title, &verdict, err) < 0)
        return -1;
    format->verdict(&verdict, how, out);
    verdict_release(&verdict);
    return 0;
}

/* Some forms are of a judgement, which a report does not hold. */
static int check_form(const struct render_format *format, const char *name, struct err *err)
{
    if (format->report)
        return 0;
    return err_set(err, ERR_USAGE,
                   "'%s' is a report, and the form '%s' is of verdicts alone; judge it with "
                   "perf-compare first, or name another form",
                   name, format->name);
}

static int show_report(const struct report *report, const struct render_format *format,
                       const struct render_options *how, struct buf *out, struct err *err)
{
    struct render_options both = *how;
    struct report_beside beside = {0};
    if (check_form(format, how->title, err) < 0)
        return -1;
    both.sides = report_beside_find(&beside, how->title, report);
    format->report(report, &both, out);
    report_beside_release(&beside);
    return 0;
}

/* Shows what was read, of whichever kind it is. */
static int show_document(const struct io_document *document, const struct render_format *format,
                         const struct render_options *how, struct buf *out, struct err *err)
{
    const struct buf *bytes = &document->bytes;
    bool verdict = false;
    if (document->foreign)
        return show_report(document->report, format, how, out, err);
    if (report_files_is_verdict(bytes, how->title, &verdict, err) < 0)
        return -1;
    if (verdict)
        return show_verdict(bytes, format, how, out, err);
    if (check_form(format, how->title, err) < 0 ||
        report_decode(buf_text(bytes), bytes->len, how->title, document->report, err) < 0)
        return -1;
    return show_report(document->report, format, how, out, err);
}

/* Appends one document in the wanted form. */
static int show_file(const char *path, const struct values *values,
                     const struct render_format *format, const struct render_options *how,
                     struct buf *out, struct err *err)
{
    struct report report = {0};
    struct io_document document = {
        .report = &report, .partial = values->partial, .map = values->map};
    struct buf page = {0};
    int status = io_read_document(path, &document, err);
    if (status == 0)
        status = show_document(&document, format, how, &page, err);
    if (status == 0) {
        if (out->len)
            buf_add_char(out, '\n');
        buf_add(out, buf_text(&page), page.len);
    }
    buf_release(&page);
    buf_release(&document.bytes);
    report_release(&report);
    return status;
}

static int show_files(const struct option_args *args, const struct values *values,
                      const struct render_format *format, struct render_options *how,
                      struct buf *out, struct err *err)
{
    const char *const *files = args->operands;
    size_t n = args->n_operands;
    how->limit = format->limit / n;
    if (n > 1 && !format->joins)
        return err_set(err, ERR_USAGE, "%zu documents cannot be one in the form '%s'; name one%s",
                       n, format->name, format->report ? ", or add --merge" : "");
    if (format->limit && how->limit < MIN_PAGE_BYTES)
        return err_set(err, ERR_USAGE, "%zu documents do not fit on one page; name at most %zu", n,
                       format->limit / MIN_PAGE_BYTES);
    for (size_t i = 0; i < n; i++) {
        how->title = io_input_name(files[i]);
        if (show_file(files[i], values, format, how, out, err) < 0)
            return -1;
    }
    return 0;
}

/* Merges the reports and appends the result in the wanted form. */
static int merge_files(const struct option_args *args, const struct render_format *format,
                       struct render_options *how, struct buf *out, struct err *err)
{
    size_t n = args->n_operands;
    if (!n)
        return err_set(err, ERR_USAGE, "--merge: expected reports; name their files");
    if (check_form(format, "the merged report", err) < 0)
        return -1;
    struct report *reports = mem_array(n, sizeof *reports);
    const struct report **parts = mem_array(n, sizeof *parts);
    const char **names = mem_array(n, sizeof *names);
    struct report merged = {0};
    int status = 0;
    for (size_t i = 0; i < n && status == 0; i++) {
        parts[i] = &reports[i];
        names[i] = io_input_name(args->operands[i]);
        status = io_read_report(args->operands[i], &reports[i], err);
    }
    if (status == 0)
        status = report_merge(parts, names, n, &merged, err);
    if (status == 0) {
        how->title = n == 1 ? names[0] : "merged report";
        format->report(&merged, how, out);
    }
    report_release(&merged);
    for (size_t i = 0; i < n; i++)
        report_release(&reports[i]);
    free(names);
    free(parts);
    free(reports);
    return status;
}

/* What --send goes with, and what goes with --send alone. */
static int check_send(const struct values *values, struct err *err)
{
    bool others = values->format >= 0 || values->merge || values->partial || values->map ||
                  values->baselines.n;
    if (!values->send.n && (values->notify || values->dry_run || values->require_delivery))
        return err_set(err, ERR_USAGE,
                       "options '--notify', '--dry-run' and '--require-delivery' need --send");
    if (values->send.n && others)
        return err_set(err, ERR_USAGE,
                       "--send has a form of its own for each destination; leave --format, "
                       "--merge, --partial, --map and --baseline out");
    if (values->send.n && !values->dry_run && strcmp(values->output, "-") != 0)
        return err_set(err, ERR_USAGE,
                       "--send writes nothing that --output could take, but with --dry-run");
    return 0;
}

static int send_verdict(const struct values *values, const struct option_args *args,
                        struct buf *out, struct err *err)
{
    static const char *default_files[] = {DEFAULT_FILE};
    const struct report_send send = {
        .log = {.tool = tool.name},
        .to = &values->send,
        .notify = values->notify ? values->notify : DEFAULT_NOTIFY,
        .files = args->n_operands ? (struct option_list){args->n_operands, args->operands}
                                  : (struct option_list){1, default_files},
        .dry_run = values->dry_run,
        .require_delivery = values->require_delivery,
    };
    return report_send(&send, out, err);
}

/* What the command line asks for. */
static int make_product(const struct values *values, const struct option_args *given,
                        const struct render_format *format, struct buf *out, struct err *err)
{
    static const char *default_files[] = {DEFAULT_FILE};
    struct render_options how = {0};
    struct option_args args = *given;
    how.color = strcmp(values->output, "-") == 0 && io_color(STDOUT_FILENO);
    if (values->baselines.n && (values->merge || !format->beside))
        return err_set(err, ERR_USAGE,
                       "option '--baseline' is for the charts of a page; add --format html, or "
                       "leave it out");
    if ((values->partial || values->map) && (values->merge || format->beside))
        return err_set(
            err, ERR_USAGE,
            "options '--partial' and '--map' are for making a report of another tool's results; do "
            "that first, with --format json");
    if (values->map && import_map_check(values->map, err) < 0)
        return -1;
    if (values->merge)
        return merge_files(&args, format, &how, out, err);
    if (!args.n_operands) {
        args.operands = default_files;
        args.n_operands = 1;
    }
    if (format->beside)
        return report_page(&(struct option_list){args.n_operands, args.operands},
                           &values->baselines, format, out, err);
    return show_files(&args, values, format, &how, out, err);
}

/* The tool's exit code, or -1. */
static int perf_report(int argc, char **argv, struct err *err)
{
    struct values values = {.format = -1, .output = "-"};
    struct option_args args = {0};
    struct buf product = {0};
    int status = options_start(&tool, argc, argv, &values, &args, err);
    if (status == 0)
        status = check_send(&values, err);
    if (status != 0)
        goto out;
    if (values.send.n) {
        status = send_verdict(&values, &args, &product, err);
        if (status == 0 && values.dry_run)
            status = io_write(values.output, &product, err);
        goto out;
    }
    if (values.format < 0)
        values.format = values.merge ? FORMAT_JSON : FORMAT_TEXT;
    const struct render_format *format = &render_formats[values.format];
    status = make_product(&values, &args, format, &product, err);
    if (status == 0)
        status = io_write(values.output, &product, err);
out:
    buf_release(&product);
    option_args_release(&args);
    return status < 0 ? -1 : EXIT_PASS;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    int code = perf_report(argc, argv, &err);
    return code < 0 ? exit_with(tool.name, &err) : code;
}
