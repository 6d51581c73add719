#!/usr/bin/env bash
# perf-baseline push over SSH: sshd and ssh-agent.
# shellcheck disable=SC2016 # backquotes in messages are meant literally
. "$(dirname "$0")/lib.sh"
. "$root/tests/cli/git_server.sh"
. "$root/tests/cli/push_race.sh"

unset SSH_AUTH_SOCK PERFGATE_TOKEN
PATH=$PATH:/usr/sbin
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
# What libgit2 1.5.1 itself leaks of the known hosts, and where it reads the configuration; what
# we might leak of libgit2's is found by the other tests.
printf 'leak:libpcre2-8\nleak:libssh2\nleak:libgit2.so\n' >lsan.supp
export LSAN_OPTIONS=suppressions=$PWD/lsan.supp:print_suppressions=0
git config --global user.name Tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main

describe 'sshd runs'
serve_ssh
mkdir .ssh
git init -q --bare repositories/r.git
git init -q clone && git -C clone commit -q --allow-empty -m first
git -C clone remote add origin "$ssh/r.git"
cd clone || exit 2
add() {
    report "10.$1" "2026-11-21T10:00:0${1}Z" >run.json
    perf-baseline update -q --ref runs run.json >added || fail 'the run was not added'
}
push() {
    run perf-baseline push "$@" --ref runs
}
expect_not_pushed() {
    expect_exit 2
    expect_one_sentence
    ! git -C ../repositories/r.git rev-parse -q --verify runs >/dev/null || fail 'something was pushed'
}
add 1

describe 'no agent, and one without the key'
printf '[127.0.0.1]:%s %s\n' "$ssh_port" "$(cat ../ssh/host.pub)" >../.ssh/known_hosts
push
expect_not_pushed
expect_stderr "perf-baseline: 'origin' takes no key of the ssh-agent, or none runs; start one, and add a key with \`ssh-add\`"
cd .. && start_agent && cd clone || exit 2
push
expect_not_pushed
expect_stderr 'takes no key of the ssh-agent'
ssh-keygen -q -t ed25519 -N '' -f ../ssh/other
ssh-add -q ../ssh/other
push
expect_not_pushed
expect_stderr 'takes no key of the ssh-agent'

describe 'a host that is not known is not pushed to, though the key is there'
ssh-add -q ../ssh/user
rm ../.ssh/known_hosts
push
expect_not_pushed
expect_stderr "perf-baseline: 'origin': the key of the host '127.0.0.1' is not in ~/.ssh/known_hosts, or another one is; compare it with the one that the host's owner publishes, and add it with \`ssh-keyscan -p $ssh_port 127.0.0.1 >>~/.ssh/known_hosts\`"
printf '[127.0.0.1]:%s %s\n' "$ssh_port" "$(cat ../ssh/other.pub)" >../.ssh/known_hosts
push
expect_not_pushed
expect_stderr 'is not in ~/.ssh/known_hosts, or another one is'
printf '[127.0.0.1]:%s %s\n' "$ssh_port" "$(cat ../ssh/host.pub)" >../.ssh/known_hosts

describe 'a URL without a user'
push "ssh://127.0.0.1:$ssh_port/r.git"
expect_not_pushed
expect_stderr "'ssh://127.0.0.1:$ssh_port/r.git' does not say which user logs in; expected ssh://USER@HOST/PATH"

describe 'a push, and another'
push
expect_exit 0
expect_stderr "pushed 1 commit of 'refs/heads/runs' to 'origin'"
add 2
push
expect_exit 0
push
expect_exit 0
expect_stderr 'has everything already'

describe 'what others pushed is combined with ours'
git clone -q --no-checkout ../repositories/r.git ../other 2>/dev/null
cd ../other || exit 2
git branch -q runs origin/runs
git remote set-url origin "$ssh/r.git"
add 3
push
expect_exit 0
cd ../clone || exit 2
add 4
push
expect_exit 0
expect_stderr 'with 1 commit of others'
[ "$(perf-baseline_in ../repositories/r.git log runs | wc -l)" -eq 4 ] || fail 'expected 4 runs'
expect_true 'git fsck --strict' git -C ../repositories/r.git fsck --strict

describe 'a hook that refuses'
printf '#!/bin/sh\necho closed for today >&2\nexit 1\n' >../repositories/r.git/hooks/update
chmod +x ../repositories/r.git/hooks/update
add 5
push
expect_exit 2
expect_stderr "'origin' refuses the push to 'refs/heads/runs': hook declined; it says: closed for today"

describe 'a repository that is not there'
push "$ssh/none.git"
expect_exit 2
expect_one_sentence
expect_stderr "none.git'"
