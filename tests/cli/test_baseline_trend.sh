#!/usr/bin/env bash
# perf-baseline trend: the run and the commit at which a suite got slower.
. "$(dirname "$0")/lib.sh"

export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Ann
git config --global user.email ann@example.org
git config --global init.defaultBranch main
git init -q shop && cd shop || exit 2
printf '%s\n' stdout stderr '*.json.new' >.git/info/exclude

# report N AVERAGE FORUM COMMIT [MORE]: the run of the Nth hour; p95 is three times the average, MORE
# further keys. The noise is up to 1.5 %, by number, and the same in each call.
report() {
    awk -v n="$1" -v average="$2" -v forum="$3" -v commit="$4" -v more="${5-}" 'BEGIN {
        noise = 1 + (n * 7 % 11 - 5) * 0.003
        day = 1 + int(n / 24); hour = n % 24
        figures = "\"total_requests\": %d, \"total_failures\": %d, \"requests_per_second\": 10, " \
            "\"average_response_time\": %.6g, \"95th_percentile\": %.6g, \"99th_percentile\": 90"
        printf "{" figures ", \"schema\": \"perfgate.report/1\", ", 1000, 3, average * noise, 3 * average * noise
        printf "\"valid\": true, \"suite\": \"shop\", \"commit\": \"%s\", %s", commit, more
        printf "\"started_at\": \"2026-11-%02dT%02d:00:00Z\", \"endpoints\": [", day, hour
        printf "{\"name\": \"/\", \"method\": \"GET\", " figures "}, ", 600, 3, average, 3 * average
        printf "{\"name\": \"/forum\", \"method\": \"GET\", " figures "}]}\n", 400, 0, forum * noise, 3 * forum
    }'
}

# add N AVERAGE FORUM [MORE]: a commit, and its run; fails as `update` does.
add() {
    git commit -q --allow-empty -m "change $1"
    report "$1" "$2" "$3" "$(git rev-parse HEAD)" "${4-}" >run.json.new
    perf-baseline update -q run.json.new >/dev/null
}

describe 'of nothing there is no trend'
run perf-baseline trend
expect_exit 2
expect_stderr "no run is there yet; add one with \`perf-baseline update REPORT\`"

describe 'too few runs tell nothing'
for ((n = 1; n < 10; n++)); do
    add $n 20 50 || fail "run $n was not added"
done
run perf-baseline trend
expect_exit 0
expect_stdout 'baselines/shop/default, overall: 9 of 9 runs, from 2026-11-01T01:00:00Z to 2026-11-01T09:00:00Z'
expect_stdout 'too few runs to tell, 9 of at least 10: average, error rate, p95'
expect_stderr ''

describe 'runs that do not change'
for ((n = 10; n < 21; n++)); do
    add $n 20 50 || fail "run $n was not added"
done
run perf-baseline trend
expect_exit 0
expect_stdout 'no change in 20 runs: average, error rate, p95'
expect_true 'two lines' test "$(wc -l <stdout)" -eq 2

# 8 % more is less than the gate's threshold, and so it passes.
describe 'a step that the gate lets pass is found, with its commit'
for ((n = 21; n < 31; n++)); do
    add $n 21.6 50 || fail "run $n was not added"
done
step=$(git rev-parse --short=12 HEAD~9) before=$(git rev-parse --short=12 HEAD~10)
for ((n = 31; n < 41; n++)); do
    add $n 21.6 54 || fail "run $n was not added"
done
forum=$(git rev-parse --short=12 HEAD~9) forum_before=$(git rev-parse --short=12 HEAD~10)
run perf-baseline trend
expect_exit 0
expect_stderr ''
cat >expected.json.new <<END
baselines/shop/default, overall: 40 of 40 runs, from 2026-11-01T01:00:00Z to 2026-11-02T16:00:00Z

metric   since                 commit        commit before     from       to  change      p
average  2026-11-01T21:00:00Z  $step  $before   20.0 ms  21.6 ms  +7.8 %  0.001
p95      2026-11-01T21:00:00Z  $step  $before   60.1 ms  64.8 ms  +7.8 %  0.001

no change in 40 runs: error rate
END
difference=$(diff expected.json.new stdout) || fail "$difference"

describe 'it is the same each time'
run perf-baseline trend
expect_true 'the same text' cmp expected.json.new stdout

describe 'the trend of an endpoint'
run perf-baseline trend --scope 'GET /forum'
expect_exit 0
expect_stdout 'baselines/shop/default, GET /forum: 40 of 40 runs'
expect_match stdout "^average  2026-11-02T07:00:00Z  $forum  $forum_before +50\.0 ms +54\.1 ms +\+8\.2 % +0\.001$"
expect_match stdout "^p95      2026-11-02T07:00:00Z  $forum  $forum_before +150 ms +162 ms +\+8\.0 %"
expect_stdout 'no change in 40 runs: error rate'
run perf-baseline trend --scope 'GET /formu'
expect_exit 2
expect_stdout ''
expect_stderr "has no endpoint 'GET /formu'; expected overall, or one that it has such as 'GET /forum'"
expect_one_sentence

describe 'the forms of a trend are those of -h, each in its own way'
perf-baseline -h | sed -nE 's/.*--format ([a-z|]+).*/\1/p' >forms.json.new
expect_true 'text, html, json and csv' test "$(cat forms.json.new)" = 'text|html|json|csv'
run perf-baseline trend --format text
expect_true 'the same text' cmp expected.json.new stdout
run perf-baseline log --format json
expect_exit 2
expect_stderr 'log does not take --format'

# Whatever a label or a reason says, it stays what it is in each form.
describe 'anchors and acceptances are told, with their commits'
# shellcheck disable=SC2016 # as it stands
label='=1+1 | <b> "x", @all ::error::'
anchored=$(git rev-parse --short=12 HEAD~25)
perf-baseline anchor -q --label v0 "$(git rev-parse HEAD~30)" >run.json.new 2>&1 || fail "$(cat run.json.new)"
perf-baseline anchor -q --label "$label" "$(git rev-parse HEAD~25)" >run.json.new 2>&1 || fail "$(cat run.json.new)"
report 40 21.6 54 "$(git rev-parse HEAD)" >run.json.new
perf-baseline accept -q run.json.new --metric avg_response_time --reason "$label" --value 24 >out.json.new 2>&1 ||
    fail "$(cat out.json.new)"
run perf-baseline trend
expect_exit 0
expect_match stdout "^20[0-9-]+T[0-9:]+Z: anchor, commit [0-9a-f]{12}: v0$"
expect_stdout ": anchor, commit $anchored: $label"
expect_stdout ": accepted average up to 24.0 ms, commit $(git rev-parse --short=12 HEAD): $label"

describe 'a trend as JSON'
run perf-baseline trend --format json
expect_exit 0
expect_stdout '"schema": "perfgate.trend/1"'
expect_true 'forty runs' test "$(grep -c '"started_at"' stdout)" -eq 40
expect_stdout '"changes": []' # of the error rate
expect_match stdout '\{"run": 20, "last_before": 19, "before": 20\.[0-9]+, "after": 21\.6, "change_percent": 7\.8[0-9]*, "p": 0\.001\}'
expect_match stdout "\"kind\": \"anchor\", \"run\": 14, .*\"commit\": \"$anchored\", .*\"text\": \"=1\+1 "
expect_match stdout '"kind": "acceptance", "run": 40, .*"metric": "avg_response_time", "value": 24\}'
expect_match stdout "\"commit\": \"$step\", \"file\": \"baselines/shop/default/2026[^\"]*\""

describe 'a trend as CSV: a line a run, no formula'
run perf-baseline trend --format csv
expect_exit 0
expect_true 'a head and forty runs' test "$(wc -l <stdout)" -eq 41
expect_match stdout '^started_at,commit,file,changed,anchor,accepted,avg_response_time,avg_response_time_level,error_rate,error_rate_level,95th_percentile,95th_percentile_level.$'
expect_match stdout "^2026-11-01T21:00:00Z,$step,baselines/[^,]*,avg_response_time; 95th_percentile,,,21\.[0-9]+,21\.6,0\.003,,64\.[0-9]+,64\.8.\$"
expect_match stdout "^[^,]*,$anchored,[^,]*,,\"'=1\+1 \| <b> \"\"x\"\", @all ::error::\",,"
expect_match stdout '^2026-11-02T16:00:00Z,.*,"avg_response_time: =1\+1 '

describe 'a trend as a page: charts, changes and marks, each with its commit, and nothing that acts'
run perf-baseline trend --format html
expect_exit 0
expect_true 'a chart for each metric' test "$(grep -c '<svg role="img"' stdout)" -eq 3
expect_match stdout "worse: average</td><td class=\"n\">2026-11-01T21:00:00Z</td><td class=\"n\"><bdi>$step</bdi></td><td class=\"n\"><bdi>$before</bdi>"
expect_match stdout "<desc>40 runs; from 20\.0 ms to 21\.6 ms at 2026-11-01T21:00:00Z, commit $step</desc>"
expect_stdout "$anchored"
expect_stdout '=1+1 | &lt;b&gt; &quot;x&quot;, @all ::error::'
expect_true 'no element of a label' test -z "$(grep -E '<(b> |script)' stdout)"
expect_true 'nothing is loaded' test -z "$(grep -E ' (src|href)=|url\(|@import' stdout)"
sed 's/<meta[^>]*>//g; s/<!DOCTYPE html>//' stdout >page.json.new
run xmllint --noout page.json.new
expect_exit 0
expect_stderr ''
run perf-baseline trend --scope 'GET /forum' --format html
expect_stdout 'GET /forum'
rm baselines/shop/default/*.anchor.json baselines/shop/default/*.accept.json

describe 'at a revision, and of a suite and environment that are named'
git add baselines && git commit -q -m runs
run perf-baseline trend HEAD --suite shop --environment default
expect_exit 0
expect_true 'the same text' cmp expected.json.new stdout
run perf-baseline trend HEAD~1
expect_exit 2
expect_stderr 'no run is there yet'
run perf-baseline trend --suite nope
expect_exit 2
expect_stderr 'no run is there for this suite and environment'
run perf-baseline trend HEAD HEAD
expect_exit 2
run perf-baseline trend --metric avg_response_time
expect_exit 2
expect_stderr 'trend does not take --metric'

describe 'what the policy has a threshold for is looked at'
cat >baselines/policy.json <<'END'
{"schema": "perfgate.policy/1", "thresholds": {"99th_percentile": 1.3},
 "endpoints": {"GET /forum": {"thresholds": {"requests_per_second": 1.1}}}}
END
run perf-baseline trend
expect_exit 0
expect_stdout 'no change in 40 runs: error rate, p99'
run perf-baseline trend --scope 'GET /forum'
expect_stdout 'no change in 40 runs: error rate, p99, '
rm baselines/policy.json

describe 'one commit on both sides was not the code'
sed -i "s/$(git rev-parse "$before")/$(git rev-parse "$step")/" baselines/shop/default/*"$before"*
(cd baselines/shop/default && mv ./*"$before"* "$(echo ./*"$before"* | sed "s/$before/$step/")")
run perf-baseline trend
expect_exit 0
expect_match stdout "^average  2026-11-01T21:00:00Z  $step  $step "
expect_stdout 'average, 2026-11-01T21:00:00Z: one commit on both sides, so it was not the code that changed'
git checkout -q . && git clean -qfd baselines

describe 'runs of another workload, on another machine or not valid are left out'
# put N AVERAGE MORE: a run that lies there, whatever the gate says.
put() {
    report "$1" "$2" 50 abcdef "$3" >"$(printf 'baselines/shop/default/202611%02dT%02d0000Z-abcdef000000-%012d.json' $((1 + $1 / 24)) $(($1 % 24)) "$1")"
}
put 41 90 '"workload": "00112233445566778899aabbccddeeff", '
put 42 90 '"environment": {"cpu_model": "Other", "cores": 2}, '
put 43 90 '"environment": {"cpu_model": "Other", "cores": 2}, '
put 44 21.6 ''
report 45 90 50 abcdef | sed 's/"valid": true/"valid": false/' \
    >baselines/shop/default/20261102T210000Z-abcdef000000-000000000045.json
run perf-baseline trend
expect_exit 0
expect_stdout 'overall: 41 of 45 runs, from 2026-11-01T01:00:00Z to 2026-11-02T20:00:00Z'
expect_stderr '4 runs left out: 1 of another workload, 2 of another kind of machine than the newest, 1 invalid, 0 without requests to the endpoint'
expect_match stdout "^average .* $step  $before .*\+7\.8 %"
run perf-baseline trend -q
expect_stderr ''

describe 'an endpoint that some runs lack'
sed -i 's,/forum,/other,' baselines/shop/default/20261101T0[1-5]*.json
run perf-baseline trend --scope 'GET /forum'
expect_exit 0
expect_stdout 'GET /forum: 36 of 45 runs'
expect_stderr '5 without requests to the endpoint'
git checkout -q baselines

describe 'a run that cannot be read is an error'
echo '{' >baselines/shop/default/20261101T010000Z-abcdef000000-000000000001.json
run perf-baseline trend
expect_exit 2
expect_stdout ''
expect_one_sentence
rm baselines/shop/default/20261101T010000Z-abcdef000000-000000000001.json

describe 'no valid run at all'
rm -r baselines && mkdir -p baselines/shop/default
report 1 20 50 abcdef | sed 's/"valid": true/"valid": false/' \
    >baselines/shop/default/20261101T010000Z-abcdef000000-000000000001.json
run perf-baseline trend
expect_exit 0
expect_stdout 'baselines/shop/default, overall: 0 of 1 runs'
expect_stdout 'too few runs to tell, 0 of at least 10: average, error rate, p95'
for form in html json csv; do
    run perf-baseline trend --format $form
    expect_exit 0
done
expect_true 'a head alone' test "$(wc -l <stdout)" -eq 1

describe 'of very many runs the newest 1,000 are looked at'
text=$(report 0 20 50 abcdef)
for ((n = 0; n < 1001; n++)); do
    printf -v name '%02d%02d%02d' $((n / 3600)) $((n / 60 % 60)) $((n % 60))
    echo "$text" >"baselines/shop/default/20261103T${name}Z-abcdef000000-000000000000.json"
done
rm baselines/shop/default/20261101T*
run perf-baseline trend
expect_exit 0
expect_stdout 'overall: 1000 of 1001 runs'
expect_stderr 'only the newest 1000 runs were looked at'
expect_stdout 'no change in 1000 runs: average, error rate, p95'
