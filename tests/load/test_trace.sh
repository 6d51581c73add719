#!/usr/bin/env bash
# Trace contexts, held against the log of nginx.
. "$(dirname "$0")/../cli/lib.sh"
. "$root/tests/load/nginx.sh"
unset "${!TEST_@}"

# shellcheck disable=SC2034,SC2016 # for nginx.sh; nginx's variables
log_more=' $http_traceparent $http_tracestate'
start_nginx ''

# scenario SAMPLE [MORE]: a page with and one without variables, behind a redirect, and an upload.
scenario() {
    cat >scenario.json <<EOF
{"schema": "perfgate.scenario/1", "name": "traced", "host": "http://127.0.0.1:$port", "users": 4,
 "trace": {"sample": $1${2-}}, "variables": {"n": {"random": [1, 9]}},
 "classes": [{"name": "c", "tasks": [{"name": "t", "steps": [
   {"name": "page", "get": "/page"}, {"name": "item", "get": "/item/\${n}"},
   {"name": "moved", "get": "/from"}, {"name": "sent", "post": "/post", "body": "b"}]}]}]}
EOF
}

# traced FLAG: the trace ids of requests with it, one a line.
traced() {
    sed -n "s/.* 00-\([0-9a-f]*\)-[0-9a-f]\{16\}-$1 perfgate=.*/\1/p" nginx/access.log
}

describe 'each request has a context of its own, and all ask to be recorded'
scenario 1 ', "link": "https://apm.example/t/{trace_id}?a=1&b=2"'
run perf-run scenario.json --duration 1s --warmup 0s --output report.json
run_id=$(jq -r .run_id report.json)
requests=$(jq .total_requests report.json)
moved=$(jq '.endpoints[] | select(.name == "moved") | .total_requests' report.json)
expect_logged $((requests + moved))
expect_true 'all lines have one' test "$(grep -c -E \
    " 00-[0-9a-f]{32}-[0-9a-f]{16}-01 perfgate=$run_id\$" nginx/access.log)" = $((requests + moved))
expect_true 'a trace for each, and one for both requests of a redirect' \
    test "$(traced 01 | sort -u | wc -l)" = "$requests"

describe 'the slowest of each endpoint are in the report, the slowest first, and nginx has seen them'
expect_true 'five of each' jq -e '[.endpoints[].slowest | length] == [5, 5, 5, 5]' report.json
expect_true 'in order' jq -e 'all(.endpoints[].slowest; (map(-.latency_ms) | sort) == map(-.latency_ms))' report.json
expect_true 'the slowest is the largest' jq -e \
    'all(.endpoints[]; .slowest[0].latency_ms <= .max_response_time + 0.001 and
         .slowest[0].latency_ms >= .max_response_time - 0.001)' report.json
jq -r '.endpoints[] | "\(.name) \(.slowest[].trace_id)"' report.json >slowest
while read -r name id; do
    case $name in page) path=/page ;; item) path=/item/ ;; moved) path=/from ;; sent) path=/post ;; esac
    grep -q "$path.*$id" nginx/access.log || fail "the log has no $path with $id"
done <slowest

describe 'the page links to them, and the text has the address'
run perf-report report.json
expect_stdout "https://apm.example/t/$(jq -r '[.endpoints[].slowest[]] | max_by(.latency_ms).trace_id' report.json)?a=1&b=2"
run perf-report report.json --format html
expect_stdout "href=\"https://apm.example/t/$(jq -r '[.endpoints[].slowest[]] | max_by(.latency_ms).trace_id' report.json)?a=1&amp;b=2\""

describe 'a share of them asks to be recorded; only these are kept'
: >nginx/access.log
scenario 0.25
run perf-run scenario.json --duration 1s --warmup 0s --output report.json
expect_logged $(($(jq '.total_requests + (.endpoints[] | select(.name == "moved") | .total_requests)' report.json)))
expect_true 'about a quarter' awk -v a="$(traced 01 | wc -l)" -v b="$(traced 00 | wc -l)" \
    'BEGIN { exit !(a > 0.2 * (a + b) && a < 0.3 * (a + b)) }'
traced 01 >recorded
jq -r '.endpoints[].slowest[].trace_id' report.json | while read -r id; do
    grep -q "$id" recorded || fail "$id was not recorded"
done

describe 'two runs and two sides share no trace'
cp recorded before
: >nginx/access.log
run perf-run scenario.json --against "http://127.0.0.1:$other" --duration 3s --warmup 1s --output report.json
expect_true 'no id of the run before' test -z "$(comm -12 <(sort -u before) <(traced 01 | sort -u))"
sed -n "s/^$port .*00-\([0-9a-f]*\)-.*/\1/p" nginx/access.log | sort -u >candidate
sed -n "s/^$other .*00-\([0-9a-f]*\)-.*/\1/p" nginx/access.log | sort -u >base
expect_true 'requests on both sides' test -s candidate -a -s base
expect_true 'no id of both sides' test -z "$(comm -12 candidate base)"

describe 'without it nothing is sent; what goes elsewhere has none'
: >nginx/access.log
sed -i '/"trace"/s/"trace": {[^}]*}, //' scenario.json
sed -i "s|\"get\": \"/page\"|\"get\": \"http://127.0.0.1:$other/page\"|" scenario.json
run perf-run scenario.json --allow-host "127.0.0.1:$other" --duration 0.3s --warmup 0s --output report.json
expect_true 'no context' bash -c '! grep -q perfgate= nginx/access.log'
scenario 1
sed -i "s|\"get\": \"/page\"|\"get\": \"http://127.0.0.1:$other/page\"|" scenario.json
: >nginx/access.log
run perf-run scenario.json --allow-host "127.0.0.1:$other" --duration 0.3s --warmup 0s --output report.json
expect_true 'the target' grep -q "^$port .* perfgate=" nginx/access.log
expect_true 'not the other' bash -c "grep -q '^$other ' nginx/access.log && ! grep -q '^$other .*perfgate=' nginx/access.log"

describe 'what cannot be is said'
scenario 0
run perf-run scenario.json --check
expect_exit 2
expect_stderr 'sample'
scenario 1 ', "link": "javascript:alert(1)"'
run perf-run scenario.json --check
expect_exit 2
expect_stderr 'link: expected an address as https://apm.example.com/trace/{trace_id}'
scenario 1
sed -i 's|"get": "/page"|"get": "/page", "headers": {"Traceparent": "x"}|' scenario.json
run perf-run scenario.json --check
expect_exit 2
expect_stderr "there are \"trace\" and a header 'Traceparent': keep one of them"
