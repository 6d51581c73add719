#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/mem.h"

static void test_mem__grows_by_doubling(void **state)
{
    (void)state;
    int *numbers = NULL;
    size_t count = 0, capacity = 0;
    for (int i = 0; i < 100; i++) {
        numbers = mem_grow(numbers, count, &capacity, sizeof *numbers);
        numbers[count++] = i;
    }
    assert_int_equal(capacity, 128);
    assert_int_equal(numbers[99], 99);
    free(numbers);
}

static void test_mem__gives_a_block_for_nothing(void **state)
{
    (void)state;
    free(mem_array(0, 8));
    char *copy = mem_strdup("");
    assert_string_equal(copy, "");
    free(copy);
}

static void test_arena__gives_zeroed_aligned_blocks(void **state)
{
    (void)state;
    struct arena arena = {0};
    for (size_t size = 0; size < 40000; size += 997) {
        unsigned char *block = arena_array(&arena, size, 1);
        assert_int_equal((uintptr_t)block % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(block[i], 0);
        memset(block, 0xff, size);
    }
    arena_release(&arena);
    arena_release(&arena);
}

static void test_arena__copies_text(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_null(arena_strdup(&arena, NULL));
    assert_string_equal(arena_strdup(&arena, "abc"), "abc");
    assert_string_equal(arena_strndup(&arena, "abc", 2), "ab");
    assert_string_equal(arena_strndup(&arena, NULL, 0), "");
    assert_string_equal(arena_printf(&arena, "%s-%d", "a", 7), "a-7");
    arena_release(&arena);
}

static void test_arena__appends_to_a_list(void **state)
{
    (void)state;
    struct arena arena = {0};
    const char **list = NULL;
    size_t n = 0;
    for (int i = 0; i < 20; i++)
        arena_append(&arena, &list, &n, arena_printf(&arena, "%d", i));
    assert_int_equal(n, 20);
    assert_string_equal(list[0], "0");
    assert_string_equal(list[19], "19");
    arena_release(&arena);
}

static void test_buf__is_a_string_from_the_start(void **state)
{
    (void)state;
    struct buf buf = {0};
    assert_string_equal(buf_text(&buf), "");
    buf_add(&buf, NULL, 0);
    assert_string_equal(buf_text(&buf), "");
    buf_add_str(&buf, "ab");
    buf_add_char(&buf, 'c');
    buf_add_repeat(&buf, '-', 3);
    buf_addf(&buf, "%d", 42);
    assert_string_equal(buf_text(&buf), "abc---42");
    buf_reset(&buf);
    assert_string_equal(buf_text(&buf), "");
    buf_release(&buf);
    buf_release(&buf);
}

static void test_buf__formats_what_does_not_fit_at_once(void **state)
{
    (void)state;
    struct buf buf = {0};
    buf_addf(&buf, "%*d", 5000, 1);
    assert_int_equal(buf.len, 5000);
    assert_int_equal(buf_text(&buf)[4999], '1');
    char *taken = buf_take(&buf);
    assert_int_equal(strlen(taken), 5000);
    assert_int_equal(buf.len, 0);
    free(taken);
    taken = buf_take(&buf);
    assert_string_equal(taken, "");
    free(taken);
}

static void test_csv__quotes_only_where_needed(void **state)
{
    (void)state;
    struct buf out = {0};
    csv_add_field(&out, "plain text", true);
    csv_add_field(&out, "a,b", false);
    csv_add_field(&out, "say \"x\"", false);
    csv_add_field(&out, "two\r\nlines", false);
    csv_add_field(&out, "", false);
    csv_end_row(&out);
    assert_string_equal(buf_text(&out),
                        "plain text,\"a,b\",\"say \"\"x\"\"\",\"two\r\nlines\",\r\n");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mem__grows_by_doubling),
        cmocka_unit_test(test_mem__gives_a_block_for_nothing),
        cmocka_unit_test(test_arena__gives_zeroed_aligned_blocks),
        cmocka_unit_test(test_arena__copies_text),
        cmocka_unit_test(test_arena__appends_to_a_list),
        cmocka_unit_test(test_buf__is_a_string_from_the_start),
        cmocka_unit_test(test_buf__formats_what_does_not_fit_at_once),
        cmocka_unit_test(test_csv__quotes_only_where_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
