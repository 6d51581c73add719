#!/usr/bin/env bash
# What the four tools have in common: -h, --version, refusals of a command line.
. "$(dirname "$0")/lib.sh"

for tool in perf-run perf-compare perf-baseline perf-report; do
    describe "$tool -h: usage, a line for each option, exit codes"
    run "$tool" -h
    expect_exit 0
    expect_stderr ''
    expect_match stdout "^usage: $tool "
    expect_match stdout '^  -h, --help '
    expect_stdout 'Exit codes: 0 '
    expect_true 'at most 24 options' test "$(grep -c '^  -' stdout)" -le 24
    expect_true 'no line over 100 columns' test -z "$(grep -E '^.{101}' stdout)"
    cp stdout help
    run "$tool" --help
    expect_true 'the same text' cmp help stdout

    describe "$tool --version"
    run "$tool" --version
    expect_exit 0
    expect_match stdout "^$tool \\(perfgate\\) [0-9]+\\.[0-9]+\\.[0-9]+$"

    describe "$tool: an unknown option, with the one that was meant"
    run "$tool" --hepl
    expect_exit 2
    expect_stdout ''
    expect_stderr "$tool: unknown option '--hepl'; did you mean '--help'?"
    expect_one_sentence
    run "$tool" --no-such-thing-at-all
    expect_exit 2
    expect_stderr "unknown option '--no-such-thing-at-all'"
    expect_one_sentence

    describe "$tool -h on a full disk"
    run sh -c "$tool -h >/dev/full"
    expect_exit 2
    expect_one_sentence
done

describe 'an option without its value'
run perf-compare --baseline
expect_exit 2
expect_stderr "option '--baseline' needs a value"
run perf-report --format
expect_exit 2
expect_stderr "option '--format' needs a value"

describe 'a value that is none of the choices'
run perf-report --format xml
expect_exit 2
expect_stderr "option '--format': expected one of text, markdown, comment, html, json, csv, junit, annotations, prometheus, found 'xml'"

describe 'a start of a paired run that is none'
for start in 0123456789abcdef 0123456789abcdef:0 0123456789ABCDEF:1 123:1; do
    LOAD_TEST_PAIR=$start run perf-run http://127.0.0.1:9/ --against http://127.0.0.1:9/
    expect_exit 2
    expect_stderr 'LOAD_TEST_PAIR: '
    expect_one_sentence
done
LOAD_TEST_PAIR=0123456789abcdef:1 run perf-run http://127.0.0.1:9/
expect_exit 2
expect_stderr 'LOAD_TEST_PAIR needs --against: it numbers the starts of a paired run'

describe 'what follows -- is no option'
run perf-report -- --format
expect_exit 2
expect_stderr "cannot open '--format'"

describe 'control characters in a message are shown, not sent to the terminal'
run perf-report $'no\e[31msuch\nfile'
expect_exit 2
expect_stderr 'no\x1b[31msuch\x0afile'
expect_one_sentence
