#!/usr/bin/env bash
# ci/pre-merge as a hook of a real repository, with real pushes and merges. ci/gate is a stand-in here
# that starts both sides, writes down what they are, and ends as the case says; with the real one:
# tests/load/test_pre_merge.sh.
. "$(dirname "$0")/lib.sh"
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main
git config --global advice.detachedHead false
mkdir -p perfgate/ci
cp "$root/ci/pre-merge" "$root/ci/sides.sh" perfgate/ci
cat >perfgate/ci/gate <<'END'
#!/bin/bash
printf '%s\n' "$@" >"$RECORD.arguments"
while [ $# -gt 0 ]; do
    case $1 in
    --base) PORT=1 sh -c "$2" >"$RECORD.base" ;;
    --candidate) PORT=2 sh -c "$2" >"$RECORD.candidate" ;;
    esac
    shift
done
exit "${GATE_EXIT:-0}"
END
chmod +x perfgate/ci/gate
export RECORD=$PWD/record
hook=$PWD/perfgate/ci/pre-merge

git init -q --bare remote.git
git init -q clone && cd clone || exit 2
git remote add origin ../remote.git
printf 'stdout\nstderr\nelsewhere\n' >>.git/info/exclude
commit() { # TEXT
    echo "$1" >version
    git add . && git commit -qm "$1"
}
commit one
git push -q -u origin main && git remote set-head origin main
# forget: what the stand-in wrote of the run before.
forget() {
    rm -f "$RECORD".*
    unset GATE_EXIT
}
expect_judged() { # BASE CANDIDATE
    expect_true "base $1" test "$(cat "$RECORD.base" 2>/dev/null)" = "1 $1"
    expect_true "candidate $2" test "$(cat "$RECORD.candidate" 2>/dev/null)" = "2 $2"
}
expect_not_judged() {
    expect_true 'no run' test ! -e "$RECORD.arguments"
}
remote_has() { # BRANCH TEXT
    expect_true "$1 at the remote is $2" test "$(git -C ../remote.git show "$1:version" 2>/dev/null)" = "$2"
}

describe 'one command installs it, and keeps the settings'
# shellcheck disable=SC2016 # the two sides' shells fill it in
run "$hook" --install --start 'echo "$PORT $(cat version)"' --scenario perf/scenario.json --build 'cp version built'
expect_exit 0
expect_true 'the hook' test -x .git/hooks/pre-push -a -x .git/hooks/pre-merge-commit
expect_true 'a setting' test "$(git config perfgate.build)" = 'cp version built'

describe 'a push to the default branch is judged against what the remote has, in trees of their own'
forget
commit two
echo 'not committed' >version
run git push
expect_exit 0
expect_judged one two
expect_true 'the work tree is as it was' test "$(cat version)" = 'not committed'
expect_true 'both were built' test -e .git/perfgate/base/built -a -e .git/perfgate/candidate/built
git checkout -q version
remote_has main two

describe 'the budget is handed on: what the builds left, less the time to start'
duration=$(grep -A1 -x -e --duration "$RECORD.arguments" | tail -n 1)
expect_true "at most 42 s of 60, found $duration" test "${duration%s}" -le 42
expect_true 'more than none' test "${duration%s}" -ge 7

describe 'a push of a branch is judged against its fork point'
forget
git checkout -q -b change
commit three
commit four
run git push origin change
expect_exit 0
expect_judged two four
remote_has change four

describe 'a regression refuses the push, trouble as well'
for code in 1 2; do
    forget
    commit "five $code"
    GATE_EXIT=$code run git push origin change
    expect_exit 1
    expect_stderr 'the pre-push hook stops here; --no-verify goes on without it'
    remote_has change four
done

describe 'undecided lets the push go on and says so; strict refuses it'
forget
git config perfgate.strict true
GATE_EXIT=3 run git push origin change
expect_exit 1
remote_has change four
git config --unset perfgate.strict
GATE_EXIT=3 run git push origin change
expect_exit 0
expect_stderr 'undecided here; the gate in CI decides'
remote_has change 'five 2'

describe 'it is skipped in the usual ways'
forget
commit six
run git push --no-verify origin change
expect_exit 0
expect_not_judged
remote_has change six
commit seven
PERFGATE_SKIP=1 run git push origin change
expect_exit 0
expect_stderr 'skipped, as PERFGATE_SKIP says'
expect_not_judged
remote_has change seven

describe 'what changes no file, deletes a branch or pushes a tag is not judged'
git commit -q --allow-empty -m 'no file'
run git push origin change:same
expect_exit 0
git checkout -q -b old origin/main
run git push origin old
expect_exit 0
expect_stderr 'nothing to judge: the files are those of'
run git push origin :old
expect_exit 0
git tag v1
forget
run git push origin v1
expect_exit 0
expect_not_judged

describe 'the first push of a repository has nothing to be judged against, and goes on; strict refuses it'
git init -q --bare ../empty.git
git remote add empty ../empty.git
for to in empty ../empty.git; do
    git config perfgate.strict true
    run git push "$to" "HEAD:refs/heads/first-to-${to##*/}"
    expect_exit 1
    git config --unset perfgate.strict
    run git push "$to" "HEAD:refs/heads/first-to-${to##*/}"
    expect_exit 0
    expect_stderr "the default branch of '$to' is not known here"
    expect_stderr 'undecided here; the gate in CI decides'
    expect_not_judged
done
git remote remove empty

describe 'of several branches one is judged, and the others are named'
forget
git checkout -q -b first origin/main && commit first
git checkout -q -b second origin/main && commit second
run git push origin first second
expect_exit 0
expect_match stderr 'refs/heads/(first|second) is not judged'

describe 'a merge is judged before it is committed; a regression leaves it uncommitted'
forget
git checkout -q -b target first
echo other >other && git add other && git commit -qm other
GATE_EXIT=1 run git merge -q --no-edit -X theirs second
expect_exit 1
expect_judged first second
expect_true 'not committed' test "$(git log -1 --format=%s)" = other
git merge --abort
run git merge -q --no-edit -X theirs second
expect_exit 0
expect_true 'committed' test "$(git rev-list --count --merges HEAD)" -eq 1

describe 'a side that does not build refuses the push and shows why'
forget
git config perfgate.build 'grep -q good version || { echo "no such compiler"; false; }'
commit eight
run git push origin target
expect_exit 1
expect_stderr 'no such compiler'
expect_stderr 'the base does not build'
expect_not_judged

describe 'a build that takes the whole budget: undecided'
git config perfgate.build 'sleep 30'
git config perfgate.budget 1s
run git push origin target
expect_exit 0
expect_stderr 'building the base took the whole budget of 1 s'
expect_not_judged
git config --unset perfgate.build
git config --unset perfgate.budget

describe 'by hand: HEAD against the fork point, or what is named; its exit code is the verdict'
forget
GATE_EXIT=3 run "$hook"
expect_exit 3
expect_judged two eight
run "$hook" --base first --budget 2m
expect_exit 0
expect_judged first eight

describe 'settings come from the file .perfgate as well, and git config goes before it'
forget
git config --unset perfgate.start
# shellcheck disable=SC2016
git config --file .perfgate perfgate.start 'echo "$PORT file $(cat version)"'
run "$hook" --base first
expect_judged 'file first' 'file eight'

describe "somebody's own hook stays, and the line to add is named"
mkdir elsewhere && git init -q elsewhere/r
printf '#!/bin/sh\ntrue\n' >elsewhere/r/.git/hooks/pre-push
run env -C elsewhere/r "$hook" --install --start x --scenario y
expect_exit 2
expect_stderr "add this line to it: '$scratch/perfgate/ci/pre-merge' --hook pre-push"
expect_true 'unchanged' grep -qx true elsewhere/r/.git/hooks/pre-push

describe 'the hook finds its way to a directory of any name'
mkdir "it's here" && cp -r ../perfgate "it's here/per fgate"
git init -q elsewhere/named
run env -C elsewhere/named "$PWD/it's here/per fgate/ci/pre-merge" --install --start x --scenario y
expect_exit 0
run env -C elsewhere/named .git/hooks/pre-push origin
expect_exit 0
expect_stderr ''

describe 'usage: a missing setting, a bad budget, an unknown argument, no repository'
rm -rf elsewhere/r && git init -q elsewhere/r
run env -C elsewhere/r "$hook" --install --start x
expect_exit 2
expect_stderr "the setting 'scenario' is missing"
run env -C elsewhere/r "$hook" --install --start x --scenario y --budget soon
expect_exit 2
expect_stderr "the budget 'soon' is no duration"
run "$hook" --stat
expect_exit 2
expect_stderr "unknown argument '--stat'"
run env -C / "$hook"
expect_exit 2
expect_stderr "'/' is in no work tree of git"
