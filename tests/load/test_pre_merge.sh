#!/usr/bin/env bash
# ci/pre-merge with the real gate: a push that makes a page slower is refused, within its budget.
. "$(dirname "$0")/../cli/lib.sh"
export TEST_USER_EMAIL=user@example.com TEST_USER_PASSWORD=user-secret
export TEST_ADMIN_EMAIL=admin@example.com TEST_ADMIN_PASSWORD=admin-secret
export PERFGATE_BIN=${PERFGATE_BIN:-$root/build/bin}
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main
git config --global advice.detachedHead false

git init -q --bare remote.git
git init -q clone && cd clone || exit 2
git remote add origin ../remote.git
cp "$root/tests/panel/scenario.json" .
cat >server <<'END'
#!/bin/sh
exec panel --port "$PORT" --latency wait:lognormal:4ms:0.3 $(cat slower)
END
chmod +x server
: >slower
git add . && git commit -qm base
git push -q -u origin main && git remote set-head origin main

describe 'a slower push is refused, and the row that says why is shown'
run "$root/ci/pre-merge" --install --start 'exec ./server' --scenario scenario.json --ready /api/health \
    --budget 45s --options '--users 100 --spawn-rate 1000 --think-scale 0.05 --quiet'
expect_exit 0
echo '--slow /forum*=+150%' >slower
git commit -qam 'A slower forum'
run git push
expect_exit 1
expect_match stderr '^regressed +GET /forum '
expect_stderr 'the pre-push hook stops here'
expect_true 'the verdict' test "$(jq .exit_code .git/perfgate/result/perf_verdict.json)" -eq 1
expect_true 'the remote is as it was' test "$(git -C ../remote.git log -1 --format=%s main)" = base
