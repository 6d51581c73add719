#!/usr/bin/env bash
# perf-run against nginx: what the report counts is what the server's access log has.
. "$(dirname "$0")/../cli/lib.sh"
. "$root/tests/load/nginx.sh"
unset "${!TEST_@}"

# load OPTION...: half a second without warm-up on an instant ramp.
load() {
    : >nginx/access.log
    rm -f report.json report.base.json
    run perf-run --duration 0.5s --quiet --output report.json "$@"
}

expect_all_counted() {
    expect_exit 0
    local total
    total=$(figure report.json total_requests)
    [ "${total:-0}" -gt 0 ] || fail "expected requests, found '$total'"
    expect_logged "${total:-0}"
}

start_nginx

describe 'every request is counted, one thread'
load "http://127.0.0.1:$port/" --users 10
expect_all_counted
[ "$(figure report.json total_failures)" = 0 ] || fail 'expected no failures'

describe 'every request is counted, three threads'
load "http://127.0.0.1:$port/" --users 64 --threads 3
expect_all_counted

describe 'every request is counted where the server closes connections'
load "http://127.0.0.1:$port/few" --users 10 --threads 2
expect_all_counted
[ "$(figure report.json total_failures)" = 0 ] || fail 'expected no failures'

describe 'every request is counted without keep-alive'
cat >close.json <<EOF
{"schema": "perfgate.scenario/1", "name": "close", "keep_alive": false,
 "classes": [{"name": "c", "tasks": [{"get": "/a"}, {"get": "/missing"}]}]}
EOF
load close.json --host "http://127.0.0.1:$port" --users 10 --threads 2
expect_all_counted
failures=$(grep -c ' 404$' nginx/access.log)
[ "$(figure report.json total_failures)" = "$failures" ] || fail "expected $failures failures"

describe 'a scenario on standard input'
: >nginx/access.log
stdin=close.json run perf-run - --host "http://127.0.0.1:$port" --duration 0.3s --quiet --output report.json
expect_all_counted
echo '{' >broken.json
stdin=broken.json run perf-run - --host "http://127.0.0.1:$port" --output report.json
expect_exit 2
expect_stderr "perf-run: 'standard input' line 2"

describe 'a followed redirect is one request'
load "http://127.0.0.1:$port/from" --users 4
expect_exit 0
expect_logged $((2 * $(figure report.json total_requests)))

describe 'a compressed body is looked into as it was before, and counted as it came'
zipped() {
    cat <<EOF
{"schema": "perfgate.scenario/1", "name": "zip", "headers": {"Accept-Encoding": "$1"},
 "classes": [{"name": "c", "tasks": [{"get": "/zip", "expect": {"body_contains": "compressible the end"},
   "capture": {"end": {"regex": "(the end)$"}}}]}]}
EOF
}
for coding in gzip identity; do
    zipped $coding >zip.json
    load zip.json --host "http://127.0.0.1:$port" --users 4
    expect_all_counted
    [ "$(figure report.json total_failures)" = 0 ] || fail "expected no failures: $(grep message report.json)"
    sed -n 's/.*"average_content_bytes": \([0-9]*\).*/\1/p' report.json >bytes.$coding
done
expect_true 'fewer bytes on the wire' test "$(cat bytes.gzip)" -lt 200 -a "$(cat bytes.identity)" -gt 1000

describe 'an upload of files and texts arrives byte for byte'
head -c 300000 /dev/urandom >logo.bin
cat >up.json <<'EOF'
{"schema": "perfgate.scenario/1", "name": "up", "variables": {"who": "Ada"},
 "classes": [{"name": "c", "tasks": [{"post": "/up", "multipart": [
   {"name": "image", "file": "logo.bin", "type": "image/png"}, {"name": "title", "value": "of ${who}"}]}]}]}
EOF
load up.json --host "http://127.0.0.1:$port" --users 3
expect_exit 0
[ "$(figure report.json total_failures)" = 0 ] || fail 'expected no failures'
stored=$(find nginx/body -type f | head -n 1)
boundary=$(head -c 100 "$stored" | sed -n '1s/^--\(perfgate-[0-9a-f]*\).*/\1/p')
{
    printf -- '--%s\r\nContent-Disposition: form-data; name="image"; filename="logo.bin"\r\n' "$boundary"
    printf 'Content-Type: image/png\r\n\r\n'
    cat logo.bin
    printf '\r\n--%s\r\nContent-Disposition: form-data; name="title"\r\n\r\nof Ada\r\n--%s--\r\n' \
        "$boundary" "$boundary"
} >wanted
expect_true 'the body' cmp wanted "$stored"
expect_true 'as many bodies as requests' \
    test "$(find nginx/body -type f | wc -l)" -eq "$(figure report.json total_requests)"
sed -i 's/logo.bin/gone.bin/' up.json
run perf-run up.json --host "http://127.0.0.1:$port" --output report.json
expect_exit 2
expect_stderr "perf-run: step '/up': cannot open 'gone.bin'"
expect_one_sentence

describe 'the report names the image of a hosted runner'
ImageOS=ubuntu24 ImageVersion=20260101.1 load "http://127.0.0.1:$port/"
expect_exit 0
expect_true 'the image' grep -q '"runner_image": "ubuntu24 20260101.1"' report.json
load "http://127.0.0.1:$port/"
expect_true 'no image elsewhere' test -z "$(grep runner_image report.json)"

describe 'warm-up is not counted'
load "http://127.0.0.1:$port/" --users 4 --warmup 0.3s
expect_exit 0
total=$(figure report.json total_requests)
[ "$total" -lt "$(wc -l <nginx/access.log)" ] || fail "expected fewer than the log has, found $total"

describe 'SIGINT: a report marked interrupted, exit code 3, and every request counted'
: >nginx/access.log
rm -f report.json
perf-run "http://127.0.0.1:$port/" --users 4 --duration 60s --quiet --output report.json \
    >stdout 2>stderr &
generator=$!
for _ in $(seq 200); do
    [ ! -s nginx/access.log ] || break
    sleep 0.05
done
kill -INT $generator
wait $generator
status=$?
expect_exit 3
expect_match report.json '"interrupted"'
expect_match report.json '"valid": false'
expect_logged "$(figure report.json total_requests)"

# A response is waited for up to its time-out, and the signal comes meanwhile.
describe 'a second signal ends it at once, whichever of the two it is'
for signals in 'INT TERM' 'TERM INT' 'INT INT'; do
    read -r first second <<<"$signals"
    rm -f report.json
    perf-run "http://127.0.0.1:$port/drip" --users 2 --duration 60s --quiet --output report.json \
        >stdout 2>stderr &
    generator=$!
    sleep 1
    kill "-$first" $generator
    sleep 0.3
    kill "-$second" $generator
    wait $generator
    status=$?
    expect_exit $((128 + $(kill -l "$second")))
    [ ! -e report.json ] || fail 'there is a report'
done

describe 'a paired run writes both sides, with one pair id'
: >nginx/access.log
run perf-run "http://127.0.0.1:$port/" --against "http://127.0.0.1:$other/" --users 4 \
    --duration 14s --quiet --output report.json
expect_exit 0
for file in report.json report.base.json; do
    expect_match $file '"valid": true'
    expect_match $file '"pairs": [2-9][0-9]'
done
expect_match report.json '"role": "candidate"'
expect_match report.base.json '"role": "base"'
[ "$(grep '"id"' report.json)" = "$(grep '"id"' report.base.json)" ] || fail 'the ids differ'
for side in "$port report.json" "$other report.base.json"; do
    read -r number file <<<"$side"
    logged=$(grep -c "^$number " nginx/access.log) total=$(figure "$file" total_requests)
    # What is missing is the warm-up.
    if [ "$total" -le $((logged / 2)) ] || [ "$total" -ge "$logged" ]; then
        fail "$file has $total requests, the log $logged"
    fi
done

describe 'a paired run that is too short: exit code 3, and the duration that would do'
run perf-run "http://127.0.0.1:$port/" --against "http://127.0.0.1:$other/" --users 4 \
    --duration 3s --output report.json
expect_exit 3
expect_match report.json '"too_few_blocks"'
expect_match report.json 'take a duration of about'

describe 'a server that dies leaves failures, not a hang'
: >nginx/access.log
rm -f report.json
perf-run "http://127.0.0.1:$port/" --users 4 --duration 2s --quiet --output report.json \
    >stdout 2>stderr &
generator=$!
for _ in $(seq 200); do
    [ ! -s nginx/access.log ] || break
    sleep 0.05
done
stop_nginx
wait $generator
status=$?
expect_exit 0
expect_match report.json '"refused"'

describe 'an unreachable target: exit code 2, one sentence, no report'
rm -f report.json
run perf-run "http://127.0.0.1:$port/" --output report.json
expect_exit 2
expect_one_sentence
expect_stderr "'http://127.0.0.1:$port' cannot be reached: Connection refused"
[ ! -e report.json ] || fail 'there is a report'

describe 'a host that cannot be resolved: exit code 2, one sentence'
run perf-run http://host.invalid/ --output report.json
expect_exit 2
expect_one_sentence
expect_stderr "'http://host.invalid' cannot be reached"

describe 'IPv6, and a name with several addresses'
if [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6; then
    start_nginx '[::1]'
    load "http://[::1]:$((port + 2))/" --users 4
    expect_all_counted
else
    start_nginx
fi
load "http://localhost:$port/" --users 4
expect_all_counted
