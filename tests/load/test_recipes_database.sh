#!/usr/bin/env bash
# The recipes that look behind an application, with real ones: the demo application on PostgreSQL and
# Redis, a paired run in which the candidate's database has lost an index, and nginx.
. "$(dirname "$0")/../cli/lib.sh"
. "$root/tests/load/databases.sh"
unset "${!TEST_@}" "${!PG@}"
export LOAD_TEST_COMMANDS=allow
mkdir ci && cp -r "$root/ci/recipes" ci

# panel_looks SIDE: what the application counts of its cache, "hits misses".
panel_looks() {
    curl -s "${urls[$1]}/api/monitoring/metrics" | jq -r '"\(.cache.hits) \(.cache.misses)"'
}

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

declare -A urls=() looks=() reports=([candidate]=report.json [base]=report.base.json)
start_postgres sql
for side in candidate base; do
    sql sql postgres "CREATE DATABASE $side"
    sql sql $side 'CREATE EXTENSION pg_stat_statements'
    start_redis $side
    database="host=$sockets/sql user=panel dbname=$side"
    export PERFGATE_DATABASE_"${side^^}"="$database" PERFGATE_REDIS_"${side^^}"="unix:$sockets/$side"
    start_panel --database "$database" --cache "unix:$sockets/$side"
    at_exit kill "$pid"
    urls[$side]=$url
done

cat >traffic.json <<'END'
{"schema": "perfgate.scenario/1", "name": "forum", "users": 3, "duration": "14s",
 "variables": {"thread": {"random": [1, 2000]}},
 "classes": [{"name": "reader", "think_time": {"constant": "20ms"}, "tasks": [
   {"name": "read", "weight": 2, "steps": [{"name": "/forum/thread/[id]", "get": "/forum/thread/${thread}", "expect": {"status": 200}}]},
   {"name": "list", "steps": [{"get": "/forum"}]},
   {"name": "search", "steps": [{"name": "/forum/search", "get": "/forum/search?q=queue"}]}]}]}
END
# join SCENARIO RECIPE...: as the README says.
join() {
    jq -s "$(sed -n "s/^    jq -s '\(.*\)' .*/\1/p" "$root/README.md")" "$@"
}
join traffic.json ci/recipes/postgresql.json ci/recipes/redis.json >scenario.json

describe 'nothing is run that nobody allowed'
LOAD_TEST_COMMANDS='' run perf-run scenario.json --host "${urls[candidate]}" --against "${urls[base]}" --output report.json
expect_exit 2
expect_stderr 'LOAD_TEST_COMMANDS'
expect_stderr "'queries'"
expect_true 'no report' test ! -e report.json

describe 'a pair of which one side has lost an index: the report has the queries as PostgreSQL counts them'
sql sql candidate 'DROP INDEX panel.replies_by_thread'
# A machine that is busy with other things may not let it measure, which it says with 3.
for _ in 1 2 3; do
    sql sql candidate 'SELECT pg_stat_statements_reset()' >/dev/null
    for side in candidate base; do
        redis-cli -s "$sockets/$side" config resetstat >/dev/null
        looks[$side]=$(panel_looks $side)
    done
    run perf-run scenario.json --host "${urls[candidate]}" --against "${urls[base]}" --output report.json --quiet
    [ "$status" -eq 3 ] || break
done
expect_exit 0
query='SELECT author, at, body FROM panel.replies WHERE thread_id = ? ORDER BY id DESC LIMIT ?'
rows report.json >rows.candidate
rows report.base.json >rows.base
for side in candidate base; do
    counted=$(sql sql $side "SELECT sum(calls) FROM pg_stat_statements WHERE query LIKE '%FROM panel.replies WHERE thread_id%'
        AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())")
    expect_true "$counted calls of $side: $(cat rows.$side)" test "$(of_query rows.$side "$query" 1)" -eq "$counted"
    # shellcheck disable=SC2016 # awk's
    expect_true "not its own questions: $(cat rows.$side)" awk -F '\t' '$3 ~ /^SET|pg_stat/ { exit 1 }' rows.$side
done
expect_true 'much more time a call' awk -v now="$(of_query rows.candidate "$query" 2)" \
    -v was="$(of_query rows.base "$query" 2)" 'BEGIN { exit !(was > 0 && now > 5 * was) }'
expect_true 'a connection a thread of each' jq -se 'all(.[]; .resources.sources[] | select(.name == "database")
    | .series[] | select(.name == "db_connections") | .average == 1)' report.json report.base.json
expect_true 'nothing failed' jq -e '[.resources.sources[].failures // 0] | add == 0' report.json

describe 'perf-report names it first, for people'
run perf-report report.json
expect_exit 0
awk '/^queries /{ getline; print; exit }' stdout >first
expect_match first '^SELECT author, at, body FROM .*DESC LIMIT \?.* \+[0-9.]+ %'
run perf-report report.json --format html
expect_stdout "$query"

describe "the cache's hit ratio is redis-cli's and the application's own"
for side in candidate base; do
    PERFGATE_SIDE=$side ci/recipes/redis stats | tr -d '\r' >info
    hits=$(sed -n 's/^keyspace_hits://p' info) misses=$(sed -n 's/^keyspace_misses://p' info)
    reported=$(jq '.resources.sources[] | select(.name == "redis") | .series[] | select(.name == "cache_hit_ratio") | .average' "${reports[$side]}")
    expect_true "$side: $hits hits, $misses misses, reported $reported" awk -v h="$hits" -v m="$misses" -v r="$reported" \
        'BEGIN { d = h / (h + m) - r; exit !(h > 20 && m > 20 && d < 0.05 && d > -0.05) }'
    read -r hits_now misses_now < <(panel_looks $side)
    read -r hits_then misses_then <<<"${looks[$side]}"
    expect_true "$side: panel counts $hits and $misses" test \
        "$((hits_now - hits_then)) $((misses_now - misses_then))" = "$hits $misses"
done

describe "a Redis that both sides use is not taken for the base side's own"
run env -u PERFGATE_REDIS_BASE PERFGATE_REDIS="unix:$sockets/candidate" PERFGATE_SIDE=base ci/recipes/redis stats
expect_exit 2
expect_stderr 'expected PERFGATE_REDIS_BASE'

describe 'how the worst query is done, on request'
run ci/recipes/postgresql explain report.json
expect_exit 0
expect_stderr "$query"
expect_true 'a plan that was carried out' jq -e '.[0] | .["Execution Time"] > 0 and
    ([.. | objects | select(.["Relation Name"]? == "replies")] | length) > 0' stdout
run ci/recipes/postgresql explain report.json 17
expect_true 'with a value' jq -e '.[0].Plan["Actual Rows"] >= 8' stdout
run ci/recipes/postgresql explain report.json 1 2 3
expect_exit 2
expect_stderr 'parameters, found 3 values'

# table QUERY: a report with that query alone.
table() {
    jq -n --arg key "$1" '{resources: {sources: [{tables: [{columns: ["total_exec_time", "calls"],
        rows: [{key: $key, values: [1000, 1]}]}]}]}}' >made.json
}
describe 'explain carries out nothing that writes, and nothing that a report makes up'
sql sql candidate "CREATE TABLE marks (mark text); CREATE FUNCTION mark() RETURNS text LANGUAGE sql AS
    'INSERT INTO marks VALUES (''marked'') RETURNING mark'; SELECT mark()" >/dev/null
table 'SELECT mark()'
run ci/recipes/postgresql explain made.json
expect_exit 2
expect_stderr 'read-only transaction'
table 'SELECT 1; DROP TABLE marks; SELECT mark()'
run ci/recipes/postgresql explain made.json
expect_exit 2
expect_stderr 'pg_stat_statements has no longer'
table "SELECT mark()' OR true; DROP TABLE marks; --"
run ci/recipes/postgresql explain made.json
expect_exit 2
sql sql candidate "INSERT INTO marks VALUES ('by hand')"
table "INSERT INTO marks VALUES (?)"
run ci/recipes/postgresql explain made.json
expect_exit 2
expect_stderr 'no table of queries with a SELECT'
expect_true 'two rows as before' test "$(sql sql candidate 'SELECT count(*) FROM marks')" -eq 2
echo 'no JSON' >made.json
run ci/recipes/postgresql explain made.json
expect_exit 2
run ci/recipes/postgresql explain missing.json
expect_exit 2
expect_stderr "'missing.json': cannot be read"
run ci/recipes/postgresql explode
expect_exit 2
expect_one_sentence

. "$root/tests/load/nginx.sh"
describe "nginx's own count of requests"
# shellcheck disable=SC2119 # the script has no arguments
start_nginx
cat >few.json <<'END'
{"schema": "perfgate.scenario/1", "name": "few", "rate": 40, "duration": "6s",
 "classes": [{"name": "reader", "tasks": [{"name": "read", "steps": [{"get": "/"}]}]}]}
END
join few.json ci/recipes/nginx.json >scenario.json
run perf-run scenario.json --host "http://127.0.0.1:$port" --output nginx.json --quiet
expect_exit 0
jq -c '.resources.sources[] | select(.name == "nginx") | .series[] | [.name, .average]' nginx.json >series
requests=$(sed -n 's/\["nginx_requests",\(.*\)\]/\1/p' series)
expect_true "40 a second and its own polls: $requests" awk -v n="$requests" 'BEGIN { exit !(n > 30 && n < 44) }'
connections=$(sed -n 's/\["nginx_connections",\(.*\)\]/\1/p' series)
expect_true "connections: $connections" awk -v n="$connections" 'BEGIN { exit !(n >= 1 && n < 20) }'
