#!/usr/bin/env bash
# ci/github/base: the base of each kind of event, in clones as actions/checkout makes them, from a real
# remote; it is the one that perf-compare takes. And ci/github/summary and ci/github/baseline.
. "$(dirname "$0")/lib.sh"
. "$root/tests/cli/github_api.sh"
. "$root/tests/cli/push_race.sh"
export PERFGATE_BIN=${PERFGATE_BIN:-$root/build/bin}
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
unset PERFGATE_TOKEN
git config --global user.name Tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main
git config --global advice.detachedHead false

# main: A - B - C - E; the branch change leaves at B: D; `merge` is what GitHub makes of it: C + D.
git init -q work
commit() {
    git -C work commit -q --allow-empty -m "$1" && git -C work rev-parse HEAD
}
a=$(commit A) b=$(commit B) c=$(commit C)
git -C work checkout -q -b change "$b"
d=$(commit D)
git -C work checkout -q --detach "$c"
git -C work merge -q --no-ff -m 'Merge D into C' change
merge=$(git -C work rev-parse HEAD)
git -C work update-ref refs/pull/5/merge "$merge"
git -C work checkout -q -b own-merge change
git -C work merge -q --no-ff -m 'Merge main' main
own=$(git -C work rev-parse HEAD)
git -C work checkout -q main
e=$(commit E)
git clone -q --mirror work remote.git

# check_out COMMIT [DEPTH]: a clone as actions/checkout leaves it.
check_out() {
    rm -rf clone && git init -q clone
    git -C clone remote add origin "file://$PWD/remote.git"
    git -C clone fetch -q --no-tags ${2:+--depth="$2"} origin "$1" || fail 'no clone'
    git -C clone checkout -q --detach "$1"
    export GITHUB_SHA=$1
}
base() {
    run env -C clone "$root/ci/github/base" "$@"
}
# expect_base COMMIT: that one, and perf-compare, which needs no network, names the same.
expect_base() {
    expect_exit 0
    expect_true "the base $1" test "$(cat stdout)" = "$1"
    expect_true 'in the clone' git -C clone cat-file -e "$1^{commit}"
    (cd clone && perf-compare -f json -o "$scratch/verdict" "$root/tests/data/flat.json" 2>/dev/null)
    expect_match verdict "\"policy_choice\": \"[^\"]*${1:0:7}"
}

for depth in 1 2 ''; do
    describe "pull_request, fetch-depth ${depth:-0}: the first parent of the merge commit"
    check_out "$merge" $depth
    event_file pull_request
    GITHUB_BASE_REF=main base
    GITHUB_BASE_REF=main expect_base "$c"
    expect_true 'HEAD^1 for whoever asks' test "$(git -C clone rev-parse 'HEAD^1' 2>/dev/null)" = "$c"
done

describe 'pull_request, its head checked out instead: the branch that it goes to, as it is now'
check_out "$d" 1
event_file pull_request
export GITHUB_BASE_REF=main
GITHUB_SHA=$merge base
GITHUB_SHA=$merge expect_base "$e"

describe 'pull_request whose head is a merge that its author made: not the author'"'"'s side'
check_out "$own" 1
GITHUB_SHA=$merge base
GITHUB_SHA=$merge expect_base "$e"
unset GITHUB_BASE_REF

describe 'push: what the branch was before, which may be more than one commit ago'
check_out "$e" 1
event_file push ".before = \"$b\""
base
expect_base "$b"

describe 'push of a new branch: the fork point with the default branch'
check_out "$d" 1
event_file push ".before = (\"0\" * 40) | .created = true"
base
expect_base "$b"

describe 'push whose before was overwritten and is gone: exit 3, nothing else in its stead'
check_out "$e" 1
event_file push ".before = \"$(printf '9%.0s' {1..40})\""
base
expect_exit 3
expect_stdout ''
expect_stderr "the push's before 9999"
expect_stderr 'could not be fetched'

describe 'push whose before is no commit: exit 2, and git never sees it'
event_file push '.before = "--upload-pack=touch x"'
base
expect_exit 2
expect_stderr "is '--upload-pack=touch x'; expected the 40 digits of a commit"

describe 'merge_group: its base_sha'
check_out "$merge" 1
event_file merge_group ".merge_group.base_sha = \"$c\""
base
expect_base "$c"

for event in schedule workflow_dispatch; do
    describe "$event on a branch: the fork point"
    check_out "$d" 1
    event_file $event
    base
    expect_base "$b"

    describe "$event on the default branch: the commit before"
    check_out "$e" 1
    event_file $event
    base
    expect_exit 0
    expect_true 'C' test "$(cat stdout)" = "$c"
    expect_true 'in the clone' git -C clone cat-file -e "$c^{commit}"
done

describe 'a base that is named goes before the event: a commit, a branch, a revision'
check_out "$e" 1
event_file push ".before = \"$b\""
base "$a"
expect_true 'A' test "$(cat stdout)" = "$a"
base change
expect_true 'D' test "$(cat stdout)" = "$d"
base HEAD
expect_true 'E' test "$(cat stdout)" = "$e"
base --output=x
expect_exit 3
expect_stderr "the branch '--output=x' is not in this clone"

describe 'the first commit of all, and no event: exit 3 and 2'
check_out "$a"
event_file schedule '.repository.default_branch = "old"'
git -C remote.git branch -q old "$a"
base
expect_exit 3
expect_stderr 'has no parent that it could be judged against'
unset GITHUB_EVENT_NAME
base
expect_exit 2
expect_stderr 'GITHUB_EVENT_NAME is not set'

# ---- the summary ----

describe 'a summary is appended whole where there is room'
echo one >summary.md
echo two >part.md
stdin=part.md run "$root/ci/github/summary" summary.md
expect_exit 0
expect_true 'both' test "$(cat summary.md)" = $'one\ntwo'

describe 'a summary that would pass 1 MiB is cut behind a line, with a notice'
yes 'a line of 20 letters' | head -n 60000 >part.md
stdin=part.md run "$root/ci/github/summary" summary.md
expect_exit 0
expect_true 'at most 1 MiB' test "$(wc -c <summary.md)" -le 1048576
expect_true 'most of it' test "$(wc -c <summary.md)" -gt 1048000
expect_match summary.md '^\*\*Cut here:\*\* GitHub shows 1 MiB'
expect_true 'whole lines' test "$(grep -vcxE 'one|two|a line of 20 letters|\*\*Cut.*|' summary.md)" -eq 0

describe 'and nothing is added where there is no room left'
before=$(wc -c <summary.md)
stdin=part.md run "$root/ci/github/summary" summary.md
expect_exit 0
expect_true 'at most 1 MiB' test "$(wc -c <summary.md)" -le 1048576
expect_true 'unchanged' test "$(wc -c <summary.md)" -eq "$before"

# ---- the baseline of the default branch ----

baseline() {
    run env -C clone "$root/ci/github/baseline" "$@"
}
runs() {
    (cd remote.git && perf-baseline log "${1-perf-baselines}" | wc -l)
}

describe 'a run of the default branch is stored on its ref and pushed; the next one beside it'
export GITHUB_REF=refs/heads/main
for second in 1 2; do
    check_out "$e" 1
    event_file push
    report "10.$second" "2026-11-21T10:00:0${second}Z" >report.json
    baseline "$PWD/report.json"
    expect_exit 0
    expect_true "$second runs" test "$(runs)" -eq "$second"
done

describe 'a run that is worse is refused with 1, and the remote is as it was'
check_out "$e" 1
report 30 2026-11-21T10:00:03Z >report.json
baseline "$PWD/report.json"
expect_exit 1
expect_true '2 runs' test "$(runs)" -eq 2

describe 'a run of another branch or of a pull request is no baseline'
GITHUB_REF=refs/heads/change baseline "$PWD/report.json"
expect_exit 2
expect_stderr 'a run of refs/heads/change is no baseline'
GITHUB_EVENT_NAME=pull_request baseline "$PWD/report.json"
expect_exit 2
expect_stderr "a run of the event 'pull_request' is no baseline"
expect_true '2 runs' test "$(runs)" -eq 2

describe 'another name of the ref; one that is none is refused'
report 10.5 2026-11-21T10:00:05Z >report.json
check_out "$e" 1
BASELINE_REF=perf/nightly BASELINE_ENVIRONMENT=runner baseline "$PWD/report.json"
expect_exit 0
expect_true 'a run' test "$(runs perf/nightly)" -eq 1
BASELINE_REF='a..b' baseline "$PWD/report.json"
expect_exit 2
expect_stderr "BASELINE_REF 'a..b' is no name of a branch"
