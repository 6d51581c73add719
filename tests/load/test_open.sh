#!/usr/bin/env bash
# The open model against nginx, a process of its own that can be stopped and killed.
. "$(dirname "$0")/../cli/lib.sh"
. "$root/tests/load/nginx.sh"
unset "${!TEST_@}"

# sent KEY, arrivals KEY: numbers of two objects of report.json.
sent() {
    sed -n '/^  "from_send"/,/^  }/p' report.json | sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p"
}
arrivals() {
    sed -n "s/^  \"arrivals\": .*\"$1\": \([0-9]*\).*/\1/p" report.json
}

# expect_more A TIMES B: A > TIMES x B
expect_more() {
    awk -v a="$1" -v n="$2" -v b="$3" 'BEGIN { exit !(a > n * b) }' ||
        fail "expected $1 to be more than $2 times $3"
}

# expect_all N: N arrivals, of which those that began are the requests.
expect_all() {
    [ $(($(arrivals started) + $(arrivals missed))) -eq "$1" ] ||
        fail "expected $1 arrivals, found $(arrivals started) and $(arrivals missed) missed"
    [ "$(arrivals started)" = "$(figure report.json total_requests)" ] ||
        fail "$(arrivals started) arrivals began, but there are $(figure report.json total_requests) requests"
}

# expect_valid: where the machine had no time for the generator, the report says so, and it is not this
# test's matter.
expect_valid() {
    grep -q '"schedule_lag"' report.json || expect_exit 0
}

# begin OPTION...: a run in the background, until its first request is logged.
begin() {
    : >nginx/access.log
    rm -f report.json
    last_command="perf-run $*"
    perf-run "http://127.0.0.1:$port/" "$@" --quiet --output report.json >stdout 2>stderr &
    generator=$!
    for _ in $(seq 200); do
        [ ! -s nginx/access.log ] || break
        sleep 0.05
    done
}
end() {
    wait "$generator"
    status=$?
}

# shellcheck disable=SC2119 # a second address is for others
start_nginx

describe 'as many requests as the rate says, whatever the threads'
for threads in 1 2; do
    : >nginx/access.log
    run perf-run "http://127.0.0.1:$port/" --rate 300/s --duration 1s --threads $threads \
        --quiet --output report.json
    expect_valid
    expect_all 300
    expect_logged "$(figure report.json total_requests)"
done

describe 'stages of the rate, and Poisson arrivals'
cat >stages.json <<'END'
{"schema": "perfgate.scenario/1", "name": "s", "arrivals": "poisson", "seed": 4,
 "stages": [{"duration": "1s", "rate": 400, "shape": "ramp"}, {"duration": "500ms", "rate": 100}],
 "classes": [{"name": "c", "tasks": [{"get": "/"}]}]}
END
: >nginx/access.log
run perf-run stages.json --host "http://127.0.0.1:$port" --quiet --output report.json
expect_valid
expect_match report.json '"process": "poisson"'
expect_logged "$(figure report.json total_requests)"
once=$(($(arrivals started) + $(arrivals missed)))
# Four standard deviations about 250.
if [ "$once" -lt 187 ] || [ "$once" -gt 313 ]; then
    fail "expected about 250 arrivals, found $once"
fi
run perf-run stages.json --host "http://127.0.0.1:$port" --quiet --output report.json
expect_all "$once"

# What the server does not see while it stands still it sees, and logs, behind it.
describe 'a server that stops for a second: the intended start tells it, the send does not'
begin --rate 200/s --users 4 --duration 4s
sleep 1
kill -STOP "$pid"
sleep 1
kill -CONT "$pid"
end
expect_valid
expect_all 800
expect_logged "$(figure report.json total_requests)"
expect_more "$(figure report.json 95th_percentile)" 4 "$(sent 95th_percentile)"
expect_more "$(figure report.json 99th_percentile)" 4 "$(sent 99th_percentile)"
expect_more "$(figure report.json 99th_percentile)" 0.5 "$(figure report.json max_response_time)"

describe 'a server that stops to the end: what waits in line has missed, exit code 3'
begin --rate 200/s --users 4 --duration 2s
kill -STOP "$pid"
sleep 5
kill -CONT "$pid"
end
expect_exit 3
expect_all 400
expect_match report.json '"arrivals_missed"'
expect_match report.json 'of 400 arrivals found no free user'
expect_logged "$(figure report.json total_requests)"

describe 'SIGINT: what was sent is counted'
begin --rate 200/s --duration 60s
sleep 0.3
kill -INT "$generator"
end
expect_exit 3
expect_match report.json '"interrupted"'
[ "$(arrivals started)" = "$(figure report.json total_requests)" ] || fail 'not all that began are requests'
expect_logged "$(figure report.json total_requests)"

describe 'a server that is killed: every arrival fails in its time'
begin --rate 200/s --duration 2s
sleep 0.3
stop_nginx
end
expect_valid
expect_all 400
expect_match report.json '"refused"'
[ $(($(wc -l <nginx/access.log) + $(figure report.json total_failures))) -eq 400 ] ||
    fail "expected 400 lines and failures, found $(wc -l <nginx/access.log) and $(figure report.json total_failures)"
