#!/usr/bin/env bash
# The rules of tests/tests.mk and the sums of tests/run, on a small tree.
# shellcheck source=../cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
unset MAKEFLAGS MFLAGS

mkdir -p small/tests/unit/stats small/lib/stats small/lib/base small/lib/render
cp -r "$root/ci" "$root/Makefile" small
cp "$root/tests/tests.mk" "$root/tests/run" small/tests
echo 'int low(void); int low(void) { return 0; }' >small/lib/base/low.c
echo 'int high(void); int high(void) { return 0; }' >small/lib/render/high.c
test_that_calls() {
    cat >small/tests/unit/stats/test_x.c <<END
#include <stdio.h>
int $1(void);
int main(void)
{
    puts("ok 1 - it links");
    return $1();
}
END
}

describe 'a unit test links its layer and those below'
test_that_calls low
run make -C small unit
expect_exit 0
expect_stdout 'ok     plain tests/unit/stats/test_x: 1 passed, 0 failed'
expect_match stdout '^1 passed, 0 failed$'

describe 'a unit test that uses a layer above does not link'
test_that_calls high
run make -C small unit
expect_exit 2
expect_stderr "undefined reference to \`high'"

describe 'a helper beside the tests of a layer is linked into them'
test_that_calls help
echo 'int help(void); int help(void) { return 0; }' >small/tests/unit/stats/help.c
run make -C small unit
expect_exit 0

# faulty BODY: a test of lib/stats whose second half is BODY.
faulty() {
    cat >small/tests/unit/stats/test_x.c <<END
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static volatile int shared = 3;
static void *thread(void *unused)
{
    shared++;
    return unused;
}
int main(void)
{
    pthread_t other;
    if (pthread_create(&other, NULL, thread, NULL))
        return 1;
    $1
    pthread_join(other, NULL);
    puts("ok 1");
}
END
}
find_fault() {
    describe "VARIANT=$1 finds $2"
    faulty "$3"
    run make -C small VARIANT="$1" unit
    expect_exit 2
    expect_stdout "$4"
    expect_match stdout '^[01] passed, 1 failed$'
}
find_fault asan 'a write past the end' \
    'char *block = malloc(1); memset(block, 1, (size_t)shared); shared = block[0]; free(block);' \
    'AddressSanitizer: heap-buffer-overflow'
find_fault asan 'a leak' 'shared = malloc(1) != NULL;' 'LeakSanitizer: detected memory leaks'
find_fault asan 'undefined behaviour' 'shared = 1 << (shared + 40);' 'runtime error: shift exponent'
find_fault tsan 'a race' 'shared++;' 'ThreadSanitizer: data race'

script() {
    printf '#!/bin/sh\n%s\n' "$2" >"small/tests/$1"
    chmod +x "small/tests/$1"
}
script good 'echo ok 1; echo ok 2 - x "# SKIP not here"'
script bad 'echo ok 1; echo not ok 2; exit 1'
script crash 'echo ok 1; kill -SEGV $$'
script silent 'exit 0'
script silent-bad 'exit 3'
# shellcheck disable=SC2016 # for the script to expand
script variant 'echo ok $PERFGATE_BIN $ASAN_OPTIONS; exit 9'

sums() {
    describe "tests/run sums up: $1"
    run small/tests/run "${@:4}"
    expect_exit "$2"
    expect_true "the last line '$3'" test "$(tail -n 1 stdout)" = "$3"
}
sums 'skipped ones' 0 '1 passed, 0 failed, 1 skipped' plain:tests/good
sums 'failed ones' 1 '2 passed, 1 failed, 1 skipped' plain:tests/good plain:tests/bad
sums 'a crash' 1 '1 passed, 1 failed' plain:tests/crash
sums 'exit codes where nothing is printed' 1 '1 passed, 1 failed' plain:tests/silent plain:tests/silent-bad
sums 'a file that is not there' 1 '0 passed, 1 failed' plain:tests/absent
sums 'no test at all' 1 '0 passed, 0 failed'
sums 'an exit code without a failed test' 1 '1 passed, 1 failed' asan:tests/variant
expect_stdout 'small/build/asan/bin exitcode=86'
