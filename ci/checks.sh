# shellcheck shell=bash
# What the scripts of ci/checks share; they source it and stand at the top of the tree then.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
export LC_ALL=C

# need TOOL...: ends the check with a message where one is not installed.
need() {
    local tool
    for tool; do
        command -v "$tool" >/dev/null || {
            echo "lint: ${0##*/} skipped, $tool is not installed (ci/setup test installs it)" >&2
            exit 0
        }
    done
}

# make_all ARGUMENT...: builds all it can, quietly; then exits 1 with the diagnostics if any.
make_all() {
    local output
    output=$(env -u MAKEFLAGS -u MFLAGS make -s -k -j2 --no-print-directory "$@" 2>&1) && return
    output=${output//"$PWD"\//}
    grep -E '^[^ ]+:[0-9]+(:[0-9]+)?: ((fatal )?(error|warning):|note: .*\(threshold)' <<<"$output" |
        sort -u | grep . || printf '%s\n' "$output"
    exit 1
}

# sources NAME-PATTERN...: the files of the tree that match, one a line.
sources() {
    local tests=() pattern
    for pattern; do
        tests+=(-o -name "$pattern")
    done
    find . \( -path ./.git -o -path ./build \) -prune -o -type f \( "${tests[@]:1}" \) -print |
        sed 's,^\./,,' | sort
}
