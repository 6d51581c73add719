#!/usr/bin/env bash
# perf-baseline's accept, anchor, prune and diff, each in the work tree, on the branch and on a ref.
# shellcheck disable=SC2016 # backquotes in messages are meant literally
. "$(dirname "$0")/lib.sh"

export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Ann
git config --global user.email ann@example.org
git config --global init.defaultBranch main

# report AVERAGE START COMMIT [FORUM]: a report of the suite shop; the endpoint GET /forum has an
# average of its own.
report() {
    cat <<END
{"total_requests": 1000, "total_failures": 3, "requests_per_second": 812,
 "average_response_time": $1, "95th_percentile": 30, "99th_percentile": 50,
 "schema": "perfgate.report/1", "valid": true, "suite": "shop", "started_at": "$2", "commit": "$3",
 "endpoints": [
  {"name": "/", "method": "GET", "total_requests": 400, "total_failures": 3,
   "requests_per_second": 4, "average_response_time": $1, "95th_percentile": 30, "99th_percentile": 50},
  {"name": "/forum", "method": "GET", "total_requests": 400, "total_failures": 0,
   "requests_per_second": 4, "average_response_time": ${4-$1}, "95th_percentile": 30, "99th_percentile": 50},
  {"name": "/forum", "method": "POST", "total_requests": 200, "total_failures": 0,
   "requests_per_second": 2, "average_response_time": $1, "95th_percentile": 30, "99th_percentile": null}]}
END
}
# add DAY [OPTION...]: stores the run of that day of November; the path is in $path.
add() {
    report "10.$1" "2026-11-$1T10:00:00Z" "$1$1$1$1" >"$scratch/added.json"
    path=$(perf-baseline update -q "${@:2}" "$scratch/added.json") || fail 'the run was not added'
}
# new_repository NAME [DAY...]: makes it, with these runs committed, and goes there.
new_repository() {
    mkdir "$scratch/$1" && cd "$scratch/$1" && git init -q . || exit 2
    printf '%s\n' stdout stderr expected masked before after /load_test_report.json >.git/info/exclude
    for day in "${@:2}"; do
        add "$day"
    done
    perf-baseline init -q >/dev/null
    git add baselines && git commit -q -m runs
    report 11.83 2026-11-25T10:00:00Z abcdef0 118.3 >load_test_report.json
}
# expect_marks KIND N: as many files of it are in the work tree.
expect_marks() {
    local n
    n=$(find baselines -name "*.$1.json" | wc -l)
    [ "$n" -eq "$2" ] || fail "expected $2 files of $1, found $n"
}
newest_mark() {
    find baselines -name "*.$1.json" | sort | tail -n 1
}
# stage_much: files that are staged, changed, and not known, which nobody may touch.
stage_much() {
    echo a >a && echo b >b && echo c >c && git add a b c && git commit -q -m files
    echo 1 >>a && git add a && echo 1 >>b && echo d >d && git rm -q --cached c
    git status --porcelain -uall >before
}
expect_untouched() {
    git status --porcelain -uall >after
    local difference
    difference=$(diff before after) || fail "git status differs: $difference"
}
# far_ahead PATH: the mark becomes one of a writer whose clock is wrong.
far_ahead() {
    sed -E 's/_at": ".{4}/_at": "2199/' "$1" >"${1/default\/????/default/2199}" && rm "$1"
}
# on_ref REF: the paths of its files.
on_ref() {
    git ls-tree -r --name-only "$1"
}
accept=(perf-baseline accept --metric avg_response_time --reason 'new index')

# ---- accept ----

describe 'accept adds a file that says who accepted what, and why'
new_repository accept 10 11
run "${accept[@]}" --scope 'GET /forum' --until 2099-12-31
expect_exit 0
expect_match stdout '^baselines/shop/default/[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}\.accept\.json$'
path=$(cat stdout)
expect_stderr 'perf-baseline: GET /forum, average is accepted up to 131 ms until the end of 2099-12-31; the report has 118 ms, and the rest is room for noise (--value sets another)'
expect_stderr "perf-baseline: added an acceptance; next: \`git add '$path' && git commit\`"
sed -E 's/"accepted_at": ".*Z"/"accepted_at": "TIME"/' "$path" >masked
cat >expected <<END
{
  "schema": "perfgate.acceptance/1",
  "metric": "avg_response_time",
  "scope": "GET /forum",
  "value": 131,
  "reason": "new index",
  "by": "Ann <ann@example.org>",
  "accepted_at": "TIME",
  "commit": "$(git rev-parse HEAD)",
  "until": "2099-12-31"
}
END
expect_true 'the document' cmp masked expected
time=$(sed -E 's/.*\/(....)(..)(..)T(..)(..)(..)Z-.*/\1-\2-\3T\4:\5:\6Z/' <<<"$path")
expect_true 'the time in its name' grep -q "\"accepted_at\": \"$time\"" "$path"
hash=$(sed -E 's/.*Z-(.*)\.accept\.json/\1/' <<<"$path")
expect_true 'the hash in its name' test "$(git hash-object "$path" | cut -c 1-12)" = "$hash"

describe 'accept of what is accepted already adds nothing'
for more in '' '--value 131' '--value 130.9' '--value 120 --reason another' '--until 2098-01-01'; do
    # shellcheck disable=SC2086 # words
    run "${accept[@]}" --scope 'GET /forum' --until 2099-12-31 $more
    expect_exit 0
    expect_stdout "$path"
    expect_stderr 'perf-baseline: accepted already up to 131 ms until 2099-12-31 by Ann <ann@example.org> (new index); nothing was added (remove the file to accept less)'
    expect_one_sentence
    expect_marks accept 1
done

describe 'accept of more, for longer, or of something else adds a file that counts'
n=1
for more in '--value 131.1 --until 2099-12-31' '--value 132' '--value 133 --metric average_response_time' \
    '--value 1 --scope overall' '--metric p95' '--metric p95 --scope overall'; do
    # shellcheck disable=SC2086 # words
    run "${accept[@]}" --scope 'GET /forum' $more
    expect_exit 0
    n=$((n + 1))
    expect_marks accept $n
done
find baselines -name '*.accept.json' | sort | xargs cat |
    awk '/"metric"/ { metric = $2 } /"scope"/ { scope = $0 } /"value"/ && metric ~ /avg/ && scope ~ /forum/ { print $2 }' >masked
expect_true 'each later than the one before, though made within seconds' \
    test "$(tr -d '\n' <masked)" = '131,131.1,132,133,'
run perf-baseline verify
expect_exit 0
expect_stdout '2 runs, 1 policy, 7 acceptances, 0 anchors: all good'
git clean -qfd baselines

describe 'accept takes the value from the report, with room'
run "${accept[@]}" --metric error_rate
expect_stderr 'overall, error rate is accepted up to 0.65 %; the report has 0.30 %'
expect_true '3 failures and two standard errors' grep -q '"value": 0.00646,' "$(cat stdout)"
run "${accept[@]}" --metric requests_per_second
expect_stderr 'overall, requests per second is accepted down to 730 /s; the report has 812 /s'
run "${accept[@]}" --metric requests_per_second --value 800
expect_stderr 'accepted already up to 730 /s'
run "${accept[@]}" --value 11
expect_exit 0
expect_stderr 'overall, average is accepted up to 11.0 ms; the report has 11.8 ms'
expect_stderr "perf-baseline: the report's own figure is worse, and is not accepted by this"
git clean -qfd baselines

describe 'accept reads standard input and a named report, and --quiet leaves out the notes'
stdin=load_test_report.json run "${accept[@]}" -q -
expect_exit 0
expect_stderr ''
cp load_test_report.json "$scratch/other.json"
run "${accept[@]}" -s other -e ci "$scratch/other.json"
expect_exit 0
expect_match stdout '^baselines/other/ci/'
git clean -qfd baselines

# refused TEXT OPTION...: exit 2, one sentence, nothing added.
refused() {
    run perf-baseline accept "${@:2}"
    expect_exit 2
    expect_stdout ''
    expect_stderr "perf-baseline: $1"
    expect_one_sentence
    expect_marks accept 0
}
describe 'accept refuses what it cannot make sense of'
refused 'accept needs to know what is accepted: `perf-baseline accept --metric METRIC --reason TEXT`' --reason x
refused "--metric: there is no metric 'average'; expected one of avg_response_time, error_rate, 95th_percentile," --metric average --reason x
refused 'accept needs the reason, which every output repeats; name it with --reason TEXT' --metric p95
refused 'accept needs the reason, which every output repeats; name it with --reason TEXT' --metric p95 --reason $' \t\n'
refused "option '--reason': expected a value, found an empty one" --metric p95 --reason ''
refused "option '--value': " --metric p95 --reason x --value -1
refused "option '--value': " --metric p95 --reason x --value 10ms
refused '--value: expected a ratio from 0 to 1 for error_rate' --metric error_rate --reason x --value 5
for day in 2099-02-30 2099-12-3 20991231 tomorrow 2099-12-31T00:00:00Z; do
    refused "--until '$day': expected a day that exists, such as 2026-12-31" --metric p95 --reason x --until $day
done
refused "--until '2020-01-01' is over already; expected today or a later day" --metric p95 --reason x --until 2020-01-01
refused "'load_test_report.json' has no endpoint '/forum'; expected overall, or one that it has such as 'GET /forum', 'POST /forum' or 'GET /'" --metric p95 --reason x --scope /forum
refused "'load_test_report.json' has no figure of 99th_percentile for 'POST /forum' that could be accepted" --metric p99 --reason x --scope 'POST /forum'
refused "'load_test_report.json' has no figure of cpu_usage for 'overall'" --metric cpu_usage --reason x --value 0.5
refused "'b' is one argument too many for accept" a b
refused '--commit and --ref exclude each other' --metric p95 --reason x --commit --ref r
refused "the environment's name '../x' cannot be a directory's" --metric p95 --reason x -e ../x
refused "'the acceptance': larger than 64 KiB" --metric p95 --reason "$(head -c 70000 /dev/zero | tr '\0' x)"
refused "cannot open 'nope.json'" --metric p95 --reason x nope.json
echo '{' >masked
refused "'masked' line " --metric p95 --reason x masked

describe 'accept takes today as the last day, and not yesterday'
today=$(date -u +%F)
run "${accept[@]}" --until "$(date -u -d yesterday +%F)"
expect_exit 2
expect_stderr 'is over already'
run "${accept[@]}" --until "$today"
[ "$(date -u +%F)" != "$today" ] || expect_exit 0 # unless it is midnight
git clean -qfd baselines

describe 'accept refuses a run that cannot be trusted, unless the value is given'
sed 's/"valid": true/"valid": false, "invalid_reasons": ["interrupted"]/' load_test_report.json >"$scratch/bad.json"
run "${accept[@]}" "$scratch/bad.json"
expect_exit 3
expect_stderr "bad.json' is a run that cannot be trusted (interrupted), and no measure of what to accept; run it again"
expect_one_sentence
expect_marks accept 0
run "${accept[@]}" --value 20 "$scratch/bad.json"
expect_exit 0
git clean -qfd baselines

describe 'accept of a flat report: the whole run of a suite that is named'
printf '{"total_requests": 1000, "total_failures": 0, "requests_per_second": 10, "average_response_time": 10,
 "95th_percentile": 30, "99th_percentile": 50}\n' >masked
refused "'masked' does not say which suite it is of; name it with --suite" --metric p95 --reason x masked
refused "'masked' has no endpoint 'GET /', and no other; expected the scope overall" -s shop --metric p95 --reason x --scope 'GET /' masked
run "${accept[@]}" -s shop masked
expect_exit 0
git clean -qfd baselines

describe 'accept and anchor need to know who is at work'
mkdir "$scratch/nobody"
for command in accept anchor; do
    run env HOME="$scratch/nobody" perf-baseline $command
    expect_exit 2
    expect_one_sentence
done
expect_match stderr '^perf-baseline: an anchor needs an author, and nobody is configured; type `git config --global user\.name'
run env HOME="$scratch/nobody" "${accept[@]}"
expect_exit 2
expect_match stderr '^perf-baseline: an acceptance needs an author, and nobody is configured'
expect_one_sentence
expect_marks accept 0
run env GIT_COMMITTER_NAME=Bob GIT_COMMITTER_EMAIL=bob@example.org "${accept[@]}"
expect_true 'Bob' grep -q '"by": "Bob <bob@example.org>"' "$(cat stdout)"
git clean -qfd baselines

describe 'accept refuses where a mark cannot be read, and adds none beside it'
: >baselines/shop/default/20261123T161100Z-0123456789ab.accept.json
run "${accept[@]}"
expect_exit 2
expect_stderr '20261123T161100Z-0123456789ab.accept.json'
expect_one_sentence
expect_marks accept 1
git clean -qfd baselines

describe 'accept needs a repository'
mkdir "$scratch/none" && cp load_test_report.json "$scratch/none" && cd "$scratch/none" || exit 2
run "${accept[@]}"
expect_exit 2
expect_stderr 'there is no git repository here'
expect_one_sentence

describe 'accept --commit commits its file and leaves the rest as it was'
cd "$scratch/accept" || exit 2
stage_much
run "${accept[@]}" --commit --scope 'GET /forum' --until 2099-12-31
expect_exit 0
path=$(cat stdout)
expect_stderr "perf-baseline: committed as $(git rev-parse --short=7 HEAD)"
expect_true 'one file in the commit' test "$(git show --format= --name-status)" = "A	$path"
expect_true 'the same file in the work tree' git diff --quiet HEAD -- "$path"
expect_untouched
cat >expected <<'END'
perf-baseline: accept avg_response_time of GET /forum

suite: shop
environment: default
value: 131
reason: new index
until: 2099-12-31
END
git log -1 --format=%B | sed '$d' >masked
expect_true 'the message' diff masked expected
run "${accept[@]}" --commit --scope 'GET /forum' --until 2099-12-31
expect_stderr 'accepted already'
expect_true 'no other commit' test "$(git rev-list --count HEAD)" -eq 3

describe 'accept --commit commits what an earlier call left in the work tree'
run "${accept[@]}"
path=$(cat stdout)
run "${accept[@]}" --commit
expect_exit 0
expect_stdout "$path"
expect_true 'it in the commit' test "$(git show --format= --name-only)" = "$path"
expect_untouched
run "${accept[@]}" --value 14
far_ahead "$(cat stdout)"
run "${accept[@]}" --value 15 --commit
expect_exit 0
expect_true 'a file of its own' test "$(git show --format= --name-only)" = "$(cat stdout)"
expect_true 'it the newest in the work tree too' test "$(newest_mark accept)" = "$(cat stdout)"
git clean -qfd baselines
expect_untouched

describe 'accept --ref writes to the ref alone'
head=$(git rev-parse HEAD)
run "${accept[@]}" --ref refs/perf/baselines
expect_exit 0
path=$(cat stdout)
expect_match stderr '^perf-baseline: committed as [0-9a-f]{7} on refs/perf/baselines$'
expect_true 'its one file' test "$(on_ref refs/perf/baselines)" = "$path"
run "${accept[@]}" --ref refs/perf/baselines
expect_stdout "$path"
expect_stderr 'accepted already'
run "${accept[@]}" --ref refs/perf/baselines --value 100
expect_true 'two files' test "$(on_ref refs/perf/baselines | wc -l)" -eq 2
expect_untouched
expect_true 'the same HEAD' test "$(git rev-parse HEAD)" = "$head"
run perf-baseline verify refs/perf/baselines
expect_stdout '0 runs, 0 policies, 2 acceptances, 0 anchors: all good'
run "${accept[@]}" --ref main
expect_exit 2
expect_stderr "'refs/heads/main' is checked out in a work tree"
expect_one_sentence

describe 'writers at the same time: each finds its acceptance on the ref'
for metric in p95 p99 p95 error_rate p99 p95; do
    "${accept[@]}" -q --metric $metric --ref many &
done >"$scratch/paths" 2>"$scratch/errors"
wait
expect_true 'no errors' test ! -s "$scratch/errors"
expect_true 'a path each' test "$(grep -c '\.accept\.json$' "$scratch/paths")" -eq 6
on_ref many >masked
expect_true 'three files, which these are' test "$(sort -u "$scratch/paths")" = "$(cat masked)"
expect_true 'a file for each metric' test "$(wc -l <masked)" -eq 3

# ---- anchor ----

describe 'anchor marks the newest run'
new_repository anchor 10 11 12
newest=$(perf-baseline log | head -n 1 | cut -d ' ' -f 3)
oldest=$(perf-baseline log | tail -n 1 | cut -d ' ' -f 3)
run perf-baseline anchor --label v1.4
expect_exit 0
expect_match stdout '^baselines/shop/default/[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}\.anchor\.json$'
path=$(cat stdout)
expect_stderr "perf-baseline: ${newest##*/} is the anchor, as 'v1.4'"
expect_stderr "perf-baseline: added an anchor; next: \`git add '$path' && git commit\`"
sed -E 's/"anchored_at": ".*Z"/"anchored_at": "TIME"/' "$path" >masked
cat >expected <<END
{
  "schema": "perfgate.anchor/1",
  "run": "${newest##*/}",
  "label": "v1.4",
  "by": "Ann <ann@example.org>",
  "anchored_at": "TIME"
}
END
expect_true 'the document' cmp masked expected

describe 'anchor of the same adds nothing, another label does'
run perf-baseline anchor --label v1.4
expect_exit 0
expect_stdout "$path"
expect_stderr "perf-baseline: ${newest##*/} is the anchor already, as 'v1.4'; nothing was added"
expect_one_sentence
run perf-baseline anchor
expect_exit 0
expect_stderr "perf-baseline: ${newest##*/} is the anchor"
expect_marks anchor 2
expect_true 'it the newest, though made within a second' test "$(newest_mark anchor)" = "$(cat stdout)"
run perf-baseline anchor --label v1.4
expect_marks anchor 3
expect_true 'it the newest' test "$(newest_mark anchor)" = "$(cat stdout)"

describe 'anchor takes the name of a run, with or without its directory'
for name in "${oldest##*/}" "$oldest" "./$oldest" "$PWD/$oldest" "default/${oldest##*/}"; do
    run perf-baseline anchor "$name"
    expect_exit 0
    expect_stderr "${oldest##*/} is the anchor"
    expect_true 'the run' grep -qF "\"run\": \"${oldest##*/}\"" "$(cat stdout)"
    expect_marks anchor 4
done
cd baselines/shop || exit 2
run perf-baseline anchor "$newest"
expect_exit 0
expect_stdout "$scratch/anchor/baselines/shop/default/"
rm -f stdout stderr && cd ../..
git clean -qfd baselines

describe 'anchor takes a revision: its own run, else the newest that lay there'
git tag v1
add 13
git add baselines && git commit -q -m 'run 13'
run perf-baseline anchor v1
expect_exit 0
expect_stderr "${newest##*/} is the anchor"
report 10.2 2026-11-09T10:00:00Z "$(git rev-parse v1)" >"$scratch/tagged.json"
tagged=$(perf-baseline update -q "$scratch/tagged.json")
run perf-baseline anchor v1
expect_exit 0
expect_stderr "${tagged##*/} is the anchor"
git clean -qfd baselines
other=$(git commit-tree -m other "$(git mktree </dev/null)")
run perf-baseline anchor "$other"
expect_exit 2
expect_stderr "no run of $other (${other::7}) is in baselines/shop/default, and none that was the newest there; add one with"
expect_one_sentence

# no_anchor TEXT ARGUMENT...: exit 2, one sentence, nothing added.
no_anchor() {
    run perf-baseline anchor "${@:2}"
    expect_exit 2
    expect_stdout ''
    expect_stderr "perf-baseline: $1"
    expect_one_sentence
    expect_marks anchor 0
}
describe 'anchor refuses what is not there'
no_anchor "the run '20261123T161100Z-0123456789ab-0123456789ab.json' is not in the work tree; add or commit it first" 20261123T161100Z-0123456789ab-0123456789ab.json
no_anchor "the run 'ci/${oldest##*/}' is not in the work tree" "ci/${oldest##*/}"
no_anchor "the run 't/${oldest##*/}' is not in the work tree" "t/${oldest##*/}"
no_anchor "the run '${oldest:$((${#oldest} - 20))}' is not in the work tree" "${oldest:$((${#oldest} - 20))}"
no_anchor "'nope' names no revision of this repository" nope
no_anchor 'no run is there for this suite and environment' --suite nope
no_anchor "'the anchor': label: expected a text, found nothing" --label ' '
no_anchor "'x' is one argument too many for anchor" HEAD x
add 14
no_anchor "the run '${path##*/}' is not at $(git rev-parse --short=7 HEAD); add or commit it first" --commit "${path##*/}"
no_anchor 'no run is there yet; add one with' --ref empty
rm "$path"
mkdir -p baselines/shop/ci && cp "$oldest" baselines/shop/ci/
no_anchor "'${oldest##*/}' is a run of 2 suites or environments; name one with --suite and --environment" "${oldest##*/}"
no_anchor '2 sets of runs are there; name one with --suite and --environment'
run perf-baseline anchor "ci/${oldest##*/}"
expect_exit 0
expect_match stdout '^baselines/shop/ci/'
git clean -qfd baselines
mkdir -p baselines/shop/more && cp baselines/README.md baselines/shop/more/
no_anchor 'no run is in baselines/shop/more; add one with `perf-baseline update REPORT`' -e more
git clean -qfd baselines

describe 'anchor --commit commits its file and leaves the rest as it was'
stage_much
run perf-baseline anchor --commit --label v1.5
expect_exit 0
expect_true 'one file in the commit' test "$(git show --format= --name-status)" = "A	$(cat stdout)"
expect_true 'the subject' test "$(git log -1 --format=%s)" = 'perf-baseline: anchor v1.5'
expect_untouched
run perf-baseline anchor --commit --label v1.5
expect_stderr 'is the anchor already'
expect_untouched

describe 'anchor --commit commits what an earlier call left in the work tree'
run perf-baseline anchor --label v1.6
path=$(cat stdout)
run perf-baseline anchor --label v1.6 --commit
expect_exit 0
expect_stdout "$path"
expect_true 'it in the commit' test "$(git show --format= --name-only)" = "$path"
expect_untouched
run perf-baseline anchor --label v1.7
far_ahead "$(cat stdout)"
run perf-baseline anchor --label v1.8 --commit
expect_exit 0
expect_true 'it the newest in the work tree too' test "$(newest_mark anchor)" = "$(cat stdout)"
git clean -qfd baselines

describe 'anchor --ref writes to the ref alone'
add 20 --ref runs
run perf-baseline anchor --label v2 --ref runs
expect_exit 0
printf '%s\n' "$path" "$(cat stdout)" | sort >expected
expect_true 'a run and its anchor' test "$(on_ref runs)" = "$(cat expected)"
expect_stderr "${path##*/} is the anchor, as 'v2'"
expect_untouched
run perf-baseline anchor "${path##*/}" --label v2 --ref runs
expect_stderr 'is the anchor already'

describe 'verify names an anchor whose run is not there'
run perf-baseline verify
expect_exit 0
expect_stdout '4 runs, 1 policy, 0 acceptances, 3 anchors: all good'
git rm -q "$(perf-baseline log | head -n 1 | cut -d ' ' -f 3)"
run perf-baseline verify
expect_exit 2
expect_match stderr "\.anchor\.json' marks the run '.*\.json', which is not there; restore it from git, or set another anchor and prune$"

# ---- prune ----

describe 'prune keeps the newest runs, what is anchored, and what is accepted'
new_repository prune 10 11 12 13 14 15 16 17 18 19 20 21 22 23
perf-baseline log | cut -d ' ' -f 3 >"$scratch/all"
oldest=$(tail -n 1 "$scratch/all")
perf-baseline anchor -q "$oldest" --label v0 >"$scratch/old"
perf-baseline anchor -q --label v1 >>"$scratch/old"
perf-baseline anchor -q "$oldest" --label v2 >/dev/null
"${accept[@]}" -q >/dev/null
over=baselines/shop/default/20200101T000000Z-0123456789ab.accept.json
cat >$over <<'END'
{"schema": "perfgate.acceptance/1", "metric": "p95", "scope": "overall", "value": 1, "reason": "x",
 "by": "x", "accepted_at": "2020-01-01T00:00:00Z", "until": "2020-02-01"}
END
git add baselines && git commit -q -m marks
run perf-baseline prune
expect_exit 0
{
    sed -n 11,13p "$scratch/all"
    echo $over
    cat "$scratch/old"
} | sort >expected
sort stdout >masked
expect_true 'these paths' diff masked expected
git ls-files -d | sort >masked
expect_true 'these files gone, and no other' diff masked expected
expect_stderr 'perf-baseline: removed 3 runs, 1 acceptance, 2 anchors; 11 runs are kept'
expect_stderr "perf-baseline: next: \`git add 'baselines' && git commit\`"
run perf-baseline verify
expect_stdout '11 runs, 1 policy, 1 acceptance, 1 anchor: all good'
run perf-baseline prune
expect_exit 0
expect_stdout ''
expect_stderr 'perf-baseline: nothing to remove: the newest 10 runs of each suite and environment stay, and what is anchored or accepted'
expect_one_sentence

describe 'prune removes no file of which git has nothing, or something else'
git checkout -q baselines
victim=$(sed -n 12p "$scratch/all")
echo >>"$victim"
for more in '' --commit; do
    run perf-baseline prune $more
    expect_exit 2
    expect_stdout ''
    expect_stderr "$victim' is there with other bytes than it should have; move it away, and try again"
    expect_one_sentence
    expect_true 'nothing gone' test -z "$(git ls-files -d)"
done
git checkout -q baselines
git rm -q --cached "$victim" && git commit -q -m forgotten
run perf-baseline prune
expect_exit 2
expect_stderr "$victim' is not committed, and would be lost; commit it first, or remove it yourself"
expect_one_sentence
expect_true 'nothing gone' test -z "$(git ls-files -d)"
git reset -q HEAD~1

describe 'prune --commit is one commit, and leaves the rest as it was'
stage_much
run perf-baseline prune --commit --keep 2
expect_exit 0
sed 's/^/D	/' stdout | sort >expected
git show --format= --name-status | sort >masked
expect_true 'the paths in the commit' diff masked expected
expect_true '14 files' test "$(wc -l <masked)" -eq 14
expect_untouched
expect_true 'the subject' test "$(git log -1 --format=%s)" = 'perf-baseline: remove 11 runs, 1 acceptance, 2 anchors'
expect_true 'them in git' git cat-file -e "HEAD~1:$victim"
run perf-baseline log
expect_true 'three runs' test "$(wc -l <stdout)" -eq 3
expect_stdout "$oldest"

describe 'prune of one environment leaves the others'
add 24 -e ci
add 25 -e ci
git add baselines/shop && git commit -q -m ci -- baselines
run perf-baseline prune --keep 1 -e ci --commit
expect_exit 0
expect_match stdout '^baselines/shop/ci/20261124T'
expect_true 'one path' test "$(wc -l <stdout)" -eq 1
run perf-baseline prune --keep 1 -e nope --commit
expect_exit 0
expect_stdout ''
run perf-baseline prune --keep 1 --commit
expect_exit 0
expect_match stdout '^baselines/shop/default/'
expect_true 'one path' test "$(wc -l <stdout)" -eq 1

describe 'prune --ref keeps 100 runs by default, and writes to the ref alone'
for day in 10 11 12 13; do
    add $day --ref runs
done
tip=$(git rev-parse runs)
run perf-baseline prune --ref runs
expect_exit 0
expect_stderr 'nothing to remove: the newest 100 runs'
run perf-baseline prune --ref runs --keep 3
expect_exit 0
expect_match stdout '^baselines/shop/default/20261110T'
expect_true 'three runs there' test "$(on_ref runs | wc -l)" -eq 3
expect_true 'an ordinary commit' test "$(git rev-parse runs~1)" = "$tip"
expect_untouched

describe 'prune refuses a number that keeps nothing'
for n in 0 -1 x; do
    run perf-baseline prune --keep $n
    expect_exit 2
    expect_stderr "option '--keep': "
    expect_one_sentence
done
run perf-baseline prune x
expect_exit 2
expect_stderr "'x' is one argument too many for prune"

describe 'prune refuses where the anchor cannot be read: it may mark any run'
echo '{' >baselines/shop/default/29991231T000000Z-0123456789ab.anchor.json
run perf-baseline prune --keep 1
expect_exit 2
expect_stderr '29991231T000000Z-0123456789ab.anchor.json'
expect_one_sentence

# ---- diff ----

# mask: what differs from run to run.
mask() {
    sed -E 's/\b[0-9a-f]{7}\b/XXXXXXX/; s/-[0-9a-f]{12}\.json/-HASH.json/'
}
describe 'diff shows runs, medians and marks'
new_repository diff 10 11 12
git tag v1
v1=$(git rev-parse --short=7 v1)
run perf-baseline diff v1 HEAD
expect_exit 0
expect_stdout ''
expect_stderr "perf-baseline: nothing differs between $v1 and $v1"
run perf-baseline diff v1
expect_exit 0
expect_stdout ''
expect_stderr "perf-baseline: nothing differs between $v1 and the work tree"
sed -i 's/"avg_response_time": 1.1,/"avg_response_time": 5,/' baselines/policy.json
for day in 20 21; do
    report 12 "2026-11-${day}T10:00:00Z" 202020202020 30 >"$scratch/slow.json"
    perf-baseline update -q "$scratch/slow.json" >/dev/null
    git rm -q "$(perf-baseline log | tail -n 1 | cut -d ' ' -f 3)"
done
"${accept[@]}" -q --scope 'GET /forum' --until 2099-12-31 --reason $'a new\tindex' >/dev/null
perf-baseline anchor -q --label v1.4 >/dev/null
run perf-baseline diff v1
expect_exit 0
expect_stderr ''
mask <stdout >masked
expect_golden masked baseline-diff.txt

describe 'diff of two revisions shows the same, and the other way round the opposite'
git add baselines && git commit -q -m change
run perf-baseline diff v1 HEAD
expect_exit 0
head=$(git rev-parse --short=7 HEAD)
expect_stdout "policy changed; \`git diff $v1 $head -- baselines/policy.json\` shows it"
expect_stdout "baselines/shop/default: 3 runs at $v1, 3 at $head"
sed -e "s/at $head/in the work tree/; s/ $head -- / -- /; s/ $head / work tree /" stdout | mask | sed -E 's/ +/ /g' >expected
sed -E 's/ +/ /g' masked >after
expect_true 'the same' diff after expected
run perf-baseline diff HEAD v1
expect_exit 0
expect_stdout 'acceptance removed: GET /forum, average up to 131 ms until 2099-12-31, by Ann <ann@example.org>: a new<U+0009>index'
expect_stdout 'anchor removed: v1.4, 20261121T100000Z-202020202020-'
expect_match stdout '^GET /forum +average +30\.0 ms +10\.1 ms +-66\.3 %$'
run perf-baseline diff v1 -s nope
expect_exit 0
expect_true 'the policy alone' test "$(wc -l <stdout)" -eq 1

describe 'diff shows a bounded number of runs, and says so'
for i in $(seq 30 55); do
    report "10.$i" "2026-10-01T10:00:${i}Z" 3030303 >"$scratch/more.json"
    perf-baseline update -q "$scratch/more.json" >/dev/null
done
run perf-baseline diff HEAD
expect_exit 0
expect_stdout 'and 16 more added'
expect_true 'ten of them' test "$(grep -c '^added ' stdout)" -eq 10
expect_match stdout '^baselines/shop/default: 3 runs at [0-9a-f]{7}, 29 in the work tree$'
git clean -qfd baselines

describe 'diff of an environment that one side alone has'
add 15 -e ci
run perf-baseline diff HEAD
expect_exit 0
expect_match stdout '^baselines/shop/ci: 0 runs at [0-9a-f]{7}, 1 in the work tree$'
expect_true 'no medians' test "$(grep -c medians stdout)" -eq 0
expect_true 'one environment' test "$(grep -c '^baselines/' stdout)" -eq 1

describe 'diff of an acceptance that was edited'
git clean -qfd baselines
sed -i 's/131/126/' "$(newest_mark accept)"
run perf-baseline diff HEAD
expect_exit 0
expect_stdout 'acceptance added: GET /forum, average up to 126 ms'
expect_stdout 'acceptance removed: GET /forum, average up to 131 ms'
git checkout -q baselines

describe 'diff of runs that sent other requests'
sed 's/"valid": true/"valid": true, "workload": "1111111111111111"/; s/POST/PUT/' "$scratch/added.json" >"$scratch/one.json"
sed 's/"valid": true/"valid": true, "workload": "2222222222222222"/; s/T10:/T11:/' "$scratch/added.json" >"$scratch/two.json"
perf-baseline update -q -e work "$scratch/one.json" >/dev/null
git add baselines && git commit -q -m work
git rm -q -r baselines/shop/work
perf-baseline update -q -e work "$scratch/two.json" >/dev/null
run perf-baseline diff HEAD
expect_stdout 'the newest runs are of different workloads: their figures are not of the same requests'
expect_stdout 'endpoints added: POST /forum'
expect_stdout 'endpoints gone: PUT /forum'
git reset -q --hard

describe 'diff refuses what it cannot compare'
run perf-baseline diff
expect_exit 2
expect_stderr 'diff needs one revision, which is compared with the work tree, or two: `perf-baseline diff REV [REV]`'
expect_one_sentence
run perf-baseline diff nope
expect_exit 2
expect_stderr "'nope' names no revision of this repository"
expect_one_sentence
run perf-baseline diff HEAD HEAD HEAD
expect_exit 2
expect_stderr "'HEAD' is one argument too many for diff"
echo '{' >baselines/shop/default/20261123T161100Z-0123456789ab-0123456789ab.json
run perf-baseline diff HEAD
expect_exit 2
expect_stderr "20261123T161100Z-0123456789ab-0123456789ab.json' line "
expect_one_sentence
rm baselines/shop/default/20261123T161100Z-0123456789ab-0123456789ab.json
echo '{' >baselines/policy.json
run perf-baseline diff HEAD
expect_exit 2
expect_stderr "baselines/policy.json'"
expect_one_sentence
git checkout -q baselines

describe 'a bare repository: a ref can be written to, revisions can be compared'
git clone -q --bare . "$scratch/bare.git" && cd "$scratch/bare.git" || exit 2
cp "$scratch/diff/load_test_report.json" "$scratch/"
run "${accept[@]}" --ref runs "$scratch/load_test_report.json"
expect_exit 0
run "${accept[@]}" "$scratch/load_test_report.json"
expect_exit 2
expect_stderr 'this repository is bare, and has no work tree to write to'
expect_one_sentence
for command in 'anchor --commit' prune; do
    # shellcheck disable=SC2086 # words
    run perf-baseline $command
    expect_exit 2
    expect_stderr 'this repository is bare, and has no work tree to write to'
    expect_one_sentence
done
run perf-baseline diff v1
expect_exit 0
expect_stdout 'anchor added: v1.4'
