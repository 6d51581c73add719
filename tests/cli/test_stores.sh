#!/usr/bin/env bash
# perf-report --send to metrics stores: a real Pushgateway and a real Redis.
. "$(dirname "$0")/lib.sh"

gateway=$(free_port)
prometheus-pushgateway --persistence.file= --web.listen-address="127.0.0.1:$gateway" 2>gateway.log &
at_exit kill $!
redis=$(free_port)
redis-server --bind 127.0.0.1 --port "$redis" --save '' --dir "$PWD" --requirepass redis-secret >redis.log &
at_exit kill $!
export REDIS_PASSWORD=redis-secret
cli() {
    redis-cli -h 127.0.0.1 -p "$redis" --no-auth-warning -a redis-secret -n 3 "$@"
}
await curl -fs "http://127.0.0.1:$gateway/-/ready"
await sh -c "redis-cli -h 127.0.0.1 -p $redis --no-auth-warning -a redis-secret ping | grep -q PONG"

jq -n --arg gateway "http://127.0.0.1:$gateway/" --arg redis "redis://127.0.0.1:$redis" '{schema: "perfgate.notify/1", destinations: {
    gateway: {kind: "pushgateway", url: $gateway},
    redis: {kind: "redis", url: ($redis + "/3"), secret: "REDIS_PASSWORD"},
    wrong: {kind: "redis", url: ($redis + "/3"), secret: "WRONG_PASSWORD"},
    none: {kind: "redis", url: $redis}, far: {kind: "redis", url: "redis://example.com", secret: "REDIS_PASSWORD"},
    silent: {kind: "redis", url: "redis://127.0.0.1:9"}, odd: {kind: "redis", url: "redis://127.0.0.1:x/"}},
    routes: {all: ["gateway", "redis"], ok: ["gateway", "redis"]}}' >notify.json
cat >report.json <<'END'
{"total_requests": 1000, "total_failures": 20, "requests_per_second": 12.5, "average_response_time": 15,
 "95th_percentile": 19, "99th_percentile": 19.5}
END
perf-compare report.json --baseline report.json --output /dev/null
jq '.suite = "forum"' perf_verdict.json >verdict.json

describe 'the gateway has the figures of the suite, and those of the next verdict in their place'
run perf-report --send gateway --notify notify.json verdict.json
expect_exit 0
run curl -fs "http://127.0.0.1:$gateway/metrics"
expect_match stdout '^perfgate_verdict_candidate_seconds\{.*job="perfgate".*metric="avg_response_time".*suite="forum".*\} 0.015$'
jq '.rows[0].candidate = 30' verdict.json >next.json
run perf-report --send gateway --notify notify.json next.json
run curl -fs "http://127.0.0.1:$gateway/metrics"
expect_match stdout '^perfgate_verdict_candidate_seconds\{.*metric="avg_response_time".*suite="forum".*\} 0.03$'
expect_true 'one' test "$(grep -c '^perfgate_verdict_candidate_seconds{.*avg_response_time' stdout)" = 1

describe 'the report beside the verdict brings its figures, and those of what was watched'
jq '. + {schema: "perfgate.report/1", valid: true, suite: "forum", commit: "0123456789", resources: {interval_ms: 1000, cpu_usage: 0.5,
    sources: [{name: "app", kind: "process", cores: 2, memory_mb: 512, series: [{name: "my metric", unit: "mb", average: 2, p95: 3, maximum: 4}]}]}}' report.json >watched.json
run perf-report --send gateway --notify notify.json next.json watched.json
expect_exit 0
curl -fs "http://127.0.0.1:$gateway/metrics" | grep perfgate_ >pushed
stdin=pushed run promtool check metrics
expect_exit 0
expect_stdout ''
run cat pushed
expect_match stdout '^perfgate_verdict_candidate_seconds\{.*metric="avg_response_time".*suite="forum".*\} 0.03$'
expect_match stdout '^perfgate_run_requests\{.*suite="forum".*\} 1000$'
expect_match stdout '^perfgate_run_ratio\{.*metric="cpu_usage".*\} 0.5$'
expect_match stdout '^perfgate_resource_bytes\{.*series="my metric",source="app",stat="p95",suite="forum"\} 3.145728e\+06$'
expect_match stdout '^perfgate_resource_limit_cores\{.*source="app",suite="forum"\} 2$'

describe 'a suite of another name is one as well'
jq '.suite = "a/b \u00e9?"' verdict.json >odd.json
run perf-report --send gateway --notify notify.json odd.json
expect_exit 0
expect_stderr "'gateway' was told"
run curl -fs "http://127.0.0.1:$gateway/metrics"
expect_stdout 'suite="a/b é?"'

describe 'redis has a hash for each verdict, and a stream that names them'
run perf-report --send redis --notify notify.json verdict.json
run perf-report --send redis --notify notify.json next.json
expect_exit 0
expect_true 'two' test "$(cli XLEN perfgate:runs:forum)" = 2
key=$(cli XRANGE perfgate:runs:forum - + | sed -n '/^run$/{n;p;q}')
expect_true 'status' test "$(cli HGET "$key" status)" = pass
expect_true 'figure' test "$(cli HGET "$key" avg_response_time)" = 15
expect_true 'all' test "$(cli HMGET "$key" exit_code severity 95th_percentile error_rate | tr '\n' ' ')" = '0 ok 19 0.02 '
expect_true 'stream' test "$(cli XREVRANGE perfgate:runs:forum + - COUNT 1 | sed -n '/^avg_response_time$/{n;p}')" = 30

describe 'names are bytes, whatever they are'
jq '.suite = "x\r\n$4\r\nPING" | .rows[0] += {endpoint: "/a\r\n*1\r\n$8\r\nFLUSHALL\r\n", method: "GET"}' verdict.json >hostile.json
run perf-report --send redis --notify notify.json hostile.json
expect_exit 0
expect_stderr "'redis' was told"
expect_true 'nothing was flushed' test "$(cli XLEN perfgate:runs:forum)" = 2
expect_true 'one more stream' test "$(cli --raw KEYS 'perfgate:runs:*' | grep -c perfgate)" = 2

describe 'what Redis refuses is said, once, and no secret'
WRONG_PASSWORD=not-that-one run perf-report --send wrong --send none --send far --send odd --notify notify.json verdict.json
expect_exit 0
expect_stderr "'wrong' was not told: redis said: WRONGPASS"
expect_stderr "'none' was not told: redis said: NOAUTH Authentication required. (1 attempt)"
expect_stderr "'far' was not told: a password goes to a Redis on the same machine alone"
expect_stderr "'odd' was not told: expected redis://HOST"
expect_true 'no secret' test "$(grep -c 'not-that-one\|redis-secret' stderr)" = 0

describe 'a command that fails within the transaction is told'
cli SET perfgate:runs:other text >/dev/null
jq '.suite = "other"' verdict.json >other.json
run perf-report --send redis --notify notify.json other.json --require-delivery
expect_exit 2
expect_stderr "'redis' was not told: redis said: WRONGTYPE"

describe 'a dry run shows the commands, and a store that is away is tried again'
run perf-report --send redis --send gateway --notify notify.json verdict.json --dry-run
expect_stdout "to redis://127.0.0.1:$redis/3"
expect_stdout 'XADD'
expect_stdout "PUT http://127.0.0.1:$gateway/metrics/job/perfgate/suite/forum"
run perf-report --send silent --notify notify.json verdict.json
expect_stderr "'silent' was not told: Connection refused (4 attempts)"
