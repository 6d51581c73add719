#!/usr/bin/env bash
# perf-baseline's subcommands that read: log, verify.
# shellcheck disable=SC2016 # backquotes in messages are meant literally
. "$(dirname "$0")/lib.sh"

export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main

# report AVERAGE START COMMIT: a report in the full form, of the suite shop.
report() {
    cat <<END
{"total_requests": 1000, "total_failures": 0, "requests_per_second": 10,
 "average_response_time": $1, "95th_percentile": 30, "99th_percentile": 50,
 "schema": "perfgate.report/1", "valid": true, "suite": "shop", "started_at": "$2", "commit": "$3",
 "endpoints": [{"name": "/a", "method": "GET", "total_requests": 1000,
  "total_failures": 0, "requests_per_second": 10, "average_response_time": $1,
  "95th_percentile": 30, "99th_percentile": 50}]}
END
}
# add AVERAGE START COMMIT [OPTION...]: stores it; the path is in $path.
add() {
    report "$1" "$2" "$3" >added.json
    path=$(perf-baseline update -q "${@:4}" added.json) || fail 'the run was not added'
    rm added.json
}

git init -q . && printf 'stdout\nstderr\n' >.git/info/exclude

describe 'log and verify of nothing'
run perf-baseline log
expect_exit 0
expect_stdout ''
expect_stderr 'perf-baseline: no runs are there'
run perf-baseline verify
expect_exit 0
expect_stdout '0 runs, 0 policies, 0 acceptances, 0 anchors: all good'

add 10 2026-11-21T10:00:00Z 1111111111111111111111111111111111111111
one=$path
add 10.1 2026-11-23T10:00:00Z 2222222222222222222222222222222222222222
two=$path
add 10.2 2026-11-22T10:00:00Z 3333333333333333333333333333333333333333 -e ci
three=$path
perf-baseline init -q >init.txt
git add baselines && git commit -q -m runs
add 10.3 2026-11-24T10:00:00Z 4444444

describe 'log prints each run once, newest first'
run perf-baseline log
expect_exit 0
expect_stderr ''
cat >expected <<END
2026-11-22T10:00:00Z 333333333333 $three
2026-11-24T10:00:00Z 444444400000 $path
2026-11-23T10:00:00Z 222222222222 $two
2026-11-21T10:00:00Z 111111111111 $one
END
expect_true 'the four runs' cmp stdout expected

describe 'log at a revision, of one environment'
run perf-baseline log -e default HEAD
expect_exit 0
sed -n 3,4p expected >two.txt
expect_true 'the two runs' cmp stdout two.txt
run perf-baseline log -e nope
expect_exit 0
expect_stdout ''
run perf-baseline log nope
expect_exit 2
expect_stderr "'nope' names no revision of this repository"

describe 'log reads no run'
cp "$two" kept.json
echo '{' >"$two"
run perf-baseline log
expect_exit 0
expect_true 'the four runs' cmp stdout expected
cp kept.json "$two"

describe 'a run whose commit is not known'
sed 's/"commit": "[^"]*",//' <(report 10 2026-11-20T10:00:00Z 1) >unknown.json
git -C "$scratch" init -q none
(cd none && perf-baseline update -q ../unknown.json && perf-baseline log && perf-baseline verify) >stdout 2>stderr
expect_match stdout '^2026-11-20T10:00:00Z - baselines/shop/default/20261120T100000Z-000000000000-[0-9a-f]{12}\.json$'
expect_stdout '1 run, 0 policies, 0 acceptances, 0 anchors: all good'
rm -rf none

describe 'verify counts what is good'
run perf-baseline verify
expect_exit 0
expect_stdout '4 runs, 1 policy, 0 acceptances, 0 anchors: all good'
expect_stderr ''
run perf-baseline verify HEAD
expect_stdout '3 runs, 1 policy, 0 acceptances, 0 anchors: all good'

# expect_bad NAME TEXT: verify names one file, with this, and leaves the exit code 2.
expect_bad() {
    run perf-baseline verify
    expect_exit 2
    expect_stdout ''
    expect_stderr "$1' $2"
    expect_true 'a line for the file and one for the sum' test "$(wc -l <stderr)" -eq 2
    expect_match stderr '^perf-baseline: 1 file cannot be used; [0-9] runs can$'
    git checkout -q baselines && git clean -qfd baselines
}
git add baselines && git commit -q -m more

describe 'verify names a run that is truncated'
head -c 100 kept.json >"$two"
run perf-baseline verify
expect_exit 2
expect_stderr "${two##*/}'"
expect_stderr '1 file cannot be used; 3 runs can'
describe 'verify names all that are bad'
: >"$one"
run perf-baseline verify
expect_exit 2
expect_stderr "${one##*/}'"
expect_stderr "${two##*/}'"
expect_stderr '2 files cannot be used; 2 runs can'
git checkout -q baselines

describe 'verify names a run whose figures were changed'
sed -i 's/"average_response_time": 10.1/"average_response_time": 11.1/' "$two"
expect_true 'a change' test "$(git diff --name-only)" = "$two"
expect_bad "$two" 'is not the run that was added'
describe 'verify leaves the hash of another form alone'
sed -i 's/$/\r/' "$two"
run perf-baseline verify
expect_exit 0
git checkout -q baselines
describe 'verify names a run of another time, commit or suite than its path says'
mv "$two" "${two/20261123/20261125}"
expect_bad "${two/20261123/20261125}" 'started at another time than its name says'
mv "$two" "${two/2222-/2223-}"
expect_bad "${two/2222-/2223-}" 'is of another commit than its name says'
mkdir -p baselines/other/default && mv "$two" baselines/other/default/
expect_bad "baselines/other/default/${two##*/}" 'is of another suite than its name says'
describe 'verify names what has a name that means nothing'
cp "$two" baselines/shop/default/mine.json
expect_bad baselines/shop/default/mine.json 'has a name that means nothing here'
cp baselines/policy.json baselines/Policy.json
expect_bad baselines/Policy.json 'has a name that means nothing here'
mkdir -p baselines/Shop/ci && cp "$two" baselines/Shop/ci/
expect_bad baselines/Shop/ 'has a name that means nothing here'
mkdir -p baselines/shop/.hidden && cp "$two" baselines/shop/.hidden/
expect_bad baselines/shop/.hidden/ 'has a name that means nothing here'
describe 'verify names a bad policy'
echo '{"schema": "perfgate.policy/1", "thresholds": 1}' >baselines/policy.json
run perf-baseline verify
expect_exit 2
expect_stderr "baselines/policy.json'"
git checkout -q baselines
describe 'verify names a link'
cp "$two" "$scratch/elsewhere.json"
rm "$two" && ln -s "$scratch/elsewhere.json" "$two"
expect_bad "$two" 'is, or lies below, a symbolic link'

describe 'verify in a clone without its files cannot tell'
git config uploadpack.allowFilter true
git clone -q --filter=blob:none --no-checkout "file://$PWD" partial && cd partial || exit 2
run perf-baseline verify HEAD
expect_exit 3
expect_stderr 'is not in this clone, which was made without all of its files'
run perf-baseline log HEAD
expect_exit 0
expect_true 'the four runs' test "$(wc -l <stdout)" -eq 4
