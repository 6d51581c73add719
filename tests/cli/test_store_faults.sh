#!/usr/bin/env bash
# A disk that is full, one that cannot be written, and locks that were left behind: nothing is lost,
# nothing is half-written, and the next call works or says what to do.
. "$(dirname "$0")/lib.sh"
sed 's/"total_failures": [0-9]*,/"total_failures": 0,/; s/1250,/125,/' "$root/tests/data/report.json" >report.json
sed 's/00000000000000a1/00000000000000a2/' report.json >other.json

# The repository is repo/; what is printed goes elsewhere, so that a full disk is the tool's alone.
in_repo() {
    (cd "$scratch/repo" && "$@")
}
run_in_repo() {
    run in_repo "$@"
}

# With one run stored on the branch, and on a ref of its own.
new_repository() {
    git init -q -b main repo
    git -C repo config user.email test@example.com && git -C repo config user.name test
    git -C repo config gc.auto 0 && git -C repo commit -q --allow-empty -m first
    in_repo perf-baseline init --quiet >/dev/null
    in_repo perf-baseline update --quiet "$scratch/report.json" >/dev/null
    git -C repo add . && git -C repo commit -qm base
    in_repo perf-baseline update --quiet --ref runs "$scratch/report.json" >/dev/null
    remember
}

# Refs, index and work tree.
state() {
    git -C repo for-each-ref
    git -C repo status --porcelain
    git -C repo ls-files -s
    (cd repo && find baselines -type f | sort)
}
remember() {
    state >before
    main=$(git -C repo rev-parse main) runs=$(git -C repo rev-parse runs)
}
expect_as_before() {
    expect_true "all as it was: $(diff before <(state))" cmp -s before <(state)
    expect_true 'a whole repository' git -C repo fsck --strict --no-dangling
    expect_true 'no lock' test -z "$(find repo/.git -name '*.lock')"
}
take_back() {
    git -C repo reset -q --hard "$main" && git -C repo update-ref refs/heads/runs "$runs" &&
        git -C repo clean -qfd
}

mkdir repo
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=1m,mode=755 perfgate-test repo 2>/dev/null; then
    at_exit sh -c "! mountpoint -q '$scratch/repo' || umount -l '$scratch/repo'"
    new_repository
    n_failed=0
    for where in --commit '--ref runs' ''; do
        for room in 0 4 8 12 16 24; do
            describe "a full disk with $room KiB left: update $where"
            head -c 2000000 /dev/zero >repo/.git/filler 2>/dev/null
            truncate -s "-${room}K" repo/.git/filler
            # shellcheck disable=SC2086 # options are words
            run_in_repo perf-baseline update --quiet $where "$scratch/other.json"
            rm repo/.git/filler
            if [ "$status" -eq 0 ]; then
                take_back
            else
                n_failed=$((n_failed + 1))
                expect_exit 2
                expect_one_sentence
                expect_stderr 'No space left on device'
            fi
            expect_as_before
        done
    done

    describe 'the disk was full in some of these, and the next call works once there is room'
    expect_true 'failures' test $n_failed -ge 6
    run_in_repo perf-baseline update --quiet --commit "$scratch/other.json"
    expect_exit 0
    take_back

    describe 'a disk that cannot be written: reading works, writing says why'
    mount -o remount,ro "$scratch/repo"
    for where in --commit '--ref runs' ''; do
        # shellcheck disable=SC2086
        run_in_repo perf-baseline update --quiet $where "$scratch/other.json"
        expect_exit 2
        expect_one_sentence
        expect_stderr 'Read-only file system'
    done
    run_in_repo perf-compare --quiet --verdict "$scratch/verdict.json" "$scratch/other.json"
    expect_exit 0
    mount -o remount,rw "$scratch/repo"
    expect_as_before
    umount "$scratch/repo"
else
    describe 'a full disk, and one that cannot be written # SKIP needs root and mount'
fi

new_repository
for lock in index.lock refs/heads/main.lock; do
    describe "a stale $lock: update --commit says what to remove, and works then"
    touch "repo/.git/$lock"
    run_in_repo perf-baseline update --quiet --commit "$scratch/other.json"
    expect_exit 2
    expect_one_sentence
    expect_stderr "or, where none runs, type \`rm '"
    eval "$(sed -n "s/.*type .\(rm '.*'\).$/\1/p" stderr)"
    expect_as_before
    run_in_repo perf-baseline update --quiet --commit "$scratch/other.json"
    expect_exit 0
    take_back
done

describe 'a stale lock of the ref'
touch repo/.git/refs/heads/runs.lock
run_in_repo perf-baseline update --quiet --ref runs "$scratch/other.json"
expect_exit 2
expect_one_sentence
expect_stderr 'refs/heads/runs.lock'
rm repo/.git/refs/heads/runs.lock
expect_as_before
run_in_repo perf-baseline update --quiet --ref runs "$scratch/other.json"
expect_exit 0

describe 'a stale index.lock stands in the way of nothing else'
touch repo/.git/index.lock
run_in_repo perf-baseline update --quiet "$scratch/other.json"
expect_exit 0
run_in_repo perf-compare --quiet "$scratch/other.json"
expect_exit 0
