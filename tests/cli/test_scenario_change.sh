#!/usr/bin/env bash
# perf-compare tells where the scenario is another one than at the base revision.
. "$(dirname "$0")/lib.sh"

# scenario NAME=PATH...: a scenario of one class, with a task for each.
scenario() {
    local pair tasks=''
    for pair; do
        tasks+="${tasks:+, }{\"name\": \"${pair%%=*}\", \"get\": \"${pair#*=}\"}"
    done
    echo "{\"schema\": \"perfgate.scenario/1\", \"name\": \"demo\"," \
        "\"classes\": [{\"name\": \"user\", \"tasks\": [$tasks]}]}"
}

# side ROLE FILE HASH: one side of a paired run that was made with a scenario.
side() {
    awk -f "$root/tests/data/pair.awk" -v role="$1" -v seed=3 |
        sed "s|\"workload\": \"w1\",|& \"scenario\": \"$2\", \"scenario_hash\": \"$3\",|"
}

start_panel --latency wait:lognormal:2ms:0.2
at_exit kill "$pid"

git init -q -b main repo && cd repo || exit 1
git config user.email test@example.com && git config user.name test
mkdir -p baselines perf
scenario home=/login health=/api/health forum=/forum >perf/s.json
echo '{"schema": "perfgate.policy/1", "on": {"missing_baseline": "pass", "invalid_run": "pass"}}' >baselines/policy.json
git add -A && git commit -qm base
base=$(git rev-parse --short=7 HEAD)
git checkout -q -b work

# measure FILE ARGUMENT...: a short run. On a busy machine it may be invalid, which the policies let
# pass: what was measured matters to nobody here.
measure() {
    run perf-run "$1" --host "$url" --users 2 --duration 500ms --quiet "${@:2}"
    [ "$status" -eq 3 ] || expect_exit 0
}

describe 'the same scenario: nothing is said'
measure perf/s.json
expect_true 'the file in the report' grep -q '"scenario": "perf/s.json"' load_test_report.json
run perf-compare --baseline main
expect_exit 0
expect_stderr ''
expect_true 'no warning' test -z "$(grep scenario stdout)"

describe 'users and the host are not the scenario'
measure perf/s.json --users 5 --think-scale 0.5
run perf-compare --baseline main
expect_exit 0
expect_true 'no warning' test -z "$(grep scenario stdout)"

describe 'endpoints that went are named, in every form of the result'
scenario home=/login >perf/s.json
git commit -qam 'less to do'
measure perf/s.json
warning="the scenario 'perf/s.json' differs from the one at main $base; of the endpoints there, the candidate's report lacks GET health and GET forum"
run perf-compare --baseline main
expect_exit 0
tr -s '\n ' '  ' <stdout >joined
expect_text joined "$warning"
run perf-compare --baseline main --format json
expect_exit 0
expect_stdout "$warning"
cp stdout verdict.json
run perf-compare --baseline main --format markdown
expect_exit 0
expect_match stdout 'perf/s\\?\.json.*GET health and GET forum'
run perf-report verdict.json
tr -s '\n ' '  ' <stdout >joined
expect_text joined "$warning"

describe 'a change that takes nothing away'
scenario home=/login health=/api/health forum=/forum more=/login >perf/s.json
measure perf/s.json
run perf-compare --baseline main --format json
expect_exit 0
expect_stdout "the scenario 'perf/s.json' differs from the one at main $base; all endpoints there are in the candidate's report"

describe 'the path is found from a directory below, and by its whole name'
scenario home=/login >perf/s.json
cd perf || exit 1
measure ../perf/./s.json --output ../report.json
run perf-compare ../report.json --baseline main --format json
expect_stdout "$warning"
cd ..
ln -s "$PWD" ../by_link
measure "$scratch/by_link/perf/s.json"
run perf-compare --baseline main --format json
expect_stdout "$warning"

describe 'a paired run is held against the base revision of its policy'
hash=$(sed -n 's/.*"scenario_hash": "\([0-9a-f]*\)".*/\1/p' load_test_report.json)
side candidate perf/s.json "$hash" >pair.json
side base perf/s.json "$hash" >pair.base.json
git update-ref refs/remotes/origin/main main
run perf-compare pair.json --format json
expect_exit 0
expect_stdout "\"comparison\": \"paired\""
expect_stdout "the scenario 'perf/s.json' differs from the one at fork point with origin/main $base; of the endpoints there, the candidate's report lacks GET home, GET health and GET forum"

describe 'on.scenario_changed: fail, at the base, ends in 1'
git checkout -q main
echo '{"schema": "perfgate.policy/1", "on": {"missing_baseline": "pass", "invalid_run": "pass", "scenario_changed": "fail"}}' >baselines/policy.json
git commit -qam 'a stricter policy'
strict=$(git rev-parse --short=7 HEAD)
git checkout -q -b strict
measure perf/s.json
run perf-compare --baseline main
expect_exit 0
scenario home=/login >perf/s.json
measure perf/s.json
run perf-compare --baseline main --format json
expect_exit 1
expect_stdout "\"summary\": \"failed by the policy: the scenario 'perf/s.json' differs from the one at main $strict"
run perf-compare --baseline main
expect_exit 1
expect_stdout 'failed by the policy'
run perf-compare --baseline main --format markdown
expect_exit 1
expect_stdout 'failed by the policy'
run perf-compare pair.json --baseline main
expect_exit 1

describe 'a new scenario, one outside of the repository, a URL, a flat report: nothing to say'
scenario home=/login >perf/new.json
measure perf/new.json
run perf-compare --baseline main
expect_exit 0
expect_stderr ''
measure perf/s.json
cp perf/s.json ../outside.json
measure ../outside.json
run perf-compare --baseline main
expect_exit 0
expect_stderr ''
measure "$url/login"
expect_true 'no file in the report' test -z "$(grep '"scenario"' load_test_report.json)"
run perf-compare --baseline main
expect_exit 0
expect_stderr ''
cp "$root/tests/data/flat.json" .
run perf-compare flat.json --baseline main
expect_exit 0
expect_true 'no warning' test -z "$(grep scenario stdout)"

describe 'a report whose scenario is not here: a note'
measure ../outside.json
rm ../outside.json
run perf-compare --baseline main
expect_exit 0
expect_stderr "perf-compare: there is no '../outside.json' here, the scenario of the report: start perf-compare where perf-run was started"
expect_one_sentence

describe "a base's scenario that cannot be read is said to be one"
git checkout -q -f main
echo '{"schema": "perfgate.scenario/1", "name": "demo"' >perf/s.json
git commit -qam 'a broken scenario'
git checkout -q -b mended
scenario home=/login >perf/s.json
measure perf/s.json
run perf-compare --baseline main --format json
expect_exit 1
expect_stdout "the scenario 'perf/s.json' cannot be compared with the one at main $(git rev-parse --short=7 main): '$(git rev-parse --short=7 main):perf/s.json' line 2"
