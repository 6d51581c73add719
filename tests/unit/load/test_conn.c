/* Connections over a transport of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "load/pool.h"

/* ---- a peer that sends a body without end, faster than anyone can read ---- */

enum { READS_IN_ALL = 1000 }; /* then it hangs up, so that a reader who never stops does */

static int n_reads;

static enum io_status endless_connect(struct stream *stream, const struct origin *origin)
{
    (void)origin;
    stream->fd = eventfd(1, EFD_CLOEXEC); /* readable */
    return stream->fd > 0 ? IO_OK : IO_ERROR;
}

static enum io_status endless_handshake(struct stream *stream)
{
    (void)stream;
    return IO_OK;
}

static enum io_status endless_read(struct stream *stream, char *bytes, size_t len, size_t *got)
{
    static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";
    memset(bytes, 'x', len);
    if (n_reads == 0)
        memcpy(bytes, head, sizeof head - 1);
    *got = n_reads++ < READS_IN_ALL ? len : 0;
    stream->more = true;
    return IO_OK;
}

static enum io_status endless_write(struct stream *stream, const char *bytes, size_t len,
                                    size_t *put)
{
    (void)bytes;
    uint64_t one = 1;
    *put = len;
    return write(stream->fd, &one, sizeof one) == sizeof one ? IO_OK : IO_ERROR;
}

static void endless_close(struct stream *stream)
{
    close(stream->fd);
    stream->fd = 0;
}

static const struct transport endless = {endless_connect, endless_handshake, endless_read,
                                         endless_write,   endless_close,     NULL};

/* ---- the tests ---- */

static enum failure how_it_ended = FAILURE_NONE;
static int n_done;

static void note_done(struct exchange *exchange, const struct response *response,
                      enum failure failure, const char *message)
{
    (void)exchange;
    (void)response;
    (void)message;
    how_it_ended = failure;
    n_done++;
}

static void test_conn__a_body_without_end_leaves_others_their_turn(void **state)
{
    (void)state;
    struct loop loop;
    struct err err;
    char in[256];
    struct wire wire = {.loop = &loop,
                        .connecting.length_ns = 1000,
                        .waiting.length_ns = 1000,
                        .in = in,
                        .in_size = sizeof in,
                        .done = note_done};
    static const struct origin origin = {.transport = &endless};
    struct pool pool;
    struct exchange exchange = {.request = {.bytes = {"GET", 3}, .origin = &origin}};
    assert_int_equal(loop_init(&loop, &err), 0);
    pool_init(&pool, &wire);
    pool_send(&pool, &exchange, 0);
    loop_wait(&loop, 0, 0); /* connects, and sends */
    for (int turn = 0; turn < 3; turn++) {
        int before = n_reads;
        loop_wait(&loop, 0, 0);
        assert_in_range(n_reads - before, 1, 100);
        assert_int_equal(n_done, 0);
    }
    wire_expire(&wire, INT64_MAX);
    assert_int_equal(n_done, 1);
    assert_int_equal(how_it_ended, FAILURE_TIMEOUT);
    pool_release(&pool);
    exchange_free_boxes(&wire);
    loop_release(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conn__a_body_without_end_leaves_others_their_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
