#!/usr/bin/env bash
# Each check of ci/checks passes a small clean tree and fails on an offence planted in it, with its
# message. The tree is what the checks need of ours, and a module of a few lines.
# shellcheck source=../cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
unset MAKEFLAGS MFLAGS

mkdir -p small/tests small/lib/base small/lib/render small/lib/stats small/lib/store
cp -r "$root/ci" "$root/Makefile" "$root/.clang-format" "$root/.clang-tidy" "$root/.shellcheckrc" small
cp "$root/tests/tests.mk" small/tests
cat >small/lib/base/good.h <<'END'
#ifndef GOOD_H
#define GOOD_H

int good(int value);

#endif
END
cat >small/lib/base/good.c <<'END'
#include "base/good.h"

int good(int value)
{
    return value + 1;
}
END

# write FILE: stdin becomes a file of the small tree, until the next `plant`.
planted=()
write() {
    mkdir -p "small/${1%/*}"
    cat >"small/$1"
    planted+=("small/$1")
}

# plant CHECK WHAT FILE MESSAGE: a case in which CHECK fails with MESSAGE on FILE, which is stdin.
plant() {
    describe "$1 finds $2"
    write "$3"
    run small/ci/lint "$1"
    expect_exit 1
    expect_stdout "$4"
    expect_stderr ''
    rm -rf "${planted[@]}"
    planted=()
}

for check in small/ci/checks/*; do
    describe "${check##*/} passes a clean tree"
    run small/ci/lint "${check##*/}"
    expect_exit 0
    expect_stdout ''
done

# ---- includes ----
write lib/render/up.h </dev/null
plant includes 'a layer that looks upwards' lib/stats/bad.c \
    'lib/stats/bad.c:1: stats/ includes render/up.h, but may only include itself and: base' <<'END'
#include "render/up.h"
END
write lib/stats/mean.h </dev/null
plant includes 'a renderer that computes' lib/render/bad.c \
    'lib/render/bad.c:2: render/ includes stats/mean.h' <<'END'
#include "base/good.h"
#include "stats/mean.h"
END
write lib/gate/decide.h </dev/null
plant includes 'a renderer that decides' lib/render/bad.c \
    'lib/render/bad.c:1: render/ includes gate/decide.h' <<<'#include "gate/decide.h"'
plant includes 'an unknown layer' lib/misc/bad.c \
    "lib/misc/bad.c:1: lies in 'misc', which is not a layer" <<<'int misc;'
plant includes 'a header of ours in angle brackets' lib/base/bad.c \
    'lib/base/bad.c:1: includes <base/good.h>, a header of ours' <<<'#include <base/good.h>'
plant includes 'a system header in quotes' lib/base/bad.c \
    'lib/base/bad.c:1: includes "stdio.h", which is not in the tree' <<<'#include "stdio.h"'
plant includes 'a header without its directory' lib/base/bad.c \
    'lib/base/bad.c:1: includes "good.h" without its directory' <<<'#include "good.h"'
plant includes 'an unknown foreign header' lib/base/bad.c \
    'lib/base/bad.c:1: includes <gmp.h>, which the tables' <<<'#include <gmp.h>'
plant includes 'I/O in stats/' lib/stats/bad.c \
    'lib/stats/bad.c:1: includes <stdio.h>; stats/ is arithmetic' <<<'#include <stdio.h>'
plant includes 'an option parser in lib/' lib/base/bad.c \
    'lib/base/bad.c:1: includes <getopt.h>; only cmd/' <<<'#include <getopt.h>'
plant includes 'jansson beside json_read.c' lib/base/bad.c \
    'lib/base/bad.c:1: includes <jansson.h>; jansson is used only in' <<<'#include <jansson.h>'
plant includes 'libcsv beside base/csv.c' lib/store/bad.c \
    'lib/store/bad.c:1: includes <csv.h>; libcsv is used only in' <<<'#include <csv.h>'
plant includes 'uriparser outside net/' lib/store/bad.c \
    'lib/store/bad.c:1: includes <uriparser/Uri.h>; uriparser is used only in' <<<'#include <uriparser/Uri.h>'
plant includes 'libgit2 outside store/' cmd/bad.c \
    'cmd/bad.c:1: includes <git2.h>; libgit2 is used only in' <<<'#include <git2.h>'
plant includes 'libmicrohttpd outside its places' lib/load/bad.c \
    'lib/load/bad.c:1: includes <microhttpd.h>; libmicrohttpd is used only in' \
    <<<'#include <microhttpd.h>'
plant includes 'two foreign libraries in a file' lib/net/bad.c \
    'lib/net/bad.c:2: uses libmicrohttpd beside uriparser; one foreign library a file' <<'END'
#include <uriparser/Uri.h>
#include <microhttpd.h>
END

# ---- the compilers ----
plant headers 'a header that does not compile alone' lib/base/bad.h \
    "lib/base/bad.h:1:1: error: unknown type name 'size_t'" <<<'size_t bad(void);'
plant warnings 'a warning of gcc' lib/base/bad.c \
    "lib/base/bad.c:3:12: error: conversion from 'long int' to 'int' may change value" <<'END'
int bad(long value);
int bad(long value)
{   return value; }
END
plant warnings 'a warning of clang alone' lib/base/bad.c \
    "lib/base/bad.c:1:19: error: unused function 'bad'" <<<'static inline int bad(void) { return 1; }'

# ---- budgets ----
{
    printf 'int bad(int value);\nint bad(int value)\n{\n'
    for ((i = 0; i < 61; i++)); do echo '    value += value;'; done
    printf '    return value;\n}\n'
} >long.c
plant tidy 'a function of more than 60 lines' lib/base/bad.c \
    'lib/base/bad.c:2:5: note: 63 lines including whitespace and comments (threshold 60)' <long.c
plant tidy 'nesting deeper than 4' lib/base/bad.c \
    'nesting level 5 starts here (threshold 4)' <<'END'
int bad(int value);
int bad(int value)
{
    if (value > 1) {
        if (value > 2) {
            if (value > 3) {
                if (value > 4) {
                    if (value > 5) {
                        return 1;
                    }
                }
            }
        }
    }
    return 0;
}
END
plant tidy 'a seventh parameter' lib/base/bad.c '7 parameters (threshold 6)' <<'END'
int bad(int a, int b, int c, int d, int e, int f, int g);
int bad(int a, int b, int c, int d, int e, int f, int g)
{
    return a + b + c + d + e + f + g;
}
END
plant tidy 'a cognitive complexity over 15' lib/base/bad.c \
    "lib/base/bad.c:2:5: error: function 'bad' has cognitive complexity of 16 (threshold 15)" <<'END'
int bad(int a, int b);
int bad(int a, int b)
{
    for (int i = 0; i < a; i++)
        for (int j = 0; j < b; j++)
            if (i > j && a > b)
                return i;
    for (int i = 0; i < a; i++)
        for (int j = 0; j < b; j++)
            if (i < j || a > b || b > a + 1 || (i > 1 && j > 1))
                return i;
    if (a)
        return 1;
    return 0;
}
END
plant tidy 'what bugprone and the analyser know' lib/base/bad.c \
    'lib/base/bad.c:4:26: error: Division by zero' <<'END'
int bad(int value);
int bad(int value)
{
    return value ? 1 : 7 / value;
}
END
for ((i = 0; i < 501; i++)); do echo '/* */'; done >many.c
plant sizes 'a .c file of more than 500 lines' lib/base/bad.c \
    'lib/base/bad.c:501: has 501 lines, the budget is 500' <many.c
head -n 201 many.c >many.h
plant sizes 'a header of more than 200 lines' lib/base/bad.h \
    'lib/base/bad.h:201: has 201 lines, the budget is 200' <many.h
cp small/Makefile Makefile.kept
head -n 251 many.c >>small/Makefile
describe 'sizes finds a Makefile of more than 250 lines'
run small/ci/lint sizes
expect_exit 1
expect_match stdout '^Makefile:251: has [0-9]+ lines, the budget is 250$'
mv Makefile.kept small/Makefile
plant options 'a tool with more than 24 options' cmd/perf-run.c \
    'cmd/perf-run.c:1: has 25 options, the budget is 24' <<'END'
#include <stdio.h>
int main(void)
{
    for (int i = 0; i < 25; i++)
        printf("  --option-%d\n", i);
}
END
plant options 'a tool whose -h lists nothing' cmd/perf-run.c \
    'cmd/perf-run.c:1: -h lists no option' <<<'int main(void) { return 0; }'

# ---- symbols, sections, links ----
plant symbols 'printing in lib/' lib/base/bad.c \
    'lib/base/bad.c:5: calls or reads puts; nothing in lib/ prints' <<'END'
#include <stdio.h>
void bad(void);
void bad(void)
{
    puts("x");
}
END
plant symbols 'ending the process' lib/base/bad.c \
    'lib/base/bad.c:5: calls or reads exit; nothing in lib/ ends the process' <<'END'
#include <stdlib.h>
void bad(void);
void bad(void)
{
    exit(1);
}
END
plant symbols 'abort() outside mem.c' lib/base/bad.c \
    'lib/base/bad.c:3: calls or reads abort; nothing in lib/ ends the process' <<'END'
#include <stdlib.h>
void bad(void);
void bad(void) { abort(); }
END
plant symbols 'the environment' lib/base/bad.c \
    'lib/base/bad.c:3: calls or reads getenv; nothing in lib/ reads the environment' <<'END'
#include <stdlib.h>
const char *bad(void);
const char *bad(void) { return getenv("HOME"); }
END
plant symbols 'the working directory' lib/base/bad.c 'reads getcwd; nothing in lib/' <<'END'
#include <unistd.h>
const char *bad(char *text);
const char *bad(char *text) { return getcwd(text, 9); }
END
plant symbols 'a clock read outside clock.c' lib/base/bad.c 'reads time; nothing in lib/ reads a clock' <<'END'
#include <time.h>
long bad(void);
long bad(void) { return time(NULL); }
END
plant symbols 'a mutable global with a value' lib/base/bad.c \
    'lib/base/bad.c:1: has a mutable global (section .data is not empty)' <<'END'
int *bad(void);
int *bad(void) { static int counter = 1; return &counter; }
END
plant symbols 'a mutable global of zeros' lib/base/bad.c '(section .bss is not empty)' <<'END'
int *bad(void);
int *bad(void) { static int counter; return &counter; }
END
plant symbols 'a table of pointers that is not const' lib/base/bad.c '(section .data.rel.local is not empty)' <<'END'
const char **bad(void);
const char **bad(void) { static const char *table[] = {"a", "b"}; return table; }
END
plant symbols 'a global of each thread' lib/base/bad.c '(section .tbss is not empty)' <<'END'
int *bad(void);
int *bad(void) { static _Thread_local int counter; return &counter; }
END
describe 'symbols passes a constant table of pointers, and abort() in mem.c'
write lib/base/mem.c <<'END'
#include <stdlib.h>
const char *mem(int i);
const char *mem(int i)
{
    static const char *const table[] = {"a", "b"};
    if (i > 1)
        abort();
    return table[i];
}
END
run small/ci/lint symbols
expect_exit 0
rm small/lib/base/mem.c
plant linked 'OpenSSL in perf-compare' cmd/perf-compare.c \
    'cmd/perf-compare.c:1: links libcrypto.so.3' <<'END'
#include <openssl/crypto.h>
int main(void) { return OpenSSL_version_num() == 0; }
END

# ---- form ----
plant format 'other indentation' lib/base/bad.c \
    'lib/base/bad.c:3: is not as clang-format leaves it' <<'END'
int bad(int value);

int bad(int value) { return value; }
END
plant cppcheck 'a leak' lib/base/bad.c 'lib/base/bad.c:5: Memory leak: block [memleak]' <<'END'
#include <stdlib.h>
void bad(void);
void bad(void) {
    char *block = malloc(1); block[0] = 0;
}
END
plant shellcheck 'an unquoted variable' tests/bad.sh 'tests/bad.sh:2:6: note: Double quote' <<'END'
#!/bin/sh
echo $1
END
plant shellcheck 'the same in a script without suffix' ci/bad 'ci/bad:2:6: note: Double quote' <<'END'
#!/usr/bin/env bash
echo $1
END
plant man 'a man page that mandoc cannot read' cmd/bad.1 \
    'cmd/bad.1:1:2: ERROR: skipping unknown macro' <<<'.Xyz'
plant machine-paths 'a path of one machine' lib/base/bad.c \
    'lib/base/bad.c:1: mentions a path of one machine' <<<'/* see /home/someone/notes */'

# ---- ci/lint itself ----
describe 'ci/lint names the checks that failed'
write lib/base/bad.c <many.c
run small/ci/lint sizes includes
expect_exit 1
expect_stdout 'lint: 1 of 2 checks failed: sizes'

# ---- workflows ----
mkdir -p small/build
ln -s "$root/build/actionlint" small/build/actionlint
workflow=.github/workflows/w.yml
# workflow STEP: a workflow that is well but for its step.
workflow() {
    printf 'on: push\npermissions: {}\njobs:\n  j:\n    runs-on: ubuntu-latest\n    steps:\n      - %b\n' "$1"
}
plant workflows 'what actionlint finds' $workflow \
    "$workflow:8: property \"reff\" is not defined" < <(workflow 'run: "true"\n        if: github.reff')
# shellcheck disable=SC2016 # GitHub's expressions
plant workflows 'an expression in a script' $workflow \
    "$workflow:7: an expression in a script; hand it over in env" < <(workflow 'run: echo ${{ github.actor }}')
# shellcheck disable=SC2016
plant workflows 'an expression in a script of several lines' $workflow \
    "$workflow:9: an expression in a script" < <(workflow 'run: |\n          true\n          echo ${{ github.actor }}')
plant workflows 'an action by its tag' $workflow \
    "$workflow:7: an action of others is not pinned" < <(workflow 'uses: actions/checkout@v4')
plant workflows 'an action by a short commit' $workflow \
    "$workflow:7: an action of others is not pinned" < <(workflow 'uses: actions/checkout@11bd719 # v4.2.2')
plant workflows 'rights that nobody named' $workflow \
    "$workflow:2: names no permissions before its jobs" < <(workflow 'run: "true"' | sed 2d)
plant workflows 'an expression in a script of an action' .github/actions/a/action.yml \
    '.github/actions/a/action.yml:4: an expression in a script' <<'END'
runs:
  steps:
    - shell: bash
      run: echo ${{ inputs.x }}
END
