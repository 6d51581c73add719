#!/usr/bin/env bash
# ci/github/comment: a verdict from a run that may be a fork's becomes one comment, or nothing.
# shellcheck disable=SC2016 # backquotes in messages are meant literally
. "$(dirname "$0")/lib.sh"
. "$root/tests/cli/github_api.sh"
unset "${!http_proxy@}" "${!HTTP_PROXY@}" "${!https_proxy@}" "${!HTTPS_PROXY@}"
export PERFGATE_BIN=${PERFGATE_BIN:-$root/build/bin}
sha=$(printf '2%.0s' {1..40})
serve_github

# start: nobody has commented yet; a fork's pull request 5 has the run's commit, and its verdict is there.
start() {
    rm -f github/fault github/*.zip
    echo '[]' | tee github/pulls.json >github/comments.json
    echo '{"total_count": 0, "artifacts": []}' >github/artifacts.json
    : >github/calls
    unset "${!GITHUB_@}" "${!COMMENT_@}"
    export GITHUB_API_URL=$api GITHUB_REPOSITORY=octo-org/service GITHUB_TOKEN=right-token GITHUB_ACTIONS=true
    event_file workflow_run
    add_pull 5 someone change "$sha"
    rm -rf packed && mkdir packed
    cp "$root/tests/data/verdict.json" packed/perf_verdict.json
}
pack() { # ID [ZIP-OPTION...]
    rm -f packed.zip
    (cd packed && zip -q "${@:2}" ../packed.zip ./*) || fail 'zip failed'
    add_artifact "$1" performance-verdict packed.zip
}
comment() {
    run "$root/ci/github/comment"
    ! grep -rq right-token stdout stderr || fail 'the token was printed'
}
comments() {
    jq length github/comments.json
}
expect_nothing() { # WHY
    expect_exit 0
    expect_stderr "$1"
    expect_true 'no comment' test "$(comments)" -eq 0
}
expect_refused() { # WHY
    expect_exit 2
    expect_stderr "$1"
    expect_true 'no comment' test "$(comments)" -eq 0
}
api=$GITHUB_API_URL

describe 'the verdict of a run becomes a comment, rendered here, with what GitHub says of the run'
start
pack 31
comment
expect_exit 0
expect_stdout 'comment: https://github.com/octo-org/service/pull/5#issuecomment-900'
expect_stderr ''
jq -r '.[0].body' github/comments.json >body
perf-report packed/perf_verdict.json --format comment >expected
expect_true 'the marker first' test "$(head -n 1 body)" = '<!-- perfgate: performance-verdict -->'
expect_true 'the rendered verdict' test "$(sed '1d' body | head -n "$(wc -l <expected)")" = "$(cat expected)"
expect_match body '^\[The run\]\(https://github.com/octo-org/service/actions/runs/77\) of 222222222222 ended with: failure\.$'

describe 'a verdict of a thousand rows fits into a comment'
start
jq '.rows = [range(1000) as $i | .rows[0] | .endpoint = "/e\($i)/" + ("x" * 200)]' "$root/tests/data/verdict.json" \
    >packed/perf_verdict.json
pack 31
comment
expect_exit 0
expect_true 'most of what fits' jq -e '.[0].body | length > 40000 and length <= 65536' github/comments.json

describe 'the calls carry the token and the version; the archive is fetched without the token'
expect_match github/calls '^GET /repos/octo-org/service/pulls\?.*head=someone%3Achange.* auth=Bearer right-token version=2022-11-28$'
expect_match github/calls '^GET /storage/31\? auth= version=$'
expect_true 'six calls' test "$(wc -l <github/calls)" -eq 6

describe 'the token is in no argument of any process'
start
pack 31
mkdir -p spy
printf '#!/bin/sh\nprintf "%%s\\n" "$@" >>%s/arguments\nexec %s "$@"\n' "$PWD" "$(command -v curl)" >spy/curl
chmod +x spy/curl
PATH=$PWD/spy:$PATH comment
expect_exit 0
expect_match arguments '/pulls\?'
expect_true 'no token' bash -c '! grep -q right-token arguments'

describe 'a second run updates the comment, and leaves those of others alone'
start
pack 31
comment
add_comment 1 somebody '<!-- perfgate: performance-verdict --> mine'
jq '[.[1], .[0]]' github/comments.json >github/new && mv github/new github/comments.json
sed -i 's/1 row regressed/2 rows regressed/' packed/perf_verdict.json
pack 32
comment
expect_exit 0
expect_true 'two comments' test "$(comments)" -eq 2
expect_true 'ours is new' jq -e '.[1].body | contains("2 rows regressed")' github/comments.json
expect_true "the other's is as it was" jq -e '.[0].body | endswith("mine")' github/comments.json

describe 'our comment is found behind a hundred others'
start
pack 31
comment
jq '[range(150) as $i | {id: $i, body: "x", user: {login: "somebody"}}] + .' github/comments.json >github/new &&
    mv github/new github/comments.json
comment
expect_exit 0
expect_true 'no further one' test "$(comments)" -eq 151
expect_match github/calls 'page=2 '

describe 'a comment of another gate is another comment'
start
pack 31
add_artifact 33 other-verdict packed.zip
comment
export COMMENT_ARTIFACT=other-verdict
comment
expect_exit 0
expect_true 'two comments' test "$(comments)" -eq 2

describe 'no pull request, a closed one, a newer head, another repository, another branch: no comment'
for case in 'none' 'closed' 'moved' 'foreign' 'renamed'; do
    start
    pack 31
    echo '[]' >github/pulls.json
    case $case in
    none) ;;
    closed) add_pull 5 someone change "$sha" closed ;;
    moved) add_pull 5 someone change "$(printf '3%.0s' {1..40})" ;;
    foreign) add_pull 5 someone change "$sha" && sed -i 's,"someone/service","someone/other",' github/pulls.json ;;
    renamed) add_pull 5 someone change2 "$sha" ;;
    esac
    comment
    expect_nothing 'no open pull request has 222222222222 as its head'
done

describe 'two open pull requests of one commit: no comment, as it is not known whose it is'
start
pack 31
add_pull 6 someone change "$sha"
comment
expect_nothing '2 open pull requests'

describe 'a run of another event, or one whose branch is gone: no comment and no call'
start
event_file workflow_run '.workflow_run.event = "push"'
comment
expect_nothing 'the run is of the event push'
start
event_file workflow_run '.workflow_run.head_repository = null'
comment
expect_nothing 'the branch of the run is gone'
expect_true 'no call' test ! -s github/calls

describe 'no artifact, an expired one, one of another name: no comment'
start
comment
expect_nothing "the run left no artifact 'performance-verdict'"
pack 31
start
pack 31
jq '.artifacts[0].expired = true' github/artifacts.json >github/new && mv github/new github/artifacts.json
comment
expect_nothing 'the run left no artifact'

# ---- hostile archives ----

describe 'a link in place of the file is not followed'
start
echo 'a secret' >secret
ln -sf "$PWD/secret" packed/perf_verdict.json
pack 31 --symlinks
comment
expect_refused 'is not one plain file'

describe 'a path out of the archive, and other files, are not read'
start
mkdir -p packed/sub
mv packed/perf_verdict.json packed/sub/perf_verdict.json
pack 31 -r
comment
expect_refused 'the artifact has no file perf_verdict.json'

describe 'no archive at all'
start
echo 'not a zip' >broken
add_artifact 31 performance-verdict broken
comment
expect_refused 'the artifact has no file perf_verdict.json'

describe 'a file of over 1 MiB is refused however small its archive is'
start
head -c 3000000 /dev/zero | tr '\0' ' ' >>packed/perf_verdict.json
pack 31
expect_true 'a small archive' test "$(wc -c <packed.zip)" -lt 100000
comment
expect_refused 'perf_verdict.json in the artifact is larger than 1 MiB'

describe 'an archive of over 1 MiB is not fetched, whatever size GitHub was told'
start
head -c 1200000 /dev/urandom >packed/perf_verdict.json
pack 31
comment
expect_refused "the artifact 'performance-verdict' is larger than 1 MiB"
expect_true 'not fetched' bash -c '! grep -q /storage/ github/calls'
jq '.artifacts[0].size_in_bytes = 100' github/artifacts.json >github/new && mv github/new github/artifacts.json
comment
expect_refused 'the artifact 31 is larger than 1 MiB'

describe 'what is no verdict is not posted'
for text in 'hello @everyone' '{"schema": "perfgate.verdict/2"}' '[]' '{"body": "x"}'; do
    start
    printf '%s' "$text" >packed/perf_verdict.json
    pack 31
    comment
    expect_refused 'perf_verdict.json in the artifact is no verdict'
done

describe 'nor is a message that quotes it a command of the workflow'
start
printf '%s' '{"schema": "perfgate.verdict/1", "status": "##[add-mask]e\u000a::error::x"}' >packed/perf_verdict.json
pack 31
comment
expect_refused 'is no verdict'
expect_stderr 'add-mask'
expect_true 'no command but ours' bash -c '! grep -v "^::error title=perfgate::" stderr | grep -qE "^ *::|##\["'

describe 'text of the artifact is code at most: no link, mention, HTML or marker of it is live'
start
jq '.summary = "<!-- perfgate: x --> @octocat [a](http://evil.example) <img src=x> https://evil.example"
    | .rows[0].endpoint = "`</td>@octocat" | .warnings = ["![x](http://evil.example/x.png)"]' \
    "$root/tests/data/verdict.json" >packed/perf_verdict.json
pack 31
comment
expect_exit 0
jq -r '.[0].body' github/comments.json | sed '1d' >body
# Outside of code spans, where Markdown means nothing.
sed -E 's/(``+).*\1//g; s/`[^`]*`//g' body >live
for text in '<!--' '<img' '](http://evil' '</td>'; do
    expect_true "no $text" bash -c '! grep -qF -e "$1" live' _ "$text"
done
expect_true 'no mention' bash -c '! grep -qE "(^|[^[:alnum:]\\\\])@octocat" live'

# ---- trouble ----

describe 'GitHub says no: exit 2 with its words, an annotation, and no token in it'
start
pack 31
echo 403 >github/fault
comment
expect_refused 'GitHub answered 403: Resource not accessible by integration'
expect_stderr '::error title=perfgate::'

describe 'a wrong token, no token, and one that would be an option of curl'
start
pack 31
export GITHUB_TOKEN=wrong
comment
expect_refused 'GitHub answered 401: Bad credentials'
unset GITHUB_TOKEN
comment
expect_refused 'GITHUB_TOKEN is not set, or is no token'
export GITHUB_TOKEN=$'x"\nurl = "file:///etc/passwd'
comment
expect_refused 'GITHUB_TOKEN is not set, or is no token'

describe 'an event that is not as GitHub sends it'
start
event_file workflow_run '.workflow_run.id = "77/../../x"'
comment
expect_refused "workflow_run.id is '77/../../x'"
event_file workflow_run '.workflow_run.html_url = "https://github.com/x) @octocat"'
comment
expect_refused 'workflow_run.html_url is'
echo '{' >event.json
comment
expect_refused 'is not the event'
