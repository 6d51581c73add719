#!/usr/bin/env bash
# The application's own endpoints and probes beside a run: the figures against what panel and a real
# Redis count themselves, before and after it.
. "$(dirname "$0")/../cli/lib.sh"

# Figures over a whole run: the rate times the time, within what the last moments are.
near() {
    awk -v a="$1" -v b="$2" 'BEGIN {d = a - b; exit !((d < 0 ? -d : d) <= 0.03 * b + 2)}'
}

cat >app.json <<'END'
{"schema": "perfgate.scenario/1", "name": "app",
 "monitor": {"endpoints": [
   {"name": "app", "path": "/api/monitoring/metrics", "every": "500ms", "metrics": {
     "app_requests": {"pointer": "/requests/total", "counter": true},
     "cache_hit_ratio": {"pointer": "/cache/hits", "of": ["/cache/hits", "/cache/misses"],
                         "counter": true},
     "active_sessions": {"pointer": "/sessions/active", "unit": "count"},
     "api_usage": {"pointer": "/api_by_country", "each": true, "counter": true}}},
   {"name": "text", "path": "/api/monitoring/metrics", "metrics": {
     "forum_requests": {"sample": "panel_http_requests_total{method=\"GET\",route=\"/forum\"}",
                        "counter": true},
     "by_method": {"sample": "panel_http_requests_total", "each": "method", "counter": true}}},
   {"name": "health", "path": "/api/monitoring/health", "health": true},
   {"name": "system", "path": "/api/monitoring/system", "metrics": {
     "app_memory": {"pointer": "/resident_bytes", "scale": 9.5367431640625e-7, "unit": "mb"}}},
   {"name": "nowhere", "path": "/nothing/here", "metrics": {"never": {"pointer": "/x"}}}]},
 "classes": [{"name": "reader", "think_time": {"constant": "5ms"}, "tasks": [
   {"get": "/forum", "weight": 3}, {"get": "/api/health"}]}]}
END

# metric REPORT NAME: the average of a named series.
metric() {
    # shellcheck disable=SC2016 # a variable of jq's
    jq --arg name "$2" '[.resources.sources[] | select(.kind == "application").series[]
                         | select(.name == $name).average] | first' "$1"
}

start_panel --seed 1
at_exit kill "$pid"
curl -sS "$url/api/monitoring/metrics" >before.json

describe 'counters, ratios and gauges of JSON are what the application counted'
run perf-run app.json --host "$url" --users 4 --duration 6s --output report.json --quiet
expect_exit 0
curl -sS "$url/api/monitoring/metrics" >after.json
# What was polled meanwhile, four times a second or so, is a request too.
counted=$(($(jq .requests.total after.json) - $(jq .requests.total before.json)))
rate=$(metric report.json app_requests)
expect_true "$rate/s for 6 s are $counted" near "$(awk -v r="$rate" 'BEGIN {print r * 6}')" "$counted"
hits=$(($(jq .cache.hits after.json) - $(jq .cache.hits before.json)))
misses=$(($(jq .cache.misses after.json) - $(jq .cache.misses before.json)))
expect_true "a ratio of $hits to $misses" \
    near "$(awk -v r="$(metric report.json cache_hit_ratio)" 'BEGIN {print 1000 * r}')" \
    "$(awk -v h=$hits -v m=$misses 'BEGIN {print 1000 * h / (h + m)}')"
expect_true 'sessions' [ "$(metric report.json active_sessions)" = "$(jq .sessions.active after.json)" ]
expect_true 'a series for each country' \
    jq -e '[.resources.sources[] | select(.name == "app").series[].name
            | select(startswith("api_usage."))] | length == 12' report.json
expect_true 'twice a second' jq -e '.resources.sources[] | select(.name == "app")
    | .interval_ms == 500 and (.series[0].values | length >= 10 and length <= 13)' report.json

describe 'samples of the text format are what the engine sent'
sent=$(jq '.endpoints[] | select(.name == "/forum").total_requests' report.json)
rate=$(metric report.json forum_requests)
expect_true "$rate/s for 6 s are $sent" near "$(awk -v r="$rate" 'BEGIN {print r * 6}')" "$sent"
expect_true 'by label' jq -e '[.resources.sources[] | select(.name == "text").series[]
    | select(.name == "by_method.GET").average] | first > 0' report.json

describe 'health and the system'
expect_true 'available' [ "$(metric report.json availability)" = 1 ]
resident=$(awk '/^VmRSS/ {print $2 / 1024}' "/proc/$pid/status")
expect_true "$(metric report.json app_memory) of $resident MiB" \
    near "$(metric report.json app_memory)" "$resident"

describe 'an endpoint that is not there is a note'
expect_true 'the note' jq -e '.valid != false and (.health.notes
    | any(startswith("monitoring: \u0027nowhere\u0027 gave nothing")))' report.json
expect_true 'no series' jq -e '.resources.sources[] | select(.name == "nowhere")
    | .failures > 0 and (.series | length == 0)' report.json
run perf-report report.json
expect_exit 0
expect_true 'in words' grep -q '^app  *cache_hit_ratio' stdout
run perf-report report.json --format html --output page.html
expect_exit 0
expect_true 'a chart' grep -q 'cache_hit_ratio.* over time' page.html

describe 'in a paired run each side has its own, on its own time'
base=$url
start_panel --seed 1
at_exit kill "$pid"
run perf-run app.json --host "$url" --against "$base" --users 4 --duration 14s --warmup 1s \
    --output pair.json --quiet
expect_exit 0
for report in pair.json pair.base.json; do
    sent=$(jq '.endpoints[] | select(.name == "/forum").requests_per_second' $report)
    rate=$(metric $report forum_requests)
    expect_true "$rate/s are $sent/s" near "$(awk -v r="$rate" 'BEGIN {print 100 * r}')" \
        "$(awk -v r="$sent" 'BEGIN {print 100 * r}')"
    expect_true 'not shared' jq -e '[.resources.sources[]
        | select(.kind == "application" and .shared)] | length == 0' $report
done

describe 'the gate judges what a policy names, by the evidence of both sides'
cat >metrics.json <<'END'
{"schema": "perfgate.policy/1", "on": {"insufficient": "pass"}, "metrics": {
  "app_memory": {"better": "lower", "threshold": 3},
  "app_requests": {"better": "higher", "threshold": 3},
  "never": {"better": "lower", "threshold": 2, "optional": true}}}
END
run perf-compare pair.json pair.base.json --policy metrics.json --verdict verdict.json
expect_exit 0
expect_true 'tested' jq -e '.rows[] | select(.metric == "app_requests")
    | .status != "regressed" and .p != null and .interval_low > 0.3 and .interval_high < 3' verdict.json
expect_true 'of too few seconds' jq -e '.rows[] | select(.metric == "app_memory")
    | .status == "stable" and .p == null and (.reason | test("noise is estimated from 20 on"))' verdict.json
expect_true 'not there' jq -e '[.rows[] | select(.metric == "never") | .status] == ["errored"]' verdict.json

describe 'an alert sees them while the run goes on, and so does who asks for live metrics'
cat >alert.json <<'END'
{"schema": "perfgate.policy/1", "alerts": {"loaded": {"condition": "app_requests > 1 and target.cpu >= 0 for 3s",
  "severity": "critical", "message": "under load", "action": "abort"}}}
END
free=$(free_port)
perf-run app.json --host "$url" --users 4 --duration 60s --policy alert.json --metrics "127.0.0.1:$free" --output live.json 2>live.err &
running=$!
at_exit eval "kill $running 2>/dev/null"
for _ in $(seq 100); do
    curl -fs -o page "http://127.0.0.1:$free/metrics" && grep -q 'series="app_requests"' page && break
    sleep 0.05
done
expect_match page '^perfgate_live_resource_per_second\{side="candidate",kind="application",source="app",series="app_requests"\} [1-9]'
wait $running
expect_true 'ended by the alert' test $? = 3
expect_match live.err "critical alert 'loaded': under load \(app_requests [0-9.]+, target.cpu [0-9.]+, at [0-9]+s\)"

describe 'shards of a run are one'
run perf-report pair.json --merge --output merged.json
expect_exit 0
expect_true 'the same average' [ "$(metric merged.json forum_requests)" = \
    "$(metric pair.json forum_requests)" ]

describe 'probes of a real Redis'
redis-server --port 0 --unixsocket "$PWD/redis.sock" --save '' --daemonize no >redis.log 2>&1 &
redis_pid=$!
at_exit kill "$redis_pid"
for _ in {1..100}; do
    redis-cli -s "$PWD/redis.sock" ping >pong 2>&1 && break
    sleep 0.1
done
cat >redis.json <<END
{"schema": "perfgate.scenario/1", "name": "redis", "monitor": {"probes": [
   {"name": "redis", "command": ["redis-cli", "-s", "$PWD/redis.sock", "info", "stats"],
    "every": "1s", "format": "redis", "metrics": {
      "commands": {"key": "total_commands_processed", "counter": true},
      "redis_hit_ratio": {"key": "keyspace_hits", "of": ["keyspace_hits", "keyspace_misses"],
                          "counter": true}}},
   {"name": "keys", "command": ["redis-cli", "-s", "$PWD/redis.sock", "info"], "when": "after",
    "metrics": {"keys": {"key": "db0.keys", "unit": "count"}}},
   {"name": "around", "command": ["redis-cli", "-s", "$PWD/redis.sock", "info", "stats"],
    "when": "around", "metrics": {"hits": {"key": "keyspace_hits", "counter": true}}}]},
 "classes": [{"name": "c", "think_time": {"constant": "100ms"}, "tasks": [{"get": "/forum"}]}]}
END
run perf-run redis.json --host "$url" --duration 1s
expect_exit 2
expect_true 'the probe and the variable are named' grep -q "'redis'.*LOAD_TEST_COMMANDS" stderr
redis-cli -s "$PWD/redis.sock" set known 1 >/dev/null
(
    while kill -0 "$redis_pid" 2>/dev/null && [ ! -e enough ]; do
        printf 'get known\nget known\nget known\nget unknown\n' |
            redis-cli -s "$PWD/redis.sock" >/dev/null
        sleep 0.05
    done
) &
asking=$!
run env LOAD_TEST_COMMANDS=allow perf-run redis.json --host "$url" --duration 6s \
    --output redis_report.json --quiet
touch enough
wait "$asking"
expect_exit 0
expect_true 'three of four are hits' \
    near "$(awk -v r="$(metric redis_report.json redis_hit_ratio)" 'BEGIN {print 1000 * r}')" 750
expect_true 'commands' jq -e '[.resources.sources[] | select(.name == "redis").series[]
    | select(.name == "commands").average] | first > 4' redis_report.json
expect_true 'a key' [ "$(metric redis_report.json keys)" = 1 ]
expect_true 'hits over the run' jq -e '[.resources.sources[] | select(.name == "around").series[]
    | select(.name == "hits" and .unit == "count").average] | first > 10' redis_report.json
run env LOAD_TEST_COMMANDS=allow perf-run redis.json --host "$url" --against "$base" \
    --users 2 --duration 12s --output redis_pair.json --quiet
expect_exit 0
expect_true 'one Redis is of both sides' jq -e '[.resources.sources[]
    | select(.kind == "application").shared] == [true, true, true]' redis_pair.json
