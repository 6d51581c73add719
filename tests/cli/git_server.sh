# shellcheck shell=bash
# shellcheck disable=SC2034 # what it sets is for the script that sources it
# Private servers of git repositories for the scripts that source it after lib.sh: `git http-backend`
# behind nginx and fcgiwrap, and sshd. All below the working directory and on loopback ports.

# serve_http: serves $PWD/repositories; sets $http, the URL above them. /open/ wants no login;
# /basic/ wants the user x-access-token with the password "right-token", or any other user of
# basic.users; /away/ redirects to another host; /403/ and /404/ answer so. $https is the same with
# a certificate for localhost by the authority http/authority.pem.
serve_http() {
    local attempt backend
    backend=$(git --exec-path)/git-http-backend
    mkdir -p http repositories
    fcgi_params "$backend" >http/params
    make_certificate
    printf 'x-access-token:{PLAIN}right-token\nann:{PLAIN}right-password\n' >http/basic.users
    fcgiwrap_pid='' nginx_pid=''
    at_exit stop_http
    setsid fcgiwrap -c "${1-4}" -s "unix:$PWD/http/fcgi" >http/fcgi.log 2>&1 &
    fcgiwrap_pid=$!
    for attempt in $(seq 30); do
        http_port=$((20000 + RANDOM % 10000)) https_port=$((http_port + 1))
        nginx_config >http/nginx.conf
        nginx -e stderr -p "$PWD/http" -c "$PWD/http/nginx.conf" >http/log 2>&1 &
        nginx_pid=$!
        for _ in $(seq 100); do
            if [ -s http/nginx.pid ] && [ -S http/fcgi ]; then
                http=http://127.0.0.1:$http_port https=https://localhost:$https_port
                return 0
            fi
            kill -0 "$nginx_pid" 2>/dev/null || break
            sleep 0.05
        done
        wait "$nginx_pid"
    done
    fail "nginx did not start after $attempt attempts: $(cat http/log http/fcgi.log)"
}
fcgi_params() {
    cat <<EOF
fastcgi_param SCRIPT_FILENAME $1;
fastcgi_param GIT_PROJECT_ROOT $PWD/repositories;
fastcgi_param GIT_HTTP_EXPORT_ALL 1;
fastcgi_param HOME $HOME;
fastcgi_param PATH $PATH;
fastcgi_param GIT_CONFIG_NOSYSTEM 1;
fastcgi_param QUERY_STRING \$query_string;
fastcgi_param REQUEST_METHOD \$request_method;
fastcgi_param CONTENT_TYPE \$content_type;
fastcgi_param CONTENT_LENGTH \$content_length;
EOF
}
make_certificate() {
    (
        cd http || exit
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
            -subj /CN=authority -keyout authority.key -out authority.pem &&
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
                -keyout host.key -out host.csr &&
            echo subjectAltName=DNS:localhost >host.ext &&
            openssl x509 -req -in host.csr -CA authority.pem -CAkey authority.key -days 30 \
                -CAcreateserial -extfile host.ext -out host.pem
    ) >http/openssl.log 2>&1 || fail "no certificate was made: $(cat http/openssl.log)"
}
nginx_config() {
    cat <<EOF
daemon off; master_process off; pid nginx.pid; error_log stderr;
events { worker_connections 1024; }
http {
    log_format all '\$request \$status auth="\$http_authorization"';
    access_log access.log all;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    client_max_body_size 100m;
    fastcgi_read_timeout 300;
    server {
        listen 127.0.0.1:$http_port;
        listen 127.0.0.1:$https_port ssl;
        ssl_certificate host.pem; ssl_certificate_key host.key;
        location ~ ^/open(/.*)\$ {
            include params;
            fastcgi_param PATH_INFO \$1;
            fastcgi_param REMOTE_USER anonymous;
            fastcgi_pass unix:$PWD/http/fcgi;
        }
        location ~ ^/basic(/.*)\$ {
            auth_basic git; auth_basic_user_file basic.users;
            include params;
            fastcgi_param PATH_INFO \$1;
            fastcgi_param REMOTE_USER \$remote_user;
            fastcgi_pass unix:$PWD/http/fcgi;
        }
        location ~ ^/away(/.*)\$ { return 302 http://localhost:$http_port/basic\$1\$is_args\$args; }
        location ~ ^/moved(/.*)\$ { return 302 /basic\$1\$is_args\$args; }
        location /403/ { return 403; }
        location /404/ { return 404; }
        location /502/ { return 502; }
    }
}
EOF
}
stop_http() {
    [ -z "$nginx_pid" ] || { kill -KILL "$nginx_pid" && wait "$nginx_pid"; } 2>/dev/null
    [ -z "$fcgiwrap_pid" ] || { kill -KILL -- "-$fcgiwrap_pid" && wait "$fcgiwrap_pid"; } 2>/dev/null
    nginx_pid='' fcgiwrap_pid=''
}

# serve_ssh: sets $ssh, the URL above the repositories, for this user; the host key is
# ssh/host.pub, and ssh/user may log in. Returns 1 where this machine lets nobody log in like that.
serve_ssh() {
    local attempt user
    user=$(id -un)
    mkdir -p ssh repositories
    ssh-keygen -q -t ed25519 -N '' -f ssh/host && ssh-keygen -q -t ed25519 -N '' -f ssh/user || return 1
    sshd_pid=''
    at_exit stop_ssh
    if [ "$(id -u)" -eq 0 ] && [ ! -d /run/sshd ]; then
        mkdir /run/sshd && at_exit rmdir /run/sshd
    fi
    for attempt in $(seq 30); do
        ssh_port=$((20000 + RANDOM % 10000))
        cat >ssh/config <<EOF
ListenAddress 127.0.0.1
Port $ssh_port
HostKey $PWD/ssh/host
PidFile $PWD/ssh/pid
AuthorizedKeysFile $PWD/ssh/user.pub
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
SetEnv GIT_CONFIG_NOSYSTEM=1
EOF
        "$(command -v sshd)" -D -e -f ssh/config >ssh/log 2>&1 &
        sshd_pid=$!
        for _ in $(seq 100); do
            if [ -s ssh/pid ]; then
                ssh=ssh://$user@127.0.0.1:$ssh_port$PWD/repositories
                return 0
            fi
            kill -0 "$sshd_pid" 2>/dev/null || break
            sleep 0.05
        done
        wait "$sshd_pid"
    done
    fail "sshd did not start after $attempt attempts: $(cat ssh/log)"
    return 1
}
stop_ssh() {
    [ -z "$sshd_pid" ] || { kill -TERM "$sshd_pid" && wait "$sshd_pid"; } 2>/dev/null
    sshd_pid=''
}

# start_agent: an ssh-agent of our own; sets SSH_AUTH_SOCK.
start_agent() {
    export SSH_AUTH_SOCK=$PWD/ssh/agent
    ssh-agent -D -a "$SSH_AUTH_SOCK" >ssh/agent.log 2>&1 &
    agent_pid=$!
    at_exit kill "$agent_pid"
    for _ in $(seq 100); do
        [ ! -S "$SSH_AUTH_SOCK" ] || return 0
        sleep 0.05
    done
    fail "ssh-agent did not start: $(cat ssh/agent.log)"
}
