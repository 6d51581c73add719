/* What profilers write, as stacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "monitor/fold.h"

/* "main;work 3" a line, in the tree's order. */
static void add_stacks(const struct profile_tree *tree, size_t node, struct buf *out)
{
    if (tree->nodes[node].parent != PROFILE_ROOT) {
        add_stacks(tree, tree->nodes[node].parent, out);
        buf_add_char(out, ';');
    }
    buf_add_str(out, tree->names[tree->nodes[node].name]);
}

typedef size_t fold(struct span text, int side, struct profile_tree *tree);

static void expect(fold *parse, const char *text, const char *stacks, size_t strange)
{
    struct profile_tree tree = {0};
    struct buf out = {0};
    assert_int_equal(parse((struct span){text, strlen(text)}, 0, &tree), strange);
    profile_tree_finish(&tree);
    for (size_t i = 0; i < tree.n_nodes; i++) {
        if (!tree.nodes[i].self[0])
            continue;
        add_stacks(&tree, i, &out);
        buf_addf(&out, " %lld\n", (long long)tree.nodes[i].self[0]);
    }
    assert_string_equal(buf_text(&out), stacks);
    buf_release(&out);
    profile_tree_release(&tree);
}

static void test_fold__folded_stacks(void **state)
{
    (void)state;
    expect(fold_stacks, "main;work 3\nmain;work 4\r\nmain 1", "main 1\nmain;work 7\n", 0);
    expect(fold_stacks, "a b (x.py:3);c d 12\n", "a b (x.py:3);c d 12\n", 0); /* py-spy's */
    expect(fold_stacks, "\n \n", "", 0);
    expect(fold_stacks, "", "", 0);
}

static void test_fold__folded_lines_that_are_none(void **state)
{
    (void)state;
    expect(fold_stacks, "no count\n12\na;b -3\na;b 1.5\na;b 0\na 99999999999999999999\na 5\n",
           "a 5\n", 6);
    expect(fold_stacks, ";;a 1\n", "[unknown];[unknown];a 1\n", 0);
}

/* The first is as perf 6.1 wrote it, the second written from the description of its format. */
static const char perf[] =
    "spin 26130 71979.756134:   10101010 cpu-clock:ppp: \n"
    "\t            113e leaf+0x15 (/tmp/spin)\n"
    "\t            119c main+0x13 (/tmp/spin)\n"
    "\t           2724a __libc_start_call_main+0x7a (/usr/lib/x86_64-linux-gnu/libc.so.6)\n"
    "\n"
    "spin 26130 71979.966750:   10101010 cpu-clock:ppp: \n"
    "\t            114e leaf+0x25 (/tmp/spin)\n"
    "\t            119c main+0x13 (/tmp/spin)\n"
    "\t           2724a __libc_start_call_main+0x7a (/usr/lib/x86_64-linux-gnu/libc.so.6)\n"
    "\n";
static const char perf_strange[] = "# ========\n"
                                   "# captured on: today\n"
                                   "Web Content 12/34 [001] 71979.75:  1 cycles:u: \n"
                                   "\tffff ns::f(int, char (*)[3])+0x1f (/opt/a b/lib (deleted))\n"
                                   "\t7f12 [unknown] (/usr/lib/libx.so.1)\n"
                                   "\t7f12 [unknown] ([vdso])\n"
                                   "\t7f12 inlined_one (inlined)\n"
                                   "\n"
                                   "lost 3 events\n"
                                   "\tffff stray+0x1 (/bin/x)\n";

static void test_fold__perf(void **state)
{
    (void)state;
    expect(fold_perf, perf, "spin;__libc_start_call_main;main;leaf 2\n", 0);
    expect(fold_perf, perf_strange,
           "Web Content;inlined_one;[unknown];libx.so.1;ns::f(int, char (*)[3]) 1\n", 2);
    expect(fold_perf,
           "            spin 26130 71990.561172:   10101010 cpu-clock:ppp:      55f3 leaf+0x25 "
           "(/tmp/spin)\n"
           "            cafe 26130 71990.605043:   10101010 cpu-clock:ppp:      55f3 leaf+0x15 "
           "(/tmp/spin)\n",
           "cafe;leaf 1\nspin;leaf 1\n", 0);
}

static void test_fold__perf_of_nothing(void **state)
{
    (void)state;
    expect(fold_perf, "", "", 0);
    expect(fold_perf, "spin 1 2.3: 1 cycles: \n\n", "", 0); /* no frame was recorded */
    expect(fold_perf, "Error: no data\n\n", "", 1);
}

static const char gdb[] =
    "[New LWP 23848]\n"
    "Using host libthread_db library \"/lib/libthread_db.so.1\".\n"
    "0x00007f in __ppoll () at x.c:3\n"
    "31\t../sysdeps/unix/sysv/linux/sigtimedwait.c: No such file or directory.\n"
    "\n"
    "Thread 2 (Thread 0x7f704209f6c0 (LWP 23848) \"panel\"):\n"
    "#0  0x00007f7042bd0366 in __ppoll (fds=fds@entry=0x7f704209ec80, timeout=<optimized out>) at "
    "../sysdeps/unix/sysv/linux/ppoll.c:42\n"
    "#1  run_worker (closure=0x56186b0b2cb0) at tests/panel/server.c:259\n"
    "#2  0x00007f7042b5d1f5 in ?? () from /lib/x86_64-linux-gnu/libc.so.6\n"
    "#3  0x0000000000000000 in ?? ()\n"
    "\n"
    "Thread 1 (Thread 0x7f7042a2f1c0 (LWP 23845) \"panel\"):\n"
    "#0  <signal handler called>\n"
    "#1  (anonymous namespace)::f<int (*)(char)> (a=\"x (y\")\n"
    "    at a.cc:3\n"
    "#2  main () at main.c:1\n"
    "[Inferior 1 (process 23845) detached]\n";

static void test_fold__gdb(void **state)
{
    (void)state;
    expect(fold_gdb, gdb,
           "??;libc.so.6;run_worker;__ppoll 1\n"
           "main;(anonymous namespace)::f<int (*)(char)>;<signal handler called> 1\n",
           0);
    expect(fold_gdb, "#0  f () at a.c:1\n#1  g () at a.c:2\n#0  f () at a.c:1\n#1  g () at a.c:2\n",
           "g;f 2\n", 0);
    expect(fold_gdb, "#0  std::operator<< <char> (out=..., c=1) at a.cc:1\n",
           "std::operator<< <char> 1\n", 0);
    expect(fold_gdb, "#0  f ()\n#2  g ()\n#x\n#1\n", "f 1\n", 1);
    expect(fold_gdb, "#1  f ()\n", "", 1);
    expect(fold_gdb, "", "", 0);
}

static void test_fold__deep_stacks_keep_their_roots(void **state)
{
    struct buf text = {0};
    struct profile_tree tree = {0};
    (void)state;
    buf_add_str(&text, "x 1 2.3: 1 cycles:\n");
    for (int i = 0; i < 2 * PROFILE_DEPTH; i++)
        buf_addf(&text, "\tff f%d+0x1 (/bin/x)\n", i);
    fold_perf((struct span){buf_text(&text), text.len}, 1, &tree);
    assert_int_equal(tree.n_nodes, PROFILE_DEPTH);
    assert_string_equal(tree.names[0], "x");
    assert_string_equal(tree.names[1], "f999"); /* the root came last */
    assert_int_equal(tree.cut[1], 1);
    profile_tree_release(&tree);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold__folded_stacks),
        cmocka_unit_test(test_fold__folded_lines_that_are_none),
        cmocka_unit_test(test_fold__perf),
        cmocka_unit_test(test_fold__perf_of_nothing),
        cmocka_unit_test(test_fold__gdb),
        cmocka_unit_test(test_fold__deep_stacks_keep_their_roots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
