#!/usr/bin/env bash
# ci/recipes: the lines of each are run as its CI would run them, with that CI's variables, on a real
# repository; the service is panel. (What installs and builds the tools is left out.)
. "$(dirname "$0")/../cli/lib.sh"
export TEST_USER_EMAIL=user@example.com TEST_USER_PASSWORD=user-secret
export TEST_ADMIN_EMAIL=admin@example.com TEST_ADMIN_PASSWORD=admin-secret
export PERFGATE_BIN=${PERFGATE_BIN:-$root/build/bin}
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main
git config --global advice.detachedHead false
git config --global pull.ff only

# main, and a change that makes one page slower, as a branch.
git init -q --bare remote.git
git init -q work
mkdir work/perf
cp "$root/tests/panel/scenario.json" work/perf
cat >work/server <<'END'
#!/bin/sh
exec panel "$@" --latency wait:lognormal:4ms:0.3 $(cat slower)
END
chmod +x work/server
: >work/slower
git -C work add . && git -C work commit -qm base
base=$(git -C work rev-parse HEAD)
git -C work push -q ../remote.git main
git -C work checkout -q -b change
echo '--slow /forum*=+150%' >work/slower
git -C work commit -qam 'A slower forum'
change=$(git -C work rev-parse HEAD)
git -C work push -q ../remote.git change

# clone NAME COMMIT: one commit checked out and no branch known, as both CIs leave it.
clone() {
    git init -q "$1" && cd "$1" || exit 2
    git remote add origin "$scratch/remote.git"
    git fetch -q origin "$2" && git checkout -q --detach "$2"
}
# yaml_lines KEY: the lines of a list in the job of the GitLab recipe; variables: NAME=VALUE.
yaml_lines() {
    awk -v key="  $1:" '$0 == key { on = 1; next } on && /^  [^ ]/ { exit } on && sub(/^    - /, "")' \
        "$root/ci/recipes/gitlab-ci.yml"
}

describe 'GitLab CI: a slower merge request fails, with test results and a page'
mkdir -p perfgate/build
ln -s "$root/ci" perfgate/ci
ln -s "$PERFGATE_BIN" perfgate/build/bin
clone gitlab "$change"
export CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main CI_MERGE_REQUEST_DIFF_BASE_SHA=$base
export PERF_SCENARIO=perf/scenario.json PERF_READY=/api/health PERF_BUILD='test -x server'
export PERF_OPTIONS='--users 100 --spawn-rate 1000 --think-scale 0.05 --quiet'
# shellcheck disable=SC2016 # the recipe's, with GitLab's $$ as it hands it on
PERF_START=$(sed -n 's/^    PERF_START: //p' "$root/ci/recipes/gitlab-ci.yml" | sed 's/\$\$/$/')
export PERF_START
{ echo 'set -e'; yaml_lines script | sed 's/--budget 5m/--budget 50s/'; } >lines.sh
expect_true 'its lines were found' grep -q -- '--budget 50s' lines.sh
run sh lines.sh
expect_exit 1
expect_match stderr '^regressed +GET /forum '
{ echo 'set -e'; yaml_lines after_script; } >lines.sh
run sh lines.sh
expect_exit 0
expect_match performance.xml '<testsuite'
expect_match performance.xml 'GET /forum'
expect_match performance/verdict.html '<html'
unset "${!CI_@}"

describe 'Jenkins: the same of a pull request'
cd "$scratch" || exit 2
clone jenkins "$change"
ln -s "$scratch/perfgate" .perfgate-tools
export CHANGE_TARGET=main CHANGE_ID=5 WORKSPACE=$PWD
# The text between the quotes of the step that judges, and of the one that comes after all.
steps() {
    awk -v quotes="'''" 'index($0, quotes) { inside = !inside; block += inside; next } inside { print block "\t" $0 }' \
        "$root/ci/recipes/Jenkinsfile" | awk -v block="$1" -F '\t' '$1 == block { sub(/^[0-9]+\t/, ""); print }'
}
{ echo 'set -e'; steps 2 | sed 's/--budget 5m/--budget 50s/'; } >lines.sh
expect_true 'its lines were found' grep -q -- '--budget 50s' lines.sh
run sh lines.sh
expect_exit 1
expect_match stderr '^regressed +GET /forum '
{ echo 'set -e'; steps 3; } >lines.sh
run sh lines.sh
expect_exit 0
expect_match performance/junit.xml 'GET /forum'
expect_match performance/verdict.html '<html'
unset "${!CHANGE_@}"

describe 'cron: the first nights are stored and print nothing, a slower one prints its verdict and is not'
cd "$scratch" || exit 2
git clone -q -b main remote.git service && cd service || exit 2
# Nights on a busy machine differ as much as they like; a slower one here is slower by far.
mkdir baselines
echo '{"schema": "perfgate.policy/1", "thresholds": {"avg_response_time": 10, "95th_percentile": 10}}' \
    >baselines/policy.json
git add baselines && git commit -qm 'A policy' && git push -q origin main
export PERF_OPTIONS='--users 20 --spawn-rate 1000 --duration 6s --think-scale 0.05' PERF_ENVIRONMENT=staging
start_panel --latency wait:lognormal:4ms:0.3
for night in 1 2; do
    PERF_HOST=$url run "$root/ci/recipes/nightly"
    expect_exit 0
    expect_stdout ''
    expect_true "$night runs" test "$(cd ../remote.git && perf-baseline log perf-baselines | wc -l)" -eq "$night"
done
kill "$pid"
start_panel --latency wait:constant:300ms
PERF_HOST=$url run "$root/ci/recipes/nightly"
kill "$pid"
expect_exit 1
expect_stdout 'regressed'
expect_true 'still 2 runs' test "$(cd ../remote.git && perf-baseline log perf-baselines | wc -l)" -eq 2
expect_match ../nightly/verdict.html '<html'

describe 'cron: no service, or a night that is not over: exit 2 and a sentence'
PERF_HOST=http://127.0.0.1:1 run "$root/ci/recipes/nightly"
expect_exit 2
expect_stderr 'perf-run: '
run env -u PERF_HOST "$root/ci/recipes/nightly"
expect_exit 2
expect_stderr 'PERF_HOST is not set; expected the address of the service'
exec 8>../nightly/lock && flock 8
PERF_HOST=$url run "$root/ci/recipes/nightly"
exec 8>&-
expect_exit 2
expect_stderr 'the run of the night before is still under way'
