#!/usr/bin/env bash
# perf-baseline push, to paths.
# shellcheck disable=SC2016 # backquotes in messages are meant literally
. "$(dirname "$0")/lib.sh"
. "$root/tests/cli/push_race.sh"

unset PERFGATE_TOKEN
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main

push() {
    run perf-baseline push "$@"
}
add() {
    report "10.$1" "2026-11-21T10:00:0${1}Z" >run.json
    perf-baseline update -q --ref runs run.json >added || fail 'the run was not added'
}

describe 'push needs a repository, a ref and a remote'
push --ref runs
expect_exit 2
expect_stderr 'perf-baseline: there is no git repository here; type `git init` first'
expect_one_sentence
git init -q --bare far.git && git init -q clone && cd clone || exit 2
git commit -q --allow-empty -m first
push
expect_exit 2
expect_stderr 'perf-baseline: push needs a ref of its own, as `update --ref` writes it: `perf-baseline push origin --ref perf-baselines`'
expect_one_sentence
push --commit --ref runs
expect_exit 2
expect_stderr 'perf-baseline: push does not take --commit'
push origin x --ref runs
expect_exit 2
expect_stderr "perf-baseline: 'x' is one argument too many for push"
push --ref 'a..b'
expect_exit 2
expect_stderr "cannot be a ref's name"
push --ref runs
expect_exit 2
expect_stderr "perf-baseline: there is no remote 'origin'; \`git remote\` lists those that are there, and a path is written with a slash"
expect_one_sentence
git remote add origin ../far.git
push --ref runs
expect_exit 2
expect_stderr "perf-baseline: there is no 'refs/heads/runs' here to push; add a run with \`perf-baseline update --ref refs/heads/runs REPORT\`, or get what the remote has with \`git fetch origin refs/heads/runs:refs/heads/runs\`"
expect_one_sentence

describe 'a push to a path, from a directory below'
add 1
mkdir below && cd below || exit 2
push --ref runs
expect_exit 0
expect_stdout ''
expect_stderr "perf-baseline: pushed 1 commit of 'refs/heads/runs' to 'origin', which is at $(git rev-parse --short=7 runs) now"
expect_one_sentence
cd ..
push ../far.git --ref refs/heads/runs
expect_exit 0
expect_stderr "perf-baseline: 'refs/heads/runs' at '../far.git' has everything already"
push "file://$scratch/far.git" --ref runs -q
expect_exit 0
expect_stderr ''

describe 'branch, index and work tree stay as they are'
echo new >staged && git add staged
git clone -q --no-checkout ../far.git ../other 2>/dev/null && cd ../other || exit 2
git branch -q runs origin/runs
add 2
push -q --ref runs
expect_exit 0
cd ../clone && add 3
head=$(git rev-parse HEAD)
push --ref runs
expect_exit 0
expect_stderr 'with 1 commit of others'
[ "$(git rev-parse HEAD)" = "$head" ] || fail 'the branch moved'
[ "$(git status --porcelain -uno)" = 'A  staged' ] || fail "the index differs: $(git status --porcelain)"
[ "$(perf-baseline_in ../far.git log runs | wc -l)" -eq 3 ] || fail 'expected 3 runs'

describe 'a lock that was left behind is named'
: >../far.git/refs/heads/runs.lock
add 4
push --ref runs
expect_exit 2
expect_stderr "far.git/refs/heads/runs.lock' has been there for over 5 seconds; wait for the git that holds it, or, where none runs, type \`rm '"
expect_one_sentence
rm ../far.git/refs/heads/runs.lock
push --ref runs
expect_exit 0

describe 'a remote that cannot be written to is left as it is'
git -C ../far.git rev-parse runs >before
add 5
mv ../far.git/objects ../far.git/kept && : >../far.git/objects
push --ref runs
expect_exit 2
expect_one_sentence
rm ../far.git/objects && mv ../far.git/kept ../far.git/objects
expect_true 'the ref to be where it was' test "$(git -C ../far.git rev-parse runs)" = "$(cat before)"
push --ref runs
expect_exit 0

describe 'a commit that combines needs an author'
cd ../other && add 6
git config --global --unset user.email
push --ref runs
expect_exit 2
expect_stderr 'perf-baseline: a commit needs an author, and nobody is configured'
GITHUB_ACTOR=ann push --ref runs
expect_exit 0
[ "$(git -C ../far.git log -1 --format=%ae runs)" = ann@users.noreply.github.com ] || fail 'the author differs'
git config --global user.email tester@example.org

describe 'many at once, each from a clone of its own'
cd "$scratch" || exit 2
git init -q --bare race.git
race "$PWD/race.git" race.git 6 5
