# shellcheck shell=bash
# Documents and pages of every kind in the working directory, made by the tools; for test_pages.sh,
# which sources it, and to look at: cd into an empty directory, then
#     PATH=$PWD/build/bin:$PATH bash -c '. tests/browser/scenes.sh; scenes DIRECTORY_OF_TESTS_DATA'
# Each scene NAME leaves NAME.html and, where there is a verdict, NAME.json.

# A name in each of these has to come out whole, still, and within its place.
long_name=/$(printf 'a-name-of-three-hundred-characters/%.0s' 1 2 3 4 5 6 7 8)end
hostile_name='</script><img src=x onerror=alert(1)>\"&amp;\u001b[31m\u202e/[id]'
right_name='/مرحبا بالعالم/שלום/[id]'

# pair NAME OPTION...: both sides of a paired run, NAME.r.json and NAME.r.base.json.
pair() {
    local name=$1
    shift
    awk -f "$data/pair.awk" -v role=candidate -v seed=1 "$@" >"$name.r.json"
    awk -f "$data/pair.awk" -v role=base -v seed=2 >"$name.r.base.json"
}

# judge NAME OPTION...: the verdict, whatever it is.
judge() {
    local name=$1 status=0
    shift
    perf-compare --format json --output "$name.json" "$name.r.json" "$@" || status=$?
    [ $status -ne 2 ]
}

page() {
    local name=$1
    shift
    perf-report --format html --output "$name.html" "$@"
}

# rename NAME: other names for the endpoints of a paired run.
rename() {
    local file
    for file in "$1.r.json" "$1.r.base.json"; do
        long=$long_name hostile=$hostile_name right=$right_name awk '
            function rename(from, to,    at) {
                at = index($0, "\"name\": \"" from "\"")
                if (at)
                    $0 = substr($0, 1, at + 8) to substr($0, at + 9 + length(from))
            }
            { rename("/forum", ENVIRON["long"]); rename("/forum/[id]", ENVIRON["hostile"])
              rename("/login", ENVIRON["right"]) }
            1' "$file" >renamed
        mv renamed "$file"
    done
}

scenes() {
    local start data=$1

    # slow: one endpoint of three, two starts; with both reports of each
    for start in 1 2; do
        pair "slow$start" -v ratio=1.5 -v slow=/forum -v start=$start
        sed -i "s/\"start\": 1,/\"start\": $start,/; s/\"run_id\": \"[^\"]*\"/\"run_id\": \"00000000000000c$start\"/" \
            "slow$start.r.base.json"
    done
    cp slow1.r.json slow.r.json
    judge slow slow2.r.json slow1.r.base.json slow2.r.base.json
    page slow slow.json slow[12].r.json slow[12].r.base.json

    # alike: nothing broke; the verdict alone
    pair alike -v ratio=1
    judge alike
    page alike alike.json

    # broken: everything, and many requests fail
    pair broken -v ratio=3 -v failures=9
    judge broken
    page broken broken.json broken.r.json broken.r.base.json

    # names: long, hostile, and read from the right; all three broke
    pair names -v ratio=2
    rename names
    judge names
    page names names.json names.r.json names.r.base.json

    # many: 200 endpoints, and more intervals than a chart has columns, against a file
    awk -f "$data/long.awk" -v endpoints=200 -v intervals=2000 -v ratio=1.3 >many.r.json
    awk -f "$data/long.awk" -v endpoints=200 -v intervals=2000 >many.base.json
    judge many --baseline many.base.json
    page many many.json many.r.json many.base.json

    # one: one endpoint, a report without a verdict
    awk -f "$data/long.awk" -v endpoints=1 -v intervals=30 >one.r.json
    page one one.r.json

    # open: a rate, and a service that stood still, a report without a verdict
    cp "$data/open.json" open.r.json
    page open open.r.json

    # flat: six figures against six figures
    cp "$data/flat_slow.json" flat.r.json
    judge flat --baseline "$data/flat.json"
    page flat flat.json

    # kinds: a row of each status, an acceptance, an anchor, figures that are not known
    cp "$data/kinds.json" kinds.json
    page kinds kinds.json
}
