#!/usr/bin/env bash
# The recipes that look behind an application, with real ones: the demo application on PostgreSQL and
# Redis, a paired run in which the candidate's database has lost an index, and nginx.
. "$(dirname "$0")/../cli/lib.sh"
. "$root/tests/load/databases.sh"
unset "${!TEST_@}" "${!PG@}"
export LOAD_TEST_COMMANDS=allow
mkdir ci && cp -r "$root/ci/recipes" ci

# rows REPORT: what the table of queries says, a line "calls, ms a call, query" each.
rows() {
    jq -r '.resources.sources[] | select(.name == "queries") | .tables[] | .columns as $c | .rows[]
        | [.values[$c | index("calls")], .values[$c | index("total_exec_time")] / .values[$c | index("calls")], .key]
        | @tsv' "$1"
}
# of_query FILE QUERY COLUMN: of the rows above.
of_query() {
    awk -F '\t' -v query="$2" -v column="$3" 'index($3, query) == 1 { print $column }' "$1"
}

start_postgres sql
for side in candidate base; do
    sql sql postgres "CREATE DATABASE $side"
    sql sql $side 'CREATE EXTENSION pg_stat_statements'
    start_redis $side
    database="host=$sockets/sql user=panel dbname=$side"
    export PERFGATE_DATABASE_"${side^^}"="$database" PERFGATE_REDIS_"${side^^}"="unix:$sockets/$side"
    start_panel --database "$database" --cache "unix:$sockets/$side"
    at_exit kill "$pid"
    export url_$side="$url"
done

cat >traffic.json <<'END'
{"schema": "perfgate.scenario/1", "name": "forum", "users": 3, "duration": "14s",
 "variables": {"thread": {"random": [1, 2000]}},
 "classes": [{"name": "reader", "think_time": {"constant": "20ms"}, "tasks": [
   {"name": "read", "weight": 2, "steps": [{"name": "/forum/thread/[id]", "get": "/forum/thread/${thread}", "expect": {"status": 200}}]},
   {"name": "list", "steps": [{"get": "/forum"}]},
   {"name": "search", "steps": [{"name": "/forum/search", "get": "/forum/search?q=queue"}]}]}]}
END
jq -s '.[0] * {monitor: {probes: [.[1:][].monitor.probes[]]}}' traffic.json ci/recipes/postgresql.json \
    ci/recipes/redis.json >scenario.json
sql sql candidate 'DROP INDEX panel.replies_by_thread'
sql sql candidate 'SELECT pg_stat_statements_reset()' >/dev/null
for side in candidate base; do
    redis-cli -s "$sockets/$side" config resetstat >/dev/null
done

describe 'a pair of which one side has lost an index'
run perf-run scenario.json --host "$url_candidate" --against "$url_base" --output report.json --quiet
expect_exit 0
cp report.json report.base.json /tmp/t/
