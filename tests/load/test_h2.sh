#!/usr/bin/env bash
# perf-run with HTTP/2 against nghttpd: what the report counts is what the server read.
. "$(dirname "$0")/../cli/lib.sh"
unset "${!TEST_@}"

# start_nghttpd OPTION...: with prior knowledge, on a free port of 127.0.0.1; sets $pid and $port.
start_nghttpd() {
    local attempt
    for attempt in $(seq 30); do
        port=$((20000 + RANDOM % 10000))
        stdbuf -oL nghttpd --no-tls --verbose -a 127.0.0.1 -d "$PWD/www" "$@" "$port" >log 2>&1 &
        pid=$!
        for _ in $(seq 100); do
            if curl -s --http2-prior-knowledge -o answer "http://127.0.0.1:$port/a"; then
                return 0
            fi
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.05
        done
        wait "$pid"
    done
    fail "nghttpd did not start after $attempt attempts: $(cat log)"
}
stop_nghttpd() {
    [ -z "$pid" ] || { kill -KILL "$pid" && wait "$pid"; } 2>/dev/null
    pid=''
}
pid=''
at_exit stop_nghttpd

# figure FILE KEY: a number of the report's first level.
figure() {
    sed -n "s/^  \"$2\": \([0-9.]*\),\{0,1\}\$/\1/p" "$1"
}

# logged PATTERN: the paths of requests that the server read, but for the first one, which is ours.
logged() {
    sed -n 's/.*recv (stream_id=[0-9]*) :path: //p' log | tail -n +2 | grep -c "$1"
}

expect_all_counted() {
    expect_exit 0
    local total
    total=$(figure report.json total_requests)
    [ "${total:-0}" -gt 0 ] || fail "expected requests, found '$total'"
    [ "$(figure report.json total_failures)" = 0 ] || fail 'expected no failures'
    for _ in $(seq 100); do
        [ "$(logged .)" -ne "$total" ] || return 0
        sleep 0.05
    done
    fail "expected $total requests in the server's log, found $(logged .)"
}

# load FILE OPTION...: 0.3 s against a fresh server.
load() {
    rm -f report.json
    run perf-run "$1" --host "http://127.0.0.1:$port" --duration 0.3s --quiet --output report.json "${@:2}"
}

mkdir www
for name in a b c; do
    printf '%s' "$name" >"www/$name"
done
head -c 300000 /dev/zero >www/big
cat >plain.json <<'EOF2'
{"schema": "perfgate.scenario/1", "name": "plain", "protocol": "http2",
 "classes": [{"name": "c", "think_time": {"constant": "1ms"}, "tasks": [{"get": "/a"}, {"get": "/big"}]}]}
EOF2
cat >page.json <<'EOF2'
{"schema": "perfgate.scenario/1", "name": "page", "protocol": "http2",
 "classes": [{"name": "c", "think_time": {"constant": "1ms"}, "tasks": [{"steps": [
    {"get": "/a"},
    {"parallel": [{"get": "/b"}, {"get": "/c"}, {"get": "/big"}, {"get": "/b"}, {"get": "/c"}, {"get": "/c"}]}]}]}]}
EOF2

start_nghttpd
describe 'every request is counted'
load plain.json --users 10 --threads 2
expect_all_counted

stop_nghttpd
start_nghttpd
describe 'a page with its parts: a connection for each user'
load page.json --users 5
expect_all_counted
expect_match report.json '"connections": 5'
groups=$(logged '^/big$')
[ "$(logged '^/c$')" -eq $((3 * groups)) ] || fail "expected $((3 * groups)) requests of /c, found $(logged '^/c$')"

stop_nghttpd
start_nghttpd --max-concurrent-streams=2
describe 'a server that takes two streams at a time'
load page.json --users 5
expect_all_counted
expect_match report.json '"connections": 5'

describe 'HTTP/1.1 to a server that knows HTTP/2 alone fails, and says how'
sed 's/"protocol": "http2",//' plain.json >http1.json
load http1.json --users 1
[ "$status" -ne 0 ] || [ "$(figure report.json total_failures)" != 0 ] || fail 'expected failures'
expect_match report.json '"kind": "protocol"'
