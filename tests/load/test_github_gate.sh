#!/usr/bin/env bash
# ci/github/gate: the work of the action, on a real repository whose candidate is slower: base and
# candidate are built and started from their own trees, and GitHub is told.
. "$(dirname "$0")/../cli/lib.sh"
. "$root/tests/cli/github_gate.sh"
export TEST_USER_EMAIL=user@example.com TEST_USER_PASSWORD=user-secret
export TEST_ADMIN_EMAIL=admin@example.com TEST_ADMIN_PASSWORD=admin-secret

mkdir -p work/service/perf
cp "$root/tests/panel/scenario.json" work/service/perf/scenario.json
cat >work/service/server <<'END'
#!/bin/sh
exec panel --port "$PORT" --latency wait:lognormal:4ms:0.3 $(cat built)
END
chmod +x work/service/server
make_pull_request

describe 'a slower pull request, fetch-depth 1: exit 1, outputs, summary, annotations, and all files'
check_out
export GATE_SCENARIO=perf/scenario.json GATE_READY=/api/health GATE_DURATION=24s GATE_RESTARTS=2
export GATE_OPTIONS=$'--users 150 --spawn-rate 1000\n--think-scale 0.05 --quiet'
# shellcheck disable=SC2016 # for the shells of the two sides
export GATE_START='exec ./server' GATE_BUILD='cp options built; echo "::error::from the build"; test -z "${GITHUB_OUTPUT-}"'
gate
expect_exit 1
expect_output verdict fail
expect_output exit-code 1
expect_output directory "$PWD/temp/perf-gate"
expect_output report "$PWD/temp/perf-gate/verdict.html"
for file in perf_verdict.json verdict.md verdict.txt verdict.html load_test_report.json start-2.base.json; do
    expect_true "$file" test -s "temp/perf-gate/$file"
done
expect_match summary.md 'GET /forum'
expect_match stdout '^base: [0-9a-f]+ base$'
cp stdout first

describe 'the annotations are ten at most: the verdict first, then the worst'
grep -E '^::(error|warning|notice) title=' first >annotations
expect_true 'ten at most' test "$(wc -l <annotations)" -le 10
expect_match <(head -n 1 annotations) '^::error title=Performance gate%3A fail::.*slower'
expect_match <(sed -n 2p annotations) '^::error title=regressed%3A '
expect_match annotations 'GET /forum'

describe 'what the commands of the change print is no command to GitHub'
token=$(sed -n 's/^::stop-commands:://p' first)
# shellcheck disable=SC2016 # bash's and awk's own
expect_true 'a token of 32 digits' bash -c '[[ $1 =~ ^[0-9a-f]{32}$ ]]' _ "$token"
# shellcheck disable=SC2016
expect_true 'stopped before, resumed after' awk -v token="$token" '
    /^::stop-commands::/ { stopped = 1; next }
    $0 == "::" token "::" { stopped = 0; next }
    /from the build/ { seen++; if (!stopped) exit 1 }
    END { exit stopped || seen != 2 }' first

describe 'the base tree is gone again, and the clone is as it was'
expect_true 'one work tree' test "$(git -C clone worktree list | wc -l)" -eq 1
expect_true 'no directory' bash -c '! compgen -G "temp/perf-gate-base*"'
expect_true 'the candidate' test "$(git -C clone rev-parse HEAD)" = "$merge"

