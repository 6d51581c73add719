# One side of a paired run as a report: awk -f pair.awk -v role=candidate -v ratio=1.5 -v seed=1
#
# 60 pairs of blocks in 30 batches; three endpoints (their requests per block below) with
# log-normal latencies around 10 ms. `ratio` multiplies those of the endpoint `slow` (a name; ""
# = all). `start` numbers the start of the processes, `failures` is the number of failed requests
# in each block of the first endpoint. The same seed gives the same report.

function uniform() { # the "minimal standard" generator of Park and Miller, CACM 31 (1988)
    state = (16807 * state) % 2147483647
    return state / 2147483647
}

function normal(    i, sum) {
    for (i = 0; i < 12; i++)
        sum += uniform()
    return sum - 6
}

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

# mawk's %d ends at 2^31 - 1: sums are printed with %.0f.
#
# The histogram `h` (a prefix of keys in count[], sum[], low[], high[] and cell[]) as JSON.
function histogram(h,    b, index_text, counts) {
    for (b = 0; b < 2432; b++)
        if ((h, b) in cell) {
            index_text = index_text (index_text == "" ? "" : ", ") b
            counts = counts (counts == "" ? "" : ", ") cell[h, b]
        }
    return sprintf("{\"count\": %d, \"sum_ns\": %.0f, \"min_ns\": %d, \"max_ns\": %d, \"index\": [%s], \"counts\": [%s]}",
        count[h], sum[h], low[h], high[h], index_text, counts)
}

function quantile(h, q,    b, rank) {
    rank = q * count[h]
    for (b = 0; b < 2432; b++) {
        if ((h, b) in cell)
            rank -= cell[h, b]
        if (rank <= 0)
            return middle(b) / 1e6
    }
}

function record(h, ns) {
    count[h]++
    sum[h] += ns
    cell[h, bucket(ns)]++
    if (!(h in low) || ns < low[h])
        low[h] = ns
    if (ns > high[h])
        high[h] = ns
}

function metrics(h, failed) {
    return sprintf("\"total_requests\": %d, \"total_failures\": %d, \"requests_per_second\": %.17g, " \
        "\"average_response_time\": %.17g, \"95th_percentile\": %.17g, \"99th_percentile\": %.17g",
        count[h], failed, count[h] / 15, sum[h] / count[h] / 1e6, quantile(h, 0.95), quantile(h, 0.99))
}

function list(values, prefix, n,    i, text) {
    for (i = 0; i < n; i++)
        text = text (i ? ", " : "") (values[prefix, i] + 0)
    return "[" text "]"
}

BEGIN {
    pairs = 60; batches = 30
    n = split("/forum /forum/[id] /login", names, " ")
    split("20 12 4", per_block, " ")
    state = seed * 7919 + (role == "base" ? 104729 : 1)
    for (i = 0; i < 10; i++)
        uniform()
    for (p = 0; p < pairs; p++)
        for (e = 1; e <= n; e++)
            for (r = 0; r < per_block[e]; r++) {
                scale = role == "candidate" && (slow == "" || slow == names[e]) && ratio ? ratio : 1
                ns = int(10e6 * exp(0.3 * normal()) * scale)
                record("all", ns)
                record("e" e, ns)
                record("e" e "b" int(p * batches / pairs), ns)
                block_count["e" e, p]++
                block_sum["e" e, p] += ns
                if (e == 1 && r < failures) {
                    failed["e" e]++
                    block_failures["e" e, p]++
                    failed["all"]++
                }
            }
    printf "{%s,\n\"schema\": \"perfgate.report/1\", \"valid\": true,\n", metrics("all", failed["all"])
    printf "\"suite\": \"demo\", \"run_id\": \"00000000000000a%d\", \"started_at\": \"2026-11-23T16:11:00Z\",\n", start ? start : 1
    printf "\"duration_ms\": 15000, \"users\": 20, \"host\": \"http://127.0.0.1:8080\", \"workload\": \"w1\",\n"
    printf "\"endpoints\": [\n"
    for (e = 1; e <= n; e++) {
        h = "e" e
        printf "{\"name\": \"%s\", \"method\": \"GET\", %s,\n \"histogram\": %s,\n", names[e], metrics(h, failed[h]), histogram(h)
        printf " \"blocks\": {\"count\": %s, \"sum_ns\": %s,\n", list(block_count, h, pairs), list(block_sum, h, pairs)
        printf " \"failures\": %s, \"batches\": [\n", list(block_failures, h, pairs)
        for (b = 0; b < batches; b++)
            printf "%s%s\n", histogram(h "b" b), b < batches - 1 ? "," : "]}}" (e < n ? "," : "")
    }
    printf "],\n\"pair\": {\"id\": \"0123456789abcdef\", \"role\": \"%s\", \"start\": %d, \"block_ms\": 250, \"pairs\": %d,\n", role, start ? start : 1, pairs
    state = 4711
    for (p = 0; p < pairs; p++)
        first["x", p] = (uniform() < 0.5) == (role == "candidate")
    for (b = 0; b < batches; b++)
        ends["x", b] = (b + 1) * pairs / batches
    printf "\"first\": %s, \"batch_end\": %s}}\n", list(first, "x", pairs), list(ends, "x", batches)
}
