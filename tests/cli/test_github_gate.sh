#!/usr/bin/env bash
# ci/github/gate: the work of the action, as far as nothing is measured: judging reports, what cannot be
# built or fetched, and what GitHub is told. (tests/load/test_github_gate.sh measures.)
. "$(dirname "$0")/lib.sh"
. "$root/tests/cli/github_gate.sh"

mkdir -p work/service/perf
echo "{}" >work/service/perf/scenario.json
make_pull_request

describe 'a report of an earlier step is judged by the base revision, with the same outputs'
for start in 1 2; do
    for role in candidate base; do
        awk -f "$root/tests/data/pair.awk" -v role=$role -v start=$start -v seed=$start -v ratio=1.5 -v slow=/forum \
            >"$start.$role.json"
    done
    mv $start.candidate.json $start.json
done
check_out
export GATE_REPORT="$PWD/1.json
$PWD/2.json"
gate
expect_exit 1
expect_output verdict fail
expect_output exit-code 1
expect_output directory "$PWD/temp/perf-gate"
expect_output report "$PWD/temp/perf-gate/verdict.html"
expect_match summary.md 'GET /forum'
expect_match stdout '^::error.*GET /forum'
for file in perf_verdict.json verdict.md verdict.txt verdict.html; do
    expect_true "$file" test -s "temp/perf-gate/$file"
done

describe 'a report without a baseline is undecided: exit 3'
export GATE_REPORT=$root/tests/data/report.json
gate
expect_exit 3
expect_output verdict undecided
expect_output exit-code 3

describe 'a baseline that is named, and a run that passes: exit 0, no annotation of an error'
export GATE_BASELINE=$root/tests/data/flat.json GATE_REPORT=$root/tests/data/flat.json
cp "$root/tests/data/flat.json" same.json
GATE_REPORT=$PWD/same.json gate
expect_exit 0
expect_output verdict pass
expect_true 'no error' bash -c '! grep -q "^::error" stdout'

describe "results of another tool are judged, and left as a report for the job that stores it"
cp "$root/tests/fuzz/corpus/import/locust_stats.csv" new_stats.csv
printf 'Method,Name,Error,Occurrences\r\nGET,/a,broken,2\r\n' >new_failures.csv
GATE_BASELINE=$PWD/new_stats.csv GATE_REPORT=$PWD/new_stats.csv gate
expect_exit 2
cp new_stats.csv old_stats.csv
sed -i 's/6.25/6.2/g' old_stats.csv
GATE_BASELINE=$PWD/old_stats.csv GATE_REPORT=$PWD/new_stats.csv gate
expect_output verdict pass
expect_true 'source and failures' jq -e '.source.tool == "locust" and .errors[0].count == 2' \
    temp/perf-gate/load_test_report.json

describe 'more rows than ten: ten annotations'
jq '.rows = [range(30) as $i | .rows[0] | .endpoint = "/e\($i)"]
    | .regressions = [range(30) as $i | .regressions[0] | .endpoint = "/e\($i)"]' \
    "$root/tests/data/verdict.json" >many.json
perf-report many.json --format annotations >listed
expect_true 'more than ten or ten' test "$(grep -c '^::' listed)" -ge 10
mkdir -p stubs
printf '#!/bin/sh\ncase "$*" in *annotations*) cat %s ;; *) exec %s "$@" ;; esac\n' "$PWD/listed" \
    "$(command -v perf-report)" >stubs/perf-report
for tool in perf-run perf-compare perf-baseline; do ln -sf "$(command -v $tool)" stubs/$tool; done
chmod +x stubs/perf-report
for ((i = 0; i < 20; i++)); do echo "::error::one more $i"; done >>listed
PERFGATE_BIN=$PWD/stubs GATE_REPORT=$PWD/same.json gate
expect_true 'ten' test "$(grep -c '^::error' stdout)" -eq 10

describe 'a base that does not build: exit 2, and the annotation and the summary say which'
check_out
export GATE_SCENARIO=perf/scenario.json GATE_START='exec ./server' GATE_BUILD='grep -q slow options'
gate
expect_exit 2
expect_output verdict trouble
expect_output exit-code 2
expect_output report ''
expect_stdout '::error title=perfgate::gate: the base does not build'
expect_match summary.md 'the base does not build'

describe 'a candidate that does not build is the candidate'
export GATE_BUILD='! grep -q slow options'
gate
expect_exit 2
expect_stdout '::error title=perfgate::gate: the candidate does not build'

describe 'a base that cannot be fetched: exit 3, nothing was started'
check_out
export GATE_SCENARIO=perf/scenario.json GATE_START='touch started; exec ./server'
event_file push ".before = \"$(printf '9%.0s' {1..40})\""
gate
expect_exit 3
expect_output verdict undecided
expect_match summary.md 'could not be fetched from origin'
expect_true 'nothing started' test ! -e clone/service/started

describe 'neither a command nor a report, or both: exit 2'
check_out
gate
expect_exit 2
expect_stdout "::error title=perfgate::gate: expected one of the inputs"
export GATE_START=x GATE_REPORT=y
gate
expect_exit 2
export GATE_REPORT=''
gate
expect_exit 2
expect_stdout "the input 'scenario' is missing"

describe "the README's table has the inputs of the action, with their defaults"
cd "$scratch" || exit 2
awk '/^outputs:/ { exit }
    /^  [a-z-]+:$/ { if (name) print name, value; name = $1; sub(/:/, "", name); value = "-" }
    /^    default:/ { value = $2; gsub(/\047/, "", value) }
    END { print name, value }' "$root/.github/actions/perf-gate/action.yml" >of_action
# shellcheck disable=SC2016 # backquotes of Markdown
sed -n 's/^| `\([a-z-]*\)` | *`*\([^` |]*\)`* *| .*/\1 \2/p' "$root/README.md" | sed 's/ $/ -/' |
    grep -v '^perf-' >of_readme
difference=$(diff of_action of_readme) || fail "action.yml (<) and README.md (>) differ: $difference"
expect_true 'inputs' test "$(wc -l <of_action)" -eq 15

describe 'each input reaches the script'
cut -d ' ' -f 1 of_action | grep -vx -e working-directory -e artifact >inputs
while read -r input; do
    name=${input//-/_}
    expect_true "GATE_${name^^} in the action" \
        grep -qF "GATE_${name^^}: \${{ inputs.$input }}" "$root/.github/actions/perf-gate/action.yml"
    expect_true "$input in the script" grep -qE "GATE_${name^^}|for name in .*\b$name\b" "$root/ci/github/gate"
done <inputs

describe 'the inputs and outputs that the workflows use are those of the action'
awk '/uses: .*perf-gate$/ { on = 1; next } /^ *with:/ { next } on && /^      - |^  [a-z]|^$/ { exit }
    on { sub(/:.*/, "", $1); print $1 }' "$root/.github/workflows/performance.yml" >inputs
expect_true 'inputs' test -s inputs
while read -r input; do
    expect_true "an input $input" grep -q "^$input " of_action
done <inputs
expect_true 'the artifact of the comment' grep -q 'COMMENT_ARTIFACT:-performance-verdict' "$root/ci/github/comment"
