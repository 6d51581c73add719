#!/usr/bin/env bash
# perf-run --check: the plan on stdout, everything that is wrong on stderr, and nothing sent.
. "$(dirname "$0")/lib.sh"

# No name below .invalid can be looked up (RFC 6761), so that whoever tried to would fail.
target=http://shop.invalid:8080

cat >shop.json <<'END'
{"schema": "perfgate.scenario/1", "name": "shop", "host": "http://shop.invalid:8080",
 "users": 10, "spawn_rate": 5, "duration": "60s", "warmup": "5s", "seed": 7,
 "variables": {"item": {"random": [1, 9]}},
 "classes": [
   {"name": "visitor", "weight": 70, "think_time": {"between": ["1s", "3s"]}, "tasks": [
      {"get": "/", "weight": 3, "tags": ["home"]},
      {"name": "look", "tags": ["read"], "steps": [
         {"get": "/items"},
         {"name": "/items/[id]", "get": "/items/${item}"}]}]},
   {"name": "member", "weight": 30, "think_time": {"constant": "4s"},
    "on_start": [{"post": "/login", "form": {"user": "u"}}],
    "tasks": [{"get": "/"}]}]}
END
sed 's/"think_time": {[^}]*},//' shop.json >busy.json
sed 's/"think_time": {"constant": "4s"},//' shop.json >mixed.json

describe 'classes, tasks and endpoints of a scenario whose users think'
run perf-run shop.json --check
expect_exit 0
expect_stderr ''
expect_golden stdout check.txt

describe 'a paired run halves the time, and options go before the scenario'
run perf-run shop.json --check --host "$target" --against http://base.invalid --allow-host cdn.invalid:81 \
    --users 20 --spawn-rate 4 --duration 2m --think-scale 0.5 --threads 2 --seed 9
expect_exit 0
expect_stderr ''
expect_golden stdout check_pair.txt

describe 'shares where nobody thinks'
run perf-run busy.json --check
expect_exit 0
expect_golden stdout check_busy.txt

describe 'what is known where some think'
run perf-run mixed.json --check
expect_exit 0
expect_golden stdout check_mixed.txt

describe 'the open model: what is due, and a rate on each side'
sed 's/"users": 10, "spawn_rate": 5, "duration": "60s"/"stages": [{"duration": "10s", "rate": 100, "shape": "ramp"}, {"duration": "30s", "rate": 100}], "arrivals": "poisson"/' shop.json >open.json
run perf-run open.json --check
expect_exit 0
expect_stderr ''
expect_golden stdout check_open.txt
run perf-run open.json --check --rate 50 --duration 60s --against http://base.invalid
expect_exit 0
expect_golden stdout check_open_pair.txt

describe 'users in stages'
sed 's/"users": 10, "spawn_rate": 5, "duration": "60s"/"stages": [{"duration": "10s", "users": 10, "shape": "ramp"}, {"duration": "30s", "users": 10}]/' shop.json >stages.json
run perf-run stages.json --check
expect_exit 0
expect_golden stdout check_stages.txt

describe 'a parallel group, over TLS'
cat >page.json <<'END'
{"schema": "perfgate.scenario/1", "name": "page", "host": "https://shop.invalid", "users": 10, "duration": "60s",
 "classes": [{"name": "reader", "think_time": {"constant": "1s"}, "tasks": [{"name": "page", "steps": [
    {"get": "/"}, {"optional": 0.5, "repeat": 2, "parallel": [{"get": "/a"}, {"get": "/b"}]}, {"get": "/c"}]}]}]}
END
run perf-run page.json --check
expect_exit 0
expect_golden stdout check_group.txt
sed -i 's/"users"/"protocol": "http2", "users"/' page.json
run perf-run page.json --check
expect_match stdout '^protocol +HTTP/2, connections kept open$'

describe 'a URL alone'
run perf-run "$target/a?b=c" --check
expect_exit 0
expect_stdout 'GET /a?b=c'
expect_stdout "target     $target"

describe 'feeds, repeated and optional steps, and a choice of tasks'
mkdir perf
printf 'word,kind\none,a\ntwo,b\nthree,c\n' >perf/words.csv
cat >perf/feeds.json <<'END'
{"schema": "perfgate.scenario/1", "name": "words", "host": "http://shop.invalid", "users": 2,
 "feeds": {"words": {"file": "words.csv"}, "logins": {"file": "words.csv", "order": "once"}},
 "classes": [
   {"name": "reader", "think_time": {"constant": "1s"},
    "on_start": [{"name": "/login", "get": "/login/${logins.word}"}],
    "tasks": [{"name": "find", "tags": ["find"], "steps": [
       {"name": "/find", "get": "/find", "query": {"q": "${words.word}"}, "repeat": 2},
       {"get": "/next", "repeat": {"between": [1, 4]}},
       {"get": "/more", "optional": 0.25}]},
     {"get": "/slow", "tags": ["slow"]}]},
   {"name": "writer", "think_time": {"constant": "2s"}, "tasks": [{"get": "/slow", "tags": ["slow"]}]}]}
END
run perf-run perf/feeds.json --check --exclude slow
expect_exit 0
expect_stderr ''
expect_golden stdout check_feeds.txt
run perf-run perf/feeds.json --check --include find
expect_true 'the same choice' cmp -s stdout "$golden/check_feeds.txt"

describe 'a feed that is too short, and a column that is not there, said together'
sed -i 's/words.word/words.wrod/' perf/feeds.json
run perf-run perf/feeds.json --check --users 4
expect_exit 2
expect_stderr "perf-run: feed 'logins': 'words.csv' has 3 rows for 4 users: add rows"
expect_stderr "perf-run: class 'reader', step '/find': query: 'q': '\${words.wrod}': the feed has no column 'wrod'"
expect_true 'two sentences' test "$(wc -l <stderr)" -eq 2

describe 'a feed that is not there, and one that is broken'
rm perf/words.csv
run perf-run perf/feeds.json --check
expect_exit 2
expect_stderr "perf-run: feed 'words': cannot open 'perf/words.csv'"
expect_one_sentence
printf 'word\none,two\n' >perf/words.csv
run perf-run perf/feeds.json --check --users 1
expect_exit 2
expect_stderr "perf-run: feed 'words': 'words.csv' line 2: expected 1 field, one for each column"

describe 'a tag that no task has'
run perf-run shop.json --check --include raed
expect_exit 2
expect_stdout ''
expect_stderr "perf-run: --include: no task has the tag 'raed'; there are home, read"
expect_one_sentence

describe 'all missing variables at once'
cat >missing.json <<'END'
{"schema": "perfgate.scenario/1", "name": "shop",
 "variables": {"user": "${TEST_USER}"},
 "headers": {"X-Key": "${TEST_KEY}"},
 "classes": [{"name": "c", "tasks": [{"get": "/${SHOP}/${TEST_PAGE}/${user}"}, {"get": "/${TEST_PAGE}"}]}]}
END
run env TEST_PAGE=1 perf-run missing.json --check --host "$target"
expect_exit 2
expect_match stdout '^missing +TEST_USER$'
expect_match stdout '^ +TEST_KEY$'
expect_match stdout '^ +SHOP$'
expect_true 'three are missing' test "$(grep -cE '^(missing)? +[A-Z_]+$' stdout)" -eq 3
expect_stderr "perf-run: the environment has no 'TEST_USER', 'SHOP', 'TEST_KEY': set them"
expect_one_sentence
run env TEST_PAGE=1 TEST_USER=u TEST_KEY=k SHOP=s perf-run missing.json --check --host "$target" --env SHOP
expect_exit 0
expect_stderr ''
expect_true 'no value is shown' test -z "$(grep -w -e u -e k stdout)"

describe 'everything that is wrong, not the first of it'
cat >wrong.json <<'END'
{"schema": "perfgate.scenario/1", "name": "shop",
 "classes": [{"name": "c", "tasks": [
   {"get": "http://elsewhere.invalid/"},
   {"get": "/a", "capture": {"x": {"regex": "("}}},
   {"get": "/b", "capture": {"y": {"regex": "b", "group": 3}}},
   {"get": "/${TEST_GONE}"}]}]}
END
run perf-run wrong.json --check
expect_exit 2
expect_stderr 'perf-run: no target: give --host'
expect_stderr "perf-run: class 'c', step 'http://elsewhere.invalid/': 'http://elsewhere.invalid/' leaves the target's host"
expect_stderr "perf-run: step '/a': capture 'x': '(' is no POSIX extended regular expression"
expect_stderr "perf-run: step '/b': capture 'y': group 3 is not in 'b'"
expect_stderr "perf-run: the environment has no 'TEST_GONE': set it"
expect_true 'five sentences' test "$(wc -l <stderr)" -eq 5

describe 'a document that cannot be read'
echo '{' >broken.json
run perf-run broken.json --check
expect_exit 2
expect_stdout ''
expect_one_sentence

describe 'no report of an earlier run is removed'
echo old >load_test_report.json
run perf-run shop.json --check
expect_exit 0
expect_true 'the old report' grep -qx old load_test_report.json

describe 'no connection is made: it does not matter that nothing listens'
run perf-run http://127.0.0.1:1/ --check
expect_exit 0
expect_stderr ''

describe 'without verification nobody reads the authorities of the system, here a pipe without an end'
cat >unverified.json <<'END'
{"schema": "perfgate.scenario/1", "name": "s", "host": "https://127.0.0.1:1", "tls": {"verify": false},
 "classes": [{"name": "c", "tasks": [{"get": "/"}]}]}
END
mkfifo authorities
SSL_CERT_FILE=authorities run timeout 60 perf-run unverified.json --check
expect_exit 0
expect_stderr ''
