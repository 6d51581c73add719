#!/usr/bin/env bash
# The examples of the README and of the man pages, run as they stand there, in a repository of their
# own against two panels; only the ports of the targets are others. Two panels on a busy machine may
# well differ, so of perf-compare it is only asked that it comes to a verdict.
. "$(dirname "$0")/../cli/lib.sh"
export GIT_AUTHOR_NAME=Tester GIT_AUTHOR_EMAIL=tester@example.com
export GIT_COMMITTER_NAME=Tester GIT_COMMITTER_EMAIL=tester@example.com
export GIT_EDITOR='sed -i 1s/^/run/' GITHUB_STEP_SUMMARY=$scratch/summary

# serve FILE: a server whose URL is left in the file.
serve() {
    start_panel --latency wait:lognormal:3ms:0.3
    at_exit kill "$pid"
    echo "$url" >"$1"
}

# Commands of the EXAMPLES of a man page, and of a section of the README.
commands_of_page() {
    sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$1" |
        awk '/^\.Bd -literal/ { inside = 1; next } /^\.Ed/ { inside = 0 } sub(/^\.Dl /, "") || inside' |
        sed 's/\\(dq/"/g'
}
commands_of_readme() {
    sed -n "/^## $1/,/^## /p" "$root/README.md" | sed -n 's/^    \(perf-\|git \)/\1/p'
}

# run_all: runs the commands on stdin, one by one, with the ports of the panels.
run_all() {
    local line
    sed "s|http://127.0.0.1:8080|$(cat base)|g; s|http://127.0.0.1:8081|$(cat candidate)|g" >commands
    expect_true 'some commands' test -s commands
    while read -r line; do
        run bash -c "$line"
        case $line in
        *perf-compare*) [ "$status" -ne 2 ] || fail "no verdict: $(cat stderr)" ;;
        *) expect_exit 0 ;;
        esac
    done <commands
}

serve base
serve candidate
git init -q -b main . && mkdir perf
cat >scenario.json <<'EOF'
{"schema": "perfgate.scenario/1", "name": "shop", "users": 20, "duration": "12s",
 "classes": [{"name": "visitor", "weight": 1, "think_time": {"constant": "5ms"},
   "tasks": [{"name": "home", "weight": 1, "steps": [{"get": "/"}]},
             {"name": "forum", "weight": 1, "steps": [{"get": "/forum"}]}]}]}
EOF
cat >locustfile.py <<'EOF'
from locust import FastHttpUser, between, tag, task

class Visitor(FastHttpUser):
    wait_time = between(0.01, 0.03)

    @tag("forum")
    @task
    def forum(self):
        self.client.get("/forum")
EOF
cp scenario.json perf/scenario.json
git add perf && git commit -q -m scenario
git init -q --bare origin.git && git remote add origin ./origin.git

describe 'README: a baseline in git'
run_all < <(commands_of_readme 'A baseline in git')
expect_true 'one run in the last commit' \
    test "$(git show --name-only --format= HEAD | grep -c '^baselines/shop/default/.*\.json$')" -eq 1

for run in 1 2 3; do
    sed "s/\"run_id\": \"./\"run_id\": \"$run/" load_test_report.json >"run$run.json"
done
describe 'perf-run(1)'
run_all < <(commands_of_page "$root/cmd/man/perf-run.1")
expect_true 'both reports' test -s load_test_report.json -a -s load_test_report.base.json

# The last of them was no paired run.
run perf-run scenario.json --host "$(cat candidate)" --against "$(cat base)" --quiet
cp load_test_report.base.json last_week.json
for start in 1 2 3; do
    for side in '' .base; do
        sed "s/\"start\": 1\b/\"start\": $start/" "load_test_report$side.json" >"start$start$side.json"
    done
done
cp "$root/tests/import/locust_stats.csv" load_test_results_stats.csv
sed 's/^\([A-Z]*,[^,]*,[0-9]*,[0-9]*,[0-9.]*,[0-9]*\)/\11/' load_test_results_stats.csv >old_stats.csv
describe 'perf-compare(1)'
run_all < <(commands_of_page "$root/cmd/man/perf-compare.1")
expect_match verdict.md '^## Performance gate: '

describe 'perf-baseline(1)'
git update-ref refs/remotes/origin/main HEAD
# A busy machine may be slower by any factor than it was a minute ago; no run is to be refused for it.
cat >baselines/policy.json <<'EOF'
{"schema": "perfgate.policy/1",
 "thresholds": {"avg_response_time": 1000, "95th_percentile": 1000, "error_rate": 1000}}
EOF
git commit -q -m policy -- baselines
run_all < <(commands_of_page "$root/cmd/man/perf-baseline.1")

cp load_test_report.json shard1.json
sed 's/^  "started_at": "20/  "started_at": "21/' load_test_report.json >shard2.json
printf 'timeStamp,elapsed,label,success\n1795000000000,12,home,true\n1795000001000,15,home,true\n' >results.jtl
echo '{"schema": "perfgate.notify/1", "destinations": {"hook": {"kind": "webhook", "url": "http://127.0.0.1:9/"}},
 "routes": {"all": ["hook"], "ok": ["hook"]}}' >baselines/notify.json
git add baselines/notify.json && git commit -q -m notify -- baselines && git update-ref refs/remotes/origin/main HEAD
describe 'perf-report(1)'
run_all < <(commands_of_page "$root/cmd/man/perf-report.1")
expect_match summary '^## Performance gate: '
one=$(sed -n 's/^  "total_requests": \([0-9]*\),/\1/p' shard1.json)
expect_match load_test_report.json "\"total_requests\": $((2 * one)),"
