#!/usr/bin/env bash
# Result files that are damaged, of other units or far too large: a sentence with file and line, or what
# is there with a note, and never more memory than a few pieces.
. "$(dirname "$0")/lib.sh"

equal() {
    [ "$1" = "$2" ] || fail "expected '$1', found '$2'"
}

# rows N [MS]: rows of a JTL.
head='timeStamp,elapsed,label,success,allThreads'
rows() {
    awk -v n="$1" -v ms="${2:-10}" 'BEGIN {
        for (i = 0; i < n; i++) printf "%.0f,%d,Home,true,4\n", 1700000000000 + i * 50, ms
    }'
}

# refused FILE TEXT: it is exit 2 and one sentence that names the file.
refused() {
    run perf-compare "$1" --baseline good.jtl
    expect_exit 2
    expect_stderr "'$1'"
    expect_stderr "$2"
    expect_one_sentence
}

# left_out FILE NOTE REQUESTS: with --partial it is what could be read.
left_out() {
    run perf-report --partial --format json "$1"
    expect_exit 0
    expect_stdout "$2"
    equal "$3" "$(jq .total_requests stdout)"
}

(echo "$head" && rows 400) >good.jtl

describe 'UTF-16, as a spreadsheet writes it'
iconv -f UTF-8 -t UTF-16 good.jtl >utf16.jtl
refused utf16.jtl "is UTF-16; expected UTF-8: convert it, as with iconv -f UTF-16 -t UTF-8"
run perf-report utf16.jtl --map elapsed=ms:duration,success=success
expect_exit 2
expect_stderr "'utf16.jtl' is UTF-16"
iconv -f UTF-8 -t UTF-16LE good.jtl >unmarked.jtl
refused unmarked.jtl 'is neither a report nor a result file of a tool that is known; perfgate-import(5) names them'

describe 'a byte order mark of UTF-8'
(printf '\357\273\277' && cat good.jtl) >marked.jtl
run perf-report --format json marked.jtl
expect_exit 0
equal 400 "$(jq .total_requests stdout)"

describe 'a CSV with other columns: how to make a report of it'
printf 'page,took\n/a,5\n' >mine.csv
refused mine.csv 'is neither a report nor a result file that is known by its columns; make a report of it first: perf-report FILE --map COLUMN=ROLE,... --format json --output report.json'
git init -q repo
cd repo || exit
run perf-baseline update ../mine.csv
expect_exit 2
expect_stderr 'perf-report FILE --map'
cd .. || exit

describe 'what is nothing at all'
for text in 'hello' '[1, 2]' '<html>, and more</html>' '"a"'; do
    printf '%s\n' "$text" >nothing
    refused nothing 'is neither a report nor a result file of a tool that is known'
done
: >empty
refused empty "'empty' is empty; expected a report, or the results of a load testing tool"
gzip -c empty >empty.gz
refused empty.gz "'empty.gz' is empty"
head -c 100000 /dev/zero >zeros
refused zeros 'is neither a report nor a result file of a tool that is known'

describe 'NUL bytes within rows'
(cat good.jtl && printf '1700000000000,1\0000,Home,true,4\n') >nul.jtl
refused nul.jtl 'line 402: elapsed: expected a whole number, found '
(cat good.jtl && printf '1700000000000,10,Ho\0me,true,4\n') >nul.jtl
run perf-report --format json nul.jtl
expect_exit 0
equal $'Home 400\nHo\xef\xbf\xbdme 1' "$(jq -r '.endpoints | sort_by(-.total_requests)[] | "\(.name) \(.total_requests)"' stdout)"

describe 'a row without an end'
(cat good.jtl && head -c 1100000 /dev/zero | tr '\0' x) >long.jtl
refused long.jtl 'line 402: a row is over 1 MiB; check its quotes'
left_out long.jtl 'read only up to a fault' 400

describe 'the same in XML, and in lines of JSON'
printf '<testResults version="1.2">\n<sample t="10" ts="1700000000000" s="true" lb="a"/>\n' >begun.xml
(cat begun.xml && printf '<sample lb="' && head -c 1100000 /dev/zero | tr '\0' x) >long.xml
refused long.xml 'line 3: a tag is over 256 KiB'
left_out long.xml 'read only up to a fault' 1
printf '%s\n' '{"type":"Metric","data":{},"metric":"http_req_duration"}' \
    '{"metric":"http_req_duration","type":"Point","data":{"time":"2023-11-14T22:13:21Z","value":3,"tags":{"name":"a","status":"200"}}}' >begun.ndjson
(cat begun.ndjson && printf '{"metric":"' && head -c 1100000 /dev/zero | tr '\0' x) >long.ndjson
refused long.ndjson 'line 3: a line is over 1 MiB'
left_out long.ndjson 'read only up to a fault' 1

describe 'a document type, as for entities that grow'
printf '<?xml version="1.0"?>\n<!DOCTYPE testResults [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>\n<testResults>&b;</testResults>\n' >bomb.xml
refused bomb.xml 'line 2: a document type (DOCTYPE) is not taken; remove it'

describe 'columns of another version in the middle'
(cat good.jtl && echo 'timeStamp,elapsed,label,success,allThreads,Latency' && echo '1700000000000,10,Home,true,4,9') >mixed.jtl
refused mixed.jtl 'line 402: expected 5 fields, one for each column, found 6; the file may be cut off or of several formats'
left_out mixed.jtl '2 rows could not be read and were left out' 400
(cat good.jtl && cat good.jtl) >twice.jtl
refused twice.jtl "line 402: elapsed: expected a whole number, found 'elapsed'"

describe 'times in another unit'
(echo "$head" && echo '1700000000000,0.25,Home,true,4') >seconds.jtl
refused seconds.jtl "line 2: elapsed: expected a whole number, found '0.25'"
(echo "$head" && echo '1700000000,25,Home,true,4') >seconds.jtl
refused seconds.jtl 'line 2: timeStamp: expected ms since 1970, found 1700000000, which is a time of this century in s only'
for time in 1700000001 1700000001000 1700000001000000 1700000001000000000 2023-11-14T22:13:21Z 2023-11-14T23:13:21.000000000+01:00; do
    printf 'metric_name,timestamp,metric_value,name,status\nhttp_req_duration,%s,5,a,200\n' "$time" >k6.csv
    run perf-report --format json k6.csv
    expect_exit 0
    equal 2023-11-14T22:13:20Z "$(jq -r .started_at stdout)"
done
printf 'metric_name,timestamp,metric_value,name,status\nhttp_req_duration,17:00,5,a,200\n' >k6.csv
refused k6.csv "line 2: timestamp: expected RFC 3339, or s, ms, us or ns since 1970, found '17:00'"

describe 'only a line of names, and no request: nothing passes'
echo "$head" >none.jtl
run perf-compare none.jtl --baseline good.jtl
expect_exit 3
printf 'Type,Name,Request Count,Failure Count,Requests/s\n,Aggregated,0,0,0\n' >none_stats.csv
printf 'Type,Name,Request Count,Failure Count,Requests/s\nGET,/,4,0,2\n,Aggregated,4,0,2\n' >some_stats.csv
run perf-compare none_stats.csv --baseline some_stats.csv
expect_exit 3

describe 'a last row that may be cut off says so, wherever it is judged'
(cat good.jtl && printf '1700000000000,10,Home,true,4') >unended.jtl
run perf-compare unended.jtl --baseline good.jtl
expect_exit 0
expect_stderr "'unended.jtl': the last row has no line end: 'unended.jtl' may be cut off"

describe 'a gzip file that is cut off or damaged'
gzip -c good.jtl >good.gz
head -c "$(($(wc -c <good.gz) / 2))" good.gz >cut.gz
refused cut.gz 'the compressed data ends too early; expected a whole gzip file, copy it again'
(head -c 60 good.gz && printf 'damage' && tail -c +67 good.gz) >damaged.gz
refused damaged.gz 'the compressed data is damaged'

describe 'a little gzip that is much, in one row'
(echo "$head" && head -c 300000000 /dev/zero) | gzip -1 >bomb.gz
refused bomb.gz 'line 2: a row is over 1 MiB; check its quotes'
