#!/usr/bin/env bash
# perf-baseline in real repositories.
# shellcheck disable=SC2016 # backquotes in messages are meant literally
. "$(dirname "$0")/lib.sh"

export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main

# flat AVERAGE [REQUESTS]: a report in flat form.
flat() {
    printf '{"total_requests": %s, "total_failures": 0, "requests_per_second": 10,
 "average_response_time": %s, "95th_percentile": 30, "99th_percentile": 50}\n' "${2-1000}" "$1"
}

# new_repository NAME: makes it and goes there; new_directory: without git.
new_directory() {
    mkdir -p "$scratch/$1" && cd "$scratch/$1" || exit 2
}
new_repository() {
    new_directory "$1" && git init -q . && printf 'stdout\nstderr\nmasked\n' >.git/info/exclude
}
runs() {
    find baselines -name '*Z-*.json' | wc -l
}
expect_runs() {
    [ "$(runs)" -eq "$1" ] || fail "expected $1 runs, found $(runs)"
}

describe 'init writes the policy and the README of this repository'
new_repository first
run perf-baseline init
expect_exit 0
expect_true 'the README to be that of this repository' cmp baselines/README.md "$root/baselines/README.md"
expect_true 'the policy to be that of this repository' cmp baselines/policy.json "$root/baselines/policy.json"
printf 'baselines/policy.json\nbaselines/README.md\n' >expected
expect_true 'stdout to name the two files' cmp stdout expected
expect_stderr "perf-baseline: next: \`git add 'baselines'\`, and commit it"

describe 'init leaves what is there, and says so'
echo mine >baselines/policy.json
run perf-baseline init
expect_exit 0
expect_stdout ''
expect_stderr "perf-baseline: 'baselines/policy.json' is there already, and left as it is"
expect_stderr "perf-baseline: 'baselines/README.md' is there already, and left as it is"
expect_true 'the policy to be untouched' grep -qx mine baselines/policy.json
rm -r baselines

describe 'init needs a repository with a work tree'
new_directory none
run perf-baseline init
expect_exit 2
expect_stderr 'perf-baseline: there is no git repository here; type `git init` first'
expect_one_sentence
new_directory . && git init -q --bare bare.git
new_directory bare.git
run perf-baseline init
expect_exit 2
expect_stderr 'perf-baseline: this repository is bare, and has no work tree to write to'

describe 'list and show of nothing'
new_repository empty
run perf-baseline list
expect_exit 0
expect_stdout ''
expect_stderr 'perf-baseline: no runs are there'
run perf-baseline show
expect_exit 2
expect_stderr 'perf-baseline: no run is there yet; add one with `perf-baseline update REPORT`'
expect_one_sentence

describe 'update adds a run, and says what is next'
new_repository shop
git commit -q --allow-empty -m first
flat 10 >"$scratch/ten.json"
run perf-baseline update --suite shop "$scratch/ten.json"
expect_exit 0
head12=$(git rev-parse --short=12 HEAD)
expect_match stdout "^baselines/shop/default/[0-9]{8}T[0-9]{6}Z-$head12-[0-9a-f]{12}\.json\$"
path=$(cat stdout)
expect_stderr "perf-baseline: added a run; next: \`git add '$path' && git commit\`"
expect_true 'the file to be there' test -s "$path"
expect_runs 1

describe 'update of the same run adds nothing'
run perf-baseline update --suite shop "$scratch/ten.json"
expect_exit 0
expect_stdout "$path"
expect_stderr 'perf-baseline: the same run is there already; nothing was added'
expect_runs 1
git add baselines && git commit -q -m run

describe 'update reads standard input, and --quiet leaves out the notes'
flat 10.5 >"$scratch/next.json"
stdin=$scratch/next.json run perf-baseline update -q -s shop -
expect_exit 0
expect_stderr ''
expect_runs 2

describe 'update takes the suite and the commit from the report'
cat >"$scratch/full.json" <<'END'
{"total_requests": 1000, "total_failures": 0, "requests_per_second": 10,
 "average_response_time": 10, "95th_percentile": 30, "99th_percentile": 50,
 "schema": "perfgate.report/1", "valid": true, "suite": "panel",
 "started_at": "2026-11-23T16:11:00Z", "commit": "0123456789abcdef0123456789abcdef01234567",
 "endpoints": [{"name": "/a\u001b[31m", "method": "GET", "total_requests": 1000,
  "total_failures": 0, "requests_per_second": 10, "average_response_time": 10,
  "95th_percentile": 30, "99th_percentile": 50}]}
END
run perf-baseline update -e ci "$scratch/full.json"
expect_exit 0
expect_match stdout '^baselines/panel/ci/20261123T161100Z-0123456789ab-[0-9a-f]{12}\.json$'
expect_runs 3

describe 'update in a directory below prints a path that can be typed there'
mkdir -p 'a b' && cd 'a b' || exit 2
run perf-baseline update -e other "$scratch/full.json"
expect_exit 0
expect_true 'the path to be there' test -s "$(cat stdout)"
cd .. && rm -r baselines/panel/other 'a b'

describe 'update refuses a run that is worse than what is there'
flat 20 >"$scratch/slow.json"
run perf-baseline update --suite shop "$scratch/slow.json"
expect_exit 1
expect_stdout ''
expect_stderr 'perf-baseline: the run is worse than what is there: overall, average '
expect_stderr '; where that is meant, accept it (`perf-baseline accept`), remove the older runs (git rm) or change baselines/policy.json, and update again'
expect_one_sentence
expect_runs 3

describe 'update offers no acceptance of what is over its limit'
flat 2500 >"$scratch/limit.json"
run perf-baseline update --suite limit "$scratch/limit.json"
expect_exit 1
expect_stderr '; where that is meant, remove the older runs (git rm) or change baselines/policy.json, and update again'
expect_one_sentence

describe 'update goes by the policy of the work tree'
mkdir -p baselines
echo '{"schema": "perfgate.policy/1", "thresholds": {"avg_response_time": 3}}' >baselines/policy.json
run perf-baseline update --suite shop "$scratch/slow.json"
expect_exit 0
rm "$(cat stdout)" baselines/policy.json

describe 'update refuses a run that is not valid'
sed 's/"valid": true/"valid": false, "invalid_reasons": ["interrupted"]/' "$scratch/full.json" >"$scratch/bad.json"
run perf-baseline update "$scratch/bad.json"
expect_exit 3
expect_stdout ''
expect_stderr "bad.json' is a run that cannot be trusted (interrupted), and no baseline; run it again"
expect_one_sentence
flat 0 0 >"$scratch/zero.json"
run perf-baseline update -s shop "$scratch/zero.json"
expect_exit 3
expect_stderr '(no_requests)'
expect_runs 3

describe 'update of a flat report needs a suite'
run perf-baseline update "$scratch/ten.json"
expect_exit 2
expect_stderr "ten.json' does not say which suite it is of; name it with --suite"
expect_one_sentence

for name in ../x a/b .x -x A '' "$(printf '%065d' 0)"; do
    describe "update refuses the suite's name '$name'"
    run perf-baseline update --suite="$name" "$scratch/ten.json"
    expect_exit 2
    expect_one_sentence
    expect_runs 3
done
describe 'update refuses an environment that leads outside'
run perf-baseline update -s shop -e ../../x "$scratch/ten.json"
expect_exit 2
expect_stderr "the environment's name '../../x' cannot be a directory's"
expect_one_sentence

# Bad documents: always exit 2, one sentence that names the file, and nothing written.
head -c 100 "$scratch/full.json" >"$scratch/truncated.json"
sed 's/"valid": true/"valid": 1/' "$scratch/full.json" >"$scratch/type.json"
sed 's/"valid"/"unknown": 1, "valid"/' "$scratch/full.json" >"$scratch/unknown.json"
sed 's/"valid"/"suite": "x", "valid"/' "$scratch/full.json" >"$scratch/duplicate.json"
sed 's/: 1000/: NaN/' "$scratch/full.json" >"$scratch/nan.json"
sed 's/: 1000/: -1/' "$scratch/full.json" >"$scratch/negative.json"
sed 's/panel/p\\u0000/' "$scratch/full.json" >"$scratch/nul.json"
sed 's/panel/p\xff/' "$scratch/full.json" >"$scratch/utf8.json"
sed 's/panel/..\/x/' "$scratch/full.json" >"$scratch/suite.json"
sed 's/"0123456789abcdef.*567"/"..\/..\/..\/x"/' "$scratch/full.json" >"$scratch/commit.json"
printf '[%.0s' $(seq 100) >"$scratch/depth.json"
truncate -s 70M "$scratch/size.json"
mkdir "$scratch/directory.json"
for name in truncated type unknown duplicate nan negative nul utf8 depth size directory missing; do
    describe "update refuses a report: $name"
    run perf-baseline update -s shop "$scratch/$name.json"
    expect_exit 2
    expect_stdout ''
    expect_stderr "$name.json'"
    expect_one_sentence
    expect_runs 3
done
for name in suite commit; do
    describe "update refuses a report: $name"
    run perf-baseline update "$scratch/$name.json"
    expect_exit 2
    expect_one_sentence
    expect_runs 3
done

describe 'update refuses a stored run that cannot be read'
cp "$path" "$scratch/kept.json"
echo '{' >"$path"
run perf-baseline update --suite shop -q "$scratch/slow.json"
expect_exit 2
expect_stderr "${path##*/}'"
expect_one_sentence
rm "$path" && ln -s "$scratch/kept.json" "$path"
run perf-baseline show --suite shop
expect_exit 2
expect_stderr "$path' is, or lies below, a symbolic link or a file; expected a file of its own"
rm "$path" && mv "$scratch/kept.json" "$path"

describe 'a directory that cannot be written: nothing is left behind'
rm -rf baselines/locked && : >baselines/locked
run perf-baseline update --suite locked "$scratch/ten.json"
expect_exit 2
expect_one_sentence
rm baselines/locked
expect_runs 3

describe 'list shows what is in the work tree, or at a revision'
run perf-baseline list
expect_exit 0
expect_match stdout '^suite  environment  runs +newest$'
expect_match stdout '^panel  ci              1  20261123T161100Z$'
expect_match stdout '^shop   default         2  [0-9]{8}T[0-9]{6}Z$'
run perf-baseline list HEAD
expect_exit 0
expect_match stdout '^shop   default         1 '
expect_true 'no uncommitted suite' test "$(wc -l <stdout)" -eq 2
run perf-baseline list --suite panel
expect_true 'one suite' test "$(wc -l <stdout)" -eq 2

describe 'show asks which runs are meant'
run perf-baseline show
expect_exit 2
expect_stderr 'perf-baseline: 2 sets of runs are there; name one with --suite and --environment (`perf-baseline list` shows them)'
expect_one_sentence
run perf-baseline show --suite nope
expect_exit 2
expect_stderr 'no run is there for this suite and environment'

describe 'show prints runs and endpoints, with control bytes made visible'
run perf-baseline show --suite panel
expect_exit 0
sed -E 's/-[0-9a-f]{12}\.json/-HASH.json/' stdout >masked
expect_golden masked baseline-show.txt
run perf-baseline show HEAD
expect_exit 0
expect_stdout 'baselines/shop/default, the newest 1 of 1 runs'

describe 'show prints a file, and a path at a revision'
run perf-baseline show "$scratch/ten.json"
expect_exit 0
expect_match stdout '^- +- +1000 +0\.00 % +10\.0 ms +30\.0 ms +50\.0 ms$'
run perf-baseline show "HEAD:$path"
expect_exit 0
expect_match stdout " ${head12} +1000 "
run perf-baseline show HEAD:nope.json
expect_exit 2
expect_stderr ":nope.json' does not exist"
expect_one_sentence
run perf-baseline show nope
expect_exit 2
expect_stderr "'nope' names no revision of this repository"
expect_one_sentence

describe 'show at a commit that a shallow clone lacks'
git clone -q --depth 1 "file://$PWD" "$scratch/shallow" && cd "$scratch/shallow" || exit 2
run perf-baseline show HEAD^1
expect_exit 3
expect_stderr 'type `git fetch --deepen=1`, or set `fetch-depth: 2` for actions/checkout'
expect_one_sentence
run perf-baseline show HEAD
expect_exit 0

describe 'GIT_DIR names the repository'
new_directory elsewhere
GIT_DIR=$scratch/shop/.git run perf-baseline list HEAD
expect_exit 0
expect_stdout shop
GIT_DIR=nowhere run perf-baseline list
expect_exit 2
expect_stderr "GIT_DIR names 'nowhere', which is not a git repository"

describe 'a SHA-256 repository is refused with a sentence'
new_directory . && git init -q --object-format=sha256 sha256
new_directory sha256
run perf-baseline list
expect_exit 2
expect_stderr "cannot read the repository around '.', whose format (SHA-256 object names or reftable, for example)"
expect_one_sentence

describe 'an option that a command does not heed is refused'
new_directory shop
for call in 'init --suite x' 'init --commit' 'update --keep 3' 'update --metric p95' 'update --value 0' \
    'accept --label x' 'accept --keep 1' 'anchor --reason x' 'anchor --until 2099-01-01' 'prune --scope x' \
    'show --commit' 'list --ref x' 'log --label x' 'diff --commit HEAD' 'verify --environment ci'; do
    # shellcheck disable=SC2086 # words
    run perf-baseline $call
    expect_exit 2
    expect_match stderr "^perf-baseline: ${call%% *} does not take --[a-z]*\$"
    expect_one_sentence
done
run perf-baseline verify --quiet
expect_exit 0

describe 'usage'
new_directory shop
run perf-baseline
expect_exit 2
expect_stderr 'perf-baseline: a command is missing; expected init, update, accept, anchor, prune, show, list, log, diff, verify, trend, push or study'
run perf-baseline nope
expect_exit 2
expect_stderr "perf-baseline: there is no command 'nope'; expected init, update, "
run perf-baseline update
expect_exit 2
expect_stderr 'perf-baseline: update needs a report: `perf-baseline update REPORT`'
run perf-baseline init x
expect_exit 2
expect_stderr "perf-baseline: 'x' is one argument too many for init"
run perf-baseline update --commit x
expect_exit 2
expect_one_sentence
run perf-baseline -h
expect_exit 0
expect_stdout 'usage: perf-baseline [OPTION...] COMMAND [ARGUMENT...]'
