#!/usr/bin/env bash
# The result files of tests/import, which real tools wrote or which are made by the description of
# their format, each converted; and the same files damaged.
. "$(dirname "$0")/lib.sh"

files=$root/tests/import


# convert FILE: the report of it, which is the golden one, reads back, and says the same again.
convert() {
    describe "$1 as a report"
    run perf-report --format json "$files/$1"
    expect_exit 0
    expect_stderr ''
    cp stdout made.json
    expect_golden made.json "import_$1.json"
    run perf-report --format json made.json
    expect_exit 0
    expect_true 'the same text' cmp stdout made.json
}

texts=(wrk.txt wrk_latency.txt wrk_late.txt wrk2.txt wrk2_spectrum.txt ab.txt ab_keepalive.txt hey.txt
    hey_refused.txt h2load.txt h2load_refused.txt)
rows=(hey.csv oha.csv h2load.tsv vegeta.csv vegeta.ndjson jmeter.csv locust_stats.csv)
documents=(oha_1.4.json oha_1.15.json h2load_1.70.json vegeta.json autocannon.json
    autocannon_refused.json artillery1.json artillery2.json fortio.json nighthawk.json)

for file in "${texts[@]}" "${rows[@]}" "${documents[@]}"; do
    convert "$file"
done

for file in "${texts[@]}" "${documents[@]}"; do
    describe "$file cut off is refused in one sentence"
    # Past what the format is recognised by, and before the last line of figures.
    head -c "$(($(wc -c <"$files/$file") * 85 / 100))" "$files/$file" >"$file"
    run perf-report "$file"
    expect_exit 2
    expect_stdout ''
    expect_match stderr "^perf-report: '$file'"
    expect_one_sentence
done

for file in h2load.tsv oha.csv vegeta.csv vegeta.ndjson; do
    describe "$file cut off within its last line: the line, or with --partial the others"
    head -c -2 "$files/$file" >"$file"
    run perf-report "$file"
    expect_exit 2
    expect_match stderr "^perf-report: '$file' line $(wc -l <"$files/$file"): expected a "
    expect_one_sentence
    run perf-report --partial "$file"
    expect_exit 0
    expect_match stdout '1 (row|line) could not be read and was left out'
done

describe 'what ab -e and ab -g write is not enough for a report'
for file in ab_percentiles.csv ab_gnuplot.tsv; do
    run perf-report "$files/$file"
    expect_exit 2
    expect_stderr "does not say which requests failed; give the report that ab prints"
    expect_one_sentence
done

describe 'two runs in one file are none'
cat "$files/wrk.txt" "$files/wrk_latency.txt" >two.txt
run perf-report two.txt
expect_exit 2
expect_stderr "'two.txt' line 10: expected one run, found a second; make a file of each"
cat "$files/ab.txt" "$files/ab_keepalive.txt" >two.txt
run perf-report two.txt
expect_exit 2
expect_stderr 'expected one run, found a second'

describe 'what a tool prints is read whole or not at all, asked for in part or not'
run perf-report --partial two.txt
expect_exit 2
expect_stderr 'expected one run, found a second'
sed '/^Non-2xx/s/[0-9]*$/2x/' "$files/ab.txt" >broken.txt
run perf-report --partial broken.txt
expect_exit 2
expect_stderr "'broken.txt' line 20: Non-2xx responses: expected a whole number, found '2x'"

describe 'the results of two tools in one file are none'
for pair in 'wrk.txt ab.txt' 'ab.txt wrk.txt' 'hey.txt ab.txt' 'ab.txt h2load.txt' 'h2load.txt hey.txt' 'fortio.json wrk.txt'; do
    cat "$files/${pair% *}" "$files/${pair#* }" >two.txt
    run perf-report two.txt
    expect_exit 2
    expect_match stderr "'two.txt': expected one result, found one of [a-z0-9]+ and one of [A-Za-z0-9]+; make a file of each"
    expect_one_sentence
done

describe 'a result against one like it passes, under any name and compressed'
sed 's/"total": 10.0021/"total": 10.0022/' "$files/oha_1.15.json" | gzip >some
run perf-compare some --baseline "$files/oha_1.4.json"
expect_exit 0
tail -n +2 "$files/h2load.tsv" >like.tsv
run perf-compare like.tsv --baseline "$files/h2load.tsv"
expect_exit 0

describe 'a percentile that a tool does not print is no pass'
sed '/requests in/s/4912/4911/' "$files/wrk_latency.txt" >like.txt
run perf-compare "$files/wrk_latency.txt" --baseline like.txt
expect_exit 3
expect_stdout errored

describe 'twice as slow fails'
sed -E 's/^([0-9]+\t[0-9]+\t)([0-9]+)$/\1\29/' "$files/h2load.tsv" >slow.tsv
run perf-compare slow.tsv --baseline "$files/h2load.tsv"
expect_exit 1
expect_stdout regressed

describe 'a file without the requests that had no response has no error rate, and no pass'
sed '2,9d' "$files/hey.csv" >like.csv
run perf-compare "$files/hey.csv" --baseline like.csv
expect_exit 3
expect_stdout "the candidate's report has no error rate of it"
expect_stdout 'not of requests without a response'

describe 'what two tools measured is not comparable'
run perf-compare "$files/hey.csv" --baseline "$files/oha.csv"
expect_exit 3
expect_stdout not_comparable
