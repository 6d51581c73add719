#!/usr/bin/env bash
# perf-run's progress on a terminal, through script(1), and elsewhere.
. "$(dirname "$0")/lib.sh"

start_panel --latency wait:constant:2ms
at_exit kill "$pid"

# on_terminal COLUMNS COMMAND: runs it on a terminal of its own; what that was sent is left in screen.
on_terminal() {
    last_command=$2
    script -q -e -c "stty cols $1 rows 24; $2" screen </dev/null >/dev/null 2>stderr
    status=$?
    sed -i -e '1{/^Script started/d}' -e '${/^Script done/d}' screen
}

# plain: what can be read on the screen, a line for each that was drawn.
plain() {
    sed -e $'s/\e\\[[0-9;]*[A-Za-z]//g' -e 's/\r//g' screen
}

# left: what remains on the screen at the end: what follows the last "erase to the end of the screen".
left() {
    tr '\n' '\1' <screen | sed -e $'s/.*\e\\[J//' | tr '\1' '\n' | tr -d '\r'
}

export TERM=xterm
load="perf-run $url/ --users 4 --duration 1.6s --output report.json"

describe 'a block that is redrawn in place, and gone at the end'
on_terminal 100 "LC_ALL=C.UTF-8 $load"
expect_exit 0
plain >seen
expect_match seen '^measuring .*[█░]{40} +[0-9]+ %  [12] s left$'
expect_match seen '^4 users  [0-9]+ requests/s  0 failures  [0-9]+ requests$'
expect_match seen '^p50 [0-9.]+ ms +p95 [0-9.]+ ms +p99 [0-9.]+ ms +█$'
expect_match screen $'\r\e\\[3A'
expect_true 'a summary alone at the end' test "$(left | grep -c .)" -eq 1
left >end
expect_match end '^perf-run: [0-9]+ requests in 1.6s '

describe 'each side of a paired run'
on_terminal 120 "LC_ALL=C $load --against $url/ --duration 1.6s"
plain >seen
expect_match seen '^candidate +p50 .* failures'
expect_match seen '^base +p50 .* failures'
expect_match screen $'\r\e\\[4A'

describe 'nothing wraps on a narrow terminal'
for columns in 12 30 47; do
    on_terminal $columns "LC_ALL=C.UTF-8 $load --duration 0.8s"
    plain | grep -v '^perf-run:' >seen
    expect_true 'something' test -s seen
    expect_true "fewer than $columns columns" test "$(LC_ALL=C.UTF-8 wc -L <seen)" -lt $columns
done

describe 'without colour where NO_COLOR says so, with it elsewhere'
on_terminal 80 "NO_COLOR=1 $load"
expect_true 'no colour' test "$(grep -c $'\e\\[[0-9;]*m' screen)" -eq 0
on_terminal 80 "$load"
expect_match screen $'\e\\[1m'

describe 'a dumb terminal gets no sequences'
on_terminal 80 "TERM=dumb $load"
expect_true 'none' test "$(grep -c $'\e' screen)" -eq 0
expect_match screen 'requests in 1.6s'

describe 'clean after SIGINT'
on_terminal 100 "perf-run $url/ --users 2 --duration 60s --output report.json & sleep 1; kill -INT \$!; wait \$!"
left >end
expect_match end '^perf-run: [0-9]+ requests in '
expect_true 'no line of the block' test "$(grep -c -e 's left' -e 'users' end)" -eq 0

describe 'the cursor is never hidden, nor the screen switched'
expect_true 'no such sequence' test "$(grep -c $'\e\\[?' screen)" -eq 0

describe 'elsewhere a line after ten seconds, and none with --quiet'
run perf-run "$url/" --users 2 --duration 10.5s --output report.json
expect_exit 0
expect_match stderr '^perf-run: measuring, [01] s left: 2 users, [0-9]+ requests/s, [0-9]+ requests, 0 failures, p50 [0-9.]+ ms, p95 [0-9.]+ ms, p99 [0-9.]+ ms$'
expect_true 'a line and the summary' test "$(wc -l <stderr)" -eq 2
expect_true 'no sequences' test "$(grep -c $'\e' stderr)" -eq 0
on_terminal 80 "$load --quiet"
expect_true 'nothing' test "$(grep -c -e $'\e' -e users screen)" -eq 0
