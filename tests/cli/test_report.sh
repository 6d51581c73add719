#!/usr/bin/env bash
# perf-report: each form of a report and a verdict, merging, colour, and its refusals.
. "$(dirname "$0")/lib.sh"
data=$root/tests/data
cp "$data"/{report,verdict,flat}.json .

# The two forms that have tests of their own: below, and of pages.
for format in $(perf-report -h | sed -nE 's/.*--format ([a-z|]+).*/\1/p' | tr '|' ' '); do
    ! [[ $format =~ ^(json|html)$ ]] || continue
    describe "a verdict that is red as $format, with exit code 0"
    run perf-report --format "$format" verdict.json
    expect_exit 0
    expect_stderr ''
    expect_golden stdout "verdict.$format"

    describe "a report as $format"
    run perf-report --format "$format" report.json
    if [[ $format =~ ^(junit|annotations)$ ]]; then
        expect_exit 2
        expect_stdout ''
        expect_stderr "'report.json' is a report, and the form '$format' is of verdicts alone; judge it with perf-compare first"
        expect_one_sentence
        run perf-report --merge --format "$format" report.json
        expect_exit 2
        expect_stderr "'the merged report' is a report, and the form '$format' is of verdicts alone"
        continue
    fi
    expect_exit 0
    expect_stderr ''
    expect_golden stdout "report.$format"
done

describe 'a document as JSON reads back as the same'
for file in report verdict; do
    run perf-report --format json $file.json
    expect_exit 0
    cp stdout once
    stdin=once run perf-report --format json -
    expect_exit 0
    expect_true 'the same text' cmp once stdout
done

describe 'the flat form, with a note on what was ignored'
sed 's/^{/{"made_by": "hand",/' flat.json >noted.json
run perf-report noted.json
expect_exit 0
expect_stdout "noted.json: 1000 requests, 2 failures"
expect_stdout "note: flat form, without the key 'schema': ignored 'made_by'"

describe 'perf_verdict.json is shown where no file is named'
cp verdict.json perf_verdict.json
run perf-report
expect_exit 0
expect_stdout 'fail: 1 row regressed'
rm perf_verdict.json

describe 'several documents one after the other'
run perf-report verdict.json flat.json report.json
expect_exit 0
expect_stdout 'fail: 1 row regressed'
expect_stdout 'flat.json: 1000 requests'
expect_stdout 'report.json: suite demo'

describe 'several documents share the room of a page'
ln verdict.json one.json && ln verdict.json two.json
run perf-report --format comment verdict.json one.json two.json
expect_exit 0
expect_true 'three pages' test "$(grep -c '^## Performance gate: fail' stdout)" -eq 3
# shellcheck disable=SC2046 # the names are words
run perf-report --format comment $(yes verdict.json | head -15)
expect_exit 2
expect_stderr '15 documents do not fit on one page; name at most 14'

describe 'several verdicts are not one JUnit file'
run perf-report --format junit verdict.json one.json
expect_exit 2
expect_stderr "2 documents cannot be one in the form 'junit'; name one"
expect_true 'no word of merging' test -z "$(grep merge stderr)"

describe 'several documents are not one JSON'
run perf-report --format json verdict.json flat.json
expect_exit 2
expect_stderr "2 documents cannot be one in the form 'json'; name one, or add --merge"
expect_one_sentence

describe 'the result goes to a file'
run perf-report --format markdown --output out.md verdict.json
expect_exit 0
expect_stdout ''
expect_true 'the Markdown' grep -q '^## Performance gate: fail' out.md

describe 'an old result stays where the input is bad'
run perf-report --output out.md missing.json
expect_exit 2
expect_true 'the old file' grep -q '^## Performance gate: fail' out.md
expect_true 'no temporary file' test -z "$(find . -name 'out.md.*')"

describe 'a directory is no place for the result'
mkdir directory
run perf-report --output directory verdict.json
expect_exit 2
expect_stderr "cannot write 'directory': it is a directory; name a file"

describe 'colour on a terminal only, and not with NO_COLOR'
esc=$(printf '\033')
run perf-report verdict.json
expect_true 'no escape sequences' test -z "$(grep "$esc" stdout)"
run env TERM=xterm script -qec 'perf-report verdict.json' /dev/null
expect_stdout "${esc}[1;31mfail${esc}[0m: 1 row regressed"
run env TERM=xterm NO_COLOR=1 script -qec 'perf-report verdict.json' /dev/null
expect_stdout 'fail: 1 row regressed'
expect_true 'no escape sequences' test -z "$(grep "$esc" stdout)"

describe 'a full disk is trouble'
run sh -c 'perf-report verdict.json >/dev/full'
expect_exit 2
expect_stderr "cannot write 'standard output': No space left on device"

describe 'shards of one run merge into one report'
for seed in 1 2; do
    awk -f "$data/pair.awk" -v role=candidate -v seed=$seed >shard$seed.json
done
run perf-report --merge shard1.json shard2.json --output merged.json
expect_exit 0
expect_stdout ''
run perf-report merged.json
expect_exit 0
expect_match stdout '^overall +4320 '
expect_match stdout '^GET /forum +2400 '

describe 'a merged report in another form'
run perf-report --merge --format text shard1.json shard2.json
expect_exit 0
expect_stdout 'merged report: suite demo'

describe 'nothing to merge'
run perf-report --merge
expect_exit 2
expect_stderr '--merge: expected reports; name their files'

describe 'a verdict cannot be merged'
run perf-report --merge shard1.json verdict.json
expect_exit 2
expect_stderr "'verdict.json': schema: this is a verdict; expected a report"
expect_one_sentence
