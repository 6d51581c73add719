#!/usr/bin/env bash
# Alerts of the policy: while perf-run runs, in the verdict, and in what is made of it.
. "$(dirname "$0")/lib.sh"

start_panel --seed 1
at_exit kill "$pid"

# policy CONDITION [ACTION]
policy() {
    jq -n --arg condition "$1" --arg action "${2-none}" '{schema: "perfgate.policy/1", alerts: {mine: {
        condition: $condition, severity: "critical", message: "Far too <many>", action: $action}}}' >policy.json
}

describe 'an alert that aborts ends the run early, and the report says why'
policy 'error_rate > 50% for 2s' abort
run perf-run "$url/nothing" --users 2 --duration 120s --policy policy.json --output report.json
expect_exit 3
expect_stderr "perf-run: critical alert 'mine': Far too <many> (error rate 100 %, at 2s)"
expect_stderr 'the run is not valid: an alert of the policy ended the run early'
expect_true 'not valid' test "$(jq -c '[.valid, .invalid_reasons]' report.json)" = '[false,["alert"]]'
expect_true 'with a note' jq -e '.health.notes[] | startswith("ended early by the alert '"'mine'"': Far too <many>")' report.json
expect_true 'in time' jq -e '.duration_ms < 60000 and .total_requests > 0' report.json
run perf-compare report.json --policy policy.json
expect_exit 3

describe 'one that only says so does not, and quiet leaves it out'
policy 'error_rate > 50% for 1s'
run perf-run "$url/nothing" --users 2 --duration 3s --policy policy.json --output report.json
expect_exit 0
expect_stderr "critical alert 'mine'"
expect_true 'once' test "$(grep -c "alert 'mine'" stderr)" = 1
run perf-run "$url/nothing" --users 2 --duration 1s --policy policy.json --output report.json --quiet
expect_exit 0
expect_stderr ''

describe 'one about the whole run is asked at the end of a short one, endpoints as well'
policy "endpoint('GET /noth*').error_rate == 100%" abort
run perf-run "$url/nothing" --users 2 --duration 1s --policy policy.json --output report.json
expect_exit 0
expect_stderr "critical alert 'mine': Far too <many> (GET /nothing error rate 100 %)"

describe 'a paired run ends by it as well, and both its reports are not valid'
policy 'error_rate >= 1 for 1s' abort
run perf-run "$url/nothing" --against "$url/nothing" --users 1 --duration 120s --policy policy.json --output pair.json
expect_exit 3
expect_true 'both' test "$(jq -cs 'map(.invalid_reasons | index("alert") != null)' pair.json pair.base.json)" = '[true,true]'

describe 'the verdict has them all, and they are no part of the exit code'
cat >report.json <<'END'
{"total_requests": 1000, "total_failures": 60, "requests_per_second": 10, "average_response_time": 1500,
 "95th_percentile": 1900, "99th_percentile": 1950}
END
run perf-compare report.json --baseline report.json
expect_exit 0
expect_stdout 'alert: error: Error rate above 5% (high_error_rate: error rate 6.00 %)'
expect_stdout 'alert: warning: Average response time above 1 second (high_response_time: average 1.50 s)'
expect_stdout 'alerts not evaluated: high_cpu_usage (nothing measured cpu_usage)'
expect_true 'worst first' test "$(grep -n '^alert: error' stdout | cut -d: -f1)" -lt "$(grep -n '^alert: warning' stdout | cut -d: -f1)"
expect_true 'states' test "$(jq -c '.alerts | map(.state)' perf_verdict.json)" = '["fired","fired","not_known"]'
run perf-report perf_verdict.json --format markdown
expect_stdout '- **alert**: error: Error rate above 5% (high&#95;error&#95;rate: error rate 6.00 %)'
expect_stdout '- alerts not evaluated: high&#95;cpu&#95;usage'
run perf-report perf_verdict.json --format html
expect_stdout '<h2>Alerts</h2>'
expect_stdout '<li>error: Error rate above 5% (high_error_rate: error rate 6.00 %)</li>'
expect_stdout '<dt>Alerts not evaluated</dt><dd>high_cpu_usage'
run perf-report perf_verdict.json --format annotations
expect_stdout '::warning title=Alert::error: Error rate above 5'

describe 'what a message says is shown and not obeyed'
policy 'error_rate > 0'
run perf-compare report.json --baseline report.json --policy policy.json --format html
expect_stdout 'Far too &lt;many&gt;'

describe 'one of the user that nothing measured is a warning, said once'
policy 'cache_hit_ratio < 0.5'
run perf-compare report.json --baseline report.json --policy policy.json
expect_exit 0
expect_stdout "warning: the alert 'mine' was not evaluated: nothing measured cache_hit_ratio"
expect_true 'once' test "$(grep -c cache_hit_ratio stdout)" = 1

describe 'a condition that is none is refused, with its place'
policy 'error_rate > 0.1 and (p95 >'
for tool in 'perf-compare report.json --baseline report.json' "perf-run $url"; do
    # shellcheck disable=SC2086 # words
    run $tool --policy policy.json
    expect_exit 2
    expect_stderr "'policy.json': alerts.mine: condition: column 28: expected a number, found the end"
done
