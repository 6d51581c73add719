#!/usr/bin/env bash
# shellcheck disable=SC2016 # backquotes in what is expected
# What libgit2 can and cannot, in repositories of every make: the right answer, or one sentence with
# exit code 2 or 3; never a wrong verdict.
. "$(dirname "$0")/lib.sh"
# What libgit2 1.5.1 itself leaks where a walk comes to the end of a shallow clone has no name; what we
# might leak of libgit2's is found by the other tests.
printf 'leak:libpcre2-8\nleak:libgit2.so\n' >lsan.supp
export LSAN_OPTIONS=suppressions=$scratch/lsan.supp:print_suppressions=0
export HOME=$scratch # libgit2 1.5 reads no GIT_CONFIG_GLOBAL
git config --global user.name test && git config --global user.email test@example.com
git config --global init.defaultBranch main && git config --global protocol.file.allow always
sed 's/"total_failures": [0-9]*,/"total_failures": 0,/; s/1250,/125,/' "$root/tests/data/report.json" >run.json
sed 's/00000000000000a1/00000000000000a2/' run.json >same.json
sed 's/: 11.25,/: 16.5,/; s/00000000000000a1/00000000000000a3/' run.json >slow.json
sed 's/00000000000000a1/00000000000000a4/' run.json >other.json

# origin: base (with a run) <- side, and main one commit ahead of the base.
git init -q origin && cd origin || exit 1
perf-baseline init --quiet >/dev/null && perf-baseline update --quiet ../run.json >/dev/null
git add . && git commit -qm base && base=$(git rev-parse --short=7 HEAD)
git checkout -q -b side && echo change >code && git add . && git commit -qm change
git checkout -q main && git commit -q --allow-empty -m on && git checkout -q --detach
git config uploadpack.allowFilter true && git config uploadpack.allowAnySHA1InWant true
cd ..
url=file://$scratch/origin

# judges DIR: perf-compare there gives the right verdicts against one run at the base.
judges() {
    cd "$1" || exit 1
    run perf-compare --quiet "$scratch/same.json" "${@:2}"
    expect_exit 0
    expect_stdout 'baselines/demo/default, 1 run, '
    run perf-compare --quiet "$scratch/slow.json" "${@:2}"
    expect_exit 1
    expect_match stdout '^regressed +overall +average'
    rm -f stdout stderr perf_verdict.json
    cd "$scratch" || exit 1
}
# undecided DIR TEXT: no verdict, exit code 3 and what to type.
undecided() {
    cd "$1" || exit 1
    run perf-compare --quiet "$scratch/slow.json" "${@:3}"
    expect_exit 3
    expect_one_sentence
    expect_stderr "$2"
    cd "$scratch" || exit 1
}
# stores DIR: update works there by every way that there is, and leaves nothing else changed.
stores() {
    cd "$1" || exit 1
    git status --porcelain >"$scratch/before"
    perf-baseline update --quiet --ref refs/perf/runs "$scratch/other.json" >/dev/null 2>"$scratch/stderr" ||
        fail "update --ref: $(cat "$scratch/stderr")"
    perf-baseline update --quiet --commit "$scratch/other.json" >/dev/null 2>"$scratch/stderr" ||
        fail "update --commit: $(cat "$scratch/stderr")"
    expect_true 'the run on the ref' git cat-file -e "refs/perf/runs:$(git show --format= --name-only HEAD)"
    expect_true 'a run on the branch, alone' test "$(git show --format= --name-only HEAD | wc -l)" -eq 1
    git status --porcelain >"$scratch/after"
    expect_true "nothing else: $(diff "$scratch/before" "$scratch/after")" cmp -s "$scratch/before" "$scratch/after"
    expect_true 'a whole repository' git fsck --strict --no-dangling
    cd "$scratch" || exit 1
}

describe 'a whole clone: local branch, detached head, worktree'
git clone -q -b side "$url" whole && judges whole && stores whole
git -C whole checkout -q --detach origin/side && judges whole
git -C whole worktree add -q ../tree origin/side && judges tree
git -C tree checkout -q -b tree && stores tree

describe 'a worktree, and a directory below the top, in a path with spaces and UTF-8'
mkdir 'a dir' && git clone -q -b side "$url" 'a dir/größe ☃' && judges 'a dir/größe ☃' && stores 'a dir/größe ☃'
mkdir -p 'a dir/größe ☃/below/it' && judges 'a dir/größe ☃/below/it'

describe 'alternates'
git clone -q -b side --shared origin shared && judges shared && stores shared

describe 'a submodule is a repository of its own, and looked into by no other'
git init -q super && git -C super submodule --quiet add -b side "$url" sub && git -C super commit -qm sub
judges super/sub && stores super/sub
cd super || exit 1
run perf-compare --quiet "$scratch/slow.json"
expect_exit 3
expect_stdout 'has no run below baselines/demo/default; add one with `perf-baseline update --commit REPORT`'
cd "$scratch" || exit 1

describe 'GIT_DIR, and a bare repository'
GIT_DIR=$scratch/whole/.git judges . --baseline "$base"
git clone -q --bare "$url" bare.git && judges bare.git --baseline "$base"
cd bare.git || exit 1
run perf-baseline update --quiet "$scratch/other.json"
expect_exit 2
expect_one_sentence
expect_stderr 'this repository is bare'
run perf-baseline update --quiet --ref refs/perf/runs "$scratch/other.json"
expect_exit 0
run perf-baseline log refs/perf/runs
expect_true 'one run there' test "$(wc -l <stdout)" -eq 1
cd "$scratch" || exit 1

describe 'shallow, as a pull request is checked out: at depth 2 the merge works'
git clone -q "$url" merge && git -C merge merge -q --no-ff -m 'a merge' origin/side
git -C merge push -q origin HEAD:refs/pull/1/merge
for depth in 1 2; do
    git init -q "depth$depth" && git -C "depth$depth" fetch -q --depth $depth "$url" refs/pull/1/merge
    git -C "depth$depth" checkout -q --detach FETCH_HEAD
done
export GITHUB_EVENT_NAME=pull_request GITHUB_BASE_REF=main
judges depth2
undecided depth1 'fetch-depth: 2'
unset GITHUB_EVENT_NAME GITHUB_BASE_REF
describe 'shallow: a walk or a merge base cannot be had'
git clone -q --depth 1 -b side "$url" shallow
git -C shallow fetch -q --depth 1 origin main:refs/remotes/origin/main
undecided shallow '`git fetch --unshallow origin`'
describe 'shallow: a push names a commit that the clone lacks'
GITHUB_EVENT_NAME=push GITHUB_EVENT_PATH=$scratch/event.json
export GITHUB_EVENT_NAME GITHUB_EVENT_PATH
echo "{\"before\": \"$(git -C origin rev-parse main~1)\"}" >event.json
undecided shallow '`git fetch origin '
unset GITHUB_EVENT_NAME GITHUB_EVENT_PATH
describe 'shallow: storing a run works'
stores shallow

describe 'a clone without blobs: what is checked out suffices, a missing blob says what to type'
git clone -q --filter=blob:none -b side "$url" partial && judges partial && stores partial
git clone -q --filter=blob:none --no-checkout -b side "$url" hollow
undecided hollow 'which was made without all of its files; type `git show '
cd hollow || exit 1
run perf-baseline show HEAD
expect_exit 3
run perf-baseline log HEAD
expect_exit 0
cd "$scratch" || exit 1

describe 'a sparse index, and a split one: judged as any other, --commit leaves the index and says so'
for kind in 'sparse-checkout set --cone --sparse-index baselines' 'update-index --split-index'; do
    rm -rf odd && git clone -q -b side "$url" odd
    mkdir odd/src && echo 1 >odd/src/f && git -C odd add . && git -C odd commit -qm src
    # shellcheck disable=SC2086 # words of a command
    git -C odd $kind
    judges odd
    cd odd || exit 1
    run perf-baseline update --commit "$scratch/other.json"
    expect_exit 0
    expect_stderr 'the index was left as it is'
    eval "$(sed -n 's/.*type `\(git reset -q .*\)`.*/\1/p' stderr)"
    rm -f stdout stderr
    expect_true 'clean once that was typed' test -z "$(git status --porcelain)"
    cd "$scratch" || exit 1
done

describe 'core.autocrlf: a run in the work tree has other line ends, and is the same'
git -c core.autocrlf=true clone -q -b side "$url" crlf && git -C crlf config core.autocrlf true
expect_true 'CRLF in the work tree' grep -q $'\r' crlf/baselines/policy.json
judges crlf && stores crlf

describe 'a symbolic link where a run should be, at the base: refused'
git clone -q -b side "$url" linked
(cd linked/baselines/demo/default && name=$(echo *.json) && mv "$name" elsewhere && ln -s elsewhere "$name")
git -C linked add -A && git -C linked commit -qm link
cd linked || exit 1
run perf-compare --quiet --baseline HEAD "$scratch/slow.json"
expect_exit 2
expect_one_sentence
expect_stderr 'is a symbolic link; expected a file'
cd "$scratch" || exit 1

describe 'SHA-256 names and reftable are refused at open'
git init -q --object-format=sha256 sha256 && git init -q reftable
git -C reftable config core.repositoryFormatVersion 1 && git -C reftable config extensions.refStorage reftable
for kind in sha256 reftable; do
    cd $kind || exit 1
    run perf-compare --quiet "$scratch/slow.json"
    expect_exit 2
    expect_one_sentence
    expect_stderr 'does not know; give the baseline and the policy as files'
    run perf-compare --quiet "$scratch/slow.json" --baseline "$scratch/run.json" --policy "$root/baselines/policy.json"
    [ "$status" -eq 1 ] || [ "$status" -eq 2 ] || fail "expected a verdict or trouble, found exit code $status"
    cd "$scratch" || exit 1
done

describe 'a repository of another user: an exact safe.directory is honoured, `*` and none say what to type'
if [ "$(id -u)" -eq 0 ]; then
    cp -R whole theirs && chown -R 12345 theirs
    for entry in '' '*'; do
        git config --global --unset-all safe.directory
        [ -z "$entry" ] || git config --global --add safe.directory "$entry"
        cd theirs || exit 1
        run perf-compare --quiet "$scratch/slow.json"
        expect_exit 2
        expect_one_sentence
        expect_stderr "type \`git config --global --add safe.directory '$scratch/theirs'\`"
        cd "$scratch" || exit 1
    done
    git config --global --add safe.directory "$scratch/theirs" && judges theirs
fi

describe 'names: a suite or an environment that leads outside is refused'
cd whole || exit 1
for name in ../x 'a b' ä .x -x a/b ''; do
    run perf-compare --quiet "$scratch/slow.json" "--suite=$name"
    expect_exit 2
    expect_one_sentence
    run perf-baseline update --quiet "--environment=$name" "$scratch/other.json"
    expect_exit 2
    expect_one_sentence
done
