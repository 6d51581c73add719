#!/usr/bin/env bash
# Drift: small steps pass one by one, their sum since the anchor's run does not.
# shellcheck disable=SC2016 # backquotes in messages are meant literally
. "$(dirname "$0")/lib.sh"
data=$root/tests/data
git init -q -b main . && git config user.email test@example.com && git config user.name test
perf-baseline init >/dev/null

# report N MS: the report of run N, whose average is MS.
report() {
    sed "s/: 11.25,/: $2,/; s/: 10.8,/: $2,/; s/00000000000000a1/00000000000000$1/
        s/16:11:00Z/16:$1:00Z/" "$data/report.json" |
        sed 's/"total_failures": [0-9]*,/"total_failures": 0,/; s/1250,/125,/'
}

# anchor RUN LABEL: sets an anchor, as perfgate-baselines(5) has it.
anchor() {
    echo "{\"schema\": \"perfgate.anchor/1\", \"run\": \"$1\", \"label\": \"$2\"," \
        '"by": "Ann <a@b.c>", "anchored_at": "2026-11-24T09:30:00Z"}' \
        >baselines/demo/default/20261124T093000Z-0123456789ab.anchor.json
}

describe 'runs that go up by 4 % are stored one after the other'
i=10
for ms in 10 10.4 10.4 10.8 10.8; do
    report $i $ms >run.json
    run perf-baseline update run.json
    expect_exit 0
    i=$((i + 1))
done
git add -A && git commit -qm 'runs'
report 30 11.2 >run.json

describe 'the next step passes where there is no anchor'
run perf-compare run.json
expect_exit 0
expect_true 'no such row' test -z "$(grep since stdout)"

describe 'it fails against the anchor, in a row of its own'
first=$(basename baselines/demo/default/*T161000Z-*)
anchor "$first" v1.4
git add -A && git commit -qm 'an anchor'
run perf-compare run.json
expect_exit 1
expect_stdout 'fail: slower: overall, since v1.4, average +12.0 % (allowed +10 %), anchor 10.0 ms'
expect_match stdout '^regressed +overall, since v1\.4 +average +10\.0 ms +11\.2 ms +\+12\.0 %'
expect_match stdout '^stable +overall +average +10\.4 ms +11\.2 ms +\+7\.7 %'
expect_true 'it is marked' grep -q '"against": "anchor"' perf_verdict.json
expect_true 'with its run' grep -q "\"run\": \"$first\"" perf_verdict.json
run perf-compare run.json -f markdown
expect_exit 1
expect_match stdout '^\| regressed \| .overall, since v1\.4. \| average \| 10\.0 ms \| 11\.2 ms \| \+12\.0 % \|'
cp perf_verdict.json drift.json
run perf-report drift.json
expect_stdout 'overall, since v1.4'

describe 'update refuses such a run'
run perf-baseline update run.json
expect_exit 1
expect_one_sentence
expect_stderr 'the run is worse than what is there: overall, since v1.4, average +12.0 %'
expect_stderr 'where that is meant, accept it (`perf-baseline accept`), set a new anchor or change baselines/policy.json, and update again'

describe 'an accepted regression is accepted there too'
echo '{"schema": "perfgate.acceptance/1", "metric": "avg_response_time", "scope": "overall",
    "value": 11.5, "reason": "new index", "by": "Ann <a@b.c>",
    "accepted_at": "2026-11-23T10:00:00Z"}' \
    >baselines/demo/default/20261123T100000Z-0123456789ab.accept.json
git add -A && git commit -qm 'accept'
run perf-compare run.json
expect_exit 0
expect_match stdout '^accepted +overall, since v1\.4 +average'
git rm -q baselines/demo/default/*.accept.json && git commit -qm 'no more'

describe 'a run on another kind of machine is not held against it'
sed 's/Example CPU/Other CPU/' run.json >other.json
run perf-compare other.json
expect_exit 3
expect_match stdout "^not_comparable +overall, since v1\\.4 +average"
expect_stdout "the anchor's run is of another kind of machine than this one"

describe 'an anchor whose run is gone: exit code 2, one sentence'
anchor 20261123T161100Z-0123456789ab-0123456789ab.json v2
git add -A && git commit -qm 'a wrong anchor'
run perf-compare run.json
expect_exit 2
expect_one_sentence
expect_stderr 'anchor.json'\'' names a run that cannot be read'
