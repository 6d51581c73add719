# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what it sets and reads is that of the script that sources it
# A stand-in of the few REST calls of GitHub that ci/github makes, for the scripts that source it after
# lib.sh: nginx before github_api.cgi, which says where the shapes are from. And the events' files, in
# the shape of github.com/octokit/webhooks (payload-schemas, version 7.6.1): of the members that are
# required there, those that anything of ours could read.

# serve_github: sets GITHUB_API_URL. State lies in github/: pulls.json, comments.json, artifacts.json,
# ID.zip for each artifact, `fault` (a status that every call is answered with), and `calls`, a line for
# each call.
serve_github() {
    local attempt port
    mkdir -p github
    echo '[]' | tee github/pulls.json >github/comments.json
    echo '{"total_count": 0, "artifacts": []}' >github/artifacts.json
    : >github/calls
    fcgiwrap_pid='' nginx_pid=''
    at_exit stop_github
    GITHUB_STATE_DIR=$PWD/github setsid fcgiwrap -c 1 -s "unix:$PWD/github/fcgi" >github/fcgi.log 2>&1 &
    fcgiwrap_pid=$!
    for attempt in $(seq 30); do
        port=$((20000 + RANDOM % 10000))
        cat >github/nginx.conf <<END
daemon off; master_process off; pid nginx.pid; error_log stderr;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {
        listen 127.0.0.1:$port;
        location / {
            fastcgi_param SCRIPT_FILENAME $root/tests/cli/github_api.cgi;
            fastcgi_param REQUEST_METHOD \$request_method;
            fastcgi_param REQUEST_PATH \$uri;
            fastcgi_param QUERY_STRING \$query_string;
            fastcgi_param CONTENT_LENGTH \$content_length;
            fastcgi_param STATE $PWD/github;
            fastcgi_param ORIGIN http://127.0.0.1:$port;
            fastcgi_param PATH $PATH;
            fastcgi_pass unix:$PWD/github/fcgi;
        }
    }
}
END
        nginx -e stderr -p "$PWD/github" -c "$PWD/github/nginx.conf" >github/log 2>&1 &
        nginx_pid=$!
        for _ in $(seq 100); do
            if [ -s github/nginx.pid ] && [ -S github/fcgi ]; then
                export GITHUB_API_URL=http://127.0.0.1:$port
                return 0
            fi
            kill -0 "$nginx_pid" 2>/dev/null || break
            sleep 0.05
        done
        wait "$nginx_pid"
    done
    fail "nginx did not start after $attempt attempts: $(cat github/log github/fcgi.log)"
}
# shellcheck disable=SC2317 # at_exit's
stop_github() {
    [ -z "$nginx_pid" ] || { kill -KILL "$nginx_pid" && wait "$nginx_pid"; } 2>/dev/null
    [ -z "$fcgiwrap_pid" ] || { kill -KILL -- "-$fcgiwrap_pid" && wait "$fcgiwrap_pid"; } 2>/dev/null
    nginx_pid='' fcgiwrap_pid=''
}

# add_pull NUMBER OWNER BRANCH SHA [STATE]: a pull request of OWNER/service into octo-org/service.
add_pull() {
    jq --argjson number "$1" --arg owner "$2" --arg branch "$3" --arg sha "$4" --arg state "${5-open}" \
        '. + [{id: (1000 + $number), number: $number, state: $state, title: "A change", locked: false,
          user: {login: $owner, id: 7, type: "User"}, draft: false,
          head: {label: "\($owner):\($branch)", ref: $branch, sha: $sha, user: {login: $owner},
                 repo: {id: 2, name: "service", full_name: "\($owner)/service", fork: ($owner != "octo-org")}},
          base: {label: "octo-org:main", ref: "main", sha: ("0" * 40), user: {login: "octo-org"},
                 repo: {id: 1, name: "service", full_name: "octo-org/service", fork: false}}}]' \
        github/pulls.json >github/new && mv github/new github/pulls.json
}

# add_artifact ID NAME ZIP [EXPIRED]
add_artifact() {
    cp "$3" "github/$1.zip"
    jq --argjson id "$1" --arg name "$2" --argjson size "$(wc -c <"$3")" --argjson expired "${4-false}" \
        '.artifacts += [{id: $id, node_id: "x", name: $name, size_in_bytes: $size, expired: $expired,
          url: "", archive_download_url: "", created_at: "2026-11-26T10:00:00Z",
          expires_at: "2027-02-24T10:00:00Z", updated_at: "2026-11-26T10:00:00Z"}]
         | .total_count = (.artifacts | length)' \
        github/artifacts.json >github/new && mv github/new github/artifacts.json
}

# add_comment ID LOGIN BODY
add_comment() {
    jq --argjson id "$1" --arg login "$2" --arg body "$3" '. + [{id: $id, node_id: "x", body: $body,
        url: "", html_url: "", issue_url: "", user: {login: $login, id: 1, type: "Bot"},
        created_at: "2026-11-26T10:00:00Z", updated_at: "2026-11-26T10:00:00Z"}]' \
        github/comments.json >github/new && mv github/new github/comments.json
}

# event_file EVENT [JQ-FILTER]: writes event.json; the filter fills in what differs.
event_file() {
    jq -n --arg event "$1" '
        {repository: {id: 1, name: "service", full_name: "octo-org/service", fork: false,
                      default_branch: "main", owner: {login: "octo-org", type: "Organization"}},
         sender: {login: "someone", id: 7, type: "User"}}
        + if $event == "pull_request" then
            {action: "synchronize", number: 5, before: ("1" * 40), after: ("2" * 40),
             pull_request: {number: 5, state: "open", title: "A change",
               head: {ref: "change", sha: ("2" * 40), repo: {full_name: "someone/service"}},
               base: {ref: "main", sha: ("3" * 40), repo: {full_name: "octo-org/service"}}}}
          elif $event == "push" then
            {ref: "refs/heads/main", before: ("1" * 40), after: ("2" * 40), created: false,
             deleted: false, forced: false, base_ref: null, compare: "", commits: [], head_commit: null,
             pusher: {name: "someone"}}
          elif $event == "merge_group" then
            {action: "checks_requested",
             merge_group: {head_sha: ("2" * 40), head_ref: "refs/heads/gh-readonly-queue/main/pr-5-x",
                           base_sha: ("3" * 40), base_ref: "refs/heads/main", head_commit: {}}}
          elif $event == "workflow_dispatch" then
            {inputs: null, ref: "refs/heads/main", workflow: ".github/workflows/performance.yml"}
          elif $event == "workflow_run" then
            {action: "completed", workflow: {id: 4, name: "performance",
               path: ".github/workflows/performance.yml", state: "active"},
             workflow_run: {id: 77, name: "performance", event: "pull_request", status: "completed",
               conclusion: "failure", head_branch: "change", head_sha: ("2" * 40), pull_requests: [],
               html_url: "https://github.com/octo-org/service/actions/runs/77", run_attempt: 1,
               head_repository: {full_name: "someone/service", fork: true, owner: {login: "someone"}},
               repository: {full_name: "octo-org/service", fork: false, owner: {login: "octo-org"}}}}
          else {schedule: "17 3 * * 1"} end' | jq "${2-.}" >event.json
    export GITHUB_EVENT_PATH=$PWD/event.json GITHUB_EVENT_NAME=$1
}
