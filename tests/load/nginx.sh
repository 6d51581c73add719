# shellcheck shell=bash
# nginx as a service to load, for the scripts that source this after lib.sh. It ends with the script.

# start_nginx [ADDRESS]: with $log_more behind each line of its log, on two free ports of 127.0.0.1, and on port + 2 of another address; sets
# $pid, $port and $other.
start_nginx() {
    local attempt more
    for attempt in $(seq 30); do
        port=$((20000 + RANDOM % 10000)) other=$((port + 1))
        more=${1:+listen $1:$((port + 2));}
        mkdir -p nginx && : >nginx/access.log
        cat >nginx/nginx.conf <<EOF
daemon off; master_process off; pid nginx.pid; error_log stderr;
events { worker_connections 4096; }
http {
    log_format path "\$server_port \$request_uri \$status${log_more-}";
    access_log access.log path;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {
        listen 127.0.0.1:$port; listen 127.0.0.1:$other; $more
        location / { return 200 "hello\n"; }
        location /nginx_status { stub_status; }
        location /missing { return 404; }
        location /few { keepalive_requests 7; return 200 "few\n"; }
        location /from { return 302 /to; }
        location /up { client_max_body_size 0; client_body_in_file_only on; proxy_pass http://127.0.0.1:$port/; }
        location /zip { gzip on; gzip_min_length 0; gzip_types text/plain; default_type text/plain;
            return 200 "$(printf 'compressible %.0s' $(seq 100))the end"; }
        location /drip { limit_rate 1; return 200 "a byte a second, for more than half a minute\n"; }
    }
}
EOF
        nginx -e stderr -p "$PWD/nginx" -c "$PWD/nginx/nginx.conf" >nginx/log 2>&1 &
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
    fail "nginx did not start after $attempt attempts: $(cat nginx/log)"
}
stop_nginx() {
    [ -z "$pid" ] || { kill -KILL "$pid" && wait "$pid"; } 2>/dev/null
    pid=''
    rm -f nginx/nginx.pid
}
pid=''
at_exit stop_nginx

# figure FILE KEY: a number of the report's first level.
figure() {
    sed -n "s/^  \"$2\": \([0-9.]*\),\{0,1\}\$/\1/p" "$1"
}

# expect_logged N: the server writes a line after it has answered, so that the last may come late.
expect_logged() {
    for _ in $(seq 100); do
        [ "$(wc -l <nginx/access.log)" -ne "$1" ] || return 0
        sleep 0.05
    done
    fail "expected $1 lines in the access log, found $(wc -l <nginx/access.log)"
}
