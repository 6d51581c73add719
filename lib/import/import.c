#include "import/import.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/fnv.h"
#include "import/formats.h"

/* Looked through in this order; what is native is none of them (cmd/io.c). */
static const struct import_format formats[] = {
    {.name = "JMeter JTL, CSV",
     .source = {.tool = "jmeter",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SAMPLES},
     .recognise = jtl_csv_recognise,
     .read = jtl_csv_read},
    {.name = "JMeter statistics.json",
     .source = {.tool = "jmeter",
                .latency = LATENCY_WITH_CONNECT,
                .failures = FAILURES_TIMED,
                .figures = FIGURES_SUMMARY},
     .recognise = jmeter_statistics_recognise,
     .read = jmeter_statistics_read},
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
};

const struct import_format *import_recognise(struct span head)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (formats[i].recognise(head))
            return &formats[i];
    return NULL;
}

void import_settle(struct report *report, const struct report_source *source)
{
    struct buf text = {0};
    report->source = report_source_dup(source, &report->arena);
    report->started_ns -= report->started_ns % NS_PER_S; /* as the document will have it */
    report_encode(report, &text);
    report->run_id =
        arena_printf(&report->arena, "%016" PRIx64, fnv_add(FNV_START, buf_text(&text), text.len));
    buf_release(&text);
}

int import_read(const struct import_file *file, const struct import_format *format,
                struct report *report, struct err *err)
{
    *report = (struct report){0};
    struct report_source source = format->source;
    source.format = format->name;
    if (format->read(file, report, err) < 0) {
        report_release(report);
        return -1;
    }
    import_settle(report, &source);
    return 0;
}
