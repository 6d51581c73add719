#!/usr/bin/env bash
# Names, reasons and messages that mean harm, through every form that perf-report -h lists: each is read
# back by a reader of its own, and has as many rows as the document and nothing that acts. A form that
# has no check_FORM here fails.
# shellcheck disable=SC2317 # the checks are called by their form's name
. "$(dirname "$0")/lib.sh"
names=$root/tests/data/hostile_names.txt # a JSON string a line
n=$(wc -l <"$names")

# A verdict with each name as an endpoint, a reason and a warning, all short ones in one sentence, and
# every status.
awk '
    BEGIN {
        split("regressed over_limit errored not_comparable insufficient accepted stable improved", status, " ")
        printf "{\"schema\": \"perfgate.verdict/1\", \"status\": \"fail\", \"exit_code\": 1, \"regressions\": [], "
        printf "\"comparison\": \"file\", \"rows\": ["
    }
    {
        warnings = warnings (NR > 1 ? ", " : "") $0
        printf "%s{\"endpoint\": %s, \"method\": \"GET\", \"metric\": \"95th_percentile\", ", (NR > 1 ? ",\n" : ""), $0
        printf "\"status\": \"%s\", \"base\": 10, \"candidate\": %d, ", status[NR % 8 + 1], 10 + NR
        printf "\"change_percent\": -0.5, \"threshold\": 1.2, \"judged\": true, \"reason\": %s, \"warnings\": [%s]}", $0, $0
        if (length($0) < 200) all = all substr($0, 2, length($0) - 2)
    }
    END {
        printf "], \"warnings\": [%s], \"suite\": %s, \"summary\": \"%s\", ", warnings, $0, all
        printf "\"baseline_choice\": %s, \"policy_choice\": %s, \"environment\": {\"cpu_model\": %s}}\n", $0, $0, $0
    }' "$names" >verdict.json

# A report with each name as an endpoint, and as the message of an error.
awk -v n="$n" '
    BEGIN {
        figures = "\"requests_per_second\": 10, \"average_response_time\": 2, " \
            "\"95th_percentile\": 3, \"99th_percentile\": 4"
        printf "{\"total_requests\": %d, \"total_failures\": %d, %s, ", 10 * n, n, figures
        printf "\"schema\": \"perfgate.report/1\", \"valid\": true, \"endpoints\": ["
    }
    {
        printf "%s{\"name\": %s, \"method\": \"GET\", \"total_requests\": 10, \"total_failures\": 1, %s}", (NR > 1 ? ",\n" : ""), $0, figures
        errors = errors (NR > 1 ? ",\n" : "") "{\"endpoint\": " $0 ", \"method\": \"GET\", \"kind\": \"status\", " \
            "\"message\": " $0 ", \"count\": 1}"
    }
    END { printf "], \"errors\": [%s]}\n", errors }' "$names" >report.json

# Everywhere: no byte that moves a cursor, and nothing that turns the reading direction.
check_bytes() {
    expect_true 'no control characters' test -z "$(tr -d '\n' <plain | tr -dc '\000-\037\177' | od -An -c)"
    expect_true 'no direction marks' test -z "$(grep -aF -e $'\xe2\x80\xae' -e $'\xe2\x81\xa6' -e $'\xe2\x80\x8f' -e $'\xe2\x80\xa8' plain)"
}

check_text() {
    check_bytes
    expect_true 'a line a row' test "$(grep -cE '^(regressed|over_limit|errored|not_comparable|insufficient|accepted|stable|improved|GET) ' plain)" -ge "$n"
}

check_json() {
    mv stdout once
    stdin=once run perf-report -f json -
    expect_true 'the same text' cmp once stdout
}

# As GitHub would show it: only the elements of a page of ours, a cell of a table for each column,
# and no mention or reference outside code.
check_markdown() {
    check_bytes
    cmark-gfm --unsafe -e table -e autolink -e strikethrough -e footnotes <plain >page.html 2>cmark.err ||
        fail "cmark-gfm: $(cat cmark.err)"
    local alien
    alien=$(grep -oE '<[/!?a-zA-Z][^ >]*' page.html |
        grep -vxE '</?(h2|p|ul|li|strong|code|table|thead|tbody|tr|th|td|details|summary)' | sort -u)
    expect_true "no other element: $alien" test -z "$alien"
    alien=$(sed 's:<code>[^<]*</code>::g' page.html | grep -oE '@[A-Za-z0-9].{9}|#[0-9]+|GH-[0-9]|://.|www\..' | head -3)
    expect_true "no mention, reference or link: $alien" test -z "$alien"
    # A cell too many is dropped and one too few is filled up, so it is the cells' kinds that tell.
    awk '
        /<tr>/ { n = 0; kinds = "" }
        /<td/ {
            sub(/^<td[^>]*>/, ""); sub(/<\/td>$/, "")
            kinds = kinds (/^<code>[^<]*<\/code>$/ ? "n" : /^[a-z_0-9]+$/ && ++n ? "w" : "x")
        }
        /<\/tr>/ && kinds != "" {
            rows++
            if (kinds !~ /^wnwxxxxx$/ && kinds !~ /^nwwxxxxx$/ && kinds !~ /^wwnn$/ && kinds !~ /^wwwxxxxx$/) {
                print "cells of the kinds " kinds; bad = 1
            }
        }
        END { if (rows < '"$n"') print rows " rows"; exit bad || rows < '"$n"' }' page.html >rows.out || fail "$(sort rows.out | uniq -c)"
}

check_comment() {
    expect_true '60 KB' test "$(wc -c <plain)" -le 60000
    check_markdown
}

check_html() {
    check_bytes
    # What stands between quotes in a tag is a text of its own, in which a quote is escaped.
    perf-report -f html "$root/tests/data/kinds.json" >harmless
    perf-report -f html "$root/tests/data/open.json" >>harmless
    # Names that are cut have their whole as a title.
    { html_tags harmless && echo 'title='; } | sort -u >known
    html_tags plain >found
    expect_true 'no element and no attribute of a name' test -z "$(comm -13 known found)"
}
html_tags() {
    sed 's/"[^"]*"//g' "$1" | grep -oE '<[a-zA-Z][^>]*' | tr ' ' '\n' | sort -u
}

# RFC 4180, character by character: as many fields in each record as in the first, none a formula.
check_csv() {
    sed -i 's/\r$//' plain # the only CR there may be
    check_bytes
    awk -v wanted=$((n + 1)) '
        function end_field() {
            fields++
            if (text !~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/ && text ~ /^[ "'\'']*(=|\+|-|@|＝|＋|－|＠)/ && text !~ /^[ "]*'\''/) { print "formula: " text; bad = 1 }
            if (text ~ /;[ "]*[=+@-]/) { print "formula behind a semicolon: " text; bad = 1 }
            text = ""
        }
        {
            fields = 0; text = ""; quoted = 0
            for (i = 1; i <= length($0); i++) {
                c = substr($0, i, 1)
                if (quoted && c == "\"" && substr($0, i + 1, 1) == "\"") { text = text c; i++ }
                else if (quoted && c == "\"") quoted = 0
                else if (quoted) text = text c
                else if (c == "\"" && text == "") quoted = 1
                else if (c == "\"") { print "quote within a field: " $0; bad = 1 }
                else if (c == ",") end_field()
                else text = text c
            }
            end_field()
            if (NR == 1) columns = fields
            if (quoted || fields != columns) { print fields " fields: " $0; bad = 1 }
        }
        END { if (NR < wanted) print NR " records"; exit bad || NR < wanted }' plain >csv.out || fail "$(cat csv.out)"
}

check_junit() {
    check_bytes
    run xmllint --noout plain
    expect_exit 0
    expect_stderr ''
    expect_true 'a case a row' test "$(xmllint --xpath 'count(//testcase)' plain)" -eq $((n + 1))
    expect_true 'no other case' test "$(xmllint --xpath 'count(//testcase[@name="fake"])' plain)" -eq 0
    local what
    for what in tests:testcase failures:failure errors:error skipped:skipped; do
        expect_true "$what" test "$(xmllint --xpath "//testsuite/@${what%:*} = count(//${what#*:})" plain)" = true
    done
    expect_true 'no other element' test "$(xmllint --xpath 'count(//*)' plain)" -eq \
        "$(xmllint --xpath 'count(//testsuites | //testsuite | //properties | //property | //testcase | //failure | //error | //skipped | //system-out)' plain)"
}

# What a runner of GitHub would carry out: at most ten commands, and no line that is none.
check_annotations() {
    check_bytes
    expect_true 'at most ten' test "$(wc -l <plain)" -le 10
    local other
    other=$(grep -vxE '::(error|warning|notice) title=([^%:,]|%[0-9A-F]{2})+::([^%]|%[0-9A-F]{2})*' plain)
    expect_true "nothing but commands: $other" test -z "$other"
    expect_true 'no line break' test -z "$(grep -E '%0[AD]' plain)"
}

# The grammar of the text format 0.0.4: families in one piece, with their type first, and no sample twice.
check_prometheus() {
    check_bytes
    awk '
        /^# HELP [a-z_]+ [^\\]+$/ { if ($3 in seen) { print "again: " $0; bad = 1 }; seen[$3] = 1; family = $3; next }
        /^# TYPE [a-z_]+ gauge$/ { if ($3 != family) { print "no help: " $0; bad = 1 }; next }
        /^# left out/ { left = $NF; next }
        {
            if ($0 !~ /^perfgate_[a-z_]+(\{[a-z]+="([^"\\]|\\["\\n])*"(,[a-z]+="([^"\\]|\\["\\n])*")*\})? -?[0-9][0-9.e+-]*$/) {
                print "no sample: " $0; bad = 1
            }
            name = $0; sub(/[{ ].*/, "", name)
            if (name != family) { print "outside its family: " $0; bad = 1 }
            sample = $0; sub(/ [^ ]*$/, "", sample)
            if (sample in samples) { print "twice: " $0; bad = 1 }
            samples[sample] = 1
            n[name]++
        }
        END {
            for (name in n) if (n[name] > most) most = n[name]
            if (left != 1 || most < '"$n"' - 1) { print "left out " left ", at most " most; bad = 1 }
            exit bad
        }' plain >prometheus.out || fail "$(head -5 prometheus.out)"
}

formats=$(perf-report -h | sed -nE 's/.*--format ([a-z|]+).*/\1/p' | tr '|' ' ')
describe 'perf-report -h names its forms'
expect_true "some forms: $formats" test "$(wc -w <<<"$formats")" -ge 8

for format in $formats; do
    for document in verdict report; do
        describe "hostile names in a $document as $format"
        run perf-report -f "$format" $document.json
        if [ "$document" = report ] && [ "$status" -eq 2 ] && [[ $format =~ ^(junit|annotations)$ ]]; then
            expect_one_sentence # it has no such form; test_report.sh has the words
            continue
        fi
        expect_exit 0
        expect_stderr ''
        expect_true 'UTF-8' iconv -f UTF-8 -t UTF-8 stdout
        cp stdout plain
        if [ "$(type -t "check_$format")" = function ]; then
            "check_$format"
        else
            fail "no check_$format in this test"
        fi
    done
done

# Every figure at the ends of a double. Of a duration they are refused.
extreme() { # LOW HIGH
    jq --argjson low "$1" --argjson high "$2" '.rows[] |= (. + {base: $low, candidate: $high, threshold: $high,
        limit: $high, change_percent: $high, interval_low: $low, interval_high: $high, detectable_change: $high})' \
        "$root/tests/data/verdict.json" >verdict.json
    jq --argjson low "$1" --argjson high "$2" '.requests_per_second = $high | ."95th_percentile" = $high
        | .average_response_time = $low | .series = {interval_ms: 1000, users: [1, 1], requests: [0, 9007199254740992],
          failures: [0, 1], average_response_time: [$low, null], "95th_percentile": [$low, $high],
          median_response_time: [$high, $high]}' \
        "$root/tests/data/report.json" >report.json
}
for figures in '1e-300 1e300' '5e-324 1.7976931348623157e308' '0 1.7976931348623157e308'; do
    # shellcheck disable=SC2086 # two words
    extreme $figures
    for format in $formats; do
        for document in verdict report; do
            describe "figures from ${figures/ / to } in a $document as $format"
            run perf-report -f "$format" $document.json
            case "$document $format" in 'report junit' | 'report annotations') continue ;; esac
            expect_exit 0
            expect_stderr ''
            odd=$(grep -oiE '(^|[^a-z])[-+]?(inf|nan)([^a-z]|$)|[0-9]{40}' stdout | head -n 1)
            expect_true "no figure that is none: $odd" test -z "$odd"
        done
    done
done
describe 'a duration that no clock can hold is refused'
jq '.rows[0].min_change = 1e300' "$root/tests/data/verdict.json" >verdict.json
run perf-report verdict.json
expect_exit 2
expect_one_sentence
