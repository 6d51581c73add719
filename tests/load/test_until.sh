#!/usr/bin/env bash
# perf-run --until against real servers: which runs end early, and what perf-compare makes of them.
. "$(dirname "$0")/../cli/lib.sh"

# serve FILE LATENCY: a server whose URL is left in the file.
serve() {
    start_panel --latency "wait:lognormal:$2:0.2"
    at_exit kill "$pid"
    echo "$url" >"$1"
}
serve base 5ms
serve same 5ms
serve slow 15ms

# What a busy machine does to two equal servers is no regression here.
cat >loose.json <<'EOP'
{"schema": "perfgate.policy/1", "thresholds": {"average_response_time": 2, "95th_percentile": 3}}
EOP

# pair SIDE OPTION...
pair() {
    local side=$1
    shift
    run perf-run "$(cat "$side")/api/health" --against "$(cat base)" --users 10 --output run.json "$@"
}

# field NAME: of the candidate's look.
field() {
    grep -o '"look": {[^}]*}' run.json | grep -oE "\"$1\": \"?[a-z0-9.]+" | sed 's/.*[ "]//'
}

describe 'equal sides: the run ends early, as the figures are known, and the verdict is a pass'
pair same --duration 48s --until 50% --policy loose.json
expect_exit 0
expect_stderr "ended at look $(field number) of 4 after "
expect_stderr ': its figures are known to 50 %'
expect_true 'a reason' test "$(field reason)" = width
expect_true 'an early look' test "$(field number)" -lt 4
expect_true 'what was asked for' test "$(field until_percent)" = 50
expect_true 'the same on both sides' test "$(grep -c '"look": '"$(grep -o '{"number": [^}]*}' run.json)" run.base.json)" -eq 1
run perf-compare run.json --policy loose.json --format json --output verdict.json
expect_exit 0
expect_match verdict.json '"the run ended at look [123] of 4 after [0-9.]+s: its figures are known to 50 %"'
run perf-report verdict.json
expect_stdout 'the run ended at look '

describe 'a candidate three times slower: a regression is sure, and the verdict, at its level, says so'
pair slow --duration 48s --until 0.01% --policy loose.json
expect_exit 0
expect_stderr ': a regression is sure'
expect_true 'a reason' test "$(field reason)" = sure
expect_true 'an early look' test "$(field number)" -lt 4
run perf-compare run.json --policy loose.json --format json --output verdict.json
expect_exit 1
expect_match verdict.json '"the run ended at look [123] of 4 after [0-9.]+s: a regression is sure"'
alpha=$(sed -n 's/^ *"alpha": \(.*\),/\1/p' verdict.json)
expect_true "less of alpha, found $alpha" awk "BEGIN { exit !($alpha < 0.0005) }"

describe 'one start of several ends by width alone, however slow the candidate is'
LOAD_TEST_PAIR=0123456789abcdef:2 pair slow --duration 24s --until 100% --quiet
expect_exit 0
expect_stderr ''
expect_true 'a reason' test "$(field reason)" = end

describe 'figures that cannot be known so well: the run goes on to its end'
pair same --duration 24s --until 0.01%
expect_exit 0
expect_stderr 'went on to its end: at no look was each of its figures decided and known to 0.01 %'
expect_true 'the end' test "$(field number) $(field reason)" = '4 end'
run perf-compare run.json --policy loose.json --format json --output verdict.json
expect_exit 0
expect_true 'no word of it' test "$(grep -c 'ended at look' verdict.json)" -eq 0
