# shellcheck shell=bash
# For the scripts tests/cli/test_*.sh and tests/load/test_*.sh, which source it:
#
#     . "$(dirname "$0")/../cli/lib.sh"
#     describe 'perf-compare refuses a directory'
#     run perf-compare .
#     expect_exit 2
#     expect_stderr "'.': is a directory"
#
# A case runs from its `describe` to the next; it prints "ok - WHAT", or "not ok - WHAT" with what
# differed. The working directory is a scratch one, removed at the end; $root is the top of the
# tree, and the tools of the variant under test come first in PATH. `run` leaves $status and the
# files stdout and stderr. Golden files lie beside the script, below golden/; UPDATE_GOLDEN=1
# writes what was printed into them, for review with git diff.
set -u

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
golden=$(cd "$(dirname "$0")" && pwd)/golden
PATH=${PERFGATE_BIN:-$root/build/bin}:$PATH
export LC_ALL=C TZ=UTC
unset "${!LOAD_TEST_@}" "${!GITHUB_@}" NO_COLOR
scratch=$(mktemp -d)
cd "$scratch" || exit 2
export LSAN_OPTIONS=suppressions=$root/tests/cli/libgit2.lsan:print_suppressions=0

case_name='' case_details='' cases=0 cases_failed=0 on_exit=()

# at_exit COMMAND...: runs a command at the end, newest first; for servers to stop.
at_exit() {
    on_exit=("$(printf '%q ' "$@")" "${on_exit[@]}")
}

finish_case() {
    [ -n "$case_name" ] || return 0
    cases=$((cases + 1))
    if [ -z "$case_details" ]; then
        echo "ok $cases - $case_name"
    else
        cases_failed=$((cases_failed + 1))
        echo "not ok $cases - $case_name"
        printf '%s' "$case_details" | sed 's/^/# /'
    fi
    case_name='' case_details=''
}

finish() {
    local code=$? command
    finish_case
    for command in "${on_exit[@]}"; do
        eval "$command"
    done
    cd / && rm -rf "$scratch"
    if [ $code -ne 0 ] || [ $cases -eq 0 ]; then
        echo "not ok - the script ended early, with exit code $code after $cases cases"
        exit 1
    fi
    echo "1..$cases"
    [ $cases_failed -eq 0 ] || exit 1
}
trap finish EXIT
trap 'exit 130' INT TERM

describe() {
    finish_case
    case_name=$*
}

# fail TEXT...: notes why the case fails, with the command and what it printed.
fail() {
    case_details+="$*"$'\n'
    [ -z "${last_command-}" ] || case_details+="after: $last_command"$'\n'
    case_details+=$(head -c 4000 stderr 2>/dev/null | sed 's/^/stderr: /')$'\n'
}

# start_panel OPTION...: starts the demo application on a free port; sets $pid and $url.
start_panel() {
    local log
    log=$(mktemp -p "$scratch" panel.XXXXXX)
    panel --port 0 "$@" >"$log" 2>"$log.err" &
    pid=$!
    for _ in $(seq 600); do
        url=$(sed -n 's/^panel: listening on //p' "$log")
        [ -z "$url" ] || return 0
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    fail "panel did not start: $(cat "$log" "$log.err")"
}

# free_port: of the moment; who wants it takes it at once.
free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# await COMMAND...: until it succeeds, for a minute at most.
await() {
    for _ in $(seq 600); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.1
    done
    fail "did not come: $*"
}

# run COMMAND...: with stdin from /dev/null, or from the file that $stdin names.
run() {
    last_command=$*
    "$@" <"${stdin:-/dev/null}" >stdout 2>stderr
    status=$?
    [ $status -ne 86 ] || fail 'a sanitiser found a fault'
    [ $status -lt 124 ] || fail "the command died, exit code $status"
}

expect_exit() {
    [ "$status" -eq "$1" ] || fail "expected exit code $1, found $status"
}

# expect_stdout TEXT, expect_stderr TEXT: contained literally; an empty TEXT: nothing was printed.
expect_stdout() {
    expect_text stdout "$1"
}
expect_stderr() {
    expect_text stderr "$1"
}
expect_text() {
    if [ -z "$2" ]; then
        [ ! -s "$1" ] || fail "expected nothing on $1, found: $(head -c 2000 "$1")"
    else
        grep -qF -e "$2" "$1" || fail "expected on $1: $2; found: $(head -c 2000 "$1")"
    fi
}

# expect_match FILE REGEX: some line of the file matches the extended regular expression.
expect_match() {
    grep -qE -e "$2" "$1" || fail "expected in $1 a match of: $2; found: $(head -c 2000 "$1")"
}

# expect_golden FILE NAME: the file is byte for byte golden/NAME.
expect_golden() {
    if [ -n "${UPDATE_GOLDEN-}" ]; then
        mkdir -p "$golden" && cp "$1" "$golden/$2"
    fi
    local difference
    difference=$(diff -u "$golden/$2" "$1" 2>&1) || fail "$1 differs from golden/$2: $difference"
}

# expect_one_sentence: stderr is one line, as every refusal is.
expect_one_sentence() {
    [ "$(wc -l <stderr)" -eq 1 ] || fail "expected one line on stderr, found: $(cat stderr)"
}

# expect_true WHAT COMMAND...: the command succeeds.
expect_true() {
    local what=$1
    shift
    "$@" >/dev/null 2>&1 || fail "expected $what: $*"
}
