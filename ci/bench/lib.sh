# shellcheck shell=bash
# What the benchmarks of the engine share; they source it and stand at the top of the tree then. The
# server runs on core 0 and the generator on core 1. $work is a directory that goes at the end.
set -eu -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bin=${PERFGATE_BIN:-build/bin}
work=$(mktemp -d)
server_pid=''
stop_server() {
    [ -z "$server_pid" ] || { kill "$server_pid" && wait "$server_pid"; } 2>/dev/null || true
    server_pid=''
}
trap 'stop_server; rm -rf "$work"' EXIT

# need TOOL...: ends the benchmark where one is missing.
need() {
    local tool
    for tool in "$@" taskset "$bin/perf-run"; do
        command -v "$tool" >/dev/null || { echo "${0##*/}: $tool is missing; run: ci/setup bench && make" >&2; exit 2; }
    done
    [ "$(nproc)" -ge 2 ] || { echo "${0##*/}: needs two cores, one for the server and one for the generator" >&2; exit 2; }
}

# compile NAME: makes $work/NAME of ci/bench/NAME.c.
compile() {
    ${CC:-gcc} -std=c11 -D_GNU_SOURCE -O2 -o "$work/$1" "ci/bench/$1.c" -lm
}

# start_nginx: one worker on core 0 that answers on $port, over TLS on $tls_port, and there over
# HTTP/2 on $http2_port. /session sets a cookie and has a body to capture from.
start_nginx() {
    port=$((20000 + RANDOM % 10000)) tls_port=$((port + 1)) http2_port=$((port + 2))
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
    cat >"$work/nginx.conf" <<EOF
daemon off; pid $work/pid; error_log $work/error.log; worker_processes 1; user root; worker_rlimit_nofile 20000;
events { worker_connections 19900; }
http { access_log off; keepalive_requests 1000000000; keepalive_timeout 300s;
    client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work;
    uwsgi_temp_path $work; scgi_temp_path $work; default_type text/plain;
    ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
    log_format at '\$msec';
    server {
        listen 127.0.0.1:$port backlog=20000 reuseport; listen 127.0.0.1:$tls_port ssl backlog=20000 reuseport;
        listen 127.0.0.1:$http2_port ssl http2 backlog=20000 reuseport;
        location / { return 200 "a small answer of a service\n"; }
        location /first { access_log $work/first.log at; return 200 "a small answer of a service\n"; }
        location /session {
            add_header Set-Cookie "session=0123456789abcdef; Path=/; HttpOnly";
            default_type application/json;
            return 200 '{"token": "0123456789abcdef", "user": {"id": 17, "name": "Ada"}, "text": "csrf_token=abcdef0123"}\n';
        }
    } }
EOF
    taskset -c 0 nginx -p "$work" -c "$work/nginx.conf" >"$work/nginx.log" 2>&1 &
    server_pid=$!
    for _ in $(seq 50); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return; sleep 0.1; done
    cat "$work/nginx.log" "$work/error.log" >&2
    exit 2
}

# median: of the numbers on standard input, a line each.
median() {
    sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# figure KEY FILE: the first number of that key in a report.
figure() {
    awk -F'[:,]' -v key="\"$1\"" '$0 ~ key { print $2 + 0; exit }' "$2"
}

# scenario NAME JSON: writes $work/NAME.json, given its members behind name and schema.
scenario() {
    printf '{"schema": "perfgate.scenario/1", "name": "%s", %s}\n' "$1" "$2" >"$work/$1.json"
}
