# A long report of many endpoints: awk -f long.awk -v endpoints=500 -v intervals=3600 -v ratio=1.5
#
# All endpoints have the same 200 latencies around 10 ms, log-logistic, so that the whole run has
# the quantiles of each; `ratio` multiplies them. The series goes up and down, with a peak.

# As lib/stats/histogram.h has it: 64 buckets for each power of two.
function bucket(value,    shift) {
    for (shift = 0; value >= 128; shift++)
        value = int(value / 2)
    return shift * 64 + value
}

function middle(b,    shift) {
    if (b < 128)
        return b
    shift = int(b / 64) - 1
    return (b - shift * 64 + 0.5) * 2 ^ shift
}

function metrics(times) {
    return sprintf("\"total_requests\": %d, \"total_failures\": 0, \"requests_per_second\": %.17g, " \
        "\"average_response_time\": %.17g, \"95th_percentile\": %.17g, \"99th_percentile\": %.17g",
        n * times, n * times / intervals, sum / n / 1e6, middle(at[190]) / 1e6, middle(at[198]) / 1e6)
}

function column(name, scale, base, peak,    i, text) {
    for (i = 0; i < intervals; i++)
        text = text (i ? "," : "") sprintf("%.4g", base + scale * sin(i / 50) + (i % 977 == 500 ? peak : 0))
    return "\"" name "\": [" text "]"
}

function counts(name, value,    i, text) {
    for (i = 0; i < intervals; i++)
        text = text (i ? "," : "") value + i % 7
    return "\"" name "\": [" text "]"
}

BEGIN {
    n = 200
    ratio = ratio ? ratio : 1
    for (i = 1; i <= n; i++) {
        p = (i - 0.5) / n
        ns = int(10e6 * ratio * exp(0.3 * log(p / (1 - p))))
        sum += ns
        at[i] = bucket(ns)
        cell[at[i]]++
        low = i == 1 ? ns : low
        high = ns
    }
    for (b = 0; b < 2432; b++)
        if (b in cell) {
            index_text = index_text (index_text == "" ? "" : ",") b
            count_text = count_text (count_text == "" ? "" : ",") cell[b]
        }
    histogram = sprintf("{\"count\": %d, \"sum_ns\": %.0f, \"min_ns\": %d, \"max_ns\": %d, \"index\": [%s], \"counts\": [%s]}",
        n, sum, low, high, index_text, count_text)
    printf "{%s,\n\"schema\": \"perfgate.report/1\", \"valid\": true, \"suite\": \"demo\",\n", metrics(endpoints)
    printf "\"run_id\": \"00000000000000%02d\", \"duration_ms\": %d, \"users\": 20, \"workload\": \"w2\",\n", ratio * 10, intervals * 1000
    printf "\"endpoints\": [\n"
    for (e = 1; e <= endpoints; e++)
        printf "%s{\"name\": \"/catalogue/section-%d/item/[id]\", \"method\": \"GET\", %s, \"histogram\": %s}\n",
            (e > 1 ? "," : ""), e, metrics(1), histogram
    print "],\n\"series\": {\"interval_ms\": 1000,"
    print counts("users", 20) ","
    print counts("requests", 100) ","
    print counts("failures", 0) ","
    print column("average_response_time", 2 * ratio, 12 * ratio, 60) ","
    print column("median_response_time", ratio, 10 * ratio, 5) ","
    print column("95th_percentile", 4 * ratio, 24 * ratio, 300) "}}"
}
