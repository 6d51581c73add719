#!/usr/bin/env bash
# Many writers of one store, and writers that are killed. Short here; tests/soak/test_store.sh sets
# WRITERS, UPDATES and KILLS higher.
. "$(dirname "$0")/lib.sh"
writers=${WRITERS:-4} updates=${UPDATES:-4} kills=${KILLS:-30}
export GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@example.com
git config --global --get user.name >/dev/null || export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@example.com
sed 's/"total_failures": [0-9]*,/"total_failures": 0,/; s/1250,/125,/' "$root/tests/data/report.json" >report.json

# report N: a report of a run of its own.
report() {
    sed "s/00000000000000a1/$(printf '%016x' "$1")/" "$scratch/report.json"
}

# new_repository NAME: with a commit, a policy and a file that is somebody's work in progress.
new_repository() {
    git init -q -b main "$1" && cd "$1" || exit 1
    git config user.email test@example.com && git config user.name test
    mkdir -p src && echo one >src/a && git add src && git commit -qm first
    perf-baseline init --quiet >/dev/null && git add baselines && git commit -qm policy
    echo two >src/a && git add src/a && echo three >src/a && echo new >src/b
    git status --porcelain src baselines >"$scratch/status.before"
}

# expect_whole REV N: at REV lie N runs, each once and good; the repository is whole.
expect_whole() {
    local n
    run perf-baseline log "$1"
    expect_exit 0
    n=$(cut -d' ' -f3 stdout | sort -u | wc -l)
    if [ "$n" -ne "$2" ] || [ "$(wc -l <stdout)" -ne "$2" ]; then
        fail "expected $2 runs at $1, found $(wc -l <stdout), $n of them different"
    fi
    run perf-baseline verify "$1"
    expect_exit 0
    run git fsck --strict --no-dangling
    expect_exit 0
    expect_true 'no complaint' test -z "$(grep -v '^notice' stderr)"
}

# Index and work tree are as they were but for the runs.
expect_untouched() {
    git status --porcelain src baselines >"$scratch/status.after"
    expect_true 'index and work tree otherwise as they were' \
        diff "$scratch/status.before" "$scratch/status.after"
}

# write_all WHERE...: all writers at once, each with its own runs; waits for them.
write_all() {
    local w u pids=()
    for ((w = 0; w < writers; w++)); do
        (for ((u = 0; u < updates; u++)); do
            report $((w * updates + u + 1)) | perf-baseline update --quiet "$@" - >/dev/null 2>>writer.errors ||
                echo "writer $w, update $u: exit code $?" >>writer.errors
        done) &
        pids+=($!)
    done
    wait "${pids[@]}"
    expect_true "no writer that failed: $(head -n 3 writer.errors 2>/dev/null)" test ! -s writer.errors
    rm -f writer.errors
}

for where in '--ref refs/perf/baselines' '--ref perf-baselines' --commit ''; do
    describe "$writers writers of $updates runs each, at once: update $where"
    rm -rf "$scratch/many" && cd "$scratch" && new_repository many
    # shellcheck disable=SC2086 # options are words
    write_all $where
    case $where in
    --ref*) expect_whole "${where#--ref }" $((writers * updates)) ;;
    --commit)
        expect_whole HEAD $((writers * updates))
        expect_true 'a commit for each run' test "$(git rev-list --count HEAD)" -eq $((writers * updates + 2))
        ;;
    *)
        expect_true 'a file for each run' \
            test "$(find baselines -name '*-*-*.json' | wc -l)" -eq $((writers * updates))
        git add baselines && git commit -qm all -- baselines && expect_whole HEAD $((writers * updates))
        ;;
    esac
    expect_untouched
done

# Kills an update at a random moment, removes a lock that it left, and lets the next one go on.
# killed N OPTIONS...
killed() {
    local n=$1 pid lock
    shift
    report "$n" >"$scratch/killed.json"
    perf-baseline update --quiet "$@" "$scratch/killed.json" >/dev/null 2>&1 &
    pid=$!
    sleep "0.0$((RANDOM % 4))$((RANDOM % 10))"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    lock=$(find .git -name '*.lock' | head -n 1)
    if [ -n "$lock" ]; then
        locks=$((locks + 1))
        if [ $locks -eq 1 ]; then # the message says what to do; it takes a while to come
            run perf-baseline update --quiet "$@" "$scratch/killed.json"
            expect_exit 2
            expect_one_sentence
            lock=$(sed -n "s/.*type .rm '\(.*\)'.$/\1/p" stderr)
            expect_true 'the file to remove' test -e "$lock"
        fi
        # a kill may leave two: of the index and of the branch
        find .git -name '*.lock' -delete
    fi
    run perf-baseline update --quiet "$@" "$scratch/killed.json"
    expect_exit 0
}

for where in '--ref refs/perf/baselines' --commit ''; do
    describe "kill -9 at $kills random moments: update $where"
    rm -rf "$scratch/many" && cd "$scratch" && new_repository many
    locks=0
    for ((i = 1; i <= kills; i++)); do
        # shellcheck disable=SC2086
        killed "$i" $where
        [ $((i % 100)) -ne 0 ] || run git fsck --strict --no-dangling
        expect_exit 0
    done
    [ -n "$where" ] || { git add baselines && git commit -qm all -- baselines; }
    case $where in
    --ref*) expect_whole "${where#--ref }" "$kills" ;;
    *) expect_whole HEAD "$kills" ;;
    esac
    expect_untouched
    expect_true 'nothing half-written is left' \
        test -z "$(find . -name '*.tmp' -o -name 'index.*')"
done
