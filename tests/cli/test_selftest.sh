#!/usr/bin/env bash
# perf-compare --self-test: what fires, what cannot, its exit codes, and what it leaves alone.
. "$(dirname "$0")/lib.sh"
data=$root/tests/data

# side ROLE START RATIO SEED >FILE: one side of a paired run.
side() {
    awk -f "$data/pair.awk" -v role="$1" -v start="$2" -v ratio="$3" -v seed="$4" -v slow=/forum \
        -v failures="${5:-0}"
}

# policy ENDPOINTS THRESHOLDS >FILE
policy() {
    printf '{"schema": "perfgate.policy/1", "thresholds": {%s}, "endpoints": {%s}}\n' "${2:-}" "$1"
}

side candidate 1 1.5 3 >one.json
side base 1 1 3 >one.base.json
side candidate 2 1.5 5 >two.json
side base 2 1 5 >two.base.json

describe 'all rules fire, although these reports regressed'
run perf-compare one.json --self-test
expect_exit 0
expect_stderr ''
expect_golden stdout selftest.text
expect_true 'no verdict' test ! -e perf_verdict.json

describe 'several starts, base sides beside'
run perf-compare two.json one.json --self-test
expect_exit 0
expect_stdout 'self-test: 12 of 12 rules fire'

describe 'the verdict of the comparison before stays'
run perf-compare one.json
expect_exit 1
cp perf_verdict.json before.json
run perf-compare one.json --self-test --output self_test.txt
expect_exit 0
expect_stdout ''
expect_true 'the table' grep -q '^fires ' self_test.txt
expect_true 'the verdict' cmp perf_verdict.json before.json

describe 'a pattern that matches nothing is exit code 2, and the table is there'
policy '"GET /forum*": {"thresholds": {"p95": 1.5}}, "/forum": {"thresholds": {"p95": 1.5}}' >stray.json
run perf-compare one.json --self-test --policy stray.json
expect_exit 2
expect_stderr "perf-compare: self-test: the policy's endpoint '/forum' matches no endpoint of the reports; it is held against METHOD and name, as in 'GET /forum/*'"
expect_one_sentence
expect_match stdout '^self-test: 12 of 12 rules fire$'
expect_match stdout "^fault: the policy's endpoint '/forum' matches no endpoint"

describe 'several faults: the first one, and how many more'
policy '"GET /a": {}, "GET /b": {}, "GET /c": {}' >stray.json
run perf-compare one.json --self-test --policy stray.json
expect_exit 2
expect_stderr '(and 2 more faults)'
expect_one_sentence

describe 'a threshold that nothing can reach'
side candidate 1 1 3 5 >failing.json
side base 1 1 3 5 >failing.base.json
run perf-compare failing.json --self-test --threshold error_rate=9
expect_exit 2
expect_stderr "overall error rate: no candidate can be over 9 times the base's 13.9 % (and 1 more fault)"
expect_match stdout '^out of reach +GET /forum +error rate '
expect_match stdout '^fires +GET /login +error rate '
run perf-compare failing.json --self-test
expect_exit 0

describe 'a row that the policy names and that is never judged'
run perf-compare one.json --self-test -t 99.9th_percentile=1.5
expect_exit 2
expect_stderr 'overall p99.9 is never judged: too few requests: 2160 on the base side'
expect_one_sentence
policy '"GET /login": {"required": true}' '"p99": 1.3' >required.json
run perf-compare one.json --self-test --policy required.json
expect_exit 2
expect_stderr 'GET /login p99 is never judged: too few requests'
policy '"GET /login": {"thresholds": {"p99": 1.3}}' >named.json
run perf-compare one.json --self-test --policy named.json
expect_exit 2
expect_stderr "the policy's endpoint 'GET /login' has a threshold for the p99 that never decides: too few"

describe 'an endpoint that nobody named may be too rare'
run perf-compare one.json --self-test -t p99=1.3
expect_exit 0
expect_stdout 'self-test: 14 of 16 rules fire; 2 not judged'
expect_match stdout '^not judged +GET /login +p99 '

describe 'exit code 3: nothing to be tried on'
run perf-compare "$data/flat.json" --self-test
expect_exit 3
expect_stderr 'perf-compare: a self-test changes the candidate of a comparison, and there is none: there is no baseline to compare with'
expect_one_sentence
for file in one.json one.base.json; do
    sed 's/"valid": true/"valid": false, "invalid_reasons": ["interrupted"]/' $file >"invalid${file#one}"
done
run perf-compare invalid.json --self-test
expect_exit 3
expect_stderr 'run cannot be trusted'
expect_one_sentence

describe 'one report as the base: thresholds alone'
run perf-compare "$data/flat_slow.json" --baseline "$data/flat.json" --self-test
expect_exit 0
expect_stdout 'self-test: 3 of 3 rules fire'

describe 'there is no verdict, and no other form'
run perf-compare one.json --self-test --verdict v.json
expect_exit 2
expect_stderr '--self-test makes no verdict; leave --verdict out'
expect_one_sentence
run perf-compare one.json --self-test --format json
expect_exit 2
expect_stderr '--self-test makes a text only; leave --format out'
expect_one_sentence

describe 'a result never replaces its input'
run perf-compare one.json --self-test --output one.base.json
expect_exit 2
expect_stderr "'one.base.json' would be replaced by the result"

describe 'the policy that the change brings is tested'
git init -q -b main repo && cd repo || exit 1
git config user.email test@example.com && git config user.name test
mkdir baselines
policy '"GET /old": {}' >baselines/policy.json
git add -A && git commit -qm base
run perf-compare ../one.json --self-test
expect_exit 2
expect_stderr "'GET /old' matches no endpoint"
policy '' >baselines/policy.json
run perf-compare ../one.json --self-test
expect_exit 0
