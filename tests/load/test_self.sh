#!/usr/bin/env bash
# ci/self: the tools as a service, as this repository's own gate loads it.
. "$(dirname "$0")/../cli/lib.sh"
# The tools of the variant under test, in a tree of their own.
mkdir -p tree/build tree/tests
ln -s "${PERFGATE_BIN:-$root/build/bin}" tree/build/bin
ln -s "$root/tests/data" tree/tests/data
cp -r "$root/ci" tree/ci
git init -q tree && git -C tree -c user.name=t -c user.email=t@example.org commit -q --allow-empty -m start

for _ in $(seq 30); do
    port=$((20000 + RANDOM % 10000))
    PORT=$port TMPDIR=$PWD tree/ci/self/serve >serve.log 2>&1 &
    server=$!
    for _ in $(seq 200); do
        [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/ready")" != 200 ] || break 2
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    wait "$server"
done

describe 'each request of the scenario starts a tool, and none fails'
run perf-run "$root/ci/self/scenario.json" --host "http://127.0.0.1:$port" --duration 4s --quiet --output report.json
expect_exit 0
expect_true 'requests' jq -e '.total_requests > 0 and .total_failures == 0' report.json
expect_true 'all six' jq -e '[.endpoints[].name] | length == 6' report.json
[ $status -eq 0 ] || fail "$(tail -n 5 serve.log)"

describe 'a request for something else is 404, and a tool that fails 500'
expect_true '404' test "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/x")" = 404
rm -f tmp.*/1.json
expect_true '500' test "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/compare")" = 500

describe 'it takes all that it started along, and leaves no file'
kill "$server"
wait "$server"
# shellcheck disable=SC2016 # bash's own
expect_true 'nobody listens' bash -c '! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null' _ "$port"
expect_true 'no file' bash -c '! compgen -G "tmp.*"'
