#!/usr/bin/env bash
# Tags, from a scenario through a report and a stored run to the rules of a policy.
. "$(dirname "$0")/lib.sh"

# side ROLE TAGS >FILE: one side of a paired run; /forum, 50 % slower for the candidate, has the tags.
side() {
    awk -f "$root/tests/data/pair.awk" -v role="$1" -v seed=3 -v slow=/forum -v ratio=1.5 |
        sed "s|\"name\": \"/forum\", \"method\": \"GET\",|& ${2:+\"tags\": [$2],}|"
}

# policy TAGS [ENDPOINTS]: thresholds that only the tags' rules can be over.
policy() {
    echo "{\"schema\": \"perfgate.policy/1\"," \
        "\"thresholds\": {\"avg_response_time\": 9, \"error_rate\": 9, \"p95\": 9}," \
        "\"tags\": {$1}, \"endpoints\": {${2:-}}}"
}

side candidate '"checkout", "read"' >pair.json
side base '"checkout", "read"' >pair.base.json

describe 'a rule of a tag fails, and the endpoint that has it is named'
policy '"write": {"thresholds": {"p95": 1.1}}' >none.json
run perf-compare pair.json --policy none.json
expect_exit 0
policy '"checkout": {"thresholds": {"avg_response_time": 1.2}}' >checkout.json
run perf-compare pair.json --policy checkout.json
expect_exit 1
expect_stdout 'slower: GET /forum average +53.0 % (allowed +20 %)'
expect_match stdout '^regressed +GET /forum +average '
expect_true 'one row' test "$(grep -c ^regressed stdout)" -eq 1

describe 'the entries of endpoints come after those of tags'
policy '"checkout": {"thresholds": {"avg_response_time": 1.2}}' '"GET /forum": {"thresholds": {"avg_response_time": 8}}' >both.json
run perf-compare pair.json --policy both.json
expect_exit 0

describe 'a tag that only the base has counts'
side candidate '"read"' >less.json
cp pair.base.json less.base.json
run perf-compare less.json --policy checkout.json
expect_exit 1
expect_stdout 'slower: GET /forum average +53.0 % (allowed +20 %)'

describe 'self-test: a tag that is on no endpoint is exit code 2'
run perf-compare pair.json --self-test --policy checkout.json
expect_exit 0
policy '"checkouts": {"thresholds": {"p95": 1.1}}' >stray.json
run perf-compare pair.json --self-test --policy stray.json
expect_exit 2
expect_stderr "perf-compare: self-test: the policy's tag 'checkouts' is on no endpoint of the reports; tasks and steps of the scenario have them in \"tags\""
expect_one_sentence

describe 'a tag that is required and on no endpoint is not passed'
policy '"lost": {"required": true}' >lost.json
run perf-compare pair.json --policy lost.json
expect_exit 3
expect_stdout 'tag lost: the policy requires it, but no endpoint of the reports has the tag'

describe 'a tag that is none is refused'
policy '"check out": {}' >bad.json
run perf-compare pair.json --policy bad.json
expect_exit 2
expect_stderr "tags.check out: expected a tag of 1 to 64 letters, digits, '.', '_' and '-', found 'check out'"
expect_one_sentence

start_panel --latency wait:lognormal:2ms:0.2
at_exit kill "$pid"

# scenario TAGS: a task of two steps, of which the second has a tag of its own.
scenario() {
    echo "{\"schema\": \"perfgate.scenario/1\", \"name\": \"demo\", \"classes\": [{\"name\": \"user\"," \
        "\"tasks\": [{\"name\": \"t\", \"tags\": [$1], \"steps\": [{\"get\": \"/login\"}," \
        "{\"get\": \"/api/health\", \"tags\": [\"api\"]}]}, {\"get\": \"/forum\"}]}]}"
}

git init -q -b main repo && cd repo || exit 1
git config user.email test@example.com && git config user.name test
mkdir -p baselines perf
scenario '"read", "checkout"' >perf/s.json
echo '{"schema": "perfgate.policy/1", "on": {"missing_baseline": "pass", "invalid_run": "pass"}}' >baselines/policy.json
git add -A && git commit -qm base

# A short run. On a busy machine it may be invalid; what was measured matters
# to nobody here.
measure() {
    run perf-run perf/s.json --host "$url" --users 2 --duration 500ms --quiet
    [ "$status" -eq 3 ] || expect_exit 0
}

# tags_of FILE: "NAME: TAGS" of each endpoint of a report.
tags_of() {
    awk '/^      "name":/ { name = $2 } /^      "tags":/ { sub(/^ *"tags": /, ""); print name, $0 }' "$1"
}

describe 'endpoints have the tags of their task and their step'
measure
tags_of load_test_report.json >tags
expect_true 'the tags' diff tags - <<'END'
"/api/health", ["api", "checkout", "read"],
"/login", ["checkout", "read"],
END
hash=$(grep '"workload"' load_test_report.json)

describe 'tags change no workload'
scenario '' >perf/s.json
measure
tags_of load_test_report.json >tags
expect_true 'the tags' diff tags - <<'END'
"/api/health", ["api"],
END
expect_true 'the hash' test "$(grep '"workload"' load_test_report.json)" = "$hash"

describe 'a scenario that drops a tag is judged by the tag, and told of'
echo '{"schema": "perfgate.policy/1", "on": {"missing_baseline": "pass", "invalid_run": "pass"}, "tags": {"checkout": {"limits": {"avg_response_time": {"critical": 0.001}}}}}' >baselines/policy.json
git commit -q -m 'a rule' baselines/policy.json
base=$(git rev-parse --short=7 HEAD)
run perf-compare --baseline main --format json
expect_exit 1
expect_stdout "the scenario 'perf/s.json' has tags at main $base that the candidate's report lacks: 'checkout' on GET /api/health, 'checkout' on GET /login; they count all the same"
expect_stdout '"summary": "over the limit: GET /api/health average'
expect_true 'the same scenario otherwise' test -z "$(grep 'differs from the one' stdout)"

describe 'a stored run has the tags'
git checkout -q perf/s.json
measure
sed -i 's/"valid": false/"valid": true/; /"invalid_reasons"/d' load_test_report.json
policy '' >baselines/policy.json
run perf-baseline update load_test_report.json
expect_exit 0
stored=$(git ls-files -co baselines/demo)
expect_match "$stored" '^    "tags": \[\["api","checkout","read"\],\[\],\["checkout","read"\]\],$'
