#!/usr/bin/env bash
# perf-report --send: to a real mail server, and to stand-ins that check what the vendors document.
. "$(dirname "$0")/lib.sh"

openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' 2>/dev/null
: >log
/usr/bin/python3 "$root/tests/cli/receivers.py" "$PWD" 2>receivers.err &
receivers=$!
at_exit kill "$receivers"
for _ in $(seq 600); do
    [ ! -e ports ] || break
    kill -0 $receivers 2>/dev/null || break
    sleep 0.05
done
read -r web secure starttls tls plain <ports || { cat receivers.err; exit 1; }

# notify DESTINATIONS ROUTES: both JSON
notify() {
    jq -n --argjson d "$1" --argjson r "$2" '{schema: "perfgate.notify/1", destinations: $d, routes: $r}' >notify.json
}
# sent FILTER: of what has been received since `: >log`
sent() {
    jq -cs "$1" log
}
expect_sent() {
    [ "$(sent "$1")" = "$2" ] || fail "expected $2 of $1, found $(sent "$1") in $(cat log)"
}
export SLACK_WEBHOOK_URL=http://127.0.0.1:$web/services/T0/B0/slack-secret WEBHOOK_SECRET=hook-secret
export PAGERDUTY_ROUTING_KEY=0123456789abcdef0123456789abcdef SMTP_PASSWORD=mail-secret
all=$(jq -n --arg http "http://127.0.0.1:$web" --arg https "https://localhost:$secure" --arg ca "$PWD/cert.pem" \
    --arg starttls "localhost:$starttls" --arg tls "localhost:$tls" --arg plain "127.0.0.1:$plain" '{
    mail: {kind: "email", server: $starttls, user: "perf", from: "gate@example.com", to: ["a@example.com", "b@example.com"], ca_file: $ca},
    mail_tls: {kind: "email", server: $tls, tls: "tls", from: "gate@example.com", to: ["a@example.com"], ca_file: $ca},
    mail_plain: {kind: "email", server: $plain, tls: "none", from: "gate@example.com", to: ["later@example.com"]},
    mail_untrusted: {kind: "email", server: $starttls, user: "perf", from: "gate@example.com", to: ["a@example.com"]},
    mail_stripped: {kind: "email", server: $plain, user: "perf", from: "gate@example.com", to: ["a@example.com"], ca_file: $ca},
    slack: {kind: "slack"},
    pager: {kind: "pagerduty", url: ($http + "/v2/enqueue")},
    hook: {kind: "webhook", url: ($https + "/hook"), ca_file: $ca},
    busy: {kind: "webhook", url: ($http + "/busy")}, broken: {kind: "webhook", url: ($http + "/broken")},
    down: {kind: "webhook", url: ($http + "/down")}, gone: {kind: "webhook", url: ($http + "/gone")},
    elsewhere: {kind: "webhook", url: ($http + "/elsewhere")}, refused: {kind: "webhook", url: "http://127.0.0.1:9/hook"},
    dog: {kind: "datadog", url: ($http + "/")}, partial: {kind: "datadog", url: ($http + "/partial")},
    relic: {kind: "newrelic", url: $http, events_url: $http, marker_url: ($http + "/graphql"), account: 42}, relic_metrics: {kind: "newrelic", url: $http},
    clear: {kind: "webhook", url: "http://example.com/hook"}, other: {kind: "webhook", url: ($http + "/hook"), secret: "OTHER_SECRET"}}')
routes='{"critical": ["mail", "pager"], "all": ["slack"], "error": ["hook"]}'
notify "$all" "$routes"

# verdict RATE AVERAGE: of a run that is compared with one of 1 % and 10 ms
report() {
    jq -n --argjson failures "$1" --argjson average "$2" '{total_requests: 1000, total_failures: $failures,
        requests_per_second: 10, average_response_time: $average, "95th_percentile": ($average * 2), "99th_percentile": ($average * 3)}'
}
report 1 10 >base.json
report 1 10 >good.json
report 1 400 >bad.json
report 300 4000 >worst.json
for file in good bad worst; do
    perf-compare $file.json --baseline base.json --verdict $file.verdict --output /dev/null
done

describe 'a critical verdict goes where the routes say, and each takes it'
run perf-report --send routes --notify notify.json worst.verdict
expect_exit 0
expect_stdout ''
expect_sent 'map(.path // "mail")' "[\"mail\",\"/services/T0/B0/slack-secret\",\"/v2/enqueue\"]"
expect_sent 'map(select(.wrong))' '[]'
expect_stderr "perf-report: 'slack' was told (critical)"
expect_sent 'map(select(.tls)) | map([.user, .to, .type, .defects, .header_to])' '[["perf",["a@example.com","b@example.com"],"multipart/alternative",[],"a@example.com, b@example.com"]]'
expect_sent '.[0] | (.text | contains("alert: error: Error rate above 5%")), (.html | contains("<h2>Alerts</h2>")), .longest <= 998' "$(printf 'true\ntrue\ntrue')"
expect_sent '.[0].subject | startswith("[critical] fail: ")' true
expect_sent '.[2].body | [.event_action, .payload.severity, .dedup_key]' '["trigger","critical","perfgate:default"]'

describe 'an error goes to others, and resolves the incident, under the same key'
: >log
run perf-report --send routes --notify notify.json bad.verdict
expect_exit 0
expect_sent 'map(.path)' '["/services/T0/B0/slack-secret","/v2/enqueue","/hook"]'
expect_sent 'map(select(.wrong))' '[]'
expect_sent '.[1].body' '{"routing_key":"0123456789abcdef0123456789abcdef","event_action":"resolve","dedup_key":"perfgate:default"}'
expect_sent '.[2].body | [.severity, .verdict.status]' '["error","fail"]'

describe 'of a good one nobody hears but the incident'
: >log
run perf-report --send routes --notify notify.json good.verdict
expect_exit 0
expect_sent 'map(.body.event_action)' '["resolve"]'
notify "$all" '{"all": ["slack"]}'
: >log
run perf-report --send routes --notify notify.json good.verdict
expect_exit 0
expect_stderr 'nobody has to be told (ok)'
expect_sent . '[]'

describe 'a destination that is named hears of it whatever the routes say, once'
: >log
run perf-report --send slack --send slack --notify notify.json good.verdict
expect_exit 0
expect_sent 'map([.path, .wrong])' '[["/services/T0/B0/slack-secret",null]]'

describe 'mail over TLS from the first byte, and in the clear to this machine alone'
: >log
run perf-report --send mail_tls --send mail_plain --notify notify.json bad.verdict
expect_exit 0
expect_sent 'map([.mail, .tls])' '[["gate@example.com",true],["later",null],["gate@example.com",false]]'

describe 'what goes in the clear stays on this machine, whatever proxy the environment names'
: >log
http_proxy=http://127.0.0.1:9 all_proxy=http://127.0.0.1:9 run perf-report --send slack --send mail_plain --notify notify.json good.verdict
expect_exit 0
expect_sent 'map(.path // "mail") | sort' '["/services/T0/B0/slack-secret","mail"]'

describe 'nothing is sent where the certificate is not to be trusted, or TLS was taken out'
: >log
run perf-report --send mail_untrusted --send mail_stripped --notify notify.json --require-delivery bad.verdict
expect_exit 2
expect_stderr "'mail_untrusted' was not told: SSL peer certificate or SSH remote key was not OK (1 attempt)"
expect_stderr "'mail_stripped' was not told: Requested SSL level failed (1 attempt)"
expect_stderr '2 of 2 destinations were not told'
expect_sent . '[]'

describe 'it is tried again where that may help, and only there; nothing is followed'
: >log
run perf-report --send busy --send broken --send down --send gone --send elsewhere --notify notify.json bad.verdict
expect_exit 0
expect_sent 'map("\(.path) \(.status)") | group_by(.) | map("\(.[0]) \(length)")' '["/broken 204 1","/broken 503 1","/busy 204 1","/busy 429 2","/down 500 4","/elsewhere 302 1","/gone 410 1"]'
expect_stderr "'down' was not told: it answered 500 (4 attempts)"
expect_stderr "'gone' was not told: it answered 410 (1 attempt)"
expect_stderr "'elsewhere' was not told: it answered 302 (1 attempt)"

describe 'a delivery that fails is a warning, unless it is required; the others are told either way'
: >log
run perf-report --send gone --send slack --notify notify.json bad.verdict
expect_exit 0
run perf-report --send gone --send slack --notify notify.json bad.verdict --require-delivery
expect_exit 2
expect_stderr '1 of 2 destinations were not told'
expect_sent 'map(select(.status == 200)) | length' 2
run perf-report --send clear --notify notify.json bad.verdict
expect_stderr "'clear' was not told: expected a URL that begins with https://"

describe 'a secret that is not set is told by its name, a wrong one by the answer'
run perf-report --send other --notify notify.json bad.verdict
expect_exit 0
expect_stderr "'other' was not told: the variable 'OTHER_SECRET', which has its secret, is not set"
OTHER_SECRET=wrong run perf-report --send other --notify notify.json bad.verdict
expect_stderr "'other' was not told: it answered 400"
SMTP_PASSWORD=wrong run perf-report --send mail --notify notify.json bad.verdict
expect_stderr "'mail' was not told: the mail server said 535: Login denied"

describe 'no secret is ever said, and a dry run needs none and sends nothing'
: >log
for secret in slack-secret mail-secret hook-secret 0123456789abcdef; do
    run perf-report --send mail --send slack --send pager --send hook --send gone --send mail_untrusted --notify notify.json worst.verdict
    expect_true "not $secret" test "$(grep -c $secret stdout stderr | grep -cv ':0')" = 0
done
: >log
(
    unset SLACK_WEBHOOK_URL WEBHOOK_SECRET PAGERDUTY_ROUTING_KEY SMTP_PASSWORD
    run perf-report --send mail --send slack --send pager --send hook --notify notify.json worst.verdict --dry-run
    expect_exit 0
    expect_stderr ''
    expect_stdout 'POST <SLACK_WEBHOOK_URL>'
    expect_stdout '"routing_key": "<PAGERDUTY_ROUTING_KEY>"'
    expect_stdout "to localhost:$starttls with STARTTLS"
    expect_stdout 'X-Perfgate-Signature: sha256='
    printf '%s' "$case_details" >details
)
expect_true 'so' test ! -s details
expect_sent . '[]'

describe 'names that would be formatting are text'
jq '.suite = "<!channel> & *x*\r\nBcc: x@example.com \u00e9\u2028" | .summary = "<@U1> " + ("\u00e9" * 3000) | .alerts[1].message = "<!here>"' worst.verdict >hostile.verdict
: >log
run perf-report --send mail --send slack --send pager --send hook --notify notify.json hostile.verdict
expect_exit 0
expect_sent 'map(select(.wrong))' '[]'
expect_sent 'length' 4
expect_sent '.[0] | [.defects, .to, (.subject | startswith("[critical] fail: <!channel> & *x*  Bcc: x@example.com \u00e9"))]' '[[],["a@example.com","b@example.com"],true]'

describe 'APMs get each figure, in batches, and an event; what one rejects of a batch is told'
export DATADOG_API_KEY=datadog-secret NEW_RELIC_API_KEY=newrelic-secret NEW_RELIC_APP_NAME='the forum'
: >log
run perf-report --send dog --send relic --notify notify.json worst.verdict
expect_exit 0
expect_sent 'map([.path, .status, .wrong])' '[["/api/v2/series",202,null],["/api/v1/events",202,null],["/metric/v1",202,null],["/v1/accounts/42/events",200,null]]'
expect_sent '.[0].body.series | map([.metric, .points[0].value])' '[["perfgate.avg_response_time",4000],["perfgate.error_rate",0.3],["perfgate.95th_percentile",8000]]'
expect_sent '.[1].body.alert_type' '"error"'
expect_sent '.[2].body[0].common.attributes' '{"suite":"default","status":"fail","app.name":"the forum"}'
expect_sent '.[3].body[0] | [.eventType, .exitCode, .severity]' '["PerfgateVerdict",1,"critical"]'
jq '.suite = "\u00e9" * 300 | .rows = [range(2500) as $i | .rows[0] + {endpoint: "/\($i)/\("x" * 300)", method: "GET"}]' worst.verdict >large.verdict
: >log
run perf-report --send dog --send relic_metrics --notify notify.json large.verdict
expect_exit 0
expect_sent 'map(select(.wrong))' '[]'
expect_sent 'map(.body | ((.series)? // (.[0].metrics)? // []) | length)' '[1000,1000,500,0,1000,1000,500]'
: >log
run perf-report --send partial --notify notify.json worst.verdict
expect_stderr "'partial' was not told: part 1 of 2: it rejected a part: 1 error (1 attempt)"

describe 'with the report, Datadog gets the latencies of each endpoint as a distribution'
jq -n '{schema: "perfgate.report/1", valid: true, total_requests: 270000, total_failures: 0, requests_per_second: 10, average_response_time: 1,
    "95th_percentile": 1, "99th_percentile": 1, endpoints: [range(90) as $i | {name: "/\($i)", method: "GET", total_requests: 3000,
    total_failures: 0, requests_per_second: 10, average_response_time: 1, "95th_percentile": 1, "99th_percentile": 1,
    histogram: {count: 3000, sum_ns: 3000000000, min_ns: 1000000, max_ns: 1000000, index: [954], counts: [3000]}}]}' >points.json
run perf-report points.json
expect_exit 0
perf-compare points.json --baseline points.json --verdict points.verdict --output /dev/null
: >log
run perf-report --send dog --notify notify.json points.verdict points.json
expect_exit 0
expect_sent 'map(select(.wrong))' '[]'
expect_sent 'map(.path) | unique' '["/api/v1/distribution_points","/api/v1/events","/api/v2/series"]'
expect_sent 'map(select(.path | test("points")).body.series | length)' '[40,40,10]'
expect_sent 'map(select(.path | test("points")).body.series[]) | map(.metric) | unique' '["perfgate.response_time"]'
expect_sent 'map(select(.path | test("points")).body.series[].points[0][1] | length) | unique' '[1000]'
expect_sent 'map(select(.path | test("points")).body.series[0].tags)[0]' '["suite:default","status:pass","endpoint:GET /0"]'
run perf-report --send dog --notify notify.json points.verdict good.json
expect_exit 2
expect_stderr "'points.verdict' is of 270000 requests of the candidate, and the reports beside it, 'good.json', of 1000"
run perf-report --send dog --notify notify.json points.verdict worst.verdict
expect_exit 2
expect_stderr "'points.verdict' and 'worst.verdict' are both verdicts; name one of them"

describe 'New Relic gets a marker of the commit, where there is a user key; what it rejects is told'
export NEW_RELIC_USER_KEY=newrelic-user-secret GITHUB_SHA=0123456789abcdef0123456789abcdef01234567
: >log
NEW_RELIC_APP_NAME="Bob's \\ forum;all of them" run perf-report --send relic --notify notify.json worst.verdict
expect_exit 0
expect_sent 'map([.path, .status, .wrong])' '[["/metric/v1",202,null],["/v1/accounts/42/events",200,null],["/graphql",200,null]]'
expect_sent '.[2].body.variables | [.commit, .link, .search]' "[\"$GITHUB_SHA\",null,\"domain = 'APM' AND type = 'APPLICATION' AND name = 'Bob\\\\'s \\\\\\\\ forum'\"]"
expect_sent '.[2].body.variables.short | startswith("fail: ")' true
: >log
GITHUB_SERVER_URL=https://github.com GITHUB_REPOSITORY=a/b GITHUB_RUN_ID=7 run perf-report --send relic --notify notify.json worst.verdict
expect_sent '.[2].body.variables.link' '"https://github.com/a/b/actions/runs/7"'
NEW_RELIC_APP_NAME=unknown run perf-report --send relic --notify notify.json worst.verdict
expect_exit 0
expect_stderr "'relic' was not told: part 3 of 3: it rejected a part: 1 error (1 attempt)"
run perf-report --send relic --notify notify.json worst.verdict --dry-run
expect_match stdout '^Api-Key: <NEW_RELIC_USER_KEY>$'
expect_true 'no secret' test "$(grep -c 'newrelic-user-secret' stdout)" = 0
: >log
GITHUB_SHA=x run perf-report --send relic --notify notify.json worst.verdict
NEW_RELIC_APP_NAME='' run perf-report --send relic --notify notify.json worst.verdict
NEW_RELIC_USER_KEY='' run perf-report --send relic --notify notify.json worst.verdict
expect_sent 'map(.path) | unique' '["/metric/v1","/v1/accounts/42/events"]'
unset NEW_RELIC_USER_KEY GITHUB_SHA

describe 'what makes no sense is refused before anybody is told'
: >log
run perf-report --send nobody --send slack --notify notify.json bad.verdict
expect_exit 2
expect_stderr "--send: 'notify.json' has no destination 'nobody'"
run perf-report --send slack --notify notify.json bad.json
expect_exit 2
expect_stderr "'bad.json' is a report, and --send tells of verdicts"
run perf-report --send slack --notify notify.json bad.verdict --format html
expect_exit 2
run perf-report --dry-run bad.verdict
expect_exit 2
expect_stderr 'need --send'
run perf-report --send slack bad.verdict
expect_exit 2
expect_stderr "cannot open 'baselines/notify.json'"
while IFS='|' read -r change message; do
    jq "$change" notify.json >wrong.json
    run perf-report --send slack --notify wrong.json bad.verdict
    expect_exit 2
    expect_stderr "$message"
done <<'END'
.destinations.slack.secret = "https://hooks.slack.com/x"|'wrong.json': destinations.slack: secret: expected the name of a variable
.destinations.slack.url = "x"|destinations.slack: url: a destination of this kind has none
.destinations.slack.kind = "irc"|expected one of email, slack, pagerduty, webhook, pushgateway, redis, datadog, newrelic
del(.destinations.hook.url)|destinations.hook: the key 'url' is missing
.destinations.mail.to = ["a@x\r\nBcc: b"]|destinations.mail: to: expected addresses
.destinations.mail.from = "Gate <g@x>"|destinations.mail: from: expected an address
.destinations.mail.server = "x/y"|destinations.mail: server: expected NAME
.destinations.slack.to = ["a@b"]|destinations.slack: server, tls, user, from and to are of an email alone
.destinations.slack.dedup_key = "x"|destinations.slack: dedup_key: expected
.destinations.slack.account = 3|destinations.slack: account, events_url, marker_secret and marker_url are of a newrelic alone
.destinations.slack.marker_url = "https://x"|account, events_url, marker_secret and marker_url are of a newrelic alone
.destinations.relic.marker_secret = "NRAK-1234"|destinations.relic: marker_secret: expected the name of a variable
.destinations.relic.marker_url = "a b"|destinations.relic: marker_url: expected a URL
.routes.critical = ["nobody"]|routes.critical[0]: there is no destination 'nobody'
.routes.fatal = []|routes.fatal: unknown severity; expected ok, warning, error, critical or all
.destinations.routes = {"kind": "slack"}|destinations.routes: expected a name
END
expect_sent . '[]'

describe 'in a repository the base revision says who is told, and not the change'
git init -q -b main repo && cd repo || exit 1
git config user.email ann@example.org && git config user.name Ann
run perf-report --send hook --dry-run ../bad.verdict
expect_exit 2
expect_stderr 'the repository has no commit yet'
git commit -q --allow-empty -m first && git update-ref refs/remotes/origin/main main
mkdir baselines && jq '.destinations.hook.url = "http://127.0.0.1:9/elsewhere"' ../notify.json >baselines/notify.json
git add . && git commit -qm change
run perf-report --send hook --dry-run ../bad.verdict
expect_exit 2
expect_match stderr "there is no 'baselines/notify.json' at .*, and a change does not say who is told of it; name a file with --notify"
cp ../notify.json baselines/ && git commit -qam base && git update-ref refs/remotes/origin/main main
jq '.destinations.hook.url = "http://127.0.0.1:9/elsewhere"' ../notify.json >baselines/notify.json && git commit -qam other
run perf-report --send hook --dry-run ../bad.verdict
expect_exit 0
expect_stdout "POST https://localhost:$secure/hook"
run perf-report --send hook --dry-run --notify HEAD:baselines/notify.json ../bad.verdict
expect_exit 0
expect_stdout 'POST http://127.0.0.1:9/elsewhere'
run perf-report --send hook --dry-run --notify baselines/notify.json ../bad.verdict
expect_stdout 'POST http://127.0.0.1:9/elsewhere'
run perf-report --send hook --dry-run --notify HEAD:other.json ../bad.verdict
expect_exit 2
expect_stderr "there is no 'other.json' at HEAD"
run perf-report --send hook --dry-run --notify HEAD ../bad.verdict
expect_exit 2
run perf-report --send nobody --dry-run ../bad.verdict
expect_exit 2
expect_match stderr "'[0-9a-f]{7}:baselines/notify.json' has no destination 'nobody'"
