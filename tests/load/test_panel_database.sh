#!/usr/bin/env bash
# The demo application with a real PostgreSQL and a real Redis behind it: the forum is read from and
# written to the one, its pages go through the other, and either may be lost.
. "$(dirname "$0")/../cli/lib.sh"
. "$root/tests/load/databases.sh"
unset "${!TEST_@}"

stop_panel() {
    [ -n "$pid" ] || return 0
    kill "$pid"
    wait "$pid"
    local code=$?
    [ $code -eq 0 ] || fail "panel ended with $code: $(cat "$scratch"/panel.*.err)"
    pid=''
}
pid=''
at_exit stop_panel

# fetch PATH CURL-OPTION...: leaves $code and the body in stdout.
fetch() {
    local path=$1
    shift
    last_command="fetch $path $*"
    : >stdout
    code=$(curl -s -m 60 -o stdout -D head -w '%{http_code}' "$@" "$url$path" 2>stderr)
}
expect_code() {
    [ "$code" = "$1" ] || fail "expected status $1, found $code: $(head -c 500 stdout)"
}
# until_code CODE PATH: it comes to be, in good time.
until_code() {
    for _ in $(seq 200); do
        fetch "$2"
        [ "$code" != "$1" ] || return 0
        sleep 0.05
    done
    fail "expected $2 to be $1 at last, found $code"
}
# until_connected: both server threads are again.
until_connected() {
    for _ in $(seq 200); do
        [ "$(metric .database.connections)" -lt 2 ] || return 0
        fetch '/forum/search?q=query'
        sleep 0.05
    done
    fail "still $(metric .database.connections) connections to the database"
}
metric() {
    curl -s "$url/api/monitoring/metrics" | jq "$1"
}

start_postgres sql
sql sql postgres 'CREATE DATABASE panel'
start_redis redis
database="host=$sockets/sql user=panel dbname=panel"
panel_options=(--database "$database" --cache "unix:$sockets/redis")

describe 'the tables are made and filled, once'
start_panel "${panel_options[@]}"
expect_true 'threads' test "$(sql sql panel 'SELECT count(*) FROM panel.threads')" -eq 20000
expect_true 'replies' test "$(sql sql panel 'SELECT count(*) FROM panel.replies')" -eq 200000
first=$(sql sql panel 'SELECT md5(string_agg(body, chr(10) ORDER BY id)) FROM panel.replies')
stop_panel
start_panel "${panel_options[@]}" --seed 5
expect_true 'what was there stays' test "$(sql sql panel 'SELECT count(*) FROM panel.replies')" -eq 200000
stop_panel
sql sql panel 'DROP SCHEMA panel CASCADE'
start_panel "${panel_options[@]}"
expect_true 'the same seed, the same content' \
    test "$(sql sql panel 'SELECT md5(string_agg(body, chr(10) ORDER BY id)) FROM panel.replies')" = "$first"
stop_panel

start_panel "${panel_options[@]}" --threads 2
describe 'pages show what the database has'
fetch /forum
expect_code 200
expect_stdout '<a href="/forum/thread/20000">'
expect_true '20 rows' test "$(grep -c '<tr><td>' stdout)" -eq 20
fetch /forum/thread/17
expect_code 200
expect_true '9 posts' test "$(grep -c '<article>' stdout)" -eq 9
expect_stdout "<h1>$(sql sql panel 'SELECT title FROM panel.threads WHERE id = 17')</h1>"
sql sql panel 'SELECT body FROM (SELECT id, body FROM panel.replies WHERE thread_id = 17 ORDER BY id DESC LIMIT 8) AS r ORDER BY id' >bodies
grep -o '<article><p>[^<]*' stdout | sed 's/<article><p>//; 1d' >shown
expect_true 'the last replies, in their order' cmp bodies shown
fetch /forum/thread/20001
expect_code 404
fetch /
expect_stdout 'in 20000 threads'

describe 'pages come from the cache until they change'
before=$(metric .cache.hits)
fetch /forum/thread/17
cp stdout again
fetch /forum/thread/17
expect_true 'the same' cmp stdout again
expect_true 'two hits' test "$(metric .cache.hits)" -eq $((before + 2))
expect_true 'a key' test "$(redis-cli -s "$sockets/redis" --scan --pattern 'panel:*:thread:17:*' | wc -l)" -eq 1
key=$(redis-cli -s "$sockets/redis" --scan --pattern 'panel:*:thread:17:*')
ttl=$(redis-cli -s "$sockets/redis" ttl "$key")
expect_true "it ends: $ttl" test "$ttl" -gt 0 -a "$ttl" -le 60
expect_true 'hits and misses are what Redis counts' sh -c "redis-cli -s '$sockets/redis' info stats | tr -d '\\r' |
    grep -qx 'keyspace_misses:$(metric .cache.misses)'"

describe 'posts and replies are written to the database, and seen at once'
fetch /login -c jar
csrf=$(sed -n 's/.*name="csrf_token" value="\([0-9a-f]*\)".*/\1/p' stdout)
fetch /login -b jar -c jar -d "csrf_token=$csrf" -d 'email=user@example.com&password=user-secret'
expect_code 303
fetch /forum/thread/17 -b jar
csrf=$(sed -n 's/.*name="csrf_token" value="\([0-9a-f]*\)".*/\1/p' stdout | head -n 1)
fetch /forum/thread/17/reply -b jar -d "csrf_token=$csrf" --data-urlencode "body=it's <new> \\ 'x'; DROP"
expect_code 303
fetch /forum/thread/17 -b jar
expect_stdout "it&#39;s &#60;new&#62; \\ &#39;x&#39;; DROP"
expect_true '9 posts' test "$(grep -c '<article>' stdout)" -eq 9
expect_true 'a row' test "$(sql sql panel "SELECT author || ' ' || body FROM panel.replies WHERE id = 200001")" \
    = "1 it's <new> \\ 'x'; DROP"
expect_true 'its counter' test "$(sql sql panel 'SELECT replies FROM panel.threads WHERE id = 17')" -eq 11
fetch /forum/new -b jar -d "csrf_token=$csrf&title=Zebras+by+night&body=text"
expect_code 303
expect_match head '^Location: /forum/thread/20001'
fetch /forum
expect_stdout 'Zebras by night'
fetch /forum/thread/20002/reply -b jar -d "csrf_token=$csrf&body=x"
expect_code 404
fetch /forum/thread/17/reply -b jar -d "csrf_token=$csrf&body="
expect_code 400
expect_true 'nothing of both' test "$(sql sql panel 'SELECT max(id) FROM panel.replies')" -le 200002
fetch /dashboard -b jar
expect_stdout "Your replies ($(sql sql panel 'SELECT count(*) FROM panel.replies WHERE author = 1'))"
expect_stdout 'Zebras by night'

describe 'the API does the same'
token=$(curl -s -d 'email=user@example.com&password=user-secret' "$url/api/auth/token" | jq -r .access_token)
fetch /api/forum/threads -H "Authorization: Bearer $token"
expect_true 'the newest first' jq -e '.total == 20001 and .threads[0].id == 20001 and (.threads | length) == 20' stdout
cp stdout again
fetch /api/forum/threads -H "Authorization: Bearer $token"
expect_true 'the same from the cache' cmp stdout again
fetch /api/forum/threads/17/replies -H "Authorization: Bearer $token" -d 'body=by+API'
expect_code 201
expect_true 'the thread' jq -e '.id == 17 and .replies == 12 and (.last_replies | length) == 8 and
    .last_replies[7].body == "by API"' stdout
fetch /api/forum/threads/17 -H "Authorization: Bearer $token"
expect_true 'the thread' jq -e '.last_replies[7].body == "by API"' stdout
fetch /api/forum/threads -H "Authorization: Bearer $token" -d 'title=One+more&body=text'
expect_true 'a new one' jq -e '.id == 20002 and .title == "One more" and .replies == 0' stdout
fetch /api/gdpr/export -H "Authorization: Bearer $token"
expect_true 'posts' jq -e '.total_threads > 1 and .threads[0].id == 20002 and .replies[0].body == "by API"' stdout
owned=$(sql sql panel 'SELECT (SELECT count(*) FROM panel.threads WHERE author = 1) + (SELECT count(*) FROM panel.replies WHERE author = 1)')
fetch /forum/thread/17
expect_stdout 'by API'
fetch /api/gdpr/erase -H "Authorization: Bearer $token" -X POST
expect_true "erased $owned" jq -e ".anonymised_posts == $owned" stdout
fetch /forum/thread/17
expect_stdout 'former member'

describe 'a search finds words, in the database and without one'
fetch '/forum/search?q=zebras'
expect_stdout 'Zebras by night'
expect_true 'one' test "$(grep -c '<tr><td>' stdout)" -eq 1
fetch '/forum/search?q=no+such+words+here'
expect_true 'none' test "$(grep -c '<tr><td>' stdout)" -eq 0
fetch '/forum/search?q=%ff'
expect_code 400
fetch /forum/search
expect_code 200

describe 'many at once, on several threads'
curl -s -m 120 -Z --parallel-max 50 -o /dev/null -w '%{http_code}\n' \
    "$url/forum/thread/[1-300]" "$url/forum?n=[1-100]" >codes 2>stderr
expect_true '400 answers' test "$(grep -cx 200 codes)" -eq 400
expect_true 'two connections' test "$(metric .database.connections)" -eq 2
expect_true 'no errors' test "$(metric '.database.errors + .cache.errors')" -eq 0

describe 'without the database it is 503, and works again when that is back'
stop_postgres sql
fetch /forum/thread/301
expect_code 503
expect_stdout 'the database does not answer'
fetch /api/forum/threads/302 -H "Authorization: Bearer $token"
expect_code 503
expect_stdout '"status": 503'
fetch /forum/thread/17/reply -b jar -d "csrf_token=$csrf&body=lost"
expect_code 503
until_code 503 /api/monitoring/health
expect_true 'degraded' jq -e '.status == "degraded" and .checks.database == "degraded" and .checks.cache == "ok"' stdout
fetch /profile -b jar
expect_code 200
expect_true 'counted' test "$(metric .database.errors)" -ge 3
expect_true 'said once a thread' test "$(grep -c 'the database is lost' "$scratch"/panel.*.err | sed 's/.*://' | sort -n | tail -n 1)" -le 2
run_postgres sql
until_code 200 /forum/thread/301
until_code 200 /forum/thread/302
until_code 200 /api/monitoring/health
until_connected
expect_true 'nothing twice' test "$(sql sql panel "SELECT count(*) FROM panel.replies WHERE body = 'lost'")" -eq 0

describe 'a database that hangs is given up, and comes back'
kill -STOP "$(head -n 1 "$sockets/sql/data/postmaster.pid")"
mapfile -t backends < <(pgrep -P "$(head -n 1 "$sockets/sql/data/postmaster.pid")" -f 'panel panel')
kill -STOP "${backends[@]}"
fetch /forum/thread/303
expect_code 503
expect_true 'for the reason' grep -q 'did not answer within 5 s' "$scratch"/panel.*.err
kill -CONT "$(head -n 1 "$sockets/sql/data/postmaster.pid")" "${backends[@]}"
until_code 200 /forum/thread/303
until_connected

describe 'a query that the database refuses is 503, and the connection stays'
sql sql panel 'ALTER TABLE panel.replies RENAME TO gone'
fetch /forum/thread/304
expect_code 503
sql sql panel 'ALTER TABLE panel.gone RENAME TO replies'
fetch /forum/thread/304
expect_code 200
expect_true 'two connections' test "$(metric .database.connections)" -eq 2

describe 'without the cache pages are made anew, and it is used again when it is back'
kill $redis_pid
wait $redis_pid
fetch /forum/thread/305
expect_code 200
fetch /forum/thread/305
expect_code 200
expect_true 'counted' test "$(metric .cache.errors)" -ge 2
start_redis redis
for _ in $(seq 100); do
    fetch /forum/thread/306
    [ "$(redis-cli -s "$sockets/redis" dbsize)" -eq 0 ] || break
    sleep 0.05
done
expect_true 'kept again' test "$(redis-cli -s "$sockets/redis" dbsize)" -gt 0
stop_panel

describe 'a cache without a database keeps pages of what is in memory'
start_panel --cache "unix:$sockets/redis"
fetch /forum/thread/17
fetch /forum/thread/17
expect_code 200
expect_true 'a miss and a hit' test "$(metric '"\(.cache.hits) \(.cache.misses)"')" = '"1 1"'
fetch /forum/thread/229
expect_code 404
fetch '/forum/search?q=a'
expect_true 'found' test "$(grep -c '<tr><td>' stdout)" -gt 0
stop_panel

describe 'a database without a cache is asked each time'
start_panel --database "$database"
fetch /forum/thread/17
fetch /forum/thread/17
expect_code 200
expect_true 'no cache' test "$(metric '"\(.cache.hits) \(.cache.misses)"')" = '"0 0"'
stop_panel

describe 'what cannot be reached at the start is refused'
for options in "--database host=$sockets/none|cannot reach the database" '--database nonsense=1|invalid connection option' \
    "--cache unix:$sockets/none|cannot reach the cache" '--cache 127.0.0.1:1|cannot reach the cache' \
    '--cache nowhere|expected unix:PATH or HOST:PORT' '--cache 127.0.0.1:x|--cache'; do
    read -ra words <<<"${options%%|*}"
    run panel --port 0 "${words[@]}"
    expect_exit 2
    expect_stderr "${options#*|}"
    expect_one_sentence
done
