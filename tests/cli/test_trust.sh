#!/usr/bin/env bash
# What a change may do to the files that it is judged by: nothing that counts, and nothing unseen.
. "$(dirname "$0")/lib.sh"
git init -q -b main repo && cd repo || exit 1
git config user.email test@example.com && git config user.name test
dir=baselines/demo/default
policy='{"schema": "perfgate.policy/1", "thresholds": {"avg_response_time": AVERAGE}}'

# report ID RATIO: the report of a run whose latencies are RATIO times the base's.
report() {
    sed 's/"total_failures": [0-9]*,/"total_failures": 0,/; s/1250,/125,/' "$root/tests/data/report.json" |
        sed "s/00000000000000a1/00000000000000$1/" |
        awk -v ratio="$2" '/"average_response_time": 11.25,/ && !n++ { sub(/11.25/, 11.25 * ratio) } { print }'
}

# change: a branch of its own from the base, as a pull request's.
change() {
    git checkout -q -f main && git clean -qfd && git checkout -q -B change
}

report a1 1 >../run.json
report a2 1 >../same.json
report a3 1.5 >../slow.json
run perf-baseline init
run perf-baseline update --commit ../run.json
echo "${policy/AVERAGE/1.1}" >baselines/policy.json
git add -A && git commit -qm base
git update-ref refs/remotes/origin/main main
base=$(git rev-parse --short=7 main)

# judged EXIT REPORT: commits the change, and compares.
judged() {
    git add -A && git commit -qm change
    run perf-compare "../$2"
    expect_exit "$1"
    expect_stdout "fork point with origin/main $base"
}

describe 'a change that touches nothing is judged without a word about it'
change
echo 1 >code
judged 0 same.json
expect_true 'no warning' test -z "$(grep -i 'the change' stdout)"
judged_slow() {
    run perf-compare ../slow.json
    expect_exit 1
    expect_match stdout '^regressed +overall +average'
}
judged_slow

describe 'a run that the change adds does not count, and is told'
change
report a4 1.5 >../extra.json
rm "$dir"/*.json
run perf-baseline update ../extra.json
expect_exit 0
judged 1 slow.json
expect_stdout "the change removes '$dir/"
expect_stdout 'the change adds 1 run and 0 marks below baselines/, which count once the base has them'
expect_stdout "$dir, 1 run, newest"

describe 'a run that the change edits'
change
sed -i 's/11.2[0-9]*/900/' "$dir"/*.json
judged 1 slow.json
expect_stdout "the change changes '$dir/"

describe 'a run in the form of a link, and a link in place of the directory'
change
name=$(basename "$dir"/*.json)
ln -sf /etc/passwd "$dir/$name"
judged 1 slow.json
expect_stdout "the change adds '$dir/$name', a symbolic link, which is never followed"
change
mv baselines ../elsewhere && ln -s ../elsewhere baselines
judged 1 slow.json
expect_stdout "the change has 'baselines', which is no directory"
rm -rf ../elsewhere

describe 'a huge run, a deep one, one of a newer version, and one of no form'
change
head -c 5000000 /dev/zero | tr '\0' ' ' >"$dir/20300101T000000Z-000000000000-000000000001.json"
printf '%3000s' '' | tr ' ' '[' >"$dir/20300101T000000Z-000000000000-000000000002.json"
echo '{"schema": "perfgate.report/9"}' >"$dir/20300101T000000Z-000000000000-000000000003.json"
echo '{' >"$dir/20300101T000000Z-000000000004.accept.json"
judged 1 slow.json
for i in 1 2 3; do
    expect_match stdout "the change adds '$dir/[^']*-00000000000$i.json', which cannot be used"
done
expect_match stdout "the change adds '$dir/[^']*4.accept.json', which cannot be used"

describe 'a second policy'
change
cp baselines/policy.json "$dir/policy.json"
cp baselines/policy.json baselines/Policy.json
judged 1 slow.json
expect_stdout "the change adds '$dir/policy.json', whose name means nothing here"
expect_stdout "the change adds 'baselines/Policy.json', whose name means nothing here"

describe 'a looser policy, and a stricter one: the worse status stands'
change
echo "${policy/AVERAGE/9}" >baselines/policy.json
judged 1 slow.json
expect_stdout "the work tree changes baselines/policy.json of fork point with origin/main $base: rows are judged under both policies"
change
echo "${policy/AVERAGE/0.5}" >baselines/policy.json
judged 1 same.json
expect_stdout 'rows are judged under both policies'

describe 'a policy that cannot be used: the base judges, and nothing passes'
for how in "ln -sf /etc/passwd baselines/policy.json" "echo '{' >baselines/policy.json" \
    "rm baselines/policy.json && mkdir baselines/policy.json && touch baselines/policy.json/x"; do
    change
    eval "$how"
    judged 1 slow.json
    judged 3 same.json 2>/dev/null
    expect_stdout 'nothing passes while the policy of the change cannot be used'
done

describe 'many files at once are counted'
change
for i in $(seq 10 40); do
    echo '{}' >"$dir/nonsense$i.json"
done
judged 0 same.json
expect_stdout 'the change touches 21 more files below baselines/'
