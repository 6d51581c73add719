#!/usr/bin/env bash
# perf-compare: its exit codes, where the base comes from, the policy, and what it writes.
. "$(dirname "$0")/lib.sh"
data=$root/tests/data
cp "$data"/flat.json base.json
cp "$data"/flat_slow.json slow.json
cp base.json same.json

# side ROLE START RATIO SEED >FILE: one side of a paired run.
side() {
    awk -f "$data/pair.awk" -v role="$1" -v start="$2" -v ratio="$3" -v seed="$4" -v slow=/forum
}

describe 'exit code 0: nothing is slower'
run perf-compare same.json --baseline base.json
expect_exit 0
expect_stderr ''
expect_golden stdout compare_pass.text
expect_true 'a verdict' grep -q '"exit_code": 0' perf_verdict.json

describe 'exit code 1: a row regressed'
run perf-compare slow.json --baseline base.json
expect_exit 1
expect_golden stdout compare_fail.text
expect_true 'a verdict' grep -q '"exit_code": 1' perf_verdict.json
expect_true 'the regression' grep -q '"degradation": 21.42' perf_verdict.json

describe 'exit code 2: an unreadable report, and no verdict of an earlier call'
run perf-compare missing.json --baseline base.json
expect_exit 2
expect_stderr "perf-compare: cannot open 'missing.json': No such file or directory"
expect_one_sentence
expect_stdout ''
expect_true 'no old verdict' test ! -e perf_verdict.json

describe 'exit code 3: nothing to compare with'
run perf-compare slow.json
expect_exit 3
expect_stdout 'undecided: '
expect_true 'a verdict' grep -q '"exit_code": 3' perf_verdict.json

describe 'load_test_report.json is judged where no report is named'
cp slow.json load_test_report.json
run perf-compare --baseline base.json
expect_exit 1
rm load_test_report.json
run perf-compare --baseline base.json
expect_exit 2
expect_stderr "cannot open 'load_test_report.json'"

describe 'a report on standard input'
stdin=slow.json run perf-compare - --baseline base.json
expect_exit 1

describe 'the forms of the result and where they go'
rm -f perf_verdict.json
run perf-compare slow.json -b base.json --format json
expect_exit 1
expect_stdout '"schema": "perfgate.verdict/1"'
expect_true 'no other file' test ! -e perf_verdict.json
cp stdout verdict_on_stdout
run perf-compare slow.json -b base.json --format json --output v.json --quiet
expect_exit 1
expect_stdout ''
expect_true 'the same verdict' cmp v.json verdict_on_stdout
expect_true 'no other file' test ! -e perf_verdict.json
run perf-compare slow.json -b base.json --format markdown --output v.md --verdict v2.json
expect_exit 1
expect_true 'the same verdict' cmp v2.json verdict_on_stdout
expect_true 'Markdown' grep -q '^## Performance gate: fail' v.md
run perf-report v2.json
cp stdout shown
run perf-compare slow.json -b base.json
expect_true 'perf-report shows the same text' cmp shown stdout

describe 'a result never replaces its input'
run perf-compare slow.json -b base.json --output slow.json
expect_exit 2
expect_stderr "'slow.json' would be replaced by the result; name another file"
expect_true 'the input' cmp slow.json "$data/flat_slow.json"

describe 'nor does it replace the baseline or the policy'
echo '{"schema": "perfgate.policy/1"}' >rules.json
cp base.json kept.json
for option in --verdict --output; do
    run perf-compare slow.json --baseline base.json "$option" ./base.json
    expect_exit 2
    expect_stderr "perf-compare: 'base.json' would be replaced by the result; name another file"
    expect_one_sentence
    run perf-compare slow.json --baseline base.json --policy rules.json "$option" rules.json
    expect_exit 2
    expect_stderr "perf-compare: 'rules.json' would be replaced by the result; name another file"
    expect_one_sentence
done
expect_true 'the baseline' cmp base.json kept.json
expect_true 'the policy' grep -q 'perfgate.policy/1' rules.json

describe 'nor the base side beside a report'
side candidate 1 1 3 >half.json
side base 1 1 3 >half.base.json
run perf-compare half.json --verdict half.base.json
expect_exit 2
expect_stderr "'half.base.json' would be replaced by the result; name another file"
expect_one_sentence
expect_true 'the base side' grep -q '"role": "base"' half.base.json

describe 'the result and the verdict are two files'
cp base.json perf_verdict.json
run perf-compare slow.json -b base.json --format markdown --output perf_verdict.json
expect_exit 2
expect_stderr "perf-compare: the result and the verdict would both go to 'perf_verdict.json'; name another file with --output or --verdict"
expect_one_sentence
expect_true 'what was there' cmp perf_verdict.json base.json
run perf-compare slow.json -b base.json --verdict -
expect_exit 2
expect_stderr "would both go to '-'"
expect_stdout ''
run perf-compare slow.json -b base.json --verdict - --output v.txt
expect_exit 1
expect_stdout '"schema": "perfgate.verdict/1"'

describe 'a threshold from the command line'
run perf-compare slow.json -b base.json --threshold avg_response_time=1.3
expect_exit 0
run perf-compare same.json -b base.json -t 99th_percentile=0.9 -t error_rate=1.5
expect_exit 1
run perf-compare same.json -b base.json -t latency=2
expect_exit 2
expect_stderr "'latency'"
expect_one_sentence
run perf-compare same.json -b base.json -t p95=-1
expect_exit 2
expect_one_sentence

describe 'a policy from a file'
echo '{"schema": "perfgate.policy/1", "thresholds": {"avg_response_time": 1.3}}' >policy.json
run perf-compare slow.json -b base.json --policy policy.json
expect_exit 0
expect_stdout 'policy: policy.json'

describe 'a change that is not more than min_change is none, and is shown'
echo '{"schema": "perfgate.policy/1", "min_change": {"avg_response_time": "2.25ms"}}' >floor.json
run perf-compare slow.json -b base.json --policy floor.json
expect_exit 0
expect_match stdout '^stable +overall +average +10\.50 ms +12\.75 ms +\+21\.43 % +\+10 % or 2\.25ms'
expect_stdout 'warning: over its threshold, but only 2.250 ms more, within min_change'
sed 's/12.75/12.76/' slow.json >slower.json
run perf-compare slower.json -b base.json --policy floor.json
expect_exit 1
echo '{"schema": "perfgate.policy/1", "min_change": 2}' >floor.json
run perf-compare slow.json -b base.json --policy floor.json
expect_exit 2
expect_one_sentence

describe 'what rounding alone may have made is no breach'
for file in base slow; do
    sed 's/10.5/2/; s/12.75/3/; s/^{/{"resolution_ms": 1,/' "$file.json" >"whole_$file.json"
done
run perf-compare whole_slow.json -b whole_base.json
expect_exit 0
expect_stderr ''
expect_stdout 'warning: over its threshold, but the figures are known to 1ms only'

describe 'over a critical limit is exit code 1'
echo '{"schema": "perfgate.policy/1", "limits": {"95th_percentile": {"target": 1, "critical": 20}}}' >limit.json
sed 's/20.25/15/' base.json >quick.json
run perf-compare base.json -b quick.json --policy limit.json -t p95=2
expect_exit 1
expect_match stdout '^over_limit +overall +p95 '

describe 'a paired run is judged against the file beside it'
side candidate 1 1 3 >one.json
side base 1 1 3 >one.base.json
run perf-compare one.json
expect_exit 0
expect_golden stdout compare_pair.text
side candidate 1 1.5 3 >one.json
run perf-compare one.json
expect_exit 1
expect_match stdout '^regressed +GET /forum +average'
expect_true 'other endpoints are not blamed' test -z "$(grep -E '^regressed +GET /(login|forum/)' stdout)"

describe 'several starts of a paired run, in any order, base sides beside or given'
side candidate 2 1.5 5 >two.json
side base 2 1 5 >apart.json
run perf-compare apart.json two.json one.json
expect_exit 1
expect_stdout 'comparison: paired, 2 starts, 120 pairs'

describe 'the base side is missing'
run perf-compare two.json
expect_exit 2
expect_stderr "the base side of 'two.json': cannot open 'two.base.json'"
expect_one_sentence

describe 'the file beside it is not its base side'
cp one.base.json two.base.json
run perf-compare two.json
expect_exit 2
expect_stderr "'two.base.json' is not the base side of 'two.json'"
expect_one_sentence

describe 'only the base side was given'
run perf-compare one.base.json
expect_exit 2
expect_stderr "'one.base.json' is the base side of a paired run; name the candidate's report"

describe 'a paired report can be compared with another baseline'
run perf-compare one.json --baseline apart.json
expect_exit 1
expect_stdout 'comparison: file'

describe 'a run as its own baseline'
run perf-compare one.json --baseline one.json
expect_exit 2
expect_stderr "'one.json' and the baseline 'one.json' are reports of one run, '00000000000000a1'"
expect_one_sentence

describe 'baseline and policy from a git revision, without running git'
git init -q -b main repo && cd repo || exit 1
git config user.email test@example.com && git config user.name test
mkdir -p baselines perf
cp ../base.json perf/base.json
cp ../policy.json baselines/policy.json
git add -A && git commit -qm base
echo '{"schema": "perfgate.policy/1", "thresholds": {"avg_response_time": 9}}' >other.json
run env PATH="$(dirname "$(command -v perf-compare)")" perf-compare ../slow.json --baseline HEAD:perf/base.json
expect_exit 0
expect_stdout 'average'
run perf-compare ../slow.json --baseline HEAD:perf/base.json --policy ../limit.json
expect_exit 1
run perf-compare ../slow.json --baseline HEAD:perf/none.json
expect_exit 2
expect_one_sentence
run perf-compare ../slow.json --baseline nowhere:perf/base.json
expect_exit 2
expect_one_sentence
run perf-compare ../slow.json --suite ../demo
expect_exit 2
expect_stderr "'../demo'"
expect_one_sentence

describe 'a policy that the change loosens does not count'
echo '{"schema": "perfgate.policy/1", "thresholds": {"avg_response_time": 9}}' >baselines/policy.json
sed 's/10.5,/20,/' ../base.json >../slower.json
run perf-compare ../slower.json --baseline HEAD:perf/base.json
expect_exit 1
cd ..

describe 'stored runs at the base revision, found without being told'
git init -q -b main stored && cd stored || exit 1
git config user.email test@example.com && git config user.name test
sed 's/"total_failures": [0-9]*,/"total_failures": 0,/; s/1250,/125,/' "$data/report.json" >run.json
run perf-baseline init
expect_exit 0
run perf-baseline update run.json
expect_exit 0
git add -A && git commit -qm 'a baseline'
run perf-compare run.json
expect_exit 3
expect_stdout 'the stored run is this very report'
sed -i 's/00000000000000a1/00000000000000a2/' run.json
run perf-compare run.json
expect_exit 0
expect_stdout 'comparison: stored'
expect_stdout 'baselines/demo/default, 1 run'
expect_stdout 'policy: baselines/policy.json'
sed 's/: 11.25,/: 13.5,/' run.json >slow.json
run perf-compare slow.json --baseline HEAD
expect_exit 1
expect_match stdout '^regressed +overall +average'
run perf-compare slow.json --suite other
expect_exit 3
expect_match stdout '^missing_baseline '

describe 'runs of another kind of machine do not count, however many they are'
for i in $(seq 10 22); do
    sed "s/0000a2/0000${i}/; s/T16:11:00Z/T16:$i:00Z/; s/Example CPU/Other CPU/" run.json >other.json
    perf-baseline update other.json >/dev/null 2>&1
done
git add -A && git commit -qm 'runs of another machine'
run perf-compare slow.json
expect_exit 1
expect_stdout 'baselines/demo/default, 14 runs (1 of this workload and kind of machine), newest'
expect_stdout 'thresholds alone decide: 1 stored run, and noise is estimated from 5 on'
expect_stdout '13 stored runs left out: 0 of another workload, 13 of another kind of machine'
sed 's/Example CPU/Third CPU/' run.json >third.json
run perf-compare third.json
expect_exit 3
expect_match stdout '^not_comparable +overall +average'
expect_stdout 'the stored runs are of other kinds of machine than this one'
cd ..

describe 'it starts quickly: OpenSSL is not linked by itself'
run readelf -d "$(command -v perf-compare)"
expect_stdout 'libgit2'
expect_true 'no such library' test -z "$(grep -E 'NEEDED.*(libssl|libcrypto|liburiparser|libmicrohttpd)' stdout)"
