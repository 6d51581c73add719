#!/usr/bin/env bash
# The demo application, driven with curl as a browser and an API client would.
. "$(dirname "$0")/lib.sh"
unset "${!TEST_@}"

# stop_panel [SIGNAL]: it has to end with 0.
stop_panel() {
    [ -n "$pid" ] || return 0
    kill -"${1-TERM}" "$pid"
    wait "$pid"
    local code=$?
    [ $code -eq 0 ] || fail "panel ended with $code: $(cat "$scratch"/panel.*.err)"
    pid=''
}
pid=''
at_exit stop_panel

# fetch PATH CURL-OPTION...: leaves $code, the body in stdout and the response's head in head.
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

expect_header() {
    expect_match head "^$1"$'\r'"?\$"
}

# csrf_of_page: the token in the form of the page that was fetched last.
csrf_of_page() {
    sed -n 's/.*name="csrf_token" value="\([0-9a-f]\{32\}\)".*/\1/p' stdout | head -n 1
}

# log_in JAR EMAIL PASSWORD: fills a jar with a session's cookies.
log_in() {
    fetch /login -c "$1" -b "$1"
    fetch /login -c "$1" -b "$1" -d "csrf_token=$(csrf_of_page)" \
        --data-urlencode "email=$2" --data-urlencode "password=$3"
}

# token_of EMAIL PASSWORD: prints a bearer token.
token_of() {
    curl -s -m 60 -H 'Content-Type: application/json' \
        -d "{\"email\": \"$1\", \"password\": \"$2\"}" "$url/api/auth/token" |
        sed -n 's/.*"access_token": *"\([0-9a-f]\{32\}\)".*/\1/p'
}

# ---- command line ----

describe 'panel -h names every option'
run panel -h
expect_exit 0
for option in port host threads seed latency slow error database cache help; do
    expect_stdout "--$option"
done
expect_stderr ''

while IFS='|' read -r arguments message; do
    describe "panel refuses: $arguments"
    read -ra words <<<"$arguments"
    run panel "${words[@]}"
    expect_exit 2
    expect_stderr "$message"
    expect_stdout ''
    expect_one_sentence
done <<'END'
--nope|unknown option '--nope'
--seed|'--seed' needs a value
extra|panel takes options only
--port x|--port
--port 65536|--port
--threads 0|--threads
--host localhost|expected a numeric address
--latency wait:exp|expected cpu: or wait:
--latency sleep:exp:1ms|expected cpu: or wait:
--latency wait:constant:1ms:2ms|expected cpu: or wait:
--latency wait:uniform:5ms:1ms|the high end is below the low end
--latency wait:lognormal:1ms:9|sigma
--slow /forum=+30%|relative to '--latency'
--slow forum=30|starts with '/'
--slow /forum|expected PATH=VALUE
--slow /forum=-1|milliseconds
--slow /forum=+x%|percentage
--error /forum=1.5|rate
--database host=/nowhere|cannot reach the database: 
--database nonsense=1|invalid connection option
--cache nowhere|expected unix:PATH or HOST:PORT
--cache 127.0.0.1:x|--cache
--cache 127.0.0.1:1|cannot reach the cache: 
END

describe 'panel refuses two accounts of one address'
run env TEST_USER_EMAIL=a@example.com TEST_ADMIN_EMAIL=a@example.com panel --port 0
expect_exit 2
expect_stderr 'are the same'

# ---- public pages ----

describe 'the home page lists the newest threads'
start_panel
fetch /
expect_code 200
expect_header 'Content-Type: text/html; charset=utf-8'
expect_stdout '<a href="/forum/thread/228">'
expect_stdout '</html>'

describe 'a port that is taken is refused'
run panel --port "${url##*:}"
expect_exit 2
expect_stderr "port ${url##*:}: Address already in use"
expect_one_sentence

describe 'the forum has pages of 20 threads, the last one of 8'
fetch /forum
expect_code 200
expect_true '20 rows' test "$(grep -c '<tr><td>' stdout)" -eq 20
fetch '/forum?page=12'
expect_code 200
expect_true '8 rows' test "$(grep -c '<tr><td>' stdout)" -eq 8
for page in 0 13 x; do
    fetch "/forum?page=$page"
    expect_code 404
done

describe 'a search finds words of titles'
title=$(curl -s "$url/forum/thread/228" | sed -n 's/.*<h1>\(.*\)<\/h1>.*/\1/p')
fetch /forum/search -G --data-urlencode "q=${title,,}"
expect_code 200
expect_stdout '<a href="/forum/thread/228">'
fetch '/forum/search?q=no+such+words'
expect_true 'none' test "$(grep -c '<tr><td>' stdout)" -eq 0
fetch '/forum/search?q=%ff'
expect_code 400

describe 'a thread has eight replies; one that does not exist is 404'
fetch /forum/thread/17
expect_code 200
expect_true '9 posts' test "$(grep -c '<article>' stdout)" -eq 9
fetch /forum/thread/229
expect_code 404
fetch /forum/thread/17x
expect_code 404

describe 'static files have a type and a validator'
for file in style.css=text/css app.js=text/javascript logo.svg=image/svg; do
    fetch "/static/${file%=*}"
    expect_code 200
    expect_match head "^Content-Type: ${file#*=}"
    etag=$(sed -n 's/^ETag: \(.*\)\r$/\1/p' head)
    fetch "/static/${file%=*}" -H "If-None-Match: $etag"
    expect_code 304
    expect_stdout ''
done

describe 'an unknown path is 404, a wrong method 405, HEAD has no body'
fetch /nothing
expect_code 404
fetch /forum -X DELETE
expect_code 405
expect_header 'Allow: GET'
fetch /profile/edit -X PUT
expect_header 'Allow: GET, POST'
fetch /forum -I
expect_code 200
expect_match head '^Content-Length: [1-9]'

# ---- logging in ----

describe 'logging in needs the CSRF token of the form and its cookie'
fetch /login -c jar
expect_code 200
expect_match head '^Set-Cookie: csrf=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax'
token=$(csrf_of_page)
fetch /login -b jar -d 'email=user@example.com&password=user-secret'
expect_code 403
fetch /login -d "csrf_token=$token&email=user@example.com&password=user-secret"
expect_code 403
fetch /login -b jar -d "csrf_token=${token//[0-7]/8}&email=user@example.com&password=user-secret"
expect_code 403

describe 'a wrong password is 401'
fetch /login -b jar -d "csrf_token=$token&email=user@example.com&password=wrong"
expect_code 401
expect_stdout 'do not belong together'

describe 'logging in opens a session'
log_in jar user@example.com user-secret
expect_code 303
expect_header 'Location: /dashboard'
expect_match head '^Set-Cookie: session=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax'
fetch /dashboard -b jar
expect_code 200
expect_stdout '<h1>Dashboard</h1>'

describe 'pages of one who is logged in send strangers to the log-in form'
for path in /dashboard /profile /profile/edit /forum/new /admin; do
    fetch "$path"
    expect_code 303
    expect_header 'Location: /login'
done
fetch /dashboard -H "Cookie: session=0000$(printf '%028d' 0)"
expect_code 303

describe 'the profile can be edited, and is escaped'
fetch /profile/edit -b jar
csrf=$(csrf_of_page)
fetch /profile/edit -b jar -d "csrf_token=$csrf" --data-urlencode 'name=<b>Ö & "x"</b>' \
    -d 'country=JP&bio=none'
expect_code 303
fetch /profile -b jar
expect_stdout '&#60;b&#62;Ö &#38; &#34;x&#34;&#60;/b&#62;'
expect_stdout '<dd>JP</dd>'
fetch /profile/edit -b jar -d "csrf_token=$csrf&name=x&country=XX"
expect_code 400

# ---- posting ----

describe 'a posted thread is shown, escaped, also on the list that was cached before'
fetch /forum
fetch /forum/new -b jar -d "csrf_token=$csrf" --data-urlencode 'title=Why <script>?' \
    --data-urlencode 'body=a & b'
expect_code 303
expect_header 'Location: /forum/thread/229'
fetch /forum/thread/229
expect_code 200
expect_stdout 'Why &#60;script&#62;?'
expect_stdout '<article><p>a &#38; b</p>'
fetch /forum
expect_stdout 'Why &#60;script&#62;?'

describe 'a reply is shown last, the oldest one goes'
fetch /forum/thread/17/reply -b jar -d "csrf_token=$csrf" -d 'body=the+newest+reply'
expect_code 303
expect_header 'Location: /forum/thread/17'
fetch /forum/thread/17
expect_true '9 posts' test "$(grep -c '<article>' stdout)" -eq 9
expect_true 'the newest reply at the end' \
    grep -q 'the newest reply' <(grep '<article>' stdout | tail -n 1)

describe 'a post without the CSRF token is refused'
fetch /forum/new -b jar -d 'title=x&body=y'
expect_code 403
fetch /forum/thread/17/reply -b jar -d "csrf_token=$token&body=y"
expect_code 403

describe 'bad bodies are 400, large ones 413'
fetch /forum/new -b jar -d "csrf_token=$csrf&title=x"
expect_code 400
expect_stdout 'body'
fetch /forum/new -b jar -d "csrf_token=$csrf&title=$(printf 'x%.0s' {1..121})&body=y"
expect_code 400
for broken in %ff %00 %e2%82 %ed%a0%80 %4 %zz; do
    fetch /forum/new -b jar -d "csrf_token=$csrf&title=x&body=$broken"
    expect_code 400
done
fetch /forum/new -b jar -H 'Content-Type: text/plain' -d "csrf_token=$csrf&title=x&body=y"
expect_code 400
head -c 20000 /dev/zero | tr '\0' x >large
fetch /forum/new -b jar -H 'Expect:' -d @large
expect_code 413

describe 'logging out ends the session'
log_in other user@example.com user-secret
cp other before
fetch /dashboard -b other
csrf_other=$(csrf_of_page)
fetch /logout -b other -c other
expect_code 405
fetch /logout -b other -c other -d "csrf_token=$csrf_other"
expect_code 303
fetch /dashboard -b before
expect_code 303

# ---- the API ----

describe 'a bearer token comes for JSON and for a form'
token=$(token_of user@example.com user-secret)
expect_true 'a token' test -n "$token"
fetch /api/auth/token -d 'email=user@example.com&password=user-secret'
expect_code 200
expect_match stdout '"token_type": ?"Bearer"'
fetch /api/auth/token -d 'email=user@example.com&password=wrong'
expect_code 401
for body in '{' '[]' '{"email": 1}' '{"email": "a", "email": "b"}' '{"email": "a"}'; do
    fetch /api/auth/token -H 'Content-Type: application/json' -d "$body"
    expect_code 400
    expect_stdout '"error"'
done

describe 'the API wants the token'
for path in /api/users /api/users/me /api/users/5 /api/forum/threads /api/gdpr/export; do
    fetch "$path"
    expect_code 401
    expect_header 'WWW-Authenticate: Bearer'
    fetch "$path" -b jar
    expect_code 401
    fetch "$path" -H "Authorization: Bearer $token"
    expect_code 200
    expect_header 'Content-Type: application/json'
done
session=$(sed -n 's/.*\tsession\t//p' jar)
fetch /api/users -H "Authorization: Bearer $session"
expect_code 401

describe "members do not see each other's e-mail address"
fetch /api/users/5 -H "Authorization: Bearer $token"
expect_true 'no address' bash -c '! grep -q @ stdout'
fetch /api/users/me -H "Authorization: Bearer $token"
expect_stdout 'user@example.com'

describe 'the API posts and replies'
fetch /api/forum/threads -H "Authorization: Bearer $token" -d 'title=By+API&body=text'
expect_code 201
id=$(sed -n 's/^{"id": *\([0-9]*\),.*/\1/p' stdout)
fetch "/api/forum/threads/$id/replies" -H "Authorization: Bearer $token" \
    -H 'Content-Type: application/json' -d '{"body": "caf\u00e9"}'
expect_code 201
fetch "/api/forum/threads/$id" -H "Authorization: Bearer $token"
expect_code 200
expect_stdout 'café'

describe 'an export has the posts, erasing takes the name off them'
fetch /api/gdpr/export -H "Authorization: Bearer $token"
expect_code 200
expect_stdout 'By API'
fetch /api/gdpr/erase -H "Authorization: Bearer $token" -X POST
expect_code 200
expect_match stdout '"account_removed": ?false'
fetch /api/gdpr/export -H "Authorization: Bearer $token"
expect_match stdout '"total_threads": ?0'
fetch "/forum/thread/$id"
expect_stdout 'former member'
log_in jar user@example.com user-secret
expect_code 303

# ---- administration ----

describe 'members are no administrators'
fetch /admin -b jar
expect_code 403
fetch /api/users -H "Authorization: Bearer $token" -d 'name=x'
expect_code 403

describe 'administrators add, change and delete users'
log_in admin admin@example.com admin-secret
for path in /admin /admin/users /admin/users/new /admin/users/5 /admin/audit /admin/settings; do
    fetch "$path" -b admin
    expect_code 200
done
csrf=$(csrf_of_page)
fetch /admin/users -b admin -d "csrf_token=$csrf&name=New+One&email=new@example.com"
expect_code 303
expect_header 'Location: /admin/users/101'
fetch /admin/users -b admin -d "csrf_token=$csrf&name=Again&email=new@example.com"
expect_code 409
fetch /admin/users/101 -b admin -d "csrf_token=$csrf&name=Renamed&country=FR&role=admin"
expect_code 303
fetch /admin/users/101 -b admin
expect_stdout 'value="Renamed"'
fetch /admin/users/101/delete -b admin -d "csrf_token=$csrf"
expect_code 303
fetch /admin/users/101 -b admin
expect_code 404
fetch /admin/users/2/delete -b admin -d "csrf_token=$csrf"
expect_code 409
fetch /admin/users -b admin -d 'name=No+token'
expect_code 403

describe 'the audit log has what they did'
fetch /admin/audit -b admin
for action in user.create user.update user.delete gdpr.erase; do
    expect_stdout "<td>$action</td>"
done
expect_true '50 rows' test "$(grep -c '<tr><td>' stdout)" -eq 50

describe 'settings are saved and shown'
fetch /admin/settings -b admin -d "csrf_token=$csrf&site_name=A+%3C+B&announcement=Closed+tonight."
expect_code 303
fetch /
expect_stdout '<strong>A &#60; B</strong>'
expect_stdout 'Closed tonight.'

describe 'administrators do the same through the API'
boss=$(token_of admin@example.com admin-secret)
fetch /api/users -H "Authorization: Bearer $boss" -d 'name=Api+One&password=secret-1'
expect_code 201
id=$(sed -n 's/^{"id": *\([0-9]*\),.*/\1/p' stdout)
expect_stdout "member$id@example.org"
fetch "/api/users/$id" -X PUT -H "Authorization: Bearer $boss" -d 'name=Api+Two&country=NL'
expect_code 200
expect_stdout 'Api Two'
own=$(token_of "member$id@example.org" secret-1)
fetch /api/gdpr/erase -X POST -H "Authorization: Bearer $own"
expect_match stdout '"account_removed": ?true'
fetch /api/users/me -H "Authorization: Bearer $own"
expect_code 401
fetch "/api/users/$id" -X DELETE -H "Authorization: Bearer $boss"
expect_code 404
fetch /api/users/99 -X DELETE -H "Authorization: Bearer $boss"
expect_code 204

# ---- monitoring ----

describe 'metrics are JSON unless Prometheus asks'
for accept in '*/*' application/json 'text/plain;q=0.5, application/json' 'text/html'; do
    fetch /api/monitoring/metrics -H "Accept: $accept"
    expect_header 'Content-Type: application/json'
done
for key in requests errors database cache sessions jobs registrations forum api_by_country; do
    expect_stdout "\"$key\": "
done
# shellcheck disable=SC2016 # awk's own
expect_true 'no percentile above the maximum' awk '
    sub(/.*"(p50|p95|p99)_ms": /, "") { if ($0 + 0 < last) exit 1; last = $0 + 0 }
    sub(/.*"max_ms": /, "") { exit $0 + 0 < last }' stdout
for accept in text/plain 'text/*' \
    'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1'; do
    fetch /api/monitoring/metrics -H "Accept: $accept"
    expect_header 'Content-Type: text/plain; version=0.0.4; charset=utf-8'
done
expect_match stdout '^panel_http_request_duration_seconds_bucket\{le="\+Inf"\} [1-9][0-9]*$'
expect_match stdout '^panel_registrations_total 2$'
expect_match stdout '^panel_forum_threads_total 2$'
expect_match stdout '^panel_forum_replies_total 2$'
expect_match stdout '^panel_jobs_done_total 4$'
expect_match stdout '^panel_cache_hits_total [1-9]'
expect_match stdout '^panel_failed_logins_total [1-9]'
expect_match stdout '^panel_api_requests_total\{country="JP"\} [1-9]'
expect_match stdout 'panel_http_requests_total\{method="GET",route="/forum/thread/:id"\} [1-9]'

describe 'health and system are JSON'
fetch /api/health
expect_match stdout '"status": ?"ok"'
fetch /api/monitoring/health
expect_code 200
expect_stdout '"database": "ok"'
fetch /api/monitoring/system
expect_code 200
expect_match stdout "\"pid\": $pid,"

# ---- bounds ----

describe 'the forum does not grow: the newest posts replace the oldest, the first 100 threads stay'
fetch "/api/forum/threads?n=[1-300]" -H "Authorization: Bearer $token" -d 'title=many&body=posts'
fetch /forum
expect_stdout '<a href="/forum/thread/530">'
expect_true '20 rows' test "$(grep -c '<tr><td>' stdout)" -eq 20
fetch '/forum?page=12'
expect_true '8 rows' test "$(grep -c '<tr><td>' stdout)" -eq 8
for id in 1 100 403 530; do
    fetch "/forum/thread/$id"
    expect_code 200
done
for id in 101 229 402; do
    fetch "/forum/thread/$id"
    expect_code 404
done

describe 'SIGTERM ends it with 0'
stop_panel TERM

# ---- options at work ----

describe 'a seed repeats the content, another one does not'
for try in 7-first 7-second 8-first; do
    start_panel --seed "${try%-*}"
    fetch /forum/thread/50
    cp stdout "seed-$try"
    stop_panel
done
expect_true 'the same' cmp seed-7-first seed-7-second
expect_true 'another' bash -c '! cmp -s seed-7-first seed-8-first'

describe 'accounts come from the environment'
export TEST_USER_EMAIL=load@example.net TEST_USER_PASSWORD='p&ss=1'
start_panel
unset "${!TEST_@}"
log_in envjar load@example.net 'p&ss=1'
expect_code 303
log_in envjar user@example.com user-secret
expect_code 401
stop_panel

describe '--error fails the path that it names, others not'
start_panel --error /forum=1 --error '/api/*=1' --error /login=0
for path in /forum /api/health /api/monitoring/metrics; do
    fetch "$path"
    expect_code 500
done
for path in / /forum/thread/1 /login; do
    fetch "$path"
    expect_code 200
done
stop_panel

# shellcheck disable=SC2016 # awk's $1
at_least='BEGIN { exit !(t >= low) }'
for spend in wait cpu; do
    describe "--latency $spend and --slow take at least their time"
    start_panel --latency "$spend:constant:20ms" --slow /forum=+200% --slow '/static/*=50'
    while read -r path seconds; do
        took=$(curl -s -m 60 -o stdout -w '%{time_total}' "$url$path")
        expect_true "at least $seconds s for $path" awk -v t="$took" -v low="$seconds" "$at_least"
    done <<'END'
/ 0.02
/forum 0.06
/forum/thread/1 0.02
/static/app.js 0.07
END
    fetch /login -c slowjar
    expect_code 200
    log_in slowjar user@example.com user-secret
    expect_code 303
    stop_panel
done

describe 'waiting holds up no other request, and a signal does not wait for it'
start_panel --slow /forum=60000
curl -s -m 120 -o slow.html -w '%{http_code}' "$url/forum" >slow.code &
slow=$!
for _ in $(seq 200); do
    fetch /api/monitoring/metrics -H 'Accept: text/plain'
    ! grep -q '^panel_connections 2$' stdout || break
    sleep 0.05
done
fetch /
expect_code 200
expect_true 'still waiting' kill -0 "$slow"
stop_panel INT
wait "$slow"
expect_true 'an answer all the same' grep -qx 200 slow.code

describe 'a client that goes away while it waits does no harm'
start_panel --latency wait:uniform:100ms:300ms
for _ in 1 2 3 4 5; do
    curl -s -m 0.05 -o /dev/null "$url/forum"
done
sleep 0.4
fetch /
expect_code 200
stop_panel

describe 'several threads answer many connections'
start_panel --threads 4 --latency wait:exp:2ms
curl -s -m 120 -Z --parallel-max 100 -o /dev/null -w '%{http_code}\n' \
    "$url/forum/thread/[1-100]" "$url/forum?n=[1-200]" >codes 2>stderr
expect_true '300 answers' test "$(grep -cx 200 codes)" -eq 300
stop_panel

describe 'IPv6'
if grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6 2>/dev/null; then
    start_panel --host ::1
    expect_true 'brackets in the URL' test "${url%:*}" = 'http://[::1]'
    fetch / -g
    expect_code 200
    stop_panel
fi
