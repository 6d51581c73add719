#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/stream.h"

#define LONG ((size_t)150000) /* more than two pieces */

static char text[LONG];

static void fill_text(void)
{
    for (size_t i = 0; i < LONG; i++)
        text[i] = (char)('a' + i % 7 + i / 1000 % 13);
}

/* Compresses `from` as gzip behind what `out` holds. */
static void add_gzip(struct span from, struct buf *out)
{
    z_stream z = {0};
    Bytef *input = (Bytef *)text + (from.at - text);
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, from.len);
    z.next_in = input;
    z.avail_in = (uInt)from.len;
    z.next_out = (Bytef *)buf_reserve(out, room);
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += room - z.avail_out;
    deflateEnd(&z);
}

static int read_all(struct span from, size_t limit, struct buf *out, struct err *err)
{
    struct stream stream;
    struct span head;
    stream_open_memory(&stream, from, "x");
    int status = stream_peek(&stream, &head, err);
    if (status == 0)
        status = stream_read_all(&stream, limit, out, err);
    stream_close(&stream);
    stream_close(&stream);
    return status;
}

static void expect_text(struct span from)
{
    struct buf out = {0};
    struct err err = {0};
    assert_int_equal(read_all(from, LONG, &out, &err), 0);
    assert_int_equal(out.len, LONG);
    assert_memory_equal(out.data, text, LONG);
    buf_release(&out);
}

static void test_stream__reads_pieces_after_a_peek(void **state)
{
    (void)state;
    struct stream stream;
    struct span piece;
    struct err err = {0};
    fill_text();
    stream_open_memory(&stream, (struct span){text, LONG}, "x");
    assert_int_equal(stream_peek(&stream, &piece, &err), 0);
    assert_int_equal(piece.len, STREAM_CHUNK);
    assert_int_equal(stream_peek(&stream, &piece, &err), 0);
    assert_int_equal(stream_read(&stream, &piece, &err), 0);
    assert_memory_equal(piece.at, text, STREAM_CHUNK);
    assert_int_equal(stream_read(&stream, &piece, &err), 0);
    assert_memory_equal(piece.at, text + STREAM_CHUNK, STREAM_CHUNK);
    assert_int_equal(stream_read(&stream, &piece, &err), 0);
    assert_int_equal(piece.len, LONG - 2 * STREAM_CHUNK);
    assert_int_equal(stream_read(&stream, &piece, &err), 0);
    assert_int_equal(piece.len, 0);
    stream_close(&stream);
    expect_text((struct span){text, LONG});
}

static void test_stream__undoes_gzip_of_several_members(void **state)
{
    (void)state;
    struct buf packed = {0};
    fill_text();
    add_gzip((struct span){text, 70000}, &packed);
    add_gzip((struct span){text + 70000, LONG - 70000}, &packed);
    expect_text((struct span){packed.data, packed.len});
    buf_release(&packed);
}

static void expect_error(struct span from, size_t limit, const char *message)
{
    struct buf out = {0};
    struct err err = {0};
    assert_int_equal(read_all(from, limit, &out, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
    buf_release(&out);
}

static void test_stream__refuses_damage_and_too_much(void **state)
{
    (void)state;
    struct buf packed = {0};
    fill_text();
    add_gzip((struct span){text, LONG}, &packed);
    expect_error((struct span){packed.data, packed.len / 2}, LONG,
                 "'x': the compressed data ends too early; expected a whole gzip file, copy it "
                 "again");
    expect_error((struct span){packed.data, packed.len}, LONG - 1,
                 "'x' is larger than 149999 bytes, the limit for it");
    packed.data[20] ^= 0x55;
    packed.data[packed.len - 6] ^= 0x55;
    expect_error((struct span){packed.data, packed.len}, LONG,
                 "'x': the compressed data is damaged; expected a gzip file, copy it again");
    expect_error((struct span){"\x1f\x8bhello", 7}, LONG,
                 "'x': the compressed data is damaged; expected a gzip file, copy it again");
    buf_release(&packed);
}

static void test_stream__takes_an_empty_file(void **state)
{
    (void)state;
    struct buf out = {0};
    struct err err = {0};
    assert_int_equal(read_all((struct span){"", 0}, 10, &out, &err), 0);
    assert_int_equal(out.len, 0);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream__reads_pieces_after_a_peek),
        cmocka_unit_test(test_stream__undoes_gzip_of_several_members),
        cmocka_unit_test(test_stream__refuses_damage_and_too_much),
        cmocka_unit_test(test_stream__takes_an_empty_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
