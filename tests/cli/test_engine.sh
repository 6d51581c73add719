#!/usr/bin/env bash
# perf-run --engine locust, as far as no Locust runs: what it refuses, and how it says so.
. "$(dirname "$0")/lib.sh"
unset "${!TEST_@}"

# scenario MEMBERS [STEP]: a scenario with further keys.
scenario() {
    local step=${2:-'{"get": "/b"}'}
    cat >scenario.json <<EOF
{"schema": "perfgate.scenario/1", "name": "s", "host": "http://127.0.0.1:9", $1
 "classes": [{"name": "c", "tasks": [{"name": "t", "steps": [{"get": "/"}, $step]}]}]}
EOF
}
refused() {
    run perf-run --engine locust scenario.json --output report.json
    expect_exit 2
    expect_stdout ''
    expect_one_sentence
    expect_stderr "$1"
    expect_true 'no report' test ! -e report.json
}

describe 'what the Locust engine cannot do is refused by the name of its key'
while IFS='|' read -r key members step; do
    scenario "$members" "$step"
    refused "\"$key\": the Locust engine cannot do this"
done <<'END_OF_KEYS'
protocol|"protocol": "http2",
rate|"rate": 10,
stages|"stages": [{"duration": "5s", "users": 3}],
keep_alive|"keep_alive": "release",
trace|"trace": {"sample": 0.5},
parallel||{"parallel": [{"get": "/a"}, {"get": "/b"}]}
multipart||{"post": "/a", "multipart": [{"name": "n", "value": "v"}]}
END_OF_KEYS
printf 'word\none\n' >words.csv
# shellcheck disable=SC2016 # the scenario's own
scenario '"feeds": {"words": {"file": "words.csv"}},' '{"get": "/${words.word}"}'
refused '"feeds": the Locust engine cannot do this'
scenario ''
sed -i 's|http://127.0.0.1:9|unix:/tmp/x.sock|' scenario.json
refused '"host": the Locust engine cannot do this'

describe 'what is wrong with a scenario is said as by the native engine'
# shellcheck disable=SC2016
scenario '' '{"get": "/${TEST_MISSING}"}'
run perf-run scenario.json --duration 0.1s
cp stderr native
refused "'\${TEST_MISSING}'"
expect_true 'the same sentence' cmp native stderr

describe 'a target that cannot be reached is said before Locust begins'
scenario ''
run perf-run scenario.json --duration 0.1s
cp stderr native
refused '127.0.0.1:9'
expect_true 'the same sentence' cmp native stderr

describe 'options of the native engine are refused'
scenario ''
for option in '--against http://127.0.0.1:10' '--rate 5/s' '--against http://127.0.0.1:10 --until 5%'; do
    # shellcheck disable=SC2086
    run perf-run --engine locust scenario.json $option
    expect_exit 2
    expect_one_sentence
    expect_stderr 'the Locust engine cannot do this'
done

describe 'options for scenarios are refused with a locustfile'
echo 'from locust import FastHttpUser' >locustfile.py
for option in '--think-scale 2' '--seed 1' '--include a' '--exclude a' '--allow-host b' '--env HOME' --check; do
    # shellcheck disable=SC2086
    run perf-run --engine locust locustfile.py $option
    expect_exit 2
    expect_one_sentence
    expect_stderr "${option%% *} needs a scenario"
done

describe "what perf-run says itself is refused among Locust's own options"
while IFS='|' read -r file option instead; do
    # shellcheck disable=SC2086
    run perf-run --engine locust $file --output report.json -- $option
    expect_exit 2
    expect_one_sentence
    expect_stderr "'${option%% *}' behind -- is not left to Locust: $instead"
done <<'END_OF_OPTIONS'
locustfile.py|-f other.py|name the file before the --
locustfile.py|--users 5|give --users before the --
locustfile.py|-u5|give --users before the --
locustfile.py|--user=5|give --users before the --
locustfile.py|-r 5|give --spawn-rate before the --
locustfile.py|--host=http://127.0.0.1|give --host before the --
scenario.json|--run-time 5|give --duration before the --
scenario.json|-T a|give --include before the --
scenario.json|--exclude-tags a|give --exclude before the --
scenario.json|--equal-weights|say it in the scenario
END_OF_OPTIONS
run perf-run --engine locust locustfile.py --duration 1s -- -t 5
expect_exit 2
expect_one_sentence
expect_stderr "'-t' behind -- and --duration (LOAD_TEST_DURATION) both say how long it takes"

describe 'a check says as well what the Locust engine cannot do'
scenario '"rate": 10,'
run perf-run --engine locust scenario.json --check
expect_exit 2
expect_stderr '"rate": the Locust engine cannot do this'
scenario ''
run perf-run --engine locust scenario.json --check
expect_exit 0

describe 'a locustfile needs the engine, and there must be one'
run perf-run locustfile.py
expect_exit 2
expect_stderr "'locustfile.py' is a locustfile, which Locust runs: give --engine locust"
run perf-run --engine locust none.py
expect_exit 2
expect_one_sentence
expect_stderr "'none.py'"

describe 'engines are two, and the native one takes no options behind --'
run perf-run --engine other scenario.json
expect_exit 2
expect_stderr 'expected one of native, locust'
run perf-run scenario.json -- --tags a
expect_exit 2
expect_stderr "unexpected operand 'a'"
run perf-run --duration 0.1s --output report.json -- scenario.json
expect_exit 2
expect_stderr '127.0.0.1:9'

start_panel --seed 1
at_exit kill "$pid"
scenario ''
sed -i "s|http://127.0.0.1:9|$url|" scenario.json

describe 'without Locust there is a sentence that says what to install'
mkdir -p bare
for file in scenario.json locustfile.py; do
    PATH=$(dirname "$(command -v perf-run)"):$PWD/bare run perf-run --engine locust $file --output report.json
    expect_exit 2
    expect_one_sentence
    expect_stderr "cannot run 'locust': No such file or directory; the Locust engine needs Locust 2.12 or newer"
    expect_true 'no report' test ! -e report.json
done

describe 'without the bridge beside the tools there is a sentence as well'
mkdir -p alone/bin && cp "$(command -v perf-run)" alone/bin/
run alone/bin/perf-run --engine locust scenario.json
expect_exit 2
expect_one_sentence
expect_stderr 'share/perfgate/perfgate_locust.py'

describe 'a Locust that is too old, or another program of its name, is told from one that fits'
mkdir -p old/locust fake
: >old/locust/__init__.py
cat >fake/locust <<EOF
#!/bin/sh
while [ "\$1" != -f ]; do shift; done
PYTHONPATH=$PWD/old exec /usr/bin/python3 -S "\$2"
EOF
chmod +x fake/locust
if [ -x /usr/bin/python3 ]; then
    PATH=$PWD/fake:$PATH run perf-run --engine locust scenario.json --output report.json
    expect_exit 2
    expect_one_sentence
    expect_stderr 'this Locust is too old, or not whole'
fi
printf '#!/bin/sh\nexit 3\n' >fake/locust
PATH=$PWD/fake:$PATH run perf-run --engine locust scenario.json --output report.json
expect_exit 2
expect_stderr 'Locust ended with exit code 3 before anything was measured'
