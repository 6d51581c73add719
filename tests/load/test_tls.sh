#!/usr/bin/env bash
# perf-run against nginx over TLS and over a Unix-domain socket: what the report counts is what the
# server's access log has.
. "$(dirname "$0")/../cli/lib.sh"
unset "${!TEST_@}" SSL_CERT_FILE SSL_CERT_DIR

# ---- certificates: an authority, and what it signs ----

key_options=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
mkdir -p tls nginx
openssl req -x509 "${key_options[@]}" -days 1 -subj /CN=authority -keyout tls/ca.key \
    -out tls/ca.pem 2>/dev/null
# sign NAME SUBJECT-ALT-NAMES [OPTION...]: tls/NAME.pem and tls/NAME.key.
sign() {
    local name=$1 names=$2
    shift 2
    openssl req "${key_options[@]}" -subj "/CN=$name" -keyout "tls/$name.key" -out tls/request \
        2>/dev/null
    openssl x509 -req -in tls/request -CA tls/ca.pem -CAkey tls/ca.key -CAcreateserial -days 1 "$@" \
        -extfile <(echo "subjectAltName = $names") -out "tls/$name.pem" 2>/dev/null
}
sign server DNS:localhost,IP:127.0.0.1
sign other DNS:other.example
sign client email:tester@example.com
sign expired DNS:localhost -days -1

# ---- the server ----

# A server of nginx: on a port, with a certificate, more directives, and more of the port.
tls_server() {
    echo "server { listen 127.0.0.1:$1 ssl ${4-}; ssl_certificate ../tls/$2.pem;
        ssl_certificate_key ../tls/$2.key; $3 include pages; }"
}

# start_nginx: sets $pid and $port, the first of nine.
start_nginx() {
    cat >nginx/pages <<'EOP'
location / { return 200 "hello\n"; }
location /few { keepalive_requests 7; return 200 "few\n"; }
location /from { return 302 /to; }
location /big { root .; }
EOP
    head -c 300000 /dev/zero >nginx/big
    for _ in $(seq 30); do
        port=$((20000 + RANDOM % 10000))
        : >nginx/access.log
        rm -f nginx/app.sock
        cat >nginx/nginx.conf <<EOC
daemon off; master_process off; pid nginx.pid; error_log stderr;
events { worker_connections 4096; }
http {
    log_format path '\$server_port \$request_uri \$status \$server_protocol \$ssl_protocol reused=\$ssl_session_reused'
        ' from=\$ssl_client_s_dn auth=\$http_authorization';
    access_log access.log path; keepalive_requests 1000000;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    $(tls_server $port server 'ssl_protocols TLSv1.2 TLSv1.3;')
    $(tls_server $((port + 1)) server 'ssl_protocols TLSv1.2;')
    $(tls_server $((port + 2)) server 'ssl_protocols TLSv1.3;')
    $(tls_server $((port + 3)) other '')
    $(tls_server $((port + 4)) expired '')
    $(tls_server $((port + 5)) server 'ssl_verify_client on; ssl_client_certificate ../tls/ca.pem;')
    server { listen 127.0.0.1:$((port + 6)); include pages; }
    $(tls_server $((port + 7)) server 'ssl_protocols TLSv1.2 TLSv1.3;' http2)
    $(tls_server $((port + 8)) server 'ssl_protocols TLSv1.2 TLSv1.3; keepalive_requests 7;' http2)
    server { listen unix:app.sock; include pages; }
}
EOC
        (cd nginx && exec nginx -e stderr -p "$PWD" -c "$PWD/nginx.conf") >nginx/log 2>&1 &
        pid=$!
        for _ in $(seq 100); do
            if [ -s nginx/nginx.pid ]; then
                return 0
            fi
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.05
        done
        wait "$pid"
    done
    fail "nginx did not start: $(cat nginx/log)"
}
stop_nginx() {
    [ -z "$pid" ] || { kill -KILL "$pid" && wait "$pid"; } 2>/dev/null
    pid=''
}
pid=''
at_exit stop_nginx

# ---- runs ----

# figure FILE KEY: a number of the report's first level, or of its health.
figure() {
    grep -oE "\"$2\": [0-9.]+" "$1" | head -n 1 | sed 's/.* //'
}

# logged [PATTERN]: lines of the access log.
logged() {
    grep -cE -e "${1-}" nginx/access.log
}

# scenario MEMBERS STEP...: s.json, with a task for each step.
scenario() {
    local members=$1
    shift
    local IFS=,
    echo "{\"schema\": \"perfgate.scenario/1\", \"name\": \"tls\", $members
        \"classes\": [{\"name\": \"c\", \"tasks\": [$*]}]}" >s.json
}
trusting='"tls": {"ca": "tls/ca.pem"},'

# load PORT-OFFSET OPTION...: s.json for half a second without warm-up.
load() {
    local url=https://localhost:$((port + $1))
    shift
    : >nginx/access.log
    rm -f report.json
    run perf-run s.json --host "$url" --duration 0.5s --users 10 --output report.json "$@"
}

# expect_all_counted: no failures, and each request is in the log; its last lines may come late.
expect_all_counted() {
    expect_exit 0
    local total
    total=$(figure report.json total_requests)
    [ "${total:-0}" -gt 0 ] || fail "expected requests, found '$total'"
    [ "$(figure report.json total_failures)" = 0 ] || fail 'expected no failures'
    for _ in $(seq 100); do
        [ "$(logged)" -ne "${total:-0}" ] || return 0
        sleep 0.05
    done
    fail "expected $total lines in the access log, found $(logged)"
}

# expect_refusal REASON ADVICE
expect_refusal() {
    expect_exit 2
    expect_one_sentence
    expect_stderr "'https://localhost:"
    expect_stderr "$1"
    expect_stderr "$2"
    [ ! -e report.json ] || fail 'there is a report'
}

start_nginx

describe 'every request is counted'
scenario "$trusting" '{"get": "/"}'
load 0 --threads 2 --quiet
expect_all_counted
expect_stderr ''
[ "$(figure report.json tls_handshakes)" = 10 ] || fail 'expected a handshake for each user'
[ "$(logged TLSv1.3)" -eq "$(logged)" ] || fail 'expected TLS 1.3'
expect_match report.json "\"host\": \"https://localhost:$port\""

for version in 1 2; do
    describe "TLS 1.$((version + 1)) alone"
    load $version --quiet
    expect_all_counted
    [ "$(logged "TLSv1.$((version + 1))")" -eq "$(logged)" ] || fail 'expected the one version'
done

describe 'bodies of many records'
scenario "$trusting" '{"get": "/big"}'
load 0 --quiet
expect_all_counted
expect_match report.json '"average_content_bytes": 300000'

describe 'where the server closes connections, each user resumes its session'
scenario "$trusting" '{"get": "/few"}'
load 0 --quiet
expect_all_counted
handshakes=$(figure report.json tls_handshakes) resumed=$(figure report.json tls_resumed)
[ "$handshakes" -gt 10 ] || fail "expected connections to end, found $handshakes in all"
[ "$resumed" -eq $((handshakes - 10)) ] || fail "expected all but ten resumed, found $resumed"

# With a connection for each request, each line of the log is a handshake.
for offset in 1 2; do
    describe "without keep-alive, TLS 1.$((offset + 1)): handshakes and resumed ones are those of the log"
    scenario "\"keep_alive\": false, $trusting" '{"get": "/"}'
    load $offset --quiet --threads 2
    expect_all_counted
    [ "$(figure report.json tls_handshakes)" -eq "$(logged)" ] || fail 'the handshakes differ'
    resumed=$(figure report.json tls_resumed) # which is left out where there is none
    [ "${resumed:-0}" -eq "$(logged 'reused=r')" ] || fail 'the resumed differ'
    [ "$(logged 'reused=\. ')" -eq 10 ] || fail 'expected a full handshake for each user'
done

describe 'an authority that nobody knows'
scenario '' '{"get": "/"}'
load 0
expect_refusal 'unable to get local issuer certificate' '"ca" in the scenario'

describe 'the authority from the environment'
SSL_CERT_FILE=$PWD/tls/ca.pem load 0 --quiet
expect_all_counted
: >nginx/access.log
SSL_CERT_FILE=$PWD/tls/ca.pem run perf-run "https://localhost:$port/" --duration 0.3s --quiet \
    --output report.json
expect_all_counted

scenario "$trusting" '{"get": "/"}'
describe 'a certificate for another name'
load 3
expect_refusal 'ostname mismatch' 'for another name'

describe 'an expired certificate'
load 4
expect_refusal 'certificate has expired' 'renew its certificate'

describe 'a port that does not speak TLS'
load 6
expect_refusal 'wrong version number' 'check that this port speaks TLS'

describe 'without verification: a note says so'
scenario '"tls": {"verify": false},' '{"get": "/"}'
load 4
expect_all_counted
expect_stderr 'certificates were not verified'
expect_match report.json 'certificates were not verified'

describe 'a client certificate, named from the scenario'
scenario '"tls": {"ca": "tls/ca.pem", "cert": "tls/client.pem", "key": "tls/client.key"},' \
    '{"get": "/"}'
mkdir -p elsewhere
(cd elsewhere && run perf-run ../s.json --host "https://localhost:$((port + 5))" --duration 0.2s \
    --quiet --output report.json && [ "$status" -eq 0 ] &&
    [ "$(figure report.json total_failures)" = 0 ]) || fail 'expected a good run from elsewhere'
load 5 --quiet
expect_all_counted
[ "$(logged 'from=CN=client ')" -eq "$(logged)" ] || fail 'expected the client in the log'
scenario "$trusting" '{"get": "/"}'
load 5 --quiet
expect_exit 0
expect_match report.json 'expected status 200 to 399, found 400'

describe 'files that cannot be used: exit code 2, one sentence'
while IFS='|' read -r tls message; do
    scenario "\"tls\": {$tls}," '{"get": "/"}'
    load 0
    expect_exit 2
    expect_one_sentence
    expect_stderr "$message"
done <<'EOL'
"ca": "nowhere.pem"|tls.ca: expected a PEM file of certificates, found 'nowhere.pem': No such file or directory
"ca": "s.json"|tls.ca: expected a PEM file of certificates, found 's.json': no certificate or crl found
"cert": "tls/client.key"|tls.cert: expected a PEM file of a certificate and its chain, found 'tls/client.key'
"cert": "tls/client.pem"|tls.key: expected the PEM file of the key of 'tls/client.pem', without a passphrase, found 'tls/client.pem'
"cert": "tls/client.pem", "key": "tls/server.key"|found 'tls/server.key': key values mismatch
"key": "tls/server.key"|'key' belongs to a certificate: name it as 'cert'
EOL

describe 'credentials and certificates go to the target alone'
# shellcheck disable=SC2016 # perf-run fills these in
scenario '"tls": {"ca": "tls/ca.pem", "cert": "tls/client.pem", "key": "tls/client.key"},
    "auth": {"basic": {"user": "${TEST_NAME}", "password": "open sesame"}},' '{"get": "/a"}' \
    "{\"get\": \"https://localhost:$((port + 5))/b\", \"expect\": {\"status\": 400}}" \
    "{\"get\": \"http://localhost:$((port + 6))/c\"}" '{"get": "/d", "auth": null}'
TEST_NAME=Aladdin load 0 --quiet --allow-host "https://localhost:$((port + 5))" \
    --allow-host "localhost:$((port + 6))"
expect_all_counted
[ "$(logged "^$port /a .*auth=Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==$")" -eq "$(logged ' /a ')" ] ||
    fail 'expected the credentials of RFC 7617 in the log'
for page in a b c d; do
    [ "$(logged " /$page ")" -gt 0 ] || fail "expected requests for /$page"
done
[ "$(logged ' /[bcd] .*auth=-$')" -eq "$(logged ' /[bcd] ')" ] || fail 'credentials went astray'
[ "$(logged ' /b .*from=CN')" -eq 0 ] || fail 'the certificate went astray'
grep -qE 'Aladdin|sesame|QWxh' report.json stderr && fail 'the report tells credentials'

describe 'credentials of a variable'
# shellcheck disable=SC2016
scenario "$trusting \"variables\": {\"name\": {\"choice\": [\"a\", \"bb\"]}}," \
    '{"get": "/", "auth": {"basic": {"user": "${name}", "password": "c"}}}'
load 0 --quiet
expect_all_counted
[ "$(logged 'auth=Basic (YTpj|YmI6Yw==)$')" -eq "$(logged)" ] || fail 'the credentials are wrong'

describe 'a paired run of https against http'
scenario "$trusting" '{"get": "/"}'
load 0 --against "http://localhost:$((port + 6))" --duration 2s
expect_exit 3 # too short for a verdict
expect_match report.json '"host": "https://'
expect_match report.base.json '"host": "http://'
expect_match report.base.json '"total_failures": 0'

describe 'a Unix-domain socket'
: >nginx/access.log
run perf-run s.json --host unix:nginx/app.sock --users 10 --duration 0.5s --quiet \
    --output report.json
expect_all_counted
expect_match report.json '"host": "unix:nginx/app.sock"'

describe 'a Unix-domain socket, with a page that leads to another one'
: >nginx/access.log
run perf-run "unix:$PWD/nginx/app.sock:/from" --users 4 --duration 0.3s --quiet --output report.json
expect_exit 0
[ "$(figure report.json total_failures)" = 0 ] || fail 'expected no failures'
[ "$(logged ' /to 200 ')" -eq "$(figure report.json total_requests)" ] || fail 'expected /to'

describe 'HTTP/2 where both sides agree on it: a connection for each user'
scenario "$trusting" '{"get": "/"}' '{"get": "/big"}' \
    '{"steps": [{"parallel": [{"get": "/a"}, {"get": "/b"}, {"get": "/big"}]}]}'
load 7 --quiet --threads 2
expect_all_counted
[ "$(logged 'HTTP/2.0 TLSv1.3')" -eq "$(logged)" ] || fail 'expected HTTP/2 alone'
[ "$(figure report.json connections)" = 10 ] || fail 'expected a connection for each user'
[ "$(figure report.json tls_handshakes)" = 10 ] || fail 'expected a handshake for each user'

describe 'where the server ends connections (GOAWAY), nothing is lost, and each user resumes its session'
scenario "$trusting" '{"get": "/"}'
load 8 --quiet
expect_all_counted
handshakes=$(figure report.json tls_handshakes) resumed=$(figure report.json tls_resumed)
[ "$handshakes" -gt 20 ] || fail "expected connections to end, found $handshakes in all"
[ "$resumed" -eq $((handshakes - 10)) ] || fail "expected all but ten resumed, found $resumed"

# While the streams of an old connection end, a user has a second one, with a session of its own.
describe 'the same with groups: what the server has not begun is sent again'
scenario "$trusting" '{"get": "/"}' '{"steps": [{"parallel": [{"get": "/a"}, {"get": "/b"}, {"get": "/c"}, {"get": "/d"}]}]}'
load 8 --quiet
expect_all_counted
handshakes=$(figure report.json tls_handshakes) resumed=$(figure report.json tls_resumed)
[ "$(figure report.json retries)" -gt 0 ] || fail 'expected requests that were sent again'
[ "$resumed" -ge $((handshakes - 20)) ] || fail "expected all but twenty of $handshakes resumed, found $resumed"

describe 'HTTP/1.1 where the scenario wants it'
scenario "\"protocol\": \"http1\", $trusting" '{"get": "/"}'
load 7 --quiet
expect_all_counted
[ "$(logged 'HTTP/1.1 TLSv1.3')" -eq "$(logged)" ] || fail 'expected HTTP/1.1 alone'

describe 'HTTP/2 alone, which the server does not speak'
scenario "\"protocol\": \"http2\", $trusting" '{"get": "/"}'
load 0
expect_refusal 'the server did not agree on HTTP/2' 'set "protocol" to "auto" or "http1"'

describe 'a server that dies leaves failures, not a hang'
scenario "$trusting" '{"get": "/big"}'
rm -f report.json
: >nginx/access.log
perf-run s.json --host "https://localhost:$port" --users 4 --duration 2s --quiet \
    --output report.json >stdout 2>stderr &
generator=$!
for _ in $(seq 200); do
    [ ! -s nginx/access.log ] || break
    sleep 0.05
done
stop_nginx
wait $generator
status=$?
expect_exit 0
expect_match report.json '"refused"'
