#!/usr/bin/env bash
# Answers REST calls as GitHub does, from the files in $STATE (see github_api.sh). Paths, parameters,
# statuses and members are those of github.com/github/rest-api-description (api.github.com, version
# 2022-11-28: pulls/list, issues/list-comments, issues/create-comment, issues/update-comment,
# actions/list-workflow-run-artifacts, actions/download-artifact). What those do not allow is refused,
# as GitHub refuses it: no token 401, an unknown path 404, a body that is not what it should be 422.
set -u
cd "$STATE" || exit

answer() { # STATUS FILE [HEADER]
    printf 'Status: %s\r\nContent-Type: application/json; charset=utf-8\r\n%s\r\n' "$1" "${3:+$3$'\r\n'}"
    cat "$2"
    exit
}
refuse() { # STATUS MESSAGE
    jq -n --arg message "$2" '{message: $message, documentation_url: "https://docs.github.com/rest"}' >refused
    answer "$1" refused
}
parameter() { # NAME DEFAULT
    local pair value
    for pair in ${QUERY_STRING//&/ }; do
        value=${pair#*=}
        [ "${pair%%=*}" != "$1" ] || { printf '%b' "${value//%/\\x}"; return; }
    done
    printf '%s' "$2"
}

page() { # FILE FILTER [JQ-ARGUMENT...]: one page of a list, 100 elements at most
    local size number
    size=$(parameter per_page 30) number=$(parameter page 1)
    [ "$size" -le 100 ] || size=100
    jq "${@:3}" --argjson size "$size" --argjson page "$number" \
        "$2 | .[\$size * (\$page - 1):\$size * \$page]" "$1" >answer
    answer 200 answer
}

# The body of a comment: one member that is a text, of at most 65536 characters.
read_body() {
    head -c "${CONTENT_LENGTH:-0}" >received
    jq -e '(.body | type) == "string" and (.body | length) > 0' received >/dev/null 2>&1 || refuse 422 'Validation Failed'
    jq -e '(.body | length) <= 65536' received >/dev/null || refuse 422 'Body is too long'
}

printf '%s %s?%s auth=%s version=%s\n' "$REQUEST_METHOD" "$REQUEST_PATH" "$QUERY_STRING" \
    "${HTTP_AUTHORIZATION-}" "${HTTP_X_GITHUB_API_VERSION-}" >>calls
[ ! -e fault ] || refuse "$(cat fault)" 'Resource not accessible by integration'

# The archive lies on another host, which is told no token.
case $REQUEST_PATH in
/storage/*)
    [ -z "${HTTP_AUTHORIZATION-}" ] || refuse 400 'a token where none belongs'
    printf 'Content-Type: application/zip\r\n\r\n'
    cat "${REQUEST_PATH#/storage/}.zip"
    exit
    ;;
esac
[ "${HTTP_AUTHORIZATION-}" = 'Bearer right-token' ] || refuse 401 'Bad credentials'
repository=/repos/octo-org/service
case "$REQUEST_METHOD $REQUEST_PATH" in
"GET $repository/pulls")
    # shellcheck disable=SC2016 # jq's variables
    page pulls.json 'map(select(($state == "all" or .state == $state) and ($head == "" or .head.label == $head)))' \
        --arg state "$(parameter state open)" --arg head "$(parameter head '')"
    ;;
"GET $repository/actions/runs/77/artifacts")
    jq --arg name "$(parameter name '')" '.artifacts |= map(select($name == "" or .name == $name))
        | .total_count = (.artifacts | length)' artifacts.json >answer
    answer 200 answer
    ;;
"GET $repository/actions/artifacts/"*/zip)
    id=${REQUEST_PATH%/zip} id=${id##*/}
    [ -e "$id.zip" ] || refuse 410 'Artifact has expired'
    answer 302 /dev/null "Location: ${STORAGE:-$ORIGIN}/storage/$id"
    ;;
"GET $repository/issues/5/comments")
    page comments.json .
    ;;
"POST $repository/issues/5/comments")
    read_body
    jq --slurpfile body received '. + [{id: (900 + length), node_id: "x", body: $body[0].body, url: "",
        html_url: "https://github.com/octo-org/service/pull/5#issuecomment-\(900 + length)", issue_url: "",
        user: {login: "github-actions[bot]", id: 41898282, type: "Bot"},
        created_at: "2026-11-26T10:00:00Z", updated_at: "2026-11-26T10:00:00Z"}]' comments.json >new &&
        mv new comments.json
    jq '.[-1]' comments.json >answer
    answer 201 answer
    ;;
"PATCH $repository/issues/comments/"*)
    id=${REQUEST_PATH##*/}
    read_body
    jq -e --argjson id "$id" 'any(.id == $id)' comments.json >/dev/null || refuse 404 'Not Found'
    jq --argjson id "$id" --slurpfile body received 'map(if .id == $id then .body = $body[0].body else . end)' \
        comments.json >new && mv new comments.json
    jq --argjson id "$id" '.[] | select(.id == $id)' comments.json >answer
    answer 200 answer
    ;;
*) refuse 404 'Not Found' ;;
esac
