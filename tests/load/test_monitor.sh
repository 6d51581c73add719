#!/usr/bin/env bash
# Everything that is watched by default, beside a paired run of equal sides: the verdict is 0, and
# the report does not grow by more than it may.
. "$(dirname "$0")/../cli/lib.sh"

start_panel --latency wait:lognormal:40ms:0.2
base_pid=$pid base=$url
start_panel --latency wait:lognormal:40ms:0.2
at_exit kill "$base_pid" "$pid"

describe 'equal sides that are watched end in 0'
run perf-run "$url/" --against "$base/" --users 40 --duration 30s --output report.json --quiet
expect_exit 0
run perf-compare report.json report.base.json --format json --output verdict.json
expect_exit 0
for report in report.json report.base.json; do
    expect_true "the target and the machine in $report" \
        jq -e '[.resources.sources[].name] == ["machine", "target"]' $report
    expect_true "its own CPU in $report" \
        jq -e '.resources | .cpu_usage > 0 and .cpu_usage < 1 and .of_machine == null' $report
done
expect_true 'a row of the limit' \
    jq -e '[.rows[] | select(.metric == "cpu_usage" or .metric == "memory_usage") | .status] ==
           ["stable", "stable"]' verdict.json

describe 'a sampled second takes 200 bytes at most'
# shellcheck disable=SC2016 # variables of jq's
jq '[.resources.sources[].series[].values] as $columns
    | ($columns | tojson | length) / ($columns[0] | length)' report.json >bytes
# shellcheck disable=SC2016 # and of awk's, here and below
expect_true "$(cat bytes)" awk '{exit !($1 > 0 && $1 <= 200)}' bytes

describe 'what the machine said of the target is what the target used'
# Of both sides together, in seconds of CPU time, as the report and as the kernel have it.
ticks() {
    awk '{sub(/.*\) /, ""); print $12 + $13}' "/proc/$1/stat"
}
before=$(($(ticks "$pid")))
run perf-run "$url/" --users 20 --duration 10s --output report.json --quiet
after=$(($(ticks "$pid")))
hz=$(getconf CLK_TCK)
# shellcheck disable=SC2016
jq --argjson hz "$hz" --argjson used $((after - before)) \
    '(.resources.sources[] | select(.name == "target")) as $target
     | $target.series[] | select(.name == "cpu")
     | (.average * 10 * $target.cores) / ($used / $hz)' report.json >ratio
# shellcheck disable=SC2016
expect_true "$(cat ratio)" awk '{exit !($1 > 0.8 && $1 < 1.25)}' ratio
