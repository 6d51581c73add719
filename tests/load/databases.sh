# shellcheck shell=bash
# PostgreSQL and Redis, for the scripts that source this after lib.sh: in directories of their own, on
# unix sockets alone, and never as services of the system. They end with the script.

# as_postgres COMMAND...: PostgreSQL refuses to run as root, so root is nobody for it.
as_postgres() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid nobody --regid nogroup --clear-groups -- "$@"
    else
        "$@"
    fi
}

# start_postgres NAME: a cluster; it is at host=$sockets/NAME, user panel. Its
# directory is not in the scratch one, which nobody may not enter.
sockets=$(mktemp -d /tmp/perfgate-sql.XXXXXX) && chmod 755 "$sockets"
at_exit rm -rf "$sockets"
postgres_bin=$(pg_config --bindir)
start_postgres() {
    local home=$sockets/$1
    mkdir "$home"
    [ "$(id -u)" -ne 0 ] || chown nobody "$home"
    (cd "$home" && as_postgres "$postgres_bin/initdb" -D data -A trust -U panel -E UTF8 --locale=C --no-sync) \
        >"$1.initdb" 2>&1 || fail "initdb: $(cat "$1.initdb")"
    run_postgres "$1"
}

# run_postgres NAME: starts the cluster, again after stop_postgres.
run_postgres() {
    local home=$sockets/$1
    (cd "$home" && as_postgres env -u LANG "$postgres_bin/postgres" -D data -k "$home" \
        -c listen_addresses= -c fsync=off -c max_connections=40 -c max_parallel_workers_per_gather=0 -c shared_buffers=64MB \
        -c shared_preload_libraries=pg_stat_statements -c logging_collector=off) >>"$1.log" 2>&1 &
    for _ in $(seq 600); do
        ! sql "$1" postgres 'SELECT 1' >/dev/null 2>&1 || break
        sleep 0.05
    done
    at_exit stop_postgres "$1"
    expect_true "PostgreSQL started: $(tail -n 3 "$1.log")" \
        sql "$1" postgres 'SELECT 1'
}

# stop_postgres NAME: at once, as a crash would.
stop_postgres() {
    local process
    process=$(head -n 1 "$sockets/$1/data/postmaster.pid" 2>/dev/null) || return 0
    kill -QUIT "$process" 2>/dev/null
    while kill -0 "$process" 2>/dev/null; do sleep 0.05; done
}

# start_redis NAME: at $sockets/NAME; sets $redis_pid.
start_redis() {
    redis-server --port 0 --unixsocket "$sockets/$1" --save '' --appendonly no \
        --dir . >"$1.log" 2>&1 &
    redis_pid=$!
    at_exit eval "kill $redis_pid 2>/dev/null; wait $redis_pid 2>/dev/null"
    for _ in $(seq 600); do
        [ "$(redis-cli -s "$sockets/$1" ping 2>/dev/null)" != PONG ] || return 0
        sleep 0.05
    done
    fail "Redis did not start: $(cat "$1.log")"
}

# sql CLUSTER DATABASE COMMAND: without frills; a NOTICE is none of its output.
sql() {
    PGOPTIONS='-c client_min_messages=warning' \
        psql -qAtX "host=$sockets/$1 user=panel dbname=$2" -c "$3"
}
