#!/usr/bin/env bash
# The pages of perf-report as a person sees them, in Chromium: on a phone and on a desktop, in light
# and in dark. check.mjs is the looking; that it sees what it looks for is tested on pages with a
# fault put in.
# shellcheck source=../cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck source=scenes.sh
. "$root/tests/browser/scenes.sh"
check=$root/tests/browser/check.mjs

describe 'a browser is there'
for tool in chromium node; do
    command -v $tool >stdout || fail "$tool is not installed; run ci/setup test"
done

describe 'the tools make every page'
run scenes "$root/tests/data"
expect_exit 0
expect_stderr ''

# Faults, each in a copy of a page that has none.
#
# fault NAME SED_SCRIPT: NAME.html is slow.html, changed.
fault() {
    sed "$2" slow.html >"$1.html"
    if cmp -s slow.html "$1.html"; then
        fail "the fault '$1' changes nothing"
    fi
}
describe 'faults are put into copies of a page'
fault wide 's|<main>|<main><div style="width:500px">wide</div>|'
fault over '0,/<text x="[0-9.]*" y="12.5"[^>]*>candidate/s||<text x="80" y="12.5">candidate|'
fault cut '0,/<text x="[0-9.]*" y="12.5"[^>]*>candidate/s||<text x="-20" y="12.5">candidate|'
fault pale 's|--soft:#55606f|--soft:#9aa3ad|'
fault dull 's|--soft:#a6b0bd|--soft:#4d5864|'
fault script 's|<main>|<main><script>console.log(1)</script>|'
fault remote 's|<main>|<main><img alt="" src="http://127.0.0.1:9/x.png">|'
fault figure 's|<td class="n">13.4 ms</td>|<td class="n">13.5 ms</td>|'
fault change 's|<td class="n">+26.2 %</td>|<td class="n">+26.4 %</td>|'
fault status 's|<td class="s bad">▲ regressed</td>|<td class="s good">● stable</td>|'
fault missing 's|^<tr><td class="s good">.*||'
# shellcheck disable=SC2016 # sed's last line, not a variable
fault drawn '/class="forest"/,$s|<path class="bx"\([^>]*\)d="[^"]*"|<path class="bx"\1d="M20 8L25 17L15 17z"|'
fault head 's|fail</span> slower|fail</span> faster|'

describe 'Chromium looks at all of them'
pages=()
for name in slow alike broken names many flat kinds; do
    pages+=("$name.html" "$name.json")
done
pages+=(one.html open.html)
for name in wide over cut pale dull script remote figure change status missing drawn head; do
    pages+=("$name.html" slow.json)
done
run node "$check" "${pages[@]}"
expect_exit 0
[ $status -eq 0 ] || exit 1 # nothing was seen
mv stdout faults

# expect_fault NAME TEXT: the page has this fault, and no other page without one put in.
expect_fault() {
    grep -F "$1.html (" faults | grep -qF -e "$2" || fail "expected of $1.html: $2; found: $(grep -F "$1.html (" faults)"
}

for name in slow alike broken names many flat kinds one; do
    describe "nothing is wrong with the page '$name'"
    ! grep -F "$name.html (" faults >found || fail "$(head -c 2000 found)"
done

describe 'a page that is wider than a phone is seen'
expect_fault wide 'the page is 5'
describe 'texts over each other are seen'
expect_fault over "overlaps 'candidate'"
describe 'a text that is cut off is seen'
expect_fault cut "is cut off by its drawing: <text> 'candidate'"
describe 'too little contrast is seen, in light and in dark'
expect_fault pale '(390 px): the contrast of <p class="soft">'
expect_fault dull '(390 px, dark): the contrast of <p class="soft">'
describe "what the page's own policy stops is seen on the console"
expect_fault script 'the console says: '
expect_fault remote 'the console says: '
describe 'a figure, a change, a status or a sentence that is not the document'"'"'s is seen'
expect_fault figure 'row 1: the candidate is not the document'
expect_fault change 'row 1: the change is not the document'
expect_fault status 'row 1: the status is not the document'
expect_fault head "the first sentence is "
describe 'a row that is not there is seen'
expect_fault missing 'rows are shown, the document has '
describe 'a mark in the wrong place is seen'
expect_fault drawn 'the mark is on the wrong side of '
