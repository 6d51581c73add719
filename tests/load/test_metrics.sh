#!/usr/bin/env bash
# Live metrics of perf-run, scraped by a real Prometheus.
. "$(dirname "$0")/../cli/lib.sh"

start_panel --seed 1
at_exit kill "$pid"
port=$(free_port)
web=$(free_port)

describe 'what is served is what Prometheus calls well-formed'
perf-run "$url/" --against "$url/" --users 2 --duration 600s --metrics "127.0.0.1:$port" --output live.json --quiet 2>run.err &
run=$!
at_exit eval "kill $run 2>/dev/null"
await curl -fs -o page "http://127.0.0.1:$port/metrics"
await sh -c "curl -fs http://127.0.0.1:$port/metrics | grep -q 'side=\"base\",metric=\"99th_percentile\"'"
run curl -fs "http://127.0.0.1:$port/metrics"
cp stdout page
expect_match stdout '^perfgate_live_requests_total\{side="candidate"\} [1-9][0-9]*$'
expect_match stdout '^perfgate_live_requests_total\{side="base"\} [0-9]+$'
expect_match stdout '^perfgate_live_users 2$'
expect_match stdout '^perfgate_live_duration_seconds 60[0-9]$'
await sh -c "curl -fs http://127.0.0.1:$port/metrics | grep -q '^perfgate_live_resource_ratio'"
run curl -fs "http://127.0.0.1:$port/metrics"
cp stdout page
expect_match stdout '^perfgate_live_resource_ratio\{kind="machine",source="machine",series="cpu"\} [0-9.e-]+$'
expect_match stdout '^perfgate_live_resource_bytes\{kind="process",source="target",series="memory"\} [1-9][0-9.]+$'
expect_match stdout '^perfgate_live_resource_limit_cores\{kind="process",source="target"\} [0-9.]+$'
stdin=page run promtool check metrics
expect_exit 0
expect_stdout ''
run curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/other"
expect_stdout 404
run curl -s -o /dev/null -w '%{http_code}' -d x "http://127.0.0.1:$port/metrics"
expect_stdout 405

describe 'a Prometheus has them'
cat >prometheus.yml <<END
global: {scrape_interval: 1s}
scrape_configs: [{job_name: perfgate, static_configs: [{targets: ["127.0.0.1:$port"]}]}]
END
prometheus --config.file=prometheus.yml --storage.tsdb.path=tsdb --web.listen-address="127.0.0.1:$web" 2>prometheus.log &
at_exit kill $!
ask() {
    curl -fsG "http://127.0.0.1:$web/api/v1/query" --data-urlencode "query=$1"
}
await sh -c "curl -fsG http://127.0.0.1:$web/api/v1/query --data-urlencode 'query=rate(perfgate_live_requests_total[30s]) > 0' | jq -e '.data.result | length == 2'"
expect_true 'quantiles' sh -c "curl -fsG http://127.0.0.1:$web/api/v1/query --data-urlencode 'query=perfgate_live_latency_seconds{side=\"candidate\"}' | jq -e '.data.result | length == 3'"

describe 'the run ends as it would have, and the port is free again'
kill -INT $run
wait $run
expect_true 'interrupted' test $? = 3
expect_true 'free' sh -c "! curl -fs http://127.0.0.1:$port/metrics"

describe 'an address that is none, or taken, is refused before the run'
for address in 127.0.0.1 127.0.0.1:x 127.0.0.1:70000 example.com:80 :9 '[::1:9'; do
    run perf-run "$url/" --duration 1s --metrics "$address" --output refused.json
    expect_exit 2
    expect_stderr "'$address': expected an address and a port such as 127.0.0.1:9464"
done
LOAD_TEST_METRICS=127.0.0.1:$web run perf-run "$url/" --duration 1s --output refused.json
expect_exit 2
expect_stderr "cannot listen at '127.0.0.1:$web': Address already in use"
expect_true 'no report' test ! -e refused.json

describe 'so is a run of Locust, which says less'
perf-run --engine locust "$url/" --users 2 --duration 600s --output live.json --metrics "127.0.0.1:$port" --quiet 2>run.err &
run=$!
at_exit eval "kill $run 2>/dev/null"
await sh -c "curl -fs http://127.0.0.1:$port/metrics | grep -q '^perfgate_live_requests_total{side=\"candidate\"} [1-9]'"
curl -fs -o page "http://127.0.0.1:$port/metrics"
stdin=page run promtool check metrics
expect_exit 0
kill -INT $run
wait $run
expect_true 'interrupted' test $? = 3

describe 'an empty address in the environment is none'
LOAD_TEST_METRICS='' run perf-run "$url/" --duration 1s --output fine.json
expect_exit 0
