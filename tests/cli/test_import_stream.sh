#!/usr/bin/env bash
# Results of any size go through in bounded memory: made on the fly, IMPORT_STREAM_MB of each format, and
# five times that of JMeter's.
. "$(dirname "$0")/lib.sh"

megabytes=${IMPORT_STREAM_MB:-60}
limit_kb=$((32 << 10))
# Sanitisers have memory of their own, several times the process's.
PATH=$root/build/bin:$PATH

# stream NAME [TIMES]: NAME.head, NAME.block as often as it takes, and NAME.foot, as far as they are there; sets
# $peak_kb and $n_blocks. The pipe is closed only after the peak was read, when all but its last 64 KiB are through.
stream() {
    local bytes
    touch "$1.head" "$1.foot"
    bytes=$(wc -c <"$1.block")
    n_blocks=$(((megabytes << 20) * ${2:-1} / bytes + 1))
    rm -f pipe && mkfifo pipe
    last_command="perf-report pipe ($1)"
    perf-report --format json pipe >stdout 2>stderr &
    local pid=$!
    exec 3>pipe
    cat "$1.head" >&3
    for _ in $(seq $n_blocks); do cat "$1.block"; done >&3
    cat "$1.foot" >&3
    peak_kb=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status")
    exec 3>&-
    wait $pid
    status=$?
    expect_exit 0
    [ "$peak_kb" -le $limit_kb ] || fail "expected at most $limit_kb KiB resident, found $peak_kb"
    [ "$(jq .total_requests stdout)" = $((n_blocks * 5000)) ] ||
        fail "expected $((n_blocks * 5000)) requests, found $(jq .total_requests stdout)"
}

# block FORMAT ARGUMENT: 5000 requests of 50 names; some fail with messages that differ.
block() {
    awk -v form="$1" 'BEGIN { for (i = 0; i < 5000; i++) {
        time = sprintf("%.0f", 1700000000000 + i * 7 % 30000)
        ms = 5 + i % 97
        ok = i % 50 ? "true" : "false"
        if (form == "jtl")
            printf "%s,%d,Page %d,%s,\"no, %d\",T 1-%d,text,%s,,120,80,1,2,http://h/,1,0,0\n", time, ms, i % 50,
                ok == "true" ? 200 : 500, i, i % 20, ok
        else if (form == "xml")
            printf "<httpSample t=\"%d\" lt=\"1\" ts=\"%s\" s=\"%s\" lb=\"Page %d\" rc=\"200\" rm=\"no %d\" by=\"9\" na=\"4\">\n  <responseData class=\"java.lang.String\">&lt;p&gt;%0300d</responseData>\n</httpSample>\n",
                ms, time, ok, i % 50, i, 0
        else if (form == "gatling")
            printf "REQUEST\tShop\tPage %d\t%s\t%.0f\t%s\tno %d\n", i % 50, time, time + ms,
                ok == "true" ? "OK" : "KO", i
        else if (form == "k6csv")
            printf "http_reqs,%s,1,Page %d,200,%s\nhttp_req_duration,%s,%d.25,Page %d,200,%s\n", time, i % 50, ok,
                time, ms, i % 50, ok
        else
            printf "{\"metric\":\"http_reqs\",\"type\":\"Point\",\"data\":{\"time\":\"2023-11-14T22:13:%02d.5Z\",\"value\":1,\"tags\":{\"name\":\"Page %d\"}}}\n{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":{\"time\":\"2023-11-14T22:13:%02d.5Z\",\"value\":%d.5,\"tags\":{\"name\":\"Page %d\",\"status\":\"200\",\"expected_response\":\"%s\"}}}\n",
                i % 60, i % 50, i % 60, ms, i % 50, ok
    } }'
}

describe "JMeter's JTL as CSV"
echo 'timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect' >jtl.head
block jtl >jtl.block
stream jtl 5

describe "JMeter's JTL as XML"
printf '<?xml version="1.0" encoding="UTF-8"?>\n<testResults version="1.2">\n' >xml.head
echo '</testResults>' >xml.foot
block xml >xml.block
stream xml

describe "Gatling's simulation.log as text"
printf 'RUN\tshop.Shop\tshop\t1700000000000\t \t3.12.0\n' >gatling.head
block gatling >gatling.block
stream gatling

describe "Gatling's simulation.log, binary"
# The run and 50 names, the fifty-first text being the empty message; then requests that refer to them.
python3 - <<'PYTHON'
import struct


def integer(n):
    return struct.pack(">i", n)


def text(value):
    return integer(len(value)) + value.encode() + b"\0" if value else integer(0)


def request(name, message, start, end):
    return b"\1" + integer(0) + name + integer(start) + integer(end) + b"\1" + message


with open("binary.head", "wb") as out:
    out.write(b"\0" + text("3.15.0") + text("Shop") + struct.pack(">q", 1700000000000) + text("")
              + integer(0) + integer(0))
    for i in range(1, 51):
        out.write(b"\4" + integer(i) + text(f"Page {i}") + integer(0))
    out.write(b"\4" + integer(51) + text("") + integer(0))
with open("binary.block", "wb") as out:
    for i in range(5000):
        out.write(request(integer(-1 - i % 50), integer(-51), i * 7, i * 7 + 5 + i % 97))
PYTHON
stream binary

describe "k6's CSV"
echo 'metric_name,timestamp,metric_value,name,status,expected_response' >k6csv.head
block k6csv >k6csv.block
stream k6csv

describe "k6's lines of JSON"
echo '{"type":"Metric","data":{"name":"http_req_duration","type":"trend"},"metric":"http_req_duration"}' >k6json.head
block k6json >k6json.block
stream k6json
