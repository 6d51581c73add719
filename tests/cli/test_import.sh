#!/usr/bin/env bash
# Results of other load testing tools, wherever a tool of ours takes a report.
. "$(dirname "$0")/lib.sh"

equal() {
    [ "$1" = "$2" ] || fail "expected '$1', found '$2'"
}

# jtl MS [ROWS]: JMeter's results of requests that take about so long.
jtl() {
    awk -v ms="$1" -v rows="${2:-400}" 'BEGIN {
        print "timeStamp,elapsed,label,responseCode,responseMessage,success,bytes,allThreads"
        for (i = 0; i < rows; i++)
            printf "%.0f,%d,%s,200,OK,true,100,4\n", 1700000000000 + i * 50, ms + i % 5,
                i % 2 ? "Home" : "\"Log, in\""
    }'
}

# locust_files PREFIX MS: what Locust 2 writes; its lines end in CRLF.
locust_files() {
    cat <<END | sed 's/$/\r/' >"$1_stats.csv"
Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%
GET,/a,900,0,$2,$2.5,1,90,10,90.0,0,$2,$2,$2,$2,$2,$2,90,90,90,90,90
POST,/b,100,4,$2,$2.5,1,90,10,10.0,0.4,$2,$2,$2,$2,$2,$2,90,90,90,90,90
,Aggregated,1000,4,$2,$2.5,1,90,10,100.0,0.4,$2,$2,$2,$2,$2,$2,90,90,90,90,90
END
    cat <<'END' | sed 's/$/\r/' >"$1_failures.csv"
Method,Name,Error,Occurrences,First Seen,Last Seen
POST,/b,HTTPError('500 Server Error: Internal Server Error for url: /b'),3,2026-01-31T12:00:00Z,2026-01-31T12:00:09Z
POST,/b,"CatchResponseError('no ""total"" in it, but should')",1,,
END
    cat <<'END' | sed 's/$/\r/' >"$1_exceptions.csv"
Count,Message,Traceback,Nodes
2,list index out of range,"  File ""l.py"", line 1
    raise
",local
END
    cat <<'END' | sed 's/$/\r/' >"$1_stats_history.csv"
Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,95%,Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,Total Average Content Size
1769860800,0,,Aggregated,0.000000,0.000000,N/A,N/A,0,0,0,0.0,0,0,0
1769860801,5,,Aggregated,0.000000,0.000000,4,9,100,1,4,4.0,1,9,10
1769860801,5,GET,/a,0.000000,0.000000,4,9,90,0,4,4.0,1,9,10
1769860803,8,,Aggregated,0.000000,0.000000,4,9,400,1,4,10.0,1,9,10
END
}

describe 'JMeter against JMeter: alike passes, a result against itself says nothing'
jtl 20 >old.jtl
jtl 20 401 >new.jtl
run perf-compare old.jtl --baseline old.jtl
expect_exit 2
expect_stderr "'old.jtl' and the baseline 'old.jtl' are reports of one run"
run perf-compare new.jtl --baseline old.jtl
expect_exit 0

describe 'JMeter against JMeter: slower fails'
jtl 40 >slow.jtl
run perf-compare slow.jtl --baseline old.jtl
expect_exit 1
expect_stdout 'regressed'

describe 'a result under any name, compressed, from standard input'
jtl 20 | gzip >anything
stdin=anything run perf-report --format json -
expect_exit 0
equal JMeter "$(jq -r '.source.format' stdout | cut -d' ' -f1)"
equal '400 2' "$(jq -r '"\(.total_requests) \(.endpoints | length)"' stdout)"
cp stdout report.json

describe 'what was made of it is a report like any other'
run perf-report report.json
expect_exit 0
expect_stdout 'Log, in'
run perf-compare report.json --baseline new.jtl
expect_exit 0
run perf-report --format html old.jtl --output page.html
expect_exit 0
run perf-report --merge new.jtl report.json
expect_exit 0
equal 801 "$(jq .total_requests stdout)"
run perf-report --merge old.jtl report.json
expect_exit 2
expect_stderr "'old.jtl' and 'report.json' are the same report; name it once"

describe 'a stored run of it is a baseline'
git init -q repo
git -C repo config user.email a@example.com
git -C repo config user.name a
git -C repo commit -q --allow-empty -m start
(cd repo && perf-baseline update --suite jmeter ../old.jtl >../stdout 2>../stderr && git add . && git commit -qm baseline)
run ls repo/baselines/jmeter/default
expect_exit 0
cd repo || exit
run perf-compare --suite jmeter --baseline HEAD ../slow.jtl
expect_exit 1
cd .. || exit

describe 'a file that was cut off: the line, or with --partial what could be read'
head -c 500 old.jtl >cut.jtl
run perf-report cut.jtl
expect_exit 2
expect_stdout ''
expect_match stderr "^perf-report: 'cut.jtl' line [0-9]+: expected 8 fields, one for each column, found [1-7]; the file may be cut off"
expect_one_sentence
run perf-report --partial cut.jtl
expect_exit 0
expect_stdout '1 row could not be read and was left out'
run perf-report --partial --merge cut.jtl
expect_exit 2
expect_stderr "options '--partial' and '--map' are for making a report of another tool's results; do that first, with --format json"

describe "Locust's files, found by the prefix"
locust_files old 10
run perf-report --format json old_stats.csv
expect_exit 0
expect_stderr ''
equal '1000 4 10 10.5 null' "$(jq -r '[.total_requests, .total_failures, ."95th_percentile", .average_response_time, .endpoints[0].histogram] | map(tostring) | join(" ")' stdout)"
equal 'status 3 2026-01-31T12:00:00Z' "$(jq -r '.errors[0] | "\(.kind) \(.count) \(.first_seen)"' stdout)"
equal 'expectation 1' "$(jq -r '.errors[1] | "\(.kind) \(.count)"' stdout)"
equal '[100,150,150] [5,8,8] [4,12,12]' "$(jq -c '.series | .requests, .users, .average_response_time' stdout | tr '\n' ' ' | sed 's/ $//')"
equal 2026-01-31T12:00:00Z "$(jq -r .started_at stdout)"
expect_stdout 'the history has no row for 1 second; the series has what came until the next one evenly over the seconds between'
expect_stdout 'the locustfile raised 2 exceptions, first: list index out of range'
cp stdout locust.json
run perf-report --format json locust.json
expect_exit 0
expect_true 'the same text' cmp stdout locust.json

describe 'Locust against Locust'
locust_files new 30
run perf-compare new_stats.csv --baseline old_stats.csv
expect_exit 1
sed "s/90,10,/91,10,/" old_stats.csv >like_stats.csv
run perf-compare like_stats.csv --baseline old_stats.csv
expect_exit 0

describe 'percentiles that old versions of Locust wrote beside'
printf '"Method","Name","# requests","# failures","Median response time","Average response time","Min response time","Max response time","Average Content Size","Requests/s"\n"GET","/a",4,1,5,6,1,40,100,2.00\n"None","Total",4,1,5,6,1,40,100,2.00\n' >very_requests.csv
printf '"Name","# requests","50%%","66%%","75%%","80%%","90%%","95%%","98%%","99%%","100%%"\n"GET /a",4,5,6,7,8,9,35,38,40,40\n"None Total",4,5,6,7,8,9,36,38,40,40\n' >very_distribution.csv
run perf-report --format json very_requests.csv
expect_exit 0
equal '36 35' "$(jq -r '"\(."95th_percentile") \(.endpoints[0]."95th_percentile")"' stdout)"
rm very_distribution.csv

describe 'a figure that the file does not have is an error of its row, never a pass'
sed "s/100/101/" very_requests.csv >less_requests.csv
run perf-compare very_requests.csv --baseline less_requests.csv
expect_exit 3
expect_stdout 'errored'

describe 'a file beside it may be compressed'
gzip -k old_failures.csv && mv old_failures.csv plain.csv && mv old_failures.csv.gz old_failures.csv
run perf-report --format json old_stats.csv
expect_exit 0
equal 'status 3' "$(jq -r '.errors[0] | "\(.kind) \(.count)"' stdout)"
mv plain.csv old_failures.csv

describe 'a fault in a file beside it is named'
printf 'Method,Name,Error,Occurrences\r\nGET,/a,"broken' >old_failures.csv
run perf-report old_stats.csv
expect_exit 2
expect_stderr "'old_failures.csv' line 2: a quoted field is not closed when the file ends"
expect_one_sentence

describe 'a part of the results: which file is meant'
run perf-compare old_stats_history.csv --baseline old_stats.csv
expect_exit 2
expect_stderr "'old_stats_history.csv' is a part of what Locust writes; name the file PREFIX_stats.csv"

describe 'results of different tools are not comparable, and do not merge'
run perf-compare new_stats.csv --baseline old.jtl
expect_exit 3
expect_stdout "not_comparable"
expect_stdout "the baseline is of JMeter JTL, CSV and the candidate of Locust CSV, whose figures"
echo '{"schema": "perfgate.policy/1", "sources": "any"}' >any.json
run perf-compare new_stats.csv --baseline old.jtl --policy any.json
expect_stdout 'slower: overall average'
expect_stdout 'warning: the baseline is of JMeter JTL, CSV and the candidate of Locust CSV'
expect_stdout 'measured: Locust CSV, latencies with connecting, of failed requests too, the figures are'
run perf-report --merge new_stats.csv old.jtl
expect_exit 2
expect_stderr "cannot merge 'old.jtl' with 'new_stats.csv': they are of different load testing tools"

describe 'any CSV by a mapping of its columns'
printf 'Page;Took;OK\n/a;12.5;yes\n"/b;c";20;no\n/a;30;1\n' >mine.csv
run perf-report mine.csv --format json --map Took=ms:duration,Page=name,OK=success
expect_exit 0
equal '3 1 30 0.1 csv' "$(jq -r '[.total_requests, .total_failures, .max_response_time, .resolution_ms, .source.tool] | map(tostring) | join(" ")' stdout)"
printf 'at\tus\tcode\n2026-11-26T10:00:00Z\t1500\t200\n2026-11-26T10:00:01.5Z\t2500\t503\n' >mine.tsv
run perf-report mine.tsv --format json --map at=start,us=us:duration,code=status
expect_exit 0
equal '2 1 1.5025 status' "$(jq -r '[.total_requests, .total_failures, .duration_ms / 1000, .errors[0].kind] | map(tostring) | join(" ")' stdout)"

describe 'starts in whole seconds: no rate of so short a run'
sed 's/01.5Z/01Z/' mine.tsv >whole.tsv
run perf-report whole.tsv --format json --map at=start,us=us:duration,code=status
expect_exit 0
equal 'null null' "$(jq -r '"\(.duration_ms) \(.requests_per_second)"' stdout)"
expect_stdout 'times are whole seconds, so that the rate of so short a run is not known'

describe 'a mapping that cannot be, or that the file does not fit'
for map in '' duration took=duration took=ms:duration took=ms:duration,ok=success,nok=success \
    took=ms:name,ok=success took=min:duration,ok=success took=ms:duration,ok=health; do
    run perf-report mine.csv --map "$map"
    expect_exit 2
    expect_stderr "option '--map': "
    expect_one_sentence
done
run perf-report mine.csv --map took=ms:duration,state=success
expect_exit 2
expect_stderr "'mine.csv' line 1: expected a column 'state', which --map names"
