#!/usr/bin/env bash
# perf-baseline push over HTTP: git http-backend behind nginx.
# shellcheck disable=SC2016 # backquotes in messages are meant literally
. "$(dirname "$0")/lib.sh"
. "$root/tests/cli/git_server.sh"
. "$root/tests/cli/push_race.sh"

unset PERFGATE_TOKEN "${!http_proxy@}" "${!HTTP_PROXY@}" "${!https_proxy@}" "${!HTTPS_PROXY@}"
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main
git config --global uploadpack.allowFilter true

serve_http 4
repository=$PWD/repositories/r.git

# start: a new remote, and a clone of it with one run on the ref "runs".
start() {
    cd "$scratch" || exit 2
    rm -rf repositories/r.git clone && : >http/access.log
    cp -r seed.git repositories/r.git && cp -r seed clone && cd clone || exit 2
    number=1
}
# add [OPTION...]: adds a run to the ref in the clone here.
add() {
    number=$((number + 1))
    report "10.$number" "2026-11-21T10:00:$(printf '%02d' "$number")Z" >run.json
    perf-baseline update -q --ref runs "$@" run.json >added || fail 'the run was not added'
}
push() {
    run perf-baseline push "$@" --ref runs
}
# expect_pushed N: the remote has N runs, is what the clone has, and is sound.
expect_pushed() {
    local runs
    runs=$(perf-baseline_in "$repository" log runs | sort -u | wc -l)
    [ "$runs" -eq "$1" ] || fail "expected $1 runs at the remote, found $runs"
    [ "$(git rev-parse runs)" = "$(git -C "$repository" rev-parse runs)" ] || fail 'the refs differ'
    expect_true 'git fsck --strict' git -C "$repository" fsck --strict
    expect_true 'git fsck --strict' git fsck --strict
}
expect_not_pushed() {
    expect_exit 2
    expect_stdout ''
    expect_one_sentence
    ! git -C "$repository" rev-parse -q --verify runs >/dev/null || fail 'something was pushed'
}
# What `start` copies.
git init -q --bare seed.git
git init -q seed && cd seed || exit 2
git commit -q --allow-empty -m first && git commit -q --allow-empty -m second
git push -q ../seed.git main
git remote add origin "$http/open/r.git"
number=0
add
cd ..

others_number=0
# others N: as many runs of somebody else, pushed with git from a clone of its own, whose history
# begins where the remote's is, or anew.
others() {
    local i
    rm -rf "$scratch/other" && git clone -q "$repository" "$scratch/other" || exit 2
    cd "$scratch/other" || exit 2
    git branch -q runs origin/runs 2>/dev/null
    for i in $(seq "$1"); do
        others_number=$((others_number + 1))
        report "10.$others_number" "2026-11-22T10:$(printf '%02d' "$others_number"):00Z" >run.json
        perf-baseline update -q --ref runs run.json >added
    done
    git push -q origin runs
    cd "$scratch/clone" || exit 2
}

describe 'the first push makes the ref'
start
push origin
expect_exit 0
expect_stdout ''
expect_stderr "perf-baseline: pushed 1 commit of 'refs/heads/runs' to 'origin', which is at $(git rev-parse --short=7 runs) now"
expect_one_sentence
expect_pushed 1

describe 'a second one has nothing to do, and says so'
push
expect_exit 0
expect_stderr "perf-baseline: 'refs/heads/runs' at 'origin' has everything already"
add
push -q
expect_exit 0
expect_stderr ''
expect_pushed 2

describe 'what others pushed is combined with ours'
others 2
add
push
expect_exit 0
expect_stderr ', with 2 commits of others'
expect_pushed 5

describe 'what only others have comes here'
others 1
push
expect_exit 0
expect_stderr 'has everything already; here it has now 1 commit of others'
expect_pushed 6

describe 'histories that began apart are combined'
start
others 2
push
expect_exit 0
expect_pushed 3

describe 'a ref outside of refs/heads, and a URL'
start
git update-ref refs/perf/baselines runs
run perf-baseline push "$http/open/r.git" --ref refs/perf/baselines
expect_exit 0
expect_true 'the ref at the remote' git -C "$repository" rev-parse --verify refs/perf/baselines

describe 'many at once, each from a clone of its own'
cd "$scratch" || exit 2
git init -q --bare repositories/race.git
race "$http/open/race.git" repositories/race.git 4 4

describe 'a hook at the server refuses: the reason, and no secret that it may know'
start
cat >"$repository/hooks/pre-receive" <<'END'
#!/bin/sh
echo "this branch is closed: my-own-token" >&2
exit 1
END
chmod +x "$repository/hooks/pre-receive"
PERFGATE_TOKEN=my-own-token push
expect_not_pushed
expect_stderr "perf-baseline: 'origin' refuses the push to 'refs/heads/runs': pre-receive hook declined; it says: this branch is closed: ***"

describe 'a branch that is checked out at the server'
start
git init -q "$scratch/repositories/tree"
git -C "$scratch/repositories/tree" symbolic-ref HEAD refs/heads/runs
git -C "$scratch/repositories/tree" commit -q --allow-empty -m x
push "$http/open/tree"
expect_exit 2
expect_stderr "refuses the push to 'refs/heads/runs': branch is currently checked out"
expect_one_sentence

describe 'a lock that was left behind at the server'
start
mkdir -p "$repository/refs/heads" && : >"$repository/refs/heads/runs.lock"
push
expect_not_pushed
expect_stderr "'origin' refuses the push to 'refs/heads/runs': failed to update ref; it says: error: cannot lock ref 'refs/heads/runs'"

describe 'a token in PERFGATE_TOKEN'
start
git remote set-url origin "$http/basic/r.git"
PERFGATE_TOKEN=right-token push
expect_exit 0
expect_pushed 1
add
git remote set-url origin "http://ann@127.0.0.1:$http_port/basic/r.git"
PERFGATE_TOKEN=right-password push
expect_exit 0
expect_pushed 2

describe 'a user and a password in the URL'
add
git remote set-url origin "http://ann:right-password@127.0.0.1:$http_port/basic/r.git"
push
expect_exit 0
expect_pushed 3
add
push "http://ann:right-password@127.0.0.1:$http_port/basic/r.git"
expect_exit 0
expect_stderr "to 'http://***@127.0.0.1:$http_port/basic/r.git'"
expect_pushed 4

describe 'what actions/checkout leaves in the configuration'
add
git remote set-url origin "$http/basic/r.git"
login=$(printf 'x-access-token:right-token' | base64)
git config "http.$http/.extraheader" "AUTHORIZATION: basic $login"
push
expect_exit 0
expect_pushed 5
add
GITHUB_TOKEN=wrong GITHUB_SERVER_URL=$http push
expect_exit 0
expect_pushed 6

describe 'GITHUB_TOKEN for the server of GITHUB_SERVER_URL'
add
git config --unset "http.$http/.extraheader"
GITHUB_TOKEN=right-token GITHUB_SERVER_URL=$http push
expect_exit 0
expect_pushed 7

describe 'https: only to a host whose certificate is trusted'
start
git remote set-url origin "$https/basic/r.git"
PERFGATE_TOKEN=right-token push
expect_not_pushed
expect_stderr "'origin': the certificate of the host 'localhost' is not trusted; where it is meant, name the file of its authority with \`git config http.sslCAInfo FILE\`"
[ ! -s "$scratch/http/access.log" ] || fail "something was asked: $(cat "$scratch/http/access.log")"
git config http.sslCAInfo "$scratch/http/authority.pem"
PERFGATE_TOKEN=right-token push
expect_exit 0
expect_pushed 1

describe 'no login is sent to another host that the server redirects to'
start
: >"$scratch/http/access.log"
git config "http.$http/.extraheader" 'X-Secret: hidden'
git remote set-url origin "$http/away/r.git"
PERFGATE_TOKEN=right-token push
expect_not_pushed
expect_stderr "cannot push to 'origin': cannot redirect from '127.0.0.1' to 'localhost'"
[ "$(wc -l <"$scratch/http/access.log")" -eq 1 ] || fail "more was asked: $(cat "$scratch/http/access.log")"

describe 'a redirect on the same host is followed'
git remote set-url origin "$http/moved/r.git"
PERFGATE_TOKEN=right-token push
expect_exit 0
expect_pushed 1

# refused URL TEXT [NAME=VALUE...]: exit code 2 and the sentence, without a secret.
refused() {
    git remote set-url origin "$1"
    run env "${@:3}" perf-baseline push --ref runs
    expect_not_pushed
    expect_stderr "$2"
    ! grep -q 'wrong\|d3Jvbm' stderr || fail "a secret was shown: $(cat stderr)"
}
describe 'no token, or a wrong one: one sentence with what to set'
start
refused "$http/basic/r.git" \
    "perf-baseline: 'origin' wants a login; set PERFGATE_TOKEN to a token that may write contents"
refused "$http/basic/r.git" \
    "perf-baseline: 'origin' refuses the token in PERFGATE_TOKEN; expected one that is valid and may write contents" \
    PERFGATE_TOKEN=wrong
refused "$http/basic/r.git" "'origin' refuses the token in GITHUB_TOKEN" GITHUB_TOKEN=wrong GITHUB_SERVER_URL="$http"
refused "$http/basic/r.git" 'wants a login; set PERFGATE_TOKEN to a token that may write contents (GITHUB_TOKEN is only sent to GitHub)' \
    GITHUB_TOKEN=wrong
refused "http://ann:wrong@127.0.0.1:$http_port/basic/r.git" "'origin' refuses the login in its URL; set PERFGATE_TOKEN"
[ "$(wc -l <"$scratch/http/access.log")" -lt 15 ] || fail "too many tries: $(cat "$scratch/http/access.log")"
git config "http.$http/.extraheader" "AUTHORIZATION: basic $(printf 'x:wrong' | base64)"
push "$http/basic/r.git"
expect_not_pushed
expect_stderr 'refuses the login in http.extraheader'
! grep -q "$(printf 'x:wrong' | base64)" stderr || fail 'the login was shown'

describe 'other answers of a server, and none'
refused "$http/403/r.git" 'lets this login not write (HTTP status 403)' PERFGATE_TOKEN=wrong
refused "$http/404/r.git" 'has no repository there, or does not show it to this login (HTTP status 404)'
refused "$http/502/r.git" "cannot push to 'origin': unexpected http status code: 502"
refused "$http/open/none.git" 'has no repository there'
refused "http://127.0.0.1:9/r.git" "cannot push to 'origin': failed to connect to 127.0.0.1"
refused "http://no-such-host.invalid/r.git" "cannot push to 'origin': failed to resolve address for no-such-host.invalid"
refused "http://u:wrong@127.0.0.1:9/r.git" "cannot push to 'origin'"

describe 'a clone of depth 1, and the ref fetched as a whole'
start
others 3
git clone -q --depth 1 "$http/open/r.git" "$scratch/shallow$$" && cd "$scratch/shallow$$" || exit 2
git fetch -q origin runs:runs
add
push
expect_exit 0
expect_pushed 4
others 1
cd "$scratch/shallow$$" && add
push
expect_exit 0
expect_pushed 6

describe 'a ref that was fetched with depth 1'
start
others 3
git clone -q --depth 1 -b runs "$http/open/r.git" "$scratch/shallower$$" && cd "$scratch/shallower$$" || exit 2
git checkout -q --detach
add
push
expect_exit 0
expect_pushed 4
others 1
cd "$scratch/shallower$$" && add
push
expect_exit 0
expect_pushed 6

# others_file NAME: a file of somebody else on the ref, from stdin.
others_file() {
    cd "$scratch/other" && cat >"$1" && git add "$1" && git commit -q -m "$1" && git push -q || exit 2
    cd - >/dev/null || exit 2
}
describe 'a clone without blobs, which the server sends differences to'
start
others 3
git -C "$scratch/other" checkout -q -t -b files origin/runs -- && git -C "$scratch/other" config push.default upstream
seq 20000 | others_file one.txt
git clone -q --no-checkout --filter=blob:none "$http/open/r.git" "$scratch/partial$$" && cd "$scratch/partial$$" || exit 2
git branch -q runs origin/runs
add -s other
(seq 20000 && echo end) | others_file one.txt
push
expect_exit 0
expect_pushed 4
add -s other
push
expect_exit 0
expect_pushed 5
