#!/bin/sh
# One request to ci/self/serve: starts one of the tools and answers what it printed, or 500.
cd "$TREE" || exit
bin=build/bin
case $REQUEST_PATH in
/compare) set -- perf-compare "$WORK/1.json" "$WORK/2.json" --quiet --format json --output - ;;
/self-test) set -- perf-compare "$WORK/1.json" "$WORK/2.json" --quiet --self-test ;;
/report/text) set -- perf-report "$WORK/verdict.json" --format text ;;
/report/markdown) set -- perf-report "$WORK/verdict.json" --format markdown ;;
/merge) set -- perf-report --merge "$WORK/1.json" "$WORK/2.json" ;;
/verify) set -- perf-baseline verify HEAD ;;
/ready) set -- perf-report --version ;;
*) printf 'Status: 404\r\n\r\n'; exit ;;
esac
tool=$1
shift
if output=$("$bin/$tool" "$@" 2>&1); then
    printf 'Content-Type: text/plain; charset=utf-8\r\n\r\n%s\n' "$output"
else
    printf 'Status: 500\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\n' "$output"
fi
