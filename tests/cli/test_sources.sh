#!/usr/bin/env bash
# Endpoints and probes on the command line: what is refused before anything is sent, that secrets
# stay secret, and what --check says of them.
. "$(dirname "$0")/lib.sh"

# scenario NAME MONITOR [MORE]: a scenario with this monitor.
scenario() {
    printf '{"schema": "perfgate.scenario/1", "name": "s", "monitor": {"machine": false,
        "target": false, %s}, %s "classes": [{"name": "c", "tasks": [{"get": "/"}]}]}\n' \
        "$2" "${3-}" >"$1"
}
metrics='"metrics": {"n": {"pointer": "/n"}}'

start_panel --seed 1
at_exit kill "$pid"
other=$url
start_panel --seed 1
at_exit kill "$pid"

describe 'another host has to be allowed'
scenario url.json '"endpoints": [{"name": "a", "url": "'"$other"'/m", '"$metrics"'}]'
run perf-run url.json --host "$url" --duration 1s --output r.json
expect_exit 2
expect_stderr "perf-run: monitor: 'a': '$other/m' is on another host than the target; allow it with --allow-host"
expect_true 'no report' test ! -e r.json
run perf-run url.json --host "$url" --allow-host "${other#http://}" --duration 1s --output r.json --quiet
expect_exit 0
expect_true 'a note' grep -q "'a' gave nothing" r.json
scenario own.json '"endpoints": [{"name": "a", "url": "'"$url"'/api/health", "health": true}]'
run perf-run own.json --host "$url" --duration 1s --output r.json --quiet
expect_exit 0
expect_true 'the target itself' jq -e '.resources.sources[0].series[0]
    | .name == "availability" and .average == 1' r.json

describe 'credentials come from the environment, and go nowhere else'
# shellcheck disable=SC2016 # a scenario's variable
scenario auth.json '"endpoints": [{"name": "users", "path": "/api/users", "auth": {"bearer": "${TEST_TOKEN}"}, "metrics": {"accounts": {"pointer": "/total", "unit": "count"}}}]'
run perf-run auth.json --host "$url" --duration 1s
expect_exit 2
expect_true 'the variable is named' grep -q "'users'.*TEST_TOKEN" stderr
run perf-run auth.json --host "$url" --check
expect_exit 2
expect_true 'by --check, too' grep -q "'users'.*TEST_TOKEN" stderr
token=$(curl -sS -d email=admin@example.com -d password=admin-secret "$url/api/auth/token" |
    jq -r .access_token)
run env TEST_TOKEN="$token" perf-run auth.json --host "$url" --duration 1s --output r.json
expect_exit 0
expect_true '100 accounts' jq -e '.resources.sources[0].series[0].average == 100' r.json
run env TEST_TOKEN=wrong-secret perf-run auth.json --host "$url" --duration 1s --output r.json
expect_exit 0
expect_true 'refused' grep -q 'found 401' r.json
expect_true 'no secret' sh -c '! grep -q wrong-secret r.json stdout stderr'

describe "the scenario's credentials are the poll's, unless a user captures them"
# shellcheck disable=SC2016 # Markdown
scenario all.json '"endpoints": [{"name": "users", "path": "/api/users", "metrics": {"accounts": {"pointer": "/total"}}}]' '"auth": {"bearer": "${TEST_TOKEN}"},'
run env TEST_TOKEN="$token" perf-run all.json --host "$url" --duration 1s --output r.json --quiet
expect_exit 0
expect_true 'they are' jq -e '.resources.sources[0].series[0].average == 100' r.json
cat >captured.json <<'END'
{"schema": "perfgate.scenario/1", "name": "s", "auth": {"bearer": "${token}"},
 "monitor": {"endpoints": [{"name": "a", "path": "/m", "metrics": {"n": {"pointer": "/n"}}}]},
 "classes": [{"name": "c",
   "on_start": [{"get": "/", "auth": null, "capture": {"token": {"regex": "(.)"}}}],
   "tasks": [{"get": "/"}]}]}
END
run perf-run captured.json --host "$url" --duration 1s
expect_exit 2
expect_true 'what to do' grep -q "'a': the scenario's credentials.*an \"auth\" of its own" stderr

describe 'nothing but endpoints is watched'
expect_true 'one source' jq -e '[.resources.sources[].name] == ["users"]' r.json

describe '--check says what is watched, polled and probed, and runs nothing'
cat >check.json <<'END'
{"schema": "perfgate.scenario/1", "name": "s", "monitor": {
   "processes": [{"name": "db", "process": "postgres"}, {"name": "cache", "port": 6379}],
   "endpoints": [
     {"name": "app", "path": "/m", "every": "500ms",
      "metrics": {"hits": {"pointer": "/h"}, "use": {"pointer": "/u", "each": true}}},
     {"name": "health", "path": "/health", "health": true}],
   "probes": [
     {"name": "redis", "command": ["touch", "ran"], "metrics": {"a": {"key": "a"}}},
     {"name": "queries", "command": ["sh", "-c", "touch ran; echo $PERFGATE_SIDE"],
      "when": "around", "format": "csv", "table": {"key": "query", "columns": ["calls", "ms"]}}]},
 "classes": [{"name": "c", "tasks": [{"get": "/"}]}]}
END
run perf-run check.json --host http://shop.invalid --check
expect_exit 0
expect_stderr ''
sed -n '/^watched/,/^$/p' stdout >part
expect_golden part check_monitor.txt
run perf-run check.json --host http://shop.invalid --against http://base.invalid --check
expect_exit 0
sed -n '/^watched/,/^$/p' stdout >part
expect_golden part check_monitor_pair.txt
expect_true 'nothing ran' test ! -e ran

describe 'a paired run of commands: what changed most for each call'
cat >probe.sh <<'END'
# What each side's database would say: before, and then after the run.
echo query,calls,ms
if [ ! -e "$PERFGATE_SIDE" ]; then
    touch "$PERFGATE_SIDE"
    echo SELECT 1,10,5.5
elif [ "$PERFGATE_SIDE" = base ]; then
    echo SELECT 1,110,105.5
else
    echo SELECT 1,110,405.5
    echo "$PERFGATE_TARGET,1,0.25"
fi
END
scenario pair.json '"probes": [{"name": "queries", "command": ["sh", "probe.sh"], "side": "each",
    "when": "around", "format": "csv", "table": {"key": "query", "columns": ["calls", "ms"]}}]'
run env LOAD_TEST_COMMANDS=no perf-run pair.json --host "$url" --duration 1s
expect_exit 2
expect_true 'commands are refused' grep -q "the probe 'queries'.*LOAD_TEST_COMMANDS" stderr
expect_true 'and did not run' test ! -e candidate
run env LOAD_TEST_COMMANDS=allow perf-run pair.json --host "$url" --against "$url/" --duration 12s \
    --users 2 --output pair_report.json --quiet
run perf-report pair_report.json
expect_exit 0
expect_true 'the query' grep -Eq '^SELECT 1 +1 +4 +\+300\.0 % ' stdout
expect_true 'the target' grep -Eq "^$url +0\.25 +not in base " stdout
run perf-report pair_report.json --format markdown
expect_exit 0
# shellcheck disable=SC2016 # a scenario's variable
expect_true 'in Markdown' grep -Fq '| `SELECT 1` | 1 | 4 | +300.0 % | 100 | 100 | 100 | 400 |' stdout
mv pair_report.base.json elsewhere.json
run perf-report pair_report.json
expect_exit 0
expect_true 'without the base' grep -Eq '^SELECT 1 +4 +100 +400' stdout
