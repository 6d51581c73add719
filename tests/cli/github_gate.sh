# shellcheck shell=bash
# shellcheck disable=SC2154 # root is of lib.sh
# ci/github/gate on the pull request of a repository, for the scripts that source this after lib.sh.
. "$root/tests/cli/github_api.sh"
export PERFGATE_BIN=${PERFGATE_BIN:-$root/build/bin}
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git config --global user.name Tester
git config --global user.email tester@example.org
git config --global init.defaultBranch main
git config --global advice.detachedHead false

# make_pull_request: with the service in a directory of its own, which the caller has filled below
# work/service; the pull request makes one page slower. Sets $merge.
make_pull_request() {
    git init -q work
    echo '' >work/service/options
    git -C work add . && git -C work commit -qm base
    git -C work checkout -q -b change
    echo "--slow /forum*=+100%" >work/service/options
    git -C work commit -qam 'A slower forum'
    git -C work checkout -q --detach main
    git -C work merge -q --no-ff -m 'Merge change into main' change
    merge=$(git -C work rev-parse HEAD)
    git -C work update-ref refs/pull/5/merge "$merge"
    git clone -q --mirror work remote.git
}

# check_out: as actions/checkout leaves it, with one commit.
check_out() {
    rm -rf clone temp && git init -q clone && mkdir temp
    git -C clone remote add origin "file://$PWD/remote.git"
    git -C clone fetch -q --no-tags --depth=1 origin "$merge" && git -C clone checkout -q --detach "$merge"
    unset "${!GITHUB_@}" "${!GATE_@}"
    event_file pull_request
    : >outputs
    : >summary.md
    export GITHUB_ACTIONS=true GITHUB_SHA=$merge GITHUB_BASE_REF=main RUNNER_TEMP=$PWD/temp
    export GITHUB_OUTPUT=$PWD/outputs GITHUB_STEP_SUMMARY=$PWD/summary.md
}
gate() {
    run env -C clone/service "$root/ci/github/gate"
}
expect_output() { # NAME VALUE
    expect_true "the output $1=$2" grep -qxF -e "$1=$2" outputs
}
