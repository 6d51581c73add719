#!/usr/bin/env bash
# Bad input, for each document and each tool that reads it: exit code 2, one sentence that names
# the file and the place, nothing on stdout, and no file left behind.
. "$(dirname "$0")/lib.sh"
data=$root/tests/data
cp "$data"/{flat,report,verdict}.json .
echo '{"schema": "perfgate.policy/1", "thresholds": {"p95": 1.2}}' >policy.json
cat >scenario.json <<'END'
{"schema": "perfgate.scenario/1", "name": "t", "host": "http://127.0.0.1:1", "users": 2, "duration": "1s",
 "classes": [{"name": "visitor", "weight": 1, "tasks": [{"name": "home", "steps": [
   {"get": "/"}]}]}]}
END
awk -f "$data/pair.awk" -v role=candidate -v seed=1 >pair.json
awk -f "$data/pair.awk" -v role=base -v seed=1 >pair.base.json

# A line for each case: the file that is spoiled, a name for what is done to it, a sed expression
# that does it, and what the message says beside the file's name.
cases() {
    cat <<'END'
report|a wrong type|s/"users": 200/"users": "many"/|users: expected
report|an unknown key|s/"users": 200/"user": 200/|user
report|a duplicate key|s/"users": 200/"users": 1, "users": 2/|duplicate
report|a negative count|s/"total_failures": 12,/"total_failures": -1,/|total_failures: expected
report|a fraction for a count|s/"total_requests": 12345,/"total_requests": 1.5,/|total_requests: expected
report|more failures than requests|s/"total_failures": 12,/"total_failures": 99999,/|total_failures
report|NaN|s/11.25/NaN/|line 5
report|infinity|s/11.25/1e999/|line 5
report|an embedded NUL|s/"demo"/"de\\u0000mo"/|line
report|bad UTF-8|s/"demo"/"de\xff"/|line
report|a missing key|/"valid"/d|valid
report|another kind of document|s/perfgate.report/perfgate.policy/|this is a policy; expected a report
report|a later version|s/report\/1/report\/2/|perfgate.report/1
report|no object|1s/.*/[/; $s/.*/]/|neither a report nor
report|text behind the end|$s/$/ x/|line
report|an unknown metric in an endpoint|s/"error_rate": 0/"error_ratio": 0/|endpoints[0]
flat|a wrong type|s/1000/"1000"/|total_requests: expected
flat|a missing key|/95th/d|95th_percentile
flat|a negative time|s/20.25/-20.25/|95th_percentile
pair|blocks that do not fit the pairs|s/"pairs": 60/"pairs": 61/|expected 61
pair|a role that is none|s/"candidate"/"spectator"/|pair.role
pair|an index beyond the histogram|s/"index": \[[0-9]*/"index": [99999/|index
pair|a least value above the histogram|s/"min_ns": [0-9]*, "max_ns": [0-9]*/"min_ns": 900000000000, "max_ns": 900000000000/|index: expected buckets from
pair|a largest value below the histogram|s/"min_ns": [0-9]*, "max_ns": [0-9]*/"min_ns": 1, "max_ns": 2/|index: expected buckets from
verdict|a wrong type|s/"exit_code": 1/"exit_code": "1"/|exit_code: expected
verdict|an unknown status|s/"regressed"/"slow"/|rows[0].status
verdict|an unknown key|s/"judged"/"jugded"/|rows[0]
verdict|a duplicate key|s/"alpha": 0.001/"alpha": 0.001, "alpha": 0.1/|duplicate
verdict|a missing key|/"status": "fail"/d|status
verdict|an exit code out of range|s/"exit_code": 1/"exit_code": 9/|exit_code
policy|a wrong type|s/1.2/"1.2"/|thresholds
policy|an unknown metric|s/p95/p94/|p94
policy|an unknown key|s/thresholds/treshold/|treshold
policy|a duplicate key|s/"p95": 1.2/"p95": 1.2, "p95": 1.3/|duplicate
policy|a negative threshold|s/1.2/-1.2/|thresholds
scenario|a wrong type|s/"users": 2/"users": "2"/|users
scenario|an unknown key|s/"weight"/"wieght"/|wieght
scenario|a duplicate key|s/"users": 2/"users": 2, "users": 3/|duplicate
scenario|a negative count|s/"users": 2/"users": -2/|users
scenario|a rate of nothing|s/"users": 2/"rate": 0/|rate: expected
scenario|stages of nothing|s/"users": 2/"stages": []/|stages: expected
scenario|a stage of two kinds|s/"users": 2/"stages": [{"duration": 1, "rate": 1, "users": 1}]/|stages[0]: expected
scenario|a stage without an end|s/"users": 2/"stages": [{"rate": 1}]/|stages[0]
scenario|bad UTF-8|s/visitor/visit\xff/|line
scenario|an embedded NUL|s/visitor/visit\\u0000or/|line
policy|an embedded NUL|s/p95/p\\u000095/|line
END
}

# What each tool does with the file bad.json of a kind, a line for each.
calls() {
    case $1 in
    report | flat)
        echo 'perf-report bad.json --output out'
        echo 'perf-report --merge flat.json bad.json --output out'
        echo 'perf-compare bad.json --baseline flat.json --output out'
        echo 'perf-compare flat.json --baseline bad.json --output out'
        ;;
    pair)
        echo 'perf-report bad.json --output out'
        echo 'perf-compare bad.json pair.base.json --output out'
        ;;
    verdict) echo 'perf-report bad.json --output out' ;;
    scenario) echo 'perf-run bad.json --output out --quiet' ;;
    policy) echo 'perf-compare flat.json --baseline flat.json --policy bad.json --output out' ;;
    esac
}

# expect_refused PLACE: the file bad.json was refused, and nothing is left behind.
expect_refused() {
    expect_exit 2
    expect_one_sentence
    expect_stdout ''
    expect_stderr 'bad.json'
    expect_stderr "$1"
    expect_true 'no result' test ! -e out -a ! -e perf_verdict.json
    expect_true 'no temporary file' test -z "$(find . -name '*.??????' ! -name '*.json')"
}

# refuse_everywhere KIND PLACE: each tool that reads such a document.
refuse_everywhere() {
    local call
    while read -r call; do
        # shellcheck disable=SC2086 # a command line of words without blanks in them
        run $call
        expect_refused "$2"
    done < <(calls "$1")
}

while IFS='|' read -r kind what edit place; do
    describe "$kind: $what"
    sed "$edit" "$kind.json" >bad.json
    expect_true 'the edit to change the file' test -n "$(cmp "$kind.json" bad.json)"
    refuse_everywhere "$kind" "$place"
done < <(cases)

for kind in report flat pair verdict policy scenario; do
    describe "$kind: truncated"
    head -c $(($(wc -c <"$kind.json") / 2)) "$kind.json" >bad.json
    refuse_everywhere $kind 'line'

    describe "$kind: empty"
    : >bad.json
    refuse_everywhere $kind 'bad.json'

    describe "$kind: nested too deep"
    {
        printf '{"schema": '
        printf '[%.0s' $(seq 3000)
    } >bad.json
    refuse_everywhere $kind 'bad.json'

    describe "$kind: missing"
    rm bad.json
    refuse_everywhere $kind 'such file'

    describe "$kind: a directory"
    mkdir bad.json
    refuse_everywhere $kind 'bad.json'
    rmdir bad.json
done

describe 'a file over the limit'
echo "{" >bad.json && truncate -s 65M bad.json
refuse_everywhere report 'larger than 67108864 bytes'
rm bad.json

describe "a suite's name that leaves its directory"
git init -q .
git -c user.name=t -c user.email=t@example.com commit -q --allow-empty -m start
for name in ../x .. /etc a/b "$(printf 'a%.0s' $(seq 100))" 'A b' ''; do
    run perf-compare flat.json --suite="$name"
    expect_exit 2
    expect_one_sentence
    expect_stdout ''
    run perf-compare flat.json --suite=demo --environment="$name"
    expect_exit 2
    expect_one_sentence
done
sed 's/"suite": "demo"/"suite": "..\/..\/x"/' report.json >bad.json
run perf-compare bad.json
expect_exit 2
expect_stderr '../../x'
expect_one_sentence

describe 'perf-run: a result that cannot be written is refused before the run'
echo '{"schema": "perfgate.scenario/1", "name": "s", "host": "http://127.0.0.1:1",
 "classes": [{"name": "c", "tasks": [{"get": "/"}]}]}' >s.json
cp s.json kept.json
echo '{"schema": "perfgate.policy/1"}' >policy.json
mkdir directory
while IFS='|' read -r arguments message; do
    # shellcheck disable=SC2086
    run perf-run s.json $arguments
    expect_exit 2
    expect_stderr "$message"
    expect_one_sentence
done <<'EOF'
--output s.json|'s.json' would be replaced by the result
--output nowhere/r.json|cannot write 'nowhere/r.json': No such file or directory
--output directory|cannot write 'directory': it is a directory; name a file
--csv nowhere/r|cannot write 'nowhere/r': No such file or directory
--output s.json --against http://127.0.0.1:1|'s.json' would be replaced by the result
--allow-host https://x/|--allow-host: expected NAME, NAME:PORT or https://NAME[:PORT], found 'https://x/'
--allow-host x/y|--allow-host: expected NAME, NAME:PORT or https://NAME[:PORT], found 'x/y'
--allow-host ftp://x|--allow-host: expected a http:// or https:// URL, found the scheme 'ftp'
--host unix:nowhere.sock|'unix:nowhere.sock' cannot be reached: No such file or directory; there is no such socket
--host unix:s.json|'unix:s.json' cannot be reached: Connection refused; nothing listens there
--host https://127.0.0.1:1|'https://127.0.0.1:1' cannot be reached: Connection refused; nothing listens there
--env FOO=1|--env: expected the name of a variable, in capitals, found 'FOO=1'; its value comes from the environment
--until 2%|--until needs --against: only a paired run knows how sure it is
--rate 0|--rate: expected tasks per second from 0.001 to 1000000 such as 500/s, found '0'
--rate /s|--rate: expected tasks per second from 0.001 to 1000000 such as 500/s, found '/s'
--rate 5/m|--rate: expected tasks per second from 0.001 to 1000000 such as 500/s, found '5/m'
--rate nan|--rate: expected tasks per second from 0.001 to 1000000 such as 500/s, found 'nan'
--until 2 --against http://127.0.0.1:1|--until: expected a percentage over 0 and up to 100 such as 2%, found '2'
--until 0% --against http://127.0.0.1:1|--until: expected a percentage over 0 and up to 100 such as 2%, found '0%'
--until 101% --against http://127.0.0.1:1|--until: expected a percentage over 0 and up to 100 such as 2%, found '101%'
--until % --against http://127.0.0.1:1|--until: expected a percentage over 0 and up to 100 such as 2%, found '%'
--until 2% --against http://127.0.0.1:1 --policy nowhere.json|cannot open 'nowhere.json': No such file or directory
--until 2% --against http://127.0.0.1:1 --policy policy.json --output policy.json|'policy.json' would be replaced by the result
--policy nowhere.json|cannot open 'nowhere.json': No such file or directory
--env foo|--env: expected the name of a variable, in capitals, found 'foo'
EOF
expect_true 'the scenario' cmp s.json kept.json
