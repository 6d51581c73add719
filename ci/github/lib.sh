# shellcheck shell=bash
# What the scripts of ci/github share; they source it.
#
# They take all they need from the environment, as GitHub Actions sets it: the variables GITHUB_*
# and RUNNER_*, the event's file, and the action's inputs as GATE_*. Nothing of it is ever part of a
# script's text, so no branch name or title is read by a shell. Events have the shapes of
# github.com/octokit/webhooks, REST answers those of github.com/github/rest-api-description
# (version 2022-11-28, which each call asks for).
set -u -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
api_limit=$((4 << 20)) # bytes of an answer

# say_error TEXT, say_notice TEXT: on stderr, for people, and as an annotation where GitHub reads it
# and no script above us says itself what became of it (PERFGATE_WITHIN).
say_error() {
    say error "$1"
}
say_notice() {
    say notice "$1"
}
say() {
    # GitHub finds a command at the beginning of a line, and an older form of it anywhere in one.
    local line=${2//[[:cntrl:]]/ }
    printf '%s: %s\n' "${0##*/}" "${line//'##['/'## ['}" >&2
    [ -z "${GITHUB_ACTIONS-}" ] || [ -n "${PERFGATE_WITHIN-}" ] ||
        printf '::%s title=perfgate::%s\n' "$1" "$(escape "$2")" >&2
}

die() { # TEXT [EXIT CODE]
    say_error "$1"
    exit "${2:-2}"
}

# The text as the data of a workflow command.
escape() {
    local text=${1//'%'/%25}
    text=${text//$'\r'/%0D}
    printf '%s' "${text//$'\n'/%0A}"
}

need() {
    local tool
    for tool; do
        command -v "$tool" >/dev/null || die "$tool is not installed; run ci/setup github"
    done
}

# find_tools: sets $bin, the directory of the four tools.
find_tools() {
    bin=${PERFGATE_BIN:-$here/../../build/bin}
    [ -x "$bin/perf-report" ] || die "perf-report is not built; run make, or set PERFGATE_BIN to its directory"
    bin=$(cd "$bin" && pwd)
}

# event FILTER: what jq's filter finds in the event's file; nothing where it is absent or null.
event() {
    [ -n "${GITHUB_EVENT_PATH-}" ] || die 'GITHUB_EVENT_PATH is not set; it names the file of the event'
    jq -r "($1) // empty" "$GITHUB_EVENT_PATH" || die "'$GITHUB_EVENT_PATH' is not the event's JSON"
}

is_commit() {
    [[ $1 =~ ^[0-9a-f]{40}$ ]]
}

# The token as a line of curl's configuration, which curl reads from a pipe: it is in no argument.
authorization() {
    printf 'header = "Authorization: Bearer %s"\n' "$GITHUB_TOKEN"
}

# api METHOD PATH FILE [JSON-FILE]: one REST call, whose answer goes to FILE and whose status, with
# the address it points to, to $answer. Where JSON-FILE is given it is the body. Ends with a sentence
# where there is no answer, or one that says no.
api() {
    local method=$1 path=$2 out=$3 arguments=(--request "$1")
    [[ ${GITHUB_TOKEN-} =~ ^[A-Za-z0-9_.~+/=-]+$ ]] || die 'GITHUB_TOKEN is not set, or is no token'
    [ $# -lt 4 ] || arguments+=(--header 'Content-Type: application/json' --data-binary "@$4")
    # What was written once must not be written twice, so only questions are asked again.
    [ "$method" != GET ] || arguments+=(--retry 3 --retry-max-time 60)
    answer=$(curl --silent --show-error --max-time 60 --max-filesize "$api_limit" --output "$out" \
        --write-out '%{http_code} %{redirect_url}' --config <(authorization) \
        --header 'Accept: application/vnd.github+json' \
        --header 'X-GitHub-Api-Version: 2022-11-28' --user-agent perfgate \
        "${arguments[@]}" "${GITHUB_API_URL:-https://api.github.com}$path") ||
        die "$method $path: no answer from GitHub"
    [[ $answer =~ ^[23] ]] ||
        die "$method $path: GitHub answered ${answer%% *}: $(jq -r '.message | strings' "$out" 2>/dev/null | head -c 200)"
}

# The text as one segment of a path or a query.
quote_url() {
    jq -rn --arg text "$1" '$text | @uri'
}
