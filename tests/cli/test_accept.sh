#!/usr/bin/env bash
# A regression that is accepted, end to end: who may accept it, what it covers, and what is said.
. "$(dirname "$0")/lib.sh"
git init -q -b main repo && cd repo || exit 1
git config user.email ann@example.org && git config user.name Ann
# report ID AVERAGE: a run whose average is that; the base's is 11.25 ms.
report() {
    sed 's/"total_failures": [0-9]*,/"total_failures": 0,/; s/1250,/125,/' "$root/tests/data/report.json" |
        sed "s/00000000000000a1/00000000000000$1/; s/: 11.25,/: $2,/"
}
report a1 11.25 >../run.json
report a2 15 >../slow.json
report a3 19 >../slower.json
perf-baseline init --quiet >/dev/null && perf-baseline update --quiet ../run.json >/dev/null
echo '{"schema": "perfgate.policy/1", "thresholds": {"avg_response_time": 1.1}}' >baselines/policy.json
git add . && git commit -qm base && git update-ref refs/remotes/origin/main main
base=$(git rev-parse main)

accept() {
    run perf-baseline accept "../$1" --metric avg_response_time --reason 'the new *index*' "${@:2}"
    expect_exit 0
}
compare() { # EXIT REPORT [OPTION...]
    run perf-compare -q "../$2" "${@:3}"
    expect_exit "$1"
}

describe 'without an acceptance it fails, and is no baseline'
compare 1 slow.json
run perf-baseline update ../slow.json
expect_exit 1
expect_stderr 'perf-baseline accept'

describe 'an acceptance of the change under test does not count, and is shown'
git checkout -q -b change
accept slow.json --commit
compare 1 slow.json
expect_stdout 'the change adds 0 runs and 1 mark below baselines/, which count once the base has them'

describe 'at the base it counts, up to its value, and every output says so'
git update-ref refs/remotes/origin/main change
compare 0 slow.json
expect_match stdout '^accepted +overall +average'
expect_match stdout 'accepted up to [0-9.]+ ms by Ann <ann@example.org>: the new \*index\* \([0-9a-f]{7}:baselines/demo/default/[^ ]*\.accept\.json\)'
expect_stdout '1 accepted regression'
expect_true 'in the verdict' grep -q '"by": "Ann <ann@example.org>"' perf_verdict.json
compare 0 slow.json --format markdown
expect_stdout 'the new &#42;index&#42;'
compare 1 slower.json
expect_stdout 'accepted only up to'

describe 'what is accepted can be stored, and counts from then on: older runs do not'
run perf-baseline update ../slow.json --commit
expect_exit 0
git update-ref refs/remotes/origin/main change
report a4 15.2 >../next.json
compare 0 next.json
expect_stdout 'demo/default, 2 runs, '

describe 'a last day that is over'
git checkout -q -f -B over "$base" && accept slow.json --until 2099-12-31
sed -i 's/2099-12-31/2020-01-01/' baselines/demo/default/*.accept.json
git add -A && git commit -qm over && git update-ref refs/remotes/origin/main over
compare 1 slow.json
expect_stdout 'no longer accepted, as the last day is over'

describe 'the base may let the change accept, but never a fork'
git checkout -q -f -B open "$base"
echo '{"schema": "perfgate.policy/1", "acceptances": "candidate", "thresholds": {"avg_response_time": 1.1}}' >baselines/policy.json
git commit -qam open && git update-ref refs/remotes/origin/main open
git checkout -q -b mine && accept slow.json --commit
compare 0 slow.json
expect_match stdout '^accepted +overall +average'
event() {
    echo "{\"pull_request\": {\"head\": {\"repo\": {\"full_name\": \"$1\"}}, \"base\": {\"repo\": {\"full_name\": \"org/x\"}}}}" >../event.json
}
export GITHUB_EVENT_NAME=pull_request GITHUB_EVENT_PATH=../event.json GITHUB_BASE_REF=main
git update-ref refs/remotes/origin/main open
event org/x && compare 0 slow.json
event evil/x && compare 1 slow.json
event null && compare 1 slow.json
unset GITHUB_EVENT_PATH && compare 1 slow.json
unset GITHUB_EVENT_NAME GITHUB_BASE_REF

describe 'on a ref of its own'
git checkout -q -f -B own "$base" && git update-ref refs/remotes/origin/main own
report a5 11.2 | sed "s/\"started_at\"/\"commit\": \"$base\", \"started_at\"/" >../own.json
perf-baseline update --quiet --ref runs ../own.json >/dev/null 2>stderr || fail 'update --ref'
compare 1 slow.json --ref runs
accept slow.json --ref runs
compare 0 slow.json --ref runs
expect_match stdout '^accepted +overall +average'
compare 1 slow.json

describe 'a metric that the policy names is accepted by its name'
cd .. && git init -q -b main named && cd named || exit 1
git config user.email ann@example.org && git config user.name Ann
# hits FILE ID RATIO: a run whose cache has that ratio of hits.
hits() {
    report "$2" 11.25 | jq --argjson ratio "$3" '.resources = {interval_ms: 1000, sources: [{name: "cache", kind: "application",
        series: [{name: "hit_ratio", unit: "ratio", average: $ratio}]}]}' >"../$1.json"
}
hits warm b1 0.9
hits cold b2 0.6
hits colder b3 0.5
perf-baseline init --quiet >/dev/null && perf-baseline update --quiet ../warm.json >/dev/null
echo '{"schema": "perfgate.policy/1", "metrics": {"hit_ratio": {"better": "higher", "threshold": 1.25}}}' >baselines/policy.json
git add . && git commit -qm base && git update-ref refs/remotes/origin/main main
compare 1 cold.json
expect_stdout 'hit_ratio -33.3 % (allowed -20 %), base 0.900, candidate 0.600'
run perf-baseline accept ../cold.json --metric hits --reason 'no cache'
expect_exit 2
expect_stderr "there is no metric 'hits'; expected one of avg_response_time"
expect_stderr 'or one that the policy names'
expect_one_sentence
run perf-baseline accept ../cold.json --metric hit_ratio --reason 'no cache' --commit
expect_exit 0
expect_stderr 'overall, hit_ratio is accepted down to 0.540; the report has 0.600'
compare 1 cold.json
git update-ref refs/remotes/origin/main main
compare 0 cold.json
expect_match stdout '^accepted +overall +hit_ratio'
expect_stdout 'accepted down to 0.540 by Ann'
compare 1 colder.json
expect_stdout 'accepted only down to 0.540'
run perf-baseline accept ../cold.json --metric hit_ratio --reason 'again' --commit
expect_exit 0
expect_stderr 'nothing was added'
run perf-baseline diff HEAD~1 HEAD
expect_exit 0
expect_stdout 'acceptance added: overall, hit_ratio down to 0.540'
run perf-baseline verify
expect_exit 0

describe 'what is stored of it from then on is the baseline'
sed -i 's/"started_at": "[^"]*"/"started_at": "2099-01-01T00:00:00Z"/' ../cold.json
run perf-baseline update ../cold.json --commit
expect_exit 0
git update-ref refs/remotes/origin/main main
compare 0 cold.json
hits next b4 0.6
compare 0 next.json
expect_match stdout '^stable +overall +hit_ratio +0.600 +0.600'
