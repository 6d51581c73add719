#include "import/import.h"

#include <inttypes.h>
#include <string.h>

#include "base/fnv.h"
#include "import/formats.h"
#include "import/object.h"
#include "import/rows.h"
#include "import/text.h"

#define NATIVE_HEAD ((size_t)4096)

/* Looked through in this order; what is native is none of them (is_native()). */
static const struct import_format formats[] = {
    {.name = "JMeter JTL, CSV",
     .source = {.tool = "jmeter",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SAMPLES},
     .recognise = jtl_csv_recognise,
     .read = jtl_csv_read},
    {.name = "JMeter JTL, XML",
     .source = {.tool = "jmeter",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SAMPLES},
     .recognise = jtl_xml_recognise,
     .read = jtl_xml_read},
    {.name = "JMeter statistics.json",
     .source = {.tool = "jmeter",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .recognise = jmeter_statistics_recognise,
     .read = jmeter_statistics_read},
    {.name = "Gatling simulation.log, text",
     .source = {.tool = "gatling",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SAMPLES},
     .recognise = gatling_text_recognise,
     .read = gatling_text_read},
    {.name = "Gatling simulation.log, binary",
     .source = {.tool = "gatling",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SAMPLES},
     .recognise = gatling_binary_recognise,
     .read = gatling_binary_read},
    {.name = "Gatling stats.json",
     .source = {.tool = "gatling",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .recognise = gatling_stats_recognise,
     .read = gatling_stats_read},
    {.name = "k6 CSV",
     .source = {.tool = "k6",
                .latency = LATENCY_WITHOUT_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SAMPLES},
     .recognise = k6_csv_recognise,
     .read = k6_csv_read},
    {.name = "k6 NDJSON",
     .source = {.tool = "k6",
                .latency = LATENCY_WITHOUT_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SAMPLES},
     .recognise = k6_json_recognise,
     .read = k6_json_read},
    {.name = "k6 summary",
     .source = {.tool = "k6",
                .latency = LATENCY_WITHOUT_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .recognise = k6_summary_recognise,
     .read = k6_summary_read},
    {.name = "Locust JSON",
     .source = {.tool = "locust",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_BUCKETS},
     .recognise = locust_json_recognise,
     .read = locust_json_read},
    {.name = "Locust CSV",
     .source = {.tool = "locust",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .recognise = locust_csv_recognise,
     .read = locust_csv_read},
    {.name = "wrk2",
     .source = {.tool = "wrk2",
                .latency = LATENCY_WITHOUT_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .printed = true,
     .recognise = wrk2_recognise,
     .read = wrk_read},
    {.name = "wrk",
     .source = {.tool = "wrk",
                .latency = LATENCY_WITHOUT_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .printed = true,
     .recognise = wrk_recognise,
     .read = wrk_read},
    {.name = "ab",
     .source = {.tool = "ab",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .printed = true,
     .recognise = ab_recognise,
     .read = ab_read},
    {.name = "ab -e or -g",
     .source = {.tool = "ab",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_UNKNOWN,
                .figures = FIGURES_SUMMARY},
     .recognise = ab_files_recognise,
     .read = ab_files_read},
    {.name = "hey",
     .source = {.tool = "hey",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .printed = true,
     .recognise = hey_recognise,
     .read = hey_read},
    {.name = "hey CSV",
     .source = {.tool = "hey",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_MISSING,
                .figures = FIGURES_SAMPLES},
     .recognise = hey_csv_recognise,
     .read = hey_csv_read},
    {.name = "oha JSON",
     .source = {.tool = "oha",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .recognise = oha_recognise,
     .read = oha_read},
    {.name = "oha CSV",
     .source = {.tool = "oha",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_MISSING,
                .figures = FIGURES_SAMPLES},
     .recognise = oha_csv_recognise,
     .read = oha_csv_read},
    {.name = "h2load",
     .source = {.tool = "h2load",
                .latency = LATENCY_WITHOUT_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .printed = true,
     .recognise = h2load_recognise,
     .read = h2load_read},
    {.name = "h2load log",
     .source = {.tool = "h2load",
                .latency = LATENCY_WITHOUT_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SAMPLES},
     .recognise = h2load_log_recognise,
     .read = h2load_log_read},
    {.name = "h2load JSON",
     .source = {.tool = "h2load",
                .latency = LATENCY_WITHOUT_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .recognise = h2load_json_recognise,
     .read = h2load_json_read},
    {.name = "vegeta report",
     .source = {.tool = "vegeta",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .recognise = vegeta_recognise,
     .read = vegeta_read},
    {.name = "vegeta CSV",
     .source = {.tool = "vegeta",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SAMPLES},
     .recognise = vegeta_csv_recognise,
     .read = vegeta_csv_read},
    {.name = "vegeta NDJSON",
     .source = {.tool = "vegeta",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SAMPLES},
     .recognise = vegeta_json_recognise,
     .read = vegeta_json_read},
    {.name = "autocannon",
     .source = {.tool = "autocannon",
                .latency = LATENCY_WITHOUT_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .recognise = autocannon_recognise,
     .read = autocannon_read},
    {.name = "Artillery 2",
     .source = {.tool = "artillery",
                .latency = LATENCY_WITHOUT_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .recognise = artillery_recognise,
     .read = artillery_read},
    {.name = "Artillery 1",
     .source = {.tool = "artillery",
                .latency = LATENCY_UNKNOWN,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .recognise = artillery1_recognise,
     .read = artillery1_read},
    {.name = "Fortio",
     .source = {.tool = "fortio",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_BUCKETS},
     .recognise = fortio_recognise,
     .read = fortio_read},
    {.name = "Nighthawk",
     .source = {.tool = "nighthawk",
                .latency = LATENCY_WITHOUT_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_BUCKETS},
     .recognise = nighthawk_recognise,
     .read = nighthawk_read},
};

/* A document of ours has its schema near its beginning; this saves looking through all of it. */
static bool is_native(struct span head)
{
    struct span first = {head.at, head.len < NATIVE_HEAD ? head.len : NATIVE_HEAD};
    return object_first(first) == '{' && text_holds(first, "\"perfgate.");
}

const struct import_format *import_recognise(struct span head)
{
    if (is_native(head))
        return NULL;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (formats[i].recognise(head))
            return &formats[i];
    return NULL;
}

void import_settle(struct report *report, const struct report_source *source)
{
    struct buf text = {0};
    report->source = report_source_dup(source, &report->arena);
    report_settle_source(report);
    report_encode(report, &text);
    report->run_id =
        arena_printf(&report->arena, "%016" PRIx64, fnv_add(FNV_START, buf_text(&text), text.len));
    buf_release(&text);
}

int import_check_bytes(struct span head, const char *name, struct err *err)
{
    if (head.len < 2 ||
        (memcmp(head.at, "\xff\xfe", 2) != 0 && memcmp(head.at, "\xfe\xff", 2) != 0))
        return 0;
    return err_set(err, ERR_INPUT,
                   "'%s' is UTF-16; expected UTF-8: convert it, as with iconv -f UTF-16 -t UTF-8",
                   name);
}

/* A first line of several names. */
static bool is_table(struct span line)
{
    return !memchr(line.at, 0, line.len) &&
           (memchr(line.at, ',', line.len) || memchr(line.at, ';', line.len) ||
            memchr(line.at, '\t', line.len));
}

int import_check_known(struct span head, const char *name, struct err *err)
{
    struct span line = rows_first_line(head);
    char first = object_first(head);
    if (!head.len)
        return err_set(err, ERR_INPUT,
                       "'%s' is empty; expected a report, or the results of a load testing tool",
                       name);
    if (first == '{')
        return 0;
    if (line.len && first != '[' && first != '<' && is_table(line))
        return err_set(
            err, ERR_INPUT,
            "'%s' is neither a report nor a result file that is known by its columns; make "
            "a report of it first: perf-report FILE --map COLUMN=ROLE,... --format json "
            "--output report.json",
            name);
    return err_set(err, ERR_INPUT,
                   "'%s' is neither a report nor a result file of a tool that is known; "
                   "perfgate-import(5) names them",
                   name);
}

/* That what one tool has printed does not come with what another wrote, whose figures would mix. */
static int check_alone(const struct import_file *file, const struct import_format *format,
                       struct err *err)
{
    struct span head;
    if (stream_peek(file->stream, &head, err) < 0)
        return -1;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (&formats[i] != format && formats[i].recognise(head))
            return err_set(err, ERR_INPUT,
                           "'%s': expected one result, found one of %s and one of %s; make a file "
                           "of each",
                           file->stream->name, format->name, formats[i].name);
    return 0;
}

int import_read(const struct import_file *file, const struct import_format *format,
                struct report *report, struct err *err)
{
    *report = (struct report){0};
    struct report_source source = format->source;
    source.format = format->name;
    if ((format->printed && check_alone(file, format, err) < 0) ||
        format->read(file, report, err) < 0) {
        report_release(report);
        return -1;
    }
    import_settle(report, &source);
    return 0;
}
