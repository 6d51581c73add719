#!/usr/bin/env bash
# 32 writers, 50 runs each, from clones of their own into one bare remote: over a path and through
# git http-backend. And pushes that are killed at any moment.
# WRITERS and UPDATES make it shorter.
. "$(dirname "$0")/../cli/lib.sh"
. "$root/tests/cli/git_server.sh"
. "$root/tests/cli/push_race.sh"

unset PERFGATE_TOKEN "${!http_proxy@}" "${!HTTP_PROXY@}"
writers=${WRITERS:-32} updates=${UPDATES:-50} kills=${KILLS:-300}
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main
git config --global gc.autoDetach false

describe "$writers writers, $updates runs each, over a path"
git init -q --bare path.git
race "$PWD/path.git" path.git "$writers" "$updates"

describe "$writers writers, $updates runs each, over HTTP"
serve_http 8
git init -q --bare repositories/r.git
race "$http/open/r.git" repositories/r.git "$writers" "$updates"

# kill_pushes URL REPOSITORY N: two clones add runs in turn; each push is killed some time after it
# began, and the next goes on from there.
kill_pushes() {
    local i clone=1
    git clone -q "$1" victim1 2>/dev/null && git clone -q "$1" victim2 2>/dev/null
    for i in $(seq "$3"); do
        clone=$((3 - clone))
        (
            cd "victim$clone" || exit
            report "10.$(printf '%06d' "$i")" "2026-11-21T1$((i / 60)):$(printf '%02d' $((i % 60))):00Z" >run.json
            perf-baseline update -q --ref runs run.json >>added || exit
            perf-baseline push -q --ref runs 2>/dev/null &
            sleep "0.$(printf '%03d' $((RANDOM % 400)))"
            kill -KILL $! 2>/dev/null
            wait $! 2>/dev/null
        )
        # A lock tells nobody who made it; here it is known that its owner is dead.
        rm -f victim*/.git/refs/heads/runs.lock "$2/refs/heads/runs.lock"
    done
    for clone in 1 2; do
        (cd "victim$clone" && perf-baseline push -q --ref runs) || fail 'the last push failed'
        git -C "victim$clone" fsck --strict >fsck.log 2>&1 || fail "git fsck: $(cat fsck.log)"
    done
    cat victim*/added | sort >added
    perf-baseline_in "$2" log runs | cut -d ' ' -f 3 | sort >logged
    difference=$(diff added logged) || fail "the remote's runs are others: $difference"
    git -C "$2" fsck --strict >fsck.log 2>&1 || fail "git fsck: $(cat fsck.log)"
    rm -rf victim1 victim2
}

describe "$kills pushes to a path, killed"
git init -q --bare killed.git
kill_pushes "$PWD/killed.git" killed.git "$kills"

describe "$kills pushes over HTTP, killed"
git init -q --bare repositories/killed.git
kill_pushes "$http/open/killed.git" repositories/killed.git "$kills"
