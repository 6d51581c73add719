#!/usr/bin/env bash
# perf-run --engine locust with real Locust: the panel's scenario on both engines, locustfiles, workers
# here and elsewhere, and what breaks in a run.
. "$(dirname "$0")/../cli/lib.sh"
. "$root/tests/load/nginx.sh"
unset "${!LOCUST_@}"
export TEST_USER_EMAIL=user@example.com TEST_USER_PASSWORD=user-secret
export TEST_ADMIN_EMAIL=admin@example.com TEST_ADMIN_PASSWORD=admin-secret

# locust OPTION...: a run with the engine, into report.json.
locust_run() {
    rm -f report.json
    run perf-run --engine locust --quiet --output report.json "$@"
}

# expect_report FILTER: jq's filter is true of the report.
expect_report() {
    expect_true "a report with $1" jq -e "$1" report.json
}

# expect_sound: the tools read the report, whose sums they check.
expect_sound() {
    run perf-report report.json --format text
    expect_exit 0
}

# no_children: nothing that the last run started is left.
expect_no_children() {
    for _ in $(seq 100); do
        pgrep -f 'share/perfgate/perfgate_locust[.]py' >left || return 0
        sleep 0.05
    done
    fail "expected no process of Locust, found: $(cat left)"
}

# ---- one scenario, two engines ----

describe 'the panel has the same shares and failures by both engines'
start_panel --latency wait:constant:20ms --error /forum=0.3
at_exit kill "$pid"
panel=$url
load=("$root/tests/panel/scenario.json" --host "$panel" --users 100 --think-scale 0.5 --warmup 2s --duration 8s)
run perf-run "${load[@]}" --quiet --output native.json
expect_exit 0
locust_run "${load[@]}" --csv run
expect_exit 0
expect_sound
# Five standard errors of the difference of two shares, doubled because requests come in tasks.
cat >compare.jq <<'EOF'
def rows: [.endpoints[] | {key: (.method + " " + .name), value: .}] | from_entries;
def apart($p; $q; $n; $m): (($p * $n + $q * $m) / ($n + $m)) as $r
    | (($p - $q) | fabs) > 10 * (($r * (1 - $r) * (1 / $n + 1 / $m)) | sqrt) + 1e-9;
($native[0] | rows) as $a | ($locust[0] | rows) as $b
| $native[0].total_requests as $n | $locust[0].total_requests as $m
| ([$a, $b] | add | keys[]) as $key
| (($a[$key].total_requests) // 0) as $i | (($b[$key].total_requests) // 0) as $j
| if apart($i / $n; $j / $m; $n; $m) then "\($key): \($i) of \($n), \($j) of \($m)" else empty end,
  if $i > 0 and $j > 0 and apart($a[$key].error_rate; $b[$key].error_rate; $i; $j)
  then "\($key): error rates \($a[$key].error_rate), \($b[$key].error_rate)" else empty end
EOF
jq -n -r --slurpfile native native.json --slurpfile locust report.json -f compare.jq >apart 2>&1
[ ! -s apart ] || fail "the engines differ: $(cat apart)"
expect_report '.total_requests > 500 and .valid and (.endpoints | length) > 20'
expect_report '[.endpoints[] | select(.name != "/forum") | .total_failures] | add == 0'
expect_report '[.errors[] | select(.endpoint != "/forum" or .kind != "status")] == []'
expect_report '.errors[0].message == "expected status 200, found 500"'
expect_true 'the same sentence as the native engine' test "$(jq '.errors[0].message' native.json)" = \
    "$(jq '.errors[0].message' report.json)"

describe 'latencies are what the service takes, and in as fine steps'
expect_report 'all(.endpoints[]; .name == "/forum" or .min_response_time >= 20)'
expect_report 'all(.endpoints[]; .min_response_time <= .median_response_time)'
expect_report '.resolution_ms == null'
expect_report '([.endpoints[].min_response_time | . != floor] | any)'

describe 'what the target was busy with is watched as by the native engine'
expect_report '.resources | (.of_machine | not) and .cpu_usage > 0 and .cpu_usage < 1'
expect_report '.resources.sources | map(.name) == ["machine", "target"]'
# One sample a second of the measured time, the last one of what is left.
expect_report '.resources.sources[1].series[0].values | length >= 7 and length <= 9'

describe 'intervals add up to the total, and Locust CSV files have it'
expect_report '(.series.requests | add) == .total_requests'
expect_report '(.series.failures | add) == .total_failures'
expect_report '(.series.users | unique) == [100]'
expect_true 'the total in the CSV' grep -q "^,Aggregated,$(jq .total_requests report.json)," run_stats.csv

describe 'a run by another engine is another workload, and has no secret in its report'
expect_true 'another workload' test "$(jq .workload native.json)" != "$(jq .workload report.json)"
expect_true 'one scenario' test "$(jq .scenario_hash native.json)" = "$(jq .scenario_hash report.json)"
expect_true 'no password' bash -c '! grep -q -e user-secret -e admin-secret report.json'
expect_no_children

# ---- what is counted ----

start_nginx ''
site=http://127.0.0.1:$port
cat >count.json <<EOF
{"schema": "perfgate.scenario/1", "name": "count", "host": "$site", "headers": {"X-A": "a b"},
 "variables": {"n": {"random": [1, 9]}, "word": {"choice": ["a b", "ü/&"]}},
 "classes": [{"name": "c d", "think_time": {"between": ["10ms", "30ms"]},
   "on_start": [{"name": "/start", "get": "/start"}],
   "tasks": [{"name": "t", "steps": [
     {"name": "/page", "get": "/p/\${word}?x=1", "query": {"q": "\${word}"},
      "capture": {"all": {"regex": "^(h[a-l]*)([[:alpha:]])"}, "type": {"header": "Content-Type"}}},
     {"name": "/seen", "get": "/seen/\${all}/\${n}", "expect": {"body_contains": "hello"}},
     {"get": "/from"}, {"name": "stay", "get": "/from", "redirects": false, "expect": {"status": 302}},
     {"get": "/missing"}]}]}]}
EOF
# expect_measured: what the report counts is in the log, and what was sent before and after is little.
expect_measured() {
    expect_exit 0
    expect_sound
    expect_report '.total_requests > 30 and .valid'
    # A redirect that is followed is two lines.
    local counted
    counted=$(jq '[.endpoints[] | select(.name != "/start") | .total_requests * (if .name == "/from" then 2 else 1 end)] | add' report.json)
    local logged
    logged=$(grep -cv /start nginx/access.log)
    [ "$counted" -le "$logged" ] || fail "expected at most $logged requests, found $counted"
    expect_report '[.endpoints[] | select(.total_failures > 0) | .name] == ["/missing"]'
    expect_report '[.endpoints[] | select(.name == "/missing") | .error_rate] == [1]'
    expect_report '(.series.requests | add) == .total_requests'
}

for workers in '' '--workers 2'; do
    describe "variables, captures, redirects and expectations mean the same: ${workers:-alone}"
    : >nginx/access.log
    # shellcheck disable=SC2086
    locust_run count.json --users 10 --duration 5s $workers
    expect_measured
    expect_true 'escaped values' grep -qE ' /p/%C3%BC%2F%26\?x=1&q=%C3%BC%2F%26 ' nginx/access.log
    expect_true 'the longest match' grep -qE ' /seen/hell/[1-9] ' nginx/access.log
    expect_true 'no request that a failed one is before' bash -c '! grep -q missing/ nginx/access.log'
    expect_no_children
done

# ---- locustfiles ----

cat >locustfile.py <<'EOF'
from locust import FastHttpUser, HttpUser, between, tag, task

class Visitor(FastHttpUser):
    wait_time = between(0.01, 0.03)

    @tag("custom")
    @task(3)
    def custom(self):
        self.client.get("/custom/endpoint")

    @task
    def missing(self):
        with self.client.get("/missing", catch_response=True) as response:
            response.failure("it's not there")

class Other(HttpUser):
    wait_time = between(0.01, 0.03)

    @tag("custom")
    @task
    def other(self):
        self.client.post("/other", name="/other/[id]", data={"a": "b"})
EOF
cp locustfile.py unmodified.py

for workers in '' '--workers 2'; do
    describe "a locustfile runs as it is: ${workers:-alone}"
    # shellcheck disable=SC2086
    locust_run locustfile.py --host "$site" --users 6 --duration 3s $workers
    expect_exit 0
    expect_sound
    expect_report '[.endpoints[] | .method + " " + .name] | sort ==
        ["GET /custom/endpoint", "GET /missing", "POST /other/[id]"]'
    expect_report '.total_requests > 100 and .suite == "locustfile" and .resolution_ms == 1'
    expect_report '[.errors[] | [.endpoint, .kind, .message]] ==
        [["/missing", "expectation", "it'"'"'s not there"]]'
    expect_report '(.endpoints[] | select(.name == "/missing") | .error_rate) == 1'
    expect_report '(.series.requests | add) == .total_requests'
    expect_true 'unmodified' cmp locustfile.py unmodified.py
    expect_no_children
done

describe "Locust's own options follow --"
locust_run locustfile.py --host "$site" --users 4 --duration 1s -- --tags custom
expect_exit 0
expect_report '[.endpoints[].name] | sort == ["/custom/endpoint", "/other/[id]"]'
locust_run locustfile.py --host "$site" --users 4 -- --run-time 2 Other
expect_exit 0
expect_report '[.endpoints[].name] == ["/other/[id]"]'

describe 'a load shape says itself how long it takes'
cat >shape.py <<'EOF'
from locust import LoadTestShape
from locustfile import Other

class Shape(LoadTestShape):
    def tick(self):
        return (2, 10) if self.get_run_time() < 2 else None
EOF
locust_run shape.py --host "$site"
expect_exit 0
expect_report '.total_requests > 10 and .valid'
expect_no_children

describe 'a locustfile that raises ends in 2 and names the line'
printf 'from locust import FastHttpUser\n\nraise KeyError("x")\n' >raises.py
locust_run raises.py --host "$site"
expect_exit 2
expect_one_sentence
expect_stderr "perf-run: 'raises.py' line 3: it raised KeyError: 'x'"
printf 'def f(:\n' >syntax.py
locust_run syntax.py --host "$site"
expect_exit 2
expect_stderr "perf-run: 'syntax.py' line 1: it is no Python"
echo 'from locust import FastHttpUser' >empty.py
locust_run empty.py --host "$site" --workers 2
expect_exit 2
expect_stderr "'empty.py' has no class of users"
expect_true 'no report' test ! -e report.json
expect_no_children

describe 'a task that raises makes the run invalid, and is told once'
cat >sometimes.py <<'EOF'
from locust import FastHttpUser, constant, task

class Visitor(FastHttpUser):
    wait_time = constant(0.02)

    @task
    def visit(self):
        self.client.get("/")
        if self.client.get("/missing").status_code == 404:
            raise ValueError("not there")
EOF
for workers in '' '--workers 2'; do
    # shellcheck disable=SC2086
    locust_run sometimes.py --host "$site" --users 4 --duration 2s $workers
    expect_exit 3
    expect_report '.invalid_reasons == ["exceptions"] and .total_requests > 0'
    expect_report '[.health.notes[] | select(test("line 10: not there"))] | length == 1'
    expect_true 'few tracebacks' test "$(grep -c '^Traceback' stderr)" -le 2
done
cat >starts.py <<'EOF'
from locust import FastHttpUser, constant, task

class Visitor(FastHttpUser):
    wait_time = constant(0.02)

    def on_start(self):
        raise ValueError("no start")

    @task
    def visit(self):
        self.client.get("/")
EOF
locust_run starts.py --host "$site" --users 4 --duration 1s
expect_exit 3
expect_report '.invalid_reasons | contains(["exceptions", "no_requests"])'
expect_no_children

describe 'a load shape on workers is told to its end, and leaves no room for other users or times'
locust_run shape.py --host "$site" --workers 2
expect_exit 0
expect_report '.total_requests > 10 and .valid and (.series.requests | add) == .total_requests'
locust_run shape.py --host "$site" --duration 5s
expect_exit 2
expect_one_sentence
expect_stderr 'a load shape, which says itself how many users there are and how long: leave out --duration'

describe 'a --run-time on workers loses none of them'
locust_run locustfile.py --host "$site" --users 4 --workers 2 -- --run-time 5
expect_exit 0
expect_report '.total_requests > 10 and .valid and .duration_ms < 5000'
locust_run locustfile.py --host "$site" --users 40 --spawn-rate 10 -- --run-time 1
expect_exit 2
expect_stderr '--run-time is over before all users run'

describe 'what keeps Locust from beginning ends in 2 and a sentence, and not in a wait for ever'
locust_run locustfile.py --users 2
expect_exit 2
expect_one_sentence
expect_stderr 'the locustfile names no host: give --host'
cat >made.py <<'EOF'
from locust import HttpUser, task

class Visitor(HttpUser):
    def __init__(self, environment):
        raise KeyError("made")

    @task
    def visit(self):
        self.client.get("/")
EOF
locust_run made.py --host "$site"
expect_exit 2
expect_stderr "no user can be made: KeyError: 'made'; mend the locustfile"
LOCUST_MODE_WORKER=true locust_run locustfile.py --host "$site"
expect_exit 2
expect_stderr 'LOCUST_MODE_WORKER'
LOCUST_HEADFUL=true locust_run locustfile.py --host "$site"
expect_exit 2
expect_stderr 'asks for its web page'
expect_no_children

describe 'names that are no texts are told as texts'
sed 's|name="/other/\[id\]"|name=5|' unmodified.py >names.py
locust_run names.py --host "$site" --users 6 --duration 2s
expect_exit 0
expect_report '[.endpoints[].name] | sort == ["/custom/endpoint", "/missing", "5"]'

# ---- the same as by the native engine ----

describe 'bodies are looked into, requests sent and cookies kept as by the native engine'
cat >served.py <<'EOF'
import gzip, http.server

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        with open("served.log", "a") as log:
            log.write("%s %s %s\n" % (self.command, self.path, self.headers.get("Cookie")))
        if self.path == "/closes":
            self.close_connection = True
            return
        coding = self.path[1:] if self.path in ("/gzip", "/other") else ""
        body = b"hello " * 99
        body = gzip.compress(body) if coding == "gzip" else body
        self.send_response(200)
        if coding:
            self.send_header("Content-Encoding", coding)
        if self.path == "/set":
            self.send_header("Set-Cookie", "sid=1; Domain=elsewhere.example; Path=/")
        if self.path == "/unset":
            self.send_header("Set-Cookie", "sid=; Domain=elsewhere.example; Path=/; Max-Age=0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_POST = do_GET

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
EOF
/usr/bin/python3 served.py >served.port &
at_exit kill $!
for _ in $(seq 400); do
    [ ! -s served.port ] || break
    sleep 0.05
done
cat >same.json <<EOF
{"schema": "perfgate.scenario/1", "name": "same", "host": "http://127.0.0.1:$(cat served.port)",
 "variables": {"n": {"random": [1, 1000000]}},
 "classes": [{"name": "c", "think_time": {"constant": "20ms"}, "tasks": [{"name": "t", "steps": [
   {"head": "/gzip"}, {"get": "/gzip", "expect": {"body_contains": "hello hello"}}, {"get": "/other"},
   {"get": "/set"}, {"get": "/seen"}, {"get": "/unset"}, {"name": "/n", "get": "/n\${n}"},
   {"name": "coded", "get": "/other", "expect": {"body_contains": "hello"}}]},
   {"name": "closes", "steps": [{"post": "/closes", "body": "x"}]}]}]}
EOF
# same_run ENGINE OPTION...: ENGINE.json, and in ENGINE.drawn the first numbers that it drew.
same_run() {
    : >served.log
    run perf-run --engine "$1" same.json --users 1 --duration 3s --warmup 0s --quiet \
        --output "$1.json" "${@:2}"
    expect_exit 0
    grep '^GET /n' served.log | head -n 3 >"$1.drawn"
}
for engine in native locust; do
    same_run $engine
    jq -c '[.errors[] | [.endpoint, .kind, .message]] | sort' $engine.json >$engine.errors
    jq -c '[.endpoints[] | [.method, .name, .error_rate, .content_bytes]] | sort' $engine.json >$engine.rows
    # The server closes instead of an answer, so that one over a reused connection is sent once more.
    expect_true 'one request each, or two' test "$(grep -c '^POST' served.log)" -le \
        "$(jq '.endpoints[] | select(.name == "/closes") | 2 * .total_requests' $engine.json)"
    expect_true 'the cookie goes with the next request' grep -q '^GET /seen sid=1$' served.log
    expect_true 'and with none once it is deleted' bash -c '! grep "^GET /n" served.log | grep -v None'
done
expect_true "the same failures: $(cat native.errors locust.errors)" cmp native.errors locust.errors
expect_true "the same rows: $(cat native.rows locust.rows)" cmp native.rows locust.rows

describe 'a seed repeats the choices, and another one does not'
mv locust.drawn first.drawn
same_run locust
expect_true 'the same numbers' cmp first.drawn locust.drawn
same_run locust --seed 7
expect_true 'other numbers' bash -c '! cmp -s first.drawn locust.drawn'

# ---- elsewhere ----

describe 'a master here and a worker elsewhere'
free=$((port + 1000))
perf-run --engine locust count.json -- --worker --master-host 127.0.0.1 --master-port $free >worker.log 2>&1 &
worker=$!
locust_run count.json --users 4 --duration 2s -- --master --master-bind-host 127.0.0.1 --master-bind-port $free \
    --expect-workers 1
expect_measured
wait $worker
expect_true "the worker's exit code 0: $(cat worker.log)" test $? -eq 0
expect_no_children

elsewhere=(-- --master --master-bind-host 127.0.0.1 --master-bind-port "$free" --expect-workers 1)
# start_worker: a worker of that master, as on another machine; sets $worker.
start_worker() {
    perf-run --engine locust count.json -- --worker --master-host 127.0.0.1 --master-port "$free" >worker.log 2>&1 &
    worker=$!
}

describe 'a worker that would send something else is refused'
start_worker
locust_run count.json --users 4 --duration 2s --think-scale 2 "${elsewhere[@]}"
expect_exit 2
expect_one_sentence
expect_stderr 'would send something else: start it with the same file'

describe 'a worker whose master is gone ends by itself'
wait $worker
expect_true 'exit code 2' test $? -eq 2
expect_true "its reason: $(cat worker.log)" grep -q 'the master of Locust has said nothing for 30 s' worker.log
expect_no_children

describe 'a worker elsewhere that ends in good order is missing all the same'
: >nginx/access.log
start_worker
{
    until [ "$(wc -l <nginx/access.log)" -gt 100 ]; do sleep 0.05; done
    sleep 2
    kill -TERM $worker
} &
locust_run count.json --users 4 --duration 30s "${elsewhere[@]}"
expect_exit 3
expect_report '.invalid_reasons == ["generator_lost"] and .total_requests > 0'
wait $worker
expect_true 'it has not done its work' test $? -eq 3
expect_no_children

# ---- what breaks ----

# after_begin COMMAND...: once measuring has gone on for some lines of the log, runs the command.
after_begin() {
    local lines
    for _ in $(seq 400); do
        lines=$(wc -l <nginx/access.log)
        [ "$lines" -lt 300 ] || break
        sleep 0.05
    done
    sleep 2
    "$@"
}
# children_of PID: oldest first; the first one of perf-run's has the statistics.
children_of() {
    pgrep -P "$1"
}
long() {
    : >nginx/access.log
    rm -f report.json
    perf-run --engine locust count.json --users 10 --duration 60s --quiet --output report.json "$@" >stdout 2>stderr &
    tool=$!
}
ends_in() {
    wait $tool
    status=$?
    expect_exit "$1"
    expect_no_children
}

describe 'a worker that is killed makes the run invalid, and the rest is kept'
: >nginx/access.log
rm -f report.json
perf-run --engine locust count.json --users 10 --duration 8s --quiet --output report.json --workers 2 >stdout 2>stderr &
tool=$!
after_begin true
kill -KILL "$(children_of $tool | tail -n 1)"
ends_in 3
expect_report '.invalid_reasons == ["generator_lost"] and .total_requests > 50'
expect_report '[.health.notes[] | select(test("of 2 of Locust ended with signal 9"))] | length == 1'
expect_sound

describe 'a master that is killed leaves what was measured'
long --workers 2
after_begin true
kill -KILL "$(children_of $tool | head -n 1)"
ends_in 3
expect_report '.invalid_reasons == ["generator_lost"] and .total_requests > 50'
expect_report '[.health.notes[] | select(test("ended with signal 9"))] | length == 1'
expect_sound

describe 'a run that is interrupted is marked, and all that belongs to it ends'
for workers in '' '--workers 2'; do
    # shellcheck disable=SC2086
    long $workers
    after_begin kill -TERM $tool
    ends_in 3
    expect_report '.invalid_reasons == ["interrupted"] and .total_requests > 50'
done

describe 'Locust ends with perf-run, also where that is killed'
long --workers 2
after_begin kill -KILL $tool
wait $tool 2>/dev/null
expect_no_children

describe 'a target that refuses a locustfile gives failures'
locust_run locustfile.py --host http://127.0.0.1:9 --users 2 --duration 1s
expect_exit 0
expect_report '.total_requests == .total_failures and .errors[0].kind == "refused"'
