#!/usr/bin/env bash
# ci/grafana: a real Prometheus with its configuration, filled from a run and a verdict, knows an answer
# to each panel's query. Grafana itself is no package; what it reads is looked at here.
# shellcheck disable=SC2016 # the variables are those of jq and of Grafana
. "$(dirname "$0")/../cli/lib.sh"
export TEST_USER_EMAIL=user@example.com TEST_USER_PASSWORD=user-secret
export TEST_ADMIN_EMAIL=admin@example.com TEST_ADMIN_PASSWORD=admin-secret
grafana=$root/ci/grafana

describe 'dashboards are what Grafana takes, and their data source is the one that is provisioned'
expect_true 'YAML' /usr/bin/python3 - "$grafana" <<'END'
import glob, json, os, sys, yaml
top = sys.argv[1]
def load(name):
    with open(os.path.join(top, name), encoding="utf-8") as file:
        return yaml.safe_load(file)
compose = load("compose.yaml")
assert set(compose["services"]) == {"grafana", "prometheus", "pushgateway"}
for service in compose["services"].values():
    image, version = service["image"].split(":")
    assert version not in ("", "latest"), image
    assert service["network_mode"] == "host" and "ports" not in service
    for volume in service["volumes"]:
        source = volume.split(":")[0]
        assert source in compose["volumes"] or os.path.exists(os.path.join(top, source)), volume
# All listen on the loopback alone, where the others look for them.
listen = {name: [word.split("=", 1)[1] for word in compose["services"][name]["command"]
                 if word.startswith("--web.listen-address=")] for name in ("prometheus", "pushgateway")}
assert listen == {"prometheus": ["127.0.0.1:9090"], "pushgateway": ["127.0.0.1:9091"]}, listen
settings = compose["services"]["grafana"]["environment"]
assert settings["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
source, = load("provisioning/datasources/prometheus.yaml")["datasources"]
assert source["url"] == "http://127.0.0.1:9090" and source["uid"] == "perfgate-prometheus"
jobs = {job["job_name"]: job for job in load("prometheus.yml")["scrape_configs"]}
assert jobs["pushgateway"]["honor_labels"] and jobs["pushgateway"]["static_configs"][0]["targets"] == ["127.0.0.1:9091"]
provider, = load("provisioning/dashboards/perfgate.yaml")["providers"]
mounts = [volume.split(":") for volume in compose["services"]["grafana"]["volumes"]]
assert ["./dashboards", provider["options"]["path"], "ro"] in mounts
assert ["./provisioning", "/etc/grafana/provisioning", "ro"] in mounts
with open(os.path.join(top, "notify.json"), encoding="utf-8") as file:
    assert json.load(file)["destinations"]["gateway"]["url"] == "http://" + listen["pushgateway"][0]
END
expect_true 'titles and uids are unique' jq -es 'length == 4 and (map(.uid) | unique | length == 4) and (map(.title) | unique | length == 4)' "$grafana"/dashboards/*.json
for dashboard in "$grafana"/dashboards/*.json; do
    expect_true "${dashboard##*/}" jq -e '
        .schemaVersion >= 36 and (.uid | test("^[a-z0-9-]{1,40}$")) and .tags == ["perfgate"] and (has("id") | not)
        and ([.templating.list[] | select(.datasource.uid != "perfgate-prometheus" or .allValue != ".*")] == [])
        and ([.panels[].id] | length == (unique | length)) and ([.panels[].title] | length == (unique | length))
        and all(.panels[]; .datasource == {type: "prometheus", uid: "perfgate-prometheus"}
            and (.title | length > 2) and (.fieldConfig.defaults.unit | length > 0)
            and (.type | IN("timeseries", "stat", "bargauge", "piechart", "state-timeline"))
            and (.gridPos | .x >= 0 and .w > 0 and .h > 0 and .x + .w <= 24)
            and (.targets | length > 0 and length <= 3) and all(.targets[]; .expr != "" and .legendFormat != "")
            and ([.targets[].refId] | length == (unique | length)))
        and ([.panels[].gridPos | range(.x; .x + .w) as $x | range(.y; .y + .h) as $y | [$x, $y]] | length == (unique | length))' \
        "$dashboard"
done

start_panel --seed 1
at_exit kill "$pid"
base=$url
start_panel --seed 1
at_exit kill "$pid"
live=$(free_port)
gateway=$(free_port)
web=$(free_port)
sed "s/127.0.0.1:9464/127.0.0.1:$live/; s/127.0.0.1:9091/127.0.0.1:$gateway/; s,127.0.0.1:8080,${url#http://},
    s/scrape_interval: 5s/scrape_interval: 1s/" "$grafana/prometheus.yml" >prometheus.yml
sed "s/127.0.0.1:9091/127.0.0.1:$gateway/" "$grafana/notify.json" >notify.json
prometheus-pushgateway --persistence.file= --web.listen-address="127.0.0.1:$gateway" 2>gateway.log &
at_exit kill $!
begun=$(date +%s)
prometheus --config.file=prometheus.yml --storage.tsdb.path=tsdb --web.listen-address="127.0.0.1:$web" 2>prometheus.log &
at_exit kill $!
await curl -fs "http://127.0.0.1:$gateway/-/ready"
await curl -fs "http://127.0.0.1:$web/-/ready"

describe 'a run, its verdict and what they push'
jq '.monitor = {endpoints: [{name: "app", path: "/api/monitoring/metrics", every: "500ms", metrics: {
        active_sessions: {pointer: "/sessions/active", unit: "count"}, posts: {pointer: "/forum/threads_posted", counter: true},
        cache_hit_ratio: {pointer: "/cache/hits", of: ["/cache/hits", "/cache/misses"]}}},
    {name: "health", path: "/api/monitoring/health", health: true}]}' "$root/tests/panel/scenario.json" >scenario.json
LOAD_TEST_METRICS=127.0.0.1:$live run perf-run scenario.json --host "$url" --against "$base" \
    --users 30 --spawn-rate 100 --think-scale 0.1 --duration 15s --seed 1 --output live.json --quiet
expect_true 'it ran' test -s live.json
run perf-compare live.json
expect_true 'it was judged' test -s perf_verdict.json
run perf-report --send gateway --notify notify.json --require-delivery perf_verdict.json live.json
expect_exit 0
ask() {
    curl -fsG "http://127.0.0.1:$web/api/v1/query" --data-urlencode "query=$1" | jq -e "${2:-.data.result | length > 0}"
}
await ask 'perfgate_verdict_change and on (suite) perfgate_run_valid'
await ask 'sum(panel_api_requests_total) > 0'
curl -fs "http://127.0.0.1:$gateway/metrics" | grep perfgate_ >pushed
stdin=pushed run promtool check metrics
expect_exit 0

# answers FILE: of each query of a dashboard its panel and what Prometheus says, over the run or now.
answers() {
    local panel expr instant ask
    while IFS=$'\t' read -r panel instant expr; do
        ask=(query --data-urlencode "time=$(date +%s)")
        [ "$instant" = true ] || ask=(query_range --data-urlencode "start=$begun" --data-urlencode "end=$(date +%s)" --data step=1)
        curl -sG "http://127.0.0.1:$web/api/v1/${ask[0]}" "${ask[@]:1}" --data-urlencode "query=$expr" |
            jq -c --arg panel "$panel" --arg expr "$expr" '{panel: $panel, expr: $expr, status, error,
                figures: [.data.result[]? | (.values // [.value])[] | .[1] | select(. != "NaN")] | length}'
    done < <(jq -r '.panels[] | .title as $title | .targets[] | [$title, (.instant // false), .expr] | @tsv' "$1" |
        sed 's/\\\\/\\/g; s/\$__rate_interval/5s/g; s/\$__range/60s/g; s/\$suite/.*/g')
}

for dashboard in "$grafana"/dashboards/*.json; do
    describe "${dashboard##*/}: each query has figures"
    answers "$dashboard" >answers.json
    # A kernel without PSI has no pressure.
    [ -e /proc/pressure/cpu ] || sed -i '/pressure_/d' answers.json
    expect_true 'all were asked' test "$(wc -l <answers.json)" -ge "$(jq '.panels | length - 1' "$dashboard")"
    wrong=$(jq -c 'select(.status != "success" or .figures == 0 or (.expr | test("\\$")))' answers.json)
    [ -z "$wrong" ] || fail "$wrong"
done

describe 'the figures are those of the run'
ask_value() {
    curl -fsG "http://127.0.0.1:$web/api/v1/query" --data-urlencode "query=$1" | jq -r '.data.result[0].value[1]'
}
expect_true 'requests' test "$(ask_value 'perfgate_run_requests{endpoint=""}')" = "$(jq .total_requests live.json)"
expect_true 'exit code' test "$(ask_value perfgate_verdict_exit_code)" = "$(jq .exit_code perf_verdict.json)"
expect_true 'CPU of the target' test "$(ask_value 'perfgate_run_ratio{metric="cpu_usage"}')" = "$(jq .resources.cpu_usage live.json)"
expect_true 'and as a series' test "$(ask_value 'perfgate_resource_ratio{source="target",series="cpu",stat="average"}')" = "$(jq '.resources.sources[] | select(.name == "target") | .series[] | select(.name == "cpu").average' live.json)"
expect_true 'some of it by country' ask 'sum by (country) (panel_api_requests_total) > 0'
expect_true 'a named metric, pushed' test "$(ask_value 'perfgate_resource_amount{kind="application",series="active_sessions",stat="maximum"}')" = "$(jq '.resources.sources[] | select(.name == "app").series[] | select(.name == "active_sessions").maximum' live.json)"
expect_true 'of both sides, live' ask 'count(max_over_time(perfgate_live_resource_ratio{source="health",series="availability"}[5m])) == 2'
expect_true 'registrations' ask 'panel_registrations_total > 0'
