#include "open_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

int64_t open_failures(const struct report *report, const char *kind)
{
    int64_t count = 0;
    for (size_t i = 0; i < report->n_errors; i++)
        count += strcmp(report->errors[i].kind, kind) == 0 ? report->errors[i].count : 0;
    return count;
}

void open_check_report(const struct report *report)
{
    struct report copy;
    struct buf text = {0};
    struct err err = {0};
    assert_non_null(report->arrivals);
    report_encode(report, &text);
    if (report_decode(text.data, text.len, "copy", &copy, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(copy.arrivals->started, report->arrivals->started);
    assert_int_equal(copy.arrivals->missed, report->arrivals->missed);
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = &report->endpoints[i];
        assert_int_equal(endpoint->from_send->histogram.count, endpoint->metrics.total_requests);
        assert_true(endpoint->from_send->metrics.average_ms <= endpoint->metrics.average_ms);
        assert_true(endpoint->from_send->metrics.max_ms <= endpoint->metrics.max_ms);
    }
    assert_true(report->from_send->metrics.p99_ms <= report->metrics.p99_ms);
    report_release(&copy);
    buf_release(&text);
}

void open_check_conserved(const struct report *report, struct server *server)
{
    int64_t unseen = open_failures(report, "refused") + open_failures(report, "reset");
    open_check_report(report);
    assert_int_equal(report->metrics.total_requests, report->arrivals->started);
    assert_int_equal(report->metrics.total_requests, atomic_load(&server->requests) + unseen);
}
