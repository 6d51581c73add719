#!/usr/bin/env bash
# The man pages: each lists the options that -h lists. (tests/load/test_examples.sh runs their examples.)
. "$(dirname "$0")/lib.sh"

# options_of_help, options_of_page: an option a line, "-o --output FILE|-".
options_of_help() {
    sed -n 's/^  \(-.*\)/\1/p' | sed -E 's/, -/ -/g; s/ {2,}.*//' | sort
}
options_of_page() {
    sed -n 's/^\.It Fl \(.*\)/-\1/p' "$1" |
        sed -E 's/ , Fl / -/g; s/ Ns \| Ns (Ar )?/|/g; s/ Ar / /g' | sort
}

# A quotation takes the rest of its line: one within another, or behind it, is printed askew.
describe 'no page has two quotations on a line'
twice=$(grep -nE '(^\.| )(Qq|Dq|Sq|Brq|Bq) .*(Qq|Dq|Brq) ' "$root"/cmd/man/*.1 "$root"/lib/model/man/*.5)
[ -z "$twice" ] || fail "$twice"

describe 'perf-report(1) describes each form that -h lists, and no other'
run perf-report -h
sed -nE 's/.*--format ([a-z|]+).*/\1/p' stdout | tr '|' '\n' | sort >of_help
sed -n '/^\.Sh FORMS/,/^\.Sh [^F]/s/^\.It Ar //p' "$root/cmd/man/perf-report.1" | sort >of_page
expect_true 'some forms' test -s of_help
difference=$(diff of_help of_page) || fail "-h (<) and the page (>) differ: $difference"

for tool in perf-run perf-compare perf-baseline perf-report; do
    page=$root/cmd/man/$tool.1
    describe "$tool(1) has the options of -h, with the same names and values"
    run "$tool" -h
    expect_exit 0
    options_of_help <stdout >of_help
    options_of_page "$page" >of_page
    expect_true 'some options' test -s of_help
    difference=$(diff of_help of_page) || fail "-h (<) and the page (>) differ: $difference"

    describe "$tool(1) names each variable of the environment that -h names"
    for name in $(grep -oE '\(environment: [A-Z_]+\)' stdout | tr -d '()' | cut -d ' ' -f 2); do
        expect_true "$name in the page" grep -q "^\.It Ev $name" "$page"
    done

    describe "$tool(1) is understood by mandoc"
    if command -v mandoc >/dev/null; then
        run mandoc -T lint -W warning "$page"
        expect_stdout ''
        run mandoc -T utf8 "$page"
        expect_exit 0
    fi
done
