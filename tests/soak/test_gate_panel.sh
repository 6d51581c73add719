#!/usr/bin/env bash
# `make gate` on identical sides, RUNS times (30): each must end in 0.
. "$(dirname "$0")/../cli/lib.sh"
runs=${RUNS:-30}
for ((i = 1; i <= runs; i++)); do
    describe "identical sides, run $i of $runs"
    run "$root/ci/gate-panel"
    expect_exit 0
    head -n 1 stdout
    grep -E ' overall +(average|p95)' stdout
done
describe 'a slower endpoint is named'
run env SLOW='/forum=+50%' "$root/ci/gate-panel"
expect_exit 1
expect_stdout 'GET /forum '
