#!/usr/bin/env bash
# Real profilers on both sides of a paired run, one of which computes more; and such as fail.
. "$(dirname "$0")/../cli/lib.sh"
mkdir tmp && export TMPDIR=$PWD/tmp # to see that nothing stays there

start_panel
at_exit kill "$pid"
base=$url
start_panel --latency cpu:constant:2ms
at_exit kill "$pid"

# scenario FILE PROFILE: one that has it.
scenario() {
    cat >"$1" <<END
{"schema": "perfgate.scenario/1", "name": "profiled", "users": 2, "warmup": "0s",
 "profile": $2, "classes": [{"name": "c", "tasks": [{"get": "/"}, {"get": "/forum"}]}]}
END
}
# noted FILE: the notes of a report.
noted() {
    jq -r '.health.notes[]?' "$1" >notes
}

describe 'commands of a scenario are run only where the environment allows it'
scenario run.json '{"command": ["sh", "-c", "touch ran"]}'
run perf-run run.json --host "$url" --duration 1s --output refused.json
expect_exit 2
expect_one_sentence
expect_stderr "the profiler 'sh' runs a command, which a scenario may do only where LOAD_TEST_COMMANDS=allow is set"
LOAD_TEST_COMMANDS=yes run perf-run run.json --host "$url" --duration 1s --output refused.json
expect_exit 2
expect_stderr "LOAD_TEST_COMMANDS is 'yes'; expected 'allow'"
expect_true 'nothing was run, nothing written' sh -c '! [ -e ran ] && ! [ -e refused.json ]'
run perf-run run.json --host "$url" --check
expect_exit 0

export LOAD_TEST_COMMANDS=allow

describe 'a profiler that is missing, fails or writes nonsense is a note and no more'
# one COMMAND NOTE: the report of a run with it is valid and says so.
one() {
    scenario run.json "$1"
    run perf-run run.json --host "$url" --duration 2s --output report.json
    expect_exit 0
    noted report.json
    expect_text notes "$2"
    expect_stderr "$2"
    expect_true 'there is no profile' jq -e '.profile == null and .valid' report.json
}
one '{"command": ["no-such-profiler", "{pid}"], "last": "1s"}' \
    "there is no profile: cannot run 'no-such-profiler': No such file or directory"
one '{"command": ["sh", "-c", "echo \"cannot attach to {pid}\" >&2; exit 3"], "last": "1s"}' \
    "there is no profile: 'sh' ended with exit code 3: cannot attach to $pid"
one '{"command": ["sh", "-c", "head -c 5000 /dev/urandom"], "last": "1s"}' \
    "there is no profile: 'sh' wrote no folded stacks"
one '{"command": ["sh", "-c", "kill -KILL $$"], "last": "1s"}' \
    "there is no profile: 'sh' was ended by signal 9 (Killed)"

describe 'one that hangs is ended, with all that it started'
one '{"command": ["sh", "-c", "sleep 600 & echo $! >child; echo $$ >parent; wait"], "last": "1s", "timeout": "1s"}' \
    "there is no profile: 'sh' took longer than 2 s and was ended"
# Whoever inherits it may not have waited for it yet.
gone() {
    ! kill -0 "$1" 2>/dev/null || grep -q ') Z ' "/proc/$1/stat"
}
for process in parent child; do
    for _ in $(seq 100); do
        ! gone "$(cat $process)" || break
        sleep 0.1
    done
    expect_true "$process is gone" gone "$(cat $process)"
done

describe 'a run that is stopped does not wait for it'
scenario run.json '{"command": ["sh", "-c", "touch began; exec sleep 600"], "last": "10s", "timeout": "10m"}'
perf-run run.json --host "$url" --duration 10s --output report.json --quiet 2>stopped.err &
run=$!
for _ in $(seq 600); do
    ! [ -e began ] || break
    sleep 0.1
done
kill -INT $run
wait $run
expect_true 'exit code 3' [ $? -eq 3 ]
noted report.json
expect_text notes "there is no profile: 'sh' was ended, because the run was over"

describe 'folded stacks, in the words of the run'
scenario run.json '{"command": ["sh", "-c", "echo \"{side};{seconds};{main} 7\" >{output}"], "last": "1s"}'
run perf-run run.json --host "$url" --duration 2s --output report.json --quiet
expect_exit 0
# shellcheck disable=SC2016 # jq's
expect_true 'the stack' jq -e --arg pid "$pid" \
    '.profile | .names == ["candidate", "1", $pid] and .samples == 7 and .self == [0, 0, 7]' report.json

describe 'gdb, on a target that computes'
if command -v gdb >/dev/null && gdb -nx -batch -p "$pid" -ex bt 2>/dev/null | grep -q '^#0'; then
    # shellcheck disable=SC2016 # the shell's own
    scenario run.json '{"command": ["sh", "-c", "for i in 1 2 3 4 5 6; do gdb -nx -batch -p {main} -ex \"thread apply all backtrace\"; done"],
        "format": "gdb", "last": "5s", "timeout": "2m"}'
    run perf-run run.json --host "$url" --duration 10s --output report.json --quiet
    expect_exit 0
    expect_true 'two threads, six times' jq -e '.profile.samples == 12' report.json
    expect_true 'the function that computes' jq -e '.profile.names | index("delay_burn")' report.json
    run perf-report report.json
    expect_match stdout '^Function +Self +With callees +Called by$'
else
    echo '# skipped: gdb cannot look at a process here'
fi

describe 'perf, on both sides: the function that got slower'
if command -v perf >/dev/null && perf record -q -g -o trial -- sleep 0.1 2>/dev/null; then
    scenario run.json '{"command": ["perf", "record", "-q", "-F", "199", "-g", "-o", "{output}", "-p", "{pid}", "--", "sleep", "{seconds}"],
        "then": ["perf", "script", "-i", "{output}"], "format": "perf-script", "last": "5s", "timeout": "2m"}'
    run perf-run run.json --host "$url" --against "$base" --duration 40s --output report.json --quiet
    expect_exit 0
    expect_true 'the function that computes' \
        jq -e '.profile.grew | map(.name) | index("delay_burn")' report.json
    expect_true 'that grew' jq -e '.profile.grew | all(.self > .base_self)' report.json
    expect_true 'which the base did not call' \
        jq -e '.profile.names | index("delay_burn") == null' report.base.json
    expect_true 'a base of which nothing is said' jq -e '.profile.grew == null' report.base.json
    # shellcheck disable=SC2016 # here and below: the shell's within, and Markdown's
    expect_true 'the size' sh -c '[ "$(jq -c .profile report.json | wc -c)" -lt 210000 ]'
    run perf-report report.json
    expect_match stdout '^Function that got slower .*Called by$'
    expect_match stdout '^delay_burn +0\.0 % '
    run perf-report --format markdown report.json
    # shellcheck disable=SC2016
    expect_match stdout '^\| *`delay_burn` *\|'
    run perf-report --format html report.json report.base.json --output page.html
    expect_exit 0
    expect_match page.html 'The function that got slower most is <code><bdi>'
    expect_match page.html '<title>delay_burn: [0-9.]+ % of the samples \([0-9]+\), 0\.0 % on the base side \(\+'
    run perf-report --merge report.json --output merged.json
    expect_exit 0
    expect_true 'a merged report has its stacks' jq -e '.profile.samples > 0 and .profile.grew == null' merged.json
else
    echo '# skipped: perf cannot sample here'
fi
expect_true 'no file is left' test -z "$(ls -A "$TMPDIR")"
