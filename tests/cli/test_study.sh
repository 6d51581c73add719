#!/usr/bin/env bash
# perf-baseline study: false alarms, noise and thresholds of several runs, and what it refuses.
. "$(dirname "$0")/lib.sh"
data=$root/tests/data

# side ROLE START >FILE: one side of a paired run of equal code.
side() {
    awk -f "$data/pair.awk" -v role="$1" -v start="$2" -v ratio=1 -v seed="$2"
}
for run in 1 2 3 4 5 6; do
    side candidate $run >run$run.json
    side base $run >run$run.base.json
done

# run_of AVERAGE >FILE: a flat report.
run_of() {
    sed "s/\"average_response_time\": [0-9.]*/\"average_response_time\": $1/" "$data/flat.json"
}

describe 'paired runs: by the threshold alone, as if stored, by their own evidence'
run perf-baseline study run?.json
expect_exit 0
expect_stderr ''
expect_golden stdout study.text

describe 'runs without evidence: false alarms are counted'
run_of 10 >a.json
run_of 10.5 >b.json
run_of 12 >c.json
run perf-baseline study a.json b.json c.json
expect_exit 0
expect_stdout '3 runs of unchanged code; policy: built-in'
expect_stdout 'each run against each other, by the threshold alone: 2 of 6 comparisons are false alarms (33.3 %)'
expect_stdout 'each run against the other 2, as if they were stored: 1 of 3 comparisons is a false alarm (33.3 %)'
expect_match stdout '^overall +average +10.5 ms +9.44 % +2 of 6 '
expect_true 'no pairs' test -z "$(grep 'own evidence' stdout)"

describe 'the policy of the work tree'
git init -q -b main repo && cd repo || exit 1
mkdir baselines
echo '{"schema": "perfgate.policy/1", "thresholds": {"avg_response_time": 1.3}}' >baselines/policy.json
run perf-baseline study ../a.json ../b.json ../c.json
expect_exit 0
expect_stdout '3 runs of unchanged code; policy: baselines/policy.json'
expect_stdout ': 0 of 6 comparisons are false alarms (0 %)'
expect_match stdout '^overall +average .* 0 of 6 .* 1.3 '
echo '{' >baselines/policy.json
run perf-baseline study ../a.json ../b.json ../c.json
expect_exit 2
expect_one_sentence
cd ..

describe 'too few, and too many'
run perf-baseline study
expect_exit 2
expect_stderr "perf-baseline: study needs reports: \`perf-baseline study REPORT...\`"
run perf-baseline study a.json b.json
expect_exit 2
expect_stderr 'perf-baseline: a study needs the reports of at least 3 runs of unchanged code, and 2 are given'
expect_one_sentence
# shellcheck disable=SC2046 # a hundred words and one
run perf-baseline study $(yes a.json | head -n 101)
expect_exit 2
expect_stderr "perf-baseline: 'a.json' is one argument too many for study"
# shellcheck disable=SC2046
run perf-baseline study $(yes a.json | head -n 100)
expect_exit 0
expect_stdout ': 0 of 9900 comparisons are false alarms (0 %)'

describe 'runs that do not belong together'
run perf-baseline study run1.json run2.json run1.json
expect_exit 2
expect_stderr "'run1.json' and 'run1.json' are reports of one run; a study needs one of each run"
expect_one_sentence
for side in '' .base; do
    sed 's/"workload": "w1"/"workload": "w2"/' run3$side.json >other$side.json
done
run perf-baseline study run1.json run2.json other.json
expect_exit 2
expect_stderr "'run1.json' and 'other.json' are of different workloads"
expect_one_sentence

describe 'a run that is not valid: exit code 3'
for side in '' .base; do
    sed 's/"valid": true/"valid": false, "invalid_reasons": ["interrupted"]/' run3$side.json >bad$side.json
done
run perf-baseline study run1.json run2.json bad.json
expect_exit 3
expect_stderr "'bad.json' is a run that cannot be trusted (interrupted); leave it out, or run it again"
expect_one_sentence

describe 'a base side that is missing'
rm run3.base.json
run perf-baseline study run1.json run2.json run3.json
expect_exit 2
expect_stderr "the base side of 'run3.json': cannot open 'run3.base.json'"
expect_one_sentence
