#!/usr/bin/env bash
# What perf-run watches while it loads, and what becomes of it.
. "$(dirname "$0")/lib.sh"

start_panel --latency wait:constant:2ms
first_pid=$pid first_url=$url
start_panel --latency wait:constant:2ms
at_exit kill "$first_pid" "$pid"

# scenario MONITOR: a file with this value of the key.
scenario() {
    printf '{"schema": "perfgate.scenario/1", "name": "watched", "monitor": %s,
             "classes": [{"name": "c", "tasks": [{"get": "/"}]}]}\n' "$1" >scenario.json
}

describe 'the machine and the process of a local target, without being asked'
run perf-run "$url/" --users 2 --duration 2.5s --output report.json --quiet
expect_exit 0
jq -r '.resources.sources[] | "\(.name) \(.kind) \(.processes)"' report.json >sources
expect_match sources '^machine machine null$'
expect_match sources '^target process 1$'
expect_true 'usage of the target' \
    jq -e '.resources | .cpu_usage > 0 and .memory_usage > 0 and .of_machine == null' report.json
expect_true 'a sample a second' \
    jq -e '[.resources.sources[].series[].values | length] | unique | . == [2] or . == [3]' \
    report.json
run perf-compare report.json --baseline report.json --format json --output verdict.json
expect_exit 2
expect_stderr 'reports of one run'

describe 'both sides of a paired run have their own target'
run perf-run "$url/" --against "$first_url/" --users 2 --duration 10s --output pair.json --quiet
for report in pair.json pair.base.json; do
    expect_true "the target in $report" \
        jq -e '.resources.sources[] | select(.name == "target") | .shared == null' $report
    expect_true "the machine in $report" \
        jq -e '.resources.sources[] | select(.name == "machine") | .shared' $report
done

describe 'processes that the scenario names'
scenario "{\"machine\": false, \"processes\": [{\"name\": \"one\", \"pid\": $first_pid},
           {\"name\": \"two\", \"process\": \"panel\"}, {\"name\": \"none\", \"port\": 1}]}"
run perf-run scenario.json --host "$url" --users 2 --duration 1s --output report.json
expect_exit 0
expect_true 'their sources' jq -e '[.resources.sources[].name] == ["target", "one", "two"]' \
    report.json
expect_stderr "monitoring: no process of 'none' could be read"

describe 'nothing at all'
scenario false
run perf-run scenario.json --host "$url" --users 2 --duration 1s --output report.json --quiet
expect_exit 0
expect_true 'no resources' jq -e '.resources == null' report.json

describe 'limits of the policy: built-in ones warn, written ones fail'
run perf-run "$url/" --users 2 --duration 1.5s --output report.json --quiet
jq '.resources.cpu_usage = 0.95 | .resources.memory_usage = 0.85' report.json >hot.json
jq '.run_id = "0000000000000001"' report.json >base.json
run perf-compare hot.json --baseline base.json
expect_exit 0
expect_stdout 'CPU 95.0 % is over its limit of 90.0 %'
expect_stdout 'memory 85.0 % is over its target of 80.0 %'
echo '{"schema": "perfgate.policy/1", "limits": {"cpu_usage": {"target": 0.7, "critical": 0.9}}}' \
    >policy.json
run perf-compare hot.json --baseline base.json --policy policy.json
expect_exit 1
expect_stdout 'CPU 95.0 % is over its limit of 90.0 %'
jq '.resources.of_machine = true' hot.json >machine.json
run perf-compare machine.json --baseline base.json --policy policy.json
expect_exit 0
expect_stdout 'CPU of the whole machine 95.0 % is over its limit of 90.0 %'
for form in markdown junit csv prometheus html annotations; do
    run perf-compare hot.json --baseline base.json --policy policy.json --format json \
        --output verdict.json
    run perf-report verdict.json --format $form
    expect_exit 0
    expect_match stdout '(CPU|cpu_usage).*95|95.*CPU'
done

describe 'a target that dies is marked, and the run ends as it would have'
start_panel --latency wait:constant:2ms
(sleep 1 && kill -9 "$pid") &
run perf-run "$url/" --users 2 --duration 3s --output report.json --quiet
wait $!
expect_true 'it was gone' jq -e '.resources.sources[] | select(.name == "target") | .gone' \
    report.json
expect_true 'a note' jq -e '.health.notes | any(test("gone when the run ended"))' report.json
