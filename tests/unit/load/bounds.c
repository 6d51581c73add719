#include "bounds.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"

#define CONNECTIONS 64

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void bounds_find(struct bounds *bounds, const struct server_entry *log, size_t n, int64_t from_ns,
                 int64_t to_ns)
{
    ptrdiff_t last[CONNECTIONS];
    int64_t before[CONNECTIONS]; /* the answer before the connection's last request */
    *bounds = (struct bounds){.n = n};
    bounds->low_ns = mem_array(n, sizeof *bounds->low_ns);
    bounds->high_ns = mem_array(n, sizeof *bounds->high_ns);
    for (size_t c = 0; c < CONNECTIONS; c++) {
        before[c] = from_ns;
        last[c] = -1;
    }
    for (size_t i = 0; i < n; i++) {
        int c = log[i].connection;
        assert_in_range(c, 1, CONNECTIONS - 1);
        if (last[c] >= 0) {
            bounds->last_ns += (double)(log[i].read_ns - to_ns);
            bounds->high_ns[last[c]] = log[i].read_ns - before[c];
            before[c] = log[last[c]].answered_ns;
        }
        bounds->first_ns += (double)log[i].answered_ns;
        bounds->last_ns += (double)to_ns;
        bounds->low_ns[i] = log[i].answered_ns - log[i].read_ns;
        bounds->high_ns[i] = to_ns - before[c];
        last[c] = (ptrdiff_t)i;
    }
    qsort(bounds->low_ns, n, sizeof *bounds->low_ns, compare);
    qsort(bounds->high_ns, n, sizeof *bounds->high_ns, compare);
}

static double mean_ms(const int64_t *ns, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)ns[i];
    return sum / (double)n / (double)NS_PER_MS;
}

static double quantile_ms(const int64_t *sorted_ns, size_t n, double q)
{
    return (double)sorted_ns[(size_t)ceil(q * (double)n) - 1] / (double)NS_PER_MS;
}

void bounds_check_quantiles(const struct bounds *bounds, const struct metrics *sent)
{
    const struct {
        double q, ms;
    } rows[] = {{0.5, sent->median_ms}, {0.95, sent->p95_ms}, {0.99, sent->p99_ms}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(rows[i].ms >= 0.99 * quantile_ms(bounds->low_ns, bounds->n, rows[i].q));
        assert_true(rows[i].ms <= 1.01 * quantile_ms(bounds->high_ns, bounds->n, rows[i].q));
    }
}

void bounds_check_all(const struct bounds *bounds, const struct metrics *sent)
{
    size_t n = bounds->n;
    bounds_check_quantiles(bounds, sent);
    assert_true(sent->average_ms >= mean_ms(bounds->low_ns, n));
    assert_true(sent->average_ms <= mean_ms(bounds->high_ns, n));
    assert_true(sent->min_ms >= (double)bounds->low_ns[0] / (double)NS_PER_MS);
    assert_true(sent->max_ms >= (double)bounds->low_ns[n - 1] / (double)NS_PER_MS);
    assert_true(sent->max_ms <= (double)bounds->high_ns[n - 1] / (double)NS_PER_MS);
}

void bounds_check_intended(const struct bounds *bounds, const struct report *report, double rate,
                           int64_t from_ns, int64_t read_ns)
{
    double n = (double)bounds->n, due_ns = (n - 1) / 2 / rate * 1e9;
    double low_ms = (bounds->first_ns / n - (double)read_ns - due_ns) / 1e6;
    double high_ms = (bounds->last_ns / n - (double)from_ns - due_ns) / 1e6;
    assert_true(report->metrics.average_ms >= low_ms - 1e-3);
    assert_true(report->metrics.average_ms <= high_ms + 1e-3);
    assert_true(low_ms > 2 * report->from_send->metrics.average_ms); /* or it would tell nothing */
}

void bounds_release(struct bounds *bounds)
{
    free(bounds->low_ns);
    free(bounds->high_ns);
    *bounds = (struct bounds){0};
}
