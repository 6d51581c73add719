#!/usr/bin/env bash
# ci/gate as a project uses it, on panel: finds what is slower, takes everything down, and says what
# to do when a side does not start.
. "$(dirname "$0")/../cli/lib.sh"
export TEST_USER_EMAIL=user@example.com TEST_USER_PASSWORD=user-secret
export TEST_ADMIN_EMAIL=admin@example.com TEST_ADMIN_PASSWORD=admin-secret
export PERFGATE_BIN=${PERFGATE_BIN:-$root/build/bin}
scenario=$root/tests/panel/scenario.json
# shellcheck disable=SC2016 # the gate's shell fills PORT in
panel='exec panel --port "$PORT" --latency wait:lognormal:4ms:0.3'

# Nothing that a gate started may outlive it: its servers write their ids into $scratch/pids.
no_survivor() {
    local pid
    while read -r pid; do
        # One that nobody has waited for yet is gone as well.
        ! grep -qs '^State:.[^Z]' "/proc/$pid/status" || return 1
    done <"$scratch/pids"
}

describe 'a slower endpoint ends in 1 and is named; both sides were started twice'
run "$root/ci/gate" --base "echo \$\$ >>$scratch/pids; $panel" \
    --candidate "echo \$\$ >>$scratch/pids; $panel --slow '/forum*=+100%'" \
    --scenario "$scenario" --ready /api/health --duration 24s --restarts 2 --output gate \
    -- --users 150 --spawn-rate 1000 --think-scale 0.05 --quiet
expect_exit 1
expect_stdout 'GET /forum'
expect_true '4 servers' test "$(wc -l <pids)" -eq 4
expect_true 'no server left' no_survivor
for file in start-1.json start-1.base.json start-2.json start-2.base.json load_test_report.json \
    load_test_report.base.json perf_verdict.json verdict.md verdict.txt self_test.txt; do
    expect_true "$file" test -s "gate/$file"
done
expect_match gate/perf_verdict.json '"exit_code": 1'
expect_match gate/verdict.md 'GET /forum'
expect_match stdout '^self-test: [0-9]+ of [0-9]+ rules fire'

describe 'the reports that it leaves give the same verdict again'
run perf-compare gate/start-1.json gate/start-2.json --format json --output again.json
expect_exit 1
expect_true 'the same verdict' cmp gate/perf_verdict.json again.json

describe 'a rule that cannot fire: exit 2 with the reason, and the verdict is there'
echo '{"schema": "perfgate.policy/1", "endpoints": {"GET /no/such": {}}}' >stray.json
run "$root/ci/gate" --base "$panel" --candidate "$panel" --scenario "$scenario" --ready /api/health \
    --duration 12s --restarts 1 --output gate --policy stray.json \
    -- --users 150 --spawn-rate 1000 --think-scale 0.05 --quiet
expect_exit 2
expect_stderr "self-test: the policy's endpoint 'GET /no/such' matches no endpoint of the reports"
expect_one_sentence
expect_true 'a verdict' test -s gate/perf_verdict.json -a -s gate/verdict.md
expect_match gate/self_test.txt '^fault: '

describe 'a side that ends at once: exit 2, its last words and the log'
run "$root/ci/gate" --base "$panel" --candidate 'echo no such database; exit 1' \
    --scenario "$scenario" --ready /api/health --duration 12s --restarts 1 --output gate
expect_exit 2
expect_stderr 'no such database'
expect_stderr 'the candidate ended before it was loaded'

describe 'a side that never answers: exit 2 after the time-out'
run "$root/ci/gate" --base 'exec sleep 60' --candidate "$panel" --scenario "$scenario" \
    --ready-timeout 500ms --restarts 1 --duration 12s --output gate
expect_exit 2
expect_stderr 'the base did not answer'

# Each question lasts as long as it may, and the minute is there to see that it ends at all.
describe 'a side that takes connections and is silent: the same'
run timeout 60 "$root/ci/gate" --base "$panel --latency wait:constant:90s" --candidate "$panel" \
    --scenario "$scenario" --ready-timeout 6s --restarts 1 --duration 12s --output gate
expect_exit 2
expect_stderr 'the base did not answer'

describe 'stopped from outside: the servers are gone, no verdict is left'
: >pids
"$root/ci/gate" --base "echo \$\$ >>$scratch/pids; $panel" --candidate "echo \$\$ >>$scratch/pids; $panel" \
    --scenario "$scenario" --ready /api/health --duration 60s --restarts 1 --output gate \
    -- --users 10 --quiet >stdout 2>stderr &
gate=$!
for ((tries = 0; tries < 300; tries++)); do
    [ "$(wc -l <pids)" -lt 2 ] || break
    sleep 0.1
done
sleep 1
kill -TERM "$gate"
wait "$gate"
status=$?
expect_exit 3
expect_true 'two servers' test "$(wc -l <pids)" -eq 2
expect_true 'no server left' no_survivor
expect_true 'no verdict' test ! -e gate/perf_verdict.json

# Its shell and a child heed no SIGTERM, and the second signal comes while the gate waits for them.
describe 'stopped twice, and the servers heed no SIGTERM: they are gone all the same'
: >pids
# shellcheck disable=SC2016 # the gate's shell fills these in
deaf='trap "" TERM INT; echo $$ >>pids; sleep 300 & echo $! >>pids; '$panel
"$root/ci/gate" --base "cd $scratch; $deaf" --candidate "cd $scratch; $deaf" --scenario "$scenario" \
    --ready /api/health --duration 60s --restarts 1 --output gate -- --users 10 --quiet >stdout 2>stderr &
gate=$!
for ((tries = 0; tries < 300; tries++)); do
    [ "$(wc -l <pids)" -lt 4 ] || break
    sleep 0.1
done
sleep 1
kill -TERM "$gate"
sleep 0.3
kill -TERM "$gate"
wait "$gate"
status=$?
expect_exit 3
expect_true 'four processes' test "$(wc -l <pids)" -eq 4
expect_true 'no process left' no_survivor

describe 'a server that leaves its process group is stopped too, and the gate says what it needs'
: >pids
daemon="(setsid sh -c 'echo \$\$ >>$scratch/pids; $panel' &) ; sleep 1"
run "$root/ci/gate" --base "$panel" --candidate "$daemon" --scenario "$scenario" --ready /api/health \
    --duration 12s --restarts 1 --output gate -- --users 10 --quiet
expect_exit 2
expect_stderr 'the candidate ended during the run'
expect_stderr 'stays in the foreground'
expect_true 'one server' test "$(wc -l <pids)" -eq 1
expect_true 'no server left' no_survivor

describe 'too short for its starts: exit 3 after the first one, with the duration that is needed'
run "$root/ci/gate" --base "$panel" --candidate "$panel" --scenario "$scenario" --ready /api/health \
    --duration 6s --restarts 2 --output gate -- --users 50 --think-scale 0.05
expect_exit 3
expect_stderr 'fewer than 20 pairs of blocks fit'
expect_stderr 'take a duration of about'
expect_stdout 'undecided: the candidate run cannot be trusted: fewer than 20 pairs of blocks fit'
expect_true 'one start' test ! -e gate/start-2.json

describe 'a base revision that the clone does not have: exit 3, and what to fetch'
git init -q shallow
git -C shallow -c user.name=t -c user.email=t@example.com commit -q --allow-empty -m start
echo '{"before": "1234567890123456789012345678901234567890"}' >event.json
run env GITHUB_EVENT_NAME=push GITHUB_EVENT_PATH="$scratch/event.json" GIT_DIR="$scratch/shallow/.git" \
    "$root/ci/gate" --base "$panel" --candidate "$panel" --scenario "$scenario" --ready /api/health \
    --duration 6s --restarts 1 --output gate -- --users 50 --think-scale 0.05 --quiet
expect_exit 3
expect_stderr 'is not in this clone; fetch it'
expect_true 'no verdict' test ! -e gate/perf_verdict.json

describe 'usage: a missing side, an unknown argument, a bad duration'
run "$root/ci/gate" --base x --scenario y
expect_exit 2
expect_stderr '--candidate is missing'
run "$root/ci/gate" --bse x
expect_exit 2
expect_stderr "unknown argument '--bse'"
run "$root/ci/gate" --base x --candidate y --scenario z --duration soon
expect_exit 2
expect_stderr "'soon' is no duration"
