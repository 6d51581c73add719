# shellcheck shell=bash
# Many who add runs and push them at once, each from a clone of its own; for the scripts that source
# it after lib.sh.

# report AVERAGE START: a report in the full form, of the suite shop.
report() {
    cat <<END
{"total_requests": 1000, "total_failures": 0, "requests_per_second": 10,
 "average_response_time": $1, "95th_percentile": 30, "99th_percentile": 50,
 "schema": "perfgate.report/1", "valid": true, "suite": "shop", "started_at": "$2",
 "commit": "1111111111111111111111111111111111111111"}
END
}

# push_run: who gives up after ten minutes, because others were faster, begins again.
push_run() {
    until perf-baseline push -q --ref runs 2>push.log; do
        grep -q 'other writers were faster' push.log || { cat push.log; return 2; }
    done
}

# race_writer NUMBER UPDATES: in racer$1; the paths of the runs go to racer$1/added, the first
# thing that fails ends it.
race_writer() {
    local i
    cd "racer$1" || exit 2
    for i in $(seq "$2"); do
        report "10.$(printf '%03d%03d' "$1" "$i")" \
            "2026-11-21T10:$(printf '%02d:%02d' "$1" "$i")Z" >report.json
        perf-baseline update -q --ref runs report.json >>added || exit
        push_run || exit
    done
}

# race URL REPOSITORY WRITERS UPDATES: all at once; then each run must be in the repository once.
race() {
    local url=$1 repository=$2 writers=$3 updates=$4 i pids=() failed=0
    for i in $(seq "$writers"); do
        rm -rf "racer$i"
        git clone -q "$url" "racer$i" 2>racer.log || fail "the clone failed: $(cat racer.log)"
    done
    for i in $(seq "$writers"); do
        race_writer "$i" "$updates" >"race$i.log" 2>&1 &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i" || failed=$((failed + 1))
    done
    [ $failed -eq 0 ] || fail "$failed of $writers writers failed: $(cat race[0-9]*.log | head -5)"
    cat racer*/added | sort >added
    perf-baseline_in "$repository" log runs | cut -d ' ' -f 3 | sort >logged
    [ "$(wc -l <added)" -eq $((writers * updates)) ] || fail "$(wc -l <added) runs were added"
    difference=$(diff added logged) || fail "the remote's runs are others: $difference"
    git -C "$repository" fsck --strict >fsck.log 2>&1 || fail "git fsck: $(cat fsck.log)"
    ! grep -v '^dangling\|^notice' fsck.log | grep . >fsck.bad || fail "git fsck: $(cat fsck.bad)"
    perf-baseline_in "$repository" verify runs >verify.log 2>&1 || fail "$(cat verify.log)"
}
perf-baseline_in() {
    (cd "$1" && shift && perf-baseline "$@")
}
