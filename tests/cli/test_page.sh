#!/usr/bin/env bash
# perf-report --format html: what a page is made of, what stands on it, and what is refused.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=../browser/scenes.sh
. "$root/tests/browser/scenes.sh"
data=$root/tests/data
cp "$data"/{report,verdict,flat}.json .

html() {
    run perf-report --format html "$@"
}

describe 'the scenes'
run scenes "$data"
expect_exit 0

describe 'the verdict comes first, in one sentence, and how sure it is'
html verdict.json
expect_exit 0
expect_stderr ''
expect_stdout '<h1><span class="pill bad">✕ fail</span> 1 row regressed: p95 of POST /a|b</h1>'
expect_stdout '<p>Not by chance: p = 1e-05 over all judged rows, where 0.001 is asked for. The change is +15.0 to +25.0 % with 99 % confidence.</p>'

describe 'a red verdict that was made of few figures says so'
html flat.json
html flat.html 2>/dev/null
run cat flat.html
expect_stdout '<p>By the threshold alone: how much two runs of one code differ here is not known.</p>'

describe 'perf_verdict.json is shown where no file is named'
cp verdict.json perf_verdict.json
html
expect_exit 0
expect_stdout 'pill bad'
rm perf_verdict.json

describe 'a page is whole, loads nothing and has no script'
for name in slow names one; do
    run cat $name.html
    expect_match stdout '^<!DOCTYPE html>'
    expect_stdout "content=\"default-src 'none'; style-src 'unsafe-inline'\""
    expect_stdout '</html>'
    expect_true 'no script, and nothing from elsewhere' \
        test -z "$(sed 's/ title="[^"]*"//g' $name.html | grep -oE '<[^>]*>|url\(|@import' |
            grep -iE '^<(script|link|img|iframe|object|embed|base|form)|[ "](src|style|on[a-z]+)=|href="[^#]|^url|^@')"
done

describe 'names are text: escaped, isolated, and what acts is shown in its form'
run cat names.html
expect_stdout '<bdi>GET &lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&amp;amp;&lt;U+001B&gt;[31m&lt;U+202E&gt;/[id]</bdi>'
expect_stdout "<bdi>GET $right_name</bdi>"
expect_stdout "<bdi>GET $long_name</bdi>"
expect_stdout "<bdi title=\"GET $long_name\">"
expect_true 'no control character' test -z "$(tr -d '\n' <names.html | LC_ALL=C grep -a "[[:cntrl:]]")"

describe 'a drawing says what it is to who does not see it'
run cat slow.html
expect_match stdout '<svg role="img" [^>]*><title>Latency distribution</title><desc>'
expect_match stdout '<title>Change \+46.8 %, 99 % interval \+43.1 % to \+50.5 %, allowed \+10 %</title>'
expect_true 'a title in each drawing' \
    test "$(grep -o '<svg' slow.html | wc -l)" -eq "$(grep -o '<svg role="img"[^>]*><title>' slow.html | wc -l)"

describe 'charts that the reports hold'
run cat slow.html
for chart in 'Latency distribution</b>' 'Pairs of blocks, candidate / base</b>' \
    'Latency distribution</b> · <bdi>GET /forum</bdi>'; do
    expect_stdout "<figcaption><b>$chart"
done
run cat many.html
for chart in 'Latency distribution' 'p95 over time' 'Median over time' 'Throughput over time' 'Errors over time'; do
    expect_stdout "<figcaption><b>$chart</b>"
done

describe 'charts that there are not, and what to name for them'
html slow.json
expect_stdout 'perf-report --format html perf_verdict.json load_test_report.json load_test_report.base.json'
html slow.json slow[12].r.json
expect_stdout "The base side's report was not named"
perf-report --merge slow[12].r.json >merged.json
perf-report --merge slow[12].r.base.json >old.json
html slow.json merged.json --baseline old.json
expect_stdout 'Merged reports hold no series and no blocks.'

describe 'the base side by its name, and by --baseline'
perf-report --merge slow[12].r.base.json >merged.base.json
html slow.json merged.json merged.base.json
expect_exit 0
expect_match stdout '>base</text>'
html slow.json merged.json --baseline old.json
expect_exit 0
expect_match stdout '>base</text>'

describe 'reports alone'
html slow1.r.json slow1.r.base.json
expect_exit 0
expect_match stdout '>base</text>'
expect_match stdout '<h1>suite demo, http://127.0.0.1:8080, 2160 requests, 20 users, 15s</h1>'
html slow1.r.base.json
expect_exit 0

describe 'a run that cannot be trusted is said to be one'
sed 's/"valid": true/"valid": false, "invalid_reasons": ["interrupted"]/' report.json >stopped.json
html stopped.json
expect_exit 0
expect_stdout '<span class="pill bad">✕ not valid</span>'

describe 'reports of another run are refused beside a verdict'
html slow.json alike.r.json
expect_exit 2
expect_stderr "'slow.json' is of 4320 requests of the candidate, and the reports beside it, 'alike.r.json', of 2160; name those that it was made from"
expect_one_sentence

describe 'a page is of one verdict'
html slow.json alike.json
expect_exit 2
expect_stderr "'slow.json' and 'alike.json' are both verdicts; name one of them"
expect_one_sentence

describe 'a verdict is no base side'
html slow.json --baseline alike.json
expect_exit 2
expect_stderr "'alike.json': schema: this is a verdict; expected a report"

describe '--baseline is for a page'
run perf-report --baseline old.json slow.json
expect_exit 2
expect_stderr "option '--baseline' is for the charts of a page; add --format html, or leave it out"
run perf-report --merge --format html --baseline old.json merged.json
expect_exit 2
expect_one_sentence

describe 'bad input leaves no page'
html --output bad.html missing.json
expect_exit 2
expect_true 'no file' test ! -e bad.html

describe 'the page of 500 endpoints and 3,600 intervals is under 2 MB'
for ratio in 1.3 1; do
    awk -f "$data/long.awk" -v endpoints=500 -v intervals=3600 -v ratio=$ratio >long$ratio.json
done
run perf-compare --format json --output long.json long1.3.json --baseline long1.json
html --output long.html long.json long1.3.json --baseline long1.json
expect_exit 0
expect_true 'less than 2 MB' test "$(wc -c <long.html)" -lt 2000000
expect_true 'all rows' test "$(grep -c '^<tr><td class="s ' long.html)" -eq 1503
