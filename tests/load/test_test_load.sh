#!/usr/bin/env bash
# `make test-load`: the panel scenario against a panel of its own and against LOAD_TEST_HOST, with
# Locust's environment variables and file names.
. "$(dirname "$0")/../cli/lib.sh"
export PERFGATE_BIN=${PERFGATE_BIN:-$root/build/bin}

describe 'with nothing set but the duration: a valid run without failures, and five files'
run env LOAD_TEST_DURATION=3s LOAD_TEST_USERS=50 LOAD_TEST_SPAWN_RATE=100 "$root/ci/test-load" \
    --think-scale 0.1
expect_exit 0
expect_match load_test_report.json '"total_failures": 0'
for file in stats stats_history failures exceptions; do
    expect_true "CRLF in $file" grep -q $'\r$' "load_test_results_$file.csv"
done
head -n 1 load_test_results_stats.csv >header
expect_match header '^Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,'
expect_match load_test_results_stats.csv '^,Aggregated,'

describe 'the totals of the CSV are those of the report'
total=$(sed -n 's/^  "total_requests": \([0-9]*\),$/\1/p' load_test_report.json)
expect_match load_test_results_stats.csv "^,Aggregated,$total,0,"
rows=$(awk -F, '$1 == "GET" || $1 == "POST" { n += $3 } END { print n }' load_test_results_stats.csv)
expect_true "rows that add up to $total, found $rows" test "$rows" -eq "$total"
last=$(awk -F, 'END { print $18 }' load_test_results_stats_history.csv)
expect_true "the history ends with $total, found $last" test "$last" -eq "$total"

describe 'every class of the scenario is at work'
for name in / /dashboard /api/users /admin/users; do
    expect_match load_test_results_stats.csv "^GET,$name,[1-9]"
done

describe 'LOAD_TEST_HOST where nothing listens: exit 2, and no file of an earlier run is left'
run env LOAD_TEST_HOST=http://127.0.0.1:9 "$root/ci/test-load"
expect_exit 2
expect_stderr "'http://127.0.0.1:9' cannot be reached"
expect_true 'no report' test ! -e load_test_report.json
for file in stats stats_history failures exceptions; do
    expect_true "no load_test_results_$file.csv" test ! -e "load_test_results_$file.csv"
done
